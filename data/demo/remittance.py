"""What payers write on their payments, from clean lists to a bare "thanks": the evidence that cash application has.

Each style takes the documents meant and says them as well or as badly as such a payer does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from arqueue.model.money import Money
from data.demo.dice import Dice, Wheel


@dataclass(slots=True)
class Due:
    """An invoice (or a credit note) that somebody has still to settle; days count from the start of the history."""

    number: str
    customer: int
    currency: str
    amount: int
    born: int
    due: int
    order: str = ""
    discount: int = 0
    """Minor units of early-payment discount that its payment will take."""
    split: bool = False


@dataclass(frozen=True, slots=True)
class Writer:
    """Whose hand it is: the language, and a number of somebody else's that could get mixed in."""

    tongue: str
    foreign: str
    month: str


_Style = Callable[[Sequence[Due], Writer, Dice], str]

_PAYMENT: Final = {
    "en": ("Payment for", "Inv", "Settlement of invoices", "Our payment"),
    "de": ("Rechnung", "Rg.-Nr.", "Begleichung der Rechnungen", "RE-NR"),
    "fr": ("Règlement factures", "Fact. n°", "Paiement de vos factures"),
    "es": ("Pago facturas", "Fra. n.º", "Abono de sus facturas"),
    "it": ("Saldo fatture", "Ft. n.", "Pagamento Vs. fatture"),
    "nl": ("Betaling facturen", "Factuurnr.", "Voldoening van uw facturen"),
    "pl": ("Zapłata za faktury", "FV nr", "Płatność"),
    "sv": ("Betalning fakturor", "Faktura nr", "OCR/faktura"),
    "cs": ("Úhrada faktur", "Fa č."),
    "tr": ("Fatura ödemesi", "Fatura no"),
    "el": ("Πληρωμή τιμολογίων", "Τιμ. αρ."),
    "uk": ("Оплата за рахунками", "Рах. №"),
    "ja": ("請求書番号", "お支払い", "ｾｲｷｭｳｼｮ"),
    "zh": ("支付发票", "货款 发票号"),
    "ko": ("송장 대금", "청구서 번호"),
    "ar": ("دفعة الفواتير", "سداد فاتورة رقم"),
    "he": ("תשלום חשבוניות", "חשבונית מס'"),
}
_THANKS: Final = {
    "en": ("thanks", "Thank you!", "many thanks - accounts", "payment"),
    "de": ("Danke", "mit Dank", "Zahlung", "wie besprochen"),
    "fr": ("merci", "règlement", "comme convenu"),
    "es": ("gracias", "pago"),
    "it": ("grazie", "bonifico"),
    "nl": ("dank u", "betaling"),
    "ja": ("よろしくお願いします", "ﾌﾘｺﾐ"),
    "ar": ("شكرا",),
    "he": ("תודה",),
    "el": ("Ευχαριστούμε",),
    "zh": ("货款",),
}
_STATEMENT: Final = {
    "en": ("as per statement {m}", "statement {m}", "account to end of {m}"),
    "de": ("lt. Kontoauszug {m}", "Saldo {m}"),
    "fr": ("selon relevé {m}", "solde au {m}"),
    "es": ("según extracto {m}",),
    "it": ("come da estratto conto {m}",),
    "nl": ("volgens rekeningoverzicht {m}",),
}
_SLIPS: Final = str.maketrans("0158", "OlSB")


def _serial(number: str) -> str:
    return number.rsplit("-", 1)[1]


def _is_credit(due: Due) -> bool:
    return due.number.startswith("CN")


def _lead(writer: Writer, dice: Dice) -> str:
    return dice.pick(_PAYMENT[writer.tongue])


