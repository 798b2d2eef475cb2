"""The question in its simplest form: common factor out, what cannot take part left out, equal amounts together. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import NamedTuple

from arqueue.cash.sums.answers import Indices


@dataclass(frozen=True)
class Question:
    """Which of these amounts come to something between ``low`` and ``high``."""

    amounts: tuple[int, ...]
    """Divided by what all have in common; none is zero, and each fits into the window with the others' help."""
    places: Indices
    """Where each stood in what was asked."""
    low: int
    high: int

    @classmethod
    def of(cls, amounts: Sequence[int], low: int, high: int) -> Question:
        """An amount of zero is nothing open and takes no part."""
        common = gcd(*amounts) or 1
        low, high = -(-low // common), high // common
        fitting = [(amount // common, place) for place, amount in enumerate(amounts) if amount]
        before = -1
        while len(fitting) != before:
            before = len(fitting)
            highest = high - sum(amount for amount, _ in fitting if amount < 0)
            lowest = low - sum(amount for amount, _ in fitting if amount > 0)
            fitting = [each for each in fitting if lowest <= each[0] <= highest]
        return cls(tuple(amount for amount, _ in fitting), tuple(place for _, place in fitting), low, high)

    @property
    def most(self) -> int:
        """The highest sum: all debits."""
        return sum(amount for amount in self.amounts if amount > 0)

    @property
    def least(self) -> int:
        """The lowest: all credits."""
        return sum(amount for amount in self.amounts if amount < 0)

    @cached_property
    def where(self) -> Mapping[int, Sequence[int]]:
        """The items of each amount, ascending."""
        where: dict[int, list[int]] = defaultdict(list)
        for index, amount in enumerate(self.amounts):
            where[amount].append(index)
        return where

    @property
    def possible(self) -> bool:
        """Whether the window holds a sum at all, as far as one sees at once."""
        return (
            bool(self.amounts) and self.low <= self.high and self.least <= self.high and self.most >= self.low
        )

    def asked(self, chosen: Iterable[int]) -> Indices:
        """The same items in the places of what was asked."""
        return tuple(map(self.places.__getitem__, chosen))


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


class Weight(NamedTuple):
    """One item that may be turned."""

    weight: int
    place: int
    """In the question."""
    inside: bool


@dataclass(frozen=True, slots=True)
class Turning:
    """The question without signs: start from the lowest sum (all credits) or the highest (all debits), whichever is nearer, and
    ask which items to turn, taking them in or leaving them out, so that the sum moves by ``low`` to ``high``.

    Items too large to be turned are no longer among the groups; those of them that are part of the sum are ``fixed``."""

    groups: tuple[Group, ...]
    """Largest weight first."""
    fixed: Indices
    low: int
    high: int

    @classmethod
    def of(cls, question: Question) -> Turning:
        """From the nearer end."""
        upwards = question.low - question.least, question.high - question.least
        downwards = question.most - question.high, question.most - question.low
        from_least = sum(upwards) <= sum(downwards)
        low, high = upwards if from_least else downwards
        where = question.where
        fixed = sorted(
            index
            for amount, members in where.items()
            if abs(amount) > high and (amount < 0) == from_least
            for index in members
        )
        turned = [amount for amount in where if abs(amount) <= high]
        turned.sort(key=abs, reverse=True)
        groups = tuple(
            [Group(abs(amount), tuple(where[amount]), (amount < 0) == from_least) for amount in turned]
        )
        return cls(groups, tuple(fixed), max(low, 0), high)

    @property
    def items(self) -> int:
        """How many may be turned."""
        return sum(len(group.members) for group in self.groups)

    def in_order(self, but: AbstractSet[int]) -> list[Weight]:
        """What may be turned besides these places: latest first of what is part of the sum, oldest first of what is not."""
        items = [
            Weight(group.weight, place, group.inside)
            for group in self.groups
            for place in group.members
            if place not in but
        ]
        return sorted(items, key=lambda item: -item.place if item.inside else item.place)
