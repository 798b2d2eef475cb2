"""Pulling: the mirror becomes the ledger, whatever comes between, and no cursor is ahead of what is stored."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlite_utils import Database

from arqueue.control.commands import Annotate
from arqueue.control.states import CommandState
from arqueue.errors import ArqueueError, NeedsLogin, PeerGarbled, PeerUnreachable
from arqueue.model.ledger import Item, ItemState
from data.peers.contract import Known, Page, nothing_known
from data.store import bulk, mirror
from data.sync.health import Health
from tests.store.books import INVOICE, OTHER, PAYMENT, adjust, apply_to, forget_work
from tests.sync.rig import Rig, Time
from tests.sync.scripted_peer import Fault, ScriptedPeer
from tests.unit.books import item, party


async def open_there(peer: ScriptedPeer) -> dict[str, int]:
    """What the ledger holds open."""
    return {row.id: row.residual.minor for row in await peer.census()}


async def open_here(rig: Rig) -> dict[str, int]:
    """What the mirror holds open."""
    found = await rig.store.read(mirror.open_items)
    return {key: residual for key, (_, residual) in found.items()}


async def test_a_first_load_ranks_at_its_end(peer: ScriptedPeer, rig: Rig) -> None:
    """Then every change of a page is ranked with the page."""
    assert await rig.work() == {"payment/item:p", "overdue/party:1/EUR", "overdue/party:2/EUR"}
    peer.set_residual(PAYMENT, 0)
    pulled = await rig.puller.pull()
    assert pulled.rows == 1
    assert "payment/item:p" not in await rig.work()
    assert rig.deltas[-1].ids == ("payment/item:p", "overdue/party:1/EUR")


async def test_nothing_new_writes_and_announces_nothing(peer: ScriptedPeer, rig: Rig) -> None:
    """However often it is asked."""
    rig.deltas.clear()
    generation = await rig.read("SELECT value FROM meta WHERE key = 'generation'")
    for _ in range(3):
        assert (await rig.puller.pull()).rows == 0
    assert rig.deltas == []
    assert await rig.read("SELECT value FROM meta WHERE key = 'generation'") == generation


async def test_a_new_name_is_announced(peer: ScriptedPeer, rig: Rig) -> None:
    """No row's facts differ by it, but what a list shows and what a filter finds does."""
    rig.deltas.clear()
    peer.book(party("1", name="Zenith", version="2"))
    await rig.puller.pull()
    assert [each.ids for each in rig.deltas] == [()]


async def test_an_interrupted_first_load_goes_on_where_it_was(peer: ScriptedPeer, rig: Rig) -> None:
    """Pages stored stay stored, also over a restart; the queue comes when all is there."""
    peer.book(*(item(f"n{n}", "10.00", party_id=f"party:n{n % 7}") for n in range(100)))
    await rig.store.write(lambda database: database.conn.execute("DELETE FROM meta WHERE key = 'loaded'"))
    await rig.store.write(forget_work)
    peer.page_rows, peer.read_faults = 10, deque([Fault.OK] * 4 + [Fault.AWAY])
    with pytest.raises(PeerUnreachable):
        await rig.puller.pull()
    cursor = await rig.store.read(mirror.read_cursor)
    assert len(await open_here(rig)) == 4 + 40
    assert await rig.work() == set()
    await rig.restart()
    peer.calls.clear()
    await rig.puller.pull()
    assert peer.calls.count("pull") == 6
    assert cursor != await rig.store.read(mirror.read_cursor)
    assert await open_here(rig) == await open_there(peer)
    assert len([key for key in await rig.work() if key.startswith("overdue/party:n")]) == 7


