"""Who may ask: two tokens, each in a file of its own that only its owner reads."""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import Request

from data.peers.sandbox.server.refusal import LedgerRefused

ARQUEUE: Final = "arqueue"
ACCOUNTANT: Final = "accountant"


@dataclass(frozen=True, slots=True)
class Tokens:
    """arqueue's limited token, and the accountant's."""

    arqueue: str
    accountant: str

    def role(self, token: str) -> str | None:
        """Whose token it is, in time that does not tell how much of it was right."""
        given = token.encode("utf-8", "surrogateescape")
        if hmac.compare_digest(given, self.arqueue.encode()):
            return ARQUEUE
        return ACCOUNTANT if hmac.compare_digest(given, self.accountant.encode()) else None


def keep_tokens(folder: Path) -> Tokens:
    """The tokens of a folder, made at the first call; files of mode 0600."""
    return Tokens(_kept(folder / "arqueue.token"), _kept(folder / "accountant.token"))


def _kept(path: Path) -> str:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    token = secrets.token_urlsafe(32)
    with os.fdopen(handle, "w") as file:
        file.write(token + "\n")
    return token


def reader(request: Request) -> None:
    """Either token. Raises LedgerRefused."""
    _role(request)


def arqueue(request: Request) -> None:
    """Only arqueue's token: the accountant has a side of their own. Raises LedgerRefused."""
    _only(request, ARQUEUE)


def accountant(request: Request) -> None:
    """Only the accountant's token. Raises LedgerRefused."""
    _only(request, ACCOUNTANT)


def _role(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    tokens: Tokens = request.app.state.tokens
    role = tokens.role(token) if scheme.lower() == "bearer" else None
    if role is None:
        raise LedgerRefused(
            "unauthorized", "the token is missing or wrong", "send Authorization: Bearer and the token"
        )
    return role


def _only(request: Request, role: str) -> None:
    if _role(request) != role:
        raise LedgerRefused("forbidden", f"this is for the {role}'s token only", "use the right token")
