"""Everything about one item or one customer on a page: what the account beside the list has no room for."""

from __future__ import annotations

from datetime import datetime
from textwrap import wrap

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from data.broker.protocol import Account, AllocationRow, ItemRow, NoteRow, PartyRow
from screens import words
from screens.account import promised
from screens.page import Page

Pieces = list[tuple[str, str]]
LABEL = 12


class DetailsPage(Page):
    """One item with its text and what is applied, or one customer with everybody of the family; notes and orders in full."""

    def __init__(self, account: Account, item: ItemRow | None, applied: list[AllocationRow]) -> None:
        super().__init__()
        self._account, self._item, self._applied = account, item, applied

    def content(self) -> ComposeResult:
        """All of it."""
        yield Static(id="details", markup=False)

    def on_resize(self) -> None:
        """Another width, other lines."""
        width = max(30, self.size.width - 6)
        account, item = self._account, self._item
        notes = [note for note in account["notes"] if item is None or note["target"] == item["id"]]
        orders = [row for row in account["commands"] if item is None or row["target"] == item["id"]]
        now = self.desk.now()
        pieces = _item(item, self._applied, width) if item else _customer(account, width)
        numbers = {row["id"]: row["number"] for row in account["items"]} if item is None else {}
        pieces += _notes(notes, numbers, width, now)
        promises = account.get("promises", []) if item is None else []
        if promises:
            pieces.append(("\n\nPromises to pay", "bold"))
        for promise in promises:
            line = f"{words.moment(promise['at'], now)} {promise['person']}  {promised.state(promise)}  {promised.said(promise)}"
            pieces += _wrapped(line, width)
        if orders:
            pieces.append(("\n\nOrders", "bold"))
        for row in orders:
            line = f"{words.moment(row['created_at'], now)} {row['actor']}  {words.state(row['state'])}  {row['words']}"
            pieces += _wrapped(line, width)
        self.query_one("#details", Static).update(Content.assemble(*pieces))


def _item(item: ItemRow, applied: list[AllocationRow], width: int) -> Pieces:
    currency = item["currency"]
    amounts = f"{words.money(item['open'], currency)} of {words.money(item['total'])}"
    if item["open"] != item["residual"]:
        amounts += f" ({words.money(item['residual'])} in the ledger, the rest is under way)"
    due = words.day(item["due_date"])
    pieces: Pieces = [(f"{item['number']} · {item['kind']}", "bold"), (f"\n{item['party']}\n", "")]
    for label, text in (
        ("Open", amounts),
        ("Dated", words.day(item["doc_date"])),
        ("Due", f"{due}, {words.late(item['days_past_due'])}" if due else ""),
        ("Dispute", item["dispute"]),
        ("Returned", item["returned"]),
        ("Reference", item["reference"]),
        ("Their order", item["purchase_order"]),
        ("Paid by", item["method"]),
        ("Text", item["text"]),
    ):
        pieces += _labelled(label, text, width)
    if applied:
        pieces.append(("\n\nApplied", "bold"))
    for row in applied:
        other = row["debit_number"] if row["credit_item"] == item["id"] else row["credit_number"]
        amount = words.money(row["amount"], row["currency"])
        pieces.append((f"\n{words.day(row['on'])}  {amount:>17}  {other or 'written off'}", ""))
    return pieces


def _customer(account: Account, width: int) -> Pieces:
    party = account["party"]
    limit = party["credit_limit"]
    flags = [word for word, on in (("ON HOLD", party["on_hold"]), ("INACTIVE", not party["active"])) if on]
    pieces: Pieces = [
        (f"{party['name']} · {party['code']}", "bold"),
        ("  ".join(["", *flags]), "bold"),
        ("\n", ""),
    ]
    for label, text in (
        ("Limit", words.money(limit, party["currency"] or "") if limit else "none"),
        ("Terms", party["terms"]),
        ("Head office", party["parent"] or ""),
        ("Family", ", ".join(_name(row) for row in account["family"])),
        ("Phone", ", ".join(party["phones"])),
        ("Mail", ", ".join(party["emails"])),
    ):
        pieces += _labelled(label, text, width)
    return pieces


def _name(party: PartyRow) -> str:
    return f"{party['name']} ({party['code']})"


def _notes(notes: list[NoteRow], numbers: dict[str, str], width: int, now: datetime) -> Pieces:
    pieces: Pieces = [("\n\nNotes", "bold")] if notes else []
    for note in notes:
        state = f"  {words.state(note['state'])}" if note["ours"] and note["state"] != "posted" else ""
        on = f" on {numbers[note['target']]}" if note["target"] in numbers else ""
        pieces.append((f"\n{words.moment(note['at'], now)} {note['author']}{on}{state}", "dim"))
        for line in note["text"].splitlines():
            pieces += _wrapped(line, width, indent="  ")
    return pieces


def _labelled(label: str, text: str, width: int) -> Pieces:
    if not text:
        return []
    lines = [line for part in text.splitlines() for line in wrap(part, width - LABEL) or [""]]
    return [(f"\n{label:<{LABEL}}", "dim"), (("\n" + " " * LABEL).join(lines), "")]


def _wrapped(text: str, width: int, indent: str = "") -> Pieces:
    lines = wrap(text, width, initial_indent=indent, subsequent_indent=indent + "  ")
    return [("\n" + line, "") for line in lines]
