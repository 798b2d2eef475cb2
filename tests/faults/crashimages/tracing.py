"""What a broker did to its disk and whom it told what, in order: read from strace."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arqueue.control.states import CommandState

CALLS = "openat,write,writev,pwrite64,pwritev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,sendto,sendmsg"
_LINE = re.compile(r"^(\d+) +(.*)$")
_CALL = re.compile(r"^(\w+)\((.*)\) += (-?\d+)")
_RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
_UNFINISHED = " <unfinished ...>"
_AT_ONCE = ("write(", "pwrite64(", "ftruncate(", "sendto(")
_PIECE = re.compile(r'"((?:\\x[0-9a-f]{2})*)"|<((?:\\x[0-9a-f]{2})*)>')
_COMMAND = re.compile(rb'"id":"([0-9a-f]{32})"}$')
_ID = re.compile(r"^[0-9a-f]{32}$")
_STATES = frozenset(CommandState)


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes to a file; at its end where no offset is given."""

    name: str
    offset: int | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file has this size now."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Create:
    """A name that may not have been there is."""

    name: str


@dataclass(frozen=True, slots=True)
class Unlink:
    """A name goes."""

    name: str


@dataclass(frozen=True, slots=True)
class Rename:
    """A file has another name, and whatever had that one is gone."""

    name: str
    to: str


@dataclass(frozen=True, slots=True)
class Sync:
    """A file, or the folder (an empty name), is on disk."""

    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was told that a command is there, in this state (empty: in any)."""

    command: str
    state: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The bytes of a command left for the ledger."""

    command: str


@dataclass(frozen=True, slots=True)
class Ready:
    """Somebody was answered: the store is made."""


Event = Write | Truncate | Create | Unlink | Rename | Sync | Told | Sent | Ready


def command_line(log: Path, program: Sequence[str]) -> list[str]:
    """strace around a program and its threads, with every byte and every path in hexadecimal."""
    options = ["--seccomp-bpf", "-f", "-q", "-y", "-xx", "-s", str(16 << 20), "-e", f"trace={CALLS}"]
    return ["strace", *options, "-e", "signal=none", "-o", str(log), *program]


def events(log: Path, folder: Path) -> Iterator[Event]:
    """What happened to the files of the folder. A call counts from where it began; a sync holds from where it ended."""
    begun: dict[str, str] = {}
    early: set[str] = set()
    with log.open(encoding="ascii") as lines:
        for line in lines:
            found = _LINE.match(line.rstrip("\n"))
            if found is None:
                continue
            thread, text = found.groups()
            if text.endswith(_UNFINISHED):
                begun[thread] = text.removesuffix(_UNFINISHED)
                if begun[thread].startswith(_AT_ONCE):
                    early.add(thread)
                    yield from _of_call(f"{begun[thread]}) = 0", folder)
            elif resumed := _RESUMED.match(text):
                head = begun.pop(thread)
                if thread in early:
                    early.discard(thread)
                else:
                    yield from _of_call(head + resumed.group(2), folder)
            else:
                yield from _of_call(text, folder)


def _of_call(text: str, folder: Path) -> Iterator[Event]:
    found = _CALL.match(text)
    if found is None or found.group(3).startswith("-"):
        return
    call, given, _ = found.groups()
    pieces = _pieces(given)
    if call in ("sendto", "sendmsg", "write") and _is_socket(pieces):
        yield from _told(pieces[1] if len(pieces) > 1 else b"")
        return
    name = _name(pieces, folder)
    if name is None:
        return
    match call:
        case "writev" | "pwritev":
            raise ValueError(f"the broker uses {call} on {name}, which this reader does not know")
        case "rename" | "renameat" | "renameat2":
            yield Rename(*(each for piece in pieces if (each := _name([piece], folder))))
        case "openat" if "O_CREAT" in given:
            yield Create(name)
        case "write":
            yield Write(name, None, pieces[1])
        case "pwrite64":
            yield Write(name, int(given.rpartition(", ")[2]), pieces[1])
        case "ftruncate":
            yield Truncate(name, int(given.rpartition(", ")[2]))
        case "fsync" | "fdatasync":
            yield Sync(name)
        case "unlink" | "unlinkat":
            yield Unlink(name)


def _pieces(given: str) -> list[bytes]:
    """Every quoted text and every path of a descriptor."""
    return [bytes.fromhex((text or path).replace("\\x", "")) for text, path in _PIECE.findall(given)]


def _is_socket(pieces: Sequence[bytes]) -> bool:
    return bool(pieces) and pieces[0].startswith((b"socket:", b"UNIX", b"TCP"))


def _name(pieces: Sequence[bytes], folder: Path) -> str | None:
    """Which file of the folder a call is about: empty for the folder itself, None for any other place."""
    for piece in pieces:
        path = piece.decode("utf-8", "replace").removesuffix(" (deleted)")
        if path == str(folder):
            return ""
        if path.startswith(f"{folder}/"):
            return path.removeprefix(f"{folder}/")
    return None


def _told(data: bytes) -> Iterator[Event]:
    """What left by a socket: frames to faces, or an order to the ledger."""
    if found := _COMMAND.search(data):
        yield Sent(found.group(1).decode())
        return
    while len(data) > 4:
        size = int.from_bytes(data[:4], "big")
        frame, data = data[4 : 4 + size], data[4 + size :]
        try:
            message = json.loads(frame)
        except ValueError:
            return
        if isinstance(message, dict) and ("result" in message or "push" in message):
            yield Ready()
            yield from _commands_in(message)


def _commands_in(message: Any) -> Iterator[Told]:
    if isinstance(message, list):
        for each in message:
            yield from _commands_in(each)
    elif isinstance(message, dict):
        state = message.get("state")
        if state in _STATES:
            if _ID.match(str(message.get("id", ""))):
                yield Told(message["id"], str(state))
            for each in message.get("ids", []):
                yield Told(each, "")
        for value in message.values():
            yield from _commands_in(value)
