"""The queue: windows, the cursor on a thing, marks, filter, views, and what stands beside it."""

from __future__ import annotations

from typing import Any, cast

import pytest
from syrupy.assertion import SnapshotAssertion

from data.broker.protocol import QueueRow
from screens.queue.windows import KEPT, SIZE
from screens.words import telling
from tests.screens.company import Company, party_row, work_row
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker


async def test_the_queue_fits_a_small_terminal(drive: Driver, screen: SnapshotAssertion) -> None:
    """80x24 shows kind, age, amount, customer, subject and the top reason."""
    assert drive.text == screen


async def test_the_account_stands_beside_the_list_where_there_is_room(
    wide: Driver, screen: SnapshotAssertion
) -> None:
    """120x40 shows the account of the row under the cursor."""
    await wide.press("j")
    assert wide.text == screen


async def test_the_account_follows_the_cursor_only_when_it_rests(
    wide: Driver, broker: ScriptedBroker
) -> None:
    """Ten quick moves ask for one account, not for ten."""
    asked = len(broker.called("show"))
    await wide.burst(*"jjjjjjjjjj")
    assert len(broker.called("show")) == asked + 1
    assert broker.called("show")[-1] == {"id": "work:10"}


async def test_the_account_takes_the_place_of_the_list_on_a_small_terminal(
    drive: Driver, screen: SnapshotAssertion
) -> None:
    """Enter opens it, and the way back is in the footer."""
    await drive.press("enter")
    assert drive.text == screen


async def test_an_account_that_is_open_stays_open_when_the_terminal_grows(drive: Driver) -> None:
    """The two layouts are one screen: nothing is lost between them."""
    await drive.press("enter", "j")
    item = drive.queue.panel.items.item()
    await drive.resize(120, 40)
    assert drive.queue.panel.items.item() == item
    assert "PAYMENT" in drive.lines[1]


async def test_reading_goes_from_account_to_account_without_the_list(drive: Driver) -> None:
    """J and K step through the work while the account is open."""
    await drive.press("enter", "J", "J", "K")
    assert drive.cursor_id == "work:1"
    assert "Brightwater Foods Ltd" in drive.text
    assert drive.queue.reading


async def test_a_long_list_is_read_in_windows_and_few_are_kept(folder_of_many: ScriptedBroker) -> None:
    """However far one reads, a request is for 64 rows and 24 windows are kept."""
    async with driving(folder_of_many.socket) as drive:
        for _ in range(60):
            await drive.burst(*["pagedown"] * 4)
        asked = folder_of_many.called("window")
        assert {params["limit"] for params in asked} == {SIZE}
        assert drive.queue.rows.windows.held == KEPT
        await drive.press("G")
        assert drive.cursor_id == "work:8999"


async def test_moving_inside_a_page_does_not_scroll(drive: Driver) -> None:
    """The page turns when the cursor leaves it, and only then."""
    first = drive.lines[1]
    await drive.burst(*"j" * 20)
    assert drive.lines[1][3:] == first[3:]
    await drive.press("j")
    assert drive.lines[1].startswith(">")
    assert drive.cursor_id == "work:21"


