"""The sandbox keeps the contract of all connectors."""

from __future__ import annotations

import pytest

from data.peers.sandbox.connector import SandboxPeer
from tests.peers.books import Books
from tests.peers.conformance import PeerConformance
from tests.peers.sandbox_world import SandboxWorld


class TestSandbox(PeerConformance):
    """All promises, over HTTP, against a server process."""

    @pytest.fixture
    def ledger(self, peer: SandboxPeer, world: SandboxWorld) -> Books:
        """The shared sandbox."""
        return Books(peer, world)
