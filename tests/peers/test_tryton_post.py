"""Posting into a real Tryton: what its own screens would show afterwards, for each shape that an order can have."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Command,
    Escalate,
    Line,
    Order,
    Unapply,
    new_id,
    seal,
)
from arqueue.model.ledger import Allocation, Item, Note
from arqueue.model.money import Money
from data.demo.tryton.server import Running
from data.peers.contract import Absent, Done, Outcome, Rejected, Rejection, Stale
from data.peers.tryton.connector import TrytonPeer
from tests.peers.books import HEAD, fetch, order_for
from tests.peers.tryton_accountant import LINE, Accountant
from tests.peers.tryton_mirror import Mirror
from tests.peers.tryton_server import reading, seeded, server, settings
from tests.peers.tryton_world import TrytonWorld

pytestmark = pytest.mark.timeout(600)  # whoever is first makes the company: a minute or two
__all__ = ["reading", "seeded", "server"]

TODAY = date(2026, 11, 20)


def euro(text: str) -> Money:
    """An amount."""
    return Money.parse(text, "EUR")


@dataclass(frozen=True, slots=True)
class Desk:
    """A collector's connector and an accountant, in the same company."""

    peer: TrytonPeer
    books: Accountant
    world: TrytonWorld

    async def party(self) -> str:
        """A customer of the test's own."""
        return await self.world.new_party("Post & Sons")

    async def open(
        self, party: str, owed: Sequence[str], paid: Sequence[str] = ()
    ) -> tuple[list[str], list[str]]:
        """Invoices and payments of a customer."""
        invoices = [await self.world.post_invoice(party, euro(amount)) for amount in owed]
        return invoices, [await self.world.receive_payment(party, euro(amount)) for amount in paid]

    async def do(self, command: Command) -> Outcome:
        """Decide on what is there now, and submit."""
        return await self.peer.submit(await self.order(command))

    async def order(self, command: Command) -> Order:
        """As it is decided."""
        if isinstance(command, Annotate | Escalate):
            return seal(new_id(), command, {}, "ann", head=HEAD)
        return await order_for(self.peer, command)

    async def pay(self, payment: str, lines: dict[str, str]) -> Outcome:
        """Apply a payment."""
        wanted = tuple(Line(item, euro(amount)) for item, amount in lines.items())
        return await self.do(ApplyPayment(payment, wanted, TODAY))

    async def residuals(self, *items: str) -> list[str]:
        """What Tryton itself says is open."""
        return [str(await self.world.residual(item)) for item in items]

    async def ours(self, *items: str) -> list[str]:
        """What the connector says is open."""
        found = {each.id: each for each in (await self.peer.get(items)).upserts if isinstance(each, Item)}
        return [str(found[item].residual) for item in items]

    async def state(self, due: str) -> str:
        """The state of the invoice behind a due line."""
        row = await self.books.one(LINE, [["id", "=", int(due[5:])]], "move")
        return str((await self.books.one("account.invoice", [["move", "=", row["move"]]], "state"))["state"])


async def _desk(running: Running) -> AsyncIterator[Desk]:
    peer, books = TrytonPeer(settings(running)), Accountant(running)
    yield Desk(peer, books, TrytonWorld(books))
    await peer.close()
    await books.close()


@pytest.fixture
async def desk(reading: Running) -> AsyncIterator[Desk]:
    """A shared company; tests keep to customers of their own."""
    async for each in _desk(reading):
        yield each


@pytest.fixture
async def own(server: Running) -> AsyncIterator[Desk]:
    """A company of the test's own, with the seeded documents untouched."""
    async for each in _desk(server):
        yield each


def done(outcome: Outcome) -> Done:
    """It must have been posted."""
    assert isinstance(outcome, Done), outcome
    return outcome


def allocation(outcome: Outcome, credit: str, debit: str) -> Allocation:
    """What an outcome says is applied."""
    (found,) = [
        each
        for each in done(outcome).entities
        if isinstance(each, Allocation) and (each.credit_item, each.debit_item) == (credit, debit)
    ]
    return found


async def test_an_exact_application_makes_tryton_call_the_invoice_paid(desk: Desk) -> None:
    """Not only is nothing to pay: the invoice's state is paid."""
    (invoice,), (payment,) = await desk.open(await desk.party(), ["80.00"], ["80.00"])
    done(await desk.pay(payment, {invoice: "80.00"}))
    assert await desk.state(invoice) == "paid"


