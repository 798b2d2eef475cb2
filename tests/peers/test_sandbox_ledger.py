"""The sandbox is a real ledger: what it books, what it refuses, what its feed says."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from arqueue.control.commands import Adjust, Annotate, ApplyPayment, Line, Unapply, head_in, new_id, seal
from arqueue.model.money import Money
from data.peers.sandbox.server import documents, feed, parties, postings, settle
from data.peers.sandbox.server.journal import Leg, post
from data.peers.sandbox.server.refusal import LedgerRefused, OutOfBalance
from tests.peers.books import HEAD
from tests.peers.sandbox_books import DAY, SandboxBooks, open_books


@pytest.fixture
def books(tmp_path: Path) -> Iterator[SandboxBooks]:
    """A ledger of this test alone; whatever the test did, its figures agree at the end."""
    with open_books(tmp_path) as books:
        yield books
        books.check()


def _usd(text: str) -> Money:
    return Money.parse(text, "USD")


def _answer(books: SandboxBooks, command: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(books.place(books.order(command)).answer)
    return told


def _code(answer: dict[str, Any]) -> str:
    return str(answer["error"]["code"])


def test_an_entry_that_does_not_balance_cannot_be_committed(books: SandboxBooks) -> None:
    """Neither in the company's currency, nor in that of the document."""
    legs = [Leg("1000", "USD", 100, 100), Leg("4000", "USD", -99, -99)]
    with pytest.raises(OutOfBalance), books.ledger.write() as writing:
        post(writing, DAY, "test", "crooked", legs)
    legs = [Leg("1000", "USD", 100, 100), Leg("4000", "EUR", -100, -100)]
    with pytest.raises(OutOfBalance), books.ledger.write() as writing:
        post(writing, DAY, "test", "crooked between currencies", legs)
    with books.ledger.read() as connection:
        assert connection.execute("SELECT count(*) FROM journal_entry").fetchone()[0] == 0


@pytest.mark.parametrize("table", ["journal_entry", "journal_line"])
def test_the_journal_is_only_ever_added_to(books: SandboxBooks, table: str) -> None:
    """What was posted can be neither changed nor deleted, by anybody."""
    books.issue("invoice", books.party(), 100)
    column = "memo = 'x'" if table == "journal_entry" else "debit = 5"
    for sql in (f"UPDATE {table} SET {column}", f"DELETE FROM {table}"):
        with (
            pytest.raises(sqlite3.IntegrityError, match="only ever added to"),
            books.ledger.write() as writing,
        ):
            writing.run(sql)


def test_an_item_can_never_be_open_by_more_than_its_total_or_less_than_nothing(books: SandboxBooks) -> None:
    """Not even by SQL: the table itself refuses."""
    key = books.issue("invoice", books.party(), 100)
    for residual in (-1, 101):
        with pytest.raises(sqlite3.IntegrityError), books.ledger.write() as writing:
            writing.run("UPDATE item SET residual = ? WHERE id = ?", residual, key)


def test_instalments_carry_what_is_open_and_the_invoice_itself_nothing(books: SandboxBooks) -> None:
    """The parts sum to the invoice, each with its own due date; the parent is closed and has no residual."""
    party = books.party()
    parts = [(DAY + timedelta(days=30), 3000), (DAY + timedelta(days=60), 6001)]
    with books.ledger.write() as writing:
        document = documents.Document(kind="invoice", party=party, currency="USD", total=9001, on=DAY)
        parent = documents.issue(writing, document, parts)
    row = books.row("item", parent)
    assert (row["total"], row["residual"], row["state"]) == ("90.01", "0.00", "closed")
    children = [books.row("item", parent + place) for place in (1, 2)]
    assert [child["residual"] for child in children] == ["30.00", "60.01"]
    assert [child["due_date"] for child in children] == [due.isoformat() for due, _ in parts]
    assert {child["parent_id"] for child in children} == {f"item:{parent}"}


def test_instalments_that_do_not_sum_to_the_invoice_are_refused(books: SandboxBooks) -> None:
    """Nothing of it is posted."""
    party = books.party()
    document = documents.Document(kind="invoice", party=party, currency="USD", total=9000, on=DAY)
    with pytest.raises(LedgerRefused, match="do not sum"), books.ledger.write() as writing:
        documents.issue(writing, document, [(DAY, 3000), (DAY, 5999)])


