"""Opening: either the store is as it must be, or it is not opened and the error says what to do."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest
from sqlite_utils import Database

from arqueue.errors import StoreRefused
from data.store import opening
from data.store.migrations import migrations
from data.store.opening import open_reader, open_writer

WRITER = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "busy_timeout": 5000,
    "wal_autocheckpoint": 1000,
    "journal_size_limit": 16 * 1024 * 1024,
    "recursive_triggers": 1,
    "query_only": 0,
}
READER = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "busy_timeout": 5000,
    "wal_autocheckpoint": 0,
    "query_only": 1,
}


def pragma(database: Database, name: str) -> object:
    """What SQLite says of itself."""
    return database.conn.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.mark.parametrize("name,value", WRITER.items())
def test_the_writer_has_every_pragma(database: Database, name: str, value: object) -> None:
    """Durable at each commit, in WAL, with foreign keys, checkpointing."""
    assert pragma(database, name) == value


@pytest.mark.parametrize("name,value", READER.items())
def test_a_reader_has_every_pragma(database: Database, path: Path, name: str, value: object) -> None:
    """It cannot write and never checkpoints."""
    reader = open_reader(path)
    assert pragma(reader, name) == value
    reader.close()


@pytest.mark.parametrize("name", sorted(WRITER.keys() - {"query_only"}))
def test_a_pragma_that_cannot_be_had_refuses_the_store(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """SQLite ignores what it cannot do without a word; we do not."""
    wrong = "wal7" if name == "journal_mode" else -77
    monkeypatch.setitem(opening._WRITER, name, wrong)
    with pytest.raises(StoreRefused, match=name) as caught:
        open_writer(path)
    assert caught.value.hint


def test_a_reader_without_its_pragmas_is_not_handed_out(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for readers."""
    monkeypatch.setitem(opening._READER, "query_only", 77)
    with pytest.raises(StoreRefused, match="query_only"):
        open_reader(path)


def test_every_table_is_strict(database: Database) -> None:
    """A column holds what it says; sqlite-utils' own list of migrations is the only other one that is ours to make."""
    lax = [
        name
        for (name, strict) in database.conn.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        )
        if not strict and not name.startswith("sqlite_")
    ]
    assert lax == ["_sqlite_migrations"]


def test_money_columns_take_no_floats(database: Database) -> None:
    """A REAL would lose cents."""
    with pytest.raises(sqlite3.IntegrityError, match="cannot store REAL"):
        database.conn.execute("INSERT INTO effect VALUES ('c', 'i', 1.5)")


def test_readers_cannot_write(database: Database, path: Path) -> None:
    """Not a row, not a table, not a pragma of the file."""
    reader = open_reader(path)
    for sql in (
        "DELETE FROM meta",
        "INSERT INTO cursor VALUES ('a', 'b', 'c')",
        "CREATE TABLE x (y)",
        "PRAGMA user_version = 7",
    ):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.conn.execute(sql)
    reader.close()


def test_a_reader_makes_no_store(tmp_path: Path) -> None:
    """A mistyped path is an error, not an empty company."""
    with pytest.raises(sqlite3.OperationalError):
        open_reader(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()


def test_folder_and_files_are_for_us_alone(path: Path) -> None:
    """0700 and 0600, the write-ahead log included, whatever the umask."""
    before = os.umask(0)
    try:
        database = open_writer(path)
        database.conn.execute("INSERT INTO cursor VALUES ('a', 'b', 'c')")
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
        database.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert modes == dict.fromkeys((path.name, f"{path.name}-wal", f"{path.name}-shm"), 384)


def test_a_store_that_others_could_read_is_closed_to_them(path: Path) -> None:
    """A copy made with a lax umask is put right."""
    open_writer(path).close()
    path.chmod(0o644)
    open_writer(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720, 0o702])