async def test_a_payment_to_several_invoices_with_a_rest(desk: Desk) -> None:
    """Two closed, one in part, and what is left of the payment is one item, named as before."""
    invoices, (payment,) = await desk.open(await desk.party(), ["10.00", "20.00", "30.00"], ["50.00"])
    done(await desk.pay(payment, dict(zip(invoices, ["10.00", "20.00", "15.00"], strict=True))))
    assert await desk.residuals(*invoices, payment) == ["0.00", "0.00", "15.00", "-5.00"]
    assert await desk.ours(*invoices, payment) == ["0.00", "0.00", "15.00", "-5.00"]


async def test_parts_from_several_payments_close_an_invoice(desk: Desk) -> None:
    """The last part matches all parts: paid, and each allocation is told by itself."""
    (invoice,), payments = await desk.open(await desk.party(), ["60.00"], ["10.00", "20.00", "30.00"])
    outcomes = [
        await desk.pay(payment, {invoice: amount})
        for payment, amount in zip(payments, ["10.00", "20.00", "30.00"], strict=True)
    ]
    assert await desk.state(invoice) == "paid"
    assert [str(allocation(outcomes[2], payment, invoice).amount) for payment in payments] == [
        "10.00",
        "20.00",
        "30.00",
    ]
    assert await desk.ours(invoice, *payments) == ["0.00"] * 4


async def test_a_payment_applied_bit_by_bit_stays_one_item(desk: Desk) -> None:
    """Split after split, the payment keeps its name, its number and its total."""
    invoices, (payment,) = await desk.open(await desk.party(), ["10.00", "10.00", "10.00"], ["100.00"])
    before = await fetch(desk.peer, payment)
    for invoice in invoices:
        done(await desk.pay(payment, {invoice: "7.00"}))
    after = await fetch(desk.peer, payment)
    assert (after.number, after.total, after.text) == (before.number, before.total, before.text)
    assert await desk.residuals(*invoices, payment) == ["3.00", "3.00", "3.00", "-79.00"]
    assert str(after.residual) == "-79.00"


async def test_a_credit_note_is_applied_like_money(own: Desk) -> None:
    """A part of a credit note to an invoice of the same customer."""
    mirror = Mirror(own.peer)
    await mirror.pull()
    note, invoice = mirror.item("CN-1"), mirror.item("INV-1003")
    done(await own.pay(note.id, {invoice.id: "20.00"}))
    await mirror.pull()
    assert [str(mirror.item(each).residual) for each in ("CN-1", "INV-1003")] == ["-30.00", "280.00"]


async def test_money_for_an_instalment_goes_to_that_instalment(own: Desk) -> None:
    """The last of three, whole: Tryton leaves the second open."""
    mirror = Mirror(own.peer)
    await mirror.pull()
    party = mirror.item("INV-4001").party_id
    payment = await own.world.receive_payment(party, euro("300.00"))
    done(await own.pay(payment, {mirror.item("INV-4001/3").id: "300.00"}))
    await mirror.pull()
    assert [str(mirror.item(f"INV-4001/{n}").residual) for n in (1, 2, 3)] == ["0.00", "200.00", "0.00"]
    assert str((await own.books.invoice("INV-4001"))["amount_to_pay"]) == "200.00"


async def test_a_part_of_a_later_instalment_goes_there_and_nowhere_else(own: Desk) -> None:
    """Tryton can link to an invoice only as a whole, so the instalment is cut; its items stay three."""
    mirror = Mirror(own.peer)
    await mirror.pull()
    party = mirror.item("INV-4001").party_id
    payment = await own.world.receive_payment(party, euro("50.00"))
    done(await own.pay(payment, {mirror.item("INV-4001/3").id: "50.00"}))
    await mirror.pull()
    parts = [mirror.item(f"INV-4001/{n}") for n in (1, 2, 3)]
    assert [(str(part.total), str(part.residual)) for part in parts] == [
        ("300.00", "0.00"),
        ("300.00", "200.00"),
        ("300.00", "250.00"),
    ]
    assert str((await own.books.invoice("INV-4001"))["amount_to_pay"]) == "450.00"


