"""Every system call of a recording, and at each the images that a power cut may leave: how many were opened, what was found."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from tests.faults.crashimages.disk import Disk, Image, Signature
from tests.faults.crashimages.judging import WITHOUT, Found, Judge, lost
from tests.faults.crashimages.session import Recording
from tests.faults.crashimages.tracing import Event, Ready, Sent, Sync, Told, events

_TMPFS = Path("/dev/shm")
_PASSES = 400


@dataclass(slots=True)
class Tally:
    """How many images were opened, at how many calls; what was wrong how often, with one example each."""

    images: int = 0
    calls: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, example: str) -> None:
        """One more."""
        self.wrong[kind] += 1
        self.examples.setdefault(kind, example)

    def join(self, other: Tally) -> None:
        """Both."""
        self.images += other.images
        self.calls += other.calls
        self.wrong += other.wrong
        self.examples = other.examples | self.examples


@dataclass(slots=True)
class _Seen:
    """What faces and ledger know at a call."""

    told: dict[str, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    ready: bool = False

    def apply(self, event: Event) -> bool:
        """Whether somebody knows more after it."""
        match event:
            case Told(command, state):
                self.told[command] = state or self.told.get(command, "")
            case Sent(command):
                self.sent.add(command)
            case Ready():
                self.ready = True
            case _:
                return False
        return True


def read(recording: Recording) -> list[Event]:
    """All that the brokers did, one after another."""
    return list(chain.from_iterable(events(log, recording.store) for log in recording.logs))


def examine(recording: Recording, images: int, seed: int, *, processes: int = 2, whole: bool = True) -> Tally:
    """Open so many different images. ``whole``: each must be what some transaction left, no more and no less."""
    happened = read(recording)
    tally = Tally()
    with ProcessPoolExecutor(processes) as pool:
        committed = pool.submit(states_of, happened).result() if whole else None
        shares = [
            pool.submit(_share, happened, images // processes, seed, each, processes, committed)
            for each in range(processes)
        ]
        for share in shares:
            tally.join(share.result())
    return tally


def states_of(happened: Sequence[Event]) -> frozenset[bytes]:
    """What the store held after each transaction: its content wherever something was made safe."""
    with judging() as judge:
        disk = Disk(WITHOUT)
        digests = set()
        for event in happened:
            if disk.apply(event) and isinstance(event, Sync):
                digests.add(judge.look(disk.everything()).digest)
        return frozenset(digests - {b""})


def _share(
    happened: Sequence[Event],
    images: int,
    seed: int,
    which: int,
    of: int,
    committed: frozenset[bytes] | None,
) -> Tally:
    """Every so-manieth call, over and over with other parts of what was not safe, until there are as many images."""
    tally = Tally()
    opened: dict[Signature, Found] = {}
    tally.calls = sum(1 for _ in _places(happened, which, of))
    thinned = min(1.0, images / (2 * tally.calls))  # few images are to come from all of the recording
    with judging() as judge:
        for number in range(_PASSES):
            for place, seen, disk in _places(happened, which, of):
                chance = random.Random(f"{seed} {number} {place}")
                if chance.random() > thinned:
                    continue
                for signature, image in _variants(disk, number, chance):
                    if signature not in opened:
                        if len(opened) >= images:
                            tally.images = len(opened)
                            return tally
                        opened[signature] = judge.look(image)
                    if kind := _verdict(opened[signature], seen, committed):
                        tally.add(kind[0], f"call {place}, pass {number}: {kind[1]}")
    tally.images = len(opened)
    return tally


def _places(happened: Sequence[Event], which: int, of: int) -> Iterator[tuple[int, _Seen, Disk]]:
    """The calls of a share after which the disk is another, or somebody knows more."""
    disk, seen = Disk(WITHOUT), _Seen()
    for place, event in enumerate(happened):
        changed = disk.apply(event)
        if (seen.apply(event) or changed) and place % of == which:
            yield place, seen, disk


def _variants(disk: Disk, number: int, chance: random.Random) -> Iterator[tuple[Signature, Image]]:
    if number == 0:
        yield disk.nothing()
        yield disk.all()
    else:
        yield disk.some(chance)


def _verdict(found: Found, seen: _Seen, committed: frozenset[bytes] | None) -> tuple[str, str] | None:
    """What kind of fault it is, and its words; None for a sound image."""
    if found.wrong:
        return found.wrong[0].partition(":")[0], "; ".join(found.wrong)
    if words := lost(found, seen.told, seen.sent):
        return "lost", words
    if seen.ready and committed is not None and found.digest not in committed:
        return "no transaction's", "its content is that of no transaction"
    return None


@contextmanager
def judging() -> Iterator[Judge]:
    """A judge with a folder of its own, on tmpfs where there is one."""
    with tempfile.TemporaryDirectory(
        prefix="arqueue-crash-", dir=_TMPFS if _TMPFS.is_dir() else None
    ) as folder:
        yield Judge(Path(folder))
