"""Accounts that are kept between payments: what is equal is made once, and what changed is seen at once, whatever it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arqueue.cash.case import Policy
from arqueue.cash.habit import Habit
from arqueue.cash.terms import discount_of, offer, parse_terms
from arqueue.model.ledger import Item, ItemKind, OpenItem
from data.broker import seen
from data.broker.accounts import Account, Accounts
from data.broker.answering import answer
from data.broker.gathered import Gathered
from data.broker.painting import discount_text, item_row, item_text
from data.store.cases import row_text
from data.store.overlay import Overlay
from data.store.rows import item_from, party_row
from data.store.rows import item_row as row_of
from tests.unit.books import TODAY, item, money, open_items, party

NOBODY = Overlay({}, {})
PAYMENT = item("p", "-7.00", text="N-3")
OTHER = item("q", "-9.00")


def invoices(count: int = 8) -> list[Item]:
    """Of 1.00, 2.00 and so on, each due a day after the one before."""
    return [item(str(n), f"{n}.00", due_date=TODAY - timedelta(days=count - n)) for n in range(1, count + 1)]


def gathered(debits: Sequence[Item] | None = None, **changes: Any) -> Gathered:
    """What the store had, of items and customers as they are."""
    values: dict[str, Any] = {
        "payment": PAYMENT,
        "account": "party:1",
        "credits": [PAYMENT, OTHER],
        "foreign": [],
        "parties": [party()],
        "overlay": NOBODY,
        "today": TODAY,
        "limit": 9,
        "policy": Policy(budget_ms=2000),
        "habit": Habit(),
        "reasons": {},
        "dispute_reasons": [],
        "unidentified": False,
    } | changes
    values["debits"] = invoices() if debits is None else debits
    values["debits_total"] = len(values["debits"])
    for side in ("debits", "credits", "foreign"):
        values[side] = [row_text(row_of(each)) for each in values[side]]
    values["payment"] = row_of(values["payment"])
    values["parties"] = [(*party_row(each), 0) for each in values["parties"]]
    return Gathered(**values)


def told(found: Gathered, accounts: Accounts | None = None) -> dict[str, Any]:
    """What a face gets."""
    whole: dict[str, Any] = json.loads(answer(found, accounts).packed)
    return whole


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of items that were made, and those that were painted with a star."""
    ids: list[str] = []

    def making(row: Sequence[Any]) -> Item:
        ids.append(row[0])
        return item_from(row)

    def painting(each: OpenItem, name: str, today: date) -> str:
        ids.append(f"{each.item.id}*")
        return item_text(each, name, today)

    monkeypatch.setattr(seen, "item_from", making)
    monkeypatch.setattr(seen, "item_text", painting)
    return ids


def test_equal_rows_are_made_and_painted_once(made: list[str]) -> None:
    """The next payment of the account makes nothing at all, and gets all."""
    accounts = Accounts()
    told(gathered(), accounts)
    assert sorted(made) == sorted(
        f"item:{key}{star}" for key in (*range(1, 9), "p", "q") for star in ("", "*")
    )
    made.clear()
    assert len(told(gathered(payment=OTHER), accounts)["debits"]) == 8
    assert made == []


def test_of_a_changed_account_only_what_changed_is_made_anew(made: list[str]) -> None:
    """One invoice is paid in part, one is gone, one is new."""
    accounts, before = Accounts(), invoices()
    told(gathered(before), accounts)
    made.clear()
    part = replace(before[4], residual=money("2.50"))
    found = told(gathered([part, *before[:4], *before[6:], item("new", "4.00")]), accounts)
    assert sorted(made) == ["item:5", "item:5*", "item:new", "item:new*"]
    assert {row["id"]: row["open"] for row in found["debits"]}["item:5"] == "2.50"
    assert "item:6" not in {row["id"] for row in found["debits"]}


