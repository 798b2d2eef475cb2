"""How rows stand: what sleeps wakes at news, whose a customer is, who stands in; and none of it can be rewritten."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlite_utils import Database

from arqueue.errors import Refused
from arqueue.model.ledger import ItemKind
from arqueue.model.people import OwnerRule
from data.store import absences, agenda, drafts, owning, pins, snoozes
from data.store.audit import Actor
from data.store.opening import transaction
from data.store.standing import Standing, mark, marked, standings, unmark
from tests.store.books import AT, INVOICE, take
from tests.unit.books import TODAY, item, party

ANNA, SUE = Actor("anna", 1000), Actor("sue", 1001)
CUSTOMER = "party:1"
ROW = "overdue/party:1/EUR"
SOON = TODAY + timedelta(days=7)


def stands(database: Database, today: date = TODAY, work_id: str = ROW) -> Standing:
    """The row's standing."""
    return standings(database.conn, CUSTOMER, today)(work_id)


def put_off(database: Database, until: date | None = SOON) -> None:
    """Snooze the row."""
    with transaction(database):
        snoozes.snooze(database, ANNA, ROW, CUSTOMER, until, "waits", today=TODAY, at=AT)


def woke(database: Database) -> str:
    """What woke it, as the screen says it."""
    return next(each.woke for each in snoozes.of_party(database.conn, CUSTOMER, TODAY))


def test_a_row_sleeps_until_its_day(books: Database) -> None:
    """On that day it is awake by itself; the newest word counts."""
    put_off(books)
    assert stands(books).snoozed_until == SOON
    assert stands(books, work_id="payment/x").snoozed_until is None
    assert stands(books, SOON - timedelta(days=1)).snoozed_until == SOON
    assert stands(books, SOON).snoozed_until is None
    put_off(books, None)
    assert stands(books).snoozed_until is None


def test_a_payment_that_comes_in_wakes_it(books: Database) -> None:
    """And is named."""
    put_off(books)
    come = item("pay-new", "-50.00", kind=ItemKind.PAYMENT, party_id=CUSTOMER, doc_date=TODAY, number="PAY-9")
    take(books, come, cursor="2")
    assert stands(books).snoozed_until is None
    assert woke(books) == "payment PAY-9 of 50.00 EUR came in"


def test_another_payment_is_no_news_to_the_row_of_a_payment(books: Database) -> None:
    """It is about its own."""
    with transaction(books):
        snoozes.snooze(books, ANNA, "payment/p", CUSTOMER, SOON, "", today=TODAY, at=AT)
    take(
        books, item("pay-new", "-50.00", kind=ItemKind.PAYMENT, party_id=CUSTOMER, doc_date=TODAY), cursor="2"
    )
    assert stands(books, work_id="payment/p").snoozed_until == SOON


@pytest.mark.parametrize(
    "news, said", [({"dispute": "price"}, "is disputed: price"), ({"returned": "R01"}, "came back: R01")]
)
def test_a_dispute_or_a_bounced_payment_wakes_it(books: Database, news: dict[str, str], said: str) -> None:
    """On any open item of the customer."""
    put_off(books)
    found = item(INVOICE.removeprefix("item:"), "100.00", party_id=CUSTOMER, version="9")
    take(books, replace(found, id=INVOICE, **news), cursor="2")  # type: ignore[arg-type]
    assert said in woke(books)
    assert stands(books).snoozed_until is None


def test_a_customer_is_its_owners_by_hand_before_any_rule(books: Database) -> None:
    """Given back, the rules say again."""
    with transaction(books):
        assert owning.take_over(books, SUE, [OwnerRule("ben", "", "")], at=AT)
        assert not owning.take_over(books, SUE, [OwnerRule("ben", "", "")], at=AT)
    assert stands(books).assignee == "ben"
    with transaction(books):
        owning.assign(books, SUE, CUSTOMER, "anna", "knows them", at=AT)
    assert stands(books).assignee == "anna"
    with transaction(books):
        owning.assign(books, SUE, CUSTOMER, None, "", at=AT)
    assert stands(books).assignee == "ben"


def test_the_first_rule_that_fits_counts(books: Database) -> None:
    """By name, then by what is owed."""
    take(books, party("1", name="Ödland AG", version="2"), cursor="2")
    rules = [OwnerRule("a", "A", "N"), OwnerRule("b", at_least=10**12), OwnerRule("c", "O", "O")]
    with transaction(books):
        owning.take_over(books, SUE, rules, at=AT)
    assert stands(books).assignee == "c"


