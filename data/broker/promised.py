"""What customers promised, from one snapshot: what an account owes, and what became of its promises."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from arqueue.model.ledger import OpenItem
from arqueue.model.money import Money
from arqueue.model.work import WorkKind
from arqueue.work.derive import derive
from arqueue.work.promises import Promise, PromiseState, standing
from data.broker.protocol.rows import PromiseRow
from data.store import promises, queue
from data.store.promises import Recorded

WITHDRAWN, REPLACED = "withdrawn", "replaced"


@dataclass(frozen=True, slots=True)
class Promised:
    """A customer's account on a business date."""

    connection: sqlite3.Connection
    party_id: str
    overdue: dict[str, Money]
    """What of it is overdue and not disputed, by currency."""
    items: Sequence[OpenItem]
    today: date

    @classmethod
    def of(cls, connection: sqlite3.Connection, party_id: str, today: date) -> Promised:
        """As the mirror and what is under way have it."""
        customer = queue.customer(connection, party_id, today)
        late = [each for each in derive(customer, today) if each.kind is WorkKind.OVERDUE]
        overdue = {each.amount.currency: each.amount for each in late}
        return cls(connection, party_id, overdue, customer.items, today)

    def due_by(self, day: date, currency: str) -> dict[str, int]:
        """What is open, due by then and not disputed: minor units by item."""
        return {
            each.item.id: each.open.minor
            for each in self.items
            if each.open.minor > 0
            and each.open.currency == currency
            and each.item.due_date is not None
            and each.item.due_date <= day
            and not each.item.dispute
        }

    def payments(self) -> frozenset[str]:
        """The unapplied payments of the whole family."""
        members = queue.family(self.connection, self.party_id)
        found = self.connection.execute(
            "SELECT id FROM item WHERE state = 'open' AND residual <> 0 AND residual < 0 AND kind IN ('payment', 'journal')"
            " AND party_id IN (SELECT value FROM json_each(?))",
            (json.dumps(members),),
        )
        return frozenset(row[0] for row in found)

    def state(self, promise: Promise) -> PromiseState:
        """What became of a promise that stands: as the list says where the account is in it."""
        found = self.connection.execute(
            "SELECT promise_state FROM work WHERE id = ? AND promise_state IS NOT NULL",
            (row_id(self.party_id, promise.amount.currency),),
        ).fetchone()
        return PromiseState(found[0]) if found else standing(promise, self.items, self.today).state


def row_id(party_id: str, currency: str) -> str:
    """The row of the queue of an account that is overdue."""
    return f"overdue/{party_id}/{currency}"


def everybodys(connection: sqlite3.Connection, today: date, limit: int) -> list[PromiseRow]:
    """The promises that stand, the latest days first."""
    return [
        _row(connection, each, _state(connection, each, today))
        for each in promises.all_standing(connection, limit)
    ]


def history(connection: sqlite3.Connection, party_id: str, today: date, limit: int) -> list[PromiseRow]:
    """A customer's promises, newest first, each with what became of it."""
    rows: list[PromiseRow] = []
    then: dict[str, Recorded] = {}
    for each in reversed(promises.of_party(connection, party_id)):
        if each.promise is not None and len(rows) < limit:
            after = then.get(each.currency)
            state = _state(connection, each, today) if after is None else _left(after)
            rows.append(_row(connection, each, state))
        then[each.currency] = each
    return rows


def note(connection: sqlite3.Connection, party_id: str, work_id: str, today: date) -> str:
    """How the promise stands that the row of an overdue account waits for, in words; empty where there is none."""
    for currency, promise in promises.standing(connection, party_id).items():
        if work_id == row_id(party_id, currency):
            state = Promised.of(connection, party_id, today).state(promise)
            often = f", put off {promise.level} times before" if promise.level > 1 else ""
            often = ", put off once before" if promise.level == 1 else often
            amount = f"{promise.amount.decimal:,} {currency}"
            return f"Promised {amount} by {promise.on:%d %b}: {state.said}{often}"
    return ""


def _left(after: Recorded) -> str:
    """What had become of a promise when another followed, or when it was withdrawn."""
    if after.promise is None:
        return WITHDRAWN
    return REPLACED if after.before in (PromiseState.OPEN, PromiseState.SMALL) else after.before


def _state(connection: sqlite3.Connection, each: Recorded, today: date) -> str:
    assert each.promise is not None
    return Promised.of(connection, each.party_id, today).state(each.promise).value


def _row(connection: sqlite3.Connection, each: Recorded, state: str) -> PromiseRow:
    promise = each.promise
    assert promise is not None
    party = connection.execute(
        "SELECT name, code FROM party WHERE id = ? AND gone = 0", (each.party_id,)
    ).fetchone()
    return {
        "id": row_id(each.party_id, each.currency),
        "party_id": each.party_id,
        "party": party[0] if party else "",
        "party_code": party[1] if party else "",
        "amount": str(promise.amount),
        "currency": each.currency,
        "on": promise.on.isoformat(),
        "state": state,
        "level": promise.level,
        "why": each.why,
        "person": each.person,
        "at": each.at,
    }
