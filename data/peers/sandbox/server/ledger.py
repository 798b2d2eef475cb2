"""The ledger's file and its one way of writing: one lock, one transaction, nothing committed that does not balance."""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from arqueue.errors import NotFound, Refused
from arqueue.model.currency import exponent
from data.peers.sandbox.server import schema
from data.peers.sandbox.server.refusal import LedgerRefused, OutOfBalance


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Whose ledger it is. ``business_date`` None follows the wall clock in ``zone``; rates are the worth of one unit in
    the company's own ``currency``."""

    name: str
    currency: str
    zone: str = "UTC"
    business_date: date | None = None
    lock_date: date | None = None
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The ledger's own date."""
        return self.business_date or datetime.now(_zone(self.zone)).date()

    def base(self, minor: int, currency: str) -> int:
        """An amount in minor units of the company's currency, half to even. Raises LedgerRefused without a rate."""
        if currency == self.currency:
            return minor
        if currency not in self.rates:
            raise LedgerRefused(
                "unsupported", f"there is no rate for {currency}", "set one with PUT /v1/accountant/rates"
            )
        shift = exponent(self.currency) - exponent(currency)
        return int((minor * self.rates[currency]).scaleb(shift).to_integral_value(ROUND_HALF_EVEN))


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)


class Writing:
    """One write transaction: what it touched goes into the change feed, what it posted must balance."""

    def __init__(self, database: Database) -> None:
        self.db = database
        self.at = time.time_ns() // 1000
        self.stamp = datetime.fromtimestamp(self.at / 1_000_000, UTC).isoformat(timespec="microseconds")
        self.company = read_company(database.conn)
        self.touched: dict[tuple[str, int], None] = {}
        self.entries: list[int] = []

    def one(self, sql: str, *parameters: Any) -> Any:
        """The first row, or None."""
        return self.db.conn.execute(sql, parameters).fetchone()

    def rows(self, sql: str, *parameters: Any) -> list[Any]:
        """All rows."""
        return self.db.conn.execute(sql, parameters).fetchall()

    def run(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        """A statement of this transaction."""
        return self.db.conn.execute(sql, parameters)

    def insert(self, table: str, values: Mapping[str, Any]) -> int:
        """A new row; its key."""
        key = self.db.table(table).insert(dict(values)).last_pk
        assert isinstance(key, int)
        return key

    def touch(self, kind: str, key: int) -> None:
        """Say that an entity is new or changed."""
        self.touched[kind, key] = None

    def finish(self) -> None:
        """The check at commit, and the feed. Raises OutOfBalance."""
        for entry in self.entries:
            check_balance(self.db.conn, entry)
        for kind, key in self.touched:
            self.run("DELETE FROM change WHERE kind = ? AND key = ?", kind, key)
            self.run("INSERT INTO change (kind, key, at) VALUES (?, ?, ?)", kind, key, self.at)


class Ledger:
    """A ledger file that is open: readers see what is committed, writers take turns."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise NotFound(f"there is no ledger at {path}", "make one with create() or load()")
        self.path = path
        self._lock = threading.Lock()
        self._writer = _connect(path)
        _bring_up(self._writer)
        self._readers: LifoQueue[Database] = LifoQueue()

    @contextmanager
    def write(self) -> Iterator[Writing]:
        """One transaction; rolled back whole by any exception."""
        with self._lock:
            connection = self._writer.conn
            connection.execute("BEGIN IMMEDIATE")
            try:
                writing = Writing(self._writer)
                yield writing
                writing.finish()
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment and cannot write."""
        try:
            database = self._readers.get_nowait()
        except Empty:
            database = _connect(self.path)
            database.conn.execute("PRAGMA query_only = 1")
        database.conn.execute("BEGIN")
        try:
            yield database.conn
        finally:
            database.conn.execute("ROLLBACK")
            self._readers.put(database)

    def close(self) -> None:
        """Let go of the file."""
        while not self._readers.empty():
            self._readers.get_nowait().close()
        self._writer.close()


def create(path: Path, company: Company) -> None:
    """A new, empty ledger with its chart of accounts. Raises Refused if the file exists."""
    if path.exists():
        raise Refused(f"{path} exists already", "choose another folder, or delete the old ledger first")
    path.touch(mode=0o600)
    database = _connect(path)
    try:
        lay_out(database, company)
        database.conn.executescript(schema.INDEXES)
    finally:
        database.close()


def lay_out(database: Database, company: Company) -> None:
    """The tables, the chart of accounts and the company; indexes follow when the bulk of the rows is in."""
    database.conn.executescript(schema.TABLES + schema.LOOK_UPS)
    database.conn.execute("BEGIN IMMEDIATE")
    database.conn.execute(
        "INSERT INTO company VALUES (1, ?, ?, ?, ?, ?, ?)",
        (
            secrets.token_hex(4),
            company.name,
            company.currency,
            company.zone,
            _text(company.business_date),
            _text(company.lock_date),
        ),
    )
    rates = [
        (currency, str(rate)) for currency, rate in company.rates.items() if currency != company.currency
    ]
    database.conn.executemany("INSERT INTO rate VALUES (?, ?)", rates)
    database.conn.executemany("INSERT INTO gl_account VALUES (?, ?, ?)", schema.ACCOUNTS)
    database.conn.executemany("INSERT INTO method VALUES (?, ?, ?)", schema.METHODS)
    database.conn.execute("COMMIT")


def read_company(connection: sqlite3.Connection) -> Company:
    """The company as it is now."""
    row = connection.execute("SELECT * FROM company").fetchone()
    rates = connection.execute("SELECT currency, rate FROM rate").fetchall()
    return Company(
        name=row["name"],
        currency=row["currency"],
        zone=row["zone"],
        business_date=_date(row["business_date"]),
        lock_date=_date(row["lock_date"]),
        rates={row["currency"]: Decimal(row["rate"]) for row in rates},
    )


def check_balance(connection: sqlite3.Connection, entry: int) -> None:
    """Debits equal credits, in each currency and in the company's own. Raises OutOfBalance."""
    sums = connection.execute(
        "SELECT currency, sum(debit) - sum(credit) AS gap, sum(debit_base) - sum(credit_base) AS base"
        " FROM journal_line WHERE entry_id = ? GROUP BY currency",
        (entry,),
    ).fetchall()
    if not sums or any(row["gap"] for row in sums) or sum(row["base"] for row in sums):
        raise OutOfBalance(
            f"journal entry {entry} does not balance", "this is a defect of the sandbox ledger"
        )


def _bring_up(database: Database) -> None:
    """A ledger that was made before some columns were gets them."""
    for table, column, holds in schema.ADDED:
        if column not in database.table(table).columns_dict:
            database.conn.execute(f"ALTER TABLE {table} ADD COLUMN {column} {holds}")


def _connect(path: Path) -> Database:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    return Database(connection, strict=True, execute_plugins=False)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
