"""The filter line while one types: the list follows, mistakes are shown in place, Tab completes; and the views one keeps."""

from __future__ import annotations

import asyncio
import re

import pytest
from syrupy.assertion import SnapshotAssertion

from arqueue.model.work import WorkKind
from screens.form import Form
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker


async def test_the_list_follows_what_is_typed(drive: Driver) -> None:
    """Without Enter; Esc gives back what was there before."""
    total = drive.queue.rows.row_count()
    await drive.press("slash")
    await drive.type("castell")
    await drive.until(lambda: drive.queue.rows.windows.filter == "castell", "the filter")
    assert 0 < drive.queue.rows.row_count() < total
    await drive.press("escape")
    assert (drive.queue.rows.windows.filter, drive.queue.rows.row_count()) == ("", total)


async def test_what_can_be_typed_is_taught(drive: Driver, screen: SnapshotAssertion) -> None:
    """An empty line says what it takes."""
    await drive.press("slash")
    assert drive.text == screen


async def test_a_mistake_is_shown_under_its_place(drive: Driver, screen: SnapshotAssertion) -> None:
    """The rows stay as they were, Enter does not close the line, and the words say what there is."""
    await drive.press("slash")
    await drive.type("acme due<soon")
    await drive.press("enter")
    assert drive.text == screen
    assert drive.queue.line.display
    assert "due" not in drive.queue.rows.windows.filter


async def test_a_long_mistake_keeps_its_mark_and_its_remedy(drive: Driver) -> None:
    """At 80 columns the words go on below."""
    await drive.press("slash")
    await drive.type("acme kind:foo")
    said = drive.lines[drive.lines.index(" / acme kind:foo") + 1 : -2]
    assert said[0] == " " * (3 + len("acme kind:")) + "^"
    words = " ".join(line.strip() for line in said[1:])
    assert words.startswith('"foo" is no kind, at character 11: the kinds are returned, payment, dispute')
    assert words.endswith(", ".join(list(WorkKind)[-2:]))
    await drive.press("escape")
    assert "foo" not in drive.text


async def test_a_range_that_is_upside_down_is_a_mistake(drive: Driver) -> None:
    """It finds nothing, and says how it is written."""
    await drive.press("slash")
    await drive.type("amount:5..1")
    await drive.press("enter")
    assert "^ 5..1 is upside down, at character 8: write amount:1..5" in drive.text
    assert drive.queue.line.display


async def test_an_owner_whom_nobody_knows_is_named(drive: Driver) -> None:
    """While one types, and when the list is empty for it."""
    await drive.press("slash")
    await drive.type("owner:zzz")
    assert "   nobody is called zzz: owner is me, none, kim, sam, lee" in drive.lines
    await drive.press("enter")
    assert drive.status == "Nobody is called zzz: owner is me, none, kim, sam, lee"
    assert drive.queue.rows.windows.filter == "owner:zzz"


async def test_typing_goes_on_behind_the_filter_in_force(drive: Driver) -> None:
    """A blank stands between; kept as it was, it is the same filter."""
    await drive.press("slash")
    await drive.type("castell")
    await drive.press("enter", "slash", "enter")
    assert drive.queue.rows.windows.filter == "castell"
    await drive.press("slash")
    await drive.type("kind:dispute")
    await drive.press("enter")
    assert drive.queue.rows.windows.filter == "castell kind:dispute"


async def test_tab_completes_keys_and_values(drive: Driver) -> None:
    """As far as it is clear, then the likeliest; the cursor is where typing goes on."""
    await drive.press("slash")
    await drive.type("am")
    await drive.press("tab")
    assert drive.queue.line.field.value == "amount:"
    await drive.press("ctrl+u")
    await drive.type("-ow")
    await drive.press("tab")
    await drive.type("l")
    await drive.press("tab")
    assert drive.queue.line.field.value == "-owner:lee "


async def test_tags_and_customers_are_completed(drive: Driver) -> None:
    """Tags as the broker knows them; of customers those in the list, in quotes where that is needed."""
    await drive.press("slash")
    await drive.type("-tag:")
    await drive.until(lambda: "agency vip none" in drive.text, "the tags")
    await drive.type("v")
    await drive.press("tab")
    await drive.type("party:bri")
    await drive.press("tab", "tab")
    assert drive.queue.line.field.value == '-tag:vip party:"Brightwater Foods Ltd" '
    await drive.type("owner:")
    assert "me none" in drive.text
    await drive.press("enter")
    assert "owner needs a value" in drive.text
    assert drive.queue.line.display


