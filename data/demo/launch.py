"""A demo company brought to life: its ledger made and served, its broker started, both restarted if they die, both ended."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from arqueue.errors import ArqueueError, Invalid, Refused
from arqueue.settings import Settings, load_settings
from data.broker.launch import ensure
from data.broker.lock import owner_of
from data.demo.company import make_company
from data.demo.people import people_file

TODAY: Final = date(2026, 11, 20)
"""The business date on which every demo company begins: the same seed is the same company on any day."""
Say = Callable[[str], None]
_WATCH_S = 0.3
_END_S = 10.0


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
    """Everything up inside, everything down after it. A folder that holds a demo company goes on where it was."""
    folder = folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    running = _serve(folder, peer, size, seed, say)
    company = Demo(_write_settings(folder, peer, running), running, peer, _accountant(running))
    ended = threading.Event()
    watch = threading.Thread(
        target=_keep_up, args=(company, folder, ended, say), daemon=True, name="demo-watch"
    )
    try:
        say("starting the broker")
        ensure(company.settings)
        watch.start()
        yield company
    finally:
        ended.set()
        if watch.is_alive():
            watch.join(_END_S)
        stop_broker(company.settings)
        company.peer.stop()


def stop_broker(settings: Settings) -> None:
    """End the broker of this store by its process id and wait until its lock is free."""
    pid = owner_of(settings.store_dir)
    if pid is None:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + _END_S
    while owner_of(settings.store_dir) == pid:
        if time.monotonic() > end:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            end += _END_S
        time.sleep(0.02)


def _serve(folder: Path, peer: str, size: str, seed: int, say: Say, port: int = 0) -> Served:
    if peer == "sandbox":
        from data.peers.sandbox.server.run import LEDGER_FILE, start_process

        ledger = folder / "ledger" / LEDGER_FILE
        if not ledger.exists():
            _make_ledger(ledger, size, seed, say)
        return start_process(ledger.parent, port)
    if peer == "tryton":
        from data.demo.tryton.server import start_tryton

        plan = make_company("tiny", seed, TODAY)
        return start_tryton(folder / "tryton", plan, say=say, port=port)
    raise Invalid(f"--peer {peer!r}: no demo runs on that", "use sandbox or tryton")


def _make_ledger(ledger: Path, size: str, seed: int, say: Say) -> None:
    """Made beside its place and moved there whole, so that an interrupted one is never taken for a company."""
    from data.peers.sandbox.load import load

    ledger.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = ledger.with_suffix(".part")
    for old in ledger.parent.glob(f"{part.name}*"):
        old.unlink()
    say(f"making a {size} company (seed {seed})")
    last = time.monotonic()

    def progress(documents: int) -> None:
        nonlocal last
        if time.monotonic() - last > 2:
            last = time.monotonic()
            say(f"  {documents:,} documents")

    load(part, make_company(size, seed, TODAY), progress)
    part.rename(ledger)


def _write_settings(folder: Path, peer: str, running: Served) -> Settings:
    """The settings, people and token; the address is new each time, the rest stays as it was."""
    currencies = ("EUR", "USD", "GBP", "CHF", "JPY")
    people = folder / "people.toml"
    if not people.exists():
        people.write_text(people_file(currencies), "utf-8")
    extra = "".join(
        f'{name} = "{value}"\n' for name in ("database", "user") if (value := getattr(running, name, ""))
    )
    config = folder / "arqueue.toml"
    config.write_text(
        "# A demo company. Nothing here is real.\n"
        f'zone = "UTC"\n\n[peer]\nkind = "{peer}"\nurl = "{running.url}"\n{extra}'
        "\n[broker]\nidle_minutes = 5\nsync_seconds = 2\n"
        f"\n[demo]\nbusiness_date = {TODAY.isoformat()}\n",
        "utf-8",
    )
    settings = load_settings(config)
    settings.store_dir.mkdir(mode=0o700, exist_ok=True)
    token = os.open(settings.token_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(token, "w") as file:
        file.write(running.token)
    if owner_of(settings.store_dir) is not None:
        raise Refused(
            f"a demo runs in {folder} already", "open it with `arqueue --config`, or use another --dir"
        )
    return settings


def _accountant(running: Served) -> str:
    return str(getattr(running, "accountant_token", ""))


def _keep_up(company: Demo, folder: Path, ended: threading.Event, say: Say) -> None:
    """A ledger or broker that died is started again, at the same address, and that is said."""
    while not ended.wait(_WATCH_S):
        try:
            if not _alive(company.peer.pid):
                say("the ledger server ended; starting it again")
                port = int(company.peer.url.rpartition(":")[2])
                company.peer.stop()
                company.peer = _serve(folder, company.kind, "", 0, say, port)
            if company.broker_pid is None and not ended.is_set():
                ensure(company.settings)
        except ArqueueError as error:
            say(f"{error.message} ({error.hint})")


def _alive(pid: int) -> bool:
    """Whether that child of ours still runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
