"""The broker as a process: one for a store, for as long as its lock is held; SIGTERM ends it, and so does nobody needing it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import Callable

import structlog

from arqueue.errors import ArqueueError, StoreRefused
from arqueue.model.clock import system_clock
from arqueue.model.failure import told
from arqueue.settings import Settings, load_people
from data.broker.core import Core
from data.broker.lock import sole_owner
from data.broker.server import Server
from data.broker.witness import Witness
from data.peers.registry import open_peer
from data.store import outbox
from data.store.store import Store

log = structlog.get_logger()
_LOOK_S = 1.0


async def run(settings: Settings, *, on_ready: Callable[[], None] | None = None) -> None:
    """Serve until SIGTERM, SIGINT, or idleness ends it. Raises AlreadyRunning, StoreRefused, ConfigInvalid."""
    people = load_people(settings.people_file)
    with sole_owner(settings.store_dir):
        store = Store(settings.store_file)
        try:
            clock = system_clock()
            core = Core(settings, people, store, open_peer(settings), clock)
            server = Server(core, settings.socket, settings.broker.group)
            ended = asyncio.Event()
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, ended.set)
            async with Witness(store, clock, settings.heads_file).watching():
                try:
                    await core.start()
                    await server.start()
                    # What is there now stays: to look through it for garbage held up everybody for a twentieth of a second.
                    gc.freeze()
                    log.info("broker ready", socket=str(settings.socket), pid=os.getpid())
                    if on_ready is not None:
                        on_ready()
                    await _until(ended, core, server, settings)
                finally:
                    await server.stop()
                    await core.stop()
        finally:
            store.close()
    log.info("broker ended", pid=os.getpid())


async def _until(ended: asyncio.Event, core: Core, server: Server, settings: Settings) -> None:
    """Wait for the end. A personal broker ends when nobody is connected and nothing is left to send."""
    idle_s = settings.broker.idle_minutes * 60
    loop = asyncio.get_running_loop()
    while not ended.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_S):
                await ended.wait()
        if failure := core.failed_task():
            log.error("broker failed", places=told(failure))
            raise (
                failure
                if isinstance(failure, ArqueueError)
                else StoreRefused(
                    f"the broker failed: {type(failure).__name__}",
                    "see its log; what is queued is kept and sent later",
                )
            ) from failure
        if idle_s and not server.faces and loop.time() - server.idle_since > idle_s:
            counts = await core.store.read(outbox.counts)
            if not counts["queued"] and not counts["sending"] and not counts["unknown"]:
                log.info("nobody needs the broker")
                return
