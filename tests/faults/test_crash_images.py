"""A power cut at any system call of the real broker: whatever the disk kept, the store opens, and nothing acknowledged is lost.

``ARQUEUE_CRASH_IMAGES`` says how many images are opened, ``ARQUEUE_CRASH_SEED`` which parts of what was not safe they hold. The
same recording is examined again with ``python -m tests.faults.crashimages``.
"""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.faults.crashimages.disk import SECTOR, Disk
from tests.faults.crashimages.enumerating import examine, judging, read
from tests.faults.crashimages.judging import KEY, PUBLIC, STORE, WITHOUT
from tests.faults.crashimages.session import Recording, record
from tests.faults.crashimages.tracing import Create, Sent, Sync, Told, Truncate, Unlink, Write

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace (`make system`)"),
]
IMAGES = int(os.environ.get("ARQUEUE_CRASH_IMAGES", "20000"))
SEED = int(os.environ.get("ARQUEUE_CRASH_SEED", "20261122"))


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """A morning of the real broker, as the product opens its store."""
    return record(tmp_path_factory.mktemp("morning"))


def test_a_morning_has_every_kind_of_moment(recording: Recording) -> None:
    """Orders acknowledged and sent, pages, checkpoints, ends: a recording without them would prove nothing."""
    happened = read(recording)
    states = {event.state for event in happened if isinstance(event, Told)}
    assert {"pending", "queued", "posted", "declined"} <= states
    assert len({event.command for event in happened if isinstance(event, Sent)}) >= 35
    assert sum(isinstance(event, Write) and event.name == STORE for event in happened) >= 50
    assert sum(isinstance(event, Sync) for event in happened) >= 150
    assert any(isinstance(event, Truncate) for event in happened)
    assert sum(isinstance(event, Unlink) and event.name.endswith("-wal") for event in happened) >= 3


def test_no_crash_image_loses_what_was_acknowledged(recording: Recording) -> None:
    """Each image opens, is sound, holds what some transaction left and every order that anybody was told of or that was sent."""
    tally = examine(recording, IMAGES, SEED)
    assert tally.images >= IMAGES * 0.99, "the recording has no more images that differ"
    assert not tally.examples, (SEED, tally.wrong, tally.examples)


def test_a_cut_while_the_key_is_made_does_not_stop_the_next_start(recording: Recording) -> None:
    """Nothing was signed with a key that never was whole."""
    disk = Disk(WITHOUT)
    for event in read(recording):
        disk.apply(event)
        if event == Create(f"{KEY}.half"):
            break
    with judging() as judge:
        assert not judge.look(disk.everything()).wrong


def test_without_a_sync_at_each_commit_orders_are_lost(tmp_path: Path) -> None:
    """The same morning with synchronous=NORMAL: the harness sees what FULL is there for."""
    tally = examine(record(tmp_path, synchronous=1), IMAGES // 10, SEED, whole=False)
    assert tally.wrong["lost"] > 0, tally.wrong


def test_without_any_sync_stores_are_damaged(tmp_path: Path) -> None:
    """The same with synchronous=OFF: the harness sees a store that does not open or does not hold together."""
    tally = examine(record(tmp_path, synchronous=0), IMAGES // 10, SEED, whole=False)
    assert sum(count for kind, count in tally.wrong.items() if kind != "lost") > 0, tally.wrong


def test_what_is_synced_is_in_every_image_and_what_is_not_may_be_torn() -> None:
    """The disk of the harness itself: a safe page stays, a pending one comes wholly, by sectors, or not at all."""
    disk = Disk()
    for event in (Create("f"), Write("f", 0, b"a" * 1024), Sync("f"), Write("f", 1024, b"b" * 1024)):
        disk.apply(event)
    assert disk.nothing()[1] == {"f": b"a" * 1024}
    assert disk.everything() == {"f": b"a" * 1024 + b"b" * 1024}
    seen = {bytes(disk.some(random.Random(n))[1]["f"]) for n in range(200)}
    assert {each[:1024] for each in seen} == {b"a" * 1024}
    assert {each[1024:] for each in seen} == {
        b"",
        b"b" * SECTOR,
        bytes(SECTOR) + b"b" * SECTOR,
        b"b" * 1024,
    }


def test_a_name_that_was_not_synced_may_be_missing() -> None:
    """A new file is there for certain only after a sync of itself or of its folder; what was unlinked may still be there."""
    disk = Disk()
    for event in (Create("f"), Create(PUBLIC), Sync("f"), Unlink("f")):
        disk.apply(event)
    names = {tuple(sorted(disk.some(random.Random(n))[1])) for n in range(50)}
    assert names == {(), ("f",), (PUBLIC,), (PUBLIC, "f")}
    disk.apply(Sync(""))
    assert disk.nothing()[1] == {PUBLIC: b""}
