"""Whose authority an order stands on: no splitting helps, no yes outlives whoever gave it, two break the glass."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.control.authority import (
    APPROVAL_S,
    Approval,
    Claim,
    Use,
    covered,
    use_of,
    who_could,
    withdrawn,
)
from arqueue.control.commands import Adjust, Annotate, Unapply
from arqueue.control.decide import Accepted, NeedsApproval, Refusal, decide, may_approve, may_break_glass
from arqueue.model.money import Money
from arqueue.model.people import Limit, People, Person, Role
from tests.unit.books import TODAY, money
from tests.unit.control.test_decide import INVOICE, situation


def person(name: str, role: Role, *limits: Limit) -> Person:
    """Somebody."""
    return Person(name, name.title(), frozenset({role}), limits)


LIMIT = Limit("adjust", money("50.00"), "*", money("120.00"), money("80.00"))
ANNA = person("anna", Role.COLLECTOR, LIMIT)
SUE = person("sue", Role.SUPERVISOR, Limit("adjust", money("1000.00")))
TOM = person("tom", Role.SUPERVISOR, Limit("adjust", money("1000.00")))
MAX = person("max", Role.AUDITOR)
PEOPLE = People([ANNA, SUE, TOM, MAX])


def use(amount: str, *, reason: str = "small", party: str = "party:1") -> Use:
    """A write-off."""
    return Use("adjust", money(amount), reason, party)


def adjust(amount: str, key: str = "item:i") -> Adjust:
    """The command."""
    return Adjust(key, money(amount), "small", "method:small", TODAY)


# ---- sums of 24 hours


def test_what_was_used_today_counts() -> None:
    """Up to the day's limit and not a cent more; the words say how much is used."""
    used = [use("40.00", party="party:2"), use("50.00", party="party:3")]
    assert covered(ANNA, use("30.00"), used) == Accepted()
    over = covered(ANNA, use("30.01"), used)
    assert isinstance(over, NeedsApproval)
    assert over.reason == "today 90.00 of 120.00 EUR are used, and this takes 30.01"
    assert over.rule == "limit adjust EUR 120.00 a day"


def test_one_customer_has_a_sum_of_its_own() -> None:
    """Two halves on one account are as much as the whole."""
    used = [use("45.00")]
    assert covered(ANNA, use("45.00", party="party:2"), used) == Accepted()
    over = covered(ANNA, use("45.00"), used)
    assert isinstance(over, NeedsApproval)
    assert over.reason == "today 45.00 of 80.00 EUR are used with this customer, and this takes 45.00"


def test_each_limit_has_its_own_sum() -> None:
    """What one reason's own limit let through does not use up the general one, nor another currency's."""
    own = Limit("adjust", money("20.00"), "freight", money("20.00"))
    anna = replace(ANNA, limits=(LIMIT, own))
    used = [use("20.00", reason="freight"), Use("adjust", Money(99999, "USD"), "small")]
    assert covered(anna, use("50.00", party="party:2"), used) == Accepted()
    assert isinstance(covered(anna, use("0.01", reason="freight"), used), NeedsApproval)


@given(st.lists(st.tuples(st.integers(1, 6000), st.sampled_from(["party:1", "party:2"])), max_size=30))
def test_however_it_is_split_the_sums_hold(asked: list[tuple[int, str]]) -> None:
    """Whatever is let through without another person stays within both sums."""
    used: list[Use] = []
    for minor, party in asked:
        wanted = Use("adjust", Money(minor, "EUR"), "small", party)
        if isinstance(covered(ANNA, wanted, used), Accepted):
            used.append(wanted)
    assert sum(each.amount.minor for each in used) <= 12000
    for party in ("party:1", "party:2"):
        assert sum(each.amount.minor for each in used if each.party == party) <= 8000


def test_who_has_no_limit_for_an_action_is_free_unless_it_is_an_adjustment() -> None:
    """Applying needs no limit; writing off does."""
    assert covered(SUE, Use("apply", money("99999.00")), ()) == Accepted()
    assert isinstance(covered(MAX, use("0.01"), ()), NeedsApproval)


def test_remarks_use_no_limit() -> None:
    """Only what moves money does."""
    assert use_of(Annotate("item:i", "x"), "party:1", money("1.00")) is None
    back = Unapply("allocation:1", "item:p", "item:i", money("7.00"), TODAY)
    assert use_of(back, "party:1", money("1.00")) == Use("unapply", money("7.00"), "", "party:1")


def test_a_decision_knows_what_was_let_through() -> None:
    """Also for whoever approves: their own sum has to have room."""
    used = (use("80.00"),)
    assert isinstance(decide(adjust("40.00"), situation(INVOICE, person=ANNA, spent=used)), NeedsApproval)
    day = replace(SUE, limits=(Limit("adjust", money("1000.00"), "*", money("100.00")),))
    people = People([ANNA, day])
    tired = situation(INVOICE, person=day, people=people, spent=used)
    assert isinstance(may_approve(adjust("40.00"), "anna", tired), Refusal)
    assert may_approve(adjust("20.00"), "anna", tired) == Accepted()


# ---- the people file


