"""One running company a module; tests that break things make their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.broker.company import Company, company


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A demo company with a ledger of forty customers and a broker, synced."""
    with company(tmp_path_factory.mktemp("firm")) as made:
        yield made
