"""By what payers are recognised: learned with the order that says who sent a payment, counted, shown and forgotten."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
from sqlite_utils import Database

from arqueue.control.commands import Identify
from arqueue.control.states import CommandState
from arqueue.errors import NotFound, Refused
from data.demo.customers import SUSPENSE
from data.store import aliases, audit
from data.store.opening import open_writer, transaction
from tests.broker.company import Company, company
from tests.store.books import ANNA, AT, SUE, add, move, start, take
from tests.unit.books import TODAY, item, party

_NUMBERS = itertools.count()
S = CommandState


@pytest.fixture
def books(tmp_path: Any) -> Iterator[Database]:
    """Two payments of one unknown sender, and two customers that it may be."""
    database = open_writer(tmp_path / "store" / "arqueue.sqlite")
    sender = {"payer": "ALDER FINCH", "payer_account": "xa05 7000 0054", "party_id": "party:9"}
    take(
        database,
        party("9"),
        party("1"),
        party("2"),
        item("p", "-10.00", **sender),
        item("q", "-20.00", **sender),
    )
    yield database
    database.close()


def identify(books: Database, payment: str = "item:p", who: str = "party:1") -> Any:
    """The order, stored."""
    return add(books, Identify(payment, who, TODAY), party_id="party:9")


def known(books: Database) -> set[tuple[str, str, str, int]]:
    """Kind, alias, customer and uses."""
    return {(each.kind, each.alias, each.party_id, each.uses) for each in aliases.listing(books.conn, 50)}


def test_name_and_account_are_learned_with_the_order(books: Database) -> None:
    """Of whom they are, by whom it was learned; the account without its blanks."""
    identify(books)
    assert known(books) == {("name", "ALDER FINCH", "party:1", 1), ("account", "XA0570000054", "party:1", 1)}
    assert {each.learned_by for each in aliases.listing(books.conn, 50)} == {"anna"}


def test_what_is_learned_again_is_counted(books: Database) -> None:
    """Once an order."""
    identify(books)
    identify(books, "item:q")
    assert {uses for _, _, _, uses in known(books)} == {2}


@pytest.mark.parametrize("end", [S.CANCELLED, S.REJECTED, S.CONFLICT])
def test_an_order_that_comes_to_nothing_taught_nothing(books: Database, end: CommandState) -> None:
    """What another order taught stays."""
    first = identify(books)
    second = identify(books, "item:q")
    move(books, second if end is S.CANCELLED else start(books, second), end)
    assert {uses for _, _, _, uses in known(books)} == {1}
    move(books, first if end is S.CANCELLED else start(books, first), end)
    assert known(books) == set()


def test_an_order_that_is_posted_keeps_what_it_taught(books: Database) -> None:
    """And one whose outcome is not known yet as well."""
    row = move(books, start(books, identify(books)), S.UNKNOWN)
    assert len(known(books)) == 2
    move(books, row, S.POSTED)
    assert len(known(books)) == 2


def test_a_name_of_several_leads_to_whom_it_was_most_often(books: Database) -> None:
    """A mother pays for her branches from one account."""
    identify(books, "item:p", "party:1")
    identify(books, "item:q", "party:2")
    identify(books, "item:p", "party:2")
    assert aliases.known(books.conn, "name") == {"ALDER FINCH": "party:2"}


def test_what_is_forgotten_is_gone_and_the_audit_says_so(books: Database) -> None:
    """By its id or the start of it; every step has its row and the chain holds."""
    identify(books)
    (name,) = [each for each in aliases.listing(books.conn, 50) if each.kind == "name"]
    with transaction(books):
        assert aliases.forget(books, name.id[:6], SUE, at=AT) == name
    assert {kind for kind, _, _, _ in known(books)} == {"account"}
    rows = books.conn.execute(
        "SELECT person, what FROM audit WHERE what LIKE 'alias%' ORDER BY seq"
    ).fetchall()
    assert rows == [("anna", "alias learned")] * 2 + [("sue", "alias forgotten")]
    assert audit.first_bad_row(books) is None
    for key in (name.id, "", "*"):
        with pytest.raises(NotFound):
            aliases.forget(books, key, ANNA, at=AT)


def test_the_names_of_one_customer_are_listed_alone(books: Database) -> None:
    """With when the last payment came by each."""
    identify(books, "item:p", "party:1")
    identify(books, "item:q", "party:2")
    found = aliases.listing(books.conn, 50, "party:2")
    assert {(each.party_id, each.last_used) for each in found} == {("party:2", AT)}
    assert len(found) == 2


def test_a_payment_without_a_sender_teaches_nothing(books: Database) -> None:
    """There is nothing to know it by."""
    take(books, item("r", "-5.00", party_id="party:9"), cursor="2")
    identify(books, "item:r")
    assert known(books) == set()


# ---- over the socket


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company with an account for payments of unknown senders."""
    section = f'\n[cash]\nunidentified = ["{SUSPENSE}"]\n'
    with company(tmp_path_factory.mktemp("firm"), section=section) as made:
        yield made


def test_whoever_paid_before_is_recognised_by_the_account(firm: Company) -> None:
    """PAY-7103 and PAY-7104 came from one account under two names; it is compared and never shown."""
    done = firm.door("identify", "PAY-7103", "--customer", "C-00010", "--wait", "--format", "json")
    assert (done.status, done.json["state"]) == (0, "posted"), done.err
    payers = firm.ask("suggest", payment="PAY-7104")["payers"]
    assert (payers[0]["code"], payers[0]["alias"]) == ("C-00010", True)
    rows = firm.door("alias", "list", "--format", "json").json
    assert {(row["kind"], row["party_code"], row["uses"], row["learned_by"]) for row in rows} == {
        ("name", "C-00010", 1, "anna"),
        ("account", "C-00010", 1, "anna"),
    }
    (account,) = [row for row in rows if row["kind"] == "account"]
    whole = firm.row(firm.ask("show", id="PAY-7103")["item"]["id"])["payer_account"]
    assert whole.replace(" ", "") not in repr(rows)
    gone = firm.door("alias", "forget", account["id"])
    assert gone.status == 0
    assert not firm.ask("suggest", payment="PAY-7104")["payers"][0]["alias"]


def test_the_command_line_lists_what_belongs_to_one_customer(firm: Company) -> None:
    """By its code; a customer that there is not is said."""
    firm.door("identify", "PAY-7102", "--customer", "C-00011", "--wait")
    rows = firm.door("alias", "list", "--customer", "C-00011", "--format", "json").json
    assert {row["party_code"] for row in rows} == {"C-00011"}
    ran = firm.door("alias", "list", "--customer", "C-99999")
    assert ran.status != 0
    assert "C-99999" in ran.err


def test_an_auditor_forgets_nothing(firm: Company) -> None:
    """Reading only."""
    firm.ask(
        "submit",
        intent=f"alias-{os.getpid()}-{next(_NUMBERS)}",
        command={"op": "identify", "payment": "PAY-7101", "party": "C-00001"},
    )
    rows = firm.ask("aliases")
    with pytest.raises(Refused):
        firm.ask("forget_alias", id=rows[0]["id"], act_as="max")
    with pytest.raises(NotFound):
        firm.ask("forget_alias", id="0123456789ab")
    assert firm.ask("aliases") == rows
