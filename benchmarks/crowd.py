"""A hundred faces on one broker that turn pages, and a real one on a PTY, alone and among them, while a sync runs."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from arqueue.errors import ArqueueError
from arqueue.settings import load_settings
from benchmarks.keys import COLUMNS, ROWS, pressed, said
from benchmarks.rivals import made
from benchmarks.terminal import opened
from data.broker.client import BrokerClient

LOOKS_A_SECOND = 2.0
"""How often each of the crowd turns a page: more than anybody reads."""


@contextmanager
def crowd(socket: Path, faces: int) -> Iterator[list[float]]:
    """So many faces that turn pages, and one that asks for a whole sync again and again; gives what a window took them, in ms."""
    took: list[float] = []
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_all(socket, faces, took, ended)))
    ended = asyncio.Event()
    thread.start()
    try:
        time.sleep(3)  # all of them are there
        took.clear()
        yield took
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


async def _all(socket: Path, faces: int, took: list[float], ended: asyncio.Event) -> None:
    tasks = [asyncio.create_task(_looks(socket, number, took)) for number in range(faces)]
    tasks.append(asyncio.create_task(_syncs(socket)))
    await ended.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _looks(socket: Path, number: int, took: list[float]) -> None:
    chance = random.Random(number)
    client = await BrokerClient.open(socket, timeout_s=30)
    try:
        total = 1
        while True:
            await asyncio.sleep(chance.expovariate(LOOKS_A_SECOND))
            asked = time.perf_counter()
            window = await client.call(
                "window", view="all", filter="", offset=chance.randrange(total), limit=64
            )
            took.append((time.perf_counter() - asked) * 1e3)
            total = max(1, window["total"])
    finally:
        await client.close()


async def _syncs(socket: Path) -> None:
    client = await BrokerClient.open(socket, timeout_s=30)
    try:
        while True:
            with suppress(ArqueueError):
                await client.call("sync", full=True)
            await asyncio.sleep(0.5)
    finally:
        await client.close()


def main() -> None:
    """Run over a company whose ledger answers, such as ``arqueue demo --headless``, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--faces", type=int, default=100)
    parser.add_argument("--keys", type=int, default=300)
    given = parser.parse_args()
    settings = load_settings(given.config)
    program = replace(made.arqueue(settings.file, 0), ready=r"\d [A-Z]{3} ")
    with opened(program, COLUMNS, ROWS) as terminal:
        terminal.seen(program.ready)
        terminal.settle(program.down)
        alone = said(pressed(terminal, program.down, given.keys))
        with crowd(settings.socket, given.faces) as took:
            crowded = said(pressed(terminal, program.down, given.keys))
            windows = sorted(took)
    result = {
        "load": os.getloadavg()[0],
        "faces": given.faces,
        "down alone": alone,
        "down in the crowd": crowded,
        "windows": {
            "n": len(windows),
            "p50 ms": windows[len(windows) // 2],
            "p99 ms": windows[len(windows) * 99 // 100],
        },
        "p50, crowd / alone": crowded["p50 ms"] / alone["p50 ms"],
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
