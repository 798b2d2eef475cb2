"""``U`` puts back what ``u`` took: the same order under a new intent, after the same review, or the reason why not."""

from __future__ import annotations

import asyncio
from typing import Any

from arqueue.errors import Refused
from screens.account.applied import AppliedForm
from screens.review.screen import ReviewScreen
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker
from tests.screens.test_outbox import order

NOTED = "note on PAY-2000"
NOTE = {"op": "annotate", "target": "item:PAY-2000", "text": "pays on Friday"}


async def note(drive: Driver) -> None:
    """Order a note on the first row."""
    await drive.press("n")
    await drive.type("pays on Friday")
    await drive.press("enter")
    await drive.quiet()
    await drive.press("y")


async def put_back(drive: Driver) -> None:
    """U, and y when it was read."""
    await drive.press("U")
    assert isinstance(drive.place, ReviewScreen), drive.text
    await drive.quiet()
    await drive.press("y")


async def test_what_u_took_is_named_reviewed_and_ordered_anew(drive: Driver, broker: ScriptedBroker) -> None:
    """The very same content, under an intent of its own: for the broker it is a new order."""
    await note(drive)
    await drive.press("u")
    assert drive.status == f"Taken back (U puts it back): {NOTED}"
    await drive.press("U")
    assert isinstance(drive.place, ReviewScreen)
    assert drive.status == f"Puts back: {NOTED}"
    assert f"put back {NOTED}" in drive.text
    assert len(broker.called("submit")) == 1, "nothing is ordered by one key"
    await drive.quiet()
    await drive.press("y")
    first, second = broker.called("submit")
    assert first["command"] == second["command"] == NOTE
    assert first["intent"] != second["intent"]
    assert drive.app.place is drive.queue
    assert drive.status == f"Queued: {NOTED}"


async def test_it_is_put_back_once(drive: Driver, broker: ScriptedBroker) -> None:
    """A second U has nothing to do; what was put back can be taken back and put back again."""
    await note(drive)
    await drive.press("u")
    await put_back(drive)
    await drive.press("U")
    assert drive.status.startswith("nothing was taken back here, or it was put back already")
    await drive.press("u")
    await put_back(drive)
    assert [each["command"] for each in broker.called("submit")] == [NOTE, NOTE, NOTE]


