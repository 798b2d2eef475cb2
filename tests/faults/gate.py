"""A door between a broker and its ledger that can be shut: whoever knocks then waits outside, and not a byte gets in."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

_ROOM = 64
_KNOCKS = 3
"""More than a listener without room keeps."""


class Gate(ThreadingTCPServer):
    """One connection is one request. ``asked`` are those that came through: method and path."""

    daemon_threads = True
    request_queue_size = _ROOM

    def __init__(self, upstream: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passage)
        self.upstream, self.asked = upstream, list[tuple[str, str]]()
        self._door = threading.Lock()

    @property
    def url(self) -> str:
        """Where the ledger seems to be."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, Any]:
        """Whoever is next, once the door is open."""
        with self._door:
            return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked was killed."""

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Connections do not come about: the kernel has no room for one more, and nobody takes one out."""
        with self._door, ExitStack() as knocking:
            self.socket.listen(0)
            for _ in range(_KNOCKS):
                knock = knocking.enter_context(socket.socket())
                knock.setblocking(False)
                knock.connect_ex(self.server_address)
            yield
            self.socket.listen(_ROOM)


class _Passage(StreamRequestHandler):
    server: Gate

    def handle(self) -> None:
        """One request, which says that the connection ends with its answer; nothing where nobody asked."""
        head = list(iter(lambda: self.rfile.readline().rstrip(b"\r\n"), b""))
        if not head:
            return
        method, path, _ = head[0].decode("ascii").split()
        self.server.asked.append((method, path))
        fields = dict(line.lower().split(b":", 1) for line in head[1:])
        body = self.rfile.read(int(fields.get(b"content-length", b"0")))
        kept = [line for line in head if not line.lower().startswith(b"connection:")]
        with socket.create_connection(("127.0.0.1", self.server.upstream)) as there:
            there.sendall(b"\r\n".join([*kept, b"Connection: close", b"", body]))
            while said := there.recv(65536):
                self.wfile.write(said)


@contextmanager
def gate(upstream: int) -> Iterator[Gate]:
    """Open at first."""
    with Gate(upstream) as made:
        serving = threading.Thread(target=made.serve_forever)
        serving.start()
        try:
            yield made
        finally:
            made.shutdown()
            serving.join()
