"""What a person can order: immutable, and stored as the very bytes that will be sent.

A command is decided once (``decide``), stored once (``canonical``), and never rebuilt: a retry sends the same bytes
under the same key, the command id, which is also the reference by which the accounting system knows it.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final, get_args

from arqueue.errors import Invalid
from arqueue.model.money import Money


@dataclass(frozen=True, slots=True)
class Line:
    """So much of one debit item; the amount is positive."""

    item: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ApplyPayment:
    """Apply an open credit (payment, credit note, on-account cash) to open debits."""

    op: ClassVar[str] = "apply"
    payment: str
    lines: tuple[Line, ...]
    on: date


@dataclass(frozen=True, slots=True)
class Unapply:
    """Take one allocation back: both items are open again by its amount."""

    op: ClassVar[str] = "unapply"
    allocation: str
    credit_item: str
    debit_item: str
    amount: Money
    on: date


@dataclass(frozen=True, slots=True)
class Adjust:
    """Write a difference off an item, to the GL account that the reason code's method names."""

    op: ClassVar[str] = "adjust"
    item: str
    amount: Money
    """Positive, in the item's currency, whichever side the item is on."""
    reason: str
    method: str
    on: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Annotate:
    """Put a remark on a record."""

    op: ClassVar[str] = "annotate"
    target: str
    text: str


@dataclass(frozen=True, slots=True)
class Escalate:
    """Hand something to a person or a role who can decide it; the ledger gets a note."""

    op: ClassVar[str] = "escalate"
    target: str
    to: str
    why: str
    work: str = ""


@dataclass(frozen=True, slots=True)
class Dispute:
    """Mark a debit as disputed for a reason: it is not chased while it is. The ledger is told as far as it can hold it."""

    op: ClassVar[str] = "dispute"
    item: str
    amount: Money
    """What of it is disputed; positive."""
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Resolve:
    """End the dispute on a debit. ``outcome`` is ``valid`` or ``invalid``: whether the customer was right."""

    op: ClassVar[str] = "resolve"
    item: str
    outcome: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Identify:
    """Move an unapplied payment to the account of the customer who really sent it."""

    op: ClassVar[str] = "identify"
    payment: str
    party: str
    on: date


Command = ApplyPayment | Unapply | Adjust | Annotate | Escalate | Dispute | Resolve | Identify


@dataclass(frozen=True, slots=True)
class Expected:
    """What the decision saw of an item: it must still be so when the order is carried out. The version is empty where
    earlier commands of ours were still under way: then the residual alone must be as expected."""

    version: str
    residual: Money


@dataclass(frozen=True, slots=True)
class Order:
    """A decided command as it is stored and sent. ``id`` is 32 hex digits: idempotency key and client reference."""

    id: str
    command: Command
    expect: Mapping[str, Expected]
    actor: str
    body: bytes
    head: str = ""
    """The first hex digits of the hash of the audit's last row when this was decided: a signed head covers that row within the
    minute, the ledger at once. Empty for orders of before."""

    @property
    def reference(self) -> str:
        """The words by which a person finds the posting in the accounting system; the memo ends in them."""
        return f"arqueue {self.id}"

    @property
    def memo(self) -> str:
        """What stands in the posting: whoever rewrites the audit would have to rewrite the ledger too."""
        return f"audit {self.head} {self.reference}" if self.head else self.reference

    @property
    def body_sha(self) -> str:
        """What an approval binds to."""
        return hashlib.sha256(self.body).hexdigest()


_INTENT_DIGITS: Final = 24
"""So many at the end of an id tell the intent, those before them the command of it."""


def id_of(store_id: str, person: str, intent: str, number: int) -> str:
    """The id of the so-manieth command of a person's intent: the same in every copy of a store, so that what a backup does not
    know, and somebody orders again, bears the reference under which the accounting system may have it."""
    order = json.dumps([store_id, person, intent])
    own = hashlib.sha256(json.dumps([store_id, person, intent, number]).encode()).hexdigest()
    return own[: 32 - _INTENT_DIGITS] + hashlib.sha256(order.encode()).hexdigest()[:_INTENT_DIGITS]


def intent_in(command_id: str) -> str:
    """What all commands of one intent have in common."""
    return command_id[-_INTENT_DIGITS:]


def new_id() -> str:
    """A fresh command id: 32 hex digits fit every accounting system's reference field."""
    return uuid.uuid4().hex


def items_of(command: Command) -> tuple[str, ...]:
    """The items whose residual a command moves; empty for remarks."""
    match command:
        case ApplyPayment():
            return (command.payment, *(line.item for line in command.lines))
        case Unapply():
            return (command.credit_item, command.debit_item)
        case Adjust():
            return (command.item,)
        case Identify():
            return (command.payment,)
        case _:
            return ()


def subjects_of(command: Command) -> tuple[str, ...]:
    """Every record that a command is about, whether it moves a residual or only says something."""
    match command:
        case Annotate() | Escalate():
            return (command.target,)
        case Dispute() | Resolve():
            return (command.item,)
        case _:
            return items_of(command)


