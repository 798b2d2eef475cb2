"""From what was gathered to what a face is told: the engine's answer, painted. Workers run this; it opens no store."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from arqueue.cash.advice import Advice
from arqueue.cash.case import PaymentCase
from arqueue.cash.payers import rank_payers
from arqueue.cash.remittance import READ, read_advice
from arqueue.cash.suggest import suggest
from arqueue.cash.suggestion import (
    Difference,
    DifferenceKind,
    Evidence,
    SuggestedLine,
    Suggestion,
    Suggestions,
)
from arqueue.cash.terms import discount_of, parse_terms
from arqueue.model.ledger import OpenItem, Party
from arqueue.model.money import Money
from data.broker.gathered import DEBITS_SHOWN, Gathered
from data.broker.painting import item_row, suggestion_row
from data.store.cases import PARTY_AND_GONE, Row
from data.store.rows import ITEM, item_of, party_of

if TYPE_CHECKING:
    from data.broker import protocol

_OVER = "the search did not come back: these are only the oldest"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the face is told, and whether the search was over by then."""

    told: protocol.Suggestions
    complete: bool


def answer(gathered: Gathered, *, budget_ms: int | None = None) -> Answer:
    """Search and paint. ``budget_ms`` is for a first try that may be given up; None is what the policy says. Raises Invalid for
    an advice that cannot be read."""
    case, notes = _case(gathered)
    if budget_ms is not None:
        case = replace(case, policy=replace(case.policy, budget_ms=budget_ms))
    found = suggest(case)
    return Answer(_told(gathered, case, replace(found, notes=(*notes, *found.notes))), found.complete)


def packed(gathered: Gathered) -> bytes:
    """The same as JSON, as it is sent."""
    return json.dumps(answer(gathered).told, separators=(",", ":")).encode()


def oldest_first(gathered: Gathered) -> Answer:
    """What is left to say when a search did not come back; nothing of the engine is asked again."""
    case, notes = _case(replace(gathered, advice=None))
    left, zero = -case.payment.open, Money.zero(case.payment.open.currency)
    lines: list[SuggestedLine] = []
    difference = Difference(DifferenceKind.NONE, zero)
    for each in case.debits:
        if each.open.currency == left.currency and left.minor > 0:
            amount = min(each.open, left)
            lines.append(SuggestedLine(each.item.id, amount, zero, zero))
            if amount < each.open:
                difference = Difference(DifferenceKind.SHORT, each.open - amount, each.item.id)
            left -= amount
    if left:
        difference = Difference(DifferenceKind.OVER, left)
    way = Suggestion(
        kind=Evidence.OLDEST,
        lines=tuple(lines),
        applied=-case.payment.open - left,
        left=left,
        difference=difference,
        counted=False,
        why=("oldest due first",),
    )
    found = Suggestions(ways=(way,) if lines else (), complete=False, notes=(*notes, _OVER))
    return Answer(_told(gathered, case, found), complete=False)


def _case(gathered: Gathered) -> tuple[PaymentCase, tuple[str, ...]]:
    payment = _open(gathered, [gathered.payment])[0]
    debits, credits, foreign = (
        [each for each in _open(gathered, rows) if each.open.minor]
        for rows in (gathered.debits, gathered.credits, gathered.foreign)
    )
    notes: list[str] = []
    if gathered.debits_total > len(gathered.debits):
        notes.append(
            f"only the {DEBITS_SHOWN:,} oldest of {gathered.debits_total:,} open items were looked at"
        )
    advice = None
    if gathered.advice is not None:
        advice, said = _advice(*gathered.advice, payment)
        notes += said
    # whoever is named as the payer owns the items: for the engine they are the payment's own
    own = replace(payment.item, party_id=gathered.account)
    case = PaymentCase(
        payment=OpenItem(own, payment.open),
        today=gathered.today,
        debits=[*debits, *foreign],
        credits=credits,
        parties={party.id: party for party in map(_party, gathered.parties)},
        habit=gathered.habit,
        advice=advice,
        policy=gathered.policy,
    )
    return case, tuple(notes)


