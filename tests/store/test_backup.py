"""Backup and restore: a copy is whole and checked; a store put back is another epoch, in which nothing moves by itself."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from arqueue.control.states import FINAL, HELD_EDGES, CommandState
from arqueue.errors import NotFound, Refused, StoreRefused
from arqueue.model.clock import Clock
from arqueue.model.money import Money
from data.store import audit, backup, heads, outbox
from data.store.backup import Restored
from data.store.heads import SignedHead, Signer
from data.store.opening import open_reader, open_writer, transaction
from data.store.stored import many
from tests.store.books import (
    ANNA,
    AT,
    INVOICE,
    OTHER,
    add,
    adjust,
    apply_to,
    company,
    dump,
    move,
    start,
    take,
)

S = CommandState
CLOCK = Clock(now=lambda: datetime(2026, 11, 22, 3, 0, tzinfo=UTC), boot_s=lambda: 5000.0, boot_id="boot-9")


def restore(file: Path, store: Path, *, known: list[SignedHead] | None = None) -> Restored:
    """As the command line does it, nobody else being there."""
    heads_file = store.with_name("heads.jsonl")
    known = list(heads.read(heads_file)) if known is None and heads_file.exists() else known or []
    with backup.staged(file, store) as copy:
        totals = backup.check(copy, name=str(file))
        backup.check_heads(copy, known, heads.public_file(store.with_name(heads.KEY_FILE)))
        return backup.put_in_place(
            copy, store, totals, name=file.name, heads_file=heads_file, known=known, actor=ANNA, clock=CLOCK
        )


def sign(database: Database, store: Path) -> SignedHead:
    """What the broker's witness does now and then."""
    head = heads.head_of(database.conn, at=AT)
    assert head is not None
    signed = Signer(store.with_name(heads.KEY_FILE)).sign(head)
    heads.append(store.with_name("heads.jsonl"), signed)
    return signed


def wrong(store: Path) -> str | None:
    """What `arqueue audit verify` finds."""
    reader = open_reader(store)
    try:
        bad = audit.first_bad_row(reader)
        known = list(heads.read(store.with_name("heads.jsonl")))
        public = heads.load_public(heads.public_file(store.with_name(heads.KEY_FILE)))
        return f"row {bad}" if bad is not None else heads.first_wrong(reader.conn, known, public)
    finally:
        reader.close()


def behind(store: Path) -> int:
    """How many signed rows are not here."""
    reader = open_reader(store)
    try:
        return heads.left_behind(reader.conn, list(heads.read(store.with_name("heads.jsonl"))))
    finally:
        reader.close()


