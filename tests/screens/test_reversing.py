"""`u` once the order is sent: it is named, and what reverses it is offered, never done by the key itself."""

from __future__ import annotations

from typing import Any

import pytest

from arqueue.errors import Refused
from screens.account.applied import AppliedForm
from screens.account.dispute import ResolveForm
from screens.apply.form import ApplyForm
from screens.review.screen import ReviewScreen
from tests.screens.driver import Driver
from tests.screens.scripted_broker import ScriptedBroker
from tests.screens.test_outbox import order

LONG = "apply 12,345.67 EUR of PAY-2000 to INV-2031, INV-2032, INV-2033 and 4 more of them"


def allocations(broker: ScriptedBroker, *numbers: str) -> None:
    """What is applied of the first payment."""
    for place, debit in enumerate(numbers):
        items = {"credit_item": "item:PAY-2000", "debit_item": f"item:{debit}"}
        said = {"credit_number": "PAY-2000", "debit_number": debit, "amount": "60.00", "currency": "EUR"}
        broker.applied.append({"id": f"allocation:{place}", **items, **said, "on": "2026-11-20"})


def posted(broker: ScriptedBroker, op: str, words: str, **given: Any) -> None:
    """kim's newest order has reached the ledger."""
    row = order(1, "posted", op=op, words=words, target="item:PAY-2000")
    broker.company.commands.insert(0, row | given)


async def test_of_a_posted_application_its_lines_are_on_top_to_be_taken_back(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The line tells the order and the key; the review and y follow, and only then something is ordered."""
    allocations(broker, "INV-2031", "INV-2032")
    broker.reversible = ["allocation:1"]
    posted(broker, "apply", LONG)
    await drive.press("u")
    assert isinstance(drive.place, AppliedForm)
    assert drive.place.rows.allocation() == broker.applied[1]
    assert drive.status.startswith("Posted: apply 12,345.67 EUR of PAY-2000 to INV-2031")
    assert drive.status.endswith("…. u takes a line back.")
    await drive.press("u")
    assert isinstance(drive.place, ReviewScreen)
    assert not broker.called("submit")
    await drive.quiet()
    await drive.press("y")
    assert broker.called("submit")[0]["command"] == {"op": "unapply", "allocation": "allocation:1"}
    assert drive.app.place is drive.queue
    assert drive.status.startswith("Queued (u undoes): unapply allocation:1")


async def test_what_was_unapplied_is_offered_to_be_applied_anew(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """In the form in which it was applied, empty."""
    posted(broker, "unapply", "unapply 60.00 EUR of PAY-2000 from INV-2031")
    await drive.press("u")
    assert isinstance(drive.place, ApplyForm)
    assert drive.status == ("Posted: unapply 60.00 EUR of PAY-2000 from INV-2…; it can be applied anew here.")


async def test_a_posted_dispute_is_offered_to_be_answered(drive: Driver, broker: ScriptedBroker) -> None:
    """The form in which a dispute ends."""
    posted(broker, "dispute", "dispute 60.00 EUR of INV-2001: price", target="item:INV-2001")
    await drive.press("u")
    assert isinstance(drive.place, ResolveForm)
    assert drive.status.startswith("Posted: dispute 60.00 EUR of INV-2001")
    assert drive.status.endswith("answering the dispute ends it here.")


@pytest.mark.parametrize(
    "op, words, says",
    [
        ("annotate", "note on PAY-2000: called", "a note stays; write another."),
        ("adjust", "adjust INV-1 by 0.37 EUR (SMALL)", "the ledger has to reverse it."),
    ],
)
async def test_what_no_form_reverses_is_named_with_what_to_do(
    drive: Driver, broker: ScriptedBroker, op: str, words: str, says: str
) -> None:
    """Where one is, one stays."""
    posted(broker, op, words)
    await drive.press("u")
    assert drive.status == f"Posted: {words}; {says}"
    assert drive.place is drive.queue


@pytest.mark.parametrize("state", ["sending", "unknown"])
async def test_what_is_on_its_way_says_where_to_look(
    drive: Driver, broker: ScriptedBroker, state: str
) -> None:
    """It may be posted already: nothing is offered before that is known."""
    posted(broker, "apply", LONG, state=state)
    await drive.press("u")
    assert "apply 12,345.67 EUR of PAY" in drive.status
    assert drive.status.endswith("…. O shows what becomes of it.")
    assert drive.place is drive.queue


async def test_an_unsent_order_goes_before_a_newer_one_that_is_posted(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """What never was need not be reversed."""
    broker.company.commands = [order(2, "queued")]
    posted(broker, "annotate", "note on PAY-2000: called")
    await drive.press("u")
    assert drive.status == "Taken back: adjust INV-2 by 0.37 EUR as SMALL"


async def test_what_was_sent_between_the_look_and_the_key_is_offered_as_posted(
    drive: Driver, broker: ScriptedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal to undo is not the last word."""
    row = order(2, "queued")
    broker.company.commands = [row]

    def undo(params: dict[str, Any]) -> dict[str, Any]:
        row.update(state="posted", undoable=False)
        raise Refused("posted already", "")

    monkeypatch.setattr(broker, "on_undo", undo)
    await drive.press("u")
    assert drive.status == "Posted: adjust INV-2 by 0.37 EUR as SMALL; the ledger has to reverse it."


async def test_a_record_that_vanished_is_said_with_the_order(drive: Driver, broker: ScriptedBroker) -> None:
    """Which order it was stands there all the same."""
    posted(broker, "dispute", "dispute 60.00 EUR of INV-9: price", target="party:0")
    await drive.press("u")
    assert drive.status == ("Posted: dispute 60.00 EUR of INV-9: price; its record vanished from the ledger")
    assert drive.place is drive.queue


async def test_somebody_elses_order_is_not_meant(drive: Driver, broker: ScriptedBroker) -> None:
    """However new it is."""
    posted(broker, "annotate", "note on PAY-2000: called", actor="lee")
    await drive.press("u")
    assert drive.status.startswith("Nothing to take back")
