"""The life of a command: which state may follow which. The store holds the same edges in a trigger.

What was let through is looked at once more when it is sent: whoever may not any more has it DECLINED, out of QUEUED and therefore
with nothing sent, or REJECTED where a look-up proved that an earlier attempt left nothing behind.
"""

from __future__ import annotations

from enum import StrEnum


class CommandState(StrEnum):
    """Where a command stands; UNKNOWN is a state that a person can see."""

    PENDING = "pending"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    POSTED = "posted"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"


S = CommandState
EDGES: dict[CommandState, frozenset[CommandState]] = {
    S.PENDING: frozenset({S.QUEUED, S.DECLINED, S.EXPIRED, S.CANCELLED}),
    S.QUEUED: frozenset({S.SENDING, S.CANCELLED, S.DECLINED}),
    S.SENDING: frozenset({S.POSTED, S.REJECTED, S.CONFLICT, S.UNKNOWN}),
    S.UNKNOWN: frozenset({S.SENDING, S.POSTED}),
}
HELD_EDGES: dict[CommandState, frozenset[CommandState]] = dict.fromkeys(
    (S.PENDING, S.QUEUED, S.UNKNOWN), frozenset({S.POSTED, S.REJECTED, S.CONFLICT})
)
"""Of a command that came back with a backup, until the ledger was asked about it: nothing moves it but what the ledger says."""
FINAL = frozenset(state for state in CommandState if state not in EDGES)
IN_FLIGHT = frozenset(EDGES)
FAILED = frozenset({S.REJECTED, S.CONFLICT, S.EXPIRED, S.DECLINED})


def may_follow(before: CommandState, after: CommandState) -> bool:
    """Whether the graph has that edge. A final state has none."""
    return after in EDGES.get(before, frozenset())
