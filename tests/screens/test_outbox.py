"""The outbox: states in words, what became of each order, taking back and trying again."""

from __future__ import annotations

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from screens.account.applied import AppliedForm
from screens.outbox.attempts import AttemptsPage
from screens.outbox.screen import OutboxScreen
from screens.words import STATES
from tests.screens.company import work_row
from tests.screens.driver import Driver
from tests.screens.scripted_broker import ScriptedBroker


def order(number: int, state: str, **given: Any) -> dict[str, Any]:
    """An order in some state."""
    row: dict[str, Any] = {
        "id": f"{number:032x}",
        "op": "adjust",
        "state": state,
        "words": f"adjust INV-{number} by 0.37 EUR as SMALL",
        "target": "item:INV-2001",
        "party": "Acme Industries GmbH",
        "party_id": "party:0",
        "amount": "0.37",
        "currency": "EUR",
        "actor": "kim",
        "created_at": "2026-11-20T08:58:00+00:00",
        "updated_at": "2026-11-20T08:58:00+00:00",
        "attempts": 0 if state in {"queued", "pending"} else 1,
        "outcome": "",
        "refs": [],
        "undoable": state in {"queued", "pending"},
        "approvals": [],
    }
    return row | given


@pytest.fixture
def orders(broker: ScriptedBroker) -> list[dict[str, Any]]:
    """One order of every state."""
    rows = [order(number, state) for number, state in enumerate(STATES, start=1)]
    rows[4] |= {"outcome": "posted as move 4711", "refs": ["move 4711"]}
    rows[5] |= {"outcome": "the period is closed"}
    broker.company.commands = rows
    return rows


async def test_every_state_is_a_word(
    orders: list[dict[str, Any]], drive: Driver, screen: SnapshotAssertion
) -> None:
    """Also those that nobody wants to see; below the list stands what the state means."""
    await drive.press("O")
    assert drive.text == screen


async def test_at_120_columns(orders: list[dict[str, Any]], wide: Driver, screen: SnapshotAssertion) -> None:
    """The same with more room."""
    await wide.press("O", "j", "j", "j", "j", "j")
    assert wide.text == screen


async def test_what_the_ledger_said_is_shown(orders: list[dict[str, Any]], drive: Driver) -> None:
    """The outcome's own words come before the meaning of the state."""
    await drive.press("O", *"jjjj")
    assert "posted as move 4711" in drive.text
    assert "ledger says move 4711" in drive.text


async def test_an_unsent_order_is_taken_back_by_name(
    orders: list[dict[str, Any]], drive: Driver, broker: ScriptedBroker
) -> None:
    """u says what it took back, and the list shows it."""
    await drive.press("O", "j", "u")
    assert drive.status == "Taken back: adjust INV-2 by 0.37 EUR as SMALL"
    assert broker.called("undo") == [{"id": orders[1]["id"]}]
    assert "taken back" in drive.cursor_line


@pytest.mark.parametrize(
    "row, said",
    [
        (2, "Sending: adjust INV-3 by 0.37 EUR as SMALL. O shows what becomes of it."),
        (3, "Outcome unknown: adjust INV-4 by 0.37 EUR as SMALL. O shows what becomes of it."),
        (4, "Posted: adjust INV-5 by 0.37 EUR as SMALL; the ledger has to reverse it."),
    ],
)
async def test_what_cannot_be_taken_back_says_why_by_name(
    orders: list[dict[str, Any]], drive: Driver, broker: ScriptedBroker, row: int, said: str
) -> None:
    """Nothing is undone, and the footer promises nothing."""
    await drive.press("O", *"j" * row)
    assert "u Undo" not in drive.footer
    await drive.press("u")
    assert drive.status == said
    assert not broker.called("undo")


