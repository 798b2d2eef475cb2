"""What is sold, credited, disputed and talked about: the words on documents and notes."""

from __future__ import annotations

from typing import Final

from arqueue.model.currency import exponent
from data.demo.dice import Dice, Wheel

GOODS: Final = (
    "Fastenings, mixed pallet", "Hinges and fittings", "Bearings 6204-2RS", "Hydraulic hose assemblies",
    "Stainless brackets", "Cable trays and clamps", "Work gloves, 12 cartons", "Cutting discs 125 mm",
    "Sealants and adhesives", "Pallet racking, phase 1", "Pallet racking, phase 2", "Service call, two fitters",
    "Tool hire, monthly", "Maintenance contract, quarter", "Spare parts kit", "Pump overhaul", "Safety footwear",
    "LED high-bay lights", "Compressed air fittings", "Replacement motor 4 kW", "Delivery to site", "Custom sheet work",
    "Packaging film, 24 rolls", "Calibration of gauges",
)  # fmt: skip

DISPUTES: Final = Wheel(
    [
        ("price", 30.0),
        ("quantity", 20.0),
        ("damage", 14.0),
        ("proof of delivery", 18.0),
        ("duplicate", 8.0),
        ("tax", 6.0),
        ("freight", 4.0),
    ]
)
SHORT_REASONS: Final = Wheel([("freight", 40.0), ("damage", 20.0), ("price", 28.0), ("duplicate", 12.0)])

_DISPUTED: Final = {
    "price": ("Customer says the price list of last year applies.", "Unit price differs from their order."),
    "quantity": ("Delivery note shows two cartons fewer.", "Received 48 of 50, signed by the driver."),
    "damage": ("Pallet arrived wet, photos sent.", "Three housings cracked in transit."),
    "proof of delivery": ("Asks for the signed delivery note.", "Goods-in cannot find the delivery."),
    "duplicate": ("Says this was invoiced twice.", "Same goods on the invoice of the week before."),
    "tax": ("Reverse charge should apply, VAT id sent.", "Exemption certificate was not considered."),
    "freight": ("Terms were free house, will not pay freight.", "Freight was not on the order."),
}
_SETTLED: Final = (
    "Settled with a credit note.",
    "Customer accepted.",
    "Documents sent, cleared for payment.",
)
_CONTACTS: Final = (
    "Called accounts payable, left a message.",
    "Payment run is on Thursdays, ours is in the next one.",
    "Asked for copies of the three oldest invoices; sent.",
    "Contact is on leave until Monday, deputy does not know.",
    "Says the cheque is in the post.",
    "Promised the overdue part for next week.",
    "New address for invoices, master data told.",
    "Wrong number, switchboard gave the right one.",
    "Asked for a statement; sent.",
    "Sales rep will raise it on Friday's visit.",
)
_CREDITED: Final = {
    "returned": ("Goods returned, {n}", "Full credit of {n}, invoiced in error"),
    "goods": ("Credit for short delivery on {n}", "Returned goods, part of {n}", "Price correction {n}"),
    "freight": ("Freight on {n} waived", "Freight credit {n}"),
    "open": (
        "Volume rebate, quarter",
        "Goodwill credit",
        "Returned packaging",
        "Price correction",
        "Returned goods",
    ),
}
FREIGHTS: Final = (1_850, 2_400, 3_500, 4_800, 6_500, 9_500, 18_600)


def unit_of(currency: str) -> int:
    """One whole unit of account in minor units (EUR 100); a hundred of the tiny ones (JPY 100)."""
    return 10 ** exponent(currency) if exponent(currency) else 100


def credit_text(reason: str, number: str, dice: Dice) -> str:
    """What stands on a credit note given for that reason (one of the table's)."""
    return dice.pick(_CREDITED[reason]).format(n=number)


def dispute_note(dice: Dice) -> str:
    """A remark on a dispute that is over."""
    reason = DISPUTES.turn(dice)
    return f"Dispute ({reason}): {dice.pick(_DISPUTED[reason])} {dice.pick(_SETTLED)}"


def open_dispute_note(reason: str, dice: Dice) -> str:
    """A remark on a dispute that nobody has settled yet."""
    return f"Dispute ({reason}): {dice.pick(_DISPUTED[reason])}"


def contact_note(dice: Dice) -> str:
    """What a collector writes down after a call."""
    return dice.pick(_CONTACTS)
