"""Commands and what they change, in words and lines for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Command,
    Dispute,
    Escalate,
    Identify,
    Line,
    Resolve,
    Unapply,
)
from arqueue.control.decide import Sight
from arqueue.model.ledger import Party
from arqueue.model.money import Money
from arqueue.model.text import clean_line
from data.broker import protocol
from data.broker.seeing import moves

_NAMED = 3
_PARTS_NAMED = 6


def words_of(
    command: Command, sights: Mapping[str, Sight], parties: Mapping[str, Party], amount: Money
) -> str:
    """A command in a line: ``apply 120.00 EUR of PAY-7 to INV-1, INV-2``."""

    def number(key: str) -> str:
        return sights[key].item.number if key in sights else parties[key].code if key in parties else key

    match command:
        case ApplyPayment():
            to = _listed([number(line.item) for line in command.lines])
            return f"apply {amount:,} {amount.currency} of {number(command.payment)} to {to}"
        case Unapply():
            pair = f"{number(command.credit_item)} from {number(command.debit_item)}"
            return f"unapply {amount:,} {amount.currency} of {pair}"
        case Adjust():
            return f"adjust {number(command.item)} by {amount:,} {amount.currency} ({command.reason})"
        case Annotate():
            return f"note on {number(command.target)}: {clean_line(command.text, limit=60)}"
        case Escalate():
            return f"escalate {number(command.target)} to {command.to}: {clean_line(command.why, limit=60)}"
        case Dispute():
            reason = clean_line(command.reason, limit=60)
            return f"dispute {amount:,} {amount.currency} of {number(command.item)}: {reason}"
        case Resolve():
            return f"resolve the dispute on {number(command.item)} as {command.outcome}"
        case Identify():
            return (
                f"move {amount:,} {amount.currency} of {number(command.payment)} to {number(command.party)}"
            )


def together(parts: Sequence[str]) -> str:
    """Several commands in a line."""
    more = len(parts) - _PARTS_NAMED
    return "; ".join(parts[:_PARTS_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _listed(numbers: Sequence[str]) -> str:
    more = len(numbers) - _NAMED
    return ", ".join(numbers[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def lines_of(steps: Sequence[tuple[Command, Mapping[str, Sight]]]) -> list[protocol.ReviewLine]:
    """Every item before and after all of them: a credit moves up to zero, a debit down; what is unapplied moves away from it.
    ``steps`` are commands, each with what it sees."""
    before: dict[str, Sight] = {}
    moved: dict[str, int] = {}
    for command, sights in steps:
        for key, minor in moves(command).items():
            if key in sights:
                before.setdefault(key, sights[key])
                moved[key] = moved.get(key, 0) + minor
    return [_line(sight, moved[key]) for key, sight in before.items()]


def _line(sight: Sight, minor: int) -> protocol.ReviewLine:
    change = Money(-minor if sight.item.is_debit else minor, sight.open.currency)
    return {
        "item": sight.item.id,
        "number": sight.item.number,
        "before": str(sight.open),
        "change": str(change),
        "after": str(sight.open + change),
        "currency": change.currency,
    }


def applied(lines: Sequence[Line], currency: str) -> Money:
    """What is applied in all; lines in other currencies, which no decision accepts, do not count."""
    return Money.total((line.amount for line in lines if line.amount.currency == currency), currency)
