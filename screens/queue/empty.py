"""What the list says when it has no rows: each case teaches what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.broker.wire import VIEWS
from screens import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens.desk import Desk
    from screens.queue.windows import Windows

_WAYS = 4
"""So many ways to widen a filter are named."""
_VIEWS = {
    "all": [
        "Nothing needs a person now.",
        "New payments, disputes and overdue accounts appear here by themselves.",
        "{work.agenda} shows what you planned, {app.outbox} what became of your orders.",
    ],
    "payment": [
        "No payment waits to be applied.",
        "The next one appears here when the ledger has it.",
        "{all} shows all work.",
    ],
    "dispute": [
        "No dispute is open.",
        "{account.dispute} on an invoice of an account opens one; it stands here until it is answered.",
        "{all} shows all work.",
    ],
    "overdue": [
        "No account is overdue.",
        "One appears here the day after an invoice was due.",
        "{all} shows all work.",
    ],
    "escalation": [
        "Nothing is escalated to you, and no order waits for your approval.",
        "{work.escalate} on a row hands it to a supervisor or somebody else.",
        "{all} shows all work.",
    ],
    "failure": [
        "Nothing failed.",
        "Orders that the ledger refused, or whose outcome is unknown, appear here.",
        "{app.outbox} shows all orders.",
    ],
    "mine": [
        "Nothing is assigned to you.",
        "{work.claim} claims the best free row, {work.assign} on a row takes its customer.",
        "{all} shows all work.",
    ],
    "returned": [
        "No payment bounced.",
        "One that the bank takes back appears here as soon as the ledger has it.",
        "{all} shows all work.",
    ],
    "promise": [
        "No overdue account has promised to pay, and none broke its promise.",
        "{work.promise} on a row records a promise; it stands here until it is kept.",
        "{all} shows all work.",
    ],
    "snoozed": [
        "Nothing sleeps.",
        "{work.snooze} on a row lets it sleep until a day; then it comes back by itself.",
        "{all} shows all work, {work.agenda} what is due.",
    ],
    "done": [
        "You have done nothing today yet.",
        "What you order or put off stands here until midnight.",
        "{all} shows all work.",
    ],
}


def empty_words(desk: Desk, windows: Windows, keyed: Callable[[str], str]) -> list[str]:
    """A message, then what may help, line by line; ``keyed`` puts in the keys of the actions that are named."""

    def with_keys(text: str) -> str:
        return keyed(text.replace("{all}", _digit_of_all(desk) or "{work.views}"))

    if desk.hello is None:
        said = [desk.error.message, desk.error.hint] if desk.error else []
        return ["Waiting for the broker.", *said, keyed("It is tried again all the time; {app.quit} leaves.")]
    if windows.generation == -1:
        return ["Reading the queue."]
    status = desk.status
    sync = status["sync"] if status is not None else None
    if sync is not None and sync["last_ok"] is None and sync["state"] in {"first", "pulling"}:
        rest = f", about {words.count(sync['remaining'])} to go" if sync["remaining"] else ""
        return [
            "The first sync is running.",
            f"{words.count(sync['done'])} records are here{rest}.",
            "Work appears here as soon as it is known. You may leave: the broker goes on.",
        ]
    if windows.filter:
        return [
            f'No row matches "{windows.filter}".',
            f"The view holds {words.plural(windows.of, 'row')}.",
            *_wider(windows),
            with_keys("{queue.back} clears the filter, {work.filter} changes it, {all} looks in all work."),
        ]
    if sync is not None and sync["last_ok"] is None:
        error = sync.get("error")
        said = [words.error(error)] if error else []
        return [
            "Nothing was ever read from the ledger.",
            *said,
            keyed("{app.sync} tries now. arqueue doctor says more."),
        ]
    return [with_keys(line) for line in _VIEWS.get(windows.view, _VIEWS["all"])]


def _wider(windows: Windows) -> list[str]:
    """What holds all rows back: only what really does."""
    if windows.wider is None or not windows.of:
        return []
    said = []
    for way in windows.wider[:_WAYS]:
        rows = f"{words.count(way['rows'])}+ rows" if way["more"] else words.plural(way["rows"], "row")
        said.append(f"Without {' and '.join(way['without'])}: {rows}.")
    if windows.wider and len(windows.wider[0]["without"]) > 1:
        return ["All of it has to hold, and no single term keeps them out.", *said]
    from arqueue.work.filter import parse  # only where there are no rows

    terms = len(parse(windows.filter).terms)
    if not said and terms > 1:
        some = "one" if terms == 2 else "one or two"
        return [f"Without {some} of its terms there is no row either."]
    return said


def _digit_of_all(desk: Desk) -> str:
    """The digit of the view of all work; empty where a view of one's own has taken it."""
    return str(words.digits_of(VIEWS, desk.views).get("all", ""))
