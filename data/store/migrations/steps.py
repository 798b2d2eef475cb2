"""The set that every step of the schema joins. Each step and the record of it commit together; a failed one stays pending."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("arqueue")


def script(database: Database, *statements: str) -> None:
    """Statement by statement, inside the step's transaction."""
    for statement in statements:
        database.conn.execute(statement)
