"""One broker owns a store: exactly one, the next one when it dies, started by the first face, ended when nobody needs it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from arqueue.errors import ArqueueError, BrokerUnreachable
from data.broker.launch import answers, ensure
from data.broker.lock import AlreadyRunning, owner_of, sole_owner
from tests.broker.company import PATIENCE_S, Company, alive, command, company, until

_AT_ONCE = 5
_QUICKLY = "idle_minutes = 0.005"


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Company]:
    """A company of its own for each test: no ledger answers, and no broker runs yet."""
    with company(tmp_path / "c", ledger=False, broker=False) as made:
        yield made


def test_of_five_brokers_started_at_once_exactly_one_serves(firm: Company) -> None:
    """The others say that another serves and end with status 1; the one that serves is the one that holds the lock."""
    for _ in range(_AT_ONCE):
        firm.start_broker(ready=False)
    brokers = list(firm.brokers)
    until(lambda: sum(each.poll() is None for each in brokers) == 1, "four of five ended")
    (serving,) = [each for each in brokers if each.poll() is None]
    until(lambda: answers(firm.settings.socket), "the one answers")
    assert owner_of(firm.settings.store_dir) == serving.pid
    assert sorted(each.returncode for each in brokers if each is not serving) == [1] * (_AT_ONCE - 1)
    assert firm.log().count("another broker serves") == _AT_ONCE - 1
    until(lambda: '"event": "broker ready"' in firm.log(), "it says so")
    assert firm.log().count('"event": "broker ready"') == 1


def test_when_the_owner_is_killed_the_next_starts_at_once(firm: Company) -> None:
    """kill -9, three times: the kernel lets go of the lock, a stale socket is no obstacle, and each next broker serves."""
    seen = set()
    for _ in range(3):
        firm.start_broker()
        pid = owner_of(firm.settings.store_dir)
        assert pid is not None
        seen.add(pid)
        firm.kill_broker()
        assert owner_of(firm.settings.store_dir) is None
        assert firm.settings.socket.exists()
        assert not answers(firm.settings.socket)
    assert len(seen) == 3


def test_the_lock_is_held_for_life_and_by_one(tmp_path: Path) -> None:
    """A second owner is refused while the first lives, and the kernel's table names the first."""
    assert owner_of(tmp_path) is None
    with sole_owner(tmp_path):
        assert owner_of(tmp_path) == os.getpid()
        with pytest.raises(AlreadyRunning, match="another broker serves"), sole_owner(tmp_path):
            pass
    assert owner_of(tmp_path) is None


def test_the_first_face_starts_the_broker_and_it_outlives_the_face(firm: Company) -> None:
    """`arqueue list` on a company without a broker: it starts one, which still runs when the command has ended."""
    ran = firm.cli("list")
    assert ran.status == 0, ran.err
    pid = owner_of(firm.settings.store_dir)
    assert pid is not None
    assert alive(pid)
    assert answers(firm.settings.socket)


