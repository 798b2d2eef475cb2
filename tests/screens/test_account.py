"""The account of one customer: its figures in few lines, actions on an item or on the whole, and everything about each."""

from __future__ import annotations

from typing import cast

import pytest
from syrupy.assertion import SnapshotAssertion

from arqueue.errors import NotFound
from data.broker.protocol import Ageing
from screens.account import card
from screens.account.details import DetailsPage
from screens.review.screen import ReviewScreen
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker


def ageing_row(currency: str, *amounts: str) -> Ageing:
    """Five buckets, credits, balance."""
    names = ("not due", "1-30", "31-60", "61-90", "over 90")
    buckets = [{"words": name, "amount": amount} for name, amount in zip(names, amounts[:5], strict=True)]
    return cast(
        Ageing, {"currency": currency, "buckets": buckets, "credits": amounts[5], "balance": amounts[6]}
    )


LARGE = ageing_row(
    "EUR", "37415.10", "51280.74", "45648.62", "16216.41", "37575.94", "-13600.78", "174536.03"
)


async def to_post(drive: Driver) -> None:
    """From a filled form through the review."""
    await drive.press("enter")
    assert isinstance(drive.place, ReviewScreen), drive.text
    await drive.quiet()
    await drive.press("y")


def test_large_figures_take_few_lines_where_lines_are_few() -> None:
    """On 24 rows the items have the room: two lines, nothing cut, zeros left out."""
    text = card.ageing([LARGE], 77, low=True).plain
    assert text.splitlines() == [
        "EUR not due 37,415.10 · 1-30 51,280.74 · 31-60 45,648.62 · 61-90 16,216.41",
        "    over 90 37,575.94 · credits -13,600.78 · balance 174,536.03",
    ]
    only = ageing_row("EUR", "0.00", "0.00", "0.00", "0.00", "37575.94", "0.00", "37575.94")
    assert card.ageing([only], 40, low=True).plain == "EUR over 90 37,575.94\n    balance 37,575.94"
    assert len(card.ageing([LARGE], 50, low=False).plain.splitlines()) == 8


