"""Bad answers: what no Tryton should say, and what a proxy, a captive page or a broken server does say, as named errors."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from arqueue.control.commands import Annotate, new_id, seal
from arqueue.errors import ArqueueError, NeedsLogin, PeerGarbled, PeerUnreachable
from data.peers.contract import PeerSettings, Unknown
from data.peers.http import Answer
from data.peers.tryton.allocations import Pair, pair_up
from data.peers.tryton.connector import TrytonPeer
from data.peers.tryton.rpc import Fault, Redirected, Refusal, Session, Stamped, Warned
from data.peers.tryton.seen import Seen
from data.peers.tryton.wire import decode, encode

Reply = tuple[int, dict[str, str], bytes]
Script = Callable[[str, int], Reply]


def said(result: object, number: int) -> Reply:
    """A good answer."""
    return 200, {}, json.dumps({"id": number, "result": result}).encode()


def failed(error: object, number: int) -> Reply:
    """An error of Tryton's."""
    return 200, {}, json.dumps({"id": number, "error": error}).encode()


def well(method: str, number: int) -> Reply:
    """A server that lets one in and knows its user."""
    if method == "common.db.login":
        return said([2, "secret", None], number)
    if method.endswith("get_preferences"):
        return said({"company": 1, "language": "de"}, number)
    return said([], number)


