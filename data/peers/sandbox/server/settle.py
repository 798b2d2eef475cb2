"""Settling: credits applied to debits and taken back, differences written off, payments returned.

Applying moves no money, so it posts nothing unless the two items were booked at different rates (an exchange difference) or
belong to different customers (a transfer between them).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from arqueue.model.money import Money
from data.peers.sandbox.server.documents import Document, add_item, next_number
from data.peers.sandbox.server.journal import Leg, check_period, control, merged, post
from data.peers.sandbox.server.ledger import Writing
from data.peers.sandbox.server.refusal import LedgerRefused
from data.peers.sandbox.server.schema import BANK, EXCHANGE


def item_row(writing: Writing, key: int) -> Any:
    """An item. Raises LedgerRefused(not_found)."""
    row = writing.one("SELECT * FROM item WHERE id = ?", key)
    if row is None:
        raise LedgerRefused("not_found", f"there is no item:{key}", "look at the feed: it may be gone")
    return row


def base_part(residual: int, residual_base: int, amount: int) -> int:
    """The magnitude in the company's currency of a part of what is open; the last part takes all that is left."""
    residual, base = abs(residual), abs(residual_base)
    return base if amount == residual else base * amount // residual


def settlement_legs(
    currency: str, payer: int, debtor: int, amount: int, base_credit: int, base_debit: int
) -> list[Leg]:
    """What an application posts: nothing (all cancels out) within one customer at one rate."""
    return [
        control(payer, currency, amount, base_credit),
        control(debtor, currency, -amount, -base_debit),
        Leg(EXCHANGE, currency, 0, base_debit - base_credit),
    ]


def apply_credit(
    writing: Writing, credit: int, debit: int, amount: int, on: date, *, memo: str, command_id: str = ""
) -> int:
    """Settle a part of a debit with a credit; the allocation's key. Raises LedgerRefused: insufficient, unsupported…"""
    giver, taker = item_row(writing, credit), item_row(writing, debit)
    _check_pair(writing, giver, taker, amount, on)
    base_credit, base_debit = _base_part(giver, amount), _base_part(taker, amount)
    legs = _legs(giver, taker, amount, base_credit, base_debit)
    if merged(legs):
        post(writing, on, "settlement", memo, legs, command_id)
    _move(writing, credit, amount, base_credit)
    _move(writing, debit, -amount, -base_debit)
    key = writing.insert(
        "allocation",
        {
            "credit_item": credit,
            "debit_item": debit,
            "currency": giver["currency"],
            "amount": amount,
            "base_credit": base_credit,
            "base_debit": base_debit,
            "made_on": on.isoformat(),
            "command_id": command_id,
        },
    )
    writing.touch("allocation", key)
    return key


def _check_pair(writing: Writing, giver: Any, taker: Any, amount: int, on: date) -> None:
    check_period(writing, on)
    if amount <= 0:
        raise LedgerRefused("invalid", "amount: must be more than nothing", "give a positive amount")
    if giver["total"] > 0 or taker["total"] < 0:
        raise LedgerRefused(
            "invalid", "only a credit can be applied, and only to a debit", "choose other items"
        )
    if giver["currency"] != taker["currency"]:
        raise LedgerRefused(
            "unsupported",
            f"{giver['number']} is in {giver['currency']}, {taker['number']} in {taker['currency']}",
            "this ledger applies within one currency; exchange the payment in the books first",
        )
    for row in (giver, taker):
        if amount > abs(row["residual"]):
            raise insufficient(row, amount)


def insufficient(row: Any, amount: int) -> LedgerRefused:
    """The refusal of more than is open."""
    open_, wanted = Money(abs(row["residual"]), row["currency"]), Money(amount, row["currency"])
    return LedgerRefused(
        "insufficient",
        f"{row['number']} is open by {open_} {row['currency']}, not by {wanted}",
        "look at the item again and take less",
        items=(row["id"],),
    )


def _legs(giver: Any, taker: Any, amount: int, base_credit: int, base_debit: int) -> list[Leg]:
    parties = giver["party_id"], taker["party_id"]
    return settlement_legs(giver["currency"], *parties, amount, base_credit, base_debit)


def _base_part(row: Any, amount: int) -> int:
    return base_part(row["residual"], row["residual_base"], amount)


def _move(writing: Writing, key: int, amount: int, base: int) -> None:
    writing.run(
        "UPDATE item SET residual = residual + ?, residual_base = residual_base + ?, version = version + 1,"
        " modified_at = ? WHERE id = ?",
        amount,
        base,
        writing.stamp,
        key,
    )
    writing.touch("item", key)


