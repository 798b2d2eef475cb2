"""The disk under the store: local, and with a reserve that lets what was begun be ended."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlite_utils import Database

from arqueue.errors import StoreRefused
from data.store import disk
from data.store.disk import Ballast, file_system, require_local
from data.store.opening import open_writer
from data.store.store import Store


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of four megabytes."""
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small file system")
    folder = tmp_path / "small"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", str(folder)]
    mounted = subprocess.run(["mount", *options], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip(f"cannot mount here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Take all the room there is."""
    with (folder / "filling").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def test_the_kernel_says_what_a_folder_is_on(small: Path) -> None:
    """The innermost mount counts."""
    assert file_system(small / "..") == file_system(small.parent)
    assert file_system(small) == "tmpfs"


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "9p", ""])
def test_a_store_on_a_file_system_of_several_machines_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """By name, before a file is made."""
    monkeypatch.setattr(disk, "file_system", lambda folder: kind)
    with pytest.raises(StoreRefused, match=kind or "unknown") as caught:
        open_writer(tmp_path / "store" / "arqueue.sqlite")
    assert "local disk" in caught.value.hint
    assert not (tmp_path / "store" / "arqueue.sqlite").exists()


def test_a_local_disk_is_taken(tmp_path: Path) -> None:
    """The one that the tests are on."""
    require_local(tmp_path)


def test_the_reserve_is_given_up_once_and_taken_again(small: Path) -> None:
    """With room it is there; let go it is gone, and there again when there is room."""
    ballast = Ballast(small)
    assert ballast.is_held
    assert (small / "ballast").stat().st_blocks > 0
    assert (ballast.release(), ballast.release()) == (True, False)
    ballast.renew()
    assert ballast.is_held


def test_no_reserve_is_taken_from_a_disk_that_is_nearly_full(small: Path) -> None:
    """It would take what is needed."""
    fill(small)
    assert not Ballast(small).is_held


async def test_on_a_full_disk_what_was_begun_is_still_stored(small: Path) -> None:
    """The reserve goes first; only then is a write refused, with the remedy, and what was said is kept."""
    store = Store(small / "store.sqlite")
    await store.write(lambda database: database.conn.execute("CREATE TABLE said (n INTEGER, words TEXT)"))
    fill(small)

    stored, refused = await _until_full(store)
    assert "nothing could be written" in refused.message
    assert "make room" in refused.hint
    assert not (small / "ballast").exists()
    kept = await store.read(lambda connection: connection.execute("SELECT count(*) FROM said").fetchone()[0])
    assert kept == stored > 0
    (small / "filling").unlink()
    await store.write(partial(_say, number=stored))
    assert (small / "ballast").exists()
    store.close()


def _say(database: Database, number: int) -> None:
    database.conn.execute("INSERT INTO said VALUES (?, ?)", (number, "x" * 3000))


async def _until_full(store: Store) -> tuple[int, StoreRefused]:
    """Write until nothing more goes: how much went, and what was said then."""
    for stored in range(1000):
        try:
            await store.write(partial(_say, number=stored))
        except StoreRefused as error:
            return stored, error
    raise AssertionError("a disk of four megabytes took it all")
