"""How other systems tell what a payment was for: their rules as published, written here anew; not their programs.

Each takes a case and gives minor units by item id; nothing where its rule gives nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Final

from arqueue.cash.case import PaymentCase
from arqueue.model.ledger import Item, OpenItem

Rule = Callable[[PaymentCase], dict[str, int]]

_DISCOUNT: Final = re.compile(r"(\d+)/(\d+) net")
_SIGNS: Final = re.compile(r"[^0-9a-zA-Z]")
_NO_DIGITS: Final = re.compile(r"\D")
_NO_FIGURES: Final = re.compile(r"[^0-9\s]")
_TELLING: Final = 4
"""Digits from which on a token tells something."""


def _money(case: PaymentCase) -> int:
    return -case.payment.open.minor


def _due(each: OpenItem) -> tuple[date, int]:
    return (each.item.due_date or each.item.doc_date, int(each.item.id.rpartition(":")[2]))


def _fitting(case: PaymentCase) -> list[OpenItem]:
    """Debits in the payment's currency, oldest due first."""
    return sorted(
        (each for each in case.debits if each.open.currency == case.payment.open.currency), key=_due
    )


def _discounted(case: PaymentCase, each: OpenItem) -> int:
    """What an item costs if its early-payment discount can still be taken."""
    terms = _DISCOUNT.match(case.parties[each.item.party_id].terms)
    if terms is None or case.today > each.item.doc_date + timedelta(int(terms[2])):
        return each.open.minor
    return each.open.minor - (each.item.total.minor * int(terms[1]) + 50) // 100


def _fill(money: int, debits: Iterable[OpenItem]) -> dict[str, int]:
    """In this order as far as the money goes; the last item in part."""
    lines: dict[str, int] = {}
    for each in debits:
        if money <= 0:
            break
        lines[each.item.id] = min(money, each.open.minor)
        money -= each.open.minor
    return lines


def _all_of(debits: Iterable[OpenItem]) -> dict[str, int]:
    return {each.item.id: each.open.minor for each in debits}


def oldest_first(case: PaymentCase) -> dict[str, int]:
    """ERPNext's allocation: down the list, each item as far as the money goes."""
    return _fill(_money(case), _fitting(case))


def largest_first(case: PaymentCase) -> dict[str, int]:
    """The largest that still fits, again and again."""
    money, lines = _money(case), {}
    for each in sorted(_fitting(case), key=lambda each: -each.open.minor):
        if each.open.minor <= money:
            lines[each.item.id] = each.open.minor
            money -= each.open.minor
    return lines


def running_total(case: PaymentCase) -> dict[str, int]:
    """JD Edwards' balance forward: the total from the first item on must reach the payment to the cent, or nothing is done."""
    money, chosen = _money(case), []
    for each in _fitting(case):
        money -= each.open.minor
        chosen.append(each)
        if money <= 0:
            break
    return _all_of(chosen) if money == 0 else {}


def any_two(case: PaymentCase) -> dict[str, int]:
    """PeopleSoft's #BALANCE and #COMBOS: all items (gross, or net of discount), else one, one net of discount, or two; only
    where there is one answer alone."""
    money, debits = _money(case), _fitting(case)
    if not debits:
        return {}
    net = {each.item.id: _discounted(case, each) for each in debits}
    if sum(each.open.minor for each in debits) == money:
        return _all_of(debits)
    if sum(net.values()) == money:
        return net
    found = [_all_of([each]) for each in debits if each.open.minor == money]
    found += [
        {key: value} for each in debits if (value := net[key := each.item.id]) == money != each.open.minor
    ]
    found += _pairs(money, debits, 2 - len(found))
    return found[0] if len(found) == 1 else {}


def _pairs(money: int, debits: Sequence[OpenItem], wanted: int) -> list[dict[str, int]]:
    """Pairs that make the amount, as many as are wanted and no more."""
    found: list[dict[str, int]] = []
    seen: dict[int, list[OpenItem]] = {}
    for each in debits:
        for other in seen.get(money - each.open.minor, ()):
            if len(found) >= wanted:
                return found
            found.append(_all_of([other, each]))
        seen.setdefault(each.open.minor, []).append(each)
    return found


