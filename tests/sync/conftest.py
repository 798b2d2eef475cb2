"""A company of one customer in a scripted ledger, synced once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.store.books import company
from tests.sync.rig import Rig, Time
from tests.sync.scripted_peer import ScriptedPeer
from tests.unit.books import item, party


@pytest.fixture
def time() -> Time:
    """Set by the test."""
    return Time()


@pytest.fixture
def peer(time: Time) -> ScriptedPeer:
    """A payment of 100, invoices of 80 and 50; a second customer with one of 30."""
    made = ScriptedPeer(now=lambda: time.s, wait=time.pass_)
    made.book(*company(), party("2"), item("x", "30.00", party_id="party:2"))
    return made


@pytest_asyncio.fixture
async def rig(tmp_path: Path, peer: ScriptedPeer, time: Time) -> AsyncIterator[Rig]:
    """The broker's side, with everything pulled."""
    made = Rig(tmp_path / "store" / "arqueue.sqlite", peer, time)
    await made.start()
    await made.puller.pull()
    peer.calls.clear()
    yield made
    made.close()
