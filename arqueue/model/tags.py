"""Tags of customers, as ledgers call them (categories, labels) and as rules and the filter line ask for them: one word each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from arqueue.model.text import clean_line

_LONG: Final = 40
_MANY: Final = 50


def tag_of(name: str) -> str:
    """A name as one word in small letters, so that "Key account" is found as ``key-account``; empty for nothing."""
    return "-".join(clean_line(name, limit=_LONG).lower().split())


def tags_of(names: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order of the alphabet; of very many the first."""
    return tuple(sorted({tag for name in names if (tag := tag_of(name))})[:_MANY])
