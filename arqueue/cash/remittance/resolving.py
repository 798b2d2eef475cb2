"""Which open document a number without its letters is: 1001 of INV-2026-1001, where only one can be meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from arqueue.cash.remittance.labels import Label
from arqueue.cash.remittance.mentions import How
from arqueue.cash.remittance.names import YEARS, OpenNames, Table
from arqueue.model.money import Money

JOINTS: Final = re.compile(r"[-/._]")
_AMOUNT_DECIDES: Final = 45
"""Before the points for the amount that agrees."""
_MANY: Final = 12
"""More documents than this under one name are no answer."""


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a number."""

    label: Label | None = None
    is_credit: bool = False
    """The label says credit note."""
    prefix: str = ""
    """Letters that the number hangs on: ABC of ABC-1001."""
    lead: str | None = None
    """The series of the document that the list began with."""
    has_tail: bool = False
    """Letters follow at once: 1001A."""
    is_plain: bool = False
    """The text is numbers, amounts and dates, and hardly a word."""

    @property
    def labelled(self) -> bool:
        """Whether a word says that it is one of ours."""
        return self.label in (Label.DOCUMENT, Label.ORDER, Label.REFERENCE)


@dataclass(frozen=True, slots=True)
class Resolved:
    """Whom a number names."""

    keys: tuple[str, ...]
    how: How
    strength: int


def resolve(groups: Sequence[str], context: Context, names: OpenNames) -> Resolved | None:
    """The documents that a number (its groups of figures) names; None where it names none, or several that differ."""
    if context.label in (Label.FOREIGN, Label.SUM) or context.has_tail:
        return None
    if context.label is Label.ORDER:
        return _other(groups, context, names) or _document(groups, context, names)
    return _document(groups, context, names) or _other(groups, context, names)


def _document(groups: Sequence[str], context: Context, names: OpenNames) -> Resolved | None:
    run = "".join(groups)
    whole = _one_document(names.numbers.get(run), context, names)
    if whole and _groups_agree(groups, names, whole[0]):
        return _weighed(whole, "whole", run, context, names, bonus=10)
    if len(groups) > 1:
        keys = _with_lead(groups, context, names)
        return Resolved(keys, "digits", 90 if context.labelled else 85) if keys else None
    if len(run) >= 6 and (keys := _one_document(names.run(run), context, names)):
        return Resolved(keys, "digits", 90)
    keys = _one_document(names.ending(run.lstrip("0")), context, names)
    return _weighed(keys, "digits", run, context, names) if keys else None


def _groups_agree(groups: Sequence[str], names: OpenNames, key: str) -> bool:
    """1001/2 is not 10012."""
    return len(groups) == 1 or list(groups) == list(names.name(key).groups)


def _weighed(
    keys: tuple[str, ...], how: How, run: str, context: Context, names: OpenNames, bonus: int = 0
) -> Resolved | None:
    """How much a number proves: by its length, and whether a word says what it is."""
    if (
        run in YEARS
        and context.lead is None
        and not (context.labelled and not _may_be_year(run, keys, names))
    ):
        return None
    figures = len(run) if run[0] != "0" or len(run) >= 4 else len(run.lstrip("0"))
    if context.labelled or context.lead is not None:
        strength = 85 if figures >= 4 else 70 if figures == 3 else 45
    elif figures >= 5:
        strength = 75
    elif figures == 4:
        strength = 65
    elif figures == 3 and context.is_plain:
        strength = 60
    else:
        return None
    return Resolved(keys, how, strength + bonus)


def _may_be_year(run: str, keys: Iterable[str], names: OpenNames) -> bool:
    return any(abs(names.items[key].item.doc_date.year - int(run)) <= 1 for key in keys)


def _with_lead(groups: Sequence[str], context: Context, names: OpenNames) -> tuple[str, ...]:
    """2026-1001, 26/1001, 1001/2026, and 1001/2 for the second instalment."""
    fitting = [key for key in names.serials.get(groups[-1].lstrip("0")) if _leads(groups[:-1], names, key)]
    if not fitting and len(groups) == 2:
        fitting = [key for key in names.serials.get(groups[0].lstrip("0")) if _follows(groups[1], names, key)]
    return _one_document(fitting, context, names)


def _leads(before: Sequence[str], names: OpenNames, key: str) -> bool:
    """Whether these groups stand before the serial in the item's number, a year perhaps by two figures."""
    name = names.name(key)
    own = name.groups[: name.serial]
    return 0 < len(before) <= len(own) and all(
        _same(one, other) for one, other in zip(reversed(before), reversed(own), strict=False)
    )


def _follows(after: str, names: OpenNames, key: str) -> bool:
    name = names.name(key)
    year = str(names.items[key].item.doc_date.year)
    years = {year, year[2:]} if len(name.core) >= 3 else set()
    return after in years | set(name.groups[name.serial + 1 :]) or (name.part != "" and after == name.part)


def _same(one: str, other: str) -> bool:
    return one.lstrip("0") == other.lstrip("0") or (other in YEARS and one == other[2:])


def _other(groups: Sequence[str], context: Context, names: OpenNames) -> Resolved | None:
    """By the customer's order or reference: whole, or by its figures where they are many or a word says so."""
    run = "".join(groups)
    if len(groups) > 1 or len(run) < (4 if context.labelled else 6) or run in YEARS:
        return None
    if context.prefix and context.label in (None, Label.DOCUMENT):
        return None
    sources: tuple[tuple[How, Table], ...] = (("order", names.orders), ("reference", names.references))
    for how, table in sources:
        keys = table.get(run) or table.ending(run.lstrip("0"))
        if keys and len(keys) <= _MANY:
            return Resolved(tuple(keys), how, 80)
    return None


def with_amount(figures: str, context: Context, amount: Money, names: OpenNames) -> Resolved | None:
    """A number that several documents end with is the one whose open amount stands beside it."""
    keys = [
        key
        for key in names.ending(figures.lstrip("0"))
        if abs(names.items[key].open) == abs(amount) and _may_be(key, context, names)
    ]
    return Resolved((keys[0],), "digits", _AMOUNT_DECIDES) if len(keys) == 1 else None


def _one_document(keys: Iterable[str], context: Context, names: OpenNames) -> tuple[str, ...]:
    """The keys if all of them are one document (instalments have its number too), as far as the context tells them apart."""
    fitting = [key for key in dict.fromkeys(keys) if _may_be(key, context, names)]
    if len(fitting) > 1 and context.lead is not None:
        fitting = [key for key in fitting if names.name(key).lead == context.lead] or fitting
    if len(fitting) > 1 and context.prefix:
        fitting = [key for key in fitting if names.name(key).letters == context.prefix] or fitting
    if len(fitting) > 1 and len({(names.name(key).lead, names.name(key).core) for key in fitting}) > 1:
        return ()
    return tuple(fitting) if len(fitting) <= _MANY else ()


def _may_be(key: str, context: Context, names: OpenNames) -> bool:
    letters = names.name(key).letters
    if context.prefix and letters != context.prefix:
        if not context.labelled:
            return False
        if not context.is_credit and not names.items[key].item.is_debit:
            return False
    return not context.is_credit or not names.items[key].item.is_debit or letters == context.prefix != ""
