"""A small company with everything real: a sandbox ledger and a broker as processes of their own, reached over real sockets."""

from __future__ import annotations

import asyncio
import io
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from arqueue.cli.main import run
from arqueue.settings import Settings, load_settings
from data.broker.client import BrokerClient
from data.broker.launch import answers
from data.broker.lock import owner_of
from data.demo.company import make_company
from data.demo.launch import TODAY
from data.demo.people import people_file
from data.peers.http import Http
from data.peers.sandbox.load import load
from data.peers.sandbox.server.run import LEDGER_FILE, Running, start_process

T = TypeVar("T")
PATIENCE_S = 30.0
NOBODY_THERE = "http://127.0.0.1:9"


@lru_cache(maxsize=1)
def _planned() -> Any:
    return make_company("tiny", 1, TODAY)


@dataclass(slots=True)
class Company:
    """One company in a folder; what it starts, it ends."""

    home: Path
    ledger: Running | None = None
    brokers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.home / "arqueue.toml"

    @property
    def settings(self) -> Settings:
        """As the file says now."""
        return load_settings(self.config)

    def start_ledger(self, *, port: int = 0) -> Running:
        """Serve the ledger, made at the first call."""
        place = self.home / "ledger"
        if not (place / LEDGER_FILE).exists():
            load(place / LEDGER_FILE, _planned())
        self.ledger = start_process(place, port)
        return self.ledger

    def write(
        self,
        *,
        url: str | None = None,
        token: str | None = None,
        section: str = "",
        demo: bool = True,
        people: str | None = None,
    ) -> Settings:
        """The settings (``section``: more of [broker]), the people and the token."""
        url = url or (self.ledger.url if self.ledger else NOBODY_THERE)
        token = token or (self.ledger.token if self.ledger else "no-token")
        self.config.write_text(
            f'[peer]\nkind = "sandbox"\nurl = "{url}"\n\n[broker]\nsync_seconds = 0.3\ndeadline_seconds = 10\n{section}\n'
            + (f"[demo]\nbusiness_date = {TODAY.isoformat()}\n" if demo else ""),
            "utf-8",
        )
        (self.home / "people.toml").write_text(people or people_file(("EUR", "USD", "GBP")), "utf-8")
        settings = self.settings
        settings.store_dir.mkdir(mode=0o700, exist_ok=True)
        settings.token_file.write_text(token, "utf-8")
        settings.token_file.chmod(0o600)
        return settings

    def start_broker(self, *, ready: bool = True) -> subprocess.Popen[bytes]:
        """A broker as systemd would run it; its log is in the store's folder."""
        with (self.settings.store_dir / "broker.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "arqueue", "--config", str(self.config), "broker"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.brokers.append(process)
        if ready:
            socket = self.settings.socket
            until(lambda: answers(socket) or process.poll() is not None, "the broker answers")
            assert process.poll() is None, self.log()[-2000:]
        return process

    def kill_broker(self) -> None:
        """kill -9 whoever holds the store, and wait until the kernel let go of its lock."""
        pid = owner_of(self.settings.store_dir)
        assert pid is not None, "no broker runs"
        kill(pid)
        until(lambda: owner_of(self.settings.store_dir) != pid, "the kernel let go of the lock")
        self.reap()

    def reap(self) -> None:
        """Take leave of brokers that ended."""
        for process in list(self.brokers):
            if process.poll() is not None:
                self.brokers.remove(process)

    def log(self) -> str:
        """What the brokers said."""
        file = self.settings.store_dir / "broker.log"
        return file.read_text("utf-8") if file.exists() else ""

    def stop(self) -> None:
        """End everything by its process id."""
        if self.config.exists() and (pid := owner_of(self.settings.store_dir)) is not None:
            kill(pid, signal.SIGTERM)
        for process in self.brokers:
            if process.poll() is None:
                process.terminate()
            process.wait(PATIENCE_S)
        self.brokers.clear()
        if self.ledger is not None:
            self.ledger.stop()
            self.ledger = None

    @asynccontextmanager
    async def face(self, act_as: str | None = None) -> AsyncIterator[BrokerClient]:
        """A connected face."""
        client = await BrokerClient.open(self.settings.socket, act_as=act_as)
        try:
            yield client
        finally:
            await client.close()

    def ask(self, method: str, *, act_as: str | None = None, **params: Any) -> Any:
        """One question over a connection of its own."""

        async def talk() -> Any:
            async with self.face(act_as) as client:
                return await client.call(method, **params)

        return asyncio.run(talk())

    async def accounting(self, method: str, path: str, body: object | None = None) -> Any:
        """A call of the ledger's own API with the accountant's token."""
        assert self.ledger is not None
        http = Http(self.ledger.url)
        try:
            answer = await http.request(
                method,
                path,
                headers={
                    "authorization": f"Bearer {self.ledger.accountant_token}",
                    "content-type": "application/json",
                },
                content=None if body is None else json.dumps(body).encode(),
            )
        finally:
            await http.close()
        assert answer.status < 300, (answer.status, answer.body[:500])
        return answer.json()

    def account(self, method: str, path: str, body: object | None = None) -> Any:
        """The same, for a test that is not asynchronous."""
        return asyncio.run(self.accounting(method, path, body))

    def faults(self, *faults: dict[str, Any]) -> None:
        """What the ledger does wrong from now on; none makes it sound again."""
        self.account("PUT", "/v1/accountant/faults", {"fault": list(faults)})

    def hits(self) -> int:
        """How often the faults struck."""
        return sum(each["hits"] for each in self.account("GET", "/v1/accountant/faults")["fault"])

    def row(self, entity_id: str) -> dict[str, Any]:
        """An item or customer as the ledger has it now."""
        (found,) = self.account("POST", "/v1/entities", {"ids": [entity_id]})["rows"]
        return dict(found)

    def postings(self, command_id: str) -> int:
        """How many journal entries the ledger holds for a command: asked over the accountant's API."""
        found = self.account("GET", f"/v1/accountant/journal?command={command_id}")
        return int(found["count"])

    def cli(self, *words: str, act_as: str | None = None, stdin: str | None = None) -> Ran:
        """Run the command line to its end."""
        return run_cli(
            "--config", str(self.config), *(("--as", act_as) if act_as else ()), *words, stdin=stdin
        )

    def door(self, *words: str, act_as: str | None = None) -> Ran:
        """The same command line in this process: what it prints and how it ends, without the wait for Python to start."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = run(["--config", str(self.config), *(("--as", act_as) if act_as else ()), *words])
        return Ran(status, out.getvalue(), err.getvalue())


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command line printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)


def run_cli(*words: str, stdin: str | None = None, env: dict[str, str] | None = None) -> Ran:
    """Run ``arqueue`` as a process; bounded in time."""
    done = subprocess.run(
        command(*words),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        env={**os.environ, **(env or {})},
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def command(*words: str) -> Sequence[str]:
    """The installed command as a list of words."""
    return [sys.executable, "-m", "arqueue", *words]


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """End one process and wait until it is gone (a zombie is gone)."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, number)
        ended, _, _ = select.select([handle], [], [], PATIENCE_S)
        assert ended, f"process {pid} ended: not within {PATIENCE_S:g} s"
    finally:
        os.close(handle)


def alive(pid: int) -> bool:
    """Whether a process still runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(holds: Callable[[], object], what: str, *, patience_s: float = PATIENCE_S) -> None:
    """Wait for a condition, bounded in time."""
    end = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < end, f"{what}: not within {patience_s:g} s"
        time.sleep(0.01)


async def eventually(
    look: Callable[[], Awaitable[T]],
    holds: Callable[[T], object],
    what: str,
    *,
    patience_s: float = PATIENCE_S,
) -> T:
    """Ask again until the answer is as wanted, bounded in time."""
    end = time.monotonic() + patience_s
    while not holds(seen := await look()):
        assert time.monotonic() < end, f"{what}: not within {patience_s:g} s, last seen {seen!r:.500}"
        await asyncio.sleep(0.01)
    return seen


@contextmanager
def company(folder: Path, *, ledger: bool = True, broker: bool = True, **given: Any) -> Iterator[Company]:
    """A company up and synced inside, everything ended after it; ``given`` goes to ``Company.write``."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Company(folder)
    try:
        if ledger:
            made.start_ledger()
        made.write(**given)
        if broker:
            made.start_broker()
            if ledger:
                made.ask("sync", wait=True, timeout_s=PATIENCE_S)
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