def _advice(name: str, text: str, payment: OpenItem) -> tuple[Advice | None, list[str]]:
    """Of a file that may be about many payments the one that is about this one. Raises Invalid for a file that cannot be read."""
    found = read_advice(text.encode(), name, currency=payment.open.currency)
    if len(found) == 1:
        return found[0], _unsaid(found[0], text, payment)
    said = "".join(f"{payment.item.text} {payment.item.reference} {payment.item.number}".split()).casefold()
    amounts = (abs(payment.open), abs(payment.item.total))
    for fitting in (
        [
            each
            for each in found
            if each.payment_reference and "".join(each.payment_reference.split()).casefold() in said
        ],
        [each for each in found if each.total in amounts],
    ):
        if len(fitting) == 1:
            return fitting[0], _unsaid(fitting[0], text, payment)
    return None, [
        f"{name or 'the advice'} is about {len(found)} payments, and none of them is clearly this one"
    ]


def _unsaid(advice: Advice, text: str, payment: OpenItem) -> list[str]:
    """What of an advice is not followed: amounts in another currency, as they are not what was paid; the end of a long text."""
    notes = []
    said = (amount for line in advice.lines for amount in (line.amount, line.discount) if amount)
    if others := sorted({amount.currency for amount in said} - {payment.open.currency}):
        whose = f"the advice is in {' and '.join(others)}, the payment in {payment.open.currency}"
        notes.append(f"{whose}: its amounts are left out")
    if advice.source == "text" and len(text) > READ:
        notes.append(
            f"of the advice the first {READ:,} characters were read: give it as a table, a line a document"
        )
    return notes


def _told(gathered: Gathered, case: PaymentCase, found: Suggestions) -> protocol.Suggestions:
    currency = case.payment.open.currency
    debits = [each for each in case.debits if each.open.currency == currency]
    by_id = {each.item.id: each for each in (*debits, *case.credits)}
    names = {party.id: party.name for party in case.parties.values()}

    def paint(items: Sequence[OpenItem]) -> list[protocol.ItemRow]:
        return [item_row(each, names.get(each.item.party_id, ""), gathered.today) for each in items]

    tolerance, charges = (
        amounts.get(currency) for amounts in (gathered.policy.tolerance, gathered.policy.charges)
    )
    return {
        "payment": paint(_open(gathered, [gathered.payment]))[0],
        "suggestions": [
            suggestion_row(rank, way, by_id) for rank, way in enumerate(found.ways[: gathered.limit], 1)
        ],
        "complete": found.complete,
        "notes": list(found.notes),
        "debits": [] if gathered.brief else paint(debits),
        "debits_total": max(gathered.debits_total, len(debits)),
        "credits": [] if gathered.brief else paint(case.credits),
        "discounts": [] if gathered.brief else _discounts(case, debits),
        "payers": _payers(gathered),
        "unidentified": gathered.unidentified,
        "tolerance": str(tolerance) if tolerance else None,
        "charges": str(charges) if charges else None,
        "reasons": dict(gathered.reasons),
        "dispute_reasons": list(gathered.dispute_reasons),
    }


def _discounts(case: PaymentCase, debits: Sequence[OpenItem]) -> list[protocol.DiscountRow]:
    """Early-payment discounts as of the day on which the payment came."""
    terms = {key: parse_terms(party.terms) for key, party in case.parties.items()}
    rows: list[protocol.DiscountRow] = []
    for each in debits:
        offered = terms.get(each.item.party_id)
        if offered is None:
            continue
        if found := discount_of(each, offered, case.payment.item.doc_date, case.policy.grace_days):
            rows.append(
                {
                    "item": each.item.id,
                    "amount": str(found.amount),
                    "until": found.until.isoformat(),
                    "earned": found.earned,
                }
            )
    return rows


def _payers(gathered: Gathered) -> list[protocol.PayerRow]:
    known = gathered.senders
    if known is None:
        return []
    guesses = rank_payers(
        item_of(_named(ITEM, gathered.payment)),
        known.names,
        aliases=known.aliases,
        accounts=known.accounts,
        equal_amounts=known.equal_amounts,
    )
    return [
        {
            "party_id": each.party_id,
            "code": known.codes[each.party_id],
            "name": known.names[each.party_id],
            "why": list(each.why),
            "alias": each.alias,
        }
        for each in guesses
    ]


def _open(gathered: Gathered, rows: Sequence[Row]) -> list[OpenItem]:
    return [gathered.overlay.on(item_of(_named(ITEM, row))) for row in rows]


def _party(row: Row) -> Party:
    return party_of(_named(PARTY_AND_GONE, row))


def _named(columns: Sequence[str], row: Row) -> Mapping[str, Any]:
    return dict(zip(columns, row, strict=True))
