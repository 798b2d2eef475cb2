"""The ways to apply a payment, numbered: kind, lines, what they come to, and why."""

from __future__ import annotations

from textual.content import Content

from data.broker.protocol import SuggestionRow
from screens import words

KINDS = {"reference": "by reference", "exact": "exact amount", "oldest": "oldest first"}
SHOWN = 4


def suggested(suggestions: list[SuggestionRow], chosen: int, width: int) -> Content:
    """The list, in so many cells; the one that was taken is marked."""
    if not suggestions:
        return Content.styled(
            "No suggestion: nothing in the text or the amount fits. Space takes an item.", "dim"
        )
    pieces: list[tuple[str, str]] = []
    for number, suggestion in enumerate(suggestions[:SHOWN], start=1):
        mark = ">" if number == chosen else " "
        text = f"{mark} {number} {_line(suggestion)}"
        pieces += [
            ("\n" if pieces else "", ""),
            (words.fit(text, width).rstrip(), "bold" if number == chosen else ""),
        ]
        pieces.append((f"\n    {words.fit(_why(suggestion), width - 4).rstrip()}", "dim"))
    if len(suggestions) > SHOWN:
        pieces.append((f"\n    and {len(suggestions) - SHOWN} more by number", "dim"))
    return Content.assemble(*pieces)


def _line(suggestion: SuggestionRow) -> str:
    numbers = [line["number"] for line in suggestion["lines"]]
    named = ", ".join(numbers[:3]) + (f" and {len(numbers) - 3} more" if len(numbers) > 3 else "")
    kind = KINDS.get(suggestion["kind"], suggestion["kind"])
    return f"{kind:<14}{words.money(suggestion['applied'], suggestion['currency']):>16}  {named}"


def _why(suggestion: SuggestionRow) -> str:
    difference = suggestion["difference"]
    amount = words.money(difference["amount"])
    comes = {
        "none": "comes out even",
        "short": f"an item keeps {amount}",
        "over": f"{amount} of the payment stays unapplied",
    }
    said = [comes.get(difference["kind"], ""), *suggestion["why"]]
    if not suggestion["unique"] and suggestion["answers"] > 1:
        said.append(f"one of {suggestion['answers']} equally good answers")
    return "; ".join(part for part in said if part)
