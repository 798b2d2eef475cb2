"""What can befall a request, and the answers that are not the ledger's own."""

from __future__ import annotations

import random
from collections.abc import Callable
from enum import StrEnum

from tests.faults.simulator.ledger import Reply

_PAGE = {"content-type": "text/html"}


class Fault(StrEnum):
    """What befalls one request."""

    NONE = "none"
    REFUSED = "no connection"
    LOST = "request lost"
    RESET = "reset before it arrives"
    ANSWER_LOST = "answer lost"
    LATE = "arrives late"
    SLOW = "answer is slow"
    BUSY = "busy before"
    FAULT_BEFORE = "5xx, not carried out"
    FAULT_AFTER = "5xx, carried out"
    FAULT_SAVED = "500, not carried out, kept under the key"
    REDIRECT = "redirection"
    CAPTIVE = "captive page"
    LOGIN = "token refused"
    EMPTY = "200, nothing in it"
    CUT = "answer cut short"
    FOREIGN = "another's JSON"
    FOREIGN_REFUSAL = "another's refusal"
    OTHER_AMOUNT = "another amount is confirmed"
    ACCEPTED = "202, carried out"
    ACCEPTED_ONLY = "202, never carried out"
    YES_ONLY = "said to be posted, never carried out"
    IN_PROGRESS = "409, carried out later"
    TWICE = "arrives twice"


def spoil(fault: Fault, carry_out: Callable[[], Reply], chance: random.Random) -> Reply:
    """The answer that comes; whether the request was carried out is the fault's own."""
    if fault in _CARRIED_OUT:
        return _CARRIED_OUT[fault](carry_out(), chance)
    return _INSTEAD[fault](chance)


def _busy(chance: random.Random) -> Reply:
    status, wait = chance.choice([(429, "3"), (503, "60"), (429, ""), (408, ""), (425, "")])
    return Reply(status, b"", {"retry-after": wait} if wait else {})


def _redirect(chance: random.Random) -> Reply:
    status = chance.choice([301, 302, 303, 307, 308])
    return Reply(status, b"", {"location": "https://login.example/"})


def _refusal_of_others(chance: random.Random) -> Reply:
    status = chance.choice([400, 404, 409, 410, 412, 422, 451])
    code = chance.choice(["not_found", "insufficient", "stale", "invalid", "gone"])
    return Reply(status, b'{"state":"refused","error":{"code":"%s"}}' % code.encode())


_INSTEAD: dict[Fault, Callable[[random.Random], Reply]] = {
    Fault.BUSY: _busy,
    Fault.FAULT_BEFORE: lambda chance: Reply(
        chance.choice([500, 502, 503, 504, 507, 599]), b"<h1>Error</h1>", _PAGE
    ),
    Fault.REDIRECT: _redirect,
    Fault.CAPTIVE: lambda chance: Reply(chance.choice([200, 200, 511, 403]), b"<html>Sign in</html>", _PAGE),
    Fault.LOGIN: lambda chance: Reply(401, b'{"error":{"code":"unauthorized","message":"","hint":""}}'),
    Fault.EMPTY: lambda chance: Reply(200, b""),
    Fault.FOREIGN: lambda chance: Reply(
        200, b'{"ok":true,"state":"posted","refs":["x"],"moved":[],"rows":[]}'
    ),
    Fault.FOREIGN_REFUSAL: _refusal_of_others,
    Fault.ACCEPTED_ONLY: lambda chance: Reply(202, b'{"state":"accepted"}'),
}
_CARRIED_OUT: dict[Fault, Callable[[Reply, random.Random], Reply]] = {
    Fault.NONE: lambda reply, chance: reply,
    Fault.FAULT_AFTER: lambda reply, chance: Reply(chance.choice([500, 502, 503, 504]), b"", {}),
    Fault.CUT: lambda reply, chance: Reply(
        reply.status, reply.body[: chance.randrange(len(reply.body))], reply.headers
    ),
    Fault.OTHER_AMOUNT: lambda reply, chance: Reply(
        reply.status, reply.body.replace(b'.00"', b'.01"', 1), reply.headers
    ),
    Fault.ACCEPTED: lambda reply, chance: Reply(202, reply.body, reply.headers),
}