@asynccontextmanager
async def answering(script: Script) -> AsyncIterator[PeerSettings]:
    """A server on loopback that answers as the script says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        asked = json.loads(await reader.readexactly(length))
        status, headers, body = script(asked["method"], asked["id"])
        lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", "connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield PeerSettings("tryton", f"http://127.0.0.1:{port}", "password", "company", "collector")
    finally:
        server.close()
        await server.wait_closed()


async def trouble(script: Script) -> ArqueueError:
    """The error that a call ends in."""
    async with answering(script) as where:
        session = Session(where, deadline_s=5)
        with pytest.raises(ArqueueError) as caught:
            await session.call("model.party.party.search_read", [], 0, None, None, [])
        await session.close()
    return caught.value


def then(reply: Callable[[int], Reply]) -> Script:
    """Well until a model is asked, then this."""
    return lambda method, number: reply(number) if "party" in method else well(method, number)


@pytest.mark.parametrize(
    "status,kind",
    [
        (403, NeedsLogin),
        (404, NeedsLogin),
        (408, PeerUnreachable),
        (429, PeerUnreachable),
        (500, PeerUnreachable),
        (503, PeerUnreachable),
        (301, Redirected),
        (307, Redirected),
        (418, PeerGarbled),
        (204, PeerGarbled),
    ],
)
async def test_every_status_but_200_is_a_named_error(status: int, kind: type[ArqueueError]) -> None:
    """None of them is taken for an answer, and each says what to do."""
    error = await trouble(then(lambda _: (status, {}, b"")))
    assert isinstance(error, kind)
    assert error.hint


async def test_too_many_bad_logins_says_how_long() -> None:
    """A lock-out names its time where the server does."""
    error = await trouble(lambda *_: (429, {"retry-after": "90"}, b""))
    assert isinstance(error, PeerUnreachable)
    assert "90 s" in error.message


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Welcome to the hotel</html>",
        b"",
        b'{"id": 3, "result": [1, 2',
        b'{"id": 3, "result": NaN}',
        b"[1, 2, 3]",
        b'{"id": 999, "result": []}',
        b'{"jsonrpc": "2.0"}',
        b'{"id": 3, "result": {"__class__": "date", "year": 2026, "month": 13, "day": 1}}',
        b'{"id": 3, "result": {"__class__": "Decimal", "decimal": "12,5"}}',
        b"[" * 100_000,
    ],
    ids=["html", "empty", "cut", "nan", "list", "other id", "no result", "bad date", "bad decimal", "deep"],
)
async def test_what_is_not_trytons_json_is_garbled(body: bytes) -> None:
    """A page cut short, another web site, an answer to somebody else: never data."""
    assert isinstance(await trouble(then(lambda _: (200, {}, body))), PeerGarbled)


async def test_a_body_that_lies_about_gzip_is_garbled() -> None:
    """Tryton itself claims gzip for plain bodies to clients that do not accept it; we accept it and check."""
    error = await trouble(
        then(lambda number: (200, {"content-encoding": "gzip"}, b'{"id": 3, "result": []}'))
    )
    assert isinstance(error, PeerGarbled)


async def test_a_gzipped_body_is_read() -> None:
    """What Tryton sends for longer answers."""

    def zipped(method: str, number: int) -> Reply:
        status, headers, body = well(method, number)
        return status, {**headers, "content-encoding": "gzip"}, gzip.compress(body)

    async with answering(zipped) as where:
        session = Session(where, deadline_s=5)
        assert await session.call("model.party.party.search_read", [], 0, None, None, []) == []
        await session.close()


@pytest.mark.parametrize(
    "error,kind",
    [
        (["UserError", ["The period is closed", "", None]], Refusal),
        (["UserWarning", ["abc.delete", "Are you sure?", ""]], Warned),
        (["ConcurrencyException", "Records were modified in the meanwhile"], Stamped),
        (["LoginException", ["password", "Password for x", "password"]], Refusal),
        (["'nofield'", ""], Fault),
        ("boom", Fault),
        ({"code": 1}, Fault),
    ],
)
async def test_trytons_errors_are_told_apart(error: object, kind: type[ArqueueError]) -> None:
    """A rule, a warning, a changed row and a crash prove different things."""
    caught = await trouble(then(lambda number: failed(error, number)))
    assert type(caught) is kind


async def test_a_user_without_a_company_is_named() -> None:
    """Without a company Tryton answers half of the fields empty: better an error than wrong figures."""

    def lost(method: str, number: int) -> Reply:
        return said({"company": None}, number) if "preferences" in method else well(method, number)

    error = await trouble(lost)
    assert isinstance(error, NeedsLogin)
    assert "company" in error.message


async def test_another_series_is_refused() -> None:
    """Tryton changes its models with each series."""

    def old(method: str, number: int) -> Reply:
        return said("7.0", number) if "version" in method else well(method, number)

    async with answering(old) as where:
        peer = TrytonPeer(where)
        with pytest.raises(NeedsLogin, match=r"7\.0"):
            await peer.probe()
        await peer.close()


async def test_the_session_speaks_english_whatever_the_user_does() -> None:
    """Refusals are told apart by their words."""
    asked: list[dict[str, object]] = []

    async with answering(well) as where:
        session = Session(where, deadline_s=5)
        post = session._http.request

        async def listening(*args: object, **options: object) -> Answer:
            content = options["content"]
            assert isinstance(content, bytes)
            asked.append(json.loads(content))
            return await post(*args, **options)  # type: ignore[arg-type]

        session._http.request = listening  # type: ignore[method-assign]
        await session.call("model.party.party.read", [1], ["name"])
        await session.close()
    params = asked[-1]["params"]
    assert isinstance(params, list)
    assert params[-1]["language"] == "en"


async def test_an_order_that_may_have_arrived_never_raises() -> None:
    """A redirect in the middle of posting stops the sender, since every order would fare alike."""

    def redirected(method: str, number: int) -> Reply:
        if method.endswith("note.create"):
            return 302, {"location": "http://elsewhere.example/"}, b""
        if "party.party" in method:
            return said([{"id": 3}], number)
        return well(method, number)

    async with answering(redirected) as where:
        peer = TrytonPeer(where)
        outcome = await peer.submit(seal(new_id(), Annotate("party:3", "hello"), {}, "ann"))
        await peer.close()
    assert isinstance(outcome, Unknown)
    assert outcome.stop


def test_values_travel_there_and_back() -> None:
    """Decimal, date and datetime keep every digit."""
    at = datetime(2026, 1, 1, 12, 0, 0, 7, tzinfo=UTC).replace(tzinfo=None)
    row = {"amount": Decimal("12345678901234567.89"), "on": date(2026, 2, 28), "at": at}
    assert decode(Answer(200, {}, encode(row))) == row


def test_a_float_does_not_travel() -> None:
    """Tryton would take it for an amount, rounded."""
    with pytest.raises(TypeError):
        encode({"params": [{"amount": 0.1}]})


def test_pairs_use_up_one_line_each() -> None:
    """However many lines are matched, every pair has a name of its own and the sums are right."""
    credits, debits = [(1, 70), (2, 30)], [(3, 20), (4, 50), (5, 30)]
    pairs = list(pair_up(credits, debits))
    assert pairs == [Pair(3, 1, 3, 20), Pair(1, 1, 4, 50), Pair(2, 2, 5, 30)]
    assert len({pair.name for pair in pairs}) == len(pairs)


def test_a_page_that_was_not_stored_is_told_again() -> None:
    """What was handed out counts as told only when its cursor comes back."""
    seen = Seen()
    row = {"id": 7, "_timestamp": "1.5"}
    seen.resume("a")
    seen.begin()
    assert seen.fresh("line", [row]) == [row]
    seen.hand_out("b")
    seen.resume("a")
    seen.begin()
    assert seen.fresh("line", [row]) == [row]
    seen.hand_out("c")
    seen.resume("c")
    seen.begin()
    assert seen.fresh("line", [row]) == []
    assert seen.fresh("line", [{**row, "_timestamp": "1.6"}])
