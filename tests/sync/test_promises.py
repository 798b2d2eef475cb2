"""Promises while the ledger is read and written: kept by the sync that stores a payment, and by an order that is under way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlite_utils import Database

from arqueue.work.promises import Promise
from data.store import promises, queue
from tests.store.books import ANNA, AT, INVOICE, OTHER, PAYMENT, apply_to
from tests.sync.rig import Rig
from tests.sync.scripted_peer import ScriptedPeer
from tests.unit.books import TODAY, money

DAY = TODAY + timedelta(days=7)


@pytest.fixture
async def promised(rig: Rig) -> Rig:
    """The customer promised the 80 of an invoice by next week."""
    promise = Promise(money("80.00"), DAY, DAY, 0, {INVOICE: 8000}, frozenset({PAYMENT}))

    def work(database: Database) -> None:
        promises.record(database, ANNA, "party:1", promise, before="", why="", at=AT)
        queue.refresh(database, {"party:1"}, TODAY, "EUR")

    await rig.store.write(work)
    return rig


async def state(rig: Rig) -> str | None:
    """What rules know of it."""
    ((found,),) = await rig.read("SELECT promise_state FROM work WHERE id = 'overdue/party:1/EUR'")
    return None if found is None else str(found)


async def test_a_sync_that_brings_a_payment_keeps_it(promised: Rig, peer: ScriptedPeer) -> None:
    """In the page's own transaction: the row was told as changed with it."""
    assert await state(promised) == "open"
    peer.set_residual(INVOICE, 0)
    promised.deltas.clear()
    await promised.puller.pull()
    assert await state(promised) == "kept"
    assert "overdue/party:1/EUR" in promised.deltas[0].ids


async def test_a_sync_about_something_else_changes_nothing_of_it(promised: Rig, peer: ScriptedPeer) -> None:
    """Only what was promised counts."""
    peer.set_residual(OTHER, 4000)
    await promised.puller.pull()
    assert await state(promised) == "open"


async def test_an_order_that_applies_a_payment_to_it_counts_at_once(promised: Rig) -> None:
    """And still when the ledger has carried it out."""
    await promised.order(apply_to((INVOICE, "80.00")))
    assert await state(promised) == "kept"
    await promised.settle()
    assert await state(promised) == "kept"
