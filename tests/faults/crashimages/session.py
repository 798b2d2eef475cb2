"""A morning's work of the real broker on the sandbox ledger, under strace: orders of each kind, approvals, an answer that is
lost, pages from the ledger, kills, and the ends that fold the write-ahead log into the store."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arqueue.model.money import Money
from data.broker.launch import answers
from data.broker.lock import owner_of
from data.peers.sandbox.accountant import Accountant
from data.peers.sandbox.server.run import start_process
from tests.broker.company import Company, kill, until
from tests.faults.crashimages.tracing import command_line

START = "import data.store.opening as opening; opening._WRITER.update(synchronous={level}, wal_autocheckpoint={pages})"
_PAGES = 100
"""A checkpoint ten times as often as in the product: more of them in a recording, and images that are opened sooner."""
_NOTES = 30
MAIN = "from arqueue.__main__ import main; raise SystemExit(main())"


@dataclass(frozen=True, slots=True)
class Recording:
    """What strace wrote, one file a broker, and the folder that it is about."""

    logs: tuple[Path, ...]
    store: Path


class _Morning:
    """The company, its documents, and the broker that is traced."""

    def __init__(self, folder: Path, synchronous: int) -> None:
        self.firm = Company(folder / "c")
        self._traces, self._synchronous = folder, synchronous
        self.logs: list[Path] = []
        self._strace: subprocess.Popen[bytes] | None = None
        self._orders = 0

    def start(self) -> None:
        """A broker under strace."""
        log = self._traces / f"trace-{len(self.logs)}"
        self.logs.append(log)
        start = START.format(level=self._synchronous, pages=_PAGES)
        program = [sys.executable, "-c", f"{start}; {MAIN}", "--config", str(self.firm.config), "broker"]
        with (self.firm.settings.store_dir / "broker.log").open("ab") as said:
            self._strace = subprocess.Popen(
                command_line(log, program), stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        until(lambda: answers(self.firm.settings.socket), "the broker answers", patience_s=60)

    def end(self, number: int) -> None:
        """The broker ends, and with it strace."""
        pid = owner_of(self.firm.settings.store_dir)
        if pid is not None:
            kill(pid, number)
        if self._strace is not None:
            self._strace.wait(30)

    def order(self, command: dict[str, Any], *, act_as: str | None = None, state: str = "posted") -> str:
        """Submit, and wait until it is there."""
        self._orders += 1
        made = self.firm.ask("submit", act_as=act_as, intent=f"morning-{self._orders}", command=command)
        if state == "posted":
            until(lambda: self.firm.ask("wait", id=made["id"])["state"] == state, f"{command} is {state}")
        else:
            assert made["state"] == state
        return str(made["id"])


async def _documents(firm: Company) -> tuple[list[str], list[str]]:
    """Three customers with three invoices and one payment each."""
    assert firm.ledger is not None
    books = Accountant(firm.ledger.url, firm.ledger.accountant_token)
    invoices, payments = [], []
    try:
        for number in range(3):
            party = await books.create_party(f"Customer {number}", currency="USD")
            for _ in range(3):
                invoices += await books.post_invoice(party, Money.parse("100.00", "USD"))
            payments.append(await books.receive_payment(party, Money.parse("150.00", "USD")))
    finally:
        await books.close()
    return invoices, payments


def record(folder: Path, *, synchronous: int = 2) -> Recording:
    """Work a morning; ``synchronous`` other than 2 (FULL) is for seeing what that would lose."""
    morning = _Morning(folder, synchronous)
    firm = morning.firm
    firm.home.mkdir(parents=True)
    firm.ledger = start_process(firm.home / "ledger")
    try:
        invoices, payments = asyncio.run(_documents(firm))
        firm.write()
        # pages come when they are asked for: idle ones would only make the recording long
        firm.config.write_text(
            firm.config.read_text("utf-8").replace("sync_seconds = 0.3", "sync_seconds = 60")
        )
        for work, ending in (
            (_first_pages, signal.SIGTERM),
            (_apply, signal.SIGKILL),
            (_approve, signal.SIGTERM),
            (_lose, signal.SIGKILL),
            (_annotate, signal.SIGTERM),
        ):
            morning.start()
            work(morning, invoices, payments)
            morning.end(ending)
    finally:
        with suppress(AssertionError):
            morning.end(signal.SIGKILL)
        firm.stop()
    return Recording(tuple(morning.logs), firm.settings.store_dir)


def _first_pages(morning: _Morning, invoices: list[str], payments: list[str]) -> None:
    morning.firm.ask("sync", wait=True)


def _apply(morning: _Morning, invoices: list[str], payments: list[str]) -> None:
    for payment, first in zip(payments, (0, 3, 6), strict=True):
        lines = [
            {"item": invoices[first], "amount": "60.00"},
            {"item": invoices[first + 1], "amount": "40.00"},
        ]
        morning.order({"op": "apply", "payment": payment, "lines": lines})
        morning.order(_adjust(invoices[first + 2], "0.50"))


def _approve(morning: _Morning, invoices: list[str], payments: list[str]) -> None:
    firm = morning.firm
    morning.order(_adjust(invoices[2], "90.00"), act_as="ben")
    big = morning.order(_adjust(invoices[5], "55.00"), state="pending")
    firm.ask("approve", act_as="sue", id=big)
    until(lambda: firm.ask("wait", id=big)["state"] == "posted", "what was approved is posted")
    turned_down = morning.order(_adjust(invoices[8], "60.00"), state="pending")
    firm.ask("decline", act_as="sue", id=turned_down, why="it is owed")


def _lose(morning: _Morning, invoices: list[str], payments: list[str]) -> None:
    """An answer is lost, and accounting works on: what is new comes with the next pages."""
    morning.firm.faults({"kind": "lose_answer", "path": "/v1/orders", "method": "POST"})
    morning.order(_adjust(invoices[0], "1.00"))
    asyncio.run(_documents(morning.firm))
    morning.firm.ask("sync", wait=True)


def _annotate(morning: _Morning, invoices: list[str], payments: list[str]) -> None:
    """So many remarks that SQLite folds the write-ahead log into the store on its own."""
    for number in range(_NOTES):
        morning.order({"op": "annotate", "target": invoices[number % 9], "text": f"called, {number}"})


def _adjust(item: str, amount: str) -> dict[str, Any]:
    return {"op": "adjust", "item": item, "amount": amount, "reason": "SMALL"}
