"""The engine by example: each stage finds what it is for, says why, and says what does not come out even."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from arqueue.cash.advice import Advice, AdviceLine
from arqueue.cash.case import PaymentCase, Policy
from arqueue.cash.habit import Habit
from arqueue.cash.suggest import suggest
from arqueue.cash.suggestion import DifferenceKind, Evidence, Suggestion
from arqueue.model.ledger import ItemKind, OpenItem
from tests.unit.books import TODAY, money, open_item, party

EVEN_AND = Policy(
    tolerance={"EUR": money("2.00")},
    tolerance_percent=Decimal(1),
    charges={"EUR": money("40.00")},
    grace_days=3,
)


def paid(amount: str, text: str = "", currency: str = "EUR", **changes: Any) -> OpenItem:
    """A payment of today."""
    return open_item("p", f"-{amount}", currency, text=text, doc_date=TODAY, number="PAY-1", **changes)


def invoice(key: str, amount: str, *, age: int = 60, currency: str = "EUR", **changes: Any) -> OpenItem:
    """Of so many days ago, due a month later."""
    on = TODAY - timedelta(days=age)
    values = {"number": f"INV-{key}", "doc_date": on, "due_date": on + timedelta(days=30)} | changes
    return open_item(key, amount, currency, **values)


def credit(key: str, amount: str, kind: ItemKind = ItemKind.CREDIT, **changes: Any) -> OpenItem:
    """A credit note."""
    return open_item(key, f"-{amount}", kind=kind, number=f"CN-{key}", **changes)


def ways(payment: OpenItem, debits: Sequence[OpenItem], **changes: Any) -> tuple[Suggestion, ...]:
    """Suggestions, best first."""
    return suggest(PaymentCase(payment=payment, today=TODAY, debits=debits, **changes)).ways


def best(payment: OpenItem, debits: Sequence[OpenItem], **changes: Any) -> Suggestion:
    """The one on top."""
    return ways(payment, debits, **changes)[0]


def lines(way: Suggestion) -> dict[str, str]:
    """Item key to amount."""
    return {line.item.removeprefix("item:"): str(line.amount) for line in way.lines}


FIVE = [
    invoice("1001", "100.00", age=80),
    invoice("1002", "250.50", age=70),
    invoice("1003", "75.25", age=60),
    invoice("1004", "1275.00", age=50),
    invoice("1005", "300.00", age=40),
]


class TestReferences:
    """What the remittance text names."""

    def test_what_is_named_and_comes_to_the_cent_is_sure(self) -> None:
        """One line a document, nothing left, nothing short."""
        way = best(paid("350.50", "INV-1001, INV-1002"), FIVE)
        assert (way.kind, way.sure, way.unique, way.difference.kind) == (
            Evidence.REFERENCE,
            True,
            True,
            DifferenceKind.NONE,
        )
        assert lines(way) == {"1001": "100.00", "1002": "250.50"}
        assert way.why[0] == "text names INV-1001, INV-1002"

    def test_a_disputed_document_is_never_sure(self) -> None:
        """Somebody should look."""
        debits = [invoice("1001", "100.00", dispute="price"), *FIVE[1:]]
        way = best(paid("100.00", "INV-1001"), debits)
        assert lines(way) == {"1001": "100.00"}
        assert not way.sure

    def test_a_named_credit_note_is_netted(self) -> None:
        """Debits less credit come to the payment."""
        way = best(paid("80.00", "INV-1001 less CN-2007"), FIVE, credits=[credit("2007", "20.00")])
        assert lines(way) == {"1001": "100.00", "2007": "-20.00"}
        assert way.sure

    def test_part_of_what_is_named_is_found(self) -> None:
        """Three are named, two come to the payment."""
        way = best(paid("175.25", "INV-1001 INV-1002 INV-1003"), FIVE)
        assert lines(way) == {"1001": "100.00", "1003": "75.25"}
        assert not way.sure

    def test_others_make_up_the_remainder(self) -> None:
        """One is named; the rest of the payment is exactly two others."""
        way = best(paid("475.25", "INV-1003 and others"), FIVE)
        assert lines(way) == {"1001": "100.00", "1003": "75.25", "1005": "300.00"}
        assert way.kind is Evidence.REFERENCE

    def test_a_short_payment_is_short_on_the_last(self) -> None:
        """Less than what is named: the last keeps a rest that the payer seems to regard as settled."""
        way = best(paid("342.77", "INV-1001 INV-1002"), FIVE)
        assert lines(way) == {"1001": "100.00", "1002": "242.77"}
        assert (way.difference.kind, way.difference.amount, way.difference.item) == (
            DifferenceKind.SHORT,
            money("7.73"),
            "item:1002",
        )
        assert [line.short for line in way.lines] == [money("0.00"), money("7.73")]
        assert "7.73 less than the open 350.50" in way.why

    def test_a_deduction_of_so_many_percent_is_that_documents(self) -> None:
        """Ten percent of the first, to the cent."""
        way = best(paid("340.50", "INV-1001 INV-1002"), FIVE)
        assert lines(way) == {"1001": "90.00", "1002": "250.50"}

    def test_a_deduction_is_the_disputed_documents(self) -> None:
        """What else should it be for."""
        debits = [invoice("1001", "100.00", dispute="price"), invoice("1002", "250.50")]
        way = best(paid("342.77", "INV-1001 INV-1002"), debits)
        assert way.difference.item == "item:1001"

    def test_a_short_payment_is_short_where_the_text_says_so(self) -> None:
        """The amount beside the first document is smaller than what is open."""
        way = best(paid("340.50", "INV-1001 90.00, INV-1002 250.50"), FIVE)
        assert lines(way) == {"1001": "90.00", "1002": "250.50"}
        assert way.difference.item == "item:1001"

    def test_an_over_payment_leaves_a_rest(self) -> None:
        """Fifty more than what is named, which no other item explains."""
        way = best(paid("400.50", "INV-1001 INV-1002"), FIVE)
        assert lines(way) == {"1001": "100.00", "1002": "250.50"}
        assert (way.difference.kind, way.left) == (DifferenceKind.OVER, money("50.00"))

    def test_a_bank_charge_on_what_is_named_is_told(self) -> None:
        """Within what a bank takes off."""
        way = best(paid("335.50", "INV-1001 INV-1002"), FIVE, policy=EVEN_AND)
        assert (way.kind, way.difference.kind) == (Evidence.REFERENCE, DifferenceKind.CHARGES)
        assert way.difference.amount == money("15.00")
        assert "about a bank's charge" in way.why[-1]

    def test_a_discount_on_what_is_named_is_told_by_line(self) -> None:
        """Two percent within ten days."""
        debits = [invoice("1001", "100.00", age=5), invoice("1002", "250.50", age=5)]
        way = best(
            paid("343.49", "INV-1001 INV-1002"), debits, parties={"party:1": party(terms="2/10 net 30")}
        )
        assert way.difference.kind is DifferenceKind.DISCOUNT
        assert [(line.amount, line.discount) for line in way.lines] == [
            (money("98.00"), money("2.00")),
            (money("245.49"), money("5.01")),
        ]
        assert "net of 2 % discount" in way.why
        assert not way.sure

    def test_what_is_named_comes_before_what_is_equal(self) -> None:
        """Two invoices of the same amount: the named one."""
        debits = [invoice("1001", "100.00", age=90), invoice("1002", "100.00", age=30)]
        way = best(paid("100.00", "INV-1002"), debits)
        assert lines(way) == {"1002": "100.00"}
        assert way.sure

    @pytest.mark.parametrize("end,many", [("INV-2026-10", 20), ("thank you", 4)])
    def test_a_list_that_the_bank_cut_goes_on(self, end: str, many: int) -> None:
        """Three of twenty that are due are named. Where a fourth begins, all of them are meant; else one more that is as much
        as the others."""
        due = [invoice(f"2026-{1010 + at}", f"{100 + at * at}.{at:02}", age=80 - at) for at in range(20)]
        rest = sum((each.open for each in due[3:]), money("0.00"))
        total = sum((each.open for each in due[:3]), rest)
        debits = [*due, invoice("2001", rest.text, age=3)]
        way = best(paid(total.text, f"INV-2026-1010 INV-2026-1011 INV-2026-1012 {end}"), debits)
        assert len(way.lines) == many

    def test_what_is_named_and_not_open_is_said(self) -> None:
        """It may have been paid before; so nothing is sure."""
        found = suggest(PaymentCase(payment=paid("100.00", "INV-1001 INV-1077"), today=TODAY, debits=FIVE))
        assert "text names INV-1077: not open here" in found.notes
        assert not found.ways[0].sure


class TestRules:
    """What customers pay in one go, although nothing is named."""

    def test_one_document(self) -> None:
        """Equal to the cent."""
        way = best(paid("1275.00"), FIVE)
        assert (way.kind, lines(way), way.sure) == (Evidence.EXACT, {"1004": "1275.00"}, False)
        assert "INV-1004 = 1,275.00 exactly" in way.why

    def test_everything_open(self) -> None:
        """The balance."""
        way = best(paid("2000.75"), FIVE)
        assert len(way.lines) == 5
        assert way.why[0] == "everything open"

    def test_everything_that_is_due(self) -> None:
        """What falls due later is left."""
        debits = [*FIVE, invoice("1006", "88.80", age=5), invoice("1007", "19.90", age=2)]
        way = best(paid("2000.75"), debits)
        assert way.why[0] == f"everything due by {TODAY}"
        assert "1006" not in lines(way)

    def test_a_month(self) -> None:
        """All invoices of one month among others."""
        dates = [date(2026, 7, 3), date(2026, 8, 2), date(2026, 8, 11), date(2026, 8, 28), date(2026, 9, 4)]
        debits = [
            invoice(str(at), amount, doc_date=on, due_date=on + timedelta(days=60 - at))
            for at, (on, amount) in enumerate(
                zip(dates, ["113.07", "229.31", "82.44", "57.93", "140.10"], strict=True)
            )
        ]
        way = best(paid("369.68"), debits)
        assert set(lines(way)) == {"1", "2", "3"}
        assert way.why[0] == "everything of 2026-08"

    def test_an_order(self) -> None:
        """All of one purchase order, though other sums are equal."""
        debits = [
            invoice("1", "100.00", age=70, purchase_order="PO-7"),
            invoice("2", "200.00", age=65),
            invoice("3", "100.00", age=60),
            invoice("4", "200.00", age=55, purchase_order="PO-7"),
            invoice("5", "40.00", age=50),
        ]
        way = best(paid("300.00"), debits)
        assert set(lines(way)) == {"1", "4"}
        assert way.why[0] == "everything of order PO-7"
        assert (way.answers, way.counted) == (4, True)

    def test_neighbours_in_time_before_scattered_ones(self) -> None:
        """The same amount twice: next to each other is likelier."""
        debits = [
            invoice(str(at), amount, age=90 - at)
            for at, amount in enumerate(
                ["10.00", "30.00", "61.00", "77.00", "20.00", "21.00", "55.00", "31.00", "90.00"]
            )
        ]
        way = best(paid("41.00"), debits)
        assert set(lines(way)) == {"4", "5"}

    def test_the_older_of_two_equal_answers(self) -> None:
        """One of two, said so."""
        debits = [invoice("new", "100.00", age=20), invoice("old", "100.00", age=90), invoice("x", "7.00")]
        way = best(paid("100.00"), debits)
        assert set(lines(way)) == {"old"}
        assert (way.answers, way.unique) == (2, False)
        assert "1 of 2 equal answers" in way.why

    def test_all_but_one(self) -> None:
        """The balance less what is not paid."""
        debits = [invoice(str(at), f"{100 + 7 * at * at}.{at:02}", age=90 - at) for at in range(12)]
        left_out = debits[5].open
        total = sum((each.open for each in debits), money("0.00")) - left_out
        way = best(paid(total.text), debits)
        assert way.kind is Evidence.EXCLUSION
        assert "5" not in lines(way)
        assert "INV-5" in way.why[0]

    def test_everything_that_there_was(self) -> None:
        """What was issued after the payment was made is not among it."""
        debits = [*FIVE, invoice("1006", "66.10", age=-2), invoice("1007", "12.20", age=-3)]
        way = best(paid("2000.75"), debits)
        assert len(way.lines) == 5

    def test_what_is_disputed_is_left_out_first(self) -> None:
        """Two of the same amount, one of them disputed: everything but that one."""
        debits = [*FIVE, invoice("1006", "60.60", age=66), invoice("1007", "60.60", age=44, dispute="price")]
        way = best(paid("2061.35"), debits)
        assert "1007" not in lines(way)
        assert "1006" in lines(way)

    def test_the_payers_own_items_before_the_familys(self) -> None:
        """Equal amounts at the branch and at the payer."""
        debits = [
            invoice("branch", "100.00", age=90, party_id="party:2"),
            invoice("own", "100.00", age=30),
        ]
        assert set(lines(best(paid("100.00"), debits))) == {"own"}

    def test_a_whole_family_is_paid_in_one_go(self) -> None:
        """Own items and a branch's."""
        debits = [*FIVE, invoice("b", "44.10", party_id="party:2"), invoice("c", "9.99", party_id="party:2")]
        way = best(paid("2054.84"), debits, parties={"party:1": party("1"), "party:2": party("2")})
        assert len(way.lines) == 7
        assert way.why[0] == "everything open of the whole family"