async def test_the_cursor_holds_its_row_when_rows_come_in_above(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """Three new rows above: the cursor is on the same thing, at the same height, and the line says so."""
    await drive.burst(*"jjjjj")
    before, height = drive.cursor_id, drive.lines.index(drive.cursor_line)
    party = broker.company.parties["party:7"]
    broker.company.work[:0] = [work_row(900 + number, "dispute", party) for number in range(3)]
    await broker.changed()
    await drive.until(lambda: drive.queue.rows.row_count() == 303, "the new rows")
    assert drive.cursor_id == before
    assert drive.lines.index(drive.cursor_line) == height
    assert "3 new above" in drive.status
    await drive.press("j")
    assert "new above" not in drive.status


async def test_before_any_key_the_best_row_stays_on_top(drive: Driver, broker: ScriptedBroker) -> None:
    """While a first sync still ranks, the page follows the top of the list, and nothing is said to be above it."""
    party = broker.company.parties["party:7"]
    broker.company.work[:0] = [work_row(900, "dispute", party)]
    await broker.changed()
    await drive.until(lambda: drive.queue.rows.row_count() == 301, "the new row")
    assert drive.cursor_id == "work:900"
    assert "above" not in drive.status


async def test_a_row_that_leaves_gives_its_place_to_the_next(drive: Driver, broker: ScriptedBroker) -> None:
    """Somebody else settled it: the cursor stays at that place of the list."""
    await drive.press("j", "j")
    del broker.company.work[2]
    await broker.changed()
    await drive.until(lambda: drive.queue.rows.row_count() == 299, "the row to leave")
    assert drive.cursor_id == "work:3"


async def test_changes_that_come_faster_than_answers_end_in_the_last_state(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """A storm of pushes is read again, not once a push, and the end is what the broker holds."""
    asked = len(broker.called("window"))
    for number in range(50):
        broker.company.work.append(work_row(1000 + number, "overdue", broker.company.parties["party:1"]))
        await broker.changed()
    await drive.until(lambda: drive.queue.rows.row_count() == 350, "all rows")
    assert len(broker.called("window")) < asked + 40


async def test_marks_stay_with_their_things(drive: Driver, broker: ScriptedBroker) -> None:
    """Marks survive a refresh, another view and a filter, and are counted even where the filter hides them."""
    await drive.press("space", "space")
    assert "2 marked" in drive.status
    broker.company.work.insert(0, work_row(901, "dispute", broker.company.parties["party:3"]))
    await broker.changed()
    await drive.until(lambda: drive.queue.rows.row_count() == 301, "the new row")
    assert [line[:3] for line in drive.lines[1:4]] == [" * ", " * ", ">  "]
    await drive.press("slash")
    await drive.type("jansen")
    await drive.press("enter", "4")
    assert "2 marked" in drive.status
    assert set(drive.app.desk.marks) == {"work:0", "work:1"}


async def test_a_range_marks_what_the_cursor_passes(drive: Driver) -> None:
    """v starts a range, moving extends it, v ends it."""
    await drive.press("v")
    await drive.burst(*"jjj")
    await drive.press("v", "j")
    assert set(drive.app.desk.marks) == {"work:0", "work:1", "work:2", "work:3"}


async def test_all_that_the_filter_shows_can_be_marked(drive: Driver) -> None:
    """V marks every row of the filter, also those that were never on the screen."""
    await drive.press("slash")
    await drive.type("granite")
    await drive.press("enter", "V")
    assert f"{drive.queue.rows.row_count()} marked" in drive.status
    assert drive.queue.rows.row_count() > 24


async def test_a_filter_says_how_much_it_shows_of_how_much(drive: Driver, screen: SnapshotAssertion) -> None:
    """The status line answers: how much of how much, by which words."""
    await drive.press("slash")
    await drive.type("acme dispute")
    await drive.press("enter")
    assert 'of 300 · filter "acme dispute"' in drive.status
    assert drive.text == screen


async def test_a_filter_without_a_match_says_how_to_go_on(drive: Driver) -> None:
    """No match is a message with a way out, not an empty screen."""
    await drive.press("slash")
    await drive.type("nobody")
    await drive.press("enter")
    assert 'No row matches "nobody".' in drive.text
    assert "Esc clears the filter" in drive.text


async def test_no_key_of_the_list_works_while_one_types_a_filter(drive: Driver) -> None:
    """A q in the filter is a letter."""
    await drive.press("slash")
    await drive.type("q?:a")
    assert drive.queue.line.query_one("FilterField").value == "q?:a"  # type: ignore[attr-defined]
    assert drive.place is drive.queue


async def test_escape_goes_down_its_ladder_and_never_out(drive: Driver) -> None:
    """Range, filter, marks; after that Esc says so and stays."""
    await drive.press("slash")
    await drive.type("acme")
    await drive.press("enter", "space", "v", "j")
    rows, desk = drive.queue.rows, drive.app.desk
    await drive.press("escape")
    assert (rows.range_from, rows.windows.filter, bool(desk.marks)) == (None, "acme", True)
    await drive.press("escape")
    assert (rows.windows.filter, bool(desk.marks)) == ("", True)
    await drive.press("escape")
    assert not desk.marks
    await drive.press("escape")
    assert "q leaves arqueue" in drive.status
    assert drive.app.is_running


async def test_a_view_keeps_the_cursor_on_its_thing_where_it_has_it(drive: Driver) -> None:
    """From all work to the disputes and back, the same dispute stays under the cursor."""
    await drive.press("j", "3")
    assert drive.cursor_id == "work:1"
    assert "Brightwater" in drive.cursor_line
    await drive.press("j", "1")
    assert drive.cursor_id == "work:6"


async def test_who_one_is_stands_where_there_is_room(broker: ScriptedBroker) -> None:
    """Name and company on a wide terminal, the name alone where that does not fit, neither where the views need the line."""
    for width, end in ((200, "Kim Berger · Northwind Trading"), (180, "Kim Berger"), (152, "Done today 0")):
        async with driving(broker.socket, (width, 24)) as drive:
            assert drive.lines[0].endswith(end), drive.lines[0]


async def test_a_view_of_one_kind_does_not_repeat_its_name(drive: Driver) -> None:
    """The room goes to the customer, to the reason and to the document."""
    await drive.press("3")
    assert "DISPUTE" not in drive.cursor_line
    assert drive.cursor_line.endswith("  dispute without a… · INV-2001")
    await drive.press("1", "g", "j")
    assert drive.cursor_line.startswith(">  DISPUTE ")


@pytest.mark.parametrize(
    "kind, reasons, told",
    [
        (
            "payment",
            ["waiting 36 d", "unapplied", "names an open invoice", "6,884 EUR"],
            "names an open invoice",
        ),
        ("dispute", ["open 36 d", "disputed: short delivery"], "short delivery"),
        (
            "overdue",
            ["36 d late", "over its credit limit", "3 overdue, oldest 36 d"],
            "over its credit limit",
        ),
        ("overdue", ["36 d late", "1 overdue, oldest 36 d"], "36 d late"),
        ("overdue", ["136 d late"], "136 d late"),
        ("returned", ["payment returned: R29", "3,256 EUR"], "R29"),
        ("overdue", [], ""),
    ],
)
def test_a_row_tells_what_its_other_columns_do_not(kind: str, reasons: list[str], told: str) -> None:
    """Kind, age and amount have columns of their own; the reason is one that adds to them, and any rather than none."""
    points = [{"rule": "r", "points": 50 - place, "words": said} for place, said in enumerate(reasons)]
    row = work_row(1, kind, party_row(1)) | {"age_days": 36, "reasons": points}
    assert [*telling(cast(QueueRow, row)), ""][0] == told


async def test_brackets_go_round_the_views(drive: Driver) -> None:
    """] is the next view and [ the one before, round the end."""
    await drive.press("right_square_bracket")
    assert drive.queue.rows.windows.view == "payment"
    await drive.press("left_square_bracket", "left_square_bracket")
    assert drive.queue.rows.windows.view == "done"


async def test_another_view_comes_up_while_the_queue_changes_all_the_time(
    drive: Driver, broker: ScriptedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer is of a later queue, so that the rows are read over and over: who wants other rows does not wait for that."""
    window = broker.on_window

    def of_a_later_queue(params: dict[str, Any]) -> dict[str, Any]:
        broker.generation += 1
        return window(params)

    monkeypatch.setattr(broker, "on_window", of_a_later_queue)
    before = len(broker.called("window"))
    for _ in range(3):
        drive.send("pagedown")
    await drive.until_unsettled(lambda: len(broker.called("window")) > before + 20, "the reading")
    drive.send("left_square_bracket")
    await drive.until(lambda: drive.queue.rows.windows.view == "done", "the view")


async def test_keys_typed_ahead_of_a_view_go_to_that_view(drive: Driver) -> None:
    """In one packet: disputes, two down, mark. Nothing is lost, nothing lands in the old view."""
    await drive.burst("3", "j", "j", "space")
    assert set(drive.app.desk.marks) == {"work:11"}


async def test_every_row_shows_its_arithmetic(drive: Driver, screen: SnapshotAssertion) -> None:
    """w lists rule, points and words, and their sum is the score."""
    await drive.press("w")
    assert "85  the score" in drive.text
    assert drive.text == screen


async def test_a_customer_that_vanished_is_said_to_have_vanished(broker: ScriptedBroker) -> None:
    """A row without its customer still shows, and its account says why there is none."""
    broker.company.work.insert(0, work_row(77, "overdue", party_row(5000)) | {"party": "", "party_id": None})
    async with driving(broker.socket) as drive:
        assert "(vanished)" in drive.lines[1]
        await drive.press("enter")
        assert "vanished from the ledger" in drive.text


async def test_an_empty_company_teaches(broker: ScriptedBroker) -> None:
    """Nothing to do is good news, in words."""
    broker.company = Company()
    async with driving(broker.socket) as drive:
        assert "Nothing needs a person now." in drive.text
        await drive.press("2")
        assert "No payment waits to be applied." in drive.text


async def test_the_first_sync_says_how_far_it_is(broker: ScriptedBroker, screen: SnapshotAssertion) -> None:
    """While nothing is here yet the screen says what is going on; it follows the pushes."""
    broker.company = Company()
    broker.sync |= {"state": "first", "last_ok": None, "age_s": None, "done": 1200, "remaining": 3000}
    async with driving(broker.socket) as drive:
        assert drive.text == screen
        broker.sync["done"] = 2400
        await broker.tell_status()
        await drive.until(lambda: "2,400 records are here" in drive.text, "the progress")


async def test_a_note_goes_to_all_that_is_marked(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """The footer says how many, the review names each and who is left out and why, y hands over an order for each."""
    await drive.press("space", "space", "space")
    assert "n Note (3)" in drive.footer
    assert "e Escalate (3)" in drive.footer
    del broker.company.items["item:INV-2001"]
    await drive.press("n")
    await drive.type("holiday until Monday")
    await drive.press("enter")
    assert drive.text == screen
    await drive.quiet()
    await drive.press("y")
    assert drive.status == "2 done · 1 skipped"
    submitted = broker.called("submit")
    assert [params["command"]["target"] for params in submitted] == ["item:PAY-2000", "party:2"]
    assert len({params["intent"] for params in submitted}) == 2
    assert not drive.app.desk.marks
    assert "n Note  " in drive.footer


async def test_money_moves_one_item_at_a_time(drive: Driver) -> None:
    """Marks do not change what Apply is about: the payment under the cursor."""
    await drive.press("V", "a")
    assert drive.lines[0].strip().startswith("Apply payment PAY-2000")


async def test_too_many_marks_for_one_review_are_said(drive: Driver) -> None:
    """A review of three hundred orders would be read by nobody."""
    await drive.press("V", "n")
    assert "300 rows are marked; at most 200 at once" in drive.status