def test_a_backup_holds_what_the_store_held(books: Database, path: Path, tmp_path: Path) -> None:
    """Every row of every table, in one file for its owner alone, and its control totals."""
    add(books, adjust("1.00"))
    totals = backup.back_up(path, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        # what a virtual table holds is in tables of its own, which are among these
        real = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        tables = [row[0] for row in copy.execute(real)]
        assert dump(copy, *tables) == dump(books.conn, *tables)
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert {file.name for file in tmp_path.iterdir()} == {"copy", "store"}
    assert totals.commands == {"queued": 1}
    assert totals.open == (Money(3_000, "EUR"),)
    assert totals.mirror == {"party": 1, "item": 3, "allocation": 0, "note": 0}
    assert totals == backup.totals_of(books.conn)


def test_a_backup_while_somebody_writes_is_one_instant(books: Database, path: Path, tmp_path: Path) -> None:
    """Command, effect and audit row are all in it or none, however often, while a writer never stops."""
    ended = threading.Event()

    def write() -> None:
        writer = open_writer(path)
        while not ended.is_set():
            add(writer, adjust("0.01", OTHER))
        writer.close()

    books.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number in range(20):
            totals = backup.back_up(path, tmp_path / f"copy-{number}")
            assert sum(totals.commands.values()) == totals.audit_rows
    finally:
        ended.set()
        writing.join()


def test_an_existing_file_is_replaced_only_on_demand(books: Database, path: Path, tmp_path: Path) -> None:
    """And the store itself never."""
    file = tmp_path / "copy"
    file.write_text("precious")
    with pytest.raises(Refused, match="is there already"):
        backup.back_up(path, file)
    assert file.read_text() == "precious"
    backup.back_up(path, file, replace=True)
    backup.check(file)
    with pytest.raises(Refused):
        backup.back_up(path, path, replace=True)


def test_there_is_no_backup_of_nothing(tmp_path: Path) -> None:
    """A wrong configuration makes no empty file."""
    with pytest.raises(NotFound):
        backup.back_up(tmp_path / "none.sqlite", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_fails_its_check_gets_no_name(books: Database, path: Path, tmp_path: Path) -> None:
    """Somebody rewrote the audit: that is no backup, and nothing is left behind."""
    add(books, adjust("1.00"))
    books.conn.execute("DROP TRIGGER audit_fixed")
    books.conn.execute("UPDATE audit SET person = 'nobody'")
    with pytest.raises(StoreRefused, match="audit row 1 is not what was written"):
        backup.back_up(path, tmp_path / "copy")
    assert {file.name for file in tmp_path.iterdir()} == {"store"}


def cut(file: Path) -> None:
    """Half of it is gone."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def zeroed(file: Path) -> None:
    """A page in the middle."""
    data = bytearray(file.read_bytes())
    data[4096 * 3 : 4096 * 9] = bytes(4096 * 6)
    file.write_bytes(data)


def text(file: Path) -> None:
    """It never was one."""
    file.write_text("hello")


def other(file: Path) -> None:
    """Another program's database."""
    file.unlink()
    with closing(sqlite3.connect(file)) as made:
        made.execute("CREATE TABLE meta (x)")


def newer(file: Path) -> None:
    """A later version wrote it."""
    with closing(sqlite3.connect(file)) as made, made:
        made.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('arqueue', 'm999', '2030')"
        )


def forged(file: Path) -> None:
    """Somebody changed who did it."""
    with closing(sqlite3.connect(file)) as made, made:
        made.execute("DROP TRIGGER audit_fixed")
        made.execute("UPDATE audit SET person = 'nobody' WHERE seq = 1")


@pytest.mark.parametrize("harm", [cut, zeroed, text, other, newer, forged])
def test_a_backup_that_is_not_sound_is_not_put_back(
    books: Database, path: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """The store that is there stays, untouched, and nothing is left beside it."""
    add(books, adjust("1.00"))
    file = tmp_path / "copy"
    backup.back_up(path, file)
    books.close()
    harm(file)
    before = path.read_bytes()
    with pytest.raises(StoreRefused):
        restore(file, path)
    assert path.read_bytes() == before
    assert not [each for each in path.parent.iterdir() if "restoring" in each.name]


def test_a_copy_of_a_running_store_is_not_put_back(books: Database, path: Path, tmp_path: Path) -> None:
    """What its log holds would be lost without a word."""
    add(books, adjust("1.00"))
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{tmp_path / 'raw'}{suffix}")
    with pytest.raises(StoreRefused, match="copied from a running store"):
        restore(tmp_path / "raw", path)


def test_the_backup_of_another_store_is_not_put_back(books: Database, path: Path, tmp_path: Path) -> None:
    """Another company's, by mistake."""
    books.close()
    stranger = open_writer(tmp_path / "other" / "arqueue.sqlite")
    add_company(stranger)
    backup.back_up(tmp_path / "other" / "arqueue.sqlite", tmp_path / "copy")
    stranger.close()
    with pytest.raises(StoreRefused, match="of another store"):
        restore(tmp_path / "copy", path)


def add_company(database: Database) -> None:
    """Something to lose."""
    take(database, *company())
    add(database, adjust("1.00"))


def test_a_restored_store_is_another_epoch_and_the_old_one_is_kept(
    books: Database, path: Path, tmp_path: Path
) -> None:
    """With a row that says who put back what; the store that was there opens as it was."""
    add(books, adjust("1.00"))
    backup.back_up(path, tmp_path / "copy")
    add(books, adjust("2.00", OTHER))
    lost = dump(books.conn, "command", "audit")
    books.close()
    restored = restore(tmp_path / "copy", path)
    assert (restored.epoch, restored.held) == (2, 1)
    assert restored.aside is not None
    assert restored.aside.name == "arqueue.sqlite.before-20261122T030000"
    reader = open_reader(restored.aside)
    assert dump(reader.conn, "command", "audit") == lost
    reader.close()
    database = open_writer(path)
    (what, person, detail) = database.conn.execute(
        "SELECT what, person, detail FROM audit ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    assert (what, person) == ("restored", "anna")
    assert '"from": "copy"' in detail
    assert audit.first_bad_row(database) is None
    assert path.stat().st_mode & 0o777 == 0o600
    mark = backup.mark_of(database.conn)
    assert mark is not None
    assert (mark.boot_s, mark.boot_id) == (5000.0, "boot-9")
    database.close()


def test_an_epoch_is_never_used_twice(books: Database, path: Path, tmp_path: Path) -> None:
    """Also where the same backup is put back again, or the store of the last epoch is lost."""
    add(books, adjust("1.00"))
    backup.back_up(path, tmp_path / "copy")
    books.close()
    assert [restore(tmp_path / "copy", path).epoch for _ in range(2)] == [2, 3]
    path.unlink()
    assert restore(tmp_path / "copy", path).epoch == 4
    assert wrong(path) is None


def held_in(books: Database, path: Path, tmp_path: Path, state: CommandState) -> Database:
    """A store that was put back, with a command that is held in this state."""
    row = add(books, adjust("1.00"), state=S.PENDING if state is S.PENDING else S.QUEUED)
    if state in (S.SENDING, S.UNKNOWN):
        row = start(books, row)
    if state is S.UNKNOWN:
        move(books, row, S.UNKNOWN)
    backup.back_up(path, tmp_path / "copy")
    books.close()
    restore(tmp_path / "copy", path)
    return open_writer(path)


@pytest.mark.parametrize("state", [S.PENDING, S.QUEUED, S.SENDING, S.UNKNOWN])
@pytest.mark.parametrize("after", list(CommandState))
def test_what_is_held_goes_only_where_the_ledger_says(
    books: Database, path: Path, tmp_path: Path, state: CommandState, after: CommandState
) -> None:
    """By trigger, whoever writes the SQL: not sent, approved, cancelled, declined or expired; what was being sent is unknown."""
    database = held_in(books, path, tmp_path, state)
    try:
        (row,) = many(database.conn, "held = 1", ())
        assert row.state is (S.UNKNOWN if state is S.SENDING else state)
        legal = after in HELD_EDGES[row.state] or after is row.state
        sql = "UPDATE command SET state = ? WHERE id = ?"
        if legal:
            database.conn.execute(sql, (after.value, row.id))
        else:
            with pytest.raises(sqlite3.IntegrityError, match=r"held until|cannot be cancelled"):
                database.conn.execute(sql, (after.value, row.id))
            assert outbox.get(database.conn, row.id).state is row.state
    finally:
        database.close()


def test_what_was_taken_back_since_the_backup_stays_so(books: Database, path: Path, tmp_path: Path) -> None:
    """The ledger cannot tell: the store that is there does, as long as it can be read."""
    queued, pending, other = (
        add(books, adjust("1.00")),
        add(books, adjust("2.00"), state=S.PENDING),
        add(books, adjust("3.00", OTHER)),
    )
    start(books, add(books, adjust("4.00", OTHER)))
    backup.back_up(path, tmp_path / "copy")
    move(books, queued, S.CANCELLED, outcome="taken back by anna")
    move(books, pending, S.DECLINED, outcome="declined by sue: no")
    sign(books, path)
    books.close()
    assert restore(tmp_path / "copy", path).held == 2
    database = open_writer(path)
    rows = {row.id: row for row in many(database.conn, "1", ())}
    assert sorted(row.state for row in rows.values()) == [S.CANCELLED, S.DECLINED, S.QUEUED, S.UNKNOWN]
    assert [rows[row.id].state for row in (queued, pending, other)] == [S.CANCELLED, S.DECLINED, S.QUEUED]
    assert rows[queued.id].outcome == "taken back by anna (after the backup)"
    assert audit.first_bad_row(database) is None
    database.close()
    assert wrong(path) is None
    assert behind(path) == 2


def test_what_was_released_goes_on_as_ever(books: Database, path: Path, tmp_path: Path) -> None:
    """Every edge is the drawn one again."""
    database = held_in(books, path, tmp_path, S.QUEUED)
    database.conn.execute("UPDATE command SET held = 0")
    (row,) = many(database.conn, "1", ())
    assert start(database, row).state is S.SENDING
    database.close()


def test_what_is_final_is_not_held(books: Database, path: Path, tmp_path: Path) -> None:
    """There is nothing to ask about it."""
    for state in (S.POSTED, S.REJECTED):
        move(books, start(books, add(books, adjust("1.00", OTHER))), state)
    backup.back_up(path, tmp_path / "copy")
    books.close()
    assert restore(tmp_path / "copy", path).held == 0
    assert {S.POSTED, S.REJECTED} <= FINAL


def test_signed_rows_of_after_the_backup_are_passed_over_and_counted(
    books: Database, path: Path, tmp_path: Path
) -> None:
    """The audit of a restored store agrees with its heads: those of the time before it up to the backup, and its own."""
    add(books, adjust("1.00"))
    sign(books, path)
    backup.back_up(path, tmp_path / "copy")
    for _ in range(3):
        add(books, adjust("1.00", OTHER))
    sign(books, path)
    books.close()
    restore(tmp_path / "copy", path)
    assert wrong(path) is None
    assert behind(path) == 3
    database = open_writer(path)
    for _ in range(5):  # its own rows have the numbers of those that are gone
        add(database, adjust("1.00", OTHER))
    sign(database, path)
    database.close()
    assert wrong(path) is None
    assert behind(path) == 3


def test_a_copy_put_there_without_a_restore_is_found_out(books: Database, path: Path, tmp_path: Path) -> None:
    """`cp` is a truncation, and stays an error."""
    add(books, adjust("1.00"))
    backup.back_up(path, tmp_path / "copy")
    add(books, adjust("1.00", OTHER))
    sign(books, path)
    books.close()
    shutil.copy(tmp_path / "copy", path)
    assert "audit row 2 is missing" in str(wrong(path))


def test_rows_cut_off_after_a_restore_are_found_out(books: Database, path: Path, tmp_path: Path) -> None:
    """A restore excuses what came before it, nothing after."""
    add(books, adjust("1.00"))
    backup.back_up(path, tmp_path / "copy")
    books.close()
    restore(tmp_path / "copy", path)
    database = open_writer(path)
    add(database, adjust("1.00", OTHER))
    sign(database, path)
    database.conn.execute("DROP TRIGGER audit_kept")
    database.conn.execute("DELETE FROM audit WHERE seq > 2")
    database.close()
    assert "audit row 3 is missing" in str(wrong(path))


def test_an_epoch_that_no_audit_row_tells_of_is_found_out(books: Database, path: Path) -> None:
    """Whoever raises the epoch by hand excuses nothing."""
    add(books, adjust("1.00"))
    sign(books, path)
    books.conn.execute("UPDATE meta SET value = 2 WHERE key = 'epoch'")
    books.close()
    assert "epoch 2" in str(wrong(path))


def test_a_backup_that_differs_from_what_was_signed_is_not_put_back(
    books: Database, path: Path, tmp_path: Path
) -> None:
    """Its chain holds, and is not the one that the broker signed."""
    add(books, adjust("1.00"))
    backup.back_up(path, tmp_path / "copy")
    signed = sign(books, path)
    books.close()
    forged_head = Signer(path.with_name(heads.KEY_FILE)).sign(replace(signed.head, hash="0" * 64))
    with pytest.raises(StoreRefused, match="not what it was"):
        restore(tmp_path / "copy", path, known=[forged_head])


def test_a_restore_onto_nothing_makes_a_store(books: Database, path: Path, tmp_path: Path) -> None:
    """A new machine."""
    add(books, apply_to((INVOICE, "80.00")))
    backup.back_up(path, tmp_path / "copy")
    totals = backup.totals_of(books.conn)
    books.close()
    there = tmp_path / "new" / "arqueue.sqlite"
    there.parent.mkdir(mode=0o700)
    restored = restore(tmp_path / "copy", there)
    assert restored.aside is None
    assert restored.totals == totals
    reader = open_reader(there)
    found = backup.totals_of(reader.conn)
    reader.close()
    assert replace(found, epoch=1, last_at="", audit_rows=0, audit_head="") == replace(
        totals, last_at="", audit_rows=0, audit_head=""
    )


def test_a_transaction_of_the_lost_log_is_in_what_is_kept(
    books: Database, path: Path, tmp_path: Path
) -> None:
    """The broker was killed: what stands only in the log goes aside with the rest."""
    add(books, adjust("1.00"))
    backup.back_up(path, tmp_path / "copy")
    with transaction(books):
        audit.write(books, ANNA, "the last thing", at=AT)
    books.conn.execute("PRAGMA wal_autocheckpoint = 0")
    killed = tmp_path / "killed" / "arqueue.sqlite"
    killed.parent.mkdir(mode=0o700)
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{killed}{suffix}")
    books.close()
    restored = restore(tmp_path / "copy", killed)
    assert restored.aside is not None
    with closing(sqlite3.connect(restored.aside)) as kept:
        assert kept.execute("SELECT what FROM audit ORDER BY seq DESC LIMIT 1").fetchone() == (
            "the last thing",
        )
    with closing(sqlite3.connect(killed)) as fresh:
        assert fresh.execute("SELECT count(*) FROM audit WHERE what = 'the last thing'").fetchone() == (0,)
