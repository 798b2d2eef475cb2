"""The broker's witness: signs the audit's head as it grows, outside the store and in the system log, and asks at the start
whether what was signed is still there."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import syslog
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import structlog
from sqlite_utils import Database

from arqueue.errors import StoreRefused
from arqueue.model.clock import Clock
from data.store import audit, heads
from data.store.heads import SignedHead, Signer
from data.store.store import Store

log = structlog.get_logger()
_EVERY_S = 60.0
_LOOK_S = 5.0
_ROWS = 100


class Witness:
    """Signs the head every minute in which something was written, every hundred rows, and at the end. ``file`` belongs where
    the store's own user cannot take lines back: on another disk or under another user."""

    def __init__(self, store: Store, clock: Clock, file: Path) -> None:
        self._store, self._clock, self._file = store, clock, file
        self._key_file = store.path.with_name(heads.KEY_FILE)
        self._signer = Signer(self._key_file)
        self._signed = 0
        self._signed_at_s = clock.boot_s()

    async def check(self) -> None:
        """What was signed last must be in the store, and the chain must hold from there. Raises StoreRefused: a broker does not
        go on with books that somebody rewrote."""
        known = list(heads.read(self._file)) if self._file.exists() else []
        public = heads.load_public(heads.public_file(self._key_file))

        def look(connection: sqlite3.Connection) -> tuple[str | None, int]:
            wrong = heads.first_wrong(connection, known[-1:], public)
            is_here = bool(known) and not heads.left_behind(connection, known[-1:])
            after = known[-1].head.seq if is_here and wrong is None else 0
            database = Database(connection, execute_plugins=False, recursive_triggers=False)
            bad = None if wrong else audit.first_bad_row(database, after=after)
            return wrong or (f"audit row {bad} is not what was written" if bad is not None else None), after

        wrong, self._signed = await self._store.read(look)
        if wrong:
            raise StoreRefused(
                f"the audit was changed: {wrong}",
                "keep the file, ask who had access, restore a backup (`arqueue restore`); see `arqueue audit verify`",
            )

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Check, then sign as long as this lasts, and once more at its end. Raises StoreRefused."""
        await self.check()
        signing = asyncio.create_task(self._sign_for_ever(), name="witness")
        try:
            yield
        finally:
            signing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await signing
            await self._sign(lambda rows: rows > 0)

    async def _sign_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            await self._sign(self._due)

    def _due(self, rows: int) -> bool:
        waited = self._clock.boot_s() - self._signed_at_s >= _EVERY_S
        return rows >= _ROWS or (rows > 0 and waited)

    async def _sign(self, is_due: Callable[[int], bool]) -> None:
        # behind the writer's queue: what is being written when a broker ends is in the last head
        head = await self._store.write(lambda store: heads.head_of(store.conn, at=self._clock.stamp()))
        if head is None or not is_due(head.seq - self._signed):
            return
        signed = self._signer.sign(head)
        await asyncio.to_thread(self._keep, signed)
        self._signed, self._signed_at_s = head.seq, self._clock.boot_s()

    def _keep(self, signed: SignedHead) -> None:
        """In the file, or, where that cannot be written, at least in the logs."""
        try:
            heads.append(self._file, signed)
        except OSError as error:
            log.error("audit head not kept", file=str(self._file), error=error.strerror)
        syslog.syslog(syslog.LOG_AUTHPRIV | syslog.LOG_NOTICE, f"arqueue audit head {signed.line}")
