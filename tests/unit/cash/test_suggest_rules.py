"""The engine's rules: whatever the case, sums are right, nothing is paid beyond what is open, counts are true."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import chain, combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from arqueue.cash.advice import Advice, AdviceLine
from arqueue.cash.case import PaymentCase, Policy
from arqueue.cash.habit import Habit
from arqueue.cash.manners import Manners, Past, Shortfall
from arqueue.cash.suggest import suggest
from arqueue.cash.suggestion import DifferenceKind, Evidence, Suggestion
from arqueue.model.ledger import ItemKind, OpenItem
from arqueue.model.money import Money
from tests.unit.books import TODAY, open_item, party

TERMS = ("", "2/10 net 30", "3/10, 1/20 net 30", "net 30")


def never() -> bool:
    """All the time in the world."""
    return False


def shares() -> st.SearchStrategy[float]:
    """Of payments seen."""
    return st.sampled_from([0.0, 0.3, 1.0])


@st.composite
def debits(draw: st.DrawFn, key: str) -> OpenItem:
    """Few different amounts and dates, so that much is equal."""
    total = draw(st.integers(1, 14)) * draw(st.sampled_from([1, 50, 100]))
    on = TODAY - timedelta(days=draw(st.integers(0, 90)))
    currency = draw(st.sampled_from(["EUR"] * 9 + ["USD"]))
    each = open_item(
        key,
        Money(total, currency).text,
        currency,
        number=f"INV-{1000 + int(key)}",
        doc_date=on,
        due_date=draw(st.sampled_from([None, on, on + timedelta(days=30)])),
        party_id=draw(st.sampled_from(["party:1", "party:1", "party:2"])),
        purchase_order=draw(st.sampled_from(["", "", "PO-77001", "PO-77002"])),
        dispute=draw(st.sampled_from(["", "", "", "price"])),
    )
    return OpenItem(each.item, Money(draw(st.sampled_from([total, total, total // 2])), currency))


@st.composite
def advices(draw: st.DrawFn) -> Advice | None:
    """None; or lines that fit, and lines that do not."""
    amount = st.none() | st.integers(-500, 1500).map(lambda minor: Money(minor, "EUR"))
    lines = draw(
        st.lists(
            st.builds(
                AdviceLine,
                reference=st.integers(1000, 1012).map(lambda number: f"INV-{number}") | st.text(max_size=8),
                amount=amount,
                discount=st.none() | st.integers(0, 300).map(lambda minor: Money(minor, "EUR")),
                reason=st.sampled_from(["", "damaged"]),
            ),
            max_size=4,
        )
    )
    return draw(st.sampled_from([None, Advice(source="csv", lines=tuple(lines))]))


@st.composite
def manners(draw: st.DrawFn, amount: int) -> Manners:
    """Of a customer who was seen to do all sorts of things; now and then the same payment was made before."""
    seen = draw(st.sampled_from([0, 1, 12]))
    if not seen:
        return Manners()
    before = draw(st.sampled_from([amount, 77]))
    return Manners(
        seen=seen,
        over=draw(shares()),
        shortfalls=tuple(
            Shortfall("EUR", each, draw(st.booleans())) for each in draw(st.sets(st.sampled_from([20, 1500])))
        ),
        offered=seen,
        netted=draw(shares()),
        ahead=tuple(draw(st.lists(st.integers(-40, 40), max_size=seen))),
        passed=frozenset(draw(st.sets(st.sampled_from([f"item:d{number}" for number in range(4)])))),
        earlier=(Past("item:before", TODAY - timedelta(days=7), "EUR", before, {"item:old": before}),),
    )


@st.composite
def cases(draw: st.DrawFn) -> PaymentCase:
    """A payment and at most fourteen items."""
    open_debits = [draw(debits(str(at))) for at in range(draw(st.integers(0, 11)))]
    credits = [
        open_item(
            f"c{at}",
            f"-{draw(st.integers(1, 9))}.00",
            kind=draw(st.sampled_from([ItemKind.CREDIT, ItemKind.PAYMENT])),
        )
        for at in range(draw(st.integers(0, 3)))
    ]
    paid = draw(st.integers(1, 4000) | st.sampled_from([100, 500, 1000, 1500]))
    if open_debits:
        places = draw(st.sets(st.integers(0, len(open_debits) - 1)))
        some = sum(open_debits[place].open.minor for place in places)
        paid = max(1, some - draw(st.sampled_from([0, 0, 1, 20, 100]))) if places else paid
    text = " ".join(f"INV-{number}" for number in draw(st.lists(st.integers(1000, 1012), max_size=4)))
    return PaymentCase(
        payment=open_item("p", f"-{Money(paid, 'EUR').text}", number="PAY-1", text=text, doc_date=TODAY),
        today=TODAY,
        debits=open_debits,
        credits=credits,
        parties={key: party(key[-1], terms=draw(st.sampled_from(TERMS))) for key in ("party:1", "party:2")},
        habit=Habit(
            seen=draw(st.sampled_from([0, 3, 40])),
            oldest_first=draw(shares()),
            single=draw(shares()),
            manners=draw(manners(paid)),
        ),
        advice=draw(advices()),
        policy=Policy(
            tolerance={"EUR": Money(draw(st.sampled_from([0, 5, 200])), "EUR")},
            tolerance_percent=Decimal(draw(st.sampled_from([0, 1, 100]))),
            charges={"EUR": Money(draw(st.sampled_from([0, 50, 1500])), "EUR")},
        ),
    )


def applied(way: Suggestion) -> int:
    """The sum of the lines."""
    return sum(line.amount.minor for line in way.lines)


@given(cases())
def test_lines_and_what_is_left_are_the_payment(case: PaymentCase) -> None:
    """Always, and something is applied, unless the same was paid before."""
    again = any(each.amount == -case.payment.open.minor for each in case.habit.manners.earlier)
    for way in suggest(case, never).ways:
        assert applied(way) == way.applied.minor
        assert way.applied + way.left == -case.payment.open
        assert 0 <= way.left.minor < -case.payment.open.minor or (again and not way.lines)


@given(cases())
def test_no_line_takes_more_than_is_open(case: PaymentCase) -> None:
    """A debit's amount, discount and rest are what is open of it, or less; a credit is used up to what it is; each item once."""
    opened = {each.item.id: each.open for each in (*case.debits, *case.credits)}
    for way in suggest(case, never).ways:
        assert len({line.item for line in way.lines}) == len(way.lines)
        for line in way.lines:
            open_ = opened[line.item]
            assert line.discount.minor >= 0
            assert line.short.minor >= 0
            if open_.minor > 0:
                assert line.amount.minor > 0
                assert line.amount + line.discount + line.short <= open_
            else:
                assert open_.minor <= line.amount.minor < 0
                assert not line.discount
                assert not line.short


