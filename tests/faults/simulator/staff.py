"""Who works here, what the people file says of them from when to when, and whether an order that leaves is covered: said again in
other words than the product's, so that both would have to be wrong."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from arqueue.control.commands import Adjust, ApplyPayment, Identify, Order, Unapply
from arqueue.model.money import Money
from arqueue.model.people import Limit, People, Person, Role
from tests.faults.simulator.rows import EUR
from tests.faults.simulator.tasks import Task

DAY_S, APPROVAL_S = 24 * 3600.0, 72 * 3600.0
NOTICE_S = 5.0
"""A change of roles counts for what leaves so much later: an order may have been looked at just before."""


def _limit(action: str, most: int, day: int | None = None, customer: int | None = None) -> Limit:
    sums = [None if each is None else Money(each * 100, EUR) for each in (day, customer)]
    return Limit(action, Money(most * 100, EUR), per_day=sums[0], per_customer=sums[1])


def _person(key: str, role: Role, *limits: Limit) -> Person:
    return Person(key, key.title(), frozenset({role}), limits, (key,))


STAFF = (
    _person("anna", Role.COLLECTOR, _limit("adjust", 20, 45), _limit("identify", 60, 80)),
    _person(
        "ben", Role.COLLECTOR, _limit("adjust", 20, None, 30), _limit("apply", 40), _limit("identify", 60, 80)
    ),
    _person("sue", Role.SENIOR, _limit("adjust", 30, 60), _limit("apply", 70, 100)),
    _person("max", Role.SUPERVISOR, _limit("adjust", 60)),
    _person(
        "eve", Role.SUPERVISOR, _limit("adjust", 60), _limit("unapply", 30), _limit("identify", 90, None, 120)
    ),
)


@dataclass(frozen=True, slots=True)
class Yes:
    """Somebody said yes to these bytes; it counts from when the broker took it in, which is within ``task``."""

    person: str
    sha: str
    task: Task
    glass: bool


class Spent(Protocol):
    """What somebody let through."""

    @property
    def person(self) -> str:
        """Who."""

    @property
    def action(self) -> str:
        """What."""

    @property
    def minor(self) -> int:
        """How much, in minor units."""

    @property
    def party(self) -> str:
        """On whose account."""


@dataclass(slots=True)
class Staff:
    """The people file through time."""

    history: list[tuple[float, People]] = field(default_factory=lambda: [(float("-inf"), People(STAFF))])
    said: dict[str, list[Yes]] = field(default_factory=dict)
    """By command id."""

    @property
    def now(self) -> People:
        """As the file is."""
        return self.history[-1][1]

    def change(self, chance: random.Random, at: float) -> str:
        """Somebody edits the file; what was done, in words."""
        people = {person.id: person for person in self.now}
        before = chance.choice(STAFF)
        match chance.choice(["leaves", "reads", "less", "back", "back", "fault"]):
            case "leaves":
                people.pop(before.id, None)
                words = f"{before.id} leaves"
            case "reads":
                people[before.id] = Person(
                    before.id, before.name, frozenset({Role.AUDITOR}), before.limits, before.unix
                )
                words = f"{before.id} only reads"
            case "less":
                less = tuple(Limit(each.action, Money(500, EUR)) for each in before.limits)
                people[before.id] = Person(before.id, before.name, before.roles, less, before.unix)
                words = f"{before.id} has limits of 5"
            case "fault":
                self.history.append((at, People(people.values(), fault="it cannot be read")))
                return "the people file cannot be read"
            case _:
                people[before.id] = before
                words = f"{before.id} is as before"
        self.history.append((at, People(people.values())))
        return words

    def mend(self, at: float) -> None:
        """The file can be read."""
        if self.now.fault:
            self.history.append((at, People(list(self.now))))

    def in_force(self, at: float) -> Iterable[People]:
        """Every version that counted just before."""
        for n, (since, people) in enumerate(self.history):
            until = self.history[n + 1][0] if n + 1 < len(self.history) else float("inf")
            if since <= at and until >= at - NOTICE_S:
                yield people

    def yes(self, command_id: str, person: str, body: bytes, task: Task, *, glass: bool) -> None:
        """Somebody asks for it to be let through."""
        sha = hashlib.sha256(body).hexdigest()
        self.said.setdefault(command_id, []).append(Yes(person, sha, task, glass))

    def has_left(
        self, person: str, action: str, minor: int, party: str, spent: Iterable[Spent], at: float
    ) -> bool:
        """Whether that much more stays within what a person may let through in a day."""
        mine = [each for each in spent if each.person == person and each.action == action]
        versions = [found for people in self.in_force(at) if (found := people.find(person)) is not None]
        return any(_has_left(each, action, minor, party, mine) for each in versions)

    def is_covered(self, order: Order, at: float) -> bool:
        """Whether an order may leave now."""
        given = self.said.get(order.id, [])
        return any(_covered(people, order, given, at) for people in self.in_force(at))


def _has_left(person: Person, action: str, minor: int, party: str, mine: Sequence[Spent]) -> bool:
    limits = [limit for limit in person.limits if limit.action == action]
    for limit in limits:
        for most, used in (
            (limit.per_day, mine),
            (limit.per_customer, [each for each in mine if each.party == party]),
        ):
            if most is not None and sum(each.minor for each in used) + minor > most.minor:
                return False
    return True


def money_of(order: Order) -> int | None:
    """What it moves, in minor units, of a payment that changes its account all that is open; None for what moves nothing."""
    match command := order.command:
        case ApplyPayment():
            return sum(line.amount.minor for line in command.lines)
        case Adjust() | Unapply():
            return command.amount.minor
        case Identify():
            return abs(order.expect[command.payment].residual.minor)
        case _:
            return None


def _covered(people: People, order: Order, given: Sequence[Yes], at: float) -> bool:
    maker = people.find(order.actor)
    if maker is None or maker.roles == {Role.AUDITOR}:
        return False
    minor = money_of(order)
    if minor is None:
        return True
    if people.fault:
        return False
    if _suffices(maker, order.command.op, minor):
        return True
    sha = hashlib.sha256(order.body).hexdigest()
    fresh = [
        (yes, person)
        for yes in given
        if yes.person != order.actor
        and yes.sha == sha
        and at - yes.task.at <= APPROVAL_S + NOTICE_S
        and (person := people.find(yes.person)) is not None
        and person.roles != {Role.AUDITOR}
    ]
    if any(_suffices(person, order.command.op, minor) for yes, person in fresh if not yes.glass):
        return True
    return len({yes.person for yes, person in fresh if yes.glass and Role.SUPERVISOR in person.roles}) >= 2


def _suffices(person: Person, action: str, minor: int) -> bool:
    most = [limit.amount.minor for limit in person.limits if limit.action == action]
    return max(most) >= minor if most else action != "adjust"
