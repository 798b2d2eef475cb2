"""Single entities by the names that arqueue knows them by, and the census of what is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from arqueue.model.ledger import Entity, Note
from data.peers.contract import CensusRow, Page, Quarantined
from data.peers.tryton.feed import PAGE, Told, tell
from data.peers.tryton.items import items_of
from data.peers.tryton.parties import NOTE_FIELDS, PARTY, read_notes, read_parties, tell_notes
from data.peers.tryton.reader import INVOICE, LINE, OPEN, RECEIVABLE, Reader
from data.peers.tryton.records import targets_of
from data.peers.tryton.rows import LINE_FIELDS
from data.peers.tryton.rpc import Refusal

_KINDS: Final = ("line", "invoice", "party", "note", "link", "rec")


def number_of(entity_id: str, *kinds: str) -> int | None:
    """The row behind an id such as ``line:7``; None where it is no id of these kinds."""
    kind, _, key = entity_id.partition(":")
    return int(key) if kind in kinds and key.isascii() and key.isdigit() and len(key) < 19 else None


async def record_of(reader: Reader, target: str) -> tuple[str, str] | None:
    """The Tryton record (``model,id``) that carries the remarks on an item or an invoice in parts, and the name that arqueue
    shows them under; None where there is no such thing."""
    number = number_of(target, "line", "invoice")
    if number is None:
        return None
    lines = {number} if target.startswith("line:") else await _dues(reader, {number})
    book = await reader.gather(lines)
    roots = book.roots(lines & book.lines.keys())
    if not roots:
        return None
    invoice = book.invoice_of(roots[0])
    resource = f"{INVOICE},{invoice.id}" if invoice else f"{LINE},{roots[0]}"
    return resource, targets_of(book)[resource]


async def get(reader: Reader, ids: Sequence[str]) -> Page:
    """These entities as they are now in the order of their ids, then the remarks on the items and customers among them: Tryton
    has no feed of remarks. Ids of nothing come back as tombstones."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for each in ids:
        kind = each.partition(":")[0]
        number = number_of(each, *_KINDS)
        if number is not None:
            wanted[kind].add(number)
    told = Told([])
    lines = wanted["line"] | wanted["link"] | wanted["rec"]
    if wanted["invoice"]:
        lines |= await _dues(reader, wanted["invoice"])
    targets: dict[str, str] = {f"{PARTY},{key}": f"party:{key}" for key in wanted["party"]}
    if lines:
        book = await reader.gather(lines)
        told = await tell(reader, book)
        targets |= targets_of(book)
    asked = set(ids)
    targets = {resource: name for resource, name in targets.items() if name in asked}
    people = await read_parties(reader, wanted["party"])
    notes, spoiled = await read_notes(reader, targets)
    alone, lonely = await _notes(reader, wanted["note"] - {int(note.id[5:]) for note in notes})
    found: dict[str, Entity] = {each.id: each for each in (*people.parties, *told.upserts, *notes, *alone)}
    bad = [*people.quarantined, *told.quarantined, *spoiled, *lonely]
    bad = [each for each in bad if each.entity_id in asked or each in spoiled]
    spoilt = {each.entity_id for each in bad}
    upserts = [found[each] for each in dict.fromkeys(ids) if each in found]
    upserts += [note for note in notes if note.id not in asked]
    gone = [each for each in dict.fromkeys(ids) if each not in found and each not in spoilt]
    return Page("", False, tuple(upserts), tuple(gone), tuple(bad))


async def _dues(reader: Reader, invoices: Collection[int]) -> set[int]:
    rows = await reader.rows_of(INVOICE, "id", invoices, ["move", "additional_moves"])
    moves = {move for row in rows for move in (row["move"], *(row["additional_moves"] or ())) if move}
    return {row["id"] for row in await reader.rows_of(LINE, "move", moves, ["move"], also=RECEIVABLE)}


async def _notes(reader: Reader, keys: Iterable[int]) -> tuple[list[Note], list[Quarantined]]:
    """Single remarks. Tryton finds them by their record only, and reads them by number."""
    keys = sorted(keys)
    if not keys:
        return [], []
    try:
        rows = await reader.session.call("model.ir.note.read", keys, [*NOTE_FIELDS, "write_date"])
    except Refusal:
        # One that is gone, or of a record that this user may not see, hides the others: ask one by one.
        if len(keys) == 1:
            return [], []
        parts = [await _notes(reader, [key]) for key in keys]
        return [note for notes, _ in parts for note in notes], [each for _, bad in parts for each in bad]
    resources = {str(row["resource"]) for row in rows}
    lines = {int(each.partition(",")[2]) for each in resources if each.startswith(f"{LINE},")}
    invoices = {int(each.partition(",")[2]) for each in resources if each.startswith(f"{INVOICE},")}
    targets = {each: f"party:{each.partition(',')[2]}" for each in resources if each.startswith(f"{PARTY},")}
    if lines or invoices:
        targets |= targets_of(await reader.gather(lines | await _dues(reader, invoices)))
    return await tell_notes(reader, [row for row in rows if row["resource"] in targets], targets)


async def census(reader: Reader) -> list[CensusRow]:
    """Every item of which something is open, with the version and residual that the feed gives it."""
    names = await reader.names()
    found: dict[str, CensusRow] = {}
    after = 0
    while True:
        rows = await reader.rows(LINE, [*OPEN, ["id", ">", after]], LINE_FIELDS, limit=PAGE)
        book = await reader.gather(rows)
        items, _ = items_of(book, book.roots(book.core), names.base)
        for item in items:
            if item.residual:
                found[item.id] = CensusRow(item.id, item.version, item.residual)
        if len(rows) < PAGE:
            return list(found.values())
        after = rows[-1]["id"]
