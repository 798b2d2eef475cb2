"""The contract that every connector keeps, whatever accounting system is behind it.

Reading is at-least-once: a page may repeat rows, ``(id, version)`` tells them apart, and the cursor is opaque to the store.
Writing is a command, not a record: a connector re-reads ``order.expect`` and stops with Conflict where the ledger differs,
sends with the best key it has, reads back, and returns the ledger's own new figures. An answer that proves nothing is
Unknown; the sender then asks ``find`` before any second attempt. One conformance suite (tests/peers) runs on all of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from arqueue.control.commands import Line, Order
from arqueue.model.ledger import AdjustmentMethod, Entity
from arqueue.model.money import Money


class Support(StrEnum):
    """How far the peer itself carries an operation."""

    NATIVE = "native"
    EMULATED = "emulated"
    DRAFT_ONLY = "draft_only"
    NONE = "none"


class Idempotency(StrEnum):
    """What keeps a repeated order from being posted twice."""

    KEY = "key"
    UNIQUE_REFERENCE = "unique_ref"
    COMPARE = "compare"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a connector promises for one operation; shown to the user, tested by the conformance suite."""

    support: Support
    idempotency: Idempotency = Idempotency.NONE
    explicit_amount: bool = True
    """Any part of an item can be moved, not only all of it."""
    many_debits: bool = True
    """One credit to several debits in one atomic step."""
    server_guard: bool = False
    """The peer itself refuses to over-apply under races."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """Declared by the connector; unknown means the worst case."""

    operations: dict[str, Operation]
    overlap_s: int
    """How far back each pull re-reads, because stamps are set before commit."""
    tombstones: bool
    """Whether deletions are reported; if not only the census finds them."""
    key_lifetime_s: int | None
    """How long the peer remembers an idempotency key; None where it has none."""
    flight_s: int
    """How long an order may still arrive after we gave up waiting: a look-up before that proves nothing."""
    cross_currency: bool = False
    listed: frozenset[str] = frozenset()
    """Operations that ``ours`` tells of without a gap: one of them that is not told was not posted, or is no more."""
    writes_back: bool = False
    """Whether the entry of a write-off is reversed when its allocation is taken back."""

    def supports(self, op: str) -> bool:
        """Whether the operation moves anything at all in the peer."""
        return op in self.operations and self.operations[op].support is not Support.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Who is at the other end. ``business_date`` is the peer's own date where it has one (demo companies)."""

    product: str
    company: str
    currency: str
    zone: str
    business_date: date | None
    capabilities: Capabilities
    methods: tuple[AdjustmentMethod, ...] = ()


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that cannot be taken in: kept raw, reported, and asked for again with the next census."""

    entity_id: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Page:
    """A bounded piece of the feed; it and its cursor are stored in one transaction."""

    cursor: str
    more: bool
    upserts: tuple[Entity, ...] = ()
    tombstones: tuple[str, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    remaining: int | None = None
    """How many rows are still to come, for progress; None if the peer does not say."""
    unchanged: tuple[str, ...] = ()
    """Rows that are here already in the version that was sent; they were not even read."""


@dataclass(frozen=True, slots=True)
class CensusRow:
    """One open item as the ledger has it now."""

    id: str
    version: str
    residual: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What the ledger holds under the reference of one of our orders, whether we know that order or not. What it cannot tell is
    empty or None."""

    command_id: str
    op: str
    at: str
    """When it came in, by the ledger's clock; UTC."""
    amount: Money | None = None
    """What it moved, positive, as the ledger's entries have it."""
    about: str = ""
    """The item or customer that it is about."""
    party: str = ""
    """The customer whose account a payment left that went to another."""
    actor: str = ""
    refs: tuple[str, ...] = ()
    head: str = ""
    """Where our audit stood when it was ordered, as its memo has it; empty where the ledger has no room for it."""


class Rejection(StrEnum):
    """Why a peer refused; each proves that nothing was posted."""

    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    INVALID = "invalid"
    INSUFFICIENT = "insufficient"
    ALREADY = "already"
    LOCKED_PERIOD = "locked_period"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Done:
    """Posted and read back. ``entities`` is the ledger's state after it, ``refs`` its own names for what was posted; for a
    payment that was moved to another customer the first is the item that it is there."""

    refs: tuple[str, ...]
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class Partial:
    """Some lines are posted, the others are proved not to be."""

    refs: tuple[str, ...]
    done: tuple[Line, ...]
    left: tuple[Line, ...]
    words: str
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class Stale:
    """The ledger is not as the order expected; nothing was posted. ``entities`` is what it holds now."""

    words: str
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """The peer refused for a reason that will not pass by itself; nothing was posted."""

    code: Rejection
    words: str
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is proved. Look up by command id before anything else."""

    words: str
    retry_after_s: float | None = None
    stop: bool = False
    """True where every order would fare alike (redirects, a captive page, wrong token): the sender pauses."""


Outcome = Done | Partial | Stale | Rejected | Unknown


@dataclass(frozen=True, slots=True)
class Absent:
    """The peer holds nothing under that command id, now."""


Known = Callable[[str, Sequence[str]], Awaitable[Mapping[str, str]]]
"""Of a kind (party, item, allocation, note) and some ids: the versions of those that are here."""


async def nothing_known(kind: str, ids: Sequence[str]) -> Mapping[str, str]:
    """Every row is to be read."""
    return {}


class Peer(Protocol):
    """A connector. Every method may raise PeerUnreachable, PeerGarbled or NeedsLogin, but ``submit`` never for an order
    that may have been received: that is Unknown."""

    async def probe(self) -> Probe:
        """Who answers, and what it can do."""

    async def pull(self, cursor: str | None, known: Known = nothing_known) -> Page:
        """The next page after the cursor; None starts from nothing. A row in a version that is ``known`` may be left unread."""

    async def census(self) -> Sequence[CensusRow]:
        """Every open item: the control total, and the only way to see deletions in most systems."""

    async def get(self, ids: Sequence[str]) -> Page:
        """These entities as they are now; ids that are gone come back as tombstones."""

    async def ours(self, since: datetime | None) -> Sequence[Posting]:
        """What was posted under references of ours, from that instant on or ever, one row a command: all of the operations
        that are ``listed``, and of the others what leaves a trace."""

    async def submit(self, order: Order) -> Outcome:
        """Carry an order out once: check ``expect``, send ``order.body`` or what it says, read back."""

    async def find(self, order: Order) -> Done | Partial | Rejected | Absent | Unknown:
        """What became of an order that was sent before."""

    async def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """Where a peer is; the token comes from the broker's own file, never from argv or the environment."""

    kind: str
    url: str
    token: str = field(repr=False, default="")
    database: str = ""
    user: str = ""
    ca_file: str = ""
