"""What a face may ask of the audit, checked at the edge: one model a method."""

from __future__ import annotations

from pydantic import Field, model_validator

from data.broker.requests import Request, Text, Words


class EraseRequest(Request):
    """Erase what was said about one command, or about every command of a customer, and why."""

    command: Text = Field(default="", max_length=200)
    party: Text = Field(default="", max_length=200)
    why: Words

    @model_validator(mode="after")
    def _one(self) -> EraseRequest:
        if bool(self.command) is bool(self.party):
            raise ValueError("name either a command or a customer")
        return self
