"""What an answer proves, over every HTTP status there is and every way an answer can be wrong."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from arqueue.control.commands import ApplyPayment, Expected, Line, seal
from arqueue.model.money import Money
from data.peers.contract import Rejected, Rejection, Stale, Unknown
from data.peers.http import Answer
from data.peers.sandbox.answers import Claimed, read_answer, retry_after

USD = "USD"
ORDER = seal(
    "0123456789abcdef0123456789abcdef",
    ApplyPayment("item:2", (Line("item:1", Money(5000, USD)),), date(2026, 11, 20)),
    {"item:1": Expected("1", Money(5000, USD)), "item:2": Expected("1", Money(-5000, USD))},
    "ann",
)
JSON = {"content-type": "application/json"}


def _item(key: str, kind: str, total: str, residual: str) -> dict[str, Any]:
    return {
        "kind": "item",
        "id": key,
        "version": "2",
        "type": kind,
        "number": "N-1",
        "party_id": "party:1",
        "currency": USD,
        "total": total,
        "residual": residual,
        "residual_base": residual,
        "base_currency": USD,
        "doc_date": "2026-11-01",
        "due_date": None,
        "state": "closed",
        "parent_id": None,
        "reference": "",
        "purchase_order": "",
        "text": "",
        "method": "",
        "dispute": "",
        "returned": "",
        "modified_at": "2026-11-20T10:00:00+00:00",
    }


def _posted(**changed: Any) -> dict[str, Any]:
    body = {
        "id": ORDER.id,
        "op": "apply",
        "body_sha256": ORDER.body_sha,
        "state": "posted",
        "refs": ["allocation:1"],
        "moved": [
            {"item": "item:1", "amount": "50.00", "currency": USD},
            {"item": "item:2", "amount": "50.00", "currency": USD},
        ],
        "rows": [_item("item:1", "invoice", "50.00", "0.00"), _item("item:2", "payment", "-50.00", "0.00")],
    }
    return {**body, **changed}


def _refused(code: str, **changed: Any) -> dict[str, Any]:
    body = {
        "id": ORDER.id,
        "op": "apply",
        "body_sha256": ORDER.body_sha,
        "state": "refused",
        "refs": [],
        "moved": [],
        "rows": [],
        "error": {"code": code, "message": "no", "hint": "look again"},
    }
    return {**body, **changed}


def _answer(status: int, body: Any) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, JSON, data)


def test_a_full_echo_is_a_claim_and_no_success_yet() -> None:
    """Even the best answer is only something to be read back."""
    said = read_answer(ORDER, _answer(200, _posted()))
    assert isinstance(said, Claimed)
    assert set(said.items) == {"item:1", "item:2"}


BODIES = {
    "empty": b"",
    "html": b"<html>hello</html>",
    "null": b"null",
    "list": b"[]",
    "foreign json": b'{"ok": true, "error": {"code": "not_found"}}',
    "an error with a text": b'{"error": "not_found"}',
    "posted": json.dumps(_posted()).encode(),
    "refused": json.dumps(_refused("insufficient")).encode(),
    "stale": json.dumps(_refused("stale")).encode(),
    "bad request": b'{"error": {"code": "bad_request", "message": "id: missing", "hint": ""}}',
}
FINAL = {(404, "refused"), (422, "refused"), (412, "stale"), (400, "bad request")}


@pytest.mark.parametrize("body", BODIES)
def test_only_what_proves_that_nothing_happened_is_final(body: str) -> None:
    """All 500 statuses with every kind of body: four pairs are final, one is a claim, all others are Unknown."""
    for status in range(100, 600):
        said = read_answer(ORDER, _answer(status, BODIES[body]))
        if (status, body) == (200, "posted"):
            assert isinstance(said, Claimed)
        elif (status, body) in FINAL:
            assert isinstance(said, Stale if body == "stale" else Rejected), (status, body)
        else:
            assert isinstance(said, Unknown), (status, body)
            assert said.words


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 401, 403])
def test_where_every_order_would_fare_alike_the_sender_stops(status: int) -> None:
    """A redirection or a wrong token is not this order's fault."""
    said = read_answer(ORDER, _answer(status, b""))
    assert isinstance(said, Unknown)
    assert said.stop


def test_a_web_page_with_200_stops_the_sender() -> None:
    """A captive portal answers everybody with its page."""
    said = read_answer(ORDER, Answer(200, {"content-type": "text/html"}, b"<h1>Sign in</h1>"))
    assert isinstance(said, Unknown)
    assert said.stop


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "f" * 32},
        {"op": "adjust"},
        {"body_sha256": "0" * 64},
        {"state": "accepted"},
        {"refs": []},
        {"refs": None},
        {"refs": [7]},
        {"moved": []},
        {"moved": None},
        {"moved": [{"item": "item:1", "amount": "50.00", "currency": "USD"}]},
        {
            "moved": [
                {"item": "item:1", "amount": "49.99", "currency": "USD"},
                {"item": "item:2", "amount": "49.99", "currency": "USD"},
            ]
        },
        {
            "moved": [
                {"item": "item:1", "amount": 50.0, "currency": "USD"},
                {"item": "item:2", "amount": 50.0, "currency": "USD"},
            ]
        },
        {"rows": []},
        {"rows": None},
        {"rows": [_item("item:1", "invoice", "50.00", "0.00")]},
        {"rows": [_item("item:1", "invoice", "50.00", "zero"), _item("item:2", "payment", "-50.00", "0.00")]},
    ],
    ids=str,
)
def test_a_success_that_does_not_echo_this_order_proves_nothing(changed: dict[str, Any]) -> None:
    """Id, operation, bytes, amounts and the rows that moved: all of it, or Unknown."""
    assert isinstance(read_answer(ORDER, _answer(200, _posted(**changed))), Unknown)


@pytest.mark.parametrize(
    "changed", [{"id": "f" * 32}, {"op": "unapply"}, {"body_sha256": "0" * 64}, {"state": "posted"}]
)
def test_a_refusal_of_something_else_proves_nothing(changed: dict[str, Any]) -> None:
    """A refusal must name this very order too."""
    assert isinstance(read_answer(ORDER, _answer(422, _refused("insufficient", **changed))), Unknown)


@pytest.mark.parametrize("code", [code.value for code in Rejection if code is not Rejection.FORBIDDEN])
def test_each_refusal_keeps_its_code_and_the_ledgers_words(code: str) -> None:
    """What the ledger said reaches the person."""
    said = read_answer(ORDER, _answer(422, _refused(code)))
    assert said == Rejected(Rejection(code), "no. look again")


def test_a_refusal_with_an_unknown_code_proves_nothing() -> None:
    """A newer ledger may mean something that is not final."""
    assert isinstance(read_answer(ORDER, _answer(422, _refused("perhaps_later"))), Unknown)


@pytest.mark.parametrize(
    "header, seconds",
    [("7", 7.0), ("0", 0.0), ("99999999", 3600.0), ("soon", None), ("-5", None), ("", None), ("1.5", None)],
)
def test_retry_after_is_read_in_seconds(header: str, seconds: float | None) -> None:
    """At most an hour; nonsense is no advice."""
    assert retry_after(Answer(429, {"retry-after": header}, b"")) == seconds


def test_retry_after_is_read_as_a_date() -> None:
    """An instant in the future is a wait, one in the past is none."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90))
    wait = retry_after(Answer(503, {"retry-after": soon}, b""))
    assert wait is not None
    assert 80 <= wait <= 91
    assert retry_after(Answer(503, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, b"")) == 0
