"""The rules that rank the queue, asked for, tried and changed over the socket."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from arqueue.errors import ArqueueError, Refused
from arqueue.strategy_file import default_text
from tests.broker.company import Company
from tests.broker.test_commands import submit

ESCALATIONS_FIRST = """name = "escalations first"

[[rule]]
name = "handed up"
kinds = ["escalation"]
points = 2000
words = "handed up"
"""


async def test_a_collector_tries_and_does_not_use(firm: Company) -> None:
    """Changing what everybody works on is a supervisor's."""
    async with firm.face() as anna:
        before = await anna.call("strategy")
        assert (await anna.call("try_strategy", text=ESCALATIONS_FIRST))["total"] > 0
        with pytest.raises(Refused, match="only supervisors"):
            await anna.call("use_strategy", text=ESCALATIONS_FIRST)
        assert await anna.call("strategy") == before


async def test_it_is_told_what_a_file_asks_for_in_vain(firm: Company) -> None:
    """What no ledger says here, and tags that nobody has."""
    rules = """name = "ours"
[[rule]]
name = "vip"
kinds = ["overdue"]
when = { tag = ["vip", "key-account"], dunning_level = ">= 1", promise_state = "open" }
points = 5
words = "a promise of a key account"
"""
    async with firm.face() as anna:
        assert (await anna.call("try_strategy", text=rules))["unknown"] == ["promise_state", "tag vip"]
        assert (await anna.call("try_strategy", text=ESCALATIONS_FIRST))["unknown"] == []


async def test_trying_shows_nobody_what_is_for_others(firm: Company) -> None:
    """A row for the supervisor alone is in the top of the supervisor's list only."""
    up = {"op": "escalate", "target": "C-00004", "to": "sue", "why": "for sue alone"}
    async with firm.face() as anna, firm.face("sue") as sue:
        await submit(anna, up)
        tops: list[list[dict[str, Any]]] = [
            (await face.call("try_strategy", text=ESCALATIONS_FIRST))["after"] for face in (anna, sue)
        ]
    assert [any(row["owner"] == "sue" for row in top) for top in tops] == [False, True]


async def test_who_gains_is_told_of_all_rows(firm: Company) -> None:
    """Whoever's row rises, in the top or below it; the places are those of the list now and of the list then."""
    async with firm.face("sue") as sue:
        tried = await sue.call("try_strategy", text=ESCALATIONS_FIRST)
        shown = (await sue.call("window", limit=50))["rows"]
    assert [row["id"] for row in tried["before"]] == [row["id"] for row in shown]
    places = {row["id"]: row for row in tried["places"]}
    for rows, when in ((tried["before"], "now"), (tried["after"], "then")):
        assert [places[row["id"]][when] for row in rows] == list(range(1, len(rows) + 1))
    assert sum(gain["up"] + gain["down"] for gain in tried["gains"]) == tried["moved"] > 0
    assert sum(gain["before"] for gain in tried["gains"]) == len(tried["before"])


async def test_a_supervisor_uses_one_and_the_audit_says_so(firm: Company) -> None:
    """All rows follow it at once."""
    async with firm.face() as anna, firm.face("sue") as sue:
        await submit(anna, {"op": "escalate", "target": "C-00005", "to": "sue", "why": "to be first"})
        try:
            assert (await sue.call("use_strategy", text=ESCALATIONS_FIRST))["name"] == "escalations first"
            (best,) = (await sue.call("window", limit=1))["rows"]
            assert best["kind"] == "escalation"
        finally:
            await sue.call("use_strategy", text=default_text())
        assert (await sue.call("strategy"))["default"]
    ran = await asyncio.to_thread(firm.cli, "audit", "export", act_as="max")
    assert "escalations first" in ran.out


async def test_a_file_that_would_stop_the_broker_is_refused_at_once(firm: Company) -> None:
    """And the next question is answered."""
    async with firm.face() as anna:
        with pytest.raises(ArqueueError, match="dots"):
            await anna.call("try_strategy", text="a" + ".a" * 40_000 + " = 1")
        assert (await anna.call("strategy"))["name"]
