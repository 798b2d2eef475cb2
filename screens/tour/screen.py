"""The tour: what a first day needs, on one page, with the keys that are in force. A key that it names may be tried at once."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from screens import actions
from screens.page import Page

LEAST = Size(80, 24)
"""From here all of it is in sight; on less it does not come unasked."""
KEYS, MARGIN = 10, 6
STEPS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("rows.down", "rows.up"), "Move", "from row to row; the arrows do the same."),
    (("queue.open",), "Open", "the account: open items, notes, orders. {account.back} goes back."),
    (("work.why",), "Why", "why a row stands where it stands, in points and words."),
    (("work.apply",), "Apply", "a payment or a credit to what it pays."),
    (("work.adjust",), "Adjust", "write a difference off, for a reason."),
    (
        ("work.note", "work.escalate"),
        "Note",
        "for the record; {work.escalate} hands it over to somebody who decides.",
    ),
    (("work.filter",), "Filter", 'words, or "kind:dispute amount>5000". {queue.back} clears it.'),
    (("work.view",), "Views", "unapplied, disputes, overdue …: the line on top."),
    (("app.palette",), "Actions", "everything that can be done, by name, with its key."),
    (("app.help",), "Help", "the keys of the place where you are, on one page."),
)
"""Actions, what they are called, and what they are good for; ``{…}`` is the key of another one."""
OPENS = frozenset(name for names, _, _ in STEPS for name in names) - {"queue.open"}
"""The actions whose keys may be tried from here: none of them orders anything by itself. Enter closes, and opens nothing."""
PROMISES = (
    "Every order ends in a review, and only {review.post} posts it: never Enter, never a key typed ahead.",
    "{work.undo} takes the newest back while it is unsent; {app.outbox} shows what became of each.",
)


class TourScreen(Page):
    """One page over the queue; over any other place when it is asked for there."""

    BINDINGS: ClassVar = actions.bindings("tour")
    name_in_registry = "tour"

    def content(self) -> ComposeResult:
        """The steps."""
        yield Static(id="tour", markup=False)

    def on_resize(self) -> None:
        """Another width, other lines."""
        self.query_one("#tour", Static).update(self._page(self.size.width - MARGIN))

    def before_key(self) -> None:
        """A key that the page names closes it and then does in the queue what it always does."""
        super().before_key()
        key = self.app.typeahead.current
        over_the_queue = self.app.screen_stack[1:] == [self] and not self.paper.max_scroll_y
        if over_the_queue and key is not None and key.key in self._tried():
            self.app.pop_screen()

    def do_close(self) -> None:
        """Close the page."""
        self.app.pop_screen()

    def _tried(self) -> Iterable[str]:
        return {key for name in OPENS for key in self.app.spelling.keys(name)}

    def _page(self, width: int) -> Content:
        pieces: list[tuple[str, str]] = [
            ("Welcome to arqueue", "bold"),
            (self.keyed("   {tour.close} closes this page\n"), "dim"),
        ]
        what = "All that needs a person in receivables is one list; what matters most stands on top."
        pieces += [("\n".join(wrap(what, width)), ""), ("\n\n", "")]
        for names, called, text in STEPS:
            keys = " ".join(map(self.app.spelling.key, names))
            lines = wrap(self.keyed(text), max(20, width - 2 * KEYS))
            pieces += [(f"{keys:<{KEYS}}", "bold"), (f"{called:<{KEYS}}", "bold")]
            pieces += [(f"\n{'':{2 * KEYS}}".join(lines) + "\n", "")]
        for text in PROMISES:
            pieces += [("\n" + "\n".join(wrap(self.keyed(text), width)), "")]
        again = self.keyed("Try a key from above: it closes this page. {app.tour} brings the page back.")
        pieces += [("\n\n" + "\n".join(wrap(again, width)), "dim")]
        return Content.assemble(*pieces)
