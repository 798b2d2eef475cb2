"""What a server says, byte for byte over a real socket: no answer but the right one is taken for a posting or a refusal.

``tests/peers/test_sandbox_answers.py`` holds the table of what an answer means; here are the connectors and HTTP itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from arqueue.control.commands import Annotate, seal
from arqueue.errors import NeedsLogin, PeerGarbled, PeerUnreachable
from data.peers.contract import Absent, Done, PeerSettings, Rejected, Stale, Unknown
from data.peers.http import BODY_CAP
from data.peers.sandbox.connector import SandboxPeer
from data.peers.tryton.connector import TrytonPeer
from tests.peers.test_sandbox_answers import ORDER, _posted, _refused
from tests.peers.test_tryton_wire import answering, failed, said, well

STATUSES = range(100, 600)


def _json(body: object) -> bytes:
    return json.dumps(body).encode()


_MOVED = [{"item": f"item:{n}", "amount": "49.99", "currency": "USD"} for n in (1, 2)]
POSTED = _json(_posted())
BODIES: dict[str, bytes] = {
    "posted": POSTED,
    "refused": _json(_refused("insufficient")),
    "stale": _json(_refused("stale")),
    "bad request": b'{"error": {"code": "bad_request", "message": "id: missing", "hint": ""}}',
    "nothing": b"",
    "a web page": b"<!doctype html><title>Sign in</title>",
    "posted, cut short": POSTED[: len(POSTED) // 2],
    "posted, another order": _json(_posted(id="f" * 32)),
    "posted, other bytes": _json(_posted(body_sha256="0" * 64)),
    "posted, other amounts": _json(_posted(moved=_MOVED)),
    "refused, another order": _json(_refused("insufficient", id="f" * 32)),
    "another's yes": b'{"ok": true, "status": "success", "id": 7}',
    "another's no": b'{"error": {"code": "not_found", "message": "no such page"}}',
    "no number": b'{"state": "posted", "amount": NaN}',
    "no text": b"\xff\xfe\x00\x80",
    "very deep": b"[" * 5000,
}
PROOFS = {
    (200, "posted"): Done,
    (400, "bad request"): Rejected,
    (404, "refused"): Rejected,
    (422, "refused"): Rejected,
    (412, "stale"): Stale,
}


@dataclass
class Loopback:
    """A server that answers each order as it is told to, and every second reading as a ledger that holds the order."""

    status: int = 200
    body: bytes = b""
    length: int | None = None
    """What the answer says of its length; None for the truth."""
    orders: int = 0
    url: str = ""
    paths: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one answer."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lengths = [
            line.split(":")[1] for line in head.lower().split("\r\n") if line.startswith("content-length")
        ]
        await reader.readexactly(int(lengths[0]) if lengths else 0)
        path = head.split(" ")[1]
        self.paths.append(path)
        status, body, length = self.status, self.body, self.length
        if path == "/v1/entities":
            rows = [*_posted()["rows"], _ALLOCATION]
            status, body, length = 200, _json({"rows": rows, "count": len(rows)}), None
        said = len(body) if length is None else length
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n".encode())
        writer.write(f"content-length: {said}\r\nconnection: close\r\n\r\n".encode() + body)
        try:
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            pass  # who asked has heard enough


_ALLOCATION = {
    "kind": "allocation",
    "id": "allocation:1",
    "version": "1",
    "credit_item": "item:2",
    "debit_item": "item:1",
    "amount": "50.00",
    "currency": "USD",
    "on": "2026-11-20",
    "void": False,
    "command_id": ORDER.id,
}


@asynccontextmanager
async def loopback() -> AsyncIterator[tuple[Loopback, SandboxPeer]]:
    """The server, and the real connector with its real HTTP client."""
    served = Loopback()
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    peer = SandboxPeer(PeerSettings("sandbox", f"http://127.0.0.1:{port}", "token"), deadline_s=10)
    try:
        yield served, peer
    finally:
        await peer.close()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("body", BODIES)
async def test_no_status_makes_a_wrong_answer_right(body: str) -> None:
    """Each status from 100 to 599 with this body, sent to the real connector: five pairs prove something, all others nothing."""
    async with loopback() as (served, peer):
        served.body = BODIES[body]
        for served.status in STATUSES:
            outcome = await peer.submit(ORDER)
            wanted = PROOFS.get((served.status, body), Unknown)
            assert isinstance(outcome, wanted), (served.status, body, outcome)


@pytest.mark.parametrize("body", ["posted", "refused", "nothing", "a web page", "another's no", "very deep"])
async def test_a_look_up_believes_no_wrong_answer_either(body: str) -> None:
    """Only the ledger's own "no such order" is an absence, and nothing here is a posting: what is found must be wrapped."""
    async with loopback() as (served, peer):
        served.body = BODIES[body]
        for served.status in STATUSES:
            assert isinstance(await peer.find(ORDER), Unknown), (served.status, body)
        served.status, served.body = 404, b'{"error": {"code": "no_such_order", "message": "", "hint": ""}}'
        assert isinstance(await peer.find(ORDER), Absent)


@pytest.mark.parametrize("status", [200, 404, 412, 422])
async def test_an_answer_that_breaks_off_anywhere_proves_nothing(status: int) -> None:
    """The connection ends at any of its bytes, before what the header promised."""
    whole = {200: POSTED, 412: BODIES["stale"]}.get(status, BODIES["refused"])
    async with loopback() as (served, peer):
        served.status, served.length = status, len(whole)
        for cut in range(0, len(whole), 7):
            served.body = whole[:cut]
            assert isinstance(await peer.submit(ORDER), Unknown), cut


@pytest.mark.parametrize("status", [200, 422])
async def test_an_answer_without_end_proves_nothing(status: int) -> None:
    """A body beyond the cap is given up, whatever it begins with."""
    async with loopback() as (served, peer):
        served.status, served.body = status, POSTED + b" " * BODY_CAP
        assert isinstance(await peer.submit(ORDER), Unknown)


TRYTON: dict[str, Callable[[int], bytes]] = {
    "nothing": lambda number: b"",
    "a web page": lambda number: b"<html>502 Bad Gateway</html>",
    "another call's answer": lambda number: said([1], number + 1)[2],
    "its yes, cut short": lambda number: said([1], number)[2][:-3],
    "its failure": lambda number: failed(["Exception", "boom"], number)[2],
    "null": lambda number: b"null",
    "a list": lambda number: b"[1]",
    "another's yes": lambda number: b'{"ok": true}',
    "very deep": lambda number: b"[" * 5000,
}


@pytest.mark.parametrize("body", TRYTON)
async def test_nothing_but_trytons_own_words_decides_an_order(body: str) -> None:
    """Each status from 100 to 599 with this body, when the remark is being written: the outcome stays open, and only a call that
    Tryton cannot have carried out raises."""
    status = 0

    def script(method: str, number: int) -> tuple[int, dict[str, str], bytes]:
        if method.endswith("note.create"):
            return status, {}, TRYTON[body](number)
        if "party.party" in method:
            return said([{"id": 3}], number)
        return well(method, number)

    async with answering(script) as where:
        peer = TrytonPeer(where)
        order = seal("0" * 32, Annotate("party:3", "hello"), {}, "ann")
        for status in STATUSES:
            try:
                outcome = await peer.submit(order)
            except (NeedsLogin, PeerUnreachable, PeerGarbled) as error:
                raise AssertionError(f"{status} {body}: raised {error}") from error
            assert isinstance(outcome, Unknown), (status, body, outcome)
        await peer.close()
