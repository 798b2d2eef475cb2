"""Which sums can be made at all: one bit a sum, so that one more item is one shift of a large number.

Bellman, "Dynamic Programming" (1957); the bits let the machine do sixty-four sums at a time. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from math import comb, prod

from arqueue.cash.sums.amounts import Group
from arqueue.cash.sums.answers import Patience
from arqueue.cash.sums.question import Turning
from arqueue.cash.sums.shapes import Shape

Field = tuple[int, int]
"""Where in a number it is said how many of a group are turned: from which bit on, and how large it can be."""

BITS_A_UNIT = 1_000
"""As many bits as are shifted in one unit of work."""


_BEGUN = 256
"""So many ways may be begun before it is looked which of them lead on."""
_DENSE, _WIDE = 1.5, 20_000
"""Where two of three sums or more are made, of so many, it is not looked: most ways lead on."""
_ENDS = 2_048
"""So many ways of turning the smallest are written down, to be met by what is begun."""
_BITS = bytes.maketrans(b"01", b"\x00\x01")
"""From figures to numbers."""


def bits_needed(turning: Turning) -> int:
    """The size of all tables of ``traced``."""
    return (turning.high + 1) * (len(turning.groups) + 1)


def traced(turning: Turning, patience: Patience) -> Iterator[Shape]:
    """Every way of turning that moves the sum into the window, with no step into a dead end: of each group and each sum it is
    known whether the groups after it can still make up the difference. Raises OutOfTime."""
    width = turning.high - turning.low
    tables = []
    sums, mask, size = 1, (1 << (turning.high + 1)) - 1, turning.high // 8 + 1
    for group in reversed(turning.groups):
        patience.spend(4 * (turning.high // BITS_A_UNIT + 1))
        tables.append(widened(sums, width).to_bytes(size, "little"))
        rest = len(group.members)
        times = 1
        while rest:
            times = min(times, rest)
            patience.spend(turning.high // BITS_A_UNIT + 1)
            sums |= sums << times * group.weight & mask
            rest -= times
            times *= 2
    tables.reverse()
    if widened(sums, width) >> turning.low & 1:
        yield from _followed(turning, tables, [0] * len(tables), 0, turning.high, patience)


def every(turning: Turning, most: int, keep: int, patience: Patience) -> tuple[int, list[Shape]] | None:
    """How many ways of turning move the sum into the window, and those of them that the first ``keep`` sets are made of; None
    where there are more than ``most``. Raises OutOfTime.

    Group by group from the largest, all that lead on at once: as each leads to an answer, they are never more than the answers.
    They are met by all that the smallest make. A way is a number: what is turned of each group, in fields of bits, and above
    them a sum, which is what is still to be moved at most, or what the smallest move."""
    fields, shift = list[Field](), 0
    for group in turning.groups:
        width = len(group.members).bit_length()
        fields.append((shift, (1 << width) - 1))
        shift += width
    met = _met(turning.groups)
    tables = _tables(turning, met, patience)
    begun = [turning.high << shift]
    for group, (lowest, _), (reach, table) in zip(turning.groups, fields, tables, strict=False):
        step, least, leading = (group.weight << shift) - (1 << lowest), group.weight << shift, list[int]()
        for turned in range(len(group.members) + 1):
            patience.spend((3 if table else 1) * len(begun) + 20)
            if turned:
                begun = [key - step for key in begun if key >= least]
            leading += [
                key
                for key in begun
                if (left := key >> shift) <= reach and (not table or table[left >> 3] >> (left & 7) & 1)
            ]
            if len(leading) > (most if table else 2 * most):
                return None
        begun = leading
    ends = _ends(turning, met, fields, shift, patience)
    found = _joined(begun, ends, shift, turning.high - turning.low, most, patience)
    if found is None:
        return None
    first = _fewest(found, keep + 1, _size(turning.groups, fields))
    patience.spend(len(fields) * len(first))
    if 0 < shift == len(fields):
        shapes = [tuple(f"{key:0{shift}b}".encode().translate(_BITS)[::-1]) for key in first]
    else:
        shapes = [tuple([key >> lowest & mask for lowest, mask in fields]) for key in first]
    return _ways(turning.groups, fields, found), shapes


def _size(groups: Sequence[Group], fields: Sequence[Field]) -> Callable[[int], int]:
    """Of how many items more than another a way is: what comes in less what goes."""
    single = [
        (1 << lowest, group.inside) for group, (lowest, mask) in zip(groups, fields, strict=True) if mask == 1
    ]
    coming, going = (sum(bit for bit, inside in single if inside == side) for side in (False, True))
    several = [
        (lowest, mask, -1 if group.inside else 1)
        for group, (lowest, mask) in zip(groups, fields, strict=True)
        if mask > 1
    ]
    if not (going or several):
        return int.bit_count

    def size(key: int) -> int:
        more = sum([sign * (key >> lowest & mask) for lowest, mask, sign in several])
        return more + (key & coming).bit_count() - (key & going).bit_count()

    return size


def _ways(groups: Sequence[Group], fields: Sequence[Field], found: Sequence[int]) -> int:
    """How many sets of items are turned in one of these ways."""
    several = [
        (lowest, mask, [comb(len(group.members), turned) for turned in range(len(group.members) + 1)])
        for group, (lowest, mask) in zip(groups, fields, strict=True)
        if mask > 1
    ]
    if not several:
        return len(found)
    return sum([prod([sets[key >> lowest & mask] for lowest, mask, sets in several]) for key in found])


def _fewest(found: list[int], keep: int, size: Callable[[int], int]) -> list[int]:
    """Those of so few items that there are so many of no more."""
    found.sort(key=size)
    if keep >= len(found):
        return found
    return found[: bisect_right(found, size(found[keep]), key=size)]


def _met(groups: Sequence[Group]) -> int:
    """The first of the smallest."""
    ends, place = 1, len(groups)
    while place and ends * (len(groups[place - 1].members) + 1) <= _ENDS:
        place -= 1
        ends *= len(groups[place].members) + 1
    return place


def _ends(turning: Turning, met: int, fields: Sequence[Field], shift: int, patience: Patience) -> list[int]:
    """All that the smallest make, ascending."""
    ends, limit = [0], (turning.high + 1) << shift
    for group, (lowest, _) in zip(turning.groups[met:], fields[met:], strict=True):
        one, more = (group.weight << shift) + (1 << lowest), ends
        for _ in group.members:
            patience.spend(2 * len(more))
            more = [key + one for key in more if key + one < limit]
            ends = ends + more
    return sorted(ends)


def _joined(
    begun: Sequence[int], ends: Sequence[int], shift: int, slack: int, most: int, patience: Patience
) -> list[int] | None:
    """What is begun with each of the ends that go with it, one number for both; None where there are more than ``most``."""
    turned, by_sum, found = (1 << shift) - 1, defaultdict[int, list[int]](list), list[int]()
    patience.spend((20 if slack else 10) * len(begun))
    for end in ends:
        by_sum[end >> shift].append(end & turned)
    sums = [*by_sum]
    for key in begun:
        left, chosen = key >> shift, key & turned
        if slack:
            near = sums[bisect_left(sums, left - slack) : bisect_right(sums, left)]
            found += [chosen | end for total in near for end in by_sum[total]]
        elif left in by_sum:
            found += [chosen | end for end in by_sum[left]]
        if len(found) > most:
            return None
    return found


def _tables(turning: Turning, met: int, patience: Patience) -> list[tuple[int, bytes]]:
    """After each group but the smallest: the most that the later ones make up, and a bit for all that they do; none where what
    is begun is little enough to go on with all of it."""
    slack, reach, sums, tables = turning.high - turning.low, 0, 1, list[tuple[int, bytes]]()
    begun = [*accumulate((len(group.members) + 1 for group in turning.groups), int.__mul__)]
    for place in range(len(turning.groups) - 1, -1, -1):
        group = turning.groups[place]
        if place < met:
            top, table = min(reach + slack, turning.high), b""
            dense = top > _WIDE and _DENSE * sums.bit_count() > top
            if begun[place] > _BEGUN and not dense:
                patience.spend(3 * (top // BITS_A_UNIT + 1))
                table = narrowed(sums, slack, top).to_bytes(top // 8 + 1, "little")
            tables.append((top, table))
        reach += len(group.members) * group.weight
        if begun[max(place - 1, 0)] > _BEGUN:
            sums = _with(group, sums, min(reach, turning.high), patience)
    return tables[::-1]


def _with(group: Group, sums: int, top: int, patience: Patience) -> int:
    """The sums up to ``top``, with up to all of a group added to each."""
    rest, times = len(group.members), 1
    while rest:
        times = min(times, rest)
        patience.spend(2 * (top // BITS_A_UNIT + 1))
        sums |= sums << times * group.weight
        rest -= times
        times *= 2
    return sums if sums.bit_length() <= top + 1 else sums & (1 << (top + 1)) - 1


def narrowed(sums: int, width: int, top: int) -> int:
    """A bit for everything up to ``top`` that is some sum or up to ``width`` more."""
    done = 0
    while done < width:
        step = min(done + 1, width - done)
        sums |= sums << step
        done += step
    return sums if sums.bit_length() <= top + 1 else sums & (1 << (top + 1)) - 1


def widened(sums: int, width: int) -> int:
    """A bit for every need: whether some sum lies between the need and ``width`` more."""
    done = 0
    while done < width:
        step = min(done + 1, width - done)
        sums |= sums >> step
        done += step
    return sums


def _followed(
    turning: Turning, tables: list[bytes], shape: list[int], place: int, high: int, patience: Patience
) -> Iterator[Shape]:
    """What is still to be moved is ``high`` at most: ends where nothing more is needed, and goes on with every later group."""
    low = high - turning.high + turning.low
    if low <= 0:
        yield tuple(shape)
    for here in range(place, len(tables)):
        group, table = turning.groups[here], tables[here]
        patience.spend(4)
        need = low
        for turned in range(1, min(len(group.members), high // group.weight) + 1):
            need = max(low - turned * group.weight, 0)
            if table[need >> 3] >> (need & 7) & 1:
                shape[here] = turned
                yield from _followed(turning, tables, shape, here + 1, high - turned * group.weight, patience)
        shape[here] = 0