async def test_the_rest_of_an_instalment_that_is_covered_in_part(own: Desk) -> None:
    """What closes the earliest open part is linked, then matched with all that was linked."""
    mirror = Mirror(own.peer)
    await mirror.pull()
    party = mirror.item("INV-4001").party_id
    payment = await own.world.receive_payment(party, euro("200.00"))
    done(await own.pay(payment, {mirror.item("INV-4001/2").id: "200.00"}))
    await mirror.pull()
    assert [str(mirror.item(f"INV-4001/{n}").residual) for n in (1, 2, 3)] == ["0.00", "0.00", "300.00"]
    lines = (await own.books.invoice("INV-4001"))["lines_to_pay"]
    rows = await own.books.session.rows(LINE, [["id", "in", lines]], ["reconciliation"])
    assert sum(row["reconciliation"] is None for row in rows) == 1


async def test_dollars_are_applied_to_dollars(own: Desk) -> None:
    """A part of a foreign payment to a part of a foreign invoice, at the ledger's own rate."""
    mirror = Mirror(own.peer)
    await mirror.pull()
    invoice, payment = mirror.item("INV-3001"), mirror.item("PMT-5")
    command = ApplyPayment(payment.id, (Line(invoice.id, Money.parse("100.00", "USD")),), TODAY)
    done(await own.do(command))
    await mirror.pull()
    assert [str(mirror.item(each).residual) for each in ("INV-3001", "PMT-5")] == ["1000.00", "-233.33"]
    assert mirror.item("INV-3001").residual_base == euro("920.00")


async def test_dollars_are_cut_in_parts_that_do_not_come_out_even_in_euros(own: Desk) -> None:
    """30.66 + 30.67 + 245.32 is not 306.66: Tryton's own split of a foreign credit in three would be refused by Tryton."""
    mirror = Mirror(own.peer)
    await mirror.pull()
    payment, first, second = (mirror.item(number) for number in ("PMT-5", "INV-3001", "INV-3002"))
    lines = (Line(first.id, Money.parse("33.33", "USD")), Line(second.id, Money.parse("33.34", "USD")))
    done(await own.do(ApplyPayment(payment.id, lines, TODAY)))
    assert await own.ours(first.id, second.id, payment.id) == ["1066.67", "299.99", "-266.66"]


async def test_across_currencies_is_refused_in_words(own: Desk) -> None:
    """Euro on a dollar invoice is said to be unsupported before anything is touched."""
    mirror = Mirror(own.peer)
    await mirror.pull()
    payment = await own.world.receive_payment(mirror.item("INV-3001").party_id, euro("10.00"))
    outcome = await own.pay(payment, {mirror.item("INV-3001").id: "10.00"})
    assert isinstance(outcome, Rejected)
    assert outcome.code is Rejection.UNSUPPORTED


async def test_another_customers_invoice_is_refused_in_words(desk: Desk) -> None:
    """Tryton matches within one customer only, and the outcome says so."""
    (invoice,), _ = await desk.open(await desk.party(), ["10.00"])
    _, (payment,) = await desk.open(await desk.party(), [], ["10.00"])
    outcome = await desk.pay(payment, {invoice: "10.00"})
    assert isinstance(outcome, Rejected)
    assert (outcome.code, "customer" in outcome.words) == (Rejection.UNSUPPORTED, True)


async def test_money_given_back_takes_a_payment(desk: Desk) -> None:
    """A debit that is no invoice (a refund) can be applied to, also in part."""
    party = await desk.party()
    _, (payment,) = await desk.open(party, [], ["100.00"])
    refund = await desk.books.refund(await desk.world.code(party), "60.00")
    done(await desk.pay(payment, {f"line:{refund}": "25.00"}))
    assert await desk.ours(f"line:{refund}", payment) == ["35.00", "-75.00"]
    done(await desk.pay(payment, {f"line:{refund}": "35.00"}))
    assert await desk.ours(f"line:{refund}", payment) == ["0.00", "-40.00"]


