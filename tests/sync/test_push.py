"""Sending: what is posted is posted once, what is refused is not posted, and what nobody knows is looked up first."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlite_utils import Database

from arqueue.control.commands import Adjust, Annotate, ApplyPayment, Command, Line, Order
from arqueue.control.states import CommandState
from arqueue.errors import NeedsLogin, PeerUnreachable, Refused
from arqueue.model.ledger import Item
from data.peers.contract import Outcome, Page, Rejected, Rejection
from data.store import mirror, outbox
from data.store.outbox import Stored
from tests.store.books import ANNA, AT, INVOICE, OTHER, PAYMENT, adjust, apply_to, unapply
from tests.sync.rig import Rig, Time
from tests.sync.scripted_peer import Crash, Fault, Guard, ScriptedPeer
from tests.unit.books import TODAY, money

S = CommandState


def submits(peer: ScriptedPeer, row: Stored) -> int:
    """How often its bytes left."""
    return peer.calls.count(f"submit {row.id}")


async def state(rig: Rig, row: Stored) -> CommandState:
    """Where it stands."""
    return (await rig.get(row)).state


async def test_posted_means_the_mirror_shows_it(rig: Rig, peer: ScriptedPeer) -> None:
    """The state, the ledger's new figures and the work that follows are one transaction: no moment shows the old residual
    without the command."""
    row = await rig.order(apply_to((INVOICE, "80.00")))
    seen: list[tuple[CommandState, str, str, bool]] = []

    async def look() -> None:
        items = await rig.items()
        now = (await rig.get(row)).state
        open_now = str(await rig.open(PAYMENT))
        seen.append((now, str(items[PAYMENT].residual), open_now, "payment/item:p" in await rig.work()))

    await look()
    assert await rig.step()
    await look()
    assert seen == [
        (S.QUEUED, "-100.00", "-20.00", True),
        (S.POSTED, "-20.00", "-20.00", True),
    ]
    assert (await rig.get(row)).refs
    assert rig.moved == [row.id, row.id]
    assert peer.posted(row.id)[0].body == row.body


async def test_an_outcome_is_told_though_the_work_is_as_it_was(rig: Rig) -> None:
    """A row says that an order on it is queued: it is read again when it is not any more."""
    for text in ("first", "second"):
        rig.deltas.clear()
        row = await rig.order(Annotate("party:1", text), party_id="party:1")
        await rig.settle()
        assert await state(rig, row) is S.POSTED
    assert [delta.ids for delta in rig.deltas] == [()]


async def test_a_failure_while_recording_the_outcome_records_nothing(
    rig: Rig, peer: ScriptedPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the state without the figures, nor the figures without the state; the next start looks it up."""

    def fails(database: Database, *_: object) -> None:
        database.conn.execute("SELECT * FROM nowhere")

    row = await rig.order(apply_to((INVOICE, "80.00")))
    with monkeypatch.context() as broken:
        broken.setattr("data.sync.push.queue.refresh", fails)
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            await rig.step()
    assert await state(rig, row) is S.SENDING
    assert str((await rig.items())[INVOICE].residual) == "80.00"
    assert await rig.restart() == 1
    await rig.settle()
    assert await state(rig, row) is S.POSTED
    assert len(peer.posted(row.id)) == 1


async def test_commands_behind_each_other_on_one_item_all_post(rig: Rig, peer: ScriptedPeer) -> None:
    """Each expects what those before it leave."""
    rows = [
        await rig.order(command)
        for command in (
            apply_to((INVOICE, "30.00")),
            adjust("5.00"),
            apply_to((INVOICE, "45.00"), (OTHER, "25.00")),
            adjust("25.00", OTHER),
        )
    ]
    await rig.settle()
    assert [await state(rig, row) for row in rows] == [S.POSTED] * 4
    assert peer.item(INVOICE).residual.minor == peer.item(OTHER).residual.minor == 0
    assert [each.order_id for each in peer.postings] == [row.id for row in rows]


