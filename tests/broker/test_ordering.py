"""An order as its commands, on a store with no process around it: what each sees of the ones before it, and what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Dispute,
    Resolve,
    Unapply,
    id_of,
    intent_in,
)
from arqueue.control.states import CommandState
from arqueue.errors import Refused
from arqueue.model.ledger import AdjustmentMethod, Item, ItemState
from arqueue.model.money import Money
from arqueue.model.people import Limit, People, Person, Role
from arqueue.settings import CashSection
from data.broker import deciding, ordering
from data.broker.completing import House
from data.broker.deciding import Drafts
from data.broker.ledger import Ledger
from data.broker.reading import Reader
from data.broker.requests import SubmitRequest
from data.broker.seeing import moves
from data.broker.session import Session
from data.peers.contract import Capabilities, Operation, Support
from data.store import differences, outbox
from data.store.differences import Difference, Found
from data.store.opening import open_writer, transaction
from data.store.outbox import Stored
from tests.store.books import AT, add, apply_to, company, take, unapply
from tests.sync.rig import Time
from tests.unit.books import TODAY, item, money

ANNA = Person("anna", "Anna", frozenset({Role.COLLECTOR}), (Limit("adjust", money("5.00")),))
CLOCK = Time().clock()
METHODS = tuple(
    AdjustmentMethod(id=f"method:{code}", code=code, name=code, account="1") for code in ("DISC", "SMALL")
)


def house(*operations: str) -> House:
    """A company whose ledger can do these."""
    capabilities = Capabilities(
        operations={op: Operation(support=Support.NATIVE) for op in operations},
        overlap_s=0,
        tombstones=True,
        key_lifetime_s=None,
        flight_s=60,
    )
    return House(People([ANNA]), Ledger("Firm", capabilities, METHODS, "EUR"), CashSection(), CLOCK)


ALL = house("apply", "unapply", "adjust", "annotate", "dispute", "resolve", "identify")
NO_DISPUTES = house("apply", "unapply", "adjust", "annotate")
NOTHING_ELSE = house("apply")


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A payment of 100, invoices of 80 and 50, a credit of 30, and hundreds of small ones."""
    path: Path = tmp_path_factory.mktemp("ordering") / "store" / "arqueue.sqlite"
    opened = open_writer(path)
    many = [item(f"m{n}", "1.00") for n in range(500)]
    take(opened, *company(), item("c", "-30.00"), item("big", "-500.00"), *many)
    yield opened
    opened.close()


class RolledBack(Exception):
    """Ends a test's transaction: the next one finds the books as they were."""


def order(books: Database, asked: dict[str, Any], where: House = ALL) -> list[Stored]:
    """The rows that would be stored."""
    rows: list[Stored] = []
    request = SubmitRequest(intent="an-intent", command=asked)  # type: ignore[arg-type]
    session = Session(1000, "anna", lambda: People([ANNA]), acting_as="anna")
    with suppress(RolledBack), transaction(books):
        reader = Reader(books.conn, ANNA, TODAY)
        rows += ordering.place(books, reader, "an-intent", request.command, session, where, at=AT)[1]
        raise RolledBack
    return rows


def draft(books: Database, asked: dict[str, Any], where: House = ALL) -> Drafts:
    """What review looks at."""
    request = SubmitRequest(intent="an-intent", command=asked)  # type: ignore[arg-type]
    return deciding.drafts(Reader(books.conn, ANNA, TODAY), request.command, where)


def test_a_ledger_without_disputes_gets_a_remark(books: Database) -> None:
    """The case is ours, whoever looks there reads of it; one that takes no remarks either gets none."""
    asked = {"op": "dispute", "item": "item:i", "reason": "price", "note": "as of May"}
    case = Dispute("item:i", money("80.00"), "price", "as of May")
    made = [part.command for part in draft(books, asked, NO_DISPUTES).parts]
    assert made == [case, Annotate("item:i", "Disputed: 80.00 EUR: price. as of May")]
    assert [part.command for part in draft(books, asked, NOTHING_ELSE).parts] == [case]
    assert [part.command for part in draft(books, asked).parts] == [case]
    ended = draft(books, {"op": "resolve", "item": "item:i", "outcome": "valid"}, NO_DISPUTES)
    assert [part.command for part in ended.parts] == [
        Resolve("item:i", "valid"),
        Annotate("item:i", "Dispute ended: valid"),
    ]


