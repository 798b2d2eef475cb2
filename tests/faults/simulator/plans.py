"""What kind of schedule a seed is: which ledger, which trouble, and how much of what happens; drawn first."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from tests.faults.simulator.ledger import Kind
from tests.faults.simulator.network import ORDER_FAULTS
from tests.faults.simulator.spoiling import Fault


@dataclass(frozen=True, slots=True)
class Plan:
    """What kind of schedule it is."""

    kind: Kind
    theme: Theme
    rate: float
    """How many of the orders that leave meet a fault; of other requests a quarter of that."""
    favourites: list[Fault]
    steps: int
    forms: int
    pull_s: float
    weights: dict[str, float]


class Theme(StrEnum):
    """What a schedule has more of than others."""

    ANY = "anything"
    LATE = "late requests, wrong clocks"
    ROLES = "roles and approvals"
    DAY = "what one person lets through in a day"
    BATCH = "orders of several commands"
    FEED = "pages and orders side by side"
    MOVES = "applications and payments that move"
    RESTORE = "backups that are put back"
    COPIES = "limits across backups"
    LONG = "approvals that wait long"


_MORE: dict[Theme, dict[str, float]] = {
    Theme.ANY: {},
    Theme.LATE: {"wall": 0.04, "stall": 0.03, "reboot": 0.01, "kill": 0.02},
    Theme.ROLES: {"staff": 0.08, "step": 0.15, "stall": 0.03, "sleep": 0.01},
    Theme.DAY: {"order": 0.2, "step": 0.1, "staff": 0.03},
    Theme.BATCH: {"books": 0.05, "step": 0.1, "order": 0.15, "period": 0.02},
    Theme.FEED: {"time": 0.02, "books": 0.06},
    Theme.MOVES: {"time": 0.1, "order": 0.06, "step": 0.03},
    Theme.RESTORE: {
        "backup": 0.05,
        "restore": 0.005,
        "restore in flight": 0.6,
        "order": 0.1,
        "step": 0.05,
    },
    Theme.COPIES: {
        **dict.fromkeys(("stall", "sleep", "wall", "reboot", "staff", "books"), 0.0),
        "backup": 0.02,
        "restore": 0.015,
        "order": 0.08,
        "time": 0.1,
    },
    Theme.LONG: {"sleep": 0.05, "step": 0.2, "order": 0.15, "wall": 0.0},
}
_LIKED = {
    Theme.LATE: [Fault.LATE, Fault.ANSWER_LOST, Fault.LOST],
    Theme.BATCH: [Fault.FOREIGN_REFUSAL, Fault.LATE],
    Theme.FEED: [Fault.SLOW, Fault.ANSWER_LOST],
    Theme.RESTORE: [Fault.LATE, Fault.IN_PROGRESS, Fault.ANSWER_LOST],
    Theme.LONG: [Fault.LOST],
}
_FORMS = {Theme.DAY: 7, Theme.MOVES: 8, Theme.RESTORE: 8, Theme.COPIES: 12}
_RATES = {
    **dict.fromkeys(_LIKED, (0.8,)),
    Theme.MOVES: (0.0, 0.2, 0.5),
    Theme.RESTORE: (0.2, 0.5, 0.8),
    Theme.COPIES: (0.0,),
}
_PULL_S = {Theme.FEED: 2.0, Theme.MOVES: 20.0}
_STEPS = {Theme.MOVES: 250, Theme.RESTORE: 250, Theme.COPIES: 400}


def plan(chance: random.Random) -> Plan:
    """Drawn first, so that some schedules are full of one kind of trouble."""
    kind, theme = chance.choice(list(Kind)), chance.choice(list(Theme))
    weights = {
        "time": chance.choice([0.05, 0.1, 0.2]),
        "stall": chance.choice([0.0, 0.01, 0.03]),
        "sleep": chance.choice([0.0, 0.0, 0.01]),
        "order": 0.12,
        "step": chance.choice([0.0, 0.03, 0.08]),
        "kill": chance.choice([0.0, 0.01, 0.03]),
        "reboot": chance.choice([0.0, 0.0, 0.01]),
        "wall": chance.choice([0.0, 0.0, 0.02]),
        "staff": chance.choice([0.0, 0.0, 0.03]),
        "books": chance.choice([0.0, 0.0, 0.03]),
        "grow old": 0.005,
        "backup": chance.choice([0.0, 0.0, 0.02]),
        "restore": chance.choice([0.0, 0.01]),
    }
    weights |= _MORE[theme]
    return Plan(
        kind=kind,
        theme=theme,
        rate=chance.choice(_RATES.get(theme, (0.0, 0.2, 0.5, 0.8))),
        favourites=_LIKED.get(theme) or chance.sample(ORDER_FAULTS, 3),
        steps=_STEPS.get(theme) or chance.choice([40, 80, 140]),
        forms=_FORMS.get(theme) or chance.choice([1, 2, 3, 4]),
        pull_s=_PULL_S.get(theme) or chance.choice([45.0, 600.0, 6000.0]),
        weights=weights,
    )
