"""The simulated accounting system, at the level of HTTP: what it has booked it never forgets, what it keeps of keys it does.

There are four kinds: one that knows keys and compares versions, one that knows keys alone, one that compares alone, and one that
books whatever comes and can only be asked for a reference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from arqueue.control.commands import (
    Annotate,
    ApplyPayment,
    Dispute,
    Identify,
    Order,
    Resolve,
    Unapply,
    items_of,
    unseal,
)
from arqueue.model.money import Money
from data.peers.sandbox.answers import moved_by
from tests.faults.simulator.rows import AT, COMPANY, EUR, Row, company, item_row, party_row, stamp


class Kind(StrEnum):
    """What keeps the ledger from booking an order twice."""

    VERSIONED = "key and version"
    KEYED = "key only"
    COMPARING = "version only"
    BARE = "nothing"

    @property
    def has_keys(self) -> bool:
        """Whether an order that comes again gets the answer of before, while the key is kept."""
        return self in (Kind.VERSIONED, Kind.KEYED)

    @property
    def compares(self) -> bool:
        """Whether what the order expects is looked at."""
        return self in (Kind.VERSIONED, Kind.COMPARING)


@dataclass(frozen=True, slots=True)
class Booking:
    """What was booked under a reference: from which bytes, and how far each item moved (positive towards zero)."""

    ref: str
    op: str
    body: bytes
    moves: dict[str, int]
    versions: dict[str, int]
    """Of its items, before."""
    refs: tuple[str, ...]
    rows: list[dict[str, Any]]
    """What it touched, as that was then."""
    touched: frozenset[str]
    at: float
    left: tuple[str, int] | None = None
    """Whose account a payment left that went to another customer, and how much of it."""

    @property
    def minor(self) -> int | None:
        """What it moved, positive; None where it moved nothing."""
        if self.left is not None:
            return self.left[1]
        return max((abs(by) for by in self.moves.values()), default=None)


@dataclass(slots=True)
class _Saved:
    status: int
    body: bytes
    at: float
    sha: str


class Refusal(Exception):
    """It does not book this; the rows explain it."""

    def __init__(self, status: int, code: str, *rows: str) -> None:
        super().__init__(code)
        self.status, self.code, self.rows = status, code, rows


@dataclass(slots=True)
class Reply:
    """An answer as it goes over the wire."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