def test_what_was_ordered_together_bears_one_batch(books: Database) -> None:
    """The id of its first command; each has an intent that no face can say."""
    short = {"how": "writeoff", "reason": "SMALL"}
    line = {"item": "item:i", "amount": "78.00", "short": short}
    rows = order(books, {"op": "settle", "payment": "item:p", "lines": [line]})
    assert {row.batch for row in rows} == {rows[0].id}
    assert [row.intent for row in rows] == ["an-intent", "an-intent#1"]
    (single,) = order(books, {"op": "settle", "payment": "item:p", "lines": [{**line, "short": None}]})
    assert single.batch == ""


def test_an_intent_is_the_same_command_in_every_copy_of_the_store(books: Database) -> None:
    """So the ledger knows an order again that a backup does not: each command by its own id, all of them by the intent."""
    short = {"how": "writeoff", "reason": "SMALL"}
    asked = {
        "op": "settle",
        "payment": "item:p",
        "lines": [{"item": "item:i", "amount": "78.00", "short": short}],
    }
    ids = [row.id for row in order(books, asked)]
    assert [row.id for row in order(books, asked)] == ids
    assert len({*ids}) == 2
    assert len({intent_in(each) for each in ids}) == 1


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("seen", [False, True], ids=["adopted", "put away"])
def test_what_a_backup_does_not_know_is_not_ordered_twice(books: Database, number: int, seen: bool) -> None:
    """Whichever command of the order the ledger had got: who gives the intent again hears that it is posted."""
    asked = {"op": "apply", "payment": "item:p", "lines": [{"item": "item:i", "amount": "78.00"}]}
    (store_id,) = books.conn.execute("SELECT value FROM meta WHERE key = 'store_id'").fetchone()
    found = Found(
        id_of(store_id, "anna", "an-intent", number),
        Difference.ORPHAN,
        "apply",
        "party:1",
        None,
        money("78.00"),
        "posted after the backup by anna",
        "anna",
        AT,
    )
    request = SubmitRequest(intent="an-intent", command=asked)  # type: ignore[arg-type]
    session = Session(1000, "anna", lambda: People([ANNA]), acting_as="anna")
    with suppress(RolledBack), transaction(books):
        differences.record(books, [found], at=AT, seen=seen)
        reader = Reader(books.conn, ANNA, TODAY)
        with pytest.raises(Refused, match="posted after the backup by anna"):
            ordering.given_before(reader, "an-intent", request.command, session, ALL)
        assert ordering.given_before(reader, "another", request.command, session, ALL) == []
        raise RolledBack


def test_nothing_is_stored_of_an_order_that_is_refused(books: Database) -> None:
    """Its first commands are possible; the last is not."""
    lines = [
        {"item": "item:i", "amount": "80.00"},
        {"item": "item:j", "amount": "10.00", "short": {"how": "writeoff", "reason": "NOPE"}},
    ]
    before = outbox.listing(books.conn, (), 10, 0)[1]
    request = SubmitRequest(
        intent="an-intent",
        command={"op": "settle", "payment": "item:p", "lines": lines},  # type: ignore[arg-type]
    )
    session = Session(1000, "anna", lambda: People([ANNA]), acting_as="anna")
    with pytest.raises(Refused, match="NOPE"), transaction(books):
        ordering.place(
            books, Reader(books.conn, ANNA, TODAY), "an-intent", request.command, session, ALL, at=AT
        )
    assert outbox.listing(books.conn, (), 10, 0)[1] == before


def test_one_currency_is_a_verdict(books: Database) -> None:
    """Lines in another currency are refused in words; no sum of them is made."""
    with suppress(RolledBack), transaction(books):
        for key, currency in (("u", "USD"), ("y", "JPY")):
            books.conn.execute(
                "UPDATE item SET currency = ? WHERE id = ?",
                (currency, "item:m1" if key == "u" else "item:m2"),
            )
        lines = [{"item": "item:m1", "amount": "1.00"}, {"item": "item:m2", "amount": "1"}]
        for asked in (
            {"op": "apply", "payment": "item:p", "lines": lines},
            {"op": "settle", "payment": "item:p", "lines": lines},
        ):
            made = draft(books, asked)
            assert getattr(made.decision, "rule", "") == "one currency"
            deciding.review(Reader(books.conn, ANNA, TODAY), made)
        raise RolledBack


