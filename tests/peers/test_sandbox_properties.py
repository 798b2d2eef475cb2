"""Whatever accountants and orders do in whatever sequence, the ledger agrees with itself; races never over-apply."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arqueue.control.commands import Adjust, ApplyPayment, Command, Dispute, Identify, Line, Resolve, Unapply
from arqueue.model.money import Money
from data.peers.sandbox.server import feed, parties, settle
from data.peers.sandbox.server.ledger import Ledger
from data.peers.sandbox.server.refusal import LedgerRefused
from tests.peers.sandbox_books import DAY, SandboxBooks, open_books

CURRENCIES = ("USD", "EUR", "JPY")
STEPS = (
    "invoice",
    "payment",
    "credit",
    "apply",
    "apply",
    "apply",
    "unapply",
    "adjust",
    "return",
    "merge",
    "identify",
    "dispute",
    "resolve",
    "rate",
)
Step = tuple[str, int, int, int]


class _Story:
    """Carries random steps out; numbers pick among what is there."""

    def __init__(self, books: SandboxBooks) -> None:
        self.books = books
        self.parties = [(books.party(currency=currency), currency) for currency in CURRENCIES * 2]
        self.items: list[int] = []

    def go(self, step: Step) -> None:
        """One step; a refusal is an answer like any other."""
        kind, first, second, amount = step
        act: Callable[[int, int, int], object] | None = getattr(self, f"_{kind}", None)
        try:
            if act is not None:
                act(first, second, amount)
            else:
                party, currency = self.parties[first % len(self.parties)]
                self.items.append(self.books.issue(kind, party, amount, currency))
        except LedgerRefused:
            pass

    def _item(self, number: int) -> Any:
        if not self.items:
            raise LedgerRefused("not_found", "nothing is there yet")
        return self.books.row("item", self.items[number % len(self.items)])

    def _order(self, command: Command) -> None:
        self.books.place(self.books.order(command))

    def _apply(self, first: int, second: int, amount: int) -> None:
        credit, debit = self._item(first), self._item(second)
        part = Money(amount % 5000 + 1, credit["currency"])
        self._order(ApplyPayment(credit["id"], (Line(debit["id"], part),), DAY))

    def _unapply(self, first: int, second: int, amount: int) -> None:
        with self.books.ledger.read() as connection:
            found = connection.execute("SELECT id FROM allocation").fetchall()
            keys = [("allocation", row["id"]) for row in found]
            rows: list[Any] = list(feed.entities(connection, keys))
        if rows:
            row = rows[first % len(rows)]
            part = Money.parse(row["amount"], row["currency"])
            self._order(Unapply(row["id"], row["credit_item"], row["debit_item"], part, DAY))

    def _adjust(self, first: int, second: int, amount: int) -> None:
        item = self._item(first)
        self._order(Adjust(item["id"], Money(amount % 500 + 1, item["currency"]), "x", "method:BAD", DAY))

    def _return(self, first: int, second: int, amount: int) -> None:
        key = int(self._item(first)["id"].split(":")[1])
        with self.books.ledger.write() as writing:
            settle.return_payment(writing, key, "R03", DAY)

    def _merge(self, first: int, second: int, amount: int) -> None:
        gone, stays = (self.parties[number % len(self.parties)][0] for number in (first, second))
        if amount % 4 == 0:
            with self.books.ledger.write() as writing:
                parties.merge_party(writing, gone, stays)
            self.parties = [one for one in self.parties if one[0] != gone]

    def _identify(self, first: int, second: int, amount: int) -> None:
        party, _ = self.parties[second % len(self.parties)]
        self._order(Identify(self._item(first)["id"], f"party:{party}", DAY))

    def _dispute(self, first: int, second: int, amount: int) -> None:
        item = self._item(first)
        self._order(Dispute(item["id"], Money(amount % 500 + 1, item["currency"]), "PRICE"))

    def _resolve(self, first: int, second: int, amount: int) -> None:
        self._order(Resolve(self._item(first)["id"], "valid"))

    def _rate(self, first: int, second: int, amount: int) -> None:
        with self.books.ledger.write() as writing:
            writing.run("UPDATE rate SET rate = ? WHERE currency = 'EUR'", f"1.{amount % 90 + 10}")


STORIES = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 60), st.integers(0, 60), st.integers(1, 20_000)),
    min_size=5,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(STORIES)
def test_the_ledger_agrees_with_itself_whatever_happens(steps: list[Step]) -> None:
    """The trial balance is zero, receivables are the open items by customer and currency, and every residual is its total less
    its live allocations."""
    with tempfile.TemporaryDirectory() as folder, open_books(Path(folder)) as books:
        story = _Story(books)
        for step in steps:
            story.go(step)
        books.check()


@settings(max_examples=15, deadline=None)
@given(STORIES, st.integers(1, 7))
def test_a_reader_of_the_feed_ends_with_what_the_ledger_has(steps: list[Step], rows: int) -> None:
    """Pulling in small pages while things happen gives the same entities as reading them all at the end."""
    with tempfile.TemporaryDirectory() as folder, open_books(Path(folder)) as books:
        story, mirror, cursor = _Story(books), dict[str, Any](), ""
        for step in steps:
            story.go(step)
            cursor, _ = _pull(books, mirror, cursor, rows)
        more = True
        while more:
            cursor, more = _pull(books, mirror, cursor, rows)
        everything: dict[str, Any] = {}
        _pull(books, everything, "", 5000)
        assert mirror == everything


def _pull(books: SandboxBooks, mirror: dict[str, Any], cursor: str, rows: int) -> tuple[str, bool]:
    with books.ledger.read() as connection:
        page = feed.changes(connection, cursor, rows)
    mirror.update((row["id"], row) for row in page["rows"])
    return page["cursor"], page["more"]


def _together(count: int, act: Callable[[int], None]) -> None:
    """Run threads that start at one moment; their failures are ours."""
    barrier, failures = threading.Barrier(count), list[BaseException]()

    def run(number: int) -> None:
        barrier.wait(10)
        try:
            act(number)
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    if failures:
        raise failures[0]


@pytest.fixture
def books(tmp_path: Path) -> Any:
    """A ledger of this test alone."""
    with open_books(tmp_path) as books:
        yield books


def test_eight_threads_cannot_apply_more_than_a_payment_has(books: SandboxBooks) -> None:
    """Each looks, orders 7.00 and starts again until nothing is left of 100.00; 14 times 7.00 fit."""
    party = books.party()
    payment = books.issue("payment", party, 10000)
    invoices = [books.issue("invoice", party, 10000) for _ in range(8)]
    done: list[str] = []

    def act(number: int) -> None:
        line = Line(f"item:{invoices[number]}", Money(700, "USD"))
        while True:
            order = books.order(ApplyPayment(f"item:{payment}", (line,), DAY))
            told = json.loads(books.place(order).answer)
            if told["state"] == "posted":
                done.append(order.id)
            elif told["error"]["code"] == "insufficient":
                return

    _together(8, act)
    assert len(done) == 14
    assert books.residual(payment) == "-2.00"
    books.check()


def test_two_servers_on_one_file_cannot_over_apply(books: SandboxBooks) -> None:
    """Each has a lock of its own; the file's lock is taken before anything is read."""
    party = books.party()
    payment, invoice = books.issue("payment", party, 10000), books.issue("invoice", party, 50000)
    other = SandboxBooks(Ledger(books.ledger.path))
    line = Line(f"item:{invoice}", Money(700, "USD"))
    done: list[str] = []

    def act(number: int) -> None:
        server = (books, other)[number % 2]
        while True:
            order = server.order(ApplyPayment(f"item:{payment}", (line,), DAY))
            told = json.loads(server.place(order).answer)
            if told["state"] == "posted":
                done.append(order.id)
            elif told["error"]["code"] == "insufficient":
                return

    try:
        _together(4, act)
    finally:
        other.ledger.close()
    assert len(done) == 14
    assert (books.residual(payment), books.residual(invoice)) == ("-2.00", "402.00")
    books.check()


