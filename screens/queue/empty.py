"""What the list says when it has no rows: each case teaches what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arqueue.work.filter import parse
from screens import words

if TYPE_CHECKING:
    from screens.desk import Desk
    from screens.queue.windows import Windows

_VIEWS = {
    "all": [
        "Nothing needs a person now.",
        "New payments, disputes and overdue accounts appear here by themselves.",
        "D shows what you planned, O what became of your orders.",
    ],
    "payment": [
        "No payment waits to be applied.",
        "The next one appears here when the ledger has it.",
        "1 shows all work.",
    ],
    "dispute": [
        "No dispute is open.",
        "d on an invoice of an account opens one; it stands here until it is answered.",
        "1 shows all work.",
    ],
    "overdue": [
        "No account is overdue.",
        "One appears here the day after an invoice was due.",
        "1 shows all work.",
    ],
    "escalation": [
        "Nothing is escalated to you, and no order waits for your approval.",
        "e on a row hands it to a supervisor or somebody else.",
        "1 shows all work.",
    ],
    "failure": [
        "Nothing failed.",
        "Orders that the ledger refused, or whose outcome is unknown, appear here.",
        "O shows all orders.",
    ],
    "mine": [
        "Nothing is assigned to you.",
        "N claims the best free row, t on a row takes its customer.",
        "1 shows all work.",
    ],
    "returned": [
        "No payment bounced.",
        "One that the bank takes back appears here as soon as the ledger has it.",
        "1 shows all work.",
    ],
    "promise": [
        "No promise is due or broken.",
        "One appears here on its day, unless the money came before.",
        "1 shows all work.",
    ],
    "snoozed": [
        "Nothing sleeps.",
        "s on a row lets it sleep until a day; then it comes back by itself.",
        "1 shows all work, D what is due.",
    ],
    "done": [
        "You have done nothing today yet.",
        "What you order or put off stands here until midnight.",
        "1 shows all work.",
    ],
}


def empty_words(desk: Desk, windows: Windows) -> list[str]:
    """A message, then what may help, line by line."""
    if desk.hello is None:
        said = [desk.error.message, desk.error.hint] if desk.error else []
        return ["Waiting for the broker.", *said, "It is tried again all the time; Ctrl+Q leaves."]
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
        terms = parse(windows.filter).terms
        wider = [f"All of it has to hold. Wider: / and without {terms[-1]}"] if len(terms) > 1 else []
        return [
            f'No row matches "{windows.filter}".',
            f"The view holds {words.plural(windows.of, 'row')}.",
            *wider,
            "Esc clears the filter, / changes it, 1 looks in all work.",
        ]
    if sync is not None and sync["last_ok"] is None:
        error = sync.get("error")
        said = [words.error(error)] if error else []
        return ["Nothing was ever read from the ledger.", *said, "R tries now. arqueue doctor says more."]
    return _VIEWS.get(windows.view, _VIEWS["all"])
