"""A payment and all that it could be for, as it is handed to a worker. Little is imported here, so that one starts fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from arqueue.cash.case import Policy
from arqueue.cash.habit import Habit
from data.store.cases import Row
from data.store.overlay import Overlay
from data.store.rows import ITEM

DEBITS_SHOWN = 5_000
_FEW, _SHORT = 60, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Senders:
    """By what the sender of a payment may be told: everybody's name and code by id, what was learned, and how many open items of
    whom come to just this amount."""

    names: Mapping[str, str]
    codes: Mapping[str, str]
    aliases: Mapping[str, str]
    accounts: Mapping[str, str]
    equal_amounts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the answer to ``suggest`` is made of, as ``data.store.cases`` has it: items as texts, in no order."""

    payment: Row
    account: str
    """Whose items are looked at: the payment's own customer, or whoever is named as the payer."""
    debits: Sequence[str]
    credits: Sequence[str]
    """The payment itself may be among them: so they are the same for the next payment of the account."""
    foreign: Sequence[str]
    """Debits in other currencies."""
    debits_total: int
    parties: Sequence[Row]
    overlay: Overlay
    today: date
    limit: int
    policy: Policy
    habit: Habit
    reasons: Mapping[str, str]
    dispute_reasons: Sequence[str]
    unidentified: bool
    senders: Senders | None = None
    advice: tuple[str, str] | None = None
    brief: bool = False
    """Only the suggestions are wanted, not all that there is to choose from."""

    @property
    def currency(self) -> str:
        """The payment's."""
        return str(self.payment[ITEM.index("currency")])

    @property
    def paid_on(self) -> date:
        """The day on which the payment came: discounts are those of that day."""
        return date.fromisoformat(self.payment[ITEM.index("doc_date")])

    @property
    def is_small(self) -> bool:
        """Whether the search is over before a worker would have begun it."""
        few = len(self.debits) + len(self.credits) + len(self.foreign) <= _FEW
        text = self.payment[ITEM.index("text")]
        return few and len(text) <= _SHORT and self.advice is None and not self.unidentified