def test_eight_accountants_who_do_not_look_cannot_over_apply(books: SandboxBooks) -> None:
    """Without any expectation the ledger's own guard holds: three times 30.00 of 100.00."""
    party = books.party()
    payment, invoice = books.issue("payment", party, 10000), books.issue("invoice", party, 50000)
    refused: list[str] = []

    def act(number: int) -> None:
        try:
            with books.ledger.write() as writing:
                settle.apply_credit(writing, payment, invoice, 3000, DAY, memo="blind")
        except LedgerRefused as error:
            refused.append(error.code)

    _together(8, act)
    assert refused == ["insufficient"] * 5
    assert (books.residual(payment), books.residual(invoice)) == ("-10.00", "410.00")
    books.check()


def test_one_order_sent_by_eight_threads_at_once_posts_once(books: SandboxBooks) -> None:
    """Everybody is told the same, or that it is still going on."""
    party = books.party()
    payment, invoice = books.issue("payment", party, 10000), books.issue("invoice", party, 10000)
    order = books.order(ApplyPayment(f"item:{payment}", (Line(f"item:{invoice}", Money(1000, "USD")),), DAY))
    answers: list[str] = []
    refused: set[str] = set()

    def act(number: int) -> None:
        try:
            answers.append(books.place(order).answer)
        except LedgerRefused as error:
            refused.add(error.code)

    _together(8, act)
    assert len(set(answers)) == 1
    assert refused <= {"in_progress"}
    assert books.residual(invoice) == "90.00"
    books.check()
