"""The forms: what they say, what they refuse, what they keep, and the order they hand over."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from arqueue.errors import Invalid
from screens.apply.form import ApplyForm
from screens.form import Form
from screens.review.screen import ReviewScreen
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker

PAYMENT, DISPUTE, ACCOUNT = "work:0", "work:1", "work:2"


def reviewed(broker: ScriptedBroker) -> dict[str, object]:
    """The order of the last review."""
    command: dict[str, object] = broker.called("review")[-1]["command"]
    return command


async def test_adjust_knows_the_open_amount_and_shows_the_account(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """Amount filled in, reasons with their GL accounts, a note: then the order."""
    await drive.press("j", "m")
    assert drive.text == screen
    await drive.press("j", "enter")
    await drive.type("fee of the bank")
    await drive.press("enter")
    assert reviewed(broker) == {
        "op": "adjust",
        "item": "item:INV-2001",
        "amount": "7931.01",
        "reason": "CHARGES",
        "note": "fee of the bank",
    }


@pytest.mark.parametrize(
    "typed, said",
    [("0", "more than nothing"), ("7931.02", "more than the 7,931.01 open"), ("x", "not a decimal number")],
)
async def test_an_adjustment_has_an_amount_that_can_be(drive: Driver, typed: str, said: str) -> None:
    """Nothing, too much, or no number: the field is named and the form stays."""
    await drive.press("j", "m", "shift+tab")
    await drive.type(typed)
    await drive.press("enter", "enter", "enter")
    assert said in drive.status
    assert isinstance(drive.place, Form)


async def test_a_note_has_lines_and_goes_to_the_item(drive: Driver, broker: ScriptedBroker) -> None:
    """Ctrl+J starts a line, Enter reviews."""
    await drive.press("j", "n")
    await drive.type("Called Mr Smith")
    await drive.press("ctrl+j")
    await drive.type("pays Friday")
    await drive.press("enter")
    assert reviewed(broker) == {
        "op": "annotate",
        "target": "item:INV-2001",
        "text": "Called Mr Smith\npays Friday",
    }


async def test_a_note_on_an_account_goes_to_the_customer(drive: Driver, broker: ScriptedBroker) -> None:
    """A row without an item is about the customer."""
    await drive.press("j", "j", "n")
    assert "Castell & Söhne KG" in drive.lines[1]
    await drive.type("x")
    await drive.press("enter")
    assert reviewed(broker)["target"] == "party:2"


async def test_a_pasted_note_keeps_its_lines(drive: Driver, broker: ScriptedBroker) -> None:
    """A mail can be pasted into a note."""
    await drive.press("j", "n")
    await drive.paste("first\nsecond")
    await drive.press("enter")
    assert reviewed(broker)["text"] == "first\nsecond"


async def test_an_empty_note_is_not_reviewed(drive: Driver) -> None:
    """There is nothing to say yet."""
    await drive.press("n", "enter")
    assert "nothing is written" in drive.status


async def test_escalate_names_everybody_but_oneself(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """The supervisors as a role, then people; a reason is needed."""
    await drive.press("j", "e")
    assert "Kim Berger" not in drive.text
    assert drive.text == screen
    await drive.press("j", "enter", "enter")
    assert "why: whoever gets it has to know" in drive.status
    await drive.type("asks for a new delivery")
    await drive.press("enter")
    assert reviewed(broker) == {
        "op": "escalate",
        "target": "item:INV-2001",
        "work": DISPUTE,
        "to": "sam",
        "why": "asks for a new delivery",
    }


async def test_actions_are_about_the_item_under_the_cursor_of_the_account(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """From the account of an overdue customer one invoice can be adjusted."""
    await drive.press("j", "j", "enter", "m")
    assert "a whole account cannot be adjusted: choose one of its items (Enter, j)" in drive.status
    await drive.press("j", "m")
    assert drive.lines[1].strip().startswith("Adjust INV-")
    await drive.press("enter", "enter")
    assert reviewed(broker)["item"] in broker.company.items


@pytest.mark.parametrize(
    "row, key, why",
    [
        (1, "a", "Apply: only a payment or a credit can be applied (this row: dispute)"),
        (2, "a", "Apply: choose a payment or credit of this account (Enter, j)"),
        (2, "m", "Adjust: a whole account cannot be adjusted"),
    ],
)
async def test_an_action_that_cannot_run_says_why(drive: Driver, row: int, key: str, why: str) -> None:
    """A key that does nothing is never silent."""
    await drive.press(*"j" * row, key)
    assert drive.status.startswith(why)
    assert drive.place is drive.queue


@pytest.mark.parametrize("kind", ["escalation", "failure"])
async def test_a_payment_that_was_escalated_is_applied_from_its_row(
    drive: Driver, broker: ScriptedBroker, kind: str
) -> None:
    """The row is about the payment, whoever handed it over; of an invoice the broker says that it is none."""
    for row in broker.company.work[:2]:
        row["kind"] = kind
    await broker.changed()
    await drive.press("a")
    assert isinstance(drive.place, ApplyForm)
    await drive.press("escape", "j", "a")
    assert "INV-2001 is not a payment or credit" in drive.status


async def test_reasons_that_come_later_appear_in_the_open_form(broker: ScriptedBroker) -> None:
    """The face was there before the broker had met the ledger: what was typed stays, the reasons come by themselves."""
    broker.met_ledger = False
    broker.sync |= {"state": "pulling", "last_ok": None, "age_s": None}
    async with driving(broker.socket) as drive:
        await drive.press("j", "m", "shift+tab")
        await drive.type("12.50")
        assert "No reason is known" in drive.text
        await drive.press("enter", "enter", "enter")
        assert "the ledger has named none yet" in drive.status
        broker.met_ledger = True
        broker.sync |= {"done": 12}
        await broker.tell_status()
        await drive.until(lambda: "SMALL" in drive.text, "the reasons")
        await drive.press("enter")
        assert reviewed(broker) == {
            "op": "adjust",
            "item": "item:INV-2001",
            "amount": "12.50",
            "reason": "SMALL",
            "note": "",
        }


async def test_what_was_typed_is_a_draft_when_the_form_is_left(drive: Driver) -> None:
    """Esc keeps it and says so; the same key on the same row brings it back; another row has its own."""
    await drive.press("j", "n")
    await drive.type("half a thou")
    await drive.press("escape")
    assert "Draft kept" in drive.status
    await drive.press("j", "n")
    assert "half a thou" not in drive.text
    await drive.press("escape", "k", "n")
    assert "half a thou" in drive.text
    assert "Your draft is back" in drive.status


async def test_leaving_with_a_draft_that_nobody_keeps_asks_twice(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """q names what stays here; any other key forgets the question."""
    broker.fail["keep_draft"] = Invalid("typed: that looks like a payment card number", "")
    await drive.press("n")
    await drive.type("x")
    await drive.press("escape", "q")
    assert "1 draft kept only until you leave. q again leaves." in drive.status
    await drive.press("j", "q")
    assert drive.app.is_running
    assert "q again leaves" in drive.status


async def test_keys_typed_ahead_fill_the_form_that_they_open(drive: Driver, broker: ScriptedBroker) -> None:
    """In one packet: note, text, Enter. The text is in the review, none of it was taken for keys of the list."""
    await drive.burst("j", "n", *"quick note", "enter")
    assert isinstance(drive.place, ReviewScreen)
    assert reviewed(broker)["text"] == "quick note"


async def test_each_form_has_an_intent_of_its_own(drive: Driver) -> None:
    """Opening a form is a new intent; two orders are never taken for one."""
    seen = set()
    for _ in range(3):
        await drive.press("n")
        assert isinstance(drive.place, Form)
        seen.add(drive.place.intent)
        await drive.press("escape")
    assert len(seen) == 3
    assert all(len(intent) == 32 for intent in seen)


FORMS = {
    "adjust": (["j", "m"], "Review"),
    "note": (["n"], "Review"),
    "escalate": (["e"], "Review"),
    "snooze": (["s"], "Snooze"),
    "follow up": (["f"], "Follow up"),
    "promise": (["c"], "Record"),
    "assign": (["t"], "Assign"),
    "pin": (["P"], "Pin"),
    "snooze many": (["space", "space", "s"], "Review"),
    "dispute": (["j", "enter", "d"], "Review"),
}
"""How to get to each form, and what Enter on its last field does."""


@pytest.mark.parametrize("name", FORMS)
async def test_the_footer_says_what_enter_does_from_here(drive: Driver, name: str) -> None:
    """Next while there is a field to go to, and only on the last one what becomes of it all."""
    keys, end = FORMS[name]
    await drive.press(*keys)
    form = drive.place
    assert isinstance(form, Form), drive.text
    while form.focused is not form.order()[-1]:
        assert "Enter Next" in drive.footer
        assert end not in drive.footer
        here = form.order().index(form.focused)  # type: ignore[arg-type]
        await drive.press("enter")
        assert form.focused is form.order()[here + 1]
    assert f"Enter {end}" in drive.footer