async def test_expecting_an_old_residual_is_stale_even_without_a_version(desk: Desk) -> None:
    """An order made while earlier ones were under way names no version: the residual alone must be as expected."""
    (invoice,), (payment, other) = await desk.open(await desk.party(), ["60.00"], ["60.00", "10.00"])
    sealed = await desk.order(ApplyPayment(payment, (Line(invoice, euro("60.00")),), TODAY))
    bare = {item: type(seen)("", seen.residual) for item, seen in sealed.expect.items()}
    order = seal(new_id(), sealed.command, bare, "ann")
    done(await desk.pay(other, {invoice: "10.00"}))
    outcome = await desk.peer.submit(order)
    assert isinstance(outcome, Stale)
    assert await desk.residuals(payment) == ["-60.00"]


async def test_an_order_follows_one_of_ours_without_a_version(desk: Desk) -> None:
    """With the residual that the earlier order leaves, and no version, it goes through."""
    invoices, (payment,) = await desk.open(await desk.party(), ["30.00", "30.00"], ["60.00"])
    first = await desk.order(ApplyPayment(payment, (Line(invoices[0], euro("30.00")),), TODAY))
    later = await desk.order(ApplyPayment(payment, (Line(invoices[1], euro("30.00")),), TODAY))
    expect = {
        payment: type(later.expect[payment])("", euro("-30.00")),
        invoices[1]: later.expect[invoices[1]],
    }
    done(await desk.peer.submit(first))
    done(await desk.peer.submit(seal(new_id(), later.command, expect, "ann")))
    assert await desk.residuals(*invoices, payment) == ["0.00", "0.00", "0.00"]


async def test_a_write_off_of_all_that_is_left_pays_the_invoice(desk: Desk) -> None:
    """After a part payment the rest is written off: paid, and the expense account carries it."""
    (invoice,), (payment,) = await desk.open(await desk.party(), ["50.00"], ["49.25"])
    done(await desk.pay(payment, {invoice: "49.25"}))
    order = await desk.order(Adjust(invoice, euro("0.75"), "SMALL", "method:1", TODAY, "fee of the bank"))
    done(await desk.peer.submit(order))
    assert await desk.state(invoice) == "paid"
    assert (await desk.world.booked(order))["6.1.2 Other Expenses"] == euro("0.75")
    moves = await desk.books.session.rows(
        "account.move", [["description", "like", f"%{order.id}"]], ["description", "date"]
    )
    assert [(row["description"], row["date"]) for row in moves] == [(f"fee of the bank {order.memo}", TODAY)]


async def test_a_part_is_written_off_and_the_rest_stays_open(desk: Desk) -> None:
    """Also when a part is paid already."""
    (invoice,), (payment,) = await desk.open(await desk.party(), ["100.00"], ["30.00"])
    done(await desk.pay(payment, {invoice: "30.00"}))
    done(await desk.do(Adjust(invoice, euro("5.00"), "FREIGHT", "method:6", TODAY)))
    assert await desk.residuals(invoice) == ["65.00"]
    assert await desk.ours(invoice, payment) == ["65.00", "0.00"]


async def test_what_is_left_of_a_payment_is_written_off_as_income(desk: Desk) -> None:
    """A few cents too much: the credit goes, the account is credited."""
    (invoice,), (payment,) = await desk.open(await desk.party(), ["50.00"], ["50.03"])
    done(await desk.pay(payment, {invoice: "50.00"}))
    order = await desk.order(Adjust(payment, euro("0.03"), "SMALL", "method:1", TODAY))
    done(await desk.peer.submit(order))
    assert await desk.residuals(invoice, payment) == ["0.00", "0.00"]
    assert (await desk.world.booked(order))["6.1.2 Other Expenses"] == euro("-0.03")


async def test_more_than_is_open_is_not_written_off(desk: Desk) -> None:
    """Insufficient, and nothing is touched."""
    (invoice,), _ = await desk.open(await desk.party(), ["10.00"])
    outcome = await desk.do(Adjust(invoice, euro("10.01"), "SMALL", "method:1", TODAY))
    assert isinstance(outcome, Rejected)
    assert outcome.code is Rejection.INSUFFICIENT
    assert await desk.residuals(invoice) == ["10.00"]


async def test_a_write_off_method_that_is_not_there_is_refused(desk: Desk) -> None:
    """Not found, by name."""
    (invoice,), _ = await desk.open(await desk.party(), ["10.00"])
    outcome = await desk.do(Adjust(invoice, euro("1.00"), "X", "method:999", TODAY))
    assert isinstance(outcome, Rejected)
    assert outcome.code is Rejection.NOT_FOUND


