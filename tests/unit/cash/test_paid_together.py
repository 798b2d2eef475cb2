"""What belongs together for a payer: instalments, some of its branches, discounts down to a line; and how it pays as a rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from arqueue.cash.case import PaymentCase, Policy
from arqueue.cash.habit import Habit
from arqueue.cash.manners import Manners, Shortfall
from arqueue.cash.suggest import suggest
from arqueue.cash.suggestion import DifferenceKind, Evidence, Suggestion
from arqueue.model.ledger import ItemKind, OpenItem
from tests.unit.books import TODAY, money, open_item, party


def invoice(key: int, amount: str, *, due: int, days: int = 30, **changes: Any) -> OpenItem:
    """Due so many days from today."""
    on = TODAY + timedelta(days=due)
    values: dict[str, Any] = {
        "number": f"INV-{key}",
        "doc_date": on - timedelta(days=days),
        "due_date": on,
    } | changes
    return open_item(str(key), amount, **values)


def best(amount: str, debits: Sequence[OpenItem], text: str = "", **changes: Any) -> Suggestion:
    """The way on top, with all the time in the world."""
    payment = open_item("p", f"-{amount}", number="PAY-1", text=text, doc_date=TODAY)
    case = PaymentCase(payment=payment, today=TODAY, debits=debits, **changes)
    return suggest(case, lambda: False).ways[0]


def keys(way: Suggestion) -> list[int]:
    """The documents that it pays."""
    return sorted(int(line.item.removeprefix("item:")) for line in way.lines)


def test_what_is_payable_in_instalments_may_be_paid_by_itself() -> None:
    """The plan's parts that are due, among as old invoices."""
    debits = [invoice(at, f"{100 + 17 * at}.{7 * at:02}", due=at - 12) for at in range(1, 13)]
    plans = {2, 3, 6, 9, 10}
    debits = [
        invoice(at, each.open.text, due=at - 12, kind=ItemKind.INSTALMENT) if at in plans else each
        for at, each in enumerate(debits, 1)
    ]
    total = sum((debits[at - 1].open for at in plans), money("0"))
    way = best(total.text, debits)
    assert keys(way) == sorted(plans)
    assert "in instalments" in way.why[0]


def test_a_head_office_pays_for_some_of_its_branches() -> None:
    """What falls due of two among four, said by name."""
    branches = [party("1"), *(party(str(key), parent_id=party("1").id) for key in (2, 3, 4))]
    debits = [
        invoice(at, f"{210 + 37 * at}.{(29 * at) % 100:02}", due=at - 14, party_id=branches[at % 4].id)
        for at in range(1, 21)
    ]
    wanted = [at for at in range(1, 18) if at % 4 in (1, 3)]
    total = sum((debits[at - 1].open for at in wanted), money("0"))
    way = best(total.text, debits, parties={each.id: each for each in branches})
    assert keys(way) == wanted
    assert f"of {branches[1].name} and {branches[3].name}" in way.why[0]


