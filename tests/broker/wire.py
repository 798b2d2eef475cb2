"""The protocol by hand: bytes on a socket, for what no well-meant client sends."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Wire:
    """A raw connection to the broker; every read is bounded in time."""

    def __init__(self, path: Path, *, patience_s: float = 10.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(patience_s)
        self._socket.connect(str(path))
        self.pushes: list[dict[str, Any]] = []

    def send(self, body: bytes, *, size: int | None = None) -> None:
        """A frame; ``size`` lies about its length."""
        self._socket.sendall(struct.pack(">I", len(body) if size is None else size) + body)

    def request(self, method: object, params: object = None, *, number: object = 1) -> None:
        """Ask, and do not wait."""
        message = {"id": number, "method": method, **({} if params is None else {"params": params})}
        self.send(json.dumps(message).encode())

    def ask(self, method: object, params: object = None, *, number: object = 1) -> dict[str, Any]:
        """Ask, and the answer to it."""
        self.request(method, params, number=number)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """The next message that is no push."""
        while "push" in (message := self.message()):
            self.pushes.append(message)
        return message

    def message(self) -> dict[str, Any]:
        """The next message. Raises EOFError when the broker hung up."""
        (size,) = struct.unpack(">I", self._exactly(4))
        found: dict[str, Any] = json.loads(self._exactly(size))
        return found

    def _exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            try:
                part = self._socket.recv(min(size - len(parts), 1 << 20))
            except ConnectionResetError:
                part = b""
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)

    def hang_up(self) -> None:
        """Leave without a word."""
        self._socket.close()


@contextmanager
def wire(path: Path) -> Iterator[Wire]:
    """A raw connection, closed after use."""
    made = Wire(path)
    try:
        yield made
    finally:
        made.hang_up()
