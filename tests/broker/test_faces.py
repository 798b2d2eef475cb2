"""Faces come and go, read slowly or not at all, and die; the others do not notice, and commands do not need any of them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arqueue.errors import BrokerUnreachable
from data.broker.client import Link
from data.broker.launch import ensure
from data.broker.protocol import VERSION
from tests.broker.company import PATIENCE_S, Company, alive, company, eventually, kill, until
from tests.broker.wire import Wire, wire

FACE = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.broker.wire import Wire
line = Wire(Path(sys.argv[1]))
line.ask("hello", {"version": 1})
print("ready", flush=True)
time.sleep(60)
"""


def jam(line: Wire) -> None:
    """Ask for far more than the pipe holds, and read none of it."""
    for number in range(1, 200):
        line.request("window", {"limit": 256}, number=number)


async def test_a_face_that_never_reads_does_not_slow_another(firm: Company) -> None:
    """Its pipe is full; the other's window is answered as before."""
    async with firm.face() as other:
        with wire(firm.settings.socket) as stuck:
            jam(stuck)
            slowest = 0.0
            for _ in range(20):
                began = time.monotonic()
                found = await other.call("window", limit=64)
                slowest = max(slowest, time.monotonic() - began)
                assert found["rows"]
            assert slowest < 2.0


async def test_a_face_that_lagged_is_told_as_soon_as_it_reads_again(firm: Company) -> None:
    """It missed pushes while its pipe was full; one word says so, with no further news needed."""
    async with firm.face() as other:
        with wire(firm.settings.socket) as slow:
            slow.ask("hello", {"version": 1})
            asked = 40
            for number in range(1, asked + 1):
                slow.request("window", {"limit": 256}, number=number)
            # something happens that everybody is told of, while it does not read
            note = {"op": "annotate", "target": "C-00001", "text": "news"}
            done = await other.call("submit", intent=f"news-{os.getpid()}", command=note)
            await other.call("wait", id=done["id"])
            answers = 0
            words: list[str] = []
            while answers < asked or "lagged" not in words:
                message = await asyncio.to_thread(slow.message)
                if "push" in message:
                    words.append(message["push"])
                else:
                    answers += 1
            assert words[-1] == "lagged"


async def test_a_face_that_never_reads_is_cut_off_in_the_end(firm: Company) -> None:
    """It cannot make the broker keep answers without bound: after some megabytes it is hung up on."""
    with wire(firm.settings.socket) as stuck:

        def flood() -> None:
            for number in itertools.count(1):
                stuck.request("window", {"limit": 256}, number=number)

        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            await asyncio.wait_for(asyncio.to_thread(flood), PATIENCE_S)
    async with firm.face() as other:
        assert (await other.call("status"))["counts"]["all"] > 0


def test_a_face_that_is_killed_is_forgotten(firm: Company) -> None:
    """kill -9 of a connected face: the broker serves the others on."""
    root = str(Path(__file__).parents[2])
    faces = [
        subprocess.Popen(
            [sys.executable, "-c", FACE, str(firm.settings.socket), root], stdout=subprocess.PIPE, cwd=root
        )
        for _ in range(3)
    ]
    try:
        for face in faces:
            assert face.stdout is not None
            assert face.stdout.readline() == b"ready\n"
    finally:
        for face in faces:
            face.kill()
            face.wait()
            assert face.stdout is not None
            face.stdout.close()
    assert firm.ask("window", limit=1)["rows"]
    assert "Traceback" not in firm.log()


async def test_fifty_faces_are_all_served(firm: Company) -> None:
    """Fifty connections at once, each with ten windows."""
    async with contextlib.AsyncExitStack() as stack:
        faces = [await stack.enter_async_context(firm.face()) for _ in range(50)]
        began = time.monotonic()
        for _ in range(10):
            found = await asyncio.gather(*(face.call("window", limit=50) for face in faces))
            assert len({tuple(row["id"] for row in each["rows"]) for each in found}) == 1
        assert time.monotonic() - began < PATIENCE_S


def test_what_is_asked_with_the_greeting_is_answered_to_who_greets(firm: Company) -> None:
    """Sent in one piece, as the first frame does: the second question is already Sue's."""
    firm.ask("keep_draft", act_as="sue", op="annotate", target="PAY-7011", typed={"text": "half a word"})
    with wire(firm.settings.socket) as line:
        line.request("hello", {"version": VERSION, "as": "sue"}, number=1)
        line.request("draft", {"op": "annotate", "target": "PAY-7011"}, number=2)
        answers = {answer["id"]: answer["result"] for answer in (line.answer(), line.answer())}
    assert answers[1]["person"]["id"] == "sue"
    assert "half a word" in json.dumps(answers[2])