def test_applying_within_one_customer_and_rate_posts_no_entry(books: SandboxBooks) -> None:
    """No money moves, so the journal has nothing to say; the allocation carries the command."""
    party = books.party()
    invoice, payment = books.issue("invoice", party, 10000), books.issue("payment", party, 10000)
    order = books.order(ApplyPayment(f"item:{payment}", (Line(f"item:{invoice}", _usd("100.00")),), DAY))
    answer = json.loads(books.place(order).answer)
    assert answer["state"] == "posted"
    with books.ledger.read() as connection:
        entries = connection.execute("SELECT count(*) FROM journal_entry").fetchone()[0]
        (command,) = connection.execute("SELECT command_id FROM allocation").fetchone()
    assert entries == 2
    assert command == order.id


def test_a_payment_applied_to_another_customers_invoice_moves_the_balance_between_them(
    books: SandboxBooks,
) -> None:
    """A transfer on the control account keeps it the sum of each customer's open items."""
    parent, child = books.party("Parent"), books.party("Child")
    invoice, payment = books.issue("invoice", child, 5000), books.issue("payment", parent, 8000)
    command = ApplyPayment(f"item:{payment}", (Line(f"item:{invoice}", _usd("50.00")),), DAY)
    assert _answer(books, command)["state"] == "posted"
    books.check()
    assert books.residual(payment) == "-30.00"


def test_items_booked_at_different_rates_leave_an_exchange_difference(books: SandboxBooks) -> None:
    """The invoice was worth 108.00, the payment is worth 110.00: 2.00 gained, on account 6860, and taken back with it."""
    party = books.party("Lumière", "EUR")
    invoice = books.issue("invoice", party, 10000, "EUR")
    with books.ledger.write() as writing:
        writing.run("UPDATE rate SET rate = '1.10' WHERE currency = 'EUR'")
    payment = books.issue("payment", party, 10000, "EUR")
    command = ApplyPayment(f"item:{payment}", (Line(f"item:{invoice}", Money.parse("100.00", "EUR")),), DAY)
    (allocation,) = _answer(books, command)["refs"]
    assert _balance(books, "6860") == "-2.00"
    back = Unapply(allocation, f"item:{payment}", f"item:{invoice}", Money.parse("100.00", "EUR"), DAY)
    assert _answer(books, back)["state"] == "posted"
    assert _balance(books, "6860") == "0.00"


def _balance(books: SandboxBooks, account: str) -> str:
    accounts = books.trial_balance()["accounts"]
    return next(str(row["balance"]) for row in accounts if row["account"] == account)


@pytest.mark.parametrize(
    "code, account",
    [("SMALL", "6810"), ("DISC", "4800"), ("FEE", "6820"), ("BAD", "6850"), ("FREIGHT", "4810")],
)
def test_each_method_books_to_its_own_account_and_the_memo_names_the_command(
    books: SandboxBooks, code: str, account: str
) -> None:
    """A write-off is an entry of its own that a person can find by the command's id."""
    invoice = books.issue("invoice", books.party(), 10000)
    order = books.order(Adjust(f"item:{invoice}", _usd("1.25"), "why", f"method:{code}", DAY))
    books.place(order)
    assert books.residual(invoice) == "98.75"
    assert _balance(books, account) == "1.25"
    with books.ledger.read() as connection:
        row = connection.execute(
            "SELECT memo FROM journal_entry WHERE command_id = ?", (order.id,)
        ).fetchone()
    assert row["memo"] == f"audit {HEAD} arqueue {order.id}"


@pytest.mark.parametrize("head", [HEAD, HEAD[:12], ""])
def test_the_memo_takes_what_orders_of_any_time_tell_of_the_audit(books: SandboxBooks, head: str) -> None:
    """Their bytes stay as they were stored, and so does what is made of them."""
    invoice = books.issue("invoice", books.party(), 10000)
    order = books.order(Adjust(f"item:{invoice}", _usd("1.25"), "why", "method:FEE", DAY))
    order = seal(order.id, order.command, order.expect, order.actor, head=head)
    books.place(order)
    with books.ledger.read() as connection:
        (told,) = postings.page(connection, "", "", 10)["rows"]
    assert head_in(told["memo"]) == head


def test_a_small_credit_is_written_off_to_the_other_side(books: SandboxBooks) -> None:
    """What a customer overpaid by cents becomes income, not expense."""
    payment = books.issue("payment", books.party(), 37)
    answer = _answer(books, Adjust(f"item:{payment}", _usd("0.37"), "small", "method:SMALL", DAY))
    assert answer["state"] == "posted"
    assert (books.residual(payment), _balance(books, "6810")) == ("0.00", "-0.37")


