"""Start and stop a demo's Tryton: a copy of a seeded database, one gunicorn, a free port on loopback."""

from __future__ import annotations

import os
import selectors
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from arqueue.errors import ArqueueError, PeerUnreachable
from data.demo.plan import CompanyPlan
from data.demo.tryton.cache import Say, Seeded, narrate, seeded_database

DATABASE = "company"
USER = "collector"
START_S = 60.0
STOP_S = 10.0

_CONFIG = """\
[database]
uri = sqlite://
path = {folder}
list = False

[session]
# The demo's clerk may be idle for hours; posting asks for a session younger than this.
timeout = 28800

[web]
listen = 127.0.0.1:0
"""


@dataclass(slots=True)
class Running:
    """A Tryton that answers. ``token`` is the limited user's password; ``admin`` the administrator's, for tests."""

    pid: int
    url: str
    database: str
    user: str
    token: str
    admin: str
    folder: Path
    _process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it by process id; what was committed is in the database file. Can be called twice."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def require_tryton() -> None:
    """Raises ArqueueError, with what to install, where Tryton is not."""
    if any(find_spec(name) is None for name in ("trytond", "gunicorn")):
        raise ArqueueError(
            "Tryton is not installed here",
            "run `make tryton`, or pip install 'arqueue[tryton]'; `arqueue demo` without --peer needs neither",
        )


def start_tryton(
    folder: Path, plan: CompanyPlan, *, port: int = 0, cache: Path | None = None, say: Say = narrate
) -> Running:
    """Serve the plan's company out of `folder`, seeding it first where no cache has it; an existing database is kept.

    `say` takes lines of progress. Raises ArqueueError if Tryton is missing or seeding fails, PeerUnreachable if the server
    does not come up; its log is ``tryton.log`` in the folder.
    """
    require_tryton()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / f"{DATABASE}.sqlite").exists():
        copy_database(seeded_database(plan, cache=cache, say=say), folder)
    return serve_tryton(folder, port)


def copy_database(seeded: Seeded, folder: Path) -> None:
    """Put a fresh copy of a seeded database and its passwords into the folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for source in (seeded.admin_token, seeded.token, seeded.database):
        part = folder / f"{source.name}.part"
        shutil.copy(source, part)  # with its mode: the passwords stay 0600
        part.rename(folder / source.name)


def serve_tryton(folder: Path, port: int = 0) -> Running:
    """Serve the database that is in the folder, on a free port unless one is named (a server that died comes back where it
    was). Raises PeerUnreachable if it does not come up in a minute."""
    (folder / "trytond.conf").write_text(_CONFIG.format(folder=folder.resolve()))
    with socket.socket() as listener, (folder / "tryton.log").open("ab") as log:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # connections of the server that died linger at its address for a minute
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            [
                sys.executable,
                "-O",
                "-m",
                "data.demo.tryton.serve",
                str(folder.resolve()),
                str(listener.fileno()),
            ],
            cwd=_source_root(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=(listener.fileno(),),
            env=_environment(),
        )
    running = Running(
        pid=process.pid,
        url=f"http://127.0.0.1:{port}",
        database=DATABASE,
        user=USER,
        token=(folder / f"{USER}.token").read_text(),
        admin=(folder / "admin.token").read_text(),
        folder=folder,
        _process=process,
    )
    if not _is_ready(process):
        running.stop()
        raise PeerUnreachable("Tryton did not start", f"see {folder / 'tryton.log'}")
    return running


def _is_ready(process: subprocess.Popen[bytes]) -> bool:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        until = time.monotonic() + START_S
        while (left := until - time.monotonic()) > 0:
            if selector.select(left):
                return os.read(process.stdout.fileno(), 64).startswith(b"ready")
    return False


def _source_root() -> Path:
    """Where `data` is imported from, so that the child finds it too."""
    return Path(__file__).resolve().parents[3]


def _environment() -> dict[str, str]:
    """The child's environment without what would configure another Tryton."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRYTON", "GUNICORN"))}
    return kept | {"PYTHONPATH": str(_source_root()), "TZ": "UTC"}
