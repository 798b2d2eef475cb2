"""Customers: made, renamed, merged, deleted. A customer that is gone stays in the table, for its postings; the feed says so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.peers.sandbox.server.journal import control, post
from data.peers.sandbox.server.ledger import Writing
from data.peers.sandbox.server.refusal import LedgerRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParty:
    """A customer to be; ``credit_limit`` in minor units of its currency."""

    name: str
    currency: str
    code: str = ""
    parent: int | None = None
    credit_limit: int | None = None
    on_hold: bool = False
    terms: str = ""
    emails: Sequence[str] = ()
    phones: Sequence[str] = ()
    tags: Sequence[str] = ()


def add_party(writing: Writing, new: NewParty) -> int:
    """Write a customer; its key. Raises LedgerRefused for a code that is taken."""
    last = writing.one("SELECT coalesce(max(id), 0) AS last FROM party")["last"]
    code = new.code or f"C{last + 1:05d}"
    if writing.one("SELECT 1 FROM party WHERE code = ?", code):
        raise LedgerRefused("invalid", f"code: {code} is taken", "use another code")
    if new.parent is not None:
        party_row(writing, new.parent)
    key = writing.insert(
        "party",
        {
            "code": code,
            "name": new.name,
            "currency": new.currency,
            "parent_id": new.parent,
            "credit_limit": new.credit_limit,
            "on_hold": int(new.on_hold),
            "terms": new.terms,
            "emails": json.dumps(list(new.emails)),
            "phones": json.dumps(list(new.phones)),
            "tags": json.dumps(list(new.tags)),
            "modified_at": writing.stamp,
        },
    )
    writing.touch("party", key)
    return key


def party_row(writing: Writing, key: int) -> Any:
    """A customer that is there. Raises LedgerRefused(not_found)."""
    row = writing.one("SELECT * FROM party WHERE id = ? AND NOT gone", key)
    if row is None:
        raise LedgerRefused(
            "not_found", f"there is no party:{key}", "it may be deleted or merged into another"
        )
    return row


def change_party(
    writing: Writing,
    key: int,
    *,
    name: str | None = None,
    on_hold: bool | None = None,
    tags: Sequence[str] | None = None,
) -> None:
    """Rename a customer, put it on credit hold, or tag it with these and no others. Raises LedgerRefused."""
    row = party_row(writing, key)
    writing.run(
        "UPDATE party SET name = ?, on_hold = ?, tags = ?, version = version + 1, modified_at = ? WHERE id = ?",
        row["name"] if name is None else name,
        row["on_hold"] if on_hold is None else int(on_hold),
        row["tags"] if tags is None else json.dumps(list(tags)),
        writing.stamp,
        key,
    )
    writing.touch("party", key)


def merge_party(writing: Writing, key: int, into: int) -> None:
    """All that one customer has goes to another, and the first is gone. Raises LedgerRefused."""
    gone, stays = party_row(writing, key), party_row(writing, into)
    if key == into:
        raise LedgerRefused(
            "invalid", "into: a customer cannot be merged into itself", "name another customer"
        )
    _transfer(writing, gone, stays)
    for row in writing.rows("SELECT id FROM item WHERE party_id = ?", key):
        writing.run(
            "UPDATE item SET party_id = ?, version = version + 1, modified_at = ? WHERE id = ?",
            into,
            writing.stamp,
            row["id"],
        )
        writing.touch("item", row["id"])
    for row in writing.rows("SELECT id FROM note WHERE target = ?", f"party:{key}"):
        writing.run(
            "UPDATE note SET target = ?, version = version + 1 WHERE id = ?", f"party:{into}", row["id"]
        )
        writing.touch("note", row["id"])
    if stays["parent_id"] == key:
        _set_parent(writing, into, gone["parent_id"])
    _take_leave(writing, key, heir=into)


def delete_party(writing: Writing, key: int) -> None:
    """A customer without any document goes. Raises LedgerRefused for one that has some."""
    row = party_row(writing, key)
    if writing.one("SELECT 1 FROM item WHERE party_id = ? LIMIT 1", key):
        raise LedgerRefused(
            "invalid", f"{row['code']} has documents, which the law keeps", "merge it into another customer"
        )
    _take_leave(writing, key, heir=None)


def _transfer(writing: Writing, gone: Any, stays: Any) -> None:
    """Move the balance on the control account, so that it still splits by customer."""
    sums = writing.rows(
        "SELECT currency, sum(residual) AS amount, sum(residual_base) AS base FROM item"
        " WHERE party_id = ? GROUP BY currency HAVING sum(residual) <> 0 OR sum(residual_base) <> 0",
        gone["id"],
    )
    for row in sums:
        currency, amount, base = row["currency"], row["amount"], row["base"]
        legs = [control(stays["id"], currency, amount, base), control(gone["id"], currency, -amount, -base)]
        post(writing, writing.company.today, "transfer", f"merge {gone['code']} into {stays['code']}", legs)


def _take_leave(writing: Writing, key: int, heir: int | None) -> None:
    for row in writing.rows("SELECT id FROM party WHERE parent_id = ? AND NOT gone", key):
        _set_parent(writing, row["id"], None if row["id"] == heir else heir)
    writing.run(
        "UPDATE party SET gone = 1, version = version + 1, modified_at = ? WHERE id = ?", writing.stamp, key
    )
    writing.touch("party", key)


def _set_parent(writing: Writing, key: int, parent: int | None) -> None:
    writing.run(
        "UPDATE party SET parent_id = ?, version = version + 1, modified_at = ? WHERE id = ?",
        parent,
        writing.stamp,
        key,
    )
    writing.touch("party", key)
