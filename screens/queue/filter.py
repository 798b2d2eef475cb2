"""The filter line: the list follows what is typed, a mistake is shown under it at its place, Tab completes."""

from __future__ import annotations

from functools import cached_property
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from arqueue.model.text import guard
from screens import actions
from screens.acting import Acting
from screens.field import Field

if TYPE_CHECKING:
    from arqueue.work.completion import Completion, Facts
    from arqueue.work.filter import Filter, FilterInvalid

DEBOUNCE_S = 0.1
TAKEN = 20_000
"""A paste of so many characters is shown as too long, not cut to what can be read: that would be another filter."""
INDENT = 3
"""Cells before what is typed."""
LINES = 4
"""So many lines at most are said to what is typed."""
_TEACHES = "words, and kind: amount> age> due< party: owner: tag: … Tab completes"


class FilterField(Acting, Field):
    """Where the words are typed."""

    BINDINGS: ClassVar = [*Field.BINDINGS, *actions.bindings("line")]

    def do_enter(self) -> None:
        """Keep the filter."""
        self.line.enter()

    def do_back(self) -> None:
        """The filter of before."""
        self.line.back()

    def do_complete(self) -> None:
        """The likeliest completion, or what all have in common."""
        self.line.complete()

    @property
    def line(self) -> FilterLine:
        """The line that it is on."""
        line = self.query_ancestor(FilterLine)
        assert isinstance(line, FilterLine)
        return line


class FilterLine(Vertical):
    """A slash, the field, and under it what is wrong or what may follow; only there while one types."""

    class Typed(Message):
        """A filter that can be read was typed, and some time went by."""

        def __init__(self, filter_: str) -> None:
            super().__init__()
            self.filter = filter_

    class Named(Message):
        """A customer is being named, who may be anybody's: how the name begins."""

        def __init__(self, begins: str) -> None:
            super().__init__()
            self.begins = begins

    def __init__(self) -> None:
        super().__init__()
        self.field = FilterField(name="filter", max_length=TAKEN)
        self.said = Static(markup=False, id="said")
        self._before = self._named = ""
        self._timer: Timer | None = None

    @cached_property
    def facts(self) -> Facts:
        """What can be completed: nothing until somebody types."""
        from arqueue.work.completion import Facts

        return Facts()

    def compose(self) -> ComposeResult:
        """The line and what is said to it."""
        with Horizontal(id="typed"):
            yield Static(Content(" / "), markup=False, id="slash")
            yield self.field
        yield self.said

    @property
    def settled(self) -> bool:
        """Nothing that was typed waits to be shown."""
        return self._timer is None

    def begin(self, filter_: str, facts: Facts) -> None:
        """Show the line with the filter that is in force."""
        self._before, self.facts, self._named = filter_, facts, ""
        self.display = True
        self.field.value = f"{filter_} " if filter_ else ""
        self.field.action_end()
        self._tell()

    def learn(self, facts: Facts) -> None:
        """More that can be completed is known now."""
        self.facts = facts
        if self.display:
            self._tell()

    def end(self) -> None:
        """Put the line away."""
        self._stop()
        self.display = False

    # Typing

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """Say what is wrong at once; show what is found when one rests."""
        event.stop()
        if self.display:
            self._stop()
            if self._tell():
                self._timer = self.set_timer(DEBOUNCE_S, self._rested)

    def _rested(self) -> None:
        self._timer = None
        self.post_message(self.Typed(self.field.value.strip()))

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _tell(self, *, typing: bool = True) -> bool:
        """What is wrong, else what may follow; whether the filter can be read. A term that one is ``typing`` is not wrong while
        there is a way to go on with it."""
        from arqueue.work.filter import Filter, FilterInvalid, parse

        text, completion = self.field.value, self._completion()
        wrong: FilterInvalid | None = None
        found = Filter()
        try:
            found = parse(text)
        except FilterInvalid as error:
            wrong = error
        if completion.customer not in ("", self._named):
            self._named = completion.customer
            self.post_message(self.Named(self._named))
        begun = text.rfind(" ", 0, completion.start) + 1
        if wrong is not None and not (typing and completion.candidates and wrong.offset >= begun):
            self.said.update(_mistake(wrong, text, self.size.width))
            return False
        if (unknown := self._unknown(found)) and not (typing and completion.candidates):
            self.said.update(Content.styled("\n".join(_wrapped(unknown, self.size.width)), "bold"))
            return True
        said = " ".join(completion.candidates) or ("" if text.strip() else _TEACHES)
        self.said.update(Content.styled(f"   {guard(said)}", "dim"))
        return wrong is None

    def _unknown(self, filter_: Filter) -> str:
        """Which of the owners meant there is none."""
        from arqueue.work.filter import strangers

        people = self.facts.people
        if not people or not (unknown := strangers(filter_, people)):
            return ""
        return f"nobody is called {', '.join(unknown)}: owner is me, none, {', '.join(people)}"

    # Keys

    def enter(self) -> None:
        """Keep what was typed, if it can be read."""
        if self._tell(typing=False):
            from arqueue.work.filter import parse

            search = self.field.value.strip()
            self._keep(search)
            if unknown := self._unknown(parse(search)):
                self.screen.say(f"{unknown[0].upper()}{unknown[1:]}")  # type: ignore[attr-defined]

    def back(self) -> None:
        """Leave the filter as it was."""
        self._keep(self._before)

    def _keep(self, filter_: str) -> None:
        """At once, not by a message: the next key of a burst is for the list."""
        self._stop()
        self.screen.keep_filter(filter_)  # type: ignore[attr-defined]

    def complete(self) -> None:
        """Put the only candidate in, or as much as all of them have in common."""
        completion = self._completion()
        if not completion.candidates:
            return
        common = _common(completion.candidates)
        typed = self.field.value[completion.start : completion.end]
        if len(completion.candidates) == 1 or len(common) <= len(typed):
            line, cursor = completion.apply(self.field.value, completion.candidates[0])
        else:
            line = self.field.value[: completion.start] + common + self.field.value[completion.end :]
            cursor = completion.start + len(common)
        self.field.value, self.field.cursor_position = line, cursor

    def _completion(self) -> Completion:
        from arqueue.work.completion import complete

        return complete(self.field.value, self.field.cursor_position, self.facts)


def _mistake(error: FilterInvalid, text: str, width: int) -> Content:
    """A mark under the place, where it is on the screen, then the words: behind it, or below where they are long."""
    words = guard(f"{error.message.removeprefix('filter: ')}: {error.hint}")
    column = cell_len(text[: error.offset]) + INDENT
    if column + cell_len(words) + 2 <= width:
        return Content.styled(f"{' ' * column}^ {words}", "bold")
    scrolled = cell_len(text) + INDENT >= width
    lines = [*([] if scrolled else [f"{' ' * column}^"]), *_wrapped(words, width)]
    return Content.styled("\n".join(lines[:LINES]), "bold")


def _wrapped(words: str, width: int) -> list[str]:
    """The words in lines, under what is typed."""
    return [" " * INDENT + line for line in wrap(guard(words), max(20, width - INDENT - 1))]


def _common(texts: tuple[str, ...]) -> str:
    first = texts[0]
    for text in texts[1:]:
        while not text.casefold().startswith(first.casefold()):
            first = first[:-1]
    return first
