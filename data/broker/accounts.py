"""The accounts that a worker saw last. Whoever applies a payment mostly goes on with the next one of the same customer: nothing
that is equal is made again. Rows say what is equal, by all their columns and what the overlay says of them; never a clock or a
version."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from arqueue.model.ledger import OpenItem, Party
from data.broker.gathered import Gathered
from data.broker.seen import Day, Look, Side
from data.store.cases import PARTY_AND_GONE, Row
from data.store.rows import party_of

_KEPT: Final = 20_000
"""Rows in all: the three largest accounts that there can be, or the hundreds that were looked at last."""
_EMPTY: Final = Side()


class Account:
    """Whatever a payment may be for, and whose it is."""

    def __init__(
        self, home: Side, credits: Side, foreign: Side, parties: Sequence[Row], before: Account | None
    ) -> None:
        self._home, self._credits, self._foreign, self._rows = home, credits, foreign, parties
        if before is not None and before._rows == parties:
            self.parties, self._look, self._day = before.parties, before._look, before._day
        else:
            self.parties = {party.id: party for party in map(_party, parties)}
            self._look, self._day = Look({}, date.min), Day({}, date.min, 0)
        self.debits: Sequence[OpenItem] = (
            before.debits
            if before and home.items is before.home and foreign.items is before._foreign.items
            else [*home.items, *foreign.items]
        )
        self._debits = self._discounts = b""

    @classmethod
    def of(cls, gathered: Gathered, before: Account | None = None) -> Account:
        """As it was gathered; ``before`` itself where all of it is the same."""
        old = (before._home, before._credits, before._foreign) if before else (_EMPTY,) * 3
        home, credits, foreign = (
            side.renewed(texts, gathered.overlay)
            for side, texts in zip(old, (gathered.debits, gathered.credits, gathered.foreign), strict=True)
        )
        if before and (home, credits, foreign) == old and before._rows == gathered.parties:
            return before
        return cls(home, credits, foreign, gathered.parties, before)

    @property
    def credits(self) -> Sequence[OpenItem]:
        """All credits: the payment itself may be among them."""
        return self._credits.items

    @property
    def home(self) -> Sequence[OpenItem]:
        """Debits in the payment's currency: they come first among all debits."""
        return self._home.items

    def __len__(self) -> int:
        return len(self._home) + len(self._credits) + len(self._foreign)

    def __getitem__(self, key: str) -> OpenItem:
        """A debit or credit in the payment's currency."""
        found = self._home.get(key) or self._credits.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def painted(self, payment: str, today: date) -> dict[str, bytes]:
        """Debits and credits but the payment itself, each a JSON list for a face."""
        if self._look.today != today:
            self._look = Look({party.id: party.name for party in self.parties.values()}, today)
            self._debits = b""
        self._debits = self._debits or self._home.painted(self._look)
        return {"debits": self._debits, "credits": self._credits.painted(self._look, payment)}

    def discounts(self, on: date, grace_days: int) -> bytes:
        """What paying on a day takes off, a JSON list for a face."""
        if (self._day.on, self._day.grace_days) != (on, grace_days):
            self._day = Day(self.parties, on, grace_days)
            self._discounts = b""
        self._discounts = self._discounts or self._home.offered(self._day)
        return self._discounts


class Accounts:
    """Those that were looked at last, up to so many rows."""

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, str], Account] = OrderedDict()

    def __len__(self) -> int:
        """How many rows are kept."""
        return sum(map(len, self._kept.values()))

    def of(self, gathered: Gathered) -> Account:
        """The account that a payment is looked at with."""
        key = (gathered.account, gathered.currency)
        found = Account.of(gathered, self._kept.pop(key, None))
        self._kept[key] = found
        while len(self) > self._most:
            self._kept.popitem(last=False)
        return found


def _party(row: Row) -> Party:
    return party_of(dict(zip(PARTY_AND_GONE, row, strict=True)))
