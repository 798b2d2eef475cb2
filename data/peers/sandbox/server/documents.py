"""Documents that make open items: invoices, instalments, credit notes, payments, and the journals behind adjustments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from data.peers.sandbox.server.journal import Leg, control, post
from data.peers.sandbox.server.ledger import Writing
from data.peers.sandbox.server.refusal import LedgerRefused
from data.peers.sandbox.server.schema import BANK, CREDIT_NOTES, REVENUE

_CONTRA = {"invoice": REVENUE, "credit": CREDIT_NOTES, "payment": BANK}
_PREFIX = {"invoice": "INV", "credit": "CN", "payment": "PAY", "journal": "JNL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is to become an item; ``total`` is signed: what the customer owes is positive."""

    kind: str
    party: int
    currency: str
    total: int
    on: date
    number: str = ""
    due: date | None = None
    reference: str = ""
    purchase_order: str = ""
    text: str = ""
    method: str = ""
    payer: str = ""
    payer_account: str = ""


def issue(writing: Writing, document: Document, parts: Sequence[tuple[date, int]] = ()) -> int:
    """Post an invoice, credit note or payment; the item's key. ``parts`` are instalments (due date, amount) that must sum
    to the total. Raises LedgerRefused."""
    if document.total == 0 or (document.total > 0) is not (document.kind == "invoice"):
        raise LedgerRefused("invalid", "amount: must be more than nothing", "give a positive amount")
    if parts and (sum(part for _, part in parts) != document.total or any(part <= 0 for _, part in parts)):
        raise LedgerRefused(
            "invalid", "instalments: do not sum to the amount of the invoice", "correct the parts"
        )
    if document.number and writing.one(
        "SELECT 1 FROM item WHERE kind = ? AND number = ?", document.kind, document.number
    ):
        raise LedgerRefused(
            "invalid", f"number: {document.kind} {document.number} exists already", "use another number"
        )
    base = writing.company.base(document.total, document.currency)
    legs = [
        control(document.party, document.currency, document.total, base),
        Leg(_CONTRA[document.kind], document.currency, -document.total, -base),
    ]
    number = document.number or next_number(writing, document.kind)
    entry = post(writing, document.on, document.kind, f"{document.kind} {number}", legs)
    if not parts:
        return add_item(writing, document, number, base, entry)
    parent = add_item(writing, document, number, base, entry, is_open=False)
    bases = split(base, [part for _, part in parts])
    for place, ((due, part), part_base) in enumerate(zip(parts, bases, strict=True), 1):
        _add_instalment(writing, document, f"{number}/{place}", due, part, part_base, entry, parent)
    return parent


def _add_instalment(
    writing: Writing, whole: Document, number: str, due: date, amount: int, base: int, entry: int, parent: int
) -> None:
    part = Document(
        kind="instalment",
        party=whole.party,
        currency=whole.currency,
        total=amount,
        on=whole.on,
        due=due,
        reference=whole.reference,
        purchase_order=whole.purchase_order,
        text=whole.text,
    )
    add_item(writing, part, number, base, entry, parent=parent)


def split(base: int, parts: Sequence[int]) -> list[int]:
    """An amount in the company's currency over parts in proportion; the last takes what rounding leaves."""
    whole = sum(parts)
    shares = [base * part // whole for part in parts[:-1]]
    return [*shares, base - sum(shares)]


def next_number(writing: Writing, kind: str) -> str:
    """The ledger's own number for a document that brings none."""
    last = writing.one("SELECT coalesce(max(id), 0) AS last FROM item")["last"]
    return f"{_PREFIX[kind]}-{last + 1:06d}"


def add_item(
    writing: Writing,
    document: Document,
    number: str,
    base: int,
    entry: int,
    *,
    parent: int | None = None,
    is_open: bool = True,
) -> int:
    """Write the item of an entry that is posted; its key."""
    key = writing.insert(
        "item",
        {
            "kind": document.kind,
            "number": number,
            "party_id": document.party,
            "currency": document.currency,
            "total": document.total,
            "residual": document.total if is_open else 0,
            "total_base": base,
            "residual_base": base if is_open else 0,
            "doc_date": document.on.isoformat(),
            "due_date": document.due.isoformat() if document.due else None,
            "parent_id": parent,
            "reference": document.reference,
            "purchase_order": document.purchase_order,
            "text": document.text,
            "method": document.method,
            "payer": document.payer,
            "payer_account": document.payer_account,
            "entry_id": entry,
            "modified_at": writing.stamp,
        },
    )
    writing.touch("item", key)
    return key
