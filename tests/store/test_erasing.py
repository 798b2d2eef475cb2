"""Erasing words: they are nowhere in the store, and everything that was chained and signed still holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from arqueue.control.commands import Annotate, Command, Dispute, Escalate
from arqueue.control.states import CommandState
from arqueue.errors import Refused
from arqueue.model.ledger import Note
from arqueue.work.promises import Promise
from data.store import (
    agenda,
    audit,
    authority,
    drafts,
    erasing,
    heads,
    mirror,
    outbox,
    owning,
    pins,
    promises,
    queue,
    searching,
    snoozes,
)
from data.store.erasing import Erased
from data.store.heads import Signer
from data.store.instants import Instant
from data.store.migrations import migrations
from data.store.opening import open_writer, transaction
from data.store.outbox import Stored
from tests.store.books import ANNA, AT, INVOICE, NOW, SUE, add, adjust, move, start, take
from tests.unit.books import TODAY, money, party

WORDS = "Frau Krummbiegel weint am Telefon"
S = CommandState


def posted(books: Database, command: Command) -> Stored:
    """An order that came to its end, with words in its outcome."""
    row = start(books, add(books, command))
    with transaction(books):
        outbox.end_attempt(books, row, "done", WORDS)
    return move(books, row, S.POSTED, outcome=WORDS, refs=("note:1",))


def erase(books: Database, *rows: Stored) -> Erased:
    """As an administrator does it."""
    with transaction(books):
        done = erasing.erase(books, rows, SUE, subject="party:1", why="she asked for it", at=AT)
        queue.refresh(books, {"party:1"}, TODAY, "EUR")
    return done


@pytest.mark.parametrize(
    "command",
    [
        Annotate(INVOICE, WORDS),
        Escalate(INVOICE, "sue", WORDS),
        Dispute(INVOICE, money("5.00"), "price", WORDS),
        adjust("5.00"),
    ],
    ids=lambda command: command.op,
)
def test_erased_words_are_not_in_the_file(books: Database, command: Command) -> None:
    """Neither in a row nor in what SQLite left behind of it."""
    row = posted(books, command)
    assert WORDS.encode() in everything(books)
    erase(books, row)
    assert WORDS.encode() not in everything(books)
    assert audit.first_bad_row(books) is None


def test_what_people_noted_about_a_customer_goes_too(books: Database) -> None:
    """Why a row sleeps, is followed up, promised or on top, whose it is, what was typed and not ordered, what the queue was, what
    the ledger's remarks say and what the index read of them; that it was decided, by whom and until when stays."""
    days, connection = TODAY + timedelta(days=3), books.conn
    (work_id,) = connection.execute("SELECT id FROM work WHERE kind = 'overdue'").fetchone()
    with transaction(books):
        connection.execute("INSERT INTO history_began VALUES (1, ?) ON CONFLICT DO NOTHING", (AT,))
        snoozes.snooze(books, ANNA, work_id, "party:1", days, WORDS, today=TODAY, at=AT)
        agenda.plan(books, ANNA, work_id, "party:1", days, WORDS, at=AT)
        pins.pin(books, ANNA, work_id, "party:1", days, WORDS, at=AT)
        promises.record(books, ANNA, "party:1", PROMISE, before="", why=WORDS, at=AT)
        owning.assign(books, ANNA, "party:1", "sue", WORDS, at=AT)
        drafts.keep(books, "anna", "annotate", "party:1", {"text": WORDS}, at=AT)
        drafts.keep(books, "anna", "annotate", INVOICE, {"text": WORDS}, at=AT)
        queue.refresh(books, {"party:1"}, TODAY, "EUR")
    ended = posted(books, Annotate("party:1", WORDS))
    with transaction(books):
        remark = Note(
            id="note:1",
            target="party:1",
            author="anna",
            at=NOW,
            text=WORDS,
            version="1",
            command_id=ended.id,
        )
        mirror.store_entities(books, [remark], at=AT)
        searching.read_on(books, 1000)
    assert found_in_index(books)
    before = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in NOTED}
    with transaction(books):
        rows = erasing.of_party(connection, "party:1")
        erasing.erase(books, rows, SUE, subject="party:1", why="she asked", at=AT, party="party:1")
        queue.refresh(books, {"party:1"}, TODAY, "EUR")
    assert WORDS.encode() not in everything(books)
    assert not found_in_index(books)
    assert {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in NOTED
    } == before
    assert connection.execute("SELECT pinned_until FROM work WHERE id = ?", (work_id,)).fetchone() == (
        days.isoformat(),
    )
    assert audit.first_bad_row(books) is None


NOTED = ("snooze", "follow_up", "pin", "assignment", "promise")
PROMISE = Promise(money("5.00"), TODAY, TODAY, 0, {INVOICE: 500}, frozenset())


def found_in_index(books: Database) -> bool:
    """Whether the index of remarks holds the words' trigrams."""
    found = books.conn.execute("SELECT count(*) FROM note_text WHERE note_text MATCH '\"umm\"'").fetchone()
    return bool(found[0])