async def test_a_command_behind_one_that_waits_for_approval_posts(rig: Rig) -> None:
    """It does not count on what may be declined."""
    await rig.order(adjust("30.00"), state=S.PENDING)
    row = await rig.order(adjust("10.00"))
    await rig.settle()
    assert await state(rig, row) is S.POSTED


async def test_a_command_behind_one_that_was_refused_is_a_conflict(rig: Rig, peer: ScriptedPeer) -> None:
    """What it was decided on did not come true; it is not guessed what was meant."""
    peer.refuse[PAYMENT] = Rejection.LOCKED_PERIOD
    first, second = await rig.order(apply_to((INVOICE, "30.00"))), await rig.order(adjust("50.00"))
    await rig.settle()
    assert (await state(rig, first), await state(rig, second)) == (S.REJECTED, S.CONFLICT)
    assert not peer.postings
    assert str(await rig.open(INVOICE)) == "80.00"
    assert {f"failure/{first.id}", f"failure/{second.id}"} <= await rig.work()


async def test_an_unapplication_is_followed_by_what_it_makes_possible(rig: Rig, peer: ScriptedPeer) -> None:
    """A command on its items expects them as it leaves them."""
    await rig.order(apply_to((INVOICE, "80.00")))
    await rig.settle()
    back = await rig.order(unapply("80.00"))
    behind = await rig.order(apply_to((OTHER, "20.00")))
    await rig.settle()
    assert (await state(rig, back), await state(rig, behind)) == (S.POSTED, S.POSTED)
    assert str(peer.item(PAYMENT).residual) == "-80.00"


async def test_what_somebody_else_changed_is_a_conflict(rig: Rig, peer: ScriptedPeer) -> None:
    """Nothing is posted, and the ledger's own figures are shown at once."""
    row = await rig.order(adjust("80.00"))
    peer.set_residual(INVOICE, 1000)
    await rig.step()
    assert await state(rig, row) is S.CONFLICT
    assert not peer.postings
    assert str(await rig.open(INVOICE)) == "10.00"


async def test_a_refusal_that_the_ledger_repeats_does_not_set_the_mirror_back(
    rig: Rig, peer: ScriptedPeer
) -> None:
    """It was said to an earlier copy, of which a backup that was put back knows nothing: its rows are of then."""
    row = await rig.order(adjust("80.00"))
    peer.set_residual(INVOICE, 1000)
    peer._carry_out(row.order)
    peer.set_residual(INVOICE, 500)
    await rig.puller.pull()
    await rig.step()
    assert await state(rig, row) is S.CONFLICT
    assert (await rig.items())[INVOICE] == peer.item(INVOICE)


# ---- answers that prove nothing

LOST = (
    Fault.LOST_BEFORE,
    Fault.LOST_AFTER,
    Fault.LATE,
    Fault.AWAY,
    Fault.LOGIN,
    Fault.STOP,
    Fault.BUSY,
    Fault.BROKEN,
)


@pytest.mark.parametrize("guard", list(Guard))
@pytest.mark.parametrize("fault", LOST)
async def test_an_answer_that_proves_nothing_posts_once(
    rig: Rig, peer: ScriptedPeer, fault: Fault, guard: Guard
) -> None:
    """Whatever the ledger itself does against doubles; meanwhile it is UNKNOWN and nothing of it is open."""
    peer.guard, peer.submit_faults = guard, deque([fault])
    row = await rig.order(adjust("30.00"))
    assert await rig.step()
    assert await state(rig, row) is S.UNKNOWN
    assert str(await rig.open(INVOICE)) == "50.00"
    await rig.settle()
    assert await state(rig, row) is S.POSTED
    assert len(peer.posted(row.id)) == 1
    assert str(peer.item(INVOICE).residual) == "50.00"
    assert len(peer.bodies[row.id]) == 1


async def test_a_second_try_begins_with_a_look_up(rig: Rig, peer: ScriptedPeer) -> None:
    """What is found is not sent again."""
    peer.submit_faults = deque([Fault.LOST_AFTER])
    row = await rig.order(adjust("30.00"))
    await rig.settle()
    assert [each for each in peer.calls if row.id in each] == [f"submit {row.id}", f"find {row.id}"]


