"""Faults to order: what accounting systems and the networks before them were seen to do, done on purpose and countably.

Each fault waits for requests of its method and path (``*`` matches anything), lets ``skip`` of them pass, strikes ``times``
times (0: for ever), and is counted. No chance is involved. They come from a TOML file of ``[[fault]]`` tables, or at run time
by ``PUT /v1/accountant/faults``, which itself is always sound.
"""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arqueue.errors import ConfigInvalid
from data.peers.sandbox.server import access
from data.peers.sandbox.server.reading import answer
from data.peers.sandbox.server.spoiling import SPOILERS, Kept

_PATH = "/v1/accountant/faults"
_PAGE = b"<!doctype html><title>Sign in</title><h1>Welcome to the network of this hotel</h1>"


class Fault(BaseModel):
    """One fault. ``after``: the work is done first, then the answer is spoilt. ``row`` and ``value`` say which entity of a page
    is spoilt and with what, where the kind has a choice."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal[
        "lose_answer",  # the work is done, the connection ends without an answer
        "refuse",  # the connection ends before anything is done
        "delay",
        "status",
        "not_json",
        "captive",  # a web page with 200
        "redirect",
        "cut_bytes",  # fewer bytes than promised
        "cut_body",  # fewer bytes, and the promise cut to fit
        "cut_rows",  # fewer rows than count
        "silent",  # an order is answered as done, and nothing is done
        "stale_echo",  # an order is done, its answer shows the figures from before
        "stale_read",  # a row as a copy of the ledger shows it that lags behind
        "unknown_kind",
        "bad_amount",
        "bad_text",
        "late",  # rows are left out of a page, as if they were not yet committed
    ]
    path: str
    method: str = "*"
    times: int = Field(default=1, ge=0)
    skip: int = Field(default=0, ge=0)
    after: bool = False
    status: int = Field(default=503, ge=200, le=599)
    retry_after: str | None = None
    seconds: float = Field(default=1.0, ge=0, le=600)
    location: str = "http://127.0.0.1:9/"
    row: str = ""
    value: str | None = None


class FaultList(BaseModel):
    """All faults that are armed."""

    model_config = ConfigDict(extra="forbid")
    fault: list[Fault] = []


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0
    hits: int = 0


class Faults:
    """The armed faults, in order: the first that fits a request strikes."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._armed = [_Armed(fault) for fault in faults]

    def arm(self, faults: Sequence[Fault]) -> None:
        """These, and no others."""
        self._armed = [_Armed(fault) for fault in faults]

    def report(self) -> list[dict[str, Any]]:
        """Each with how often it struck."""
        return [{**armed.fault.model_dump(), "hits": armed.hits} for armed in self._armed]

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, if any; counted."""
        for armed in self._armed:
            fault = armed.fault
            if not (fnmatchcase(method, fault.method) and fnmatchcase(path, fault.path)):
                continue
            armed.seen += 1
            if armed.seen > fault.skip and (fault.times == 0 or armed.hits < fault.times):
                armed.hits += 1
                return fault
        return None


def read_faults(path: Path) -> list[Fault]:
    """The faults of a file. Raises ConfigInvalid, naming the field."""
    try:
        return FaultList.model_validate(tomllib.loads(path.read_text())).fault
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigInvalid(
            f"{path}: {place}: {first['msg']}", "see data/peers/sandbox/server/faults.py"
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigInvalid(f"{path}: {error}", "give a TOML file of [[fault]] tables") from error


router = APIRouter(prefix=_PATH, tags=["faults"], dependencies=[Depends(access.accountant)])


@router.get("")
def report(request: Request) -> Response:
    """The armed faults and how often each struck."""
    faults: Faults = request.app.state.faults
    return answer({"fault": faults.report()})


@router.put("")
def arm(request: Request, body: FaultList) -> Response:
    """Arm these faults instead of all others."""
    faults: Faults = request.app.state.faults
    faults.arm(body.fault)
    return report(request)


class FaultyApp:
    """The application behind its faults."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: sound, or struck by a fault."""
        fault = None
        if scope["type"] == "http" and not scope["path"].startswith(_PATH):
            fault = self._faults.strike(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._struck(fault, scope, receive, send)

    async def _struck(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.kind:
            case "refuse":
                await _hang_up(receive, send)
            case "lose_answer":
                await self._kept(scope, receive)
                await _hang_up(receive, send)
            case "delay":
                await self._delayed(fault, scope, receive, send)
            case "silent":
                await self._app({**scope, "sandbox.discard": True}, receive, send)
            case "cut_bytes":
                kept = await self._kept(scope, receive)
                await _send(
                    send, kept.status, kept.body[: len(kept.body) // 2], kept.headers, whole=len(kept.body)
                )
                await _hang_up(receive, send)
            case "status" | "not_json" | "captive" | "redirect":
                if fault.after:
                    await self._kept(scope, receive)
                await _instead(fault, send)
            case _:
                kept = await self._kept(scope, receive)
                spoilt = SPOILERS[fault.kind](kept, fault.row, fault.value)
                await _send(send, kept.status, spoilt, kept.headers)

    async def _delayed(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if not fault.after:
            await asyncio.sleep(fault.seconds)
            await self._app(scope, receive, send)
            return
        kept = await self._kept(scope, receive)
        await asyncio.sleep(fault.seconds)
        await _send(send, kept.status, kept.body, kept.headers)

    async def _kept(self, scope: Scope, receive: Receive) -> Kept:
        """Do the work, and keep the answer here."""
        kept = Kept()

        async def hear() -> Message:
            message = await receive()
            kept.asked += message.get("body", b"")
            return message

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept.status = message["status"]
                kept.headers = list(message["headers"])
            else:
                kept.body += message.get("body", b"")

        await self._app(scope, hear, keep)
        return kept


async def _instead(fault: Fault, send: Send) -> None:
    """An answer that is not the ledger's."""
    html = [(b"content-type", b"text/html")]
    match fault.kind:
        case "captive":
            await _send(send, 200, _PAGE, html)
        case "redirect":
            status = fault.status if 300 <= fault.status < 400 else 302
            await _send(send, status, b"", [(b"location", fault.location.encode())])
        case "not_json":
            await _send(
                send, 200, (fault.value or "{'ok': tru").encode(), [(b"content-type", b"application/json")]
            )
        case _:
            wait = [(b"retry-after", fault.retry_after.encode())] if fault.retry_after is not None else []
            body = json.dumps({"error": {"code": "fault", "message": "made to order", "hint": ""}}).encode()
            await _send(send, fault.status, body, [(b"content-type", b"application/json"), *wait])


async def _send(
    send: Send, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]], *, whole: int | None = None
) -> None:
    """An answer; ``whole`` promises more bytes than there are."""
    length = str(len(body) if whole is None else whole).encode()
    kept = [(name, value) for name, value in headers if name != b"content-length"]
    await send(
        {"type": "http.response.start", "status": status, "headers": [*kept, (b"content-length", length)]}
    )
    await send({"type": "http.response.body", "body": body, "more_body": whole is not None})


async def _hang_up(receive: Receive, send: Send) -> None:
    """End the connection as a cut cable would; ASGI has no word for it, so uvicorn's own transport is asked."""
    cycle = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise ConfigInvalid("this server cannot hang up", "run the sandbox under uvicorn")
    if getattr(cycle, "response_started", False):
        transport.close()
    else:
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
