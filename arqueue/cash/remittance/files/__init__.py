"""Remittance advice in files, told apart by what is in them: tables, ISO 20022, BAI2, EDI 820, plain text. Pure."""

from __future__ import annotations

import re
from typing import Final

from arqueue.cash.advice import Advice
from arqueue.cash.remittance.files.bai import read_bai2
from arqueue.cash.remittance.files.decoding import decoded
from arqueue.cash.remittance.files.edi import read_820
from arqueue.cash.remittance.files.iso20022 import read_iso20022
from arqueue.cash.remittance.files.table import read_table
from arqueue.errors import Invalid
from arqueue.model.currency import exponent

_EDI: Final = re.compile(r"ISA[^\w \n].{101}|ST([^\w \n])820\1", re.DOTALL)
_BAI2: Final = re.compile(r"01,[^\n]*\n\s*(?:88,[^\n]*\n\s*)*02,")
LARGEST: Final = 1 << 20
"""Bytes."""


def read_advice(data: bytes, name: str = "", *, currency: str = "") -> tuple[Advice, ...]:
    """Every payment's advice in a file; ``name`` is only for messages, ``currency`` is for amounts that name none.

    Raises Invalid, which names the line or field and the remedy, for a file larger than LARGEST, of no known kind, with
    amounts or dates that cannot be read, for XML with a DTD; UnknownCurrency for a ``currency`` outside ISO 4217.
    """
    called = name or "the advice"
    if currency:
        exponent(currency)
    if len(data) > LARGEST:
        raise Invalid(
            f"{called} is larger than {LARGEST >> 20} MiB", hint="Give the part that is about this payment."
        )
    text = decoded(data, called)
    begin = text.lstrip()
    if not begin:
        raise Invalid(f"{called} is empty", hint="Give a CSV, ISO 20022, BAI2 or EDI 820 file.")
    if begin.startswith("<"):
        return read_iso20022(begin, called)
    if _EDI.match(begin):
        return read_820(begin, called, currency)
    if _BAI2.match(begin):
        return read_bai2(begin, called)
    return read_table(text, called, currency)
