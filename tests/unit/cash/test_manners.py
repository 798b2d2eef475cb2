"""A customer's manners: what its payments leave or add, up to which day it pays, and what the engine makes of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from arqueue.cash.case import PaymentCase, Policy
from arqueue.cash.habit import Habit, learn
from arqueue.cash.likelihood import Likelihood
from arqueue.cash.manners import Manners, Past, Shortfall
from arqueue.cash.suggest import suggest
from arqueue.cash.suggestion import DifferenceKind, Suggestion
from arqueue.model.ledger import Allocation, Item, ItemKind, OpenItem
from tests.unit.books import TODAY, item, money, open_item


class Book:
    """Documents and what was applied to them, as a ledger tells it afterwards."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.allocations: list[Allocation] = []

    def invoice(self, key: str, due: int, total: str = "100.00", residual: str = "0.00") -> None:
        """Due so many days from today, of a month before; paid unless said otherwise."""
        on = TODAY + timedelta(days=due)
        made = item(key, residual, doc_date=on - timedelta(days=30), due_date=on, total=money(total))
        self.items.append(made)

    def credit(
        self, key: str, day: int, total: str, parts: Mapping[str, str], kind: ItemKind = ItemKind.PAYMENT
    ) -> None:
        """Money (or a note) of so many days from today, and what became of it."""
        on = TODAY + timedelta(days=day)
        self.items.append(item(key, "0.00", kind=kind, doc_date=on, total=money(f"-{total}")))
        for debit, amount in parts.items():
            self.allocations.append(
                Allocation(
                    id=f"{key}-{debit}",
                    credit_item=f"item:{key}",
                    debit_item=f"item:{debit}",
                    amount=money(amount),
                    on=on,
                    version="1",
                )
            )

    @property
    def manners(self) -> Manners:
        """As they are learned."""
        return learn(self.items, self.allocations).manners


def test_who_pays_more_than_the_documents_is_known_by_it() -> None:
    """One of two payments was more than what it paid in full."""
    book = Book()
    book.invoice("1", -40)
    book.invoice("2", -30)
    book.credit("a", -20, "120.00", {"1": "100.00"})
    book.credit("b", -10, "100.00", {"2": "100.00"})
    assert (book.manners.seen, book.manners.over) == (2, 0.5)


def test_a_deduction_that_was_left_open_is_told_from_one_that_was_written_off() -> None:
    """The latest first; a discount on a single document and a payment of less than half are neither."""
    book = Book()
    for key in ("1", "2", "5", "6"):
        book.invoice(key, -40)
    book.invoice("3", -30, residual="12.50")
    book.invoice("4", -30)
    book.credit("a", -20, "192.00", {"1": "92.00", "2": "100.00"})
    book.credit("off", -20, "8.00", {"1": "8.00"}, ItemKind.JOURNAL)
    book.credit("b", -10, "187.50", {"3": "87.50", "4": "100.00"})
    book.credit("c", -9, "98.00", {"5": "98.00"})
    book.credit("d", -8, "20.00", {"6": "20.00"})
    assert book.manners.shortfalls == (Shortfall("EUR", 1250, True), Shortfall("EUR", 800, False))


def test_the_day_up_to_which_a_run_pays_and_what_it_passes_over() -> None:
    """All that fell due by five days after the payment, but for one."""
    book = Book()
    book.invoice("old", -60, residual="100.00")
    for key, due in (("1", -12), ("2", -9), ("3", -5)):
        book.invoice(key, due)
    book.invoice("later", -2, residual="100.00")
    book.credit("a", -10, "300.00", {"1": "100.00", "2": "100.00", "3": "100.00"})
    assert book.manners.ahead == (5,)
    assert book.manners.passed == {"item:old"}
    assert book.manners.leaving == 1.0


