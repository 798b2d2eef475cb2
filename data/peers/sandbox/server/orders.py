"""Orders: each is carried out once, whatever is sent how often.

The answer is written in the transaction that posts, under the order's id, refusals too: a copy of a refused order that
arrives late cannot post after all. Only what never reached the books (a body that is no order, a key used for another body)
is not remembered.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import date
from typing import Any

from arqueue.errors import Invalid
from arqueue.model.money import Money
from data.peers.sandbox.server import disputes, feed, settle, transfer
from data.peers.sandbox.server.bodies import (
    AdjustBody,
    AnnotateBody,
    ApplyBody,
    DisputeBody,
    EscalateBody,
    IdentifyBody,
    OrderBody,
    ResolveBody,
    UnapplyBody,
)
from data.peers.sandbox.server.ledger import Ledger, Writing
from data.peers.sandbox.server.parties import party_row
from data.peers.sandbox.server.refusal import LedgerRefused
from data.peers.sandbox.wire import OrderAnswer


@dataclass(frozen=True, slots=True)
class Placed:
    """The answer to an order: HTTP status, body, and whether it had been given before."""

    status: int
    answer: str
    replayed: bool


class Discarded(Exception):
    """Raised to roll back what an order did, for the fault that says yes and does nothing."""

    def __init__(self, placed: Placed) -> None:
        super().__init__()
        self.placed = placed


class Orders:
    """Carries orders out, one at a time; knows which are in progress."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._running: set[str] = set()
        self._guard = threading.Lock()

    def place(self, order: OrderBody, body: bytes, *, discard: bool = False) -> Placed:
        """Carry an order out, or repeat what it was answered; ``body`` is the order as it was sent. ``discard`` computes
        the answer and posts nothing. Raises LedgerRefused for a key used before for another body, or in progress."""
        key = order.id
        with self._guard:
            if key in self._running:
                raise LedgerRefused(
                    "in_progress", "the same order is being carried out", "ask for it again in a moment"
                )
            self._running.add(key)
        try:
            with self._ledger.write() as writing:
                placed = _place(writing, order, hashlib.sha256(body).hexdigest())
                if discard:
                    raise Discarded(placed)
                return placed
        except Discarded as nothing:
            return nothing.placed
        finally:
            with self._guard:
                self._running.discard(key)

    def find(self, command_id: str) -> dict[str, Any]:
        """What was answered to an order, and its rows as they are now. Raises LedgerRefused(no_such_order)."""
        with self._ledger.read() as connection:
            row = connection.execute(
                "SELECT * FROM placed_order WHERE command_id = ?", (command_id,)
            ).fetchone()
            if row is None:
                raise LedgerRefused(
                    "no_such_order", "no order was placed under that id", "it may still be on its way"
                )
            answer = json.loads(row["answer"])
            answer["rows"] = feed.by_ids(connection, [entity["id"] for entity in answer["rows"]])
            return {"status": row["status"], "actor": row["actor"], "at": row["at"], "answer": answer}


def _place(writing: Writing, order: OrderBody, sha: str) -> Placed:
    saved = writing.one("SELECT * FROM placed_order WHERE command_id = ?", order.id)
    if saved is not None:
        if saved["body_sha256"] != sha:
            raise LedgerRefused(
                "key_reused", "that key was used for another order", "send every order under its own id"
            )
        return Placed(saved["status"], saved["answer"], replayed=True)
    try:
        with writing.db.atomic():
            refs = _carry_out(writing, order)
        status, answer = 200, _posted(writing, order, sha, refs)
    except (LedgerRefused, Invalid) as error:
        writing.touched.clear()
        writing.entries.clear()
        refusal = (
            error if isinstance(error, LedgerRefused) else LedgerRefused("invalid", error.message, error.hint)
        )
        status, answer = refusal.status, _refused(writing, order, sha, refusal)
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    writing.run(
        "INSERT INTO placed_order VALUES (?, ?, ?, ?, ?, ?)",
        order.id,
        sha,
        order.actor,
        status,
        text,
        writing.stamp,
    )
    return Placed(status, text, replayed=False)


def _posted(writing: Writing, order: OrderBody, sha: str, refs: list[str]) -> OrderAnswer:
    return {
        "id": order.id,
        "op": order.command.op,
        "body_sha256": sha,
        "state": "posted",
        "refs": refs,
        "moved": [
            {"item": item, "amount": str(amount), "currency": amount.currency}
            for item, amount in _moved(order).items()
        ],
        "rows": feed.entities(writing.db.conn, list(writing.touched)),
    }


def _refused(writing: Writing, order: OrderBody, sha: str, refusal: LedgerRefused) -> OrderAnswer:
    return {
        "id": order.id,
        "op": order.command.op,
        "body_sha256": sha,
        "state": "refused",
        "refs": [],
        "moved": [],
        "rows": feed.entities(writing.db.conn, [("item", key) for key in refusal.items]),
        "error": {"code": refusal.code, "message": refusal.message, "hint": refusal.hint},
    }


