"""The review: what it shows, and that nothing but a ``y`` meant for it ever posts."""

from __future__ import annotations

import asyncio

import pytest
from syrupy.assertion import SnapshotAssertion

from arqueue.errors import Conflict
from data.broker.protocol import ReviewLine
from screens.apply.form import ApplyForm
from screens.form import Form
from screens.queue.screen import QueueScreen
from screens.review.screen import ReviewScreen
from screens.review.sheet import table
from tests.screens.driver import Driver
from tests.screens.scripted_broker import ScriptedBroker


async def to_review(drive: Driver) -> None:
    """From the list to the review of the first suggestion."""
    await drive.press("a", "1", "enter")
    assert isinstance(drive.place, ReviewScreen)
    await drive.quiet()


async def test_it_shows_before_change_and_after(drive: Driver, screen: SnapshotAssertion) -> None:
    """Every item with its amounts, the customer with the code, the verdict in words."""
    await to_review(drive)
    assert drive.text == screen


@pytest.mark.parametrize(
    "amount, number", [("368.04", "INV-2025-000807/3"), ("12345678901.00", "…2025-000807/3")]
)
def test_which_instalment_is_paid_can_be_read_at_80_columns(amount: str, number: str) -> None:
    """Its number is whole, or keeps its end where the amounts need the room."""
    line: ReviewLine = {
        "item": "item:1",
        "number": "INV-2025-000807/3",
        "before": amount,
        "change": f"-{amount}",
        "after": "0.00",
        "currency": "EUR",
    }
    said = "".join(text for text, _ in table([line], 74)).splitlines()[1]
    assert said.startswith(f"{number} ")
    assert len(said) <= 74


