"""Many schedules, one after the other in each of a few processes, and what they met."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import structlog

from tests.faults.simulator.invariants.broken import Broken
from tests.faults.simulator.world import Stage

_SLICE = 250
_RINGS = 25


@dataclass(slots=True)
class Tally:
    """What was done and met; ``broken`` are seeds and the invariant that did not hold."""

    counts: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0
    """Of one core."""

    def add(self, other: Tally) -> None:
        """With those of another slice."""
        self.counts += other.counts
        self.broken += other.broken
        self.seconds += other.seconds

    def __str__(self) -> str:
        counts = "\n".join(f"{count:12,} {name}" for name, count in sorted(self.counts.items()))
        broken = "\n".join(f"{words}\n    {replay(seed)}" for seed, words in self.broken)
        return "\n".join(each for each in (counts, broken) if each)


def replay(seed: int) -> str:
    """The command that shows a schedule again."""
    return f"python -m tests.faults.simulator --seed {seed} --trace"


def quiet() -> None:
    """A million log lines help nobody."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def run(first: int, count: int) -> Tally:
    """Seeds from ``first`` on, in this process."""
    quiet()
    stage, tally, started = Stage(), Tally(), time.process_time()
    gc.collect()
    gc.freeze()  # what is there stays; the rings that a schedule leaves are collected between schedules
    gc.disable()
    try:
        for seed in range(first, first + count):
            with stage.world(seed) as world:
                try:
                    world.run()
                except (Broken, Exception) as error:  # noqa: BLE001  whatever went wrong, the seed shows it again
                    tally.broken.append((seed, f"{type(error).__name__} {error}"))
                tally.counts += world.tally()
            if seed % _RINGS == 0:
                gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    tally.seconds = time.process_time() - started
    return tally


def pool_of(processes: int) -> ProcessPoolExecutor:
    """So many processes, which begin with the first schedule."""
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def run_beside(pool: ProcessPoolExecutor, first: int, count: int) -> Iterator[Tally]:
    """The same in slices, in the pool's processes; slices come as they end."""
    starts = range(first, first + count, _SLICE)
    sizes = [min(_SLICE, first + count - start) for start in starts]
    yield from pool.map(run, starts, sizes)
