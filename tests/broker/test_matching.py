"""Workers beside the broker: who searches long is ended, who dies is replaced, and nobody waits or stays behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from arqueue.cash.case import Policy
from arqueue.cash.habit import Habit
from data.broker import matching
from data.broker.answering import answer
from data.broker.frames import Packed
from data.broker.gathered import Gathered
from data.broker.matching import Matcher
from data.demo.customers import SUSPENSE
from data.store.cases import row_text
from data.store.overlay import Overlay
from data.store.rows import item_row, party_row
from tests.broker.company import alive, company, until
from tests.unit.books import TODAY, item, party


def case(debits: int = 80, **changes: Any) -> Gathered:
    """A payment that names one of many invoices; more than are looked at in the broker itself."""
    invoices = [item(str(n), f"{n}.{n % 100:02d}", number=f"INV-{n:04d}") for n in range(1, debits + 1)]
    payment = item("p", "-7.07", text="INV-0007")
    values: dict[str, Any] = {
        "payment": item_row(payment),
        "account": "party:1",
        "debits": [row_text(item_row(each)) for each in invoices],
        "credits": [],
        "foreign": [],
        "debits_total": debits,
        "parties": [(*party_row(party()), 0)],
        "overlay": Overlay({}, {}),
        "today": TODAY,
        "limit": 9,
        "policy": Policy(budget_ms=2000),
        "habit": Habit(),
        "reasons": {},
        "dispute_reasons": [],
        "unidentified": False,
    }
    return Gathered(**(values | changes))


async def said(matcher: Matcher, gathered: Gathered) -> Any:
    """The answer, unpacked."""
    found = await matcher.answer(gathered)
    return json.loads(found.body) if isinstance(found, Packed) else found


@pytest.fixture
async def matcher() -> AsyncIterator[Matcher]:
    """Ended after use, with all its workers."""
    made = Matcher()
    yield made
    pids = made.pids
    await made.stop()
    assert [pid for pid in pids if alive(pid)] == []


async def test_a_worker_says_what_the_engine_says(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answer as in this process; small cases begin no worker at all, as long as the machine leaves them their time."""
    monkeypatch.setattr(matching, "_AT_ONCE_MS", 2000)
    small, large = case(10), case(80)
    assert (await said(matcher, small))["suggestions"] == answer(small).told["suggestions"]
    assert matcher.pids == []
    found = await said(matcher, large)
    assert found["suggestions"][0] == answer(large).told["suggestions"][0]
    assert len(matcher.pids) == 1


async def test_who_wants_only_the_suggestions_gets_them_alone(matcher: Matcher) -> None:
    """The same ones, and nothing to choose from."""
    brief, whole = await matcher.brief(case()), await said(matcher, case())
    assert brief["suggestions"][0] == whole["suggestions"][0]
    assert (brief["debits"], len(whole["debits"])) == ([], 80)


async def test_a_worker_is_used_again(matcher: Matcher) -> None:
    """One question after the other needs one process, which gives way to others."""
    for _ in range(3):
        await said(matcher, case())
    (pid,) = matcher.pids
    assert os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, 0)


async def test_a_worker_that_died_is_replaced(matcher: Matcher) -> None:
    """The question that met it is answered oldest first, the next one in full."""
    await said(matcher, case())
    (pid,) = matcher.pids
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid), "it is dead")
    first = await said(matcher, case())
    second = await said(matcher, case())
    assert [row["kind"] for row in first["suggestions"][:1]] == ["oldest"]
    assert (first["complete"], second["suggestions"][0]["kind"]) == (False, "reference")
    assert matcher.pids != [pid]


async def test_a_worker_that_is_lost_takes_no_answer_with_it(matcher: Matcher) -> None:
    """Whoever comes after it knows no account, and says the same of it."""
    before = await said(matcher, case())
    again = await said(matcher, case())
    (pid,) = matcher.pids
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid), "it is dead")
    await said(matcher, case())
    assert before == again == await said(matcher, case())


