"""The letters of a file whose encoding nobody says."""

from __future__ import annotations

import codecs
import re
from typing import Final

from arqueue.errors import Invalid

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
# EDI may separate by control characters, which are told by its first letters.
_EDI: Final = ("ISA", "ST")


def decoded(data: bytes, called: str) -> str:
    """UTF-8, UTF-16 with or without its mark, else Windows Latin. Raises Invalid for what is no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding, called)
    if data[1:2] == b"\0" and data[:1] != b"\0":
        return _strictly(data, "utf-16-le", called)
    if data[:1] == b"\0" and data[1:2] != b"\0":
        return _strictly(data, "utf-16-be", called)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return _text(text, called)


def _strictly(data: bytes, encoding: str, called: str) -> str:
    try:
        return _text(data.decode(encoding), called)
    except UnicodeDecodeError as error:
        raise Invalid(
            f"{called} is cut short or no {encoding} text (byte {error.start:,})",
            hint="Export it again as UTF-8.",
        ) from error


def _text(text: str, called: str) -> str:
    odd = None if text.lstrip().startswith(_EDI) else _CONTROLS.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        raise Invalid(
            f"{called}, line {line}: no text (control character {ord(odd[0]):#04x})",
            hint="Give a CSV, ISO 20022, BAI2 or EDI 820 file, not a PDF or a spreadsheet's own format.",
        )
    return text
