"""Whose a customer is: by hand, else by the first rule of the people file that fits."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from sqlite_utils import Database

from arqueue.model.people import OwnerRule
from data.store import audit
from data.store.audit import Actor


def assign(
    database: Database, actor: Actor, party_id: str, assignee: str | None, why: str, *, at: str
) -> None:
    """Give a customer to somebody, or with None back to the rules; in the caller's transaction, with its audit row."""
    database.conn.execute(
        "INSERT INTO assignment (party_id, assignee, why, person, at) VALUES (?, ?, ?, ?, ?)",
        (party_id, assignee, why, actor.person, at),
    )
    audit.write(
        database, actor, "assigned", at=at, detail=f"{party_id} to {assignee or 'the rules'}", text=why
    )


def owner(connection: sqlite3.Connection, party_id: str) -> str | None:
    """Who has the customer, absent or not; None where nobody does."""
    return assigned(connection, party_id) or _by_rule(connection, party_id)


def assigned(connection: sqlite3.Connection, party_id: str) -> str | None:
    """To whom the customer was given by hand; None where the rules decide."""
    found = connection.execute(
        "SELECT assignee FROM assignment WHERE party_id = ? ORDER BY seq DESC LIMIT 1", (party_id,)
    ).fetchone()
    return found[0] if found else None


def _by_rule(connection: sqlite3.Connection, party_id: str) -> str | None:
    rules = rules_of(connection)
    if not rules:
        return None
    found = connection.execute(
        "SELECT name, tags FROM party WHERE id = ? AND gone = 0", (party_id,)
    ).fetchone()
    if found is None:
        return None
    name, tags = found[0], json.loads(found[1])
    owed = _owed(connection, party_id) if any(rule.asks_amount for rule in rules) else 0
    return next((rule.person for rule in rules if rule.fits(name, owed, tags)), None)


def _owed(connection: sqlite3.Connection, party_id: str) -> int:
    """What the customer owes in the company's currency, minor units, as far as the ledger says it."""
    found = connection.execute(
        "SELECT coalesce(sum(base_minor), 0) FROM item"
        " WHERE party_id = ? AND state = 'open' AND residual <> 0 AND residual > 0",
        (party_id,),
    ).fetchone()
    return int(found[0])


def rules_of(connection: sqlite3.Connection) -> tuple[OwnerRule, ...]:
    """The rules as they were last taken over, in their order."""
    return tuple(
        OwnerRule(*row)
        for row in connection.execute(
            "SELECT assignee, first, last, at_least, at_most, tag FROM owner_rule ORDER BY n"
        )
    )


def take_over(database: Database, actor: Actor, rules: Sequence[OwnerRule], *, at: str) -> bool:
    """Make the people file's rules those of the store; whether they were others before."""
    if tuple(rules) == rules_of(database.conn):
        return False
    database.conn.execute("DELETE FROM owner_rule")
    database.conn.executemany(
        "INSERT INTO owner_rule (n, assignee, first, last, at_least, at_most, tag) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (n, rule.person, rule.first, rule.last, rule.at_least, rule.at_most, rule.tag)
            for n, rule in enumerate(rules, start=1)
        ],
    )
    audit.write(database, actor, "owner rules", at=at, detail=f"{len(rules)} rules")
    return True
