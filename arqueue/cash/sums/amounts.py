"""What is open, in the forms that a question needs: made once, for as many questions as are asked of it. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from math import gcd
from typing import NamedTuple, Self

from arqueue.cash.sums.answers import Indices


class Group(NamedTuple):
    """Equal amounts: which of them are turned makes no difference to the sum."""

    weight: int
    """By how much turning one of them moves the sum; positive."""
    members: Indices
    inside: bool
    """Whether they are part of the sum before anything is turned."""

    def taken(self, turned: int) -> int:
        """How many are part of the sum when so many are turned."""
        return len(self.members) - turned if self.inside else turned


class Amounts(tuple[int, ...]):  # noqa: SLOT001 - what is worked out is kept in it
    """Open amounts in minor units, credits negative, oldest first: a tuple that remembers what was worked out about it.

    All properties are in units of ``common``, and leave out what is nothing."""

    @classmethod
    def of(cls, amounts: Iterable[int]) -> Self:
        """The same ones where they are remembered already."""
        return amounts if isinstance(amounts, cls) else cls(amounts)

    def with_more(self, more: Sequence[int]) -> Self:
        """These and a few behind them, in a moment where these are asked for it again and again."""
        joined = type(self)((*self, *more))
        if self.kinds and not any(amount % self.common for amount in more):
            joined._take_over(self)
        return joined

    @cached_property
    def common(self) -> int:
        """What all have in common as a factor."""
        return gcd(*self) or 1

    @cached_property
    def each(self) -> Sequence[int]:
        """By place."""
        common = self.common
        return self if common == 1 else tuple([amount // common for amount in self])

    @cached_property
    def where(self) -> Mapping[int, Sequence[int]]:
        """The places of each amount, ascending."""
        where: dict[int, list[int]] = defaultdict(list)
        for place, amount in enumerate(self.each):
            where[amount].append(place)
        where.pop(0, None)
        return dict(where)

    @cached_property
    def kinds(self) -> list[int]:
        """The different ones, ascending."""
        return [*dict.fromkeys(self.ordered)]

    @cached_property
    def ordered(self) -> list[int]:
        """All of them, ascending."""
        ordered = sorted(self.each)
        del ordered[bisect_left(ordered, 0) : bisect_left(ordered, 1)]
        return ordered

    @cached_property
    def credits(self) -> int:
        """So many of them are below nothing."""
        return bisect_left(self.ordered, 0)

    @cached_property
    def totals(self) -> list[int]:
        """What the first of the ordered come to: none, one, two …"""
        return [*accumulate(self.ordered, initial=0)]

    @cached_property
    def by_weight(self) -> list[int]:
        """The different ones, smallest first whatever their sign."""
        kinds, credits = self.kinds, bisect_left(self.kinds, 0)
        return sorted([*reversed(kinds[:credits]), *kinds[credits:]], key=abs) if credits else kinds

    @cached_property
    def taken_in(self) -> list[Group]:
        """By weight, as they are turned from the lowest sum: debits come in, credits go."""
        return [self.group(amount, from_least=True) for amount in self.by_weight]

    @cached_property
    def left_out(self) -> list[Group]:
        """By weight, as they are turned from the highest sum: debits go, credits come in."""
        return [self.group(amount, from_least=False) for amount in self.by_weight]

    def group(self, amount: int, *, from_least: bool) -> Group:
        """All of one amount."""
        return Group(abs(amount), tuple(self.where[amount]), (amount < 0) == from_least)

    def _take_over(self, first: Amounts) -> None:
        """Only for what has nothing yet: the forms that the first of these have, and the rest added to them."""
        common, there, known = first.common, len(first), self.__dict__
        rest = [amount // common for amount in self[there:]]
        known["common"] = common
        known["each"] = self if common == 1 else (*first.each, *rest)
        where: dict[int, Sequence[int]] = dict(first.where)
        for place, amount in enumerate(rest, there):
            if amount:
                where[amount] = [*where.get(amount, ()), place]
        known["where"] = where
        # Two ascending runs: they are only merged.
        known["ordered"] = sorted(sorted(filter(None, rest)) + first.ordered)
        known["kinds"] = sorted(first.kinds + [amount for amount in where if amount not in first.where])
