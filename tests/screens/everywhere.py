"""Every screen of the app by name: the keys that lead there from the queue, and what the company has to have for it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import screens
from screens.account.applied import AppliedForm
from screens.account.details import DetailsPage
from screens.account.dispute import DisputeForm, ResolveForm
from screens.actions import key_name
from screens.adjust.form import AdjustForm
from screens.adjust.many import AdjustManyForm
from screens.agenda.screen import AgendaScreen
from screens.annotate.form import AnnotateForm
from screens.apply.form import ApplyForm
from screens.apply.text import TextPage
from screens.approval.form import DeclineForm, GlassForm
from screens.approval.screen import ApprovalScreen
from screens.bulk.screen import BulkReview
from screens.escalate.form import EscalateForm
from screens.help.screen import HelpPage
from screens.known.screen import KnownScreen
from screens.move.form import MoveForm
from screens.outbox.attempts import AttemptsPage
from screens.outbox.screen import OutboxScreen
from screens.palette.screen import PaletteScreen
from screens.payer.form import PayerForm
from screens.place import Place
from screens.queue.arithmetic import ArithmeticPage
from screens.queue.screen import QueueScreen
from screens.review.screen import ReviewScreen
from screens.settings.screen import SettingsScreen
from screens.sync.screen import SyncScreen
from screens.tour.screen import TourScreen
from screens.views.form import KeepViewForm, RenameViewForm
from screens.views.screen import ViewsScreen
from screens.working.assign import AssignForm
from screens.working.day import FollowUpForm, SnoozeForm
from screens.working.pin import PinForm
from screens.working.promise import PromiseForm
from tests.screens.company import waiting_order
from tests.screens.scripted_broker import PEOPLE, ScriptedBroker
from tests.screens.scripted_cash import alias
from tests.screens.test_approval import ABOVE
from tests.screens.test_outbox import order
from tests.screens.test_working import PLANS


def _as_it_is(broker: ScriptedBroker) -> None:
    """Nothing more."""


def _waits(broker: ScriptedBroker) -> None:
    """A supervisor looks at Lee's order, first in the queue."""
    broker.person = PEOPLE[0] | {"roles": ["supervisor"]}
    waiting_order(broker.company)


def _above_everybody(broker: ScriptedBroker) -> None:
    """The same, beyond this supervisor's limit."""
    _waits(broker)
    broker.verdict = ABOVE


def _planned(broker: ScriptedBroker) -> None:
    """Something is late, something sleeps."""
    broker.plans = list(PLANS)


def _ordered(broker: ScriptedBroker) -> None:
    """Orders that ended well and badly."""
    states = ("queued", "posted", "rejected", "unknown")
    broker.company.commands = [order(number, state) for number, state in enumerate(states, start=1)]
    broker.company.attempts[broker.company.commands[1]["id"]] = [
        {"n": 1, "at": "2026-11-20T08:58:02+00:00", "outcome": "unknown", "words": "the connection broke"},
        {"n": 2, "at": "2026-11-20T08:58:32+00:00", "outcome": "posted", "words": "move 4711"},
    ]


def _unknown(broker: ScriptedBroker) -> None:
    """Nobody knows who sent the first payment; one customer is likely."""
    party = broker.company.parties["party:1"]
    why = ["1,250.00 is the open amount of INV-2001", "the name is like theirs"]
    found = {"party_id": party["id"], "code": party["code"], "name": party["name"], "why": why, "alias": True}
    broker.payers = [found]


def known(broker: ScriptedBroker) -> None:
    """The first customer pays under two names, another under one."""
    mine, other = (broker.company.parties[f"party:{number}"] for number in (0, 4))
    later = {"uses": 3, "last_used": "2026-11-12T08:00:00+00:00", "learned_by": "sam"}
    broker.aliases = [
        alias(1, mine, "ACME IND GMBH"),
        alias(2, other, "GRANITE HOLDING"),
        alias(3, mine, "account …4711", kind="account", **later),
    ]


