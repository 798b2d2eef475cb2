"""Who can have a customer: oneself first, then the others, then whoever the rules name."""

from __future__ import annotations

from data.broker.protocol import PersonRow
from screens.persons import PersonRows

DUTIES = frozenset({"collector", "senior", "supervisor"})
RULES = ("", "by the rules", "whomever the people file names")


class Colleagues(PersonRows):
    """A person a row; the last is nobody in particular."""

    def __init__(self, people: list[PersonRow], me: str) -> None:
        able = [person for person in people if DUTIES & set(person["roles"])]
        able.sort(key=lambda person: person["id"] != me)
        super().__init__(
            [
                *(
                    (
                        person["id"],
                        person["name"],
                        "you" if person["id"] == me else ", ".join(person["roles"]),
                    )
                    for person in able
                ),
                RULES,
            ]
        )