@st.composite
def settlements(draw: st.DrawFn) -> dict[str, Any]:
    """Orders on the books: parts of two invoices, perhaps a credit, discounts, and what becomes of each rest, within the limit
    or above it."""
    lines: list[dict[str, Any]] = []
    paid = 0
    for key, total in (("item:i", 8000), ("item:j", 5000)):
        is_left_out = draw(st.booleans())
        if lines and is_left_out:
            continue
        amount = draw(st.integers(1, min(total, 10_000 - paid)))
        paid += amount
        discount = draw(st.integers(0, total - amount))
        line: dict[str, Any] = {
            "item": key,
            "amount": str(Money(amount, "EUR")),
            "discount": str(Money(discount, "EUR")),
        }
        how = draw(st.sampled_from(["open", "writeoff", "dispute", None]))
        if how and total - amount - discount:
            line["short"] = {"how": how, "reason": "SMALL"}
        lines.append(line)
    asked: dict[str, Any] = {"op": "settle", "payment": "item:p", "lines": lines}
    if paid > 1 and draw(st.booleans()):
        used = draw(st.integers(1, min(3000, paid - 1)))
        asked["credits"] = [{"item": "item:c", "amount": str(Money(used, "EUR"))}]
    if draw(st.booleans()):
        asked["note"] = "as agreed"
    return asked


@given(settlements())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_command_expects_what_the_ones_before_it_leave(books: Database, asked: dict[str, Any]) -> None:
    """In the order in which they are sent, from the ledger's figures on: so none of them can meet others. What waits for approval
    comes last, and the review shows the same end."""
    rows = order(books, asked)
    reader = Reader(books.conn, ANNA, TODAY)
    residuals: dict[str, int] = {}
    for row in rows:
        for key, seen in row.order.expect.items():
            now = residuals.setdefault(key, _item(reader, key).residual.minor)
            assert seen.residual.minor == now, row.words
        for key, minor in moves(row.order.command).items():
            residuals[key] += minor if residuals[key] < 0 else -minor
    states = [row.state for row in rows]
    assert states == sorted(states, key=lambda state: state is CommandState.PENDING)
    for row in rows:
        command = row.order.command
        is_large = isinstance(command, Adjust) and command.amount > money("5.00")
        assert (row.state is CommandState.PENDING) == is_large
    review = deciding.review(reader, draft(books, asked))
    assert {each["item"]: each["after"] for each in review["lines"]} == {
        key: str(Money(minor, "EUR")) for key, minor in residuals.items()
    }


def _item(reader: Reader, key: str) -> Item:
    found = reader.item(key)
    assert found is not None
    return found


def test_a_move_counts_on_what_it_frees(tmp_path: Path) -> None:
    """The payment is applied in full: the second command expects it open again, by just what the first gives back; and a third
    one, ordered later, what both leave."""
    opened = open_writer(tmp_path / "store" / "arqueue.sqlite")
    payment = item("p", "0.00", total=money("-80.00"), state=ItemState.CLOSED)
    invoice = item("i", "0.00", total=money("80.00"), state=ItemState.CLOSED)
    take(opened, *company()[:1], payment, invoice, item("j", "50.00"))
    opened.conn.execute(
        "INSERT INTO allocation VALUES ('allocation:1', 'item:p', 'item:i', 8000, 'EUR', NULL, NULL, '2026-11-01', '1', 0)"
    )
    opened.conn.commit()
    move = {"op": "move", "allocation": "allocation:1", "to": "item:j", "amount": "50.00"}
    back, anew = (part for part in draft(opened, move).parts)
    assert isinstance(back.command, Unapply)
    assert isinstance(anew.command, ApplyPayment)
    assert {key: str(seen.residual) for key, seen in back.expect.items()} == {
        "item:p": "0.00",
        "item:i": "0.00",
    }
    assert {key: str(seen.residual) for key, seen in anew.expect.items()} == {
        "item:p": "-80.00",
        "item:i": "80.00",
        "item:j": "50.00",
    }
    add(opened, unapply("80.00"))
    add(opened, apply_to(("item:j", "50.00"), ("item:i", "30.00")))
    later = draft(opened, {"op": "adjust", "item": "item:p", "amount": "1.00", "reason": "SMALL"})
    assert str(later.parts[0].expect["item:p"].residual) == "0.00"
    opened.close()


def test_five_hundred_lines_with_a_discount_each_are_one_order(books: Database) -> None:
    """Five hundred and one commands, decided and stored in one transaction."""
    lines = [{"item": f"item:m{n}", "amount": "0.90", "discount": "0.10"} for n in range(500)]
    rows = order(books, {"op": "settle", "payment": "item:big", "lines": lines})
    assert len(rows) == 501
