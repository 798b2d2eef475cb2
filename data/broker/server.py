"""The broker's socket: who is there says the kernel, and a slow or dead face never holds anybody up."""

from __future__ import annotations

import asyncio
import contextlib
import pwd
import socket
import struct
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog

from arqueue.errors import ArqueueError, Invalid
from arqueue.model.people import Person
from data.broker import frames
from data.broker.changes import Changes
from data.broker.core import Core
from data.broker.lasting import to_the_end
from data.broker.listening import Listening
from data.broker.service import LASTING, Service, error_row
from data.broker.session import Session

log = structlog.get_logger()
_CREDENTIALS = struct.Struct("iII")
_BEHIND = 256 * 1024
"""A face that has not read so many bytes is lagging: it gets no pushes until it reads again."""
_GIVEN_UP = 8 * 1024 * 1024
"""A face this far behind is cut off; its own end reconnects."""
_IN_FLIGHT = 32
_STATUS_EVERY_S = 0.2
_STAYS: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}
"""Whether its file goes says who made it; newer Pythons would remove it anyway."""


class Server:
    """Accepts faces, answers each request as its own task, pushes what changed."""

    def __init__(self, core: Core, path: Path, group: str = "") -> None:
        self._core, self._listening = core, Listening(path, group)
        self._service = Service(core)
        self._faces: set[_Face] = set()
        self._server: asyncio.AbstractServer | None = None
        self._changes = Changes(self._tell_changed, lambda: len(self._faces))
        self._status_due: asyncio.TimerHandle | None = None
        self._pushes: set[asyncio.Task[None]] = set()
        self.idle_since: float = asyncio.get_running_loop().time()

    @property
    def faces(self) -> int:
        """How many are connected."""
        return len(self._faces)

    async def start(self) -> None:
        """Let faces in. Raises StoreRefused, ConfigInvalid."""
        listener = self._listening.open()
        self._core.on_changed = self._changes.add
        self._core.on_command = self._push_command
        self._core.on_status = self._push_status
        self._service.attending.tell = self._tell_presence
        try:
            # it listens only now, so that nobody meets a socket whose group is not set yet
            self._server = await asyncio.start_unix_server(
                self._accept, sock=listener, limit=frames.REQUEST_CAP * 2, **_STAYS
            )
        except BaseException:
            listener.close()
            raise

    async def stop(self) -> None:
        """Close the socket and hang up on everybody."""
        if self._server is not None:
            self._server.close()
        for face in list(self._faces):
            face.abort()
        self._changes.stop()
        if self._status_due is not None:
            self._status_due.cancel()
        for task in list(self._pushes):
            task.cancel()
        self._listening.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            session = await self._who(writer)
        except (ArqueueError, OSError) as error:
            await _turn_away(writer, error)
            return
        face = _Face(session, writer)
        self._faces.add(face)
        try:
            await self._serve(face, reader)
        except (ArqueueError, OSError) as error:
            log.info("face dropped", uid=session.uid, error=type(error).__name__)
        finally:
            self._faces.discard(face)
            face.abort()
            self._service.attending.left(session)
            if not self._faces:
                self.idle_since = asyncio.get_running_loop().time()

    async def _who(self, writer: asyncio.StreamWriter) -> Session:
        """The person behind the uid that the kernel names. Raises Refused for strangers."""
        raw = writer.get_extra_info("socket").getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size
        )
        _, uid, _ = _CREDENTIALS.unpack(raw)
        # a directory service may take its time to answer: nobody else waits for it
        account = await asyncio.to_thread(_account_of, uid)
        session = Session(uid, account, lambda: self._core.people)
        session.require_person()
        return session

    async def _serve(self, face: _Face, reader: asyncio.StreamReader) -> None:
        gate = asyncio.Semaphore(_IN_FLIGHT)
        tasks: set[asyncio.Task[None]] = set()
        try:
            while True:
                try:
                    message = await frames.read_frame(reader, frames.REQUEST_CAP)
                except Invalid as error:
                    face.send(frames.pack({"id": None, "error": error_row(error)}))
                    continue
                if message is None:
                    break
                await gate.acquire()
                task = asyncio.create_task(self._answer(face, message, gate))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        finally:
            for task in tasks:
                task.cancel()

    async def _answer(self, face: _Face, message: Any, gate: asyncio.Semaphore) -> None:
        number, method = None, ""
        try:
            number, method, params = _taken_apart(message)
            work = self._service.answer(face.session, method, params)
            result = await (to_the_end(work) if method in LASTING else work)
            if method in LASTING and (news := self._changes.so_far()) is not None:
                face.push(frames.pack(news))
            face.send(frames.pack({"id": number, "result": result}))
        except ArqueueError as error:
            face.send(frames.pack({"id": number, "error": error_row(error)}))
        except Exception:
            log.exception("request failed", method=method[:40])
            row = {
                "code": "error",
                "message": "the broker failed at this request",
                "hint": "see the broker's log",
            }
            face.send(frames.pack({"id": number, "error": row}))
        finally:
            gate.release()

    def _tell_changed(self, push: dict[str, Any]) -> None:
        self._push(push)
        self._push_status()

    def _present(self) -> list[tuple[_Face, Person]]:
        """Who is there, as the people file has it now."""
        people = self._core.people
        there = ((face, face.session.among(people)) for face in self._faces)
        return [(face, person) for face, person in there if person is not None]

    def _tell_presence(self, number: int, place: str) -> None:
        """To one face: who else is at the row or customer that it has open."""
        for face in self._faces:
            if id(face.session) == number and face.session.is_known:
                others = self._service.attending.others(face.session, place)
                face.push(frames.pack({"push": "presence", "key": place, "others": others}))

    def _push_command(self, command_id: str) -> None:
        if self._faces:
            self._start(self._tell_command(command_id))

    async def _tell_command(self, command_id: str) -> None:
        if present := self._present():  # a command looks the same to everybody
            answer = await self._service.answer(present[0][0].session, "command", {"id": command_id})
            self._push({"push": "command", "command": answer["command"]})

    def _push_status(self) -> None:
        """Soon, and once for everything that happened meanwhile."""
        if self._faces and self._status_due is None:
            loop = asyncio.get_running_loop()
            self._status_due = loop.call_later(_STATUS_EVERY_S, lambda: self._start(self._tell_status()))

    async def _tell_status(self) -> None:
        """Once for each person, however many screens they have open."""
        self._status_due = None
        faces = self._present()
        for person in {person.id: person for _, person in faces}.values():
            frame = frames.pack({"push": "status", "status": await self._core.status(person)})
            for face, whose in faces:
                if whose.id == person.id:
                    face.push(frame)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._pushes.add(task)
        task.add_done_callback(self._pushed)

    def _pushed(self, task: asyncio.Task[None]) -> None:
        self._pushes.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("push failed", error=type(error).__name__)

    def _push(self, message: dict[str, Any]) -> None:
        frame = frames.pack(message)  # once, however many look on
        for face, _ in self._present():
            face.push(frame)


