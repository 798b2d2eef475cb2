"""How a sound answer is spoilt: pages cut, rows that nobody can read, rows withheld, figures from before."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(slots=True)
class Kept:
    """An answer that was made and not yet sent, and what had been asked."""

    asked: bytes = b""
    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


def _cut_body(kept: Kept, row: str, value: str | None) -> bytes:
    return kept.body[: int(value)] if value else kept.body[: len(kept.body) // 2]


def _cut_rows(kept: Kept, row: str, value: str | None) -> bytes:
    page = json.loads(kept.body)
    page["rows"] = page["rows"][: -int(value or 1)]
    return _dump(page)


def _late(kept: Kept, row: str, value: str | None) -> bytes:
    """Without a row: all of them. Count and cursor are as a ledger would say them that does not see them yet."""
    page = json.loads(kept.body)
    page["rows"] = [one for one in page["rows"] if row and one["id"] != row]
    page["count"] = len(page["rows"])
    return _dump(page)


def _stale_echo(kept: Kept, row: str, value: str | None) -> bytes:
    page, expect = json.loads(kept.body), json.loads(kept.asked)["expect"]
    for one in page.get("rows", ()):
        if one["id"] in expect:
            one["residual"] = expect[one["id"]]["residual"]
    return _dump(page)


def _set(name: str, spoilt: str) -> Callable[[Kept, str, str | None], bytes]:
    """Spoil one field of the row that is named, or of the first row that has it."""

    def spoil(kept: Kept, row: str, value: str | None) -> bytes:
        page = json.loads(kept.body)
        for one in page["rows"]:
            if name in one and row in ("", one["id"]):
                one[name] = spoilt if value is None else value
                break
        return _dump(page)

    return spoil


def _bad_text(kept: Kept, row: str, value: str | None) -> bytes:
    """NUL and half a character (or another text) in a name or a remark."""
    page = json.loads(kept.body)
    for one in page["rows"]:
        name = next((name for name in ("name", "text") if name in one), None)
        if name and row in ("", one["id"]):
            one[name] = "Ruin\x00ed \ud800 name" if value is None else value
            break
    return _dump(page)


def _dump(page: Any) -> bytes:
    return json.dumps(page).encode()


SPOILERS: Final[Mapping[str, Callable[[Kept, str, str | None], bytes]]] = {
    "cut_body": _cut_body,
    "cut_rows": _cut_rows,
    "late": _late,
    "stale_echo": _stale_echo,
    "stale_read": _set("version", "1"),
    "unknown_kind": _set("kind", "widget"),
    "bad_amount": _set("residual", "12,50"),
    "bad_text": _bad_text,
}