def _moved(order: OrderBody) -> dict[str, Money]:
    """The positive amount by which the order moves each item."""
    command = order.command
    match command:
        case ApplyBody():
            taken: dict[str, Money] = {}
            for line in command.lines:
                if line.item in taken:
                    raise Invalid(f"lines: {line.item} is named twice", "name each item once")
                taken[line.item] = line.money
            whole = Money.total(taken.values(), command.lines[0].currency)
            return {command.payment: whole, **taken}
        case UnapplyBody():
            return {command.credit_item: command.money, command.debit_item: command.money}
        case AdjustBody():
            return {command.item: command.money}
        case _:
            return {}


def _carry_out(writing: Writing, order: OrderBody) -> list[str]:
    _check_expected(writing, order)
    match command := order.command:
        case ApplyBody():
            credit = _key(command.payment, "item")
            return [
                f"allocation:{_apply(writing, order, credit, line.item, line.money, command.on)}"
                for line in command.lines
            ]
        case UnapplyBody():
            return _unapply(writing, order, command)
        case AdjustBody():
            return _adjust(writing, order, command)
        case IdentifyBody():
            payment, party = _key(command.payment, "item"), _key(command.party, "party")
            return transfer.identify(
                writing, payment, party, command.on, memo=order.memo, command_id=order.id
            )
        case DisputeBody():
            disputes.open_dispute(writing, _key(command.item, "item"), command.money, command.reason)
            what = f"Disputed by {command.amount} {command.currency}: {command.reason}"
            return [_note(writing, order, command.item, _lines(what, command.note))]
        case ResolveBody():
            disputes.end_dispute(writing, _key(command.item, "item"))
            what = f"Dispute ended: {command.outcome}"
            return [_note(writing, order, command.item, _lines(what, command.note))]
        case AnnotateBody():
            return [_note(writing, order, command.target, command.text)]
        case EscalateBody():
            return [_note(writing, order, command.target, f"Escalated to {command.to}: {command.why}")]


def _check_expected(writing: Writing, order: OrderBody) -> None:
    """Raises LedgerRefused(stale) with every item when one of them is not as the author saw it."""
    moved = _moved(order)
    needed = (*moved, order.command.payment) if isinstance(order.command, IdentifyBody) else tuple(moved)
    keys = {item: _key(item, "item") for item in dict.fromkeys((*needed, *order.expect))}
    rows = {item: settle.item_row(writing, key) for item, key in keys.items()}
    for item, row in rows.items():
        seen = order.expect.get(item)
        if seen is None:
            raise LedgerRefused(
                "invalid", f"expect: says nothing of {item}", "say what you saw of every item"
            )
        if item in moved and moved[item].currency != row["currency"]:
            raise LedgerRefused(
                "unsupported",
                f"{row['number']} is in {row['currency']}, not {moved[item].currency}",
                "use its currency",
            )
        other = seen.version and seen.version != str(row["version"])
        if other or seen.residual != str(Money(row["residual"], row["currency"])):
            raise LedgerRefused(
                "stale",
                f"{row['number']} changed meanwhile: {Money(row['residual'], row['currency'])} {row['currency']} is open",
                "look at it again and decide anew",
                items=tuple(keys.values()),
            )


def _apply(writing: Writing, order: OrderBody, credit: int, item: str, amount: Money, on: date) -> int:
    debit = _key(item, "item")
    return settle.apply_credit(writing, credit, debit, amount.minor, on, memo=order.memo, command_id=order.id)


def _unapply(writing: Writing, order: OrderBody, command: UnapplyBody) -> list[str]:
    key = _key(command.allocation, "allocation")
    row = writing.one("SELECT * FROM allocation WHERE id = ?", key)
    if row is not None:
        pair = (f"item:{row['credit_item']}", f"item:{row['debit_item']}")
        if pair != (command.credit_item, command.debit_item) or row["amount"] != command.money.minor:
            raise LedgerRefused(
                "invalid", f"{command.allocation} is another one than the order says", "look at it again"
            )
    settle.unapply(writing, key, command.on, memo=order.memo, command_id=order.id)
    return [command.allocation]


def _adjust(writing: Writing, order: OrderBody, command: AdjustBody) -> list[str]:
    entry, journal, allocation = settle.write_off(
        writing,
        _key(command.item, "item"),
        command.money.minor,
        command.method,
        command.on,
        memo=order.memo,
        text=command.note or command.reason,
        command_id=order.id,
    )
    return [f"journal:{entry}", f"item:{journal}", f"allocation:{allocation}"]


def _lines(*words: str) -> str:
    return "\n".join(each for each in words if each)


def _note(writing: Writing, order: OrderBody, target: str, text: str) -> str:
    kind, _, _ = target.partition(":")
    if kind == "party":
        party_row(writing, _key(target, "party"))
    else:
        settle.item_row(writing, _key(target, "item"))
    values = {
        "target": target,
        "author": order.actor,
        "at": writing.stamp,
        "text": text,
        "command_id": order.id,
    }
    key = writing.insert("note", values)
    writing.touch("note", key)
    return f"note:{key}"


def _key(entity_id: str, kind: str) -> int:
    parsed = feed.parse_id(entity_id)
    if parsed is None or parsed[0] != kind:
        raise LedgerRefused("not_found", f"there is no {kind} {entity_id[:40]!a}", "use an id of the feed")
    return parsed[1]
