"""Which column of a table is what: by the words of its heading, else by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final

from arqueue.cash.remittance.figures import CODES, dates
from arqueue.cash.remittance.files.cells import figures_in, is_amount
from arqueue.cash.remittance.names import upper
from arqueue.errors import Invalid


class Column(StrEnum):
    """What a column says; the value is what messages call it."""

    REFERENCE = "document"
    ORDER = "order"
    PAID = "amount paid"
    GROSS = "invoice amount"
    DISCOUNT = "discount"
    DATE = "date"
    REASON = "reason"
    CURRENCY = "currency"
    PAYER = "payer"
    OTHER = "other"


Columns = Mapping[Column, int]

# The first that fits: "Rechnungsdatum" is a date, "Invoice amount" an amount, "Customer PO" an order.
_HEADINGS: Final = (
    (
        Column.OTHER,
        r"TYPE?|ART|STATUS|LINE|POS\w*|PAYMENT (?:REF\w*|NO|NUMBER|ID)|CH(?:EC|EQUE)\w*|IBAN|BIC|ACCOUNT",
    ),
    (Column.OTHER, r"TAX|VAT|MWST|UST|TVA|IVA|DUE DATE|FÄLLIG\w*|FAELLIG\w*|ÉCHÉANCE|ECHEANCE|VENCIMIENTO"),
    (Column.CURRENCY, r"CURRENCY|CURR?|CCY|WÄHRUNG|WAEHRUNG|WKZ|DEVISE|MONNAIE|MONEDA|DIVISA"),
    (
        Column.REASON,
        r"REASONS?|COMMENTS?|REMARKS?|NOTES?|MEMO|DESCRIPTION|GRUND|BEMERKUNG\w*|KOMMENTAR|MOTIFS?|MOTIVO|TEXT",
    ),
    (Column.DATE, r"DATES?|\w*DATUM|FECHAS?|DATA"),
    (Column.DISCOUNT, r"DISC\w*|SKONTO\w*|RABATT\w*|ESCOMPTES?|REMISES?|DESCUENTOS?"),
    (
        Column.PAID,
        r"PAID|PAYMENTS?|NET|NETTO\w*|ZAHL\w*|GEZAHLT\w*|BEZAHLT\w*|PAY[ÉE]E?|R[ÉE]GL[ÉE]E?|PAGADO|PAGO|NETO|REMITTED",
    ),
    (
        Column.GROSS,
        r"AMOUNTS?|AMT|GROSS|TOTAL|VALUE|SUM|\w*BETRAG|BRUTTO|SUMME|MONTANTS?|BRUT|IMPORTES?|MONTO|BRUTO|OPEN|BALANCE",
    ),
    (Column.ORDER, r"PO|ORDERS?|BESTELL\w*|AUFTRAG\w*|COMMANDES?|PEDIDOS?"),
    (
        Column.PAYER,
        r"CUSTOMERS?|PAYER|CLIENTE?S?|KUNDEN?\w*|ZAHLER|AUFTRAGGEBER|VENDOR|SUPPLIER|LIEFERANT\w*|COMPANY|NAME",
    ),
    (Column.REFERENCE, r"INVOICES?|INV|BILLS?|RECHNUNG\w*|RE|RG|FACTURES?|FACTURAS?|FATTUR[AE]"),
    (
        Column.REFERENCE,
        r"DOC\w*|REF\w*|NUMBER|NO|NR|\w*NUMMER|\w*NR|BELEG\w*|R[ÉE]F\w*|N[UÚ]M[EÉ]RO|PI[ÈE]CE",
    ),
)
_PATTERNS: Final = tuple(
    (column, re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])")) for column, words in _HEADINGS
)
_LITTLE: Final = 4
"""A discount is at most a quarter of the amount."""


def by_heading(row: Sequence[str]) -> Columns | None:
    """The columns that a row of headings names; None for a row that is none: a document and an amount at least, or two more."""
    found: dict[Column, tuple[int, int]] = {}
    for place, heading in enumerate(row):
        words = upper(heading.replace("_", " ").replace(".", " "))
        if sum(map(str.isdigit, words)) > 1:
            return None
        for rank, (column, pattern) in enumerate(_PATTERNS):
            if pattern.search(words):
                if column not in found or rank < found[column][0]:
                    found[column] = (rank, place)
                break
    columns: dict[Column, int] = {
        column: place for column, (_, place) in found.items() if column is not Column.OTHER
    }
    if Column.REFERENCE not in columns and Column.ORDER in columns:
        columns[Column.REFERENCE] = columns.pop(Column.ORDER)
    has_amount = Column.PAID in columns or Column.GROSS in columns
    if Column.REFERENCE in columns and (has_amount or len(columns) > 1):
        return columns
    return None


def by_content(rows: Sequence[Sequence[str]], called: str) -> Columns:
    """The columns by what most rows have in them. Raises Invalid where amounts can be taken for one another."""
    width = max(map(len, rows))
    cells = [
        [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        for place in range(width)
    ]
    columns: dict[Column, int] = {}
    amounts: list[int] = []
    for place, column in enumerate(cells):
        if not column:
            continue
        if _most(column, _is_currency):
            columns.setdefault(Column.CURRENCY, place)
        elif _most(column, _is_date):
            columns.setdefault(Column.DATE, place)
        elif _most(column, is_amount):
            amounts.append(place)
    taken = {*columns.values(), *amounts}
    rest = [place for place, column in enumerate(cells) if column and place not in taken]
    numbers = [place for place in rest if _most(cells[place], _has_figures)]
    if numbers:
        columns[Column.REFERENCE] = max(numbers, key=lambda place: (_variety(cells[place]), -place))
    if not amounts and len(numbers) > 1:
        amounts = [
            place
            for place in numbers
            if place != columns[Column.REFERENCE] and _most(cells[place], str.isdecimal)
        ]
    if Column.REFERENCE not in columns:
        raise Invalid(
            f"{called}: no column looks like document numbers",
            hint="Add a first line with headings: invoice;amount.",
        )
    columns.update(_amounts(amounts, rows, called))
    return columns


def _amounts(places: Sequence[int], rows: Sequence[Sequence[str]], called: str) -> Columns:
    if len(places) < 2:
        return dict.fromkeys((Column.PAID,), places[0]) if places else {}
    values = [[_size(row[place]) if place < len(row) else Decimal(0) for place in places] for row in rows]
    if len(places) == 2 and all(abs(second) * _LITTLE <= abs(first) for first, second in values):
        return {Column.GROSS: places[0], Column.DISCOUNT: places[1]}
    if len(places) == 3 and all(first - second == third for first, second, third in values):
        return {Column.GROSS: places[0], Column.DISCOUNT: places[1], Column.PAID: places[2]}
    raise Invalid(
        f"{called}: columns {', '.join(str(place + 1) for place in places)} are all amounts, which one is paid is not said",
        hint="Add a first line with headings: invoice;invoice amount;discount;amount paid.",
    )


def _most(cells: Sequence[str], fits: Callable[[str], bool]) -> bool:
    return sum(map(fits, cells)) * 5 >= len(cells) * 4


def _is_currency(cell: str) -> bool:
    return cell.upper() in CODES


def _is_date(cell: str) -> bool:
    return bool(dates(cell)) and not is_amount(cell)


def _has_figures(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def _variety(cells: Sequence[str]) -> tuple[int, int]:
    """Documents differ, and have letters oftener than a line's number has."""
    return len(set(cells)), sum(len(cell) for cell in cells)


def _size(cell: str) -> Decimal:
    figures = figures_in(cell)
    return Decimal(figures.plain) if figures else Decimal(0)
