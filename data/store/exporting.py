"""The audit as a file that others can verify without the store: every row with its salt and words, every erasure, every signed
head. It does not hold the key: a key that comes with what it is to prove proves nothing.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlite_utils import Database

from arqueue.errors import Invalid
from arqueue.model.text import guard
from data.store import audit, heads
from data.store.heads import SignedHead
from data.store.migrations import migrations

_FORMAT = "arqueue audit 1"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_PLAIN, _CODED = "'", "json:"
_SALT = r"^([0-9a-f]{2})*$"


class _Line(BaseModel):
    """A line of an export; what it does not have is empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    record: str = ""
    seq: int = 0
    at: str = ""
    person: str = ""
    uid: int = -1
    what: str = ""
    command_id: str = ""
    detail: str = ""
    prev: str = ""
    hash: str = ""
    form: int = 0
    text_hash: str = ""
    has_text: int = 0
    salt: str = Field(default="", pattern=_SALT)
    text: str = ""
    erased_by: int = 0
    seal: str = ""
    store_id: str = ""
    epoch: int = 0
    signature: str = ""


_COLUMNS = tuple(_Line.model_fields)


def write(connection: sqlite3.Connection, signed: Sequence[SignedHead], out: TextIO, form: str) -> int:
    """Everything, as ``json`` (a line each) or ``csv``; returns how many rows of the audit that were."""
    lines = _lines(connection, signed)
    rows = 0
    writer = csv.writer(out, lineterminator="\n") if form == "csv" else None
    if writer is not None:
        writer.writerow(_COLUMNS)
    for line in lines:
        rows += line["record"] == "row"
        if writer is not None:
            writer.writerow([cell(line.get(name, "")) for name in _COLUMNS])
        else:
            out.write(json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n")
    return rows


def read(file: Path) -> tuple[Database, list[SignedHead]]:
    """An export as a store in memory that holds nothing else, and its heads. Raises Invalid, naming the line."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"{file} cannot be read: {error}", "name a file that `arqueue audit export` made"
        ) from None
    database, signed = Database(memory=True), []
    migrations.apply(database)
    number = 0
    try:
        for number, raw in enumerate(_parsed(text), 1):
            line = _Line.model_validate(raw)
            if (number == 1) is not (line.record == "audit" and line.what == _FORMAT):
                raise ValueError(f"it does not begin as {_FORMAT!r}")
            if line.record == "head":
                signed.append(heads.parse(line.model_dump()))
            else:
                _take(database.conn, line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _foreign(file, number, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ValueError, csv.Error, sqlite3.Error) as error:
        raise _foreign(file, number, str(error)) from None
    if not number:
        raise _foreign(file, 1, "it is empty")
    return database, signed


def _lines(connection: sqlite3.Connection, signed: Sequence[SignedHead]) -> Iterator[dict[str, Any]]:
    meta = dict(
        connection.execute("SELECT key, value FROM meta WHERE key IN ('store_id', 'epoch')").fetchall()
    )
    yield {
        "record": "audit",
        "what": _FORMAT,
        "store_id": meta["store_id"],
        "epoch": int(meta["epoch"]),
    }
    gone = {
        seq: (by, seal) for seq, by, seal in connection.execute("SELECT seq, by_seq, seal FROM erased_text")
    }
    for entry in audit.entries(connection):
        by, seal = gone.get(entry.seq, (0, ""))
        yield {
            "record": "row",
            **asdict(entry),
            "has_text": int(entry.text is not None),
            "salt": (entry.salt or b"").hex(),
            "text": entry.text or "",
            "erased_by": by,
            "seal": seal,
        }
    for each in signed:
        if each.head.store_id == meta["store_id"]:
            yield {"record": "head", **json.loads(each.line)}


def _take(connection: sqlite3.Connection, line: _Line) -> None:
    if line.record == "audit":
        connection.execute("UPDATE meta SET value = ? WHERE key = 'store_id'", (line.store_id,))
        connection.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (str(line.epoch),))
        return
    if line.record != "row":
        raise ValueError(f"record: there is no {line.record!r}")
    connection.execute(
        "INSERT INTO audit (seq, at, person, uid, what, command_id, detail, prev, hash, form, text_hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            line.seq,
            line.at,
            line.person,
            line.uid,
            line.what,
            line.command_id,
            line.detail,
            line.prev,
            line.hash,
            line.form,
            line.text_hash,
        ),
    )
    if line.has_text:
        connection.execute(
            "INSERT INTO audit_text VALUES (?, ?, ?)", (line.seq, bytes.fromhex(line.salt), line.text)
        )
    if line.erased_by:
        connection.execute("INSERT INTO erased_text VALUES (?, ?, ?)", (line.seq, line.erased_by, line.seal))


def _parsed(text: str) -> Iterator[Mapping[str, Any]]:
    if not text.startswith("{"):
        for row in csv.DictReader(io.StringIO(text, newline="")):
            yield {name: uncelled(value) for name, value in row.items() if isinstance(value, str) and value}
        return
    for line in text.split("\n"):
        if line:
            yield json.loads(line)


def _foreign(file: Path, number: int, words: str) -> Invalid:
    return Invalid(f"{file}, record {number}: {guard(words)}", "name a file that `arqueue audit export` made")


def cell(value: Any) -> str:
    """A spreadsheet takes no words for a formula, no terminal takes them for orders, and they can be read back as they were."""
    text = str(value)
    if guard(text) != text or text.startswith((_PLAIN, _CODED)):
        return _CODED + json.dumps(text)
    return _PLAIN + text if text.startswith(_FORMULA) and not isinstance(value, int) else text


def uncelled(text: str) -> str:
    if text.startswith(_CODED):
        return str(json.loads(text.removeprefix(_CODED)))
    return text.removeprefix(_PLAIN)
