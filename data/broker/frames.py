"""Frames on the socket: four bytes of length (big endian) and that many bytes of JSON."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arqueue.errors import BrokerUnreachable, Invalid

REQUEST_CAP = 4 * 1024 * 1024
"""A remittance advice of 1 MiB, and what JSON makes of letters beyond ASCII."""
ANSWER_CAP = 4 * 1024 * 1024
_HEAD = struct.Struct(">I")
_SKIPPED_CAP = 16 * 1024 * 1024
"""A frame over the cap is read past, so that the connection survives; one longer than this is taken for noise."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A result that is JSON already: packing a large one takes as long as twenty keystrokes, and was done elsewhere."""

    body: bytes


def pack(message: Mapping[str, Any], cap: int = ANSWER_CAP) -> bytes:
    """One frame; the ``result`` in it may be packed already. Raises Invalid for a message over the cap."""
    result = message.get("result")
    if isinstance(result, Packed):
        rest = json.dumps({key: message[key] for key in message if key != "result"}, separators=(",", ":"))
        body = b"".join((rest[:-1].encode(), b',"result":', result.body, b"}"))
    else:
        body = json.dumps(message, separators=(",", ":")).encode()
    if len(body) > cap:
        raise Invalid(f"a message of {len(body)} bytes is over the limit of {cap}", "ask for less at once")
    return _HEAD.pack(len(body)) + body


async def read_frame(reader: asyncio.StreamReader, cap: int) -> Any | None:
    """The next message, None at a clean end. Raises Invalid for a frame that is too long or not JSON, which has been read
    past: the next one can be read; BrokerUnreachable where the stream is broken."""
    try:
        head = await reader.readexactly(_HEAD.size)
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            return None
        raise _broken() from error
    (size,) = _HEAD.unpack(head)
    if size > cap:
        await _skip(reader, size)
        raise Invalid(f"a message of {size} bytes is over the limit of {cap}", "ask for less at once")
    try:
        message = json.loads(await reader.readexactly(size))
    except asyncio.IncompleteReadError as error:
        raise _broken() from error
    except (ValueError, RecursionError) as error:
        raise Invalid("a message is not JSON", "use the client of the same version") from error
    if message is None:
        raise Invalid("a message is null, no request and no answer", "use the client of the same version")
    return message


async def _skip(reader: asyncio.StreamReader, size: int) -> None:
    if size > _SKIPPED_CAP:
        raise BrokerUnreachable(
            f"a message says that it has {size} bytes: this is not our protocol", "use arqueue's own client"
        )
    while size:
        part = await reader.read(min(size, 65536))
        if not part:
            raise _broken()
        size -= len(part)


def _broken() -> BrokerUnreachable:
    return BrokerUnreachable("the connection broke inside a message", "reconnect and ask again")