def test_a_returned_payment_opens_what_it_had_paid_and_cannot_be_used_again(books: SandboxBooks) -> None:
    """Both invoices are open, the payment is closed with its code, the bank has the money back."""
    party = books.party()
    first, second = books.issue("invoice", party, 3000), books.issue("invoice", party, 4000)
    payment = books.issue("payment", party, 7500)
    lines = (Line(f"item:{first}", _usd("30.00")), Line(f"item:{second}", _usd("40.00")))
    refs = _answer(books, ApplyPayment(f"item:{payment}", lines, DAY))["refs"]
    with books.ledger.write() as writing:
        settle.return_payment(writing, payment, "R01", DAY)
    assert [books.residual(key) for key in (first, second, payment)] == ["30.00", "40.00", "0.00"]
    assert books.row("item", payment)["returned"] == "R01"
    assert all(books.row("allocation", int(ref.split(":")[1]))["void"] for ref in refs)
    assert _balance(books, "1000") == "0.00"
    with pytest.raises(LedgerRefused, match="before"), books.ledger.write() as writing:
        settle.return_payment(writing, payment, "R01", DAY)


def test_a_merged_customer_vanishes_and_leaves_everything_to_the_other(books: SandboxBooks) -> None:
    """Items, notes and children move, the control account with them, and the feed has a tombstone."""
    gone, stays = books.party("Old"), books.party("New")
    invoice = books.issue("invoice", gone, 5000)
    books.place(seal(new_id(), Annotate(f"party:{gone}", "moved office"), {}, "ann"))
    with books.ledger.write() as writing:
        parties.merge_party(writing, gone, stays)
    assert books.row("item", invoice)["party_id"] == f"party:{stays}"
    assert books.row("party", gone) == {"kind": "party", "id": f"party:{gone}", "deleted": True}
    assert books.row("note", 1)["target"] == f"party:{stays}"


def test_a_customer_with_documents_cannot_be_deleted(books: SandboxBooks) -> None:
    """Books are kept."""
    party = books.party()
    books.issue("invoice", party, 100)
    with pytest.raises(LedgerRefused, match="documents"), books.ledger.write() as writing:
        parties.delete_party(writing, party)


def test_a_number_is_used_once(books: SandboxBooks) -> None:
    """Two invoices of one number are one too many."""
    party = books.party()
    books.issue("invoice", party, 100, number="INV-1")
    with pytest.raises(LedgerRefused, match="exists already"):
        books.issue("invoice", party, 200, number="INV-1")


def test_a_currency_without_a_rate_is_refused(books: SandboxBooks) -> None:
    """What cannot be valued cannot be booked."""
    with pytest.raises(LedgerRefused, match="no rate for GBP"):
        books.issue("invoice", books.party(), 100, "GBP")


@pytest.mark.parametrize(
    "currency, minor, base", [("JPY", 10000, "67.00"), ("KWD", 1000, "3.25"), ("EUR", 1, "0.01")]
)
def test_minor_units_of_every_size_are_valued_in_the_companys_currency(
    books: SandboxBooks, currency: str, minor: int, base: str
) -> None:
    """Yen have no decimals, dinars three."""
    key = books.issue("invoice", books.party(currency=currency), minor, currency)
    assert books.row("item", key)["residual_base"] == base


def test_a_cursor_of_another_ledger_is_refused(books: SandboxBooks) -> None:
    """A replaced ledger counts anew: going on where the old one was would lose rows."""
    with books.ledger.read() as connection, pytest.raises(LedgerRefused) as refused:
        feed.changes(connection, "deadbeef.10.10", 100)
    assert refused.value.code == "cursor_unknown"


def test_the_feed_shows_each_entity_once_at_its_last_change(books: SandboxBooks) -> None:
    """However often it changed: a first pull reads the ledger as it is."""
    party = books.party("First name")
    for name in ("Second", "Third"):
        with books.ledger.write() as writing:
            parties.change_party(writing, party, name=name)
    with books.ledger.read() as connection:
        page = feed.changes(connection, "", 100)
    assert [row["id"] for row in page["rows"]] == [f"party:{party}"]
    assert page["rows"][0].get("name") == "Third"


def test_an_order_that_was_discarded_left_nothing(books: SandboxBooks) -> None:
    """The fault that says yes and does nothing really does nothing."""
    invoice = books.issue("invoice", books.party(), 1000)
    order = books.order(Adjust(f"item:{invoice}", _usd("1.00"), "x", "method:SMALL", DAY))
    assert books.place(order, discard=True).status == 200
    assert books.residual(invoice) == "10.00"
    with pytest.raises(LedgerRefused):
        books.orders.find(order.id)


