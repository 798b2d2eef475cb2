"""The outbox: what was decided cannot be changed, moves only forward, and goes out in its turn."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from sqlite_utils import Database

from arqueue.control.commands import Annotate, Escalate
from arqueue.control.states import EDGES, FINAL, CommandState
from arqueue.errors import Conflict, NotFound, Refused
from data.store import audit, outbox
from data.store.opening import transaction
from data.store.outbox import Stored
from tests.store.books import (
    ANNA,
    AT,
    INVOICE,
    OTHER,
    PAYMENT,
    SUE,
    add,
    adjust,
    apply_to,
    move,
    new_command,
    start,
    take,
    unapply,
)
from tests.unit.books import item, party

S = CommandState
BOOT = "boot-1"
WAYS: dict[CommandState, tuple[CommandState, ...]] = {
    S.PENDING: (),
    S.QUEUED: (),
    S.SENDING: (S.SENDING,),
    S.UNKNOWN: (S.SENDING, S.UNKNOWN),
    S.POSTED: (S.SENDING, S.POSTED),
    S.REJECTED: (S.SENDING, S.REJECTED),
    S.CONFLICT: (S.SENDING, S.CONFLICT),
    S.CANCELLED: (S.CANCELLED,),
    S.DECLINED: (S.DECLINED,),
    S.EXPIRED: (S.EXPIRED,),
}
"""How a command gets into each state."""


def command_in(books: Database, state: CommandState) -> Stored:
    """A command that came there by legal steps."""
    begins = S.PENDING if state in (S.PENDING, S.DECLINED, S.EXPIRED) else S.QUEUED
    row = add(books, adjust("10.00"), state=begins)
    for step in WAYS[state]:
        row = start(books, row) if step is S.SENDING else move(books, row, step, outcome="so it was")
    return row


def raw(books: Database, sql: str, *values: Any) -> None:
    """As somebody would who knows SQL but not the rules."""
    with transaction(books):
        books.conn.execute(sql, values)


@pytest.mark.parametrize("before", list(CommandState))
@pytest.mark.parametrize("after", list(CommandState))
def test_only_drawn_edges_can_be_walked(books: Database, before: CommandState, after: CommandState) -> None:
    """The trigger and the graph in the code are one and the same, whoever writes the SQL."""
    row = command_in(books, before)
    legal = after in EDGES.get(before, ()) or after is before
    sql = "UPDATE command SET state = ? WHERE id = ?"
    if legal:
        raw(books, sql, after.value, row.id)
    else:
        with pytest.raises(sqlite3.IntegrityError, match=r"no such step|cannot be cancelled"):
            raw(books, sql, after.value, row.id)
        assert outbox.get(books.conn, row.id).state is before


COLUMNS = {
    "id": "x",
    "seq": 99,
    "intent": "x",
    "op": "x",
    "target": "x",
    "words": "x",
    "amount": 1,
    "currency": "JPY",
    "body": b"x",
    "body_sha": "x",
    "person": "x",
    "uid": 0,
    "created_at": "x",
    "epoch": 9,
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("state", [S.QUEUED, S.UNKNOWN, S.POSTED])
def test_what_was_decided_is_immutable(books: Database, column: str, state: CommandState) -> None:
    """In every state."""
    row = command_in(books, state)
    with pytest.raises(sqlite3.IntegrityError, match="immutable"):
        raw(books, f"UPDATE command SET {column} = ? WHERE id = ?", COLUMNS[column], row.id)


@pytest.mark.parametrize("column,value", [("outcome", "x"), ("refs", '["x"]'), ("attempts", 9), ("fence", 9)])
@pytest.mark.parametrize("state", sorted(FINAL))
def test_what_is_final_stays_as_it_is(books: Database, state: CommandState, column: str, value: Any) -> None:
    """A posted command is not renamed afterwards."""
    row = command_in(books, state)
    with pytest.raises(sqlite3.IntegrityError, match="final"):
        raw(books, f"UPDATE command SET {column} = ? WHERE id = ?", value, row.id)


@pytest.mark.parametrize("column", ["attempts", "fence"])
def test_counters_only_grow(books: Database, column: str) -> None:
    """An attempt that was made was made."""
    row = command_in(books, S.UNKNOWN)
    with pytest.raises(sqlite3.IntegrityError, match="immutable"):
        raw(books, f"UPDATE command SET {column} = 0 WHERE id = ?", row.id)


BORN_POSTED = (
    "INSERT INTO command SELECT 9, 'x', 'x', op, target, party_id, words, amount, currency, body, body_sha, person, uid,"
    " created_at, epoch, 'posted', updated_at, 0, 0, NULL, NULL, NULL, NULL, '', '[]', 0, NULL, NULL, '', 0 FROM command"
)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM command",
        "INSERT OR REPLACE INTO command SELECT * FROM command",
        "UPDATE effect SET amount = 1",
        BORN_POSTED,
    ],
)
def test_a_command_is_kept_and_begins_unsent(books: Database, sql: str) -> None:
    """It cannot be taken out, written over, made smaller, or born posted."""
    command_in(books, S.QUEUED)
    with pytest.raises(sqlite3.IntegrityError):
        raw(books, sql)


def test_what_was_sent_cannot_be_cancelled(books: Database) -> None:
    """Even where the state would allow it."""
    row = command_in(books, S.QUEUED)
    raw(books, "UPDATE command SET attempts = 1 WHERE id = ?", row.id)
    with pytest.raises(sqlite3.IntegrityError, match="cannot be cancelled"):
        raw(books, "UPDATE command SET state = 'cancelled' WHERE id = ?", row.id)


def test_command_effect_and_audit_are_one_transaction(books: Database) -> None:
    """An error in the middle leaves none of them."""

    def work() -> None:
        with transaction(books):
            new = new_command(books.conn, adjust("10.00"))
            outbox.add(books, new, ANNA, at=AT)
            raise RuntimeError("middle")

    with pytest.raises(RuntimeError, match="middle"):
        work()
    for table in ("command", "effect", "audit", "attempt"):
        assert books.conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_every_step_has_its_audit_row(books: Database) -> None:
    """Who did what, and the hash of what was decided; the chain holds."""
    row = command_in(books, S.POSTED)
    found = books.conn.execute("SELECT person, what, detail FROM audit ORDER BY seq").fetchall()
    assert [each[:2] for each in found] == [
        ("anna", "adjust queued"),
        ("arqueue", "adjust sending"),
        ("anna", "adjust posted"),
    ]
    assert found[0][2] == row.order.body_sha
    assert audit.first_bad_row(books) is None


def test_the_same_intent_is_one_command(books: Database) -> None:
    """The second one finds the first; a third that would not look is refused by the table."""
    row = add(books, adjust("10.00"), intent="intent-0001")
    found = outbox.of_intent(books.conn, "intent-0001")
    assert found is not None
    assert found.id == row.id
    assert outbox.of_intent(books.conn, "intent-0002") is None
    with pytest.raises(sqlite3.IntegrityError, match="intent"):
        add(books, adjust("20.00"), intent="intent-0001")


def test_the_bytes_come_out_as_they_went_in(books: Database) -> None:
    """After any number of attempts."""
    row = add(books, adjust("10.00"))
    first = start(books, row)
    second = start(books, move(books, first, S.UNKNOWN))
    assert row.body == first.body == second.body
    assert second.order == row.order


def test_a_command_is_found_by_the_start_of_its_id(books: Database) -> None:
    """If only one has it."""
    row = add(books, adjust("10.00"))
    assert outbox.get(books.conn, row.id[:8]).id == row.id
    for wrong in (row.id[:3], "0" * 32, "*" * 8, "????"):
        with pytest.raises(NotFound):
            outbox.get(books.conn, wrong)


def test_a_step_from_an_old_state_is_a_conflict(books: Database) -> None:
    """Whoever read it before somebody else moved it looks again."""
    row = add(books, adjust("10.00"))
    start(books, row)
    with pytest.raises(Conflict):
        move(books, row, S.CANCELLED)
    with pytest.raises(Conflict):
        start(books, row)


def test_an_outcome_of_an_earlier_attempt_changes_nothing(books: Database) -> None:
    """The fence: a sender that slept through a second attempt is too late."""
    first = start(books, add(books, adjust("10.00")))
    second = start(books, move(books, first, S.UNKNOWN))
    with pytest.raises(Conflict):
        move(books, first, S.POSTED)
    with pytest.raises(Conflict):
        mark(books, first)
    assert move(books, second, S.POSTED).state is S.POSTED


def mark(books: Database, row: Stored, boot_s: float = 150.0) -> Stored:
    """The bytes leave again."""
    with transaction(books):
        return outbox.mark_sent(books, row, boot_s=boot_s, boot_id=BOOT)


def test_when_bytes_left_is_known(books: Database) -> None:
    """A first attempt sends; a later one only looks up, until it is said that it sends."""
    first = start(books, add(books, adjust("10.00")), boot_s=100.0)
    assert (first.sent_boot_s, first.sent_boot_id) == (100.0, BOOT)
    second = start(books, move(books, first, S.UNKNOWN), boot_s=200.0)
    assert (second.last_boot_s, second.sent_boot_s) == (200.0, 100.0)
    assert mark(books, second, 201.0).sent_boot_s == 201.0


def test_undo_takes_back_what_was_not_sent(books: Database) -> None:
    """And says what else to do when it was."""
    row = add(books, adjust("10.00"))
    with transaction(books):
        (gone,) = outbox.undo(books, row.id, ANNA, may_undo_others=False, at=AT)
        assert gone.state is S.CANCELLED
    for state in (S.SENDING, S.UNKNOWN, S.POSTED, S.REJECTED):
        other = command_in(books, state)
        with pytest.raises(Refused) as caught:
            outbox.undo(books, other.id, ANNA, may_undo_others=False, at=AT)
        assert caught.value.hint


def test_undo_is_for_ones_own_commands(books: Database) -> None:
    """And for a supervisor."""
    row = add(books, adjust("10.00"))
    with pytest.raises(Refused, match="anna's command"):
        outbox.undo(books, row.id, SUE, may_undo_others=False, at=AT)
    with transaction(books):
        outbox.undo(books, row.id, SUE, may_undo_others=True, at=AT)


def test_only_what_failed_is_put_aside(books: Database) -> None:
    """A command on its way stays in the counts, and shows when it fails."""
    on_its_way, failed = command_in(books, S.UNKNOWN), command_in(books, S.REJECTED)
    with pytest.raises(Refused, match="not failed"):
        outbox.dismiss(books, on_its_way.id, ANNA, at=AT)
    assert outbox.counts(books.conn)["failed"] == 1
    with transaction(books):
        outbox.dismiss(books, failed.id, ANNA, at=AT)
    assert outbox.counts(books.conn) == {"pending": 0, "queued": 0, "sending": 0, "unknown": 1, "failed": 0}


def test_a_crash_while_sending_is_an_unknown_outcome(books: Database) -> None:
    """Recovered once; its bytes left no later than the new start; all else is as it was."""
    sent, waiting = command_in(books, S.SENDING), add(books, adjust("1.00", OTHER))
    with transaction(books):
        assert outbox.recover(books, at=AT, boot_s=500.0, boot_id="boot-2") == 1
    with transaction(books):
        assert outbox.recover(books, at=AT) == 0
    found = outbox.get(books.conn, sent.id)
    assert (found.state, found.sent_boot_s, found.sent_boot_id) == (S.UNKNOWN, 500.0, "boot-2")
    assert outbox.get(books.conn, waiting.id).state is S.QUEUED
    assert outbox.attempts(books.conn, sent.id)[0][2] == "unknown"


@pytest.fixture
def two(books: Database) -> Database:
    """A second customer beside the first."""
    take(
        books,
        party("2"),
        item("x", "30.00", party_id="party:2"),
        item("y", "40.00", party_id="party:2"),
        cursor="2",
    )
    return books


def next_id(books: Database, boot_s: float = 1000.0, boot_id: str = BOOT) -> str | None:
    """What would be sent now."""
    row = outbox.due(books.conn, boot_s, boot_id)
    return row.id if row else None


def test_the_oldest_goes_first(two: Database) -> None:
    """Nothing is due where nothing waits; pending ones are not to be sent."""
    assert next_id(two) is None
    add(two, adjust("1.00"), state=S.PENDING)
    assert next_id(two) is None
    first = add(two, adjust("1.00"))
    add(two, adjust("1.00", "item:x"), party_id="party:2")
    assert next_id(two) == first.id


def test_a_waiting_command_holds_up_its_item_and_customer_only(two: Database) -> None:
    """Everybody else's goes out."""
    waiting = start(two, add(two, adjust("1.00")))
    move(two, waiting, S.UNKNOWN, not_before_boot_s=1100.0)
    add(two, adjust("1.00", OTHER))
    other = add(two, adjust("1.00", "item:x"), party_id="party:2")
    assert next_id(two, 1000.0) == other.id
    start(two, other)
    assert next_id(two, 1000.0) is None
    assert outbox.next_wake(two.conn, BOOT) == 1100.0
    assert next_id(two, 1100.0) == waiting.id


