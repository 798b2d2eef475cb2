"""Open items as they were seen last: what is made of a row, and what a face was told of it. A row that comes again as it was is
taken as it was; only what changed is made anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, Final

from arqueue.cash.terms import Offer, offer, parse_terms
from arqueue.model.ledger import OpenItem, Party
from data.broker.painting import discount_text, item_text
from data.store.overlay import Overlay
from data.store.rows import ITEM, item_from

_ID, _DATED, _DUE = (ITEM.index(name) for name in ("id", "doc_date", "due_date"))

Ours = tuple[int, str]
"""What the overlay says of an item: the amount under way, and the reason of our dispute."""
_NOTHING: Final[Ours] = (0, "")


class Look:
    """With what rows are painted: a row that was painted for one look needs no other paint for it."""

    def __init__(self, parties: Mapping[str, Party], today: date) -> None:
        self.names, self.today = {key: party.name for key, party in parties.items()}, today


class Day:
    """The discounts that are offered to who pays on a day: of thousands of documents there are some ninety dates."""

    def __init__(self, parties: Mapping[str, Party], on: date, grace_days: int) -> None:
        terms = ((key, parse_terms(party.terms)) for key, party in parties.items())
        self._terms = {key: known for key, known in terms if known}
        self.on, self.grace_days = on, grace_days
        self._made: dict[tuple[str, date], Offer | None] = {}

    def __bool__(self) -> bool:
        return bool(self._terms)

    def offer(self, party_id: str, doc_date: date) -> Offer | None:
        """What the terms offer; None where they offer nothing."""
        place = party_id, doc_date
        if place not in self._made:
            terms = self._terms.get(party_id)
            self._made[place] = offer(terms, doc_date, self.on, self.grace_days) if terms else None
        return self._made[place]


class Seen:
    """A row as it was seen last: the item that it is, and what a face was told of it."""

    __slots__ = ("_offer", "day", "id", "look", "offered", "open", "order", "ours", "painted", "text")

    def __init__(self, text: str, row: Sequence[Any], overlay: Overlay) -> None:
        self.text, self.id = text, row[_ID]
        self.open = overlay.on(item_from(row))
        self.ours = _ours(overlay, self.id)
        # dates are of one width: compared as one text, thousands are in order in a millisecond
        self.order = (row[_DUE] or row[_DATED]) + row[_DATED] + self.id
        self.look: Look | None = None
        self.day: Day | None = None
        self._offer: Offer | None = None
        self.painted = self.offered = ""

    def paint(self, look: Look) -> str:
        """As JSON for a face."""
        self.look = look
        self.painted = item_text(self.open, look.names.get(self.open.item.party_id, ""), look.today)
        return self.painted

    def offer(self, day: Day) -> str:
        """Its early-payment discount as JSON; empty where there is none."""
        self.day = day
        until = day.offer(self.open.item.party_id, self.open.item.doc_date)
        if until != self._offer:
            self._offer = until
            self.offered = discount_text(self.open, until) if until else ""
        return self.offered


class Side:
    """Rows of one kind: all as they came, and of those of which something is open the items, oldest due first."""

    def __init__(
        self, texts: Sequence[str] = (), rows: Sequence[Seen] = (), before: Side | None = None
    ) -> None:
        self._texts = texts
        self._by_text = dict(zip(texts, rows, strict=True))
        self._by_id = {each.id: each for each in rows}
        self._ours = {each.id: each.ours for each in rows if each.ours is not _NOTHING}
        self.seen = sorted([each for each in rows if each.open.open.minor], key=attrgetter("order"))
        items = [each.open for each in self.seen]
        self.items: Sequence[OpenItem] = before.items if before and before.items == items else items

    def __len__(self) -> int:
        return len(self._texts)

    def get(self, key: str) -> OpenItem | None:
        """By its id."""
        seen = self._by_id.get(key)
        return seen.open if seen else None

    def painted(self, look: Look, but: str = "") -> bytes:
        """All that is open but one, as JSON for a face."""
        return _listed(
            [each.painted if each.look is look else each.paint(look) for each in self.seen if each.id != but]
        )

    def offered(self, day: Day) -> bytes:
        """The discounts on them, as JSON."""
        found = [each.offered if each.day is day else each.offer(day) for each in self.seen if day]
        return _listed(filter(None, found))

    def renewed(
        self, texts: Sequence[str], overlay: Overlay, look: Look | None = None, day: Day | None = None
    ) -> Side:
        """This very side where nothing changed; else another one, of which only what changed is made anew. Where there is a look,
        that is painted while it is at hand: a processor's nearer memory does not hold a whole account."""
        ours = [
            key
            for key in {*overlay.taken, *overlay.cases, *self._ours}
            if key in self._by_id and _ours(overlay, key) != self._by_id[key].ours
        ]
        if not ours and texts == self._texts:
            return self
        known = self._by_text.copy()
        for key in ours:
            del known[self._by_id[key].text]
        new = [text for text in texts if text not in known]
        values: Sequence[Sequence[Any]] = json.loads(f"[{','.join(new)}]")
        for text, row in zip(new, values, strict=True):
            known[text] = made = Seen(text, row, overlay)
            if look is not None:
                made.paint(look)
            if day:
                made.offer(day)
        return Side(texts, [known[text] for text in texts], self)


def _ours(overlay: Overlay, key: str) -> Ours:
    if key not in overlay.taken and key not in overlay.cases:
        return _NOTHING
    return overlay.taken.get(key, 0), overlay.cases.get(key, "")


def _listed(rows: Iterable[str]) -> bytes:
    return f"[{','.join(rows)}]".encode()
