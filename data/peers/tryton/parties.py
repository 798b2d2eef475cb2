"""Customers and remarks out of Tryton."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Final

from arqueue.control.commands import HEAD
from arqueue.errors import Invalid
from arqueue.model.ledger import Note, Party
from arqueue.model.money import Money
from arqueue.model.tags import tags_of
from arqueue.model.text import clean, clean_line
from data.peers.contract import Quarantined
from data.peers.tryton.items import utc, version_of
from data.peers.tryton.reader import Reader
from data.peers.tryton.rows import modified_at
from data.peers.tryton.rpc import Refusal, Row

PARTY: Final = "party.party"
PARTY_FIELDS: Final = (
    "name",
    "code",
    "active",
    "customer_payment_term",
    "credit_limit_amount",
    "categories",
    "write_date",
    "create_date",
)
HOLD: Final = "credit hold"
"""Tryton has no hold on a customer: the category of this name is one; the others are its tags."""
NOTE_FIELDS: Final = ("message", "resource", "create_date", "create_uid")
_TAG: Final = re.compile(rf"\n*(?:\baudit {HEAD} )?\barqueue ([0-9a-f]{{32}})$")


@dataclass(slots=True)
class Told:
    """Entities of one kind, and the rows that make none."""

    parties: list[Party] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)


async def read_parties(reader: Reader, keys: Collection[int]) -> Told:
    """Customers with their terms, limits and addresses. Ids of nobody are passed over."""
    told = Told()
    if not keys:
        return told
    names = await reader.names()
    rows = await reader.rows_of(PARTY, "id", keys, PARTY_FIELDS, also=[["active", "in", [True, False]]])
    ways = await reader.rows_of("party.contact_mechanism", "party", keys, ["party", "type", "value"])
    reach: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for way in ways:
        reach[way["party"]][str(way["type"])].append(str(way["value"] or ""))
    terms = await _names_of(
        reader, "account.invoice.payment_term", (row["customer_payment_term"] for row in rows)
    )
    categories = await _names_of(
        reader, "party.category", (each for row in rows for each in row.get("categories") or ())
    )
    for row in rows:
        try:
            told.parties.append(_party(row, reach[row["id"]], terms, categories, names.base))
        except Invalid as error:
            raw = json.dumps(row, default=str)[:2000]
            told.quarantined.append(Quarantined(f"party:{row['id']}", error.message, raw))
    return told


async def _names_of(reader: Reader, model: str, keys: Iterable[int | None]) -> dict[int, str]:
    wanted = {key for key in keys if key}
    return {row["id"]: str(row["name"]) for row in await reader.rows_of(model, "id", wanted, ["name"])}


def _party(
    row: Row, reach: dict[str, list[str]], terms: dict[int, str], categories: dict[int, str], base: str
) -> Party:
    limit = row.get("credit_limit_amount")
    named = [categories.get(each, "").strip() for each in row.get("categories") or ()]
    party = Party(
        id=f"party:{row['id']}",
        code=clean_line(str(row.get("code") or "")),
        name=clean_line(str(row.get("name") or "")),
        version="",
        credit_limit=Money.from_decimal(limit, base) if isinstance(limit, Decimal) else None,
        on_hold=any(name.lower() == HOLD for name in named),
        terms=clean_line(terms.get(row.get("customer_payment_term") or 0, "")),
        emails=tuple(clean_line(each) for each in reach["email"]),
        phones=tuple(clean_line(each) for kind in ("phone", "mobile") for each in reach[kind]),
        tags=tags_of(name for name in named if name.lower() != HOLD),
        active=bool(row.get("active")),
        modified_at=utc(modified_at(row)),
    )
    content = [
        getattr(party, each.name) for each in fields(Party) if each.name not in ("version", "modified_at")
    ]
    return replace(party, version=version_of(*content))


async def read_notes(reader: Reader, targets: dict[str, str]) -> tuple[list[Note], list[Quarantined]]:
    """Remarks on Tryton's records (``model,id``), each under the target that arqueue knows the record by."""
    rows = await reader.rows_of("ir.note", "resource", targets, NOTE_FIELDS)
    return await tell_notes(reader, rows, targets)


async def tell_notes(
    reader: Reader, rows: Sequence[Row], targets: dict[str, str]
) -> tuple[list[Note], list[Quarantined]]:
    """Raw notes as entities, with the names of their authors where this user may know them."""
    authors = await _authors(reader, {row["create_uid"] for row in rows if row.get("create_uid")})
    notes: list[Note] = []
    bad: list[Quarantined] = []
    for row in rows:
        try:
            notes.append(_note(row, targets[row["resource"]], authors))
        except Invalid as error:
            raw = json.dumps(row, default=str)[:2000]
            bad.append(Quarantined(f"note:{row['id']}", error.message, raw))
    return notes, bad


async def _authors(reader: Reader, keys: Collection[int]) -> dict[int, str]:
    if not keys:
        return {}
    try:
        rows: list[Row] = await reader.session.call("model.res.user.read", sorted(keys), ["rec_name"])
    except Refusal:
        return {}
    return {row["id"]: str(row["rec_name"]) for row in rows}


def _note(row: Row, target: str, authors: dict[int, str]) -> Note:
    message = str(row.get("message") or "")
    tag = _TAG.search(message)
    note = Note(
        id=f"note:{row['id']}",
        target=target,
        author=clean_line(authors.get(row.get("create_uid") or 0, "")),
        at=utc(modified_at(row)),
        text=clean(message[: tag.start()] if tag else message),
        version="",
        command_id=tag[1] if tag else "",
    )
    return replace(note, version=version_of(note.target, note.author, note.at, note.text, note.command_id))
