"""A storm over a running company: who is struck when and how, a face that orders through it, and what must be true afterwards."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from arqueue.control.states import FINAL, CommandState
from arqueue.errors import ArqueueError, BrokerUnreachable
from data.broker.client import BrokerClient
from data.store.opening import open_reader
from tests.broker.company import Company, until
from tests.faults import fault_proxy

STOPPED = "stop"
_KILLS = (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)
_STALL_S = 5.5
"""Longer than an attempt may lie between its record and its bytes."""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer's invoice and payment; both are large enough for a storm."""

    invoice: str
    payment: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a face orders. The amount is in minor units; none for a remark."""

    intent: str
    op: str
    account: Account
    minor: int
    text: str = ""
    reason: str = "SMALL"

    @property
    def command(self) -> dict[str, Any]:
        """For the socket."""
        amount = f"{self.minor // 100}.{self.minor % 100:02}"
        match self.op:
            case "adjust":
                return {"op": "adjust", "item": self.account.invoice, "amount": amount, "reason": self.reason}
            case "apply":
                lines = [{"item": self.account.invoice, "amount": amount}]
                return {"op": "apply", "payment": self.account.payment, "lines": lines}
            case _:
                return {"op": "annotate", "target": self.account.invoice, "text": self.text}


class Books(Protocol):
    """The accounting system under the storm."""

    port: int
    shows: frozenset[str]
    """Kinds of orders whose postings bear the command's id."""

    def strike(self, blow: signal.Signals) -> None:
        """Send it a signal; where that ends it, the same books are served again at the same port."""

    def posted(self, wishes: Mapping[str, Wish]) -> dict[str, list[int]]:
        """By command id: the amount of each posting (0 for a remark) as the books themselves show it."""

    def residuals(self, items: Sequence[str]) -> dict[str, int]:
        """What is open of each item in minor units, without its sign."""