async def test_a_write_off_into_a_closed_period_is_refused(own: Desk) -> None:
    """Tryton's own refusal arrives as what it is, and nothing is posted."""
    mirror = Mirror(own.peer)
    await mirror.pull()
    invoice = mirror.item("INV-1002")
    (period,) = await own.books.ids("account.period", [["start_date", "=", date(2026, 11, 1)]])
    await own.books.session.call("model.account.period.close", [period])
    outcome = await own.do(Adjust(invoice.id, euro("500.00"), "BAD", "method:4", TODAY))
    assert isinstance(outcome, Rejected), outcome
    assert outcome.code is Rejection.LOCKED_PERIOD
    assert await own.residuals(invoice.id) == ["500.00"]


async def test_taking_back_a_part_leaves_the_other_parts(desk: Desk) -> None:
    """From a paid invoice, one of three payments: the others stay applied, and a remark says what happened."""
    (invoice,), payments = await desk.open(await desk.party(), ["60.00"], ["10.00", "20.00", "30.00"])
    for payment, amount in zip(payments, ["10.00", "20.00", "30.00"], strict=True):
        done(await desk.pay(payment, {invoice: amount}))
    made = (await desk.peer.get([f"rec:{payments[1][5:]}"])).upserts[0]
    assert isinstance(made, Allocation)
    done(await desk.do(Unapply(made.id, payments[1], invoice, made.amount, TODAY)))
    assert await desk.residuals(invoice, *payments) == ["20.00", "0.00", "-20.00", "0.00"]
    assert await desk.ours(invoice, *payments) == ["20.00", "0.00", "-20.00", "0.00"]
    (text,) = await desk.world.notes(invoice)
    assert "20.00 EUR" in text
    assert "taken back" in text


async def test_taking_back_a_payment_leaves_the_write_off(desk: Desk) -> None:
    """Paid but for a fee that was written off: the payment goes, the write-off stays on the invoice."""
    (invoice,), (payment,) = await desk.open(await desk.party(), ["50.00"], ["49.25"])
    done(await desk.pay(payment, {invoice: "49.25"}))
    done(await desk.do(Adjust(invoice, euro("0.75"), "FEE", "method:3", TODAY)))
    made = (await desk.peer.get([f"rec:{payment[5:]}"])).upserts[0]
    assert isinstance(made, Allocation)
    done(await desk.do(Unapply(made.id, payment, invoice, made.amount, TODAY)))
    assert await desk.residuals(invoice, payment) == ["49.25", "-49.25"]


async def test_taking_back_a_write_off_reverses_its_entry(desk: Desk) -> None:
    """The invoice is open by that amount again, the expense is gone, and no credit is left over."""
    (invoice,), _ = await desk.open(await desk.party(), ["100.00"])
    order = await desk.order(Adjust(invoice, euro("5.00"), "BAD", "method:4", TODAY))
    outcome = await desk.peer.submit(order)
    (made,) = [
        each for each in done(outcome).entities if isinstance(each, Allocation) and each.debit_item == invoice
    ]
    undo = await desk.order(Unapply(made.id, made.credit_item, invoice, made.amount, TODAY))
    done(await desk.peer.submit(undo))
    assert await desk.ours(invoice, made.credit_item) == ["100.00", "0.00"]
    spent = (await desk.world.booked(order))["5.2.3 Credit Loss (Reversal) On Receivables"]
    back = (await desk.world.booked(undo))["5.2.3 Credit Loss (Reversal) On Receivables"]
    assert (spent, back) == (euro("5.00"), euro("-5.00"))


async def test_taking_back_what_was_written_off_a_payment(desk: Desk) -> None:
    """The rest of a payment that was taken as income is a payment again, and the income is gone."""
    party = await desk.party()
    _, (payment,) = await desk.open(party, [], ["50.00"])
    order = await desk.order(Adjust(payment, euro("0.03"), "SMALL", "method:1", TODAY))
    outcome = await desk.peer.submit(order)
    (made,) = [
        each
        for each in done(outcome).entities
        if isinstance(each, Allocation) and each.credit_item == payment
    ]
    undo = await desk.order(Unapply(made.id, payment, made.debit_item, made.amount, TODAY))
    done(await desk.peer.submit(undo))
    assert await desk.ours(payment, made.debit_item) == ["-50.00", "0.00"]
    assert (await desk.world.booked(undo))["6.1.2 Other Expenses"] == euro("0.03")


