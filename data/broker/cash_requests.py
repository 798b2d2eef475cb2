"""What a face may ask of cash application, checked at the edge: one model a method."""

from __future__ import annotations

from datetime import date

from pydantic import Field, field_validator

from data.broker.requests import Id, Request, Text

ADVICE_CAP = 1024 * 1024
"""Bytes of a remittance advice."""


class AdviceIn(Request):
    """A remittance advice: the file's name, by which its format may be told, and what is in it."""

    name: Text = Field(default="", max_length=200)
    text: Text = Field(max_length=ADVICE_CAP)

    @field_validator("text")
    @classmethod
    def _bounded(cls, text: str) -> str:
        if len(text.encode()) > ADVICE_CAP:
            raise ValueError(
                f"is longer than {ADVICE_CAP >> 20} MiB: give the part that is about this payment"
            )
        return text


class SuggestRequest(Request):
    """Ways to apply a payment; ``payer`` is for one whose sender is not known yet: over whose items to look."""

    payment: Id
    limit: int = Field(default=9, ge=1, le=50)
    advice: AdviceIn | None = None
    payer: Id | None = None
    thorough: bool = False
    """With the time of ``Policy.thorough``."""


class AutoSeenRequest(Request):
    """Unapplied payments as automatic application sees them, a page at a time: each takes a search."""

    offset: int = Field(default=0, ge=0, le=2**53)
    limit: int = Field(default=20, ge=1, le=50)


class AutoDaysRequest(Request):
    """What automatic application did: on one business date, or on the last ones."""

    day: date | None = None
    limit: int = Field(default=30, ge=1, le=366)


class AliasesRequest(Request):
    """Names and accounts that were learned, the newest first; of one customer, or of all."""

    party: Id | None = None
    limit: int = Field(default=500, ge=1, le=5000)
