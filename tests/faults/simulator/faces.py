"""People at their terminals: they order, take back, approve, decline, try again; a face whose broker died asks once more with the
same intent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from arqueue.control.states import CommandState
from arqueue.errors import ArqueueError, Refused
from data.store import outbox
from tests.faults.simulator.staff import STAFF
from tests.faults.simulator.tasks import Task

if TYPE_CHECKING:
    from tests.faults.simulator.world import World

_COMMON = [
    *["apply"] * 3,
    *["adjust"] * 2,
    *["apply two", "note", "unapply", "settle", "dispute", "resolve", "move", "identify"],
]
_WANTED = {
    "DAY": ["adjust"] * 4 + ["apply"],
    "COPIES": ["adjust"] * 6 + ["apply"] + ["identify"] * 3,
    "LONG": ["adjust"] * 4 + ["apply"],
    "BATCH": ["settle"] * 3 + ["move"] * 2 + ["apply", "adjust"],
    "MOVES": ["apply"] * 3 + ["move"] * 5 + ["unapply"] * 2 + ["identify"],
}
_SMALL = ["15.00", "20.00"]
_AMOUNTS = ["5.00", "15.00", "20.00", "25.00", "40.00", "70.00"]


@dataclass(slots=True)
class Form:
    """One intention of one person: it may become one order, however often it is sent."""

    person: str
    intent: str
    command: dict[str, Any]
    tasks: list[Task] = field(default_factory=list)
    settled: bool = False
    """Whether the person saw an answer."""

    @property
    def waits(self) -> bool:
        """Whether the person may ask once more."""
        return not self.settled and all(task.done for task in self.tasks)


class Faces:
    """Everybody's terminals."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._forms: dict[str, Form] = {}
        self._steps: list[Task] = []

    @property
    def forms(self) -> int:
        """How many were filled in."""
        return len(self._forms)

    @property
    def _is_small(self) -> bool:
        """Whether those with the lowest limits order what just fits."""
        return self._world.plan.theme.name == "COPIES"

    def is_intent(self, intent: str) -> bool:
        """Whether somebody meant it."""
        return intent.partition("#")[0] in self._forms

    def busy(self) -> bool:
        """Whether somebody waits for the broker."""
        return any(not task.done for form in self._forms.values() for task in form.tasks)

    def order(self) -> None:
        """Somebody fills a form in, or sends one again that nobody answered."""
        chance, is_full = self._world.chance, len(self._forms) >= self._world.plan.forms
        waiting = [form for form in self._forms.values() if form.waits]
        if waiting and (is_full or chance.random() < 0.5):
            self._send(chance.choice(waiting))
        if waiting or is_full:
            return
        command = self._command()
        if command is None:
            return
        person = chance.choice(STAFF[:2] if self._is_small else STAFF).id
        form = Form(person, f"form-{self._world.seed}-{len(self._forms)}", command)
        self._forms[form.intent] = form
        self._send(form)
        if chance.random() < 0.15:
            self._send(form)  # Enter was pressed twice

    def come_back(self) -> None:
        """The broker is there again: who saw no answer asks once more."""
        for form in self._forms.values():
            if not form.settled and self._world.chance.random() < 0.7:
                self._send(form)

    def know_nothing(self) -> None:
        """A backup took the store's place: whoever saw no answer asks once more, and some whose order is gone do so as well."""
        for form in self._forms.values():
            form.settled = form.settled and self._world.chance.random() < 0.7
        self.come_back()

    def step(self) -> None:
        """Somebody does something about an order that is there."""
        chance, world = self._world.chance, self._world
        rows, _ = outbox.listing(world.store.connection, (), 100, 0)
        if not rows:
            return
        row = chance.choice(rows)
        person = chance.choice(STAFF).id
        what = chance.choice(["undo", "retry", "approve", "approve", "decline", "dismiss"])
        if row.state is CommandState.PENDING:
            what = chance.choice(["approve", "approve", "approve", "decline", "undo"])
        params: dict[str, Any] = {"id": row.id}
        if what == "approve" and chance.random() < 0.3:
            params |= {"break_glass": True, "why": "month end"}
        if what == "decline":
            params["why"] = "no"
        world.say(f"{person}: {what} {row.id[-4:]} ({row.state.value})")
        task = world.begin(f"{what} by {person}", self._ask(person, what, params))
        if what == "approve":
            world.staff.yes(row.id, person, row.body, task, glass="why" in params)

    async def _ask(self, person: str, what: str, params: dict[str, Any]) -> None:
        world = self._world
        try:
            await world.broker.service.answer(world.broker.session(person), what, params)
        except ArqueueError as error:
            world.say(f"refused: {error.message}")

    def _send(self, form: Form) -> None:
        self._world.say(f"{form.person}: {form.command} as {form.intent}")
        form.tasks.append(self._world.begin(f"form of {form.person}", self._submit(form)))

    async def _submit(self, form: Form) -> None:
        world = self._world
        try:
            asked = {"intent": form.intent, "command": form.command}
            done = await world.broker.service.answer(world.broker.session(form.person), "submit", asked)
        except ArqueueError as error:
            world.say(f"refused: {error.message}")
            form.settled = not isinstance(error, Refused) or error.rule != "restored"
            return
        form.settled = True
        world.say(f"acknowledged: {[each[-4:] for each in done['ids']]} {done['state']} {done['words']}")
        world.watch.acknowledged(form, done["ids"])

    def _command(self) -> dict[str, Any] | None:
        """Something that somebody may want; not all of it is allowed."""
        chance, world = self._world.chance, self._world
        credit, debits = chance.choice(
            [("item:1", ["item:2", "item:3"])] * 3 + [("item:4", ["item:5"]), ("item:1", ["item:5"])]
        )
        debit, amount = chance.choice(debits), chance.choice(_SMALL if self._is_small else _AMOUNTS)
        if chance.random() < 0.2:
            credit = chance.choice(self._credits())
        match chance.choice(_WANTED.get(world.plan.theme.name, _COMMON)):
            case "apply":
                return {"op": "apply", "payment": credit, "lines": [{"item": debit, "amount": amount}]}
            case "apply two":
                lines = [{"item": each, "amount": amount} for each in debits]
                return {"op": "apply", "payment": credit, "lines": lines}
            case "adjust":
                item = chance.choice([debit, debit, credit])
                return {"op": "adjust", "item": item, "amount": amount, "reason": "SMALL"}
            case "note":
                return {"op": "annotate", "target": debit, "text": f"called about {amount}"}
            case "settle":
                return self._settle(credit, debit, amount)
            case "dispute":
                return {"op": "dispute", "item": debit, "reason": "price"}
            case "resolve":
                return {"op": "resolve", "item": debit, "outcome": "valid"}
            case "identify":
                return self._identify("item:4" if self._is_small else credit)
            case what:
                return self._take_back(what, debit, amount)

    def _identify(self, payment: str) -> dict[str, Any]:
        """To either customer; where all is to be as it fits, to the other."""
        party = self._world.chance.choice(["party:1", "party:2"])
        if self._is_small and [party] == self._ids(f"SELECT party_id FROM item WHERE id = '{payment}'"):
            party = "party:1" if party == "party:2" else "party:2"
        return {"op": "identify", "payment": payment, "party": party}

    def _settle(self, credit: str, debit: str, amount: str) -> dict[str, Any]:
        short = {
            "how": "writeoff",
            "reason": "SMALL",
            "amount": self._world.chance.choice(["1.00", "15.00", "25.00"]),
        }
        line = {"item": debit, "amount": amount, "short": short}
        return {"op": "settle", "payment": credit, "lines": [line]}

    def _take_back(self, what: str, debit: str, amount: str) -> dict[str, Any] | None:
        """An application is taken back, or moved to another debit as a whole or in part."""
        chance = self._world.chance
        found = self._ids("SELECT id FROM allocation WHERE void = 0 ORDER BY id")
        if not found:
            return None
        if what == "unapply":
            return {"op": "unapply", "allocation": chance.choice(found)}
        to = chance.choice(["item:2", "item:3", debit])
        asked = {"op": "move", "allocation": chance.choice(found), "to": to}
        return asked | ({"amount": amount} if chance.random() < 0.4 else {})

    def _credits(self) -> list[str]:
        return self._ids("SELECT id FROM item WHERE total < 0 ORDER BY id")

    def _ids(self, query: str) -> list[str]:
        return [row[0] for row in self._world.store.connection.execute(query)]
