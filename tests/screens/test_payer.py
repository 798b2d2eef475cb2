"""Who sent it: the likeliest customers by number, any customer by search, and an order to move the payment there."""

from __future__ import annotations

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from screens.apply.form import ApplyForm
from screens.help.screen import HelpPage
from screens.payer.form import PayerForm
from screens.review.screen import ReviewScreen
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker
from tests.screens.scripted_cash import suggested_line, way


@pytest.fixture
def unknown(broker: ScriptedBroker) -> ScriptedBroker:
    """Nobody knows who sent the first payment; two customers are likely."""
    rows = (
        ("party:1", ["1,250.00 is the open amount of INV-2001", "the name is like theirs"], True),
        ("party:4", ["paid 1,250.00 before"], False),
    )
    broker.payers = [
        {
            "party_id": party,
            "code": broker.company.parties[party]["code"],
            "name": broker.company.parties[party]["name"],
            "why": why,
            "alias": alias,
        }
        for party, why, alias in rows
    ]
    broker.ways = [way("exact", [suggested_line(broker.company.items["item:INV-2001"])])]
    return broker


def reviewed(broker: ScriptedBroker) -> dict[str, Any]:
    """The order of the last review."""
    command: dict[str, Any] = broker.called("review")[-1]["command"]
    return command


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_who_may_have_sent_it_comes_before_what_it_pays(
    unknown: ScriptedBroker, screen: SnapshotAssertion, size: tuple[int, int]
) -> None:
    """The ranked customers with their reasons, and what the payment would pay on the account of the one that is taken."""
    async with driving(unknown.socket, size) as drive:
        await drive.press("a", "1")
        assert isinstance(drive.place, PayerForm)
        assert unknown.called("suggest")[-1]["payer"] == "party:1"
        assert drive.text == screen


async def test_the_payment_is_moved_to_the_customer_of_a_number(
    drive: Driver, unknown: ScriptedBroker
) -> None:
    """a 2 Enter y: the order is to identify, nothing is applied by it."""
    await drive.press("a", "2", "enter")
    assert isinstance(drive.place, ReviewScreen)
    assert reviewed(unknown) == {"op": "identify", "payment": "item:PAY-2000", "party": "party:4"}
    named = unknown.company.parties["party:4"]
    assert f"Review: Identify PAY-2000: sent by {named['name']} · {named['code']}" in drive.text
    await drive.quiet()
    await drive.press("y")
    assert "move PAY-2000 to C-1004" in drive.status
    assert drive.cursor_id == "work:1"


async def test_nobody_is_presumed(drive: Driver, unknown: ScriptedBroker) -> None:
    """Enter without a choice moves nothing."""
    await drive.press("a", "enter")
    assert "nobody is chosen yet" in drive.status
    await drive.press("9")
    assert drive.status == "There are 2 customers here. / searches others."
    assert not unknown.called("review")


async def test_any_customer_is_found_by_name_or_code(drive: Driver, unknown: ScriptedBroker) -> None:
    """The search takes the place of the list, and an empty one brings it back."""
    await drive.press("a", "slash", *"granite", "enter")
    assert "found for " in drive.text
    await drive.press("1", "enter")
    name = next(
        row["name"] for row in unknown.company.parties.values() if row["id"] == reviewed(unknown)["party"]
    )
    assert "Granite" in name
    await drive.press("escape", "slash", "ctrl+u", "enter")
    assert "2 customers may have sent it" in drive.text


async def test_where_nobody_is_likely_the_search_is_what_is_left(
    drive: Driver, unknown: ScriptedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, and offers no number that takes nobody."""
    asked = unknown.on_suggest
    monkeypatch.setattr(
        unknown, "on_suggest", lambda params: {**asked(params), "payers": [], "unidentified": True}
    )
    await drive.press("a")
    assert isinstance(drive.place, PayerForm)
    assert "nobody is likely to have sent it" in drive.text
    assert "A number takes a customer" not in drive.text
    await drive.press("slash", *"granite", "enter")
    assert "A number takes a customer" in drive.text


async def test_a_choice_is_a_draft_when_the_form_is_left(drive: Driver, unknown: ScriptedBroker) -> None:
    """Esc keeps it here, the same key brings it back."""
    await drive.press("a", "2", "escape")
    assert drive.status.startswith("Left as it is: Identify PAY-2000")
    await drive.press("a", "enter")
    assert reviewed(unknown)["party"] == "party:4"


async def test_its_keys_are_in_the_footer_and_on_the_help_page(
    drive: Driver, unknown: ScriptedBroker
) -> None:
    """As everywhere."""
    await drive.press("a")
    assert "1-9 Take" in drive.footer
    assert "/ Search" in drive.footer
    await drive.press("f1")
    assert isinstance(drive.place, HelpPage)
    assert "Keys: Who sent it" in drive.text


async def test_a_payment_of_a_known_customer_is_applied_at_once(drive: Driver) -> None:
    """Nobody is asked what is known."""
    await drive.press("a")
    assert isinstance(drive.place, ApplyForm)
