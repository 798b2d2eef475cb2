"""The accountant's side of the API: what makes the world move from outside of arqueue."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from arqueue.model.currency import exponent
from arqueue.model.money import Money
from data.peers.sandbox.server import access, disputes, documents, dunning, feed, parties, settle
from data.peers.sandbox.server.ledger import Writing
from data.peers.sandbox.server.reading import answer, ledger_of
from data.peers.sandbox.server.refusal import LedgerRefused

router = APIRouter(tags=["accountant"], dependencies=[Depends(access.accountant)])
_SIDE = "/v1/accountant"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PartyBody(_Strict):
    """A new customer; without a code the ledger gives one."""

    name: str
    currency: str | None = None
    code: str = ""
    parent: str | None = None
    credit_limit: str | None = None
    on_hold: bool = False
    terms: str = ""
    emails: list[str] = []
    phones: list[str] = []
    tags: list[str] = []


class PartyChange(_Strict):
    """What is to be different about a customer; its tags are then these and no others."""

    name: str | None = None
    on_hold: bool | None = None
    tags: list[str] | None = None


class MergeBody(_Strict):
    """Who takes over everything."""

    into: str


class Part(_Strict):
    """An instalment."""

    due: date
    amount: str


class DocumentBody(_Strict):
    """A new document; currency is the customer's unless said, ``on`` the business date, ``due`` 30 days later."""

    party: str
    amount: str
    currency: str | None = None
    number: str = ""
    on: date | None = None
    due: date | None = None
    reference: str = ""
    purchase_order: str = ""
    text: str = ""
    method: str = ""
    instalments: list[Part] = []


class PaymentBody(DocumentBody):
    """A new payment, with what the bank says of its sender: the name as it spells it, and the account."""

    payer: str = ""
    payer_account: str = ""


class ReturnBody(_Strict):
    """Why and when a payment bounced."""

    code: str = Field(min_length=1)
    on: date | None = None


class DisputeBody(_Strict):
    """The reason of a dispute; empty closes it."""

    reason: str


class DunningBody(_Strict):
    """How many reminders went out."""

    level: int = Field(ge=0, le=9)


class ApplicationBody(_Strict):
    """A credit applied by somebody in accounting."""

    credit: str
    debit: str
    amount: str
    on: date | None = None


class AdjustmentBody(_Strict):
    """A write-off by somebody in accounting."""

    item: str
    amount: str
    method: str
    on: date | None = None
    text: str = ""


class LockBody(_Strict):
    """The last day of the closed periods; null opens all."""

    date: str | None


class RateBody(_Strict):
    """What one unit of a currency is worth from now on."""

    currency: str
    rate: str = Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,12})?$")


def key_of(entity_id: str, kind: str) -> int:
    """The key in an id. Raises LedgerRefused(not_found) for an id of another kind."""
    parsed = feed.parse_id(entity_id)
    if parsed is None or parsed[0] != kind:
        raise LedgerRefused(
            "not_found", f"there is no {kind} {entity_id[:40]!a}", "use an id that the ledger gave"
        )
    return parsed[1]


def _touched(writing: Writing, status: int = 201) -> Response:
    """Every row that was made or changed, the new document first."""
    return answer({"rows": feed.entities(writing.db.conn, list(writing.touched))}, status)


@router.post(_SIDE + "/parties")
def create_party(request: Request, body: PartyBody) -> Response:
    """A new customer."""
    with ledger_of(request).write() as writing:
        currency = body.currency or writing.company.currency
        exponent(currency)
        limit = None if body.credit_limit is None else Money.parse(body.credit_limit, currency).minor
        new = parties.NewParty(
            name=body.name,
            currency=currency,
            code=body.code,
            parent=key_of(body.parent, "party") if body.parent else None,
            credit_limit=limit,
            on_hold=body.on_hold,
            terms=body.terms,
            emails=body.emails,
            phones=body.phones,
            tags=body.tags,
        )
        parties.add_party(writing, new)
        return _touched(writing)


@router.patch(_SIDE + "/parties/{party}")
def change_party(request: Request, party: str, body: PartyChange) -> Response:
    """Rename a customer, put it on hold, or tag it."""
    with ledger_of(request).write() as writing:
        key = key_of(party, "party")
        parties.change_party(writing, key, name=body.name, on_hold=body.on_hold, tags=body.tags)
        return _touched(writing, 200)


@router.post(_SIDE + "/parties/{party}/merge")
def merge_party(request: Request, party: str, body: MergeBody) -> Response:
    """One customer becomes part of another, and is gone."""
    with ledger_of(request).write() as writing:
        parties.merge_party(writing, key_of(party, "party"), key_of(body.into, "party"))
        return _touched(writing, 200)


@router.delete(_SIDE + "/parties/{party}")
def delete_party(request: Request, party: str) -> Response:
    """A customer without documents goes."""
    with ledger_of(request).write() as writing:
        parties.delete_party(writing, key_of(party, "party"))
        return _touched(writing, 200)


def _issue(request: Request, kind: str, body: DocumentBody, **more: str) -> Response:
    with ledger_of(request).write() as writing:
        party = parties.party_row(writing, key_of(body.party, "party"))
        currency = body.currency or party["currency"]
        amount = Money.parse(body.amount, currency).minor
        on = body.on or writing.company.today
        is_debit = kind == "invoice"
        document = documents.Document(
            kind=kind,
            party=party["id"],
            currency=currency,
            total=amount if is_debit else -amount,
            on=on,
            number=body.number,
            due=(body.due or on + timedelta(days=30)) if is_debit else None,
            reference=body.reference,
            purchase_order=body.purchase_order,
            text=body.text,
            method=body.method,
            **more,
        )
        parts = [(part.due, Money.parse(part.amount, currency).minor) for part in body.instalments]
        documents.issue(writing, document, parts)
        return _touched(writing)