async def test_back_from_the_review_nothing_is_ordered_and_u_may_still_be_undone(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """Esc leaves it as it is."""
    await note(drive)
    await drive.press("u", "U", "escape")
    assert len(broker.called("submit")) == 1
    await drive.press("U")
    assert isinstance(drive.place, ReviewScreen)


async def test_the_rules_are_asked_anew(drive: Driver, broker: ScriptedBroker) -> None:
    """What needs an approval now waits for one; what is forbidden now cannot be posted."""
    await note(drive)
    await drive.press("u")
    broker.verdict = {
        "verdict": "refused",
        "words": "",
        "reason": "the account is closed",
        "rule": "",
        "hint": "",
    }
    await drive.press("U")
    assert "REFUSED" in drive.text
    assert "the account is closed" in drive.text
    await drive.quiet()
    await drive.press("y")
    assert len(broker.called("submit")) == 1
    await drive.press("escape")
    broker.verdict = {
        "verdict": "needs_approval",
        "words": "",
        "reason": "above your limit",
        "rule": "",
        "hint": "",
    }
    await drive.press("U")
    assert "y Ask approval" in drive.footer


async def test_an_order_for_the_same_record_since_then_says_why_not(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """It might not be meant any more."""
    await note(drive)
    await drive.press("u")
    since = order(90, "queued", target="item:PAY-2000", created_at="2026-11-20T09:03:00+00:00")
    broker.company.commands.insert(0, since)
    await drive.press("U")
    assert drive.status.startswith("another order came since: adjust INV-90")
    assert drive.place is drive.queue


async def test_a_record_that_changed_says_why_not(drive: Driver, broker: ScriptedBroker) -> None:
    """The ledger has another version of it."""
    await note(drive)
    await drive.press("u")
    broker.company.items["item:PAY-2000"] |= {"version": "2"}
    await drive.press("U")
    assert drive.status.startswith(f"PAY-2000 changed since: {NOTED}")
    assert drive.place is drive.queue


async def test_figures_that_changed_say_why_not(drive: Driver, broker: ScriptedBroker) -> None:
    """What the first review showed of the invoices is not so any more."""
    await drive.press("a", "1", "enter")
    await drive.quiet()
    await drive.press("y", "u")
    changed = next(line["item"] for line in broker.called("submit")[0]["command"]["lines"])
    broker.company.items[changed] |= {"open": "1.00"}
    await drive.press("U")
    assert drive.status.startswith("what is open changed since: apply 1,250.00 EUR of PAY-2000")


async def test_what_had_left_is_not_taken_back_and_so_not_put_back(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """u says that it was sent, U that nothing was taken back."""
    await note(drive)
    broker.fail["undo"] = Refused("it is sending: it may have been posted already", "wait for its outcome")
    await drive.press("u")
    assert "it may have been posted already" in drive.status
    await drive.press("U")
    assert drive.status.startswith("nothing was taken back here")


async def test_an_order_of_another_session_is_not_put_back(drive: Driver, broker: ScriptedBroker) -> None:
    """Its content is not known here; u does not promise it either."""
    broker.company.commands = [order(2, "queued")]
    await drive.press("u")
    assert drive.status == "Taken back: adjust INV-2 by 0.37 EUR as SMALL"
    await drive.press("U")
    assert drive.status.startswith("not ordered in this session: adjust INV-2")


async def test_an_order_of_which_a_part_had_left_is_not_put_back(
    drive: Driver, broker: ScriptedBroker, monkeypatch: Any
) -> None:
    """It would be ordered twice."""
    submit = broker.on_submit
    monkeypatch.setattr(
        broker, "on_submit", lambda params: submit(params) | {"ids": [f"{1:032x}", f"{2:032x}"]}
    )
    await note(drive)
    await drive.press("u")
    assert drive.status.startswith("Taken back: ")
    await drive.press("U")
    assert drive.status.startswith("a part of it had left already")


async def test_the_outbox_puts_back_as_well(drive: Driver, broker: ScriptedBroker) -> None:
    """Wherever u is, U is."""
    await note(drive)
    await drive.press("O", "u")
    assert drive.status == f"Taken back (U puts it back): {NOTED}"
    await put_back(drive)
    assert [each["command"] for each in broker.called("submit")] == [NOTE, NOTE]


async def test_after_an_answer_that_was_lost_it_is_not_ordered_a_third_time(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The outbox knows; another order under another intent would be a second one."""
    await note(drive)
    await drive.press("u", "U")
    await drive.quiet()
    broker.die_on.add("submit")
    broker.hold["hello"] = asyncio.Event()
    await drive.press("y", "q")
    assert "O shows whether it has the order" in drive.status
    broker.hold["hello"].set()
    await drive.until(lambda: drive.app.desk.connected, "the broker to be back")
    await drive.press("U")
    assert drive.status.startswith("nothing was taken back here")
    assert len(broker.called("submit")) == 2


async def test_the_words_follow_the_keys(broker: ScriptedBroker) -> None:
    """Who gave U another key reads that one."""
    async with driving(broker.socket, keymap={"work.put_back": "f7", "work.undo": "f6"}) as drive:
        await drive.press("a", "1", "enter")
        await drive.quiet()
        await drive.press("y")
        assert drive.status.startswith("Queued (F6 undoes): apply 1,250.00 EUR of PAY-2000")
        await drive.press("f6")
        assert drive.status.startswith("Taken back (F7 puts it back): apply 1,250.00 EUR of PAY-2000")
        await drive.press("f7")
        assert isinstance(drive.place, ReviewScreen)


async def test_what_is_applied_has_another_key(drive: Driver) -> None:
    """r: what is applied can be released."""
    await drive.press("enter", "r")
    assert isinstance(drive.place, AppliedForm)