def _applied(broker: ScriptedBroker) -> None:
    """Of the first payment an amount was applied."""
    broker.applied.append(
        {
            "id": "allocation:0",
            "credit_item": "item:PAY-2000",
            "credit_number": "PAY-2000",
            "debit_item": "item:INV-2031",
            "debit_number": "INV-2031",
            "amount": "600.00",
            "currency": "EUR",
            "on": "2026-11-12",
        }
    )


def _owned(broker: ScriptedBroker) -> None:
    """A view of one's own that says whose everything is."""
    broker.company.work[0]["assignee"] = "sam"
    view = {"name": "Whose", "view": "all", "filter": "", "sort": "rank", "digit": 9}
    broker.saved_views["Whose"] = view | {"columns": ["kind", "customer", "owner", "about"]}


def _above_oneself(broker: ScriptedBroker) -> None:
    """What is ordered needs an approval, each part of it."""
    part = {"words": "apply 1,250.00 EUR", "verdict": "needs_approval", "reason": "limit 500.00", "hint": ""}
    broker.verdict = {
        "verdict": "needs_approval",
        "words": "goes to a supervisor",
        "reason": "1,250.00 EUR is above your limit of 500.00 EUR",
        "rule": "limit apply EUR 500.00",
        "hint": "a supervisor can approve it",
        "parts": [part, part],
    }


def _restored(broker: ScriptedBroker) -> None:
    """The accounting system answers again, and the broker compares."""
    error = {"code": "unfenced", "message": "the store was restored", "hint": "wait until all is compared"}
    broker.sync["error"] = error


