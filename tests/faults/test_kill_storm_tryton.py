"""The same storm on a real Tryton, which knows neither keys nor versions: nothing is lost and nothing is posted twice."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest

from arqueue.model.money import Money
from data.demo.people import people_file
from data.demo.tryton.cache import Seeded
from data.demo.tryton.server import Running, copy_database, serve_tryton
from tests.broker.company import Company, until
from tests.faults.fault_proxy import KINDS
from tests.faults.storm import Account, Storm, Wish, settings_behind
from tests.peers.tryton_accountant import Accountant
from tests.peers.tryton_server import seeded, settings
from tests.peers.tryton_world import TrytonWorld

__all__ = ["seeded"]
SEED = int(os.environ.get("ARQUEUE_STORM_SEED", "20261122"))
KILLS = int(os.environ.get("ARQUEUE_TRYTON_KILLS", "50"))
_CUSTOMERS = 4
_T = TypeVar("_T")


class TrytonBooks:
    """A Tryton that dies and comes back. An application leaves nothing there that bears its id: residuals tell of those."""

    shows = frozenset({"adjust", "annotate"})

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.running: Running = serve_tryton(folder)
        self.port = int(self.running.url.rpartition(":")[2])

    def strike(self, blow: signal.Signals) -> None:
        """A signal; what it ends comes back at once."""
        os.kill(self.running.pid, blow)
        if blow in (signal.SIGSTOP, signal.SIGCONT):
            return
        self.running.stop()
        until(self._is_back, "Tryton is back")

    def _is_back(self) -> bool:
        """A worker that lost its master holds the port for a moment longer."""
        with suppress(OSError):
            self.running = serve_tryton(self._folder, self.port)
            return True
        return False

    def ask(self, look: Callable[[TrytonWorld], Awaitable[_T]]) -> _T:
        """Something of the administrator."""

        async def talk() -> _T:
            accountant = Accountant(self.running)
            try:
                return await look(TrytonWorld(accountant))
            finally:
                await accountant.close()

        return asyncio.run(talk())

    def open_accounts(self) -> list[Account]:
        """Customers with an invoice of 1,000.00 and a payment of 500.00."""

        async def make(world: TrytonWorld) -> list[Account]:
            made = []
            for number in range(_CUSTOMERS):
                code = f"S{number:03}"
                values = {"name": f"Storm {number}", "code": code, "addresses": [["create", [{}]]]}
                (key,) = await world.books.session.call("model.party.party.create", [values])
                party = f"party:{key}"
                invoice = await world.post_invoice(party, Money.parse("1000.00", "EUR"))
                made.append(
                    Account(invoice, await world.receive_payment(party, Money.parse("500.00", "EUR")))
                )
            return made

        return self.ask(make)

    def posted(self, wishes: Mapping[str, Wish]) -> dict[str, list[int]]:
        """Entries and remarks by the reference that they bear."""

        async def look(world: TrytonWorld) -> dict[str, list[int]]:
            found: dict[str, list[int]] = {}
            rows = world.books.session.rows
            lines = await rows(
                "account.move.line",
                [
                    ["move.description", "like", "%arqueue %"],
                    ["account.type.receivable", "=", True],
                    ["credit", ">", 0],
                    ["move.journal.type", "=", "write-off"],
                ],
                ["credit", "move.description"],
            )
            for row in lines:
                command = str(row["move."]["description"])[-32:]
                found.setdefault(command, []).append(Money.from_decimal(row["credit"], "EUR").minor)
            for row in await rows("ir.note", [], ["message"]):
                command = str(row["message"])[-32:]
                if command in wishes:
                    found.setdefault(command, []).append(0)
            return found

        return self.ask(look)

    def residuals(self, items: Sequence[str]) -> dict[str, int]:
        """What Tryton says is open."""

        async def look(world: TrytonWorld) -> dict[str, int]:
            return {item: abs((await world.residual(item)).minor) for item in items}

        return self.ask(look)


@pytest.mark.timeout(900)
def test_after_a_storm_on_tryton_every_order_is_there_exactly_once(seeded: Seeded, tmp_path: Path) -> None:
    """Kills of broker, Tryton and network, one company."""
    copy_database(seeded, tmp_path / "tryton")
    books = TrytonBooks(tmp_path / "tryton")
    firm = Company(tmp_path / "c")
    firm.home.mkdir()
    storm = None
    try:
        accounts = books.open_accounts()
        peer = settings(books.running)
        firm.config.write_text(
            f'zone = "UTC"\n\n[peer]\nkind = "tryton"\nurl = "{peer.url}"\ndatabase = "{peer.database}"\nuser = "{peer.user}"\n'
            "\n[broker]\nsync_seconds = 1\n\n[demo]\nbusiness_date = 2026-11-20\n",
            "utf-8",
        )
        (firm.home / "people.toml").write_text(people_file(("EUR", "USD")), "utf-8")
        firm.settings.store_dir.mkdir(mode=0o700)
        firm.settings.token_file.write_text(peer.token, "utf-8")
        firm.settings.token_file.chmod(0o600)
        # a network that repeats a request, or delivers it after minutes, is more than Tryton can be protected from
        kinds = [kind for kind in KINDS if kind != "duplicate"]
        storm = Storm(
            firm,
            books,
            accounts,
            SEED,
            kinds,
            weights=(45, 10, 45),
            calm_s=3,
            face_s=4,
            sound=0.95,
            stalls=0.0,
        )
        storm.start_proxy(sound=1.0)
        settings_behind(firm, storm.proxy_port, 5)
        firm.start_broker()
        firm.ask("sync", wait=True, timeout_s=60)
        storm.reason = next(
            each["code"] for each in firm.ask("hello", version=1)["reasons"] if "mall" in each["words"]
        )
        before = books.residuals([item for each in accounts for item in (each.invoice, each.payment)])
        storm.rage(KILLS)
        storm.heal(patience_s=300)
        outcome = storm.check(before)
        assert storm.kills >= KILLS
        assert outcome["posted"] > KILLS // 2, (SEED, outcome)
    finally:
        firm.stop()
        books.running.stop()
        if storm is not None:
            storm.end_proxy()
