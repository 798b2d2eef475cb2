"""Tables of documents and amounts, pasted or in a file: whatever separates fields, decimals and thousands."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from arqueue.cash.advice import Advice, AdviceLine
from arqueue.cash.remittance.figures import dates, decimal_mark
from arqueue.cash.remittance.files.cells import figures_in, is_amount
from arqueue.cash.remittance.files.columns import Column, Columns, by_content, by_heading
from arqueue.cash.remittance.files.fragments import lines_in
from arqueue.cash.remittance.names import upper
from arqueue.errors import Invalid
from arqueue.model.currency import EXPONENTS, exponent
from arqueue.model.money import Money
from arqueue.model.text import clean, clean_line

_DELIMITERS: Final = "\t;|,"
_WIDEST: Final = 200
"""Fields of a row; what has more on a line is a list and no table."""
_LONGEST: Final = 100_000
"""Characters of a field with line breaks; a longer one is a quote that is not closed."""
_HEADING_WITHIN: Final = 15
"""Lines before the headings: whose advice it is, to whom."""
_TOTALS: Final = re.compile(r"\W*(?:GRAND |SUB)?(?:TOTAL|SUM|SUMME|GESAMT|SOMME|SUMA|TOTALE)\b")
_AMOUNTS: Final = (Column.PAID, Column.GROSS, Column.DISCOUNT)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Sequence[str]

    def __getitem__(self, place: int | None) -> str:
        """A cell; empty beyond the end, and for a column that the table has not."""
        return self.cells[place].strip() if place is not None and place < len(self.cells) else ""


def read_table(text: str, called: str, currency: str) -> tuple[Advice, ...]:
    """The advice of a table; text that is no table is read for what looks like documents. Raises Invalid."""
    rows = _rows(text, called)
    heading = _heading(rows)
    if heading is None:
        if not rows or not any(is_amount(cell) for row in rows for cell in row.cells if len(row.cells) > 1):
            return _free(text, called, currency)
        columns = by_content([row.cells for row in rows if not _is_total(row)], called)
        return (_Table(called, columns, currency).advice(rows),)
    place, columns = heading
    width = len(rows[place].cells)
    for row in rows[place + 1 :]:
        if any(cell.strip() for cell in row.cells[width:]):
            raise Invalid(
                f"{called}, line {row.line}: {len(row.cells)} fields under {width} headings",
                hint='Amounts with a decimal comma need quotes ("1250,00") or another separator, such as ;.',
            )
    above = [cell for row in rows[:place] for cell in row.cells]
    return (_Table(called, columns, currency or _currency_in(above)).advice(rows[place + 1 :]),)


def _free(text: str, called: str, currency: str) -> tuple[Advice, ...]:
    lines = lines_in(text, currency)
    if not lines:
        raise Invalid(
            f"{called} names no document", hint="Give document numbers, with amounts where they are known."
        )
    return (Advice(source="text", lines=lines, text=clean(text)),)


def _rows(text: str, called: str) -> list[_Row]:
    """Rows that are not empty; of the separators the first that most of them agree on."""
    csv.field_size_limit(max(len(text), csv.field_size_limit()))  # how much is read was decided before
    for delimiter in _DELIMITERS:
        try:
            reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True)
            rows = [_Row(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
        except csv.Error as error:
            raise Invalid(
                f"{called}: no table that can be read ({error})", hint="Check its quotes, or export it again."
            ) from error
        if any(len(cell) > _LONGEST and "\n" in cell for row in rows for cell in row.cells):
            raise Invalid(
                f"{called}: no table that can be read (a quote is not closed)",
                hint="Check its quotes, or export it again.",
            )
        widths = Counter(len(row.cells) for row in rows)
        if max(widths, default=0) > _WIDEST:
            continue
        if rows and sum(count for width, count in widths.items() if width > 1) * 2 > len(rows):
            return rows
    return []


def _heading(rows: Sequence[_Row]) -> tuple[int, Columns] | None:
    for place, row in enumerate(rows[:_HEADING_WITHIN]):
        columns = by_heading(row.cells)
        if columns:
            return place, columns
    return None


def _is_total(row: _Row) -> bool:
    return _TOTALS.match(upper(" ".join(row.cells))) is not None


def _currency_in(cells: Sequence[str]) -> str:
    """The one currency that the lines above the headings name."""
    named = {word for cell in cells for word in re.findall(r"\b[A-Z]{3}\b", cell) if word in EXPONENTS}
    return named.pop() if len(named) == 1 else ""


@dataclass(frozen=True, slots=True)
class _Table:
    called: str
    columns: Columns
    currency: str

    def advice(self, rows: Sequence[_Row]) -> Advice:
        """All rows; one without a document at the end is the total."""
        mark, day_first = self._mark(rows), self._day_first(rows)
        lines: list[AdviceLine] = []
        total: Money | None = None
        for place, row in enumerate(rows):
            reference = row[self.columns[Column.REFERENCE]] or row[self.columns.get(Column.ORDER)]
            is_last = place == len(rows) - 1
            if not any(map(str.isdigit, reference)) and (is_last or _is_total(row)):
                total = self._paid(row, mark)[0]
                continue
            amount, discount = self._paid(row, mark)
            if not reference and amount is None:
                continue
            lines.append(
                AdviceLine(
                    reference=clean_line(reference),
                    amount=amount,
                    discount=discount,
                    on=self._on(row, day_first),
                    reason=clean_line(row[self.columns.get(Column.REASON)]),
                    where=f"line {row.line}, {self._said_in(row).value}",
                )
            )
        if not lines:
            raise Invalid(f"{self.called} has headings and no lines", hint="Give one line a document.")
        payers = {row[self.columns.get(Column.PAYER)] for row in rows} - {""}
        payer = clean_line(payers.pop()) if len(payers) == 1 else ""
        return Advice(source="csv", lines=tuple(lines), payer=payer, total=total)

    def _paid(self, row: _Row, mark: str) -> tuple[Money | None, Money | None]:
        """What is paid and the discount; what is paid is the invoice's amount less the discount where it is not said."""
        paid, gross, discount = (self._money(row, column, mark) for column in _AMOUNTS)
        if discount is not None:
            discount = abs(discount)
        if paid is None and gross is not None:
            paid = gross - discount if discount is not None and gross.minor > 0 else gross
        return paid, discount

    def _said_in(self, row: _Row) -> Column:
        """The column that says what is paid."""
        cell = row[self.columns.get(Column.PAID)]
        return Column.GROSS if not cell and row[self.columns.get(Column.GROSS)] else Column.PAID

    def _money(self, row: _Row, column: Column, mark: str) -> Money | None:
        cell = row[self.columns.get(column)]
        if not cell or cell in "-–—":
            return None
        figures = figures_in(cell)
        code = self._code(row) or self.currency
        if figures is not None and not (figures.currency or code):
            raise Invalid(
                f"{self._where(row, column)}: {cell!a:.30} has no currency",
                hint="Say the currency of its amounts.",
            )
        amount = figures.money(code, mark) if figures else None
        if amount is None:
            example = f"1250{mark or '.'}00"
            raise Invalid(
                f"{self._where(row, column)}: {cell!a:.30} is no amount",
                hint=f"Write amounts like {example}.",
            )
        return amount

    def _code(self, row: _Row) -> str:
        code = row[self.columns.get(Column.CURRENCY)].upper()
        if code:
            try:
                exponent(code)
            except Invalid as error:
                raise Invalid(
                    f"{self._where(row, Column.CURRENCY)}: {error.message}", hint=error.hint
                ) from error
        return code

    def _on(self, row: _Row, day_first: bool) -> date | None:
        cell = row[self.columns.get(Column.DATE)]
        if not cell:
            return None
        days = dates(cell[:10] if cell[4:5] == "-" else cell)
        if not days:
            raise Invalid(
                f"{self._where(row, Column.DATE)}: {cell!a:.30} is no date",
                hint="Write dates like 2026-03-12.",
            )
        return days[0] if day_first else days[-1]

    def _mark(self, rows: Sequence[_Row]) -> str:
        """What stands before decimals, where any amount of the table says so. Raises Invalid where two disagree."""
        known: tuple[str, str] | None = None
        for row in rows:
            for column in _AMOUNTS:
                figures = figures_in(row[self.columns.get(column)])
                mark = decimal_mark(figures.digits) if figures else ""
                if mark and known and mark != known[0]:
                    raise Invalid(
                        f"{self._where(row, column)}: decimals stand behind {mark!r} here and behind {known[0]!r} in {known[1]}",
                        hint="Write all amounts one way.",
                    )
                if mark and not known:
                    known = (mark, f"line {row.line}")
        return known[0] if known else ""

    def _day_first(self, rows: Sequence[_Row]) -> bool:
        """12/03/2026 is in March, unless another line can only have the month first."""
        cells = [row[self.columns.get(Column.DATE)] for row in rows]
        return not any(re.match(r"\d{1,2}[./-](?:1[3-9]|2\d|3[01])[./-]", cell) for cell in cells)

    def _where(self, row: _Row, column: Column) -> str:
        return f"{self.called}, line {row.line}, {column.value}"
