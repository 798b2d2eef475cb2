"""How many subsets of amounts make a sum, by a way of its own: one polynomial in one large integer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import gcd
from typing import Final

WORK_LIMIT: Final = 25_000_000_000
"""Bits times amounts beyond which counting takes more than some seconds."""


def subsets(amounts: Sequence[int], target: int) -> int | None:
    """How many subsets of positive amounts sum to `target`; None where counting takes too long.

    The coefficient of x^target in the product of (1 + x^a): coefficients stand side by side in one integer, each in as many
    bits as the largest possible count needs. A target above half the total is counted by what is left out."""
    unit = reduce(gcd, amounts, 0)
    if not unit or target % unit:
        return int(target == 0)
    scaled = [each // unit for each in amounts]
    goal = min(target // unit, sum(scaled) - target // unit)
    if goal < 0:
        return 0
    scaled = [each for each in scaled if each <= goal]
    width = len(scaled) + 1
    if (goal + 1) * width * len(scaled) > WORK_LIMIT:
        return None
    mask = (1 << (goal + 1) * width) - 1
    row = 1
    for each in scaled:
        row += (row << each * width) & mask
    return row >> goal * width & ((1 << width) - 1)
