"""A calendar file a person, kept up to date in a folder that calendar programs subscribe to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from arqueue.model.people import Person
from arqueue.work import icalendar
from data.broker.core import Core
from data.store import agenda

log = structlog.get_logger()
_EVERY_S = 60.0
_SOON_S = 0.2
_BACK, _AHEAD = timedelta(days=60), timedelta(days=731)


class CalendarFiles:
    """Written when something was planned, and looked at every minute: the rest of the list moves too."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._asked = asyncio.Event()
        self._written: dict[str, str] = {}
        if core.settings.agenda_folder is not None:
            core.beside("calendars", self._for_ever)

    def soon(self) -> None:
        """Something changed."""
        self._asked.set()

    async def text(self, person: Person) -> str:
        """Somebody's calendar file."""
        today = self._core.today()
        store_id, found = await self._core.store.read(
            lambda connection: (
                connection.execute("SELECT value FROM meta WHERE key = 'store_id'").fetchone()[0],
                agenda.entries(connection, person.id, today - _BACK, today + _AHEAD),
            )
        )
        return icalendar.calendar([_event(each, store_id) for each in found], name=f"arqueue: {person.name}")

    async def _for_ever(self) -> None:
        said = ""
        while True:
            self._asked.clear()
            try:
                await self._write_all()
                said = ""
            except OSError as error:
                if str(error) != said:
                    log.warning("calendar files not written", error=type(error).__name__)
                said = str(error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await self._asked.wait()
                    await asyncio.sleep(_SOON_S)

    async def _write_all(self) -> None:
        folder = self._core.settings.agenda_folder
        assert folder is not None
        for person in list(self._core.people):
            text = await self.text(person)
            if self._written.get(person.id) != text:
                await asyncio.to_thread(_put, folder / f"{person.id}.ics", text)
                self._written[person.id] = text


def _put(file: Path, text: str) -> None:
    """At once or not at all: a program that reads meanwhile sees the file of before."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # 0600 from the first byte
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _event(each: agenda.Entry, store_id: str) -> icalendar.Event:
    who = " · ".join(part for part in (each.party, each.party_code) if part)
    amount = f"{each.amount.decimal:,} {each.amount.currency}" if each.amount else ""
    return icalendar.Event(
        uid=f"{each.kind}/{each.work_id}/{each.person}@{store_id[:12]}.arqueue",
        on=each.on,
        summary=" ".join(part for part in (each.subject, each.party) if part) or each.work_id,
        description="\n".join(part for part in (who, amount, each.why) if part),
        stamp=datetime.fromisoformat(each.at),
        sequence=each.seq,
    )
