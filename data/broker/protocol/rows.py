"""The rows that the broker answers with."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class SavedViewRow(TypedDict):
    """One's own view: ``view`` is the one that it narrows, ``columns`` empty the usual ones."""

    name: str
    view: str
    filter: str
    sort: str
    columns: list[str]
    digit: NotRequired[int]
    """The key that shows it; 0 when none does."""


class ViewCount(TypedDict):
    """How many rows one of one's own views holds; ``more`` when there are more than were looked for."""

    name: str
    total: int
    more: bool


class PersonRow(TypedDict):
    """Somebody of the company."""

    id: str
    name: str
    roles: list[str]


class ReasonCodeRow(TypedDict):
    """A reason to adjust: its code, words, and the GL account that the ledger books to."""

    code: str
    words: str
    method: str
    account: str


class Hello(TypedDict):
    """The broker's greeting: who you are here and whose books these are."""

    person: PersonRow
    people: list[PersonRow]
    company: str
    currency: str
    business_date: str
    demo: bool
    peer_kind: str
    peer_url: str
    reasons: list[ReasonCodeRow]
    dispute_reasons: list[str]
    """The company's own words for why an invoice is disputed."""
    operations: list[str]
    """The operations that the accounting system carries: apply, unapply, adjust, annotate, escalate."""
    version: int


class Point(TypedDict):
    """One reason of a rank: its points and words."""

    rule: str
    points: int
    words: str


class QueueRow(TypedDict):
    """One row of the queue."""

    id: str
    kind: str
    party: str
    """The customer's name, cleaned; empty when the customer vanished."""
    party_id: str | None
    party_code: str
    item_id: str | None
    subject: str
    amount: str
    currency: str
    age_days: int
    score: int
    reasons: list[Point]
    owner: str | None
    state: str
    """``open``, or ``queued`` while a command on it is not final, or ``failed``."""
    command_id: str | None
    maker: str | None
    """Who made the command that the row is about: a failure, an escalation, or what waits for approval."""
    assignee: NotRequired[str | None]
    """Whose work it is, a stand-in's while its owner is away; None while it is nobody's."""
    snoozed_until: NotRequired[str | None]
    """The business date on which it comes back; None while it is awake."""
    pinned_until: NotRequired[str | None]
    """The last business date on which it is on top."""
    promised: NotRequired[str]
    """The promise to pay of an account, and what became of it, in words; not there without one, or once it is kept."""


class Window(TypedDict):
    """Rows ``offset … offset+len(rows)`` of a view. ``generation`` grows with every change of the queue."""

    rows: list[QueueRow]
    offset: int
    total: int
    all: int
    """How many the view holds without the filter."""
    generation: int
    more: NotRequired[bool]
    """There are more rows than ``total``: only the first ones were looked for."""


class Wider(TypedDict):
    """A filter ``without`` some of its terms, and how many ``rows`` it lets in; ``more`` than that were not counted."""

    without: list[str]
    filter: str
    rows: int
    more: bool


class SyncStatus(TypedDict):
    """How fresh the mirror is. ``state``: ``idle``, ``pulling``, ``first`` (nothing was ever stored) or ``failing``."""

    state: str
    last_ok: str | None
    age_s: int | None
    done: int
    remaining: int | None
    quarantined: int
    error: NotRequired[ErrorRow]


class ErrorRow(TypedDict):
    """An error in words."""

    code: str
    message: str
    hint: str


class OutboxStatus(TypedDict):
    """How many commands are not final, or failed and not yet looked at."""

    pending: int
    queued: int
    sending: int
    unknown: int
    failed: int


class Status(TypedDict):
    """What the status line shows; pushed when it changes."""

    sync: SyncStatus
    outbox: OutboxStatus
    counts: dict[str, int]
    """Rows of each view for this person."""
    business_date: str
    generation: int
    people: NotRequired[ErrorRow]
    """What is wrong with the people file, while it is."""