def test_an_item_of_another_customer_is_held_up_too(two: Database) -> None:
    """A payment of the head office on a branch's invoice stands before the branch's own command on it."""
    first = start(two, add(two, apply_to(("item:x", "30.00"))))
    move(two, first, S.UNKNOWN, not_before_boot_s=1100.0)
    add(two, adjust("1.00", "item:x"), party_id="party:2")
    assert next_id(two, 1000.0) is None


def test_taking_back_holds_up_both_its_items(two: Database) -> None:
    """Though it takes nothing from either."""
    first = start(two, add(two, unapply("10.00", debit="item:x")))
    move(two, first, S.UNKNOWN, not_before_boot_s=1100.0)
    add(two, adjust("1.00", "item:x"), party_id="party:2")
    assert next_id(two, 1000.0) is None


def test_a_wait_of_another_boot_is_over(two: Database) -> None:
    """Its clock began anew."""
    row = start(two, add(two, adjust("1.00")))
    move(two, row, S.UNKNOWN, not_before_boot_s=99_999.0)
    assert next_id(two, 10.0, BOOT) is None
    assert next_id(two, 10.0, "boot-2") == row.id
    assert outbox.next_wake(two.conn, "boot-2") is None


def test_a_command_that_waits_for_another_wakes_nobody(two: Database) -> None:
    """Its own time may be long past; the older one's counts."""
    older = add(two, adjust("1.00"), state=S.PENDING)
    younger = start(two, add(two, adjust("1.00")))
    move(two, younger, S.UNKNOWN, not_before_boot_s=5.0)
    approved = start(two, move(two, older, S.QUEUED))
    move(two, approved, S.UNKNOWN, not_before_boot_s=1100.0)
    assert next_id(two, 1000.0) is None
    assert outbox.next_wake(two.conn, BOOT) == 1100.0


