"""What a face may ask, checked at the edge: one model a method. Anything else in a request is an error that names the field."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from arqueue.errors import Invalid
from data.broker.protocol import WINDOW_CAP

Id = Annotated[str, Field(min_length=1, max_length=200)]
Amount = Annotated[str, Field(max_length=30)]
Words = Annotated[str, Field(max_length=4000)]
Intent = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.:-]{8,64}$")]


class Request(BaseModel):
    """The base: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class HelloRequest(Request):
    """Who is there. ``as`` is for demo companies only."""

    version: int
    act_as: str | None = Field(default=None, alias="as")


class Nothing(Request):
    """No parameters."""


class WindowRequest(Request):
    """A window of a view."""

    view: Literal["all", "payment", "dispute", "overdue", "escalation", "failure"] = "all"
    filter: str = Field(default="", max_length=200)
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=64, ge=1, le=WINDOW_CAP)


class LocateRequest(Request):
    """Where a work item stands in a view."""

    view: str = "all"
    filter: str = Field(default="", max_length=200)
    id: Id


class IdRequest(Request):
    """One thing by its id, number or code."""

    id: Id


class SuggestRequest(Request):
    """Ways to apply a payment."""

    payment: Id
    limit: int = Field(default=9, ge=1, le=50)


class FindRequest(Request):
    """A search by name, number, reference or amount."""

    text: str = Field(min_length=1, max_length=200)
    limit: int = Field(default=20, ge=1, le=200)


class OutboxRequest(Request):
    """Commands, newest first."""

    states: list[str] = []
    limit: int = Field(default=100, ge=1, le=500)
    offset: int = Field(default=0, ge=0)


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

    set: str | None = None
    advance: int | None = Field(default=None, ge=1, le=3660)


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


class AdjustIn(Request):
    """Write a difference off."""

    op: Literal["adjust"]
    item: Id
    amount: Amount
    reason: Id
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
    to: Id
    why: Words
    work: str = Field(default="", max_length=200)


CommandIn = Annotated[ApplyIn | UnapplyIn | AdjustIn | AnnotateIn | EscalateIn, Field(discriminator="op")]


class ReviewRequest(Request):
    """What a command would do."""

    command: CommandIn


class SubmitRequest(Request):
    """Store a command; the same intent twice is one command."""

    intent: Intent
    command: CommandIn


def check(model: type[Request], params: Any) -> Any:
    """The request as its model. Raises Invalid, naming the field."""
    try:
        return model.model_validate(params)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "params"
        raise Invalid(f"{place}: {first['msg']}", "correct that field and ask again") from None
