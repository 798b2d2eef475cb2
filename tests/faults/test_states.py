"""The same company as in the simulator, led by Hypothesis: what it finds it makes short.

Weak where only rare timing hurts, which the seeded schedules are for; strong where the order of events does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.faults.simulator.running import quiet
from tests.faults.simulator.spoiling import Fault
from tests.faults.simulator.world import Stage, World

_STAGE: list[Stage] = []


def stage() -> Stage:
    """One for all examples: each leaves it as it was."""
    if not _STAGE:
        quiet()
        _STAGE.append(Stage())
    return _STAGE[0]


class Company(RuleBasedStateMachine):
    """Everything that happens to a company is a rule; every invariant is looked at after each."""

    def __init__(self) -> None:
        super().__init__()
        self.stack, self.world = ExitStack(), None

    world: World | None

    @initialize(chance=st.randoms(use_true_random=False), kind=st.sampled_from(["calm", "nasty"]))
    def begin(self, chance: random.Random, kind: str) -> None:
        """A broker starts; what chance decides, Hypothesis does."""
        self.world = self.stack.enter_context(stage().world(0, chance=chance))
        self.world.wire.rate = 0.0 if kind == "calm" else 0.6
        self.world.begin_work()

    @rule(times=st.integers(1, 12))
    def go_on(self, times: int) -> None:
        """Whoever can go on does."""
        assert self.world is not None
        for _ in range(times):
            self.world.happen("go on")
            self.world.watch.check()

    @rule()
    @precondition(lambda self: self.world is not None and self.world.faces.forms < 5)
    def order(self) -> None:
        """Somebody orders something."""
        assert self.world is not None
        self.world.faces.order()

    @rule(
        what=st.sampled_from(
            [
                *["step", "time", "stall", "sleep", "kill", "reboot", "wall", "staff", "grow old"],
                *["books", "period", "backup", "restore"],
            ]
        )
    )
    def happen(self, what: str) -> None:
        """People step in, time passes, processes die, clocks and roles change, backups are put back."""
        assert self.world is not None
        self.world.happen(what)

    @rule(fault=st.sampled_from([each for each in Fault if each is not Fault.NONE]))
    def prefer(self, fault: Fault) -> None:
        """From now on this fault is met often."""
        assert self.world is not None
        self.world.wire.favourites = [fault]

    @invariant()
    def all_hold(self) -> None:
        """I1 to I21."""
        if self.world is not None:
            self.world.watch.check()

    def teardown(self) -> None:
        """In peace everything comes to its end."""
        with self.stack:
            if self.world is not None:
                self.world.make_peace()


@pytest.fixture(autouse=True, scope="module")
def _log_as_before() -> Iterator[None]:
    """Examples run without a log."""
    yield
    structlog.reset_defaults()


TestCompany = pytest.mark.timeout(300)(Company.TestCase)
TestCompany.settings = settings(
    max_examples=300,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
