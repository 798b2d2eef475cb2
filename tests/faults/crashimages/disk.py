"""A disk between what was written and what is safe: the images that a power cut may leave.

A file keeps what it was when it was last synced; of what was written after that, any part may be there, in any order, down to
single sectors of 512 bytes. A name that came or went is safe when its folder was synced, or, as on ext4, xfs and btrfs, when the
new file itself was.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.crashimages.tracing import Create, Event, Rename, Sync, Truncate, Unlink, Write

SECTOR = 512
Image = Mapping[str, bytes | bytearray]
Signature = tuple[object, ...]


@dataclass(slots=True, eq=False)
class _File:
    """One inode: its safe content, and what was done to it since."""

    number: int
    safe: bytearray = field(default_factory=bytearray)
    version: int = 0
    pending: list[tuple[int, Write | Truncate]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One operation as far as it reached the disk."""

    index: int
    operation: Write | Truncate
    sectors: tuple[int, ...] | None = None
    """Which of the sectors it touches; None for all."""


class Disk:
    """The store's folder as the events make it."""

    def __init__(self, without: Iterable[str] = ()) -> None:
        self._without = frozenset(without)
        self._files: dict[str, _File] = {}
        self._safe_names: dict[str, _File] = {}
        self._moves: list[dict[str, _File | None]] = []
        self._number = 0
        self._made = 0

    def apply(self, event: Event) -> bool:
        """One event more; whether the disk is another one after it."""
        self._number += 1
        match event:
            case Create(name) if name not in self._without and name not in self._files:
                self._made += 1
                self._files[name] = _File(self._made)
                self._moves.append({name: self._files[name]})
            case Unlink(name) if name in self._files:
                del self._files[name]
                self._moves.append({name: None})
            case Rename(name, to) if name in self._files:
                self._files[to] = self._files.pop(name)
                self._moves.append({name: None, to: self._files[to]})
            case Write(name) | Truncate(name) if name in self._files:
                file = self._files[name]
                file.pending.append((self._number, self._placed(file, event)))
            case Sync(name):
                return self._sync(name)
            case _:
                return False
        return True

    def _placed(self, file: _File, event: Write | Truncate) -> Write | Truncate:
        """What is appended stands where the file ends by then."""
        if isinstance(event, Truncate) or event.offset is not None:
            return event
        return Write(event.name, len(_built(file.safe, _whole(file))), event.data)

    def _sync(self, name: str) -> bool:
        if not name:
            changed = bool(self._moves)
            self._safe_names, self._moves = dict(self._files), []
            return changed
        file = self._files.get(name)
        if file is None:
            return False
        changed = bool(file.pending)
        file.safe = _built(file.safe, _whole(file))
        file.version, file.pending = self._number, []
        for move in [each for each in self._moves if file in each.values()]:
            changed = True
            self._moves.remove(move)
            _move(self._safe_names, move)
        return changed

    def everything(self) -> Image:
        """All of it, as after kill -9."""
        return self.all()[1]

    def nothing(self) -> tuple[Signature, Image]:
        """Only what is safe."""
        return self._image(self._safe_names, {})

    def all(self) -> tuple[Signature, Image]:
        """All of it."""
        return self._image(self._files, {file.number: _whole(file) for file in self._files.values()})

    def some(self, chance: random.Random) -> tuple[Signature, Image]:
        """A part of it, torn and out of order."""
        names = dict(self._safe_names)
        for move in self._moves:
            if chance.random() < 0.5:
                _move(names, move)
        return self._image(names, {file.number: _torn(file, chance) for file in names.values()})

    def _image(self, names: dict[str, _File], pieces: dict[int, Sequence[_Piece]]) -> tuple[Signature, Image]:
        signature = tuple(
            (
                name,
                file.number,
                file.version,
                tuple((piece.index, piece.sectors) for piece in pieces.get(file.number, ())),
            )
            for name, file in sorted(names.items())
        )
        return signature, {
            name: _built(file.safe, pieces.get(file.number, ())) for name, file in names.items()
        }


def _move(names: dict[str, _File], move: Mapping[str, _File | None]) -> None:
    for name, file in move.items():
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file


def _whole(file: _File) -> list[_Piece]:
    return [_Piece(index, operation) for index, operation in file.pending]


def _torn(file: _File, chance: random.Random) -> list[_Piece]:
    """Each operation wholly, in part, or not at all; how much of them is drawn too, so that few are also met."""
    share = chance.choice((0.1, 0.5, 0.9))
    pieces = []
    for index, operation in file.pending:
        if chance.random() >= share:
            continue
        sectors = None
        if isinstance(operation, Write) and chance.random() < 0.3:
            assert operation.offset is not None
            first, last = operation.offset // SECTOR, (operation.offset + len(operation.data) - 1) // SECTOR
            sectors = tuple(each for each in range(first, last + 1) if chance.random() < 0.5)
        pieces.append(_Piece(index, operation, sectors))
    if chance.random() < 0.3:
        chance.shuffle(pieces)
    return pieces


def _built(safe: bytearray, pieces: Sequence[_Piece]) -> bytearray:
    if not pieces:
        return safe
    content = bytearray(safe)
    for piece in pieces:
        operation = piece.operation
        if isinstance(operation, Truncate):
            _resize(content, operation.size)
            continue
        assert operation.offset is not None
        end = operation.offset + len(operation.data)
        if piece.sectors is None:
            _resize(content, max(end, len(content)))
            content[operation.offset : end] = operation.data
            continue
        for sector in piece.sectors:
            start, stop = max(sector * SECTOR, operation.offset), min((sector + 1) * SECTOR, end)
            _resize(content, max(stop, len(content)))
            content[start:stop] = operation.data[start - operation.offset : stop - operation.offset]
    return content


def _resize(content: bytearray, size: int) -> None:
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))