def test_a_folder_that_others_can_write_is_refused(path: Path, mode: int) -> None:
    """Who writes the folder can replace the store."""
    open_writer(path).close()
    path.parent.chmod(mode)
    with pytest.raises(StoreRefused, match="can be written by others") as caught:
        open_writer(path)
    assert "chmod" in caught.value.hint


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_store_that_others_could_write_is_refused(path: Path, mode: int) -> None:
    """What stands in it proves nothing any more."""
    open_writer(path).close()
    path.chmod(mode)
    with pytest.raises(StoreRefused, match="could be written by others"):
        open_writer(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("what", ["folder", "file"])
def test_another_users_store_is_refused(path: Path, what: str) -> None:
    """Even for root, whose mere reading would leave files behind that lock its owner out."""
    open_writer(path).close()
    os.chown(path.parent if what == "folder" else path, 12345, -1)
    with pytest.raises(StoreRefused, match="belongs to uid 12345"):
        open_writer(path)


def test_a_link_is_not_a_store(path: Path, tmp_path: Path) -> None:
    """Whoever made it chooses what is written to."""
    open_writer(path).close()
    link = path.with_name("link.sqlite")
    link.symlink_to(path)
    with pytest.raises(StoreRefused, match="not a plain file"):
        open_writer(link)


def test_a_file_of_another_kind_is_refused(path: Path) -> None:
    """And left as it is."""
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"this is a letter, not a store")
    with pytest.raises(StoreRefused, match="not an SQLite file"):
        open_writer(path)
    assert path.read_bytes() == b"this is a letter, not a store"


def test_a_damaged_store_is_refused(path: Path) -> None:
    """A page of zeros in the middle is found before anything is shown from it."""
    database = open_writer(path)
    rows = [(f"row{n:05}", "x" * 300, "t") for n in range(2000)]
    database.conn.executemany("INSERT INTO cursor VALUES (?, ?, ?)", rows)
    database.close()
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = bytes(4096)
    path.write_bytes(data)
    with pytest.raises(StoreRefused) as caught:
        open_writer(path)
    assert "restore" in caught.value.hint


def test_a_newer_schema_is_refused(path: Path) -> None:
    """An older program must not write where it does not know the rules."""
    database = open_writer(path)
    database.conn.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, 'm999_future', '2030')",
        (migrations.name,),
    )
    database.close()
    with pytest.raises(StoreRefused, match="m999_future") as caught:
        open_writer(path)
    assert "install" in caught.value.hint


def test_a_failed_migration_leaves_no_half(path: Path) -> None:
    """A step and the record of it are one transaction; the next start tries it again."""
    database = open_writer(path)
    steps = type(migrations)(migrations.name)
    steps._migrations = list(migrations._migrations)

    @steps(name="m998_breaks")
    def breaks(each: Database) -> None:
        each.conn.execute("CREATE TABLE half (x TEXT) STRICT")
        raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        steps.apply(database)
    assert "half" not in database.table_names()
    assert [each.name for each in steps.pending(database)] == ["m998_breaks"]
    database.close()


def test_a_store_in_use_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock is no damage: nobody should restore a backup for it."""
    open_writer(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(opening, "_WRITER", {"busy_timeout": 1} | dict(list(opening._WRITER.items())[:1]))
    with pytest.raises(StoreRefused, match="in use by another program"):
        open_writer(path)
    other.close()


@pytest.mark.parametrize("name", ["100% of it", "what?", "a#b", "köln", "per%20cent"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    """Readers are opened by URI, in which some characters mean something."""
    path = tmp_path / name / "arqueue.sqlite"
    writer = open_writer(path)
    reader = open_reader(path)
    assert reader.conn.execute("SELECT count(*) FROM meta").fetchone()[0] > 0
    reader.close()
    writer.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == [name]


def test_a_store_of_an_earlier_version_is_brought_up(path: Path) -> None:
    """What was being sent then counts as sent when its last attempt began; everything else is kept."""
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    old = Database(sqlite3.connect(path, isolation_level=None), execute_plugins=False)
    migrations.apply(old, stop_before="m007_sent")
    values = (
        "c",
        "i",
        "adjust",
        "item:1",
        "w",
        1,
        "EUR",
        b"{}",
        "s",
        "anna",
        1,
        "t",
        1,
        "unknown",
        "t",
        1,
        1,
        6.0,
        "boot-1",
    )
    old.conn.execute(
        "INSERT INTO command (id, intent, op, target, words, amount, currency, body, body_sha, person, uid, created_at, epoch,"
        f" state, updated_at, attempts, fence, last_boot_s, boot_id) VALUES ({', '.join('?' * len(values))})",
        values,
    )
    old.conn.execute("INSERT INTO quarantine VALUES ('item:2', 'amount', '{}', 't')")
    old.close()
    database = open_writer(path)
    found = database.conn.execute("SELECT sent_boot_s, sent_boot_id, state FROM command").fetchall()
    assert found == [(6.0, "boot-1", "unknown")]
    assert database.conn.execute("SELECT entity_id, last_seen FROM quarantine").fetchall() == [("item:2", "")]
    database.close()
