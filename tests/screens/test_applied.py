"""From the account: what is applied is taken back or moved, a credit is netted, a dispute is opened and answered."""

from __future__ import annotations

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from screens.account.applied import AppliedForm
from screens.account.dispute import DisputeForm, ResolveForm
from screens.apply.form import ApplyForm
from screens.move.form import MoveForm
from screens.review.screen import ReviewScreen
from tests.screens.company import item_row
from tests.screens.driver import Driver
from tests.screens.scripted_broker import ScriptedBroker


@pytest.fixture
def applied(broker: ScriptedBroker) -> ScriptedBroker:
    """Of the first payment two amounts were applied."""
    for number, (debit, amount) in enumerate((("INV-2031", "600.00"), ("INV-2032", "50.00"))):
        broker.applied.append(
            {
                "id": f"allocation:{number}",
                "credit_item": "item:PAY-2000",
                "credit_number": "PAY-2000",
                "debit_item": f"item:{debit}",
                "debit_number": debit,
                "amount": amount,
                "currency": "EUR",
                "on": "2026-11-12",
            }
        )
    return broker


def reviewed(broker: ScriptedBroker) -> dict[str, Any]:
    """The order of the last review."""
    command: dict[str, Any] = broker.called("review")[-1]["command"]
    return command


async def post(drive: Driver) -> None:
    """Yes."""
    assert isinstance(drive.place, ReviewScreen), drive.text
    await drive.quiet()
    await drive.press("y")


async def to_item(drive: Driver, number: str) -> None:
    """The account of the first row, the cursor on an item."""
    await drive.press("enter", "g")
    while f" {number}" not in drive.cursor_row:
        before = drive.cursor_row
        await drive.press("j")
        assert drive.cursor_row != before, drive.text


