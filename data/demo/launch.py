"""A demo company brought to life: its ledger made and served, its broker started, both restarted if they die, both ended."""

from __future__ import annotations

import fcntl
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from arqueue.errors import ArqueueError, Invalid, Refused
from arqueue.settings import Settings, load_settings
from data.broker.launch import end, ensure
from data.broker.lock import owner_of
from data.demo.company import make_company
from data.demo.customers import SUSPENSE
from data.demo.people import people_file

TODAY: Final = date(2026, 11, 20)
"""The business date on which every demo company begins: the same seed is the same company on any day."""
Say = Callable[[str], None]
_WATCH_S = 0.3
_WATCH_AT_MOST_S = 5.0
_CURRENCIES: Final = ("EUR", "USD", "GBP", "CHF", "JPY")
_ADDRESS: Final = re.compile(r'^url = ".*"$', re.MULTILINE)
_CASH: Final = f"""\
[cash]
unidentified = ["{SUSPENSE}"]
tolerance = {{ EUR = "2.00", USD = "2.00", GBP = "2.00", CHF = "2.00", JPY = "200" }}
charges = {{ EUR = "25.00", USD = "25.00", GBP = "25.00", CHF = "25.00", JPY = "2500" }}
"""


class Served(Protocol):
    """A ledger server in a process of its own."""

    @property
    def pid(self) -> int: ...
    @property
    def url(self) -> str: ...
    @property
    def token(self) -> str: ...
    def stop(self) -> None: ...


@dataclass(slots=True)
class Demo:
    """A running demo company."""

    settings: Settings
    peer: Served
    kind: str
    accountant_token: str = ""

    @property
    def broker_pid(self) -> int | None:
        """The broker's process, None in the moment between two."""
        return owner_of(self.settings.store_dir)


@contextmanager
def demo(
    folder: Path, *, peer: str = "sandbox", size: str = "small", seed: int = 1, say: Say = lambda words: None
) -> Iterator[Demo]:
    """Everything up inside, everything down after it. A folder that holds a demo company goes on where it was. Raises Refused
    where one runs in that folder already, or was made for another accounting system."""
    folder = folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        running = _serve(folder, peer, size, seed, say)
        try:
            company = Demo(_write_settings(folder, peer, running), running, peer, _accountant(running))
        except BaseException:
            running.stop()
            raise
        yield from _kept_up(company, folder, say)


def _kept_up(company: Demo, folder: Path, say: Say) -> Iterator[Demo]:
    watch = _Watch(company, folder, say)
    try:
        say("starting the broker")
        watch.start()
        watch.up.wait()
        if watch.error is not None:
            raise watch.error
        yield company
    finally:
        watch.ended.set()
        if watch.is_alive():
            watch.join()
        end(company.settings)
        company.peer.stop()


class _Watch(threading.Thread):
    """Starts the broker, and starts broker or ledger again when they die. A thread, because no signal interrupts it: what it has
    begun to start is known when everything is ended."""

    def __init__(self, company: Demo, folder: Path, say: Say) -> None:
        super().__init__(name="demo-watch")
        self._company, self._folder, self._say = company, folder, say
        self.ended, self.up = threading.Event(), threading.Event()
        self.error: ArqueueError | None = None

    def run(self) -> None:
        """Until ended; what keeps the broker from starting at all is left in ``error``."""
        try:
            if not self.ended.is_set():  # a signal may have struck before this thread counted as alive
                ensure(self._company.settings)
        except ArqueueError as error:
            self.error = error
            return
        finally:
            self.up.set()
        wait = _WATCH_S
        while not self.ended.wait(wait):
            try:
                self._look()
                wait = _WATCH_S
            except (ArqueueError, OSError) as error:
                self._say(f"not yet: {error}")
                wait = min(2 * wait, _WATCH_AT_MOST_S)

    def _look(self) -> None:
        if not _alive(self._company.peer.pid):
            self._revive()
        if self._company.broker_pid is None and not self.ended.is_set():
            ensure(self._company.settings)

    def _revive(self) -> None:
        """Serve the ledger again, at the same address where the server can choose it; else the broker learns the new one."""
        company = self._company
        self._say("the ledger server ended; starting it again")
        before = company.peer.url
        company.peer.stop()
        company.peer = _serve(self._folder, company.kind, "", 0, self._say, int(before.rpartition(":")[2]))
        if company.peer.url != before:
            company.settings = _write_settings(self._folder, company.kind, company.peer)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One demo a folder, before anything in it is touched. Raises Refused."""
    handle = os.open(folder / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused(
                f"a demo runs in {folder} already",
                f"open it with `arqueue --config {folder / 'arqueue.toml'}`, or use another --dir",
            ) from None
        yield
    finally:
        os.close(handle)


def _serve(folder: Path, peer: str, size: str, seed: int, say: Say, port: int = 0) -> Served:
    """``port`` is asked for again when a server is restarted; one that cannot choose takes another."""
    other = "tryton" if peer == "sandbox" else "ledger"
    if (folder / other).exists():
        raise Refused(f"{folder} holds a demo company on another accounting system", "use another --dir")
    if peer == "sandbox":
        from data.peers.sandbox.server.run import LEDGER_FILE, start_process

        ledger = folder / "ledger" / LEDGER_FILE
        if ledger.exists():
            say(f"going on with the company in {folder}")
        else:
            _make_ledger(ledger, size, seed, say)
        return start_process(ledger.parent, port)
    if peer == "tryton":
        from data.demo.tryton.server import start_tryton

        return start_tryton(folder / "tryton", make_company("tiny", seed, TODAY), port=port, say=say)
    raise Invalid(f"--peer {peer!r}: no demo runs on that", "use sandbox or tryton")


def _make_ledger(ledger: Path, size: str, seed: int, say: Say) -> None:
    from data.peers.sandbox.load import load

    say(f"making a {size} company (seed {seed})")
    last = time.monotonic()

    def progress(documents: int) -> None:
        nonlocal last
        if time.monotonic() - last > 2:
            last = time.monotonic()
            say(f"  {documents:,} documents")

    load(ledger, make_company(size, seed, TODAY), progress)


def _write_settings(folder: Path, peer: str, running: Served) -> Settings:
    """The settings, people and token; the address is new each time, the rest stays as somebody left it."""
    people = folder / "people.toml"
    if not people.exists():
        people.write_text(people_file(_CURRENCIES), "utf-8")
    extra = "".join(
        f'{name} = "{value}"\n' for name in ("database", "user") if (value := getattr(running, name, ""))
    )
    config = folder / "arqueue.toml"
    address = f'url = "{running.url}"'
    words = (
        _ADDRESS.sub(lambda found: address, config.read_text("utf-8"), count=1)
        if config.exists()
        else "# A demo company. Nothing here is real.\n"
        f'zone = "UTC"\n\n[peer]\nkind = "{peer}"\n{address}\n{extra}'
        "\n[broker]\nidle_minutes = 5\nsync_seconds = 2\n"
        f"\n{_CASH}"
        f"\n[demo]\nbusiness_date = {TODAY.isoformat()}\n"
    )
    part = config.with_suffix(".part")
    part.write_text(words, "utf-8")
    part.replace(config)
    settings = load_settings(config)
    settings.store_dir.mkdir(mode=0o700, exist_ok=True)
    # one that a killed demo left has the old address
    end(settings)
    token = os.open(settings.token_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(token, "w") as file:
        file.write(running.token)
    return settings


def _accountant(running: Served) -> str:
    return str(getattr(running, "accountant_token", ""))


def _alive(pid: int) -> bool:
    """Whether that child of ours still runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
