"""What an experienced cash applier sees at once: allowances, forgotten documents, sizes, round sums, money sent before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from arqueue.cash.case import PaymentCase, Policy
from arqueue.cash.gaps import swapped
from arqueue.cash.likelihood import share_bits
from arqueue.cash.suggest import suggest
from arqueue.cash.suggestion import DifferenceKind, Evidence, Suggestion, Suggestions
from arqueue.model.ledger import ItemKind, OpenItem
from tests.unit.books import TODAY, money, open_item

CHARGES = Policy(charges={"EUR": money("25.00")})


def invoice(key: int, amount: str, *, due: int = 0, **changes: Any) -> OpenItem:
    """Due so many days before today, of a month before that."""
    on = TODAY - timedelta(days=due)
    values: dict[str, Any] = {
        "number": f"INV-{key}",
        "doc_date": on - timedelta(days=30),
        "due_date": on,
    } | changes
    return open_item(str(key), amount, **values)


def answer(amount: str, debits: Sequence[OpenItem], text: str = "", **changes: Any) -> Suggestions:
    """With all the time in the world."""
    payment = open_item("p", f"-{amount}", number="PAY-1", text=text, doc_date=TODAY)
    return suggest(PaymentCase(payment=payment, today=TODAY, debits=debits, **changes), lambda: False)


def best(amount: str, debits: Sequence[OpenItem], text: str = "", **changes: Any) -> Suggestion:
    """The one on top."""
    return answer(amount, debits, text, **changes).ways[0]


def paid(way: Suggestion) -> dict[str, str]:
    """Item key to amount."""
    return {line.item.removeprefix("item:"): str(line.amount) for line in way.lines}


def keys(way: Suggestion) -> list[int]:
    """The documents that it pays."""
    return sorted(int(line.item.removeprefix("item:")) for line in way.lines)


class TestAllowances:
    """Less by a percentage of one document."""

    def test_a_plain_share_of_one_document_is_kept_open_on_it(self) -> None:
        """An eighth of the first explains 22.37 better than a bank does."""
        debits = [invoice(1, "179.00", due=5), invoice(2, "194.00", due=3), invoice(3, "590.00")]
        way = best("350.63", debits, "INV-1; INV-2 INV-1 INV-2", policy=CHARGES)
        assert way.difference.kind is DifferenceKind.SHORT
        assert paid(way) == {"1": "156.63", "2": "194.00"}

    @pytest.mark.parametrize("part, whole", [(2237, 17900), (553, 5538), (413, 4134), (5117, 46522)])
    def test_a_share_is_one_whichever_way_the_cents_were_cut(self, part: int, whole: int) -> None:
        """Eighths and whole percents."""
        assert share_bits(part, whole) is not None

    def test_the_oldest_less_so_many_percent_of_one(self) -> None:
        """A tenth of the third."""
        debits = [
            *(invoice(at, f"{100 + 17 * at * at}.{13 * at:02}", due=40 - 3 * at) for at in range(1, 7)),
            *(invoice(at, f"{100 + 17 * at * at}.00", due=9 - at) for at in range(7, 10)),
        ]
        oldest = debits[0].open + debits[1].open + debits[2].open + debits[3].open + debits[4].open
        way = best((oldest - money("25.34")).text, debits)
        assert keys(way) == [1, 2, 3, 4, 5]
        assert (paid(way)["3"], way.difference.amount) == ("228.05", money("25.34"))

    @pytest.mark.parametrize(
        "part, whole",
        [(8950, 21600), (0, 100), (9000, 10000), (1, 300)],
        ids=["odd", "nothing", "most", "small"],
    )
    def test_what_is_no_share_that_people_name_is_none(self, part: int, whole: int) -> None:
        """Also where any part of so little would be one."""
        assert share_bits(part, whole) is None


class TestSlips:
    """Payments of someone who typed the amount."""

    def test_two_figures_that_changed_places_tell_the_document(self) -> None:
        """1,350.77 for 1,530.77, and nothing else is near."""
        debits = [invoice(1, "977.40", due=9), invoice(2, "1322.18", due=8), invoice(3, "1530.77", due=2)]
        way = best("1350.77", debits)
        assert (paid(way), way.difference.amount) == ({"3": "1350.77"}, money("180.00"))
        assert way.why == ("180.00 less than the open 1,530.77: two figures are swapped",)

    def test_every_neighbouring_pair_may_be_swapped(self) -> None:
        """But equal ones, and none to the front that is no figure to begin with."""
        assert swapped(1203) == {2103, 1023, 1230}
        assert swapped(1105) == {1015, 1150}
        assert swapped(102) == {120}


class TestRuns:
    """What a payment run takes, and what it forgets."""

    DEBITS = (
        invoice(1, "611.11", due=40),
        invoice(2, "722.23", due=30),
        invoice(3, "133.37", due=20),
        invoice(4, "844.41", due=10),
        invoice(5, "955.53", due=10),
        invoice(6, "266.67", due=9),
        invoice(7, "377.71", due=1),
        invoice(8, "288.83", due=-5),
    )

    def test_a_run_of_whole_days_and_one_that_was_forgotten(self) -> None:
        """Three due on two days, and an old one."""
        debits = self.DEBITS
        total = sum((debits[at].open for at in (3, 4, 5)), debits[1].open)
        way = best(str(total), debits)
        assert keys(way) == [2, 4, 5, 6]
        assert way.difference.kind is DifferenceKind.NONE

    def test_a_run_of_what_is_due_soon_passes_over_trifles(self) -> None:
        """All due within ten days of at least so much."""
        debits = [
            *(invoice(at, f"{10 + at}.{10 + at}", due=50 - at) for at in range(1, 9)),
            *(invoice(at, f"{300 + 7 * at}.{10 + at}", due=12 - at) for at in range(9, 22)),
            *(invoice(at, f"{500 + 3 * at}.55", due=-at) for at in range(22, 26)),
        ]
        chosen = debits[8:21]
        way = best(str(sum((each.open for each in chosen[1:]), chosen[0].open)), debits)
        assert keys(way) == list(range(9, 22))

    def test_a_run_may_end_on_any_day_around_the_payment(self) -> None:
        """All due by ten days from now of at most so much: the large ones are signed by somebody else."""
        debits = [
            invoice(at, f"{(7919 * at * at) % 1999 + 100}.{31 * at % 100:02}", due=20 - at)
            for at in range(1, 37)
        ]
        chosen = [each for each in debits[:30] if each.open <= money("1500.00")]
        way = best(str(sum((each.open for each in chosen[1:]), chosen[0].open)), debits)
        assert [line.item for line in way.lines] == [each.item.id for each in chosen]
        assert "everything due by 2026-12-01 of at most 1," in way.why[0]

    def test_a_run_and_one_that_was_asked_for_beside_it(self) -> None:
        """All due by four days from now less the credit note, and one that is due later."""
        debits = [
            invoice(at, f"{(7919 * at * at) % 1999 + 100}.{31 * at % 100:02}", due=20 - at)
            for at in range(1, 37)
        ]
        chosen = [*debits[:24], debits[32]]
        note = open_item("c", "-44.44", kind=ItemKind.CREDIT, number="CN-0")
        total = sum((each.open for each in chosen[1:]), chosen[0].open) - money("44.44")
        way = best(total.text, debits, credits=[note])
        assert [line.item for line in way.lines] == [each.item.id for each in (*chosen, note)]


class TestMoneyBeside:
    """Money on account, and money that was sent before."""

    def test_one_document_and_a_round_sum_on_account(self) -> None:
        """467.49 + 500.00."""
        debits = [invoice(1, "467.49", due=40), invoice(2, "750.23", due=30), invoice(3, "1010.28", due=2)]
        way = best("967.49", debits)
        assert (paid(way), way.left) == ({"1": "467.49"}, money("500.00"))

    @pytest.mark.parametrize("kind, means", [(ItemKind.CREDIT, {"1", "c"}), (ItemKind.PAYMENT, {"2", "4"})])
    def test_credit_notes_are_netted_and_payments_hardly_ever(self, kind: ItemKind, means: set[str]) -> None:
        """One document less the credit, or two documents that come to the same."""
        amounts = ("300.00", "111.11", "40.40", "88.89", "61.35", "20.10")
        debits = [invoice(at, amount, due=30 - 3 * at) for at, amount in enumerate(amounts, 1)]
        way = best("200.00", debits, credits=[open_item("c", "-100.00", kind=kind, number="C-0")])
        assert set(paid(way)) == means


class TestLists:
    """Texts that name how a list begins and ends."""

    DEBITS = tuple(
        invoice(1000 + 7 * at, f"{200 + 31 * at}.{17 * at % 100:02}", due=40 - 2 * at) for at in range(20)
    )

    @staticmethod
    def total(debits: Sequence[OpenItem]) -> str:
        """Of what is open."""
        return str(sum((each.open for each in debits[1:]), debits[0].open))

    @pytest.mark.parametrize("end", ["INV-10", "and 7 others", "u.a.", "et autres", "..."])
    def test_a_list_that_goes_on_is_paid_from_its_first_on(self, end: str) -> None:
        """Two of nine in a row are named."""
        way = best(self.total(self.DEBITS[5:14]), self.DEBITS, f"INV-1035, INV-1042, {end}")
        assert keys(way) == [1000 + 7 * at for at in range(5, 14)]
        assert "and all up to INV-1091" in way.why[0]
        assert not way.sure

    def test_two_that_are_named_may_be_the_ends(self) -> None:
        """Whatever the word between them is."""
        way = best(self.total(self.DEBITS[3:17]), self.DEBITS, "INV-1021 ~~~ INV-1112")
        assert keys(way) == [1000 + 7 * at for at in range(3, 17)]

    def test_what_the_list_does_not_say_comes_behind_it(self) -> None:
        """Of two answers the one that goes on where the text was cut."""
        debits = [invoice(at, f"{100 * at}.00", due=30 - at) for at in (1, 2, 3, 4, 5)]
        way = best("1000.00", debits, "INV-3, INV-2 and others")
        assert keys(way) == [2, 3, 5]

    def test_so_many_percent_of_the_one_that_is_named(self) -> None:
        """A part payment, although another document comes to just that."""
        debits = [invoice(1, "385.20", due=2), invoice(2, "1284.00", due=9), invoice(3, "77.12", due=3)]
        way = best("385.20", debits, "INV-2")
        assert (paid(way), way.kind) == ({"2": "385.20"}, Evidence.REFERENCE)

    def test_a_deposit_of_so_many_percent_needs_no_words(self) -> None:
        """Thirty percent of one document, and nothing else is near."""
        debits = [invoice(1, "82.45", due=9), invoice(2, "312.50", due=8), invoice(3, "1284.00", due=2)]
        assert paid(best("385.20", debits)) == {"3": "385.20"}


class TestClosed:
    """Texts that name what was paid before."""

    DEBITS = tuple(
        invoice(1000 + at, f"{200 + 7 * at**3 % 811}.{37 * at % 100:02}", due=40 - 2 * at)
        for at in range(1, 13)
    )

    def test_it_is_said_where_the_payment_then_belongs(self) -> None:
        """A number of the same form that is not open."""
        (note,) = answer("207.37", self.DEBITS, "INV-0977").notes
        assert note == "text names INV-0977: not open here; paid already, it belongs on account"

    def test_what_is_no_number_of_ours_says_nothing_of_it(self) -> None:
        """A bank's reference."""
        assert not any(
            "on account" in note for note in answer("231.17", self.DEBITS, "ref 4711-0815-99").notes
        )

    def test_any_sum_is_worth_less_then(self) -> None:
        """Three documents come to the money; so do the oldest five less a bank's charge."""
        money_of = [each.open for each in self.DEBITS]
        amount = money_of[0] + money_of[1] + money_of[2] + money_of[3] + money_of[4] - money("12.50")
        last = amount - money_of[6] - money_of[9]
        debits = [*self.DEBITS[:11], invoice(1012, last.text, due=16)]
        assert best(amount.text, debits, policy=CHARGES).kind is Evidence.EXACT
        assert best(amount.text, debits, "INV-0977", policy=CHARGES).kind is Evidence.TOLERANCE