async def test_a_look_up_that_finds_nothing_is_not_believed_while_the_order_may_be_on_its_way(
    rig: Rig, peer: ScriptedPeer, time: Time
) -> None:
    """Counted from when we gave up, and not from the looks in between: it is sent again once that is over."""
    peer.guard, peer.submit_faults = Guard.NONE, deque([Fault.LOST_BEFORE])
    row = await rig.order(adjust("30.00"))
    await rig.step()
    gave_up = time.s
    while await state(rig, row) is S.UNKNOWN:
        if not await rig.step():
            time.pass_(await rig.sender.rest_s(0) or 1.0)
        assert submits(peer, row) == 1 or time.s - gave_up >= rig.flight_s
        assert time.s - gave_up < rig.flight_s + 5
    assert await state(rig, row) is S.POSTED
    assert submits(peer, row) == 2


async def test_the_flight_counts_from_when_we_gave_up(rig: Rig, peer: ScriptedPeer) -> None:
    """Not from when the attempt began, half a minute of waiting before."""
    peer.guard, peer.submit_faults = Guard.NONE, deque([Fault.LATE])
    peer.deadline_s, peer.late_s = 30.0, rig.flight_s - 1.0
    row = await rig.order(adjust("30.00"))
    await rig.settle()
    assert await state(rig, row) is S.POSTED
    assert len(peer.posted(row.id)) == submits(peer, row) == 1


async def test_an_impatient_person_does_not_make_it_post_twice(
    rig: Rig, peer: ScriptedPeer, time: Time
) -> None:
    """Retry means: look it up now."""
    peer.guard, peer.submit_faults = Guard.NONE, deque([Fault.LATE])
    row = await rig.order(adjust("30.00"))
    await rig.step()
    for _ in range(30):
        time.pass_(1.0)
        await rig.store.write(
            lambda database: database.conn.execute(
                "UPDATE command SET not_before_boot_s = NULL WHERE state = 'unknown'"
            )
        )
        await rig.step()
    assert submits(peer, row) == 1
    await rig.settle()
    assert await state(rig, row) is S.POSTED
    assert len(peer.posted(row.id)) == 1


@pytest.mark.parametrize("reboot", [False, True])
@pytest.mark.parametrize("guard", list(Guard))
@pytest.mark.parametrize("crash", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.CRASH_LATE])
async def test_a_crash_while_sending_posts_once(
    rig: Rig, peer: ScriptedPeer, crash: Fault, guard: Guard, reboot: bool
) -> None:
    """The next start knows only that it may have left, by the clock of another boot even."""
    peer.guard, peer.submit_faults = guard, deque([crash])
    row = await rig.order(adjust("30.00"))
    with pytest.raises(Crash):
        await rig.step()
    assert await rig.restart(reboot=reboot) == 1
    assert await state(rig, row) is S.UNKNOWN
    await rig.settle()
    assert await state(rig, row) is S.POSTED
    assert len(peer.posted(row.id)) == 1


async def test_a_wait_goes_on_over_a_reboot(rig: Rig, peer: ScriptedPeer, time: Time) -> None:
    """What was sent before it may still be on its way: the new boot's own age is all that is known to have gone by."""
    peer.guard, peer.submit_faults = Guard.NONE, deque([Fault.LATE])
    row = await rig.order(adjust("30.00"))
    await rig.step()
    assert await rig.restart(reboot=True) == 0
    assert await rig.step()
    assert (await state(rig, row), submits(peer, row)) == (S.UNKNOWN, 1)
    await rig.settle()
    assert (await state(rig, row), submits(peer, row)) == (S.POSTED, 1)
    assert len(peer.posted(row.id)) == 1


