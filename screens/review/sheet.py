"""The words of a review: a table of before, change and after, the verdict, and what the keys do now."""

from __future__ import annotations

from typing import Any

from textual.content import Content

from data.broker.protocol import Review, ReviewLine
from screens import words

VERDICTS = {
    "accepted": "ACCEPTED",
    "needs_approval": "NEEDS APPROVAL",
    "refused": "REFUSED",
}
Pieces = list[tuple[str, str]]


def sheet(
    title: str,
    review: Review,
    command: dict[str, Any],
    *,
    width: int,
    refused: str,
    in_doubt: bool,
    intent: str,
) -> Content:
    """All of it, for so many cells."""
    pieces: Pieces = [("Review: ", "dim"), (title, "bold")]
    pieces += [("\n" + _customer(review), ""), ("\n\n", "")]
    if review["lines"]:
        pieces += _table(review["lines"], width)
    pieces += _texts(review, command)
    pieces += _verdict(review, refused)
    pieces += _keys(review, refused, in_doubt, intent)
    return Content.assemble(*pieces)


def _customer(review: Review) -> str:
    return " · ".join(part for part in (review["party"], review["party_code"]) if part)


def _table(lines: list[ReviewLine], width: int) -> Pieces:
    cells = max(12, min(18, (width - 20) // 3))
    first = min(24, width - 3 * cells - 5)
    head = words.fit("item", first) + "".join(
        words.fit_right(title, cells) for title in ("before", "change", "after")
    )
    pieces: Pieces = [(head + "\n", "dim")]
    for line in lines:
        change = line["change"] if line["change"].startswith("-") else f"+{words.money(line['change'])}"
        pieces += [
            (words.fit(line["number"], first), ""),
            (words.fit_right(words.money(line["before"]), cells), ""),
            (words.fit_right(change if change[0] == "+" else words.money(change), cells), ""),
            (words.fit_right(words.money(line["after"]), cells), "bold"),
            (f" {line['currency']}", "dim"),
            ("\n", ""),
        ]
    return [*pieces, ("\n", "")]


def _texts(review: Review, command: dict[str, Any]) -> Pieces:
    pieces: Pieces = []
    for label, text in (
        ("Reason", review["reason"]),
        ("Note", command.get("note", "")),
        ("Text", command.get("text", "")),
        ("To", command.get("to", "")),
        ("Why", command.get("why", "")),
    ):
        if text:
            pieces += [(f"{label:<9}", "dim"), (text.replace("\n", "\n" + " " * 9), ""), ("\n", "")]
    return [*pieces, ("\n", "")] if pieces else []


def _verdict(review: Review, refused: str) -> Pieces:
    if refused:
        return [("REFUSED  ", "bold reverse"), (" " + refused, ""), ("\n\n", "")]
    word = VERDICTS.get(review["verdict"], review["verdict"].upper())
    style = "bold" if review["verdict"] == "accepted" else "bold reverse"
    pieces: Pieces = [(word, style), ("  " + review["words"], "")]
    if review["rule"]:
        pieces.append((f"\nrule {review['rule']}", "dim"))
    if review["hint"]:
        pieces.append(("\n" + review["hint"], "dim"))
    return [*pieces, ("\n\n", "")]


def _keys(review: Review, refused: str, in_doubt: bool, intent: str) -> Pieces:
    if in_doubt:
        return [
            ("NO ANSWER FROM THE BROKER", "bold reverse"),
            ("  It may have taken the order or not.\n", ""),
            ("The same order is handed over again as soon as it is back; ", ""),
            (f"handed over twice it is still one order (intent {intent[:8]}).\n", ""),
            ("q", "bold"),
            (" leaves; the outbox will tell.", ""),
        ]
    if refused or review["verdict"] == "refused":
        return [("n or Esc", "bold"), (" goes back to the form. Nothing was posted.", "")]
    does = "asks for approval" if review["verdict"] == "needs_approval" else "posts it"
    return [
        ("y", "bold"),
        (f" {does}   ", ""),
        ("n", "bold"),
        (" or ", ""),
        ("Esc", "bold"),
        (" goes back", ""),
    ]
