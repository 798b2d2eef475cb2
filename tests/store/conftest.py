"""A store in a folder of its own, opened as the broker opens it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from data.store.opening import open_writer
from tests.store.books import company, take


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store will be."""
    return tmp_path / "store" / "arqueue.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """An empty store's writing connection."""
    opened = open_writer(path)
    yield opened
    opened.close()


@pytest.fixture
def books(database: Database) -> Database:
    """A store that holds one customer with a payment and two invoices."""
    take(database, *company())
    return database