def away(database: Database, person: str, stand_in: str, days: int = 3, *, swap: bool = False) -> int:
    """Absent from today."""
    with transaction(database):
        last = TODAY + timedelta(days=days)
        return absences.add(database, SUE, person, TODAY, last, stand_in, swap=swap, at=AT)


def test_stand_ins_are_followed_to_somebody_who_is_there(books: Database) -> None:
    """anna is away, ben for her, he is away too: cem. After her absence it is anna again."""
    away(books, "anna", "ben")
    ended = away(books, "ben", "cem")
    assert absences.stand_in(books.conn, "anna", TODAY) == "cem"
    assert absences.stand_in(books.conn, "anna", TODAY + timedelta(days=4)) == "anna"
    with transaction(books):
        absences.end(books, SUE, ended, at=AT)
    assert absences.stand_in(books.conn, "anna", TODAY) == "ben"


def test_a_circle_of_stand_ins_is_refused_in_words(books: Database) -> None:
    """Also over three, and also where only one day overlaps; nothing of it is stored."""
    away(books, "anna", "ben", 3)
    away(books, "ben", "cem", 3)
    with pytest.raises(Refused, match=r"→ \w+ →"):
        away(books, "cem", "anna", 0)
    assert len(absences.lately(books.conn, TODAY)) == 2
    with pytest.raises(Refused, match="away or swapped already"):
        away(books, "anna", "cem")


def test_a_swap_goes_one_step_each_way(books: Database) -> None:
    """It is no circle."""
    away(books, "anna", "ben", swap=True)
    assert absences.stand_in(books.conn, "anna", TODAY) == "ben"
    assert absences.stand_in(books.conn, "ben", TODAY) == "anna"


def test_a_pin_lasts_until_its_day_and_can_be_let_go(books: Database) -> None:
    """That day included."""
    with transaction(books):
        pins.pin(books, SUE, ROW, CUSTOMER, SOON, "board", at=AT)
    assert (stands(books, SOON).pinned_until, stands(books, SOON).pin_reason) == (SOON, "board")
    assert stands(books, SOON + timedelta(days=1)).pinned_until is None
    with transaction(books):
        pins.pin(books, SUE, ROW, CUSTOMER, None, "", at=AT)
    assert stands(books).pinned_until is None


def test_the_agenda_has_what_the_person_planned_last(books: Database) -> None:
    """A plan that moved stands once; one that is done not at all."""
    with transaction(books):
        for day in (TODAY, SOON):
            agenda.plan(books, ANNA, ROW, CUSTOMER, day, "call", at=AT)
    found = agenda.entries(books.conn, "anna", TODAY, SOON)
    assert [(each.kind, each.on) for each in found] == [("follow-up", SOON)]
    assert agenda.entries(books.conn, "sue", TODAY, SOON) == []
    with transaction(books):
        agenda.plan(books, ANNA, ROW, CUSTOMER, None, "", at=AT)
    assert agenda.entries(books.conn, "anna", TODAY, SOON) == []


def test_what_was_decided_cannot_be_rewritten_but_its_words_erased(books: Database) -> None:
    """By trigger, whoever writes."""
    put_off(books)
    for statement in (
        "UPDATE snooze SET until = '2030-01-01'",
        "UPDATE snooze SET why = 'other words'",
        "DELETE FROM snooze",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            books.conn.execute(statement)
    books.conn.execute("UPDATE snooze SET why = ''")


def test_only_the_newest_drafts_are_kept(books: Database) -> None:
    """Two hundred a person, one for each form."""
    with transaction(books):
        for n in range(203):
            drafts.keep(books, "anna", "annotate", f"item:{n}", {"text": str(n)}, at=f"2026-11-20T00:{n:04}")
        drafts.keep(books, "anna", "annotate", "item:202", {"text": "again"}, at="2026-11-20T01")
    kept = drafts.all_of(books.conn, "anna")
    assert len(kept) == 200
    assert kept[0].typed == {"text": "again"}
    assert drafts.of(books.conn, "anna", "annotate", "item:0") is None


def test_what_is_to_be_ranked_anew_is_known_until_it_was(books: Database) -> None:
    """What changed meanwhile is not forgotten with it."""
    assert marked(books.conn) is None
    with transaction(books):
        mark(books.conn, "2026-11-20T10:00")
        mark(books.conn, "2026-11-20T10:01")
        unmark(books.conn, "2026-11-20T10:00")
    assert marked(books.conn) == "2026-11-20T10:01"
    with transaction(books):
        unmark(books.conn, "2026-11-20T10:01")
    assert marked(books.conn) is None
