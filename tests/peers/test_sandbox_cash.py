"""Disputes, and payments that stood with the wrong customer: what the sandbox ledger books of them, and what it refuses."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arqueue.control.commands import (
    Adjust,
    ApplyPayment,
    Command,
    Dispute,
    Expected,
    Identify,
    Line,
    Resolve,
    Unapply,
    new_id,
    seal,
)
from arqueue.model.money import Money
from data.peers.sandbox.server import settle
from data.peers.sandbox.server.ledger import Ledger
from tests.peers.sandbox_books import DAY, SandboxBooks, open_books


@pytest.fixture
def books(tmp_path: Path) -> Iterator[SandboxBooks]:
    """A ledger of this test alone; whatever the test did, its figures agree at the end."""
    with open_books(tmp_path) as books:
        yield books
        books.check()


def _usd(text: str) -> Money:
    return Money.parse(text, "USD")


def _do(books: SandboxBooks, command: Command) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(books.place(books.order(command)).answer)
    return told


def _code(books: SandboxBooks, command: Command) -> str:
    return str(_do(books, command)["error"]["code"])


def _entry(books: SandboxBooks, key: int) -> dict[tuple[str, int], int]:
    """An entry of the journal: debit less credit by account and customer, in minor units."""
    with books.ledger.read() as connection:
        rows = connection.execute(
            "SELECT account, party_id, debit - credit AS amount FROM journal_line WHERE entry_id = ?", (key,)
        ).fetchall()
    return {(row["account"], row["party_id"]): row["amount"] for row in rows}


def _entries(books: SandboxBooks) -> int:
    with books.ledger.read() as connection:
        count: int = connection.execute("SELECT count(*) FROM journal_entry").fetchone()[0]
    return count


class TestDisputes:
    """A dispute stands on the item, its words in a note; the books do not move."""

    @pytest.fixture
    def invoice(self, books: SandboxBooks) -> int:
        """An invoice of 100.00."""
        return books.issue("invoice", books.party(), 10_000)

    def _dispute(self, item: int, amount: str = "40.00") -> Dispute:
        return Dispute(f"item:{item}", _usd(amount), "PRICE", "agreed on 2.50")

    def test_reason_on_the_item_and_words_in_a_note(self, books: SandboxBooks, invoice: int) -> None:
        """The note carries the order's id and says how much, why and what else; nothing is posted."""
        before = _entries(books)
        order = books.order(self._dispute(invoice))
        answer = json.loads(books.place(order).answer)
        assert answer["state"] == "posted"
        assert answer["moved"] == []
        item = books.row("item", invoice)
        assert (item["dispute"], item["residual"], item["version"]) == ("PRICE", "100.00", "2")
        (note,) = [row for row in answer["rows"] if row["kind"] == "note"]
        assert answer["refs"] == [note["id"]]
        assert (note["target"], note["command_id"]) == (f"item:{invoice}", order.id)
        assert note["text"] == "Disputed by 40.00 USD: PRICE\nagreed on 2.50"
        assert _entries(books) == before

    @pytest.mark.parametrize("outcome", ["valid", "invalid"])
    def test_its_end_clears_the_reason(self, books: SandboxBooks, invoice: int, outcome: str) -> None:
        """Whoever was right; the note says who."""
        _do(books, self._dispute(invoice))
        answer = _do(books, Resolve(f"item:{invoice}", outcome, "credit follows"))
        assert books.row("item", invoice)["dispute"] == ""
        texts = [row["text"] for row in answer["rows"] if row["kind"] == "note"]
        assert texts == [f"Dispute ended: {outcome}\ncredit follows"]

    def test_a_dispute_outlives_the_payment_and_can_still_be_ended(
        self, books: SandboxBooks, invoice: int
    ) -> None:
        """An item that was settled meanwhile is cleared like any other."""
        _do(books, self._dispute(invoice))
        _do(books, Adjust(f"item:{invoice}", _usd("100.00"), "x", "method:BAD", DAY))
        assert _do(books, Resolve(f"item:{invoice}", "valid"))["state"] == "posted"

    def test_a_second_dispute_is_refused(self, books: SandboxBooks, invoice: int) -> None:
        """already: with the reason that stands."""
        _do(books, self._dispute(invoice))
        answer = _do(books, self._dispute(invoice, "1.00"))
        assert answer["error"]["code"] == "already"
        assert "PRICE" in answer["error"]["message"]

    def test_what_is_not_disputed_cannot_be_resolved(self, books: SandboxBooks, invoice: int) -> None:
        """already"""
        assert _code(books, Resolve(f"item:{invoice}", "valid")) == "already"

    def test_a_credit_is_refused(self, books: SandboxBooks) -> None:
        """invalid: only what is owed is disputed."""
        payment = books.issue("payment", books.party(), 10_000)
        assert _code(books, self._dispute(payment)) == "invalid"

    def test_a_closed_item_is_refused(self, books: SandboxBooks, invoice: int) -> None:
        """invalid"""
        _do(books, Adjust(f"item:{invoice}", _usd("100.00"), "x", "method:BAD", DAY))
        assert _code(books, self._dispute(invoice)) == "invalid"

    @pytest.mark.parametrize(
        "amount, code", [("100.01", "insufficient"), ("0.00", "invalid"), ("-1.00", "invalid")]
    )
    def test_an_amount_that_is_not_open_is_refused(
        self, books: SandboxBooks, invoice: int, amount: str, code: str
    ) -> None:
        """More than is open, nothing, less than nothing."""
        assert _code(books, self._dispute(invoice, amount)) == code

    def test_another_currency_is_refused(self, books: SandboxBooks, invoice: int) -> None:
        """unsupported"""
        command = Dispute(f"item:{invoice}", Money.parse("1.00", "EUR"), "PRICE")
        assert _code(books, command) == "unsupported"

    def test_what_the_author_saw_is_compared(self, books: SandboxBooks, invoice: int) -> None:
        """An order that says what it saw is stale once that is no longer so; one that says nothing is carried out."""
        seen = {f"item:{invoice}": Expected("1", _usd("100.00"))}
        _do(books, Adjust(f"item:{invoice}", _usd("1.00"), "x", "method:BAD", DAY))
        stale = seal(new_id(), self._dispute(invoice), seen, "ann")
        assert json.loads(books.place(stale).answer)["error"]["code"] == "stale"
        blind = seal(new_id(), self._dispute(invoice), {}, "ann")
        assert json.loads(books.place(blind).answer)["state"] == "posted"


