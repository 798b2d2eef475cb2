"""Remarks, escalations and disputes: notes on Tryton's records, each found again by the order's reference in its last line.

Tryton knows no dispute on what is due: the case stands in our own store, and its note in Tryton tells those who look there.
"""

from __future__ import annotations

from arqueue.control.commands import Annotate, Dispute, Escalate, Order, Resolve
from arqueue.model.ledger import Note
from arqueue.model.text import clean_line
from data.peers.contract import Absent, Done, Outcome, Rejected, Rejection, Unknown
from data.peers.tryton.lookup import number_of, record_of
from data.peers.tryton.parties import PARTY, read_notes
from data.peers.tryton.reader import Reader
from data.peers.tryton.steps import Poster, Remark


async def write(reader: Reader, order: Order, poster: Poster, remark: Remark) -> Outcome:
    """Write the remark once and read it back; `remark` is told where. Raises as `Session.call`."""
    target = _target(order)
    place = await _place(reader, target)
    if place is None:
        return Rejected(Rejection.NOT_FOUND, f"{clean_line(target)} is not in Tryton")
    found = await _found(reader, order, place)
    if found is None:
        remark(*place)
        await poster.note(place[0], _text(order))
        found = await _found(reader, order, place)
    return found or Unknown("Tryton said yes, but the remark is not there")


async def find(reader: Reader, order: Order) -> Done | Absent:
    """The remark that bears the order's reference. Raises as `Session.call`."""
    place = await _place(reader, _target(order))
    found = await _found(reader, order, place) if place else None
    return found or Absent()


async def bearing(reader: Reader, order: Order, resource: str, target: str) -> Note | None:
    """The note on a record that bears the order's reference."""
    notes, _ = await read_notes(reader, {resource: target})
    return next((note for note in notes if note.command_id == order.id), None)


async def _found(reader: Reader, order: Order, place: tuple[str, str]) -> Done | None:
    note = await bearing(reader, order, *place)
    return Done((note.id,), (note,)) if note else None


def _target(order: Order) -> str:
    command = order.command
    if isinstance(command, Dispute | Resolve):
        return command.item
    assert isinstance(command, Annotate | Escalate)
    return command.target


def _text(order: Order) -> str:
    match order.command:
        case Escalate() as command:
            return f"Escalated to {command.to}: {command.why}"
        case Dispute() as command:
            what = f"Disputed by {command.amount} {command.amount.currency}: {command.reason}"
            return "\n".join(filter(None, (what, command.note)))
        case Resolve() as command:
            return "\n".join(filter(None, (f"Dispute ended: {command.outcome}", command.note)))
        case command:
            assert isinstance(command, Annotate)
            return command.text


async def _place(reader: Reader, target: str) -> tuple[str, str] | None:
    """The record that carries remarks on a target, and the name under which they come back."""
    party = number_of(target, "party")
    if party is not None:
        rows = await reader.rows_of(PARTY, "id", [party], ["id"], also=[["active", "in", [True, False]]])
        return (f"{PARTY},{party}", target) if rows else None
    return await record_of(reader, target)
