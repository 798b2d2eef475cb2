"""Who may do what: persons, roles and limits, read from a file that the persons themselves cannot write."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import combining, normalize

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
    """The most that one action may move; ``reason`` narrows it to one reason code, ``*`` means any. ``per_day`` and
    ``per_customer`` are the most that may be moved under it in any 24 hours, in all and on one customer's account."""

    action: str
    amount: Money
    reason: str = "*"
    per_day: Money | None = None
    per_customer: Money | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the other end of the socket; ``unix`` are the accounts the kernel may name."""

    id: str
    name: str
    roles: frozenset[Role]
    limits: tuple[Limit, ...] = ()
    unix: tuple[str, ...] = ()

    def binding(self, action: str, currency: str, reason: str) -> Limit | None:
        """The limit that binds here, the one for this very reason before the general one; None if there is none."""
        fitting = [
            limit
            for limit in self.limits
            if limit.action == action and limit.amount.currency == currency and limit.reason in (reason, "*")
        ]
        fitting.sort(key=lambda limit: limit.reason == "*")
        return fitting[0] if fitting else None

    def limit_for(self, action: str, currency: str, reason: str) -> Money | None:
        """The most that it lets one order move."""
        limit = self.binding(action, currency, reason)
        return limit.amount if limit else None

    @property
    def reads_only(self) -> bool:
        """True for auditors: they see everything and change nothing."""
        return self.roles == {Role.AUDITOR}

    @property
    def sees_all(self) -> bool:
        """True for those who see what is handed to others too."""
        return self.supervises or Role.AUDITOR in self.roles

    @property
    def supervises(self) -> bool:
        """True for those who see what is escalated to supervisors."""
        return Role.SUPERVISOR in self.roles


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """Whose a customer is: by the first letters of its name (``first`` to ``last``, both included, of any length; empty for open
    ends), by what it owes in the company's currency, in minor units, and by its segment: a tag of the ledger's, empty for any."""

    person: str
    first: str = ""
    last: str = ""
    at_least: int | None = None
    at_most: int | None = None
    tag: str = ""

    @property
    def asks_amount(self) -> bool:
        """Whether what the customer owes has to be known."""
        return self.at_least is not None or self.at_most is not None

    @property
    def upside_down(self) -> str:
        """The range from more to less, by the name of its field; empty where there is none."""
        first, last = _plain(self.first), _plain(self.last)
        if last and first[: len(last)] > last:
            return f'names = "{self.first}-{self.last}"'
        owed = self.at_least is not None and self.at_most is not None and self.at_least > self.at_most
        return "at_least above at_most" if owed else ""

    def fits(self, name: str, owed: int, tags: Collection[str] = ()) -> bool:
        """Whether a customer of that name and with these tags who owes so much falls under it; accents do not count, capitals
        neither."""
        if self.tag and self.tag not in tags:
            return False
        letters = _plain(name)
        first, last = _plain(self.first), _plain(self.last)
        if letters[: len(first)] < first or (last and letters[: len(last)] > last):
            return False
        return (self.at_least is None or owed >= self.at_least) and (
            self.at_most is None or owed <= self.at_most
        )


def _plain(text: str) -> str:
    """Without accents and capitals, as a file of cards is sorted."""
    return "".join(char for char in normalize("NFKD", text.strip()).casefold() if not combining(char))


class People:
    """Everybody the people file names, found by id, by Unix account or by role. ``fault`` is what is wrong with the file now:
    then these are the people of before, and no money moves. ``owners`` are the rules by which customers are shared."""

    def __init__(
        self, people: Iterable[Person], *, owners: Iterable[OwnerRule] = (), fault: str = ""
    ) -> None:
        self.owners = tuple(owners)
        self.fault = fault
        self._by_id = {person.id: person for person in people}
        self._by_account = {account: person for person in self._by_id.values() for account in person.unix}

    def __iter__(self) -> Iterator[Person]:
        return iter(self._by_id.values())

    def find(self, person_id: str) -> Person | None:
        """The person of that id; None for one whom the file does not name."""
        return self._by_id.get(person_id)

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
