"""A loopback proxy in front of Tryton that loses answers, loses requests, or delivers a request late."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from urllib.parse import urlsplit

CHANGING = ("execute", "write", "create", "delete", "skip")


class Fault(StrEnum):
    """What happens to the chosen call."""

    NONE = "none"
    LOSE_ANSWER = "lose answer"
    LOSE_EVERY_OTHER = "lose every other answer"
    LOSE_REQUEST = "lose request"
    DELIVER_LATE = "deliver late"


class Proxy:
    """Counts the calls that may change the books; `fault` strikes the `at`-th, counted from 1, or from there every other."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self.url = ""
        self.fault, self.at = Fault.NONE, 0
        self.changes: list[str] = []
        self.struck = False
        self._late: list[bytes] = []

    def arm(self, fault: Fault, at: int = 1) -> None:
        """Begin to count anew."""
        self.fault, self.at, self.changes, self.struck = fault, at, [], False

    async def deliver(self) -> list[bytes]:
        """Let late requests arrive now; what Tryton answers to each."""
        late, self._late = self._late, []
        return [await self._forward(request) for request in late]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            request = await _request(reader)
            if request:
                answer = await self._answer(request)
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: bytes) -> bytes:
        if not self._strikes(request):
            return await self._forward(request)
        self.struck = True
        if self.fault in (Fault.LOSE_ANSWER, Fault.LOSE_EVERY_OTHER):
            await self._forward(request)
        elif self.fault is Fault.DELIVER_LATE:
            self._late.append(request)
        return b""

    def _strikes(self, request: bytes) -> bool:
        method = str(json.loads(request.partition(b"\r\n\r\n")[2])["method"])
        if method.rpartition(".")[2] not in CHANGING or method.startswith("common."):
            return False
        if method.startswith("wizard.") and not method.endswith(".execute"):
            return False
        self.changes.append(method)
        if self.fault is Fault.LOSE_EVERY_OTHER:
            return len(self.changes) % 2 == self.at % 2
        return self.fault is not Fault.NONE and len(self.changes) == self.at

    async def _forward(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        writer.write(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body)
        await writer.drain()
        answer = await reader.read(-1)
        writer.close()
        return answer


async def _request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head + await reader.readexactly(length)


@asynccontextmanager
async def proxy_to(upstream: str) -> AsyncIterator[Proxy]:
    """A proxy on a free port, gone at the end."""
    proxy = Proxy(upstream)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await server.wait_closed()
