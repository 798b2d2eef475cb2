"""Known payers: the names and accounts by which payments of a customer are recognised, who taught them, and forgetting one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import getters, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from arqueue.errors import ArqueueError
from data.broker.protocol import Shown
from data.broker.protocol.cash import AliasRow
from screens import background, words
from screens.actions import Action
from screens.known.rows import KnownRows
from screens.place import Place
from screens.rows import Rows
from screens.situation import Situation
from screens.words_line import WordsField, WordsLine

LIMIT = 2_000
"""The newest so many; more than anybody looks through."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Whose names are asked for."""

    id: str
    name: str
    code: str

    @property
    def words(self) -> str:
        """Name and code."""
        return " · ".join(part for part in (self.name or "(customer vanished)", self.code) if part)


class KnownScreen(Place[None]):
    """Those of one customer first, where there is one; Tab shows everybody's and back. ``forgotten`` is told that one was."""

    name_in_registry = "known"
    AUTO_FOCUS = "KnownRows"
    rows = getters.query_one(KnownRows)
    filter_line = getters.query_one(WordsLine)

    def __init__(self, customer: Customer | None = None, forgotten: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._forgotten = forgotten
        self._customer = customer
        self._of_all = customer is None
        self._asking: AliasRow | None = None
        """What was asked about by the key that was pressed last."""
        self._asked: AliasRow | None = None
        """What was asked about before the key that is carried out now."""

    def body(self) -> ComposeResult:
        """Title, list, and all about the name under the cursor."""
        yield Static(id="title", markup=False)
        yield KnownRows(self.desk)
        yield WordsLine()
        yield Static(id="alias", markup=False)

    def on_mount(self) -> None:
        """Ask for them."""
        background.start(self, self._first, group="known", exclusive=True)

    async def _first(self) -> None:
        try:
            await self._read()
        except ArqueueError as error:
            if self.desk.connected:
                self.say(words.problem(error))

    async def _read(self) -> None:
        party = None if self._of_all or self._customer is None else self._customer.id
        found: list[AliasRow] = await self.desk.call("aliases", limit=LIMIT, party=party)
        self.rows.show(found, of_all=self._of_all)
        self._tell()

    @on(Rows.Moved)
    def _tell(self) -> None:
        """Title, and the name under the cursor in full."""
        number, of_all = self.rows.row_count(), self.rows.of_all or self._customer is None
        whose = "all customers" if of_all or self._customer is None else self._customer.words
        total = self.rows.total
        many = f"the newest {words.count(total)}" if total == LIMIT else words.count(total)
        many = f"{words.count(number)} of {many}" if self.rows.words else many
        said = f": {many}" if self.rows.found is not None else ""
        room = max(0, self.size.width - 18 - len(said))
        title = Content.assemble(
            (" Known payers", "bold"), ("  " + words.fit(whose, room).rstrip() + said, "dim")
        )
        self.query_one("#title", Static).update(title)
        alias = self.rows.alias()
        self.query_one("#alias", Static).update(self._about(alias) if alias else Content(""))
        self.footer.refresh_if_other()

    def on_resize(self) -> None:
        """Another width holds other words."""
        super().on_resize()
        if self.rows.found is not None:
            self._tell()

    def _about(self, alias: AliasRow) -> Content:
        now, width = self.desk.now(), max(20, self.size.width - 2)
        whose = Customer(alias["party_id"], alias["party"], alias["party_code"]).words
        served = words.plural(alias["uses"], "payment")
        last = "" if alias["uses"] < 2 else f", the last on {words.on(alias['last_used'], now)}"
        by = self.desk.name_of(alias["learned_by"])
        learned = f"learned on {words.on(alias['learned_at'], now)} from {by}; {served}{last}"
        return Content.assemble(
            (_line(f"{_named(alias)} means {whose}", width), "bold"),
            ("\n" + _line(learned, width), ""),
            ("\nOnce it is forgotten, somebody says anew who sent the next such payment.", "dim"),
        )

    # Keys

    def before_key(self) -> None:
        """What was asked holds for one key."""
        super().before_key()
        self._asked, self._asking = self._asking, None
        self.footer.refresh_if_other()

    def registry_place(self) -> str:
        """The list, or the line in which one filters."""
        return "words" if isinstance(self.focused, WordsField) else "known"

    def situation(self) -> Situation:
        """The name under the cursor, and whether something was asked."""
        return Situation(
            connected=self.desk.connected,
            row=self.rows.alias() is not None,
            reads_only=self.desk.reads_only,
            asked=self._asked is not None,
        )

    def in_footer(self, action: Action) -> bool:
        """Yes, only when something is asked; whose, only when there is a customer; what needs a name, only over one."""
        if action.id == "known.agree":
            return self._asking is not None
        if action.id == "known.all":
            return self._customer is not None
        if action.id in {"known.open", "known.forget", "rows.down"}:
            return self.rows.row_count() > 0
        if action.id == "known.find":
            return self.rows.total > 0
        return super().in_footer(action)

    def label_of(self, action: Action) -> str:
        """Tab shows the others."""
        if action.id == "known.all":
            return "Customer" if self._of_all else "All"
        return super().label_of(action)

    def ask(self) -> None:
        """Ask whether to forget the name under the cursor."""
        if (alias := self.rows.alias()) is not None:
            self._asking = alias
            # the name comes last, and as it is: it may be long, or hold braces
            self.say(self.keyed("{known.agree} forgets it, any other key keeps it: ") + _named(alias))
            self.footer.refresh_if_other()

    def forget(self) -> None:
        """Forget what was asked about."""
        if (alias := self._asked) is not None:
            self.app.begin(self._forget, alias)

    async def _forget(self, alias: AliasRow) -> None:
        gone: AliasRow = await self.desk.call("forget_alias", id=alias["id"])
        await self._read()
        if self._forgotten is not None:
            self._forgotten()
        self.say(f"{_named(gone)} is forgotten; the audit says who forgot it.")

    def find(self) -> None:
        """Type words to filter by."""
        self.filter_line.display = True
        field = self.filter_line.query_one(WordsField)
        field.value = self.rows.words
        field.action_end()
        self.focus_now(field)

    async def filter_by(self, search: str) -> None:
        """Show only these."""
        self.rows.narrow(search)
        self.end_filter()
        self._tell()

    def end_filter(self) -> None:
        """Put the line away."""
        self.filter_line.display = False
        self.focus_now(self.rows)

    def other(self) -> None:
        """Those of the customer, or of all."""
        if self._customer is None:
            self.say("These are everybody's already; an account shows those of its customer.")
        else:
            self.app.begin(self._turn)

    async def _turn(self) -> None:
        self._of_all = not self._of_all
        await self._read()

    def open(self) -> None:
        """All about the customer."""
        if (alias := self.rows.alias()) is not None:
            self.app.begin(self._open, alias)

    async def _open(self, alias: AliasRow) -> None:
        from screens.account.details import DetailsPage

        shown: Shown = await self.desk.call("show", id=alias["party_id"])
        if shown["account"] is None:
            self.say("The customer vanished from the ledger.")
            return
        await self.app.open_place(DetailsPage(shown["account"], None, []))


def _line(text: str, width: int) -> str:
    """One line, whatever a name holds."""
    return words.fit(" ".join(text.splitlines()), width).rstrip()


def _named(alias: AliasRow) -> str:
    return f'"{alias["alias"]}"' if alias["kind"] == "name" else alias["alias"]
