"""Open items by everything that they are called, for look-up in constant time.

Five thousand items must not cost more than a few milliseconds, so names are compacted in bulk, and what few texts need
(orders, references, slips, ranges) is only made when it is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from arqueue.model.ledger import Item, ItemKind, OpenItem

PIECE: Final = re.compile(r"[0-9]+|[A-Z]+|[^\W0-9A-Z_]+")
"""Letters and figures change a piece, in names and in texts."""
YEARS: Final = frozenset(str(year) for year in range(1990, 2100))

_FIGURES: Final = "0123456789"
_LONGEST_SERIAL: Final = 12
_PLAIN_TAIL: Final = 3
_SUFFIX: Final = 2
"""Figures at most of what is put behind a number: INV-10045-01."""
_COUNTING: Final = 4
_AFTER_YEAR: Final = 4
_PUNCTUATION: Final = {code: None for code in range(128) if not chr(code).isalnum() and chr(code) != "\n"}
LOOKALIKES: Final = frozenset("OQILSBZ")
_AS_FIGURES: Final = str.maketrans("OQILSBZ", "0011582")


def upper(text: str) -> str:
    """Capitals of the same length, full-width figures made plain, so that places in both agree."""
    folded = unicodedata.normalize("NFKC", text)
    raised = folded.upper()
    return raised if len(raised) == len(folded) else "".join(_one(char) for char in folded)


def _one(char: str) -> str:
    raised = char.upper()
    return raised if len(raised) == 1 else char


def compact(name: str) -> str:
    """Letters and figures only: INV-2026-1001 and "inv 2026/1001" are one name."""
    return "".join(PIECE.findall(upper(name)))


def skeleton(name: str) -> str:
    """Letters that a reader takes for figures made figures: lNV-1OO1 and INV-1001 look alike."""
    return name.translate(_AS_FIGURES)


@dataclass(frozen=True, slots=True)
class Name:
    """A number taken apart: INV-2026-1001 is the letters INV and the groups 2026, 1001, of which the last is the serial."""

    letters: str
    groups: tuple[str, ...]
    serial: int
    """Which group counts up; the last, unless that is the year."""
    joints: frozenset[int]
    """Places in the compact name where a separator may stand."""
    part: str = ""
    """The instalment: 2 of INV-1001/2."""

    @property
    def core(self) -> str:
        """The serial without leading zeros; empty for a name without figures."""
        return self.groups[self.serial].lstrip("0") if self.groups else ""

    @property
    def lead(self) -> str:
        """What the members of a series have in common."""
        others = self.groups[: self.serial] + self.groups[self.serial + 1 :]
        return " ".join((self.letters, *others))


@lru_cache(maxsize=8192)
def taken_apart(number: str, year: int, is_instalment: bool) -> Name:
    """See Name; ``year`` is the document's."""
    spelled = upper(number)
    base, _, part = spelled.rpartition("/") if is_instalment else (spelled, "", "")
    if not (base and part.isdigit() and len(part) <= 2):
        base, part = spelled, ""
    pieces = PIECE.findall(base)
    groups = tuple(each for each in pieces if each.isdigit())
    serial = max(0, len(groups) - 1)
    if serial and _is_year(groups[-1], year) and not _is_year(groups[-2], year) and len(groups[-2]) > 1:
        serial -= 1
    while (
        serial
        and len(groups[serial]) <= _SUFFIX
        and len(groups[serial - 1]) >= _COUNTING
        and groups[serial - 1] not in YEARS
    ):
        serial -= 1
    ends = [len(each) for each in PIECE.findall(spelled)]
    joints = frozenset(sum(ends[:place]) for place in range(len(ends)))
    letters = "".join(each for each in pieces if not each.isdigit())
    return Name(letters, groups, serial, joints, part)


def _is_year(group: str, year: int) -> bool:
    return group in {str(each)[-digits:] for each in (year, year + 1, year - 1) for digits in (2, 4)}


class Table:
    """Who is called what. Most names are one item's: they cost no list, of which thousands would wake the garbage collector."""

    def __init__(self, names: Sequence[str], keys: Sequence[str]) -> None:
        self.names = names
        self.keys = keys
        self._last = dict(zip(names, keys, strict=True))
        self._many: dict[str, list[str]] = defaultdict(list)
        if len(self._last) < len(names):
            often = Counter(names)
            for name, key in zip(names, keys, strict=True):
                if often[name] > 1:
                    self._many[name].append(key)

    def get(self, name: str) -> Sequence[str]:
        """The items of that name; an empty name is none."""
        if name in self._many:
            return self._many[name] if name else ()
        key = self._last.get(name) if name else None
        return () if key is None else (key,)

    def __contains__(self, name: str) -> bool:
        return name in self._last and name != ""

    @cached_property
    def distinct(self) -> Sequence[str]:
        """Every name once."""
        return [name for name in self._last if name]

    @cached_property
    def lengths(self) -> Sequence[int]:
        """How long names are, the longest first."""
        return sorted(set(map(len, self._last)), reverse=True)

    def ending(self, figures: str) -> Sequence[str]:
        """The items of the only name whose last figures, without leading zeros, these are."""
        name = self._by_tail.get(figures)
        return self.get(name) if name else ()

    @cached_property
    def _by_tail(self) -> Mapping[str, str]:
        """Two names that end alike are told apart by nothing."""
        tails = [name[len(name.rstrip(_FIGURES)) :].lstrip("0") for name in self.distinct]
        found = dict(zip(tails, self.distinct, strict=True))
        if len(found) < len(tails):
            for tail, times in Counter(tails).items():
                if times > 1:
                    del found[tail]
        return found


