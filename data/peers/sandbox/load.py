"""Carries a planned company out, straight into a new ledger file: the same postings as over HTTP, in bulk.

Documents are read once, in batches; what a batch touches is fetched, changed and written back, so memory stays flat however many
there are. The file appears under its name only when it is whole and its figures agree.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database

from arqueue.errors import Refused
from data.demo.plan import CompanyPlan, PlannedCredit, PlannedInvoice, PlannedNote, PlannedPayment
from data.peers.sandbox.bulk import Bulk
from data.peers.sandbox.server import feed, schema
from data.peers.sandbox.server.ledger import Company, lay_out
from data.peers.sandbox.server.refusal import OutOfBalance

BATCH = 5000


def load(db_path: Path, plan: CompanyPlan, progress: Callable[[int], None] | None = None) -> None:
    """Make the ledger of a planned company; ``progress`` is told how many documents are in. Raises Refused if the file
    exists, Invalid for a plan that no ledger can carry out."""
    if db_path.exists():
        raise Refused(f"{db_path} exists already", "choose another folder, or delete the old ledger first")
    db_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = db_path.with_suffix(".loading")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    try:
        _fill(unfinished, plan, progress or _nobody)
        _to_disk(unfinished)
        unfinished.rename(db_path)
        _to_disk(db_path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _nobody(done: int) -> None:
    """Nobody wants to know."""


def _fill(path: Path, plan: CompanyPlan, progress: Callable[[int], None]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "cache_size = -65536",
        ):
            connection.execute(f"PRAGMA {pragma}")
        company = Company(
            name=plan.name, currency=plan.currency, business_date=plan.today, rates=dict(plan.rates)
        )
        lay_out(Database(connection, strict=True, execute_plugins=False), company)
        _post(connection, plan, company, progress)
        connection.executescript(schema.INDEXES)
        _make_feed(connection)
        _check(connection)
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _post(
    connection: sqlite3.Connection, plan: CompanyPlan, company: Company, progress: Callable[[int], None]
) -> None:
    bulk = Bulk(connection, company)
    connection.execute("BEGIN")
    bulk.add_parties(plan.parties)
    done = 0
    for done, document in enumerate(plan.documents(), 1):
        match document:
            case PlannedInvoice():
                bulk.invoice(document)
            case PlannedCredit():
                bulk.credit(document)
            case PlannedPayment():
                bulk.payment(document)
            case PlannedNote():
                bulk.note(document)
        if done % BATCH == 0:
            bulk.flush()
            progress(done)
    bulk.flush()
    bulk.remind(plan.reminders)
    connection.execute("COMMIT")
    progress(done)


def _make_feed(connection: sqlite3.Connection) -> None:
    """Everything is in the feed, customers first; stamped so long ago that nobody reads it twice."""
    connection.execute("BEGIN")
    for kind in ("party", "item", "allocation", "note"):
        sql = f"INSERT INTO change (kind, key, at) SELECT ?, id, 0 FROM {kind} ORDER BY id"
        connection.execute(sql, (kind,))
    connection.execute("COMMIT")


def _check(connection: sqlite3.Connection) -> None:
    """The figures of the whole: every entry balances, receivables are the open items, nothing points nowhere."""
    unbalanced = connection.execute(
        "SELECT entry_id FROM journal_line GROUP BY entry_id HAVING sum(debit) <> sum(credit)"
        " OR sum(debit_base) <> sum(credit_base) LIMIT 1"
    ).fetchone()
    if (
        unbalanced
        or not feed.trial_balance(connection)["agrees"]
        or connection.execute("PRAGMA foreign_key_check").fetchone()
    ):
        raise OutOfBalance("the loaded ledger does not agree with itself", "this is a defect of the loader")


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
