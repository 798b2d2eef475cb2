"""The scripted broker, the app over it, and snapshots of what is on the screen."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.screens.company import Company
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker


class ScreenText(SingleFileSnapshotExtension):
    """The screen as a text file: a change of the screen reviews as a diff."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


@pytest.fixture
def screen(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare the text of a screen with the one that was reviewed."""
    return snapshot.use_extension(ScreenText)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="arq") as name:
        yield Path(name)


@pytest.fixture
async def broker(folder: Path) -> AsyncIterator[ScriptedBroker]:
    """A scripted broker over 300 rows of work."""
    scripted = ScriptedBroker(folder / "s", Company.of(300))
    await scripted.start()
    yield scripted
    await scripted.stop()
    await asyncio.sleep(0)


@pytest.fixture
async def drive(broker: ScriptedBroker) -> AsyncIterator[Driver]:
    """The app at 80x24."""
    async with driving(broker.socket) as driver:
        await driver.idle()
        yield driver


@pytest.fixture
async def wide(broker: ScriptedBroker) -> AsyncIterator[Driver]:
    """The app at 120x40."""
    async with driving(broker.socket, (120, 40)) as driver:
        await driver.idle()
        yield driver


@pytest.fixture
async def folder_of_many(folder: Path) -> AsyncIterator[ScriptedBroker]:
    """A scripted broker over 9,000 rows."""
    scripted = ScriptedBroker(folder / "m", Company.of(9000))
    await scripted.start()
    yield scripted
    await scripted.stop()
