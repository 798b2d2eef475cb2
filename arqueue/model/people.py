"""Who may do what: persons, roles and limits, read from a file that the persons themselves cannot write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from arqueue.errors import NotFound
from arqueue.model.money import Money


class Role(StrEnum):
    """A set of duties."""

    COLLECTOR = "collector"
    SENIOR = "senior"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that one action may move; ``reason`` narrows it to one reason code, ``*`` means any."""

    action: str
    amount: Money
    reason: str = "*"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the other end of the socket; ``unix`` are the accounts the kernel may name."""

    id: str
    name: str
    roles: frozenset[Role]
    limits: tuple[Limit, ...] = ()
    unix: tuple[str, ...] = ()

    def limit_for(self, action: str, currency: str, reason: str) -> Money | None:
        """The limit that binds here, the one for this very reason before the general one; None if there is none."""
        fitting = [
            limit
            for limit in self.limits
            if limit.action == action and limit.amount.currency == currency and limit.reason in (reason, "*")
        ]
        fitting.sort(key=lambda limit: limit.reason == "*")
        return fitting[0].amount if fitting else None

    @property
    def supervises(self) -> bool:
        """True for those who see what is escalated to supervisors."""
        return Role.SUPERVISOR in self.roles


class People:
    """Everybody the people file names, found by id, by Unix account or by role."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._by_id = {person.id: person for person in people}
        self._by_account = {account: person for person in self._by_id.values() for account in person.unix}

    def __iter__(self) -> Iterator[Person]:
        return iter(self._by_id.values())

    def get(self, person_id: str) -> Person:
        """The person of that id. Raises NotFound."""
        try:
            return self._by_id[person_id]
        except KeyError:
            known = ", ".join(sorted(self._by_id))
            raise NotFound(f"there is no person {person_id!r}", f"known persons: {known}") from None

    def of_account(self, name: str, uid: int) -> Person | None:
        """Whom the kernel means; accounts may be written as a name or as ``uid:1000``."""
        return self._by_account.get(name) or self._by_account.get(f"uid:{uid}")
