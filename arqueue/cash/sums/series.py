"""How many ways there are, without looking at any of them.

The product of ``1 + x^amount`` over all items holds at ``x^s`` the number of subsets with sum s. Kept as one long number, a
few bytes for each sum (Kronecker's substitution), an item more is one shift and one addition. How many bytes are enough is
known before: all coefficients up to ``x^s`` together are no more than the product over ``x^s`` at any x between 0 and 1
(Chernoff's bound).

A long number is dear, and for the largest items nearly all of it is made in vain: for them it is written down what each
combination leaves to be made up, as long as that is cheaper. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, inf, log, log1p, log2, pi, sqrt

from arqueue.cash.sums.amounts import Group
from arqueue.cash.sums.answers import Patience
from arqueue.cash.sums.question import Turning

BYTES_A_UNIT = 50
"""As many bytes as are shifted and added in one unit of work."""
_STEPS = 10
_SAMPLE = 100
"""Of so many different amounts it is told nearly as well where the mean is; whatever it is taken for, the bound is one."""
_BYTES_A_NEED = 200
"""What a need costs, in bytes of a series that take as long."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be said of the number of subsets before counting, in bits."""

    most: float
    """No more subsets than this have a sum up to the target."""
    likely: float
    """About so many have just this sum."""


def outlook(groups: Sequence[Group], target: int, patience: Patience) -> Outlook:
    """By the saddle point: the x at which the mean of a random subset is the target, in logarithms."""
    items = sum(len(group.members) for group in groups)
    pairs = [(group.weight, len(group.members)) for group in groups]
    slope, total = 0.0, sum(weight * many for weight, many in pairs)
    if 2 * target < total:
        some = pairs[:: len(pairs) // _SAMPLE + 1]
        part = target * sum(weight * many for weight, many in some) / total
        below, above = 0.0, 0.28 * items / max(target, 1)
        for _ in range(_STEPS):
            slope = (below + above) / 2
            patience.spend(5 * len(some))
            mean = sum(many * weight / (1 + 1 / (exp(-slope * weight) or 1e-300)) for weight, many in some)
            below, above = (slope, above) if mean > part else (below, slope)
    patience.spend(10 * len(pairs))
    shares = [(weight, many, exp(-slope * weight)) for weight, many in pairs]
    most = slope * target + sum(many * log1p(share) for _, many, share in shares)
    spread = sqrt(sum(many * (weight / (1 + share)) ** 2 * share for weight, many, share in shares))
    return Outlook(most / log(2), (most - log(max(spread * sqrt(2 * pi), 1.0))) / log(2))


def series(weights: Sequence[int], high: int, width: int, size: int, patience: Patience) -> bytes:
    """For each need up to ``high``, in ``size`` bytes: how many subsets come to the need or to at most ``width`` less.

    The size must hold the number of all subsets up to ``high`` together. Raises OutOfTime."""
    number, reached, field = 1, 0, 8 * size
    mask = (1 << field * (high + 1)) - 1
    for weight in sorted(weights):
        more = number << field * weight
        reached += weight
        number += more & mask if reached > high else more
        patience.spend(min(reached, high) * size // BYTES_A_UNIT + 1)
    single, seen = number, 1
    for digit in f"{width + 1:b}"[1:]:
        patience.spend(2 * high * size // BYTES_A_UNIT + 1)
        number += number << field * seen & mask
        seen *= 2
        if digit == "1":
            number = single + (number << field & mask)
            seen += 1
    return number.to_bytes(size * (high + 1), "little")


def field_size(weights: Sequence[int], width: int, most: float = inf) -> int:
    """Bytes for the number of subsets of these weights in any window, where all that matter are ``most`` bits.

    In a window smaller than every weight no subset holds another: there are no more than subsets of half the items (Sperner)."""
    items = len(weights)
    bits = float(items)
    if items and width < min(weights):
        bits -= log2(pi * items / 2) / 2
    return int(min(bits, most) + 1e-6) // 8 + 1


def counted(turning: Turning, most: float, room: int, patience: Patience) -> int | None:
    """How many ways of turning move the sum into the window, where no more than ``most`` bits move it so far.

    None: there is no room for so many bytes. Raises OutOfTime."""
    ascending = [group.weight for group in reversed(turning.groups) for _ in group.members]
    high, width = turning.high, turning.high - turning.low
    totals = [*accumulate(ascending, initial=0)]
    size = field_size(ascending, width, most)
    needs, small = [high], len(ascending)
    while small and _BYTES_A_NEED * len(needs) < size * min(totals[small], high):
        small -= 1
        weight, reach = ascending[small], totals[small] + width
        if _BYTES_A_NEED * len(needs) > room:
            return None
        kept, lowered = list[int](), list[int]()
        for part in patience.parts(needs):
            kept += [need for need in part if need <= reach]
            lowered += [need - weight for need in part if weight <= need <= reach + weight]
        needs = kept + lowered
    ascending = ascending[:small]
    size, high = field_size(ascending, width, most), min(totals[small] + width, high)
    if _BYTES_A_NEED * len(needs) + size * sum(min(total, high) for total in totals[: small + 1]) > room:
        return None
    fields = series(ascending, high, width, size, patience)
    return sum(looked_up(fields, size, needs, patience))


def looked_up(fields: bytes, size: int, needs: list[int], patience: Patience) -> list[int]:
    """The numbers for these needs."""
    return [
        int.from_bytes(fields[need * size : need * size + size], "little")
        for part in patience.parts(needs)
        for need in part
    ]
