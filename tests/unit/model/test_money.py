"""An amount has one spelling, one currency, and loses nothing on any way in or out."""

from __future__ import annotations

import pickle
from decimal import Decimal, localcontext
from operator import add, ge, gt, le, lt, sub

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arqueue.errors import Invalid
from arqueue.model.currency import EXPONENTS, UnknownCurrency, exponent
from arqueue.model.money import LIMIT, CurrencyMismatch, Money

MINORS = st.integers(1 - LIMIT, LIMIT - 1)
SMALL = st.integers(-(10**15), 10**15)
CURRENCIES = st.sampled_from(sorted(EXPONENTS))
MONEYS = st.builds(Money, MINORS, CURRENCIES)

BAD_SPELLINGS = [
    "", " ", "-", "+", ".", "-.", "1.", ".5", "-.5", "1..5", "1.2.3",
    "1_000", "1,000", "1,000.00", "1.000,00", "1 000", "1'000", "1\u00a0000", "1\u202f000",
    "1e3", "1E+30", "1e-2", "0x10", "0b1", "1/2",
    "+1", "--1", "- 1", "1-", "(1)", "\u22121", "\u20131",
    "-0", "-0.0", "-0.00", "00", "01", "007.50", "-01",
    " 1", "1 ", "1\n", "\n1", "\t1", "1\r", "1\0",
    "1.005", "1250.000", "0.001",
    "\u0661\u0662", "\uff11", "1\u0665", "\u00b2", "\u2155", "\u096a\u0968", "1.\u0665",
    "nan", "NaN", "inf", "-Infinity", "None", "true", "USD 5", "$5", "5 USD", "1\u200b0", "\ufeff1",
    "1" * 21, "9" * 5000, "0." + "0" * 5000,
]  # fmt: skip


@given(MONEYS)
def test_text_reads_back(amount: Money) -> None:
    """What an amount prints, the parser reads as the same amount."""
    assert Money.parse(amount.text, amount.currency) == amount
    assert str(amount) == amount.text


@given(MONEYS)
def test_decimal_reads_back(amount: Money) -> None:
    """The Decimal of an amount is exact, however the program has set decimal arithmetic."""
    with localcontext(prec=3):
        assert Money.from_decimal(amount.decimal, amount.currency) == amount
    assert int(amount.decimal * 10 ** exponent(amount.currency)) == amount.minor


@pytest.mark.parametrize(
    "text, currency, minor",
    [
        ("1250", "USD", 125000),
        ("1250.5", "USD", 125050),
        ("1250.00", "USD", 125000),
        ("-3.10", "EUR", -310),
        ("0", "EUR", 0),
        ("0.00", "EUR", 0),
        ("0.01", "USD", 1),
        ("-0.01", "USD", -1),
        ("1250", "JPY", 1250),
        ("1.005", "KWD", 1005),
        ("0.0001", "CLF", 1),
        ("92233720368547758.07", "USD", 2**63 - 1),
        ("-92233720368547758.07", "USD", 1 - 2**63),
    ],
)
def test_plain_spellings_are_read(text: str, currency: str, minor: int) -> None:
    """Plain decimal strings are read to the cent, as far as 2^63."""
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize("text", BAD_SPELLINGS, ids=range(len(BAD_SPELLINGS)))
def test_bad_spelling_is_refused(text: str) -> None:
    """A spelling that somebody could read in another way is refused, with a hint that shows a good one."""
    with pytest.raises(Invalid) as refused:
        Money.parse(text, "USD")
    assert "1250.00" in refused.value.hint
    assert refused.value.message.isascii()
    assert len(refused.value.message) < 120


def test_bad_spellings_are_many() -> None:
    """The list of bad spellings stays as long as was promised."""
    assert len(set(BAD_SPELLINGS)) >= 40


@given(st.text(max_size=12), CURRENCIES)
def test_parser_takes_its_own_spelling_or_nothing(text: str, currency: str) -> None:
    """Whatever text is given, it is refused or it is the amount's spelling but for trailing decimals."""
    try:
        amount = Money.parse(text, currency)
    except Invalid:
        return
    assert text.isascii()
    assert amount.text.startswith(text)


