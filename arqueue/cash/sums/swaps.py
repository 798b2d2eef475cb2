"""Sets of many items, seen as a few exchanges.

Where hardly less than the largest items will do, every answer of a size is the so many largest but for some exchanges. What
they lose adds up to a small number, the difference between the largest and what was paid; measured from the smallest of the
largest, no loss is negative, so that small tables tell all of them. The same from below, where hardly more than the smallest
will do.

Pisinger, "Linear time algorithms for knapsack problems with bounded weights" (1999), balances a solution in this way. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from arqueue.cash.sums.answers import Indices, Patience
from arqueue.cash.sums.question import Question
from arqueue.cash.sums.reach import BITS_A_UNIT


@dataclass(frozen=True, slots=True)
class _Item:
    """One that may be exchanged."""

    index: int
    inside: bool
    """Whether it is among those that one starts from."""
    loss: int


@dataclass(frozen=True, slots=True)
class Swaps:
    """The subsets of one size, as exchanges."""

    items: tuple[_Item, ...]
    """Oldest first."""
    fixed: Indices
    """Among those that one starts from, and too dear to go."""
    width: int
    loss: int
    """What the exchanges lose at most; at least the window's width less."""
    pairs: int
    """So many exchanges at most."""

    @classmethod
    def of(cls, question: Question, size: int) -> Swaps:
        """From the nearer end; so many items must be able to come into the window."""
        return min((cls._from_end(question, size, sign) for sign in (1, -1)), key=lambda swaps: swaps.loss)

    @classmethod
    def _from_end(cls, question: Question, size: int, sign: int) -> Swaps:
        """From the largest with 1, the smallest with -1."""
        amounts = question.amounts
        ranked = sorted(question.places, key=lambda index: (-sign * amounts[index], index))
        start = set(ranked[:size])
        pivot = amounts[ranked[size - 1]]
        loss = sign * sum(amounts[index] for index in start) - (question.low if sign > 0 else -question.high)
        items = tuple(
            _Item(index, index in start, abs(amounts[index] - pivot))
            for index in question.places
            if abs(amounts[index] - pivot) <= loss
        )
        fixed = tuple(sorted(start.difference(item.index for item in items)))
        leaving = sorted(item.loss for item in items if item.inside)
        coming = sorted(item.loss for item in items if not item.inside)
        pairs, spent = 0, 0
        for out, into in zip(leaving, coming, strict=False):
            spent += out + into
            if spent > loss:
                break
            pairs += 1
        return cls(items, fixed, question.high - question.low, loss, pairs)

    @property
    def effort(self) -> int:
        """Units of work for the tables."""
        return len(self.items) * (2 * self.pairs + 1) * (self.loss // BITS_A_UNIT + 1)

    def sets(self, patience: Patience) -> Iterator[Indices]:
        """All of them, oldest first. Raises OutOfTime and TooMuch."""
        return _Walk(self, patience).sets()


class _Walk:
    """From item to item, without a step into a dead end."""

    def __init__(self, swaps: Swaps, patience: Patience) -> None:
        self._swaps = swaps
        self._patience = patience
        self._mask = (1 << (swaps.loss + 1)) - 1
        self._sums = [{0: 1}]
        """From each item on, by the balance of coming and leaving that is to be made up: a bit for each loss that may be left."""
        for item in reversed(swaps.items):
            later = self._sums[-1]
            patience.spend(2 * len(later) * (swaps.loss // BITS_A_UNIT + 1))
            step = -1 if item.inside else 1
            sums = dict(later)
            for balance, bits in later.items():
                turned = bits << item.loss & self._mask
                if turned and abs(balance + step) <= swaps.pairs:
                    sums[balance + step] = sums.get(balance + step, 0) | turned
            self._sums.append(sums)
        self._sums.reverse()
        self._tables: list[dict[int, bytes]] = [{} for _ in self._sums]

    def sets(self) -> Iterator[Indices]:
        """All of them, oldest first: at each item first those that take it."""
        items, loss = self._swaps.items, self._swaps.loss
        if not items and self._leads_on(0, 0, loss):
            yield self._swaps.fixed
        taken = list[bool]()
        open_ways = [self._onward(0, 0, loss)] if items else []
        while open_ways:
            way = next(open_ways[-1], None)
            if way is None:
                open_ways.pop()
                continue
            take, balance, loss = way
            taken[len(open_ways) - 1 :] = [take]
            if len(taken) < len(items):
                open_ways.append(self._onward(len(taken), balance, loss))
            else:
                chosen = (item.index for item, take in zip(items, taken, strict=True) if take)
                yield tuple(sorted((*chosen, *self._swaps.fixed)))

    def _onward(self, place: int, balance: int, loss: int) -> Iterator[tuple[bool, int, int]]:
        """Whether to take this item, and what the later ones then have to make up."""
        self._patience.spend(20)
        item = self._swaps.items[place]
        step = -1 if item.inside else 1
        for take in (True, False):
            turned = take != item.inside
            rest, left = (balance - step, loss - item.loss) if turned else (balance, loss)
            if left >= 0 and self._leads_on(place + 1, rest, left):
                yield take, rest, left

    def _leads_on(self, place: int, balance: int, loss: int) -> bool:
        """Whether the items from there on can make this up."""
        tables = self._tables[place]
        if balance not in tables:
            tables[balance] = self._widened(self._sums[place].get(balance, 0))
        table = tables[balance]
        return bool(table[loss >> 3] >> (loss & 7) & 1)

    def _widened(self, bits: int) -> bytes:
        """A bit for each loss: whether some loss is it or up to the window's width less."""
        self._patience.spend(self._swaps.loss // BITS_A_UNIT + 1)
        width, done = self._swaps.width, 0
        while done < width:
            step = min(done + 1, width - done)
            bits |= bits << step & self._mask
            done += step
        return bits.to_bytes(self._swaps.loss // 8 + 1, "little")
