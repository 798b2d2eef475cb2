"""The connector to Tryton 8, as data.peers.contract.Peer describes one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from arqueue.control.commands import Order
from arqueue.errors import NeedsLogin
from arqueue.model.ledger import AdjustmentMethod
from arqueue.model.text import clean_line
from data.peers.contract import (
    Absent,
    Capabilities,
    CensusRow,
    Done,
    Idempotency,
    Known,
    Operation,
    Outcome,
    Page,
    Partial,
    PeerSettings,
    Posting,
    Probe,
    Rejected,
    Support,
    Unknown,
    nothing_known,
)
from data.peers.tryton import lookup, postings
from data.peers.tryton.feed import OVERLAP_S, PAGE, Feed
from data.peers.tryton.orders import Orders
from data.peers.tryton.reader import Reader
from data.peers.tryton.rpc import Session

SERIES: Final = "8."
_FLIGHT_S: Final = 60
_FLIGHT_HERE_S: Final = 2
"""Longer than a request lives on this machine. A late copy of an order meets rows with other stamps and is refused."""

_COMPARE: Final = Operation(
    support=Support.NATIVE,
    idempotency=Idempotency.COMPARE,
    many_debits=False,
    server_guard=True,
)
_TAGGED: Final = Operation(
    support=Support.NATIVE, idempotency=Idempotency.UNIQUE_REFERENCE, server_guard=True
)
_NOTE: Final = Operation(support=Support.NATIVE, idempotency=Idempotency.UNIQUE_REFERENCE)
_TOLD: Final = Operation(support=Support.EMULATED, idempotency=Idempotency.UNIQUE_REFERENCE)
OPERATIONS: Final = {
    # A part, or several debits, take several calls: never half of one, but perhaps the first of two.
    "apply": _COMPARE,
    "unapply": _COMPARE,
    # The entry carries the order's id. A part is split off first and written off alone.
    "adjust": _TAGGED,
    "annotate": _NOTE,
    "escalate": _TOLD,
    # Tryton has no dispute on what is due: a note says so there, our own store keeps the case.
    "dispute": _TOLD,
    "resolve": _TOLD,
    # Its lines are delegated; on the new account the payment has another id.
    "identify": _TAGGED,
    # Remarks of others come with the item or customer when that changes, and with `get`.
    "notes_feed": Operation(support=Support.NONE),
}


class TrytonPeer:
    """Tryton over JSON-RPC, as one of its users; the token is that user's password."""

    def __init__(
        self,
        settings: PeerSettings,
        *,
        page_rows: int = PAGE,
        deadline_s: float = 30.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._session = Session(settings, deadline_s=deadline_s)
        self._reader = Reader(self._session)
        self._feed = Feed(self._reader, page=page_rows, clock=clock)
        self._orders = Orders(self._reader, self._feed.remark)
        self._is_here = settings.url.startswith("http:")

    async def probe(self) -> Probe:
        """Who answers, and what it can do. Raises NeedsLogin for another series than 8."""
        version = await self._session.version()
        if not version.startswith(SERIES):
            raise NeedsLogin(
                f"Tryton {clean_line(version)} answers; this connector knows series 8",
                "point it at a Tryton 8",
            )
        await self._session.call("model.res.user.get_preferences", True)
        names = await self._reader.names()
        companies = await self._reader.rows(
            "company.company", [["id", "=", self._session.company]], ["rec_name", "timezone"]
        )
        return Probe(
            product=f"Tryton {clean_line(version)}",
            company=clean_line(str(companies[0]["rec_name"])),
            currency=names.base,
            zone=clean_line(str(companies[0].get("timezone") or "UTC")),
            business_date=None,
            capabilities=Capabilities(
                operations=dict(OPERATIONS),
                overlap_s=OVERLAP_S,
                tombstones=False,
                key_lifetime_s=None,
                flight_s=_FLIGHT_HERE_S if self._is_here else _FLIGHT_S,
                listed=postings.LISTED,
                writes_back=True,
            ),
            methods=await self._methods(),
        )

    async def _methods(self) -> tuple[AdjustmentMethod, ...]:
        """Write-off methods; the first word of the name is the code where it is written in capitals."""
        rows = await self._reader.rows(
            "account.move.reconcile.write_off",
            [["company", "=", self._session.company]],
            ["name", "debit_account"],
        )
        accounts = {
            row["id"]: row
            for row in await self._reader.rows_of(
                "account.account", "id", {row["debit_account"] for row in rows}, ["code", "name"]
            )
        }
        return tuple(_method(row, accounts.get(row["debit_account"], {})) for row in rows)

    async def pull(self, cursor: str | None, known: Known = nothing_known) -> Page:
        """The next page after the cursor, every row of it read: a version here is a stamp of several records."""
        return await self._feed.pull(cursor)

    async def census(self) -> Sequence[CensusRow]:
        """Every open item."""
        return await lookup.census(self._reader)

    async def get(self, ids: Sequence[str]) -> Page:
        """These entities as they are now, with the remarks on them; the cursor of the page means nothing."""
        return await lookup.get(self._reader, ids)

    async def ours(self, since: datetime | None) -> Sequence[Posting]:
        """What entries bear references of ours: write-offs and payments that were moved, and what was cut for an application."""
        return await postings.ours(self._reader, since)

    async def submit(self, order: Order) -> Outcome:
        """Carry an order out once: compare with what it expects, post step by step, read back."""
        return await self._orders.submit(order)

    async def find(self, order: Order) -> Done | Partial | Rejected | Absent | Unknown:
        """What became of an order: by its reference where Tryton keeps one, else by what has changed."""
        return await self._orders.find(order)

    async def close(self) -> None:
        """Let go of connections."""
        await self._session.close()


def _method(row: dict[str, object], account: dict[str, object]) -> AdjustmentMethod:
    name = clean_line(str(row["name"]))
    first, _, rest = name.partition(" ")
    is_code = bool(rest) and first.isascii() and first.isalnum() and first == first.upper()
    code = first if is_code else "-".join(name.upper().split())[:16]
    words = " ".join(str(account.get(part) or "") for part in ("code", "name")).strip()
    return AdjustmentMethod(
        id=f"method:{row['id']}", code=code, name=rest if is_code else name, account=clean_line(words)
    )
