"""Ledger and outbox compared: orphans, ghosts and differences are found within one comparison, and a healthy company has none."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arqueue.control.authority import Use
from arqueue.control.commands import Annotate, Identify, seal
from arqueue.control.states import CommandState
from arqueue.errors import PeerUnreachable
from arqueue.model.ledger import Note
from data.peers.contract import Capabilities
from data.store import authority, differences, outbox, queue
from data.store.instants import Instant
from data.store.stored import Stored
from data.sync.reconcile import EVERY, Reconciler
from tests.store.books import ANNA, AT, OTHER, PAYMENT, adjust, apply_to, company, new_command
from tests.sync.rig import Rig, Time
from tests.sync.scripted_peer import OPERATIONS, Fault, Posting, ScriptedPeer
from tests.unit.books import TODAY, money, party


@pytest.fixture
def reconciler(rig: Rig) -> Reconciler:
    """Around the rig's store and ledger."""
    return reconciler_of(rig)


def reconciler_of(rig: Rig) -> Reconciler:
    """As the broker makes it."""
    capabilities = Capabilities(
        operations={},
        overlap_s=0,
        tombstones=True,
        key_lifetime_s=None,
        flight_s=rig.flight_s,
        listed=frozenset(OPERATIONS),
    )
    return Reconciler(
        rig.store,
        rig.peer,
        rig.clock,
        rig.health,
        rig.puller,
        capabilities=lambda: capabilities,
        today=lambda: TODAY,
        base_currency=lambda: "EUR",
        changed=rig.deltas.append,
        moved=rig.moved.append,
    )


async def posted(rig: Rig, command: Any) -> Stored:
    """Ordered, sent and posted."""
    row = await rig.order(command)
    await rig.settle()
    row = await rig.get(row)
    assert row.state is CommandState.POSTED
    return row


async def failures(rig: Rig) -> dict[str, str]:
    """The queue's failures and their words."""
    rows = await rig.read("SELECT id, words FROM work WHERE kind = 'failure'")
    return dict(rows)


async def lose(peer: ScriptedPeer, row: Stored) -> None:
    """The ledger was put back from a backup of its own."""
    peer.postings = [each for each in peer.postings if each.order_id != row.id]


def stranger(peer: ScriptedPeer, rig_row: Stored, command_id: str = "f" * 32) -> None:
    """Somebody posted under a reference of ours that we do not know."""
    order = replace(rig_row.order, id=command_id)
    peer.postings.append(replace(peer.postings[-1], order_id=order.id))


async def test_a_healthy_company_has_no_differences(
    peer: ScriptedPeer, rig: Rig, reconciler: Reconciler
) -> None:
    """Whatever was posted, on whatever way, is on both sides."""
    peer.submit_faults = deque([Fault.OK, Fault.LOST_AFTER, Fault.LATE])
    for command in (
        adjust("1.00"),
        apply_to((OTHER, "5.00")),
        adjust("2.00", OTHER),
        Annotate("party:2", "called"),
    ):
        await posted(rig, command)
    await rig.puller.pull()
    compared = await reconciler.compare(None)
    assert (compared.postings, compared.news) == (4, ())
    assert await failures(rig) == {}


async def test_an_orphan_is_adopted_and_shown_to_supervisors(
    peer: ScriptedPeer, rig: Rig, reconciler: Reconciler
) -> None:
    """In words: who, what, how much, of which document; with an audit row, and once."""
    stranger(peer, await posted(rig, adjust("1.00")))
    (found,) = (await reconciler.compare(None)).news
    assert found.amount == money("1.00")
    (words,) = (await failures(rig)).values()
    assert "posted, and not in our outbox, by anna: adjust 1.00 EUR of" in words
    assert (await reconciler.compare(None)).news == ()
    rows = await rig.read(
        "SELECT count(*) FROM audit WHERE what = 'orphan adopted' AND command_id = ?", "f" * 32
    )
    assert rows == [(1,)]
    assert await rig.read("SELECT owner FROM work WHERE id = ?", f"failure/orphan/{'f' * 32}") == [
        ("supervisor",)
    ]


