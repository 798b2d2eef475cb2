"""Tryton keeps the contract of all connectors."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from data.demo.tryton.server import Running
from data.peers.tryton.connector import TrytonPeer
from tests.peers.books import Books
from tests.peers.conformance import PeerConformance
from tests.peers.tryton_accountant import Accountant
from tests.peers.tryton_server import reading, seeded, settings
from tests.peers.tryton_world import TrytonWorld

pytestmark = pytest.mark.timeout(600)  # whoever is first makes the company: a minute or two
__all__ = ["reading", "seeded"]


class TestTryton(PeerConformance):
    """All promises, over JSON-RPC, as the limited user, on a company with a history."""

    @pytest.fixture
    async def ledger(self, reading: Running) -> AsyncIterator[Books]:
        """One server for the whole suite: each test makes customers of its own."""
        peer, accountant = TrytonPeer(settings(reading), page_rows=60), Accountant(reading)
        yield Books(peer, TrytonWorld(accountant))
        await peer.close()
        await accountant.close()
