"""What a payer writes with a payment: all numbers, some, mangled ones, or nothing that helps."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from arqueue.cash.advice import Advice, AdviceLine
from arqueue.model.money import Money
from benchmarks.payers.accounts import Account, Document
from benchmarks.payers.settling import Decision

_LABELS: Final = (
    "INV", "Invoice", "Inv.no.", "Rechnung", "RE-NR.", "Rg.Nr", "Facture", "FACT", "Factura", "Fattura n.",
    "Faktura", "Fatura", "Factuur", "Lasku", "FV", "请付发票", "請求書番号", "Счет №", "",
)  # fmt: skip
_EMPTY: Final = (
    "", "", "PAYMENT", "Zahlung", "Paiement", "AP PAYMENT RUN", "SEPA CREDIT TRANSFER", "VENDOR PAYMENT",
    "/RFB/NOTPROVIDED", "Überweisung", "ACH CREDIT", "EDI PAYMNT", "wire", "Thank you", "pago",
)  # fmt: skip
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_LOOKS_LIKE: Final = {"0": "O", "1": "I", "5": "S", "8": "B", "6": "G", "2": "Z"}


@dataclass(frozen=True, slots=True)
class Written:
    """A text, a structured advice beside it, and how much of the truth it tells."""

    text: str
    mode: str
    advice: Advice | None = None


Writer = Callable[["Told", Random], Written]


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell: the documents paid and netted, and the decision about them."""

    account: Account
    decision: Decision
    documents: Sequence[Document]
    day: date
    currency: str

    def paid(self, document: Document) -> int:
        """What the payer reckons for a document; negative for a credit note."""
        credit = self.decision.credits.get(document.id)
        return self.decision.lines[document.id] if credit is None else -credit


def figures(minor: int, rng: Random) -> str:
    """An amount as people write it somewhere."""
    whole, cents = divmod(abs(minor), 100)
    sign = "-" if minor < 0 else ""
    grouped = f"{whole:,}"
    return sign + rng.choice(
        (f"{whole}.{cents:02}", f"{grouped}.{cents:02}", f"{whole},{cents:02}",
         f"{grouped.replace(',', '.')},{cents:02}", f"{grouped.replace(',', ' ')},{cents:02}")
    )  # fmt: skip


def nothing(told: Told, rng: Random) -> Written:
    """No word of any document, perhaps a number of the payer's own."""
    text = rng.choice(_EMPTY)
    if rng.random() < 0.3:
        text = f"{text} {rng.choice(('REF', 'EREF+', 'Beleg', 'CHK', 'TRACE'))} {rng.randint(10_000, 99_999_999)}".strip()
    return Written(text, "none")


def month(told: Told, rng: Random) -> Written:
    """Only a month or a day up to which was paid."""
    when = told.documents[-1].on
    text = rng.choice((f"STATEMENT {_MONTHS[when.month - 1]} {when.year}", f"INVOICES {when.month:02}/{when.year}",
                       f"Kontoauszug {when:%m.%Y}"))  # fmt: skip
    return Written(text, "month")


def _numbers(told: Told, spell: Callable[[Document], str], rng: Random, separators: Sequence[str]) -> str:
    separator, label = rng.choice(separators), rng.choice(_LABELS)
    body = separator.join(spell(each) for each in told.documents)
    return f"{label} {body}".strip() if rng.random() < 0.7 else body


def every(told: Told, rng: Random) -> Written:
    """Every number as it was issued; more than 35 need a file, so the text then says no more than that."""
    if len(told.documents) > 35:
        return Written(f"SEE REMITTANCE ADVICE {rng.randint(1000, 9999)}", "none")
    return Written(_numbers(told, lambda each: each.number, rng, (", ", " ", "; ", " / ", "\n", "+")), "all")


def with_amounts(told: Told, rng: Random) -> Written:
    """Every number with what is paid of it."""
    if len(told.documents) > 35:
        return every(told, rng)
    style = rng.choice(("{n} {a}", "{n}: {a}", "{n} = {a}", "{n} ({a})", "{n};{a}"))

    def spell(each: Document) -> str:
        return style.format(n=each.number, a=figures(told.paid(each), rng))

    return Written(_numbers(told, spell, rng, ("\n", ", ", " | ", "; ")), "amounts")