def test_who_pays_some_of_what_is_due_has_no_usual_day() -> None:
    """Two of five."""
    book = Book()
    for key in range(5):
        book.invoice(str(key), -20 + key, residual="0.00" if key in (0, 4) else "100.00")
    book.credit("a", -10, "200.00", {"0": "100.00", "4": "100.00"})
    assert book.manners.ahead == ()


def test_netting_is_known_from_payments_that_came_while_a_note_was_open() -> None:
    """One payment came before there was a note, one used it, one left it."""
    book = Book()
    for key in ("1", "2", "3", "4"):
        book.invoice(key, -40)
    book.credit("a", -30, "100.00", {"1": "100.00"})
    book.credit("b", -20, "150.00", {"2": "50.00", "3": "100.00"})
    book.credit("note", -20, "50.00", {"2": "50.00"}, ItemKind.CREDIT)
    book.items[-1] = replace(book.items[-1], doc_date=TODAY - timedelta(days=25))
    assert (book.manners.offered, book.manners.netted) == (1, 1.0)


def invoices(*amounts: str) -> list[OpenItem]:
    """Due a day after each other, the last one today."""
    first = TODAY - timedelta(days=len(amounts) - 1)
    return [
        open_item(
            str(number),
            amount,
            number=f"INV-{number}",
            doc_date=first + timedelta(days=number - 31),
            due_date=first + timedelta(days=number - 1),
        )
        for number, amount in enumerate(amounts, 1)
    ]


def best(
    amount: str, debits: list[OpenItem], manners: Manners, text: str = "", on: date = TODAY
) -> Suggestion:
    """The way on top."""
    payment = open_item("p", f"-{amount}", number="PAY-1", text=text, doc_date=on)
    habit = Habit(seen=manners.seen, manners=manners)
    policy = Policy(charges={"EUR": money("25.00")})
    case = PaymentCase(payment=payment, today=TODAY, debits=debits, habit=habit, policy=policy)
    return suggest(case, lambda: False).ways[0]


def paid_before(amount: str, days: int) -> Manners:
    """One payment, so many days ago."""
    minor = money(amount).minor
    return Manners(
        seen=1, earlier=(Past("item:x", TODAY - timedelta(days=days), "EUR", minor, {"item:0": minor}),)
    )


def test_the_same_payment_again_is_left_on_account() -> None:
    """Nothing open comes to it, and it was paid a week ago."""
    way = best("417.23", invoices("90.00", "120.55", "700.00"), paid_before("417.23", 7))
    assert way.lines == ()
    assert way.left == money("417.23")
    assert not way.sure
    assert "already" in way.why[0]


def test_what_is_open_goes_before_a_payment_of_the_same_amount() -> None:
    """A rent comes every month."""
    way = best("417.23", invoices("90.00", "417.23", "700.00"), paid_before("417.23", 30))
    assert [line.item for line in way.lines] == ["item:2"]


def test_a_payment_long_ago_is_not_made_again() -> None:
    """After two months it is another one."""
    assert best("417.23", invoices("90.00", "120.55", "700.00"), paid_before("417.23", 60)).lines


def test_a_deducter_is_not_taken_for_a_bank() -> None:
    """15.00 less than what is named: a bank's charge, unless the customer kept back such sums before."""
    debits, text = invoices("311.17", "142.99", "517.79"), "INV-1 INV-2 INV-3"
    charged = best("956.95", debits, Manners(), text)
    kept = Manners(seen=4, shortfalls=(Shortfall("EUR", 8950, True), Shortfall("EUR", 1500, True)))
    assert charged.difference.kind is DifferenceKind.CHARGES
    assert best("956.95", debits, kept, text).difference.kind is DifferenceKind.SHORT


