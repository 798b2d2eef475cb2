"""The words before a yes or a no: what the order would do now, who made it and why, and whether this person may."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from data.broker.protocol import ApprovalRow, ReasonCodeRow, Weighed
from screens.approval.answer import Answer, Kind
from screens.review.sheet import Pieces, customer, hanging, reason_words, table

_EYES = 2
"""So many supervisors break the glass."""


def paper(
    weighed: Weighed,
    *,
    name_of: Callable[[str], str],
    at: str,
    reasons: list[ReasonCodeRow],
    answer: Answer,
    refusal: str,
    in_doubt: bool,
    width: int,
) -> Content:
    """``refusal`` is what the broker said when it refused the answer; ``name_of`` knows people by their ids."""
    review, maker = weighed["review"], name_of(weighed["command"]["actor"])
    pieces: Pieces = [(f"{answer.kind.value}: ", "dim"), (weighed["command"]["words"], "bold")]
    pieces += [("\n" + customer(review), ""), ("\n\n", "")]
    if review["lines"]:
        pieces += table(review["lines"], width)
    pieces += _order(weighed, name_of, at, reasons, width)
    pieces += _answer(weighed, maker, answer, refusal, width)
    return Content.assemble(*pieces, *_keys(weighed, answer, refusal, in_doubt))


def _order(
    weighed: Weighed, name_of: Callable[[str], str], at: str, reasons: list[ReasonCodeRow], width: int
) -> Pieces:
    asked = weighed["asked"]
    pieces: Pieces = [_label("Made by"), (f"{name_of(weighed['command']['actor'])}, {at}\n", "")]
    for label, text in (
        ("Reason", reason_words(str(asked.get("reason", "")), reasons)),
        ("Note", str(asked.get("note", ""))),
    ):
        if text:
            pieces += [_label(label), (hanging(text, 9, width) + "\n", "")]
    given = _glass(weighed)
    for number, each in enumerate(given, 1):
        said = f"{number} of {_EYES}: {name_of(each['person'])}: {each['why']}"
        pieces += [_label("Glass"), (hanging(said, 9, width) + "\n", "")]
    return [*pieces, ("\n", "")]


def _label(name: str) -> tuple[str, str]:
    return (f"{name:<9}", "dim")


def _glass(weighed: Weighed) -> list[ApprovalRow]:
    """Who broke the glass so far."""
    return [each for each in weighed["command"]["approvals"] if each["glass"]]


def _answer(weighed: Weighed, maker: str, answer: Answer, refusal: str, width: int) -> Pieces:
    review = weighed["review"]
    if refusal:
        return [("REFUSED", "bold reverse"), (f"  {refusal}\n\n", "")]
    if answer.kind is Kind.NO:
        return [
            _label("Why not"),
            (hanging(answer.why, 9, width), "bold"),
            (f"\n\nNothing is posted, and {maker} reads why.\n\n", ""),
        ]
    if review["verdict"] != "refused" and answer.kind is Kind.GLASS:
        last = len(_glass(weighed)) + 1 >= _EYES
        then = "It is posted then" if last else "Another supervisor has to do the same; then it is posted"
        return [
            _label("Why"),
            (hanging(answer.why, 9, width), "bold"),
            ("\n\nYOU MAY BREAK THE GLASS", "bold"),
            (f"  {then}. It stands in the audit.\n\n", ""),
        ]
    if review["verdict"] != "refused":
        return [("YOU MAY APPROVE IT", "bold"), ("  It is posted then.\n\n", "")]
    pieces: Pieces = [("NOT FOR YOU TO APPROVE", "bold reverse"), ("  " + review["reason"], "")]
    glass = "B breaks the glass as the second" if _glass(weighed) and answer.kind is Kind.YES else ""
    for text in (f"rule {review['rule']}" if review["rule"] else "", review["hint"], glass):
        if text:
            pieces.append(("\n" + text, "dim"))
    return [*pieces, ("\n\n", "")]


def _keys(weighed: Weighed, answer: Answer, refusal: str, in_doubt: bool) -> Pieces:
    if in_doubt:
        return [
            ("NO ANSWER FROM THE BROKER", "bold reverse"),
            ("  It may have taken your answer or not.\n", ""),
            ("The same answer is given again as soon as it is back; given twice it counts once.\n", ""),
            ("q", "bold"),
            (" leaves; the outbox will tell.", ""),
        ]
    back: Pieces = [("n", "bold"), (" or ", ""), ("Esc", "bold"), (" goes back", "")]
    if refusal or (answer.kind is not Kind.NO and weighed["review"]["verdict"] == "refused"):
        return [*back, (". Nothing was changed.", "")]
    does = {Kind.YES: "approves it", Kind.NO: "declines it", Kind.GLASS: "breaks the glass"}[answer.kind]
    return [("y", "bold"), (f" {does}   ", ""), *back]
