"""An invoice that accounting pays while somebody applies money to it: the screen says what is open now, and nothing is posted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from data.demo.launch import Demo, demo
from data.peers.sandbox.accountant import Accountant
from tests.broker.company import until
from tests.terminal.cash_books import SandboxBooks, asked
from tests.terminal.cash_pages import Outbox, Queue
from tests.terminal.face import Face

_UNREAD = [{"kind": "status", "path": path, "times": 0} for path in ("/v1/changes", "/v1/census")]


@pytest.fixture
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A tiny demo company on the sandbox."""
    with demo(tmp_path_factory.mktemp("conflict"), size="tiny") as running:
        yield running


def accounting(company: Demo, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody in accounting does something."""

    async def do() -> dict[str, Any]:
        books = Accountant(company.peer.url, company.accountant_token)
        try:
            return await books.call(method, path, body)
        finally:
            await books.close()

    return asyncio.run(do())


def test_an_invoice_that_was_paid_meanwhile_is_a_conflict_in_words(company: Demo) -> None:
    """The outbox names the new residual, the ledger has none of the order, and the form comes back with what is open now."""
    asked(company, "sync", wait=True)
    books = SandboxBooks(company)
    case = books.make()
    asked(company, "sync", wait=True)
    early = asked(company, "show", id=case.early)["item"]
    other = {"party": early["party_id"], "amount": "250.00", "currency": "EUR"}
    with Face("--config", str(company.settings.file), columns=120) as face:
        face.sees(r"All \d\d")
        face.sees("ledger reachable")
        form = Queue(face).finds(case.payment).applies(case.payment).to_items()
        form.pays(case.whole).pays(case.early).pays(case.short, "195.50").writes_off(case.short, "s", "SMALL")
        accounting(company, "PUT", "/v1/accountant/faults", {"fault": _UNREAD})
        until(lambda: asked(company, "status")["sync"].get("error"), "nothing is read any more")
        money = accounting(company, "POST", "/v1/accountant/payments", other)["rows"][0]["id"]
        body = {"credit": money, "debit": early["id"], "amount": "250.00"}
        accounting(company, "POST", "/v1/accountant/applications", body)
        form.review().posts()
        outbox = Outbox(face).opens()
        face.sees(r"(?m)^[> ]  .{13}CONFLICT +apply 995.50 EUR")
        face.presses("j")
        face.sees(rf"{case.early}.*50\.00 EUR is open")
        accounting(company, "PUT", "/v1/accountant/faults", {"fault": []})
        asked(company, "sync", wait=True)
        residuals = [books.open(number) for number in (case.payment, case.whole, case.early, case.short)]
        assert residuals == [Decimal(each) for each in ("-1000.00", "500.00", "50.00", "200.00")]
        outbox.closes()
        form = Queue(face).finds(case.payment).applies(case.payment)
        face.sees(rf"{case.early}: only 50\.00 is open now")
        assert form.lines[case.early].open == Decimal("50.00")
        assert form.lines[case.whole].paid == Decimal("500.00")
