"""What is ours over the ledger's figures: amounts of commands under way, and our own disputes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from arqueue.control.commands import Expected, Unapply, unseal
from arqueue.control.states import IN_FLIGHT, CommandState
from arqueue.model.ledger import Item, OpenItem
from arqueue.model.money import Money
from data.store import disputes

_FLYING = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT))
_AHEAD = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT - {CommandState.PENDING}))


def pending(connection: sqlite3.Connection, items: Sequence[str]) -> dict[str, int]:
    """The sum of amounts, per item, of commands that are not final: the overlay."""
    if not items:
        return {}
    marks = ", ".join("?" * len(items))
    found = connection.execute(
        "SELECT effect.item_id, sum(effect.amount) FROM effect JOIN command ON command.id = effect.command_id"
        f" WHERE command.state IN ({_FLYING}) AND effect.item_id IN ({marks}) GROUP BY effect.item_id",
        items,
    )
    return {row[0]: row[1] for row in found}


def open_amount(item: Item, taken: int) -> Money:
    """The ledger's residual less what is under way, never past zero; a negative ``taken`` comes back."""
    left = max(0, abs(item.residual.minor) - taken)
    is_credit = item.residual.minor < 0 or (not item.residual.minor and item.total.minor < 0)
    return Money(-left if is_credit else left, item.residual.currency)


def expected(connection: sqlite3.Connection, items: Sequence[Item]) -> dict[str, Expected]:
    """How the ledger will have these items when the turn of a new command comes: after all that is queued or being sent, and
    whatever still waits for an approval may come after it. No version is known of what will have moved by then."""
    ids = [item.id for item in items]
    taken, back, marked = _ahead(connection, ids), _coming_back(connection), _marked(connection, ids)
    seen: dict[str, Expected] = {}
    for item in items:
        moved, freed = taken.get(item.id, 0), back.get(item.id, 0)
        is_new = moved or freed or item.id in marked
        seen[item.id] = Expected("" if is_new else item.version, open_amount(item, moved - freed))
    return seen


def _ahead(connection: sqlite3.Connection, items: Sequence[str]) -> dict[str, int]:
    marks = ", ".join("?" * len(items))
    found = connection.execute(
        "SELECT effect.item_id, sum(effect.amount) FROM effect JOIN command ON command.id = effect.command_id"
        f" WHERE command.state IN ({_AHEAD}) AND effect.item_id IN ({marks}) GROUP BY effect.item_id",
        items,
    )
    return dict(found.fetchall())


def _marked(connection: sqlite3.Connection, items: Sequence[str]) -> set[str]:
    """Items to which a dispute under way gives another version, though it moves no amount."""
    marks = ", ".join("?" * len(items))
    found = connection.execute(
        f"SELECT target FROM command WHERE target IN ({marks}) AND op IN ('dispute', 'resolve')"
        f" AND state IN ({_AHEAD})",
        items,
    )
    return {row[0] for row in found}


def _coming_back(connection: sqlite3.Connection) -> dict[str, int]:
    """What applications that are being taken back will free; it is not shown as open before it is."""
    back: dict[str, int] = {}
    for (body,) in connection.execute(
        f"SELECT body FROM command WHERE op = 'unapply' AND state IN ({_AHEAD})"
    ):
        command = unseal(bytes(body)).command
        if isinstance(command, Unapply):
            for item in (command.credit_item, command.debit_item):
                back[item] = back.get(item, 0) + command.amount.minor
    return back


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is ours over the ledger's figures: amounts under way, and our own disputes."""

    taken: Mapping[str, int]
    cases: Mapping[str, str]

    def on(self, item: Item) -> OpenItem:
        """The item with what is open of it, and with our dispute where the ledger holds none."""
        reason = self.cases.get(item.id)
        seen = replace(item, dispute=reason) if reason and not item.dispute else item
        return OpenItem(seen, open_amount(item, self.taken.get(item.id, 0)))


def overlay(connection: sqlite3.Connection, ids: Sequence[str]) -> Overlay:
    """What is under way on these items."""
    taken: dict[str, int] = {}
    for start in range(0, len(ids), 500):
        taken |= pending(connection, ids[start : start + 500])
    return Overlay(taken, disputes.open_on(connection, ids))


def with_open(connection: sqlite3.Connection, items: Sequence[Item]) -> list[OpenItem]:
    """Items with what is open of them, and with our own disputes where the ledger holds none."""
    seen = overlay(connection, [item.id for item in items])
    return [seen.on(item) for item in items]