@dataclass(slots=True)
class Storm:
    """One seed's storm over one company."""

    firm: Company
    books: Books
    accounts: Sequence[Account]
    seed: int
    kinds: Sequence[str] = fault_proxy.KINDS
    weights: tuple[int, int, int] = (30, 15, 55)
    """How often broker, ledger and proxy are struck."""
    sound: float = 0.5
    """The share of requests that nothing happens to."""
    stalls: float = 0.05
    """The share of freezes that last longer than an attempt may wait."""
    reason: str = "SMALL"
    calm_s: float = 1.0
    """The longest pause after a blow."""
    face_s: float = 0.5
    """The longest between two orders."""
    blows: Counter[str] = field(default_factory=Counter)
    acked: dict[str, str] = field(default_factory=dict)
    wishes: dict[str, Wish] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    died: list[str] = field(default_factory=list)
    outcome: Counter[str] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)
    _proxy: subprocess.Popen[str] | None = None
    proxy_port: int = 0

    @property
    def kills(self) -> int:
        """How many processes were ended."""
        return sum(count for blow, count in self.blows.items() if STOPPED not in blow)

    def start_proxy(self, *, sound: float | None = None) -> None:
        """At the port that it had."""
        sound = self.sound if sound is None else sound
        words = ["--port", self.proxy_port, "--upstream", self.books.port, "--seed", self.seed + self.kills]
        words += ["--kinds", ",".join(self.kinds), "--sound", sound]
        self._proxy = subprocess.Popen(
            [sys.executable, "-I", fault_proxy.__file__, *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._proxy.stdout is not None
        self.proxy_port = int(self._proxy.stdout.readline())

    def end_proxy(self, blow: signal.Signals = signal.SIGKILL) -> None:
        """By its process."""
        if self._proxy is not None:
            end(self._proxy, blow)
            self._proxy = None

    def rage(self, kills: int) -> None:
        """Order and strike until so many processes were ended."""
        face = threading.Thread(target=lambda: asyncio.run(self._order()), name=f"face-{self.seed}")
        face.start()
        chance = random.Random(self.seed)
        try:
            while self.kills < kills:
                (victim,) = chance.choices(("broker", "ledger", "proxy"), self.weights)
                if chance.random() < 0.15:
                    self._freeze(victim, chance)
                else:
                    self._strike(victim, chance.choice(_KILLS))
                self._over.wait(chance.uniform(0, self.calm_s))
        finally:
            self._over.set()
            face.join()

    def _strike(self, victim: str, blow: signal.Signals) -> None:
        self.blows[f"{victim} {blow.name}"] += 1
        if victim == "ledger":
            self.books.strike(blow)
        elif victim == "proxy":
            self.end_proxy(blow)
            self.start_proxy()
        else:
            self.end_broker(blow)
            self.firm.start_broker(ready=False)

    def end_broker(self, blow: signal.Signals) -> None:
        """It must have lived until then."""
        process = self.firm.brokers.pop()
        if process.poll() is not None:
            self.died.append(f"broker {process.pid} ended by itself with {process.returncode}")
        end(process, blow)

    def _freeze(self, victim: str, chance: random.Random) -> None:
        self.blows[f"{victim} {STOPPED}"] += 1
        seconds = _STALL_S if chance.random() < self.stalls else chance.uniform(0.05, 0.8)
        if victim == "ledger":
            strike: Any = self.books.strike
        else:
            process = self._proxy if victim == "proxy" else self.firm.brokers[-1]
            assert process is not None
            strike = process.send_signal
        strike(signal.SIGSTOP)
        self._over.wait(seconds)
        strike(signal.SIGCONT)

    async def _order(self) -> None:
        chance = random.Random(f"face {self.seed}")
        client: BrokerClient | None = None
        number = 0
        while not self._over.is_set():
            wish = self._wish(chance, number)
            number += 1
            while (
                wish.intent not in self.acked and wish.intent not in self.refused and not self._over.is_set()
            ):
                try:
                    client = client or await BrokerClient.open(self.firm.settings.socket, timeout_s=2)
                    made = await client.call("submit", intent=wish.intent, command=wish.command, timeout_s=3)
                    self.acked[wish.intent] = str(made["id"])
                except BrokerUnreachable:
                    if client is not None:
                        await client.close()
                    client = None
                    await asyncio.sleep(0.02)
                except ArqueueError as error:
                    self.refused[wish.intent] = error.message
            await asyncio.sleep(chance.uniform(0, self.face_s))
        if client is not None:
            await client.close()

    def _wish(self, chance: random.Random, number: int) -> Wish:
        """Something new or, now and then, an order that was given before."""
        op = chance.choice(("adjust", "apply", "annotate"))
        minor = 0 if op == "annotate" else chance.randint(1, 20)
        account, text = chance.choice(self.accounts), f"{self.seed}/{number}"
        wish = Wish(f"storm-{self.seed}-{number}", op, account, minor, text, self.reason)
        self.wishes[wish.intent] = wish
        return wish

    def heal(self, patience_s: float = 120) -> None:
        """A sound network, a ledger and a broker that live, and everything looked up that is not known."""
        self.end_proxy()
        self.start_proxy(sound=1.0)
        self.end_broker(signal.SIGTERM)
        self.firm.start_broker()
        until(self._is_idle, f"everything is final, seed {self.seed}", patience_s=patience_s)
        self.firm.ask("sync", wait=True, timeout_s=60)

    def _is_idle(self) -> bool:
        open_rows = [row for row in self.stored() if CommandState(row[2]) not in FINAL]
        for _, command, state in open_rows:
            if state == CommandState.UNKNOWN:
                with suppress(ArqueueError):
                    self.firm.ask("retry", id=command)
        return not open_rows

    def stored(self) -> list[tuple[str, str, str]]:
        """Intent, id and state of every command."""
        with closing(open_reader(self.firm.settings.store_file).conn) as connection:
            return connection.execute("SELECT intent, id, state FROM command ORDER BY seq").fetchall()

    def check(self, before: Mapping[str, int]) -> Counter[str]:
        """What must be true now; how many commands ended how."""
        rows = self.stored()
        assert not self.died, self.died
        ids = {intent: command for intent, command, _ in rows}
        assert len(ids) == len(rows), "an intent became two commands"
        lost = {intent for intent, command in self.acked.items() if ids.get(intent) != command}
        assert not lost, f"acknowledged and not there: {lost}"
        assert not self.refused.keys() & ids.keys(), "refused, and stored"
        assert ids.keys() <= self.wishes.keys(), "nobody ordered that"
        self._check_books({command: self.wishes[intent] for intent, command, _ in rows}, rows, before)
        assert self.firm.cli("audit", "verify").status == 0
        return Counter(state for _, _, state in rows)

    def _check_books(
        self, wishes: Mapping[str, Wish], rows: Sequence[tuple[str, str, str]], before: Mapping[str, int]
    ) -> None:
        posted = self.books.posted(wishes)
        expected = dict(before)
        for _, command, state in rows:
            wish = wishes[command]
            wanted = [wish.minor] if state == CommandState.POSTED else []
            if wish.op in self.books.shows:
                assert posted.get(command, []) == wanted, (
                    self.seed,
                    command,
                    state,
                    posted.get(command),
                    wish,
                )
            if wanted and wish.op != "annotate":
                expected[wish.account.invoice] -= wish.minor
            if wanted and wish.op == "apply":
                expected[wish.account.payment] -= wish.minor
        assert self.books.residuals(list(before)) == expected
        with closing(open_reader(self.firm.settings.store_file).conn) as connection:
            mirror = dict(connection.execute("SELECT id, abs(residual) FROM item").fetchall())
        assert {item: mirror[item] for item in before} == expected


def end(process: subprocess.Popen[Any], blow: signal.Signals) -> None:
    """Strike, and see that it ended; SIGTERM is given ten seconds."""
    process.send_signal(blow)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def settings_behind(firm: Company, port: int, deadline_s: float) -> None:
    """The broker reaches its ledger by the proxy, and does not wait long for what is swallowed."""
    text = firm.config.read_text("utf-8")
    lines = [
        f'url = "http://127.0.0.1:{port}"' if line.startswith("url = ") else line
        for line in text.splitlines()
        if not line.startswith("deadline_seconds")
    ]
    at = lines.index("[broker]") + 1
    lines.insert(at, f"deadline_seconds = {deadline_s:g}")
    Path(firm.config).write_text("\n".join(lines) + "\n", "utf-8")
