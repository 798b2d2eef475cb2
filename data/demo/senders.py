"""Who a bank says that money is from: names as banks print them, accounts, and where neither is told.

Nothing here throws dice of the history: a customer's spellings and accounts follow from its place, so that they come again and
again, as they do in life, and a name or an account that was recognised once can be recognised the next time.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from data.demo.names import TONGUES

_WIDTHS: Final = (35, 35, 27, 70)
"""How many letters of a name banks keep, from the narrow formats to the wide ones."""
_COUNTRY: Final = "XA"
"""Left to its users by ISO 3166: no bank has accounts there."""
_ANONYMOUS: Final = frozenset({"card"})
"""What comes through an acquirer, who does not say from whom."""
_ON_PAPER: Final = frozenset({"check"})
"""What bears a name, and an account that nobody types off."""


def _forms() -> re.Pattern[str]:
    forms = sorted({form for tongue in TONGUES for form in tongue.forms}, key=lambda form: (-len(form), form))
    spaced = "|".join(re.escape(form) for form in forms if form.isascii() or form[0].isalpha())
    return re.compile(
        rf"(?:^|(?<=\s)|(?<=,))(?:{spaced})(?=\s|$)|^(?:株式会社|有限会社|合同会社)", re.IGNORECASE
    )


_FORM: Final = _forms()
_ACCENTED: Final = frozenset(map(chr, range(0xC0, 0x180)))
"""Latin letters with marks; those that are no letter and a mark stay."""
_TELEX: Final = {"Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "ß": "ss", "Æ": "AE", "æ": "ae"}


@dataclass(frozen=True, slots=True)
class Sender:
    """A payer as its banks tell of it: the usual spelling and account, and those of another bank, used now and then."""

    name: str
    account: str
    other_name: str
    other_account: str

    def told(self, serial: int, method: str) -> tuple[str, str]:
        """Name and account as they come with a payment of that serial number; empty where the bank does not say."""
        if method in _ANONYMOUS or serial % 29 == 0:
            return "", ""
        elsewhere = serial % 7 == 0
        name = self.other_name if elsewhere else self.name
        account = self.other_account if elsewhere else self.account
        return name, "" if method in _ON_PAPER else account


def sender(place: int, name: str) -> Sender:
    """The customer in that place as its banks tell of it."""
    plain = _without_form(name)
    usual = (name, plain, _without_marks(plain), plain.replace("&", "AND"))[place % 4]
    other = (_without_marks(plain), name, plain, _shortened(plain))[place % 4]
    return Sender(
        as_banks_print(usual, _WIDTHS[place % 4]),
        account(place * 2),
        as_banks_print(other, _WIDTHS[(place + 2) % 4]),
        account(place * 2 + 1),
    )


def serial_of(number: str) -> int:
    """The serial in a document's number."""
    return int(number.rsplit("-", 1)[1])


def as_banks_print(name: str, width: int = 35) -> str:
    """A name as it comes out of a bank's capital letters."""
    return " ".join(name.upper().split())[:width].strip()


def account(number: int) -> str:
    """An account number in the form of an IBAN (ISO 13616), with its check digits."""
    body = f"{70_000_000 + number % 97:08d}{number:010d}"
    letters = "".join(str(int(char, 36)) for char in _COUNTRY)
    return f"{_COUNTRY}{98 - int(f'{body}{letters}00') % 97:02d}{body}"


def _without_form(name: str) -> str:
    """A name without its legal form, unless nothing else is left of it."""
    plain = " ".join(_FORM.sub(" ", name).split()).rstrip(" ,&")
    return plain or name


def _without_marks(name: str) -> str:
    """A name without accents, for banks that know the letters of telex only; names in other scripts stay as they are."""
    return "".join(
        _TELEX.get(char) or (unicodedata.normalize("NFD", char)[0] if char in _ACCENTED else char)
        for char in name
    )


def _shortened(name: str) -> str:
    """All words but the first cut to five letters."""
    first, *rest = name.split() or [name]
    return " ".join([first, *(word[:5] for word in rest)])
