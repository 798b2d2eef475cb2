"""Ledgers to test against: one sandbox process a session, and an accountant with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from data.peers.contract import PeerSettings
from data.peers.sandbox.accountant import Accountant
from data.peers.sandbox.connector import SandboxPeer
from data.peers.sandbox.server.run import Running, start_process
from tests.peers.sandbox_world import SandboxWorld

pytest.register_assert_rewrite("tests.peers.conformance")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox ledger in a process of its own, shared by the session."""
    folder: Path = tmp_path_factory.mktemp("sandbox")
    running = start_process(folder)
    yield running
    running.stop()


@pytest.fixture
async def accountant(sandbox: Running) -> AsyncIterator[Accountant]:
    """The accountant of the shared sandbox; whatever faults a test armed are gone after it."""
    books = Accountant(sandbox.url, sandbox.accountant_token)
    yield books
    await books.arm()
    await books.close()


@pytest.fixture
async def world(accountant: Accountant) -> SandboxWorld:
    """The accountant as the conformance suite wants one."""
    return SandboxWorld(accountant)


@pytest.fixture
async def peer(sandbox: Running) -> AsyncIterator[SandboxPeer]:
    """The connector to the shared sandbox; small pages, so that most pulls take several."""
    connector = SandboxPeer(PeerSettings(kind="sandbox", url=sandbox.url, token=sandbox.token), page_rows=50)
    yield connector
    await connector.close()
