"""The filter line: what it reads, how it is spelled, and what it says to a mistake."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.model.work import WorkKind
from arqueue.work.filter import LENGTH_CAP, Condition, Filter, FilterInvalid, Op, Word, parse, strangers


def test_the_line_of_the_guide() -> None:
    """Every kind of term, in one line."""
    line = (
        "kind:dispute amount>5000 age>60 owner:me party:acme currency:EUR due<2026-10-01 -tag:agency overpaid"
    )
    assert parse(line).terms == (
        Condition("kind", Op.IS, ("dispute",)),
        Condition("amount", Op.MORE, (Decimal(5000),)),
        Condition("age", Op.MORE, (60,)),
        Condition("owner", Op.IS, ("me",)),
        Condition("party", Op.IS, ("acme",)),
        Condition("currency", Op.IS, ("EUR",)),
        Condition("due", Op.LESS, (date(2026, 10, 1),)),
        Condition("tag", Op.IS, ("agency",), negated=True),
        Word("overpaid"),
    )
    assert str(parse(line)) == line


@pytest.mark.parametrize(
    "text, spelled",
    [
        ("", ""),
        ("  acme   corp ", "acme corp"),
        ("mine", "owner:me"),
        ("-mine", "-owner:me"),
        ('"mine"', '"mine"'),
        ('"acme corp" -"two words"', '"acme corp" -"two words"'),
        ("kind=dispute,overdue", "kind:dispute,overdue"),
        ("KIND:Unapplied", "kind:payment"),
        ("amount:50.50..100", "amount:50.5..100"),
        ("amount>=1000.00", "amount>=1000"),
        ("age<=0030", "age<=30"),
        ("due:2026-01-01..2026-06-30", "due:2026-01-01..2026-06-30"),
        ("due:none", "due:none"),
        ("owner:none,anna", "owner:none,anna"),
        ('party:"a, b",c', 'party:"a, b",c'),
        ("cur:eur", "currency:EUR"),
        ('"RE:123"', '"RE:123"'),
        ("-", '"-"'),
        ('"say \\"hi\\""', '"say \\"hi\\""'),
        ("acme acme", "acme"),
        ('tag:"none"', 'tag:"none"'),
    ],
)
def test_it_is_spelled_in_one_way(text: str, spelled: str) -> None:
    """However it was typed."""
    assert str(parse(text)) == spelled
    assert parse(spelled) == parse(text)


@pytest.mark.parametrize(
    "text, offset, words, hint",
    [
        ("acme kidn:dispute", 5, 'nothing called "kidn"', "kind: is one"),
        ("kind:dispote", 5, '"dispote" is no kind', "overdue"),
        ("amount>1,000", 7, "takes one value", "amount:a,b"),
        ("amount>1000EUR", 7, '"1000EUR" is no amount', "5000.50"),
        ("x amount>", 9, "amount needs a value", "size"),
        ("age>sixty", 4, "is no age", "such as 60"),
        ("age:-99999999", 4, "is no age", "such as 60"),
        ("due<2026-13-01", 4, "is no due", "2026-10-01"),
        ("due<tomorrow", 4, "is no due", "2026-10-01"),
        ("due<none", 4, "is no due", "2026-10-01"),
        ("currency:EURO", 9, "is no currency", "ISO 4217"),
        ("party>acme", 5, "party has no order", "party:value"),
        ('x "acme', 2, "is not closed", 'end it with "'),
        ('""', 0, "nothing stands between", "write a word"),
        ("kind:dispute,", 13, "kind needs a value", "kind of work"),
        ("owner:Ünal", 6, "is no owner", "id"),
        ("x amount:5..1", 9, "5..1 is upside down", "write amount:1..5"),
        ("due:2026-06-30..2026-01-01", 4, "is upside down", "write due:2026-01-01..2026-06-30"),
        ("a\0b", 1, "NUL", "anew"),
        ("a\ud800", 1, "half a character", "anew"),
        ("x" * 10_000, LENGTH_CAP, "10,000 characters", "shorten it"),
        (" ".join(f"w{n}" for n in range(40)), 0, "40 terms", "leave some out"),
        ("kind:" + ",".join(["overdue"] * 21), 0, "21 values", "leave some out"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_remedy(text: str, offset: int, words: str, hint: str) -> None:
    """So that the line can point at it."""
    with pytest.raises(FilterInvalid) as caught:
        parse(text)
    assert caught.value.offset == offset
    assert words in caught.value.message
    assert hint in caught.value.hint


def _text(**kwargs: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, **kwargs)


def _tests(key: str, values: st.SearchStrategy[object], *, ordered: bool) -> st.SearchStrategy[Condition]:
    many = st.builds(
        lambda found, negated: Condition(key, Op.IS, tuple(found), negated),
        st.lists(values, min_size=1, max_size=3, unique=True),
        st.booleans(),
    )
    if not ordered:
        return many
    one = st.builds(
        lambda op, value, negated: Condition(key, op, (value,), negated),
        st.sampled_from([Op.LESS, Op.MORE, Op.AT_MOST, Op.AT_LEAST]),
        values,
        st.booleans(),
    )
    ends = st.tuples(values, values).map(lambda pair: tuple(sorted(pair)))  # type: ignore[type-var]
    between = st.builds(lambda pair, negated: Condition(key, Op.RANGE, pair, negated), ends, st.booleans())
    return st.one_of(many, one, between)


AMOUNTS = st.decimals(0, 999_999, places=2, allow_nan=False, allow_infinity=False).map(
    lambda amount: amount.quantize(Decimal(1)) if amount == amount.to_integral() else amount.normalize()
)
TERMS = st.one_of(
    st.builds(Word, _text(max_size=8), st.booleans()),
    _tests("kind", st.sampled_from([kind.value for kind in WorkKind]), ordered=False),
    _tests("amount", AMOUNTS, ordered=True),
    _tests("age", st.integers(-99_999, 99_999), ordered=True),
    _tests("due", st.dates(date(1970, 1, 1), date(2199, 12, 31)), ordered=True),
    _tests("tag", st.one_of(st.none(), _text(max_size=8)), ordered=False),
    _tests("party", _text(max_size=8), ordered=False),
    _tests("owner", st.sampled_from(["me", "anna", None, "li.wei"]), ordered=False),
    _tests("currency", st.sampled_from(["EUR", "JPY", "KWD"]), ordered=False),
)


@given(st.lists(TERMS, max_size=5, unique=True).map(lambda terms: Filter(tuple(terms))))
def test_what_is_spelled_is_read_back(filter_: Filter) -> None:
    """Any filter at all, with any text in it."""
    spelled = str(filter_)
    if len(spelled) <= LENGTH_CAP:
        assert parse(spelled) == filter_


@given(st.one_of(st.text(max_size=80), st.text('kindamoutewrg:<>=.,-"\\ 0125', max_size=40)))
def test_any_line_is_read_or_refused_in_words(text: str) -> None:
    """Nothing that is typed breaks it, and what is read has one spelling."""
    try:
        found = parse(text)
    except FilterInvalid as error:
        said = (error.message, error.hint, error.offset)
    else:
        assert parse(str(found)) == found
        return
    assert all(said[:2])
    assert 0 <= said[2] <= len(text)


def test_owners_whom_nobody_knows_are_found() -> None:
    """Oneself and nobody are no strangers."""
    found = parse("acme owner:me,none,kim,zzz -owner:old party:zzz")
    assert strangers(found, ["kim", "lee"]) == ["zzz", "old"]


def test_a_filter_can_be_widened_term_by_term() -> None:
    """What a list without rows offers."""
    found = parse("acme kind:dispute")
    assert str(found.without(found.terms[0])) == "kind:dispute"


@pytest.mark.parametrize(
    "typed_on, before, surely",
    [
        ("acme 4711", "acme 471", True),
        ("acme kind:dispute", "acme", True),
        ("ACME", "acme", False),
        ("acm", "ac", False),
        ("-acmes", "-acme", False),
        ("amount>6000", "amount>5000", False),
        ("acme", "acme kind:dispute", False),
        ("acme", "", True),
    ],
)
def test_what_is_typed_on_narrows(typed_on: str, before: str, surely: bool) -> None:
    """Only where no row can come in: a word that got longer, or one test more."""
    assert parse(typed_on).narrows(parse(before)) is surely
