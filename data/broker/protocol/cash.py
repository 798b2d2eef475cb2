"""What face and broker say to each other of cash application: suggestions, payers, aliases, and the order to settle.

A face orders ``{"op": "settle", …}`` in one go; the broker makes the several commands of it (offset credits, apply, write
discounts and differences off, dispute a rest, ask for a refund), decides them one after the other and stores all or none.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from data.broker.protocol.rows import ItemRow


class SuggestedLine(TypedDict):
    """One item and what becomes of it; a credit's amount is negative: it is used up beside the payment."""

    item: str
    number: str
    kind: str
    party_id: str
    amount: str
    discount: str
    """Early-payment discount that closes the item beside the amount; ``0.00`` for most."""
    short: str
    """What the line keeps open although the payer seems to regard it as settled."""
    due_date: str | None
    open: str


class Difference(TypedDict):
    """What does not come out even: ``none``, ``short`` (an item keeps a rest), ``over`` (the payment keeps a rest), ``discount``,
    ``charges``, ``tolerance``. ``item`` is the one that keeps it."""

    kind: Literal["none", "short", "over", "discount", "charges", "tolerance"]
    amount: str
    item: str | None


class SuggestionRow(TypedDict):
    """One way to apply a payment."""

    rank: int
    kind: Literal["advice", "reference", "exact", "discount", "exclusion", "tolerance", "oldest"]
    lines: list[SuggestedLine]
    applied: str
    left: str
    currency: str
    difference: Difference
    answers: int
    """How many equally good answers exist."""
    counted: bool
    """False: there are more than ``answers``."""
    unique: bool
    sure: bool
    """Unique, to the cent and named: what may be posted without a person, where policy lets it."""
    why: list[str]


class PayerRow(TypedDict):
    """A customer who may have sent a payment whose sender is not known."""

    party_id: str
    code: str
    name: str
    why: list[str]
    alias: bool
    """By a name (or account) that was learned before."""


class DiscountRow(TypedDict):
    """The early-payment discount that a debit still has, by its terms and the payment's date."""

    item: str
    amount: str
    until: str
    earned: bool
    """False: the day and its grace are over; granting it is somebody's decision."""


class Suggestions(TypedDict):
    """Ways to apply one payment, and everything it could be applied to."""

    payment: ItemRow
    suggestions: list[SuggestionRow]
    complete: bool
    """False: the time was over before the search was."""
    notes: list[str]
    """What was left out, in words."""
    debits: list[ItemRow]
    """Open debits of the payer and its family in the payment's currency, oldest due first; at most 5,000."""
    debits_total: int
    credits: list[ItemRow]
    """Other open credits of the same customers: credit notes and on-account cash that can be netted; at most 500."""
    discounts: list[DiscountRow]
    payers: list[PayerRow]
    """Only for a payment on an account for unidentified payments."""
    unidentified: bool
    tolerance: str | None
    """Up to so much this person may write off as a small difference, in the payment's currency."""
    charges: str | None
    reasons: dict[str, str]
    """The reason codes of the company for ``discount``, ``charges``, ``small``."""
    dispute_reasons: list[str]


class SettleShort(TypedDict):
    """What becomes of the rest of a line: it stays ``open``, is disputed (``dispute``, with a reason in words), or is written off
    (``writeoff``, with a reason code)."""

    how: Literal["open", "dispute", "writeoff"]
    reason: NotRequired[str]
    note: NotRequired[str]
    amount: NotRequired[str]
    """Of the rest so much; all of it without."""


class SettleLine(TypedDict):
    """One debit: ``amount`` is what payment and credits pay of it together."""

    item: str
    amount: str
    discount: NotRequired[str]
    short: NotRequired[SettleShort]


class SettleCredit(TypedDict):
    """So much of another credit that is netted; positive."""

    item: str
    amount: str


class Settle(TypedDict):
    """The order to apply a payment with everything that belongs to it."""

    op: Literal["settle"]
    payment: str
    lines: list[SettleLine]
    credits: NotRequired[list[SettleCredit]]
    rest: NotRequired[Literal["on_account", "refund"]]
    """What becomes of what is left of the payment: it stays on account, or a refund is asked for."""
    note: NotRequired[str]


class Move(TypedDict):
    """The order to take an allocation back and apply the same amount to another debit."""

    op: Literal["move"]
    allocation: str
    to: str
    amount: NotRequired[str]


class AliasRow(TypedDict):
    """A name or account by which payments of a customer were recognised before."""

    id: str
    alias: str
    kind: Literal["name", "account"]
    party_id: str
    party_code: str
    party: str
    learned_by: str
    learned_at: str
    uses: int
    """How many payments were said to be theirs by it."""
    last_used: str


class AutoRow(TypedDict):
    """A payment as automatic application sees it."""

    payment: str
    number: str
    party: str
    party_code: str
    amount: str
    currency: str
    would: bool
    why: str
    """Why it would be applied, or why not."""
    suggestion: SuggestionRow | None


class AutoDay(TypedDict):
    """What automatic application did on one business date, by currency."""

    day: str
    currency: str
    payments: int
    amount: str
    taken_back: int
