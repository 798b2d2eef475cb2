"""One order on its way through the review: as it was asked, as it was reviewed, and what the broker made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from data.broker.protocol import Review, Submitted


@dataclass(slots=True)
class Proposed:
    """An order with the intent that makes it one however often it is handed over."""

    command: dict[str, Any]
    intent: str
    review: Review
    submitted: Submitted | None = None
    refusal: str = ""
    """What the broker said when it refused it after all."""

    @property
    def refused(self) -> bool:
        """No rule lets it through."""
        return bool(self.refusal) or self.review["verdict"] == "refused"

    @property
    def waits(self) -> bool:
        """It is still to be handed over, or was and nobody knows."""
        return self.submitted is None and not self.refused

    @property
    def why_not(self) -> str:
        """The reason of a refusal in words."""
        return self.refusal or (self.review["reason"] or self.review["words"] if self.refused else "")
