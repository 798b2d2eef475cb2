"""A crowd of faces in one process over bare sockets: it asks as faces do, and costs little beside what it asks for."""

from __future__ import annotations

import argparse
import heapq
import json
import os
import random
import re
import selectors
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SIZE = 64
_HEAD = struct.Struct(">I")
_CREDENTIALS = struct.Struct("iII")
_TICKS = os.sysconf("SC_CLK_TCK")
_TOTAL = re.compile(rb'"total": ?(\d+)')
_FIRST = re.compile(rb'"rows": ?\[\{"id": ?"([^"]+)"')
SYNC_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a face turns to a page, and how often its cursor rests on a row whose account stands beside the list."""

    pages_a_second: float
    rows_a_second: float
    anywhere: bool
    """Pages begin anywhere in the list, where a face asks by multiples of its windows."""


HABITS = {"harsh": Habit(2.0, 0.0, anywhere=True), "working": Habit(0.1, 1 / 1.5, anywhere=False)}
"""``harsh``: more pages than anybody reads. ``working``: a key every second and a half, a page every ten seconds."""


@dataclass(eq=False, slots=True)
class Face:
    """One connection: what it asked and was not answered yet, and which row its cursor is on."""

    line: socket.socket
    chance: random.Random
    got: bytearray = field(default_factory=bytearray)
    asked: dict[int, tuple[str, float]] = field(default_factory=dict)
    number: int = 1
    total: int = 1
    row: str = ""
    again: bool = False

    def ask(self, what: str, method: str, **params: Any) -> None:
        """Send a request; its answer is timed under that name."""
        self.number += 1
        self.asked[self.number] = (what, time.perf_counter())
        self.line.sendall(_frame({"id": self.number, "method": method, "params": params}))

    def turn(self, what: str, *, anywhere: bool) -> None:
        """A window of the list."""
        offset = self.chance.randrange(self.total)
        self.window(what, offset if anywhere else offset // SIZE * SIZE)

    def window(self, what: str, offset: int) -> None:
        """The window that begins there."""
        self.ask(what, "window", view="all", filter="", sort="rank", whole=True, offset=offset, limit=SIZE)

    def changed(self) -> None:
        """The queue is another: one reading at a time, and one more for all that changes meanwhile."""
        if any(what == "read again" for what, _ in self.asked.values()):
            self.again = True
            return
        self.again = False
        if self.row:
            self.ask("place", "locate", view="all", filter="", sort="rank", whole=True, id=self.row)
        self.window("read again", 0)


@dataclass(eq=False, slots=True)
class Crowd:
    """All of them, and what their questions took, in ms by kind."""

    faces: list[Face]
    habit: Habit
    broker: int
    """The process that answers."""
    took: dict[str, list[float]] = field(default_factory=dict)
    due: list[tuple[float, int, str]] = field(default_factory=list)
    watched: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    began: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def begin(self) -> None:
        """Forget what was counted."""
        self.took.clear()
        self.began = self._now()

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.process_time(), processor_s(self.broker)

    def counted(self) -> dict[str, Any]:
        """What was asked since, what it took, and how much of a processor the crowd and the broker used."""
        passed, own, brokers = (now - then for now, then in zip(self._now(), self.began, strict=True))
        use = {"processor of the crowd": own / passed, "processor of the broker": brokers / passed}
        return {
            "seconds": round(passed, 1),
            **{name: round(part, 3) for name, part in use.items()},
            **said(self.took),
        }

    def run(self) -> None:
        """Until the standard input ends."""
        for number, face in enumerate(self.faces):
            self.watched.register(face.line, selectors.EVENT_READ, face)
            face.turn("page", anywhere=False)
            self._plan(number, "page", self.habit.pages_a_second)
            self._plan(number, "row", self.habit.rows_a_second)
        heapq.heappush(self.due, (time.perf_counter(), -1, "sync"))
        self.watched.register(sys.stdin, selectors.EVENT_READ, None)
        while True:
            now = time.perf_counter()
            while self.due and self.due[0][0] <= now:
                self._do(*heapq.heappop(self.due)[1:])
            for key, _ in self.watched.select(max(0.0, self.due[0][0] - time.perf_counter())):
                if key.data is None:
                    if sys.stdin.readline() == "":
                        return
                    self.begin()
                    continue
                self._hear(key.data)

    def _plan(self, number: int, what: str, a_second: float) -> None:
        if a_second:
            wait = self.faces[number].chance.expovariate(a_second)
            heapq.heappush(self.due, (time.perf_counter() + wait, number, what))

    def _do(self, number: int, what: str) -> None:
        if what == "sync":
            self.faces[0].ask("sync", "sync", full=True)
            heapq.heappush(self.due, (time.perf_counter() + SYNC_EVERY_S, -1, "sync"))
            return
        face = self.faces[number]
        if what == "page":
            # a face asks for a page when it has the one before
            if not any(asked == "page" for asked, _ in face.asked.values()):
                face.turn("page", anywhere=self.habit.anywhere)
            self._plan(number, what, self.habit.pages_a_second)
        elif face.row:
            face.ask("account", "show", id=face.row)
            self._plan(number, what, self.habit.rows_a_second)

    def _hear(self, face: Face) -> None:
        data = face.line.recv(1 << 18)
        if not data:
            raise SystemExit("the broker hung up")
        face.got += data
        while len(face.got) >= _HEAD.size:
            (size,) = _HEAD.unpack_from(face.got)
            if len(face.got) < _HEAD.size + size:
                return
            body = bytes(memoryview(face.got)[_HEAD.size : _HEAD.size + size])
            del face.got[: _HEAD.size + size]
            self._answered(face, body)

    def _answered(self, face: Face, body: bytes) -> None:
        """Only what a face needs for its next question is read."""
        if body.startswith(b'{"push"'):
            if b'"changed"' in body[:30] or b'"lagged"' in body[:30]:
                face.changed()
            return
        number = int(body[6 : body.index(b",")])
        if number not in face.asked:
            return
        what, since = face.asked.pop(number)
        self.took.setdefault(what, []).append((time.perf_counter() - since) * 1e3)
        if what in ("page", "read again"):
            if found := _TOTAL.search(body, max(0, len(body) - 200)):
                face.total = max(1, int(found[1]))
            if row := _FIRST.search(body[:200]):
                face.row = row[1].decode()
        if what == "read again" and face.again:
            face.changed()


def opened(path: Path, number: int) -> Face:
    """A face that has greeted."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.connect(str(path))
    line.sendall(_frame({"id": 1, "method": "hello", "params": {"version": 1}}))
    (size,) = _HEAD.unpack(_exactly(line, _HEAD.size))
    _exactly(line, size)
    return Face(line, random.Random(number))


