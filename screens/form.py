"""What the forms have in common: what they act on, one intent each, drafts that are kept, and the way to the review."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from arqueue.errors import ArqueueError, BrokerUnreachable
from screens import actions, words
from screens.actions import Action
from screens.field import Field
from screens.place import Place
from screens.review.proposed import Proposed
from screens.subject import Subject

if TYPE_CHECKING:
    from screens.bulk.action import Part

Done = Callable[[list[Proposed]], None]


def labelled(label: str, field: Widget, after: Widget | None = None, *, spaced: bool = False) -> Horizontal:
    """A field with its name before it, and what belongs behind it."""
    name = Static(Content.styled(f"{label:<9}", "dim"), markup=False, classes="label")
    classes = "labelled spaced" if spaced else "labelled"
    return Horizontal(name, field, *([after] if after is not None else []), classes=classes)


class Form(Place[None]):
    """One order in the making. ``intent`` is minted when it opens: however often it is submitted, it is one order."""

    BINDINGS: ClassVar = actions.bindings("form")
    name_in_registry = "form"
    AUTO_FOCUS = ""
    op: ClassVar[str] = ""
    verb: ClassVar[str] = ""

    def __init__(self, subject: Subject, done: Done, more: Sequence[Subject] = ()) -> None:
        super().__init__()
        self.subject = subject
        self.subjects = (subject, *more)
        """All that the order is for: more than one only where the same order makes sense for many."""
        self.skipped: Sequence[tuple[Subject, str]] = ()
        """Marked rows for which there is no such order, and why."""
        self.intent = uuid.uuid4().hex
        self._done = done
        self._fresh: dict[str, Any] = {}

    # What a form says of itself

    def name_of_subject(self) -> str:
        """The thing as the title calls it."""
        return self.subject.item["number"] if self.subject.item else self.subject.customer

    @property
    def heading(self) -> str:
        """The order in a few words."""
        if len(self.subjects) > 1:
            return f"{self.verb} {words.count(len(self.subjects))} marked rows"
        return f"{self.verb} {self.name_of_subject()}"

    def head(self) -> Content:
        """What will be acted on, before anything is typed."""
        if len(self.subjects) > 1:
            named = ", ".join(subject.party or subject.party_code for subject in self.subjects[:3])
            rest = len(self.subjects) - 3
            return Content.assemble(
                (self.heading, "bold"), (f"\n{named}", ""), (f" and {rest} more" if rest > 0 else "", "")
            )
        lines: list[tuple[str, str]] = [
            (self.heading, "bold"),
            (f"\n{self.subject.customer}", ""),
        ]
        if self.subject.about:
            lines.append((f"\n{self.subject.about}", "dim"))
        return Content.assemble(*lines)

    def fields(self) -> ComposeResult:
        """The fields, in the order of Tab."""
        yield from ()

    def order(self) -> list[Widget]:
        """The widgets that Tab and Enter go through."""
        raise NotImplementedError

    def actions_here(self) -> list[Action]:
        """Without the keys between fields where there is only one."""
        between = {"form.next", "form.previous"} if len(self.order()) == 1 else set()
        return [action for action in super().actions_here() if action.id not in between]

    def command(self) -> dict[str, Any]:
        """The order as it goes to the broker. Raises Invalid, naming the field."""
        raise NotImplementedError

    def commands(self) -> list[dict[str, Any]]:
        """An order for each subject. Raises Invalid, naming the field."""
        return [self.command()]

    def state(self) -> dict[str, Any]:
        """What was typed, for a draft."""
        raise NotImplementedError

    def restore(self, state: dict[str, Any]) -> None:
        """Put a draft back."""
        raise NotImplementedError

    # Life

    def body(self) -> ComposeResult:
        """Head and fields."""
        yield Static(self.head(), markup=False, id="head")
        yield from self.fields()

    def on_mount(self) -> None:
        """Start where typing starts, with the draft of last time."""
        self.focus_now(self.first_focus())
        self._fresh = self.state()
        draft = self.desk.drafts.get(self.draft_key)
        if draft is not None:
            self.restore(draft)
            self.say("Your draft is back as you left it.")

    def first_focus(self) -> Widget:
        """Where typing starts."""
        return self.order()[0]

    @property
    def draft_key(self) -> tuple[str, str]:
        """What was typed belongs to the operation and what it is about."""
        return (self.op, self.subject.target if len(self.subjects) == 1 else "marked")

    def do_back(self) -> None:
        """Leave; what was typed is kept for the next time."""
        typed = self.state() != self._fresh
        if typed:
            self.desk.drafts[self.draft_key] = self.state()
        else:
            self.desk.drafts.pop(self.draft_key, None)
        self.app.pop_screen()
        if typed:
            self.app.place.say(f"Draft kept: {self.heading}. The same key brings it back.")

    def do_next(self) -> None:
        """Next field."""
        self._step(1)

    def do_previous(self) -> None:
        """Field before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        order = self.order()
        here = order.index(self.focused) if self.focused in order else 0
        self.focus_now(order[(here + by) % len(order)])

    def do_enter(self) -> None:
        """Next field; on the last one, review."""
        order = self.order()
        if self.focused in order and self.focused is not order[-1]:
            self._step(1)
        else:
            self.review()

    def review(self) -> None:
        """Ask what the order would do; a field that is wrong is named."""
        try:
            commands = self.commands()
        except ArqueueError as error:
            self.say(f"{error.message}. {error.hint}".strip())
            return
        self.app.begin(self._review_or_stay, commands)

    async def _review_or_stay(self, commands: list[dict[str, Any]]) -> None:
        try:
            await self.review_all(commands)
        except BrokerUnreachable:
            self.say("The broker is away. What you typed stays here; Enter again when it is back.")

    async def review_all(self, commands: list[dict[str, Any]]) -> None:
        """Open the sheet on which the orders are confirmed."""
        if len(self.subjects) + len(self.skipped) > 1:
            await self._review_many(commands)
            return
        from screens.review.screen import ReviewScreen

        proposed = [
            Proposed(command, self.intent, await self.desk.call("review", command=command))
            for command in commands
        ]
        await self.app.open_place(ReviewScreen(self.heading, proposed, self.finished))

    async def _review_many(self, commands: list[dict[str, Any]]) -> None:
        from screens.bulk.orders import Orders
        from screens.bulk.screen import BulkReview

        orders = Orders(self.desk, self.heading, self.intent, self.subjects, commands, self.skipped)
        await self.app.open_place(BulkReview(orders, await orders.look(), self._finished_many))

    def _finished_many(self, parts: list[Part] | None) -> None:
        self.finished(None if parts is None else [part.made_of for part in parts if part.outcome])
        if parts is not None:
            from screens.bulk.sheet import summary

            self.app.place.say(summary(parts))

    def finished(self, proposed: list[Proposed] | None) -> None:
        """The review ended: the orders are in the store, or it was left without knowing that (None)."""
        self.desk.drafts.pop(self.draft_key, None)
        self.app.close_place(self)
        if proposed is not None:
            self._done(proposed)
        else:
            self.app.place.say("Left before the broker answered: O shows whether it has the order.")


def text_of(field: Field) -> str:
    """What was typed, without blanks around it."""
    return field.value.strip()
