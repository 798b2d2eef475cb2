"""Open items by everything that they are called, for look-up in constant time.

Five thousand items must not cost more than a few milliseconds, so names are compacted in bulk, and what few texts need
(orders, references, slips, ranges) is only made when it is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from arqueue.model.ledger import Item, ItemKind, OpenItem

PIECE: Final = re.compile(r"[0-9]+|[A-Z]+|[^\W0-9A-Z_]+")
"""Letters and figures change a piece, in names and in texts."""
YEARS: Final = frozenset(str(year) for year in range(1990, 2100))

_FIGURES: Final = "0123456789"
_PUNCTUATION: Final = {code: None for code in range(128) if not chr(code).isalnum() and chr(code) != "\n"}
_LOOKALIKES: Final = str.maketrans("OQILSBZ", "0011582")


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
    return name.translate(_LOOKALIKES)


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
    ends = [len(each) for each in PIECE.findall(spelled)]
    joints = frozenset(sum(ends[:place]) for place in range(len(ends)))
    letters = "".join(each for each in pieces if not each.isdigit())
    return Name(letters, groups, serial, joints, part)


def _is_year(group: str, year: int) -> bool:
    return group in {str(each)[-digits:] for each in (year, year + 1, year - 1) for digits in (2, 4)}


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
        made = _table(self._all, lambda item: item.number)
        for item in self._all:
            if item.kind is ItemKind.INSTALMENT and _name(item).part:
                whole = item.number.rpartition("/")[0]
                made.add(compact(whole), whole, item.id)
        return made

    @cached_property
    def references(self) -> Table:
        """By the customer's own reference."""
        return _table([item for item in self._all if item.reference], lambda item: item.reference)

    @cached_property
    def orders(self) -> Table:
        """By the customer's order."""
        return _table([item for item in self._all if item.purchase_order], lambda item: item.purchase_order)

    @cached_property
    def order_tails(self) -> Mapping[str, Sequence[str]]:
        """By the last figures of the order without leading zeros."""
        return _tails(self.orders)

    @cached_property
    def reference_tails(self) -> Mapping[str, Sequence[str]]:
        """By the last figures of the reference without leading zeros."""
        return _tails(self.references)

    @cached_property
    def lookalikes(self) -> Table:
        """By what the number looks like to a careless reader."""
        return self.numbers.changed(skeleton)

    @cached_property
    def serials(self) -> Mapping[str, Sequence[str]]:
        """Items by the serial of their number without leading zeros."""
        found: dict[str, list[str]] = defaultdict(list)
        for item in self._all:
            number = item.number
            tail = number[len(number.rstrip(_FIGURES)) :]
            if len(tail) < 3 or tail in YEARS or item.kind is ItemKind.INSTALMENT or not tail.isascii():
                core = _name(item).core
            else:
                core = tail.lstrip("0")
            if core:
                found[core].append(item.id)
        return found

    @cached_property
    def runs(self) -> Mapping[str, Sequence[str]]:
        """Items by all figures of their number in one run, where it has several groups: 20261001."""
        found: dict[str, list[str]] = defaultdict(list)
        for item in self._all:
            name = _name(item)
            if len(name.groups) > 1:
                found["".join(name.groups).lstrip("0")].append(item.id)
        return found

    @cached_property
    def series(self) -> Mapping[str, Sequence[tuple[int, str]]]:
        """The items of each series by serial, in order."""
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for item in self._all:
            name = _name(item)
            if name.core and len(name.core) <= 18:
                found[name.lead].append((int(name.core), item.id))
        return {lead: sorted(members) for lead, members in found.items()}


class Table:
    """Compact names, how one of each is spelled, and who is called so."""

    def __init__(self) -> None:
        self.ids: dict[str, list[str]] = {}
        self.spelled: dict[str, str] = {}

    def add(self, name: str, spelled: str, key: str) -> None:
        """One more."""
        self.ids.setdefault(name, []).append(key)
        self.spelled[name] = spelled

    def changed(self, how: Callable[[str], str]) -> Table:
        """The same under other names."""
        made = Table()
        for name, keys in self.ids.items():
            made.ids.setdefault(how(name), []).extend(keys)
            made.spelled[how(name)] = self.spelled[name]
        return made

    @cached_property
    def lengths(self) -> Sequence[int]:
        """How long names are, the longest first."""
        return sorted({len(name) for name in self.ids}, reverse=True)


def _name(item: Item) -> Name:
    return taken_apart(item.number, item.doc_date.year, item.kind is ItemKind.INSTALMENT)


def _table(items: Sequence[Item], called: Callable[[Item], str]) -> Table:
    made = Table()
    names = [called(item) for item in items]
    compacted = _compacted(names)
    made.spelled = dict(zip(compacted, names, strict=True))
    for item, name in zip(items, compacted, strict=True):
        if name:
            made.ids.setdefault(name, []).append(item.id)
    return made


def _tails(table: Table) -> Mapping[str, Sequence[str]]:
    """Only where one name ends so: two orders that end alike are told apart by nothing."""
    found: dict[str, Sequence[str]] = {}
    for name, keys in table.ids.items():
        tail = name[len(name.rstrip(_FIGURES)) :].lstrip("0")
        if tail:
            found[tail] = () if tail in found else keys
    return found


def _compacted(names: Sequence[str]) -> Sequence[str]:
    """All at once where they are plain, one by one where not."""
    joined = "\n".join(names)
    if joined.isascii():
        parts = joined.upper().translate(_PUNCTUATION).split("\n")
        if len(parts) == len(names):
            return parts
    return [compact(name) for name in names]
