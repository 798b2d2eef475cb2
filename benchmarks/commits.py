"""How long an order takes until it is on disk with its audit row, alone and while whole syncs run one after another."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from arqueue.settings import load_settings
from benchmarks.faces import SYNC_EVERY_S
from benchmarks.terminal import quantile
from data.broker.client import BrokerClient

PAUSE_S = 0.15
"""Between two orders, at the mean: a person's, but of somebody very quick."""


async def orders(
    client: BrokerClient, customers: list[str], times: int, chance: random.Random
) -> list[float]:
    """Milliseconds from a note's last key to the answer that it is kept, each."""
    took = []
    for number in range(times):
        await asyncio.sleep(chance.expovariate(1 / PAUSE_S))
        command = {"op": "annotate", "target": chance.choice(customers), "text": f"Called, {number}"}
        began = time.perf_counter()
        await client.call("submit", intent=f"commits-{uuid4()}", command=command)
        took.append((time.perf_counter() - began) * 1e3)
    return took


@asynccontextmanager
async def syncing(socket: Path) -> AsyncIterator[None]:
    """Whole syncs, asked for by somebody else: the next begins as one ends."""
    other = await BrokerClient.open(socket)

    async def again() -> None:
        while True:
            await other.call("sync", full=True)
            await asyncio.sleep(SYNC_EVERY_S)

    task = asyncio.create_task(again())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await other.close()


def said(took: list[float]) -> dict[str, float]:
    """Median, 99th percentile and worst, in milliseconds."""
    parts: dict[str, float] = {"p50": 0.5, "p99": 0.99, "most": 1.0}
    return {"n": len(took), **{name: round(quantile(took, part), 1) for name, part in parts.items()}}


async def measured(socket: Path, times: int) -> dict[str, Any]:
    """Both, in one run."""
    client, chance = await BrokerClient.open(socket), random.Random(5)
    window = await client.call("window", view="all", filter="", sort="rank", whole=True, offset=0, limit=64)
    customers = sorted({row["party_id"] for row in window["rows"]})
    await orders(client, customers, 20, chance)
    found: dict[str, Any] = {"alone": said(await orders(client, customers, times, chance))}
    async with syncing(socket):
        found["while syncs run"] = said(await orders(client, customers, times, chance))
    await client.close()
    return found


def main() -> None:
    """Run over a company whose ledger answers, such as ``arqueue demo --headless``, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--orders", type=int, default=300)
    given = parser.parse_args()
    result = {"load": os.getloadavg()[0]}
    result |= asyncio.run(measured(load_settings(given.config).socket, given.orders))
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
