"""What is ours over the ledger's figures: amounts of commands under way, and our own disputes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from arqueue.control.commands import Dispute, Expected, Identify, Order, Resolve, Unapply, effects, unseal
from arqueue.control.states import IN_FLIGHT, CommandState
from arqueue.errors import Invalid
from arqueue.model.ledger import Item, OpenItem
from arqueue.model.money import Money
from data.store import disputes

_FLYING = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT))
_AHEAD = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT - {CommandState.PENDING}))


def pending(connection: sqlite3.Connection, items: Sequence[str], *, but: str = "") -> dict[str, int]:
    """The sum of amounts, per item, of commands that are not final: the overlay. Of a payment on its way to another customer that
    is all that was open of it. ``but`` is a command that does not count."""
    if not items:
        return {}
    marks = ", ".join("?" * len(items))
    found = connection.execute(
        "SELECT item_id, sum(taken) FROM ("
        "SELECT effect.item_id, effect.amount AS taken FROM effect JOIN command ON command.id = effect.command_id"
        f" WHERE command.state IN ({_FLYING}) AND effect.item_id IN ({marks}) AND command.id <> ?"
        " UNION ALL SELECT target, abs(amount) FROM command"
        f" WHERE op = 'identify' AND state IN ({_FLYING}) AND target IN ({marks}) AND id <> ?) GROUP BY item_id",
        (*items, but, *items, but),
    )
    return {row[0]: row[1] for row in found}


def open_amount(item: Item, taken: int) -> Money:
    """The ledger's residual less what is under way, never past zero; a negative ``taken`` comes back."""
    left = max(0, abs(item.residual.minor) - taken)
    is_credit = item.residual.minor < 0 or (not item.residual.minor and item.total.minor < 0)
    return Money(-left if is_credit else left, item.residual.currency)


def expected(connection: sqlite3.Connection, items: Sequence[Item]) -> dict[str, Expected]:
    """How the ledger will have these items when the turn of a new command comes: after all that is queued, being sent or not
    known of, one after the other; whatever still waits for an approval may come after it. No version is known of what will have
    moved by then.

    Each of those goes through only where it finds what it expects. The mirror may show already what one did whose outcome is not
    known: then the item is not as that one expects it, and it takes nothing more, whether it was carried out or is refused."""
    then = {item.id: item for item in items}
    touched: set[str] = set()
    for ahead in _ahead(connection, list(then)):
        here = {key: by for key, by in ahead.moves.items() if key in then}
        if all(ahead.finds(then[key], is_fresh=key not in touched) for key in here):
            then |= {key: replace(then[key], residual=open_amount(then[key], by)) for key, by in here.items()}
        touched |= here.keys() | (ahead.marks & then.keys())
    return {
        key: Expected("" if key in touched else item.version, item.residual) for key, item in then.items()
    }


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A command whose turn comes before: by how much it moves items (towards zero; negative away from it), and to which it only
    gives another version. ``expect`` is None where its bytes cannot be read."""

    moves: Mapping[str, int]
    marks: frozenset[str] = frozenset()
    expect: Mapping[str, Expected] | None = None

    def finds(self, item: Item, *, is_fresh: bool) -> bool:
        """Whether it finds an item as it expects it; one that is not fresh may be of a later version by then."""
        seen = None if self.expect is None else self.expect.get(item.id)
        if seen is None:
            return True
        version = seen.version in ("", item.version) if is_fresh else not seen.version
        return version and seen.residual == item.residual


def _ahead(connection: sqlite3.Connection, items: Sequence[str]) -> list[_Ahead]:
    """In their turn; of those that take something back all, since only their bytes say of what."""
    marks = ", ".join("?" * len(items))
    rows = connection.execute(
        f"SELECT id, body, target FROM command WHERE state IN ({_AHEAD}) AND (op = 'unapply' OR target IN ({marks})"
        f" OR id IN (SELECT command_id FROM effect WHERE item_id IN ({marks}))) ORDER BY seq",
        (*items, *items),
    )
    found = []
    for command_id, body, target in rows.fetchall():
        try:
            order = unseal(bytes(body))
        except (
            Invalid,
            KeyError,
            TypeError,
            ValueError,
        ):  # it is parked: what was decided of it may still come
            taken = connection.execute(
                "SELECT item_id, amount FROM effect WHERE command_id = ?", (command_id,)
            )
            found.append(_Ahead(dict(taken.fetchall()), frozenset({target})))
            continue
        found.append(_of(order))
    return found


def _of(order: Order) -> _Ahead:
    match command := order.command:
        case Unapply():
            back = -command.amount.minor
            return _Ahead({command.credit_item: back, command.debit_item: back}, expect=order.expect)
        case Identify():
            whole = {key: abs(seen.residual.minor) for key, seen in order.expect.items()}
            return _Ahead(whole, expect=order.expect)
        case Dispute() | Resolve():
            return _Ahead({}, frozenset({command.item}))
        case _:
            return _Ahead({key: by.minor for key, by in effects(command).items()}, expect=order.expect)


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is ours over the ledger's figures: amounts under way, and our own disputes."""

    taken: Mapping[str, int]
    cases: Mapping[str, str]

    def on(self, item: Item) -> OpenItem:
        """The item with what is open of it, and with our dispute where the ledger holds none."""
        if item.id not in self.taken and item.id not in self.cases:
            return OpenItem(item, item.residual)
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
