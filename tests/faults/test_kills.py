"""kill -9 in the middle of an action: whoever dies, and wherever the action was, it is in the ledger exactly once.

The moment is held by the ledger's own faults, not by luck: an order is delayed before it is carried out, or its answer is, or the
second reading that confirms it. Which kills come in which order is drawn from a seed.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.broker.company import Company, command, company, kill, until

SEED = int(os.environ.get("ARQUEUE_KILL_SEED", "20261121"))
_LANES = 4
_A_WHILE = 2.5
_FOR_GOOD = 600.0
PHASES: dict[str, dict[str, Any]] = {
    "before the order arrives": {"path": "/v1/orders", "method": "POST", "seconds": _FOR_GOOD},
    "before it arrives late": {"path": "/v1/orders", "method": "POST", "seconds": _A_WHILE},
    "after it was carried out": {"path": "/v1/orders", "method": "POST", "after": True, "seconds": _FOR_GOOD},
    "before the second reading": {"path": "/v1/entities", "method": "POST", "seconds": _FOR_GOOD},
}
VICTIMS = ("broker", "broker", "broker", "ledger", "face", "broker and ledger")


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: who, at which moment, of which action."""

    victim: str
    phase: str
    op: str


def schedule(seed: int) -> list[Kill]:
    """Every victim at every moment, with actions dealt out, in an order of the seed's own."""
    chance = random.Random(seed)
    kills = [Kill(victim, phase, "") for victim in VICTIMS for phase in PHASES]
    kills += [Kill(chance.choice(VICTIMS), chance.choice(list(PHASES)), "") for _ in range(8)]
    chance.shuffle(kills)
    return [Kill(each.victim, each.phase, ("adjust", "apply", "note")[n % 3]) for n, each in enumerate(kills)]


@dataclass(slots=True)
class Action:
    """What was asked for, and what the ledger must show."""

    kill: Kill
    item: str
    payment: str
    id: str = ""

    def words(self) -> list[str]:
        """For the command line."""
        if self.kill.op == "adjust":
            return ["adjust", self.item, "--amount", "0.50", "--reason", "SMALL"]
        if self.kill.op == "apply":
            return ["apply", self.payment, "--to", f"{self.item}=3.00"]
        return ["note", self.item, f"killed {self.kill.victim}"]

    def order(self) -> dict[str, Any]:
        """For the socket."""
        if self.kill.op == "adjust":
            return {"op": "adjust", "item": self.item, "amount": "0.50", "reason": "SMALL"}
        if self.kill.op == "apply":
            lines = [{"item": self.item, "amount": "3.00"}]
            return {"op": "apply", "payment": self.payment, "lines": lines}
        return {"op": "annotate", "target": self.item, "text": f"killed {self.kill.victim}"}


async def prepare(firm: Company, kills: list[Kill]) -> list[Action]:
    """A customer, an invoice of 10.00 and a payment of 10.00 for each."""
    actions = []
    for number, each in enumerate(kills):
        party = await first(firm, "parties", {"name": f"Victim {number}", "currency": "EUR"})
        body = {"party": party, "amount": "10.00"}
        item = await first(firm, "invoices", body)
        actions.append(Action(each, item, await first(firm, "payments", body)))
    return actions


async def first(firm: Company, what: str, body: dict[str, Any]) -> str:
    """The id of what the accountant makes."""
    return str((await firm.accounting("POST", f"/v1/accountant/{what}", body))["rows"][0]["id"])


def act(firm: Company, action: Action) -> None:
    """Hold the moment, act, kill while it is held, and let whoever was killed come back."""
    firm.faults({"kind": "delay", **PHASES[action.kill.phase]})
    if action.kill.victim == "face":
        kill_face(firm, action)
        firm.faults()
        restart_ledger(firm)  # the order is held in there: so it is let go
        return
    firm.ask("submit", intent=intent(action), command=action.order())
    until(lambda: firm.hits() == 1, f"{action.kill}: the moment came")
    if "broker" in action.kill.victim:
        firm.kill_broker()
    if "ledger" in action.kill.victim:
        restart_ledger(firm)
    else:
        firm.faults()
    if "broker" in action.kill.victim:
        firm.start_broker()