class TestDifferences:
    """What lies between the items and the payment."""

    def test_credit_notes_are_netted(self) -> None:
        """Everything open less the credit note; the credit's line is negative."""
        way = best(paid("1980.75"), FIVE, credits=[credit("7", "20.00")])
        assert lines(way)["7"] == "-20.00"
        assert "less CN-7" in way.why
        assert (way.applied, way.left) == (money("1980.75"), money("0.00"))

    def test_the_payers_own_credit_notes_are_netted_without_the_familys(self) -> None:
        """Two of the payer's, two of a branch's."""
        own = [credit("1", "20.00"), credit("2", "31.10")]
        branch = [credit("3", "7.70", party_id="party:2"), credit("4", "8.80", party_id="party:2")]
        way = best(paid("1949.65"), FIVE, credits=[*own, *branch])
        assert {key for key in lines(way) if len(key) == 1} == {"1", "2"}

    def test_a_document_paid_twice(self) -> None:
        """The balance and one of its documents again: its amount is left."""
        way = best(paid("2300.75"), FIVE)
        assert (way.left, way.difference.kind) == (money("300.00"), DifferenceKind.OVER)
        assert "INV-1005 seems to be paid twice" in way.why

    def test_an_earned_discount_on_one_document(self) -> None:
        """Two percent off, on the ninth day."""
        debits = [*FIVE, invoice("1006", "450.00", age=9)]
        way = best(paid("441.00"), debits, parties={"party:1": party(terms="2/10 net 30")})
        assert (way.kind, way.difference.kind) == (Evidence.DISCOUNT, DifferenceKind.DISCOUNT)
        assert [(line.amount, line.discount) for line in way.lines] == [(money("441.00"), money("9.00"))]

    def test_a_discount_taken_too_late_says_when_it_ended(self) -> None:
        """Unearned: granting it is somebody's decision."""
        way = best(paid("294.00"), FIVE, parties={"party:1": party(terms="2/10 net 30")})
        assert lines(way) == {"1005": "294.00"}
        assert way.why[0] == f"net of 2 % discount, which was to be paid by {TODAY - timedelta(days=30)}"

    def test_a_discount_of_the_sum_is_spread_to_the_cent(self) -> None:
        """The payer took two percent of the total: a cent less than line by line."""
        debits = [invoice("1", "10.25", age=5), invoice("2", "10.25", age=4), invoice("3", "10.25", age=3)]
        way = best(paid("30.13"), debits, parties={"party:1": party(terms="2/10 net 30")})
        assert way.difference.kind is DifferenceKind.DISCOUNT
        assert way.difference.amount == money("0.62")
        assert all(line.amount + line.discount == money("10.25") for line in way.lines)
        assert way.applied == money("30.13")

    def test_a_bank_charge(self) -> None:
        """Twenty-five less than one document, within what banks take."""
        way = best(paid("1250.00"), FIVE, policy=EVEN_AND)
        assert (way.kind, way.difference.kind) == (Evidence.TOLERANCE, DifferenceKind.CHARGES)
        assert "25.00 less than the open 1,275.00: about a bank's charge" in way.why
        assert [line.short for line in way.lines] == [money("25.00")]

    @pytest.mark.parametrize("amount,left", [("1274.01", "0.00"), ("1276.50", "1.50")])
    def test_the_tolerance_holds_both_ways(self, amount: str, left: str) -> None:
        """A little less is short, a little more is left."""
        policy = Policy(tolerance={"EUR": money("2.00")}, tolerance_percent=Decimal(1))
        way = best(paid(amount), FIVE, policy=policy)
        assert (way.difference.kind, way.left) == (DifferenceKind.TOLERANCE, money(left))

    def test_the_stricter_of_amount_and_percent_holds(self) -> None:
        """A cent on a euro is beyond one percent of less."""
        policy = Policy(tolerance={"EUR": money("2.00")}, tolerance_percent=Decimal(1))
        kinds = {way.difference.kind for way in ways(paid("99.00"), FIVE, policy=policy)}
        assert DifferenceKind.TOLERANCE not in kinds

    def test_nothing_fits_oldest_first(self) -> None:
        """The last one is paid in part, and keeps its rest openly."""
        way = next(each for each in ways(paid("180.00"), FIVE) if each.why == ("oldest due first",))
        assert lines(way) == {"1001": "100.00", "1002": "80.00"}
        assert (way.kind, way.difference.kind, way.difference.item) == (
            Evidence.OLDEST,
            DifferenceKind.SHORT,
            "item:1002",
        )
        assert not any(line.short for line in way.lines)

    def test_more_than_everything_leaves_a_rest(self) -> None:
        """All is paid."""
        way = best(paid("5000.00"), FIVE)
        assert (way.left, way.difference.kind) == (money("2999.25"), DifferenceKind.OVER)
        assert len(way.lines) == 5


