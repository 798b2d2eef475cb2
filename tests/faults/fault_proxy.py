"""A loopback proxy as a process of its own, between a broker and its ledger, that does what networks do: it delays, drips, cuts
at each byte in turn, resets, swallows, repeats a request, delivers it late. What happens to which request is drawn from a seed.

It stands on the standard library alone, so that it is back quickly after it was killed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

KINDS = (
    "pass",
    "latency",
    "drip",
    "reset",
    "cut request",
    "cut answer",
    "lose answer",
    "blackhole",
    "duplicate",
    "late",
)
_ABRUPT = struct.pack("ii", 1, 0)
_LONGEST_S = 1.5
_SWALLOWED_S = 60.0


class FaultProxy:
    """One connection is one request. ``sound`` is the share of requests that nothing happens to."""

    def __init__(self, upstream: int, seed: int, kinds: tuple[str, ...], sound: float) -> None:
        self._upstream, self._kinds, self._sound = upstream, kinds, sound
        self._chance = random.Random(seed)
        self._cuts = {"cut request": 0, "cut answer": 0}
        self._later: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, and whatever comes over it."""
        kind = "pass" if self._chance.random() < self._sound else self._chance.choice(self._kinds)
        with suppress(OSError, asyncio.IncompleteReadError, ValueError):
            if request := await read_request(reader):
                await self._fates[kind](self, request, writer)
        with suppress(OSError):
            writer.close()

    async def _pass(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(await self._forward(request))
        await writer.drain()

    async def _latency(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self._chance.uniform(0.01, 0.3))
        answer = await self._forward(request)
        await asyncio.sleep(self._chance.uniform(0.01, 0.3))
        writer.write(answer)
        await writer.drain()

    async def _drip(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        answer = await self._forward(request)
        step = max(1, len(answer) // 50)
        for start in range(0, len(answer), step):
            writer.write(answer[start : start + step])
            await writer.drain()
            await asyncio.sleep(0.005)

    async def _reset(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        hang_up(writer)

    async def _cut_request(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        """The ledger gets so many bytes of it and no more; the next time it is one byte further on."""
        end = self._next_cut("cut request", len(request))
        _, upstream = await asyncio.open_connection("127.0.0.1", self._upstream)
        upstream.write(request[:end])
        await upstream.drain()
        hang_up(upstream)
        hang_up(writer)

    async def _cut_answer(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        answer = await self._forward(request)
        writer.write(answer[: self._next_cut("cut answer", len(answer))])
        await writer.drain()

    async def _lose_answer(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        await self._forward(request)
        hang_up(writer)

    async def _blackhole(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(_SWALLOWED_S)

    async def _duplicate(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        first, _ = await asyncio.gather(self._forward(request), self._forward(request))
        writer.write(first)
        await writer.drain()

    async def _late(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        """Nobody waits for it any more when it arrives."""
        task = asyncio.create_task(self._deliver(request))
        self._later.add(task)
        task.add_done_callback(self._later.discard)
        hang_up(writer)

    async def _deliver(self, request: bytes) -> None:
        await asyncio.sleep(self._chance.uniform(0.1, _LONGEST_S))
        with suppress(OSError):
            await self._forward(request)

    def _next_cut(self, what: str, length: int) -> int:
        self._cuts[what] += 1 + self._chance.randrange(7)
        return self._cuts[what] % max(1, length)

    async def _forward(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read(-1)
        finally:
            writer.close()

    _fates: dict[str, Callable[[FaultProxy, bytes, asyncio.StreamWriter], Awaitable[None]]] = dict(  # noqa: RUF012
        zip(
            KINDS,
            (
                _pass,
                _latency,
                _drip,
                _reset,
                _cut_request,
                _cut_answer,
                _lose_answer,
                _blackhole,
                _duplicate,
                _late,
            ),
            strict=True,
        )
    )


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """A whole request, which says that the connection ends with its answer; empty where nobody asked."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    length = 0
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while lines and not lines[-1]:
        lines.pop()
    return b"\r\n".join([*lines, b"Connection: close", b"", b""]) + await reader.readexactly(length)


def hang_up(writer: asyncio.StreamWriter) -> None:
    """With a reset instead of a farewell."""
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABRUPT)
    writer.transport.abort()


async def main() -> None:
    """Serve until killed, or until whoever started it is gone; the port is the first line that is said."""
    parser = argparse.ArgumentParser(description="A faulty network.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--upstream", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--sound", type=float, default=0.5)
    given = parser.parse_args()
    proxy = FaultProxy(given.upstream, given.seed, tuple(given.kinds.split(",")), given.sound)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", given.port)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(main())