async def test_after_a_reboot_a_look_up_waits_until_the_boot_is_old_enough(
    rig: Rig, peer: ScriptedPeer, time: Time
) -> None:
    """What left before it left at least that long ago, whatever the old clock said."""
    peer.guard, peer.submit_faults = Guard.NONE, deque([Fault.CRASH_BEFORE])
    row = await rig.order(adjust("30.00"))
    with pytest.raises(Crash):
        await rig.step()
    await rig.restart(reboot=True)
    time.pass_(10.0)
    assert await rig.step()
    assert await state(rig, row) is S.UNKNOWN
    assert submits(peer, row) == 1
    time.pass_(rig.flight_s)
    assert await rig.step()
    assert await state(rig, row) is S.POSTED


@pytest.mark.parametrize("tries", [0, 1])
async def test_a_sender_that_slept_does_not_send(
    rig: Rig, peer: ScriptedPeer, time: Time, tries: int
) -> None:
    """Between recording that it sends and sending, a suspended machine may lose an hour: it looks up first, then sends."""
    peer.submit_faults = deque([Fault.LOST_BEFORE] * tries)
    row = await rig.order(adjust("30.00"))
    for _ in range(tries):
        await rig.step()
    time.pass_(3600.0)
    recording = "_mark_sent" if tries else "_begin"
    original = getattr(rig.sender, recording)

    async def asleep(subject: Stored) -> Stored:
        recorded: Stored = await original(subject)
        time.pass_(3600.0)
        return recorded

    setattr(rig.sender, recording, asleep)
    before = submits(peer, row)
    assert await rig.step()
    assert submits(peer, row) == before
    found = await rig.get(row)
    assert (found.state, "stalled" in found.outcome) == (S.UNKNOWN, True)
    setattr(rig.sender, recording, original)
    await rig.settle()
    assert await state(rig, row) is S.POSTED


async def test_a_refusal_caused_by_its_own_earlier_copy_is_a_posting(rig: Rig, peer: ScriptedPeer) -> None:
    """A ledger that compares and knows no ids finds the item changed, by the first copy, which came while the second was on
    its way: looked up once more before it is believed."""
    peer.guard, peer.late_s = Guard.COMPARE, rig.flight_s + 0.001
    peer.submit_faults = deque([Fault.LATE])
    row = await rig.order(adjust("30.00"))
    original = peer.submit

    async def overtaken(order: object) -> object:
        peer.late_s = 0.0
        peer._flying = [(0.0, each) for _, each in peer._flying]
        return await original(order)  # type: ignore[arg-type]

    await rig.step()
    peer.submit = overtaken  # type: ignore[method-assign, assignment]
    await rig.settle()
    assert submits(peer, row) == 2
    assert await state(rig, row) is S.POSTED
    assert len(peer.posted(row.id)) == 1


async def test_what_is_posted_in_part_is_a_conflict_that_says_so(rig: Rig, peer: ScriptedPeer) -> None:
    """Both halves are proved, so nothing is tried again: the figures are the ledger's, the rest is open and somebody's work."""
    peer.partial = True
    row = await rig.order(apply_to((INVOICE, "30.00"), (OTHER, "40.00")))
    await rig.settle()
    found = await rig.get(row)
    assert found.state is S.CONFLICT
    assert "posted in part" in found.outcome
    assert found.refs
    assert [str(await rig.open(key)) for key in (PAYMENT, INVOICE, OTHER)] == ["-70.00", "50.00", "50.00"]
    assert f"failure/{row.id}" in await rig.work()
    again = await rig.order(apply_to((OTHER, "40.00")))
    await rig.settle()
    assert await state(rig, again) is S.POSTED


@pytest.mark.parametrize("words", ["zero \0 byte", "half \ud800", "\x1b[31mred", "two\nlines", "x" * 100_000])
async def test_an_outcome_is_not_lost_for_a_character_in_it(rig: Rig, peer: ScriptedPeer, words: str) -> None:
    """Whatever a ledger's error message holds."""
    original = peer._decide

    def refuse(order: object) -> object:
        outcome = original(order)  # type: ignore[arg-type]
        return replace(outcome, words=words) if isinstance(outcome, Rejected) else outcome

    peer._decide = refuse  # type: ignore[method-assign, assignment]
    peer.refuse[INVOICE] = Rejection.INVALID
    row = await rig.order(adjust("30.00"))
    await rig.step()
    found = await rig.get(row)
    assert found.state is S.REJECTED
    assert found.outcome.isprintable()
    assert len(found.outcome) < 400