class TestIdentify:
    """Money goes to the account of who sent it; what was applied of it stays where it is true."""

    def _pay(self, books: SandboxBooks, party: int, currency: str = "USD") -> int:
        return books.issue(
            "payment", party, 10_000, currency, text="inv 7", method="wire", payer="ACME", payer_account="XA1"
        )

    def test_untouched_money_goes_as_it_is(self, books: SandboxBooks) -> None:
        """One entry between the two customers on the control account; the item keeps its id, number and words."""
        suspense, sender = books.party("Suspense"), books.party("Sender")
        payment = self._pay(books, suspense)
        before = books.row("item", payment)
        answer = _do(books, Identify(f"item:{payment}", f"party:{sender}", DAY))
        item, entry = answer["refs"]
        assert item == f"item:{payment}"
        assert _entry(books, int(entry.split(":")[1])) == {
            ("1100", suspense): 10_000,
            ("1100", sender): -10_000,
        }
        after = books.row("item", payment)
        assert after["party_id"] == f"party:{sender}"
        changed = {name for name in after if after[name] != before[name]}
        assert changed == {"party_id", "version", "modified_at"}

    def test_the_rest_of_applied_money_becomes_a_payment_of_its_sender(self, books: SandboxBooks) -> None:
        """Booked out of the old account, to which the payment is applied, and into the new one, with all that the bank said."""
        party, sender = books.party(), books.party("Sender")
        payment, invoice = self._pay(books, party), books.issue("invoice", party, 4_000)
        _do(books, ApplyPayment(f"item:{payment}", (Line(f"item:{invoice}", _usd("40.00")),), DAY))
        answer = _do(books, Identify(f"item:{payment}", f"party:{sender}", DAY))
        into, entry, out, allocation = answer["refs"]
        assert _entry(books, int(entry.split(":")[1])) == {("1100", party): 6_000, ("1100", sender): -6_000}
        rows = {row["id"]: row for row in answer["rows"]}
        assert rows[f"item:{payment}"]["residual"] == "0.00"
        assert rows[f"item:{payment}"]["party_id"] == f"party:{party}"
        moved = rows[into]
        assert (moved["type"], moved["party_id"], moved["residual"]) == (
            "payment",
            f"party:{sender}",
            "-60.00",
        )
        assert (moved["text"], moved["payer"], moved["payer_account"]) == ("inv 7", "ACME", "XA1")
        assert moved["reference"] == rows[f"item:{payment}"]["number"]
        assert (rows[out]["type"], rows[out]["residual"]) == ("journal", "0.00")
        made = rows[allocation]
        assert (made["credit_item"], made["debit_item"], made["amount"]) == (f"item:{payment}", out, "60.00")

    def test_a_rest_in_another_currency_keeps_its_rate(self, books: SandboxBooks) -> None:
        """What it was worth when it came in is what it is worth on the new account; no exchange difference arises."""
        party, sender = books.party(currency="EUR"), books.party("Sender", currency="EUR")
        payment, invoice = self._pay(books, party, "EUR"), books.issue("invoice", party, 3_333, "EUR")
        line = Line(f"item:{invoice}", Money(3_333, "EUR"))
        _do(books, ApplyPayment(f"item:{payment}", (line,), DAY))
        worth = books.row("item", payment)["residual_base"]
        with books.ledger.write() as writing:
            writing.run("UPDATE rate SET rate = '2.5' WHERE currency = 'EUR'")
        answer = _do(books, Identify(f"item:{payment}", f"party:{sender}", DAY))
        assert books.row("item", int(answer["refs"][0].split(":")[1]))["residual_base"] == worth

    def test_it_can_go_on_and_back(self, books: SandboxBooks) -> None:
        """What was moved is a payment like any other: it moves again, and numbers do not collide."""
        first, second = books.party("One"), books.party("Two")
        payment, invoice = self._pay(books, first), books.issue("invoice", first, 1_000)
        _do(books, ApplyPayment(f"item:{payment}", (Line(f"item:{invoice}", _usd("10.00")),), DAY))
        _do(books, Identify(f"item:{payment}", f"party:{second}", DAY))
        with books.ledger.read() as connection:
            (made,) = connection.execute(
                "SELECT id FROM allocation WHERE debit_item = ?", (invoice,)
            ).fetchall()
        pair = (f"item:{payment}", f"item:{invoice}")
        _do(books, Unapply(f"allocation:{made['id']}", *pair, _usd("10.00"), DAY))
        answer = _do(books, Identify(f"item:{payment}", f"party:{second}", DAY))
        assert answer["state"] == "posted"
        with books.ledger.read() as connection:
            found = connection.execute(
                "SELECT number, party_id, residual FROM item WHERE kind = 'payment' ORDER BY id"
            ).fetchall()
        number = books.row("item", payment)["number"]
        assert [(row["number"], row["party_id"], row["residual"]) for row in found] == [
            (number, first, 0),
            (f"{number}-2", second, -9_000),
            (f"{number}-3", second, -1_000),
        ]

    def test_the_same_order_twice_moves_once(self, books: SandboxBooks) -> None:
        """The answer is repeated byte by byte."""
        payment, sender = self._pay(books, books.party()), books.party("Sender")
        order = books.order(Identify(f"item:{payment}", f"party:{sender}", DAY))
        first, again = books.place(order), books.place(order)
        assert (again.answer, again.replayed) == (first.answer, True)
        assert _entries(books) == 2

    def test_the_census_and_the_feed_tell_of_it(self, books: SandboxBooks) -> None:
        """What is open on the new account is in the census under the new version, and in the feed as its last word."""
        payment, sender = self._pay(books, books.party()), books.party("Sender")
        _do(books, Identify(f"item:{payment}", f"party:{sender}", DAY))
        assert books.census() == {f"item:{payment}": ("2", "-100.00")}
        assert books.changed()[-1]["id"] == f"item:{payment}"

    def test_nothing_to_move(self, books: SandboxBooks) -> None:
        """insufficient for money that is applied in full, already for who has it, invalid for what is no payment, not_found for
        nobody."""
        party, sender = books.party(), books.party("Sender")
        payment, invoice = self._pay(books, party), books.issue("invoice", party, 10_000)
        assert _code(books, Identify(f"item:{invoice}", f"party:{sender}", DAY)) == "invalid"
        assert _code(books, Identify(f"item:{payment}", f"party:{party}", DAY)) == "already"
        assert _code(books, Identify(f"item:{payment}", "party:999", DAY)) == "not_found"
        _do(books, ApplyPayment(f"item:{payment}", (Line(f"item:{invoice}", _usd("100.00")),), DAY))
        assert _code(books, Identify(f"item:{payment}", f"party:{sender}", DAY)) == "insufficient"

    def test_stale_unexpected_and_locked(self, books: SandboxBooks) -> None:
        """The payment must be named with what was seen of it, must still be so, and the period must be open."""
        payment, sender = self._pay(books, books.party()), books.party("Sender")
        command = Identify(f"item:{payment}", f"party:{sender}", DAY)
        blind = seal(new_id(), command, {}, "ann")
        assert json.loads(books.place(blind).answer)["error"]["code"] == "invalid"
        seen = {f"item:{payment}": Expected("1", _usd("-99.00"))}
        stale = seal(new_id(), command, seen, "ann")
        assert json.loads(books.place(stale).answer)["error"]["code"] == "stale"
        with books.ledger.write() as writing:
            writing.run("UPDATE company SET lock_date = ?", DAY.isoformat())
        assert _code(books, command) == "locked_period"

    def test_a_bounced_payment_leaves_a_true_account(self, books: SandboxBooks) -> None:
        """The bank takes all of it back from who it was booked on; what was moved stays to be moved back."""
        party, sender = books.party(), books.party("Sender")
        payment, invoice = self._pay(books, party), books.issue("invoice", party, 4_000)
        _do(books, ApplyPayment(f"item:{payment}", (Line(f"item:{invoice}", _usd("40.00")),), DAY))
        refs = _do(books, Identify(f"item:{payment}", f"party:{sender}", DAY))["refs"]
        with books.ledger.write() as writing:
            settle.return_payment(writing, payment, "R01", DAY)
        assert books.residual(invoice) == "40.00"
        assert books.residual(int(refs[0].split(":")[1])) == "-60.00"
        assert books.residual(int(refs[2].split(":")[1])) == "60.00"


def test_a_ledger_from_before_payers_gets_their_columns(tmp_path: Path) -> None:
    """Opening it is enough; what was there says nothing of payers, what comes says it."""
    with open_books(tmp_path) as books:
        old = books.issue("payment", books.party(), 100)
        path = books.ledger.path
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE item DROP COLUMN payer")
    connection.execute("ALTER TABLE item DROP COLUMN payer_account")
    connection.close()
    ledger = Ledger(path)
    try:
        books = SandboxBooks(ledger)
        assert books.row("item", old)["payer"] == ""
        new = books.issue("payment", books.party(), 100, payer="ACME")
        assert books.row("item", new)["payer"] == "ACME"
    finally:
        ledger.close()