def test_another_customers_notes_stay(books: Database) -> None:
    """Only of whom it was asked."""
    take(books, party("2"))
    with transaction(books):
        owning.assign(books, ANNA, "party:2", "sue", "hers since May", at=AT)
        owning.assign(books, ANNA, "party:1", "sue", WORDS, at=AT)
        erasing.erase(books, [], SUE, subject="party:1", why="she asked", at=AT, party="party:1")
    kept = books.conn.execute("SELECT party_id, why FROM assignment ORDER BY party_id").fetchall()
    assert kept == [("party:1", ""), ("party:2", "hers since May")]
    assert audit.first_bad_row(books) is None


def everything(books: Database) -> bytes:
    """The bytes of the store's file."""
    books.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (name,) = [row[2] for row in books.conn.execute("PRAGMA database_list") if row[1] == "main"]
    return Path(name).read_bytes()


def test_rows_and_chain_stay(books: Database) -> None:
    """Whatever was signed before is still there, and who erased is one row more."""
    row = posted(books, Annotate(INVOICE, WORDS))
    before = books.conn.execute("SELECT * FROM audit").fetchall()
    done = erase(books, row)
    after = books.conn.execute("SELECT * FROM audit").fetchall()
    assert after[:-1] == before
    assert (done.commands, done.texts, done.left) == (1, 1, 0)
    last = list(audit.entries(books.conn))[-1]
    assert (last.seq, last.what, last.person, last.text) == (done.seq, "erased", "sue", "she asked for it")


def test_signed_heads_still_agree(books: Database, tmp_path: Path) -> None:
    """An erasure is no rewriting."""
    row = posted(books, Annotate(INVOICE, WORDS))
    head = heads.head_of(books.conn, at=AT)
    assert head is not None
    signed = Signer(tmp_path / "audit.key").sign(head)
    erase(books, row)
    public = heads.load_public(heads.public_file(tmp_path / "audit.key"))
    assert heads.first_wrong(books.conn, [signed], public) is None


def test_what_moved_money_keeps_the_bytes_that_were_sent(books: Database) -> None:
    """They are the voucher of what is in the ledger."""
    row = posted(books, adjust("5.00"))
    erase(books, row)
    found = outbox.get(books.conn, row.id)
    assert found.body == row.body
    assert outbox.unsound(books.conn, found) == ""
    assert found.outcome == erasing.GONE


def test_a_remark_keeps_the_hash_of_what_was_sent(books: Database) -> None:
    """Whoever has the words from the ledger can prove that they are those."""
    row = posted(books, Annotate(INVOICE, WORDS))
    erase(books, row)
    found = outbox.get(books.conn, row.id)
    assert found.order.command == Annotate(INVOICE, erasing.GONE)
    (sha,) = books.conn.execute("SELECT body_sha FROM command WHERE id = ?", (row.id,)).fetchone()
    assert sha == row.order.body_sha


def test_an_approvals_reason_goes_and_the_approval_stays(books: Database) -> None:
    """Who let what through is not erased."""
    row = add(books, adjust("5.00"), state=S.PENDING)
    with transaction(books):
        authority.approve(books, row, SUE, Instant(AT, 1.0, "boot"), glass=True, why=WORDS)
    row = move(books, move(books, row, S.QUEUED), S.CANCELLED)
    erase(books, row)
    (approval,) = authority.approvals(books.conn, row.id)
    assert (approval.person, approval.why) == ("sue", erasing.GONE)


def test_what_is_under_way_keeps_its_words(books: Database) -> None:
    """Of a customer everything else goes; of the command alone it is refused."""
    ended, waits = posted(books, Annotate(INVOICE, WORDS)), add(books, Annotate(INVOICE, "still to be sent"))
    assert erase(books, *erasing.of_party(books.conn, "party:1")).left == 1
    assert outbox.get(books.conn, waits.id).body == waits.body
    assert outbox.get(books.conn, ended.id).body != ended.body
    with pytest.raises(Refused, match="still needed"):
        erasing.of_command(waits)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM audit_text",
        "UPDATE audit_text SET text = 'I never said it'",
        "UPDATE command SET outcome = '(erased)'",
        "UPDATE command SET outcome = 'I never said it'",
        "UPDATE command SET body = x'00'",
        "UPDATE command SET words = 'another'",
    ],
)
def test_nothing_goes_without_an_erasure(books: Database, sql: str) -> None:
    """By the store's own connection, with whatever statement."""
    posted(books, Annotate(INVOICE, WORDS))
    with pytest.raises(sqlite3.IntegrityError):
        books.conn.execute(sql)


@pytest.mark.parametrize("table", ["erasure", "erased_text"])
def test_an_erasure_is_kept(books: Database, table: str) -> None:
    """What it took and when."""
    erase(books, posted(books, Annotate(INVOICE, WORDS)))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        books.conn.execute(f"DELETE FROM {table}")


