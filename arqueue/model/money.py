"""Amounts that cannot lose a cent: a whole number of minor units and the currency they are in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Self

from arqueue.errors import ArqueueError, Invalid
from arqueue.model.currency import exponent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from babel.numbers import NumberPattern

LIMIT: Final = 2**63
"""Amounts lie strictly between -LIMIT and LIMIT minor units: what an SQLite INTEGER holds either way round."""

# ASCII digits only, no leading zeros: one value, one spelling. A long run of digits is refused before int() sees it.
_SPELLING: Final = re.compile(r"(-?)(0|[1-9][0-9]{0,19})(?:\.([0-9]{1,9}))?")

# What babel puts around amounts (direction marks, no-break spaces) and a terminal cannot be trusted with.
_TERMINAL: Final = {0x200E: None, 0x200F: None, 0x061C: None, 0x00A0: " ", 0x202F: " "}

# CLDR sets a code made of letters apart from the figures; babel does not.
_CODE_BEFORE_FIGURES: Final = re.compile(r"(?<=[^\W\d_])(?=\d)")


class CurrencyMismatch(ArqueueError):
    """Two currencies met in one sum or comparison; there is no rate here to convert them with."""

    code = "currency_mismatch"


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `minor` in minor units of the ISO 4217 `currency`, negative for the other side.

    Raises Invalid when `minor` is not an int within LIMIT, UnknownCurrency for a code outside ISO 4217.
    Equality is allowed across currencies (and false); order and sums raise CurrencyMismatch.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)
        if type(self.minor) is not int:
            raise Invalid(f"amount must be a whole number of minor units, not {type(self.minor).__name__}")
        if not -LIMIT < self.minor < LIMIT:
            raise Invalid("amount is beyond 2^63 minor units", hint="Check the amount and its currency.")

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read a decimal string as people and peers write it, so that nothing is guessed: `1250`, `1250.5`, `-3.10`.

        Raises Invalid for every other spelling (signs, spaces, separators, exponents, `-0`, more decimals than
        the currency has), UnknownCurrency for an unknown code.
        """
        digits = exponent(currency)
        match = _SPELLING.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise _misspelt(text, currency, digits)
        sign, whole, fraction = match[1], match[2], match[3] or ""
        if len(fraction) > digits:
            raise _misspelt(text, currency, digits)
        minor = int(whole + fraction.ljust(digits, "0"))
        if sign and not minor:
            raise _misspelt(text, currency, digits)
        return cls(-minor if sign else minor, currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in a currency: where a sum starts."""
        return cls(0, currency)

    @classmethod
    def total(cls, amounts: Iterable[Money], currency: str) -> Self:
        """The sum of amounts that are all in `currency`; zero for none. Raises CurrencyMismatch, Invalid beyond LIMIT."""
        minor = 0
        for amount in amounts:
            if amount.currency != currency:
                raise _mismatch(currency, amount.currency)
            minor += amount.minor
        return cls(minor, currency)

    @classmethod
    def from_decimal(cls, value: Decimal, currency: str) -> Self:
        """Take a ledger's Decimal only if it is exact in minor units, so that no cent is rounded away unseen.

        Trailing zeros are fine (100.0000 USD). Raises Invalid for what is not a finite Decimal or not exact.
        """
        digits = exponent(currency)
        if not isinstance(value, Decimal) or not value.is_finite():
            raise Invalid(f"amount {value!r:.40} is not a finite decimal number")
        if not value:
            return cls(0, currency)
        # Bounds first: scaling 1E+999999999 or 1E-999999999 would take all the memory there is.
        if not -40 < value.adjusted() < 20 or len(value.as_tuple().digits) > 60:
            raise Invalid(f"amount {value!r:.40} is out of bounds")
        numerator, denominator = value.as_integer_ratio()
        minor, rest = divmod(numerator * 10**digits, denominator)
        if rest:
            raise Invalid(f"amount {value} has more than the {digits} decimals of {currency}")
        return cls(minor, currency)

    @property
    def decimal(self) -> Decimal:
        """The exact value in major units, independent of the decimal context; for JSON and spreadsheets."""
        return Decimal(self.text)

    @property
    def text(self) -> str:
        """The one decimal string of the amount, without its currency ("1250.00", JPY "1250"); `parse` reads it back."""
        digits = exponent(self.currency)
        sign = "-" if self.minor < 0 else ""
        figures = str(abs(self.minor)).rjust(digits + 1, "0")
        return f"{sign}{figures[:-digits]}.{figures[-digits:]}" if digits else sign + figures

    def display(self, locale: str = "en") -> str:
        """The amount as people of a locale write it ("$1,250.00", "1.250,00 €"), safe to print on a terminal.

        Decimals are those of ISO 4217, not those CLDR rounds cash to. Raises Invalid for an unknown locale.
        """
        pattern = _pattern(locale, exponent(self.currency))
        shown: str = pattern.apply(self.decimal, locale, currency=self.currency, currency_digits=False)
        return _CODE_BEFORE_FIGURES.sub(" ", shown.translate(_TERMINAL))

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        """`,` sets thousands apart, as in words for people: "1,250.00"."""
        return format(self.decimal if spec == "," else self.text, spec)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __neg__(self) -> Self:
        return type(self)(-self.minor, self.currency)

    def __abs__(self) -> Self:
        return type(self)(abs(self.minor), self.currency)

    def __add__(self, other: Money) -> Self:
        return type(self)(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Self:
        return type(self)(self.minor - self._same(other), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def _same(self, other: Money) -> int:
        if not isinstance(other, Money):
            raise TypeError(f"Money does not mix with {type(other).__name__}")
        if other.currency != self.currency:
            raise _mismatch(self.currency, other.currency)
        return other.minor


def _mismatch(one: str, other: str) -> CurrencyMismatch:
    return CurrencyMismatch(
        f"{one} and {other} do not add up",
        hint="Handle each currency by itself, or convert in the ledger first.",
    )


def _misspelt(text: object, currency: str, digits: int) -> Invalid:
    # ascii() of it: a hostile amount must not reach a terminal through its own error message.
    example = "1250." + "0" * digits if digits else "1250"
    return Invalid(
        f"amount {text!a:.40} is not a decimal number with at most {digits} decimals",
        hint=f"Write {currency} amounts like {example} or -{example}: digits and a point, nothing else.",
    )


@lru_cache(maxsize=64)
def _pattern(locale: str, digits: int) -> NumberPattern:
    """The locale's own currency pattern with ISO decimals. babel takes 60 ms to import, hence here."""
    from copy import copy

    from babel.core import Locale, UnknownLocaleError

    try:
        pattern: NumberPattern = copy(Locale.parse(locale).currency_formats["standard"])
    except (UnknownLocaleError, ValueError, TypeError) as error:
        raise Invalid(
            f"locale {locale!a:.40} is not known", hint="Use a code such as en, de or fr_CA."
        ) from error
    pattern.frac_prec = (digits, digits)
    return pattern
