"""Stores on real files, and what goes into them, in one line each."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Command,
    Dispute,
    Escalate,
    Expected,
    Identify,
    Line,
    Order,
    Resolve,
    Unapply,
    items_of,
    new_id,
    seal,
)
from arqueue.control.states import CommandState
from arqueue.model.ledger import Item, Party
from arqueue.model.money import Money
from data.peers.contract import Page
from data.store import mirror, outbox, queue
from data.store.audit import Actor
from data.store.opening import transaction
from data.store.outbox import NewCommand, Stored
from data.store.rows import item_of
from tests.unit.books import TODAY, item, money, party

ANNA = Actor("anna", 1000)
SUE = Actor("sue", 1001)
AT = "2026-11-21T09:00:00.000000+00:00"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PAYMENT, INVOICE, OTHER = "item:p", "item:i", "item:j"


def company() -> tuple[Party | Item, ...]:
    """One customer: a payment of 100, invoices of 80 and 50."""
    return (party(), item("p", "-100.00"), item("i", "80.00"), item("j", "50.00"))


def take(database: Database, *entities: Any, cursor: str = "1", **page: Any) -> mirror.Touched:
    """A page of the feed, its work included, in one transaction."""
    with transaction(database):
        touched = mirror.store_page(database, Page(cursor, False, entities, **page), feed=True, at=AT)
        queue.refresh(database, touched.parties, TODAY, "EUR")
    return touched


def forget_work(database: Database) -> None:
    """A store whose queue was never derived."""
    for table in ("work", "ranking", "rank", "tally", "band"):
        database.conn.execute(f"DELETE FROM {table}")


def apply_to(*lines: tuple[str, str], payment: str = PAYMENT) -> ApplyPayment:
    """An application, by item id and amount."""
    return ApplyPayment(payment, tuple(Line(key, money(amount)) for key, amount in lines), TODAY)


def adjust(amount: str, key: str = INVOICE) -> Adjust:
    """A write-off."""
    return Adjust(key, money(amount), "small", "method:small", TODAY)


def unapply(amount: str, credit: str = PAYMENT, debit: str = INVOICE) -> Unapply:
    """An allocation taken back."""
    return Unapply("allocation:1", credit, debit, money(amount), TODAY)


def target_of(command: Command) -> str:
    """The record that a command is shown with."""
    match command:
        case ApplyPayment() | Identify():
            return command.payment
        case Unapply():
            return command.credit_item
        case Adjust() | Dispute() | Resolve():
            return command.item
        case Annotate() | Escalate():
            return command.target


def new_command(
    connection: sqlite3.Connection,
    command: Command,
    *,
    intent: str = "",
    state: CommandState = CommandState.QUEUED,
    party_id: str = "party:1",
    actor: str = "anna",
    batch: str = "",
    command_id: str = "",
) -> NewCommand:
    """What a decision hands to the store; what is expected is what the mirror says."""
    ids = items_of(command)
    marks = ", ".join("?" * len(ids))
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    rows = cursor.execute(f"SELECT * FROM item WHERE id IN ({marks})", ids).fetchall()
    seen: dict[str, Expected] = queue.expected(connection, [item_of(row) for row in rows])
    order = seal(command_id or new_id(), command, seen, actor)
    amount = command.amount if isinstance(command, Adjust | Unapply) else Money.zero("EUR")
    if isinstance(command, ApplyPayment):
        amount = Money.total((line.amount for line in command.lines), command.lines[0].amount.currency)
    target = target_of(command)
    return NewCommand(
        order=order,
        intent=intent or f"intent-{order.id}",
        target=target,
        party_id=party_id,
        words=f"{command.op} {target}",
        amount=amount,
        state=state,
        business_date=TODAY.isoformat(),
        item_id=target if target.startswith("item:") else None,
        batch=batch,
    )


def add(database: Database, command: Command, **changes: Any) -> Stored:
    """Store a command as the broker does, work included."""
    with transaction(database):
        new = new_command(database.conn, command, **changes)
        outbox.add(database, new, ANNA, at=AT)
        queue.refresh(database, {new.party_id or ""}, TODAY, "EUR")
    return outbox.get(database.conn, new.order.id)


def start(database: Database, row: Stored, *, boot_s: float = 100.0, boot_id: str = "boot-1") -> Stored:
    """Begin an attempt."""
    with transaction(database):
        return outbox.start_attempt(database, row, at=AT, boot_s=boot_s, boot_id=boot_id)


def move(database: Database, row: Stored, to: CommandState, **changes: Any) -> Stored:
    """One step."""
    with transaction(database):
        outbox.move(database, row, to, ANNA, at=AT, **changes)
    return outbox.get(database.conn, row.id)


def order_of(row: Stored) -> Order:
    """What would be sent."""
    return row.order


def open_of(database: Database, key: str) -> str:
    """What the screen shows as open of an item."""
    cursor = database.conn.cursor()
    cursor.row_factory = sqlite3.Row
    row = cursor.execute("SELECT * FROM item WHERE id = ?", (key,)).fetchone()
    (seen,) = queue.with_open(database.conn, [item_of(row)])
    return str(seen.open)


def dump(connection: sqlite3.Connection, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Whole tables, to compare states; rows of the queue without the numbers that they happen to have."""
    found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    return {
        table: sorted((row[1:] if table == "work" else row for row in rows), key=repr)
        for table, rows in found.items()
    }
