"""A generated company looks like a real one: as large as ordered, paid as late, disputed as often, as odd."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import cache
from statistics import median

import pytest

from arqueue.cash.terms import parse_terms
from arqueue.model.text import is_suspicious
from data.demo.customers import SUSPENSE
from data.demo.settlement import RETURN_CODES
from tests.unit.demo.replay import TODAY, Ledger, replay_of

SEEDS = (11, 12, 13)


@cache
def _small(seed: int) -> Ledger:
    return replay_of("small", seed)


@cache
def _medium() -> Ledger:
    return replay_of("medium", 11)


@cache
def _unapplied_cases() -> Counter[str]:
    """How often each word of a case comes among unapplied payments, over all seeds."""
    words: Counter[str] = Counter()
    for ledger in map(_small, SEEDS):
        for number in ledger.unapplied:
            payment = ledger.payments.get(number)
            words.update(payment.case.split(", ") if payment else ())
    return words


@pytest.mark.parametrize("seed", SEEDS)
def test_small_is_as_large_as_ordered(seed: int) -> None:
    """300 customers and 3,000 open items, within 5 %."""
    ledger = _small(seed)
    assert len(ledger.parties) == 300
    assert ledger.open_items == pytest.approx(3_000, rel=0.05)


@pytest.mark.parametrize("seed", SEEDS)
def test_tiny_is_as_large_as_ordered(seed: int) -> None:
    """40 customers and 250 invoices, most of them paid."""
    ledger = replay_of("tiny", seed)
    assert len(ledger.parties) == 40
    assert len(ledger.invoices) == 250
    assert len(ledger.closed_invoices) > len(ledger.open_invoices)


def test_medium_is_as_large_as_ordered() -> None:
    """5,000 customers and 60,000 open items, within 5 %."""
    ledger = _medium()
    assert len(ledger.parties) == 5_000
    assert ledger.open_items == pytest.approx(60_000, rel=0.05)
    assert ledger.refused == []


def test_history_is_mostly_closed() -> None:
    """Over two years more invoices were closed than are open."""
    for ledger in map(_small, SEEDS):
        assert len(ledger.closed_invoices) > 1.5 * len(ledger.open_invoices)


def test_paid_late() -> None:
    """About 36 in 100 invoices were closed after they were due, hardly any of them three months."""
    days = [
        (ledger.settled_on[each.number] - max([each.due, *(due for due, _ in each.instalments)])).days
        for ledger in map(_small, SEEDS)
        for each in ledger.closed_invoices
    ]
    assert sum(late > 0 for late in days) / len(days) == pytest.approx(0.36, abs=0.05)
    assert sum(late > 90 for late in days) / len(days) < 0.01


def test_disputed_at_some_time() -> None:
    """About 23 in 100 closed invoices were disputed once; 2 to 5 in 100 open items are now, for every reason."""
    reasons: Counter[str] = Counter()
    for ledger in map(_small, SEEDS):
        noted = {note.target for note in ledger.notes if note.text.startswith("Dispute")}
        closed = ledger.closed_invoices
        assert sum(each.number in noted for each in closed) / len(closed) == pytest.approx(0.23, abs=0.03)
        disputed = [each.dispute for each in ledger.open_invoices if each.dispute]
        assert 0.02 <= len(disputed) / ledger.open_items <= 0.05
        reasons.update(disputed)
    assert set(reasons) == {"price", "quantity", "damage", "proof of delivery", "duplicate", "tax", "freight"}


def test_ageing_has_a_body_and_a_tail() -> None:
    """Half is not due yet, each bucket behind it holds less, and there is something beyond 90 days."""
    shares: Counter[str] = Counter()
    for ledger in map(_small, SEEDS):
        for invoice in ledger.open_invoices:
            for due in ledger.due_dates(invoice):
                days = (TODAY - due).days
                shares["current" if days <= 0 else str(min(days - 1, 90) // 30)] += 1
    total = shares.total()
    assert shares["current"] / total == pytest.approx(0.5, abs=0.06)
    assert shares["0"] > shares["1"] > shares["2"] > 0
    assert 0.04 <= shares["3"] / total <= 0.14


def test_few_customers_are_most_of_it() -> None:
    """The largest tenth of customers holds between a quarter and three quarters of the open invoices."""
    for ledger in map(_small, SEEDS):
        counts = sorted(Counter(each.party for each in ledger.open_invoices).values(), reverse=True)
        assert 0.25 < sum(counts[:30]) / sum(counts) < 0.75
        amounts = [each.amount for each in ledger.invoices.values() if each.currency == "EUR"]
        assert sum(amounts) / len(amounts) > 1.4 * median(amounts)


def test_every_kind_of_remittance() -> None:
    """Good and bad texts, and every way in which an amount does not fit, occur among unapplied payments."""
    styles = (
        "clean list", "led list", "prefix dropped", "zeros lost", "range", "slips", "order only", "thanks", "nothing",
        "statement", "with amounts", "wrong number", "two customers",
    )  # fmt: skip
    amounts = (
        "exact", "discount", "bank charges", "short freight", "short damage", "short price", "short duplicate", "over",
        "on account", "rounded", "oldest first", "net of credits", "other currency", "unknown payer", "duplicate", "overpaid",
        "late", "without terms",
    )  # fmt: skip
    assert [word for word in (*styles, *amounts) if not _unapplied_cases()[word]] == []
    assert 0.35 < _unapplied_cases()["exact"] / sum(_unapplied_cases()[word] for word in styles) < 0.65


def test_all_habits_and_terms() -> None:
    """Customers differ in habits, terms and currencies; a few are on hold, most have a credit limit, some exceed it."""
    for ledger in map(_small, SEEDS):
        parties = [party for party in ledger.parties.values() if party.code != SUSPENSE]
        assert len({party.habit for party in parties}) == 10
        assert {party.terms_days for party in parties} == {14, 30, 45, 60}
        assert 1 <= sum(party.on_hold for party in parties) <= 20
        limited = [party for party in parties if party.credit_limit is not None]
        assert 0.85 < len(limited) / len(parties) < 1.0
        balances = ledger.balances()
        over = sum(balances[party.code] > (party.credit_limit or 0) for party in limited)
        assert 0.02 < over / len(limited) < 0.25


def test_credits_open_and_aged() -> None:
    """There are credit notes that nobody used, some for more than 30 days, and customers that we owe money."""
    for ledger in map(_small, SEEDS):
        idle = [ledger.credits[number] for number in ledger.unapplied if number in ledger.credits]
        assert sum((TODAY - credit.on).days > 30 for credit in idle) >= 10
        assert sum(balance < 0 for balance in ledger.balances().values()) >= 3
        assert sum(bool(credit.applied) for credit in ledger.credits.values()) >= 100


def test_partial_payments_discounts_and_instalments() -> None:
    """Open invoices that were paid in part, discounts granted, and invoices that fall due in instalments."""
    for ledger in map(_small, SEEDS):
        partly = [each for each in ledger.open_invoices if 0 < ledger.open[each.number] < each.amount]
        assert 0.04 < len(partly) / len(ledger.open_invoices) < 0.2
        assert sum(bool(payment.discounts) for payment in ledger.payments.values()) >= 50
        assert sum(bool(each.instalments) for each in ledger.open_invoices) >= 5
        assert sum(bool(each.instalments) for each in ledger.closed_invoices) >= 5


def test_discounts_are_what_the_terms_say() -> None:
    """Of what a payment settles they are the percentage of its customer's terms; most are taken in time, some later."""
    earned = late = 0
    for ledger in map(_small, SEEDS):
        for payment in ledger.payments.values():
            for number, off in payment.discounts:
                invoice = ledger.invoices[number]
                terms = ledger.parties[invoice.party].discount
                assert terms is not None
                points, within = terms
                assert off == (((dict(payment.applied)[number] + off) * points + 5_000) // 10_000)
                earned += (payment.on - invoice.on).days <= within
                late += (payment.on - invoice.on).days > within
    assert earned > late > earned / 10


def test_terms_in_the_notation_of_the_field() -> None:
    """Whoever takes discounts is offered one, some others too; the text is read as what it says."""
    for ledger in map(_small, SEEDS):
        offered = [party for party in ledger.parties.values() if party.discount]
        assert all(party.discount for party in ledger.parties.values() if party.habit.startswith("discount"))
        assert any(not party.habit.startswith("discount") for party in offered)
        assert {"2/10 net 30", "3/10 net 30", "1.5/14 net 45"} <= {party.terms for party in offered}
        for party in offered:
            read = parse_terms(party.terms)
            assert read is not None
            assert [(step.rate // 100, step.days) for step in read.steps] == [party.discount]
        assert all(
            parse_terms(party.terms) is None for party in ledger.parties.values() if not party.discount
        )


def test_returns() -> None:
    """Payments bounced with the codes of the field, most of them in the last three weeks."""
    codes: Counter[str] = Counter()
    for ledger in map(_small, SEEDS):
        back = [each.returned_on for each in ledger.payments.values() if each.returned_on]
        assert sum((TODAY - on).days <= 21 for on in back) > len(back) / 2
        codes.update(each.return_code for each in ledger.payments.values() if each.returned_on)
    assert set(codes) == set(RETURN_CODES)


def test_hostile_names_and_memos() -> None:
    """About one in a hundred names and remittance texts attacks; most foreign names do not and must not be suspected."""
    for ledger in map(_small, SEEDS):
        names = [party.name for party in ledger.parties.values()]
        assert 2 <= sum(map(_attacks, names)) <= 9
        texts = [payment.text for payment in ledger.payments.values()]
        assert 0.005 < sum(map(_attacks, texts)) / len(texts) < 0.02


def test_names_in_many_scripts() -> None:
    """Latin, Greek, Cyrillic, Arabic, Hebrew, Han and Hangul names are there, and are legitimate."""
    ledger = _medium()
    scripts: Counter[str] = Counter()
    for party in ledger.parties.values():
        if not _attacks(party.name):
            assert not is_suspicious(party.name)
            letter = next(char for char in party.name if char.isalpha())
            scripts[unicodedata.name(letter).split()[0]] += 1
    assert {"LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW", "CJK", "HANGUL"} <= set(scripts)


def _attacks(text: str) -> bool:
    if is_suspicious(text) or len(text) > 4_000 or text.startswith("WWWW") or "非常" in text:
        return True
    traces = (
        "[", "]", "=1+1", "=cmd", "=HYP", "--", "<", "${", "\r", "\t", "@SUM", "+cmd", "-2+", "../", "Ã", "💶", "💸", "Su\u0440",
    )  # fmt: skip
    return any(trace in text for trace in traces)
