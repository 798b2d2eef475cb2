"""A hunt for a mutant: schedules are run on it until something is noticed that the product without the fault does not do."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from itertools import count, islice

import pytest

from tests.faults.simulator import world
from tests.faults.simulator.invariants.broken import Broken
from tests.faults.simulator.mutants import MUTANTS
from tests.faults.simulator.plans import plan
from tests.faults.simulator.running import quiet


@dataclass(frozen=True, slots=True)
class Catch:
    """After how many schedules it was caught, by what, in how many seconds of one core; none where it was not."""

    name: str
    schedules: int
    words: str
    seconds: float

    @property
    def caught(self) -> bool:
        """Whether anything was noticed."""
        return bool(self.words)


def hunt(name: str, bound: int, first: int = 0) -> Catch:
    """Run schedules on a mutant until something is noticed that the product without the fault does not do."""
    quiet()
    (mutant,) = [each for each in MUTANTS if each.name == name]
    stage, started = world.Stage(), time.process_time()
    seeds = (
        seed
        for seed in count(first)
        if mutant.theme is None or plan(random.Random(seed)).theme is mutant.theme
    )
    for n, seed in enumerate(islice(seeds, bound), 1):
        with pytest.MonkeyPatch.context() as patch:
            mutant.put(patch)
            noticed = _noticed(stage, seed)
        if noticed and not _noticed(stage, seed):
            return Catch(name, n, noticed, time.process_time() - started)
    return Catch(name, bound, "", time.process_time() - started)


def _noticed(stage: world.Stage, seed: int) -> str:
    """What broke in a schedule; empty where nothing did."""
    with stage.world(seed) as made:
        try:
            made.run()
        except Broken as broken:
            return str(broken)
        except Exception as error:  # noqa: BLE001  the product's own checks noticed it
            return f"{type(error).__name__}: {error}"
    return ""
