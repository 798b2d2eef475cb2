"""Rows of the store as rows of the protocol: amounts as strings, dates as text, nothing that a face has to compute."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING

from arqueue.cash.suggestion import SuggestedLine, Suggestion
from arqueue.control.states import CommandState
from arqueue.model.ledger import Allocation, Note, OpenItem, Party
from arqueue.model.money import Money
from arqueue.model.people import Person
from arqueue.model.text import is_suspicious
from arqueue.work.promises import OVER, PromiseState

if TYPE_CHECKING:  # workers that paint start faster without them
    from arqueue.cash.terms import Offer
    from arqueue.control.authority import Approval
    from arqueue.model.work import Reason
    from data.broker import protocol
    from data.store.stored import Stored


def queue_row(row: sqlite3.Row, today: date, reasons: Sequence[Reason]) -> protocol.QueueRow:
    """One row of the queue, with why it ranks where it does."""
    painted: protocol.QueueRow = {
        "id": row["id"],
        "kind": row["kind"],
        "party": "" if row["party_gone"] else row["party_name"] or "",
        "party_id": row["party_id"],
        "party_code": row["party_code"] or "",
        "item_id": row["item_id"],
        "subject": row["subject"],
        "amount": str(Money(row["amount"], row["currency"])),
        "currency": row["currency"],
        "age_days": max(0, (today - date.fromisoformat(row["since"])).days),
        "score": sum(reason.points for reason in reasons),
        "reasons": [
            {"rule": reason.rule, "points": reason.points, "words": reason.words} for reason in reasons
        ],
        "owner": row["owner"],
        "state": "failed" if row["kind"] == "failure" else "queued" if row["flying"] else "open",
        "command_id": row["command_id"],
        "maker": row["maker"],
        "assignee": row["assignee"],
        "snoozed_until": row["snoozed_until"],
        "pinned_until": row["pinned_until"],
    }
    if (state := row["promise_state"]) is not None and (promise := PromiseState(state)) not in OVER:
        painted["promised"] = f"{row['promise_words']} ({promise.said})"
    return painted


def item_row(each: OpenItem, party: str, today: date) -> protocol.ItemRow:
    """One open item."""
    item = each.item
    return {
        "id": item.id,
        "kind": item.kind.value,
        "number": item.number,
        "doc_date": item.doc_date.isoformat(),
        "due_date": item.due_date.isoformat() if item.due_date else None,
        "days_past_due": (today - item.due_date).days if item.due_date else None,
        "total": str(item.total),
        "residual": str(item.residual),
        "open": str(each.open),
        "currency": item.residual.currency,
        "state": item.state.value,
        "dispute": item.dispute,
        "returned": item.returned,
        "reference": item.reference,
        "purchase_order": item.purchase_order,
        "text": item.text,
        "method": item.method,
        "payer": item.payer,
        "party_id": item.party_id,
        "party": party,
        "version": item.version,
    }


def item_text(each: OpenItem, party: str, today: date) -> str:
    """The same as JSON, written down at once: an account has thousands, and that takes a third of the time."""
    item, quoted = each.item, encode_basestring_ascii
    total = str(item.total)
    residual = total if item.residual is item.total else str(item.residual)
    left = residual if each.open is item.residual else str(each.open)
    due, past = (
        ('"' + str(item.due_date) + '"', (today - item.due_date).days) if item.due_date else ("null", "null")
    )
    return (
        f'{{"id":{quoted(item.id)},"kind":"{item.kind}","number":{quoted(item.number)}'
        f',"doc_date":"{item.doc_date}","due_date":{due},"days_past_due":{past}'
        f',"total":"{total}","residual":"{residual}","open":"{left}"'
        f',"currency":"{item.residual.currency}","state":"{item.state}","dispute":{quoted(item.dispute)}'
        f',"returned":{quoted(item.returned)},"reference":{quoted(item.reference)}'
        f',"purchase_order":{quoted(item.purchase_order)},"text":{quoted(item.text)}'
        f',"method":{quoted(item.method)},"payer":{quoted(item.payer)},"party_id":{quoted(item.party_id)}'
        f',"party":{quoted(party)},"version":{quoted(item.version)}}}'
    )


def discount_text(each: OpenItem, offered: Offer) -> str:
    """A discount row as JSON: what an offer takes off an item; empty where that is nothing."""
    minor = offered.off(each.open.minor) if each.open.minor > 0 else 0
    if not minor:
        return ""
    return (
        f'{{"item":{encode_basestring_ascii(each.item.id)},"amount":"{Money(minor, each.open.currency)}"'
        f',"until":"{offered.until}","earned":{"true" if offered.earned else "false"}}}'
    )


def party_row(party: Party, parent: Party | None) -> protocol.PartyRow:
    """A customer's card."""
    limit = party.credit_limit
    return {
        "id": party.id,
        "code": party.code,
        "name": party.name,
        "parent": f"{parent.code} {parent.name}" if parent else None,
        "currency": party.currency or (limit.currency if limit else None),
        "credit_limit": str(limit) if limit else None,
        "on_hold": party.on_hold,
        "terms": party.terms,
        "emails": list(party.emails),
        "phones": list(party.phones),
        "active": party.active,
        "suspicious": is_suspicious(party.name),
    }


