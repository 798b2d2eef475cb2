"""Who buys and how they pay: the customers of a company, with the habits that its payment history will show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from data.demo.dice import Dice, Wheel, plain_sum
from data.demo.hostile import hostile_name
from data.demo.names import CURRENCIES, TONGUE_WHEEL, Tongue, branch_name, company_name
from data.demo.plan import PlannedParty

SUSPENSE: Final = "SUSPENSE"
"""The code of the party that money from nobody in particular is booked on."""

ON_TIME: Final = "on time"
LATE: Final = "late"
OLDEST_FIRST: Final = "oldest first"
STATEMENT: Final = "monthly statement"
NETS_CREDITS: Final = "nets credits"
DISCOUNT_EARLY: Final = "discount early"
DISCOUNT_UNEARNED: Final = "discount unearned"
ROUNDS: Final = "rounds"
SHORT_FREIGHT: Final = "short-pays freight"
SPLITS: Final = "splits"

_HABITS: Final = Wheel(
    [
        (ON_TIME, 36.0),
        (LATE, 18.0),
        (OLDEST_FIRST, 8.0),
        (STATEMENT, 11.0),
        (NETS_CREDITS, 6.0),
        (DISCOUNT_EARLY, 8.0),
        (DISCOUNT_UNEARNED, 3.0),
        (ROUNDS, 3.0),
        (SHORT_FREIGHT, 4.0),
        (SPLITS, 3.0),
    ]
)
# Days after the due date that half of a customer's payments come before, by habit: (lowest, highest).
_LATENESS: Final = {
    ON_TIME: (-17, -7),
    LATE: (2, 20),
    OLDEST_FIRST: (-12, 2),
    STATEMENT: (-30, -17),
    NETS_CREDITS: (-15, -5),
    DISCOUNT_EARLY: (-10, -5),
    DISCOUNT_UNEARNED: (-13, -4),
    ROUNDS: (-15, -3),
    SHORT_FREIGHT: (-14, -4),
    SPLITS: (-20, -8),
}
_TERMS: Final = Wheel([(14, 14.0), (30, 56.0), (45, 14.0), (60, 16.0)])
_METHODS: Final = {
    "USD": Wheel([("ach", 55.0), ("check", 25.0), ("wire", 15.0), ("card", 5.0)]),
    "GBP": Wheel([("bacs", 60.0), ("wire", 20.0), ("direct debit", 12.0), ("card", 8.0)]),
}
_ANY_METHOD: Final = Wheel([("sepa", 60.0), ("wire", 22.0), ("direct debit", 13.0), ("card", 5.0)])
# What the same goods cost in minor units of each currency, relative to euro cents.
_SCALE: Final = {"EUR": 1.0, "USD": 1.1, "GBP": 0.86, "CHF": 0.96, "JPY": 1.65}
_TAKES_DISCOUNT: Final = frozenset({DISCOUNT_EARLY, DISCOUNT_UNEARNED})
_OFFERED_TO_ONE_IN: Final = 5
"""Some are offered a discount and never take it."""
_ORDER_STYLES: Final = ("PO-{0:06d}", "45{0:08d}", "B/26/{0:04d}", "{0:05d}-A", "BEST-{0:05d}", "")
_FAMILY_SHARE: Final = 0.06
_TROUBLED_SHARE: Final = 0.05
_KEY_ACCOUNT: Final = 4.0
"""From this share of the invoices on (half of the customers have less than 1) somebody of ours looks after it in person."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as its payments will betray it. Amounts in minor units of ``currency``, times in days."""

    place: int
    code: str
    currency: str
    second: str
    """A currency that some of its invoices are in; mostly the same."""
    tongue: Tongue
    terms: int
    habit: str
    method: str
    weight: float
    """Its share of the invoices, before it is set in proportion."""
    typical: int
    """Half of its invoices are below this."""
    prices: tuple[int, ...]
    """The few amounts of a subscriber; empty for those whose invoices vary."""
    whole: bool
    late: int
    spread: float
    every: int
    """Days from one payment run to the next."""
    phase: int
    payer: int
    """The place of who pays for it: itself or its head office."""
    troubled: bool
    orders: str
    discount: tuple[int, int] | None
    """What its terms let it take off for paying early: basis points, and within how many days; None for nothing."""


def make_customers(
    count: int, first: int, dice: Dice, *, open_items: int, family_pays: float
) -> tuple[list[Customer], list[PlannedParty]]:
    """``count`` customers with codes from number ``first`` on, heads of families before their branches, and their records.

    ``open_items``: how many there will be, for credit limits in proportion. ``family_pays``: how likely a head
    office pays for its branches.
    """
    customers: list[Customer] = []
    records: list[tuple[Customer, str, str | None]] = []
    while len(records) < count:
        _add_family(records, min(count - len(records), _family_size(dice)), first, dice, family_pays)
    customers = [customer for customer, _, _ in records]
    share = open_items / plain_sum(customer.weight for customer in customers)
    phase = dice.below(40)
    parties = []
    for customer, name, parent in records:
        turn, rest = divmod(customer.place - (12 if count < 100 else 37), 100)
        shown = hostile_name(phase + turn) if rest == 0 else name
        parties.append(_record(customer, shown, parent, share, dice))
    return customers, parties