async def test_a_figure_that_cannot_be_stored_does_not_lose_the_outcome(rig: Rig, peer: ScriptedPeer) -> None:
    """The row goes into quarantine, the command is posted."""
    original = peer._now_of

    def spoiled(order: object) -> object:
        return tuple(
            replace(each, text="\ud800") if isinstance(each, Item) else each
            for each in original(order)  # type: ignore[arg-type]
        )

    peer._now_of = spoiled  # type: ignore[method-assign, assignment]
    row = await rig.order(adjust("30.00"))
    await rig.step()
    assert await state(rig, row) is S.POSTED
    assert await rig.read("SELECT entity_id FROM quarantine") == [(INVOICE,)]


# ---- who waits for whom


async def test_nothing_is_begun_while_the_ledger_is_away(rig: Rig, peer: ScriptedPeer, time: Time) -> None:
    """What waits can still be taken back; when it answers again all goes out."""
    rows = [await rig.order(adjust("1.00")) for _ in range(3)]
    time.pass_(100.0)
    peer.probe_faults = deque([Fault.AWAY] * 5)
    for _ in range(5):
        with pytest.raises(PeerUnreachable):
            await rig.sender.step()
    assert [await state(rig, row) for row in rows] == [S.QUEUED] * 3
    await rig.store.write(
        lambda database: outbox.undo(database, rows[2].id, ANNA, may_undo_others=False, at=AT)
    )
    await rig.settle()
    assert [await state(rig, row) for row in rows] == [S.POSTED, S.POSTED, S.CANCELLED]


async def test_what_another_command_counts_on_is_not_taken_back_first(rig: Rig) -> None:
    """The last one first: a command behind it would find the ledger otherwise than it was decided on."""
    first, second = await rig.order(apply_to((INVOICE, "30.00"))), await rig.order(adjust("50.00"))
    elsewhere = await rig.order(adjust("30.00", "item:x"), party_id="party:2")

    def undo(row: Stored) -> Callable[[Database], list[Stored]]:
        return lambda database: outbox.undo(database, row.id, ANNA, may_undo_others=False, at=AT)

    with pytest.raises(Refused, match="counts on it"):
        await rig.store.write(undo(first))
    for row in (elsewhere, second, first):
        await rig.store.write(undo(row))
    assert str(await rig.open(INVOICE)) == "80.00"


async def test_one_order_without_an_answer_begins_no_other_before_the_ledger_is_seen(
    rig: Rig, peer: ScriptedPeer
) -> None:
    """It may have gone away this very second: one command is unknown, not all of them."""
    first = await rig.order(adjust("1.00"))
    others = [await rig.order(adjust("1.00", "item:x"), party_id="party:2") for _ in range(5)]
    peer.submit_faults = deque([Fault.LOST_BEFORE])
    peer.probe_faults = deque([Fault.AWAY] * 3)
    assert await rig.step()
    for _ in range(3):
        assert not await rig.step()
    assert await state(rig, first) is S.UNKNOWN
    assert [await state(rig, row) for row in others] == [S.QUEUED] * 5
    await rig.settle()
    assert {await state(rig, row) for row in (first, *others)} == {S.POSTED}


@pytest.mark.parametrize("fault", [Fault.STOP, Fault.LOGIN])
async def test_where_every_order_would_fare_alike_the_sender_pauses(
    rig: Rig, peer: ScriptedPeer, time: Time, fault: Fault
) -> None:
    """A redirection or a refused token: it is said, the other orders stay unsent, and the sender rests until the next try."""
    await rig.order(adjust("1.00"))
    other = await rig.order(adjust("1.00", "item:x"), party_id="party:2")
    peer.submit_faults = deque([fault])
    assert await rig.step()
    assert rig.health.state == "failing"
    assert not await rig.step()
    assert await state(rig, other) is S.QUEUED
    rest = await rig.sender.rest_s(0)
    assert rest is not None
    assert 0.5 < rest < 2
    time.pass_(rest)
    assert await rig.step()
    await rig.settle()
    assert await state(rig, other) is S.POSTED


