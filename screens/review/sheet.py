"""The words of a review: a table of before, change and after, the verdict, and what the keys do now."""

from __future__ import annotations

from textwrap import wrap
from typing import Any, Final

from rich.cells import cell_len
from textual.content import Content

from data.broker.protocol import ReasonCodeRow, Review, ReviewLine, ReviewPart
from screens import words
from screens.review.proposed import Proposed

VERDICTS = {
    "accepted": "ACCEPTED",
    "needs_approval": "NEEDS APPROVAL",
    "refused": "REFUSED",
}
Pieces = list[tuple[str, str]]
_AMOUNTS: Final = ("before", "change", "after")


def of_one(
    title: str, proposed: list[Proposed], reasons: list[ReasonCodeRow], width: int, in_doubt: bool
) -> Content:
    """One order: every item before and after, for so many cells."""
    (each,) = proposed
    review, command, refused = each.review, each.command, each.refusal
    pieces: Pieces = [("Review: ", "dim"), (title, "bold")]
    pieces += [("\n" + customer(review), ""), ("\n\n", "")]
    if review["lines"]:
        pieces += table(review["lines"], width)
    pieces += _parts(review["parts"], reasons, width)
    pieces += _texts(command, reasons, width)
    pieces += _verdict(review, refused)
    pieces += _keys(each.refused, review["verdict"], in_doubt, each.intent)
    return Content.assemble(*pieces)


def hanging(text: str, indent: int, width: int) -> str:
    """A text behind a label of so many cells: its further lines stand below its first."""
    room = max(20, width - indent)
    lines = [part for line in text.split("\n") for part in wrap(line, room) or [""]]
    return ("\n" + " " * indent).join(lines)


def customer(review: Review) -> str:
    """Name and code of whom it is about."""
    return " · ".join(part for part in (review["party"], review["party_code"]) if part)


def table(lines: list[ReviewLine], width: int) -> Pieces:
    """Every item before and after, in so many cells; of a number that finds no room the end is kept."""
    most = max((cell_len(words.money(line[what])) for line in lines for what in _AMOUNTS), default=0) + 2
    number = words.widest((line["number"] for line in lines), 14, 23) + 1
    cells = max(12, min(18, most), min(18, (width - number - 5) // 3))
    first = min(24, width - 3 * cells - 5)
    head = words.fit("item", first) + "".join(
        words.fit_right(title, cells) for title in ("before", "change", "after")
    )
    pieces: Pieces = [(head + "\n", "dim")]
    for line in lines:
        change = line["change"] if line["change"].startswith("-") else f"+{words.money(line['change'])}"
        pieces += [
            (words.fit(words.ending(line["number"], first - 1), first), ""),
            (words.fit_right(words.money(line["before"]), cells), ""),
            (words.fit_right(change if change[0] == "+" else words.money(change), cells), ""),
            (words.fit_right(words.money(line["after"]), cells), "bold"),
            (f" {line['currency']}", "dim"),
            ("\n", ""),
        ]
    return [*pieces, ("\n", "")]


def _parts(parts: list[ReviewPart], reasons: list[ReasonCodeRow], width: int) -> Pieces:
    """The commands of an order that becomes several, in the order in which they are sent, and what the rules say to each."""
    if len(parts) < 2:
        return []
    pieces: Pieces = [(f"It becomes {len(parts)} orders, all or none of them:\n", "dim")]
    for number, part in enumerate(parts, start=1):
        pieces += [
            (f"{number:>2} ", ""),
            (hanging(_booked(part["words"], reasons), 3, width), ""),
            ("\n", ""),
        ]
        if part["verdict"] != "accepted":
            pieces += [(f"   {VERDICTS[part['verdict']]}", "bold reverse"), (f"  {part['reason']}\n", "")]
    return [*pieces, ("\n", "")]


def _booked(said: str, reasons: list[ReasonCodeRow]) -> str:
    """The words of a write-off, which end with its reason code, with the account that it is booked to."""
    for row in reasons:
        if said.endswith(f"({row['code']})"):
            return f"{said[:-1]}, GL {row['account']})"
    return said


def reason_words(code: str, reasons: list[ReasonCodeRow]) -> str:
    """A reason code with what it stands for and where it is booked."""
    for row in reasons:
        if row["code"] == code:
            return f"{code}  {row['words']} · GL {row['account']}"
    return code


def _texts(command: dict[str, Any], reasons: list[ReasonCodeRow], width: int) -> Pieces:
    pieces: Pieces = []
    for label, text in (
        ("Reason", reason_words(command.get("reason", ""), reasons)),
        ("Note", command.get("note", "")),
        ("Text", command.get("text", "")),
        ("To", command.get("to", "") if command["op"] == "escalate" else ""),
        ("Why", command.get("why", "")),
    ):
        if text:
            pieces += [(f"{label:<9}", "dim"), (hanging(text, 9, width), ""), ("\n", "")]
    return [*pieces, ("\n", "")] if pieces else []


def _verdict(review: Review, refused: str) -> Pieces:
    if refused:
        return [("REFUSED  ", "bold reverse"), (" " + refused, ""), ("\n\n", "")]
    word = VERDICTS.get(review["verdict"], review["verdict"].upper())
    style = "bold" if review["verdict"] == "accepted" else "bold reverse"
    # the parts, where there are several, have said what it does
    said = review["reason"] or ("" if len(review["parts"]) > 1 else review["words"])
    pieces: Pieces = [(word, style), (f"  {said}" if said else "", "")]
    if review["rule"]:
        pieces.append((f"\nrule {review['rule']}", "dim"))
    if review["hint"]:
        pieces.append(("\n" + review["hint"], "dim"))
    return [*pieces, ("\n\n", "")]


def _keys(refused: bool, verdict: str, in_doubt: bool, intent: str) -> Pieces:
    if in_doubt:
        return [
            ("NO ANSWER FROM THE BROKER", "bold reverse"),
            ("  It may have taken the order or not.\n", ""),
            ("The same order is handed over again as soon as it is back; ", ""),
            (f"handed over twice it is still one order (intent {intent[:8]}).\n", ""),
            ("q", "bold"),
            (" leaves; the outbox will tell.", ""),
        ]
    if refused:
        return [("n or Esc", "bold"), (" goes back to the form. Nothing was posted.", "")]
    does = "asks for approval" if verdict == "needs_approval" else "posts it"
    return [
        ("y", "bold"),
        (f" {does}   ", ""),
        ("n", "bold"),
        (" or ", ""),
        ("Esc", "bold"),
        (" goes back", ""),
    ]