class ItemRow(TypedDict):
    """One open item. ``open`` is what the screen shows as open: residual less amounts of commands not final; signed."""

    id: str
    kind: str
    number: str
    doc_date: str
    due_date: str | None
    days_past_due: int | None
    total: str
    residual: str
    open: str
    currency: str
    state: str
    dispute: str
    returned: str
    reference: str
    purchase_order: str
    text: str
    method: str
    payer: str
    """Who sent a payment, as the bank names them; empty where the ledger does not say."""
    party_id: str
    party: str
    version: str


class NoteRow(TypedDict):
    """A remark; ``state`` says whether our own has reached the ledger."""

    id: str
    target: str
    author: str
    at: str
    text: str
    ours: bool
    state: str


class Bucket(TypedDict):
    """One ageing bucket: words and amount (signed decimal string)."""

    words: str
    amount: str


class Ageing(TypedDict):
    """Open debits of one currency by days past due; buckets and credits sum to the balance."""

    currency: str
    buckets: list[Bucket]
    credits: str
    balance: str


class PartyRow(TypedDict):
    """A customer's card."""

    id: str
    code: str
    name: str
    parent: str | None
    currency: str | None
    credit_limit: str | None
    on_hold: bool
    terms: str
    emails: list[str]
    phones: list[str]
    active: bool
    suspicious: bool
    """The name holds characters that were made visible: read the code, not the name."""


class ApprovalRow(TypedDict):
    """One person's yes; ``glass`` is one of the two of a break-glass, ``why`` its reason."""

    person: str
    at: str
    glass: bool
    why: str


class CommandRow(TypedDict):
    """A command and its outcome."""

    id: str
    op: str
    state: str
    words: str
    """The command in a line: ``apply 120.00 EUR of PAY-7 to INV-1, INV-2``."""
    target: str
    party: str
    party_id: str | None
    amount: str
    currency: str
    actor: str
    created_at: str
    updated_at: str
    attempts: int
    outcome: str
    """What the accounting system said, in words."""
    refs: list[str]
    undoable: bool
    batch: str
    """The id of the first command of the same order, where one order became several; else empty."""
    approvals: list[ApprovalRow]
    """Who said yes to it, first to last."""
    taken_back: NotRequired[list[str]]
    """The answer to ``undo``: every command of the order that it took back, in words."""


class AttemptRow(TypedDict):
    """One try to send a command."""

    n: int
    at: str
    outcome: str
    words: str


class PromiseRow(TypedDict):
    """What a customer promised. ``state`` is what became of it: open, small, covered, kept, partly kept, broken, withdrawn, or
    replaced while it was open. ``level`` is how often promises before it were put off; ``at`` when it was recorded (UTC)."""

    id: str
    party_id: str
    party: str
    party_code: str
    amount: str
    currency: str
    on: str
    state: str
    level: int
    why: str
    person: str
    at: str


class Account(TypedDict):
    """All that the account screen shows of one customer."""

    party: PartyRow
    ageing: list[Ageing]
    items: list[ItemRow]
    """Open items, oldest due first; at most 500."""
    items_total: int
    notes: list[NoteRow]
    commands: list[CommandRow]
    family: list[PartyRow]
    promises: NotRequired[list[PromiseRow]]
    """The last promises to pay, newest first."""


class Shown(TypedDict):
    """``show``: a work item, a customer or an open item, with its account."""

    work: QueueRow | None
    item: ItemRow | None
    applied: list[AllocationRow]
    account: Account | None


class AllocationRow(TypedDict):
    """What is applied to, or of, the shown item."""

    id: str
    credit_item: str
    credit_number: str
    debit_item: str
    debit_number: str
    amount: str
    currency: str
    on: str


class Outbox(TypedDict):
    """Commands, newest first."""

    rows: list[CommandRow]
    total: int


class Found(TypedDict):
    """``find``: customers, open items, and work."""

    parties: list[PartyRow]
    items: list[ItemRow]


class SyncDone(TypedDict):
    """What one sync did."""

    pulled: int
    pushed: int
    failed: int
    cursor: str
    seconds: float
