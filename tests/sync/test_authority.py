"""Just before its bytes leave, an order is looked at once more; and what cannot be sent at all stands in nobody's way."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest

from arqueue.control.commands import Annotate, Order
from arqueue.control.states import CommandState
from arqueue.errors import ConfigInvalid
from data.peers.contract import Outcome
from data.store.outbox import Stored
from tests.store.books import INVOICE, adjust, apply_to
from tests.sync.rig import Rig, Time
from tests.sync.scripted_peer import Fault, ScriptedPeer
from tests.sync.test_push import state, submits

S = CommandState


def nobody_covers(_: Stored) -> str:
    """Whoever let it through may not any more."""
    return "sue, who approved it, may approve nothing any more"


async def test_what_lost_its_authority_is_declined_and_was_never_sent(rig: Rig, peer: ScriptedPeer) -> None:
    """It is its maker's work, it takes nothing of the item any more, and no attempt stands in the outbox."""
    row = await rig.order(adjust("30.00"))
    rig.withdrawn = nobody_covers
    assert await rig.step()
    found = await rig.get(row)
    assert (found.state, found.attempts, submits(peer, row)) == (S.DECLINED, 0, 0)
    assert found.outcome == "not sent: sue, who approved it, may approve nothing any more"
    assert str(await rig.open(INVOICE)) == "80.00"
    assert f"failure/{row.id}" in await rig.work()
    assert not await rig.step()


async def test_the_rest_of_its_order_goes_with_it(rig: Rig, peer: ScriptedPeer) -> None:
    """What was decided as if it were done is neither asked for nor sent."""
    first = await rig.order(apply_to((INVOICE, "30.00")), batch="b" * 32, command_id="b" * 32)
    behind = await rig.order(adjust("50.00"), batch="b" * 32)
    asked = await rig.order(adjust("10.00"), batch="b" * 32, state=S.PENDING)
    rig.withdrawn = lambda row: nobody_covers(row) if row.id == first.id else ""
    await rig.settle()
    assert [await state(rig, row) for row in (first, behind, asked)] == [S.DECLINED, S.CONFLICT, S.EXPIRED]
    assert submits(peer, behind) == 0


async def test_it_is_not_sent_again_either_once_it_is_proved_not_to_be_there(
    rig: Rig, peer: ScriptedPeer
) -> None:
    """A first attempt got lost; before the second the limit went. The look-up proves that nothing was posted."""
    row = await rig.order(adjust("30.00"))
    peer.submit_faults = deque([Fault.LOST_BEFORE])
    await rig.step()
    rig.withdrawn = nobody_covers
    await rig.settle()
    found = await rig.get(row)
    assert (found.state, submits(peer, row), peer.posted(row.id)) == (S.REJECTED, 1, [])
    assert "does not have it, and it is not sent again" in found.outcome


async def test_what_was_posted_stays_posted_whoever_lost_what(rig: Rig, peer: ScriptedPeer) -> None:
    """A look-up that finds it is believed."""
    row = await rig.order(adjust("30.00"))
    peer.submit_faults = deque([Fault.LOST_AFTER])
    await rig.step()
    rig.withdrawn = nobody_covers
    await rig.settle()
    assert await state(rig, row) is S.POSTED
    assert len(peer.posted(row.id)) == 1


async def test_money_waits_while_the_people_file_cannot_be_read(
    rig: Rig, peer: ScriptedPeer, time: Time
) -> None:
    """Neither sent nor declined; it goes when the file is sound again."""
    row = await rig.order(adjust("30.00"))

    def broken(_: Stored) -> str:
        raise ConfigInvalid("people.toml is not TOML", "correct it")

    rig.withdrawn = broken
    assert not await rig.step()
    assert (await state(rig, row), submits(peer, row)) == (S.QUEUED, 0)
    assert rig.health.error is not None
    rest = await rig.sender.rest_s(0)
    assert rest is not None
    time.pass_(rest)
    rig.withdrawn = lambda row: ""
    await rig.settle()
    assert await state(rig, row) is S.POSTED


@pytest.mark.parametrize("tries", [0, 1])
async def test_poison_is_parked_and_the_others_go_on(
    rig: Rig, peer: ScriptedPeer, time: Time, tries: int
) -> None:
    """Bytes that are not those that were decided: never sent, somebody's work, and nothing of another customer waits for it."""
    row = await rig.order(adjust("30.00"))
    peer.submit_faults = deque([Fault.LOST_BEFORE] * tries)
    for _ in range(tries):
        await rig.step()
    before = submits(peer, row)

    def tamper(database: object) -> None:
        connection = database.conn  # type: ignore[attr-defined]
        connection.execute("DROP TRIGGER command_immutable")
        connection.execute("UPDATE command SET body = ? WHERE id = ?", (b"{not json", row.id))

    await rig.store.write(tamper)
    others = [await rig.order(Annotate("party:2", f"n{n}"), party_id="party:2") for n in range(5)]
    time.pass_(60.0)
    for _ in range(20):
        await rig.step()
    assert [await state(rig, other) for other in others] == [S.POSTED] * 5
    found = await rig.get(row)
    assert found.state is (S.UNKNOWN if tries else S.QUEUED)
    assert found.outcome.startswith("parked: its bytes are not those")
    assert submits(peer, row) == before
    assert f"failure/{row.id}" in await rig.work()


async def test_a_sender_that_slept_between_its_last_look_and_sending_does_not_send(
    rig: Rig, peer: ScriptedPeer, time: Time
) -> None:
    """The last thing before the bytes leave is the look at the clock."""
    row = await rig.order(adjust("30.00"))
    look = rig.sender._unsent

    async def asleep(started: Stored) -> object:
        found = await look(started)
        time.pass_(3600.0)
        return found

    rig.sender._unsent = asleep  # type: ignore[method-assign, assignment]
    assert await rig.step()
    assert (await state(rig, row), submits(peer, row)) == (S.UNKNOWN, 0)


async def test_an_order_that_never_ends_ends_unknown(
    rig: Rig, peer: ScriptedPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many requests it takes, and whatever each of them is allowed: it is looked up, and found."""
    monkeypatch.setattr("data.sync.push.WHOLE_S", 0.01)
    row = await rig.order(adjust("30.00"))
    book = peer.submit

    async def hangs(order: Order) -> Outcome:
        await book(order)
        await asyncio.Event().wait()
        raise AssertionError("nothing waits that long")

    monkeypatch.setattr(peer, "submit", hangs)
    assert await rig.step()
    found = await rig.get(row)
    assert (found.state, "was not done with it" in found.outcome) == (S.UNKNOWN, True)
    monkeypatch.setattr("data.sync.push.WHOLE_S", 60.0)
    await rig.settle()
    assert await state(rig, row) is S.POSTED
    assert len(peer.posted(row.id)) == 1