async def test_what_changed_between_two_payments_is_seen_by_the_worker(matcher: Matcher) -> None:
    """It keeps the account, and says what whoever sees it for the first time says."""
    await said(matcher, case())
    turns = [
        case(overlay=Overlay({"item:7": 707}, {})),
        case(81),
        case(today=TODAY + timedelta(days=1)),
        case(),
    ]
    assert [await said(matcher, turn) for turn in turns] == [
        json.loads(answer(turn).packed) for turn in turns
    ]


async def test_the_worker_that_knows_the_account_is_asked(matcher: Matcher) -> None:
    """Also where the other one was at work last."""
    await said(matcher, case(account="a"))
    (first,) = matcher.pids
    os.kill(first, signal.SIGSTOP)
    stuck = asyncio.create_task(said(matcher, case(account="a")))
    while matcher.idle:  # noqa: ASYNC110 - who takes a worker says so to nobody
        await asyncio.sleep(0)
    await said(matcher, case(account="b"))
    os.kill(first, signal.SIGCONT)
    await stuck
    assert matcher.idle[-1] == first
    os.kill(first, signal.SIGSTOP)
    found = await said(matcher, case(account="b", policy=Policy(budget_ms=20)))
    assert found["suggestions"][0]["kind"] == "reference"
    assert len(matcher.pids) == 2


async def test_a_search_that_does_not_come_back_is_ended(matcher: Matcher) -> None:
    """By its process; the oldest-first answer says that it is not the whole one, and others are served meanwhile."""
    await asyncio.gather(*(said(matcher, case(account=account)) for account in ("a", "b")))
    await said(matcher, case(account="a"))
    pid = matcher.idle[-1]
    os.kill(pid, signal.SIGSTOP)
    stuck = asyncio.create_task(said(matcher, case(account="a", policy=Policy(budget_ms=20))))
    while pid in matcher.idle:  # noqa: ASYNC110 - who takes a worker says so to nobody
        await asyncio.sleep(0)
    assert (await said(matcher, case(10, account="b")))["suggestions"][0]["kind"] == "reference"
    assert (await said(matcher, case(81, account="b")))["suggestions"][0]["kind"] == "reference"
    assert not stuck.done()
    found = await stuck
    assert (found["complete"], found["suggestions"][0]["kind"]) == (False, "oldest")
    assert any("did not come back" in note for note in found["notes"])
    until(lambda: not alive(pid), "it was ended")


async def test_whoever_hangs_up_leaves_a_worker_that_answers_the_next(matcher: Matcher) -> None:
    """Its answer to nobody is not taken for the answer to somebody else."""
    await said(matcher, case())
    gone = asyncio.create_task(said(matcher, case(82)))
    await asyncio.sleep(0)
    gone.cancel()
    found = await asyncio.gather(*(said(matcher, case(size)) for size in (83, 84, 85)))
    assert [each["debits_total"] for each in found] == [83, 84, 85]


async def test_what_an_engine_stumbles_over_is_answered_oldest_first(matcher: Matcher) -> None:
    """And the worker lives on."""
    broken = replace(case(), habit=None)  # type: ignore[arg-type]
    await said(matcher, case())
    before = matcher.pids
    found = await said(matcher, broken)
    assert (found["complete"], found["suggestions"][0]["kind"]) == (False, "oldest")
    assert (await said(matcher, case()))["suggestions"][0]["kind"] == "reference"
    assert matcher.pids == before


def children(pid: int) -> list[int]:
    """Processes whose parent that is."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                after = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(after[1]) == pid and after[0] != "Z":
                found.append(int(folder.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_broker_that_ends_leaves_no_worker_behind(tmp_path: Path, number: signal.Signals) -> None:
    """Asked to end or killed."""
    section = f'\n[cash]\nunidentified = ["{SUSPENSE}"]\n'
    with company(tmp_path / "c", section=section) as made:
        broker = made.brokers[0].pid
        assert made.ask("suggest", payment="PAY-7101")["payers"]
        workers = children(broker)
        assert len(workers) == 1
        os.kill(broker, number)
        until(lambda: not any(alive(pid) for pid in workers), "no worker is left")
        made.brokers[0].wait(30)
        made.reap()
