"""The one registry: bindings, footer, help page, palette and key table say the same, because they are views of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.binding import Binding
from textual.widget import Widget

from screens.account.applied import AllocationRows
from screens.account.items import ItemRows
from screens.actions import ACTIONS, BY_ID, PLACES, Action, bindings, key_name, key_table, of_place
from screens.agenda.rows import AgendaRows
from screens.annotate.area import NoteArea
from screens.app import ArqueueApp
from screens.apply.amount import AmountField
from screens.apply.form import ApplyForm
from screens.apply.lines import LineRows
from screens.apply.rest_line import RestLine
from screens.apply.ways import WayRows
from screens.approval.screen import ApprovalScreen
from screens.form import Form
from screens.help.screen import HelpPage
from screens.known.rows import KnownRows
from screens.move.rows import DebitRows
from screens.outbox.rows import OutboxRows
from screens.page import Page
from screens.palette.screen import EntryRows, PaletteField, PaletteScreen
from screens.payer.rows import PayerRows
from screens.place import Place
from screens.queue.filter import FilterField
from screens.queue.rows import QueueRows
from screens.queue.screen import QueueScreen
from screens.review.screen import ReviewScreen
from screens.rows import Rows
from screens.settings.screen import SettingsScreen
from screens.tour.screen import TourScreen
from screens.views.rows import ViewRows
from screens.words_line import WordsField
from tests.screens.driver import Driver, driving
from tests.screens.everywhere import SCREENS
from tests.screens.scripted_broker import ScriptedBroker

HOMES: dict[str, type] = {
    "rows": Rows,
    "work": QueueScreen,
    "queue": QueueRows,
    "account": ItemRows,
    "form": Form,
    "note": NoteArea,
    "amount": AmountField,
    "apply": ApplyForm,
    "ways": WayRows,
    "lines": LineRows,
    "rest": RestLine,
    "payers": PayerRows,
    "applied": AllocationRows,
    "move": DebitRows,
    "review": ReviewScreen,
    "approval": ApprovalScreen,
    "outbox": OutboxRows,
    "agenda": AgendaRows,
    "page": Page,
    "settings": SettingsScreen,
    "tour": TourScreen,
    "palette": PaletteField,
    "line": FilterField,
    "words": WordsField,
    "views": ViewRows,
    "known": KnownRows,
    "app": ArqueueApp,
}
"""Which class is at home in which scope."""
WAYS = {
    "queue": [],
    "account": ["enter"],
    "ways": ["a"],
    "lines": ["a", "tab"],
    "amount": ["a", "tab", "1"],
    "applied": ["enter", "r"],
    "rest": ["a", "1", "r"],
    "form": ["j", "m"],
    "review": ["a", "1", "enter"],
    "outbox": ["O"],
    "agenda": ["D"],
    "page": ["w"],
    "settings": ["comma"],
    "sync": ["S"],
    "tour": ["f2"],
    "palette": ["colon"],
    "line": ["slash"],
    "views": ["B"],
    "known": ["L"],
}
"""How to get to each place."""


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_is_bound_and_carried_out_where_it_is_at_home(action: Action) -> None:
    """Its class binds its keys, under its id, and has the method that does it."""
    home = HOMES[action.scope]
    assert callable(getattr(home, action.method))
    bound = {
        (key, binding.id)
        for binding in home.BINDINGS  # type: ignore[attr-defined]
        if isinstance(binding, Binding)
        for key in binding.key.split(",")
    }
    for place, key in enumerate(action.keys, start=1):
        assert (key, f"{action.id}.{place}" if action.chooses else action.id) in bound


def test_ids_are_unique() -> None:
    """A configuration names an action by its id."""
    assert len(BY_ID) == len(ACTIONS)


@pytest.mark.parametrize("place", [name for name, _, _ in PLACES])
def test_no_key_means_two_things_in_one_scope(place: str) -> None:
    """Two actions of the same scope never share a key."""
    for scope in {action.scope for action in of_place(place)}:
        keys = Counter(key for action in ACTIONS if action.scope == scope for key in action.keys)
        assert [key for key, times in keys.items() if times > 1] == []


FORBIDDEN = {"ctrl+b", "ctrl+a", "ctrl+i", "ctrl+m", "ctrl+h", "ctrl+s"}


def test_no_key_is_one_that_a_terminal_or_multiplexer_swallows() -> None:
    """Nothing needs Alt, Shift+Enter, or a key that tmux or screen keeps for itself."""
    for action in ACTIONS:
        for key in action.keys:
            assert key not in FORBIDDEN
            assert "alt+" not in key
            assert key not in {"shift+enter", "ctrl+enter"}


def test_only_y_posts() -> None:
    """The key that opens a form is never the one that confirms."""
    assert BY_ID["review.post"].keys == ("y",)


def test_the_key_table_of_the_docs_lists_every_action() -> None:
    """It is made from the registry: a row for each action, every key spelled."""
    table = key_table()
    assert table.count("\n") == len(ACTIONS) + 2
    for action in ACTIONS:
        assert action.description in table
        assert f"`{key_name(action.keys[0])}`" in table


@pytest.mark.parametrize("place", WAYS)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_footer_is_never_cut(broker: ScriptedBroker, place: str, size: tuple[int, int]) -> None:
    """Every entry of every place is whole at 80 columns, and help is always among them."""
    async with driving(broker.socket, size) as drive:
        await drive.press(*WAYS[place])
        assert drive.place.registry_place() == place
        assert drive.footer.endswith(" Help")
        labels = {drive.place.label_of(action) for action in of_place(place)}
        for entry in drive.footer.split("  "):
            assert entry.split(" ", 1)[1] in labels
        if size[0] == 120:
            here = drive.place.actions_here()
            shown = [action for action in here if action.footer and drive.place.in_footer(action)]
            assert all(drive.place.label_of(action) in drive.footer for action in shown)


async def test_the_footer_of_the_queue_names_the_four_actions_at_80_columns(drive: Driver) -> None:
    """What the day is made of is always in sight."""
    assert drive.footer == "jk Move  a Apply  m Adjust  n Note  e Escalate  O Outbox  ? Help"


WITHOUT_HELP = {"help", "tour"}
"""Help is one already; the tour names help among the keys that close it."""


@pytest.mark.parametrize(
    "name", sorted(SCREENS.keys() - WITHOUT_HELP), ids=lambda name: name.replace(" ", "_")
)
async def test_help_is_one_page_with_every_key_in_force(broker: ScriptedBroker, name: str) -> None:
    """On every screen, and in each of its text fields: 80x24 holds every key with all its words."""
    SCREENS[name].furnish(broker)
    async with driving(broker.socket) as drive:
        await drive.idle()
        await drive.press(*SCREENS[name].keys)
        place = drive.place
        for focus in text_fields(place) or [place.focused]:
            place.focus_now(focus)
            await drive.idle()
            expected = list(said_in_help(place))
            await drive.press("f1")
            assert isinstance(drive.place, HelpPage)
            for key, said in expected:
                assert re.search(rf"(?m) {re.escape(key)}( \S+)* +{re.escape(said)}( |$)", drive.text), key
            assert "Help" in drive.footer
            assert drive.place.paper.max_scroll_y == 0
            await drive.press("escape")


def text_fields(place: Place[Any]) -> list[Widget | None]:
    """Where one can type there."""
    return [field for field in place.query("Input, TextArea") if field.is_on_screen]


def said_in_help(place: Place[Any]) -> Iterator[tuple[str, str]]:
    """Keys that hold there now, each with the words that explain it."""
    force = {
        (active.binding.id or "").rstrip("123456789").rstrip("."): key
        for key, active in place.active_bindings.items()
    }
    here = {action.id: action for action in place.actions_here() if action.id in force}
    for action in here.values():
        first = next((each for each in here.values() if each.pair == action.id), action)
        said = first.both if first.pair in here else first.description
        key = action.hint.split()[0] if action.chooses else key_name(force[action.id])
        shown = action.hint.split() or [key]
        yield (key if key in shown else shown[0]).replace("Ctrl+", "^"), said


async def test_help_is_called_by_what_the_form_does(drive: Driver) -> None:
    """Not by what all forms do."""
    await drive.press("s", "f1")
    assert drive.lines[0].split("   ")[0].strip().startswith("Keys: Snooze ")


async def test_the_way_back_stays_in_the_footer(drive: Driver) -> None:
    """However much can be done besides: also where something is taken in Apply, at 80 columns."""
    await drive.press("a", "1")
    assert "Esc Back" in drive.footer
    await drive.press("tab")
    assert "Esc Back" in drive.footer
    assert drive.footer.endswith("Help")


async def test_help_of_the_queue(drive: Driver, screen: SnapshotAssertion) -> None:
    """Two columns by group."""
    await drive.press("question_mark")
    assert drive.text == screen


async def test_help_of_the_review_at_120_columns(wide: Driver, screen: SnapshotAssertion) -> None:
    """The page of another place has its own keys."""
    await wide.press("a", "1", "enter", "question_mark")
    assert wide.text == screen


async def test_the_palette_has_every_action_with_its_key(drive: Driver, screen: SnapshotAssertion) -> None:
    """What this place can do comes first; what belongs elsewhere says where."""
    await drive.press("colon")
    assert isinstance(drive.place, PaletteScreen)
    listed = {entry.action.id for entry in drive.place.rows.found}
    assert listed == {action.id for action in ACTIONS}
    assert drive.text == screen


async def test_the_palette_says_how_many_it_found_and_turns_pages(drive: Driver) -> None:
    """So that nobody takes the first page for all."""
    await drive.press("colon")
    rows = drive.place.query_one(EntryRows)
    every = len(rows.found)
    await drive.press("pagedown", "pagedown")
    assert rows.cursor == 2 * rows.page_height
    await drive.press("pageup")
    assert rows.cursor == rows.page_height
    await drive.type("snooze")
    assert drive.lines[1].endswith(f"{len(rows.found)} of {every}")
    assert 0 < len(rows.found) < every


async def test_the_palette_lists_what_chooses_where_it_is_at_home(drive: Driver) -> None:
    """It names the keys: which of them is meant, only they can say."""
    await drive.press("a", "colon")
    await drive.burst(*"take this suggestion", "enter")
    assert drive.status == "Take: which one, its own key says (1-9)."


async def test_the_palette_runs_what_was_found(drive: Driver) -> None:
    """A few letters and Enter do what the key would have done."""
    await drive.press("colon")
    await drive.burst(*"disputes", "enter")
    assert drive.queue.rows.windows.view == "dispute"
    assert drive.place is drive.queue


async def test_the_palette_shows_every_view_whatever_its_digit(drive: Driver, broker: ScriptedBroker) -> None:
    """Those beyond nine as well, and one's own by the name that it has."""
    await drive.press("slash")
    await drive.type("age>60")
    await drive.press("enter", "b")
    await drive.type("Late ones")
    await drive.press("enter", "escape")
    for typed, view, search in (
        ("view: done", "done", ""),
        ("view: snoozed", "snoozed", ""),
        ("late ones", "all", "age>60"),
    ):
        await drive.press("colon")
        await drive.burst(*typed, "enter")
        windows = drive.queue.rows.windows
        assert (windows.view, windows.filter) == (view, search)


