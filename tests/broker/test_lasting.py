"""What somebody began goes on without them."""

from __future__ import annotations

import asyncio

import pytest

from data.broker.lasting import to_the_end


async def test_who_waits_is_cancelled_and_the_work_is_not() -> None:
    """It comes to its end."""
    begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await go_on.wait()
        done.set()

    waiting = asyncio.create_task(to_the_end(work()))
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    async with asyncio.timeout(30):
        await done.wait()


async def test_its_result_is_told() -> None:
    """To whoever is still there."""

    async def work() -> int:
        return 3

    assert await to_the_end(work()) == 3
