"""Faults put into the product on purpose, each in one function: a simulator that does not catch them proves nothing."""

from __future__ import annotations

from tests.faults.simulator.mutants.deciding import ALLOWED, OPEN
from tests.faults.simulator.mutants.keeping import KEPT
from tests.faults.simulator.mutants.mutant import Mutant
from tests.faults.simulator.mutants.sending import SENT

__all__ = ["MUTANTS", "Mutant"]
MUTANTS: tuple[Mutant, ...] = (*SENT, *ALLOWED, *KEPT, *OPEN)