async def test_a_payment_that_moved_counts_where_it_stood(
    peer: ScriptedPeer, rig: Rig, reconciler: Reconciler
) -> None:
    """With what went, for whoever ordered it: a day's limit with a customer is one with the account that the payment left."""
    peer.book(party("2"), replace(peer.item(PAYMENT), party_id="party:2"))
    await rig.puller.pull()
    await reconciler.compare(None)
    order = seal("f" * 32, Identify(PAYMENT, "party:2", TODAY), {}, "anna")
    peer.postings.append(Posting(order.id, order.body, (PAYMENT,)))
    peer.amounts[order.id], peer.left[order.id] = money("60.00"), "party:1"
    await reconciler.compare(None)
    (words,) = (await failures(rig)).values()
    assert "by anna: identify 60.00 EUR of" in words
    now = Instant.of(rig.clock)
    spent = await rig.store.read(
        lambda connection: authority.spent(connection, "anna", "identify", "EUR", now)
    )
    assert spent == [Use("identify", money("60.00"), party="party:1")]


async def test_a_remark_of_ours_that_came_with_the_feed_is_an_orphan_too(
    peer: ScriptedPeer, rig: Rig, reconciler: Reconciler
) -> None:
    """Where a ledger cannot search remarks, the mirror has them."""
    row = await posted(rig, Annotate("party:2", "called"))
    (note,) = [each for each in peer.rows.values() if isinstance(each, Note) and each.command_id == row.id]
    peer.book(replace(note, id="note:77", command_id="e" * 32))
    await rig.puller.pull()
    (found,) = (await reconciler.compare(None)).news
    assert (found.command_id, found.op, found.party_id) == ("e" * 32, "annotate", "party:2")


async def test_a_ghost_is_found_and_gone_when_the_ledger_has_it_again(
    peer: ScriptedPeer, rig: Rig, reconciler: Reconciler
) -> None:
    """Posted as we have it, not in the ledger: a failure with a remedy, until both agree."""
    row = await posted(rig, adjust("1.00"))
    kept = list(peer.postings)
    await lose(peer, row)
    (found,) = (await reconciler.compare(None)).news
    assert found.kind is differences.Difference.GHOST
    (words,) = (await failures(rig)).values()
    assert "not in the accounting system" in words
    assert "order it anew" in words
    peer.postings = kept
    await reconciler.compare(None)
    assert await failures(rig) == {}
    assert (await rig.get(row)).state is CommandState.POSTED


async def test_another_amount_is_a_difference(peer: ScriptedPeer, rig: Rig, reconciler: Reconciler) -> None:
    """Both figures are told."""
    row = await posted(rig, adjust("1.00"))
    peer.amounts[row.id] = money("1.50")
    (found,) = (await reconciler.compare(None)).news
    assert found.kind is differences.Difference.AMOUNT
    (words,) = (await failures(rig)).values()
    assert "posted as 1.00 EUR, and 1.50 EUR in the accounting system" in words


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["well", "orphan", "ghost", "amount"]), min_size=1, max_size=6))
async def test_whatever_differs_is_found_in_one_comparison_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str]
) -> None:
    """Injected divergence: every one, and no false alarm."""
    time = Time()
    peer = ScriptedPeer(now=lambda: time.s, wait=time.pass_)
    peer.book(*company())
    rig = Rig(tmp_path_factory.mktemp("rig") / "store" / "arqueue.sqlite", peer, time)
    try:
        await rig.puller.pull()
        wanted: set[tuple[str, str]] = set()
        for number, kind in enumerate(kinds):
            row = await posted(rig, adjust("1.00"))
            if kind == "orphan":
                stranger(peer, row, f"{number:032x}")
                wanted.add(("orphan", f"{number:032x}"))
            elif kind == "ghost":
                await lose(peer, row)
                wanted.add(("ghost", row.id))
            elif kind == "amount":
                peer.amounts[row.id] = money("1.01")
                wanted.add(("amount", row.id))
        news = (await reconciler_of(rig).compare(None)).news
        assert {(each.kind.value, each.command_id) for each in news} == wanted
    finally:
        rig.close()