def processor_s(process: int) -> float:
    """Seconds of a processor that a process used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def said(took: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    """Quantiles by kind, in ms."""
    found = {}
    for what, times in sorted(took.items()):
        ordered = sorted(times)
        quantiles = {f"p{part} ms": round(ordered[len(ordered) * part // 100], 1) for part in (50, 95, 99)}
        found[what] = {"n": len(ordered), **quantiles}
    return found


def _frame(message: dict[str, Any]) -> bytes:
    body = json.dumps(message, separators=(",", ":")).encode()
    return _HEAD.pack(len(body)) + body


def _exactly(line: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        part = line.recv(size - len(got))
        if not part:
            raise SystemExit("the broker hung up")
        got += part
    return got


def main() -> None:
    """Say ``ready``; begin to count at each line of the input; at its end print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("socket", type=Path)
    parser.add_argument("--faces", type=int, default=100)
    parser.add_argument("--habit", choices=list(HABITS), default="harsh")
    given = parser.parse_args()
    faces = [opened(given.socket, number) for number in range(given.faces)]
    raw = faces[0].line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    crowd = Crowd(faces, HABITS[given.habit], _CREDENTIALS.unpack(raw)[0])
    crowd.begin()
    print("ready", flush=True)
    crowd.run()
    print(json.dumps(crowd.counted()))


if __name__ == "__main__":
    main()