class _Face:
    """One connection's sending side; writing never waits."""

    def __init__(self, session: Session, writer: asyncio.StreamWriter) -> None:
        self.session, self._writer = session, writer
        self._catching_up: asyncio.Task[None] | None = None
        writer.transport.set_write_buffer_limits(high=_BEHIND)

    def send(self, frame: bytes) -> None:
        """An answer. A face that takes none is cut off."""
        transport = self._writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > _GIVEN_UP:
            log.info("face cut off", uid=self.session.uid, behind=transport.get_write_buffer_size())
            self.abort()
            return
        self._writer.write(frame)

    def push(self, frame: bytes) -> None:
        """News, unless the face lags: then one word that it missed some, as soon as it reads again."""
        if self._catching_up is not None:
            return
        if self._writer.transport.get_write_buffer_size() > _BEHIND:
            self._catching_up = asyncio.create_task(self._catch_up())
            return
        self.send(frame)

    async def _catch_up(self) -> None:
        with contextlib.suppress(OSError):
            await self._writer.drain()
        self._catching_up = None
        self.send(frames.pack({"push": "lagged"}))

    def abort(self) -> None:
        """Hang up at once."""
        if self._catching_up is not None:
            self._catching_up.cancel()
        self._writer.transport.abort()


def _taken_apart(message: Any) -> tuple[int, str, Any]:
    """A request's id, method and parameters. Raises Invalid."""
    if not isinstance(message, dict) or type(message.get("id")) is not int:
        raise Invalid("a request needs an id (a number) and a method", "use the client of the same version")
    method = message.get("method")
    if not isinstance(method, str):
        raise Invalid("a request needs a method (a text)", "use the client of the same version")
    return message["id"], method, message.get("params", {})


async def _turn_away(writer: asyncio.StreamWriter, error: Exception) -> None:
    """The reason goes out as the answer to the greeting, which is the first request."""
    if isinstance(error, ArqueueError):
        with contextlib.suppress(OSError):
            writer.write(frames.pack({"id": 1, "error": error_row(error)}))
            await writer.drain()
    log.info("face turned away", error=type(error).__name__)
    writer.close()


def _account_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid:{uid}"