async def test_what_is_posted_while_it_compares_is_no_ghost_and_no_orphan(
    peer: ScriptedPeer, rig: Rig, reconciler: Reconciler
) -> None:
    """An order goes its whole way between the reading here and the answer there."""
    first = await posted(rig, adjust("1.00"))
    late = new_command(rig.store._database.conn, adjust("2.00"))  # its id is known before it is stored

    def meanwhile(call: str) -> None:
        if call == "ours":
            peer.postings.append(replace(peer.postings[-1], order_id=late.order.id, body=late.order.body))

    def store(database: Any) -> None:
        outbox.add(database, late, ANNA, at=AT)

    peer.between = meanwhile
    await rig.store.write(store)
    assert (await reconciler.compare(None)).news == ()
    assert (await rig.get(first)).state is CommandState.POSTED


async def test_it_compares_daily_and_after_a_full_sync(
    peer: ScriptedPeer, rig: Rig, reconciler: Reconciler, time: Time
) -> None:
    """Not at every pull."""
    assert await reconciler.daily() is not None
    assert await reconciler.daily() is None
    assert await reconciler.daily(full=True) is not None
    time.pass_(EVERY.total_seconds() + 1)
    assert await reconciler.daily() is not None


async def test_a_ledger_that_is_away_is_compared_later(
    peer: ScriptedPeer, rig: Rig, reconciler: Reconciler
) -> None:
    """Nothing is concluded from silence."""
    await posted(rig, adjust("1.00"))
    peer.read_faults = deque([Fault.AWAY])
    with pytest.raises(PeerUnreachable):
        await reconciler.daily()
    assert await failures(rig) == {}
    assert await reconciler.daily() is not None


async def test_a_new_store_does_not_alarm_about_its_predecessor(
    peer: ScriptedPeer, rig: Rig, tmp_path: Path, time: Time
) -> None:
    """What another store posted before this one was made is known, and no work."""
    await posted(rig, adjust("1.00"))
    other = Rig(tmp_path / "other" / "arqueue.sqlite", peer, time)
    try:
        await other.puller.pull()
        assert len((await reconciler_of(other).compare(None)).news) == 1
        assert await failures(other) == {}
        row = await posted(other, adjust("2.00"))
        stranger(peer, row)
        await reconciler_of(other).compare(None)
        assert len(await failures(other)) == 1
    finally:
        other.close()


async def test_an_old_posting_is_not_a_ghost_of_a_daily_comparison(
    peer: ScriptedPeer, rig: Rig, reconciler: Reconciler, time: Time
) -> None:
    """It is not asked for what was posted long ago, so nothing is concluded of it."""
    await posted(rig, adjust("1.00"))
    time.pass_(timedelta(days=100).total_seconds())
    compared = await reconciler.daily()
    assert compared is not None
    assert (compared.postings, compared.news) == (0, ())
    full = await reconciler.daily(full=True)
    assert full is not None
    assert (full.postings, full.news) == (1, ())


async def test_put_away_is_put_away(peer: ScriptedPeer, rig: Rig, reconciler: Reconciler) -> None:
    """With an audit row; the next comparison does not bring it back."""
    stranger(peer, await posted(rig, adjust("1.00")))
    await reconciler.compare(None)

    def dismiss(database: Any) -> None:
        found = differences.get(database.conn, "f" * 32)
        assert found is not None
        differences.dismiss(database, found, ANNA, at=AT)
        queue.refresh(database, {found.party_id or differences.NOWHERE}, TODAY, "EUR")

    await rig.store.write(dismiss)
    assert await failures(rig) == {}
    await reconciler.compare(None)
    assert await failures(rig) == {}
    assert await rig.read("SELECT person FROM audit WHERE what = 'orphan dismissed'") == [("anna",)]
