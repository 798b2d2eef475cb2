"""A payment applied, taken back and moved with keys on a real PTY: after each step the ledger says what the screen says."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from data.demo.launch import Demo, demo
from tests.terminal.cash_books import Books, Case, SandboxBooks, TrytonBooks, asked
from tests.terminal.cash_pages import Account, Applied, Outbox, Queue, Reviewed
from tests.terminal.face import Face

pytestmark = pytest.mark.timeout(600)  # Tryton's first company takes a minute or two


@pytest.fixture(scope="module", params=["sandbox", "tryton"])
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo company on the sandbox, and one on a real Tryton."""
    with demo(tmp_path_factory.mktemp("cash"), peer=request.param, size="tiny") as running:
        yield running


@pytest.fixture
def books(company: Demo) -> Books:
    """Accounting's view."""
    return SandboxBooks(company) if company.kind == "sandbox" else TrytonBooks(company)


@pytest.fixture
def case(company: Demo, books: Books) -> Case:
    """Documents that accounting has just made, synced."""
    asked(company, "sync", wait=True)
    made = books.make()
    asked(company, "sync", wait=True)
    return made


@pytest.fixture
def face(company: Demo, case: Case) -> Iterator[Face]:
    """Anna at an 80x24 terminal."""
    with Face("--config", str(company.settings.file)) as opened:
        opened.sees(r"All \d\d")
        opened.sees("ledger reachable")
        yield opened


def agree(applied: Applied, books: Books, **expected: Decimal | str) -> None:
    """Item by item: the head of what is applied says what the ledger says, and both are as expected."""
    for number, wanted in expected.items():
        screen = applied.looks_at(number).open
        assert (number, screen, books.open(number)) == (number, Decimal(wanted), Decimal(wanted))


def ordered(company: Demo, op: str) -> list[dict[str, str]]:
    """The commands of a kind, the oldest first."""
    rows: list[dict[str, str]] = asked(company, "outbox", limit=50)["rows"]
    return [row for row in reversed(rows) if row["op"] == op]


def test_three_invoices_one_short_one_with_discount_then_taken_back_and_moved(
    company: Demo, books: Books, case: Case, face: Face
) -> None:
    """Every figure of the screen, the review's among them, is the ledger's; write-off and discount have their entries."""
    queue, outbox = Queue(face), Outbox(face)

    # One payment to three invoices.
    form = queue.finds(case.payment).applies(case.payment).to_items()
    form.pays(case.whole).takes_discount(case.early).pays(case.short, "195.50")
    assert form.writes_off(case.short, "s", "SMALL") == books.account_of["SMALL"]
    assert form.left == Decimal("10.50")
    review = form.review()
    assert review.lines == {
        case.whole: reviewed("500.00", "-500.00", "0.00"),
        case.early: reviewed("300.00", "-300.00", "0.00"),
        case.short: reviewed("200.00", "-200.00", "0.00"),
        case.payment: reviewed("-1000.00", "989.50", "-10.50"),
    }
    assert [order.split()[0] for order in review.orders] == ["apply", "adjust", "adjust"]
    review.posts()
    outbox.opens().settles("adjust ", "adjust ", "apply 989.50 EUR")
    outbox.closes()
    applied = queue.opens().applied(case.payment)
    agree(
        applied,
        books,
        **{case.whole: "0", case.early: "0", case.short: "0", case.other: "400.00", case.payment: "-10.50"},
    )
    discount, small = ordered(company, "adjust")
    assert books.booked(discount["id"])[books.account_of["DISC"]] == Decimal("6.00")
    assert books.booked(small["id"])[books.account_of["SMALL"]] == Decimal("4.50")

    # One line of it taken back.
    applied.looks_at(case.payment).takes_back(case.payment, case.short).posts()
    outbox.opens().settles("unapply ")
    outbox.closes()
    applied = Account(face).applied(case.payment)
    agree(applied, books, **{case.short: "195.50", case.payment: "-206.00", case.whole: "0"})

    # Applied again, to the wrong invoice.
    applied.closes()
    form = Queue(face).applies(case.payment).to_items().pays(case.other, "195.50")
    assert form.left == Decimal("10.50")
    form.review().posts()
    outbox.opens().settles("apply 195.50 EUR")
    outbox.closes()
    applied = Account(face).applied(case.payment)
    agree(applied, books, **{case.other: "204.50", case.short: "195.50", case.payment: "-10.50"})

    # Moved to where it belongs.
    review = applied.looks_at(case.payment).moves(case.payment, case.other, to=case.short)
    assert {number: line.after for number, line in review.lines.items()} == {
        case.payment: Decimal("-10.50"),
        case.other: Decimal("400.00"),
        case.short: Decimal("0.00"),
    }
    review.posts()
    outbox.opens().settles("apply 195.50 EUR", "unapply ")
    states = {row["state"] for row in asked(company, "outbox", limit=50)["rows"]}
    assert states == {"posted"}
    outbox.closes()
    applied = queue.finds(case.payment).opens().applied(case.payment)
    agree(applied, books, **{case.other: "400.00", case.short: "0.00", case.payment: "-10.50"})


def reviewed(before: str, change: str, after: str) -> Reviewed:
    """A row of the review."""
    return Reviewed(Decimal(before), Decimal(change), Decimal(after))
