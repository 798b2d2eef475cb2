"""What carries a request to the ledger and its answer back, or does not. Each request meets at most one fault."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from arqueue.errors import PeerUnreachable
from data.peers.http import Answer, NotSent
from tests.faults.simulator.clock import Time
from tests.faults.simulator.ledger import Books, Reply
from tests.faults.simulator.spoiling import Fault, spoil
from tests.faults.simulator.tasks import Moment

DEADLINE_S = 30.0
LATEST_S = 800.0
"""After so long nothing that left is on its way any more."""


ORDER_FAULTS = [each for each in Fault if each is not Fault.NONE]
READ_FAULTS = [
    Fault.REFUSED,
    Fault.LOST,
    Fault.RESET,
    Fault.ANSWER_LOST,
    Fault.SLOW,
    Fault.BUSY,
    Fault.FAULT_BEFORE,
    Fault.REDIRECT,
    Fault.CAPTIVE,
    Fault.LOGIN,
    Fault.EMPTY,
    Fault.CUT,
    Fault.FOREIGN,
    Fault.FOREIGN_REFUSAL,
]


@dataclass(slots=True)
class Flight:
    """One request under way, and what came back."""

    path: str
    body: bytes
    fault: Fault
    answer: Answer | None = None
    error: PeerUnreachable | None = None

    @property
    def over(self) -> bool:
        """Whether the one who asked knows more."""
        return self.answer is not None or self.error is not None

    def land(self, reply: Reply) -> None:
        """An answer came."""
        self.answer = Answer(reply.status, reply.headers, reply.body)


@dataclass(slots=True)
class Wire:
    """Stands where the connector has its HTTP client. ``sending`` is told of each request that leaves,
    and when it was handed over: whatever stops the process after that, no check comes in between any more."""

    books: Books
    time: Time
    chance: random.Random
    rate: float
    favourites: list[Fault]
    """Faults that this schedule has more of."""
    sending: Callable[[str, Mapping[str, str], bytes, float], None] = lambda path, headers, body, at: None
    note: Callable[[str], None] = lambda words: None
    met: Counter[Fault] = field(default_factory=Counter)
    peace: bool = False
    events: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    count: int = 0

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
    ) -> Answer:
        """As ``data.peers.http.Http`` does it."""
        asked_at = self.time.s
        await Moment("to send")
        flight = Flight(path, content or b"", self._draw(path))
        if flight.fault is not Fault.NONE:
            self.met[flight.fault] += 1
            self.note(f"{method} {path}: {flight.fault}")
        if flight.fault is Fault.REFUSED:
            raise NotSent("nobody answers", "wait")
        self.sending(path, headers or {}, flight.body, asked_at)
        self._leave(flight, method, dict(params or {}))
        await Moment("answer", lambda: flight.over)
        if flight.error is not None:
            raise flight.error
        assert flight.answer is not None
        return flight.answer

    async def close(self) -> None:
        """Nothing to let go of."""

    def at(self, when: float, do: Callable[[float], None]) -> None:
        """Later; it is told when it was due."""
        self.count += 1
        heapq.heappush(self.events, (when, self.count, do))

    def arrive(self) -> None:
        """What is due happens."""
        while self.events and self.events[0][0] <= self.time.s:
            when, _, do = heapq.heappop(self.events)
            do(when)

    # ---- inside

    def _draw(self, path: str) -> Fault:
        is_order = path == "/v1/orders"
        if self.peace or self.chance.random() >= (self.rate if is_order else self.rate / 4):
            return Fault.NONE
        known = ORDER_FAULTS if is_order else READ_FAULTS
        liked = [each for each in self.favourites if each in known]
        fault = self.chance.choice(liked if liked and self.chance.random() < 0.6 else known)
        if fault is Fault.TWICE and not self.books.kind.has_keys:
            return Fault.NONE  # a network that repeats what has no key is beyond any client
        return fault

    def _leave(self, flight: Flight, method: str, params: dict[str, str]) -> None:
        now, chance = self.time.s, self.chance

        def carry_out(at: float = now) -> Reply:
            return self.books.handle(method, flight.path, params, flight.body, at)

        def copy_arrives(at: float) -> None:
            carry_out(at)

        def fail(at: float) -> None:
            flight.error = flight.error or PeerUnreachable("the connection broke", "wait")

        match flight.fault:
            case Fault.LOST | Fault.RESET:
                self.at(now + (DEADLINE_S if flight.fault is Fault.LOST else 0.0), fail)
            case Fault.LATE:
                self.at(now + chance.choice([1.0, 20.0, 45.0, 300.0, LATEST_S]), copy_arrives)
                self.at(now + DEADLINE_S, fail)
            case Fault.IN_PROGRESS:
                self.at(now + chance.choice([1.0, 20.0, 300.0]), copy_arrives)
                flight.land(Reply(409, b'{"error":{"code":"in_progress","message":"","hint":""}}'))
            case Fault.TWICE:
                flight.land(carry_out())
                # once the key is forgotten no client can keep a copy from being booked
                left = self.books.key_left(flight.body, now)
                self.at(now + min(chance.choice([0.0, 40.0, LATEST_S]), left), copy_arrives)
            case Fault.FAULT_SAVED:
                flight.land(self.books.fault_saved(flight.body, now))
            case Fault.ANSWER_LOST:
                carry_out()
                self.at(now + chance.choice([0.0, 1.0, DEADLINE_S]), fail)
            case Fault.SLOW:
                reply = carry_out()
                self.at(now + chance.choice([2.0, 8.0, 29.0]), lambda at: flight.land(reply))
            case Fault.YES_ONLY:
                other = deepcopy(self.books)
                flight.land(other.handle(method, flight.path, params, flight.body, now))
                self.books.refused |= other.refused
            case fault:
                flight.land(spoil(fault, carry_out, chance))
