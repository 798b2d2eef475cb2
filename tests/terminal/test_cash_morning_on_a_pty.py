"""A collector's cash morning with keys on a real PTY: payment after payment with ``a 1 Enter`` in one burst and ``y`` after
reading; then the ledger is asked what was posted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from data.demo.launch import Demo, demo
from data.demo.story import EXACT_AMOUNT, HOSTILE, OLDEST_FIRST, PARENT_PAYS, TWO_NAMED
from data.peers.sandbox.accountant import Accountant
from tests.terminal.cash_books import asked
from tests.terminal.cash_pages import Outbox, Queue, Review, amount
from tests.terminal.face import Face

pytestmark = pytest.mark.timeout(400)
_PAYMENT = re.compile(r"(?m)^(?P<cursor>[> ]).* (?P<number>PAY-[\d-]+)(?::|…|$)")


@pytest.fixture
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A tiny demo company, whose twenty unapplied payments are a morning's work."""
    with demo(tmp_path_factory.mktemp("morning"), size="tiny") as running:
        yield running


@dataclass(slots=True)
class Ledger:
    """Accounting's side: three more payments, and what is in the books."""

    company: Demo
    ambiguous: str = ""
    short: str = ""
    over: str = ""
    numbers: dict[str, str] = field(default_factory=dict)

    def make(self) -> None:
        """One payment that two of three equal invoices fit, one that is 30.00 short, one that is 20.00 over."""

        async def make(books: Accountant) -> None:
            async def paid(value: str, text: str, *invoices: str) -> str:
                party = await books.create_party(f"Customer of {value}", currency="EUR")
                body = {"party": party, "currency": "EUR"}
                numbers = []
                for invoice in invoices:
                    made = await books.call("POST", "/v1/accountant/invoices", {**body, "amount": invoice})
                    numbers.append(made["rows"][0]["number"])
                payment = {**body, "amount": value, "text": text.format(*numbers)}
                made = await books.call("POST", "/v1/accountant/payments", payment)
                return str(made["rows"][0]["number"])

            self.ambiguous = await paid("250.00", "", "125.00", "125.00", "125.00")
            self.short = await paid("270.00", "inv {0} less breakage", "300.00", "811.40")
            self.over = await paid("120.00", "{0} with thanks", "100.00")

        asyncio.run(self._talk(make))

    async def _talk(self, work: Any) -> Any:
        books = Accountant(self.company.peer.url, self.company.accountant_token)
        try:
            return await work(books)
        finally:
            await books.close()

    def rows(self) -> list[dict[str, Any]]:
        """Every entity as the ledger has it now."""

        async def read(books: Accountant) -> list[dict[str, Any]]:
            found: dict[str, dict[str, Any]] = {}
            cursor, more = "", True
            while more:
                body = await books.call("GET", f"/v1/changes?cursor={cursor}&limit=5000")
                found |= {row["id"]: row for row in body["rows"]}
                cursor, more = body["cursor"], body["more"]
            return list(found.values())

        rows: list[dict[str, Any]] = asyncio.run(self._talk(read))
        return rows


@dataclass(slots=True)
class Morning:
    """What was done, and what the screen said of it."""

    applied: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    """By payment: what each item gets by the suggestion that was taken."""
    identified: dict[str, str] = field(default_factory=dict)
    after: dict[str, Decimal] = field(default_factory=dict)
    """By item: what the last review said would be open."""
    orders: int = 0


def payments(face: Face) -> list[tuple[str, bool]]:
    """The payments in the list, and which one the cursor is on."""
    return [(row["number"], row["cursor"] == ">") for row in _PAYMENT.finditer(face.text)]


def under(face: Face) -> str:
    """The payment under the cursor."""
    face.until(lambda: any(here for _, here in payments(face)), "a payment under the cursor")
    return next(number for number, here in payments(face) if here)


