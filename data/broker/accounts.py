"""The accounts that a worker saw last. Whoever applies a payment mostly goes on with the next one of the same customer: nothing
that is equal is made again. Rows say what is equal, by all their columns and what the overlay says of them; never a clock or a
version."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from arqueue.cash.account import OpenAccount
from arqueue.model.ledger import OpenItem, Party
from data.broker.gathered import Gathered
from data.broker.seen import Day, Look, Side
from data.store.cases import PARTY_AND_GONE, Row
from data.store.rows import party_of

_KEPT: Final = 20_000
"""Rows in all: the three largest accounts that there can be, or the hundreds that were looked at last."""


class Account:
    """Whatever a payment may be for, and whose it is, as it was seen last. Lists in which nothing changed stay the very lists."""

    def __init__(self) -> None:
        self._home = self._credits = self._foreign = Side()
        self.parties: Mapping[str, Party] = {}
        self.open = OpenAccount(())
        """All debits, those in other currencies last, and all credits: the payment itself may be among them. What the engine
        works out of them stays here."""
        self._rows: Sequence[Row] = ()
        self._look, self._day = Look({}, date.min), Day({}, date.min, 0)
        self._painted = self._offered = b""

    @classmethod
    def of(cls, gathered: Gathered) -> Account:
        """One that is not kept."""
        made = cls()
        made.see(gathered)
        return made

    def see(self, gathered: Gathered) -> None:
        """Take in how it is now."""
        is_same = self._rows == gathered.parties
        if not is_same:
            self.parties = {party.id: party for party in map(_party, gathered.parties)}
            self._rows = gathered.parties
        if not is_same or self._look.today != gathered.today:
            self._look, self._painted = Look(self.parties, gathered.today), b""
        on, grace_days = gathered.paid_on, gathered.policy.grace_days
        if not is_same or (self._day.on, self._day.grace_days) != (on, grace_days):
            self._day, self._offered = Day(self.parties, on, grace_days), b""
        look, day = (None, None) if gathered.brief else (self._look, self._day)
        home = self._home.renewed(gathered.debits, gathered.overlay, look, day)
        foreign = self._foreign.renewed(gathered.foreign, gathered.overlay)
        credits = self._credits.renewed(gathered.credits, gathered.overlay, look)
        if home is not self._home:
            self._painted = self._offered = b""
        debits = self.open.debits
        if home.items is not self._home.items or foreign.items is not self._foreign.items:
            debits = [*home.items, *foreign.items]
        if debits is not self.open.debits or credits.items is not self._credits.items:
            self.open = OpenAccount(debits, credits.items)
        self._home, self._credits, self._foreign = home, credits, foreign

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

    def painted(self, payment: str) -> dict[str, bytes]:
        """What there is to choose from beside the payment itself, as JSON lists for a face."""
        self._painted = self._painted or self._home.painted(self._look)
        self._offered = self._offered or self._home.offered(self._day)
        return {
            "debits": self._painted,
            "credits": self._credits.painted(self._look, but=payment),
            "discounts": self._offered,
        }


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
        found = self._kept.pop(key, None) or Account()
        found.see(gathered)
        self._kept[key] = found
        while len(self) > self._most:
            self._kept.popitem(last=False)
        return found


def _party(row: Row) -> Party:
    return party_of(dict(zip(PARTY_AND_GONE, row, strict=True)))
