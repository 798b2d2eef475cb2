"""Applying without a person what leaves no doubt: off unless the company says so, up to its limits, as a person of its own, and
through the same decisions as everybody's orders."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog

from arqueue.errors import ArqueueError, StoreReplaced
from arqueue.model.money import Money
from arqueue.model.people import Person, Role
from data.broker import protocol
from data.broker.cash import Cash
from data.broker.cash_requests import AutoDaysRequest, AutoSeenRequest, SuggestRequest
from data.broker.core import Core
from data.broker.requests import ApplyIn, LineIn, ReviewRequest, SubmitRequest
from data.broker.session import Session
from data.store import automatic, queue
from data.store.automatic import Day
from data.store.queue import AUTO

log = structlog.get_logger()
_PAUSE_S = 0.01
"""Between two searches: whoever waits for the store or a worker comes first."""
_TOLD_EVERY = 25
_NAMED = ("advice", "reference")


class Auto:
    """Looks at unapplied payments after each pull, and answers what it would do and did."""

    def __init__(
        self,
        core: Core,
        cash: Cash,
        review: Callable[[Session, ReviewRequest], Awaitable[protocol.Review]],
        submit: Callable[[Session, SubmitRequest], Awaitable[protocol.Submitted]],
    ) -> None:
        self._core, self._cash, self._review, self._submit = core, cash, review, submit
        self._pulled = asyncio.Event()
        self._seen: dict[str, str] = {}
        self._told: list[Day] = []
        core.on_pulled = self._pulled.set
        core.beside("auto", self.run)

    @property
    def person(self) -> Person | None:
        """As whom it posts: the person of the people file whose role it is."""
        return next((person for person in self._core.people if Role.AUTO in person.roles), None)

    async def run(self) -> None:
        """For ever, where it is switched on."""
        if not self._core.settings.cash.auto.enabled:
            return
        person = self.person
        if person is None:
            log.error(
                "nothing is applied automatically",
                why="[cash.auto] is enabled, but nobody has the role auto",
                remedy='add a [[person]] with roles = ["auto"] to the people file and restart the broker',
            )
            return
        name = person.id
        await self._core.store.write(lambda database: automatic.remember_person(database, name))
        session = Session(os.getuid(), name, lambda: self._core.people, acting_as=name)
        while True:
            await self._pulled.wait()
            self._pulled.clear()
            if self.person is None or self.person.id != name:
                continue  # somebody took the role away; whoever else has it now begins with the broker
            try:
                await self._round(session)
            except StoreReplaced:
                raise
            except ArqueueError as error:
                log.warning("automatic application stopped", code=error.code)

    async def _round(self, session: Session) -> None:
        """Every payment whose case is another than when it was last looked at, one small step each."""
        waiting = await self._core.store.read(automatic.waiting)
        self._seen = {key: sign for key, sign in self._seen.items() if key in waiting}
        applied = 0
        for key, sign in waiting.items():
            if self._seen.get(key) == sign:
                continue
            try:
                applied += await self._one(session, key)
            except StoreReplaced:
                raise
            except ArqueueError as error:
                log.info("not applied automatically", payment=key, code=error.code)
            self._seen[key] = sign
            if applied >= _TOLD_EVERY:
                await self._tell()
                applied = 0
            await asyncio.sleep(_PAUSE_S)
        await self._tell()

    async def _one(self, session: Session, key: str) -> bool:
        """Whether it was applied."""
        row, version = await self._weigh(session, key, session)
        if not row["would"] or row["suggestion"] is None:
            return False
        # of one payment in one state only one order can ever be made
        intent = automatic.INTENT + hashlib.sha256(f"{key}\n{version}".encode()).hexdigest()[:40]
        done = await self._submit(
            session, SubmitRequest(intent=intent, command=_order(key, row["suggestion"]))
        )
        log.info("applied automatically", command=done["id"], repeated=done["repeated"])
        return True

    async def _weigh(
        self, session: Session, key: str, as_auto: Session | None
    ) -> tuple[protocol.AutoRow, str]:
        """What would be done with a payment and why, and the version that was looked at."""
        core = self._core
        gathered = await self._cash.gathered(session, SuggestRequest(payment=key, limit=1))
        told = await core.matcher.brief(gathered)
        payment = told["payment"]

        def look(connection: sqlite3.Connection) -> tuple[bool, str]:
            row = connection.execute("SELECT code FROM party WHERE id = ?", (payment["party_id"],)).fetchone()
            touched = automatic.touched_before(connection, payment["party_id"], payment["id"])
            return touched, row[0] if row else ""

        touched, code = await core.store.read(look)
        limit = core.cash_terms.auto.get(payment["currency"])
        would, why = judge(told, limit, touched=touched)
        way = told["suggestions"][0] if told["suggestions"] else None
        if would and way is not None and as_auto is not None:
            verdict = await self._review(as_auto, ReviewRequest(command=_order(payment["id"], way)))
            if verdict["verdict"] != "accepted":
                would, why = False, verdict["reason"]
        row: protocol.AutoRow = {
            "payment": payment["id"],
            "number": payment["number"],
            "party": payment["party"],
            "party_code": code,
            "amount": payment["open"].removeprefix("-"),
            "currency": payment["currency"],
            "would": would,
            "why": why,
            "suggestion": way,
        }
        return row, payment["version"]

    async def seen(self, session: Session, asked: AutoSeenRequest) -> dict[str, Any]:
        """Unapplied payments and what would be done with each, a page at a time, whether it is switched on or not."""
        waiting = list(await self._core.store.read(automatic.waiting))
        person = self.person
        as_auto = (
            Session(os.getuid(), person.id, lambda: self._core.people, acting_as=person.id)
            if person
            else None
        )
        rows = [
            (await self._weigh(session, key, as_auto))[0]
            for key in waiting[asked.offset : asked.offset + asked.limit]
        ]
        return {"rows": rows, "total": len(waiting), "enabled": self._core.settings.cash.auto.enabled}

    async def days(self, session: Session, asked: AutoDaysRequest) -> list[protocol.AutoDay]:
        """What was done, by business date and currency."""
        until = asked.day or self._core.today()
        since = asked.day or until - timedelta(days=asked.limit - 1)
        found = await self._core.store.read(lambda connection: automatic.days(connection, since, until))
        return [
            {
                "day": each.day.isoformat(),
                "currency": each.amount.currency,
                "payments": each.payments,
                "amount": str(each.amount),
                "taken_back": each.taken_back,
            }
            for each in found
        ]

    async def _tell(self) -> None:
        """Supervisors have a line for each day; it is written anew when it would read differently."""
        core, today = self._core, self._core.today()
        found = await core.store.read(lambda connection: automatic.lately(connection, today))
        if found == self._told:
            return
        delta = await core.store.write(
            lambda database: queue.refresh(database, [AUTO], today, core.ledger.currency)
        )
        self._told = found
        if delta.ids:
            core.on_changed(delta)


def judge(told: protocol.Suggestions, limit: Money | None, *, touched: bool) -> tuple[bool, str]:
    """Whether a payment may be applied without a person, and why or why not in words."""
    payment = told["payment"]
    amount = abs(Money.parse(payment["open"], payment["currency"]))
    if told["unidentified"]:
        return False, "nobody knows yet who sent it"
    if touched:
        return False, "somebody has decided on it before"
    if not told["suggestions"]:
        return False, f"nothing is open in {amount.currency}"
    way = told["suggestions"][0]
    if way["kind"] not in _NAMED:
        named = any(other["kind"] in _NAMED for other in told["suggestions"])
        return (
            False,
            "what the payer names is not what fits best" if named else "nothing open is named by the payer",
        )
    if doubt := _doubt(way, complete=told["complete"]):
        return False, doubt
    if limit is None:
        return False, f"it is sure, but [cash.auto] limit names no {amount.currency}"
    if amount > limit:
        return False, f"it is sure, but above the limit of {limit:,} {limit.currency}"
    return True, "; ".join(way["why"])


def _doubt(way: protocol.SuggestionRow, *, complete: bool) -> str:
    """What keeps the best way from being sure; empty for one that is."""
    difference, left = way["difference"], Money.parse(way["left"], way["currency"])
    if difference["kind"] != "none":
        amount = Money.parse(difference["amount"], way["currency"])
        return f"it does not come out even: {difference['kind']} {amount:,}"
    if left:
        return f"it does not come out even: {left:,} are left"
    if not way["unique"]:
        more = "" if way["counted"] else "more than "
        return f"1 of {more}{way['answers']:,} equal answers"
    if any(Money.parse(line["amount"], way["currency"]).minor < 0 for line in way["lines"]):
        return "it nets credits: a person decides"
    if any(
        Money.parse(line[part], way["currency"]) for line in way["lines"] for part in ("discount", "short")
    ):
        return "an invoice is not paid in full: a person decides"
    if not complete:
        return "the search was not complete"
    return "" if way["sure"] else "what is named leaves a doubt"


def _order(payment: str, way: protocol.SuggestionRow) -> ApplyIn:
    lines = [LineIn(item=line["item"], amount=line["amount"]) for line in way["lines"]]
    return ApplyIn(op="apply", payment=payment, lines=lines)
