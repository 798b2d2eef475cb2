"""The agenda: what comes back by itself, and what one said one would follow up."""

from __future__ import annotations

from textual import getters, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from arqueue.errors import ArqueueError
from data.broker.protocol import Shown
from data.broker.protocol.working import AgendaDays, AgendaRow, Done
from screens import background, words
from screens.agenda.rows import AgendaRows
from screens.place import Place
from screens.rows import Rows
from screens.situation import Situation

DAYS = 30


class AgendaScreen(Place[None]):
    """The next weeks of whoever is here, what is late first."""

    name_in_registry = "agenda"
    AUTO_FOCUS = "AgendaRows"
    rows = getters.query_one(AgendaRows)

    def body(self) -> ComposeResult:
        """Title, list, and all of the plan under the cursor."""
        yield Static(id="title", markup=False)
        yield AgendaRows()
        yield Static(id="plan", markup=False)

    def on_mount(self) -> None:
        """Follow the queue."""
        self.desk.changed.subscribe(self, lambda push: self._read_soon())
        self._read_soon()

    def _read_soon(self) -> None:
        background.start(self, self._read, group="agenda", exclusive=True)

    async def _read(self) -> None:
        try:
            found: AgendaDays = await self.desk.call("agenda", days=DAYS)
        except ArqueueError as error:
            if self.desk.connected:
                self.say(words.problem(error))
            return
        self.rows.show(found)
        self._tell()

    @on(Rows.Moved)
    def _tell(self) -> None:
        """Title, and the plan in full."""
        late = sum(1 for row in self.rows.plans if row["late_days"])
        said = f"  {words.plural(len(self.rows.plans), 'plan')} in {DAYS} days"
        title = Content.assemble(
            (" Agenda", "bold"), (said, "dim"), (f", {words.count(late)} late" if late else "", "bold")
        )
        self.query_one("#title", Static).update(title)
        plan = self.rows.plan()
        self.query_one("#plan", Static).update(self._plan(plan) if plan else Content(""))
        self.footer.refresh_if_other()

    def _plan(self, plan: AgendaRow) -> Content:
        what = "comes back by itself" if plan["kind"] == "snooze" else "to follow up"
        who = " · ".join(part for part in (plan["party"], plan["party_code"]) if part)
        by = "" if plan["person"] == self.desk.me else f" · planned by {self.desk.name_of(plan['person'])}"
        return Content.assemble(
            (f"{plan['subject'] or plan['id']} {what} on {words.day(plan['on'])}", "bold"),
            (f"\n{plan['why'] or 'without a word why'}", ""),
            (f"\n{who}{by}", "dim"),
        )

    def situation(self) -> Situation:
        """The plan under the cursor."""
        return Situation(connected=self.desk.connected, row=self.rows.plan() is not None)

    def open(self) -> None:
        """All about what it is about."""
        if (plan := self.rows.plan()) is not None:
            self.app.begin(self._open, plan)

    async def _open(self, plan: AgendaRow) -> None:
        from screens.account.details import DetailsPage

        shown: Shown = await self.desk.call("show", id=plan["id"] if plan["amount"] else plan["party_id"])
        if shown["account"] is None:
            self.say("There is no account to this.")
            return
        await self.app.open_place(DetailsPage(shown["account"], shown["item"], shown["applied"]))

    def done(self) -> None:
        """A follow-up was done; what sleeps is wanted now."""
        if (plan := self.rows.plan()) is not None:
            self.app.begin(self._done, plan)

    async def _done(self, plan: AgendaRow) -> None:
        method = "snooze" if plan["kind"] == "snooze" else "follow_up"
        done: Done = await self.desk.call(method, id=plan["id"])
        await self._read()
        self.say(done["words"])
