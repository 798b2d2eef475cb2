"""Payments of simulated customers, each with what it was truly for, from a seed and a mix of payers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from arqueue.cash.case import PaymentCase, Policy
from arqueue.model.ledger import Allocation, Item, ItemKind, ItemState, OpenItem, Party
from arqueue.model.money import Money
from benchmarks.payers.accounts import FAMILIES, Account, Customer, Document, Terms, numbering, size
from benchmarks.payers.choosing import Choice
from benchmarks.payers.settling import Decision, Settlement, plain
from benchmarks.payers.wording import Told, Writer

END: Final = date(2026, 11, 20)
FEWEST: Final = 3
"""Open debits that a payment has to be told from."""
_NAMES: Final = (
    "Brightwater Ltd", "Kessler & Söhne GmbH", "Atelier Moreau SARL", "Nordlys AS", "Ópalo S.A.", "Meridian Foods Inc",
    "Tanaka Shoji K.K.", "Van Dijk B.V.", "Rossi e Figli S.r.l.", "Halden Oy", "Greystone Plc",
)  # fmt: skip
_TERMS: Final = (
    Terms(30), Terms(30), Terms(14), Terms(45), Terms(60), Terms(30, 2, 10), Terms(30, 2, 10), Terms(45, 3, 14),
    Terms(30, 1, 10),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """One way of paying: how often, which documents, how much of them. `shape` makes the customer fit for it."""

    name: str
    every: int
    """Days between two looks at the account."""
    choose: Choice
    settle: tuple[Settlement, ...] = ()
    terms: tuple[Terms, ...] = _TERMS
    branches: int = 1
    instalments: float = 0.0
    credits: float = 0.04
    """Share of credit notes among the documents."""
    twice: bool = False
    """The payment judged repeats the one before."""
    other_currency: bool = False
    """The payment judged comes in another currency than the documents."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Payers and writers with their weights; `name` and `seed` make it repeatable."""

    name: str
    seed: int
    payers: Sequence[tuple[float, Payer]]
    writers: Sequence[tuple[float, Writer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a payment was for: minor units by item id, all positive."""

    lines: dict[str, int]
    credits: dict[str, int]
    slack: int
    """What a bank or the payer took off without meaning any one document, and a cent for each discount, which may be rounded
    otherwise: whichever lines carry it are right."""
    left: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """One payment to judge: the case, the customer's past, the truth, and what it was made by."""

    case: PaymentCase
    past_items: Sequence[Item]
    past_allocations: Sequence[Allocation]
    truth: Truth
    payer: str
    mode: str
    """How much of the truth its text tells."""


def payments(mix: Mix, count: int) -> Iterator[Paid]:
    """So many payments, one a customer; the n-th is the same whatever `count` is."""
    for number in range(count):
        rng = Random(f"{mix.seed}/{number}")
        payer = rng.choices([each for _, each in mix.payers], [weight for weight, _ in mix.payers])[0]
        paid = None
        while paid is None:
            paid = _Story(mix, payer, rng).tell()
        yield paid


class _Story:
    """A customer's months up to the payment that is judged."""

    def __init__(self, mix: Mix, payer: Payer, rng: Random) -> None:
        self.mix, self.payer, self.rng = mix, payer, rng
        terms = rng.choice(payer.terms)
        wanted = max(size(rng), 3 if payer.branches == 1 else 6)
        self.customer = Customer(
            name=rng.choice(_NAMES),
            open_items=wanted,
            family=rng.choices(FAMILIES, (0.6, 0.15, 0.1, 0.15))[0],
            currency=rng.choice(("USD", "EUR", "GBP")),
            terms=terms,
            numbering=numbering(rng),
            parties=tuple(f"party:{number + 1}" for number in range(payer.branches)),
            credit_share=payer.credits,
            instalment_share=payer.instalments,
            order_length=rng.choice((1, 2, 3, 5)),
        )
        self.account = Account(self.customer, rng, rate=wanted / (terms.net + payer.every / 2) * 7 / 5)
        self.past: list[Item] = []
        self.allocations: list[Allocation] = []

    def tell(self) -> Paid | None:
        """Let the months pass; None when at the end there is nothing to pay, or too little open to be a question."""
        seen = self.rng.choice((0, 3, 6, 12)) if self.customer.open_items <= 500 else 3
        warm_up = self.customer.terms.net + self.payer.every + 10
        days = warm_up + seen * self.payer.every
        for number in range(days):
            day = END - timedelta(days - number)
            self.account.grow(day)
            if number >= warm_up and (number - warm_up) % self.payer.every == 0:
                decision = self._decide(day)
                if decision is not None:
                    self._book(decision, day)
        for late in range(45):
            day = END + timedelta(late)
            self.account.grow(day)
            decision = self._decide(day)
            if decision is not None:
                paid = self._judged(decision, day)
                return paid if len(paid.case.debits) >= FEWEST else None
        return None

    def _decide(self, day: date) -> Decision | None:
        documents = self.payer.choose(self.account, day, self.rng)
        if not documents:
            return None
        decision = plain(documents)
        for settle in self.payer.settle:
            settle(decision, self.account, day, self.rng)
        return decision if decision.lines and decision.amount > 0 else None

    def _book(self, decision: Decision, day: date) -> None:
        """The payment was applied as it was meant; what it kept back was written off, or stays open as a dispute."""
        count = len(self.past)
        payment = self._payment(f"pay:{count}", decision.amount, day, ItemState.CLOSED)
        self.past.append(payment)
        sources = [(payment.id, decision.amount - decision.extra), *decision.credits.items()]
        kept_open = self.rng.random() < 0.5
        for key, paid in decision.lines.items():
            document = self._document(key)
            kept = decision.deductions.get(key, 0)
            if kept and kept_open:
                document.dispute = "Deduction"
                kept = 0
            off = decision.discounts.get(key, 0) + kept
            self._allocate(sources, key, paid, day)
            if off:
                written = self._journal(f"off:{count}:{key}", document.party, off, day)
                self._allocation(written.id, key, off, day)
            document.open -= paid + off
        for key, used in decision.credits.items():
            self._document(key).open -= used

    def _allocate(self, sources: list[tuple[str, int]], debit: str, amount: int, day: date) -> None:
        """Take an amount from the payment, then from the credits; what a bank kept is written off."""
        while amount > 0 and sources:
            source, room = sources[0]
            part = min(room, amount)
            if part:
                self._allocation(source, debit, part, day)
            amount -= part
            if part == room:
                sources.pop(0)
            else:
                sources[0] = (source, room - part)
        if amount > 0:
            written = self._journal(f"fee:{len(self.past)}:{debit}", self.customer.parties[0], amount, day)
            self._allocation(written.id, debit, amount, day)

    def _judged(self, decision: Decision, day: date) -> Paid:
        """The payment arrives some days later; by then there are documents that the payer had not seen."""
        documents = [self._document(key) for key in (*decision.lines, *decision.credits)]
        told = Told(self.account, decision, documents, day, self.customer.currency)
        writers = self.mix.writers
        writer = self.rng.choices([each for _, each in writers], [weight for weight, _ in writers])[0]
        written = writer(told, self.rng)
        nothing = self.payer.twice or self.payer.other_currency
        if self.payer.twice:
            self._book(decision, day)
        today = day
        for _ in range(self.rng.randint(1, 3) + 3 * self.payer.twice):
            today += timedelta(1)
            self.account.grow(today)
        payment = self._payment("pay:now", decision.amount, today, ItemState.OPEN, written.text)
        debits = [OpenItem(item, item.residual) for item in map(self._item, self.account.debits())]
        credits = [OpenItem(item, item.residual) for item in map(self._item, self.account.credits())]
        case = PaymentCase(
            payment=OpenItem(payment, payment.residual),
            today=today,
            debits=debits,
            credits=credits,
            parties={party.id: party for party in self._parties()},
            advice=written.advice,
            policy=self._policy(),
        )
        truth = Truth(
            lines={} if nothing else dict(decision.lines),
            credits={} if nothing else dict(decision.credits),
            slack=0 if nothing else decision.withheld + len(decision.discounts),
            left=decision.amount if nothing else decision.extra,
            note="other currency"
            if self.payer.other_currency
            else "duplicate"
            if self.payer.twice
            else decision.note,
        )
        closed = [self._item(each) for each in self.account.documents if not each.open]
        return Paid(
            case=case,
            past_items=[*self.past, *closed, *(each.item for each in (*debits, *credits))],
            past_allocations=self.allocations,
            truth=truth,
            payer=self.payer.name,
            mode=written.mode,
        )

    def _document(self, key: str) -> Document:
        return self.account.documents[int(key.rpartition(":")[2]) - 1]

    def _money(self, minor: int) -> Money:
        return Money(minor, self.customer.currency)

    def _allocation(self, credit: str, debit: str, minor: int, day: date) -> None:
        key = f"alloc:{len(self.allocations)}"
        self.allocations.append(
            Allocation(
                id=key, credit_item=credit, debit_item=debit, amount=self._money(minor), on=day, version="1"
            )
        )

    def _payment(self, key: str, minor: int, day: date, state: ItemState, text: str = "") -> Item:
        currency = self.customer.currency
        if self.payer.other_currency and state is ItemState.OPEN:
            currency, minor = "CHF", minor * 97 // 100
        total = Money(-minor, currency)
        return Item(
            id=key,
            kind=ItemKind.PAYMENT,
            number=f"R{key.rpartition(':')[2]}",
            party_id=self.customer.parties[0],
            total=total,
            residual=total if state is ItemState.OPEN else Money.zero(currency),
            doc_date=day,
            state=state,
            version="1",
            text=text,
            method="wire",
            payer=self.customer.name.upper(),
        )

    def _journal(self, key: str, party: str, minor: int, day: date) -> Item:
        written = Item(
            id=key,
            kind=ItemKind.JOURNAL,
            number=key,
            party_id=party,
            total=self._money(-minor),
            residual=self._money(0),
            doc_date=day,
            state=ItemState.CLOSED,
            version="1",
        )
        self.past.append(written)
        return written

    def _item(self, each: Document) -> Item:
        sign = -1 if each.is_credit else 1
        return Item(
            id=each.id,
            kind=each.kind,
            number=each.number,
            party_id=each.party,
            total=self._money(sign * each.total),
            residual=self._money(sign * each.open),
            doc_date=each.on,
            due_date=None if each.is_credit else each.due,
            state=ItemState.OPEN if each.open else ItemState.CLOSED,
            version="1",
            parent_id=each.parent or None,
            reference=each.reference,
            purchase_order=each.order,
            dispute=each.dispute,
        )

    def _parties(self) -> Iterator[Party]:
        first = self.customer.parties[0]
        for number, key in enumerate(self.customer.parties):
            name = self.customer.name if key == first else f"{self.customer.name} branch {number}"
            yield Party(
                id=key,
                code=f"C{number}",
                name=name,
                version="1",
                parent_id=None if key == first else first,
                currency=self.customer.currency,
                terms=str(self.customer.terms),
            )

    def _policy(self) -> Policy:
        """A usual house: 5.00 and 1 % are let go, a bank may have kept 30.00."""
        currency = self.customer.currency
        return Policy(
            tolerance={currency: Money(500, currency)},
            tolerance_percent=Decimal(1),
            charges={currency: Money(3000, currency)},
        )