class TestHabits:
    """What is known of the customer decides between equal answers."""

    DEBITS = (
        invoice("a", "60.00", age=100),
        invoice("b", "40.00", age=95),
        invoice("c", "100.00", age=60),
        invoice("d", "35.00", age=50),
    )

    def test_who_pays_the_oldest(self) -> None:
        """The first two rather than the one of that amount."""
        habit = Habit(seen=40, oldest_first=0.95, single=0.02)
        assert set(lines(best(paid("100.00"), self.DEBITS, habit=habit))) == {"a", "b"}

    def test_who_pays_one_document_at_a_time(self) -> None:
        """The one of that amount rather than the first two."""
        habit = Habit(seen=40, single=0.95, oldest_first=0.02)
        assert set(lines(best(paid("100.00"), self.DEBITS, habit=habit))) == {"c"}

    def test_who_takes_discounts(self) -> None:
        """An invoice net of discount rather than another of just that amount."""
        debits = [invoice("gross", "98.00", age=8), invoice("net", "100.00", age=7)]
        parties = {"party:1": party(terms="2/10 net 30")}
        takes = Habit(seen=40, net_of_discount=1.0, single=0.5)
        never = Habit(seen=40, net_of_discount=0.0, single=0.5)
        assert set(lines(best(paid("98.00"), debits, parties=parties, habit=takes))) == {"net"}
        assert set(lines(best(paid("98.00"), debits, parties=parties, habit=never))) == {"gross"}


