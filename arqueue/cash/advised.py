"""What an advice that came beside the payment says, line by line. Pure."""

from __future__ import annotations

from arqueue.cash.naming import Naming
from arqueue.cash.statement import Statement


def read(statement: Statement) -> Naming | None:
    """The advice's lines, matched to what is open; None without an advice, or where it names nothing open."""
    return None
