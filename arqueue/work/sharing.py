"""Who may do what with work that is shared: pure, each refusal with the rule and what to do instead."""

from __future__ import annotations

from arqueue.errors import Refused
from arqueue.model.people import People, Person, Role

_DUTIES = frozenset({Role.COLLECTOR, Role.SENIOR, Role.SUPERVISOR})


def may_put_off(person: Person, assignee: str | None) -> None:
    """Snooze or plan one's own work or what is nobody's. Raises Refused."""
    _may_change(person)
    if assignee not in (None, person.id) and not person.supervises:
        raise Refused(
            f"this is {assignee}'s work",
            f"ask {assignee} or a supervisor, or write a note",
            rule="own work only",
        )


def may_assign(person: Person, people: People, owner: str | None, to: str | None) -> None:
    """Take what is nobody's and give one's own away; a supervisor gives anybody's to anybody, and back to the rules. Raises
    Refused, NotFound."""
    _may_change(person)
    if to is not None:
        can_work(people, to)
    if person.supervises:
        return
    if owner not in (None, person.id):
        raise Refused(
            f"this customer is {owner}'s", "a supervisor may give it to you", rule="own customers only"
        )
    if owner is None and to != person.id:
        raise Refused(
            "what is nobody's can be taken, not given",
            "a supervisor gives work to others",
            rule="own customers only",
        )


def may_pin(person: Person, assignee: str | None) -> None:
    """Put one's own work on top of the list; a supervisor anybody's. Raises Refused."""
    _may_change(person)
    if assignee != person.id and not person.supervises:
        raise Refused(
            "a pinned row is on top for everybody",
            "take the customer first",
            rule="supervisors pin others' work",
        )


def may_set_absence(person: Person, people: People, whose: str, stand_in: str) -> None:
    """Say when one is away; a supervisor says it of anybody. Raises Refused, NotFound."""
    _may_change(person)
    can_work(people, whose)
    can_work(people, stand_in)
    if whose == stand_in:
        raise Refused(
            f"{whose} cannot stand in for {whose}", "name somebody else", rule="another person stands in"
        )
    may_end_absence(person, whose)


def may_swap(person: Person, people: People, one: str, other: str) -> None:
    """Let two people have each other's rows for a time: a supervisor's word, since it is about both. Raises Refused, NotFound."""
    may_set_absence(person, people, one, other)
    may_end_absence(person, one, swap=True)


def may_end_absence(person: Person, whose: str, *, swap: bool = False) -> None:
    """Take back one's own absence; a supervisor anybody's and a swap, also of somebody whom the people file no longer names.
    Raises Refused."""
    _may_change(person)
    if person.supervises:
        return
    if whose != person.id:
        raise Refused(
            f"when {whose} is away is not yours to say", "ask a supervisor", rule="supervisors set absence"
        )
    if swap:
        raise Refused("a swap is about two people's work", "ask a supervisor", rule="supervisors swap")


def can_work(people: People, person_id: str) -> None:
    """Whether there is somebody who can have customers. Raises NotFound, Refused."""
    if people.get(person_id).roles.isdisjoint(_DUTIES):
        raise Refused(
            f"{person_id} works no customers",
            "name a collector, a senior or a supervisor",
            rule="whoever has work can do it",
        )


def _may_change(person: Person) -> None:
    if person.roles.isdisjoint(_DUTIES):
        raise Refused(
            "your role looks at the work and leaves it as it is",
            "ask a collector or a supervisor",
            rule="whoever has work can do it",
        )
