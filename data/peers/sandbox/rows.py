"""Rows of the sandbox ledger taken in: each is checked on its own, and what cannot be read is set aside, never an error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, cast

from pydantic import TypeAdapter, ValidationError

from arqueue.errors import Invalid
from arqueue.model.ledger import Allocation, Entity, Item, ItemKind, ItemState, Note, Party
from arqueue.model.money import Money
from arqueue.model.tags import tags_of
from arqueue.model.text import clean, clean_line, guard
from data.peers.contract import Known, Quarantined
from data.peers.sandbox.wire import AllocationRow, ItemRow, NoteRow, PartyRow

RAW_LIMIT: Final = 4000
_ID_LIMIT: Final = 100
_LEVELS: Final = 100


@dataclass(slots=True)
class Taken:
    """Rows sorted by what became of them."""

    upserts: list[Entity] = field(default_factory=list)
    tombstones: list[str] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)


def take_rows(rows: Iterable[Any]) -> Taken:
    """Read rows one by one."""
    taken = Taken()
    for raw in rows:
        try:
            entity_id = _id_of(raw)
            if raw.get("deleted") is True:
                taken.tombstones.append(entity_id)
            else:
                taken.upserts.append(_read(raw))
        except (Invalid, ValidationError, ValueError, OverflowError) as error:
            taken.quarantined.append(_set_aside(raw, error))
    return taken


async def unchanged_rows(rows: Iterable[Any], known: Known) -> dict[int, str]:
    """The rows that need no reading, as their ids by identity: of a kind that is known, there once in the page, and here already
    in that version. Reading and checking a row is what a synchronisation spends most of its time on."""
    by_kind: dict[str, dict[str, Any]] = {}
    twice: set[str] = set()
    for raw in rows:
        kind, entity_id = (raw.get("kind"), raw.get("id")) if isinstance(raw, dict) else (None, None)
        if isinstance(kind, str) and kind in _READERS and isinstance(entity_id, str):
            group = by_kind.setdefault(kind, {})
            if entity_id in group:
                twice.add(entity_id)
            group[entity_id] = raw
    found: dict[int, str] = {}
    for kind, group in by_kind.items():
        versions = await known(kind, list(group))
        for entity_id, version in versions.items():
            raw = group[entity_id]
            if raw.get("version") == version and raw.get("deleted") is not True and entity_id not in twice:
                found[id(raw)] = entity_id
    return found


def _id_of(raw: Any) -> str:
    """An id that will serve as a key: short, and clean as it stands."""
    entity_id = raw.get("id") if isinstance(raw, dict) else None
    if not isinstance(entity_id, str) or not entity_id or clean_line(entity_id, limit=_ID_LIMIT) != entity_id:
        raise Invalid("id: is missing or not a plain identifier")
    return entity_id


def _read(raw: Mapping[str, Any]) -> Entity:
    kind = raw.get("kind")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise Invalid(f"kind: {kind!a:.40} is not known here", "a newer arqueue may know it")
    adapter, read = reader
    return read(adapter.validate_python(raw, strict=True))


def _set_aside(raw: Any, error: Exception) -> Quarantined:
    entity_id = raw.get("id") if isinstance(raw, dict) else None
    shown = guard(entity_id)[:_ID_LIMIT] if isinstance(entity_id, str) else ""
    return Quarantined(shown, _reason(error), json.dumps(raw, default=str)[:RAW_LIMIT])


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return guard(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")
    return guard(str(error))


def _version(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid("version: is not a whole number")
    return text


def _date(text: str) -> date:
    if len(text) != 10:
        raise Invalid(f"date: {text!a:.40} is not written 2026-11-30")
    return date.fromisoformat(text)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise Invalid(f"instant: {text!a:.40} has no zone")
    return instant.astimezone(UTC)


def _level(level: int | None) -> int | None:
    if level is not None and not 0 <= level <= _LEVELS:
        raise Invalid(f"dunning_level: {level} is not within 0 and {_LEVELS}")
    return level


def _key(text: str) -> str:
    """A reference to another entity: as strict as that entity's own id."""
    return _id_of({"id": text})


def _party(row: PartyRow) -> Party:
    limit = row["credit_limit"]
    return Party(
        id=row["id"],
        version=_version(row["version"]),
        code=clean_line(row["code"]),
        name=clean_line(row["name"]),
        parent_id=_key(row["parent_id"]) if row["parent_id"] else None,
        currency=Money.zero(row["currency"]).currency,
        credit_limit=Money.parse(limit, row["currency"]) if limit is not None else None,
        on_hold=row["on_hold"],
        terms=clean_line(row["terms"]),
        emails=tuple(clean_line(email) for email in row["emails"]),
        phones=tuple(clean_line(phone) for phone in row["phones"]),
        tags=tags_of(row.get("tags", [])),
        active=row["active"],
        modified_at=_instant(row["modified_at"]),
    )


def _item(row: ItemRow) -> Item:
    currency = row["currency"]
    return Item(
        id=row["id"],
        version=_version(row["version"]),
        kind=ItemKind(row["type"]),
        number=clean_line(row["number"]),
        party_id=_key(row["party_id"]),
        total=Money.parse(row["total"], currency),
        residual=Money.parse(row["residual"], currency),
        residual_base=Money.parse(row["residual_base"], row["base_currency"]),
        doc_date=_date(row["doc_date"]),
        due_date=_date(row["due_date"]) if row["due_date"] else None,
        state=ItemState(row["state"]),
        parent_id=_key(row["parent_id"]) if row["parent_id"] else None,
        reference=clean_line(row["reference"]),
        purchase_order=clean_line(row["purchase_order"]),
        text=clean(row["text"]),
        method=clean_line(row["method"]),
        payer=clean_line(row.get("payer", "")),
        payer_account=clean_line(row.get("payer_account", ""), limit=_ID_LIMIT),
        dispute=clean_line(row["dispute"]),
        returned=clean_line(row["returned"]),
        dunning_level=_level(row.get("dunning_level")),
        modified_at=_instant(row["modified_at"]),
    )


def _allocation(row: AllocationRow) -> Allocation:
    amount = Money.parse(row["amount"], row["currency"])
    if amount.minor <= 0:
        raise Invalid("amount: an allocation is more than nothing")
    return Allocation(
        id=row["id"],
        version=_version(row["version"]),
        credit_item=_key(row["credit_item"]),
        debit_item=_key(row["debit_item"]),
        amount=amount,
        on=_date(row["on"]),
        void=row["void"],
    )


def _note(row: NoteRow) -> Note:
    return Note(
        id=row["id"],
        version=_version(row["version"]),
        target=_key(row["target"]),
        author=clean_line(row["author"]),
        at=_instant(row["at"]),
        text=clean(row["text"]),
        command_id=clean_line(row["command_id"]),
    )


_READERS: Final[dict[str, tuple[TypeAdapter[Any], Callable[[Any], Entity]]]] = {
    "party": (TypeAdapter(PartyRow), cast(Callable[[Any], Entity], _party)),
    "item": (TypeAdapter(ItemRow), cast(Callable[[Any], Entity], _item)),
    "allocation": (TypeAdapter(AllocationRow), cast(Callable[[Any], Entity], _allocation)),
    "note": (TypeAdapter(NoteRow), cast(Callable[[Any], Entity], _note)),
}