async def test_a_customer_far_down_the_list_is_completed(drive: Driver) -> None:
    """Once the list follows, whom it found is known."""
    assert "C-1090" not in "".join(row["party_code"] for row in drive.queue.rows.windows.rows_here())
    await drive.press("slash")
    await drive.type("party:c-109")
    await drive.until(lambda: "C-1090 C-1091" in drive.text, "the candidates")
    await drive.type("5")
    await drive.press("tab")
    assert drive.queue.line.field.value == "party:C-1095 "


async def test_a_customer_whom_no_list_shows_is_completed(drive: Driver, broker: ScriptedBroker) -> None:
    """The broker knows every customer by how the name begins; the list need not find any of it."""
    party = {
        **next(iter(broker.company.parties.values())),
        "id": "party:x",
        "name": "Quiet & Co",
        "code": "Q-1",
    }
    broker.company.parties["party:x"] = party
    await drive.press("slash")
    await drive.type("kind:audit party:qui")
    await drive.until(lambda: "Quiet & Co" in drive.text, "the candidate")
    await drive.press("tab")
    assert drive.queue.line.field.value == 'kind:audit party:"Quiet & Co" '


@pytest.mark.parametrize(
    "pasted", ["x" * 10_000, "kind:dispute " * 770, '"' * 10_001], ids=["word", "terms", "quotes"]
)
async def test_ten_thousand_characters_are_not_taken(drive: Driver, pasted: str) -> None:
    """Nor are the first of them, which would be another filter: it is said how many there are and may be."""
    await drive.press("slash")
    await drive.paste(pasted)
    await drive.press("enter")
    assert f"it has {len(pasted):,} characters, and at most 500 are read: shorten it" in drive.text
    assert drive.queue.line.display
    await drive.press("escape")
    assert drive.queue.rows.windows.filter == ""


async def test_the_line_at_120_columns(wide: Driver, screen: SnapshotAssertion) -> None:
    """Under the list and the account, with what may follow."""
    await wide.press("slash")
    await wide.type("amount>5000 -kind:")
    assert wide.text == screen


async def test_another_order_of_the_same_rows(drive: Driver) -> None:
    """o goes through the orders; the view and the filter stay."""
    await drive.press("o", "o")
    assert drive.queue.rows.windows.sort == "age"
    assert "age, oldest first" in drive.status
    ages = [row["age_days"] for row in drive.queue.rows.windows.rows_here()]
    assert ages == sorted(ages, reverse=True)


@pytest.fixture
def late(broker: ScriptedBroker) -> ScriptedBroker:
    """A broker that keeps a view for this person."""
    broker.saved_views["Late"] = {
        "name": "Late", "view": "overdue", "filter": "castell", "sort": "age", "columns": [],
    }  # fmt: skip
    return broker


async def test_a_view_of_ones_own_brings_its_filter_and_order(late: ScriptedBroker) -> None:
    """It stands behind the others; leaving it leaves its filter behind too."""
    async with driving(late.socket, (160, 24)) as drive:
        assert "Late" in drive.lines[0]
        await drive.press("left_square_bracket")
        windows = drive.queue.rows.windows
        assert (windows.view, windows.filter, windows.sort) == ("overdue", "castell", "age")
        await drive.press("2")
        windows = drive.queue.rows.windows
        assert (windows.view, windows.filter, windows.sort) == ("payment", "", "rank")


async def test_the_view_that_is_shown_is_always_named(drive: Driver) -> None:
    """On a small terminal the first ones give way to it."""
    await drive.press("left_square_bracket")
    assert "Done today" in drive.lines[0]
    assert re.search(r"\+\d+ \[ \]", drive.lines[0])


async def test_marks_survive_views_filters_and_orders(drive: Driver) -> None:
    """A mark stands on a thing."""
    await drive.press("space", "2", "o", "slash")
    await drive.type("dispute")
    await drive.press("enter", "1")
    assert set(drive.app.desk.marks) == {"work:0"}


