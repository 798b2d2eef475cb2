"""What faces see, read from one snapshot of the store: windows of the queue, accounts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from arqueue.control.states import IN_FLIGHT
from arqueue.errors import Invalid, NotFound
from arqueue.figures.ageing import ageing
from arqueue.model.currency import EXPONENTS
from arqueue.model.ledger import Item, OpenItem, Party
from arqueue.model.money import Money
from arqueue.model.people import Person
from data.broker import promised, protocol
from data.broker.listing import QUEUE, Listing, visible
from data.broker.painting import (
    allocation_row,
    command_row,
    item_row,
    note_row,
    party_row,
)
from data.store import authority, differences, outbox, queue
from data.store.rows import allocation_of, item_of, note_of, party_of
from data.store.searching import holding

_ITEMS_SHOWN = 500
_PROMISES_SHOWN = 20
_STAND_INS = (queue.QUARANTINE, queue.AUTO, differences.NOWHERE)


@dataclass(frozen=True, slots=True)
class Reader:
    """A snapshot, who looks, and the business date."""

    connection: sqlite3.Connection
    person: Person
    today: date

    def window(self, view: str, words: str, offset: int, limit: int) -> protocol.Window:
        """Rows of a view in rank order."""
        return self._listing.window(view, words, offset, limit)

    def locate(self, view: str, words: str, work_id: str) -> dict[str, Any]:
        """The position of a work item in a view, None when it is not in it."""
        return self._listing.locate(view, words, work_id)

    def counts(self) -> dict[str, int]:
        """How many rows each view holds for this person."""
        return self._listing.counts()

    @property
    def _listing(self) -> Listing:
        return Listing(self.connection, self.person, self.today)

    def show(self, key: str) -> protocol.Shown:
        """A work item, an open item or a customer, by id, number or code, with its account. Raises NotFound."""
        work = self._work("work.id = ?", key)
        item = None
        if work is None:
            item = self._item_named(key)
            party_id = item.party_id if item else self.party_named(key).id
            work = (
                self._work("work.item_id = ?", item.id)
                if item
                else self._work("work.item_id IS NULL AND work.party_id = ?", party_id)
            )
        else:
            item = self.item(work["item_id"]) if work["item_id"] else None
            party_id = work["party_id"]
        return {
            "work": self._listing.paint(work) if work else None,
            "item": self._paint_items([item])[0] if item else None,
            "applied": self._applied(item) if item else [],
            "account": self._account(party_id) if party_id and party_id not in _STAND_INS else None,
        }

    def target(self, key: str) -> str:
        """The ledger's record that a work item, an open item or a customer stands for. Raises NotFound."""
        if work := self._work("work.id = ?", key):
            if record := work["item_id"] or work["party_id"]:
                return str(record)
            raise NotFound(f"{key!r} has no record in the ledger", "name an item or a customer")
        item = self._item_named(key)
        return item.id if item else self.party_named(key).id

    def find(self, text: str, limit: int) -> protocol.Found:
        """Customers and items by name, code, number, reference, text or amount."""
        parties, named = holding("party", text, "*")
        items, said = holding("item", text, "*")
        amounts = _amounts(text)
        if any(amounts):
            # an amount stands in no index of texts: the mirror is read for it
            items, said = f"{items} UNION SELECT * FROM item WHERE {_AMOUNT}", (*said, *amounts)
        found = self.rows(f"SELECT * FROM ({parties}) WHERE gone = 0 ORDER BY name LIMIT ?", (*named, limit))
        documents = self.rows(
            f"SELECT * FROM ({items}) ORDER BY state = 'open' DESC, doc_date DESC, id LIMIT ?", (*said, limit)
        )
        return {
            "parties": [party_row(party_of(row), None) for row in found],
            "items": self._paint_items([item_of(row) for row in documents]),
        }

    def item(self, item_id: str) -> Item | None:
        """By id."""
        rows = self.rows("SELECT * FROM item WHERE id = ?", (item_id,))
        return item_of(rows[0]) if rows else None

    def item_named(self, key: str) -> Item:
        """By id, by work id, or by a number that only one item has. Raises NotFound."""
        work = self._work("work.id = ?", key)
        found = self._item_named(work["item_id"] if work and work["item_id"] else key)
        if found is None:
            raise NotFound(f"there is no item {key!r}", "look it up with `arqueue find`, or sync first")
        return found

    def party_named(self, key: str) -> Party:
        """By id, or by its code. Raises NotFound."""
        rows = self.rows("SELECT * FROM party WHERE id = ? OR code = ? LIMIT 2", (key, key))
        if len(rows) != 1:
            raise NotFound(f"there is no customer, item or work {key!r}", "look it up with `arqueue find`")
        return party_of(rows[0])

    def party(self, party_id: str) -> Party | None:
        """By id; None for one that vanished or never came."""
        rows = self.rows("SELECT * FROM party WHERE id = ? AND gone = 0", (party_id,))
        return party_of(rows[0]) if rows else None

    def family(self, party_id: str) -> list[str]:
        """The customer, its head office and all of that one's branches: who pays for whom."""
        return queue.family(self.connection, party_id)

    def items(self, ids: Iterable[str]) -> list[Item]:
        """Those of these ids that there are, in no order."""
        rows = self.rows(
            "SELECT * FROM item WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(sorted(ids)),)
        )
        return [item_of(row) for row in rows]

    def _account(self, party_id: str) -> protocol.Account:
        party = self.party(party_id)
        items = self.rows(
            "SELECT * FROM item WHERE party_id = ? AND state = 'open' AND residual <> 0"
            " ORDER BY coalesce(due_date, doc_date), doc_date, id",
            (party_id,),
        )
        shown = queue.with_open(self.connection, [item_of(row) for row in items])
        commands, _ = outbox.listing(self.connection, (), 20, 0, party_id)
        family = [self.party(each) for each in self.family(party_id) if each != party_id][:20]
        parent = self.party(party.parent_id) if party and party.parent_id else None
        card = party or Party(id=party_id, code=self._last_code(party_id), name="", version="", active=False)
        return {
            "party": party_row(card, parent),
            "ageing": [
                _ageing(row) for row in ageing([(e.open, e.item.due_date) for e in shown], self.today)
            ],
            "items": self._paint(shown[:_ITEMS_SHOWN]),
            "items_total": len(shown),
            "notes": self._notes(party_id, [each.item.id for each in shown[:_ITEMS_SHOWN]]),
            "commands": [self.paint_command(row) for row in commands],
            "family": [party_row(each, None) for each in family if each],
            "promises": promised.history(self.connection, party_id, self.today, _PROMISES_SHOWN),
        }

    def _last_code(self, party_id: str) -> str:
        """The code that a vanished customer had; empty for one that never came."""
        rows = self.rows("SELECT code FROM party WHERE id = ?", (party_id,))
        return str(rows[0]["code"]) if rows else ""

    def paint_command(self, row: outbox.Stored) -> protocol.CommandRow:
        """A command for people."""
        party = self.party(row.party_id) if row.party_id else None
        return command_row(row, party, authority.approvals(self.connection, row.id))

    def _notes(self, party_id: str, items: Sequence[str]) -> list[protocol.NoteRow]:
        targets = [party_id, *items]
        marks = ", ".join("?" * len(targets))
        rows = self.rows(f"SELECT * FROM note WHERE target IN ({marks}) ORDER BY at DESC LIMIT 50", targets)
        posted = [note_row(note_of(row)) for row in rows]
        waiting, _ = outbox.listing(self.connection, [state.value for state in IN_FLIGHT], 50, 0, party_id)
        return [
            *(row for command in waiting if (row := _note_under_way(command)) is not None),
            *posted,
        ]

    def _applied(self, item: Item) -> list[protocol.AllocationRow]:
        rows = self.rows(
            "SELECT allocation.*, credit.number AS credit_number, debit.number AS debit_number FROM allocation"
            " LEFT JOIN item AS credit ON credit.id = credit_item LEFT JOIN item AS debit ON debit.id = debit_item"
            " WHERE (credit_item = ? OR debit_item = ?) AND void = 0 ORDER BY on_date, allocation.id",
            (item.id, item.id),
        )
        return [
            allocation_row(allocation_of(row), row["credit_number"] or "", row["debit_number"] or "")
            for row in rows
        ]

    def _work(self, which: str, value: str) -> sqlite3.Row | None:
        """The best of the work that this person may see."""
        seen, values = visible(self.person)
        rows = self.rows(f"{QUEUE} WHERE {which} AND {seen} LIMIT 50", (value, *values))
        return min(rows, key=self._listing.rank_of, default=None)

    def _item_named(self, key: str) -> Item | None:
        if found := self.item(key):
            return found
        rows = self.rows("SELECT * FROM item WHERE number = ? ORDER BY state = 'open' DESC LIMIT 2", (key,))
        if len(rows) == 2 and rows[1]["state"] == "open":
            raise NotFound(f"several items have the number {key!r}", "name one by its id: see `arqueue find`")
        return item_of(rows[0]) if rows else None

    def _paint_items(self, items: Sequence[Item]) -> list[protocol.ItemRow]:
        return self._paint(queue.with_open(self.connection, items))

    def _paint(self, items: Sequence[OpenItem]) -> list[protocol.ItemRow]:
        names: dict[str, str] = {}
        for each in items:
            if each.item.party_id not in names:
                party = self.party(each.item.party_id)
                names[each.item.party_id] = party.name if party else ""
        return [item_row(each, names[each.item.party_id], self.today) for each in items]

    def rows(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        """By column name."""
        cursor = self.connection.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(sql, values).fetchall()


_NO_DECIMALS = ", ".join(f"'{code}'" for code, digits in EXPONENTS.items() if digits == 0)
_THREE_DECIMALS = ", ".join(f"'{code}'" for code, digits in EXPONENTS.items() if digits == 3)
_AMOUNT = (
    f"CASE WHEN currency IN ({_NO_DECIMALS}) THEN ? WHEN currency IN ({_THREE_DECIMALS}) THEN ? ELSE ? END"
    " IN (abs(total), abs(residual))"
)


def _amounts(text: str) -> tuple[int | None, ...]:
    """What a search text is in minor units of 0, 3 and 2 decimals; None where it is no such amount."""
    found: list[int | None] = []
    for currency in ("JPY", "KWD", "EUR"):
        try:
            found.append(abs(Money.parse(text.strip(), currency).minor) or None)
        except Invalid:
            found.append(None)
    return tuple(found)


def _ageing(row: Any) -> protocol.Ageing:
    return {
        "currency": row.currency,
        "buckets": [{"words": words, "amount": str(amount)} for words, amount in row.buckets],
        "credits": str(row.credits),
        "balance": str(row.balance),
    }


def _note_under_way(command: outbox.Stored) -> protocol.NoteRow | None:
    if command.op not in ("annotate", "escalate"):
        return None
    wire = json.loads(command.body)["command"]
    return {
        "id": command.id,
        "target": command.target,
        "author": command.person,
        "at": command.created_at,
        "text": wire.get("text") or f"escalated to {wire.get('to')}: {wire.get('why')}",
        "ours": True,
        "state": command.state.value,
    }
