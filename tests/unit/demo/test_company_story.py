"""The ten situations that the README names are there in every company, and are what they are said to be."""

from __future__ import annotations

from itertools import combinations

import pytest

from arqueue.model.text import is_suspicious
from data.demo import story
from tests.unit.demo.replay import TODAY, Ledger, replay_of


@pytest.fixture(scope="module", params=["tiny", "small"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """A company with the story in it."""
    return replay_of(str(request.param), 1)


def test_everything_named_exists(ledger: Ledger) -> None:
    """Ten situations with customers, invoices and payments that are in the books under these very numbers."""
    assert len(story.SITUATIONS) == 10
    for situation in story.SITUATIONS:
        assert situation.party in ledger.parties
        assert all(number in ledger.invoices for number in situation.invoices)
        assert not situation.payment or situation.payment in ledger.payments
        assert all(ledger.open[number] >= amount for number, amount in situation.answer)


def test_two_named(ledger: Ledger) -> None:
    """The text names two of five open invoices, and these are the only ones that add up to the payment."""
    situation = story.TWO_NAMED
    payment = ledger.payments[situation.payment]
    left = {number: ledger.open[number] for number in situation.invoices}
    sums = [
        set(some)
        for size in range(1, 6)
        for some in combinations(left, size)
        if sum(left[each] for each in some) == payment.amount
    ]
    assert sums == [{number for number, _ in situation.answer}]
    assert all((number in payment.text) == (number in sums[0]) for number in left)
    assert ledger.unapplied[payment.number] == payment.amount


def test_exact_amount(ledger: Ledger) -> None:
    """The amount is that of one open invoice, and the text says nothing."""
    payment = ledger.payments[story.EXACT_AMOUNT.payment]
    same = [number for number in story.EXACT_AMOUNT.invoices if ledger.open[number] == payment.amount]
    assert [(same[0], payment.amount)] == list(story.EXACT_AMOUNT.answer)
    assert len(same) == 1
    assert payment.text == "merci"


def test_oldest_first(ledger: Ledger) -> None:
    """The payment covers the two oldest invoices and a part of the third, to the cent."""
    payment = ledger.payments[story.OLDEST_FIRST.payment]
    room, answer = payment.amount, []
    for number in sorted(story.OLDEST_FIRST.invoices, key=lambda each: ledger.invoices[each].due):
        part = min(room, ledger.open[number])
        room -= part
        answer += [(number, part)] if part else []
    assert tuple(answer) == story.OLDEST_FIRST.answer
    assert 0 < answer[-1][1] < ledger.open[answer[-1][0]]


def test_small_difference(ledger: Ledger) -> None:
    """0.37 is left of an invoice that was paid."""
    assert [ledger.open[number] for number in story.SMALL_DIFFERENCE.invoices] == [37]


def test_disputed_freight(ledger: Ledger) -> None:
    """What is left of the disputed invoice is the freight that its text names."""
    invoice = ledger.invoices[story.DISPUTED_FREIGHT.invoices[0]]
    assert invoice.dispute == "freight"
    assert ledger.open[invoice.number] == 18_600
    assert "186.00" in invoice.text


def test_overdue_90(ledger: Ledger) -> None:
    """Nothing was paid; the oldest invoice is more than 90 days overdue, and the balance is over the limit."""
    invoices = [ledger.invoices[number] for number in story.OVERDUE_90.invoices]
    limit = ledger.parties[story.OVERDUE_90.party].credit_limit
    assert max((TODAY - each.due).days for each in invoices) == 97
    assert all(ledger.open[each.number] == each.amount for each in invoices)
    assert limit is not None
    assert sum(each.amount for each in invoices) > limit


def test_bounced(ledger: Ledger) -> None:
    """The payment came back two days ago, and all that it had paid is open again."""
    payment = ledger.payments[story.BOUNCED.payment]
    assert payment.returned_on is not None
    assert (TODAY - payment.returned_on).days == 2
    assert payment.return_code == "R01"
    assert {number for number, _ in payment.applied} == set(story.BOUNCED.invoices)
    assert all(ledger.open[number] == ledger.invoices[number].amount for number in story.BOUNCED.invoices)


def test_overpaid(ledger: Ledger) -> None:
    """5,000 yen of the payment are unapplied; the invoice that it named is closed."""
    assert ledger.unapplied[story.OVERPAID.payment] == 5_000
    assert ledger.payments[story.OVERPAID.payment].currency == "JPY"
    assert ledger.open[story.OVERPAID.invoices[0]] == 0


def test_parent_pays(ledger: Ledger) -> None:
    """The head office's payment is the sum of two invoices of its branch, which its text names."""
    payment = ledger.payments[story.PARENT_PAYS.payment]
    assert ledger.parties[story.CHILD].parent == payment.party == story.PARENT_PAYS.party
    assert sum(amount for _, amount in story.PARENT_PAYS.answer) == payment.amount
    for number, _ in story.PARENT_PAYS.answer:
        assert ledger.invoices[number].party == story.CHILD
        assert number in payment.text


def test_hostile(ledger: Ledger) -> None:
    """Name and text hold what a terminal must never be sent, and a real number among it."""
    payment = ledger.payments[story.HOSTILE.payment]
    assert is_suspicious(ledger.parties[story.HOSTILE.party].name)
    assert is_suspicious(payment.text)
    assert story.HOSTILE.invoices[0] in payment.text