def test_discounts_are_taken_down_to_a_line() -> None:
    """Of all that is paid, on what is newer than some day, wherever that lies."""
    debits = [
        invoice(at, f"{310 + 41 * at}.{(31 * at) % 100:02}", due=31 + at, days=60) for at in range(1, 16)
    ]
    gross = [each.open.minor for each in debits[:12]]
    paid = sum(gross) - sum((2 * each + 50) // 100 for each in gross[9:])
    customer = party("1", terms="2/10 net 30")
    way = best(f"{paid / 100:.2f}", debits, parties={customer.id: customer})
    assert keys(way) == list(range(1, 13))
    assert [line.item for line in way.lines if line.discount] == [f"item:{key}" for key in (10, 11, 12)]


def test_who_pays_round_amounts_on_account_does_so_where_documents_are_round_too() -> None:
    """Some two of them come to the sum, which its past says nothing of."""
    debits = [
        invoice(at, amount, due=at - 4)
        for at, amount in enumerate(("500", "900", "1850", "600", "3250", "450"))
    ]
    habit = Habit(seen=6, oldest_first=1.0, rounds=0.8, manners=Manners(seen=6))
    way = best("3700.00", debits, habit=habit)
    assert keys(way) == [0, 1, 2, 3]
    assert keys(best("3700.00", debits)) == [4, 5]


def test_what_is_but_a_rest_keeps_no_further_rest() -> None:
    """A complaint of before stays what it is; the new one is an eighth of another document."""
    old = invoice(1, "46.00", due=-9, total=money("368.00"), dispute="Deduction")
    debits = [old, invoice(2, "3962.00", due=-3), invoice(3, "360.00", due=-2), invoice(4, "693.31", due=-1)]
    way = best("5016.31", debits, text="INV-1 INV-2 INV-3 INV-4")
    assert way.difference.kind is DifferenceKind.SHORT
    assert way.difference.item == "item:3"


def test_two_orders_are_paid_together_but_for_what_was_under_way() -> None:
    """The oldest and another one, whose latest document was issued two days before."""
    debits = [
        invoice(
            at,
            f"{120 + 7919 * at % 1009}.{(37 * at) % 100:02}",
            due=2 * at - 32,
            purchase_order=f"PO-{at % 7}",
        )
        for at in range(1, 29)
    ]
    late = invoice(29, "431.07", due=28, purchase_order="PO-4")
    wanted = [at for at in range(1, 29) if at % 7 in (1, 4)]
    total = sum((debits[at - 1].open for at in wanted), money("0"))
    way = best(total.text, [*debits, late])
    assert keys(way) == wanted
    assert "everything of orders PO-1 and PO-4" in way.why[0]


def test_two_documents_may_be_left_out_of_any_run() -> None:
    """All that falls due in twelve days, which is no round term."""
    debits = [
        invoice(at, f"{90 + 37 * at**3 % 1009}.{17 * at * at % 100:02}", due=at - 33) for at in range(1, 81)
    ]
    wanted = [at for at in range(1, 46) if at not in (4, 31)]
    total = sum((debits[at - 1].open for at in wanted), money("0"))
    assert keys(best(total.text, debits)) == wanted


def test_what_is_named_is_told_as_named_however_usual_it_is() -> None:
    """Who always nets its credits, and names them, may be taken at its word without a person."""
    debits = [invoice(at, f"{100 + 17 * at}.00", due=4 * at - 4, number=f"INV-470{at}") for at in range(1, 6)]
    credit = open_item("9", "-25.00", number="CN-4709", kind=ItemKind.CREDIT)
    manners = Manners(seen=12, offered=12, netted=1.0, ahead=(4,) * 12)
    habit = Habit(seen=12, oldest_first=1.0, manners=manners)
    way = best("226.00", debits, "INV-4701 INV-4702 CN-4709", habit=habit, credits=[credit])
    assert (keys(way), way.kind, way.sure) == ([1, 2, 9], Evidence.REFERENCE, True)


def test_who_always_pays_more_than_it_names_may_do_so_again() -> None:
    """Although three others come to the rest."""
    debits = [
        invoice(at, amount, due=at - 4) for at, amount in enumerate(("700.00", "150.00", "90.10", "350.00"))
    ]
    habit = Habit(seen=6, oldest_first=0.8, single=1.0, manners=Manners(seen=6, over=1.0))
    way = best("1200.00", debits, "INV-0", habit=habit)
    assert (keys(way), str(way.left)) == ([0], "500.00")
    assert keys(best("1200.00", debits, "INV-0")) == [0, 1, 3]


def test_who_leaves_the_cents_off_does_so_again() -> None:
    """Of all that is due, though one that is not due comes to the sum as it is."""
    amounts = ("385.61", "1099.39", "398.75", "160.47", "156.03", "22.00", "77.40", "2299.00", "798.75")
    debits = [invoice(at, amount, due=at - 6, number=f"INV-{at}") for at, amount in enumerate(amounts)]
    cents = tuple(Shortfall("EUR", lacked, kept=False) for lacked in (91, 60, 87, 11, 42, 37))
    habit = Habit(seen=6, single=0.5, manners=Manners(seen=6, shortfalls=cents, ahead=(0,) * 6))
    policy = Policy(tolerance={"EUR": money("5.00")}, tolerance_percent=Decimal(1))
    way = best("2299.00", debits, habit=habit, policy=policy)
    assert (keys(way), way.difference.amount) == ([0, 1, 2, 3, 4, 5, 6], money("0.65"))