async def test_what_is_gone_is_no_longer_marked(drive: Driver, broker: ScriptedBroker) -> None:
    """And a word says so; the others stay marked, with what they are now."""
    await drive.press("space", "space")
    broker.company.work = [row for row in broker.company.work if row["id"] != "work:0"]
    broker.company.work[0]["score"] = 999
    await broker.changed("work:0", "work:1")
    await drive.until(lambda: set(drive.app.desk.marks) == {"work:1"}, "the mark to go")
    assert "1 marked row is done and no longer marked." in drive.status
    assert drive.app.desk.marks["work:1"]["score"] == 999


async def test_what_is_shown_is_kept_under_a_name(drive: Driver, broker: ScriptedBroker) -> None:
    """View, filter and order; from then on it is one of the views."""
    await drive.press("4", "slash")
    await drive.type("castell")
    await drive.press("enter", "o", "o", "b")
    await drive.type("Castell late")
    await drive.press("enter")
    kept = broker.saved_views["Castell late"]
    assert (kept["view"], kept["filter"], kept["sort"]) == ("overdue", "castell", "age")
    assert "Kept as Castell late" in drive.status
    assert "Castell late" in drive.lines[0]
    await drive.press("1", "left_square_bracket")
    assert drive.queue.rows.windows.filter == "castell"


async def test_a_view_of_ones_own_shows_its_columns(broker: ScriptedBroker) -> None:
    """Through another order, a filter and a change of the queue; the views that everybody has show theirs."""
    broker.saved_views["Who"] = {
        "name": "Who", "view": "overdue", "filter": "", "sort": "age", "columns": ["customer", "owner"],
    }  # fmt: skip
    broker.company.work = [{**row, "assignee": "kim"} for row in broker.company.work]
    async with driving(broker.socket) as drive:
        usual = drive.cursor_line
        await drive.press("left_square_bracket")
        for keys in ((), ("o",), ("slash", *"castell", "enter"), ("escape",)):
            await drive.press(*keys)
            row = drive.queue.rows.row()
            assert row is not None
            assert drive.cursor_line.split() == [">", *row["party"].split(), "kim"]
        await broker.changed("work:2")
        await drive.idle()
        assert drive.cursor_line.endswith("kim")
        await drive.press("1", "g")
        assert drive.cursor_line == usual


async def test_columns_are_chosen_where_a_view_is_kept(drive: Driver, broker: ScriptedBroker) -> None:
    """They act at once; a name that is no column is said, and the form stays."""
    await drive.press("b")
    await drive.type("Short")
    await drive.press("tab", "ctrl+u")
    await drive.type("amount,colour")
    await drive.press("enter")
    assert "there is no column 'colour'" in drive.text
    await drive.press("ctrl+u")
    await drive.type("amount, customer")
    await drive.press("enter")
    assert broker.saved_views["Short"]["columns"] == ["amount", "customer"]
    assert "Kept as Short" in drive.status
    assert drive.cursor_line.split() == [">", "-1,250.00", "EUR", "Acme", "Industries", "GmbH"]
    await drive.press("b", "enter")
    assert broker.saved_views["Short"]["columns"] == ["amount", "customer"]


async def test_keys_typed_ahead_of_its_end_go_to_the_list(drive: Driver) -> None:
    """Filter, Enter and what comes next in one packet; Esc and another filter in one packet as well."""
    await drive.burst("slash", *"acme", "enter", "j", "space")
    assert drive.queue.rows.windows.filter == "acme"
    assert len(drive.app.desk.marks) == 1
    await drive.burst("slash", *" zebra", "escape", "escape", "slash", *"castell", "enter", "n")
    assert drive.queue.rows.windows.filter == "castell"
    assert isinstance(drive.place, Form)


async def test_what_is_still_looked_for_does_not_come_after_esc(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The broker takes its time over the words; Esc, and they are forgotten."""
    broker.hold["window"] = asyncio.Event()
    for key in ("slash", *"acme"):
        drive.send(key)
    await drive.until_unsettled(lambda: bool(broker.called("window")[-1]["filter"]), "the question")
    drive.send("escape")
    await drive.until_unsettled(lambda: not drive.queue.line.display, "the end of the line")
    broker.hold["window"].set()
    await drive.idle()
    assert drive.queue.rows.windows.filter == ""
    assert drive.queue.rows.row_count() == 300
