"""Views of the queue: a kind of work, a filter, an order and columns under a name; those that everybody has, and one's own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from arqueue.errors import Invalid
from arqueue.work.filter import Filter, parse

SORTS: Final = {
    "rank": "best first",
    "amount": "largest first, in company currency",
    "age": "oldest first",
    "customer": "by customer's name",
    "due": "longest due first",
}
"""Orders of a view; a minus before one turns it round."""
COLUMNS: Final = ("kind", "age", "amount", "customer", "code", "owner", "score", "about")
"""What a row can show, in the order in which it is shown."""
DEFAULT_COLUMNS: Final = ("kind", "age", "amount", "customer", "about")
DONE: Final = "done"
"""The view of what one did today."""
SAVED_CAP: Final = 50
_NAME = re.compile(r"[^\W_][\w .&+-]{0,29}")


@dataclass(frozen=True, slots=True)
class SavedView:
    """One's own view: ``view`` is the built-in one that it narrows. ``columns`` empty means the usual ones,
    ``digit`` 0 that no key has it."""

    name: str
    view: str = "all"
    filter: Filter = field(default_factory=Filter)
    sort: str = "rank"
    columns: tuple[str, ...] = ()
    digit: int = 0


def saved_view(name: str, view: str, filter_: str, sort: str, columns: str) -> SavedView:
    """A view as somebody asks for it, checked. Raises Invalid, naming the field and the remedy."""
    return SavedView(checked_name(name), view, parse(filter_), checked_sort(sort), checked_columns(columns))


def checked_name(name: str) -> str:
    """A name for a view. Raises Invalid."""
    if not _NAME.fullmatch(name):
        raise Invalid(
            f"name: {name[:40]!r} is no name for a view", "1 to 30 letters, digits, blanks or . & + -"
        )
    return name


def checked_sort(sort: str) -> str:
    """An order by its name. Raises Invalid."""
    if sort.removeprefix("-") not in SORTS:
        raise Invalid(
            f"sort: there is no order {sort[:40]!r}", f"there are {', '.join(SORTS)}; -age turns it round"
        )
    return sort


def checked_columns(text: str) -> tuple[str, ...]:
    """Columns by their names with commas between them; none means the usual ones. Raises Invalid."""
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in wanted:
        if name not in COLUMNS:
            raise Invalid(f"columns: there is no column {name[:40]!r}", f"there are {', '.join(COLUMNS)}")
    return wanted
