"""What a strategy file asks of one fact: a number in words (``">= 30"``, ``"10..30"``), a text, several, a tag, true or false."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from arqueue.model.tags import tag_of
from arqueue.model.text import clean_line
from arqueue.strategy_mistakes import near
from arqueue.work.facts import FACTS, Type, Value
from arqueue.work.strategy import Condition, Op

NUMBER_CAP: Final = 10**9
_LISTED: Final = 12
"""So many values are named; of more only the nearest."""
_COMPARED = re.compile(r"(>=|<=|>|<)\s*(-?\d{1,10})")
_BETWEEN = re.compile(r"(-?\d{1,10})\s*\.\.\s*(-?\d{1,10})")


def conditions(name: str, asked: Any, *, kept: bool = False) -> Iterator[Condition]:
    """What a file says of one fact; what no row ever is may only be asked for where that is ``kept`` already. Raises ValueError
    in words."""
    found = list(_conditions(name, asked))
    if not kept:
        _refuse_upside_down(found)
        for each in found:
            _refuse_unheard_of(each)
    yield from found


def _conditions(name: str, asked: Any) -> Iterator[Condition]:
    kind = FACTS[name].type
    if kind is Type.FLAG:
        if not isinstance(asked, bool):
            raise ValueError(f"{name} is true or false")
        yield Condition(name, Op.IN, (asked,))
    elif kind is Type.NUMBER:
        yield from _numbers(name, asked)
    elif isinstance(asked, bool | int) or not asked or any(isinstance(each, int) for each in asked):
        raise ValueError(f'{name} is text: "a", or one of ["a", "b"]')
    else:
        yield _texts(name, asked, kind)


def _texts(name: str, asked: str | list[str], kind: Type) -> Condition:
    values: tuple[Value, ...] = tuple(
        clean_line(each, limit=200) for each in ([asked] if isinstance(asked, str) else asked)
    )
    if kind is Type.TAGS:
        if any(" " in str(each) or not each for each in values):
            raise ValueError("a tag is one word")
        return Condition(name, Op.HAS, tuple(tag_of(str(each)) for each in values))
    op = Op.IN
    if isinstance(asked, str) and asked.startswith("!"):
        op, values = Op.NOT_IN, (str(values[0])[1:].strip(),)
    return Condition(name, op, values)


def _refuse_upside_down(asked: list[Condition]) -> None:
    """From more to less there is nothing."""
    match asked:
        case [
            Condition(name, Op.AT_LEAST, (int(least),)),
            Condition(_, Op.AT_MOST, (int(most),)),
        ] if least > most:
            raise ValueError(f'{name} is never {least} or more and {most} or less: say "{most}..{least}"')


def _refuse_unheard_of(asked: Condition) -> None:
    """A rule that asks for what cannot be would never hold, or always."""
    known = FACTS[asked.fact].values
    for value in asked.values if known else ():
        if value not in known:
            listed = f"; it is {', '.join(known)}" if len(known) <= _LISTED else ""
            raise ValueError(f"{asked.fact} is never {value!r}{listed}{near(str(value), known)}")


def _numbers(name: str, asked: Any) -> Iterator[Condition]:
    if isinstance(asked, str) and (found := _COMPARED.fullmatch(asked.strip())):
        yield Condition(name, Op(found[1]), (_bounded(found[2]),))
    elif isinstance(asked, str) and (found := _BETWEEN.fullmatch(asked.strip())):
        yield Condition(name, Op.AT_LEAST, (_bounded(found[1]),))
        yield Condition(name, Op.AT_MOST, (_bounded(found[2]),))
    else:
        values = asked if isinstance(asked, list) else [asked]
        if not values or any(isinstance(each, bool | str) for each in values):
            raise ValueError(f'{name} is a number: 30, ">= 30", "< 30", "10..30" or [10, 20]')
        yield Condition(name, Op.IN, tuple(_bounded(each) for each in values))


def _bounded(number: str | int) -> int:
    found = int(number)
    if abs(found) > NUMBER_CAP:
        raise ValueError(f"{found} is beyond {NUMBER_CAP:,}")
    return found
