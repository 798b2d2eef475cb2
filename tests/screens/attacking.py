"""Every text that a broker says made an attack, where it leaves the broker: by the types of the protocol, so that no field of it
is forgotten. What is not text is listed here with the reason; whatever is not listed attacks."""

from __future__ import annotations

import inspect
import pkgutil
import types
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from data.broker import protocol
from data.broker.protocol import cash, reviews, rows, working

ID = "an id of the broker's own making"
AMOUNT = "a decimal string that the broker wrote"
CURRENCY = "an ISO code"
DATE = "a business date or an instant that the broker wrote"
WORD = "a word of the protocol"

NOT_TEXT: dict[str, dict[str, str]] = {
    ID: {
        "AgendaRow": "id party_id",
        "AliasRow": "id party_id",
        "AllocationRow": "id credit_item debit_item",
        "Attended": "key",
        "CommandRow": "id batch target party_id",
        "Difference": "item",
        "DiscountRow": "item",
        "Done": "id",
        "DraftRow": "target",
        "ItemRow": "id party_id version",
        "NoteRow": "id target",
        "PartyRow": "id parent",
        "PayerRow": "party_id",
        "PersonRow": "id",
        "PromiseRow": "id party_id",
        "QueueRow": "id party_id item_id command_id",
        "Reversal": "item allocations",
        "ReviewLine": "item",
        "Submitted": "id ids",
        "SuggestedLine": "item party_id",
    },
    AMOUNT: {
        "Ageing": "credits balance",
        "AgendaRow": "amount",
        "AllocationRow": "amount",
        "Bucket": "amount",
        "CommandRow": "amount",
        "Difference": "amount",
        "DiscountRow": "amount",
        "ItemRow": "total residual open",
        "PartyRow": "credit_limit",
        "PromiseRow": "amount",
        "QueueRow": "amount",
        "ReviewLine": "before change after",
        "SuggestedLine": "amount discount short open",
        "SuggestionRow": "applied left",
        "Suggestions": "tolerance charges",
    },
    CURRENCY: {
        "Ageing": "currency",
        "AgendaRow": "currency",
        "AllocationRow": "currency",
        "CommandRow": "currency",
        "Hello": "currency",
        "ItemRow": "currency",
        "PartyRow": "currency",
        "PromiseRow": "currency",
        "QueueRow": "currency",
        "ReviewLine": "currency",
        "SuggestionRow": "currency",
    },
    DATE: {
        "AgendaDays": "today last",
        "AgendaRow": "on",
        "AliasRow": "learned_at last_used",
        "AllocationRow": "on",
        "ApprovalRow": "at",
        "AttemptRow": "at",
        "CommandRow": "created_at updated_at",
        "Day": "day",
        "DiscountRow": "until",
        "Done": "day",
        "DraftRow": "at",
        "Hello": "business_date",
        "ItemRow": "doc_date due_date",
        "NoteRow": "at",
        "PromiseRow": "on at",
        "QueueRow": "snoozed_until pinned_until",
        "Status": "business_date",
        "SuggestedLine": "due_date",
        "SyncStatus": "last_ok",
    },
    WORD: {
        "AgendaRow": "kind",
        "CommandRow": "op state",
        "Done": "state",
        "DraftRow": "op",
        "ErrorRow": "code",
        "Hello": "peer_kind operations",
        "ItemRow": "kind state",
        "PersonRow": "roles",
        "PromiseRow": "state",
        "QueueRow": "kind state",
        "SavedViewRow": "view sort columns",
        "Submitted": "state",
        "SuggestedLine": "kind",
        "SyncStatus": "state",
    },
}
"""By the reason: the type and its fields."""
PLAIN = {
    (kind, field) for told in NOT_TEXT.values() for kind, fields in told.items() for field in fields.split()
}
TRUE_IF_ANY = {
    ("ItemRow", "dispute"),
    ("ItemRow", "returned"),
    ("QueueRow", "assignee"),
    ("Review", "reason"),
    ("SavedViewRow", "filter"),
}
"""Text that says by being there that something is so: empty it stays."""
FREE = frozenset({"note", "text", "reason", "outcome", "why", "to"})
"""Where a value may be anything (what was typed, and what was asked): the texts in it."""

