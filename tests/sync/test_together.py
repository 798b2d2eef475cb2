"""Commands that were ordered together: what stands on one that came to nothing is not sent, and a dispute that no ledger holds is
kept here."""

from __future__ import annotations

from collections import deque

from arqueue.control.commands import Annotate, Command, Dispute, Resolve, new_id
from arqueue.control.states import CommandState
from data.peers.contract import Rejection
from data.store.outbox import Stored
from tests.store.books import INVOICE, OTHER, PAYMENT, adjust, apply_to
from tests.sync.rig import Rig
from tests.sync.scripted_peer import Fault, ScriptedPeer
from tests.unit.books import money

S = CommandState


async def order(rig: Rig, *commands: Command, waiting: int = 0) -> list[Stored]:
    """One order of several; the last ``waiting`` of them wait for approval."""
    batch = new_id()
    rows = []
    for n, command in enumerate(commands):
        state = S.PENDING if n >= len(commands) - waiting else S.QUEUED
        rows.append(
            await rig.order(command, batch=batch, command_id=batch if not n else new_id(), state=state)
        )
    return rows


async def states(rig: Rig, rows: list[Stored]) -> list[CommandState]:
    """Where they stand."""
    return [(await rig.get(row)).state for row in rows]


async def test_what_stands_on_a_refused_command_is_not_sent(rig: Rig, peer: ScriptedPeer) -> None:
    """Though the residual may be as it expects: it was decided as if the one before it were done. One row of work stands for
    both."""
    peer.refuse[PAYMENT] = Rejection.LOCKED_PERIOD
    rows = await order(rig, apply_to((INVOICE, "30.00")), adjust("50.00"))
    peer.set_residual(INVOICE, 5000)
    await rig.settle()
    assert await states(rig, rows) == [S.REJECTED, S.CONFLICT]
    assert not peer.calls.count(f"submit {rows[1].id}")
    assert rows[0].words in (await rig.get(rows[1])).outcome
    failures = {each for each in await rig.work() if each.startswith("failure/")}
    assert failures == {f"failure/{rows[0].id}"}


async def test_what_is_about_something_else_goes_on(rig: Rig, peer: ScriptedPeer) -> None:
    """Only what touches the same records falls with it."""
    peer.refuse[PAYMENT] = Rejection.LOCKED_PERIOD
    rows = await order(rig, apply_to((INVOICE, "30.00")), adjust("10.00", OTHER))
    await rig.settle()
    assert await states(rig, rows) == [S.REJECTED, S.POSTED]


async def test_one_that_falls_takes_the_next_with_it(rig: Rig, peer: ScriptedPeer) -> None:
    """Down the order."""
    peer.refuse[PAYMENT] = Rejection.LOCKED_PERIOD
    rows = await order(
        rig, apply_to((INVOICE, "30.00")), adjust("20.00"), Dispute(INVOICE, money("30.00"), "price")
    )
    await rig.settle()
    assert await states(rig, rows) == [S.REJECTED, S.CONFLICT, S.CONFLICT]
    assert await rig.read("SELECT state FROM dispute") == [("withdrawn",)]


async def test_what_waits_for_approval_expires_with_what_it_stands_on(rig: Rig, peer: ScriptedPeer) -> None:
    """Nobody is asked for it, and what it would take is open again."""
    peer.refuse[PAYMENT] = Rejection.LOCKED_PERIOD
    rows = await order(rig, apply_to((INVOICE, "30.00")), adjust("50.00"), waiting=1)
    await rig.settle()
    assert await states(rig, rows) == [S.REJECTED, S.EXPIRED]
    assert str(await rig.open(INVOICE)) == "80.00"


async def test_an_unknown_outcome_holds_back_what_stands_on_it(rig: Rig, peer: ScriptedPeer) -> None:
    """It is sent when the one before it is proved to be posted."""
    peer.submit_faults = deque([Fault.LOST_AFTER])
    rows = await order(rig, apply_to((INVOICE, "30.00")), adjust("50.00"))
    await rig.step()
    assert await states(rig, rows) == [S.UNKNOWN, S.QUEUED]
    await rig.settle()
    assert await states(rig, rows) == [S.POSTED, S.POSTED]


async def test_a_crash_before_it_fell_does_not_send_it(rig: Rig, peer: ScriptedPeer) -> None:
    """The attempt was recorded, the broker died: it is looked up, and falls then."""
    peer.refuse[PAYMENT] = Rejection.LOCKED_PERIOD
    rows = await order(rig, apply_to((INVOICE, "30.00")), adjust("50.00"))
    await rig.step()
    await rig.sender._begin(await rig.get(rows[1]))
    await rig.restart()
    await rig.settle()
    assert await states(rig, rows) == [S.REJECTED, S.CONFLICT]
    assert not peer.postings


async def test_a_dispute_that_the_ledger_cannot_hold_is_ours(rig: Rig, peer: ScriptedPeer) -> None:
    """The case opens with the order, is shown on the item, is never sent; its end closes it."""
    (row,) = [await rig.order(Dispute(INVOICE, money("30.00"), "price"))]
    assert await rig.read("SELECT item_id, amount, reason, state FROM dispute") == [
        (INVOICE, 3000, "price", "open")
    ]
    assert "dispute/item:i" in await rig.work()
    await rig.settle()
    done = await rig.get(row)
    assert (done.state, peer.calls.count(f"submit {row.id}")) == (S.POSTED, 0)
    assert "kept here" in done.outcome
    ended = await rig.order(Resolve(INVOICE, "valid"))
    assert "dispute/item:i" in await rig.work()
    await rig.settle()
    assert (await rig.get(ended)).state is S.POSTED
    assert await rig.read("SELECT state, closed_by FROM dispute") == [("valid", "anna")]
    assert "dispute/item:i" not in await rig.work()


async def test_the_remark_about_a_dispute_is_sent(rig: Rig, peer: ScriptedPeer) -> None:
    """It is the ledger's part of the order."""
    rows = await order(rig, Dispute(INVOICE, money("30.00"), "price"), Annotate(INVOICE, "Disputed: price"))
    await rig.settle()
    assert await states(rig, rows) == [S.POSTED, S.POSTED]
    assert peer.calls.count(f"submit {rows[1].id}") == 1


async def test_a_conflict_says_what_is_open_now(rig: Rig, peer: ScriptedPeer) -> None:
    """In figures, whatever the ledger's own words are: with them somebody decides anew."""
    row = await rig.order(adjust("80.00"))
    peer.set_residual(INVOICE, 1234)
    await rig.settle()
    done = await rig.get(row)
    assert done.state is S.CONFLICT
    assert "12.34" in done.outcome