def _kept(broker: ScriptedBroker) -> None:
    """A view of one's own."""
    broker.saved_views["Late ones"] = {
        "name": "Late ones",
        "view": "all",
        "filter": "age>60",
        "sort": "rank",
        "columns": "",
        "digit": 0,
    }


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen, and words of its own that come from nobody else. ``furnish`` is done to the broker before anybody looks."""

    kind: type[Place[None]]
    says: str
    keys: tuple[str, ...] = ()
    furnish: Callable[[ScriptedBroker], None] = _as_it_is


SCREENS: dict[str, Screen] = {
    "queue": Screen(QueueScreen, "1 All 300"),
    "filter line": Screen(QueueScreen, "/ kind:dispute am", ("slash", *"kind:dispute am")),
    "no hits": Screen(QueueScreen, 'No row matches "zebra"', ("slash", *"zebra", "enter")),
    "a term too many": Screen(QueueScreen, "Without ", ("slash", *"zebra acme", "enter")),
    "whose": Screen(QueueScreen, " *9 ", ("9",), _owned),
    "account": Screen(QueueScreen, "The whole account: 5", ("enter",)),
    "details": Screen(DetailsPage, "Dated", ("enter", "enter")),
    "why": Screen(ArithmeticPage, "the score", ("w",)),
    "apply": Screen(ApplyForm, "1-9 Take", ("a",)),
    "apply items": Screen(ApplyForm, "Space On/off", ("a", "1", "tab")),
    "apply amount": Screen(ApplyForm, "Amount of", ("a", "tab", "1")),
    "apply rest": Screen(ApplyForm, "z Reason", ("a", "1", "r")),
    "apply text": Screen(TextPage, "Suggestion 1", ("a", "t")),
    "who sent it": Screen(PayerForm, "First it is moved", ("a", "1"), _unknown),
    "applied": Screen(AppliedForm, "Applied to", ("enter", "r"), _applied),
    "move": Screen(MoveForm, "EUR of 600.00 applied", ("enter", "r", "M"), _applied),
    "dispute": Screen(DisputeForm, "Enter Next", ("enter", "j", "d")),
    "answer a dispute": Screen(ResolveForm, "The customer's reason is", ("j", "enter", "d")),
    "adjust": Screen(AdjustForm, "EUR in total", ("j", "m")),
    "adjust many": Screen(AdjustManyForm, "All that is open of each", ("space", "space", "m")),
    "note": Screen(AnnotateForm, "Ctrl+J starts", ("n",)),
    "escalate": Screen(EscalateForm, "any supervisor", ("e",)),
    "snooze": Screen(SnoozeForm, "It leaves the lists", ("s",)),
    "snooze until": Screen(SnoozeForm, "It leaves the lists", ("s", *"fri")),
    "follow up": Screen(FollowUpForm, "stands on your agenda", ("f",)),
    "promise": Screen(PromiseForm, "until that day is over", ("c",)),
    "assign": Screen(AssignForm, "with all its rows, goes to", ("t",)),
    "pin": Screen(PinForm, "the audit keeps", ("P",)),
    "review": Screen(ReviewScreen, "y posts it", ("a", "1", "enter")),
    "review above": Screen(ReviewScreen, "y asks for approval", ("a", "1", "enter"), _above_oneself),
    "review of many": Screen(BulkReview, "y does 2 rows", ("space", "space", "m", "enter", "enter")),
    "approval": Screen(ApprovalScreen, "y approves it", ("A",), _waits),
    "decline": Screen(DeclineForm, "Decline:", ("X",), _waits),
    "glass": Screen(GlassForm, "Break the glass:", ("A", "B"), _above_everybody),
    "outbox": Screen(OutboxScreen, "unsettled", ("O",), _ordered),
    "attempts": Screen(AttemptsPage, "0000000002", ("O", "j", "enter"), _ordered),
    "agenda": Screen(AgendaScreen, "Agenda  ", ("D",), _planned),
    "known payers": Screen(KnownScreen, "somebody says anew", ("L",), known),
    "everybody known": Screen(KnownScreen, "all customers: 3", ("L", "tab"), known),
    "views": Screen(ViewsScreen, "everybody's", ("B",), _kept),
    "keep view": Screen(KeepViewForm, "Keep this view", ("b",)),
    "rename view": Screen(RenameViewForm, "Rename the view", ("B", "G", "n"), _kept),
    "help": Screen(HelpPage, "Keys: Queue", ("question_mark",)),
    "palette": Screen(PaletteScreen, "Action :", ("colon",)),
    "settings": Screen(SettingsScreen, "t tries", ("comma",)),
    "sync": Screen(SyncScreen, "R syncs now", ("S",)),
    "no orders yet": Screen(QueueScreen, "NO ORDERS YET", (), _restored),
    "sync in trouble": Screen(SyncScreen, "remedy", ("S",), _restored),
    "tour": Screen(TourScreen, "Welcome", ("f2",)),
}


def alike() -> list[list[str]]:
    """The names of screens that need the same company."""
    needs = dict.fromkeys(screen.furnish for screen in SCREENS.values())
    return [[name for name, screen in SCREENS.items() if screen.furnish is need] for need in needs]


_SENT = {"enter": "\r", "tab": "\t", "space": " ", "f2": "\x1bOQ"}


def typed(name: str) -> str:
    """The keys to a screen as a terminal sends them."""
    return "".join(_SENT.get(key) or key_name(key) for key in SCREENS[name].keys)


def shown_by_the_program() -> set[type[Place[None]]]:
    """Every place that the program has: those that no other is made of."""
    for module in pkgutil.walk_packages(screens.__path__, "screens."):
        if not module.name.startswith("screens.web"):
            importlib.import_module(module.name)
    return set(_last(Place)) - {Place}


def _last(kind: type[Place[None]]) -> Iterator[type[Place[None]]]:
    below = [each for each in kind.__subclasses__() if each.__module__.startswith("screens.")]
    if not below:
        yield kind
    for each in below:
        yield from _last(each)


def tell_all(broker: ScriptedBroker) -> None:
    """Whatever else may be told, is: who approved, what was promised, what the bank sent back."""
    company = broker.company
    company.items["item:PAY-2000"]["returned"] = "account closed"
    company.items["item:INV-2001"]["dispute"] = "short delivery"
    for given in company.commands:
        given["approvals"] = [
            {"person": "sam", "at": given["created_at"], "glass": True, "why": "court order"}
        ]
    broker.promises = [
        {
            "id": "promise:0",
            "party_id": "party:0",
            "party": "Acme Industries GmbH",
            "party_code": "C-1000",
            "amount": "250.00",
            "currency": "EUR",
            "on": "2026-11-18",
            "state": "broken",
            "level": 1,
            "why": "by phone",
            "person": "sam",
            "at": "2026-11-10T10:00:00+00:00",
        }
    ]