def note_row(note: Note) -> protocol.NoteRow:
    """A remark that stands in the ledger."""
    return {
        "id": note.id,
        "target": note.target,
        "author": note.author,
        "at": note.at.isoformat(),
        "text": note.text,
        "ours": bool(note.command_id),
        "state": CommandState.POSTED.value,
    }


def allocation_row(allocation: Allocation, credit_number: str, debit_number: str) -> protocol.AllocationRow:
    """A credit applied to a debit."""
    return {
        "id": allocation.id,
        "credit_item": allocation.credit_item,
        "credit_number": credit_number,
        "debit_item": allocation.debit_item,
        "debit_number": debit_number,
        "amount": str(allocation.amount),
        "currency": allocation.amount.currency,
        "on": allocation.on.isoformat(),
    }


def suggestion_row(rank: int, way: Suggestion, items: Mapping[str, OpenItem]) -> protocol.SuggestionRow:
    """One way to apply a payment."""
    return {
        "rank": rank,
        "kind": way.kind.value,
        "lines": [_suggested(line, items[line.item]) for line in way.lines],
        "applied": str(way.applied),
        "left": str(way.left),
        "currency": way.left.currency,
        "difference": {
            "kind": way.difference.kind.value,
            "amount": str(way.difference.amount),
            "item": way.difference.item,
        },
        "answers": way.answers,
        "counted": way.counted,
        "unique": way.unique,
        "sure": way.sure,
        "why": list(way.why),
    }


def _suggested(line: SuggestedLine, each: OpenItem) -> protocol.SuggestedLine:
    return {
        "item": line.item,
        "number": each.item.number,
        "kind": each.item.kind.value,
        "party_id": each.item.party_id,
        "amount": str(line.amount),
        "discount": str(line.discount),
        "short": str(line.short),
        "due_date": _date(each.item.due_date),
        "open": str(each.open),
    }


def command_row(row: Stored, party: Party | None, approvals: Sequence[Approval]) -> protocol.CommandRow:
    """A command and its outcome."""
    return {
        "id": row.id,
        "op": row.op,
        "state": row.state.value,
        "words": row.words,
        "target": row.target,
        "party": party.name if party else "",
        "party_id": row.party_id,
        "amount": str(row.amount),
        "currency": row.amount.currency,
        "actor": row.person,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "attempts": row.attempts,
        "outcome": row.outcome,
        "refs": list(row.refs),
        "undoable": row.is_unsent,
        "batch": row.batch,
        "approvals": [
            {"person": each.person, "at": each.at, "glass": each.glass, "why": each.why} for each in approvals
        ],
    }


def person_row(person: Person) -> protocol.PersonRow:
    """Somebody of the company."""
    return {"id": person.id, "name": person.name, "roles": sorted(role.value for role in person.roles)}


def _date(day: date | None) -> str | None:
    return day.isoformat() if day else None