async def test_a_person_may_have_a_paused_order_tried_at_once(rig: Rig, peer: ScriptedPeer) -> None:
    """They gave a new token and do not want to wait."""
    row = await rig.order(adjust("1.00"))
    peer.submit_faults = deque([Fault.LOGIN])
    await rig.step()
    assert not await rig.step()
    await rig.store.write(
        lambda database: database.conn.execute("UPDATE command SET not_before_boot_s = NULL")
    )
    assert await rig.step()
    assert f"find {row.id}" in peer.calls


async def test_a_refused_token_is_said_and_asked_again(rig: Rig, peer: ScriptedPeer, time: Time) -> None:
    """Nothing is begun with it."""
    row = await rig.order(adjust("1.00"))
    time.pass_(100.0)
    peer.probe_faults = deque([Fault.LOGIN])
    with pytest.raises(NeedsLogin):
        await rig.sender.step()
    assert await state(rig, row) is S.QUEUED
    await rig.settle()
    assert await state(rig, row) is S.POSTED


async def test_the_ledgers_wish_to_wait_is_kept(rig: Rig, peer: ScriptedPeer, time: Time) -> None:
    """Retry-After is longer than our own first wait."""
    peer.submit_faults, peer.retry_after_s = deque([Fault.BUSY]), 120.0
    row = await rig.order(adjust("1.00"))
    await rig.step()
    assert not await rig.step()
    assert await rig.sender.rest_s(0) == pytest.approx(120.0)
    time.pass_(119.0)
    assert not await rig.step()
    time.pass_(1.5)
    assert await rig.step()
    await rig.settle()
    assert await state(rig, row) is S.POSTED


async def test_the_senders_rest_is_never_a_busy_loop(rig: Rig, peer: ScriptedPeer, time: Time) -> None:
    """A try long due does not shorten the wait for a ledger that is away; without anything to do it waits to be woken."""
    assert await rig.sender.rest_s(0) is None
    await rig.order(adjust("1.00"))
    peer.submit_faults = deque([Fault.LOST_BEFORE])
    await rig.step()
    time.pass_(500.0)
    assert [await rig.sender.rest_s(away) for away in (1, 2, 3, 4, 5, 6, 60)] == [1, 2, 5, 15, 60, 300, 300]


async def test_a_poison_order_blocks_its_own_customer_only(rig: Rig, peer: ScriptedPeer) -> None:
    """A connector that falls over an order is no reason for the others to wait."""
    peer.submit_faults = deque([Fault.BROKEN])
    peer.find_faults = deque([Fault.BROKEN] * 100)
    poison = await rig.order(adjust("1.00"))
    behind = await rig.order(adjust("1.00", OTHER))
    others = [await rig.order(adjust("0.10", "item:x"), party_id="party:2") for _ in range(20)]
    for _ in range(40):
        await rig.step()
        rig.time.pass_(0.01)
    assert {await state(rig, row) for row in others} == {S.POSTED}
    assert await state(rig, poison) is S.UNKNOWN
    assert await state(rig, behind) is S.QUEUED


async def test_a_refused_order_blocks_nobody(rig: Rig, peer: ScriptedPeer) -> None:
    """It is parked at the first definite no; a thousand good ones behind it go out."""
    peer.refuse["item:x"] = Rejection.LOCKED_PERIOD
    bad = await rig.order(Annotate("item:x", "no"), party_id="party:2")
    good = [
        await rig.order(Annotate("item:x" if n % 2 else INVOICE, f"note {n}"), party_id="party:2")
        for n in range(60)
    ]
    peer.refuse.clear()
    peer.refuse["item:x"] = Rejection.LOCKED_PERIOD
    await rig.step()
    peer.refuse.clear()
    await rig.settle()
    assert await state(rig, bad) is S.REJECTED
    assert {await state(rig, row) for row in good} == {S.POSTED}


