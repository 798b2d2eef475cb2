"""From what was gathered to what a face is told: the engine's answer, painted. Workers run this; it opens no store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

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
from arqueue.model.ledger import OpenItem
from arqueue.model.money import Money
from data.broker.accounts import Account, Accounts
from data.broker.gathered import DEBITS_SHOWN, Gathered
from data.broker.painting import item_row, suggestion_row
from data.store.rows import item_from

if TYPE_CHECKING:
    from data.broker import protocol

_OVER = "the search did not come back: these are only the oldest"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the face is told, and whether the search was over by then."""

    told: protocol.Suggestions
    """All but what there is to choose from."""
    complete: bool
    choice: Mapping[str, bytes] = field(default_factory=dict)
    """Those fields of what is told that are what there is to choose from, JSON already."""

    @property
    def packed(self) -> bytes:
        """All of it as JSON, as it is sent."""
        rest = {key: value for key, value in self.told.items() if key not in self.choice}
        said = json.dumps(rest, separators=(",", ":")).encode()
        lists = (part for key, texts in self.choice.items() for part in (f',"{key}":'.encode(), texts))
        return b"".join((said[:-1], *lists, b"}"))


def answer(gathered: Gathered, accounts: Accounts | None = None, *, budget_ms: int | None = None) -> Answer:
    """Search and paint. ``accounts`` are those that are kept; ``budget_ms`` is for a first try that may be given up, None is what
    the policy says. Raises Invalid for an advice that cannot be read."""
    account = accounts.of(gathered) if accounts is not None else Account.of(gathered)
    case, notes = _case(gathered, account)
    if budget_ms is not None:
        case = replace(case, policy=replace(case.policy, budget_ms=budget_ms))
    found = suggest(case)
    return _told(gathered, account, case, replace(found, notes=(*notes, *found.notes)))


def oldest_first(gathered: Gathered) -> Answer:
    """What is left to say when a search did not come back; nothing of the engine is asked again."""
    account = Account.of(gathered)
    case, notes = _case(replace(gathered, advice=None), account)
    left, zero = -case.payment.open, Money.zero(case.payment.open.currency)
    lines: list[SuggestedLine] = []
    difference = Difference(DifferenceKind.NONE, zero)
    for each in account.home:
        if left.minor > 0:
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
    return _told(gathered, account, case, found)


def _case(gathered: Gathered, account: Account) -> tuple[PaymentCase, tuple[str, ...]]:
    payment = _payment(gathered)
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
        debits=account.open.debits,
        credits=account.open.credits,
        account=account.open,
        parties=account.parties,
        habit=gathered.habit,
        advice=advice,
        policy=gathered.policy,
    )
    return case, tuple(notes)


def _payment(gathered: Gathered) -> OpenItem:
    return gathered.overlay.on(item_from(gathered.payment))


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


def _told(gathered: Gathered, account: Account, case: PaymentCase, found: Suggestions) -> Answer:
    payment, today, policy = _payment(gathered), gathered.today, gathered.policy
    owner = account.parties.get(payment.item.party_id)
    tolerance, charges = (
        amounts.get(payment.open.currency) for amounts in (policy.tolerance, policy.charges)
    )
    ways = found.ways[: gathered.limit]
    named = {line.item: account[line.item] for way in ways for line in way.lines}
    told: protocol.Suggestions = {
        "payment": item_row(payment, owner.name if owner else "", today),
        "suggestions": [suggestion_row(rank, way, named) for rank, way in enumerate(ways, 1)],
        "complete": found.complete,
        "notes": list(found.notes),
        "debits": [],
        "debits_total": max(gathered.debits_total, len(account.home)),
        "credits": [],
        "discounts": [],
        "payers": _payers(gathered),
        "unidentified": gathered.unidentified,
        "tolerance": str(tolerance) if tolerance else None,
        "charges": str(charges) if charges else None,
        "reasons": dict(gathered.reasons),
        "dispute_reasons": list(gathered.dispute_reasons),
    }
    if gathered.brief:
        return Answer(told, found.complete)
    return Answer(told, found.complete, account.painted(payment.item.id))


def _payers(gathered: Gathered) -> list[protocol.PayerRow]:
    known = gathered.senders
    if known is None:
        return []
    guesses = rank_payers(
        item_from(gathered.payment),
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
