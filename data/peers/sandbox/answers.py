"""What an answer to an order proves. Only what proves that nothing was posted is final; everything else is Unknown.

| answer | means |
|---|---|
| 200 that echoes id, bytes and amounts | the ledger says it posted: to be read back |
| a web page with 200, 3xx, 401, 403 | Unknown, and every order would fare alike: stop |
| 400 in the ledger's own words, 404, 412, 422 that echo the id | refused: nothing was posted, nor will be |
| all others (another 200, 1xx, 408, 409 in progress, 425, 429, 5xx, a strange 4xx) | Unknown |
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from arqueue.control.commands import Order, Unapply, effects
from arqueue.errors import PeerGarbled
from arqueue.model.ledger import Item
from arqueue.model.money import Money
from arqueue.model.text import clean_line, guard
from data.peers.contract import Outcome, Rejected, Rejection, Stale, Unknown
from data.peers.http import Answer
from data.peers.sandbox.rows import take_rows

_REFUSALS: Final = frozenset({404, 412, 422})
_LONGEST_WAIT_S: Final = 3600.0
_REJECTIONS: Final[Mapping[str, Rejection]] = {
    "not_found": Rejection.NOT_FOUND,
    "insufficient": Rejection.INSUFFICIENT,
    "already": Rejection.ALREADY,
    "locked_period": Rejection.LOCKED_PERIOD,
    "unsupported": Rejection.UNSUPPORTED,
    "invalid": Rejection.INVALID,
}


@dataclass(frozen=True, slots=True)
class Claimed:
    """The ledger says that it posted the order; ``items`` are the figures that a read-back must confirm."""

    refs: tuple[str, ...]
    items: Mapping[str, Item]


def read_answer(order: Order, answer: Answer) -> Claimed | Outcome:
    """The answer to ``POST /v1/orders``."""
    if answer.status == 200:
        return _claimed(order, answer)
    if answer.status in _REFUSALS or answer.status == 400:
        return _refused(order, answer)
    return Unknown(
        words_for(answer),
        retry_after_s=retry_after(answer),
        stop=300 <= answer.status < 400 or answer.status in (401, 403),
    )


def words_for(answer: Answer) -> str:
    """What a status says, in words for the person who waits."""
    status = answer.status
    if status in (401, 403):
        return f"the ledger does not accept the token ({status})"
    if 300 <= status < 400:
        return f"the address answers with a redirection ({status}), which is not followed"
    if status == 429:
        return "the ledger asks for patience (429)"
    if status >= 500:
        return f"the ledger has a fault of its own ({status})"
    return f"the ledger answered {status}, which proves nothing"


def retry_after(answer: Answer) -> float | None:
    """Seconds from a Retry-After header (seconds or a date), at most an hour; None without one."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    wait = (at - datetime.now(UTC)).total_seconds()
    return min(max(0.0, math.ceil(wait)), _LONGEST_WAIT_S)


def moved_by(order: Order) -> dict[str, Money]:
    """The positive amount by which each item moves, as the ledger must echo it."""
    if isinstance(order.command, Unapply):
        return {
            order.command.credit_item: order.command.amount,
            order.command.debit_item: order.command.amount,
        }
    return effects(order.command)


def read_claim(order: Order, body: Any) -> Claimed | None:
    """A body that says "posted" and means this order, to the byte and the cent; None for any other."""
    if not isinstance(body, dict) or body.get("state") != "posted" or not is_about(order, body):
        return None
    refs = body.get("refs")
    if not isinstance(refs, list) or not refs or not all(isinstance(ref, str) for ref in refs):
        return None
    moved = {
        item: {"item": item, "amount": str(by), "currency": by.currency}
        for item, by in moved_by(order).items()
    }
    echoed = body.get("moved")
    if not isinstance(echoed, list) or sorted(echoed, key=repr) != sorted(moved.values(), key=repr):
        return None
    rows = body.get("rows")
    taken = take_rows(rows if isinstance(rows, list) else [])
    items = {entity.id: entity for entity in taken.upserts if isinstance(entity, Item)}
    return Claimed(tuple(clean_line(ref) for ref in refs), items) if moved.keys() <= items.keys() else None


def is_about(order: Order, body: Mapping[str, Any]) -> bool:
    """Whether an answer echoes the order: id, operation and the hash of the very bytes."""
    echo = (body.get("id"), body.get("op"), body.get("body_sha256"))
    return echo == (order.id, order.command.op, order.body_sha)


def _claimed(order: Order, answer: Answer) -> Claimed | Outcome:
    body = _json(answer)
    if body is None:
        is_page = "json" not in answer.headers.get("content-type", "")
        return Unknown("the answer is not the ledger's: it cannot be read", stop=is_page)
    claim = read_claim(order, body)
    if claim is None:
        return Unknown("the ledger said yes, but not to this order and these amounts")
    return claim


def read_refusal(order: Order, body: Any) -> Stale | Rejected | None:
    """A body that says "refused" and means this order; None for any other."""
    if not isinstance(body, dict) or body.get("state") != "refused" or not is_about(order, body):
        return None
    code, words = error_of(body)
    entities = tuple(take_rows(rows if isinstance(rows := body.get("rows"), list) else []).upserts)
    if code == "stale":
        return Stale(words, entities)
    return Rejected(_REJECTIONS[code], words, entities) if code in _REJECTIONS else None


def _refused(order: Order, answer: Answer) -> Outcome:
    body = _json(answer)
    if answer.status == 400:
        code, words = error_of(body)
        if code == "bad_request":
            return Rejected(Rejection.INVALID, words)
        return Unknown(words_for(answer))
    refusal = read_refusal(order, body)
    if refusal is None or isinstance(refusal, Stale) is not (answer.status == 412):
        return Unknown(words_for(answer))
    return refusal


def error_of(body: Any) -> tuple[str, str]:
    """Code and words of an error body; empty for anything else."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict) or not isinstance(code := error.get("code"), str):
        return "", ""
    words = ". ".join(
        text for text in (error.get("message"), error.get("hint")) if isinstance(text, str) and text
    )
    return code, guard(words)[:500]


def _json(answer: Answer) -> Any:
    try:
        return answer.json()
    except PeerGarbled:
        return None
