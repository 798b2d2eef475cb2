"""One action on all that is marked: one review of every row, one outcome each."""

from __future__ import annotations

from syrupy.assertion import SnapshotAssertion

from arqueue.errors import Refused
from tests.screens.driver import Driver
from tests.screens.scripted_broker import ScriptedBroker


async def review_three(drive: Driver) -> None:
    """A payment, a disputed invoice and a whole account are marked, and adjusted as bad debt."""
    await drive.press("space", "space", "space", "m", "j", "j", "j")
    await drive.press("enter")
    await drive.type("insolvent")
    await drive.press("enter")


async def test_an_adjustment_of_many_is_reviewed_row_by_row(drive: Driver, screen: SnapshotAssertion) -> None:
    """What will happen to each, the sum by currency, who is left out and why."""
    await review_three(drive)
    assert drive.text == screen


async def test_it_has_room_on_a_large_terminal(wide: Driver, screen: SnapshotAssertion) -> None:
    """Names in full, figures at their place."""
    await review_three(wide)
    assert wide.text == screen


async def test_each_item_is_an_order_of_its_own(drive: Driver, broker: ScriptedBroker) -> None:
    """All that is open of each, one reason, one intent each; the marks have done their work."""
    await drive.press("space", "space", "space")
    assert "m Adjust (3)" in drive.footer
    await drive.press("m")
    assert "Adjust 2 items of 3 marked rows" in drive.text
    await drive.press("enter", "enter")
    await drive.quiet()
    await drive.press("y")
    commands = [params["command"] for params in broker.called("submit")]
    assert [(each["item"], each["reason"]) for each in commands] == [
        ("item:PAY-2000", "SMALL"),
        ("item:INV-2001", "SMALL"),
    ]
    assert [each["amount"] for each in commands] == ["1250.00", "7931.01"]
    assert len({params["intent"] for params in broker.called("submit")}) == 2
    assert drive.status.startswith("2 done")
    assert "1 skipped" in drive.status
    assert not drive.app.desk.marks


async def test_what_is_refused_after_all_is_read_before_one_goes_on(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The review stays with the outcome of each; nothing is ordered twice."""
    await drive.press("space", "space", "m", "enter", "enter")
    store = broker.on_submit

    def refuse_the_second(params: dict[str, object]) -> dict[str, object]:
        if len(broker.called("submit")) == 2:
            raise Refused("beyond your limit of today", "ask a supervisor")
        return store(params)

    broker.on_submit = refuse_the_second  # type: ignore[method-assign]
    await drive.quiet()
    await drive.press("y")
    assert "1 done" in drive.text
    assert "SKIPPED  beyond your limit of today" in drive.text
    await drive.quiet()
    await drive.press("y")
    assert len(broker.called("submit")) == 2
    await drive.press("escape")
    assert drive.app.place is drive.queue
    assert drive.status.startswith("1 done")


async def test_an_answer_that_is_lost_is_asked_for_again(drive: Driver, broker: ScriptedBroker) -> None:
    """The connection breaks at the second order: it is handed over again under its intent, and is one order."""
    await drive.press("space", "space", "m", "enter", "enter")
    await drive.quiet()
    broker.die_after["submit"] = 2
    await drive.press("y")
    await drive.until(lambda: drive.app.place is drive.queue, "all handed over")
    intents = [params["intent"] for params in broker.called("submit")]
    assert len(intents) == 3
    assert len(set(intents)) == len(broker.company.commands) == 2


async def test_nothing_marked_can_be_adjusted(drive: Driver) -> None:
    """Accounts alone: said at once, no form."""
    await drive.press("j", "j", "space", "m")
    assert "none of the marked rows has an item that is open" in drive.status


async def test_where_nothing_can_be_done_no_key_says_so(drive: Driver, broker: ScriptedBroker) -> None:
    """Each row says why it is left out, below the word in one column; y is not in the footer."""
    for row in broker.company.work[:2]:
        broker.refuses[row["id"]] = (
            "what is nobody's can be taken, not given; a supervisor gives work to others"
        )
    await drive.press("space", "space", "t", "enter", "enter")
    assert "0 rows · 2 skipped" in drive.text
    at = next(number for number, line in enumerate(drive.lines) if "SKIPPED  what is nobody's" in line)
    assert drive.lines[at + 1].startswith(" " * drive.lines[at].index("what is nobody's"))
    assert "y Post" not in drive.footer
    assert "n Back" in drive.footer