async def test_the_palette_says_why_something_cannot_run(drive: Driver) -> None:
    """It asks the same question as the key."""
    await drive.press("j", "ctrl+p")
    await drive.burst(*"apply", "enter")
    assert "only a payment or a credit can be applied" in drive.status


async def test_the_palette_names_the_home_of_what_is_elsewhere(drive: Driver) -> None:
    """Retry belongs to the outbox, and is not run from here."""
    await drive.press("colon")
    await drive.burst(*"retry", "enter")
    assert "Retry belongs to another place: Outbox." in drive.status


async def test_a_configuration_can_give_an_action_other_keys(broker: ScriptedBroker) -> None:
    """The new key works, the old one does not, and footer and help show the new one."""
    async with driving(broker.socket, keymap={"work.note": "f7"}) as drive:
        assert "F7 Note" in drive.footer
        await drive.press("n")
        assert drive.place is drive.queue
        await drive.press("question_mark")
        assert any(line.strip().startswith("F7 ") and "note, promise" in line for line in drive.lines)
        await drive.press("escape", "f7")
        assert isinstance(drive.place, Form)


async def test_a_key_without_meaning_says_where_the_keys_are(drive: Driver) -> None:
    """Nobody is left wondering whether the key arrived."""
    await drive.press("C")
    assert drive.status == "C does nothing here. ? shows the keys of this place."


async def test_ctrl_c_says_how_to_leave(drive: Driver) -> None:
    """It is what fingers do by themselves; it neither kills nor stays silent."""
    await drive.press("ctrl+c")
    assert "Ctrl+Q leaves" in drive.status


def test_every_binding_has_an_id() -> None:
    """Without one it could not be changed by configuration."""
    for scope in HOMES:
        assert all(binding.id for binding in bindings(scope) if isinstance(binding, Binding))