def handle(company: Demo, face: Face, morning: Morning, number: str) -> None:
    """One payment: three keys in one burst, the review, ``y``."""
    found = asked(company, "suggest", payment=number)
    face.presses("a", "1", "enter")
    verb = "Identify" if found["unidentified"] else "Apply"
    face.sees(rf"Review: {verb} (payment )?{re.escape(number)}\b")
    review = Review(face)
    if found["unidentified"]:
        morning.identified[number] = found["payers"][0]["party_id"]
    else:
        lines = {line["number"]: amount(line["amount"]) for line in found["suggestions"][0]["lines"]}
        assert review.lines.keys() == {number, *lines}
        morning.applied[number] = lines
        morning.after |= {item: line.after for item, line in review.lines.items()}
    morning.orders += max(1, len(review.orders))
    review.posts()


def looks(face: Face, number: str) -> str:
    """The first suggestion as the form says it before anything is done: how many are as good, what does not come out even."""
    first = Queue(face).applies(number).ways[0]
    face.presses("escape")
    face.until(lambda: payments(face), "the list again")
    return f"{first.answers or 'alone'}, {first.difference}"


def can_be_handled(company: Demo, number: str) -> bool:
    """Whether anything is proposed for it."""
    found = asked(company, "suggest", payment=number)
    return bool(found["payers"] if found["unidentified"] else found["suggestions"])


def test_payment_after_payment_with_four_keys_each(company: Demo) -> None:
    """Exact, one of several, short, over, and of unknown senders: every key lands, and the ledger has what the reviews said."""
    asked(company, "sync", wait=True)
    ledger = Ledger(company)
    ledger.make()
    asked(company, "sync", wait=True)
    morning, done = Morning(), list[str]()
    said = {
        ledger.ambiguous: "1 of 3, even",
        ledger.short: "alone, short 30.00",
        ledger.over: "alone, over 20.00",
    }
    with Face("--config", str(company.settings.file), columns=99, rows=40) as face:
        face.sees(r"All \d\d")
        face.sees("ledger reachable")
        face.presses("2")
        face.sees(r"(?m)^ 23 rows")
        while len(done) < 23:
            number = under(face)
            assert number not in done, face.text
            done.append(number)
            rows = [each for each, _ in payments(face)]
            following = rows[rows.index(number) + 1 :][:1]
            if number in said:
                assert looks(face, number) == said[number]
            if can_be_handled(company, number):
                handle(company, face, morning, number)
            else:
                face.presses("j")
            if following:
                face.until(lambda: under(face) == following[0], f"the cursor on {following[0]}")  # noqa: B023
        Outbox(face).opens()
        face.sees(rf"Outbox  all {morning.orders} ")
        face.until(lambda: "outbox 0" in face.text, "an empty outbox")
    assert said.keys() <= morning.applied.keys()
    assert len(morning.applied) >= 10
    assert "PAY-7101" in morning.identified
    agrees(company, ledger, morning)


def agrees(company: Demo, ledger: Ledger, morning: Morning) -> None:
    """Orders, allocations, residuals and customers, by the ledger's own account."""
    orders = asked(company, "outbox", limit=200)["rows"]
    assert [row["state"] for row in orders] == ["posted"] * morning.orders
    rows = ledger.rows()
    items = {row["id"]: row for row in rows if "residual" in row}
    numbers = {row["number"]: row for row in items.values()}
    assert {number: Decimal(numbers[number]["residual"]) for number in morning.after} == morning.after
    paid: dict[str, dict[str, Decimal]] = {number: {} for number in morning.applied}
    for row in (row for row in rows if row["kind"] == "allocation" and row["command_id"]):
        credit, debit = (items[row[side]]["number"] for side in ("credit_item", "debit_item"))
        if credit in paid:
            paid[credit][debit] = Decimal(row["amount"])
    for situation in (TWO_NAMED, EXACT_AMOUNT, OLDEST_FIRST, PARENT_PAYS, HOSTILE):
        assert paid[situation.payment] == {item: Decimal(minor) / 100 for item, minor in situation.answer}
    for payment, lines in morning.applied.items():
        assert sum(paid[payment].values()) == sum(lines.values())
        assert paid[payment].keys() == {item for item, value in lines.items() if value > 0}
    for payment, party in morning.identified.items():
        assert numbers[payment]["party_id"] == party