@pytest.mark.parametrize("value", [12, 12.5, None, b"12", Decimal(12), True], ids=repr)
def test_parser_takes_text_only(value: object) -> None:
    """A number that is no text is refused: a float has lost its cents before it gets here."""
    with pytest.raises(Invalid):
        Money.parse(value, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["0.5", "1.0", "100.00"])
def test_yen_have_no_decimals(text: str) -> None:
    """Decimals that a currency does not have are refused, even when they are zeros."""
    with pytest.raises(Invalid, match="0 decimals"):
        Money.parse(text, "JPY")


@pytest.mark.parametrize("text", ["92233720368547758.08", "-92233720368547758.08", "99999999999999999999"])
def test_amount_beyond_the_store_is_refused(text: str) -> None:
    """An amount that an SQLite integer cannot hold, with either sign, never comes to be."""
    with pytest.raises(Invalid):
        Money.parse(text, "USD")


@pytest.mark.parametrize("minor", [2**63, -(2**63), True, 1.0, "1", Decimal(1), None], ids=repr)
def test_minor_units_are_an_integer_in_bounds(minor: object) -> None:
    """Minor units are an int, not a bool, a float or a text that looks like one."""
    with pytest.raises(Invalid):
        Money(minor, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "code", ["", "usd", "US", "USDX", "XXX", "XAU", "\uff35SD", "€", " USD", None, 840, ["USD"]]
)
def test_unknown_currency_is_refused(code: object) -> None:
    """A code that ISO 4217 does not have for an invoice is an error of its own, in every way in."""
    for make in (
        Money.zero,
        lambda code: Money.parse("1", code),
        lambda code: Money.from_decimal(Decimal(1), code),
    ):
        with pytest.raises(UnknownCurrency):
            make(code)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "code, digits", [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ISK", 0), ("BGN", 2)]
)
def test_minor_unit_of_a_currency(code: str, digits: int) -> None:
    """The exponent is that of ISO 4217."""
    assert exponent(code) == digits


def test_currency_table_is_whole() -> None:
    """Codes are three capital letters, none is listed twice, and as many as ISO has are there."""
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in EXPONENTS)
    assert 160 <= len(EXPONENTS) <= 180


@pytest.mark.parametrize(
    "value", ["1.005", "0.001", "1E-999999", "1E+999999", "NaN", "sNaN", "Infinity", "-Infinity", "1E+18"]
)
def test_decimal_that_is_not_exact_is_refused(value: str) -> None:
    """A ledger's Decimal that is not a whole number of cents is an error, never rounded."""
    with pytest.raises(Invalid):
        Money.from_decimal(Decimal(value), "USD")


@pytest.mark.parametrize("value", [1.5, 1, "1"], ids=repr)
def test_from_decimal_takes_decimals_only(value: object) -> None:
    """A float is refused even when it happens to be exact."""
    with pytest.raises(Invalid):
        Money.from_decimal(value, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value, minor", [("100.0000", 10000), ("1E+2", 10000), ("-0.00", 0), ("-1.10", -110)]
)
def test_exact_decimal_is_taken(value: str, minor: int) -> None:
    """How a Decimal is written down does not matter as long as its value is exact."""
    assert Money.from_decimal(Decimal(value), "USD") == Money(minor, "USD")


@given(SMALL, SMALL, SMALL, CURRENCIES)
def test_sums_do_not_depend_on_order(one: int, two: int, three: int, currency: str) -> None:
    """Addition is associative and commutative, zero changes nothing, and subtraction undoes it."""
    a, b, c = (Money(minor, currency) for minor in (one, two, three))
    assert (a + b) + c == a + (b + c) == Money.total([c, a, b], currency)
    assert a + b == b + a
    assert a + Money.zero(currency) == a
    assert a + b - b == a


@given(MONEYS)
def test_signs(amount: Money) -> None:
    """Turning the sign twice changes nothing, and an absolute amount is never negative."""
    opposite = -amount
    assert -opposite == amount
    assert amount + opposite == Money.zero(amount.currency)
    assert abs(amount) == max(amount, opposite)
    assert bool(amount) == (amount.minor != 0)