def unapply(writing: Writing, key: int, on: date, *, memo: str, command_id: str = "") -> Any:
    """Take an allocation back: both items are open again by its amount; its row. Raises LedgerRefused."""
    row = writing.one("SELECT * FROM allocation WHERE id = ?", key)
    if row is None:
        raise LedgerRefused("not_found", f"there is no allocation:{key}", "look at the feed: it may be gone")
    pair = (row["credit_item"], row["debit_item"])
    if row["void"]:
        raise LedgerRefused("already", "it was taken back before", "nothing is left to do", items=pair)
    giver, taker = item_row(writing, pair[0]), item_row(writing, pair[1])
    if giver["returned"]:
        raise LedgerRefused(
            "invalid", f"{giver['number']} was returned by the bank", "there is nothing to free", items=pair
        )
    if taker["kind"] == "journal" and _entry_kind(writing, taker) == "transfer":
        raise LedgerRefused(
            "invalid",
            f"this part of {giver['number']} was moved to another customer",
            "move it back from there",
            items=pair,
        )
    _release(writing, row, giver, taker, on, memo, command_id)
    return row


def _entry_kind(writing: Writing, item: Any) -> str:
    return str(writing.one("SELECT kind FROM journal_entry WHERE id = ?", item["entry_id"])["kind"])


def _release(
    writing: Writing, row: Any, giver: Any, taker: Any, on: date, memo: str, command_id: str = ""
) -> None:
    check_period(writing, on)
    legs = [
        Leg(leg.account, leg.currency, -leg.amount, -leg.base, leg.party)
        for leg in _legs(giver, taker, row["amount"], row["base_credit"], row["base_debit"])
    ]
    if merged(legs):
        post(writing, on, "settlement", memo, legs, command_id)
    _move(writing, giver["id"], -row["amount"], -row["base_credit"])
    _move(writing, taker["id"], row["amount"], row["base_debit"])
    writing.run("UPDATE allocation SET void = 1, version = version + 1 WHERE id = ?", row["id"])
    writing.touch("allocation", row["id"])


def write_off(
    writing: Writing,
    key: int,
    amount: int,
    method: str,
    on: date,
    *,
    memo: str,
    text: str = "",
    command_id: str = "",
) -> tuple[int, int, int]:
    """Book a part of an item to the method's GL account; keys of entry, journal item and allocation. Raises LedgerRefused."""
    row = item_row(writing, key)
    code = method.removeprefix("method:")
    found = writing.one("SELECT * FROM method WHERE code = ?", code)
    if found is None:
        raise LedgerRefused(
            "not_found", f"there is no adjustment method {code!r}", "GET /v1/company lists them"
        )
    if amount <= 0:
        raise LedgerRefused("invalid", "amount: must be more than nothing", "give a positive amount")
    if amount > abs(row["residual"]):
        raise insufficient(row, amount)
    side = -1 if row["residual"] > 0 else 1
    base = side * _base_part(row, amount)
    legs = [
        control(row["party_id"], row["currency"], side * amount, base),
        Leg(found["account"], row["currency"], -side * amount, -base),
    ]
    entry = post(writing, on, "adjustment", memo, legs, command_id)
    journal = Document(
        kind="journal",
        party=row["party_id"],
        currency=row["currency"],
        total=side * amount,
        on=on,
        reference=row["number"],
        text=f"{found['name']}: {text}" if text else found["name"],
        method=code,
    )
    other = add_item(writing, journal, next_number(writing, "journal"), base, entry)
    credit, debit = (other, key) if side < 0 else (key, other)
    allocation = apply_credit(writing, credit, debit, amount, on, memo=memo, command_id=command_id)
    return entry, other, allocation


def return_payment(writing: Writing, key: int, code: str, on: date) -> int:
    """A payment bounced: free what it had paid, book the money out; the key of the reversing journal item. Raises
    LedgerRefused."""
    payment = item_row(writing, key)
    if payment["kind"] != "payment":
        raise LedgerRefused("invalid", f"{payment['number']} is not a payment", "only payments are returned")
    if payment["returned"]:
        raise LedgerRefused("already", f"{payment['number']} was returned before", "nothing is left to do")
    memo = f"return {payment['number']} {code}"
    for row in writing.rows("SELECT * FROM allocation WHERE credit_item = ? AND NOT void", key):
        _release(writing, row, item_row(writing, key), item_row(writing, row["debit_item"]), on, memo)
    amount, base = -payment["total"], -payment["total_base"]
    legs = [
        control(payment["party_id"], payment["currency"], amount, base),
        Leg(BANK, payment["currency"], -amount, -base),
    ]
    entry = post(writing, on, "return", memo, legs)
    reversal = Document(
        kind="journal",
        party=payment["party_id"],
        currency=payment["currency"],
        total=amount,
        on=on,
        reference=payment["number"],
        text=f"Return {code}",
    )
    other = add_item(writing, reversal, next_number(writing, "journal"), base, entry)
    apply_credit(writing, key, other, amount, on, memo=memo)
    writing.run("UPDATE item SET returned = ? WHERE id = ?", code, key)
    return other
