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
_MAY_BE = re.compile(r"[\dOo](?:[\W_]*[\dOo]){11}")
"""Enough digits with nothing but separators between them."""
_LONGEST = 19
_SHORTEST = 12
_GAP = 3
"""More than so many separators between two groups, or any other character, part two numbers."""


def holds_card_number(text: str) -> bool:
    """Whether a card number stands in the text. Groups of digits count together only from the beginning of one to the end of
    another: numbers of documents in a row are seldom taken for a card's."""
    return len(text) >= _SHORTEST and next(_found(text), None) is not None


def masked(text: str) -> str:
    """The text with nothing left of each card number but its last four digits: ``[card ••••1111]``. For foreign text, which is
    taken in; what people type here is refused instead."""
    if len(text) < _SHORTEST:
        return text
    done, end = [], 0
    for start, stop, last in _found(text):
        done += [text[end:start], f"[card ••••{last}]"]
        end = stop
    return "".join([*done, text[end:]]) if done else text


def refused(text: str) -> str:
    """The same text. Raises ValueError, without a word of it, where a card number stands in it."""
    if holds_card_number(text):
        raise ValueError(
            "that looks like a payment card number: it may not be stored; write the last four digits"
        )
    return text


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each card number begins and ends in the text, and its last four digits."""
    if not _MAY_BE.search(text):
        return  # most texts, quickly
    plain, places = _as_digits(text)
    end = 0
    for run in _runs(plain):
        for start, stop, number in _numbers(run):
            if start >= end and _is_card(number):
                end = stop
                yield places[start], places[stop - 1] + 1, number[-4:]


def _as_digits(text: str) -> tuple[str, list[int]]:
    """The text with every script's digits as ASCII, O between digits as zero, what is not seen gone, and separators as spaces;
    and where each character stood."""
    plain, places = [], []
    for place, char in enumerate(text):
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            plain.append(str(digit))
        elif unicodedata.category(char) in ("Cf", "Mn"):
            continue
        elif char.isalpha():
            plain.append(char)
        else:
            plain.append(" ")
        places.append(place)
    zeros = re.sub(
        r"(?<=[0-9])[Oo]+(?=[0-9 ])|(?<=[0-9 ])[Oo]+(?=[0-9])", lambda o: "0" * len(o[0]), "".join(plain)
    )
    return zeros, places


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Groups of digits that stand together."""
    run: list[re.Match[str]] = []
    end = 0
    for found in _GROUP.finditer(text):
        between = text[end : found.start()]
        if run and (len(between) > _GAP or between.strip()):
            yield run
            run = []
        run.append(found)
        end = found.end()
    if run:
        yield run


def _numbers(run: list[re.Match[str]]) -> Iterator[tuple[int, int, str]]:
    """What whole groups of a run make together, and where it begins and ends."""
    for first in range(len(run)):
        number = ""
        for group in run[first:]:
            number += group[0]
            if len(number) > _LONGEST:
                break
            if len(number) >= _SHORTEST:
                yield run[first].start(), group.end(), number


def _is_card(number: str) -> bool:
    return any(len(number) in lengths and brand.match(number) for brand, lengths in _BRANDS) and _luhn(number)


def _luhn(number: str) -> bool:
    """Every second digit from the right doubled, its digits added: all together a multiple of ten (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, char in enumerate(reversed(number)):
        digit = int(char) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0