class TestRefusals:
    """Each has a code, words, and posts nothing; the same order gets the same refusal for ever."""

    @pytest.fixture
    def pair(self, books: SandboxBooks) -> tuple[str, str]:
        """An invoice and a payment of 100.00."""
        party = books.party()
        return f"item:{books.issue('invoice', party, 10000)}", f"item:{books.issue('payment', party, 10000)}"

    def test_more_than_is_open(self, books: SandboxBooks, pair: tuple[str, str]) -> None:
        """insufficient"""
        answer = _answer(books, ApplyPayment(pair[1], (Line(pair[0], _usd("100.01")),), DAY))
        assert _code(answer) == "insufficient"

    def test_a_closed_period(self, books: SandboxBooks, pair: tuple[str, str]) -> None:
        """locked_period, for applications and for write-offs"""
        with books.ledger.write() as writing:
            writing.run("UPDATE company SET lock_date = ?", DAY.isoformat())
        assert (
            _code(_answer(books, ApplyPayment(pair[1], (Line(pair[0], _usd("1.00")),), DAY)))
            == "locked_period"
        )
        assert _code(_answer(books, Adjust(pair[0], _usd("1.00"), "x", "SMALL", DAY))) == "locked_period"
        later = date.fromordinal(DAY.toordinal() + 1)
        assert _answer(books, Adjust(pair[0], _usd("1.00"), "x", "SMALL", later))["state"] == "posted"

    def test_an_item_that_is_not_there(self, books: SandboxBooks, pair: tuple[str, str]) -> None:
        """not_found"""
        answer = _answer(books, ApplyPayment(pair[1], (Line("item:999", _usd("1.00")),), DAY))
        assert _code(answer) == "not_found"

    def test_another_currency(self, books: SandboxBooks, pair: tuple[str, str]) -> None:
        """unsupported: both for an amount in another currency and for items in two"""
        euro = Money.parse("1.00", "EUR")
        assert _code(_answer(books, ApplyPayment(pair[1], (Line(pair[0], euro),), DAY))) == "unsupported"
        other = f"item:{books.issue('invoice', books.party(currency='EUR'), 100, 'EUR')}"
        assert (
            _code(_answer(books, ApplyPayment(pair[1], (Line(other, _usd("1.00")),), DAY))) == "unsupported"
        )

    def test_an_item_the_author_did_not_look_at(self, books: SandboxBooks, pair: tuple[str, str]) -> None:
        """invalid: every item that moves must be expected"""
        command = ApplyPayment(pair[1], (Line(pair[0], _usd("1.00")),), DAY)
        order = seal(new_id(), command, {}, "ann")
        assert _code(json.loads(books.place(order).answer)) == "invalid"

    def test_a_debit_applied_to_a_credit(self, books: SandboxBooks, pair: tuple[str, str]) -> None:
        """invalid: money flows one way"""
        assert _code(_answer(books, ApplyPayment(pair[0], (Line(pair[1], _usd("1.00")),), DAY))) == "invalid"

    def test_an_unknown_method(self, books: SandboxBooks, pair: tuple[str, str]) -> None:
        """not_found"""
        assert _code(_answer(books, Adjust(pair[0], _usd("1.00"), "x", "method:NOPE", DAY))) == "not_found"

    def test_one_line_too_many_refuses_the_whole_order(
        self, books: SandboxBooks, pair: tuple[str, str]
    ) -> None:
        """All or nothing: the first line, which would have fitted, is not applied either."""
        second = f"item:{books.issue('invoice', books.party(), 100)}"
        lines = (Line(pair[0], _usd("50.00")), Line(second, _usd("1.01")))
        assert _code(_answer(books, ApplyPayment(pair[1], lines, DAY))) == "insufficient"
        assert books.residual(int(pair[0].split(":")[1])) == "100.00"

    def test_a_refusal_is_remembered(self, books: SandboxBooks, pair: tuple[str, str]) -> None:
        """A copy of a refused order that arrives when it would fit posts nothing."""
        order = books.order(ApplyPayment(pair[1], (Line(pair[0], _usd("100.00")),), DAY))
        with books.ledger.write() as writing:
            writing.run("UPDATE company SET lock_date = ?", DAY.isoformat())
        refused = books.place(order)
        with books.ledger.write() as writing:
            writing.run("UPDATE company SET lock_date = NULL")
        again = books.place(order)
        assert (again.status, again.answer, again.replayed) == (refused.status, refused.answer, True)
        assert books.residual(int(pair[0].split(":")[1])) == "100.00"