class OpenNames:
    """The names of some open items."""

    def __init__(self, items: Sequence[OpenItem]) -> None:
        self.items: Mapping[str, OpenItem] = {each.item.id: each for each in items}
        self._all = [each.item for each in self.items.values()]

    def name(self, key: str) -> Name:
        """The number of an item, taken apart."""
        return _name(self.items[key].item)

    @cached_property
    def numbers(self) -> Table:
        """By document number; an instalment by its invoice's as well."""
        parts = [
            (compact(item.number.rpartition("/")[0]), item.id)
            for item in self._all
            if item.kind is ItemKind.INSTALMENT and _name(item).part
        ]
        names = _compacted([item.number for item in self._all])
        return Table([*names, *(name for name, _ in parts)], [*self.items, *(key for _, key in parts)])

    @cached_property
    def references(self) -> Table:
        """By the customer's own reference."""
        named = [item for item in self._all if item.reference]
        return Table(_compacted([item.reference for item in named]), [item.id for item in named])

    @cached_property
    def orders(self) -> Table:
        """By the customer's order."""
        named = [item for item in self._all if item.purchase_order]
        return Table(_compacted([item.purchase_order for item in named]), [item.id for item in named])

    @cached_property
    def lookalikes(self) -> Table:
        """By what the number looks like to a careless reader."""
        return Table(skeleton("\n".join(self.numbers.names)).split("\n"), self.numbers.keys)

    @cached_property
    def serials(self) -> Table:
        """By the serial of the number without leading zeros: in most numbers just the figures at the end."""
        numbers = [item.number for item in self._all]
        tails = [number[len(number.rstrip(_FIGURES)) :] for number in numbers]
        cores = [
            tail.lstrip("0")
            if len(tail) >= _PLAIN_TAIL and tail not in YEARS and item.kind is not ItemKind.INSTALMENT
            else _name(item).core
            for item, tail in zip(self._all, tails, strict=True)
        ]
        return Table(cores, list(self.items))

    @cached_property
    def _after_year(self) -> Table:
        """By what follows the year in a serial that begins with it: 1001 of INV20261001 and of 26001001."""
        pairs = []
        for item in self._all:
            tail = item.number[len(item.number.rstrip(_FIGURES)) :]
            if len(tail) < _AFTER_YEAR + 2:
                continue
            year = str(item.doc_date.year)
            lost = 4 if tail.startswith(year) else 2 if tail.startswith(year[2:]) else 0
            if lost and len(tail) - lost >= _AFTER_YEAR:
                pairs.append((tail[lost:].lstrip("0"), item.id))
        return Table([core for core, _ in pairs], [key for _, key in pairs])

    def ending(self, core: str) -> Sequence[str]:
        """Items whose serial this is, without leading zeros; or without the year that it begins with."""
        return self.serials.get(core) or self._after_year.get(core)

    def run(self, figures: str) -> Sequence[str]:
        """Items all of whose figures are this one run: 20261001 of INV-2026-1001."""
        whole = figures.lstrip("0")
        return [
            key
            for length in range(1, min(len(figures), _LONGEST_SERIAL))
            if figures[-length] != "0"
            for key in self.serials.get(figures[-length:])
            if "".join(self.name(key).groups).lstrip("0") == whole
        ]

    def between(self, first: int, last: int) -> Mapping[str, Sequence[str]]:
        """Items whose serial lies from first to last, by their series and in order."""
        found: dict[str, list[str]] = defaultdict(list)
        for serial in range(first, last + 1):
            for key in sorted(self.ending(str(serial))):
                found[self.name(key).lead].append(key)
        return found


def _name(item: Item) -> Name:
    return taken_apart(item.number, item.doc_date.year, item.kind is ItemKind.INSTALMENT)


def _compacted(names: Sequence[str]) -> Sequence[str]:
    """All at once where they are plain, one by one where not."""
    joined = "\n".join(names)
    if joined.isascii():
        parts = joined.upper().translate(_PUNCTUATION).split("\n")
        if len(parts) == len(names):
            return parts
    return [compact(name) for name in names]
