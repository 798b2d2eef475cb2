"""Twenty thousand schedules of lost, late and wrong answers, deaths, wrong clocks, changing roles: every invariant, every step.

``make soak`` runs a million. A seed that fails says how to replay it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest
import structlog

from tests.faults.simulator.running import Tally, pool_of, quiet, replay, run, run_beside
from tests.faults.simulator.spoiling import Fault
from tests.faults.simulator.world import Stage

FIRST = int(os.environ.get("ARQUEUE_SIM_SEED", "0"))
_SCHEDULES = 20_000
_LOT = 2_000


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Schedules run without a log."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """For all lots."""
    with pool_of(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def met() -> Counter[str]:
    """How often each fault was met in the lots that ran."""
    return Counter()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(FIRST, FIRST + _SCHEDULES, _LOT))
def test_nothing_is_lost_doubled_or_beyond_authority(
    pool: ProcessPoolExecutor, met: Counter[str], first: int
) -> None:
    """Under every schedule of the lot, on ledgers with keys and versions, with keys alone and with neither."""
    total = Tally()
    for tally in run_beside(pool, first, _LOT):
        total.add(tally)
    assert not total.broken, str(total)
    assert total.counts["schedules"] == _LOT
    assert total.counts["deaths"] > _LOT / 2
    assert total.counts["bookings"] > _LOT
    met.update({name: count for name, count in total.counts.items() if name.startswith("met: ")})


def test_every_fault_was_met(met: Counter[str]) -> None:
    """In the lots before it: the rarest comes a few times in each of them."""
    if not met:
        pytest.skip("no lot was run")
    assert met.keys() == {f"met: {fault.value}" for fault in Fault if fault is not Fault.NONE}


def test_one_seed_is_one_schedule() -> None:
    """A replay is the same to the last word, so what a seed found can be looked at."""
    quiet()
    stage, told = Stage(), []
    for seed in (3, 4, 3):
        lines: list[str] = []
        with stage.world(seed, trace=lines.append) as world:
            world.run()
        told.append(lines)
    assert told[0] == told[2]
    assert told[0] != told[1]


def test_a_seed_that_fails_says_how_to_replay_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks, the other schedules run on, and the report names the command."""
    monkeypatch.setattr("data.store.audit.link", lambda prev, row: "0" * 64)
    tally = run(7, 2)
    assert tally.counts["schedules"] == 2
    assert {seed for seed, _ in tally.broken} <= {7, 8}
    assert replay(7) in str(tally) or replay(8) in str(tally)
