"""``python -m tests.faults.simulator --seed N --trace`` replays one schedule; ``--seeds N --from M`` runs many."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.faults.simulator.hunting import hunt
from tests.faults.simulator.mutants import MUTANTS
from tests.faults.simulator.running import quiet
from tests.faults.simulator.soak import Soak
from tests.faults.simulator.world import Stage


def main() -> int:
    """Exit status 1 when an invariant was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.simulator", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay this one")
    parser.add_argument("--trace", action="store_true", help="say what happens")
    parser.add_argument("--seeds", type=int, default=20_000, help="how many")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first of them")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="write down how far it is, and go on from there next time")
    parser.add_argument(
        "--mutants", action="store_true", help="hunt every mutant, each through so many schedules at most"
    )
    given = parser.parse_args()
    if given.seed is not None:
        quiet()
        with Stage().world(given.seed, trace=say if given.trace else None) as world:
            world.run()
        return 0
    if given.mutants:
        return mutants(given.first, given.seeds, given.processes)
    return many(given.first, given.seeds, given.processes, given.keep)


def many(first: int, count: int, processes: int, keep: Path | None) -> int:
    """Run them, and say how far it is about twice a minute."""
    soak = Soak(first, count, keep, say)
    broken = soak.run(processes).broken
    say(str(soak))
    return bool(broken)


def mutants(first: int, bound: int, processes: int) -> int:
    """Hunt them all."""
    context, missed = multiprocessing.get_context("spawn"), 0
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        for found in pool.map(partial(hunt, bound=bound, first=first), [mutant.name for mutant in MUTANTS]):
            missed += not found.caught
            words = found.words or "NOT CAUGHT"
            say(f"{found.schedules:6} schedules {found.seconds:6.1f} s  {found.name}: {words[:100]}")
    say(f"{len(MUTANTS)} mutants, {missed} not caught")
    return bool(missed)


def say(words: str) -> None:
    """To whoever waits."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
