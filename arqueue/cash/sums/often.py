"""More answers than anybody wants to count, shown in a moment: by how many sums two small sets of items meet.

A bit for each sum that the one set makes, a bit for each that the other leaves to be made up: every bit that both have is another
answer, and the machine counts sixty-four of them at a time. Which items are turned besides, so that what is left lies where
the two make most sums, makes other answers again. Amounts that are equal, or round, make few sums in many ways, which this does
not see. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from arqueue.cash.sums.answers import Patience
from arqueue.cash.sums.question import End, Weight
from arqueue.cash.sums.reach import BITS_A_UNIT, widened

_SIZES = (12, 15, 18)
"""So many items in each of the two sets, one after the other until there are enough."""
_MIDDLE = 8
"""So many more are tried in all combinations."""
_NEAREST = 12
"""Of these combinations so many are taken on either side of the best."""
_TRIES, _TRIED = 100, 8
"""So often two sets are held against each other, if what they showed in the first tries promises that it will do."""
_LONGEST = 1_000_000
"""Bits of the sums of one set; half of them will at best be met in a try."""
_SPREAD = 5
"""What is left lies no further from the best than this part of what all of them come to."""


@dataclass(frozen=True, slots=True)
class Often:
    """So many ways at least, and how to come by some of them."""

    count: int
    others: Sequence[Weight]
    """Those that make up the rest, smallest first."""
    begun: Sequence[tuple[Sequence[int], int]]
    """The places of what is turned before, and what is then missing at most."""


def often(end: End, enough: int, patience: Patience) -> Often:
    """Stops where there are more than ``enough``, and soon anyhow. Raises OutOfTime."""
    best = Often(0, (), ())
    for size in _SIZES:
        if 2 * size + _MIDDLE > end.kinds:
            break
        others = _others(end, size)
        small = sum(item.weight for item in others[: 2 * size])
        if small > 2 * _LONGEST:
            break
        if small * _TRIES > 8 * enough:
            found = _Pair.of(end, size, others, patience).often(enough, patience)
            best = max(best, found, key=lambda often: often.count)
            if best.count > enough:
                break
    return best


def _others(end: End, size: int) -> list[Weight]:
    """The smallest, no two of them of the same amount: for two sets of so many, and the few that are turned besides."""
    return [
        Weight(group.weight, group.members[0], group.inside) for group in end.smallest(2 * size + _MIDDLE)
    ]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two sets of small items, and a few that are turned besides."""

    end: End
    others: Sequence[Weight]
    ones: int
    twos: int
    """A bit for each sum of either."""
    middle: Sequence[int]
    """All sums of the few besides, ascending."""

    @classmethod
    def of(cls, end: End, size: int, others: Sequence[Weight], patience: Patience) -> _Pair:
        """Of so many items each."""
        small, middle = others[: 2 * size], [0]
        for item in others[2 * size :]:
            middle += [total + item.weight for total in middle]
        patience.spend(4 * len(middle))
        middle.sort()
        return cls(end, others, _sums(small[::2], patience), _sums(small[1::2], patience), middle)

    def often(self, enough: int, patience: Patience) -> Often:
        """In how many ways they make up what is missing, after one beginning and another."""
        width = self.end.high - self.end.low
        ones, twos = self.ones.bit_length(), self.twos.bit_length()
        wide = widened(self.twos, width)
        effort = 3 * (min(ones, twos) + width) // BITS_A_UNIT + 20
        best, tries, count, begun = (ones + twos) // 2, 0, 0, list[tuple[Sequence[int], int]]()
        for turned, high in self._beginnings(patience):
            centre, before, going = bisect_left(self.middle, high - best), count, True
            for besides in self.middle[max(centre - _NEAREST, 0) : centre + _NEAREST]:
                patience.spend(effort)
                tries += 1
                left = high - besides - twos + 1
                meeting = self.ones >> left & wide if left > 0 else self.ones & wide >> -left
                count += meeting.bit_count()
                going = count <= enough and (tries < _TRIED or count * _TRIES > enough * tries)
                if not going:
                    break
            if count > before:
                begun.append((turned, high))
            if not going:
                break
        return Often(count, self.others, begun)

    def _beginnings(self, patience: Patience) -> Iterator[tuple[Sequence[int], int]]:
        """Larger items turned in their order, as long as more is missing than the others make best; each beginning starts with
        another. With their places, what is missing at most."""
        end, amounts = self.end, self.end.question.amounts
        reach = self.ones.bit_length() + self.twos.bit_length() + self.middle[-1]
        least, most = reach // 2 - reach // _SPREAD, reach // 2 + reach // _SPREAD
        if end.high <= most:
            yield (), end.high
        kept = {item.place for item in self.others}
        places = range(len(amounts)) if end.from_least else range(len(amounts) - 1, -1, -1)
        for first, begin in enumerate(places):
            if begin in kept or not 0 < abs(amounts[begin]) <= end.high - least:
                continue
            high, turned = end.high, list[int]()
            last = first
            for last in range(first, len(places)):
                place = places[last]
                weight = abs(amounts[place])
                if weight <= high - least and weight and place not in kept:
                    high -= weight
                    turned.append(place)
                    if high <= most:
                        break
            patience.spend(2 * (last - first) + 20)
            if high <= most:
                yield turned, high


def _sums(items: Sequence[Weight], patience: Patience) -> int:
    sums = 1
    for item in items:
        patience.spend(sums.bit_length() // BITS_A_UNIT + 1)
        sums |= sums << item.weight
    return sums