async def test_everybody_is_told_of_a_command_and_of_the_rows_it_changed(firm: Company) -> None:
    """Pushes of the command's steps, of the changed rows, and of the status, without asking."""
    async with firm.face("sue") as watching, firm.face() as acting:
        heard: list[dict[str, object]] = []
        watching.on_push(heard.append)
        why = {"op": "escalate", "target": "PAY-7021", "to": "supervisor", "why": "how much goes where"}
        done = await acting.call("submit", intent=f"told-{os.getpid()}", command=why)

        async def kinds() -> set[object]:
            return {push["push"] for push in heard}

        await eventually(kinds, lambda seen: {"command", "changed", "status"} <= seen, "all three kinds")
        steps = [push["command"] for push in heard if push["push"] == "command"]
        assert {step["id"] for step in steps} == {done["id"]}  # type: ignore[index]


async def test_pushed_status_is_each_persons_own(firm: Company) -> None:
    """What is escalated to Sue counts for Sue, not for Anna."""
    async with firm.face("sue") as sue, firm.face() as anna:
        why = {"op": "escalate", "target": "PAY-7011", "to": "sue", "why": "which invoice"}
        before = (await sue.call("status"))["counts"]["escalation"]
        await anna.call("submit", intent=f"counts-{os.getpid()}", command=why)
        assert (await sue.call("status"))["counts"]["escalation"] == before + 1
        assert (await anna.call("status"))["counts"]["escalation"] == 0


# ---- the broker dies, and the face finds it again


async def test_a_link_comes_back_and_the_same_intent_is_one_command(firm: Company) -> None:
    """kill -9 of the broker: the face says so, starts the next one, reconnects, and repeats the submission without harm."""
    settings = firm.settings
    states: list[bool] = []
    link = Link(settings.socket, act_as="anna", ensure=lambda: ensure(settings), retry_s=(0.05,))
    link.on_state = lambda connected, error: states.append(connected)
    await link.start()
    try:
        note = {"op": "annotate", "target": "C-00002", "text": "written once"}
        first = await link.call("submit", intent="link-intent", command=note)
        await asyncio.to_thread(firm.kill_broker)

        async def seen() -> list[bool]:
            return states

        await eventually(seen, lambda found: found[-1] and False in found, "away, and back")
        again = await link.call("submit", intent="link-intent", command=note)
        assert (first["repeated"], again["repeated"]) == (False, True)
        assert again["id"] == first["id"]
        rows = (await link.call("outbox", limit=500))["rows"]
        assert sum(row["words"] == first["words"] for row in rows) == 1
        assert link.hello["person"]["id"] == "anna"
    finally:
        await link.close()


async def test_a_broker_that_was_just_heard_is_not_started_before_the_first_try(tmp_path: Path) -> None:
    """Nobody waits for that; when it is gone all the same, the second try starts it."""
    started: list[int] = []
    link = Link(tmp_path / "none.sock", ensure=lambda: started.append(len(started)), answered=True)
    for times in (0, 1):
        with pytest.raises(BrokerUnreachable):
            await link.start()
        assert len(started) == times
    await link.close()


async def test_a_link_says_that_the_broker_is_away_while_it_is(firm: Company, tmp_path: Path) -> None:
    """A call in that moment is an error with a hint, not a wait."""
    with company(tmp_path, ledger=False) as made:
        link = Link(made.settings.socket, retry_s=(0.05,))
        await link.start()
        try:
            await asyncio.to_thread(made.kill_broker)

            async def connected() -> bool:
                return link.connected

            await eventually(connected, lambda up: not up, "the link noticed")
            with pytest.raises(BrokerUnreachable) as caught:
                await link.call("status")
            assert caught.value.hint
        finally:
            await link.close()


def test_sigterm_ends_a_broker_whole(tmp_path: Path) -> None:
    """No socket, no lock and no write-ahead log left; exit status 0."""
    with company(tmp_path, ledger=False) as made:
        (process,) = made.brokers
        with wire(made.settings.socket) as line:
            line.ask("hello", {"version": 1})
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
        assert not made.settings.socket.exists()
        wal = made.settings.store_file.with_name(f"{made.settings.store_file.name}-wal")
        assert not wal.exists() or wal.stat().st_size == 0
        assert "Traceback" not in made.log()


def test_a_stopped_broker_makes_a_face_give_up_in_words(tmp_path: Path) -> None:
    """SIGSTOP: the socket accepts, nobody answers; the face says so within its patience."""
    with company(tmp_path, ledger=False) as made:
        (process,) = made.brokers
        os.kill(process.pid, signal.SIGSTOP)
        try:

            async def greet() -> None:
                from data.broker.client import BrokerClient

                await BrokerClient.open(made.settings.socket, timeout_s=0.5)

            with pytest.raises(BrokerUnreachable, match="did not answer"):
                asyncio.run(greet())
        finally:
            os.kill(process.pid, signal.SIGCONT)
        until(lambda: alive(process.pid), "it goes on")
        kill(process.pid, signal.SIGTERM)
