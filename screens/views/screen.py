"""All views on a page: one is chosen there; those of one's own get a digit, another name, or go."""

from __future__ import annotations

from collections.abc import Callable

from textual import getters
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from arqueue.errors import ArqueueError
from data.broker.protocol import SavedViewRow, ViewCount
from screens import background, words
from screens.place import Place
from screens.views.form import RenameViewForm
from screens.views.rows import ViewRows

_OTHERS = "That view is everybody's; {work.keep_view} in the queue keeps one of your own."


class ViewsScreen(Place[None]):
    """``shown`` is told which one is chosen, ``changed`` that those of one's own are others."""

    name_in_registry = "views"
    AUTO_FOCUS = "ViewRows"
    rows = getters.query_one(ViewRows)

    def __init__(self, shown: Callable[[str], None], changed: Callable[[], None]) -> None:
        super().__init__()
        self._shown, self._changed = shown, changed

    def body(self) -> ComposeResult:
        """Title and list."""
        yield Static(Content.styled(" Views", "bold"), id="title", markup=False)
        status = self.desk.status
        yield ViewRows(self.desk.views, dict(status["counts"]) if status else {})

    def on_mount(self) -> None:
        """Which ones one keeps (the command line may have changed that) and how many rows they hold is asked now, not all the
        time."""
        self._count_soon()

    def _count_soon(self) -> None:
        background.start(self, self._count, group="counts", exclusive=True)

    async def _count(self) -> None:
        try:
            kept: list[SavedViewRow] = await self.desk.call("views")
            counts: list[ViewCount] = await self.desk.call("view_counts")
        except ArqueueError as error:
            if self.desk.connected:
                self.say(words.problem(error))
            return
        if kept != self.desk.views:
            self._renew(kept)
        self.rows.count(counts)

    def open(self) -> None:
        """Show the view under the cursor."""
        name = self.rows.name_here()
        self.app.close_place(self)
        self._shown(name)

    def give(self, number: int) -> None:
        """Give a view of one's own this digit; the same once more takes it back."""
        own = self.rows.own()
        if own is None:
            self.say(self.keyed(_OTHERS))
            return
        digit = 0 if own.get("digit") == number else number
        said = f"{digit} shows {own['name']} now." if digit else f"{own['name']} has no digit any more."
        self.app.begin(self._change, said, {"name": own["name"], "digit": digit})

    async def _change(self, said: str, asked: dict[str, object]) -> None:
        self._renew(await self.desk.call("change_view", **asked))
        self.say(said)

    def rename(self) -> None:
        """Type another name for a view of one's own."""
        own = self.rows.own()
        if own is None:
            self.say(self.keyed(_OTHERS))
        else:
            self.app.begin(self.app.open_place, RenameViewForm(own, self._renamed))

    def _renamed(self, name: str, kept: list[SavedViewRow]) -> None:
        self._renew(kept)
        self._count_soon()
        self.say(f"It is called {name} now.")

    def forget(self) -> None:
        """Remove a view of one's own; its rows stay."""
        own = self.rows.own()
        if own is None:
            self.say(self.keyed(_OTHERS))
        else:
            self.app.begin(self._forget, own["name"])

    async def _forget(self, name: str) -> None:
        self._renew(await self.desk.call("remove_view", name=name))
        self.say(f"{name} is no longer kept. Its rows are where they were.")

    def _renew(self, kept: list[SavedViewRow]) -> None:
        self.desk.views = kept
        self.rows.show(kept)
        self._changed()
