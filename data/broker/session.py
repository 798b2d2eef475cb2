"""Who is at the other end of one connection."""

from __future__ import annotations

from dataclasses import dataclass

from arqueue.model.people import Person
from data.store.audit import Actor


@dataclass(slots=True)
class Session:
    """One connected face: the uid that the kernel named, and the person behind it."""

    uid: int
    account: str
    person: Person

    @property
    def actor(self) -> Actor:
        """For the audit."""
        return Actor(self.person.id, self.uid)