def kill_face(firm: Company, action: Action) -> None:
    """`arqueue … --wait` acts, and is killed while it waits."""
    face = subprocess.Popen(
        command("--config", str(firm.config), *action.words(), "--wait", "--intent", intent(action)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: firm.hits() == 1, f"{action.kill}: the moment came")
    kill(face.pid)
    face.wait()


def intent(action: Action) -> str:
    """One for each action."""
    return f"kill-{action.item}"


def restart_ledger(firm: Company) -> None:
    """kill -9, and the same ledger at the same address."""
    assert firm.ledger is not None
    port = int(firm.ledger.url.rpartition(":")[2])
    firm.ledger.kill()
    firm.start_ledger(port=port)


def suffer(folder: Path, kills: list[Kill]) -> int:
    """A company of its own lives through these kills; how many actions were found posted exactly once."""
    with company(folder) as firm:
        actions = asyncio.run(prepare(firm, kills))
        firm.ask("sync", wait=True)
        for action in actions:
            act(firm, action)
            # a submission that is repeated with its intent tells which command it became
            action.id = firm.ask("submit", intent=intent(action), command=action.order())["id"]
            until(lambda action=action: state(firm, action) == "posted", f"{action.kill} is posted")  # type: ignore[misc]
        quiet = time.monotonic() + _A_WHILE + 0.5
        until(lambda: time.monotonic() > quiet, "what is late has arrived")
        for action in actions:
            assert evidence(firm, action) == 1, (SEED, action)
        rows = firm.ask("outbox", limit=500)["rows"]
        assert sorted(row["id"] for row in rows) == sorted(action.id for action in actions)
        assert {row["state"] for row in rows} == {"posted"}
        assert firm.cli("audit", "verify").status == 0
        return len(actions)


@pytest.mark.timeout(240)
def test_after_any_kill_the_action_is_there_exactly_once(tmp_path: Path) -> None:
    """More than thirty kills of broker, ledger and face, in every phase, dealt out to companies that suffer side by side."""
    kills = schedule(SEED)
    assert len(kills) >= 30
    with ThreadPoolExecutor(_LANES) as lanes:
        done = [lanes.submit(suffer, tmp_path / f"{lane}", kills[lane::_LANES]) for lane in range(_LANES)]
        assert sum(each.result() for each in done) == len(kills), SEED


def state(firm: Company, action: Action) -> str:
    """What the outbox says."""
    return str(firm.ask("command", id=action.id)["command"]["state"])


def evidence(firm: Company, action: Action) -> int:
    """How often the ledger did it: asked over its own API."""
    if action.kill.op == "adjust":
        assert firm.row(action.item)["residual"] == "9.50"
        return firm.postings(action.id)
    if action.kill.op == "apply":
        assert firm.row(action.item)["residual"] == "7.00"
        assert firm.row(action.payment)["residual"] == "-7.00"
        return len(firm.ask("show", id=action.item)["applied"])
    notes = firm.ask("show", id=action.item)["account"]["notes"]
    return sum(note["target"] == action.item for note in notes)


def test_the_schedule_has_every_victim_in_every_phase() -> None:
    """Whatever the seed: nobody is spared anywhere."""
    for seed in range(20):
        seen = {(each.victim, each.phase) for each in schedule(seed)}
        assert seen == {(victim, phase) for victim in VICTIMS for phase in PHASES}


def test_the_harness_can_see_a_second_posting(firm: Company) -> None:
    """Two commands that do the same are two journal entries: the count of one above proves something."""
    (action,) = asyncio.run(prepare(firm, [Kill("nobody", "", "adjust")]))
    firm.ask("sync", wait=True)
    made = [
        firm.ask("submit", intent=f"double-{n}-{action.item}", command=action.order())["id"] for n in range(2)
    ]
    for command_id in made:
        assert firm.ask("wait", id=command_id)["state"] == "posted"
    assert [firm.postings(command_id) for command_id in made] == [1, 1]
    assert firm.row(action.item)["residual"] == "9.00"
