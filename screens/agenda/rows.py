"""The agenda, soonest first; the day stands at the first row of it."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from data.broker.protocol.working import AgendaDays, AgendaRow
from screens import actions, words
from screens.rows import Rows

_DAY, _KIND, _CODE, _AMOUNT = 16, 12, 9, 16


class AgendaRows(Rows):
    """One plan a row; the cursor stays on its row when others come."""

    BINDINGS: ClassVar = actions.bindings("agenda")

    def __init__(self) -> None:
        super().__init__()
        self.plans: list[AgendaRow] = []
        self._days: dict[str, str] = {}

    def show(self, agenda: AgendaDays) -> None:
        """Other plans."""
        under = self.plan()
        self.plans = agenda["rows"]
        self._days = {each["day"]: _short(each["words"]) for each in agenda["days"]}
        places = {(row["id"], row["kind"]): place for place, row in enumerate(self.plans)}
        self.set_reactive(Rows.cursor, places.get((under["id"], under["kind"]), self.cursor) if under else 0)
        self.update_rows()
        self.post_message(self.Moved(self, self.cursor))

    def plan(self) -> AgendaRow | None:
        """What is under the cursor."""
        return self.plans[self.cursor] if 0 <= self.cursor < len(self.plans) else None

    def row_count(self) -> int:
        """Plans held."""
        return len(self.plans)

    def paint(self, index: int, width: int) -> list[Segment]:
        """Day, what it is, customer, amount, why."""
        plan = self.plans[index]
        first = index == 0 or self.plans[index - 1]["on"] != plan["on"]
        said = self._day(plan) if first else ""
        amount = words.money(plan["amount"], plan["currency"]) if plan["amount"] else "gone"
        kind = "comes back" if plan["kind"] == "snooze" else "follow up"
        rest = max(0, width - _DAY - _KIND - _CODE - _AMOUNT - 2)
        who = " · ".join(part for part in (plan["party"], plan["subject"], plan["why"]) if part)
        return [
            Segment(words.fit(said, _DAY), self.tone("bad") if plan["late_days"] else self.tone("strong")),
            Segment(words.fit(kind, _KIND), self.rich_style),
            Segment(words.fit(plan["party_code"], _CODE), self.tone("dim")),
            Segment(words.fit_right(amount, _AMOUNT), self.rich_style),
            Segment("  " + words.fit(who, rest), self.rich_style),
        ]

    def _day(self, plan: AgendaRow) -> str:
        if plan["late_days"]:
            return f"{words.day(plan['on'])[:6]} {plan['late_days']}d LATE"
        return self._days.get(plan["on"], plan["on"])

    def empty(self) -> list[str]:
        """Nothing is planned."""
        return [
            "Nothing is due in the next weeks.",
            self.keyed(
                "{agenda.back} goes back: there {work.snooze} lets a row sleep until a day,"
                " {work.follow_up} plans to follow it up."
            ),
        ]

    def _screen_does(self, name: str) -> None:
        getattr(self.screen, name)()

    def do_open(self) -> None:
        """All about it."""
        self._screen_does("open")

    def do_done(self) -> None:
        """It was done, or is wanted now."""
        self._screen_does("done")

    def do_back(self) -> None:
        """Back to where one came from."""
        self.app.pop_screen()


def _short(said: str) -> str:
    """``Fri 27 Nov 2026, in 7 days`` is ``Fri 27 Nov``, ``…, tomorrow`` is ``tomorrow``."""
    day, _, near = said.partition(", ")
    word = near.partition(" ")[0]
    return word if word in {"today", "tomorrow"} else day.rpartition(" ")[0]
