"""Which order of a person is meant to be taken back, and by which way: unsent, on its way, or posted and not reversed yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from arqueue.control.commands import ApplyPayment, Dispute, Unapply
from arqueue.control.reversing import Back, Way, way_back
from arqueue.control.states import IN_FLIGHT, CommandState
from data.broker import protocol, requests
from data.broker.core import Core
from data.broker.ledger import Ledger
from data.broker.ordering import words_of
from data.broker.reading import Reader
from data.broker.session import Session
from data.store import outbox, reversing
from data.store.outbox import Stored

_UNSENT = Back(Way.UNDO, "nothing of it was sent", "take it back with `arqueue undo`")
_MOVING = Back(Way.WAIT, "nobody knows yet whether it is posted", "wait for its outcome in `arqueue outbox`")
_REVERSED = Back(Way.NONE, "it was taken back already", "see `arqueue outbox`")
_NOTHING = Back(Way.NONE, "nothing of it was posted", "there is nothing to take back")


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a command to reverse, and how; ``item`` is what that is about."""

    row: Stored
    back: Back
    item: str
    allocations: tuple[str, ...] = ()


class Reversing:
    """The method of the protocol that says what taking an order back would be."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def reversal(self, session: Session, asked: requests.ReversalRequest) -> protocol.Reversal | None:
        """Of one order, or without an id of the person's own newest: unsent, else of this business date and not reversed. None
        where there is no such order. Raises NotFound."""
        core, today = self._core, self._core.today()
        writes_back = core.ledger.capabilities.writes_back

        def look(connection: sqlite3.Connection) -> protocol.Reversal | None:
            reader = Reader(connection, session.person, today)
            if asked.id is None:
                return newest(reader, core.today_began(connection), writes_back=writes_back)
            return of_order(reader, outbox.get(connection, asked.id), writes_back=writes_back)

        return await core.store.read(look)


def is_reversible(rows: Sequence[Stored], ledger: Ledger) -> bool:
    """Whether there is a way back for every command of an order, also once it is posted."""
    writes_back = ledger.capabilities.writes_back
    return all(way_back(row.op, writes_back=writes_back).way is not Way.NONE for row in rows)


def newest(reader: Reader, since: str, *, writes_back: bool) -> protocol.Reversal | None:
    """The order that a person means who names none; ``since`` is when the business date began (UTC, ISO 8601)."""
    connection, person = reader.connection, reader.person.id
    if unsent := reversing.newest_unsent(connection, person):
        return of_order(reader, unsent, writes_back=writes_back)
    rows = reversing.newest_live(connection, person, since)
    for row in rows:
        found = of_order(reader, _behind(connection, row, rows) or row, writes_back=writes_back)
        if found["says"] != _REVERSED.says:
            return found
    return None


def _behind(connection: sqlite3.Connection, row: Stored, rows: Sequence[Stored]) -> Stored | None:
    """Of an order that took back a part of another one: that other one, as long as more of it stands."""
    if row.op != Unapply.op:
        return None
    for earlier in rows:
        applied = earlier.op == ApplyPayment.op and earlier.state is CommandState.POSTED
        if applied and earlier.target == row.target and reversing.standing(connection, earlier):
            return earlier
    return None


def of_order(reader: Reader, row: Stored, *, writes_back: bool) -> protocol.Reversal:
    """What can be done about all of the order that a command belongs to."""
    together = outbox.mates(reader.connection, row)
    if unsent := next((each for each in together if each.is_unsent), None):
        return _told(reader, _Left(unsent, _UNSENT, unsent.target), words_of(together))
    if moving := next((each for each in together if each.state in IN_FLIGHT), None):
        return _told(reader, _Left(moving, _MOVING, moving.target), words_of(together))
    posted = [each for each in together if each.state is CommandState.POSTED]
    if not posted:
        back = _REVERSED if row.state is CommandState.CANCELLED else _NOTHING
        return _told(reader, _Left(row, back, row.target), row.words)
    left = [found for each in posted if (found := _left(reader.connection, each, writes_back=writes_back))]
    if not left:
        return _told(reader, _Left(row, _REVERSED, row.target), words_of(posted))
    best = next((each for each in left if each.back.way is not Way.NONE), left[-1])
    return _told(reader, best, best.row.words if best.back.way is Way.NONE else words_of(posted))


def _left(connection: sqlite3.Connection, row: Stored, *, writes_back: bool) -> _Left | None:
    """None where it was reversed since."""
    back, command = way_back(row.op, writes_back=writes_back), row.order.command
    if back.way is Way.UNAPPLY:
        found = reversing.standing(connection, row)
        return _Left(row, back, row.target, found) if found else None
    if isinstance(command, Dispute) and not reversing.is_disputed(connection, row, command):
        return None
    if isinstance(command, Unapply) and reversing.is_applied_anew(connection, row, command):
        return None
    return _Left(row, back, row.target)


def _told(reader: Reader, left: _Left, words: str) -> protocol.Reversal:
    return {
        "order": reader.paint_command(left.row),
        "words": words,
        "way": left.back.way.value,
        "item": left.item,
        "allocations": list(left.allocations),
        "says": left.back.says,
        "hint": left.back.hint,
    }