async def test_it_shows_reason_note_and_approval(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """An adjustment beyond the limit needs approval, and y says that it asks for it."""
    broker.verdict = {
        "verdict": "needs_approval",
        "reason": "7,931.01 EUR is over your limit of 500.00 EUR",
        "hint": "a supervisor sees it in the inbox",
        "rule": "adjust limit",
    }
    await drive.press("j", "m", "enter", *"ok", "enter")
    assert drive.text == screen


async def test_y_posts_and_the_next_row_is_already_there(drive: Driver, broker: ScriptedBroker) -> None:
    """One key confirms; the list is back with the cursor on the next row, and says what is queued."""
    await to_review(drive)
    await drive.press("y")
    assert isinstance(drive.place, QueueScreen)
    assert drive.cursor_id == "work:1"
    assert drive.status.startswith("Queued (u undoes): apply 1,250.00 EUR of PAY-2000")
    assert len(broker.company.commands) == 1


async def test_what_goes_at_once_is_not_said_to_wait_with_the_rest(
    drive: Driver, broker: ScriptedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order of which only a part needs a yes: the line begins with what is on its way."""
    plain = broker.on_submit
    said = {"state": "pending", "going": True, "words": "apply 5.00 EUR; waits for approval: adjust 1.00 EUR"}
    monkeypatch.setattr(broker, "on_submit", lambda params: plain(params) | said)
    await to_review(drive)
    await drive.press("y")
    assert drive.status == "Queued (u undoes): apply 5.00 EUR; waits for approval: adjust 1.00 EUR"


async def test_enter_does_not_post(drive: Driver, broker: ScriptedBroker) -> None:
    """The key that opened the review cannot confirm it."""
    await to_review(drive)
    await drive.press("enter", "enter", "space")
    assert not broker.called("submit")


async def test_a_y_typed_ahead_does_not_post(drive: Driver, broker: ScriptedBroker) -> None:
    """Enter and y in one packet: the review is on the screen, and nothing is posted."""
    await drive.press("a", "1")
    await drive.burst("enter", "y")
    assert isinstance(drive.place, ReviewScreen)
    assert not broker.called("submit")
    assert "typed before this review was on the screen" in drive.status
    await drive.quiet()
    await drive.press("y")
    assert len(broker.called("submit")) == 1


async def test_the_whole_way_typed_ahead_ends_at_the_review(drive: Driver, broker: ScriptedBroker) -> None:
    """a 1 Enter y y y in one packet: the order waits for somebody who reads it."""
    await drive.burst("a", "1", "enter", "y", "y", "y")
    assert isinstance(drive.place, ReviewScreen)
    assert not broker.called("submit")


@pytest.mark.parametrize("pasted", ["y", "y\n", "yes\ny", "\x1b[201~y"])
async def test_a_paste_does_not_post(drive: Driver, broker: ScriptedBroker, pasted: str) -> None:
    """Whatever is pasted, a review is not a place for it."""
    await to_review(drive)
    await drive.paste(pasted)
    assert not broker.called("submit")
    assert isinstance(drive.place, ReviewScreen)


async def test_a_y_that_breaks_out_of_a_paste_does_not_post(drive: Driver, broker: ScriptedBroker) -> None:
    """A paste with an end marker inside arrives as a paste and then a key: the key is not believed."""
    await to_review(drive)
    await drive.paste("harmless")
    await drive.press("y")
    assert not broker.called("submit")
    assert "A paste never posts" in drive.status


async def test_a_y_inside_a_word_does_not_post(drive: Driver, broker: ScriptedBroker) -> None:
    """Typing into the wrong window: the y of ``pay`` comes with other keys."""
    await to_review(drive)
    await drive.burst(*"pay")
    assert not broker.called("submit")


async def test_the_palette_does_not_post(drive: Driver, broker: ScriptedBroker) -> None:
    """Enter in the palette is not the y of the review."""
    await to_review(drive)
    await drive.press("colon")
    await drive.type("post it")
    await drive.press("enter")
    assert not broker.called("submit")
    assert isinstance(drive.place, ReviewScreen)


@pytest.mark.parametrize("key", ["n", "escape", "h", "q"])
async def test_the_way_back_leads_to_the_form_as_it_was(drive: Driver, key: str) -> None:
    """Nothing is lost by not confirming."""
    await to_review(drive)
    await drive.press(key)
    assert isinstance(drive.place, ApplyForm)
    assert "items 1,250.00 = 0.00 EUR  even" in drive.text


async def test_a_refused_order_cannot_be_posted(drive: Driver, broker: ScriptedBroker) -> None:
    """The rule is said in words, and y says it again."""
    broker.verdict = {"verdict": "refused", "reason": "the period is closed", "rule": "period", "hint": ""}
    await to_review(drive)
    assert "REFUSED  the period is closed" in drive.text
    await drive.press("y")
    assert not broker.called("submit")
    assert "a rule forbids this order" in drive.status


async def test_an_order_that_the_broker_refuses_after_all_says_why(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """Somebody was quicker: nothing is queued, and the form is still there."""
    await to_review(drive)
    broker.fail["submit"] = Conflict("INV-2031 was paid meanwhile", "look at it again")
    await drive.press("y")
    assert "INV-2031 was paid meanwhile. Look at it again" in drive.text
    await drive.press("escape")
    assert isinstance(drive.place, ApplyForm)


async def test_nothing_is_called_queued_before_the_broker_answered(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """While the answer is out the review stays, whatever is pressed."""
    await to_review(drive)
    broker.hold["submit"] = asyncio.Event()
    drive.send("y")
    await drive.until_unsettled(lambda: bool(broker.called("submit")), "the order to arrive")
    assert isinstance(drive.place, ReviewScreen)
    assert "ueued" not in drive.text
    broker.hold["submit"].set()
    await drive.idle()
    assert drive.status.startswith("Queued")


async def test_y_twice_is_one_order(drive: Driver, broker: ScriptedBroker) -> None:
    """A second y while the first is on its way posts nothing more."""
    await to_review(drive)
    await drive.burst("y", "y")
    assert len(broker.company.commands) == 1


async def test_figures_that_change_under_the_review_have_to_be_read_again(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """A y meant for the old figures is not taken for the new ones."""
    await to_review(drive)
    broker.company.items["item:INV-2031"]["open"] = "999.00"
    await broker.changed(parties=["party:0"])
    await drive.until(lambda: "999.00" in drive.text, "the new figures")
    assert "It changed meanwhile: read it again." in drive.status
    assert isinstance(drive.place, ReviewScreen)


async def test_the_broker_dies_while_one_types(drive: Driver, broker: ScriptedBroker) -> None:
    """It is said, what was typed stays, the review waits; back again, the order is handed over once."""
    await drive.press("j", "n")
    await drive.type("before ")
    await broker.stop()
    await drive.until(lambda: "BROKER AWAY" in drive.status, "the loss to be said")
    await drive.type("and after")
    await drive.press("enter")
    assert "What you typed stays here" in drive.status
    assert isinstance(drive.place, Form)
    await broker.start()
    await drive.until(lambda: drive.app.desk.connected, "the broker to be back")
    await drive.press("enter")
    await drive.quiet()
    await drive.press("y")
    assert [row["command"]["text"] for row in broker.called("submit")] == ["before and after"]


async def test_an_answer_that_is_lost_is_asked_for_with_the_same_intent(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The broker dies after it stored the order: the screen says what it does not know, and asks with the same intent."""
    await to_review(drive)
    broker.die_on.add("submit")
    broker.hold["hello"] = asyncio.Event()
    await drive.press("y")
    assert isinstance(drive.place, ReviewScreen)
    assert "NO ANSWER FROM THE BROKER" in drive.text
    await drive.press("escape")
    assert isinstance(drive.place, ReviewScreen)
    broker.hold["hello"].set()
    await drive.until(lambda: isinstance(drive.place, QueueScreen), "the answer")
    intents = [params["intent"] for params in broker.called("submit")]
    assert len(intents) == 2
    assert len(set(intents)) == 1
    assert len(broker.company.commands) == 1
    assert drive.status.startswith("Already queued")


async def test_an_answer_that_comes_while_help_is_read_closes_the_order_and_not_only_the_help(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """Whatever was opened over an order in doubt, in the end the queue is there and keys work."""
    await to_review(drive)
    broker.die_on.add("submit")
    broker.hold["hello"] = asyncio.Event()
    await drive.press("y", "question_mark")
    broker.hold["hello"].set()
    await drive.until(lambda: isinstance(drive.place, QueueScreen), "the answer")
    await drive.press("j")
    assert drive.cursor_id == "work:2"
    assert len(broker.company.commands) == 1


async def test_of_many_orders_only_the_unanswered_are_handed_over_again(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The connection breaks after the second of three: each order is in the store once, under its own intent."""
    await drive.press("space", "space", "space", "n", *"same", "enter")
    await drive.quiet()
    broker.die_after = {"submit": 2}
    await drive.press("y")
    await drive.until(lambda: isinstance(drive.place, QueueScreen), "all answers")
    assert len(broker.company.commands) == 3
    assert [row["op"] for row in broker.company.commands] == ["annotate"] * 3
    intents = [params["intent"] for params in broker.called("submit")]
    assert len(intents) == 4
    assert len(set(intents)) == 3


async def test_an_order_in_doubt_can_be_left_to_the_outbox(drive: Driver, broker: ScriptedBroker) -> None:
    """q leaves, says that nobody knows yet, and nothing is sent again from here."""
    await to_review(drive)
    broker.die_on.add("submit")
    broker.hold["hello"] = asyncio.Event()
    await drive.press("y", "q")
    assert isinstance(drive.place, QueueScreen)
    assert "O shows whether it has the order" in drive.status
    broker.hold["hello"].set()
    await drive.until(lambda: drive.app.desk.connected, "the broker to be back")
    assert len(broker.called("submit")) == 1
