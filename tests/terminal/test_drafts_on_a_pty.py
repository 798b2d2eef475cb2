"""What was half typed when the face was killed, and two people at one customer, on real PTYs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from data.broker.client import BrokerClient
from data.demo.launch import Demo, demo
from tests.broker.company import eventually
from tests.terminal.face import Face


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A tiny demo company, its ledger and its broker in processes of their own."""
    with demo(tmp_path_factory.mktemp("drafts"), size="tiny") as running:
        yield running


def opened(company: Demo, *words: str) -> Face:
    """A face at 80x24."""
    return Face("--config", str(company.settings.file), *words)


def drafts(company: Demo, holds: Callable[[list[dict[str, Any]]], object]) -> None:
    """Wait for what the broker keeps of what anna typed."""

    async def wait() -> None:
        client = await BrokerClient.open(company.settings.socket)
        try:
            await eventually(lambda: client.call("drafts"), holds, "the drafts")
        finally:
            await client.close()

    asyncio.run(wait())


def test_a_half_typed_note_survives_kill_9(company: Demo) -> None:
    """Nobody pressed a key to keep it; the next face offers it, Enter takes it, and once it is ordered it is gone."""
    with opened(company) as face:
        face.sees("ledger reachable")
        face.presses("n")
        face.sees("Note on")
        face.presses("called Mr Berg, pays on")
        face.sees("pays on")
        drafts(
            company, lambda kept: [each["typed"] for each in kept] == [{"text": "called Mr Berg, pays on"}]
        )
        os.kill(face.pid, signal.SIGKILL)
    with opened(company) as face:
        face.sees("ledger reachable")
        face.presses("n")
        face.sees("Draft of .*: Enter takes it, Esc leaves it, Ctrl.G drops it")
        face.presses("enter")
        face.sees("called Mr Berg, pays on")
        face.presses(" Friday", "enter")
        face.confirms()
        drafts(company, lambda kept: kept == [])


def test_a_half_typed_day_survives_kill_9_until_somebody_drops_it(company: Demo) -> None:
    """Esc, which is back everywhere, leaves it where it is; the key that is named drops it."""
    typed = {"day": "fri", "why": "on holiday"}
    with opened(company) as face:
        face.sees("ledger reachable")
        face.presses("s")
        face.sees("Snooze")
        face.presses("fri", "enter", "on holiday")
        drafts(company, lambda kept: [each["typed"] for each in kept] == [typed])
        os.kill(face.pid, signal.SIGKILL)
    with opened(company) as face:
        face.sees("ledger reachable")
        face.presses("s")
        face.sees("Draft of .*: Enter takes it, Esc leaves it, Ctrl.G drops it")
        face.presses("escape")
        face.sees("Draft left: Snooze")
        face.presses("s")
        face.sees("Draft of ")
        face.presses("ctrl+g")
        face.sees("The draft is dropped")
        drafts(company, lambda kept: kept == [])


def test_two_at_one_customer_see_each_other(company: Demo) -> None:
    """Whoever was there first hears of the other, and of it when they go."""
    with opened(company) as anna, opened(company, "--as", "ben") as ben:
        for face in (anna, ben):
            face.sees("ledger reachable")
            face.rests()
        anna.presses("enter")
        anna.sees("open items")
        ben.presses("enter")
        ben.sees("Anna Berg is here too")
        anna.sees("Ben Okafor is here too")
        os.kill(ben.pid, signal.SIGKILL)
        anna.until(lambda: "Ben Okafor is here too" not in anna.text, "Ben to go")
