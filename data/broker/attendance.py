"""Who has what open and who claimed what: in memory and on the boot clock, so that a broker that starts anew, a connection that
broke or a wall clock that jumps leaves nothing locked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LEASE_S = 15 * 60.0
"""So long what was claimed is given to nobody else."""


@dataclass(frozen=True, slots=True)
class _Claim:
    person: str
    face: int
    until_s: float


class Attendance:
    """``face`` is a number of one connection; 0 is nobody's: a claim that outlives its connection until its time is over."""

    def __init__(self, boot_s: Callable[[], float], lease_s: float = LEASE_S) -> None:
        self._boot_s, self._lease_s = boot_s, lease_s
        self._open: dict[int, tuple[str, str, bool]] = {}
        self._claims: dict[str, _Claim] = {}
        self._given: dict[tuple[str, str], float] = {}
        """When a person was last given a row: pressing the key again goes on to the next."""

    # Presence

    def look(self, face: int, person: str, key: str | None, *, here: bool = True) -> set[str]:
        """A face has opened something, only shows it (not ``here``), or with None left it. Returns the keys at which somebody
        came or went for the others."""
        before = self._open.pop(face, None)
        if key is not None:
            self._open[face] = (key, person, here)
        after = self._open.get(face)
        return {each[0] for each in (before, after) if each and each[2]} if before != after else set()

    def others(self, key: str, person: str) -> list[str]:
        """Who else has it open."""
        return sorted({who for at, who, here in self._open.values() if here and at == key and who != person})

    def at(self, key: str) -> list[int]:
        """The faces that show it."""
        return [face for face, (each, _, _) in self._open.items() if each == key]

    # Claims

    def claimed(self, key: str) -> str | None:
        """Who has it; None once the time is over."""
        claim = self._claims.get(key)
        if claim is None or claim.until_s <= self._boot_s():
            self._claims.pop(key, None)
            return None
        return claim.person

    def is_free(self, key: str, person: str, party: str) -> bool:
        """Whether nobody else has claimed or opened it, and this person was not given it just now."""
        return (
            self.claimed(key) is None
            and self._given.get((person, key), float("-inf")) + self._lease_s <= self._boot_s()
            and not self.others(party, person)
        )

    def claim(self, key: str, person: str, face: int) -> None:
        """Give it to somebody; what the same face claimed before is free again. Only what is free may be asked for."""
        now = self._boot_s()
        if face:
            self.release(face)
        self._claims[key] = _Claim(person, face, now + self._lease_s)
        self._given = {each: at for each, at in self._given.items() if at + self._lease_s > now} | {
            (person, key): now
        }

    def release(self, face: int) -> list[str]:
        """Everything that a face claimed is free."""
        free = [key for key, claim in self._claims.items() if claim.face == face]
        for key in free:
            del self._claims[key]
        return free

    def left(self, face: int) -> set[str]:
        """A connection ended: it holds nothing and is nowhere. Returns the keys at which somebody went."""
        self.release(face)
        return self.look(face, "", None)
