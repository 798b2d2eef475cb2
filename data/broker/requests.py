"""What a face may ask, checked at the edge: one model a method. Anything else in a request is an error that names the field."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from arqueue.control.states import CommandState
from arqueue.errors import Invalid
from arqueue.model import cards
from arqueue.model.text import guard
from data.broker.protocol import VIEWS, WINDOW_CAP

_ROWS_CAP = 2**53
_INTENT = re.compile(r"[0-9A-Za-z_.:-]{8,64}")


def _storable(text: Any) -> Any:
    """Half a character or a NUL is in no name, number or note."""
    if isinstance(text, str) and ("\0" in text or any("\ud800" <= char <= "\udfff" for char in text)):
        raise ValueError("holds NUL or half a character")
    return text


def _known_view(view: str) -> str:
    if view not in dict(VIEWS):
        raise ValueError(f"there is no view {view!r}; there are {', '.join(dict(VIEWS))}")
    return view


def _intent(text: str) -> str:
    if not _INTENT.fullmatch(text):
        raise ValueError("must be 8 to 64 letters, digits, or any of _ . : -")
    return text


def _no_card(text: str) -> str:
    """An id of digits and letters is nobody's card; one of digits alone may be."""
    return text if any(char.isalpha() for char in text) else cards.refused(text)


Text = Annotated[str, BeforeValidator(_storable)]
Id = Annotated[Text, Field(min_length=1, max_length=200)]
Amount = Annotated[Text, Field(max_length=30)]
Words = Annotated[Text, Field(max_length=4000), AfterValidator(cards.refused)]
Filter = Annotated[Text, Field(max_length=200), AfterValidator(cards.refused)]
Query = Annotated[Text, AfterValidator(cards.refused)]
"""A filter of the list: whoever reads it says what is wrong with it."""
Reason = Annotated[Text, Field(min_length=1, max_length=200), AfterValidator(cards.refused)]
View = Annotated[Text, AfterValidator(_known_view)]
Intent = Annotated[Text, AfterValidator(_intent), AfterValidator(_no_card)]


class Request(BaseModel):
    """The base: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class HelloRequest(Request):
    """Who is there. ``as`` is for demo companies only."""

    version: int
    act_as: Text | None = Field(default=None, alias="as")


class Nothing(Request):
    """No parameters."""


class WindowRequest(Request):
    """A window of a view."""

    view: View = "all"
    filter: Query = ""
    sort: Filter = "rank"
    offset: int = Field(default=0, ge=0, le=_ROWS_CAP)
    limit: int = Field(default=64, ge=1, le=WINDOW_CAP)
    whole: bool = True
    """False: the first rows are enough for now, if finding all of them takes long."""
    aside: bool = False
    """Nobody waits for it: it is read ahead, or again since something changed."""


class LocateRequest(Request):
    """Where a work item stands in a view."""

    view: View = "all"
    filter: Query = ""
    sort: Filter = "rank"
    id: Id
    whole: bool = True


class WidenRequest(Request):
    """A view and a filter under which it shows nothing."""

    view: View = "all"
    filter: Query = ""


class PickRequest(Request):
    """Rows of the queue by their ids."""

    ids: list[Id] = Field(max_length=WINDOW_CAP)


class IdRequest(Request):
    """One thing by its id, number or code."""

    id: Id


class ReversalRequest(Request):
    """What is to be taken back: one order, or the newest of one's own."""

    id: Id | None = None


class FindRequest(Request):
    """A search by name, number, reference or amount."""

    text: Id
    limit: int = Field(default=20, ge=1, le=200)


class OutboxRequest(Request):
    """Commands, newest first."""

    states: list[CommandState] = Field(default=[], max_length=20)
    limit: int = Field(default=100, ge=1, le=500)
    offset: int = Field(default=0, ge=0, le=_ROWS_CAP)


class WaitRequest(Request):
    """Wait until a command's outcome is final or unknown."""

    id: Id
    timeout: float = Field(default=30, gt=0, le=600)


