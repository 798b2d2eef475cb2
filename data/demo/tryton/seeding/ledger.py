"""The database being seeded: written in transactions that are run again when Tryton asks for a lock."""

from __future__ import annotations

import os
import secrets
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

MODULES = ("ir", "res", "account_invoice", "account_dunning", "account_credit_limit")


class Ledger:
    """A Tryton database file, without a server."""

    def __init__(self, file: Path) -> None:
        from trytond import config

        config.set("database", "uri", "sqlite://")
        config.set("database", "path", str(file.parent))
        self.file = file
        self.name = file.stem
        self.company: int | None = None
        self._locks: dict[str, Any] = {}

    def create(self) -> None:
        """Make every table of the modules: the slow half, the same for each company."""
        from trytond import admin, commandline

        self.file.touch()
        words = ["-d", self.name, "-u", *MODULES, "--activate-dependencies", "--email", "admin@example.com"]
        options = commandline.get_parser_admin().parse_args(words)
        options.indexes = True
        with tempfile.NamedTemporaryFile("w", suffix=".password") as password:
            # Without one it would ask at the terminal; the real one is set with the company's users.
            password.write(secrets.token_urlsafe(24))
            password.flush()
            os.environ["TRYTONPASSFILE"] = password.name
            admin.run(options)

    def open(self) -> None:
        """Load the models of the database as it is."""
        from trytond.pool import Pool
        from trytond.transaction import Transaction

        if self.name not in Pool.database_list():
            with Transaction().start(self.name, 0, readonly=True):
                Pool(self.name).init()

    def write(self, work: Callable[[Any], T], *, user: int = 1) -> T:
        """Do `work(pool)` in one transaction. Warnings for people (dates in the past) are passed over."""
        from trytond.pool import Pool
        from trytond.transaction import Transaction, TransactionError

        context: dict[str, Any] = {"_skip_warnings": True, "language": "en"}
        if self.company is not None:
            context |= {"company": self.company, "companies": [self.company], "company_filter": "one"}
        while True:
            with Transaction().start(self.name, user, context=context, **self._locks) as transaction:
                try:
                    done = work(Pool(self.name))
                except TransactionError as wanted:
                    # It wants a lock. Kept for the next transactions, which then need not be run twice.
                    transaction.rollback()
                    transaction.tasks.clear()
                    wanted.fix(self._locks)
                    continue
                transaction.commit()
                # What was queued is the rendering of documents, and states that the caller sets itself.
                transaction.tasks.clear()
                return done

    def tidy(self, notes: Sequence[tuple[int, str]]) -> None:
        """Date the notes back, empty the queue and the log, and pack the file. Nothing may use the database any more."""
        with closing(sqlite3.connect(self.file, isolation_level=None)) as connection:
            # Tryton stamps a note with the clock; a history of a year would else be one of today.
            for note, on in notes:
                connection.execute(
                    "UPDATE ir_note SET create_date = ? WHERE id = ?", (f"{on} 09:00:00", note)
                )
            connection.execute("DELETE FROM ir_queue")
            connection.execute("DELETE FROM ir_model_log")
            connection.execute("VACUUM")
