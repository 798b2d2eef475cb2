"""The open documents that the texts of these tests speak of."""

from __future__ import annotations

from arqueue.cash.remittance import Mention, Reading, read_text
from arqueue.model.ledger import ItemKind, OpenItem
from tests.unit.books import money, open_item


def ledger() -> list[OpenItem]:
    """INV-2026-1001 to 1010 with orders and references, a credit note, an invoice in two instalments, old forms of numbers."""
    made = [
        open_item(
            str(serial),
            f"{serial}.00",
            number=f"INV-2026-{serial}",
            purchase_order=f"PO-{serial + 55_000}",
            reference=f"PR-77{serial}",
        )
        for serial in range(1001, 1011)
    ]
    made.append(open_item("c44", "-50.00", number="CN-2026-0044", kind=ItemKind.CREDIT))
    made += [open_item(f"i{n}", "30.00", number=f"INV-7084/{n}", kind=ItemKind.INSTALMENT) for n in (1, 2)]
    made.append(open_item("4711", "47.11", number="4711"))
    made.append(open_item("500815", "8.15", number="RE500815"))
    return made


def named(text: str, items: list[OpenItem] | None = None, at_least: int = 1) -> set[str]:
    """The keys of the items that a text names."""
    reading = read_text(text, ledger() if items is None else items)
    return {each.item.removeprefix("item:") for each in reading.mentions if each.strength >= at_least}


def only(reading: Reading) -> Mention:
    """The one mention of a text."""
    (mention,) = reading.mentions
    return mention


__all__ = ["ledger", "money", "named", "only"]
