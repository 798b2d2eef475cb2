"""The words of a review of many rows: sums, what all have in common, then what will happen to each row, or why not."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from arqueue.model.money import Money
from screens import words
from screens.bulk.action import BulkAction, Part
from screens.review.sheet import hanging

Pieces = list[tuple[str, str]]
_NAME = 18


def sheet(action: BulkAction, parts: Sequence[Part], width: int, *, in_doubt: bool) -> Content:
    """Everything before ``y``, and after it what became of each, for so many cells."""
    pieces: Pieces = [("Review: ", "dim"), (action.heading, "bold"), ("\n", "")]
    pieces += [(summary(parts), "bold"), ("\n\n", "")]
    for label, text in action.common():
        pieces += [(f"{label:<9}", "dim"), (hanging(text, 9, width), ""), ("\n", "")]
    if action.common():
        pieces.append(("\n", ""))
    for part in parts:
        pieces += _part(part, width)
    return Content.assemble(*pieces, ("\n", ""), *_keys(parts, in_doubt=in_doubt))


def summary(parts: Sequence[Part]) -> str:
    """How many, how much in each currency, how many are left out or have to be approved."""
    left_out = sum(bool(part.why_not) for part in parts)
    approvals = sum(bool(part.approval) and not part.why_not for part in parts)
    done = sum(bool(part.outcome) for part in parts)
    said = [f"{words.count(done)} done" if done else words.plural(len(parts) - left_out, "row")]
    said += [_total(total) for total in totals(parts)]
    said += [f"{words.count(approvals)} to be approved"] if approvals else []
    said += [f"{words.count(left_out)} skipped"] if left_out else []
    return " · ".join(said)


def totals(parts: Sequence[Part]) -> list[Money]:
    """What the accounts are credited (negative) and debited in all, by currency: neither hides the other."""
    sums: dict[tuple[str, bool], Money] = {}
    for part in parts:
        if part.amount is not None and part.amount and not part.why_not:
            side = part.amount.currency, part.amount.minor > 0
            sums[side] = sums.get(side, Money.zero(part.amount.currency)) + part.amount
    return [sums[side] for side in sorted(sums)]


def _total(total: Money) -> str:
    return f"{words.money(abs(total).text, total.currency)} {'debited' if total.minor > 0 else 'credited'}"


def _part(part: Part, width: int) -> Pieces:
    says = part.outcome or part.says
    room = max(12, width - _NAME - 4 - len(says))
    pieces: Pieces = [
        (words.fit(part.name, _NAME), ""),
        ("  ", ""),
        (words.fit(part.customer, room) if says else part.customer, ""),
        (f"  {says}" if says else "", "" if part.outcome else "bold"),
        ("\n", ""),
    ]
    if part.why_not:
        pieces += [("  SKIPPED", "bold reverse"), (f"  {hanging(part.why_not, 11, width)}\n", "")]
    elif part.approval:
        pieces.append((f"  NEEDS APPROVAL  {hanging(part.approval, 18, width)}\n", "bold"))
    return pieces


def _keys(parts: Sequence[Part], *, in_doubt: bool) -> Pieces:
    if in_doubt:
        return [
            ("NO ANSWER FROM THE BROKER", "bold reverse"),
            ("  It may have taken the next one or not.\n", ""),
            ("The rest is handed over again as soon as it is back; twice is still once.\n", ""),
            ("q", "bold"),
            (" leaves; the outbox will tell.", ""),
        ]
    if any(part.outcome for part in parts):
        return [("n or Esc", "bold"), (" goes back to the list.", "")]
    if not any(part.waits for part in parts):
        return [("n or Esc", "bold"), (" goes back. Nothing is left to do; nothing was done.", "")]
    return [
        ("y", "bold"),
        (f" does {words.plural(sum(part.waits for part in parts), 'row')}   ", ""),
        ("n", "bold"),
        (" or ", ""),
        ("Esc", "bold"),
        (" goes back", ""),
    ]
