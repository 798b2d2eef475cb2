"""Card numbers in notes: found in whatever spelling, and document numbers let be."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from arqueue.model.cards import holds_card_number

_PREFIXES = [
    ("4", 16),
    ("4", 13),
    ("51", 16),
    ("55", 16),
    ("2221", 16),
    ("2720", 16),
    ("34", 15),
    ("37", 15),
    ("6011", 16),
]
_PREFIXES += [("65", 16), ("36", 14), ("3528", 16), ("62", 16), ("6759", 16), ("5018", 12), ("4", 19)]


def _card(dice: random.Random) -> str:
    """A number of some brand whose last digit makes it right."""
    prefix, length = dice.choice(_PREFIXES)
    body = prefix + "".join(dice.choice("0123456789") for _ in range(length - len(prefix) - 1))
    total = 0
    for place, char in enumerate(reversed(body)):
        digit = int(char) * (1 if place % 2 else 2)
        total += digit - 9 if digit > 9 else digit
    return body + str(-total % 10)


def _grouped(by: str, size: int = 4) -> Callable[[str], str]:
    return lambda card: by.join(card[at : at + size] for at in range(0, len(card), size))


_SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda card: card,
    "in fours": _grouped(" "),
    "with dashes": _grouped("-"),
    "with spaced dashes": _grouped(" - "),
    "with points": _grouped("."),
    "with slashes": _grouped("/"),
    "each digit alone": _grouped(" ", 1),
    "in pairs": _grouped(" ", 2),
    "over lines": _grouped("\n"),
    "unbreakable spaces": _grouped("\N{NO-BREAK SPACE}"),
    "zero-width spaces": _grouped("\N{ZERO WIDTH SPACE}"),
    "full-width digits": lambda card: "".join(chr(0xFF10 + int(char)) for char in card),
    "Arabic digits": lambda card: "".join(chr(0x0660 + int(char)) for char in card),
    "O for zero": lambda card: card[0] + card[1:-1].replace("0", "O") + card[-1],
    "four, six, rest": lambda card: f"{card[:4]} {card[4:10]} {card[10:]}",
    "in a sentence": lambda card: f"customer paid with {card}, exp 12/29, by phone",
    "behind a colon": lambda card: f"card:{card};",
}


@pytest.mark.parametrize("spelling", _SPELLINGS)
def test_a_card_number_is_found_in_every_spelling(spelling: str) -> None:
    """A thousand numbers of all brands."""
    dice = random.Random(7)
    missed = [card for _ in range(1000) if not holds_card_number(_SPELLINGS[spelling](card := _card(dice)))]
    assert missed == []


def test_document_numbers_are_seldom_taken_for_one() -> None:
    """Of a hundred thousand invoice, order, bank and phone numbers at most one in a thousand."""
    dice = random.Random(11)

    def digits(count: int) -> str:
        return "".join(dice.choice("0123456789") for _ in range(count))

    forms: list[Callable[[], str]] = [
        lambda: f"INV-2026-{digits(6)}",
        lambda: f"RE{digits(8)}",
        lambda: digits(10),
        lambda: f"PO {digits(7)} / {digits(4)}",
        lambda: f"{digits(4)}, {digits(4)} and {digits(4)} are open",
        lambda: f"called +49 {digits(3)} {digits(7)}, pays on 2026-12-{dice.randint(10, 28)}",
        lambda: f"DE{digits(2)} IBAN on file",
        lambda: f"paid 1,{digits(3)}.{digits(2)} on 12.03.2026",
    ]
    taken = [text for _ in range(100_000) if holds_card_number(text := dice.choice(forms)())]
    assert len(taken) <= 100, taken[:5]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "called, pays on Friday",
        "4111 1111 1111 1112",
        "4111x1111x1111x1111",
        "0000 0000 0000 0000",
        "4" * 40,
    ],
)
def test_what_is_none_is_none(text: str) -> None:
    """A wrong check digit, letters between, a number too long."""
    assert not holds_card_number(text)
