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
from screens import actions, background, words
from screens.actions import Action
from screens.field import Field
from screens.place import Place
from screens.review.proposed import Proposed
from screens.subject import Subject

if TYPE_CHECKING:
    from textual.timer import Timer

    from data.broker.protocol.working import Attended, DraftRow
    from screens.bulk.action import Part

Done = Callable[[list[Proposed]], None]
KEEP_S = 0.5
"""So long after a key what was typed is kept."""


def labelled(label: str, field: Widget, after: Widget | None = None, *, spaced: bool = False) -> Horizontal:
    """A field with its name before it, and what belongs behind it."""
    name = Static(Content.styled(f"{label:<9}", "dim"), markup=False, classes="label")
    classes = "labelled spaced" if spaced else "labelled"
    return Horizontal(name, field, *([after] if after is not None else []), classes=classes)


class Form(Place[None]):
    """One order in the making. ``intent`` is minted when it opens: however often it is submitted, it is one order."""

    BINDINGS: ClassVar = actions.bindings("form")
    name_in_registry = "form"
    making = True
    AUTO_FOCUS = ""
    enters, leaves, drops = "form.enter", "form.back", "form.drop"
    """The actions that go on to the review, that leave, and that drop an offered draft."""
    op: ClassVar[str] = ""
    verb: ClassVar[str] = ""
    outlives: ClassVar[bool] = True
    """Whether what is typed here is kept beyond this face. Not where nothing is typed but a row chosen and an amount that is
    proposed: choosing again is less than answering an offer, and the rows may be others by then."""

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
        self._kept: dict[str, Any] = {}
        self._offered: DraftRow | None = None
        """A draft of before this face was started, until it is taken or dropped."""
        self._typing: Timer | None = None

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

    @property
    def keys_title(self) -> str:
        """A form is called by what it does; its lists by their own names."""
        return self.heading if self.registry_place() == "form" else super().keys_title

    def actions_here(self) -> list[Action]:
        """Without the keys between fields where there is only one, and without that for drafts where none are kept."""
        idle = {"form.next", "form.previous"} if len(self.order()) == 1 else set()
        if not self.keeps_drafts:
            idle.add(self.drops)
        return [action for action in super().actions_here() if action.id not in idle]

    @property
    def goes_on(self) -> bool:
        """Whether there is a field after the one with the focus."""
        order = self.order()
        return self.focused in order and self.focused is not order[-1]

    @property
    def end(self) -> str:
        """What Enter does on the last field, in a word."""
        return "Review"

    def in_footer(self, action: Action) -> bool:
        """Not two keys for the next field."""
        return super().in_footer(action) and not (action.id == "form.next" and self.goes_on)

    def label_of(self, action: Action) -> str:
        """Enter says what it does from here."""
        if action.id == "form.enter":
            return "Next" if self.goes_on else self.end
        return super().label_of(action)

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
        self._fresh = self._kept = self.state()
        draft = self.desk.drafts.get(self.draft_key)
        if draft is not None:
            self.restore(draft)
            self.say("Your draft is back as you left it.")
        elif self.keeps_drafts:
            background.start(self, self._ask_for_draft, group="draft")
        if self.subject.work_id:
            background.start(self, self._meet, group="attend")

    async def _meet(self) -> None:
        """Others hear that somebody acts on this, and one hears who does too; their draft and this one are each their own."""
        try:
            found: Attended = await self.desk.call("attend", id=self.subject.work_id, here=True)
        except ArqueueError:
            return
        if found["others"] and self._offered is None:
            names = " and ".join(map(self.desk.name_of, found["others"]))
            self.say(f"{names} {'has' if len(found['others']) == 1 else 'have'} this open too.")

    # Drafts

    @property
    def keeps_drafts(self) -> bool:
        """Whether what is typed here outlives the face: it has to be about something."""
        return self.outlives and bool(self.draft_key[1])

    async def _ask_for_draft(self) -> None:
        """Offer what a face that is gone left behind; what is typed meanwhile comes first."""
        op, target = self.draft_key
        try:
            found: DraftRow | None = await self.desk.call("draft", op=op, target=target)
        except ArqueueError:
            return
        if found is not None and self.state() == self._fresh and found["typed"].keys() == self._fresh.keys():
            self._offered = found
            keys = f"{{{self.enters}}} takes it, {{{self.leaves}}} leaves it, {{{self.drops}}} drops it."
            self.say(f"Draft of {words.moment(found['at'], self.desk.now())}: {self.keyed(keys)}")

    def _no_longer_offered(self) -> DraftRow | None:
        """The offered draft, which is offered no more. Typing something else lets it lie."""
        offered, self._offered = self._offered, None
        return offered if self.state() == self._fresh else None

    def takes_offer(self) -> bool:
        """Whether the key was a yes to the offered draft."""
        if (offered := self._no_longer_offered()) is None:
            return False
        self.restore(offered["typed"])
        self.desk.drafts[self.draft_key] = self._kept = self.state()
        self.say("Your draft is back as you left it.")
        return True

    def do_drop(self) -> None:
        """No to the offered draft: it is forgotten, and the form stays."""
        if self._no_longer_offered() is None:
            self.say("No draft is offered here.")
        else:
            self.desk.drop_draft(self.draft_key)
            self.say("The draft is dropped.")

    def before_key(self) -> None:
        """What the key types is kept a moment later."""
        super().before_key()
        if self._typing is None and self.keeps_drafts:
            self._typing = self.set_timer(KEEP_S, self._keep)

    def _keep_now(self) -> None:
        """For the next time this form is opened; by whichever face, where it is worth that."""
        self.desk.drafts[self.draft_key] = self._kept = self.state()
        if self.keeps_drafts:
            self.desk.keep_draft(self.draft_key, self._kept)

    def _keep(self) -> None:
        self._typing = None
        typed = self.state()
        if typed != self._kept:
            self._kept = typed
            self.desk.tell("keep_draft", op=self.draft_key[0], target=self.draft_key[1], typed=typed)

    def before_end(self) -> None:
        """The last keys are kept as well."""
        if self._typing is not None:
            self._typing.stop()
            self._keep()

    def first_focus(self) -> Widget:
        """Where typing starts."""
        return self.order()[0]

    @property
    def draft_key(self) -> tuple[str, str]:
        """What was typed belongs to the operation and what it is about."""
        return (self.op, self.subject.target if len(self.subjects) == 1 else "marked")

    def do_back(self) -> None:
        """Leave; what was typed is kept for the next time, and so is a draft that was offered."""
        offered, typed = self._no_longer_offered(), self.state() != self._fresh
        if typed:
            self._keep_now()
        elif self._kept != self._fresh or self.draft_key in self.desk.drafts:
            self._kept = self._fresh
            self.desk.drop_draft(self.draft_key)
        self.app.pop_screen()
        if typed:
            kept = "Draft kept" if self.keeps_drafts else "Left as it is"
            self.app.place.say(f"{kept}: {self.heading}. The same key brings it back.")
        elif offered is not None:
            self.app.place.say(f"Draft left: {self.heading}. The same key offers it again.")

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
        if self.takes_offer():
            return
        if self.goes_on:
            self._step(1)
        else:
            self.review()

    def review(self) -> None:
        """Ask what the order would do; a field that is wrong is named."""
        if self.takes_offer():
            return
        try:
            commands = self.commands()
        except ArqueueError as error:
            self.say(words.problem(error))
            return
        self.app.begin(self._review_or_stay, commands)

    async def _review_or_stay(self, commands: list[dict[str, Any]]) -> None:
        try:
            await self.review_all(commands)
        except BrokerUnreachable:
            away = "The broker is away. What you typed stays here; {%s} again when it is back."
            self.say(self.keyed(away % self.enters))

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
        self._kept = self.state()
        self.desk.drop_draft(self.draft_key)
        self.app.close_place(self)
        if proposed is not None:
            self._done(proposed)
        else:
            left = "Left before the broker answered: {app.outbox} shows whether it has the order."
            self.app.place.say(self.keyed(left))


def text_of(field: Field) -> str:
    """What was typed, without blanks around it."""
    return field.value.strip()