def test_lists_in_which_nothing_changed_stay_the_very_lists() -> None:
    """Also where the rows come in another order, and for another payment: what was worked out of them holds on."""
    account = Account.of(gathered())
    before, parties = account.open, account.parties
    account.see(gathered(invoices()[::-1], payment=OTHER, credits=[OTHER, PAYMENT]))
    assert account.open is before
    assert account.parties is parties
    account.see(gathered(credits=[OTHER]))
    assert account.open.debits is before.debits
    assert account.open.credits is not before.credits
    account.see(gathered(invoices()[1:], credits=[OTHER]))
    assert account.open.debits is not before.debits


def test_only_suggestions_are_not_painted_for(made: list[str]) -> None:
    """Who does not show the items does not wait for them; who does so next gets them."""
    accounts = Accounts()
    told(gathered(brief=True), accounts)
    assert not [key for key in made if key.endswith("*")]
    assert len(told(gathered(), accounts)["debits"]) == 8


def _party(**changes: Any) -> dict[str, Any]:
    return {"parties": [party(**changes)]}


TURNS: dict[str, Callable[[], Gathered]] = {
    "a residual": lambda: gathered([replace(invoices()[0], residual=money("0.40")), *invoices()[1:]]),
    "a dispute of the ledger": lambda: gathered([replace(invoices()[0], dispute="price"), *invoices()[1:]]),
    "a version": lambda: gathered([replace(invoices()[0], version="2"), *invoices()[1:]]),
    "a due date": lambda: gathered([replace(invoices()[0], due_date=TODAY), *invoices()[1:]]),
    "an amount under way": lambda: gathered(overlay=Overlay({"item:3": 100}, {})),
    "all of it under way": lambda: gathered(overlay=Overlay({"item:3": 300}, {})),
    "a credit under way": lambda: gathered(overlay=Overlay({"item:q": 100}, {})),
    "a dispute of ours": lambda: gathered(overlay=Overlay({}, {"item:3": "price"})),
    "a customer's name": lambda: gathered(**_party(name="Another name")),
    "a customer's terms": lambda: gathered(**_party(terms="2/10 net 30")),
    "the business date": lambda: gathered(today=TODAY + timedelta(days=1)),
    "a foreign item": lambda: gathered(foreign=[item("f", "5.00", "USD")]),
    "the payment": lambda: gathered(payment=OTHER),
    "a credit that went": lambda: gathered(credits=[PAYMENT]),
}


@pytest.mark.parametrize("turn", TURNS)
def test_what_changed_is_seen_at_once(turn: str) -> None:
    """There and back again: the answer is that of who sees the account for the first time."""
    accounts = Accounts()
    for now in (gathered(), TURNS[turn](), gathered()):
        assert told(now, accounts) == told(now)
    assert told(TURNS[turn]()) != told(gathered())


def test_discounts_are_those_of_the_day_of_each_payment() -> None:
    """The next payment came later: what was earned is not any more."""
    accounts, terms = Accounts(), _party(terms="2/10 net 30")
    fresh = [replace(each, doc_date=TODAY - timedelta(days=9)) for each in invoices()]
    early, late = (
        gathered(fresh, payment=replace(PAYMENT, doc_date=TODAY + timedelta(days=days)), **terms)
        for days in (0, 20)
    )
    earned = [{row["earned"] for row in told(each, accounts)["discounts"]} for each in (early, late, early)]
    assert earned == [{True}, {False}, {True}]


CHANGES = st.fixed_dictionaries(
    {
        "residuals": st.lists(st.integers(0, 3), min_size=6, max_size=6),
        "taken": st.dictionaries(st.sampled_from([*"123456", "q"]), st.integers(1, 200), max_size=2),
        "ours": st.dictionaries(
            st.sampled_from([*"123456"]), st.sampled_from(["price", "damaged"]), max_size=1
        ),
        "name": st.sampled_from(["Alpha", "Beta"]),
        "terms": st.sampled_from(["", "2/10 net 30", "3/14"]),
        "days": st.integers(0, 2),
        "payment": st.sampled_from([PAYMENT, OTHER]),
        "brief": st.booleans(),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CHANGES, min_size=2, max_size=5))
