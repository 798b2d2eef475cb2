"""Identify: who sent a payment that waits on the account for unidentified ones, and what it would pay there."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from arqueue.errors import Invalid
from data.broker.protocol import Found, PartyRow, PayerRow, Suggestions
from screens import words
from screens.apply import said
from screens.apply.ways import in_a_line
from screens.form import Done, Form
from screens.payer.rows import PayerRows
from screens.subject import Subject
from screens.words_line import WordsField, WordsLine

FOUND = 50
"""The most customers that a search lists."""


class PayerForm(Form):
    """A number takes a customer and shows what the payment would pay there; Enter reviews the move to that account."""

    name_in_registry = "payers"
    op: ClassVar = "identify"
    outlives: ClassVar = False
    verb: ClassVar = "Identify"
    rows = getters.query_one(PayerRows)
    filter_line = getters.query_one(WordsLine)

    def __init__(self, subject: Subject, found: Suggestions, done: Done) -> None:
        super().__init__(subject, done)
        self.found = found
        self._sought = self._sender = ""
        self._preview: Suggestions | None = None
        """The ways to apply the payment over the items of the customer that was taken."""

    @property
    def heading(self) -> str:
        """The payment, and who is said to have sent it."""
        return f"{super().heading}: sent by {self._sender}" if self._sender else super().heading

    def name_of_subject(self) -> str:
        """The payment's number."""
        return self.found["payment"]["number"]

    def fields(self) -> ComposeResult:
        """Customers, why, and what the payment would pay."""
        yield Static(markup=False, classes="title", id="title")
        yield PayerRows(self.found["payers"])
        yield Static(id="why", markup=False)
        yield Static(id="preview", markup=False)
        yield WordsLine()

    def head(self) -> Content:
        """The payment as on the Apply screen."""
        home = self.desk.hello["currency"] if self.desk.hello else ""
        width = max(20, self.app.size.width - 2)
        payer = self.found["payment"]["payer"]
        sender = f"The bank names {payer} as its sender." if payer else "Nobody knows yet who sent it."
        return said.head(self.found, sender, home, width, lines=2, verb="Identify")

    def on_mount(self) -> None:
        """Begin with nobody taken."""
        self.tell()

    def on_resize(self) -> None:
        """Another width holds other words."""
        super().on_resize()
        self.query_one("#head", Static).update(self.head())
        self.tell()

    def registry_place(self) -> str:
        """The customers, or the line in which one searches."""
        return "words" if isinstance(self.focused, WordsField) else "payers"

    def order(self) -> list[Widget]:
        """The customers."""
        return [self.rows]

    def tell(self) -> None:
        """Write what is known into its places."""
        if not self.is_mounted:
            return
        width = max(20, self.size.width - 6)
        found = words.plural(count, "customer") if (count := len(self.rows.payers)) else "no customer"
        likely = f"{found} may have sent it, likeliest first" if count else "nobody is likely to have sent it"
        title = f'{found} found for "{self._sought}"' if self._sought else likely
        self.query_one("#title", Static).update(Content(f"   {title}"))
        payer = self.rows.payer()
        why = "; ".join(payer["why"]) if payer is not None else ""
        self.query_one("#why", Static).update(Content(words.in_lines(why, width, 2)))
        self.query_one("#preview", Static).update(self._preview_words(width))
        self.footer.refresh_if_other()

    def _preview_words(self, width: int) -> Content:
        if self._preview is None and not self.rows.payers:
            return Content("")
        if self._preview is None:
            return Content.styled("A number takes a customer and shows what it would pay there.", "dim")
        ways, where = self._preview["suggestions"], f"On the account of {self._sender} it would pay"
        pieces: list[tuple[str, str]] = [(words.fit(where, width).rstrip(), "bold")]
        lines = [in_a_line(way, width - 2) for way in ways[:4]]
        open_ = words.plural(self._preview["debits_total"], "open item")
        pieces += [(f"\n  {line}", "") for line in lines or [f"nothing that fits: {open_}"]]
        pieces.append(("\nFirst it is moved there, its sender remembered; then you apply it.", "dim"))
        return Content.assemble(*pieces)

    def _taken(self) -> PayerRow | None:
        return next((row for row in self.rows.payers if row["party_id"] == self.rows.chosen), None)

    # Keys

    def choose(self, number: int) -> None:
        """Take a customer, and look at what the payment would pay there."""
        payers = self.rows.payers
        if number > len(payers):
            others = self.keyed("{payers.find} searches others.")
            self.say(f"There are {words.plural(len(payers), 'customer')} here. {others}")
            return
        self.rows.move_to(number - 1)
        self.app.begin(self._take, payers[number - 1]["party_id"])

    async def _take(self, party: str) -> None:
        payment = self.found["payment"]["id"]
        self._preview = await self.desk.call("suggest", payment=payment, payer=party, limit=9)
        self._choose(party)
        self.rows.refresh()
        self.tell()

    def _choose(self, party: str) -> None:
        self.rows.chosen = party
        payer = self._taken()
        self._sender = f"{payer['name']} · {payer['code']}" if payer else ""

    def find(self) -> None:
        """Type a name or code to search customers by."""
        self.filter_line.display = True
        field = self.filter_line.query_one(WordsField)
        field.value = self._sought
        field.action_end()
        self.focus_now(field)

    def open_known(self) -> None:
        """What was learned of the customer under the cursor: a name that leads to the wrong one is forgotten there."""
        from screens.known.screen import Customer, KnownScreen

        payer = self.rows.payer()
        of = Customer(payer["party_id"], payer["name"], payer["code"]) if payer is not None else None
        self.app.begin(self.app.open_place, KnownScreen(of, self._rank_again))

    def _rank_again(self) -> None:
        """A name was forgotten: others may be likelier now. What is listed by a search stays."""
        self.app.begin(self._ask_again)

    async def _ask_again(self) -> None:
        self.found = await self.desk.call("suggest", payment=self.found["payment"]["id"], limit=9)
        if not self._sought:
            self.rows.renew(self.found["payers"])
            self.tell()

    async def filter_by(self, search: str) -> None:
        """List the customers that are found; nothing lists those that fit by themselves."""
        self.end_filter()
        self.app.begin(self._find, search)

    async def _find(self, search: str) -> None:
        payers = self.found["payers"]
        if search:
            found: Found = await self.desk.call("find", text=search, limit=FOUND)
            payers = [_as_payer(row) for row in found["parties"]]
        self._sought = search
        self.rows.renew(payers, search)
        self.tell()

    def end_filter(self) -> None:
        """Put the search line away."""
        self.filter_line.display = False
        self.focus_now(self.rows)

    # The order

    def command(self) -> dict[str, Any]:
        """The order. Raises Invalid while nobody is taken."""
        if not self.rows.chosen:
            hint = self.keyed("a number or {payers.take} takes a customer, {payers.find} searches")
            raise Invalid("who sent it: nobody is chosen yet", hint)
        return {"op": "identify", "payment": self.found["payment"]["id"], "party": self.rows.chosen}

    def state(self) -> dict[str, Any]:
        """Who was taken, and what was searched for."""
        return {"chosen": self.rows.chosen, "sought": self._sought, "payers": self.rows.payers}

    def restore(self, state: dict[str, Any]) -> None:
        """Put it back."""
        self._sought = state["sought"]
        self.rows.renew(state["payers"], state["sought"])
        self._choose(state["chosen"])
        self.tell()


def _as_payer(party: PartyRow) -> PayerRow:
    facts = [
        f"terms {party['terms']}" if party["terms"] else "",
        *party["emails"][:1],
        "ON HOLD" if party["on_hold"] else "",
    ]
    return {
        "party_id": party["id"],
        "code": party["code"],
        "name": party["name"],
        "why": [fact for fact in facts if fact],
        "alias": False,
    }
