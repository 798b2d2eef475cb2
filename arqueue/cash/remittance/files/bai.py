"""BAI2 bank statements: the text of each credit, its continuation records joined."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from bai2.bai2 import parse_from_string  # type: ignore[import-untyped]
from bai2.constants import TypeCodeTransaction  # type: ignore[import-untyped]
from bai2.exceptions import (  # type: ignore[import-untyped]
    IntegrityException,
    NotSupportedYetException,
    ParsingException,
)

from arqueue.cash.advice import Advice
from arqueue.cash.remittance.files.fragments import lines_in
from arqueue.errors import Invalid
from arqueue.model.currency import exponent
from arqueue.model.money import Money
from arqueue.model.text import clean, clean_line

# What bai2 lets through of a file that is no BAI2, beside its own errors.
_WRONG: Final = (
    ParsingException,
    NotSupportedYetException,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    RuntimeError,
)
_NEXT: Final = {
    "01": ("02",),
    "02": ("03",),
    "03": ("16", "49"),
    "16": ("16", "49"),
    "49": ("03", "98"),
    "98": ("02", "99"),
    "99": (),
}
"""Which record may follow which; 88 continues any."""


def read_bai2(text: str, called: str) -> tuple[Advice, ...]:
    """One advice a credit transaction. Raises Invalid for a file that is cut short or no BAI2 of version 2."""
    _nested(text, called)
    try:
        statement = parse_from_string(text)
    except IntegrityException as error:
        raise Invalid(
            f"{called}: its control totals disagree ({str(error)[:120]!a})",
            hint="Ask for the whole file again.",
        ) from error
    except _WRONG as error:
        raise Invalid(
            f"{called} is no BAI2 file that can be read ({str(error)[:120]!a})",
            hint="It begins with 01, ends with 99, and has version 2.",
        ) from error
    found = tuple(
        advice
        for group in statement.children
        for account in group.children
        for advice in _credits(account, _currency(account, group, called), group.header.as_of_date)
    )
    if not found:
        raise Invalid(
            f"{called} has no credit transaction (16)", hint="Give the statement that has the payment."
        )
    return found


def _nested(text: str, called: str) -> None:
    """Refuse what is cut short: bai2 would wait for the missing records for ever."""
    allowed: tuple[str, ...] = ("01",)
    for number, line in enumerate(text.splitlines(), start=1):
        record = line.strip()
        if not record:
            continue
        code = record[:2]
        if code == "88" and number > 1:
            continue
        if code not in allowed or record[2:3] not in (",", "/"):
            raise Invalid(
                f"{called}, line {number}: {record[:12]!a} where a record {' or '.join(allowed)} belongs",
                hint="Ask for the whole file again.",
            )
        allowed = _NEXT[code]
    if allowed:
        raise Invalid(
            f"{called} ends where a BAI2 record {' or '.join(allowed)} belongs",
            hint="Ask for the whole file again.",
        )


def _currency(account: Any, group: Any, called: str) -> str:
    code: str = account.header.currency or group.header.currency
    try:
        exponent(code)
    except Invalid as error:
        number = clean_line(account.header.customer_account_number or "")
        raise Invalid(f"{called}, account {number} (03): {error.message}", hint=error.hint) from error
    return code


def _credits(account: Any, currency: str, on: date) -> Iterator[Advice]:
    for each in account.children:
        if each.type_code.transaction is not TypeCodeTransaction.credit:
            continue
        text = clean(each.text or "")
        yield Advice(
            source="bai2",
            lines=lines_in(text, currency),
            payment_reference=clean_line(each.customer_reference or each.bank_reference or ""),
            total=Money(each.amount, currency) if each.amount is not None else None,
            on=on,
            text=text,
        )
