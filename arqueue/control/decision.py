"""What a decision can say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """It may be sent."""


@dataclass(frozen=True, slots=True)
class NeedsApproval:
    """It may be sent when another person with a sufficient limit approves it."""

    rule: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """It may not be sent: the rule, the reason, and what to do."""

    rule: str
    reason: str
    hint: str


Decision = Accepted | NeedsApproval | Refusal
