"""Apply: the payment on top, ways to apply it by number, the items with their amounts, and a total that is zero when right."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import ScreenResume
from textual.widget import Widget
from textual.widgets import Static

from arqueue.errors import ArqueueError, Invalid
from data.broker.client import Push
from data.broker.protocol import Suggestions
from screens import actions, background, words
from screens.actions import Action
from screens.apply import said
from screens.apply.amount import AmountField, AmountLine
from screens.apply.changing import Changing
from screens.apply.lines import LineRows
from screens.apply.rest_line import RestLine
from screens.apply.sheet import Sheet
from screens.apply.ways import WayRows
from screens.form import Done, Form
from screens.review.proposed import Proposed
from screens.rows import Rows
from screens.situation import Situation
from screens.subject import Subject
from screens.words_line import WordsField, WordsLine

SUGGESTIONS = 9
"""As many as there are keys."""
WIDE = 100
HIGH = 32


class ApplyForm(Changing, Form, inherit_bindings=False):
    """Suggestions and items have keys of their own; what concerns both is bound here."""

    BINDINGS: ClassVar = actions.bindings("apply")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    name_in_registry = "ways"
    enters, leaves, drops = "apply.review", "apply.back", "apply.drop"
    op: ClassVar = "apply"
    verb: ClassVar = "Apply"
    ways = getters.query_one(WayRows)
    rows = getters.query_one(LineRows)
    filter_line = getters.query_one(WordsLine)

    def __init__(self, subject: Subject, found: Suggestions, done: Done) -> None:
        super().__init__(subject, done)
        self.found = found
        self.sheet = Sheet(found, self.codes())
        self.past = []
        self._stale = False
        self._before = ""
        """The filter before it was typed anew."""
        self._advice = ""
        self._thorough = False
        """Whether its suggestions are looked for with more time than usual."""
        """A remittance advice that was pasted."""

    def codes(self) -> list[Any]:
        """The company's reason codes."""
        return list(self.desk.hello["reasons"]) if self.desk.hello else []

    def name_of_subject(self) -> str:
        """The payment's number."""
        return self.found["payment"]["number"]

    # The screen

    def body(self) -> ComposeResult:
        """Payment; suggestions beside or above the items; the sum."""
        self.set_class(self.app.size.width >= WIDE, "-wide")
        yield Static(markup=False, id="head")
        with Container(id="work"):
            with Vertical(id="left"):
                yield Static(markup=False, classes="title", id="ways-title")
                yield WayRows(self.found)
                yield Static(id="why", markup=False)
            with Vertical(id="right"):
                yield Static(markup=False, classes="title", id="lines-title")
                yield LineRows(self.sheet)
                yield Static(id="about", markup=False)
        yield WordsLine()
        yield AmountLine()
        yield RestLine()
        yield Static(id="sum", markup=False)

    def on_mount(self) -> None:
        """Begin with nothing applied: a suggestion is chosen, never presumed."""
        self.desk.changed.subscribe(self, self._world_changed)
        self.tell()

    def first_focus(self) -> Widget:
        """The suggestions, where there are any."""
        return self.ways if self.found["suggestions"] else self.rows

    def order(self) -> list[Widget]:
        """The two lists."""
        return [self.ways, self.rows]

    def on_resize(self) -> None:
        """Another width holds other words."""
        super().on_resize()
        self.tell()

    def registry_place(self) -> str:
        """By what has the focus."""
        homes = {AmountField: "amount", RestLine: "rest", WordsField: "words", LineRows: "lines"}
        return homes.get(type(self.focused), "ways")  # type: ignore[arg-type]

    def situation(self) -> Situation:
        """What the keys of this form depend on."""
        line, sheet = self.rows.line(), self.sheet
        return Situation(
            connected=self.desk.connected,
            operations=self.desk.operations,
            rest=bool(sheet.unsettled() or sheet.discounted() or (sheet.amounts and sheet.left.minor > 0)),
            applied=bool(sheet.amounts),
            over=sheet.left.minor < 0,
            discount=line is not None and line.discount is not None,
        )

    def in_footer(self, action: Action) -> bool:
        """What can do nothing now gives its room away, and on a narrow terminal what everybody knows."""
        if action.id == "rows.down":
            return self.size.width >= WIDE
        if action.id == "apply.again":
            return not self.found["complete"]
        if action.id == "apply.invert":
            return bool(self.sheet.amounts)
        if action.id == "apply.rest":
            return bool(self.sheet.unsettled() or (self.sheet.amounts and self.sheet.left.minor > 0))
        if action.id == "lines.discount":
            return not action.reason(self.situation())
        return super().in_footer(action)

    def label_of(self, action: Action) -> str:
        """Tab leads to the other list."""
        if action.id == "apply.pane":
            return "Items" if self.registry_place() == "ways" else "Suggest"
        return super().label_of(action)

    @on(Rows.Moved)
    def cursor_moved(self) -> None:
        """The words below are about the row under the cursor."""
        self.tell()

    def tell(self) -> None:
        """Write what is known into its places."""
        if not self.is_mounted:
            return
        wide = self.size.width >= WIDE
        width = max(20, self.size.width - 2)
        home = self.desk.hello["currency"] if self.desk.hello else ""
        lines = 2 if self.size.height >= HIGH else 1
        self._write("head", said.head(self.found, self.subject.customer, home, width, lines=lines))
        self._write("ways-title", self.ways.caption())
        why = self.ways.why()
        self._write("why", Content(why if wide else words.in_lines(why, width - 4, 2)))
        right = self.rows.size.width or width
        self._write("lines-title", Content(self.rows.caption(right)))
        line = self.rows.line()
        about = said.about(self.sheet, line.item) if line is not None else ""
        room = (2 if wide else 1) * max(20, right - 6)
        self._write("about", Content(words.fit(about, room).rstrip() if about else ""))
        self._write("sum", said.total(self.sheet, width))
        self.footer.refresh_if_other()

    def _write(self, name: str, content: Content) -> None:
        place = self.query_one(f"#{name}", Static)
        if place.content != content:
            place.update(content)

    # Keys of both lists

    def do_pane(self) -> None:
        """From the suggestions to the items, and back."""
        self.focus_now(self.rows if self.focused is self.ways else self.ways)
        self.refresh_bindings()
        self.tell()

    def do_review(self) -> None:
        """Review."""
        self.review()

    def do_text(self) -> None:
        """The whole text, and every reason."""
        from screens.apply.text import TextPage

        self.app.begin(self.app.open_place, TextPage(self.found))

    def do_back(self) -> None:
        """The filter off; else leave, and everything is kept."""
        if self.rows.narrowed:
            self.rows.only_taken = False
            self._narrow("")
        else:
            super().do_back()

    # Filter

    def do_filter(self) -> None:
        """Type words that an item must hold."""
        self.filter_line.display = True
        field = self.filter_line.query_one(WordsField)
        self._before = self.rows.words
        field.value = self.rows.words
        field.action_end()
        self.focus_now(field)

    @on(WordsField.Changed)
    def filter_typed(self, event: WordsField.Changed) -> None:
        """The list follows every letter."""
        if isinstance(event.input, WordsField) and event.input is self.focused:
            self._narrow(event.value.strip())

    async def filter_by(self, search: str) -> None:
        """Keep the filter."""
        self._before = search
        self.end_filter()

    def end_filter(self) -> None:
        """Put the filter line away; Esc leaves the filter as it was."""
        self.filter_line.display = False
        self.focus_now(self.rows)
        self._narrow(self._before)

    def _narrow(self, text: str) -> None:
        self.rows.narrow(text)
        self.tell()

    # What changes meanwhile

    def _world_changed(self, push: Push) -> None:
        parties = push.get("parties")
        if not parties or self.found["payment"]["party_id"] in parties:
            self._stale = True
            if self.app.screen is self:
                self._renew_soon()

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Back from the review: what changed meanwhile is shown."""
        super().on_screen_resume(event)
        if self._stale and self.app.screen is self:
            self._renew_soon()

    def do_again(self) -> None:
        """Suggestions once more: a search that had no time gets more of it."""
        self._thorough = self._thorough or not self.found["complete"]
        self.app.begin(self._again, "Searched again")

    def on_paste(self, event: events.Paste) -> None:
        """A remittance advice, pasted as it came: it is read line by line."""
        event.stop()
        advice = event.text.replace("\r\n", "\n").replace("\r", "\n")  # as terminals send the end of a line
        self.app.begin(self._again, "The advice was read", advice)

    async def _again(self, done: str, advice: str = "") -> None:
        before, self._advice = self._advice, advice or self._advice
        known = self.found["notes"]
        try:
            await self._renew()
        except ArqueueError:
            self._advice = before
            raise
        self.ways.renew(self.found)
        self.ways.choose(0)
        self.tell()
        said = f"{done}: {words.plural(len(self.found['suggestions']), 'suggestion')}."
        left_out = advice and any(note not in known for note in self.found["notes"])
        self.say(said + (self.keyed(" {apply.text} says what of it is not followed.") if left_out else ""))

    def _renew_soon(self) -> None:
        background.start(self, self._renew_or_say, group="renew", exclusive=True)

    async def _renew_or_say(self) -> None:
        try:
            await self._renew()
        except ArqueueError as error:
            self.say(words.problem(error))

    async def _renew(self) -> None:
        """The same choice over what is open now."""
        asked: dict[str, Any] = {"payment": self.found["payment"]["id"], "limit": SUGGESTIONS}
        if self._thorough:
            asked["thorough"] = True
        if self._advice:
            asked["advice"] = {"text": self._advice}
        found: Suggestions = await self.desk.call("suggest", **asked)
        self._stale = False
        before, after = _open(self.found), _open(found)
        self.found = found
        if before == after:
            return
        chosen = self.sheet.state()
        self.sheet = Sheet(found, self.codes())
        lost = self.sheet.restore(chosen)
        self.rows.renew(self.sheet)
        self.ways.renew(found)
        self.ways.choose(0)
        self.tell()
        if lost or found["payment"]["open"] != before.get(found["payment"]["id"]):
            self.say("; ".join(lost) or "The payment changed meanwhile: look at the total again.")

    # The order

    def command(self) -> dict[str, Any]:
        """The order. Raises Invalid when nothing is applied, or more than there is."""
        try:
            return self.sheet.command()
        except Invalid as error:
            raise Invalid(error.message, self.keyed(error.hint)) from None

    def state(self) -> dict[str, Any]:
        """All that was chosen."""
        return self.sheet.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Put it back on the items that are still there."""
        lost = self.sheet.restore(state)
        self.rows.refresh()
        self.tell()
        if lost:
            self.call_later(self.say, f"Your draft is back; {'; '.join(lost)}")

    def finished(self, proposed: list[Proposed] | None) -> None:
        """In the store: what was chosen is kept until the ledger has it, for the case that it refuses."""
        for each in proposed or ():
            for order in each.submitted["ids"] if each.submitted is not None else ():
                self.desk.keep(order, self.draft_key, self.state())
        super().finished(proposed)


def form_for(subject: Subject, found: Suggestions, done: Done) -> Form:
    """Nothing can be applied before it is known whose money it is."""
    from screens.payer.form import PayerForm

    return (PayerForm if found["unidentified"] else ApplyForm)(subject, found, done)


def _open(found: Suggestions) -> dict[str, str]:
    """What is open of everything, by item."""
    rows = (found["payment"], *found["debits"], *found["credits"])
    return {row["id"]: row["open"] for row in rows}