def test_what_comes_out_to_the_cent_is_always_shown() -> None:
    """Ten documents come near the payment, and five others to it."""
    near = [
        "990.00",
        "995.00",
        "1005.00",
        "1010.00",
        "980.00",
        "1020.00",
        "985.00",
        "1015.00",
        "975.00",
        "1025.00",
    ]
    debits = invoices(*near, "13.37", "118.21", "201.83", "305.99", "360.60")
    payment = open_item("p", "-1000.00", number="PAY-1", doc_date=TODAY)
    habit = Habit(seen=40, single=1.0, manners=Manners(seen=12, over=1.0))
    case = PaymentCase(payment=payment, today=TODAY, debits=debits, habit=habit)
    ways = suggest(case, lambda: False).ways
    assert ways[0].difference.kind is DifferenceKind.OVER
    assert [f"item:{number}" for number in range(11, 16)] in [
        [line.item for line in way.lines] for way in ways
    ]


def test_the_usual_day_tells_what_was_passed_over_again() -> None:
    """All of the last days but what the run before left, although other sums come out as well."""
    debits = invoices("50.00", "70.00", "20.00", "30.00", "50.00", "40.00")
    usual = Manners(seen=6, ahead=(0, 0, 0, 0, 0, 0), passed=frozenset({"item:2"}))
    way = best("190.00", debits, usual)
    assert [line.item for line in way.lines] == ["item:1", "item:3", "item:4", "item:5", "item:6"]
    assert "as it pays" in way.why[0]


def test_a_usual_run_may_end_some_days_earlier() -> None:
    """Its last two documents are not paid yet, as the money was under way for longer, and one is left out."""
    debits = invoices("90.17", "70.29", "20.31", "30.43", "50.57", "40.61", "60.73", "80.87")
    way = best("232.09", debits, Manners(seen=6, ahead=(0,) * 6, leaving=1.0))
    assert [line.item for line in way.lines] == ["item:1", "item:3", "item:4", "item:5", "item:6"]
    assert "as it pays" in way.why[0]


def test_who_leaves_something_out_of_each_run_does_so_again() -> None:
    """What is hardly worth a bit with one customer takes many with another."""
    leaves, never = (Manners(seen=6, ahead=(0,) * 6, leaving=share) for share in (1.0, 0.0))
    bits = [Likelihood(Habit(seen=6, manners=manners), 6).left_out for manners in (leaves, never)]
    assert bits[0] < 0.5 < 4 < bits[1]


def test_credit_notes_up_to_a_day_are_netted_together() -> None:
    """Everything that is open less the first two of three notes: the third came when the payer had written its list."""
    debits = invoices("90.17", "70.29", "20.31", "30.43", "50.57", "40.61")
    notes = [
        open_item(
            f"c{number}",
            f"-{amount}",
            number=f"CN-{number}",
            kind=ItemKind.CREDIT,
            doc_date=TODAY - timedelta(days=9 - 4 * number),
            due_date=None,
        )
        for number, amount in enumerate(("11.13", "17.39", "5.03"))
    ]
    payment = open_item("p", "-273.86", number="PAY-1", doc_date=TODAY)
    way = suggest(
        PaymentCase(payment=payment, today=TODAY, debits=debits, credits=notes), lambda: False
    ).ways[0]
    assert {line.item for line in way.lines} == {*(each.item.id for each in debits), "item:c0", "item:c1"}
    assert any("up to" in why for why in way.why)


def test_who_always_pays_the_oldest_pays_more_than_the_oldest() -> None:
    """300.00 is for the oldest and something on account, not for two documents that happen to come to it."""
    debits = invoices("250.00", "200.00", "50.00", "1550.00", "4650.00", "800.00")
    over = Manners(seen=8, over=1.0)
    habit = Habit(seen=8, single=1.0, oldest_first=1.0, manners=over)
    payment = open_item("p", "-300.00", number="PAY-1", doc_date=TODAY)
    case = PaymentCase(payment=payment, today=TODAY, debits=debits, habit=habit)
    way = suggest(case, lambda: False).ways[0]
    assert [line.item for line in way.lines] == ["item:1"]
    assert way.left == money("50.00")
