"""Processes die, freeze and end at any moment, and the network between them lies: nothing is lost and nothing is posted twice.

A face keeps ordering through it all. Then everything is made sound again, and every order is counted in the outbox and in the
ledger. Who is struck when, how, and what is ordered is drawn from a seed; only the instants are the machine's own.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from arqueue.model.money import Money
from data.peers.sandbox.accountant import Accountant
from data.peers.sandbox.server.run import LEDGER_FILE, Running, start_process
from tests.broker.company import Company
from tests.faults.storm import Account, Storm, Wish, settings_behind

SEED = int(os.environ.get("ARQUEUE_STORM_SEED", "20261122"))
KILLS = int(os.environ.get("ARQUEUE_STORM_KILLS", "400"))
_LANES = 4
_CUSTOMERS = 6


class SandboxBooks:
    """The sandbox ledger as a process that dies and comes back."""

    shows = frozenset({"adjust", "apply", "annotate"})

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.running: Running = start_process(folder)
        self.port = int(self.running.url.rpartition(":")[2])

    def strike(self, blow: signal.Signals) -> None:
        """A signal; what it ends comes back at once."""
        if blow in (signal.SIGSTOP, signal.SIGCONT):
            self.running.process.send_signal(blow)
            return
        self.running.kill() if blow is signal.SIGKILL else self.running.stop()
        self.running = start_process(self._folder, self.port)

    async def open_accounts(self) -> list[Account]:
        """Customers with an invoice of 1,000.00 and a payment of 500.00."""
        books = Accountant(self.running.url, self.running.accountant_token)
        made = []
        try:
            for number in range(_CUSTOMERS):
                party = await books.create_party(f"Storm {number}", currency="USD")
                (invoice,) = await books.post_invoice(party, Money.parse("1000.00", "USD"))
                made.append(
                    Account(invoice, await books.receive_payment(party, Money.parse("500.00", "USD")))
                )
        finally:
            await books.close()
        return made

    def posted(self, wishes: Mapping[str, Wish]) -> dict[str, list[int]]:
        """Out of the ledger's own file: entries of adjustments, applications, remarks."""
        found: dict[str, list[int]] = {}
        queries = {
            "adjust": "SELECT entry.command_id, line.credit FROM journal_entry entry JOIN journal_line line"
            " ON line.entry_id = entry.id WHERE line.account = '1100' AND line.credit > 0",
            "apply": "SELECT command_id, amount FROM allocation WHERE NOT void",
            "annotate": "SELECT command_id, 0 FROM note",
        }
        with self._ledger() as ledger:
            for op, query in queries.items():
                for command, amount in ledger.execute(query).fetchall():
                    if command and wishes[command].op == op:
                        found.setdefault(command, []).append(amount)
        return found

    def residuals(self, items: Sequence[str]) -> dict[str, int]:
        """Out of the ledger's own file."""
        with self._ledger() as ledger:
            known = {
                f"item:{key}": amount for key, amount in ledger.execute("SELECT id, abs(residual) FROM item")
            }
        return {item: known[item] for item in items}

    def _ledger(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(f"file:{self._folder / LEDGER_FILE}?mode=ro", uri=True))


def suffer(folder: Path, kills: int, seed: int) -> Storm:
    """A company of its own lives through so many kills."""
    firm = Company(folder)
    firm.home.mkdir(parents=True)
    books = SandboxBooks(folder / "ledger")
    storm = None
    try:
        accounts = asyncio.run(books.open_accounts())
        firm.ledger = books.running
        firm.write()
        storm = Storm(firm, books, accounts, seed)
        storm.start_proxy(sound=1.0)
        settings_behind(firm, storm.proxy_port, 1.5)
        firm.start_broker()
        firm.ask("sync", wait=True)
        before = books.residuals([item for each in accounts for item in (each.invoice, each.payment)])
        storm.rage(kills)
        storm.heal()
        storm.outcome = storm.check(before)
        return storm
    finally:
        firm.ledger = books.running
        firm.stop()
        if storm is not None:
            storm.end_proxy()


@pytest.mark.timeout(900)
def test_after_any_storm_every_order_is_there_exactly_once(tmp_path: Path) -> None:
    """Kills of broker, ledger and network in a storm of faults, dealt out to companies that suffer side by side."""
    with ThreadPoolExecutor(_LANES) as lanes:
        done = [
            lanes.submit(suffer, tmp_path / f"{lane}", KILLS // _LANES, SEED + lane) for lane in range(_LANES)
        ]
        storms = [each.result() for each in done]
    assert sum(storm.kills for storm in storms) >= KILLS // _LANES * _LANES, SEED
    outcome = sum((storm.outcome for storm in storms), Counter[str]())
    assert outcome["posted"] > KILLS, (SEED, outcome)
