"""A seed is one company, on every machine and day, and its books are books that a ledger would accept."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arqueue.errors import Invalid
from arqueue.model.money import Money
from arqueue.model.text import clean, clean_line
from data.demo.company import make_company
from data.demo.customers import SUSPENSE
from data.demo.plan import PlannedDocument, PlannedInvoice, PlannedNote, PlannedParty, PlannedPayment
from data.demo.story import SITUATIONS, UNRECOGNISED
from tests.unit.demo.replay import TODAY, digest, replay_of

GOLDEN = {
    "tiny": "0eeaebcc7f9b74ec0206a68171ee0fe3fce891e58602da226a63d2f5daf388e8",
    "small": "091d6de4f527a332eb62d2f543be83d5818bf1421dd772f066da9f4cd41596db",
}


@pytest.mark.parametrize("size", GOLDEN)
def test_golden_digest(size: str) -> None:
    """The company of seed 1 is the one it has always been; whoever changes it on purpose writes the new digest here."""
    assert digest(make_company(size, 1, TODAY)) == GOLDEN[size]


def test_same_seed_same_company() -> None:
    """Two plans of one seed agree, and so do two readings of one plan, even when they interleave."""
    one, other = make_company("tiny", 7, TODAY), make_company("tiny", 7, TODAY)
    assert one.parties == other.parties
    assert all(first == second for first, second in zip(one.documents(), one.documents(), strict=True))
    assert list(one.documents()) == list(other.documents())


def test_other_seed_other_company() -> None:
    """Seeds tell companies apart, negative ones too."""
    assert len({digest(make_company("tiny", seed, TODAY)) for seed in (-2, -1, 0, 1, 2)}) == 5


@given(st.dates(date(2021, 1, 1), date(2090, 12, 31)))
@settings(max_examples=12, deadline=None)
def test_today_moves_dates_only(today: date) -> None:
    """On another day the company is the same: same customers, amounts and applications, only dated otherwise."""
    moved, usual = make_company("tiny", 3, today), make_company("tiny", 3, TODAY)
    assert moved.parties == usual.parties
    shapes = [sorted(map(_shape, plan.documents()), key=repr) for plan in (moved, usual)]
    assert shapes[0] == shapes[1]


def _shape(document: PlannedDocument) -> tuple[object, ...]:
    if isinstance(document, PlannedNote):
        return ("note", document.author, len(document.text))
    shape = (document.number.rsplit("-", 1)[1], document.party, document.currency, document.amount)
    if isinstance(document, PlannedInvoice):
        return (*shape, document.dispute, [amount for _, amount in document.instalments])
    return (*shape, [(number.rsplit("-", 1)[1], amount) for number, amount in document.applied])


@pytest.mark.parametrize("size, seed", [("tiny", seed) for seed in range(40)] + [("small", 5), ("small", 6)])
def test_books_are_consistent(size: str, seed: int) -> None:
    """Nothing is applied twice, beyond what is open, before it exists, to strangers or across currencies."""
    assert replay_of(size, seed).refused == []


def test_documents_come_by_date() -> None:
    """A loader can post as it reads: dates never go back, and none is on a weekend but the story's."""
    documents = list(make_company("small", 2, TODAY).documents())
    dates = [each.on for each in documents]
    told = {number for each in SITUATIONS for number in (*each.invoices, each.payment)}
    told |= {number for number, _, _ in UNRECOGNISED}
    on_weekends = [each for each in documents if each.on.weekday() > 4 and not isinstance(each, PlannedNote)]
    assert {each.number for each in on_weekends} <= {*told, "INV-7020", "INV-7084", "PAY-7020", "PAY-7084"}
    assert all(earlier <= later for earlier, later in pairwise(dates))
    assert dates[0] >= TODAY - timedelta(days=735)
    assert dates[-1] == TODAY


def test_returned_payments_are_open_again() -> None:
    """What a payment that bounced lately had paid is open today; such returns are in every company."""
    for seed in range(5):
        ledger = replay_of("tiny", seed)
        late = [
            each
            for each in ledger.payments.values()
            if each.returned_on and (TODAY - each.returned_on).days <= 20
        ]
        assert late
        assert all(ledger.open[number] >= amount for payment in late for number, amount in payment.applied)


def test_what_was_meant_is_open() -> None:
    """What an unapplied payment was meant for exists and is still open, unless it is a duplicate."""
    ledger = replay_of("small", 4)
    unapplied = [
        each for number, each in ledger.payments.items() if number in ledger.unapplied and each.meant
    ]
    assert len(unapplied) > 100
    for payment in unapplied:
        for number, amount in payment.meant:
            left = ledger.unapplied[number] if number in ledger.credits else ledger.open[number]
            assert left >= amount or payment.case in ("duplicate", "story")


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_text_can_be_stored(size: str) -> None:
    """However hostile, no text holds NUL or half a character: those come from a ledger's faults, not from a plan."""
    plan = make_company(size, 1, TODAY)
    assert all(clean_line(party.name) for party in plan.parties)
    for document in plan.documents():
        clean(document.text)


def test_amounts_are_money() -> None:
    """Every amount is a whole number of minor units of a currency that has a rate, yen without decimals."""
    plan = make_company("small", 1, TODAY)
    documents = [each for each in plan.documents() if not isinstance(each, PlannedNote)]
    assert {each.currency for each in documents} == set(plan.rates) == {"EUR", "USD", "GBP", "CHF", "JPY"}
    assert all(type(each.amount) is int and Money(each.amount, each.currency).text for each in documents)


def test_families_have_heads() -> None:
    """A parent is a customer that came before its branches and has no parent itself."""
    parties = make_company("medium", 1, TODAY).parties
    seen: dict[str, PlannedParty] = {}
    for party in parties:
        assert party.parent is None or seen[party.parent].parent is None
        seen[party.code] = party
    assert len(seen) == len(parties)
    assert SUSPENSE in seen


def test_heads_pay_for_branches() -> None:
    """In a company with families, money of a head office is applied to invoices of its branches."""
    ledger = replay_of("small", 1)
    across = [
        payment
        for payment in ledger.payments.values()
        if any(ledger.invoices[number].party != payment.party for number, _ in payment.applied)
    ]
    assert len(across) >= 20


def test_large_is_told_day_by_day() -> None:
    """A million open items begin at once: the first thousand documents need no look at the rest."""
    plan = make_company("large", 1, TODAY)
    first = list(islice(plan.documents(), 1_000))
    assert len(plan.parties) == 50_000
    assert first == list(islice(plan.documents(), 1_000))
    assert first[0].on <= TODAY - timedelta(days=700)
    assert any(isinstance(each, PlannedPayment) for each in first)


def test_unknown_size() -> None:
    """A size that does not exist is refused with the ones that do."""
    with pytest.raises(Invalid, match="huge") as refusal:
        make_company("huge", 1, TODAY)
    assert "tiny, small, medium, large" in refusal.value.hint
