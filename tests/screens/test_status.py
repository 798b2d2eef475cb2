"""The status line: how fresh, what is on its way, whether the ledger and the broker are there. Nothing in it ticks."""

from __future__ import annotations

from rich.cells import cell_len

from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker


async def test_a_ledger_that_does_not_answer_is_said_with_its_time(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """Work goes on with what is here; the line says since when it is all there is."""
    broker.sync |= {"state": "failing", "age_s": 3700}
    await broker.tell_status()
    await drive.until(lambda: "ledger NOT REACHABLE since 09:00" in drive.status, "the failure")
    assert "synced 1 h ago" in drive.status
    await drive.press("j")
    assert drive.cursor_id == "work:1"


async def test_a_restored_store_says_that_it_takes_no_orders_yet(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The ledger answers, but what it knows is still being compared."""
    words = {"code": "refused", "message": "2 of 3 orders are looked up", "hint": "wait"}
    broker.sync |= {"state": "idle", "error": words}
    await broker.tell_status()
    await drive.until(lambda: "NO ORDERS YET: 2 of 3 orders are looked up" in drive.status, "the reason")
    assert "ledger reachable" not in drive.status


async def test_what_is_wrong_is_never_what_is_left_out(drive: Driver, broker: ScriptedBroker) -> None:
    """On a narrow line the harmless goes first."""
    await drive.press("slash")
    await drive.type("acme industries payment")
    await drive.press("enter", "space")
    broker.sync |= {"state": "failing"}
    await broker.tell_status()
    await drive.until(lambda: "NOT REACHABLE" in drive.status, "the failure")
    assert 'filter "acme industries payment"' in drive.status
    assert "1 marked" in drive.status
    assert cell_len(drive.lines[-2]) <= 80


async def test_an_order_other_than_the_rank_stays_in_sight(drive: Driver) -> None:
    """It holds through views; beside filter and marks it is whole at 80 columns; the rank needs no word."""
    assert "order" not in drive.status
    await drive.press("o", "o", "i", "j")
    assert drive.status.startswith("300 rows · order: age, turned round · synced")
    await drive.press("4", "slash")
    await drive.type("castell")
    await drive.press("enter", "space")
    for said in ('filter "castell"', "order: age, turned round", "1 marked"):
        assert said in drive.status
    assert "…" not in drive.status
    await drive.press("escape", "i", "o", "o", "o", "j")
    assert "order" not in drive.status
    await drive.press("i", "j")
    assert "order: rank, turned round" in drive.status


async def test_the_age_of_the_sync_does_not_tick(drive: Driver) -> None:
    """It changes with a push or a key, so that an idle screen sends nothing."""
    drive.app.desk.clock = lambda: 300.0
    await drive.idle()
    assert "synced 10 s ago" in drive.status
    await drive.press("j")
    assert "synced 5 min ago" in drive.status


async def test_a_broker_that_goes_away_leaves_the_rows(drive: Driver, broker: ScriptedBroker) -> None:
    """The last rows stay, the line says so, moving works, and everything is current when it is back."""
    before = drive.lines[1]
    await broker.stop()
    await drive.until(lambda: "BROKER AWAY since 09:05" in drive.status, "the loss")
    assert drive.lines[1] == before
    await drive.press("j", "a")
    assert "the broker is away; this works again as soon as it is back" in drive.status
    del broker.company.work[5:]
    broker.generation += 1
    await broker.start()
    await drive.until(lambda: drive.queue.rows.row_count() == 5, "the rows of now")
    assert "AWAY" not in drive.status
    assert drive.cursor_id == "work:1"


async def test_without_a_broker_the_app_starts_and_waits(broker: ScriptedBroker) -> None:
    """It says what is missing and what to do, and goes on by itself when a broker comes."""
    await broker.stop()
    async with driving(broker.socket) as drive:
        assert "NO BROKER YET" in drive.status
        assert "Waiting for the broker." in drive.text
        assert "arqueue doctor" in drive.text
        await broker.start()
        await drive.until(lambda: drive.queue.rows.row_count() == 300, "the queue")


async def test_a_lagged_face_asks_again(drive: Driver, broker: ScriptedBroker) -> None:
    """After pushes were dropped the list is what the broker holds."""
    del broker.company.work[100:]
    broker.generation += 1
    await broker.push({"push": "lagged"})
    await drive.until(lambda: drive.queue.rows.row_count() == 100, "the list of now")


async def test_a_broker_that_is_slow_does_not_stop_the_keys_that_need_nothing(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """While a form waits for its suggestions keys are kept, and go to the form in their order."""
    import asyncio

    broker.hold["suggest"] = asyncio.Event()
    for key in ("a", "1", "j"):
        drive.send(key)
    await drive.until_unsettled(lambda: bool(broker.called("suggest")), "the question")
    assert drive.place is drive.queue
    assert drive.cursor_id == "work:0"
    broker.hold["suggest"].set()
    await drive.idle()
    assert "items 1,250.00 = 0.00 EUR  even" in drive.text


async def test_ctrl_q_leaves_even_while_something_opens(drive: Driver, broker: ScriptedBroker) -> None:
    """The way out never waits."""
    import asyncio

    broker.hold["suggest"] = asyncio.Event()
    drive.send("a")
    drive.send("ctrl+q")
    await drive.until_unsettled(lambda: drive.app._exit, "the exit")
    broker.hold["suggest"].set()


async def test_sync_can_be_asked_for(drive: Driver, broker: ScriptedBroker) -> None:
    """R asks, and says that it did."""
    await drive.press("R")
    assert broker.called("sync") == [{"full": False}]
    assert "Asked for a sync" in drive.status


async def test_a_sync_that_is_asked_for_says_why_the_last_one_failed(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """Whoever asks again wants to know what is wrong."""
    broker.sync |= {
        "state": "failing",
        "error": {"code": "peer", "message": "the ledger does not answer", "hint": "look at its server"},
    }
    await broker.tell_status()
    await drive.until(lambda: "NOT REACHABLE" in drive.status, "the failure")
    await drive.press("R")
    assert drive.status == "Asked for a sync. The last try: the ledger does not answer."


async def test_the_view_that_is_shown_has_a_mark_that_needs_no_colour(drive: Driver) -> None:
    """Reverse alone is not seen in mono or read aloud; nothing else in the bar moves."""
    bar = drive.lines[0]
    assert bar.startswith("*1 All 300  2 Unapplied")
    await drive.press("2")
    assert drive.lines[0].startswith(" 1 All 300 *2 Unapplied")
    assert drive.lines[0].replace("*", " ") == bar.replace("*", " ")
