"""Entities to rows and back; the only place that knows both spellings. Nothing that a row is made of holds a payment card
number: what the ledger says is masked here, whichever way it comes in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, Protocol

from arqueue.model.cards import holds_card_number, masked
from arqueue.model.ledger import Allocation, Item, ItemKind, ItemState, Note, Party
from arqueue.model.money import Money


class Row(Protocol):
    """A row of SQLite by column name."""

    def __getitem__(self, key: str, /) -> Any:
        """The column's value."""


PARTY = (
    "id code name parent_id currency limit_minor limit_currency on_hold terms emails phones tags active version modified_at"
).split()
ITEM = (
    "id kind number party_id currency total residual base_minor base_currency doc_date due_date state parent_id"
    " reference purchase_order text method payer payer_account dispute returned dunning_level version modified_at"
).split()
ALLOCATION = (
    "id credit_item debit_item amount currency debit_minor debit_currency on_date version void".split()
)
NOTE = "id target author at text version command_id".split()
_KINDS: Final = {kind.value: kind for kind in ItemKind}
_STATES: Final = {state.value: state for state in ItemState}
_day = lru_cache(maxsize=4096)(date.fromisoformat)


def utc_text(at: datetime | None) -> str | None:
    """An instant as sortable UTC text; None stays None."""
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else None


def party_row(party: Party) -> tuple[Any, ...]:
    """In the order of PARTY."""
    limit = party.credit_limit
    return (
        party.id,
        party.code,
        masked(party.name),
        party.parent_id,
        party.currency,
        limit.minor if limit else None,
        limit.currency if limit else None,
        int(party.on_hold),
        masked(party.terms),
        json.dumps(party.emails),
        json.dumps(party.phones),
        json.dumps([masked(tag) for tag in party.tags]),
        int(party.active),
        party.version,
        utc_text(party.modified_at),
    )


def party_of(row: Row) -> Party:
    """The entity in a row of ``party``."""
    limit = Money(row["limit_minor"], row["limit_currency"]) if row["limit_minor"] is not None else None
    return Party(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        version=row["version"],
        parent_id=row["parent_id"],
        currency=row["currency"],
        credit_limit=limit,
        on_hold=bool(row["on_hold"]),
        terms=row["terms"],
        emails=tuple(json.loads(row["emails"])),
        phones=tuple(json.loads(row["phones"])),
        tags=tuple(json.loads(row["tags"])),
        active=bool(row["active"]) and not row["gone"],
        modified_at=_instant(row["modified_at"]),
    )


def item_row(item: Item) -> tuple[Any, ...]:
    """In the order of ITEM."""
    base = item.residual_base
    return (
        item.id,
        item.kind.value,
        item.number,
        item.party_id,
        item.total.currency,
        item.total.minor,
        item.residual.minor,
        base.minor if base else None,
        base.currency if base else None,
        item.doc_date.isoformat(),
        item.due_date.isoformat() if item.due_date else None,
        item.state.value,
        item.parent_id,
        masked(item.reference),
        masked(item.purchase_order),
        masked(item.text),
        item.method,
        masked(item.payer),
        _account(item.payer_account),
        masked(item.dispute),
        item.returned,
        item.dunning_level,
        item.version,
        utc_text(item.modified_at),
    )


def _account(token: str) -> str:
    """A payer's account; a card is none, and its last digits would tell no payer from another."""
    is_card = holds_card_number(token) and not any(char.isalpha() for char in token)
    return "" if is_card else token


def item_of(row: Row) -> Item:
    """The entity in a row of ``item``."""
    return item_from([row[name] for name in ITEM])


def item_from(values: Sequence[Any]) -> Item:
    """The same from its values in the order of ITEM. Thousands are made at once: what is equal in an item, or among many (days,
    words that say what it is), is made once."""
    (
        key,
        kind,
        number,
        party_id,
        currency,
        total,
        residual,
        base_minor,
        base_currency,
        doc_date,
        due_date,
        state,
        parent_id,
        reference,
        purchase_order,
        text,
        method,
        payer,
        payer_account,
        dispute,
        returned,
        dunning_level,
        version,
        modified_at,
    ) = values
    whole = Money(total, currency)
    rest = whole if residual == total else Money(residual, currency)
    if base_minor is None:
        base = None
    else:
        is_same = base_minor == residual and base_currency == currency
        base = rest if is_same else Money(base_minor, base_currency)
    return Item(
        id=key,
        kind=_KINDS.get(kind) or ItemKind(kind),
        number=number,
        party_id=party_id,
        total=whole,
        residual=rest,
        residual_base=base,
        doc_date=_day(doc_date),
        due_date=_day(due_date) if due_date else None,
        state=_STATES.get(state) or ItemState(state),
        parent_id=parent_id,
        reference=reference,
        purchase_order=purchase_order,
        text=text,
        method=method,
        payer=payer,
        payer_account=payer_account,
        dispute=dispute,
        returned=returned,
        dunning_level=dunning_level,
        version=version,
        modified_at=_instant(modified_at),
    )


def allocation_row(allocation: Allocation) -> tuple[Any, ...]:
    """In the order of ALLOCATION."""
    debit = allocation.amount_debit
    return (
        allocation.id,
        allocation.credit_item,
        allocation.debit_item,
        allocation.amount.minor,
        allocation.amount.currency,
        debit.minor if debit else None,
        debit.currency if debit else None,
        allocation.on.isoformat(),
        allocation.version,
        int(allocation.void),
    )


def allocation_of(row: Row) -> Allocation:
    """The entity in a row of ``allocation``."""
    debit = Money(row["debit_minor"], row["debit_currency"]) if row["debit_minor"] is not None else None
    return Allocation(
        id=row["id"],
        credit_item=row["credit_item"],
        debit_item=row["debit_item"],
        amount=Money(row["amount"], row["currency"]),
        amount_debit=debit,
        on=date.fromisoformat(row["on_date"]),
        version=row["version"],
        void=bool(row["void"]),
    )


def note_row(note: Note) -> tuple[Any, ...]:
    """In the order of NOTE."""
    author, text = masked(note.author), masked(note.text)
    return (note.id, note.target, author, utc_text(note.at), text, note.version, note.command_id)


def note_of(row: Row) -> Note:
    """The entity in a row of ``note``."""
    return Note(
        id=row["id"],
        target=row["target"],
        author=row["author"],
        at=datetime.fromisoformat(row["at"]),
        text=row["text"],
        version=row["version"],
        command_id=row["command_id"],
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