def test_nothing_is_stale_after_any_changes(turns: list[dict[str, Any]]) -> None:
    """Whatever came one after the other, the answer is that of who sees the account for the first time."""
    accounts = Accounts()
    for turn in turns:
        rows = [
            replace(each, residual=money(f"{rest}.00"))
            for each, rest in zip(invoices(6), turn["residuals"], strict=True)
            if rest
        ]
        now = gathered(
            rows,
            parties=[party(name=turn["name"], terms=turn["terms"])],
            overlay=Overlay(
                {f"item:{key}": taken for key, taken in turn["taken"].items()},
                {f"item:{key}": why for key, why in turn["ours"].items()},
            ),
            today=TODAY + timedelta(days=turn["days"]),
            payment=turn["payment"],
            brief=turn["brief"],
        )
        assert told(now, accounts) == told(now)


def test_so_many_rows_are_kept_and_no_more() -> None:
    """Those of the accounts that were looked at last; an account that is larger than all is answered and not kept."""
    accounts = Accounts(most=20)
    for name in ("one", "two", "one", "three"):
        accounts.of(gathered(invoices(7), credits=[], account=name))
        assert len(accounts) <= 20
    kept = accounts.of(gathered(invoices(7), credits=[], account="one"))
    assert accounts.of(gathered(invoices(7), credits=[], account="one")) is kept
    assert len(accounts.of(gathered(invoices(21), credits=[], account="large")).home) == 21
    assert len(accounts) == 0


def test_a_row_that_cannot_be_read_leaves_the_account_as_it_was() -> None:
    """The next question is answered in full."""
    accounts = Accounts()
    told(gathered(), accounts)
    broken = replace(gathered(), debits=["[1, 2]"])
    with pytest.raises(ValueError, match="unpack"):
        told(broken, accounts)
    assert told(gathered(), accounts) == told(gathered())


def test_a_payment_is_neither_shown_nor_netted_beside_itself() -> None:
    """Though it is among the credits of its account."""
    found = told(gathered())
    assert [row["id"] for row in found["credits"]] == ["item:q"]
    assert not any(line["item"] == "item:p" for way in found["suggestions"] for line in way["lines"])


def test_items_stand_oldest_due_first_in_whatever_order_they_come() -> None:
    """Those without a due date by their date, equal ones by their own id; credits as well."""
    undated = item("a", "1.00", due_date=None, doc_date=TODAY - timedelta(days=3))
    twins = [item(key, "1.00", due_date=TODAY) for key in ("z", "b")]
    rows = [*twins, *invoices()[::-1], undated]
    account = Account.of(gathered(rows))
    wanted = sorted(rows, key=lambda each: (each.due_date or each.doc_date, each.doc_date, each.id))
    assert [each.item for each in account.open.debits] == wanted


HOSTILE = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)


@given(open_items(key='1"\\', debit=True, currencies=("EUR", "JPY")), HOSTILE, HOSTILE, HOSTILE)
def test_what_is_written_down_at_once_is_the_row_as_json(
    each: OpenItem, name: str, text: str, version: str
) -> None:
    """Whatever stands in the texts: quotes, controls, any script."""
    hostile = replace(each.item, text=text, version=version, reference=name, kind=ItemKind.INVOICE)
    shown = OpenItem(hostile, each.open)
    assert json.loads(item_text(shown, name, TODAY)) == item_row(shown, name, TODAY)


@given(open_items(key='1"\\', debit=True, currencies=("EUR", "JPY")), st.sampled_from(["2/10", "3/14 EOM"]))
def test_a_discount_is_written_down_as_it_is_reckoned(each: OpenItem, words: str) -> None:
    """The engine's own."""
    terms = parse_terms(words)
    assert terms is not None
    reckoned = discount_of(each, terms, TODAY, 3)
    said = discount_text(each, offer(terms, each.item.doc_date, TODAY, 3))
    if reckoned is None:
        assert said == ""
    else:
        assert json.loads(said) == {
            "item": each.item.id,
            "amount": str(reckoned.amount),
            "until": reckoned.until.isoformat(),
            "earned": reckoned.earned,
        }
