"""Payment card numbers in what people type: found so that they are refused, because nothing here may ever hold one (PCI DSS 3).

A card number is 12 to 19 digits that begin as its brand's do, have one of its lengths, and pass the Luhn check (ISO/IEC 7812-1).
It may be written in groups, with any usual separator, in the digits of any script, with O for zero.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_BRANDS: tuple[tuple[re.Pattern[str], frozenset[int]], ...] = (
    (re.compile("4"), frozenset({13, 16, 19})),  # Visa
    (re.compile("5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), frozenset({16})),  # Mastercard
    (re.compile("3[47]"), frozenset({15})),  # American Express
    (re.compile("6011|64[4-9]|65"), frozenset({16, 17, 18, 19})),  # Discover
    (re.compile("30[0-5]|309|36|38|39"), frozenset({14, 16, 19})),  # Diners Club
    (re.compile("352[89]|35[3-8]"), frozenset({16, 17, 18, 19})),  # JCB
    (re.compile("62"), frozenset({16, 17, 18, 19})),  # UnionPay
    (re.compile("50|5[6-9]|6"), frozenset(range(12, 20))),  # Maestro
)
_GROUP = re.compile("[0-9]+")
_LONGEST = 19
_SHORTEST = 12
_GAP = 3
"""More than so many separators between two groups, or any other character, part two numbers."""


def holds_card_number(text: str) -> bool:
    """Whether a card number stands in the text. Groups of digits count together only from the beginning of one to the end of
    another: numbers of documents in a row are seldom taken for a card's."""
    return any(_is_card(number) for run in _runs(_as_digits(text)) for number in _numbers(run))


def _as_digits(text: str) -> str:
    """The text with every script's digits as ASCII, O between digits as zero, what is not seen gone, and separators as spaces."""
    plain = []
    for char in text:
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            plain.append(str(digit))
        elif unicodedata.category(char) in ("Cf", "Mn"):
            continue
        elif char.isalpha():
            plain.append(char)
        else:
            plain.append(" ")
    return re.sub(
        r"(?<=[0-9])[Oo]+(?=[0-9 ])|(?<=[0-9 ])[Oo]+(?=[0-9])", lambda o: "0" * len(o[0]), "".join(plain)
    )


def _runs(text: str) -> Iterator[list[str]]:
    """Groups of digits that stand together."""
    run: list[str] = []
    end = 0
    for found in _GROUP.finditer(text):
        between = text[end : found.start()]
        if run and (len(between) > _GAP or between.strip()):
            yield run
            run = []
        run.append(found[0])
        end = found.end()
    if run:
        yield run


def _numbers(run: list[str]) -> Iterator[str]:
    """What whole groups of a run make together."""
    for first in range(len(run)):
        number = ""
        for group in run[first:]:
            number += group
            if len(number) > _LONGEST:
                break
            if len(number) >= _SHORTEST:
                yield number


def _is_card(number: str) -> bool:
    return any(len(number) in lengths and brand.match(number) for brand, lengths in _BRANDS) and _luhn(number)


def _luhn(number: str) -> bool:
    """Every second digit from the right doubled, its digits added: all together a multiple of ten (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, char in enumerate(reversed(number)):
        digit = int(char) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0
