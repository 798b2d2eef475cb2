"""The rows of the sandbox ledger's API as both sides know them: amounts are decimal strings, dates ISO 8601, stamps UTC.

A house with a ledger of its own can serve these shapes and be a peer. An unknown extra field is no error: it is how an
API grows.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict


class PartyRow(TypedDict):
    """A customer."""

    kind: Literal["party"]
    id: str
    version: str
    code: str
    name: str
    parent_id: str | None
    currency: str
    credit_limit: str | None
    on_hold: bool
    terms: str
    emails: list[str]
    phones: list[str]
    tags: NotRequired[list[str]]
    active: bool
    modified_at: str


class ItemRow(TypedDict):
    """An open or closed item, debit positive, credit negative."""

    kind: Literal["item"]
    id: str
    version: str
    type: Literal["invoice", "instalment", "credit", "payment", "journal"]
    number: str
    party_id: str
    currency: str
    total: str
    residual: str
    residual_base: str
    base_currency: str
    doc_date: str
    due_date: str | None
    state: Literal["open", "closed"]
    parent_id: str | None
    reference: str
    purchase_order: str
    text: str
    method: str
    payer: NotRequired[str]
    payer_account: NotRequired[str]
    dispute: str
    returned: str
    dunning_level: NotRequired[int | None]
    """How many reminders went out about it."""
    modified_at: str


class AllocationRow(TypedDict):
    """A credit applied to a debit; the amount is positive and in the currency of both."""

    kind: Literal["allocation"]
    id: str
    version: str
    credit_item: str
    debit_item: str
    amount: str
    currency: str
    on: str
    void: bool
    command_id: str


class NoteRow(TypedDict):
    """A remark on a record."""

    kind: Literal["note"]
    id: str
    version: str
    target: str
    author: str
    at: str
    text: str
    command_id: str


class GoneRow(TypedDict):
    """What is no more: deleted, or merged into another."""

    kind: str
    id: str
    deleted: Literal[True]


Row = PartyRow | ItemRow | AllocationRow | NoteRow | GoneRow


class ChangesPage(TypedDict):
    """A piece of the feed; ``count`` is how many rows were sent, so that a cut page is noticed."""

    rows: list[Row]
    count: int
    cursor: str
    more: bool
    remaining: int


class RowsPage(TypedDict):
    """The rows that were asked for by their ids."""

    rows: list[Row]
    count: int


class CensusPage(TypedDict):
    """Open items as [id, version, residual, currency]; ``after`` continues."""

    rows: list[tuple[str, str, str, str]]
    count: int
    after: str
    more: bool


class PostingRow(TypedDict):
    """What was carried out of one order. ``amount`` is what its entries moved, None where it moved nothing."""

    id: str
    op: str
    actor: str
    at: str
    amount: str | None
    currency: str | None
    about: str
    party: NotRequired[str]
    """The customer whose account a payment left that went to another; else empty."""
    refs: list[str]
    memo: NotRequired[str]
    """What its first entry says of it; remarks have none."""


class PostingsPage(TypedDict):
    """Orders that were carried out, by id; ``after`` continues."""

    rows: list[PostingRow]
    count: int
    after: str
    more: bool


class MethodRow(TypedDict):
    """A way to write a difference off."""

    id: str
    code: str
    name: str
    account: str


class CompanyAnswer(TypedDict):
    """Who is at the other end."""

    product: str
    version: int
    company: str
    currency: str
    zone: str
    business_date: str
    lock_date: str | None
    overlap_s: int
    key_lifetime_s: int
    operations: list[str]
    methods: list[MethodRow]


class MovedRow(TypedDict):
    """By how much (positive) an order moved an item."""

    item: str
    amount: str
    currency: str


class ErrorBody(TypedDict):
    """What happened, in words, and what to do about it."""

    code: str
    message: str
    hint: str


class OrderAnswer(TypedDict):
    """What became of an order; kept under its command id, so that a repeated order gets the same answer."""

    id: str
    op: str
    body_sha256: str
    state: Literal["posted", "refused"]
    refs: list[str]
    moved: list[MovedRow]
    rows: list[Row]
    error: NotRequired[ErrorBody]


class ErrorAnswer(TypedDict):
    """Any answer of 400 and above that is not an order's."""

    error: ErrorBody
