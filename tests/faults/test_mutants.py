"""The simulator sees: faults put into the product on purpose are caught, each within so many schedules.

Ten that are soon caught are hunted here, all of them by ``make soak``.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from tests.faults.simulator.hunting import hunt
from tests.faults.simulator.mutants import MUTANTS

_BOUND = 600


def test_faults_put_in_on_purpose_are_caught() -> None:
    """Each in a process of its own, so that nothing is left of it."""
    quick = [mutant.name for mutant in MUTANTS if mutant.quick]
    assert len(quick) >= 10
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        hunts = [pool.submit(hunt, name, _BOUND) for name in quick]
        missed = [found.name for each in hunts if not (found := each.result()).caught]
    assert not missed


def test_there_are_mutants_of_every_kind() -> None:
    """At least 25, each of its own name."""
    names = [mutant.name for mutant in MUTANTS]
    assert len(names) == len(set(names)) >= 25
