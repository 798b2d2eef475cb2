"""Entries in Tryton that bear references of ours, whichever order they are of.

A write-off and a payment that was moved always leave one. An application leaves one only where a line was cut for it, and remarks
cannot be searched by what they say: those come with the feed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from arqueue.control.commands import Adjust, ApplyPayment, Identify, Unapply, head_in
from arqueue.model.money import Money
from data.peers.contract import Posting
from data.peers.tryton.feed import PAGE
from data.peers.tryton.reader import Reader
from data.peers.tryton.rows import LINE_FIELDS, Line, line_of
from data.peers.tryton.rpc import Row
from data.peers.tryton.steps import MOVE, TAKEN_BACK

LISTED: Final = frozenset({Adjust.op, Identify.op})
_TAG: Final = re.compile(r"(?:^|\s)arqueue ([0-9a-f]{32})$")
_ANY: Final = f"%arqueue {'_' * 32}"
_ORDER: Final = (Adjust.op, Unapply.op, Identify.op, ApplyPayment.op)
"""What an order is that left entries of several kinds: lines are cut for whatever follows."""


async def ours(reader: Reader, since: datetime | None) -> list[Posting]:
    """One a command. Raises as `Reader.rows`."""
    found: dict[str, list[Posting]] = defaultdict(list)
    after = 0
    while True:
        domain: list[Any] = [["description", "like", _ANY], ["id", ">", after]]
        if since is not None:
            domain.append(["create_date", ">=", since.astimezone(UTC).replace(tzinfo=None)])
        rows = await reader.rows(
            MOVE, domain, ["number", "journal", "description", "create_date"], limit=PAGE
        )
        for posting in await _postings(reader, rows):
            found[posting.command_id].append(posting)
        if len(rows) < PAGE:
            return [min(each, key=lambda posting: _ORDER.index(posting.op)) for each in found.values()]
        after = rows[-1]["id"]


async def _postings(reader: Reader, rows: Sequence[Row]) -> list[Posting]:
    journals = await reader.journals(row["journal"] for row in rows)
    names = await reader.names()
    lines: dict[int, list[tuple[Line, int | None]]] = defaultdict(list)
    fields = [*LINE_FIELDS, "party"]
    domain = [["account.type.receivable", "=", True]]
    for raw in await reader.rows_of(
        "account.move.line", "move", {row["id"] for row in rows}, fields, also=domain
    ):
        lines[raw["move"]].append((line_of(raw, names), raw["party"]))
    tagged = [(row, tag[1]) for row in rows if (tag := _TAG.search(str(row["description"] or "")))]
    return [
        _posting(row, command_id, journals[row["journal"]].kind, lines[row["id"]])
        for row, command_id in tagged
    ]


def _posting(row: Row, command_id: str, journal: str, lines: Sequence[tuple[Line, int | None]]) -> Posting:
    """What an entry says of the order that made it."""
    parties = [party for _, party in lines if party is not None]
    amount: Money | None = None
    left = ""
    if journal == "write-off":
        op = Unapply.op if TAKEN_BACK in str(row["description"]) else Adjust.op
        if op == Adjust.op and len(lines) == 1:
            line = lines[0][0]
            amount = Money(abs(line.minor), line.currency)
    elif len(set(parties)) > 1:
        op = Identify.op
        left, amount = _left(lines)
    else:
        op = ApplyPayment.op
    return Posting(
        command_id=command_id,
        op=op,
        at=row["create_date"].replace(tzinfo=UTC).isoformat(timespec="microseconds"),
        amount=amount,
        about=left or (f"party:{parties[0]}" if parties else ""),
        party=left,
        refs=(str(row["number"]),),
        head=head_in(str(row["description"])),
    )


def _left(lines: Sequence[tuple[Line, int | None]]) -> tuple[str, Money | None]:
    """Whose account a payment left, and how much: its lines are taken off by debits."""
    taken = [(line, party) for line, party in lines if line.minor > 0]
    accounts, currencies = {party for _, party in taken}, {line.currency for line, _ in taken}
    if len(accounts) != 1 or len(currencies) != 1:
        return "", None
    (party,), (currency,) = accounts, currencies
    return f"party:{party}", Money(sum(line.minor for line, _ in taken), currency)