def effects(command: Command) -> dict[str, Money]:
    """The positive amount by which each item's open amount shrinks while the command is not final. Raises CurrencyMismatch
    for lines in several currencies, which no decision accepts."""
    match command:
        case ApplyPayment():
            if not command.lines:
                return {}
            taken: dict[str, Money] = {}
            for line in command.lines:
                taken[line.item] = taken[line.item] + line.amount if line.item in taken else line.amount
            whole = Money.total((line.amount for line in command.lines), command.lines[0].amount.currency)
            return {**taken, command.payment: whole}
        case Adjust():
            return {command.item: command.amount}
        case _:
            return {}


def _money(amount: Money) -> dict[str, str]:
    return {"amount": str(amount), "currency": amount.currency}


def to_wire(command: Command) -> dict[str, Any]:
    """A command as plain JSON values: what a face sends and what the store keeps."""
    match command:
        case ApplyPayment():
            lines = [{"item": line.item, **_money(line.amount)} for line in command.lines]
            return {"op": "apply", "payment": command.payment, "lines": lines, "on": command.on.isoformat()}
        case Unapply():
            return {
                "op": "unapply",
                "allocation": command.allocation,
                "credit_item": command.credit_item,
                "debit_item": command.debit_item,
                "on": command.on.isoformat(),
                **_money(command.amount),
            }
        case Adjust():
            return {
                "op": "adjust",
                "item": command.item,
                "reason": command.reason,
                "method": command.method,
                "on": command.on.isoformat(),
                "note": command.note,
                **_money(command.amount),
            }
        case Annotate():
            return {"op": "annotate", "target": command.target, "text": command.text}
        case Escalate():
            return {
                "op": "escalate",
                "target": command.target,
                "to": command.to,
                "why": command.why,
                "work": command.work,
            }
        case Dispute():
            return {
                "op": "dispute",
                "item": command.item,
                "reason": command.reason,
                "note": command.note,
                **_money(command.amount),
            }
        case Resolve():
            return {
                "op": "resolve",
                "item": command.item,
                "outcome": command.outcome,
                "note": command.note,
            }
        case Identify():
            return {
                "op": "identify",
                "payment": command.payment,
                "party": command.party,
                "on": command.on.isoformat(),
            }


def from_wire(raw: Mapping[str, Any]) -> Command:
    """The command in stored or checked JSON values. Raises Invalid, naming the field."""
    try:
        match raw["op"]:
            case "apply":
                lines = tuple(Line(row["item"], _parse(row)) for row in raw["lines"])
                return ApplyPayment(raw["payment"], lines, date.fromisoformat(raw["on"]))
            case "unapply":
                on = date.fromisoformat(raw["on"])
                return Unapply(raw["allocation"], raw["credit_item"], raw["debit_item"], _parse(raw), on)
            case "adjust":
                on = date.fromisoformat(raw["on"])
                return Adjust(raw["item"], _parse(raw), raw["reason"], raw["method"], on, raw.get("note", ""))
            case "annotate":
                return Annotate(raw["target"], raw["text"])
            case "escalate":
                return Escalate(raw["target"], raw["to"], raw["why"], raw.get("work", ""))
            case "dispute":
                return Dispute(raw["item"], _parse(raw), raw["reason"], raw.get("note", ""))
            case "resolve":
                return Resolve(raw["item"], raw["outcome"], raw.get("note", ""))
            case "identify":
                return Identify(raw["payment"], raw["party"], date.fromisoformat(raw["on"]))
            case other:
                known = ", ".join(each.op for each in get_args(Command))
                raise Invalid(f"op: no command is called {other!r}", f"use one of {known}")
    except KeyError as missing:
        raise Invalid(
            f"{missing.args[0]}: this field is missing", "give it and send the command again"
        ) from None
    except (TypeError, ValueError) as error:
        raise Invalid(f"{raw['op']}: a field is of the wrong kind: {error}", "see the protocol") from None


def _parse(raw: Mapping[str, Any]) -> Money:
    return Money.parse(raw["amount"], raw["currency"])


HEAD_DIGITS = 16
"""So much of a row's hash goes into the ledger; orders of before have 12."""
HEAD = "(?:[0-9a-f]{12}|[0-9a-f]{16})"
"""How such a part is recognized, in what ledgers show of an order."""
_HEAD = re.compile(rf"\baudit ({HEAD}) arqueue [0-9a-f]{{32}}$")


def head_in(memo: str) -> str:
    """The head in what stands in a posting; empty where there is none."""
    found = _HEAD.search(memo)
    return found[1] if found else ""


def seal(
    command_id: str, command: Command, expect: Mapping[str, Expected], actor: str, *, head: str = ""
) -> Order:
    """Write the canonical bytes once: sorted keys, no spaces, amounts as decimal strings."""
    body = {
        "id": command_id,
        "actor": actor,
        "command": to_wire(command),
        "expect": {
            item: {
                "version": seen.version,
                "residual": str(seen.residual),
                "currency": seen.residual.currency,
            }
            for item, seen in sorted(expect.items())
        },
        **({"head": head} if head else {}),
    }
    data = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return Order(command_id, command, dict(expect), actor, data, head)


def unseal(body: bytes) -> Order:
    """The order in its stored bytes, kept byte for byte."""
    raw = json.loads(body)
    expect = {
        item: Expected(seen["version"], Money.parse(seen["residual"], seen["currency"]))
        for item, seen in raw["expect"].items()
    }
    return Order(raw["id"], from_wire(raw["command"]), expect, raw["actor"], body, raw.get("head", ""))