async def test_of_a_booked_application_what_it_applied_can_be_taken_back(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """u opens the form in which that is ordered; the review says the rest."""
    broker.company.commands = [order(1, "posted", op="apply", target="item:PAY-2000")]
    numbers = {"credit_number": "PAY-2000", "debit_number": "INV-2031", "amount": "600.00", "currency": "EUR"}
    items = {"id": "allocation:0", "credit_item": "item:PAY-2000", "debit_item": "item:INV-2031"}
    broker.applied.append({**items, **numbers, "on": "2026-11-12"})
    broker.reversible = ["allocation:0"]
    await drive.press("O")
    assert "u Unapply" in drive.footer
    await drive.press("u")
    assert isinstance(drive.place, AppliedForm)
    assert not broker.called("undo")
    await drive.press("enter")
    await drive.quiet()
    await drive.press("y")
    assert broker.called("submit")[0]["command"] == {"op": "unapply", "allocation": "allocation:0"}
    assert isinstance(drive.place, OutboxScreen)
    assert drive.status.startswith("Queued (u undoes): unapply allocation:0")


async def test_only_an_unknown_outcome_is_tried_again(
    orders: list[dict[str, Any]], drive: Driver, broker: ScriptedBroker
) -> None:
    """r on what is unknown looks it up; what the ledger refused is a new decision; what is posted is posted."""
    await drive.press("O", *"jjjj", "r")
    assert "only an order whose outcome is unknown" in drive.status
    await drive.press("j", "r")
    assert "make the change anew" in drive.status
    assert not broker.called("retry")
    await drive.press("k", "k", "r")
    assert broker.called("retry") == [{"id": orders[3]["id"]}]
    assert drive.status.startswith("Trying again: adjust INV-4")


async def test_a_failure_that_was_looked_at_is_put_away(
    orders: list[dict[str, Any]], drive: Driver, broker: ScriptedBroker
) -> None:
    """From the outbox or from its row in the queue; other work does not go that way."""
    await drive.press("O", *"jjjjj", "x")
    assert drive.status == "Put away: adjust INV-6 by 0.37 EUR as SMALL"
    broker.company.work.insert(
        0, work_row(800, "failure", broker.company.parties["party:0"], command_id=orders[6]["id"])
    )
    await drive.press("escape", "x")
    assert "only a failure or an escalation; other work" in drive.status
    await broker.changed()
    await drive.until(lambda: drive.queue.rows.row_count() == 301, "the failure")
    await drive.press("g", "x")
    assert [params["id"] for params in broker.called("dismiss")] == [orders[5]["id"], orders[6]["id"]]
    assert drive.queue.rows.row_count() == 300


async def test_enter_shows_every_attempt(
    orders: list[dict[str, Any]], drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """When it was tried, what came of it, and the order's own number."""
    broker.company.attempts[orders[3]["id"]] = [
        {"n": 1, "at": "2026-11-20T08:58:02+00:00", "outcome": "unknown", "words": "the connection broke"},
        {"n": 2, "at": "2026-11-20T08:58:32+00:00", "outcome": "looked up", "words": "not there yet"},
    ]
    await drive.press("O", *"jjj", "enter")
    assert isinstance(drive.place, AttemptsPage)
    assert drive.text == screen
    await drive.press("escape")
    assert isinstance(drive.place, OutboxScreen)


async def test_tab_shows_what_is_not_settled_or_failed(orders: list[dict[str, Any]], drive: Driver) -> None:
    """All, unsettled, failed, and round."""
    await drive.press("O", "tab")
    assert "unsettled 4" in drive.lines[0]
    await drive.press("tab")
    assert "failed 5" in drive.lines[0]
    assert "REFUSED" in drive.text
    assert "posted" not in drive.text
    await drive.press("tab")
    assert "all 10" in drive.lines[0]


async def test_an_order_that_settles_changes_on_the_screen(
    orders: list[dict[str, Any]], drive: Driver, broker: ScriptedBroker
) -> None:
    """The broker pushes, the row follows, the cursor stays on its order."""
    await drive.press("O", "j")
    orders[1] |= {"state": "posted", "outcome": "posted and read back", "undoable": False}
    orders.insert(0, order(99, "queued"))
    await broker.push({"push": "command", "command": orders[2]})
    await drive.until(lambda: "posted and read back" in drive.text, "the outcome")
    assert "INV-2" in drive.cursor_line


async def test_u_in_the_queue_takes_back_the_newest_unsent_order(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """It names what it took back; with nothing unsent it says so."""
    await drive.press("u")
    assert drive.status == "Nothing to take back: no order of yours of today stands. O shows all."
    broker.company.commands = [order(1, "posted"), order(2, "queued"), order(3, "queued")]
    await drive.press("u")
    assert drive.status == "Taken back: adjust INV-2 by 0.37 EUR as SMALL"


async def test_the_status_line_counts_what_needs_a_look(drive: Driver, broker: ScriptedBroker) -> None:
    """What is unknown or failed is named, not only counted."""
    broker.company.commands = [order(1, "queued"), order(2, "unknown"), order(3, "rejected")]
    await broker.tell_status()
    await drive.until(lambda: "outbox 2 (1 unknown, 1 failed)" in drive.status, "the counts")


async def test_an_empty_outbox_says_what_belongs_there(drive: Driver) -> None:
    """It teaches, like every empty place."""
    await drive.press("O")
    assert "No orders yet." in drive.text
    await drive.press("q")
    assert drive.place is drive.queue
