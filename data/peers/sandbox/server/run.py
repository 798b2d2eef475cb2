"""Running the ledger: on loopback only, in this process (``serve``) or in one of its own (``start_process``)."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from arqueue.errors import ArqueueError, Offline, Refused
from data.peers.sandbox.server.access import Tokens, keep_tokens
from data.peers.sandbox.server.app import make_app
from data.peers.sandbox.server.faults import Faults, read_faults
from data.peers.sandbox.server.ledger import Company, Ledger, create

LEDGER_FILE = "ledger.sqlite"
_LOG_FILE = "ledger.log"
_HOST = "127.0.0.1"
_TRY = "run `arqueue sandbox` to see what it says"


@dataclass(frozen=True, slots=True)
class Ready:
    """The server answers now."""

    url: str
    tokens: Tokens = field(repr=False)


@dataclass(frozen=True, slots=True)
class Running:
    """A ledger server in a process of its own."""

    pid: int
    url: str
    token: str = field(repr=False)
    accountant_token: str = field(repr=False)
    process: subprocess.Popen[str] = field(repr=False)

    def stop(self) -> None:
        """End it, by force if it does not end within five seconds."""
        self.process.terminate()
        self._reap()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self._reap()

    def _reap(self) -> None:
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready, and for which SIGTERM is a good end."""

    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._when_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self._end)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, number: int, frame: object) -> None:
        self.should_exit = True


def serve(
    directory: Path,
    port: int = 0,
    faults: Path | None = None,
    *,
    on_ready: Callable[[Ready], None] | None = None,
    until_stdin_ends: bool = False,
) -> None:
    """Serve the ledger of a folder until SIGTERM, SIGINT or SIGHUP; an empty one is made where there is none.

    ``port`` 0 takes a free one. ``until_stdin_ends`` also ends it when the process that started it is gone. Raises Refused
    for a port that is taken, ConfigInvalid for a bad faults file.
    """
    armed = Faults(read_faults(faults) if faults else ())
    with _listen(port) as listener, _opened(directory) as (ledger, tokens):
        url = f"http://{_HOST}:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            make_app(ledger, tokens, armed),
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            timeout_graceful_shutdown=2,
            loop="asyncio",
        )
        server = _Server(config, lambda: on_ready(Ready(url, tokens)) if on_ready else None)
        if until_stdin_ends:
            threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
        server.run([listener])


@contextmanager
def _opened(directory: Path) -> Iterator[tuple[Ledger, Tokens]]:
    """The ledger and the tokens of a folder, made where they lack."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / LEDGER_FILE
    if not path.exists():
        create(path, Company(name="Sandbox", currency="USD"))
    ledger = Ledger(path)
    try:
        yield ledger, keep_tokens(directory)
    finally:
        ledger.close()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError as error:
        listener.close()
        raise Refused(
            f"port {port} cannot be used: {error.strerror}", "choose another port, or 0 for a free one"
        ) from error
    return listener


def _end_with_stdin(server: _Server) -> None:
    while os.read(0, 4096):
        pass
    server.should_exit = True


def start_process(
    directory: Path, port: int = 0, faults: Path | None = None, *, ready_s: float = 30.0
) -> Running:
    """Start a server that lives no longer than this process, and wait until it answers. Raises Offline if it does not."""
    command = [
        sys.executable,
        "-m",
        "data.peers.sandbox.server",
        "--dir",
        str(directory),
        "--port",
        str(port),
    ]
    if faults is not None:
        command += ["--faults", str(faults)]
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(directory / _LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)) as log:
        process = subprocess.Popen(
            [*command, "--until-stdin-ends"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONPATH": _path_for_child()},
            start_new_session=True,
        )
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], ready_s)
    line = process.stdout.readline() if readable else ""
    told: dict[str, Any] = (
        json.loads(line) if line else {"error": {"message": "it did not get ready", "hint": _TRY}}
    )
    tokens = keep_tokens(directory) if "url" in told else Tokens("", "")
    running = Running(process.pid, told.get("url", ""), tokens.arqueue, tokens.accountant, process)
    if "error" in told:
        running.kill()
        raise Offline(f"the sandbox ledger did not start: {told['error']['message']}", told["error"]["hint"])
    return running


def _path_for_child() -> str:
    """Where this program was imported from, so that the child finds it from any folder."""
    home = str(Path(__file__).resolve().parents[4])
    return os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH", "")]))


def told_in_json(error: ArqueueError) -> str:
    """An error as one line for the process that waits."""
    return json.dumps({"error": {"code": error.code, "message": error.message, "hint": error.hint}})
