"""What the ledger refuses, told so that a program can branch on the code and a person can read the words."""

from __future__ import annotations

from typing import Final

from arqueue.errors import ArqueueError

STATUS: Final = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "no_such_order": 404,
    "in_progress": 409,
    "cursor_unknown": 410,
    "stale": 412,
    "key_reused": 422,
}
"""HTTP status by code; every other refusal is 422."""


class LedgerRefused(ArqueueError):
    """A rule of the ledger forbids it; nothing was posted. ``items`` are the keys of what should be looked at again."""

    code = "ledger_refused"

    def __init__(self, code: str, message: str, hint: str = "", *, items: tuple[int, ...] = ()) -> None:
        super().__init__(message, hint)
        self.code = code
        self.items = items

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return STATUS.get(self.code, 422)


class OutOfBalance(ArqueueError):
    """A bug, caught before it was committed: an entry whose debits and credits differ."""

    code = "out_of_balance"