class TestBounds:
    """What is no case for the engine."""

    @pytest.mark.parametrize("amount", ["0.00", "-50.00"])
    def test_what_is_no_open_payment_has_no_way(self, amount: str) -> None:
        """Nothing to apply."""
        payment = open_item("p", amount if amount == "0.00" else "50.00", number="PAY-1")
        assert ways(payment, FIVE) == ()

    def test_closed_items_are_not_proposed(self) -> None:
        """Nothing open, although it would fit."""
        closed = invoice("1", "0.00", total=money("100.00"))
        assert ways(paid("100.00"), [closed]) == ()

    def test_other_currencies_are_left_out_and_said(self) -> None:
        """They are the ledger's to convert."""
        debits = [invoice("usd", "100.00", currency="USD"), invoice("eur", "30.00")]
        found = suggest(PaymentCase(payment=paid("100.00"), today=TODAY, debits=debits))
        assert all(set(lines(way)) == {"eur"} for way in found.ways)
        assert found.notes == ("1 open item in USD: another currency than the payment's EUR",)

    def test_only_foreign_items_leave_a_note(self) -> None:
        """No way, one note."""
        found = suggest(
            PaymentCase(payment=paid("1.00"), today=TODAY, debits=[invoice("1", "1.00", currency="USD")])
        )
        assert found.ways == ()
        assert len(found.notes) == 1

    def test_when_the_time_is_over_the_best_so_far_is_told(self) -> None:
        """And that it is not all."""
        debits = [invoice(str(at), f"{1000 + 37 * at}.{at % 100:02}", age=at % 90) for at in range(400)]
        found = suggest(PaymentCase(payment=paid("7777.77"), today=TODAY, debits=debits), over=lambda: True)
        assert found.ways
        assert not found.complete

    def test_a_whole_yen_has_no_cents(self) -> None:
        """Amounts are said as the currency has them."""
        way = best(paid("1250", currency="JPY"), [invoice("1", "1250", currency="JPY")])
        assert "INV-1 = 1,250 exactly" in way.why


