"""The broker's socket: who is there says the kernel, and a slow or dead face never holds anybody up."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import socket
import struct
from pathlib import Path
from typing import Any

import structlog

from arqueue.errors import ArqueueError, Invalid, Refused
from arqueue.model.people import Person
from data.broker import protocol
from data.broker.core import Core
from data.broker.service import Service, Session, error_row
from data.store.queue import Delta

log = structlog.get_logger()
_CREDENTIALS = struct.Struct("3i")
_BEHIND = 256 * 1024
"""A face that has not read so many bytes is lagging: it gets no pushes until it reads again."""
_GIVEN_UP = 8 * 1024 * 1024
"""A face this far behind is cut off; its own end reconnects."""
_IN_FLIGHT = 32
_STATUS_EVERY_S = 0.2


class Server:
    """Accepts faces, answers each request as its own task, pushes what changed."""

    def __init__(self, core: Core, path: Path, group: str = "") -> None:
        self._core, self._path, self._group = core, path, group
        self._service = Service(core)
        self._faces: set[_Face] = set()
        self._server: asyncio.AbstractServer | None = None
        self._status_due: asyncio.TimerHandle | None = None
        self._pushes: set[asyncio.Task[None]] = set()
        self.idle_since: float = asyncio.get_running_loop().time()

    @property
    def faces(self) -> int:
        """How many are connected."""
        return len(self._faces)

    async def start(self) -> None:
        """Open the socket, 0660, in a folder that only its owner may write."""
        folder = self._path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        before = os.umask(0o117)
        try:
            self._server = await asyncio.start_unix_server(
                self._accept, str(self._path), limit=protocol.REQUEST_CAP * 2
            )
        finally:
            os.umask(before)
        if self._group:
            import shutil  # only a team's broker has a group

            shutil.chown(self._path, group=self._group)
            shutil.chown(folder, group=self._group)
            folder.chmod(0o750)
        self._core.on_changed = self._push_changed
        self._core.on_command = self._push_command
        self._core.on_status = self._push_status

    async def stop(self) -> None:
        """Close the socket and hang up on everybody."""
        if self._server is not None:
            self._server.close()
        for face in list(self._faces):
            face.abort()
        if self._status_due is not None:
            self._status_due.cancel()
        for task in list(self._pushes):
            task.cancel()
        self._path.unlink(missing_ok=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            session = self._who(writer)
        except ArqueueError as error:
            with contextlib.suppress(OSError):
                writer.write(protocol.pack({"id": 1, "error": error_row(error)}))
                await writer.drain()
                writer.close()
            return
        face = _Face(session, writer)
        self._faces.add(face)
        try:
            await self._serve(face, reader)
        except (ArqueueError, OSError) as error:
            log.info("face dropped", person=session.person.id, error=str(error))
        finally:
            self._faces.discard(face)
            face.abort()
            if not self._faces:
                self.idle_since = asyncio.get_running_loop().time()

    def _who(self, writer: asyncio.StreamWriter) -> Session:
        """The person behind the uid that the kernel names. Raises Refused for strangers."""
        raw = writer.get_extra_info("socket").getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size
        )
        _, uid, _ = _CREDENTIALS.unpack(raw)
        try:
            account = pwd.getpwuid(uid).pw_name
        except KeyError:
            account = f"uid:{uid}"
        person: Person | None = self._core.people.of_account(account, uid)
        if person is None:
            raise Refused(
                f"the Unix account {account} (uid {uid}) belongs to no person of this company",
                "an administrator adds it to the people file",
                rule="known people only",
            )
        return Session(uid, account, person)

    async def _serve(self, face: _Face, reader: asyncio.StreamReader) -> None:
        gate = asyncio.Semaphore(_IN_FLIGHT)
        tasks: set[asyncio.Task[None]] = set()
        try:
            while (message := await protocol.read_frame(reader, protocol.REQUEST_CAP)) is not None:
                await gate.acquire()
                task = asyncio.create_task(self._answer(face, message, gate))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        finally:
            for task in tasks:
                task.cancel()

    async def _answer(self, face: _Face, message: Any, gate: asyncio.Semaphore) -> None:
        number = message.get("id") if isinstance(message, dict) else None
        try:
            if not isinstance(message, dict) or not isinstance(number, int):
                raise Invalid("a request needs an id and a method", "use the client of the same version")
            result = await self._service.answer(
                face.session, str(message.get("method")), message.get("params", {})
            )
            face.send(protocol.pack({"id": number, "result": result}))
        except ArqueueError as error:
            face.send(protocol.pack({"id": number, "error": error_row(error)}))
        except Exception:
            log.exception("request failed", method=str(message.get("method"))[:40])
            row = {
                "code": "error",
                "message": "the broker failed at this request",
                "hint": "see the broker's log",
            }
            face.send(protocol.pack({"id": number, "error": row}))
        finally:
            gate.release()

    def _push_changed(self, delta: Delta) -> None:
        ids = list(delta.ids) if len(delta.ids) <= 200 else []
        self._push({"push": "changed", "generation": delta.generation, "ids": ids})
        self._push_status()

    def _push_command(self, command_id: str) -> None:
        if self._faces:
            self._start(self._tell_command(command_id))

    async def _tell_command(self, command_id: str) -> None:
        for face in list(self._faces):
            answer = await self._service.answer(face.session, "command", {"id": command_id})
            face.push({"push": "command", "command": answer["command"]})

    def _push_status(self) -> None:
        """Soon, and once for everything that happened meanwhile."""
        if self._faces and self._status_due is None:
            loop = asyncio.get_running_loop()
            self._status_due = loop.call_later(_STATUS_EVERY_S, lambda: self._start(self._tell_status()))

    async def _tell_status(self) -> None:
        self._status_due = None
        for face in list(self._faces):
            face.push({"push": "status", "status": await self._core.status(face.session.person)})

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._pushes.add(task)
        task.add_done_callback(self._pushes.discard)

    def _push(self, message: dict[str, Any]) -> None:
        for face in self._faces:
            face.push(message)


class _Face:
    """One connection's sending side; writing never waits."""

    def __init__(self, session: Session, writer: asyncio.StreamWriter) -> None:
        self.session, self._writer, self._lagging = session, writer, False

    def send(self, frame: bytes) -> None:
        """An answer. A face that takes none is cut off."""
        transport = self._writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > _GIVEN_UP:
            self.abort()
            return
        self._writer.write(frame)

    def push(self, message: dict[str, Any]) -> None:
        """News, unless the face lags: then one word that it missed some, when it reads again."""
        behind = self._writer.transport.get_write_buffer_size() > _BEHIND
        if behind:
            self._lagging = True
            return
        if self._lagging:
            self._lagging = False
            self.send(protocol.pack({"push": "lagged"}))
            return
        self.send(protocol.pack(message))

    def abort(self) -> None:
        """Hang up at once."""
        self._writer.transport.abort()
