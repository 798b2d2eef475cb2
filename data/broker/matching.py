"""The search for what a payment is for, beside the broker: worker processes of low priority, so that no keystroke waits for it.

A worker is begun when it is first needed, replaced when it dies, and ended when it does not answer in a multiple of its budget;
then the oldest-first answer is given. It ends by itself when the broker is gone: its end of the pipe is closed then.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import struct
import sys
from collections import OrderedDict
from dataclasses import replace
from typing import Any

import structlog

from arqueue.errors import from_code
from data.broker import protocol
from data.broker.answering import Answer, answer, oldest_first
from data.broker.frames import Packed
from data.broker.gathered import Gathered

log = structlog.get_logger()
_HEAD = struct.Struct(">I")
_WORKERS = 2
"""Automatic application searches one payment at a time: the other is for people."""
_AT_ONCE_MS = 5
_BUDGETS, _AT_LEAST_S = 5, 3.0
_START_S = 20.0
_REMEMBERED = 64
"""So many accounts a worker is known to have been asked about: only a preference, it decides itself what is still true."""
_COMMAND = ("-m", "data.broker.matching_worker")


class _Lost(Exception):
    """The worker is gone, or was not worth waiting for."""


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._asked: OrderedDict[str, None] = OrderedDict()

    @classmethod
    async def begin(cls) -> _Worker:
        """Start one and wait until it is ready. Raises _Lost."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *_COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd="/",
        )
        worker = cls(process)
        try:
            await worker._answer(_START_S)
        except BaseException:
            worker.kill()
            raise
        log.info("matching worker begun", pid=process.pid)
        return worker

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def knows(self, account: str) -> bool:
        """Whether it was asked about this account lately, and probably has it yet."""
        return account in self._asked

    async def ask(self, account: str, request: bytes, patience_s: float) -> Any:
        """One request and its answer. Raises _Lost."""
        self._asked[account] = None
        self._asked.move_to_end(account)
        if len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(_HEAD.pack(len(request)) + request)
            await self._process.stdin.drain()
        except OSError as error:
            raise _Lost("it ended") from error
        return await self._answer(patience_s)

    async def _answer(self, patience_s: float) -> Any:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(patience_s):
                (size,) = _HEAD.unpack(await self._process.stdout.readexactly(_HEAD.size))
                body = await self._process.stdout.readexactly(size)
        except TimeoutError as error:
            raise _Lost(f"no answer in {patience_s:g} s") from error
        except asyncio.IncompleteReadError as error:
            raise _Lost("it ended") from error
        return pickle.loads(body)  # noqa: S301 - from our own child

    def kill(self) -> None:
        """At once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def gone(self) -> None:
        """Until the process has ended."""
        await self._process.wait()


class Matcher:
    """Answers what was gathered: small cases at once, the others in a worker."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_WORKERS)
        self._idle: list[_Worker] = []
        self._workers: set[_Worker] = set()
        self._searches: set[asyncio.Task[Answer | bytes]] = set()

    @property
    def pids(self) -> list[int]:
        """The workers' processes."""
        return [worker.pid for worker in self._workers]

    @property
    def idle(self) -> list[int]:
        """Those of them that have nothing to do, who was at work last behind."""
        return [worker.pid for worker in self._idle]

    async def answer(self, gathered: Gathered) -> Packed:
        """Ways to apply the payment. Raises Invalid for an advice that cannot be read."""
        if gathered.is_small and (found := await self._quick(gathered)) is not None:
            return Packed(found.packed)
        answered = await self._in_worker(gathered)
        return Packed(answered if isinstance(answered, bytes) else answered.packed)

    async def brief(self, gathered: Gathered) -> protocol.Suggestions:
        """The suggestions alone, never in the broker's own time."""
        found = await self._in_worker(replace(gathered, brief=True))
        assert isinstance(found, Answer)
        return found.told

    async def _quick(self, gathered: Gathered) -> Answer | None:
        """The answer where it takes no longer than handing the question over; None where it would."""
        try:
            found = await asyncio.to_thread(answer, gathered, budget_ms=_AT_ONCE_MS)
        except Exception:
            log.exception("matching failed", payment=gathered.payment[0])
            return None
        return found if found.complete else None

    async def _in_worker(self, gathered: Gathered) -> Answer | bytes:
        """Whoever hangs up leaves a worker behind that is still busy: its answer is taken before it gets the next question."""
        search = asyncio.create_task(self._search(gathered), name="search")
        self._searches.add(search)
        search.add_done_callback(self._searches.discard)
        return await asyncio.shield(search)

    async def _search(self, gathered: Gathered) -> Answer | bytes:
        request = await asyncio.to_thread(pickle.dumps, gathered, pickle.HIGHEST_PROTOCOL)
        patience_s = max(_AT_LEAST_S, _BUDGETS * gathered.policy.budget_ms / 1000)
        async with self._free:
            try:
                worker = self._idler(gathered.account) or await self._begin()
            except (_Lost, OSError) as error:
                log.error("no matching worker", error=str(error))
                return await _oldest_first(gathered)
            try:
                found = await worker.ask(gathered.account, request, patience_s)
            except BaseException as error:
                worker.kill()
                self._workers.discard(worker)
                if not isinstance(error, _Lost):
                    raise
                log.warning("matching worker lost", pid=worker.pid, error=str(error))
                return await _oldest_first(gathered)
            self._idle.append(worker)
        match found:
            case Answer() | bytes():
                return found
            case (code, message, hint):
                raise from_code(code, message, hint)
        log.error("matching failed", payment=gathered.payment[0], error=found)
        return await _oldest_first(gathered)

    def _idler(self, account: str) -> _Worker | None:
        """Who has nothing to do, and rather who knows the account."""
        if not self._idle:
            return None
        found = next((worker for worker in self._idle if worker.knows(account)), self._idle[-1])
        self._idle.remove(found)
        return found

    async def _begin(self) -> _Worker:
        worker = await _Worker.begin()
        self._workers.add(worker)
        return worker

    async def stop(self) -> None:
        """End every worker, by its process."""
        for search in list(self._searches):
            search.cancel()
        for worker in list(self._workers):
            worker.kill()
            await worker.gone()
        self._workers.clear()
        self._idle.clear()


async def _oldest_first(gathered: Gathered) -> Answer:
    return await asyncio.to_thread(oldest_first, gathered)