@given(cases())
def test_currencies_never_mix(case: PaymentCase) -> None:
    """Every amount is in the payment's currency; items in others are told, and are in no way."""
    found = suggest(case, never)
    currencies = {each.item.id: each.open.currency for each in (*case.debits, *case.credits)}
    for way in found.ways:
        assert {currencies[line.item] for line in way.lines} <= {"EUR"}
        assert {way.applied.currency, way.left.currency, way.difference.amount.currency} == {"EUR"}
    foreign = any(each.open.currency != "EUR" and each.open.minor for each in case.debits)
    assert foreign == any("another currency" in note for note in found.notes)


@given(cases())
def test_what_is_told_of_a_difference_is_true(case: PaymentCase) -> None:
    """Even is even to the cent; a discount is the lines' own; what is short or over is there."""
    opened = {each.item.id: each.open.minor for each in (*case.debits, *case.credits)}
    for way in suggest(case, never).ways:
        rest = sum(opened[line.item] - line.amount.minor - line.discount.minor for line in way.lines)
        discount = sum(line.discount.minor for line in way.lines)
        kind, amount = way.difference.kind, way.difference.amount.minor
        if kind is DifferenceKind.NONE:
            assert (rest, way.left.minor, discount, amount) == (0, 0, 0, 0)
        elif kind is DifferenceKind.DISCOUNT:
            assert (rest, discount) == (0, amount)
        elif kind is DifferenceKind.OVER:
            assert way.left.minor == amount > 0
        elif kind is DifferenceKind.SHORT:
            assert rest == amount > 0
        else:
            assert max(rest, way.left.minor) == amount > 0
        if way.difference.item:
            assert way.difference.item in {line.item for line in way.lines}