def test_many_blocked_commands_are_passed_quickly(two: Database) -> None:
    """1,000 behind one that waits; the look at the queue stays a look."""
    row = start(two, add(two, adjust("0.01")))
    move(two, row, S.UNKNOWN, not_before_boot_s=99_999.0)
    with transaction(two):
        for _ in range(1000):
            outbox.add(two, new_command(two.conn, Annotate(INVOICE, "x")), ANNA, at=AT)
    other = add(two, adjust("1.00", "item:x"), party_id="party:2")
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    two.conn.set_progress_handler(count, 1000)
    assert next_id(two) == other.id
    two.conn.set_progress_handler(None, 0)
    assert steps < 200


@pytest.mark.parametrize("to,closed", [(S.CANCELLED, 1), (S.DECLINED, 1), (S.EXPIRED, 1)])
def test_an_escalation_goes_with_its_command(books: Database, to: CommandState, closed: int) -> None:
    """What was taken back or turned down is in nobody's list."""
    row = add(books, Escalate(PAYMENT, "sue", "too large for me"), state=S.PENDING)
    assert books.conn.execute("SELECT closed, to_whom FROM escalation").fetchone() == (0, "sue")
    move(books, row, to)
    assert books.conn.execute("SELECT closed FROM escalation").fetchone() == (closed,)


def test_the_listing_shows_the_newest_first(books: Database) -> None:
    """By state and customer, a window at a time, with how many there are."""
    rows = [add(books, adjust("1.00")) for _ in range(3)]
    start(books, rows[0])
    found, total = outbox.listing(books.conn, ["queued"], 1, 0)
    assert ([each.id for each in found], total) == ([rows[2].id], 2)
    found, total = outbox.listing(books.conn, (), 10, 1, "party:1")
    assert ([each.id for each in found], total) == ([rows[1].id, rows[0].id], 3)
    assert outbox.listing(books.conn, (), 10, 0, "party:2") == ([], 0)