class TestAdvice:
    """Structured remittance beside the payment, line by line."""

    @staticmethod
    def advice(*told: tuple[str, str, str, str]) -> Advice:
        """Reference, amount, discount, reason; empty for what is not said."""
        return Advice(
            source="csv",
            lines=tuple(
                AdviceLine(
                    reference=reference,
                    amount=money(amount) if amount else None,
                    discount=money(discount) if discount else None,
                    reason=reason,
                )
                for reference, amount, discount, reason in told
            ),
        )

    def test_every_line_is_matched(self) -> None:
        """To the cent, so it is sure."""
        told = self.advice(("INV-1001", "100.00", "", ""), ("INV-1003", "75.25", "", ""))
        way = best(paid("175.25"), FIVE, advice=told)
        assert (way.kind, way.sure, lines(way)) == (
            Evidence.ADVICE,
            True,
            {"1001": "100.00", "1003": "75.25"},
        )
        assert way.why[0] == "advice names INV-1001, INV-1003"

    def test_it_is_believed_before_the_text(self) -> None:
        """Which names something else."""
        told = self.advice(("INV-1001", "100.00", "", ""))
        assert set(lines(best(paid("100.00", "INV-1002"), FIVE, advice=told))) == {"1001"}

    def test_a_deduction_with_a_reason_keeps_a_rest(self) -> None:
        """Where and why it says."""
        told = self.advice(("INV-1001", "87.50", "", "damaged goods"), ("INV-1003", "75.25", "", ""))
        way = best(paid("162.75"), FIVE, advice=told)
        assert (way.difference.kind, way.difference.amount, way.difference.item) == (
            DifferenceKind.SHORT,
            money("12.50"),
            "item:1001",
        )
        assert "12.50 less than what is open of INV-1001: damaged goods" in way.why
        assert [line.short for line in way.lines] == [money("12.50"), money("0.00")]

    def test_a_line_that_only_deducts_is_taken_off_its_document(self) -> None:
        """Two lines of one document add up."""
        told = self.advice(("INV-1002", "250.50", "", ""), ("INV-1002", "-50.50", "", "price"))
        assert lines(best(paid("200.00"), FIVE, advice=told)) == {"1002": "200.00"}

    def test_a_deduction_that_names_nothing_is_short_on_the_last(self) -> None:
        """Freight, say."""
        told = self.advice(
            ("INV-1001", "100.00", "", ""),
            ("INV-1002", "250.50", "", ""),
            ("freight", "-12.34", "", "freight"),
        )
        way = best(paid("338.16"), FIVE, advice=told)
        assert lines(way) == {"1001": "100.00", "1002": "238.16"}
        assert way.difference.amount == money("12.34")

    @pytest.mark.parametrize("amount", ["98.00", "100.00", ""])
    def test_its_discount_closes_the_document(self, amount: str) -> None:
        """Whether it says what is paid net, gross or not at all; terms or not."""
        way = best(paid("98.00"), FIVE, advice=self.advice(("INV-1001", amount, "2.00", "")))
        assert [(line.amount, line.discount) for line in way.lines] == [(money("98.00"), money("2.00"))]
        assert way.difference.kind is DifferenceKind.DISCOUNT

    def test_a_credit_note_on_it_is_netted(self) -> None:
        """Its amount is negative."""
        told = self.advice(("INV-1001", "100.00", "", ""), ("CN-2007", "-20.00", "", ""))
        way = best(paid("80.00"), FIVE, advice=told, credits=[credit("2007", "20.00")])
        assert lines(way) == {"1001": "100.00", "2007": "-20.00"}

    def test_what_it_names_and_is_not_open_stays_on_account(self) -> None:
        """And is said; so it is not sure."""
        told = self.advice(("INV-1001", "100.00", "", ""), ("INV-9999", "55.00", "", ""))
        found = suggest(PaymentCase(payment=paid("155.00"), today=TODAY, debits=FIVE, advice=told))
        assert lines(found.ways[0]) == {"1001": "100.00"}
        assert (found.ways[0].left, found.ways[0].sure) == (money("55.00"), False)
        assert "advice names INV-9999: not open here" in found.notes

    def test_an_amount_that_no_invoice_has_is_said_and_the_other_lines_are_followed(self) -> None:
        """The document counts as named; its amount is what is open."""
        told = self.advice(("INV-1001", "90.00", "", ""), ("INV-1003", "-75.25", "", ""))
        found = suggest(PaymentCase(payment=paid("165.25"), today=TODAY, debits=FIVE, advice=told))
        assert lines(found.ways[0]) == {"1001": "90.00", "1003": "75.25"}
        said = "advice: -75.25 cannot be the amount of invoice INV-1003 and is left out; write 75.25"
        assert said in found.notes

    def test_an_advice_of_nothing_that_is_open_leaves_the_text(self) -> None:
        """As if there were none."""
        told = self.advice(("INV-9999", "100.00", "", ""))
        way = best(paid("100.00", "INV-1001"), FIVE, advice=told)
        assert (way.kind, set(lines(way))) == (Evidence.REFERENCE, {"1001"})