def test_no_money_moves_while_the_people_file_cannot_be_read() -> None:
    """The error is the reason; remarks go on."""
    broken = People(PEOPLE, fault="people.toml is not TOML: line 3")
    refused = decide(adjust("1.00"), situation(INVOICE, person=ANNA, people=broken))
    assert isinstance(refused, Refusal)
    assert refused.reason == "people.toml is not TOML: line 3"
    remark = Annotate("item:i", "called")
    assert decide(remark, situation(INVOICE, person=ANNA, people=broken)) == Accepted()


def test_nobody_approves_for_a_maker_who_may_order_nothing_any_more() -> None:
    """Neither one who left nor one who only reads now."""
    for maker in ("gone", "max"):
        refused = may_approve(adjust("1.00"), maker, situation(INVOICE, person=SUE, people=PEOPLE))
        assert isinstance(refused, Refusal)
        assert refused.rule == "a maker who may act"


# ---- break-glass

HUGE = "2000.00"
BIG = replace(INVOICE, open=money("5000.00"), item=replace(INVOICE.item, residual=money("5000.00")))


def glass(who: Person, amount: str = HUGE, why: str = "court order", maker: str = "anna") -> str:
    """The rule and reason that forbid it; empty when it may be done."""
    seen = situation(BIG, person=who, people=PEOPLE)
    decision = may_break_glass(adjust(amount), maker, why, seen)
    return "" if isinstance(decision, Accepted) else f"{decision.rule}: {decision.reason}"


def test_supervisors_break_the_glass_for_what_nobody_may() -> None:
    """With a reason, and never their own."""
    assert glass(SUE) == ""
    assert "needs a reason" in glass(SUE, why="  ")
    assert glass(SUE, maker="sue").startswith("four eyes")


def test_nobody_else_breaks_it_and_not_where_somebody_may_approve() -> None:
    """Collectors never; a supervisor not for what a limit covers, their own or another's."""
    assert "only supervisors" in glass(person("ben", Role.SENIOR))
    assert "your limit covers it" in glass(SUE, amount="900.00")
    small = person("eve", Role.SUPERVISOR)
    assert "the limit of sue, tom covers it" in glass(small, amount="900.00")


def test_who_could_approve_leaves_out_the_maker_and_auditors() -> None:
    """Whatever they used today."""
    assert [each.id for each in who_could(use("60.00"), PEOPLE, "sue")] == ["tom"]


# ---- looked at once more when it is sent


def yes(who: str, **changes: object) -> Approval:
    """An approval of a moment ago."""
    return replace(Approval(who, "sha", "2026-11-21T09:00:00+00:00", 60.0), **changes)  # type: ignore[arg-type]


def lost(*approvals: Approval, people: People = PEOPLE, amount: str = "60.00", maker: str = "anna") -> str:
    """Why it may not be sent."""
    return withdrawn(Claim(maker, "sha", use(amount), approvals), people, lambda person: ())


def without(name: str, *more: Person) -> People:
    """The people, one of them changed or gone."""
    return People([*(each for each in PEOPLE if each.id != name), *more])


def test_what_was_let_through_may_be_sent() -> None:
    """By the maker's own limit, by another's yes, by two who broke the glass."""
    assert lost(amount="50.00") == ""
    assert lost(yes("sue")) == ""
    assert lost(yes("sue", glass=True), yes("tom", glass=True), amount=HUGE) == ""


@pytest.mark.parametrize(
    "approvals, people, words",
    [
        ((), PEOPLE, "60.00 EUR is above the limit of 50.00"),
        ((yes("sue"),), without("sue"), "sue, who approved it, may approve nothing any more"),
        ((yes("sue"),), without("sue", person("sue", Role.AUDITOR)), "may approve nothing any more"),
        ((yes("sue"),), without("sue", person("sue", Role.SUPERVISOR)), "sue has no limit to adjust in EUR"),
        ((yes("sue", body_sha="other"),), PEOPLE, "is not what would be sent"),
        ((yes("sue", age_s=APPROVAL_S + 1.0),), PEOPLE, "older than 72 hours"),
        ((yes("anna"),), PEOPLE, "above the limit"),
        ((yes("sue", glass=True),), PEOPLE, "the second approval is missing"),
        ((yes("sue", glass=True), yes("tom", glass=True)), without("tom", person("tom", Role.SENIOR)), "tom"),
        ((yes("sue"),), without("anna"), "anna, who ordered it, is not in the people file"),
        ((yes("sue"),), without("anna", person("anna", Role.AUDITOR)), "anna, who ordered it, may only read"),
    ],
)
def test_what_lost_its_authority_may_not(approvals: tuple[Approval, ...], people: People, words: str) -> None:
    """The words say whose, and what is wrong with it."""
    assert words in lost(*approvals, people=people)


def test_one_good_yes_is_enough() -> None:
    """Another that went does not matter."""
    assert lost(yes("sue"), yes("tom"), people=without("sue")) == ""


def test_a_limit_that_was_lowered_counts_when_it_is_sent() -> None:
    """With what was let through before it in 24 hours."""
    claim = Claim("anna", "sha", use("40.00"))
    assert withdrawn(claim, PEOPLE, lambda person: [use("40.00")]) == ""
    lower = without("anna", replace(ANNA, limits=(replace(LIMIT, per_day=money("79.99")),)))
    assert "today 40.00 of 79.99 EUR" in withdrawn(claim, lower, lambda person: [use("40.00")])
