"""The back-test of ranking: it knows no future, and a history of one's own is read or refused by line and field."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from arqueue.errors import Invalid
from benchmarks.ranking.history import History, Invoice, generate, read
from benchmarks.ranking.orders import Account, Order
from benchmarks.ranking.past import Past
from benchmarks.ranking.replay import Effort, replay

FIRST = date(2026, 3, 2)
HEAD = "customer,amount,currency,issued,due,paid\n"


def invoice(customer: str, due: date, late: int, minor: int = 100_00) -> Invoice:
    """Issued thirty days before it is due, paid so many days after."""
    return Invoice(customer, minor, due - timedelta(days=30), due, due + timedelta(days=late))


def only(customer: str) -> Order:
    """Work one customer, and nobody else."""
    return lambda accounts, today, past: [each for each in accounts if each.customer == customer]


def test_a_call_brings_cash_earlier_by_the_customers_response() -> None:
    """Half of the wait that is left, and none of it where nobody called."""
    history = History("EUR", (invoice("A", FIRST, 40), invoice("B", FIRST, 40)), {"A": 0.5, "B": 0.5})
    effort = Effort(1, 99)
    outcome = replay(history, only("A"), effort, FIRST, FIRST + timedelta(days=60))
    assert outcome.calls == 1
    assert outcome.days_earlier == pytest.approx(20 / 2, abs=1)
    assert replay(history, only("nobody"), effort, FIRST, FIRST + timedelta(days=60)).days_earlier == 0


def test_no_order_sees_a_payment_that_is_still_to_come() -> None:
    """What is learned on a day is of payments up to that day."""
    history = generate(1, 20, 200, FIRST)
    payments = [(each.customer, each.paid) for each in history.invoices]

    def look(accounts: list[Account], today: date, past: Past) -> list[Account]:
        for customer in history.response:
            known = past.habit(customer)
            assert (known[1] if known else 0) <= sum(
                each == customer and paid <= today for each, paid in payments
            )
        return []

    replay(history, look, Effort(5, 7), FIRST - timedelta(days=60), FIRST)  # type: ignore[arg-type]


def test_the_same_seed_is_the_same_company() -> None:
    """And another seed another one."""
    assert generate(3, 10, 100, FIRST) == generate(3, 10, 100, FIRST)
    assert generate(3, 10, 100, FIRST) != generate(4, 10, 100, FIRST)


def test_a_history_of_ones_own_is_read(tmp_path: Path) -> None:
    """Open invoices are paid by nobody until they are written off."""
    file = tmp_path / "own.csv"
    file.write_text(
        HEAD + "A,10.50,EUR,2026-01-01,2026-01-31,2026-02-05\nB,1.00,EUR,2026-01-02,2026-02-01,\n"
    )
    history = read(file, 0.4)
    assert [(each.customer, each.minor) for each in history.invoices] == [("A", 1050), ("B", 100)]
    assert history.invoices[1].paid > date(2027, 1, 1)
    assert history.response == {"A": 0.4, "B": 0.4}


@pytest.mark.parametrize(
    "lines, words",
    [
        ("A,ten,EUR,2026-01-01,2026-01-31,\n", "line 2: amount"),
        ("A,1.00,EUR,2026-01-01,31.01.2026,\n", "line 2: due"),
        ("A,1.00,EUR,2026-01-01,2026-01-31,soon\n", "line 2: paid"),
        ("A,1.00,EUR,2026-01-01,2026-01-31,\nA,1,JPY,2026-01-01,2026-01-31,\n", "2 currencies"),
    ],
)
def test_a_bad_history_is_refused_by_line_and_field(tmp_path: Path, lines: str, words: str) -> None:
    """Before anything is replayed."""
    file = tmp_path / "own.csv"
    file.write_text(HEAD + lines)
    with pytest.raises(Invalid, match=words):
        read(file, 0.4)