TAMPERED = {
    "words that went without an erasure": "DELETE FROM audit_text WHERE seq = 3",
    "words that are others": "UPDATE audit_text SET text = 'she laughed' WHERE seq = 3",
    "another salt": "UPDATE audit_text SET salt = x'00' WHERE seq = 3",
    "an erasure that nobody ordered": "INSERT INTO erased_text SELECT 3, 3, hash FROM audit WHERE seq = 3;"
    " DELETE FROM audit_text WHERE seq = 3",
}


@pytest.mark.parametrize("sql", TAMPERED.values(), ids=TAMPERED)
def test_words_that_somebody_took_out_are_missed(books: Database, sql: str) -> None:
    """At their row."""
    posted(books, Annotate(INVOICE, WORDS))
    unguarded(books).executescript(sql)
    assert audit.first_bad_row(books) == 3


def test_an_erasure_that_took_more_than_it_says_is_found(books: Database) -> None:
    """Its row has the digest of what it took."""
    erase(books, posted(books, Annotate(INVOICE, WORDS)))
    posted(books, Annotate(INVOICE, "another"))
    connection = unguarded(books)
    (entry,) = audit.said_about(books.conn, [row[0] for row in connection.execute("SELECT id FROM command")])
    connection.execute("INSERT INTO erased_text VALUES (?, 4, ?)", (entry.seq, entry.seal))
    connection.execute("DELETE FROM audit_text WHERE seq = ?", (entry.seq,))
    assert audit.first_bad_row(books) == 3


def unguarded(books: Database) -> sqlite3.Connection:
    """Somebody with the sqlite3 program: the triggers are gone."""
    for (name,) in books.conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        books.conn.execute(f"DROP TRIGGER {name}")
    return books.conn


@pytest.fixture
def of_before(tmp_path: Path) -> Path:
    """A store of before words had a table of their own, with a step whose outcome has words."""
    path = tmp_path / "before" / "arqueue.sqlite"
    path.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        database = Database(connection)
        migrations.apply(database, stop_before="m012_audit_text")
        connection.execute(
            "INSERT INTO command (id, intent, op, target, party_id, words, amount, currency, body, body_sha, person, uid,"
            " created_at, epoch, state, updated_at) VALUES ('c1', 'intent-1', 'annotate', 'item:i', 'party:1', 'note', 0,"
            " 'EUR', x'7b7d', 'sha', 'anna', 1000, ?, 1, 'queued', ?)",
            (AT, AT),
        )
        prev = audit.GENESIS
        for what, command_id, detail in (
            ("annotate queued", "c1", "sha"),
            ("business date", "", "2026-11-21"),
            ("annotate cancelled", "c1", WORDS),
            ("annotate seen", "c1", ""),
        ):
            row = (AT, "anna", 1000, what, command_id, detail)
            connection.execute(
                "INSERT INTO audit (at, person, uid, what, command_id, detail, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, prev, audit.link(prev, row)),
            )
            prev = audit.link(prev, row)
        connection.execute("UPDATE command SET state = 'cancelled', outcome = ? WHERE id = 'c1'", (WORDS,))
    path.chmod(0o600)
    return path


def test_rows_of_before_hold_by_their_old_formula(of_before: Path) -> None:
    """Their words have moved, their hashes have not."""
    database = open_writer(of_before)
    assert audit.first_bad_row(database) is None
    found = [(entry.detail, entry.text) for entry in audit.entries(database.conn)]
    assert found == [("sha", None), ("2026-11-21", None), ("", WORDS), ("", None)]
    with transaction(database):
        audit.write(database, ANNA, "after", at=AT, text="words")
    assert audit.first_bad_row(database) is None
    database.close()


def test_a_store_that_nobody_opened_since_is_verified_too(of_before: Path) -> None:
    """A backup of before is looked at before it is put back."""
    with closing(sqlite3.connect(of_before)) as connection:
        database = Database(connection)
        assert audit.first_bad_row(database) is None
        unguarded(database).execute("UPDATE audit SET detail = 'x' WHERE seq = 3")
        assert audit.first_bad_row(database) == 3


@pytest.mark.parametrize("column", ["at", "person", "what", "command_id", "detail"])
def test_words_of_before_are_erased_and_the_rest_of_the_row_is_held(of_before: Path, column: str) -> None:
    """By the seal that the erasure keeps, since the row's own hash needs the words."""
    database = open_writer(of_before)
    with transaction(database):
        (said,) = audit.said_about(database.conn, ["c1"])
        gone = [(said.seq, said.seal)]
        by = audit.write(
            database, SUE, audit.ERASED, at=AT, detail=f'{{"digest": "{audit.digest(gone)}"}}', text="asked"
        )
        database.conn.execute("INSERT INTO erased_text VALUES (?, ?, ?)", (said.seq, by, said.seal))
        database.conn.execute("DELETE FROM audit_text WHERE seq = ?", (said.seq,))
    assert audit.first_bad_row(database) is None
    unguarded(database).execute(f"UPDATE audit SET {column} = 'x' WHERE seq = 3")
    assert audit.first_bad_row(database) == 3
    database.close()
