"""Who is at the other end of one connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from arqueue.errors import Refused
from arqueue.model.people import People, Person
from data.store.audit import Actor


@dataclass(slots=True, eq=False, weakref_slot=True)
class Session:
    """One connected face: the uid that the kernel named, and whom the people file, as it is now, means by it. ``acting_as`` is
    for demo companies, and for the broker's own person."""

    uid: int
    account: str
    people: Callable[[], People]
    acting_as: str = ""

    @property
    def person(self) -> Person:
        """The person behind it now. Raises Refused for one whom the people file does not name, or not any more."""
        person = self.among(self.people())
        if person is None:
            who = self.acting_as or f"the Unix account {self.account} (uid {self.uid})"
            raise Refused(
                f"{who} belongs to no person of this company",
                "an administrator adds it to the people file",
                rule="known people only",
            )
        return person

    def among(self, people: People) -> Person | None:
        """The person behind it among these; None for one whom they do not name."""
        return people.find(self.acting_as) if self.acting_as else people.of_account(self.account, self.uid)

    def require_person(self) -> None:
        """Whoever was taken out of the people file is refused everything. Raises Refused."""
        _ = self.person

    @property
    def is_known(self) -> bool:
        """Whether there is still somebody behind it."""
        try:
            self.require_person()
        except Refused:
            return False
        return True

    @property
    def actor(self) -> Actor:
        """For the audit. Raises Refused."""
        return Actor(self.person.id, self.uid)
