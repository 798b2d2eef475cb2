"""The words before a yes or a no: what the order would do now, who made it and why, and whether this person may."""

from __future__ import annotations

from textual.content import Content

from data.broker.protocol import ReasonCodeRow, Weighed
from screens.review.sheet import Pieces, customer, reason_words, table

_EYES = 2
"""So many supervisors break the glass."""


def paper(
    weighed: Weighed,
    *,
    maker: str,
    at: str,
    reasons: list[ReasonCodeRow],
    declining: str,
    refusal: str,
    in_doubt: bool,
    width: int,
) -> Content:
    """``declining`` is why it is declined, empty for an approval; ``refusal`` what the broker said when it refused the answer."""
    review = weighed["review"]
    title = "Decline: " if declining else "Approve: "
    pieces: Pieces = [(title, "dim"), (weighed["command"]["words"], "bold")]
    pieces += [("\n" + customer(review), ""), ("\n\n", "")]
    if review["lines"]:
        pieces += table(review["lines"], width)
    pieces += _order(weighed, maker, at, reasons)
    pieces += _answer(weighed, maker, declining, refusal)
    return Content.assemble(*pieces, *_keys(weighed, declining, refusal, in_doubt))


def _order(weighed: Weighed, maker: str, at: str, reasons: list[ReasonCodeRow]) -> Pieces:
    asked = weighed["asked"]
    pieces: Pieces = [_label("Made by"), (f"{maker}, {at}\n", "")]
    for label, text in (
        ("Reason", reason_words(str(asked.get("reason", "")), reasons)),
        ("Note", str(asked.get("note", ""))),
    ):
        if text:
            pieces += [_label(label), (text.replace("\n", "\n" + " " * 9) + "\n", "")]
    given = [each for each in weighed["command"]["approvals"] if each["glass"]]
    for number, each in enumerate(given, 1):
        pieces += [_label("Glass"), (f"{number} of {_EYES}: {each['person']}: {each['why']}\n", "")]
    return [*pieces, ("\n", "")]


def _label(name: str) -> tuple[str, str]:
    return (f"{name:<9}", "dim")


def _answer(weighed: Weighed, maker: str, declining: str, refusal: str) -> Pieces:
    review = weighed["review"]
    if refusal:
        return [("REFUSED", "bold reverse"), (f"  {refusal}\n\n", "")]
    if declining:
        return [
            _label("Why not"),
            (declining, "bold"),
            (f"\n\nNothing is posted, and {maker} reads why.\n\n", ""),
        ]
    if review["verdict"] != "refused":
        return [("YOU MAY APPROVE IT", "bold"), ("  It is posted then.\n\n", "")]
    pieces: Pieces = [("NOT FOR YOU TO APPROVE", "bold reverse"), ("  " + review["reason"], "")]
    glass = f"`arqueue approve {weighed['command']['id'][:8]} --break-glass --why …` gives the next"
    given = any(each["glass"] for each in weighed["command"]["approvals"])
    for text in (f"rule {review['rule']}" if review["rule"] else "", review["hint"], glass if given else ""):
        if text:
            pieces.append(("\n" + text, "dim"))
    return [*pieces, ("\n\n", "")]


def _keys(weighed: Weighed, declining: str, refusal: str, in_doubt: bool) -> Pieces:
    if in_doubt:
        return [
            ("NO ANSWER FROM THE BROKER", "bold reverse"),
            ("  It may have taken your answer or not.\n", ""),
            ("The same answer is given again as soon as it is back; given twice it counts once.\n", ""),
            ("q", "bold"),
            (" leaves; the outbox will tell.", ""),
        ]
    back: Pieces = [("n", "bold"), (" or ", ""), ("Esc", "bold"), (" goes back", "")]
    if refusal or (not declining and weighed["review"]["verdict"] == "refused"):
        return [*back, (". Nothing was changed.", "")]
    return [("y", "bold"), (" declines it   " if declining else " approves it   ", ""), *back]