NEVER_ANSWERED: dict[str, str] = {
    "AbsenceRow": "asked for by commands",
    "AutoDay": "asked for by commands",
    "AutoRow": "asked for by commands",
    "Move": "said by the face",
    "OverdueRow": "asked for by commands",
    "Promises": "asked for by commands",
    "Settle": "said by the face",
    "SettleCredit": "said by the face",
    "SettleLine": "said by the face",
    "SettleShort": "said by the face",
    "SyncDone": "asked for by commands",
}
"""Types that the broker never says to a face."""
_DONE = dict.fromkeys(("snooze", "follow_up", "promise", "assign", "pin"), working.Done)
_COMMAND = dict.fromkeys(("undo", "approve", "decline", "retry", "dismiss"), rows.CommandRow)
_VIEWS = dict.fromkeys(("views", "save_view", "change_view", "remove_view"), list[rows.SavedViewRow])
_NOTHING = dict.fromkeys(("sync", "locate", "keep_draft", "drop_draft"), None)
ANSWERS: dict[str, Any] = {
    **_DONE,
    **_COMMAND,
    **_VIEWS,
    **_NOTHING,
    "agenda": working.AgendaDays,
    "aliases": list[cash.AliasRow],
    "attend": working.Attended,
    "command": {"command": rows.CommandRow, "attempts": list[rows.AttemptRow]},
    "customers": list[str],
    "day": working.Day,
    "draft": working.DraftRow | None,
    "error": rows.ErrorRow,
    "find": rows.Found,
    "forget_alias": cash.AliasRow,
    "hello": rows.Hello,
    "next": working.Claimed,
    "outbox": rows.Outbox,
    "pick": list[rows.QueueRow],
    "reversal": reviews.Reversal | None,
    "review": reviews.Review,
    "show": rows.Shown,
    "status": rows.Status,
    "submit": reviews.Submitted,
    "suggest": cash.Suggestions,
    "tags": list[str],
    "view_counts": list[rows.ViewCount],
    "weigh": reviews.Weighed,
    "widen": list[rows.Wider],
    "window": rows.Window,
}
"""What the broker answers, by method; and where it does not."""
PUSHES: dict[str, Any] = {
    "changed": None,
    "command": {"command": rows.CommandRow},
    "presence": working.Attended,
    "status": {"status": rows.Status},
}
"""What it says unasked."""


def types_of_the_protocol() -> dict[str, Any]:
    """Every type of a row that there is, by name."""
    modules = [
        import_module(each.name) for each in pkgutil.iter_modules(protocol.__path__, "data.broker.protocol.")
    ]
    return {
        name: kind
        for module in modules
        for name, kind in inspect.getmembers(module, is_typeddict)
        if kind.__module__ == module.__name__
    }


def fields_of_the_protocol() -> dict[tuple[str, str], Any]:
    """Every field of them with its type."""
    return {
        (name, field): inner
        for name, kind in types_of_the_protocol().items()
        for field, inner in get_type_hints(kind).items()
    }


def said(kind: Any) -> Iterator[Any]:
    """All types of rows that are in one."""
    if isinstance(kind, dict):
        for each in kind.values():
            yield from said(each)
    elif is_typeddict(kind):
        yield kind
        for each in get_type_hints(kind).values():
            yield from said(each)
    else:
        for each in get_args(kind):
            yield from said(each)


def holds_text(kind: Any) -> bool:
    """Whether a field of this type has any string of its own that is not one of a few known words."""
    if kind is str:
        return True
    if get_origin(kind) is Literal or is_typeddict(kind):
        return False
    return any(map(holds_text, get_args(kind)))


class Attack:
    """Answers of which every text is one of ``texts``: another one in each field and row, and after each ``turn`` the next."""

    def __init__(self, texts: Sequence[str], *, turned: int = 0) -> None:
        self._texts = texts
        self._turned = turned
        self._place = {field: place for place, field in enumerate(fields_of_the_protocol(), start=1)}

    def turn(self) -> None:
        """From now on every text is the next one."""
        self._turned += 1

    def on(self, kind: Any, value: Any) -> Any:
        """What is said of this type, attacking."""
        return self._made(kind, value, 0, 0)

    def _text(self, field: int, row: int) -> str:
        return self._texts[(field + row + self._turned) % len(self._texts)]

    def _made(self, kind: Any, value: Any, field: int, row: int) -> Any:
        if kind is str:
            return self._text(field, row)
        if isinstance(kind, dict):
            return value | {name: self._made(each, value[name], field, row) for name, each in kind.items()}
        if is_typeddict(kind):
            return self._fields(kind, value, row)
        origin, within = get_origin(kind), get_args(kind)
        if origin in (Union, types.UnionType):
            (inner,) = (each for each in within if each is not type(None))
            return value if value is None and inner is not str else self._made(inner, value, field, row)
        if origin is list:
            # a list of texts that is empty would let its place go untried
            many = value or ([""] if within[0] is str else [])
            return [self._made(within[0], each, field, row + number) for number, each in enumerate(many)]
        if origin is dict and within[1] is Any:
            return self._free(value, field, row)
        if origin is dict:
            return {name: self._made(within[1], each, field, row) for name, each in value.items()}
        return value

    def _fields(self, kind: Any, told: dict[str, Any], row: int) -> dict[str, Any]:
        made = dict(told)
        for field, inner in get_type_hints(kind).items():
            name = (kind.__name__, field)
            if name in PLAIN or (name in TRUE_IF_ANY and not told.get(field)):
                continue
            if field in told or holds_text(inner):
                made[field] = self._made(inner, told.get(field), self._place[name], row)
        return made

    def _free(self, value: Any, field: int, row: int) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name: self._text(field, row)
            if name in FREE and isinstance(each, str)
            else self._free(each, field, row)
            for name, each in value.items()
        }