class SyncRequest(Request):
    """A pull and a push; with ``wait`` the answer comes when both are done."""

    full: bool = False
    wait: bool = False


class ClockRequest(Request):
    """A demo company's business date: set it, or move it by days; neither only shows it."""

    set: Text | None = None
    advance: int | None = Field(default=None, ge=1, le=3660)


class ApproveRequest(Request):
    """A yes; with ``break_glass`` (and why) one of two to what is above everybody's limit."""

    id: Id
    break_glass: bool = False
    why: Words = ""


class WeighRequest(Request):
    """A waiting command as it would be answered; with ``glass`` (why) by one of two who break the glass."""

    id: Id
    glass: Words = ""


class DeclineRequest(Request):
    """Why an approver says no."""

    id: Id
    why: Words


class LineIn(Request):
    """So much of one item."""

    item: Id
    amount: Amount


class ApplyIn(Request):
    """Apply an open credit."""

    op: Literal["apply"]
    payment: Id
    lines: list[LineIn] = Field(max_length=500)


class UnapplyIn(Request):
    """Take an allocation back."""

    op: Literal["unapply"]
    allocation: Id


class CustomersRequest(Request):
    """Customers whose names or codes begin so."""

    begins: Filter = Field(min_length=1)


class AdjustIn(Request):
    """Write a difference off."""

    op: Literal["adjust"]
    item: Id
    amount: Amount
    reason: Reason
    note: Words = ""


class AnnotateIn(Request):
    """Put a note on an item or a customer."""

    op: Literal["annotate"]
    target: Id
    text: Words


class EscalateIn(Request):
    """Hand something up."""

    op: Literal["escalate"]
    target: Id
    to: Reason
    why: Words
    work: Filter = ""


class DisputeIn(Request):
    """Mark a debit as disputed; without an amount all that is open of it."""

    op: Literal["dispute"]
    item: Id
    reason: Reason
    amount: Amount | None = None
    note: Words = ""


class ResolveIn(Request):
    """End the dispute on a debit."""

    op: Literal["resolve"]
    item: Id
    outcome: Literal["valid", "invalid"]
    note: Words = ""


class IdentifyIn(Request):
    """Move an unapplied payment to the customer who sent it."""

    op: Literal["identify"]
    payment: Id
    party: Id


class ShortIn(Request):
    """What becomes of the rest of a line: words for a dispute, a reason code for a write-off."""

    how: Literal["open", "dispute", "writeoff"]
    reason: Filter = ""
    note: Words = ""
    amount: Amount | None = None


class SettleLineIn(Request):
    """One debit, what is paid of it, its discount, and what becomes of its rest."""

    item: Id
    amount: Amount
    discount: Amount = "0"
    short: ShortIn | None = None


class SettleIn(Request):
    """Apply a payment with everything that belongs to it."""

    op: Literal["settle"]
    payment: Id
    lines: list[SettleLineIn] = Field(max_length=500)
    credits: list[LineIn] = Field(default=[], max_length=100)
    rest: Literal["on_account", "refund"] = "on_account"
    note: Words = ""


class MoveIn(Request):
    """Take an allocation back and apply the same, or so much of it, to another debit."""

    op: Literal["move"]
    allocation: Id
    to: Id
    amount: Amount | None = None


SingleIn = ApplyIn | UnapplyIn | AdjustIn | AnnotateIn | EscalateIn | DisputeIn | ResolveIn | IdentifyIn
OrderIn = Annotated[SingleIn | SettleIn | MoveIn, Field(discriminator="op")]


class ReviewRequest(Request):
    """What an order would do."""

    command: OrderIn


class SubmitRequest(Request):
    """Store an order, which may become several commands; the same intent twice is one order."""

    intent: Intent
    command: OrderIn


def check(model: type[Request], params: Any) -> Any:
    """The request as its model. Raises Invalid, naming the field."""
    try:
        return model.model_validate(params)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = guard(".".join(str(part) for part in first["loc"]))[:80] or "params"
        words = guard(first["msg"].removeprefix("Value error, "))
        raise Invalid(f"{place}: {words}", "correct that field and ask again") from None
