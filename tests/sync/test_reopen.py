"""A store that was put back from a backup opens when the ledger was asked about all that was on its way, and not before."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from arqueue.control.commands import Command
from arqueue.control.states import CommandState
from arqueue.errors import ArqueueError
from data.peers.contract import Page, Rejected, Rejection
from data.store import backup, heads
from data.store.stored import Stored
from data.sync.reconcile import Reconciler
from tests.store.books import ANNA, INVOICE, OTHER, adjust, apply_to
from tests.sync.rig import Rig, Time
from tests.sync.scripted_peer import Crash, Fault, ScriptedPeer
from tests.sync.test_reconcile import failures, reconciler_of

S = CommandState


@pytest.fixture(autouse=True)
def waits(time: Time, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waiting lets the time of the test pass."""
    waited: list[float] = []
    pause = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        time.pass_(seconds)
        await pause(0)

    monkeypatch.setattr("data.sync.reconcile.asyncio.sleep", sleep)
    return waited


def back_up(rig: Rig, tmp_path: Path) -> Path:
    """As it is now."""
    backup.back_up(rig.path, tmp_path / "copy")
    return tmp_path / "copy"


async def put_back(rig: Rig, copy: Path) -> Reconciler:
    """The broker is gone; the backup takes the store's place, and another broker starts."""
    rig.close()
    with backup.staged(copy, rig.path) as staged:
        backup.put_in_place(
            staged,
            rig.path,
            backup.check(staged),
            name="copy",
            heads_file=rig.path.with_name("heads.jsonl"),
            known=(),
            actor=ANNA,
            clock=rig.time.clock(),
        )
    assert heads.public_file(rig.path.with_name(heads.KEY_FILE)).exists()
    rig._open()
    made = reconciler_of(rig)
    await made.look()
    assert not made.is_open
    return made


async def tries(reconciler: Reconciler) -> bool:
    """Whether it opens."""
    try:
        await reconciler.reopen()
    except ArqueueError:
        assert not reconciler.is_open
        return False
    assert reconciler.is_open
    return True


async def in_state(rig: Rig, peer: ScriptedPeer, state: CommandState, command: Command) -> Stored:
    """A command that stands there when the backup is made; one that is unknown was never carried out."""
    row = await rig.order(command, state=S.PENDING if state is S.PENDING else S.QUEUED)
    if state is S.UNKNOWN:
        peer.submit_faults = deque([Fault.LOST_BEFORE])
        await rig.step()
        row = await rig.get(row)
        assert row.state is S.UNKNOWN
    return row


@pytest.mark.parametrize("state", [S.PENDING, S.QUEUED, S.UNKNOWN])
async def test_what_was_posted_after_the_backup_is_posted(
    rig: Rig, peer: ScriptedPeer, tmp_path: Path, state: CommandState
) -> None:
    """Found by its id, whatever it was when the backup was made; with its references, and once."""
    row = await in_state(rig, peer, state, adjust("1.00"))
    copy = back_up(rig, tmp_path)
    peer._carry_out(row.order)
    reconciler = await put_back(rig, copy)
    assert await tries(reconciler)
    row = await rig.get(row)
    assert row.state is S.POSTED
    assert row.refs
    await rig.settle()
    assert len(peer.posted(row.id)) == 1
    assert await failures(rig) == {}
    assert await rig.read("SELECT count(*) FROM command WHERE held = 1") == [(0,)]


@pytest.mark.parametrize("state", [S.PENDING, S.QUEUED, S.UNKNOWN])
async def test_what_the_ledger_does_not_have_goes_on(
    rig: Rig, peer: ScriptedPeer, tmp_path: Path, state: CommandState
) -> None:
    """From where it was: sent once, or still waiting for approval."""
    row = await in_state(rig, peer, state, adjust("1.00"))
    reconciler = await put_back(rig, back_up(rig, tmp_path))
    assert await tries(reconciler)
    assert (await rig.get(row)).state is state
    await rig.settle()
    assert (await rig.get(row)).state is (S.PENDING if state is S.PENDING else S.POSTED)
    assert len(peer.posted(row.id)) == (0 if state is S.PENDING else 1)


async def test_a_look_up_waits_until_nothing_can_be_on_its_way(
    rig: Rig, peer: ScriptedPeer, tmp_path: Path, time: Time, waits: list[float]
) -> None:
    """An order left just before the machine was lost, and arrives late: found, not sent again."""
    row = await rig.order(adjust("1.00"))
    copy = back_up(rig, tmp_path)
    peer.submit_faults = deque([Fault.CRASH_LATE])
    with pytest.raises(Crash):
        await rig.step()
    reconciler = await put_back(rig, copy)
    assert await tries(reconciler)
    assert sum(waits) >= rig.flight_s
    assert (await rig.get(row)).state is S.POSTED
    assert len(peer.posted(row.id)) == 1


async def test_after_a_reboot_the_boot_itself_is_long_enough_ago(
    rig: Rig, peer: ScriptedPeer, tmp_path: Path, time: Time, waits: list[float]
) -> None:
    """What left before this boot left at least as long ago as the machine is up."""
    await rig.order(adjust("1.00"))
    await put_back(rig, back_up(rig, tmp_path))
    rig.close()
    time.reboot()
    time.pass_(rig.flight_s - 10)
    rig._open()
    reconciler = reconciler_of(rig)
    await reconciler.look()
    assert await tries(reconciler)
    assert 10 <= sum(waits) < 11