def odoo(case: PaymentCase) -> dict[str, int]:
    """Odoo/OCA with no text field ticked, which looks into all of them and falls back on the customer: documents that share most
    tokens with the texts, else all; first with discounts, if that comes out even; then a single equal one, else oldest while
    room remains, the last in part. Its tolerance only writes off what one item then lacks."""
    return _odoo(case, case.payment.item.text, case.payment.item.reference, else_all=True)


def odoo_shipped(case: PaymentCase) -> dict[str, int]:
    """The two rules that Odoo comes with: the same by the label alone, and nothing where it names only what is not there."""
    return _odoo(case, case.payment.item.text, else_all=False)


def _odoo(case: PaymentCase, *texts: str, else_all: bool) -> dict[str, int]:
    money, candidates = _money(case), _fitting(case)
    if tokens := {token for text in texts for token in _tokens(text)}:
        shared = {each.item.id: _shared(tokens, each.item) for each in candidates}
        named = [each for each in candidates if shared[each.item.id]]
        if not (named or else_all):
            return {}
        candidates = sorted(named, key=lambda each: (-shared[each.item.id], _due(each))) or candidates
    early = _greedy(money, candidates, lambda each: _discounted(case, each))
    if sum(early.values()) == money:
        return early
    return _greedy(money, candidates, lambda each: each.open.minor)


def _tokens(text: str) -> Iterator[str]:
    """The digits of each word, of four characters and digits or more, and a text of one word as it is."""
    words = [_SIGNS.sub("", word) for word in text.split()]
    for word in words:
        digits = _NO_DIGITS.sub("", word)
        if len(digits) >= _TELLING:
            yield digits
    if len(words) == 1:
        yield text


def _shared(tokens: AbstractSet[str], item: Item) -> int:
    """How many of its own words, or of its texts as they are, are among the tokens."""
    texts = [text for text in (item.number, item.reference, item.purchase_order) if text]
    words = [word for text in texts for word in _NO_FIGURES.sub("", text).split()]
    return sum(word in tokens for word in words) + sum(text in tokens for text in texts)


def _greedy(money: int, debits: Sequence[OpenItem], cost: Callable[[OpenItem], int]) -> dict[str, int]:
    """A single one that equals the amount, else one after the other while there is room."""
    for each in debits:
        if cost(each) == money:
            return {each.item.id: money}
    lines: dict[str, int] = {}
    for each in debits:
        if money <= 0:
            break
        lines[each.item.id] = min(money, cost(each))
        money -= cost(each)
    return lines


def tryton(case: PaymentCase) -> dict[str, int]:
    """Tryton's best reconciliation: all lines by maturity, the latest taken off while they outweigh the payment; the
    smallest remainder wins. It reconciles whole lines."""
    money, kept = _money(case), _fitting(case)
    rest = sum(each.open.minor for each in kept) - money
    best, best_kept = abs(rest), len(kept)
    while rest > 0 and kept:
        rest -= kept.pop().open.minor
        if abs(rest) < best:
            best, best_kept = abs(rest), len(kept)
    return _all_of(_fitting(case)[:best_kept])


def autocash(case: PaymentCase) -> dict[str, int]:
    """Oracle's AutoCash in its usual order: one item that equals the payment (earliest due), the whole account, all that is
    past due, else oldest first."""
    money, debits = _money(case), _fitting(case)
    single = [each for each in debits if each.open.minor == money][:1]
    past = [each for each in debits if _due(each)[0] < case.today]
    for group in (single, debits, past):
        if group and sum(each.open.minor for each in group) == money:
            return _all_of(group)
    return _fill(money, debits)


RIVALS: Final[dict[str, Rule]] = {
    "Odoo/OCA": odoo,
    "Odoo as shipped": odoo_shipped,
    "oldest first (ERPNext)": oldest_first,
    "any two (PeopleSoft)": any_two,
    "running total (JD Edwards)": running_total,
    "AutoCash (Oracle)": autocash,
    "largest first": largest_first,
    "all but the latest (Tryton)": tryton,
}