@given(MINORS, MINORS, CURRENCIES)
def test_order_is_that_of_minor_units(one: int, two: int, currency: str) -> None:
    """Amounts of one currency compare as their minor units do."""
    for compare in (lt, le, gt, ge):
        assert compare(Money(one, currency), Money(two, currency)) == compare(one, two)


@given(MONEYS, MONEYS)
def test_currencies_never_mix(one: Money, other: Money) -> None:
    """No sum and no comparison takes two currencies, not even of nothing; they are just not equal."""
    assume(one.currency != other.currency)
    for operate in (add, sub, lt, le, gt, ge):
        with pytest.raises(CurrencyMismatch):
            operate(one, other)
        with pytest.raises(CurrencyMismatch):
            operate(one, Money.zero(other.currency))
    with pytest.raises(CurrencyMismatch):
        Money.total([one, other], one.currency)
    assert one != other


@pytest.mark.parametrize("other", [1, 1.0, Decimal(1), "1", None], ids=repr)
def test_money_does_not_add_to_numbers(other: object) -> None:
    """A bare number has no currency and does not add to an amount."""
    with pytest.raises(TypeError):
        Money(1, "USD") + other  # type: ignore[operator]


def test_sum_beyond_the_bounds_is_refused() -> None:
    """A sum that the store could not hold is an error where it is made, not where it is stored."""
    with pytest.raises(Invalid):
        Money(LIMIT - 1, "USD") + Money(1, "USD")


def test_money_is_a_value() -> None:
    """Equal amounts are one key in a dictionary, survive pickling and cannot be changed."""
    amount = Money(125000, "USD")
    assert {amount: "first"}[Money.parse("1250", "USD")] == "first"
    assert pickle.loads(pickle.dumps(amount)) == amount
    with pytest.raises(AttributeError):
        amount.minor = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "amount, locale, shown",
    [
        (Money(125000, "USD"), "en", "$1,250.00"),
        (Money(-310, "EUR"), "en", "-€3.10"),
        (Money(125000, "EUR"), "de", "1.250,00 €"),
        (Money(125000, "EUR"), "fr", "1 250,00 €"),
        (Money(1250, "JPY"), "en", "¥1,250"),
        (Money(1250, "JPY"), "de", "1.250 ¥"),
        (Money(1, "KWD"), "en", "KWD 0.001"),
        (Money(150, "HUF"), "en", "HUF 1.50"),
        (Money(2**63 - 1, "USD"), "en", "$92,233,720,368,547,758.07"),
    ],
)
def test_display_follows_the_locale(amount: Money, locale: str, shown: str) -> None:
    """People see their own separators and the currency's own decimals, with plain spaces."""
    assert amount.display(locale) == shown


@pytest.mark.parametrize(
    "locale", ["en", "de", "fr", "he", "ar", "fa", "ja", "hi", "de_CH", "sv", "en_IN", "ur"]
)
def test_display_is_printable_everywhere(locale: str) -> None:
    """No locale's direction marks or special blanks reach the terminal."""
    for minor in (-123456789, 0, 5):
        assert Money(minor, "EUR").display(locale).isprintable()


@pytest.mark.parametrize("locale", ["", "xx_YY", "no such", "../etc"])
def test_unknown_locale_is_refused(locale: str) -> None:
    """A locale that nobody knows is an error with a remedy."""
    with pytest.raises(Invalid, match="locale"):
        Money(1, "USD").display(locale)


@pytest.mark.parametrize(
    "minor, currency, shown",
    [
        (125000, "EUR", "1,250.00"),
        (-1234567, "USD", "-12,345.67"),
        (99, "EUR", "0.99"),
        (1250, "JPY", "1,250"),
    ],
)
def test_words_for_people_have_their_thousands_apart(minor: int, currency: str, shown: str) -> None:
    """With a comma asked for; else an amount in a text is as it travels."""
    amount = Money(minor, currency)
    assert f"{amount:,}" == shown
    assert f"{amount}" == amount.text
