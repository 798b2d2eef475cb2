"""Printing for people and for programs; everything foreign passes the guard on its way to a terminal."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from arqueue.errors import ArqueueError
from arqueue.model.text import guard

FORMATS = ("table", "json", "csv")
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
        else:
            click.echo(_table(rows, columns, right), nl=False)

    def record(self, record: Mapping[str, Any]) -> None:
        """One thing: JSON with all there is, else a line a field."""
        if self.form == "json":
            click.echo(json.dumps(record, ensure_ascii=True))
        elif self.form == "csv":
            click.echo(_csv([record], list(record)), nl=False)
        else:
            wide = max((len(name) for name in record), default=0)
            for name, value in record.items():
                click.echo(f"{name:<{wide}}  {guard(_text(value))}")

    def lines(self, text: str) -> None:
        """Words for people, guarded line by line."""
        for line in text.split("\n"):
            click.echo(guard(line))

    def error(self, error: ArqueueError) -> None:
        """The error on stderr in words, and on stdout as JSON where JSON was asked for."""
        if self.form == "json":
            row = {"code": error.code, "message": error.message, "hint": error.hint}
            click.echo(json.dumps({"error": row}, ensure_ascii=True))
        say(f"arqueue: {error.message}")
        if error.hint:
            say(f"  → {error.hint}")


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
    widths = [max([len(name), *(len(row[n]) for row in cells)]) for n, name in enumerate(columns)]
    if sys.stdout.isatty() and columns:
        spare = shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * (len(columns) - 1)
        widths[-1] = max(10, min(widths[-1], spare))
    out = []
    for row in [list(columns), *cells]:
        parts = [
            text[:wide].rjust(wide) if name in right else text[:wide].ljust(wide)
            for text, wide, name in zip(row, widths, columns, strict=True)
        ]
        out.append("  ".join(parts).rstrip() + "\n")
    return "".join(out)
