"""The app over the real broker and the sandbox ledger: the main job with keys, and what the broker then holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from data.broker.protocol import CommandRow, ItemRow
from data.demo.launch import Demo, demo
from screens.apply.form import ApplyForm
from screens.outbox.screen import OutboxScreen
from screens.review.screen import ReviewScreen
from tests.screens.driver import Driver, driving

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A tiny demo company: ledger, broker, first sync."""
    with demo(tmp_path_factory.mktemp("d"), size="tiny") as running:
        yield running


@pytest.fixture
async def drive(company: Demo) -> AsyncIterator[Driver]:
    """The app, with work on the screen."""
    async with driving(company.settings.socket, (100, 30)) as driver:
        await driver.until(lambda: synced(driver), "the first sync")
        yield driver


def synced(drive: Driver) -> bool:
    """Whether all is here."""
    status = drive.app.desk.status
    return status is not None and status["sync"]["last_ok"] is not None and status["sync"]["state"] == "idle"


async def confirm(drive: Driver, *, opened: bool = False) -> CommandRow:
    """From a filled form (or with the review open already) through the review; waits for what the ledger says."""
    if not opened:
        await drive.press("enter")
    assert isinstance(drive.place, ReviewScreen), drive.text
    await drive.quiet()
    await drive.press("y")
    assert drive.status.startswith("Queued"), drive.text
    newest = (await drive.app.desk.call("outbox", states=[], limit=1, offset=0))["rows"][0]
    row: CommandRow = await drive.app.desk.call("wait", id=newest["id"])
    return row


async def item(drive: Driver, identity: str) -> ItemRow:
    """An item as the broker mirrors it from the ledger."""
    shown = await drive.app.desk.call("show", id=identity)
    row: ItemRow = shown["item"]
    return row


async def to_view(drive: Driver, number: int) -> str:
    """Show a view and stand on its first row. Returns the item that the row is about."""
    await drive.press(str(number), "g")
    row = drive.queue.rows.row()
    assert row is not None
    return row["item_id"] or ""


async def test_a_payment_is_applied_with_keys(drive: Driver) -> None:
    """a, a suggestion, Enter, y: the ledger has it, and every item is open by that much less."""
    payment = await to_view(drive, 2)
    before = await item(drive, payment)
    await drive.press("a", "1")
    sheet = apply_form(drive).sheet
    posted = await confirm(drive)
    assert posted["state"] == "posted"
    after = await item(drive, payment)
    assert minor(after) == minor(before) + sheet.available.minor - sheet.left.minor
    for key, amount in sheet.amounts.items():
        left = sheet.lines[key].open - amount - sheet.discount(key)
        assert abs(minor(await item(drive, key))) == left.minor


async def test_a_part_is_applied_moved_and_taken_back_with_keys(drive: Driver) -> None:
    """A digit splits a line; M moves the allocation to another invoice, u takes it back: the ledger agrees each time."""
    payment = await to_view(drive, 2)
    while True:
        before = await item(drive, payment)
        await drive.press("a")
        if len([line for line in apply_form(drive).sheet.lines.values() if not line.credit]) > 1:
            break
        await drive.press("escape", "j")
        row = drive.queue.rows.row()
        assert row is not None
        payment = row["item_id"] or ""
    if drive.place.registry_place() == "ways":
        await drive.press("tab")
    await drive.press("1", "enter")
    (first,) = apply_form(drive).sheet.amounts
    assert (await confirm(drive))["state"] == "posted"
    assert minor(await item(drive, payment)) == minor(before) + unit(before)

    await drive.press("g", "enter", "r", "slash", *before["number"], "enter", "G", "M")
    assert (await confirm(drive))["state"] == "posted"
    shown = await drive.app.desk.call("show", id=payment)
    (moved,) = [row for row in shown["applied"] if minor_of(row["amount"]) == unit(before)]
    assert moved["debit_item"] != first
    assert minor(await item(drive, payment)) == minor(before) + unit(before)

    await drive.press("g", "r", "slash", *before["number"], "enter", "G", "u")
    assert (await confirm(drive, opened=True))["state"] == "posted"
    assert minor(await item(drive, payment)) == minor(before)


def apply_form(drive: Driver) -> ApplyForm:
    """The form in front."""
    assert isinstance(drive.place, ApplyForm), drive.text
    return drive.place


def minor_of(amount: str) -> int:
    """A decimal string in minor units."""
    return int(amount.replace(".", ""))


def unit(row: ItemRow) -> int:
    """One euro, or one yen, in minor units."""
    return 100 if "." in row["open"] else 1


def minor(row: ItemRow) -> int:
    """The ledger's own figure in minor units."""
    return int(row["residual"].replace(".", ""))


async def test_a_difference_is_written_off_with_keys(drive: Driver) -> None:
    """m, an amount, a reason, Enter, y: the ledger has the entry."""
    dispute = await to_view(drive, 3)
    before = await item(drive, dispute)
    await drive.press("m", "shift+tab", "ctrl+u")
    await drive.type("0.37" if "." in before["residual"] else "1")
    await drive.press("enter", "enter")
    await drive.type("rounding")
    posted = await confirm(drive)
    assert posted["state"] == "posted"
    assert minor(await item(drive, dispute)) == minor(before) - 37