def invoice_amount(customer: Customer, currency: str, dice: Dice) -> int:
    """What one invoice of this customer comes to, in minor units of ``currency``; at least 100."""
    if customer.prices:
        amount = dice.pick(customer.prices)
    else:
        amount = int(dice.long_tail(customer.typical, 0.9))
    if currency != customer.currency:
        amount = int(amount * _SCALE[currency] / _SCALE[customer.currency])
    return max(1_000, (amount + 500) // 1_000 * 1_000) if customer.whole else max(100, amount)


def discount_on(customer: Customer, amount: int) -> int:
    """What its terms take off that amount, half a minor unit rounded up; what many take without any terms (2 %) where there
    are none."""
    points, _ = customer.discount or (200, 0)
    return (amount * points + 5_000) // 10_000


def suspense() -> PlannedParty:
    """The party of payments whose payer nobody has recognised yet."""
    return PlannedParty(code=SUSPENSE, name="Unidentified payments", currency="EUR", terms_days=0)


def _family_size(dice: Dice) -> int:
    return 2 + int(dice.long_tail(1.6, 0.8)) if dice.chance(_FAMILY_SHARE) else 1


def _add_family(
    records: list[tuple[Customer, str, str | None]], size: int, first: int, dice: Dice, family_pays: float
) -> None:
    tongue = TONGUE_WHEEL.turn(dice)
    currency = CURRENCIES[tongue.code].turn(dice)
    name = company_name(tongue, dice)
    head = _customer(len(records), None, first, tongue, currency, dice)
    records.append((head, name, None))
    pays = size > 1 and dice.chance(family_pays)
    for branch in range(1, size):
        customer = _customer(len(records), head.place if pays else None, first, tongue, currency, dice)
        records.append((customer, branch_name(name, tongue, dice, branch), head.code))


def _customer(
    place: int, payer: int | None, first: int, tongue: Tongue, currency: str, dice: Dice
) -> Customer:
    habit = _HABITS.turn(dice)
    weight = dice.long_tail(1.0, 1.25)
    troubled = dice.chance(_TROUBLED_SHARE)
    low, high = _LATENESS[habit]
    typical = int(dice.long_tail(26_000.0, 0.7) * _SCALE[currency] * (0.7 + 0.3 * min(weight, 8.0)))
    pricing = dice.random()
    price = typical // 100 * 100 + 99
    second = dice.pick(("EUR", "USD")) if dice.chance(0.04) else currency
    terms = _TERMS.turn(dice)
    return Customer(
        place=place,
        code=f"C-{first + place:05d}",
        currency=currency,
        second=second,
        tongue=tongue,
        terms=terms,
        habit=habit,
        method=_METHODS.get(currency, _ANY_METHOD).turn(dice),
        weight=weight,
        typical=typical,
        prices=(price, price, price * 2, price * 3, price + 5_000) if pricing < 0.1 else (),
        whole=pricing > 0.88,
        late=dice.between(low, high) + (dice.between(10, 40) if troubled else 0),
        spread=4.0 + 3.0 * dice.random(),
        every=30 if habit == STATEMENT else dice.pick((1, 1, 3, 5, 7, 7, 14)),
        phase=dice.below(30),
        payer=place if payer is None else payer,
        troubled=troubled,
        orders=dice.pick(_ORDER_STYLES),
        discount=_discount(place, terms, dice.pick((200, 200, 300)) if habit in _TAKES_DISCOUNT else 0),
    )


def _discount(place: int, net: int, taken: int) -> tuple[int, int] | None:
    """What the terms offer: 2/10 net 30, 1.5/14 net 45…"""
    points = taken or (200 if place % _OFFERED_TO_ONE_IN == 2 else 0)
    if not points:
        return None
    return {45: (150, 14), 60: (points, 14)}.get(net, (points, 10))


def _record(customer: Customer, name: str, parent: str | None, share: float, dice: Dice) -> PlannedParty:
    usual = customer.weight * share * customer.typical * 1.5
    unit = 50_000 if customer.currency == "JPY" else 100_000
    limit = int(usual * (0.7 + 2.3 * dice.random()) / unit + 1) * unit
    slug = customer.code.lower().replace("-", "")
    phone = customer.tongue.phone.format(dice.below(100))
    return PlannedParty(
        code=customer.code,
        name=name,
        currency=customer.currency,
        terms_days=customer.terms,
        discount=customer.discount,
        parent=parent,
        credit_limit=limit if dice.chance(0.92) else None,
        on_hold=dice.chance(0.35 if customer.troubled else 0.004),
        emails=(f"ap.{slug}@{customer.tongue.domain}",) if dice.chance(0.93) else (),
        phones=(phone,) if dice.chance(0.8) else (),
        tags=_tags(customer),
        habit=customer.habit,
    )


def _tags(customer: Customer) -> tuple[str, ...]:
    """Follows from what it is and takes no turn of the dice."""
    tags = {
        "key-account": customer.weight >= _KEY_ACCOUNT,
        "agency": customer.troubled and customer.place % 3 == 0,
        "export": customer.currency != "EUR",
    }
    return tuple(sorted(tag for tag, holds in tags.items() if holds))
