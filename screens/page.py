"""A page that is only read: it scrolls, and any of the keys for back closes it."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from screens import actions
from screens.actions import Action
from screens.place import Place


class Page(Place[None]):
    """A place without anything to act on."""

    BINDINGS: ClassVar = actions.bindings("page")
    name_in_registry = "page"
    AUTO_FOCUS = ""
    paper = getters.query_one("#paper", VerticalScroll)

    def content(self) -> ComposeResult:
        """What is on the page."""
        yield from ()

    def body(self) -> ComposeResult:
        """The content, scrolled when it is longer than the screen."""
        with VerticalScroll(id="paper", can_focus=False):
            yield from self.content()

    def on_mount(self) -> None:
        """Whether there is more below is known when it is laid out."""
        self.watch(self.paper, "virtual_size", lambda: self.footer.refresh_if_other(), init=False)

    def in_footer(self, action: Action) -> bool:
        """A page that fits has nothing to scroll."""
        if action.id == "page.down":
            return self.paper.max_scroll_y > 0
        return super().in_footer(action)

    def do_back(self) -> None:
        """Close the page."""
        self.app.pop_screen()

    def do_down(self) -> None:
        """Scroll down."""
        self.paper.scroll_relative(y=3, animate=False)

    def do_up(self) -> None:
        """Scroll up."""
        self.paper.scroll_relative(y=-3, animate=False)
