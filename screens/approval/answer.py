"""What somebody is about to answer to an order that waits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """The three answers: by what they are called, and what is said when they were given."""

    YES = "Approve"
    NO = "Decline"
    GLASS = "Break the glass"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its reason, which only a plain yes goes without."""

    kind: Kind = Kind.YES
    why: str = ""

    @property
    def method(self) -> str:
        """The broker's method for it."""
        return "decline" if self.kind is Kind.NO else "approve"

    @property
    def given(self) -> dict[str, Any]:
        """What goes with the order's id."""
        match self.kind:
            case Kind.YES:
                return {}
            case Kind.NO:
                return {"why": self.why}
            case Kind.GLASS:
                return {"break_glass": True, "why": self.why}

    @property
    def weighing(self) -> dict[str, Any]:
        """How the order is looked at for it."""
        return {"glass": self.why} if self.kind is Kind.GLASS else {}

    @property
    def done(self) -> str:
        """What is said when it was given."""
        match self.kind:
            case Kind.YES:
                return "Approved"
            case Kind.NO:
                return "Declined"
            case Kind.GLASS:
                return "Glass broken"
