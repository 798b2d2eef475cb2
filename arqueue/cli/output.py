"""Printing for people and for programs; everything foreign passes the guard on its way to a terminal."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import click

from arqueue.errors import ArqueueError
from arqueue.model.text import guard

FORMATS = ("table", "json", "csv")
_NARROWEST = 8
"""To how many cells a column of words may shrink on a narrow terminal."""
_WORDS = frozenset({"party", "name", "reasons", "words", "outcome", "why", "lines"})
_NAMES, _WIDEST_NAME = frozenset({"party", "name"}), 40
"""One customer with an endless name must not push everybody's figures out of sight."""
_LABELS = {"currency": "cur", "age_days": "days", "party_code": "code", "attempts": "tries"}
"""Shorter heads for tables; JSON and CSV keep the names of the contract."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="How rows are printed.",
)


class Output:
    """One form of output for the whole command."""

    def __init__(self, form: str) -> None:
        self.form = form if form in FORMATS else "table"

    def rows(
        self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, right: Sequence[str] = ()
    ) -> None:
        """Rows: a table of these columns, CSV of them, or JSON with all there is."""
        if self.form == "json":
            click.echo(json.dumps(list(rows), ensure_ascii=True))
        elif self.form == "csv":
            click.echo(_csv(rows, columns), nl=False)
        elif rows:
            click.echo(_table(rows, columns, right), nl=False)
        else:
            say("nothing")

    def record(self, record: Mapping[str, Any]) -> None:
        """One thing: JSON with all there is, CSV of one row, else a line a field."""
        if self.form == "json":
            click.echo(json.dumps(record, ensure_ascii=True))
        elif self.form == "csv":
            click.echo(_csv([record], list(record)), nl=False)
        else:
            wide = max((len(name) for name in record), default=0)
            for name, value in record.items():
                click.echo(f"{name:<{wide}}  {guard(_text(value))}".rstrip())

    def lines(self, text: str) -> None:
        """Words for people, guarded line by line."""
        for line in text.split("\n"):
            click.echo(guard(line))

    def error(self, error: ArqueueError) -> None:
        """The error on stderr in words, and on stdout as JSON where JSON was asked for."""
        self.failure(error.code, error.message, error.hint)

    def failure(self, code: str, message: str, hint: str) -> None:
        """What went wrong, for people and for programs; several mistakes are a line each."""
        if self.form == "json":
            row = {"code": code, "message": message, "hint": hint}
            click.echo(json.dumps({"error": row}, ensure_ascii=True))
        for line in message.split("\n"):
            say(f"arqueue: {line}")
        if hint:
            say(f"  → {hint}")


def say(words: str) -> None:
    """Narration: to stderr, guarded."""
    click.echo(guard(words), err=True)


def _csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return out.getvalue()


def _cell(value: Any) -> str:
    """A spreadsheet must not take text for a formula; an amount stays a number."""
    text = guard(_text(value))
    number = text.lstrip("-").replace(".", "", 1)
    if text.startswith(_FORMULA) and not (number.isascii() and number.isdigit()):
        return f"'{text}"
    return text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "; ".join(_text(each) for each in value)
    if isinstance(value, dict):
        return str(value["words"]) if "words" in value else json.dumps(value, ensure_ascii=False)
    return str(value)


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], right: Sequence[str]) -> str:
    cells = [[guard(_text(row.get(column))) for column in columns] for row in rows]
    heads = [_LABELS.get(name, name) for name in columns]
    widths = [max([len(head), *(_width(row[n]) for row in cells)]) for n, head in enumerate(heads)]
    widths = [
        min(wide, _WIDEST_NAME) if name in _NAMES else wide
        for wide, name in zip(widths, columns, strict=True)
    ]
    if sys.stdout.isatty():
        _shrink(widths, [n for n, name in enumerate(columns) if name in _WORDS])
    out = []
    for row in [heads, *cells]:
        parts = [
            _padded(text, wide, right=name in right)
            for text, wide, name in zip(row, widths, columns, strict=True)
        ]
        out.append("  ".join(parts).rstrip() + "\n")
    return "".join(out)


def _shrink(widths: list[int], words: Sequence[int]) -> None:
    """Make the columns of words narrower, the widest first, until a row fits the terminal; figures, dates and numbers, by which
    things are called, are never cut."""
    over = sum(widths) + 2 * (len(widths) - 1) - shutil.get_terminal_size().columns
    while over > 0 and words:
        widest = max(words, key=lambda n: widths[n])
        second = max((widths[n] for n in words if n != widest), default=_NARROWEST)
        to = max(widths[widest] - over, min(second, widths[widest] - 1), _NARROWEST)
        if to >= widths[widest]:
            return
        over -= widths[widest] - to
        widths[widest] = to


def _padded(text: str, wide: int, *, right: bool) -> str:
    if _width(text) > wide:
        kept = ""
        for char in text:
            if _width(kept + char) >= wide:
                break
            kept += char
        text = f"{kept}…"
    gap = " " * (wide - _width(text))
    return gap + text if right else text + gap


def _width(text: str) -> int:
    """How many cells a terminal gives it."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
