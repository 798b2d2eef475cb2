"""A planned company becomes a ledger: every figure agrees, nothing half done is ever left."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arqueue.control.commands import Adjust
from arqueue.errors import Invalid, Refused
from arqueue.model.ledger import Allocation, Item, ItemKind, Note, Party
from arqueue.model.money import Money
from data.demo.company import make_company
from data.demo.plan import (
    CompanyPlan,
    PlannedCredit,
    PlannedDocument,
    PlannedInvoice,
    PlannedNote,
    PlannedParty,
    PlannedPayment,
)
from data.peers.contract import Done, PeerSettings
from data.peers.sandbox.connector import SandboxPeer
from data.peers.sandbox.load import load
from data.peers.sandbox.server import feed
from data.peers.sandbox.server.ledger import Ledger
from data.peers.sandbox.server.run import start_process
from tests.peers.books import fetch, order_for, pull_all
from tests.peers.sandbox_books import SandboxBooks

TODAY = date(2026, 11, 20)
PARTIES = (
    PlannedParty(
        code="A", name="Alpha \x1b[31m", currency="EUR", terms_days=30, parent="B", credit_limit=100_000
    ),
    PlannedParty(code="B", name="Beta", currency="EUR", terms_days=14, emails=("b@b.example",)),
    PlannedParty(code="J", name="星野商事", currency="JPY", terms_days=45, on_hold=True),
)


def _invoice(
    number: str, amount: int, age: int, *, party: str = "A", currency: str = "EUR", parts: int = 1
) -> PlannedInvoice:
    on = TODAY - timedelta(days=age)
    instalments = tuple((on + timedelta(days=30 * place), amount // parts) for place in range(parts))
    return PlannedInvoice(
        number=number,
        party=party,
        currency=currency,
        amount=amount,
        on=on,
        due=on + timedelta(days=30),
        instalments=instalments if parts > 1 else (),
    )


def _payment(
    number: str, amount: int, age: int, *applied: tuple[str, int], party: str = "A", currency: str = "EUR"
) -> PlannedPayment:
    on = TODAY - timedelta(days=age)
    return PlannedPayment(
        number=number, party=party, currency=currency, amount=amount, on=on, applied=applied
    )


def _plan(*documents: PlannedDocument) -> CompanyPlan:
    rates = {"EUR": Decimal(1), "JPY": Decimal("0.0061"), "USD": Decimal("0.92")}
    return CompanyPlan(
        name="Quay",
        currency="EUR",
        today=TODAY,
        parties=PARTIES,
        documents=lambda: iter(documents),
        rates=rates,
    )


@contextmanager
def _loaded(folder: Path, plan: CompanyPlan) -> Iterator[SandboxBooks]:
    load(folder / "ledger.sqlite", plan)
    ledger = Ledger(folder / "ledger.sqlite")
    try:
        books = SandboxBooks(ledger)
        books.check()
        yield books
    finally:
        ledger.close()


def _residuals(books: SandboxBooks) -> dict[str, str]:
    with books.ledger.read() as connection:
        rows: list[Any] = list(feed.changes(connection, "", 5000)["rows"])
    return {row["number"]: row["residual"] for row in rows if row["kind"] == "item"}


def test_payments_leave_open_what_they_do_not_pay(tmp_path: Path) -> None:
    """Partly paid, fully paid, unapplied: each residual is what the plan says."""
    plan = _plan(
        _invoice("I1", 10000, 60),
        _invoice("I2", 5000, 50),
        _payment("P1", 12000, 20, ("I1", 10000), ("I2", 1500)),
        PlannedCredit(number="C1", party="A", currency="EUR", amount=700, on=TODAY, applied=(("I2", 500),)),
    )
    with _loaded(tmp_path, plan) as books:
        assert _residuals(books) == {"I1": "0.00", "I2": "30.00", "P1": "-5.00", "C1": "-2.00"}


def test_instalments_are_paid_earliest_first(tmp_path: Path) -> None:
    """A payment on the invoice goes to its parts in the order they fall due; the invoice itself has no residual."""
    plan = _plan(_invoice("I1", 9000, 60, parts=3), _payment("P1", 4000, 20, ("I1", 4000)))
    with _loaded(tmp_path, plan) as books:
        assert _residuals(books) == {
            "I1": "0.00",
            "I1/1": "0.00",
            "I1/2": "20.00",
            "I1/3": "30.00",
            "P1": "0.00",
        }


def test_a_discount_is_written_off_to_its_account(tmp_path: Path) -> None:
    """The invoice is closed by cash and discount, and account 4800 shows it."""
    paid = PlannedPayment(
        number="P1",
        party="A",
        currency="EUR",
        amount=9800,
        on=TODAY,
        applied=(("I1", 9800),),
        discounts=(("I1", 200),),
    )
    with _loaded(tmp_path, _plan(_invoice("I1", 10000, 60), paid)) as books:
        assert _residuals(books)["I1"] == "0.00"
        accounts = {row["account"]: row["balance"] for row in books.trial_balance()["accounts"]}
        assert accounts["4800"] == "2.00"


def test_a_returned_payment_leaves_its_invoices_open(tmp_path: Path) -> None:
    """With its code, a void allocation and a reversal that closes it; an invoice paid again later is closed."""
    bounced = PlannedPayment(
        number="P1",
        party="A",
        currency="EUR",
        amount=15000,
        on=TODAY - timedelta(days=20),
        applied=(("I1", 10000), ("I2", 5000)),
        discounts=(("I1", 100),),
        returned_on=TODAY - timedelta(days=15),
        return_code="R01",
    )
    plan = _plan(
        _invoice("I1", 10000, 60), _invoice("I2", 5000, 50), bounced, _payment("P2", 5000, 3, ("I2", 5000))
    )
    with _loaded(tmp_path, plan) as books:
        residuals = _residuals(books)
        assert (residuals["I1"], residuals["I2"], residuals["P1"]) == ("100.00", "0.00", "0.00")
        with books.ledger.read() as connection:
            rows = connection.execute("SELECT returned, id FROM item WHERE number = 'P1'").fetchone()
            void = connection.execute(
                "SELECT sum(void) FROM allocation WHERE credit_item = ?", (rows["id"],)
            ).fetchone()
        assert (rows["returned"], void[0]) == ("R01", 2)


def test_notes_find_customers_and_documents(tmp_path: Path) -> None:
    """By code or number, in the same batch or an earlier one."""
    notes = (
        PlannedNote(target="A", author="x", on=TODAY, text="a"),
        PlannedNote(target="I1", author="x", on=TODAY, text="b"),
    )
    with _loaded(tmp_path, _plan(_invoice("I1", 100, 1), *notes)) as books:
        assert [books.row("note", key)["target"] for key in (1, 2)] == ["party:1", "item:1"]


@pytest.mark.parametrize(
    "documents, words",
    [
        ((_invoice("I1", 100, 1), _payment("P1", 200, 1, ("I1", 101))), "more of I1"),
        (
            (_invoice("I1", 100, 1), _invoice("I2", 500, 1), _payment("P1", 200, 1, ("I2", 201))),
            "beyond its amount",
        ),
        ((_payment("P1", 100, 1, ("I9", 5)),), "no invoice I9"),
        ((_invoice("I1", 100, 1, party="Z"),), "no customer Z"),
        ((PlannedNote(target="I9", author="x", on=TODAY, text="?"),), "I9"),
        ((_invoice("I1", 0, 1),), "more than nothing"),
    ],
)
def test_a_plan_that_no_ledger_can_carry_out_leaves_nothing(
    tmp_path: Path, documents: Sequence[PlannedDocument], words: str
) -> None:
    """The document is named, and there is no file."""
    with pytest.raises(Invalid, match=words):
        load(tmp_path / "ledger.sqlite", _plan(*documents))
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_exists_is_never_overwritten(tmp_path: Path) -> None:
    """Refused, with the old one as it was."""
    load(tmp_path / "ledger.sqlite", _plan(_invoice("I1", 100, 1)))
    before = (tmp_path / "ledger.sqlite").read_bytes()
    with pytest.raises(Refused):
        load(tmp_path / "ledger.sqlite", _plan())
    assert (tmp_path / "ledger.sqlite").read_bytes() == before


def test_the_file_is_its_owners_and_survives_a_power_cut_from_now_on(tmp_path: Path) -> None:
    """Mode 0600 whatever the umask, and in WAL mode."""
    old = os.umask(0)
    try:
        load(tmp_path / "ledger.sqlite", _plan(_invoice("I1", 100, 1)))
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "ledger.sqlite").stat().st_mode) == 0o600
    connection = sqlite3.connect(tmp_path / "ledger.sqlite")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


AMOUNTS = st.integers(1, 5000)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["EUR", "JPY", "USD"]), AMOUNTS, AMOUNTS, st.booleans(), st.booleans()),
        max_size=25,
    )
)
def test_any_company_agrees_with_itself(stories: list[tuple[str, int, int, bool, bool]]) -> None:
    """Whatever is paid in part, in another currency, for another customer, or bounces: the trial balance is zero and receivables
    are the open items, also with the smallest batches."""
    documents: list[PlannedDocument] = []
    for place, (currency, owed, paid, other, bounced) in enumerate(stories):
        documents.append(_invoice(f"I{place}", owed, 90, currency=currency, parts=2 if owed % 2 == 0 else 1))
        documents.append(
            PlannedPayment(
                number=f"P{place}",
                party="B" if other else "A",
                currency=currency,
                amount=paid,
                on=TODAY,
                applied=((f"I{place}", min(owed, paid)),),
                returned_on=TODAY if bounced else None,
                return_code="R01" if bounced else "",
            )
        )
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("data.peers.sandbox.load.BATCH", 3)
        with _loaded(Path(folder), _plan(*documents)) as books:
            assert len([number for number in _residuals(books) if number.startswith("P")]) == len(stories)


async def test_a_generated_company_is_pulled_whole_and_can_be_worked_on(tmp_path: Path) -> None:
    """From the plan over the loader, the server and the connector: nothing is set aside, the figures agree, an order posts."""
    told: list[int] = []
    plan = make_company("tiny", 7, TODAY)
    load(tmp_path / "ledger.sqlite", plan, told.append)
    assert told[-1] == sum(1 for _ in plan.documents())
    running = start_process(tmp_path)
    peer = SandboxPeer(PeerSettings(kind="sandbox", url=running.url, token=running.token))
    try:
        assert (await peer.probe()).business_date == TODAY
        mirror, cursor = await pull_all(peer)
        again, _ = await pull_all(peer, cursor)
        assert not again.entities
        kinds = {type(entity) for entity in mirror.entities.values()}
        assert kinds == {Party, Item, Allocation, Note}
        items = [entity for entity in mirror.entities.values() if isinstance(entity, Item)]
        assert {(row.id, row.residual) for row in await peer.census()} == {
            (item.id, item.residual) for item in items if item.residual.minor
        }
        invoice = next(item for item in items if item.kind is ItemKind.INVOICE and item.residual.minor > 100)
        part = Money(100, invoice.residual.currency)
        order = await order_for(peer, Adjust(invoice.id, part, "x", "method:SMALL", TODAY))
        assert isinstance(await peer.submit(order), Done)
        assert (await fetch(peer, invoice.id)).residual == invoice.residual - part
    finally:
        await peer.close()
        running.stop()


def test_the_same_plan_gives_the_same_books(tmp_path: Path) -> None:
    """Row by row, but for the ledger's own id."""
    dumps = []
    for name in ("one", "two"):
        load(tmp_path / name / "ledger.sqlite", make_company("tiny", 3, TODAY))
        connection = sqlite3.connect(tmp_path / name / "ledger.sqlite")
        dumps.append([line for line in connection.iterdump() if 'INTO "company"' not in line])
        connection.close()
    assert dumps[0] == dumps[1]
