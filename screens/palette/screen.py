"""The palette: every action by name with its key. Those of this place run; the others say where they are at home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from rich.segment import Segment
from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from data.broker.protocol import VIEWS
from screens import actions, words
from screens.acting import Acting
from screens.actions import ACT, ACTIONS, FORM, GO, LOOK, MOVE, SCOPE_TITLES, Action
from screens.field import Field
from screens.footer import key_words, keys_of
from screens.place import Place
from screens.rows import Rows

ORDER = (ACT, LOOK, FORM, GO, MOVE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One action of the palette: ``view`` for each of the views, ``home`` where it cannot run from here, ``typed`` where one
    of several keys has to be chosen."""

    action: Action
    keys: str
    words: str
    view: str = ""
    home: str = ""
    typed: bool = False


def entries(place: Place[Any]) -> list[Entry]:
    """All actions: those of the place first, then the rest with the place that they belong to."""
    keys, spelling = keys_of(place), place.app.spelling
    here: list[Entry] = []
    elsewhere: list[Entry] = []
    for action in ACTIONS:
        inside = action.id in keys
        if inside and action.id == "work.view":
            here += _views(place, action)
            continue
        given = keys[action.id] if inside else list(spelling.keys(action.id))
        shown = spelling.printed(key_words(action, given))
        if inside:
            here.append(Entry(action, shown, action.description, typed=action.chooses))
        else:
            elsewhere.append(Entry(action, shown, action.description, home=SCOPE_TITLES[action.scope]))
    here.sort(key=lambda entry: ORDER.index(entry.action.group))
    return here + elsewhere


def _views(place: Place[Any], action: Action) -> list[Entry]:
    """Everybody's views and those of one's own, each with the digit that shows it now."""
    own = place.desk.views
    titles = [*VIEWS, *((each["name"], each["name"]) for each in own)]
    digits = words.digits_of(VIEWS, own)
    return [Entry(action, str(digits.get(name) or ""), f"view: {title}", view=name) for name, title in titles]


def matches(entry: Entry, search: str) -> bool:
    """Every word occurs in the label, the description or the place."""
    text = f"{entry.action.label} {entry.words} {entry.home}".lower()
    return all(word in text for word in search.lower().split())


class EntryRows(Rows, can_focus=False):
    """What matches."""

    def __init__(self, found: list[Entry]) -> None:
        super().__init__()
        self.found = found

    def row_count(self) -> int:
        """Matching actions."""
        return len(self.found)

    def paint(self, index: int, width: int) -> list[Segment]:
        """Label, description, key."""
        entry = self.found[index]
        tone = self.tone("dim") if entry.home else self.rich_style
        text = f"{entry.words}  ({entry.home})" if entry.home else entry.words
        return [
            Segment(
                words.fit(entry.action.label, 14), self.tone("dim") if entry.home else self.tone("strong")
            ),
            Segment(words.fit(text, max(0, width - 31)) + " ", tone),
            Segment(words.fit(entry.keys, 16), self.tone("key")),
        ]

    def empty(self) -> list[str]:
        """Nothing by that name."""
        return ["No action is called that.", "Fewer letters find more; Esc closes."]


class PaletteField(Acting, Field):
    """Where the name is typed."""

    BINDINGS: ClassVar = [*Field.BINDINGS, *actions.bindings("palette")]

    def _palette(self, name: str) -> Any:
        return getattr(self.screen, name)()

    async def do_run(self) -> None:
        """Run the action under the cursor."""
        await self._palette("run_chosen")

    def do_down(self) -> None:
        """Next action."""
        self._palette("down")

    def do_up(self) -> None:
        """Action before."""
        self._palette("up")

    def do_page_down(self) -> None:
        """A page on."""
        self._palette("page_down")

    def do_page_up(self) -> None:
        """A page back."""
        self._palette("page_up")

    def do_back(self) -> None:
        """Close."""
        self._palette("close")


class PaletteScreen(Place[None]):
    """Over the place that it was opened in."""

    name_in_registry = "palette"
    AUTO_FOCUS = "PaletteField"
    rows = getters.query_one(EntryRows)

    def __init__(self, place: Place[Any]) -> None:
        super().__init__()
        self._place = place
        self._entries = entries(place)

    def body(self) -> ComposeResult:
        """Field and list."""
        with Horizontal(classes="labelled"):
            yield Static(Content.styled("Action : ", "bold"), markup=False, classes="label")
            yield PaletteField(name="action", max_length=60)
            yield Static(markup=False, id="count")
        yield EntryRows(self._entries)

    def _count(self, found: int) -> Content:
        """How many of all, once they are fewer."""
        every = len(self._entries)
        return Content.styled(f"{found} of {every}" if 0 < found < every else "", "dim")

    @on(Field.Changed)
    def searched(self, event: Field.Changed) -> None:
        """Show what matches."""
        self._search(event.value)

    def _search(self, typed: str) -> None:
        self.rows.found = [entry for entry in self._entries if matches(entry, typed)]
        self.rows.set_reactive(Rows.cursor, 0)
        self.rows.update_rows()
        self.query_one("#count", Static).update(self._count(len(self.rows.found)))

    def down(self) -> None:
        """Next action."""
        self.rows.do_down()

    def up(self) -> None:
        """Action before."""
        self.rows.do_up()

    def page_down(self) -> None:
        """A page on."""
        self.rows.do_page_down()

    def page_up(self) -> None:
        """A page back."""
        self.rows.do_page_up()

    def close(self) -> None:
        """Back to the place."""
        self.app.pop_screen()

    async def run_chosen(self) -> None:
        """Close the palette and do what its place would do for the key."""
        # The list follows the field by message, and Enter may be quicker.
        self._search_if_late()
        found = self.rows.found
        if not found:
            self.say("No action is called that.")
            return
        entry = found[self.rows.cursor]
        if entry.home:
            self.say(f"{entry.action.label} belongs to another place: {entry.home}.")
            return
        if entry.typed:
            self.say(f"{entry.action.label}: which one, its own key says ({entry.keys}).")
            return
        self.close()
        if entry.view:
            self._place.show_view(entry.view)  # type: ignore[attr-defined]
            return
        for active in self._place.active_bindings.values():
            if active.binding.id == entry.action.id:
                await active.node.action_act(entry.action.id)  # type: ignore[attr-defined]
                return

    def _search_if_late(self) -> None:
        typed = self.query_one(PaletteField).value
        wanted = [entry for entry in self._entries if matches(entry, typed)]
        if wanted != self.rows.found:
            self._search(typed)
