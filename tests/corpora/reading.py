"""How well a reader does on a corpus: recall, precision and wholly right texts, all in all and by form."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from arqueue.cash.remittance import Reading
from arqueue.model.ledger import Item, ItemKind, ItemState, OpenItem
from arqueue.model.money import Money
from arqueue.model.text import clean

Read = Callable[[str, Sequence[OpenItem]], Reading]

_LONGEST = 20_000


@dataclass(slots=True)
class Tally:
    """Items that were meant, found, and both; texts of which all was found and nothing else."""

    texts: int = 0
    whole: int = 0
    meant: int = 0
    found: int = 0
    both: int = 0
    amounts: int = 0
    amounts_right: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Of the items meant, the share found."""
        return self.both / self.meant if self.meant else 1.0

    @property
    def precision(self) -> float:
        """Of the items found, the share meant."""
        return self.both / self.found if self.found else 1.0

    @property
    def exact(self) -> float:
        """The share of texts read wholly right."""
        return self.whole / self.texts if self.texts else 1.0

    @property
    def amount_recall(self) -> float:
        """Of the items found whose amount the text gives, the share with that amount."""
        return self.amounts_right / self.amounts if self.amounts else 1.0


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The labelled texts of a corpus."""
    with path.open(encoding="ascii") as lines:
        for line in lines:
            yield json.loads(line)


def open_item(row: Sequence[str]) -> OpenItem:
    """A row of a corpus as the ledger would give it."""
    key, number, open_amount, issued, order, reference = row
    amount, on = Money.parse(open_amount, "EUR"), date.fromisoformat(issued)
    item = Item(
        id=key,
        kind=ItemKind.CREDIT if amount.minor < 0 else ItemKind.INVOICE,
        number=number,
        party_id="party:1",
        total=amount,
        residual=amount,
        doc_date=on,
        due_date=on + timedelta(30),
        state=ItemState.OPEN,
        version="1",
        reference=reference,
        purchase_order=order,
    )
    return OpenItem(item, amount)


def measure(read: Read, path: Path, least: int = 0) -> dict[str, Tally]:
    """Read every text of a corpus, cleaned as on its way into the store; mentions weaker than `least` do not count.

    By form, and all together under ``""``."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for record in records(path):
        reading = read(clean(record["text"], limit=_LONGEST), [open_item(row) for row in record["items"]])
        found = {each.item: each.amount for each in reading.mentions if each.strength >= least}
        for tally in (tallies[""], tallies[record["form"]]):
            _take(tally, record, found)
    return dict(tallies)


def _take(tally: Tally, record: Mapping[str, Any], found: Mapping[str, Money | None]) -> None:
    meant, counted = set(record["meant"]), set(found) - set(record["may"])
    tally.texts += 1
    tally.meant += len(meant)
    tally.found += len(counted)
    tally.both += len(meant & counted)
    if meant == counted:
        tally.whole += 1
    else:
        tally.misses.append(record["name"])
    for key in meant & counted:
        given = record["meant"][key]
        if given is not None:
            amount = found[key]
            tally.amounts += 1
            tally.amounts_right += amount is not None and abs(amount) == abs(Money.parse(given, "EUR"))
