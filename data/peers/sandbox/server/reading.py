"""arqueue's side of the API: who is there, what changed, what is open, and orders."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from data.peers.sandbox import wire
from data.peers.sandbox.server import access, feed, postings
from data.peers.sandbox.server.bodies import OrderBody
from data.peers.sandbox.server.ledger import Ledger, read_company
from data.peers.sandbox.server.orders import Orders
from data.peers.sandbox.server.refusal import LedgerRefused

VERSION = 1
KEY_LIFETIME_S = 10 * 365 * 86400
"""Orders are part of the books: they are kept as long as these."""

router = APIRouter(prefix="/v1", tags=["arqueue"])
_READER = [Depends(access.reader)]
_OPERATIONS = ["apply", "unapply", "adjust", "annotate", "escalate", "dispute", "resolve", "identify"]


class Wanted(BaseModel):
    """Ids of any kind."""

    ids: list[str] = Field(max_length=1000)


class ClockBody(BaseModel):
    """A business date, or by how many days to advance it."""

    model_config = ConfigDict(extra="forbid")
    date: str | None = None
    advance: Annotated[int | None, Field(ge=0, le=36500)] = None


def answer(content: Any, status: int = 200) -> Response:
    """JSON as it is, without the framework's detour through every value."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, media_type="application/json")


def ledger_of(request: Request) -> Ledger:
    """The ledger behind this server."""
    ledger: Ledger = request.app.state.ledger
    return ledger


@router.get("/company", dependencies=_READER, response_model=wire.CompanyAnswer)
def company(request: Request) -> Response:
    """Who answers, in which currency and zone, at which business date, and how differences can be written off."""
    with ledger_of(request).read() as connection:
        books = read_company(connection)
        methods = connection.execute("SELECT code, name, account FROM method ORDER BY rowid").fetchall()
    return answer(
        {
            "product": "arqueue sandbox ledger",
            "version": VERSION,
            "company": books.name,
            "currency": books.currency,
            "zone": books.zone,
            "business_date": books.today.isoformat(),
            "lock_date": books.lock_date.isoformat() if books.lock_date else None,
            "overlap_s": feed.OVERLAP_S,
            "key_lifetime_s": KEY_LIFETIME_S,
            "operations": _OPERATIONS,
            "methods": [{"id": f"method:{row['code']}", **dict(row)} for row in methods],
        }
    )


@router.get("/changes", dependencies=_READER, response_model=wire.ChangesPage)
def changes(
    request: Request, cursor: str = "", limit: Annotated[int, Query(ge=1, le=5000)] = 1000
) -> Response:
    """What changed after the cursor, oldest change first; without a cursor, everything. An entity comes once, as it is now;
    rows of the last minute come again with the next call."""
    with ledger_of(request).read() as connection:
        return answer(feed.changes(connection, cursor, limit))


@router.get("/census", dependencies=_READER, response_model=wire.CensusPage)
def census(
    request: Request, after: str = "", limit: Annotated[int, Query(ge=1, le=20000)] = 10000
) -> Response:
    """Every open item: id, version, residual, currency."""
    with ledger_of(request).read() as connection:
        return answer(feed.census(connection, after, limit))


@router.post("/entities", dependencies=_READER, response_model=wire.RowsPage)
def entities(request: Request, wanted: Wanted) -> Response:
    """Rows by their ids, in the order asked for; what is gone says so."""
    with ledger_of(request).read() as connection:
        rows = feed.by_ids(connection, wanted.ids)
    return answer({"rows": rows, "count": len(rows)})


@router.post(
    "/orders",
    dependencies=[Depends(access.arqueue)],
    response_model=wire.OrderAnswer,
    responses={
        400: {"model": wire.ErrorAnswer, "description": "not an order"},
        404: {"model": wire.OrderAnswer, "description": "refused: something is not there"},
        409: {"model": wire.ErrorAnswer, "description": "the same order is being carried out"},
        412: {"model": wire.OrderAnswer, "description": "refused: stale"},
        422: {"model": wire.OrderAnswer, "description": "refused, or the key was used for another body"},
    },
)
async def place_order(
    request: Request, order: OrderBody, idempotency_key: Annotated[str, Header(min_length=1)]
) -> Response:
    """Carry an order out once. The same bytes under the same key get the same answer, whenever they come again."""
    if idempotency_key != order.id:
        raise LedgerRefused(
            "bad_request", "Idempotency-Key and the order's id differ", "send the id as the key"
        )
    orders: Orders = request.app.state.orders
    body = await request.body()
    discard = bool(request.scope.get("sandbox.discard"))
    placed = await run_in_threadpool(orders.place, order, body, discard=discard)
    headers = {"Idempotency-Replayed": "true"} if placed.replayed else {}
    return Response(placed.answer.encode(), placed.status, headers, media_type="application/json")


@router.get("/orders/{command_id}", dependencies=_READER)
def find_order(request: Request, command_id: str) -> Response:
    """What was answered to an order, with the rows it touched as they are now."""
    orders: Orders = request.app.state.orders
    return answer(orders.find(command_id))


@router.get("/postings", dependencies=_READER, response_model=wire.PostingsPage)
def list_postings(
    request: Request, since: str = "", after: str = "", limit: Annotated[int, Query(ge=1, le=20000)] = 5000
) -> Response:
    """What was carried out of arqueue's orders from an instant on (UTC), by id: what to compare an outbox with."""
    with ledger_of(request).read() as connection:
        return answer(postings.page(connection, since, after, limit))


@router.get("/trial-balance", dependencies=_READER)
def trial_balance(request: Request) -> Response:
    """Every account, the sum of all (zero), and whether receivables agree with the open items."""
    with ledger_of(request).read() as connection:
        return answer(feed.trial_balance(connection))


@router.get("/clock", dependencies=_READER)
def clock(request: Request) -> Response:
    """The business date."""
    with ledger_of(request).read() as connection:
        return answer({"business_date": read_company(connection).today.isoformat()})


@router.put("/clock", dependencies=_READER)
def set_clock(request: Request, body: ClockBody) -> Response:
    """Set the business date or advance it; from then on it stands still. arqueue may do so in a demonstration only: a ledger
    whose date stands still already."""
    with ledger_of(request).write() as writing:
        if writing.company.business_date is None:
            access.accountant(request)
        day = date.fromisoformat(body.date) if body.date else writing.company.today
        day += timedelta(days=body.advance or 0)
        writing.run("UPDATE company SET business_date = ?", day.isoformat())
    return answer({"business_date": day.isoformat()})