def _clean(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    return dice.pick((", ", "; ", " ", " / ")).join(due.number for due in dues)


def _led(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    return f"{_lead(writer, dice)} {_clean(dues, writer, dice)}"


def _prefix_dropped(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    joint = dice.pick((", ", "+", " ", "/"))
    with_year = dice.chance(0.3)
    return joint.join(due.number.split("-", 1)[1] if with_year else _serial(due.number) for due in dues)


def _zeros_lost(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    lead = _lead(writer, dice) + " " if dice.chance(0.5) else ""
    return lead + dice.pick((", ", "+", " & ")).join(_serial(due.number).lstrip("0") for due in dues)


def _in_range(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    serials = [_serial(due.number).lstrip("0") for due in dues]
    joint = dice.pick(("-", " - ", " to ", "..", " bis "))
    return f"{_lead(writer, dice)} {serials[0]}{joint}{serials[-1]}"


def _slipped(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    """As a scanner reads it: in some numbers one figure is a letter."""
    words = []
    for due in dues:
        head, serial = due.number.rsplit("-", 1)
        at = dice.below(len(serial))
        if dice.chance(0.7):
            serial = serial[:at] + serial[at].translate(_SLIPS) + serial[at + 1 :]
            serial = serial if not serial.isdecimal() else serial.replace("0", "O", 1)
        words.append(f"{head.replace('I', dice.pick('I1l'), 1)}-{serial}")
    return " ".join(words)


def _orders(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    return ", ".join(dict.fromkeys(due.order for due in dues if due.order))


def _thanks(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    return dice.pick(_THANKS.get(writer.tongue, _THANKS["en"]))


def _nothing(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    return ""


def _statement(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    return dice.pick(_STATEMENT.get(writer.tongue, _STATEMENT["en"])).format(m=writer.month)


def _with_amounts(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    joint = dice.pick((" ", " = ", ": "))
    lines = [
        f"{due.number}{joint}{'-' * _is_credit(due)}{Money(due.amount, due.currency).text}" for due in dues
    ]
    return dice.pick(("\n", "; ")).join(lines)


def _wrong(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    """One number has a figure too many, two swapped, or is somebody else's."""
    head, serial = dues[0].number.rsplit("-", 1)
    at = dice.below(len(serial) - 1)
    swapped = serial[:at] + serial[at + 1] + serial[at] + serial[at + 2 :]
    wrong = dice.pick(
        (swapped if swapped != serial else serial + "1", serial + serial[-1], _serial(writer.foreign))
    )
    return " ".join([f"{head}-{wrong}", *(due.number for due in dues[1:])])


def _two_customers(dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    return f"{_led(dues, writer, dice)} + {writer.foreign}"


STYLES: Final[dict[str, _Style]] = {
    "clean list": _clean,
    "led list": _led,
    "prefix dropped": _prefix_dropped,
    "zeros lost": _zeros_lost,
    "range": _in_range,
    "slips": _slipped,
    "order only": _orders,
    "thanks": _thanks,
    "nothing": _nothing,
    "statement": _statement,
    "with amounts": _with_amounts,
    "wrong number": _wrong,
    "two customers": _two_customers,
}

UNAPPLIED_STYLES: Final = Wheel(
    [
        ("clean list", 12.0),
        ("led list", 15.0),
        ("prefix dropped", 10.0),
        ("zeros lost", 9.0),
        ("slips", 7.0),
        ("order only", 8.0),
        ("thanks", 10.0),
        ("nothing", 9.0),
        ("statement", 6.0),
        ("with amounts", 7.0),
        ("wrong number", 4.0),
        ("two customers", 3.0),
    ]
)
"""Of payments that nobody could apply at once; "range" comes where the numbers happen to follow each other."""

APPLIED_STYLES: Final = Wheel(
    [("clean list", 50.0), ("led list", 34.0), ("prefix dropped", 8.0), ("with amounts", 8.0)]
)
"""Of payments that were applied long ago."""


def follow_each_other(dues: Sequence[Due]) -> bool:
    """Whether the numbers are a run without a gap, so that a payer may write a range; of invoices, not of credit notes."""
    serials = [int(_serial(due.number)) for due in dues]
    return serials == list(range(serials[0], serials[0] + len(serials))) and not any(map(_is_credit, dues))


def style_for(dues: Sequence[Due], dice: Dice) -> str:
    """How a payment that nobody could apply at once names these documents."""
    if len(dues) > 2 and follow_each_other(dues) and dice.chance(0.7):
        return "range"
    style = UNAPPLIED_STYLES.turn(dice)
    return "thanks" if style == "order only" and not any(due.order for due in dues) else style


def write(style: str, dues: Sequence[Due], writer: Writer, dice: Dice) -> str:
    """The remittance text of a payment meant for these documents (one or more, but for the styles that name none)."""
    return STYLES[style](dues, writer, dice)
