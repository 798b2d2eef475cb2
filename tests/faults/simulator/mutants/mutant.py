"""A fault put into the product on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.faults.simulator.plans import Theme

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: what it is, how it is put in, whether it is soon caught, and the only theme in which it shows."""

    name: str
    put: Callable[[Patch], None]
    quick: bool = False
    theme: Theme | None = None
