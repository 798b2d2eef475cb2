"""Believable companies of any size from a seed: the same seed is the same company on every machine.

``make_company`` is the way in; what it makes is a plan that any accounting system's loader can carry out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from heapq import merge
from types import MappingProxyType
from typing import Final

from arqueue.errors import Invalid
from data.demo.agenda import Agenda
from data.demo.customers import make_customers, suspense
from data.demo.dice import Dice
from data.demo.history import SPAN, History, Volume
from data.demo.plan import CompanyPlan, PlannedDocument
from data.demo.senders import sender
from data.demo.story import story_documents, story_parties

CURRENCY: Final = "EUR"
RATES: Final = MappingProxyType(
    {
        "EUR": Decimal(1),
        "USD": Decimal("0.92"),
        "GBP": Decimal("1.17"),
        "CHF": Decimal("1.05"),
        "JPY": Decimal("0.0061"),
    }
)
"""What one unit of each currency is worth in the company's own; made up, and the same on every day."""

REMINDERS: Final = ((10, 1), (30, 2), (60, 3))
"""A friendly one, a firm one, the last one before an agency."""


@dataclass(frozen=True, slots=True)
class _Size:
    """``parties`` and ``volume`` include the story's."""

    parties: int
    open_items: int
    volume: Volume
    family_pays: float
    """How likely a head office pays for its branches."""


# The story brings 26 open invoices; instalments and rests of payments make the other open items a few more.
SIZES: Final = MappingProxyType(
    {
        "tiny": _Size(
            40,
            130,
            Volume(
                open_invoices=84, closed_invoices=138, unapplied=9, open_credits=4, notes=12, bounced=0.12
            ),
            family_pays=0.0,
        ),
        "small": _Size(
            300,
            3_000,
            Volume(open_invoices=2_700, closed_invoices=4_600, unapplied=150, open_credits=70, notes=260),
            family_pays=0.6,
        ),
        "medium": _Size(
            5_000,
            60_000,
            Volume(
                open_invoices=55_500, closed_invoices=66_000, unapplied=2_000, open_credits=1_000, notes=3_000
            ),
            family_pays=0.6,
        ),
        "large": _Size(
            50_000,
            1_000_000,
            Volume(
                open_invoices=953_000,
                closed_invoices=150_000,
                unapplied=12_000,
                open_credits=10_000,
                notes=20_000,
                watch_every=3,
            ),
            family_pays=0.6,
        ),
    }
)


def make_company(size: str, seed: int, today: date) -> CompanyPlan:
    """The company of that size and seed, as of ``today``: 40, 300, 5,000 or 50,000 customers and their receivables.

    ``today`` moves the dates and changes nothing else but the years in document numbers. Raises Invalid for a size
    that does not exist.
    """
    try:
        chosen = SIZES[size]
    except KeyError:
        raise Invalid(
            f"there is no company size {size!a:.40}", hint=f"Sizes are {', '.join(SIZES)}."
        ) from None
    stories = story_parties()
    stream = list(SIZES).index(size) * 2
    customers, parties = make_customers(
        chosen.parties - len(stories) - 1,
        len(stories) + 1,
        Dice(seed, stream),
        open_items=chosen.open_items,
        family_pays=chosen.family_pays,
    )
    senders = [sender(place, party.name) for place, party in enumerate(parties)]

    def documents() -> Iterator[PlannedDocument]:
        dice = Dice(seed, stream + 1)
        history = History(Agenda(customers, today, SPAN, dice), senders, chosen.volume, dice)
        return merge(history.tell(), story_documents(today), key=lambda document: document.on)

    return CompanyPlan(
        name="Quayside & Ferrous Industrial Supply B.V.",
        currency=CURRENCY,
        today=today,
        parties=(*stories, suspense(), *parties),
        documents=documents,
        rates=RATES,
        reminders=REMINDERS,
        seed=seed,
    )
