"""Real Tryton servers for the tests: one seeded database, copied and served for whoever asks."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.demo.tryton.cache import Seeded, seeded_database
from data.demo.tryton.server import Running, copy_database, serve_tryton
from data.peers.contract import PeerSettings
from tests.peers.tryton_company import plan

Serve = Callable[[], Running]


@pytest.fixture(scope="session")
def seeded(request: pytest.FixtureRequest) -> Seeded:
    """The tests' company as a finished database; kept between runs of pytest, and made once where several run."""
    cache = Path(request.config.cache.mkdir("tryton"))
    with (cache.parent / "tryton.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return seeded_database(plan(), cache=cache)


@pytest.fixture(scope="module")
def reading(seeded: Seeded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server a module, for tests that change nothing."""
    yield from _served(seeded, tmp_path_factory.mktemp("tryton"))


@pytest.fixture
def server(seeded: Seeded, tmp_path: Path) -> Iterator[Running]:
    """A server of the test's own, on a fresh copy of the company."""
    yield from _served(seeded, tmp_path / "tryton")


def _served(seeded: Seeded, folder: Path) -> Iterator[Running]:
    copy_database(seeded, folder)
    running = serve_tryton(folder)
    try:
        yield running
    finally:
        running.stop()


def settings(running: Running, **other: str) -> PeerSettings:
    """How the connector reaches the server."""
    values = {
        "kind": "tryton",
        "url": running.url,
        "token": running.token,
        "database": running.database,
        "user": running.user,
    }
    return PeerSettings(**(values | other))