@pytest.mark.parametrize("place", range(8))
async def test_no_cursor_is_ahead_of_what_is_stored(
    rig: Rig, peer: ScriptedPeer, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The power goes at any write of a pull: what the cursor says was told is there, and the rest is still found."""
    peer.book(*(item(f"n{n}", "10.00") for n in range(30)))
    peer.page_rows = 7
    original, count = rig.store.write, 0

    class Power(BaseException):
        """Gone."""

    async def write(work: object) -> object:
        nonlocal count
        count += 1
        if count > place:
            raise Power
        return await original(work)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(rig.store, "write", write)
        with suppress(Power):
            await rig.puller.pull()
    await rig.restart()
    cursor = await rig.store.read(mirror.read_cursor)
    items = await rig.items()
    for key in peer.told_by(cursor):
        assert not key.startswith("item:") or items[key] == peer.item(key)
    await rig.puller.pull()
    assert await open_here(rig) == await open_there(peer)


@pytest.mark.parametrize("fault,error", [(Fault.AWAY, PeerUnreachable), (Fault.LOGIN, NeedsLogin)])
async def test_an_error_is_said_and_followed_by_a_census(
    rig: Rig, peer: ScriptedPeer, fault: Fault, error: type[ArqueueError]
) -> None:
    """What was missed meanwhile is found; the error is gone when it is well again."""
    peer.read_faults = deque([fault])
    with pytest.raises(error):
        await rig.puller.pull()
    assert rig.health.state == "failing"
    assert isinstance(rig.health.error, error)
    peer.calls.clear()
    await rig.puller.pull()
    assert "census" in peer.calls
    assert rig.health.state == "idle"
    assert rig.health.error is None


async def test_a_feed_that_leads_nowhere_is_an_error(rig: Rig, peer: ScriptedPeer) -> None:
    """Not a loop for ever."""
    cursor = await rig.store.read(mirror.read_cursor)

    async def nowhere(_: str | None, known: Known) -> Page:
        return Page(cursor or "", more=True)

    peer.pull = nowhere  # type: ignore[method-assign, assignment]
    with pytest.raises(PeerGarbled, match="leads nowhere"):
        await rig.puller.pull()


# ---- the census


async def test_a_census_is_taken_daily(rig: Rig, peer: ScriptedPeer, time: Time) -> None:
    """By the boot clock; not with every pull."""
    await rig.puller.pull()
    assert "census" not in peer.calls
    time.pass_(24 * 3600 + 1.0)
    await rig.puller.pull()
    assert peer.calls.count("census") == 1


async def test_a_census_finds_what_the_feed_never_said(rig: Rig, peer: ScriptedPeer) -> None:
    """A deletion, a change and a new item, each without a trace in the feed."""
    peer.forget(INVOICE)
    peer.rows[OTHER] = replace(peer.item(OTHER), residual=peer.item(OTHER).residual, version="99", text="new")
    peer.rows["item:n"] = item("n", "7.00", version="5")
    done = await rig.puller.take_census()
    assert done == 3
    assert await open_here(rig) == await open_there(peer)
    items = await rig.items()
    assert items[INVOICE].state is ItemState.VOID
    assert items[OTHER].text == "new"
    assert "overdue/party:1/EUR" in await rig.work()


async def test_a_census_finds_a_residual_that_differs_under_the_same_version(
    rig: Rig, peer: ScriptedPeer
) -> None:
    """A control total: the row is asked for, and taken in though its version says that it is the same."""
    await rig.store.write(
        lambda database: database.conn.execute("UPDATE item SET residual = 1 WHERE id = ?", (INVOICE,))
    )
    assert await rig.puller.take_census() == 1
    assert await open_here(rig) == await open_there(peer)


async def test_a_census_that_agrees_asks_for_nothing(rig: Rig, peer: ScriptedPeer) -> None:
    """One question, one answer."""
    assert await rig.puller.take_census() == 0
    assert peer.calls == ["census"]


async def test_a_full_pull_reads_everything_anew(rig: Rig, peer: ScriptedPeer) -> None:
    """And changes only what differs; commands and audit are untouched."""
    row = await rig.order(adjust("1.00"))
    rig.deltas.clear()
    pulled = await rig.puller.pull(full=True)
    assert (pulled.rows, rig.deltas) == (0, [])
    assert "census" in peer.calls
    assert (await rig.get(row)).state is CommandState.QUEUED


# ---- rows that cannot be taken in


async def test_a_bad_row_is_somebodys_work_and_no_obstacle(rig: Rig, peer: ScriptedPeer) -> None:
    """It is reported once, asked for again with each census, and leaves when it is well."""
    peer.book(item("n1", "1.00"), item("n2", "2.00"))
    peer.bad["item:n1"] = "amount: not a number"
    await rig.puller.pull()
    assert rig.health.quarantined == 1
    assert {"failure/quarantine/item:n1"} <= await rig.work()
    assert "item:n2" in await rig.items()
    await rig.puller.take_census()
    assert rig.health.quarantined == 1
    del peer.bad["item:n1"]
    await rig.puller.take_census()
    assert rig.health.quarantined == 0
    assert "failure/quarantine/item:n1" not in await rig.work()
    assert "item:n1" in await rig.items()


async def test_one_bad_row_after_another_shows_the_right_one(rig: Rig, peer: ScriptedPeer) -> None:
    """Also when their number stays the same."""
    peer.book(item("n1", "1.00"))
    peer.bad["item:n1"] = "amount"
    await rig.puller.pull()
    del peer.bad["item:n1"]
    peer.bad["item:n2"] = "date"
    peer.book(item("n1", "1.00"), item("n2", "1.00"))
    await rig.puller.pull()
    rows = {key for key in await rig.work() if key.startswith("failure/")}
    assert rows == {"failure/quarantine/item:n2"}


async def test_a_bad_row_that_is_no_more_is_forgotten_by_a_full_pull(
    rig: Rig, peer: ScriptedPeer, time: Time
) -> None:
    """Nobody is asked to look for what the ledger no longer has."""
    peer.book(item("n1", "1.00"))
    peer.bad["item:n1"] = "amount"
    await rig.puller.pull()
    peer.forget("item:n1")
    time.pass_(10.0)
    await rig.puller.pull()
    assert rig.health.quarantined == 1
    await rig.puller.pull(full=True)
    assert rig.health.quarantined == 0
    assert not {key for key in await rig.work() if key.startswith("failure/")}


# ---- pulling while posting


@pytest.mark.parametrize("reading", ["pull", "get"])
async def test_a_page_older_than_a_posting_does_not_bring_the_old_figures_back(
    rig: Rig, peer: ScriptedPeer, reading: str
) -> None:
    """The page was read before the posting and arrives after its read-back; the item would look unpaid and be paid twice."""
    peer.set_residual(INVOICE, 7900)
    if reading == "get":
        await rig.puller.pull()
        peer.forget(OTHER)
        peer.rows[INVOICE] = replace(peer.item(INVOICE), version="77")
    row = await rig.order(apply_to((INVOICE, "20.00")))
    pages: list[str] = []
    page_of = peer._page

    def hold(*arguments: object) -> Page:
        page = page_of(*arguments)  # type: ignore[arg-type]
        pages.append(page.cursor)
        return page

    peer._page = hold  # type: ignore[method-assign, assignment]
    original = peer.pull if reading == "pull" else peer.get
    posted: list[bool] = []

    async def overtaken(subject: object, *known: object) -> Page:
        page = await original(subject)  # type: ignore[arg-type]
        if not posted:
            posted.append(True)
            await rig.settle()
        return page

    setattr(peer, reading, overtaken)
    if reading == "pull":
        await rig.puller.pull()
    else:
        await rig.puller.take_census()
    final = (await rig.get(row)).state
    items = await rig.items()
    assert items[INVOICE] == peer.item(INVOICE)
    assert items[PAYMENT] == peer.item(PAYMENT)
    assert final in (CommandState.POSTED, CommandState.CONFLICT)
    assert await open_here(rig) == await open_there(peer)


async def test_a_row_changed_again_after_the_posting_is_not_missed(rig: Rig, peer: ScriptedPeer) -> None:
    """The page holds a figure newer than the read-back, and cannot be told from an older one: the row is asked for again."""
    row = await rig.order(apply_to((INVOICE, "20.00")))
    original, posted = peer.pull, list[bool]()

    async def overtaken(cursor: str | None, known: Known = nothing_known) -> Page:
        if not posted:
            posted.append(True)
            await rig.settle()
            peer.set_residual(INVOICE, 100)
        return await original(cursor)

    peer.pull = overtaken  # type: ignore[method-assign]
    await rig.puller.pull()
    assert (await rig.get(row)).state is CommandState.POSTED
    assert (await rig.items())[INVOICE].residual.minor == 100


async def test_a_merged_customers_items_move(rig: Rig, peer: ScriptedPeer) -> None:
    """With their work; the old customer's rows go."""
    moved = [replace(each, party_id="party:2") for each in peer.rows.values() if isinstance(each, Item)]
    peer.book(*moved)
    peer.delete("party:1")
    await rig.puller.pull()
    assert await rig.read("SELECT DISTINCT party_id FROM work") == [("party:2",)]
    peer.book(party("1"))
    await rig.puller.pull()
    assert await rig.read("SELECT gone FROM party WHERE id = 'party:1'") == [(0,)]


# ---- health


def test_health_says_what_changed_and_only_that() -> None:
    """A ledger that is away is said once; one that fails between two pulls is said each time it falls back."""
    told: list[str] = []
    health = Health()
    health.changed = lambda: told.append(health.state)
    away = PeerUnreachable("nobody answers", "wait")
    health.failing(away)
    health.failing(PeerUnreachable("nobody answers", "wait"))
    assert told == ["failing"]
    health.failing(NeedsLogin("token", "renew"))
    assert told == ["failing", "failing"]
    health.pulling(5, None)
    health.failing(NeedsLogin("token", "renew"))
    assert told[2:] == ["pulling", "failing"]
    health.well("2026-11-21", 5.0)
    assert told[4:] == ["idle"]
    assert (health.error, health.last_ok_boot_s) == (None, 5.0)


async def everything(rig: Rig) -> dict[str, set[str]]:
    """The ids of the mirror that count as being there."""
    return {
        name: {row[0] for row in await rig.read(f"SELECT id FROM {name} WHERE {is_here}")}
        for name, is_here in mirror._SWEPT.items()
    }


async def test_a_full_sync_sweeps_out_what_the_ledger_has_no_more(peer: ScriptedPeer, rig: Rig) -> None:
    """Customers, closed items, allocations and notes too, without a single tombstone; outbox and audit are not touched."""
    await rig.order(apply_to((INVOICE, "80.00")))
    await rig.order(Annotate("party:1", "called"))
    await rig.settle()
    await rig.puller.pull()
    (allocation,) = [key for key in peer.rows if key.startswith("allocation:")]
    (note,) = [key for key in peer.rows if key.startswith("note:")]
    before = await rig.read("SELECT * FROM command ORDER BY seq")
    audit = await rig.read("SELECT * FROM audit ORDER BY seq")
    gone = ("party:2", "item:x", INVOICE, allocation, note)
    for key in gone:
        peer.forget(key)
    await rig.puller.pull()
    assert allocation in (await everything(rig))["allocation"]
    await rig.puller.pull(full=True)
    here = await everything(rig)
    assert here == {
        "party": {"party:1"},
        "item": {PAYMENT, OTHER},
        "allocation": set(),
        "note": set(),
    }
    assert await rig.read("SELECT * FROM command ORDER BY seq") == before
    assert await rig.read("SELECT * FROM audit ORDER BY seq") == audit
    assert await rig.read("SELECT count(*) FROM met") == [(0,)]


async def test_what_comes_in_while_everything_is_read_is_not_swept(peer: ScriptedPeer, rig: Rig) -> None:
    """Also what the feed tells only after the place where it came in was passed."""
    peer.page_rows = 2

    def meanwhile(call: str) -> None:
        if call == "pull":
            peer.between = lambda call: None
            peer.book(item("late", "7.00"))

    peer.between = meanwhile
    await rig.puller.pull(full=True)
    assert "item:late" in (await everything(rig))["item"]


@pytest.mark.parametrize("place", range(1, 12))
async def test_a_full_sync_that_is_cut_short_sweeps_when_it_goes_on(
    peer: ScriptedPeer, rig: Rig, place: int
) -> None:
    """Whichever reading fails: the marks are kept with the cursor, and nothing that is there is ever buried."""
    peer.page_rows = 2
    peer.forget("item:x")
    peer.read_faults = deque([Fault.OK] * place + [Fault.AWAY])
    with suppress(PeerUnreachable):
        await rig.puller.pull(full=True)
    await rig.restart()
    peer.read_faults.clear()
    await rig.puller.pull()
    assert (await everything(rig))["item"] == {PAYMENT, INVOICE, OTHER}
    assert (await everything(rig))["party"] == {"party:1", "party:2"}


async def test_the_sweep_asks_before_it_buries(peer: ScriptedPeer, rig: Rig) -> None:
    """A row that the feed forgot to tell, and the ledger still has, stays."""
    peer._changes = [key for key in peer._changes if key != OTHER]
    await rig.puller.pull(full=True)
    assert OTHER in (await everything(rig))["item"]
    assert await open_here(rig) == await open_there(peer)


async def test_control_totals_say_in_words_how_they_differ(
    peer: ScriptedPeer, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By currency, where a reading does not mend it."""
    assert await rig.puller.disagreement() == ""
    peer.set_residual(OTHER, 4_000)

    async def nothing(ids: Sequence[str]) -> Page:
        return Page("", False)

    monkeypatch.setattr(peer, "get", nothing)
    assert await rig.puller.disagreement() == "50.00 EUR are open there, 60.00 here"
    monkeypatch.undo()
    assert await rig.puller.disagreement() == ""


async def test_a_row_that_cannot_be_read_is_in_neither_control_total(peer: ScriptedPeer, rig: Rig) -> None:
    """It is work of its own, and must not keep everybody from acting."""
    peer.bad[OTHER] = "no amount"
    peer.set_residual(OTHER, 4_000)
    assert await rig.puller.disagreement() == ""


async def test_a_full_sync_of_a_healthy_company_asks_for_nothing_twice(peer: ScriptedPeer, rig: Rig) -> None:
    """What was met is marked, whatever way it came in by; the sweep has nothing to ask for."""
    peer.page_rows = 2
    peer.bad[OTHER] = "no amount"
    await rig.puller.pull(full=True)
    assert "get" not in peer.calls
    assert await rig.read("SELECT count(*) FROM met") == [(0,)]


async def test_indexes_are_there_when_a_first_load_is_over(rig: Rig) -> None:
    """And none is set aside any more."""
    found = await rig.read("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name LIKE 'item_%'")
    assert found[0][0] >= 3
    assert await rig.store.read(bulk.pending) == []


async def test_a_large_page_is_taken_in_by_pieces_and_the_last_moves_the_cursor(
    rig: Rig, peer: ScriptedPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between two pieces leaves the cursor before the page, and the page is read again."""
    cursor = await rig.store.read(mirror.read_cursor)
    peer.page_rows = 1000
    peer.book(*(item(f"n{n}", "10.00") for n in range(300)))
    pieces, store_page = list[int](), mirror.store_page

    def dying(database: Database, page: Page, **rest: Any) -> mirror.Touched:
        if pieces:
            raise PeerUnreachable("the power went")
        pieces.append(len(page.upserts))
        return store_page(database, page, **rest)

    monkeypatch.setattr(mirror, "store_page", dying)
    with pytest.raises(PeerUnreachable):
        await rig.puller.pull()
    assert 0 < pieces[0] < 300
    assert await rig.store.read(mirror.read_cursor) == cursor
    monkeypatch.undo()
    await rig.puller.pull()
    assert await open_here(rig) == await open_there(peer)


async def test_the_peer_is_told_what_is_here(rig: Rig, peer: ScriptedPeer) -> None:
    """By kind, with the versions of the mirror, so that it need not read what is unchanged."""
    told: dict[str, str] = {}
    original = peer.pull

    async def asking(cursor: str | None, known: Known = nothing_known) -> Page:
        told.update(await known("item", [INVOICE, "item:nowhere"]))
        return await original(cursor)

    peer.pull = asking  # type: ignore[method-assign]
    await rig.puller.pull()
    assert told == {INVOICE: (await rig.items())[INVOICE].version}