async def test_one_line_on_several_invoices_is_not_taken_apart(desk: Desk) -> None:
    """What an accountant matched in one go cannot be taken back in part: refused in words, nothing touched."""
    invoices, (payment,) = await desk.open(await desk.party(), ["10.00", "20.00"], ["30.00"])
    lines = [int(each[5:]) for each in (*invoices, payment)]
    await desk.books.reconcile(*lines)
    page = await desk.peer.get([f"rec:{each}" for each in lines])
    made = next(
        each for each in page.upserts if isinstance(each, Allocation) and each.debit_item == invoices[0]
    )
    outcome = await desk.do(Unapply(made.id, payment, invoices[0], made.amount, TODAY))
    assert isinstance(outcome, Rejected)
    assert outcome.code is Rejection.UNSUPPORTED
    assert await desk.residuals(*invoices, payment) == ["0.00"] * 3
    assert await desk.world.notes(invoices[0]) == []


async def test_an_application_that_is_gone_is_stale(desk: Desk) -> None:
    """Somebody took it back before us."""
    (invoice,), (payment,) = await desk.open(await desk.party(), ["10.00"], ["10.00"])
    outcome = await desk.pay(payment, {invoice: "10.00"})
    made = allocation(outcome, payment, invoice)
    order = await desk.order(Unapply(made.id, payment, invoice, made.amount, TODAY))
    await desk.books.unreconcile(int(payment[5:]))
    assert isinstance(await desk.peer.submit(order), Stale)
    assert isinstance(await desk.peer.find(order), Absent)


async def test_remarks_stand_on_customers_payments_and_invoices(desk: Desk) -> None:
    """Whatever the target, the remark is there, bears the order's reference, and comes back without it."""
    party = await desk.party()
    (invoice,), (payment,) = await desk.open(party, ["10.00"], ["10.00"])
    for target in (party, invoice, payment):
        order = await desk.order(Annotate(target, "first line\nsecond [bold]line[/]"))
        (note,) = done(await desk.peer.submit(order)).entities
        assert isinstance(note, Note)
        assert (note.target, note.text, note.command_id) == (
            target,
            "first line\nsecond [bold]line[/]",
            order.id,
        )
        assert note.author == "arqueue"
        (text,) = await desk.world.notes(target)
        assert text.endswith(f"\n\naudit {HEAD} arqueue {order.id}")


async def test_a_remark_on_nothing_is_refused(desk: Desk) -> None:
    """A customer or document that is not there is not found."""
    for target in ("party:999999", "line:999999", "invoice:999999", "what:1", "line:x"):
        outcome = await desk.do(Annotate(target, "hello"))
        assert isinstance(outcome, Rejected)
        assert outcome.code is Rejection.NOT_FOUND


async def test_the_limited_user_may_not_do_more_than_this(desk: Desk, reading: Running) -> None:
    """With the connector's own login nobody can make an entry, an invoice or a customer."""
    from data.peers.tryton.rpc import Refusal, Session

    session = Session(settings(reading), deadline_s=30)
    for model, values in (
        ("account.move", {}),
        ("account.move.line", {}),
        ("account.invoice", {"type": "out"}),
        ("party.party", {"name": "x"}),
        ("account.move.reconcile.write_off", {"name": "x"}),
    ):
        with pytest.raises(Refusal):
            await session.call(f"model.{model}.create", [values])
    await session.close()


async def test_what_was_posted_is_in_the_next_pull(desk: Desk) -> None:
    """The feed tells of our own postings like of anybody's."""
    mirror = Mirror(desk.peer)
    await mirror.pull()
    (invoice,), (payment,) = await desk.open(await desk.party(), ["10.00"], ["8.00"])
    outcome = await desk.pay(payment, {invoice: "8.00"})
    await mirror.pull()
    told = {each.id: each for each in done(outcome).entities if isinstance(each, Item)}
    assert mirror.entities[invoice] == told[invoice]
    assert mirror.entities[payment] == told[payment]
    assert Decimal("2.00") == told[invoice].residual.decimal