async def test_a_note_written_in_an_account_is_about_the_customer(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The row is about the whole account, so the cursor stands on it; an item is one key away."""
    await drive.press("j", "j", "enter")
    assert "The whole account: 3 open items" in next(line for line in drive.lines if line.startswith(" >"))
    await drive.press("n", *"x", "enter")
    assert broker.called("review")[-1]["command"]["target"] == "party:2"


async def test_after_a_note_one_stays_where_one_is(drive: Driver) -> None:
    """It settles nothing: the next key is about the same row, in the list and in the account."""
    await drive.press("j", "n", *"called")
    await to_post(drive)
    assert drive.status.startswith("Queued: note")
    assert drive.cursor_id == "work:1"
    await drive.press("enter", "n", *"again")
    await to_post(drive)
    assert drive.queue.reading
    assert drive.cursor_id == "work:1"


async def test_what_is_done_gives_way_to_the_next_with_its_account_open(drive: Driver) -> None:
    """Reading goes from account to account without the list, also when something was done."""
    await drive.press("enter", "a", "1")
    await to_post(drive)
    assert drive.queue.reading
    assert drive.cursor_id == "work:1"
    assert "Brightwater Foods Ltd" in drive.text


async def test_an_order_about_another_item_stays_in_the_account(drive: Driver) -> None:
    """The row that was opened is not done by it."""
    await drive.press("enter", "j", "m", "enter", *"x")
    await to_post(drive)
    assert drive.status.startswith("Queued: adjust INV-2031"), drive.text
    assert drive.queue.reading
    assert drive.cursor_id == "work:0"


async def test_everything_about_an_item(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """Its text in full, what is applied, its notes and orders; Esc leads back to the account."""
    item = broker.company.items["item:PAY-2000"]
    item["text"] = (
        "RE INV-2031 + INV-2032 LESS CHARGES, BALANCE FOLLOWS WITH THE NEXT PAYMENT RUN ON THURSDAY"
    )
    broker.company.notes.append(broker.company.notes[0] | {"id": "note:2", "target": item["id"]})
    await drive.press("enter", "enter")
    assert isinstance(drive.place, DetailsPage)
    assert drive.text == screen
    await drive.press("escape")
    assert drive.queue.reading


async def test_everything_about_a_customer(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """How to reach them, who belongs to them, and every note in full."""
    broker.company.notes[0]["text"] = "Called: pays the rest on Friday, when the owner is back. " * 3
    await drive.press("enter", "k", "enter")
    assert drive.text == screen


async def test_a_page_that_goes_on_says_how_to_scroll(drive: Driver, broker: ScriptedBroker) -> None:
    """Nobody has to guess that there is more below."""
    await drive.press("enter", "k", "enter")
    assert "Scroll" not in drive.footer
    await drive.press("escape")
    broker.company.notes[:] = [broker.company.notes[0] | {"id": f"note:{n}"} for n in range(20)]
    await drive.press("enter")
    assert "j Scroll" in drive.footer
    before = drive.text
    await drive.press("j")
    assert drive.text != before


@pytest.mark.parametrize("width", [80, 100, 120])
async def test_document_numbers_are_whole(broker: ScriptedBroker, width: int) -> None:
    """Fifteen characters fit beside lateness and amount, whatever else has to give way."""
    for number, row in enumerate(broker.company.items.values()):
        row["number"] = f"INV-2026-{number:06}"
    async with driving(broker.socket, (width, 30)) as drive:
        await drive.press("enter")
        assert "INV-2026-000000 " in drive.text
        assert "47d late" in drive.text
        assert "79,831.01 EUR" in drive.text


async def test_an_account_whose_row_is_gone_for_a_moment_keeps_the_keys(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """While an order on it is under way the row may be away: the account stays, and j, d and U act on its items."""
    await drive.press("j", "j", "enter")
    before = drive.lines[-1]
    broker.fail["show"] = NotFound("there is no such work", "look again")
    await broker.changed()
    await drive.until(lambda: "there is no such work" in drive.text, "the row is gone")
    await drive.idle()
    assert drive.queue.focused is None, "what is not shown cannot have the keys"
    broker.fail.clear()
    await broker.changed()
    await drive.until(lambda: "there is no such work" not in drive.text, "it is back")
    await drive.until(lambda: drive.queue.focused is drive.queue.panel.items, "the items have the keys")
    assert drive.lines[-1] == before


async def test_an_account_stays_open_when_the_list_is_empty_for_a_moment(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """A filter of one payment, and an order on it under way: its row is away, and nothing of the account moves."""
    await drive.press("slash")
    await drive.type("castell")
    await drive.press("enter", "enter")
    before, work = drive.text, broker.company.work
    broker.company.work = [row for row in work if "castell" not in row["party"].lower()]
    asked = len(broker.called("show"))
    await broker.changed()
    await drive.until(lambda: not drive.queue.rows.row_count(), "an empty list")
    await drive.until(lambda: len(broker.called("show")) > asked, "the account to be asked for")
    await drive.idle()
    assert "The whole account: " in drive.text
    broker.company.work = work
    await broker.changed()
    await drive.until(lambda: drive.queue.rows.row_count() > 0, "its rows")
    await drive.idle()
    assert drive.text == before


async def test_beside_the_list_a_number_keeps_its_end(broker: ScriptedBroker) -> None:
    """At 100 columns the list has most of the room: lateness is said short, amounts and currencies are whole."""
    for number, row in enumerate(broker.company.items.values()):
        row["number"] = f"INV-2026-{number:06}"
    async with driving(broker.socket, (100, 30)) as drive:
        await drive.until(lambda: "2026-000101 47d 79,831.01 EUR" in drive.text, "the items")
