"""Sets of many items, seen as a few exchanges.

If so many items must come to so much that hardly less than the largest of them will do, every answer is these largest ones but for some
exchanges, and what the exchanges lose adds up to a small number: the difference between the largest and what was paid. Losses are measured
from the smallest of the largest, so that none is negative. The same from below, where hardly more than the smallest will do.

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
        ranked = sorted(range(len(question.amounts)), key=lambda index: (-sign * question.amounts[index], index))
        start = set(ranked[:size])
        pivot = question.amounts[ranked[size - 1]]
        loss = sign * sum(question.amounts[index] for index in start) - (question.low if sign > 0 else -question.high)
        every = [_Item(index, index in start, abs(amount - pivot)) for index, amount in enumerate(question.amounts)]
        items = tuple(item for item in every if item.loss <= loss)
        fixed = tuple(item.index for item in every if item.loss > loss and item.inside)
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
        tables = self._tables(patience)
        yield from self._followed(tables, [], 0, 0, self.loss, patience)

    def _tables(self, patience: Patience) -> list[dict[int, bytes]]:
        """From each item on, for each balance of coming and leaving that is still to be made up: a bit for each loss that may be left."""
        mask, size = (1 << (self.loss + 1)) - 1, self.loss // 8 + 1
        sums = {0: 1}
        tables = [self._widened(sums, mask, size)]
        for item in reversed(self.items):
            patience.spend(len(sums) * (self.loss // BITS_A_UNIT + 1))
            step = -1 if item.inside else 1
            turned = {balance + step: bits << item.loss & mask for balance, bits in sums.items()}
            for balance, bits in turned.items():
                if bits and abs(balance) <= self.pairs:
                    sums[balance] = sums.get(balance, 0) | bits
            tables.append(self._widened(sums, mask, size))
        tables.reverse()
        return tables

    def _widened(self, sums: dict[int, int], mask: int, size: int) -> dict[int, bytes]:
        tables = {}
        for balance, bits in sums.items():
            done = 0
            while done < self.width:
                step = min(done + 1, self.width - done)
                bits |= bits << step & mask
                done += step
            tables[balance] = bits.to_bytes(size, "little")
        return tables

    def _followed(
        self, tables: list[dict[int, bytes]], chosen: list[int], place: int, balance: int, loss: int, patience: Patience
    ) -> Iterator[Indices]:
        """What completes the chosen from the item at ``place`` on, to make up the balance and lose no more than the loss."""
        if place == len(self.items):
            yield tuple(sorted((*chosen, *self.fixed)))
            return
        patience.spend(20)
        item, later = self.items[place], tables[place + 1]
        step = -1 if item.inside else 1
        for taken in (True, False):
            turned = taken != item.inside
            rest, left = (balance - step, loss - item.loss) if turned else (balance, loss)
            if left >= 0 and rest in later and later[rest][left >> 3] >> (left & 7) & 1:
                if taken:
                    chosen.append(item.index)
                yield from self._followed(tables, chosen, place + 1, rest, left, patience)
                if taken:
                    chosen.pop()
