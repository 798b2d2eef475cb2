"""Promises to pay in the history of an account."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from data.broker.protocol.rows import PromiseRow
from screens.account.history import happened
from screens.account.promised import said, state

PROMISE: PromiseRow = {
    "id": "overdue/party:1/EUR",
    "party_id": "party:1",
    "party": "Acme",
    "party_code": "C-1",
    "amount": "1500.00",
    "currency": "EUR",
    "on": "2026-11-18",
    "state": "broken",
    "level": 0,
    "why": "by phone",
    "person": "anna",
    "at": "2026-11-10T10:00:00+00:00",
}


@pytest.mark.parametrize(
    "became, words",
    [
        ("broken", "broken"),
        ("small", "open"),
        ("covered", "money for it is here, not applied"),
        ("replaced", "replaced"),
    ],
)
def test_what_became_of_it_is_said_in_words_for_people(became: str, words: str) -> None:
    """Rules have words of their own."""
    assert state({**PROMISE, "state": became}) == words


def test_it_stands_in_the_history_among_notes_and_orders() -> None:
    """Newest first, with who recorded it and what was noted."""
    note = {
        "id": "n",
        "target": "party:1",
        "author": "lee",
        "text": "called",
        "ours": False,
        "state": "posted",
    }
    account: dict[str, Any] = {
        "items": [],
        "commands": [],
        "notes": [{**note, "at": "2026-11-12T10:00:00+00:00"}],
        "promises": [PROMISE],
    }
    desk = SimpleNamespace(now=lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
    lines = "".join(
        text for text, _ in happened(cast(Any, account), 70, 20, cast(Any, desk), str)
    ).splitlines()
    assert lines[0] == "What happened"
    assert lines[1].endswith("lee")
    assert lines[3].endswith("anna  broken")
    assert lines[4].strip() == said(PROMISE) == "promised 1,500.00 EUR by 18 Nov 2026: by phone"