@pytest.mark.parametrize("fault", [Fault.AWAY, Fault.LOGIN])
async def test_it_stays_closed_while_the_ledger_is_away(
    rig: Rig, peer: ScriptedPeer, tmp_path: Path, fault: Fault
) -> None:
    """At whichever reading it fails; then it begins again."""
    row = await rig.order(adjust("1.00"))
    reconciler = await put_back(rig, back_up(rig, tmp_path))
    for place in range(1, 7):
        peer.read_faults = deque([Fault.OK] * (place - 1) + [fault])
        if await tries(reconciler):
            break
        assert "put back from a backup" in reconciler.closed.message
    else:
        raise AssertionError("it never opened")
    assert place > 3
    assert (await rig.get(row)).state is S.QUEUED


async def test_a_look_up_that_proves_nothing_opens_nothing(
    rig: Rig, peer: ScriptedPeer, tmp_path: Path
) -> None:
    """The words name the order; what was looked up before stays looked up."""
    first, second = await rig.order(adjust("1.00")), await rig.order(adjust("2.00", OTHER))
    reconciler = await put_back(rig, back_up(rig, tmp_path))
    peer.find_faults = deque([Fault.OK, Fault.LOST_BEFORE])
    with pytest.raises(ArqueueError, match="cannot be looked up"):
        await reconciler.reopen()
    assert "order 2 of 2" in reconciler.closed.message
    assert await rig.read("SELECT id FROM command WHERE held = 1") == [(second.id,)]
    assert await tries(reconciler)
    assert {(await rig.get(row)).state for row in (first, second)} == {S.QUEUED}


async def test_what_was_refused_after_the_backup_is_refused(
    rig: Rig, peer: ScriptedPeer, tmp_path: Path
) -> None:
    """The ledger remembers, so nobody is asked twice."""
    row = await rig.order(adjust("1.00"))
    copy = back_up(rig, tmp_path)
    peer.refuse[INVOICE] = Rejection.LOCKED_PERIOD
    peer._carry_out(row.order)
    reconciler = await put_back(rig, copy)
    assert await tries(reconciler)
    assert (await rig.get(row)).state is S.REJECTED


async def test_the_rows_of_an_old_refusal_do_not_set_the_mirror_back(
    rig: Rig, peer: ScriptedPeer, tmp_path: Path
) -> None:
    """They are of then; what a pull brought before the look-up stays, also before the census."""
    row = await rig.order(adjust("80.00"))
    copy = back_up(rig, tmp_path)
    peer._answers[row.id] = Rejected(Rejection.INSUFFICIENT, "less is open", (peer.item(INVOICE),))
    peer.set_residual(INVOICE, 500)
    reconciler = await put_back(rig, copy)
    await rig.puller.pull()
    await reconciler._settle(row)
    assert (await rig.get(row)).state is S.REJECTED
    assert (await rig.items())[INVOICE] == peer.item(INVOICE)


async def test_what_was_posted_in_part_is_shown_and_not_sent_again(
    rig: Rig, peer: ScriptedPeer, tmp_path: Path
) -> None:
    """The rest needs a new decision."""
    row = await rig.order(apply_to((INVOICE, "60.00"), (OTHER, "40.00")))
    copy = back_up(rig, tmp_path)
    peer.partial = True
    peer._carry_out(row.order)
    reconciler = await put_back(rig, copy)
    assert await tries(reconciler)
    row = await rig.get(row)
    assert (row.state, row.outcome[:16]) == (S.CONFLICT, "posted in part a")
    await rig.settle()
    assert len(peer.posted(row.id)) == 1


async def test_it_stays_closed_while_the_control_totals_differ(
    rig: Rig, peer: ScriptedPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both totals are told; it opens when they agree."""
    copy = back_up(rig, tmp_path)
    reconciler = await put_back(rig, copy)
    await rig.store.write(
        lambda database: database.conn.execute("UPDATE item SET residual = 1 WHERE id = ?", (OTHER,))
    )

    async def nothing(ids: Sequence[str]) -> Page:
        return Page("", False)

    monkeypatch.setattr(peer, "get", nothing)
    with pytest.raises(ArqueueError, match="control totals differ"):
        await reconciler.reopen()
    monkeypatch.undo()
    assert await tries(reconciler)
    assert (await rig.items())[OTHER] == peer.item(OTHER)


async def test_orders_of_after_the_backup_are_adopted_and_never_posted_again(
    rig: Rig, peer: ScriptedPeer, tmp_path: Path
) -> None:
    """They say that they came after the backup, and who gave them; an audit row says that it opened, with the totals."""
    copy = back_up(rig, tmp_path)
    row = await rig.order(adjust("1.00"))
    await rig.settle()
    reconciler = await put_back(rig, copy)
    assert await tries(reconciler)
    (words,) = (await failures(rig)).values()
    assert "posted after the backup by anna: adjust 1.00 EUR of" in words
    await rig.settle()
    assert len(peer.posted(row.id)) == 1
    ((detail,),) = await rig.read("SELECT detail FROM audit WHERE what = 'opened after restore'")
    assert row.id in detail
    again: Any = reconciler_of(rig)
    await again.look()
    assert again.is_open