@given(cases())
def test_ways_are_distinct_and_nine_at_most(case: PaymentCase) -> None:
    """The same lines are not offered twice."""
    ways = suggest(case, never).ways
    assert len(ways) <= 9
    assert len({tuple((line.item, line.amount, line.discount) for line in way.lines) for way in ways}) == len(
        ways
    )
    assert all(way.why for way in ways)


@given(cases())
def test_what_is_sure_is_beyond_doubt(case: PaymentCase) -> None:
    """At most the first; to the cent, named, unique, complete, undisputed."""
    found = suggest(case, never)
    disputed = {each.item.id for each in case.debits if each.item.dispute}
    for at, way in enumerate(found.ways):
        if way.sure:
            assert at == 0
            assert found.complete
            assert way.unique
            assert way.kind in (Evidence.REFERENCE, Evidence.ADVICE)
            assert way.difference.kind is DifferenceKind.NONE
            assert disputed.isdisjoint(line.item for line in way.lines)


@given(cases())
def test_the_same_case_has_the_same_answer(case: PaymentCase) -> None:
    """Whatever order the items come in."""
    other = PaymentCase(
        **{
            name: getattr(case, name) for name in ("payment", "today", "parties", "habit", "advice", "policy")
        },
        debits=list(reversed(case.debits)),
        credits=list(reversed(case.credits)),
    )
    assert suggest(case, never) == suggest(case, never) == suggest(other, never)


@settings(max_examples=60)
@given(cases())
def test_even_answers_are_counted_as_trying_all_would(case: PaymentCase) -> None:
    """All subsets of the debits and credits in the payment's currency."""
    fitting = [
        each.open.minor
        for each in (*case.debits, *case.credits)
        if each.open.currency == "EUR" and each.open.minor
    ]
    subsets = chain.from_iterable(combinations(fitting, size) for size in range(1, len(fitting) + 1))
    count = sum(sum(some) == -case.payment.open.minor for some in subsets)
    found = suggest(case, never)
    for way in found.ways:
        if way.kind in (Evidence.EXACT, Evidence.EXCLUSION) and not way.difference.amount:
            assert (way.answers, way.counted) in {(count, True), (1, True)}
            if not found.ways[0].sure:
                assert (way.answers, way.counted) == (count, True)
    if count and not found.ways[0].sure:
        assert any(way.difference.kind is DifferenceKind.NONE for way in found.ways)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=200), st.integers(1, 60))
def test_no_text_is_too_hostile(text: str, times: int) -> None:
    """Whatever stands in it, and a megabyte of it."""
    items = [
        open_item(str(at), f"{at + 1}.{at:02}", number=f"INV-{1000 + at}", reference=text[:9])
        for at in range(20)
    ]
    payment = open_item("p", "-12.34", number="PAY", text=(text + " ") * times)
    assert suggest(PaymentCase(payment=payment, today=TODAY, debits=items), never).ways


def test_a_megabyte_and_ten_thousand_numbers_are_a_text() -> None:
    """Read as far as it is sensible, and said so."""
    items = [open_item(str(at), f"{at + 1}.00", number=f"INV-{1000 + at}") for at in range(50)]
    for text in (" ".join(str(number) for number in range(10_000)), "INV-1001 " * 120_000):
        payment = open_item("p", "-12.00", number="PAY", text=text)
        found = suggest(PaymentCase(payment=payment, today=TODAY, debits=items), never)
        assert found.ways
        assert any("longer than" in note for note in found.notes)


def test_amounts_at_the_end_of_what_there_is_are_searched() -> None:
    """Sums beyond what a store holds are no amount, and no error."""
    most = Money(2**63 - 1, "JPY").text
    items = [open_item(str(at), most, "JPY", number=f"INV-{at}") for at in range(6)]
    payment = open_item("p", f"-{most}", "JPY", number="PAY")
    (way, *_) = suggest(PaymentCase(payment=payment, today=TODAY, debits=items), never).ways
    assert (way.answers, way.difference.kind) == (6, DifferenceKind.NONE)