class Books:
    """The ledger. ``lag_s`` is how long a fresh booking cannot be looked up; ``key_s`` how long a key is kept."""

    def __init__(self, kind: Kind, *, lag_s: float = 0.0, key_s: float = 3600.0) -> None:
        self.kind, self.lag_s, self.key_s = kind, lag_s, key_s
        self.items = company()
        self.others: dict[str, dict[str, Any]] = {f"party:{n}": party_row(n) for n in (1, 2)}
        self.changes: list[str] = [*self.others, *self.items]
        self.numbered: list[tuple[str, int]] = []
        """Each change of an item with its version, by its place in the feed less those of the start."""
        self.started = len(self.changes)
        self.bookings: dict[str, list[Booking]] = {}
        self.order: list[Booking] = []
        self.foreign: dict[str, int] = {}
        """What others moved, by item."""
        self.disturbed: set[str] = set()
        """Items that others touched."""
        self.saved: dict[str, _Saved] = {}
        self.refused: set[str] = set()
        """Orders to which it said no."""
        self.locked: set[str] = set()
        """Items on which every order is refused."""
        self.serial = 0
        self._made = 100

    # ---- the accountant

    def accountant(self, item: str, by: int) -> None:
        """Somebody else moves an item towards zero, or (by nothing) only touches it."""
        self.items[item].residual += by if self.items[item].total < 0 else -by
        self.foreign[item] = self.foreign.get(item, 0) + by
        self.disturbed.add(item)
        self._touch(item)

    def _touch(self, key: str) -> None:
        self.serial += 1
        if key in self.items:
            self.items[key].version += 1
        self.changes.append(key)
        self.numbered.append((key, self.items[key].version if key in self.items else 0))

    # ---- the wire

    def handle(self, method: str, path: str, query: dict[str, str], body: bytes, now: float) -> Reply:
        """One request that arrived."""
        if path == "/v1/orders":
            return self._place(body, now)
        if path.startswith("/v1/orders/"):
            return self._find(path.rpartition("/")[2], now)
        match path:
            case "/v1/company":
                return _json(COMPANY)
            case "/v1/changes":
                return _json(self._changes(query))
            case "/v1/census":
                open_now = [
                    [row.id, str(row.version), str(Money(row.residual, EUR)), EUR]
                    for row in self.items.values()
                    if row.residual
                ]
                return _json({"rows": open_now, "count": len(open_now), "after": "", "more": False})
            case "/v1/entities":
                rows = self.rows(json.loads(body)["ids"])
                return _json({"rows": rows, "count": len(rows)})
            case "/v1/postings":
                rows = [self._posting(each) for each in sorted(self.order, key=lambda each: each.ref)]
                return _json({"rows": rows, "count": len(rows), "after": "", "more": False})
        raise AssertionError(f"{method} {path}")

    def _changes(self, query: dict[str, str]) -> dict[str, Any]:
        start = int(query.get("cursor") or 0)
        ids = list(dict.fromkeys(self.changes[start:]))
        return {
            "rows": self.rows(ids),
            "count": len(ids),
            "cursor": str(len(self.changes)),
            "more": False,
            "remaining": 0,
        }

    def rows(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """As they are now."""
        return [item_row(self.items[key]) if key in self.items else self.others[key] for key in ids]

    def _posting(self, booking: Booking) -> dict[str, Any]:
        amount = None if booking.minor is None else Money(booking.minor, EUR)
        return {
            "id": booking.ref,
            "op": booking.op,
            "actor": unseal(booking.body).actor,
            "at": stamp(booking.at),
            "amount": None if amount is None else str(amount),
            "currency": None if amount is None else EUR,
            "about": next(iter(booking.moves), booking.refs[0]),
            "party": booking.left[0] if booking.left else "",
            "refs": list(booking.refs),
        }

    # ---- orders

    def _place(self, body: bytes, now: float) -> Reply:
        order, sha = unseal(body), hashlib.sha256(body).hexdigest()
        has_keys = self.kind.has_keys
        saved = self.saved.get(order.id) if has_keys else None
        if saved is not None and now - saved.at <= self.key_s:
            if saved.sha != sha:
                return _json({"error": {"code": "key_reused", "message": "", "hint": ""}}, 409)
            return Reply(saved.status, saved.body)
        try:
            booking = self._book(order, now)
            reply = self._posted(order, booking)
        except Refusal as refusal:
            self.refused.add(order.id)
            reply = self._refused(order, refusal)
        if has_keys:
            self.saved[order.id] = _Saved(reply.status, reply.body, now, sha)
        return reply

    def key_left(self, body: bytes, now: float) -> float:
        """For how long the key of an order is kept for sure, counted from the first time that it came."""
        saved = self.saved.get(unseal(body).id)
        return max(0.0, (now if saved is None else saved.at) + self.key_s - now - 1.0)

    def fault_saved(self, body: bytes, now: float) -> Reply:
        """A fault of the ledger's own that it keeps as its answer under the key: whoever repeats the order is told that again."""
        key = unseal(body).id
        if self.kind.has_keys and not self.bookings.get(key):
            self.saved[key] = _Saved(500, b"", now, hashlib.sha256(body).hexdigest())
        return Reply(500, b"", {})

    def _find(self, key: str, now: float) -> Reply:
        for booking in self.bookings.get(key, ()):
            if now - booking.at >= self.lag_s:
                return _json({"status": 200, "answer": self._claim(unseal(booking.body), booking)})
        saved = self.saved.get(key)
        if saved is not None and saved.status != 500 and now - saved.at <= self.key_s:
            answer = json.loads(saved.body)
            if answer["state"] == "refused":
                return _json({"status": saved.status, "answer": answer})
        return _json({"error": {"code": "no_such_order", "message": "none", "hint": ""}}, 404)

    def _posted(self, order: Order, booking: Booking) -> Reply:
        return _json(self._claim(order, booking))

    def _claim(self, order: Order, booking: Booking) -> dict[str, Any]:
        return {
            **_echo(order, "posted"),
            "refs": list(booking.refs),
            "moved": [
                {"item": item, "amount": str(by), "currency": EUR} for item, by in moved_by(order).items()
            ],
            "rows": booking.rows,
        }

    def _refused(self, order: Order, refusal: Refusal) -> Reply:
        error = {"code": refusal.code, "message": "no", "hint": ""}
        body = {
            **_echo(order, "refused"),
            "refs": [],
            "moved": [],
            "rows": self.rows(refusal.rows),
            "error": error,
        }
        return _json(body, refusal.status)

    def _book(self, order: Order, now: float) -> Booking:
        command = order.command
        moves = {key: by.minor for key, by in moved_by(order).items()}
        if isinstance(command, Unapply):
            moves = {key: -by for key, by in moves.items()}
        if isinstance(command, Identify):
            moves = self._leaving(command)
        self._check(order, moves)
        before = {key: self.items[key].version for key in items_of(command)}
        left = None
        if isinstance(command, Identify):
            row = self.items[command.payment]
            left = (row.party, abs(row.residual))
        refs = self._make(order)
        for key, by in moves.items():
            self.items[key].residual += by if self.items[key].total < 0 else -by
            self._touch(key)
        made = [ref for ref in refs if ref in self.others]
        touched = [*moves, *made]
        if isinstance(command, Dispute | Resolve):
            touched.append(command.item)
            self._touch(command.item)
        if isinstance(command, Identify):
            touched.append(refs[0])
            self._touch(refs[0])
        for ref in made:
            self._touch(ref)
        rows = self.rows(touched)
        booking = Booking(
            order.id, command.op, order.body, moves, before, refs, rows, frozenset(touched), now, left
        )
        self.bookings.setdefault(order.id, []).append(booking)
        self.order.append(booking)
        return booking

    def _make(self, order: Order) -> tuple[str, ...]:
        """Its references: what it makes besides moving items."""
        match command := order.command:
            case ApplyPayment():
                return tuple(self._allocate(order, line.item, str(line.amount)) for line in command.lines)
            case Unapply():
                self.others[command.allocation]["void"] = True
                return (command.allocation,)
            case Annotate():
                return (self._note(order, command.target, command.text),)
            case Dispute():
                self.items[command.item].dispute = command.reason
                return (self._note(order, command.item, command.reason),)
            case Resolve():
                self.items[command.item].dispute = ""
                return (self._note(order, command.item, command.outcome),)
            case Identify():
                return (self._take_over(command), f"journal:{self._next()}")
            case _:
                return (f"journal:{self._next()}",)

    def _leaving(self, command: Identify) -> dict[str, int]:
        """What a payment that goes to another customer leaves behind: nothing moves of one that is wholly open."""
        row = self.items[command.payment]
        return {} if row.residual == row.total else {row.id: abs(row.residual)}

    def _take_over(self, command: Identify) -> str:
        """The item that the payment is from now on: itself, or its rest."""
        row = self.items[command.payment]
        if row.residual == row.total:
            row.party = command.party
            return row.id
        rest = Row(f"item:{self._next()}", row.kind, command.party, row.residual, row.residual, version=0)
        self.items[rest.id] = rest
        return rest.id

    def _check(self, order: Order, moves: dict[str, int]) -> None:
        """Raises Refusal."""
        command = order.command
        if self.locked & moves.keys():
            raise Refusal(422, "locked_period")
        if self.kind.compares:
            for key, seen in order.expect.items():
                row = self.items[key]
                if seen.residual.minor != row.residual or seen.version not in ("", str(row.version)):
                    raise Refusal(412, "stale", *order.expect)
        if self.kind is not Kind.BARE:
            for key, by in moves.items():
                row = self.items[key]
                if by > abs(row.residual) or (by < 0 and abs(row.residual) - by > abs(row.total)):
                    raise Refusal(422, "insufficient", key)
        if (
            isinstance(command, Unapply)
            and self.others[command.allocation]["void"]
            and self.kind is not Kind.BARE
        ):
            raise Refusal(422, "already")
        if isinstance(command, Identify):
            row = self.items[command.payment]
            if row.party == command.party:
                raise Refusal(422, "already", row.id)
            if not row.residual:
                raise Refusal(422, "insufficient", row.id)

    def _allocate(self, order: Order, item: str, amount: str) -> str:
        assert isinstance(order.command, ApplyPayment)
        key = f"allocation:{self._next()}"
        self.others[key] = {
            "kind": "allocation",
            "id": key,
            "version": "1",
            "credit_item": order.command.payment,
            "debit_item": item,
            "amount": amount,
            "currency": EUR,
            "on": "2026-11-21",
            "void": False,
            "command_id": order.id,
        }
        return key

    def _note(self, order: Order, target: str, text: str) -> str:
        key = f"note:{self._next()}"
        self.others[key] = {
            "kind": "note",
            "id": key,
            "version": "1",
            "target": target,
            "author": order.actor,
            "at": AT,
            "text": text,
            "command_id": order.id,
        }
        return key

    def _next(self) -> int:
        self._made += 1
        return self._made


def _json(body: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body, separators=(",", ":")).encode())


def _echo(order: Order, state: str) -> dict[str, Any]:
    return {"id": order.id, "op": order.command.op, "body_sha256": order.body_sha, "state": state}