def short(told: Told, rng: Random) -> Written:
    """Numbers without their letters and leading zeros, as they end up after a human typed them."""
    if len(told.documents) > 35:
        return nothing(told, rng)

    def spell(each: Document) -> str:
        bare = re.sub(r"^[A-Z]+-?", "", each.number)
        bare = bare.rpartition("-")[2] if "-" in bare and rng.random() < 0.5 else bare
        return bare.lstrip("0") or each.number

    return Written(_numbers(told, spell, rng, (", ", " ", "/", "+", ";")), "short")


def cut(told: Told, rng: Random) -> Written:
    """Every number, but the bank passes on 35, 70 or 140 characters."""
    text = _numbers(told, lambda each: each.number, rng, (",", " ", ";", ", "))
    limit = rng.choice((35, 70, 140, 140))
    return Written(text[:limit], "all" if len(text) <= limit else "cut")


def some(told: Told, rng: Random) -> Written:
    """The first one or two and "and others"."""
    named = told.documents[: rng.randint(1, 2)]
    others = rng.choice(("u.a.", "and others", "etc", "et autres", "+ more", "y otras"))
    text = ", ".join(each.number for each in named)
    return Written(text if len(named) == len(told.documents) else f"{text} {others}", "some")


def slipped(told: Told, rng: Random) -> Written:
    """Every number, and in some a letter for a digit, two digits turned round, one lost."""
    if len(told.documents) > 35:
        return nothing(told, rng)

    def spell(each: Document) -> str:
        number = list(each.number)
        place = rng.randrange(max(0, len(number) - 5), len(number))
        if rng.random() < 0.6:
            kind = rng.randrange(3)
            if kind == 0:
                number[place] = _LOOKS_LIKE.get(number[place], number[place])
            elif kind == 1 and place:
                number[place - 1], number[place] = number[place], number[place - 1]
            else:
                del number[place]
        return "".join(number)

    return Written(_numbers(told, spell, rng, (", ", " ", "; ")), "slips")


def orders(told: Told, rng: Random) -> Written:
    """The payer's own order numbers."""
    names = list(dict.fromkeys(each.order for each in told.documents if each.order))[:20]
    return Written(
        f"{rng.choice(('PO', 'Order', 'Bestellung', 'Commande', 'your order'))} {', '.join(names)}", "orders"
    )


def span(told: Told, rng: Random) -> Written:
    """First and last number, where many follow each other."""
    ordered = sorted(told.documents, key=lambda each: int(each.id.rpartition(":")[2]))
    if len(ordered) < 3:
        return every(told, rng)
    joint = rng.choice((" - ", "-", " to ", " bis ", " thru ", "..", " à "))
    return Written(f"{ordered[0].number}{joint}{ordered[-1].number}", "range")


def decoyed(told: Told, rng: Random) -> Written:
    """Every number, among dates, the payer's own references, a telephone number and the sum."""
    if len(told.documents) > 35:
        return nothing(told, rng)
    body = ", ".join(each.number for each in told.documents)
    noise = [
        f"KD-NR {rng.randint(10_000, 99_999)}",
        f"{told.day:%d.%m.%Y}",
        f"Tel. +49 {rng.randint(30, 899)} {rng.randint(100_000, 9_999_999)}",
        f"TOTAL {figures(told.decision.amount, rng)}",
        f"EREF+{rng.randint(10**8, 10**9)}",
        f"doc {told.account.customer.numbering(rng.randint(1, 60_000))[-4:]}",
    ]
    parts = [body, *rng.sample(noise, rng.randint(2, 4))]
    rng.shuffle(parts)
    return Written(" ".join(parts), "decoys")


def filed(told: Told, rng: Random) -> Written:
    """A structured advice with a line a document; one in three without amounts."""
    priced, source = rng.random() < 0.67, rng.choice(("csv", "camt.054", "pain.001"))

    def money(minor: int) -> Money:
        return Money(minor, told.currency)

    lines = tuple(
        AdviceLine(
            reference=each.number if rng.random() < 0.9 else re.sub(r"^[A-Z]+-?0*", "", each.number),
            amount=money(told.paid(each)) if priced else None,
            discount=money(told.decision.discounts[each.id])
            if priced and each.id in told.decision.discounts
            else None,
            on=each.on if rng.random() < 0.5 else None,
            reason="short delivery" if each.id in told.decision.deductions and rng.random() < 0.5 else "",
        )
        for each in told.documents
    )
    advice = Advice(
        source=source,
        lines=lines,
        payer=told.account.customer.name,
        total=money(told.decision.amount) if rng.random() < 0.6 else None,
        on=told.day - timedelta(1),
    )
    return Written(nothing(told, rng).text, "advice", advice)
