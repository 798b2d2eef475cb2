"""The accounts that a worker saw last. Whoever applies a payment mostly goes on with the next one of the same customer: nothing
that is equal is made again. Rows say what is equal, by all their columns and what the overlay says of them; never a clock or a
version."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from arqueue.cash.terms import Offer, offer, parse_terms
from arqueue.model.ledger import OpenItem, Party
from data.broker.gathered import Gathered
from data.broker.painting import discount_text, item_text
from data.store.cases import PARTY_AND_GONE, Row
from data.store.overlay import Overlay
from data.store.rows import item_from, party_of

_KEPT: Final = 20_000
"""Rows in all: the four largest accounts that there can be, or the hundreds that were looked at last."""
_offer = lru_cache(maxsize=4096)(offer)

Ours = tuple[int, str]
"""What the overlay says of an item: the amount under way, and the reason of our dispute."""
_NOTHING: Final[Ours] = (0, "")


class Seen:
    """A row as it was seen last: the item that it is, and what a face was told of it."""

    __slots__ = ("_offer", "_offered", "_painted", "_party", "_today", "open", "order", "ours")

    def __init__(self, each: OpenItem, ours: Ours) -> None:
        item = each.item
        self.open, self.ours = each, ours
        # dates are of one width: compared as one text, thousands are in order in a millisecond
        self.order = f"{item.due_date or item.doc_date}{item.doc_date}{item.id}"
        self._painted, self._party, self._today = "", "", date.min
        self._offered, self._offer = "", _NO_OFFER

    def painted(self, party: str, today: date) -> str:
        """As JSON for a face."""
        if self._today != today or self._party != party:
            self._painted = item_text(self.open, party, today)
            self._party, self._today = party, today
        return self._painted

    def offered(self, until: Offer) -> str:
        """Its early-payment discount as JSON; empty where that is nothing."""
        if self._offer is not until:
            self._offered, self._offer = discount_text(self.open, until), until
        return self._offered


_NO_OFFER: Final = Offer(0, date.min, earned=False)


class Side:
    """Rows of one kind: all as they came, and of those of which something is open the items, oldest due first."""

    def __init__(
        self, texts: Sequence[str] = (), rows: Sequence[Seen] = (), before: Side | None = None
    ) -> None:
        self._texts = texts
        self._by_text = dict(zip(texts, rows, strict=True))
        self._by_id = {each.open.item.id: each for each in rows}
        self._ours = {key: each.ours for key, each in self._by_id.items() if each.ours != _NOTHING}
        self.seen = sorted((each for each in rows if each.open.open.minor), key=attrgetter("order"))
        items = [each.open for each in self.seen]
        self.items: Sequence[OpenItem] = before.items if before and before.items == items else items

    def __len__(self) -> int:
        return len(self._texts)

    def get(self, key: str) -> OpenItem | None:
        """By its id."""
        seen = self._by_id.get(key)
        return seen.open if seen else None

    def renewed(self, texts: Sequence[str], overlay: Overlay) -> Side:
        """This very side where nothing changed; else another one, of which only what changed is made anew."""
        ours = {
            key: said
            for key in {*overlay.taken, *overlay.cases, *self._ours}
            if key in self._by_id and (said := _ours(overlay, key)) != self._ours.get(key, _NOTHING)
        }
        if not ours and texts == self._texts:
            return self
        known: Mapping[str, Seen] = self._by_text
        if ours:
            known = {text: each for text, each in known.items() if each.open.item.id not in ours}
        new = [text for text in texts if text not in known]
        made = dict(zip(new, _made(new, overlay), strict=True))
        return Side(texts, [known.get(text) or made[text] for text in texts], self)


class Account:
    """Whatever a payment may be for, and whose it is."""

    def __init__(
        self, home: Side, credits: Side, foreign: Side, parties: Sequence[Row], before: Account | None
    ) -> None:
        self._home, self._credits, self._foreign, self._parties = home, credits, foreign, parties
        self.parties: Mapping[str, Party] = (
            before.parties
            if before and before._parties == parties
            else {party.id: party for party in map(_party, parties)}
        )
        self.debits: Sequence[OpenItem] = (
            before.debits
            if before and home.items is before.home and foreign.items is before._foreign.items
            else [*home.items, *foreign.items]
        )

    @classmethod
    def of(cls, gathered: Gathered, before: Account | None = None) -> Account:
        """As it was gathered; ``before`` itself where all of it is the same."""
        old = (before._home, before._credits, before._foreign) if before else (_EMPTY,) * 3
        home, credits, foreign = (
            side.renewed(texts, gathered.overlay)
            for side, texts in zip(old, (gathered.debits, gathered.credits, gathered.foreign), strict=True)
        )
        if before and (home, credits, foreign) == old and before._parties == gathered.parties:
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

    def painted_debits(self, today: date) -> list[str]:
        """For a face, each as JSON."""
        return self._painted(self._home.seen, today)

    def painted_credits(self, today: date, payment: str) -> list[str]:
        """All but the payment itself."""
        return self._painted((each for each in self._credits.seen if each.open.item.id != payment), today)

    def _painted(self, seen: Iterable[Seen], today: date) -> list[str]:
        names = {party.id: party.name for party in self.parties.values()}
        return [each.painted(names.get(each.open.item.party_id, ""), today) for each in seen]

    def painted_discounts(self, on: date, grace_days: int) -> list[str]:
        """What paying on a day takes off, each as JSON."""
        found = []
        terms = {key: parse_terms(party.terms) for key, party in self.parties.items()}
        if any(terms.values()):
            for each in self._home.seen:
                item = each.open.item
                offered = terms.get(item.party_id)
                if offered and (said := each.offered(_offer(offered, item.doc_date, on, grace_days))):
                    found.append(said)
        return found


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


_EMPTY: Final = Side()


def _ours(overlay: Overlay, key: str) -> Ours:
    return overlay.taken.get(key, 0), overlay.cases.get(key, "")


def _made(texts: Sequence[str], overlay: Overlay) -> Iterable[Seen]:
    values: Sequence[Sequence[Any]] = json.loads(f"[{','.join(texts)}]")
    for row in values:
        each = overlay.on(item_from(row))
        yield Seen(each, _ours(overlay, each.item.id))


def _party(row: Row) -> Party:
    return party_of(dict(zip(PARTY_AND_GONE, row, strict=True)))
