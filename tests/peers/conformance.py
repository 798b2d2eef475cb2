"""What every connector promises, whatever accounting system is behind it: one suite, run on each.

A peer joins by a subclass of ``PeerConformance`` with a fixture ``ledger`` that gives a ``Books``: the connector, and a
``World``, an accountant who acts in the same system by other means than the connector. Tests share one ledger and keep to
customers of their own, so they need no empty one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Command,
    Dispute,
    Escalate,
    Identify,
    Line,
    Resolve,
    Unapply,
    new_id,
    seal,
)
from arqueue.model.ledger import AdjustmentMethod, Allocation, Item, ItemKind, Note, Party
from arqueue.model.money import Money
from data.peers.contract import Absent, Done, Idempotency, Probe, Rejected, Rejection, Stale, Support
from tests.peers.books import Books, Mirror, batch_for, fetch, order_for, pull_all


class PeerConformance:
    """The promises. A subclass gives the fixture ``ledger``."""

    @pytest.fixture
    async def probe(self, ledger: Books) -> Probe:
        """Who is at the other end."""
        return await ledger.peer.probe()

    @pytest.fixture
    def money(self, ledger: Books) -> _Amount:
        """Amounts in the currency of this ledger."""
        return _Amount(ledger.world.currency)

    @pytest.fixture
    async def party(self, ledger: Books) -> str:
        """A customer of this test alone."""
        return await ledger.world.new_party("Conformance & Sons")

    # reading

    async def test_the_probe_says_who_answers_in_which_currency_and_how_to_write_off(
        self, ledger: Books, probe: Probe
    ) -> None:
        """Company, currency and adjustment methods with their GL accounts come from the ledger itself."""
        assert probe.company
        assert probe.currency == ledger.world.currency
        assert probe.methods
        assert all(method.id and method.code and method.account for method in probe.methods)

    async def test_after_a_full_pull_the_next_brings_nothing_new(self, ledger: Books, party: str) -> None:
        """The cursor of the last page leads to rows that are known already, or to none."""
        mirror, cursor = await pull_all(ledger.peer)
        assert party in mirror.entities
        mirror, _ = await pull_all(ledger.peer, cursor, mirror)
        assert mirror.fresh == 0

    async def test_pulling_everything_twice_gives_the_same_state(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """Reading changes nothing and depends on nothing."""
        await ledger.world.post_invoice(party, money("120.00"))
        first, _ = await pull_all(ledger.peer)
        second, _ = await pull_all(ledger.peer)
        assert first.entities == second.entities

    async def test_a_new_invoice_is_in_the_next_pull(self, ledger: Books, party: str, money: _Amount) -> None:
        """What was posted since the cursor comes, with party, amounts and dates."""
        mirror, cursor = await pull_all(ledger.peer)
        invoice = await ledger.world.post_invoice(party, money("120.00"))
        mirror, _ = await pull_all(ledger.peer, cursor, mirror)
        item = mirror.entities[invoice]
        assert isinstance(item, Item)
        assert (item.party_id, item.residual, item.is_debit) == (party, money("120.00"), True)
        assert item.due_date is not None
        assert await ledger.world.named(item.number) == invoice

    async def test_a_payment_is_in_the_next_pull_as_an_open_credit(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """Unapplied money is an item with a negative residual and the payer's own words."""
        mirror, cursor = await pull_all(ledger.peer)
        payment = await ledger.world.receive_payment(party, money("75.50"), "for 4711, thanks")
        mirror, _ = await pull_all(ledger.peer, cursor, mirror)
        item = mirror.entities[payment]
        assert isinstance(item, Item)
        assert item.residual == money("-75.50")
        assert "4711" in f"{item.text} {item.reference} {item.number}"

    async def test_a_reconciliation_made_elsewhere_is_seen(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """Somebody in accounting applied the payment: both items close here with the next pull."""
        invoice = await ledger.world.post_invoice(party, money("60.00"))
        payment = await ledger.world.receive_payment(party, money("60.00"))
        mirror, cursor = await pull_all(ledger.peer)
        await ledger.world.reconcile(payment, invoice)
        mirror, _ = await pull_all(ledger.peer, cursor, mirror)
        assert _open_amount(mirror, invoice) == money("0.00")
        assert _open_amount(mirror, payment) == money("0.00")

    async def test_an_unapplication_made_elsewhere_is_seen(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """Somebody in accounting took it back: both items are open again here with the next pull."""
        invoice = await ledger.world.post_invoice(party, money("60.00"))
        payment = await ledger.world.receive_payment(party, money("60.00"))
        await ledger.world.reconcile(payment, invoice)
        mirror, cursor = await pull_all(ledger.peer)
        await ledger.world.unreconcile(payment, invoice)
        mirror, _ = await pull_all(ledger.peer, cursor, mirror)
        assert _open_amount(mirror, invoice) == money("60.00")
        assert _open_amount(mirror, payment) == money("-60.00")

    async def test_the_census_is_what_was_pulled_and_is_open(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """Ids, versions and residuals agree, one by one: the control total."""
        await ledger.world.post_invoice(party, money("10.01"))
        await ledger.world.receive_payment(party, money("3.00"))
        mirror, _ = await pull_all(ledger.peer)
        pulled = {
            (item.id, item.version, item.residual)
            for item in mirror.entities.values()
            if isinstance(item, Item) and item.residual.minor
        }
        assert {(row.id, row.version, row.residual) for row in await ledger.peer.census()} == pulled

    async def test_tags_of_a_customer_come_with_it_and_go_again(self, ledger: Books, party: str) -> None:
        """Whatever the ledger counts a customer among, one word each, and no more once it is taken away."""
        await ledger.world.tag(party, "Key account", "agency")
        mirror, cursor = await pull_all(ledger.peer)
        assert _party(mirror, party).tags == ("agency", "key-account")
        await ledger.world.tag(party, "agency")
        mirror, cursor = await pull_all(ledger.peer, cursor, mirror)
        assert _party(mirror, party).tags == ("agency",)
        await ledger.world.tag(party)
        mirror, _ = await pull_all(ledger.peer, cursor, mirror)
        assert _party(mirror, party).tags == ()

    async def test_reminders_that_went_out_stand_on_the_item(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """The level of the last one, as of the next pull; nothing of it moves what is open."""
        invoice = await ledger.world.post_invoice(party, money("70.00"))
        mirror, cursor = await pull_all(ledger.peer)
        assert _item(mirror, invoice).dunning_level == 0
        for level in (1, 2):
            await ledger.world.dun(invoice, level)
            mirror, cursor = await pull_all(ledger.peer, cursor, mirror)
            assert _item(mirror, invoice).dunning_level == level
        assert (await fetch(ledger.peer, invoice)).dunning_level == 2
        assert _open_amount(mirror, invoice) == money("70.00")

    async def test_what_vanished_is_a_tombstone_when_asked_for(self, ledger: Books) -> None:
        """An id that is gone is said to be gone, and is no error."""
        gone = await ledger.world.vanish()
        page = await ledger.peer.get([gone])
        assert page.tombstones == (gone,)
        assert page.upserts == ()

    async def test_what_vanished_is_a_tombstone_in_the_feed_where_the_peer_reports_deletions(
        self, ledger: Books, probe: Probe
    ) -> None:
        """A peer that claims tombstones sends them."""
        if not probe.capabilities.tombstones:
            pytest.skip("this system does not report deletions")
        _, cursor = await pull_all(ledger.peer)
        gone = await ledger.world.vanish()
        mirror, _ = await pull_all(ledger.peer, cursor)
        assert gone in mirror.gone

    async def test_get_returns_what_a_pull_returns(self, ledger: Books, party: str, money: _Amount) -> None:
        """One entity, one shape, whichever way it comes."""
        invoice = await ledger.world.post_invoice(party, money("5.00"))
        mirror, _ = await pull_all(ledger.peer)
        page = await ledger.peer.get([invoice, party])
        assert list(page.upserts) == [mirror.entities[invoice], mirror.entities[party]]
        assert isinstance(page.upserts[1], Party)

    # applying

    async def test_an_exact_application_closes_both_items(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """All of a payment to an invoice of the same amount; the ledger itself says so."""
        invoice, payment = await _pair(ledger, party, money("80.00"), money("80.00"))
        outcome = await self._apply(ledger, payment, {invoice: money("80.00")})
        assert isinstance(outcome, Done)
        assert outcome.refs
        assert await ledger.world.residual(invoice) == money("0.00")
        assert await ledger.world.residual(payment) == money("0.00")

    async def test_a_partial_application_leaves_the_rest_open(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """A part of a payment to a part of an invoice."""
        if not probe.capabilities.operations["apply"].explicit_amount:
            pytest.skip("this system moves only whole items")
        invoice, payment = await _pair(ledger, party, money("100.00"), money("70.00"))
        assert isinstance(await self._apply(ledger, payment, {invoice: money("30.00")}), Done)
        assert await ledger.world.residual(invoice) == money("70.00")
        assert await ledger.world.residual(payment) == money("-40.00")

    async def test_one_payment_applies_to_many_invoices(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """Three invoices in one order, the last in part."""
        if not probe.capabilities.operations["apply"].many_debits:
            pytest.skip("this system applies to one document at a time")
        invoices = [await ledger.world.post_invoice(party, money("40.00")) for _ in range(3)]
        payment = await ledger.world.receive_payment(party, money("100.00"))
        lines = dict(zip(invoices, map(money, ("40.00", "40.00", "20.00")), strict=True))
        assert isinstance(await self._apply(ledger, payment, lines), Done)
        left = [await ledger.world.residual(invoice) for invoice in invoices]
        assert left == [money("0.00"), money("0.00"), money("20.00")]

    async def test_the_outcome_carries_the_ledgers_own_new_figures(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """What Done brings is what a reading brings afterwards."""
        invoice, payment = await _pair(ledger, party, money("80.00"), money("80.00"))
        outcome = await self._apply(ledger, payment, {invoice: money("80.00")})
        assert isinstance(outcome, Done)
        brought = {entity.id: entity for entity in outcome.entities}
        assert brought[invoice] == await fetch(ledger.peer, invoice)

    async def test_more_than_is_open_is_refused_and_nothing_moves(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """An order for more than the invoice owes posts nothing at all."""
        invoice, payment = await _pair(ledger, party, money("50.00"), money("90.00"))
        outcome = await self._apply(ledger, payment, {invoice: money("50.01")})
        assert isinstance(outcome, Rejected | Stale)
        assert not isinstance(outcome, Rejected) or outcome.code is Rejection.INSUFFICIENT
        assert await ledger.world.residual(invoice) == money("50.00")
        assert await ledger.world.residual(payment) == money("-90.00")

    async def test_an_order_that_expects_what_is_no_longer_so_is_stale(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """Somebody was faster: nothing is posted, and the outcome brings what is there now."""
        invoice, payment = await _pair(ledger, party, money("60.00"), money("60.00"))
        other = await ledger.world.receive_payment(party, money("60.00"))
        command = ApplyPayment(payment, (Line(invoice, money("60.00")),), await ledger.world.today())
        order = await order_for(ledger.peer, command)
        await ledger.world.reconcile(other, invoice)
        outcome = await ledger.peer.submit(order)
        assert isinstance(outcome, Stale)
        assert invoice in {entity.id for entity in outcome.entities}
        assert await ledger.world.residual(payment) == money("-60.00")

    async def test_the_same_order_sent_twice_posts_once(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """A second copy of an order finds the first; where the peer has keys it is answered alike."""
        invoice, payment = await _pair(ledger, party, money("100.00"), money("100.00"))
        command = ApplyPayment(payment, (Line(invoice, money("25.00")),), await ledger.world.today())
        order = await order_for(ledger.peer, command)
        assert isinstance(await ledger.peer.submit(order), Done)
        again = await ledger.peer.submit(order)
        if probe.capabilities.operations["apply"].idempotency in (
            Idempotency.KEY,
            Idempotency.UNIQUE_REFERENCE,
        ):
            assert isinstance(again, Done)
        assert await ledger.world.residual(invoice) == money("75.00")

    async def test_an_order_is_found_after_it_was_posted(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """By its id alone, as after an answer that was lost."""
        invoice, payment = await _pair(ledger, party, money("20.00"), money("20.00"))
        command = ApplyPayment(payment, (Line(invoice, money("20.00")),), await ledger.world.today())
        order = await order_for(ledger.peer, command)
        assert isinstance(await ledger.peer.submit(order), Done)
        assert isinstance(await ledger.peer.find(order), Done)

    async def test_an_order_that_was_never_sent_is_absent(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """Looking for it proves that it is not there, and does not make it so."""
        invoice, payment = await _pair(ledger, party, money("20.00"), money("20.00"))
        command = ApplyPayment(payment, (Line(invoice, money("20.00")),), await ledger.world.today())
        order = await order_for(ledger.peer, command)
        assert isinstance(await ledger.peer.find(order), Absent)
        assert isinstance(await ledger.peer.submit(order), Done)

    async def test_unapplying_opens_both_items_again(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """An allocation that arqueue made is taken back by arqueue."""
        if not probe.capabilities.supports("unapply"):
            pytest.skip("this system cannot unapply")
        invoice, payment = await _pair(ledger, party, money("45.00"), money("45.00"))
        assert isinstance(await self._apply(ledger, payment, {invoice: money("45.00")}), Done)
        mirror, _ = await pull_all(ledger.peer)
        made = [one for one in mirror.entities.values() if isinstance(one, Allocation)]
        (allocation,) = [one for one in made if one.debit_item == invoice and not one.void]
        command = Unapply(
            allocation.id,
            allocation.credit_item,
            allocation.debit_item,
            allocation.amount,
            await ledger.world.today(),
        )
        assert isinstance(await ledger.peer.submit(await order_for(ledger.peer, command)), Done)
        assert await ledger.world.residual(invoice) == money("45.00")
        assert await ledger.world.residual(payment) == money("-45.00")

    # adjusting, annotating, escalating

    async def test_adjusting_books_the_difference_to_the_methods_account(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """The invoice shrinks by the amount, and the method's GL account carries it."""
        invoice = await ledger.world.post_invoice(party, money("100.00"))
        method = _small(probe)
        command = Adjust(invoice, money("0.37"), "small", method.id, await ledger.world.today(), "37 short")
        order = await order_for(ledger.peer, command)
        assert isinstance(await ledger.peer.submit(order), Done)
        assert await ledger.world.residual(invoice) == money("99.63")
        assert (await ledger.world.booked(order))[method.account] == money("0.37")

    async def test_a_remark_stands_on_the_record(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """Annotating leaves the very words in the accounting system, and they come back with the feed."""
        invoice = await ledger.world.post_invoice(party, money("9.00"))
        _, cursor = await pull_all(ledger.peer)
        words = "promised by phone: pays on Friday <b>really</b>"
        order = seal(new_id(), Annotate(invoice, words), {}, "ann")
        assert isinstance(await ledger.peer.submit(order), Done)
        assert any(words in text for text in await ledger.world.notes(invoice))
        mirror, _ = await pull_all(ledger.peer, cursor)
        notes = [
            one for one in mirror.entities.values() if isinstance(one, Note) and one.command_id == order.id
        ]
        assert [note.target for note in notes] == [invoice]

    async def test_a_remark_sent_twice_stands_once(self, ledger: Books, party: str, money: _Amount) -> None:
        """Also words are posted once."""
        invoice = await ledger.world.post_invoice(party, money("9.00"))
        order = seal(new_id(), Annotate(invoice, "called, no answer"), {}, "ann")
        assert isinstance(await ledger.peer.submit(order), Done)
        assert isinstance(await ledger.peer.find(order), Done)
        await ledger.peer.submit(order)
        assert len([text for text in await ledger.world.notes(invoice) if "no answer" in text]) == 1

    async def test_escalating_leaves_a_note_with_whom_and_why(
        self, ledger: Books, party: str, money: _Amount
    ) -> None:
        """The ledger's record shows that somebody else decides, and what about."""
        invoice = await ledger.world.post_invoice(party, money("9.00"))
        command = Escalate(invoice, "supervisor", "credit limit will be passed")
        order = seal(new_id(), command, {}, "ann")
        assert isinstance(await ledger.peer.submit(order), Done)
        (text,) = await ledger.world.notes(invoice)
        assert "supervisor" in text
        assert "credit limit will be passed" in text

    # what we posted

    async def test_what_we_posted_is_listed_by_our_reference(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """Operation, amount and customer of orders that this store never heard of; each once, however often it was sent."""
        begun = datetime.now(UTC) - timedelta(minutes=5)
        invoice = await ledger.world.post_invoice(party, money("80.00"))
        payment = await ledger.world.receive_payment(party, money("20.00"))
        sender = await ledger.world.new_party("Enumerated")
        today = await ledger.world.today()
        commands: dict[str, Command] = {
            "adjust": Adjust(invoice, money("0.25"), "small", _small(probe).id, today),
            "identify": Identify(payment, sender, today),
            "annotate": Annotate(invoice, "enumerated"),
        }
        orders = {}
        for op, command in commands.items():
            if op in probe.capabilities.listed:
                orders[op] = await order_for(ledger.peer, command)
                assert isinstance(await ledger.peer.submit(orders[op]), Done)
                await ledger.peer.submit(orders[op])
        assert "adjust" in orders
        told = await ledger.peer.ours(begun)
        found = {each.command_id: each for each in told}
        assert len(found) == len(told)
        for op, order in orders.items():
            assert found[order.id].op == op
            assert datetime.fromisoformat(found[order.id].at) >= begun
        assert found[orders["adjust"].id].amount == money("0.25")
        if "identify" in orders:
            moved = found[orders["identify"].id]
            assert (moved.amount, moved.party) == (money("20.00"), party), "what left, and whose account"
        for op in orders.keys() & {"adjust", "identify"}:
            assert found[orders[op].id].head == orders[op].head, "the ledger vouches for the audit"
        everything = {each.command_id for each in await ledger.peer.ours(None)}
        assert everything >= found.keys()

    async def test_what_was_refused_is_not_listed(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """It left nothing in the books; nor is anything listed that came in before."""
        invoice = await ledger.world.post_invoice(party, money("8.00"))
        on = await ledger.world.today()
        order = await order_for(ledger.peer, Adjust(invoice, money("9.00"), "small", _small(probe).id, on))
        assert isinstance(await ledger.peer.submit(order), Rejected)
        assert order.id not in {each.command_id for each in await ledger.peer.ours(None)}
        assert await ledger.peer.ours(datetime.now(UTC) + timedelta(days=1)) == []

    # a day's cash

    async def test_batches_of_cash_work_agree_with_the_ledger_after_each_order(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """Decided together and sent one by one: a credit note offset, one payment on three invoices, the rests written off as
        short payment and as discount; then one line taken back and put on another invoice."""
        post, today = ledger.world.post_invoice, await ledger.world.today()
        first, short, discounted, other = [
            await post(party, money(owed)) for owed in ("100.00", "200.00", "300.00", "90.00")
        ]
        note = await ledger.world.post_credit(party, money("30.00"))
        payment = await ledger.world.receive_payment(party, money("559.00"))
        lines = (Line(first, money("70.00")), Line(short, money("195.00")), Line(discounted, money("294.00")))
        mirror, cursor = await pull_all(ledger.peer)
        items = (first, short, discounted, other, note, payment)

        async def carry_out(*commands: Command) -> None:
            nonlocal mirror, cursor
            for order in await batch_for(ledger.peer, commands):
                outcome = await ledger.peer.submit(order)
                assert isinstance(outcome, Done), (order.command, outcome)
                mirror, cursor = await pull_all(ledger.peer, cursor, mirror)
                for item in items:
                    assert _open_amount(mirror, item) == await ledger.world.residual(item), order.command
                assert _owed(mirror, party) == await ledger.world.balance(party), order.command

        await carry_out(
            ApplyPayment(note, (Line(first, money("30.00")),), today),
            ApplyPayment(payment, lines, today),
            Adjust(short, money("5.00"), "small", _small(probe).id, today, "short"),
            Adjust(discounted, money("6.00"), "discount", _discount(probe).id, today),
        )
        assert [_open_amount(mirror, item) for item in items] == list(
            map(money, ("0.00", "0.00", "0.00", "90.00", "0.00", "0.00"))
        )
        applied = [one for one in mirror.entities.values() if isinstance(one, Allocation) and not one.void]
        (line,) = [one for one in applied if (one.credit_item, one.debit_item) == (payment, first)]
        await carry_out(
            Unapply(line.id, payment, first, money("70.00"), today),
            ApplyPayment(payment, (Line(other, money("70.00")),), today),
        )
        assert _open_amount(mirror, first) == money("70.00")
        assert _open_amount(mirror, other) == money("20.00")
        assert _open_amount(mirror, payment) == money("0.00")

    async def test_a_payment_goes_to_the_customer_who_sent_it_and_what_was_applied_stays(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """The open rest moves once, however often it is ordered; there it can be applied."""
        if not probe.capabilities.supports("identify"):
            pytest.skip("this system cannot move a payment")
        invoice, payment = await _pair(ledger, party, money("40.00"), money("100.00"))
        assert isinstance(await self._apply(ledger, payment, {invoice: money("40.00")}), Done)
        sender = await ledger.world.new_party("The true sender")
        mirror, cursor = await pull_all(ledger.peer)
        order = await order_for(ledger.peer, Identify(payment, sender, await ledger.world.today()))
        assert isinstance(await ledger.peer.find(order), Absent)
        assert isinstance(await ledger.peer.submit(order), Done)
        outcome = await ledger.peer.find(order)
        assert isinstance(outcome, Done)
        await ledger.peer.submit(order)
        (told,) = [each for each in await ledger.peer.ours(None) if each.command_id == order.id]
        assert (told.amount, told.party) == (money("60.00"), party)
        assert isinstance(await self._take_back_rest(ledger, payment, money("60.00")), Rejected)
        mirror, _ = await pull_all(ledger.peer, cursor, mirror)
        assert await ledger.world.balance(party) == _owed(mirror, party) == money("0.00")
        assert await ledger.world.balance(sender) == _owed(mirror, sender) == money("-60.00")
        assert await ledger.world.residual(invoice) == money("0.00")
        (moved,) = [one for one in _items(mirror) if one.party_id == sender]
        assert (moved.kind, moved.id) == (ItemKind.PAYMENT, outcome.refs[0])
        due = await ledger.world.post_invoice(sender, money("60.00"))
        assert isinstance(await self._apply(ledger, moved.id, {due: money("60.00")}), Done)
        assert await ledger.world.residual(due) == money("0.00")

    async def _take_back_rest(self, ledger: Books, payment: str, rest: Money) -> object:
        """Unapply what booked the rest of a payment out of its old account."""
        mirror, _ = await pull_all(ledger.peer)
        made = [one for one in mirror.entities.values() if isinstance(one, Allocation)]
        (out,) = [one for one in made if one.credit_item == payment and one.amount == rest]
        today = await ledger.world.today()
        command = Unapply(out.id, payment, out.debit_item, rest, today)
        return await ledger.peer.submit(await order_for(ledger.peer, command))

    async def test_a_payment_that_nobody_touched_goes_whole(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """Nothing is left with the wrong customer, and the sender's words go with it; a second move is refused."""
        if not probe.capabilities.supports("identify"):
            pytest.skip("this system cannot move a payment")
        payment = await ledger.world.receive_payment(party, money("12.50"), "for 4711, thanks")
        sender = await ledger.world.new_party("The true sender")
        command = Identify(payment, sender, await ledger.world.today())
        assert isinstance(await ledger.peer.submit(await order_for(ledger.peer, command)), Done)
        again = await ledger.peer.submit(await order_for(ledger.peer, command))
        assert isinstance(again, Rejected)
        mirror, _ = await pull_all(ledger.peer)
        assert await ledger.world.balance(party) == _owed(mirror, party) == money("0.00")
        assert await ledger.world.balance(sender) == _owed(mirror, sender) == money("-12.50")
        (moved,) = [one for one in _items(mirror) if one.party_id == sender]
        assert "4711" in f"{moved.text} {moved.reference} {moved.number}"

    async def test_a_dispute_and_its_end_stand_in_the_ledger_as_far_as_it_can_hold_them(
        self, ledger: Books, party: str, money: _Amount, probe: Probe
    ) -> None:
        """Always as a note with reason, words and outcome; where the ledger itself knows disputes, on the item. Nothing
        moves."""
        invoice = await ledger.world.post_invoice(party, money("80.00"))
        dispute = Dispute(invoice, money("15.00"), "PRICE", "says 2.50 a piece")
        order = await order_for(ledger.peer, dispute)
        assert isinstance(await ledger.peer.submit(order), Done)
        assert isinstance(await ledger.peer.find(order), Done)
        is_native = probe.capabilities.operations["dispute"].support is Support.NATIVE
        assert (await fetch(ledger.peer, invoice)).dispute == ("PRICE" if is_native else "")
        end = Resolve(invoice, "valid", "credit note follows")
        assert isinstance(await ledger.peer.submit(await order_for(ledger.peer, end)), Done)
        assert (await fetch(ledger.peer, invoice)).dispute == ""
        said = "\n".join(await ledger.world.notes(invoice))
        assert all(
            words in said for words in ("PRICE", "15.00", "2.50 a piece", "valid", "credit note follows")
        )
        assert await ledger.world.residual(invoice) == money("80.00")

    async def _apply(self, ledger: Books, payment: str, lines: Mapping[str, Money]) -> object:
        on = await ledger.world.today()
        command = ApplyPayment(payment, tuple(Line(item, amount) for item, amount in lines.items()), on)
        return await ledger.peer.submit(await order_for(ledger.peer, command))


@dataclass(frozen=True, slots=True)
class _Amount:
    currency: str

    def __call__(self, text: str) -> Money:
        return Money.parse(text, self.currency)


async def _pair(ledger: Books, party: str, owed: Money, paid: Money) -> tuple[str, str]:
    invoice = await ledger.world.post_invoice(party, owed)
    return invoice, await ledger.world.receive_payment(party, paid)


def _open_amount(mirror: Mirror, item: str) -> Money:
    """An item that is not in the mirror (any more) is not open."""
    found = mirror.entities.get(item)
    if found is None:
        return next(
            Money.zero(one.residual.currency) for one in mirror.entities.values() if isinstance(one, Item)
        )
    assert isinstance(found, Item)
    return found.residual


def _party(mirror: Mirror, party: str) -> Party:
    found = mirror.entities[party]
    assert isinstance(found, Party)
    return found


def _item(mirror: Mirror, item: str) -> Item:
    found = mirror.entities[item]
    assert isinstance(found, Item)
    return found


def _items(mirror: Mirror) -> list[Item]:
    return [one for one in mirror.entities.values() if isinstance(one, Item) and one.residual.minor]


def _owed(mirror: Mirror, party: str) -> Money:
    """The balance of a customer whose items are in one currency."""
    zero = _open_amount(mirror, "")
    return Money.total((one.residual for one in _items(mirror) if one.party_id == party), zero.currency)


def _discount(probe: Probe) -> AdjustmentMethod:
    """The method for cash discounts, by its name; else the first."""
    found = [method for method in probe.methods if "discount" in f"{method.code} {method.name}".lower()]
    return (found or list(probe.methods))[0]


def _small(probe: Probe) -> AdjustmentMethod:
    """The method for small differences, by its name; else the first."""
    small = [method for method in probe.methods if "small" in f"{method.code} {method.name}".lower()]
    return (small or list(probe.methods))[0]