async def test_what_is_applied_is_listed_with_both_sides(
    drive: Driver, applied: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """r on an item: every allocation of it."""
    await drive.press("enter", "r")
    assert isinstance(drive.place, AppliedForm)
    assert drive.text == screen


async def test_one_allocation_is_taken_back(drive: Driver, applied: ScriptedBroker) -> None:
    """The one under the cursor and no other; the review shows both items."""
    await drive.press("enter", "r", "j", "u")
    assert reviewed(applied) == {"op": "unapply", "allocation": "allocation:1"}
    assert "PAY-2000" in drive.text
    assert "INV-2032" in drive.text
    await post(drive)
    assert drive.queue.reading
    assert "unapply allocation:1" in drive.status


async def test_an_allocation_is_moved_to_another_invoice(
    drive: Driver, applied: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """M lists the other open invoices; the whole amount goes unless another is typed; both steps are one order."""
    await drive.press("enter", "r", "M")
    assert isinstance(drive.place, MoveForm)
    assert "INV-2031 " not in "\n".join(drive.lines[5:])
    await drive.press("slash", *"3202", "enter")
    assert drive.text == screen
    await drive.press("enter")
    assert reviewed(applied) == {"op": "move", "allocation": "allocation:0", "to": "item:INV-3202"}
    await post(drive)
    assert drive.queue.reading


async def test_a_part_of_an_allocation_is_moved(drive: Driver, applied: ScriptedBroker) -> None:
    """An amount that is typed goes along; more than is applied does not, and no more is proposed than the invoice can take."""
    applied.company.items["item:INV-2101"]["open"] = "80.00"
    await drive.press("enter", "r", "M", "enter")
    assert reviewed(applied)["to"] == "item:INV-2101"
    assert reviewed(applied)["amount"] == "80.00"
    await drive.press("escape", "escape", "escape")
    applied.company.items["item:INV-2101"]["open"] = "79831.01"
    await drive.press("r", "M", "tab", *"700", "enter")
    assert "at most 600.00 of it can go to" in drive.status
    await drive.press("ctrl+u", *"100", "enter")
    assert reviewed(applied)["amount"] == "100.00"


async def test_an_item_without_allocations_says_where_to_look(drive: Driver, applied: ScriptedBroker) -> None:
    """And the number of another, also of a closed one, leads to its own."""
    await to_item(drive, "INV-3202")
    await drive.press("r")
    assert "Nothing is applied here." in drive.text
    await drive.press("u")
    assert drive.status.startswith("nothing is applied here")
    await drive.press("M")
    assert drive.status == "There is no allocation to move."
    await drive.press("slash", *"item:PAY-2000", "enter")
    assert "Applied to PAY-2000" in drive.text
    assert "600.00 EUR" in drive.text


async def test_the_end_of_a_number_is_enough_where_only_one_has_it(
    drive: Driver, applied: ScriptedBroker
) -> None:
    """Else some that have it are named, or that there is none."""
    await to_item(drive, "INV-3202")
    await drive.press("r", "slash", *"2031", "enter")
    assert "Applied to INV-2031" in drive.text
    await drive.press("slash", *"inv-20", "enter")
    assert "both have inv-20. Type more of it" in drive.status
    await drive.press("slash", *"99999", "enter")
    assert drive.status.startswith("no item has 99999 in its number")


async def test_a_credit_note_is_applied_as_a_payment_is(drive: Driver, broker: ScriptedBroker) -> None:
    """Offset: the credit note is on top, the invoices below, and no new money."""
    party = broker.company.parties["party:0"]
    broker.company.items["item:CN-9"] = item_row(
        "item:CN-9",
        party,
        kind="credit",
        due_date=None,
        days_past_due=None,
        **dict.fromkeys(("total", "residual", "open"), "-250.37"),
    )
    await to_item(drive, "CN-9")
    await drive.press("a")
    assert isinstance(drive.place, ApplyForm)
    assert "Apply credit CN-9  250.37 EUR to apply" in drive.text
    await drive.press("tab", "slash", *"2032", "enter", "space", "enter")
    assert reviewed(broker) == {
        "op": "apply",
        "payment": "item:CN-9",
        "lines": [{"item": "item:INV-2032", "amount": "250.37"}],
    }


async def test_an_invoice_is_disputed_for_a_reason_of_the_list(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """All that is open of it, unless another amount is typed."""
    await to_item(drive, "INV-2032")
    await drive.press("d")
    assert isinstance(drive.place, DisputeForm)
    assert drive.text == screen
    await drive.press("j", "enter", *"two boxes", "enter")
    assert reviewed(broker) == {
        "op": "dispute",
        "item": "item:INV-2032",
        "amount": "250.37",
        "reason": "quantity",
        "note": "two boxes",
    }


async def test_no_more_than_is_open_is_disputed(drive: Driver) -> None:
    """Both amounts are named."""
    await to_item(drive, "INV-2032")
    await drive.press("d", "shift+tab", *"300", "enter", "enter", "enter")
    assert "300.00 is not within the 250.37 open" in drive.status


async def test_where_the_company_has_no_list_the_reason_is_in_words(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """And there has to be one."""
    drive.app.desk.hello["dispute_reasons"] = []  # type: ignore[index]
    await to_item(drive, "INV-2032")
    await drive.press("d", "enter", "enter")
    assert "reason: whoever answers it has to know" in drive.status
    await drive.press("shift+tab", *"wrong price", "enter", "enter")
    assert reviewed(broker)["reason"] == "wrong price"


async def test_a_dispute_is_answered(drive: Driver, broker: ScriptedBroker) -> None:
    """The same key on a disputed invoice asks whether the customer was right."""
    await drive.press("j", "enter", "d")
    assert isinstance(drive.place, ResolveForm)
    assert "short delivery" in drive.text
    await drive.press("j", "enter", "enter")
    assert reviewed(broker) == {
        "op": "resolve",
        "item": "item:INV-2001",
        "outcome": "invalid",
        "note": "",
    }


@pytest.mark.parametrize(
    "item, why",
    [
        ("The whole account", "a whole account cannot be disputed"),
        ("PAY-2000", "a credit is not owed to us"),
    ],
)
async def test_what_cannot_be_disputed_says_why(drive: Driver, item: str, why: str) -> None:
    """Only invoices are."""
    await to_item(drive, item)
    await drive.press("d")
    assert why in drive.status
    assert drive.place is drive.queue