@router.post(_SIDE + "/invoices")
def post_invoice(request: Request, body: DocumentBody) -> Response:
    """An invoice; with instalments, its parts carry what is open."""
    return _issue(request, "invoice", body)


@router.post(_SIDE + "/payments")
def receive_payment(request: Request, body: PaymentBody) -> Response:
    """Money that came in, unapplied, with its remittance text."""
    return _issue(request, "payment", body, payer=body.payer, payer_account=body.payer_account)


@router.post(_SIDE + "/credits")
def post_credit(request: Request, body: DocumentBody) -> Response:
    """A credit note, unapplied."""
    return _issue(request, "credit", body)


@router.post(_SIDE + "/payments/{item}/return")
def return_payment(request: Request, item: str, body: ReturnBody) -> Response:
    """The bank took a payment back: what it had paid is open again."""
    with ledger_of(request).write() as writing:
        settle.return_payment(writing, key_of(item, "item"), body.code, body.on or writing.company.today)
        return _touched(writing, 200)


@router.put(_SIDE + "/items/{item}/dispute")
def dispute(request: Request, item: str, body: DisputeBody) -> Response:
    """Open a dispute on an item, or close it."""
    with ledger_of(request).write() as writing:
        row = settle.item_row(writing, key_of(item, "item"))
        disputes.mark(writing, row["id"], body.reason)
        return _touched(writing, 200)


@router.put(_SIDE + "/items/{item}/dunning")
def dun(request: Request, item: str, body: DunningBody) -> Response:
    """A reminder about an item went out, or is taken back."""
    with ledger_of(request).write() as writing:
        dunning.dun(writing, key_of(item, "item"), body.level)
        return _touched(writing, 200)


@router.post(_SIDE + "/applications")
def apply_credit(request: Request, body: ApplicationBody) -> Response:
    """A credit is applied by somebody else than arqueue."""
    with ledger_of(request).write() as writing:
        credit, debit = key_of(body.credit, "item"), key_of(body.debit, "item")
        amount = Money.parse(body.amount, settle.item_row(writing, credit)["currency"]).minor
        on = body.on or writing.company.today
        settle.apply_credit(writing, credit, debit, amount, on, memo="applied in accounting")
        return _touched(writing)


@router.delete(_SIDE + "/applications/{allocation}")
def unapply(request: Request, allocation: str) -> Response:
    """An application is taken back by somebody else than arqueue."""
    with ledger_of(request).write() as writing:
        settle.unapply(
            writing, key_of(allocation, "allocation"), writing.company.today, memo="taken back in accounting"
        )
        return _touched(writing, 200)


@router.post(_SIDE + "/adjustments")
def write_off(request: Request, body: AdjustmentBody) -> Response:
    """A difference is written off by somebody else than arqueue."""
    with ledger_of(request).write() as writing:
        key = key_of(body.item, "item")
        amount = Money.parse(body.amount, settle.item_row(writing, key)["currency"]).minor
        on = body.on or writing.company.today
        settle.write_off(
            writing, key, amount, body.method, on, memo="written off in accounting", text=body.text
        )
        return _touched(writing)


@router.put(_SIDE + "/lock-date")
def lock(request: Request, body: LockBody) -> Response:
    """Close the books up to a day, or open them."""
    day = date.fromisoformat(body.date) if body.date else None
    with ledger_of(request).write() as writing:
        writing.run("UPDATE company SET lock_date = ?", day.isoformat() if day else None)
    return answer({"lock_date": body.date})


@router.put(_SIDE + "/rates")
def set_rate(request: Request, body: RateBody) -> Response:
    """What a currency is worth for documents from now on; what is posted stays as it is."""
    exponent(body.currency)
    if not Decimal(body.rate):
        raise LedgerRefused("invalid", "rate: must be more than nothing", "give a positive rate")
    with ledger_of(request).write() as writing:
        if body.currency == writing.company.currency:
            raise LedgerRefused("invalid", "currency: is the company's own", "its rate is one")
        writing.run("INSERT OR REPLACE INTO rate VALUES (?, ?)", body.currency, body.rate)
    return answer({"currency": body.currency, "rate": body.rate})


@router.get(_SIDE + "/journal")
def journal(request: Request, item: str = "", command: str = "") -> Response:
    """The journal entries of an item (its own and those of its allocations) or of a command."""
    with ledger_of(request).read() as connection:
        if command:
            found = connection.execute(
                "SELECT * FROM journal_entry WHERE command_id = ? ORDER BY id", (command,)
            )
        else:
            key = key_of(item, "item")
            found = connection.execute(
                "SELECT * FROM journal_entry WHERE id IN (SELECT i.entry_id FROM item i WHERE i.id = ?1 OR i.id IN"
                " (SELECT credit_item FROM allocation WHERE debit_item = ?1 UNION"
                " SELECT debit_item FROM allocation WHERE credit_item = ?1)) ORDER BY id",
                (key,),
            )
        entries = [{**dict(row), "lines": _lines(connection, row["id"])} for row in found.fetchall()]
    return answer({"entries": entries, "count": len(entries)})


def _lines(connection: Any, entry: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT * FROM journal_line WHERE entry_id = ? ORDER BY line", (entry,)
    ).fetchall()
    return [
        {
            "account": row["account"],
            "party_id": f"party:{row['party_id']}" if row["party_id"] else None,
            "currency": row["currency"],
            "debit": Money(row["debit"], row["currency"]).text,
            "credit": Money(row["credit"], row["currency"]).text,
        }
        for row in rows
    ]