async def test_a_note_reaches_the_ledger(drive: Driver) -> None:
    """n, a text, Enter, y: it stands in the account."""
    await to_view(drive, 3)
    row = drive.queue.rows.row()
    assert row is not None
    await drive.press("n")
    await drive.type("promised for Friday")
    posted = await confirm(drive)
    assert posted["state"] == "posted"
    shown = await drive.app.desk.call("show", id=row["party_id"])
    assert any("promised for Friday" in note["text"] for note in shown["account"]["notes"])


async def test_an_escalation_is_seen_by_the_supervisor(drive: Driver, company: Demo) -> None:
    """e, a person, a reason, Enter, y: the row is in the supervisor's view of what is escalated."""
    await to_view(drive, 3)
    row = drive.queue.rows.row()
    assert row is not None
    await drive.press("e", "enter")
    await drive.type("asks for a new delivery")
    sent = await confirm(drive)
    assert sent["state"] in {"posted", "queued", "sending"}
    hello = drive.app.desk.hello
    assert hello is not None
    supervisor = next(person for person in hello["people"] if "supervisor" in person["roles"])
    async with driving(company.settings.socket, (100, 30), act_as=supervisor["id"]) as boss:
        await boss.press("5")
        assert boss.queue.rows.row_count() >= 1, boss.text
        assert row["party"][:12] in boss.text


async def above_the_limit(drive: Driver, note: str) -> str:
    """Anna writes 60.00 off one disputed invoice, and may write off 50.00. Returns the order."""
    await to_view(drive, 3)
    await drive.press("m", "shift+tab", "ctrl+u")
    await drive.type("60" if "JPY" not in drive.text else "7000")
    await drive.press("enter", "enter")
    await drive.type(note)
    await drive.press("enter")
    assert "NEEDS APPROVAL" in drive.text
    await drive.quiet()
    await drive.press("y")
    assert drive.status.startswith("Waits for approval"), drive.text
    newest = (await drive.app.desk.call("outbox", states=["pending"], limit=1, offset=0))["rows"][0]
    return str(newest["id"])


async def to_row_of(boss: Driver, order: str) -> None:
    """The supervisor's view of what is escalated, on the row of one order."""
    await boss.press("5", "g")
    for _ in range(boss.queue.rows.row_count()):
        if boss.cursor_id == f"approval/{order}":
            return
        await boss.press("j")
    raise AssertionError(boss.text)


async def test_what_is_above_the_limit_waits_for_a_supervisor_who_approves_it(
    drive: Driver, company: Demo
) -> None:
    """Anna's 60.00 stand in Sue's list; A, y, and the ledger has them; Anna reads it in the outbox."""
    order = await above_the_limit(drive, "agreed with the customer")
    async with driving(company.settings.socket, (100, 30), act_as="sue") as boss:
        await to_row_of(boss, order)
        await boss.press("A")
        assert "YOU MAY APPROVE IT" in boss.text
        assert "Anna Berg" in boss.text
        assert "agreed with the customer" in boss.text
        await boss.quiet()
        await boss.press("y")
        assert boss.status.startswith("Approved: adjust "), boss.text
        posted = await boss.app.desk.call("wait", id=order)
        assert posted["state"] == "posted"
        await boss.press("5")
        assert all(row["command_id"] != order for row in boss.queue.rows.windows.rows_here())
    await drive.press("O")
    await drive.until(lambda: "posted" in drive.cursor_line, "the outcome")


async def test_a_declined_order_comes_back_to_its_maker_with_the_reason(drive: Driver, company: Demo) -> None:
    """X, why, y: nothing is booked, and Anna finds it among the failures."""
    order = await above_the_limit(drive, "please")
    async with driving(company.settings.socket, (100, 30), act_as="sue") as boss:
        await to_row_of(boss, order)
        await boss.press("X")
        await boss.type("not without the receipt")
        await boss.press("enter")
        await boss.quiet()
        await boss.press("y")
        assert boss.status.startswith("Declined: adjust "), boss.text
    await drive.press("6", "g", "O")
    assert "not without the receipt" in drive.text, drive.text
    await drive.press("escape")
    assert "x Put away" in drive.footer
    await drive.press("x")
    await drive.until(lambda: drive.queue.rows.row_count() == 0, "the failure to be put away")


async def test_nobody_answers_their_own_order(drive: Driver) -> None:
    """Not from the outbox either; u takes it back."""
    await above_the_limit(drive, "mine")
    await drive.press("O", "A")
    assert "your own order needs another person" in drive.status
    await drive.press("u")
    assert "Taken back" in drive.status


async def test_the_outbox_tells_how_each_ended(drive: Driver) -> None:
    """What was posted above is there in words, and cannot be taken back silently."""
    await drive.press("O")
    assert isinstance(drive.place, OutboxScreen)
    assert "posted" in drive.text
    await drive.press("u")
    assert "Undo: " in drive.status


async def test_every_place_opens_on_every_kind_of_row(drive: Driver) -> None:
    """A walk through the company: whatever a row is, the keys open a form or say why not."""
    for _ in range(12):
        for key in ("enter", "escape", "a", "m", "n", "e", "w"):
            await drive.press(key)
            if drive.place is not drive.queue:
                await drive.press("escape")
        drive.app.desk.drafts.clear()
        await drive.press("j")
    assert drive.app.is_running