def test_faces_that_come_at_once_share_one_broker(firm: Company) -> None:
    """Six commands started together on a company without a broker all succeed, and one broker came of it."""
    faces = [
        subprocess.Popen(
            command("--config", str(firm.config), "list"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for _ in range(6)
    ]
    said = [each.communicate(timeout=60)[1] for each in faces]
    assert [each.returncode for each in faces] == [0] * 6, said
    assert firm.log().count('"event": "broker ready"') == 1


def test_a_personal_broker_ends_when_nobody_needs_it(firm: Company) -> None:
    """With a short idle time it ends by itself, leaving neither socket nor lock."""
    firm.write(section=_QUICKLY)
    ensure(firm.settings)
    until(lambda: owner_of(firm.settings.store_dir) is None, "it ended")
    assert not firm.settings.socket.exists()
    assert "nobody needs the broker" in firm.log()


def another_comes_and_goes(folder: Path) -> None:
    """A broker that nobody needs, with the same idle time: when it has ended, that time is over."""
    with company(folder, ledger=False, broker=False, section=_QUICKLY) as other:
        ensure(other.settings)
        until(lambda: owner_of(other.settings.store_dir) is None, "it ended")


def test_a_connected_face_keeps_the_broker(firm: Company, tmp_path: Path) -> None:
    """Idle is when nobody is connected: a face that only looks keeps it."""
    firm.write(section=_QUICKLY)

    async def look() -> None:
        ensure(firm.settings)
        async with firm.face() as client:
            await asyncio.to_thread(another_comes_and_goes, tmp_path / "other")
            await client.call("status")

    asyncio.run(look())
    until(lambda: owner_of(firm.settings.store_dir) is None, "it ended after the face had left")


def test_a_broker_with_unsent_commands_does_not_end(tmp_path: Path) -> None:
    """While the ledger is away and a command waits for it, idleness does not end the broker; when it was sent, it does."""
    with company(tmp_path / "c", section=_QUICKLY) as made:
        assert made.ledger is not None
        port = int(made.ledger.url.rpartition(":")[2])
        made.ledger.kill()
        note = {"op": "annotate", "target": "C-00001", "text": "for later"}
        done = made.ask("submit", intent="for-later", command=note)
        pid = owner_of(made.settings.store_dir)
        assert pid is not None
        another_comes_and_goes(tmp_path / "other")
        assert alive(pid)
        made.start_ledger(port=port)
        until(lambda: not alive(pid), "sent, and ended")
        ensure(made.settings)
        assert made.ask("command", id=done["id"])["command"]["state"] == "posted"


def test_a_broker_that_cannot_start_says_why_to_the_face(firm: Company) -> None:
    """Its own words reach the face that wanted it, with the place of the log."""
    firm.settings.token_file.chmod(0o644)
    with pytest.raises(BrokerUnreachable, match="can be read by others") as caught:
        ensure(firm.settings)
    assert "broker.log" in caught.value.hint
    ran = firm.cli("list", "--format", "json")
    assert ran.status == 3
    assert ran.json["error"]["code"] == "broker_unreachable"


def test_a_damaged_store_is_refused_with_a_remedy(firm: Company) -> None:
    """A file that is no SQLite file is never written to."""
    firm.settings.store_file.write_bytes(b"this is no database at all")
    ran = firm.cli("broker")
    assert ran.status == 1
    assert "not an SQLite file" in ran.err
    assert firm.settings.store_file.read_bytes() == b"this is no database at all"


def test_a_store_that_is_replaced_under_the_broker_ends_it(tmp_path: Path) -> None:
    """`cp` of a backup over a running store (D4): nothing is written to the new file, the broker says why, and leaves."""
    with company(tmp_path / "c") as made:
        store = made.settings.store_file
        other = store.with_suffix(".copy")
        other.write_bytes(store.read_bytes())
        other.chmod(0o600)
        before = store.read_bytes()
        other.replace(store)
        assert made.brokers[-1].wait(PATIENCE_S) == 1
        assert "was replaced while it was in use" in made.log()
        assert store.read_bytes() == before


def test_another_epoch_written_over_the_store_ends_the_broker(tmp_path: Path) -> None:
    """The same file with the content of a store that was put back elsewhere: the order that comes then is not acknowledged, and
    what was put there stays byte for byte."""
    with company(tmp_path / "c") as made:
        store = made.settings.store_file
        other = store.with_suffix(".copy")
        with closing(sqlite3.connect(store)) as here, closing(sqlite3.connect(other)) as there:
            here.backup(there)
            there.execute("UPDATE meta SET value = '2' WHERE key = 'epoch'")
            there.commit()
            there.execute("PRAGMA journal_mode = DELETE")
        before, inode = other.read_bytes(), store.stat().st_ino
        store.write_bytes(before)
        assert store.stat().st_ino == inode
        asked = {"op": "annotate", "target": "C-00001", "text": "called"}
        with pytest.raises((ArqueueError, OSError)):
            made.ask("submit", intent="after-the-copy", command=asked)
        assert made.brokers[-1].wait(PATIENCE_S) == 1
        assert "was written over" in made.log()
        assert store.read_bytes() == before


def test_old_logs_are_put_aside(firm: Company) -> None:
    """A personal broker's log does not grow without bound."""
    log = firm.settings.store_dir / "broker.log"
    log.write_bytes(b"x" * (5 * 1024 * 1024))
    ensure(firm.settings)
    assert log.stat().st_size < 100_000
    assert log.with_suffix(".log.1").stat().st_size == 5 * 1024 * 1024


def test_a_stranger_in_the_sockets_place_is_not_asked(firm: Company) -> None:
    """In a folder that belongs to somebody else the face refuses to talk, whoever listens there."""
    if os.geteuid() != 0:
        pytest.skip("needs root to give a folder away")
    folder = firm.settings.socket.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, 65534, 65534)
    ran = firm.cli("list")
    assert ran.status == 1
    assert "does not belong to the store's owner" in ran.err
    assert owner_of(firm.settings.store_dir) is None
