"""Keep what is shown under a name: the view, its filter, its order, and the columns of its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from arqueue.work.views import COLUMNS, DEFAULT_COLUMNS, checked_columns
from data.broker.protocol import SavedViewRow
from screens import actions
from screens.actions import Action
from screens.field import Field
from screens.form import labelled, text_of
from screens.place import Place


class KeepViewForm(Place[None]):
    """A name, of which an empty one changes nothing; and columns, of which none are the usual ones."""

    BINDINGS: ClassVar = actions.bindings("form")
    name_in_registry = "form"
    making = True
    AUTO_FOCUS = ""

    def __init__(
        self,
        shown: dict[str, str],
        name: str,
        kept: Callable[[str, list[SavedViewRow]], None],
        columns: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.shown, self._kept = shown, kept
        self.field = Field(name, name="name", max_length=30)
        self.columns = Field(", ".join(columns or DEFAULT_COLUMNS), name="columns", max_length=120)

    def body(self) -> ComposeResult:
        """What is kept, and the name."""
        said = [self.shown["view"], self.shown["filter"] or "no filter", f"by {self.shown['sort']}"]
        yield Static(
            Content.assemble(("Keep this view\n", "bold"), (" · ".join(said), "dim")), markup=False, id="head"
        )
        yield labelled("Name", self.field)
        yield labelled("Columns", self.columns)
        yield Static(Content(f"Of {', '.join(COLUMNS)}."), markup=False, classes="caption")
        yield Static(
            Content(self.keyed("The same name replaces it. {work.views} lists all views, with their keys.")),
            markup=False,
            classes="caption spaced",
        )

    def on_mount(self) -> None:
        """Typing starts in the name."""
        self.focus_now(self.field)

    def order(self) -> list[Widget]:
        """What Tab goes through."""
        return [self.field, self.columns]

    def actions_here(self) -> list[Action]:
        """Without the keys between fields where there is only one."""
        between = {"form.next", "form.previous"} if len(self.order()) == 1 else set()
        return [each for each in super().actions_here() if each.id not in between]

    def label_of(self, action: Action) -> str:
        """Enter keeps."""
        return "Keep" if action.id == "form.enter" else super().label_of(action)

    def do_next(self) -> None:
        """The other field."""
        order = self.order()
        here = order.index(self.focused) if self.focused in order else -1
        self.focus_now(order[(here + 1) % len(order)])

    def do_previous(self) -> None:
        """The other field: there are two at most."""
        self.do_next()

    def do_back(self) -> None:
        """Keep nothing."""
        self.app.pop_screen()

    def do_enter(self) -> None:
        """Hand it to the broker, which says what is wrong with a name."""
        if name := text_of(self.field):
            self.app.begin(self._keep, name)
        else:
            self.say(self.keyed("Type a name, or {form.back}."))

    async def _keep(self, name: str) -> None:
        columns = checked_columns(self.columns.value)
        usual = columns == DEFAULT_COLUMNS
        given: dict[str, Any] = {**self.shown, "name": name, "columns": "" if usual else ",".join(columns)}
        views: list[SavedViewRow] = await self.desk.call("save_view", **given)
        self.app.close_place(self)
        self._kept(name, views)


class RenameViewForm(KeepViewForm):
    """Another name for a view that is kept."""

    def __init__(self, own: SavedViewRow, kept: Callable[[str, list[SavedViewRow]], None]) -> None:
        super().__init__({}, own["name"], kept)
        self._was = own["name"]

    def body(self) -> ComposeResult:
        """What it is called, and what it shall be called."""
        yield Static(Content.styled(f"Rename the view {self._was}", "bold"), markup=False, id="head")
        yield labelled("Name", self.field)

    def order(self) -> list[Widget]:
        """The name."""
        return [self.field]

    def label_of(self, action: Action) -> str:
        """Enter renames."""
        return "Rename" if action.id == "form.enter" else super().label_of(action)

    async def _keep(self, name: str) -> None:
        kept: list[SavedViewRow] = await self.desk.call("change_view", name=self._was, to=name)
        self.app.close_place(self)
        self._kept(name, kept)
