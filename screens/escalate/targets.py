"""To whom something can be handed over: the supervisors as a role, then everybody by name."""

from __future__ import annotations

from data.broker.protocol import PersonRow
from screens.persons import PersonRows

SUPERVISORS = "supervisor"


class TargetRows(PersonRows):
    """A role or a person a row; not oneself."""

    def __init__(self, people: list[PersonRow], me: str) -> None:
        others = [person for person in people if person["id"] != me]
        super().__init__(
            [
                (SUPERVISORS, "any supervisor", "whoever of them looks first"),
                *((person["id"], person["name"], ", ".join(person["roles"])) for person in others),
            ]
        )
