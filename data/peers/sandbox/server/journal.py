"""Posting: every amount that moves is a balanced entry, in the document's currency and in the company's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from data.peers.sandbox.server.ledger import Writing
from data.peers.sandbox.server.refusal import LedgerRefused, OutOfBalance
from data.peers.sandbox.server.schema import CONTROL


@dataclass(frozen=True, slots=True)
class Leg:
    """One line to be: debit positive, credit negative, in minor units; ``base`` in the company's currency."""

    account: str
    currency: str
    amount: int
    base: int
    party: int | None = None


def control(party: int, currency: str, amount: int, base: int) -> Leg:
    """A line on the receivables control account; it names its customer, so that the account splits by customer."""
    return Leg(CONTROL, currency, amount, base, party)


def check_period(writing: Writing, on: date) -> None:
    """Raises LedgerRefused for a date in a closed period."""
    lock = writing.company.lock_date
    if lock is not None and on <= lock:
        raise LedgerRefused(
            "locked_period", f"the books are closed up to {lock}, and this is dated {on}", "use a later date"
        )


def post(writing: Writing, on: date, kind: str, memo: str, legs: Iterable[Leg], command_id: str = "") -> int:
    """Write a balanced entry; its key. Raises LedgerRefused for a closed period, OutOfBalance for a defect."""
    check_period(writing, on)
    lines = merged(legs)
    if not lines or sum(leg.base for leg in lines) != 0:
        raise OutOfBalance(f"{memo}: debits and credits differ", "this is a defect of the sandbox ledger")
    entry = writing.insert(
        "journal_entry", {"posted_on": on.isoformat(), "kind": kind, "memo": memo, "command_id": command_id}
    )
    writing.db.conn.executemany(
        "INSERT INTO journal_line VALUES (?,?,?,?,?,?,?,?,?)", line_rows(entry, lines)
    )
    writing.entries.append(entry)
    return entry


def merged(legs: Iterable[Leg]) -> list[Leg]:
    """Legs on the same account, customer and currency become one; what cancels out vanishes."""
    sums: dict[tuple[str, int | None, str], tuple[int, int]] = {}
    for leg in legs:
        amount, base = sums.get((leg.account, leg.party, leg.currency), (0, 0))
        sums[leg.account, leg.party, leg.currency] = amount + leg.amount, base + leg.base
    return [
        Leg(account, currency, amount, base, party)
        for (account, party, currency), (amount, base) in sums.items()
        if amount or base
    ]


def line_rows(
    entry: int, lines: Iterable[Leg]
) -> list[tuple[int, int, str, int | None, str, int, int, int, int]]:
    """The rows of an entry's lines, debits and credits in their own columns."""
    return [
        (
            entry,
            place,
            leg.account,
            leg.party,
            leg.currency,
            max(leg.amount, 0),
            max(-leg.amount, 0),
            max(leg.base, 0),
            max(-leg.base, 0),
        )
        for place, leg in enumerate(lines, 1)
    ]