async def test_one_customers_orders_go_in_the_order_they_were_given(rig: Rig, peer: ScriptedPeer) -> None:
    """Also when the first of them has to be looked up."""
    peer.submit_faults = deque([Fault.LOST_BEFORE])
    rows = [await rig.order(adjust("1.00")) for _ in range(4)]
    await rig.settle()
    assert [each.order_id for each in peer.postings] == [row.id for row in rows]


async def test_an_order_taken_back_at_the_last_moment_is_not_sent(rig: Rig, peer: ScriptedPeer) -> None:
    """Between reading what is due and beginning it; the sender goes on with the next one."""
    row = await rig.order(adjust("1.00"))
    other = await rig.order(adjust("1.00", "item:x"), party_id="party:2")
    original, done = rig.sender._begin, list[bool]()

    async def beaten(due: Stored) -> Stored | None:
        if not done:
            done.append(True)
            await rig.store.write(
                lambda database: outbox.undo(database, due.id, ANNA, may_undo_others=False, at=AT)
            )
        return await original(due)

    rig.sender._begin = beaten  # type: ignore[method-assign, assignment]
    assert await rig.step()
    await rig.settle()
    assert (await state(rig, row), submits(peer, row)) == (S.CANCELLED, 0)
    assert await state(rig, other) is S.POSTED


async def test_nothing_to_send_is_nothing_asked(rig: Rig, peer: ScriptedPeer, time: Time) -> None:
    """An idle sender leaves the ledger in peace."""
    time.pass_(1000.0)
    assert not await rig.step()
    assert peer.calls == []


# ---- thousands of small things


async def test_every_attempt_sends_the_same_bytes(rig: Rig, peer: ScriptedPeer) -> None:
    """Under the same id, whatever the mirror says meanwhile."""
    peer.submit_faults = deque([Fault.LOST_BEFORE, Fault.BUSY, Fault.STOP, Fault.LATE])
    command: Command = ApplyPayment(PAYMENT, (Line(INVOICE, money("80.00")),), TODAY)
    row = await rig.order(command)
    for _ in range(60):
        await rig.step()
        rig.time.pass_(40.0)
        await rig.puller.pull()
    await rig.settle()
    assert peer.bodies == {row.id: {row.body}}
    assert await state(rig, row) is S.POSTED


async def test_amounts_in_a_currency_without_decimals_post(rig: Rig, peer: ScriptedPeer) -> None:
    """5000 JPY are 5000 minor units."""
    from tests.unit.books import item

    peer.book(item("y", "5000", "JPY"))
    await rig.puller.pull()
    row = await rig.order(Adjust("item:y", money("1", "JPY"), "small", "method:small", TODAY))
    await rig.settle()
    assert await state(rig, row) is S.POSTED
    assert str(peer.item("item:y").residual) == "4999"


async def test_what_is_posted_counts_until_its_figures_are_here(rig: Rig, peer: ScriptedPeer) -> None:
    """A page of before the posting comes while it is on its way, and then nothing can be read: the mirror lacks it, so it is not
    posted yet, and no other order takes the same money."""
    row = await rig.order(apply_to((INVOICE, "80.00")))
    submit, get = peer.submit, peer.get

    async def overtaken(order: Order) -> Outcome:
        found = await submit(order)
        old = [replace(item, version=f"{item.version}-moved") for item in (await rig.items()).values()]
        await rig.store.write(lambda database: mirror.store_entities(database, old, at=AT))
        return found

    async def away(ids: object) -> Page:
        raise PeerUnreachable("nobody answers", "wait")

    peer.submit, peer.get = overtaken, away  # type: ignore[method-assign]
    await rig.step()
    found = await rig.get(row)
    assert (found.state, found.refs != ()) == (S.UNKNOWN, True)
    assert "posted" in found.outcome
    assert str(await rig.open(PAYMENT)) == "-20.00"
    peer.submit, peer.get = submit, get  # type: ignore[method-assign]
    await rig.settle()
    assert await state(rig, row) is S.POSTED
    assert str(await rig.open(PAYMENT)) == "-20.00"
    assert len(peer.posted(row.id)) == 1
