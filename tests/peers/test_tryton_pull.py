"""Reading a real Tryton: what it holds arrives, and what changes in it is noticed, however it is changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest

from arqueue.errors import NeedsLogin, PeerGarbled, PeerUnreachable
from arqueue.model.ledger import Item, ItemKind, ItemState, Party
from arqueue.model.money import Money
from data.demo.tryton.server import Running
from data.peers.tryton.connector import TrytonPeer
from data.peers.tryton.feed import OVERLAP_S, Cursor
from tests.peers.tryton_accountant import Accountant
from tests.peers.tryton_mirror import Mirror
from tests.peers.tryton_server import reading, seeded, server, settings

pytestmark = pytest.mark.timeout(600)  # whoever is first makes the company: a minute or two
__all__ = ["reading", "seeded", "server"]


@pytest.fixture
async def peer(reading: Running) -> AsyncIterator[TrytonPeer]:
    """A connector to a company that nobody changes."""
    connected = TrytonPeer(settings(reading))
    yield connected
    await connected.close()


@pytest.fixture
async def mirror(server: Running) -> AsyncIterator[Mirror]:
    """A mirror of a company of the test's own, filled once."""
    connected = TrytonPeer(settings(server))
    filled = Mirror(connected)
    await filled.pull()
    yield filled
    await connected.close()


@pytest.fixture
async def accountant(server: Running) -> AsyncIterator[Accountant]:
    """Somebody who works in the same books."""
    somebody = Accountant(server)
    yield somebody
    await somebody.close()


async def test_probe_says_who_answers_and_what_it_can_write_off_to(peer: TrytonPeer) -> None:
    """Product, company, currency and the write-off methods with their accounts come from Tryton itself."""
    probe = await peer.probe()
    assert (probe.product, probe.company, probe.currency) == (
        "Tryton 8.2",
        "Muster Office Supplies AG",
        "EUR",
    )
    methods = {each.code: (each.name, each.account) for each in probe.methods}
    assert methods["BAD"] == ("Bad debt", "5.2.3 Credit Loss (Reversal) On Receivables")
    assert not probe.capabilities.tombstones
    assert not probe.capabilities.supports("notes_feed")


async def test_residuals_of_invoices_are_what_tryton_says_is_to_pay(
    peer: TrytonPeer, reading: Running
) -> None:
    """For every invoice the residuals of its items add up to Tryton's own amount_to_pay."""
    mirror = Mirror(peer)
    await mirror.pull()
    ours: dict[str, Decimal] = defaultdict(Decimal)
    for item in mirror.of(Item):
        if item.kind in (ItemKind.INVOICE, ItemKind.INSTALMENT):
            ours[item.number.partition("/")[0]] += item.residual.decimal
    accountant = Accountant(reading)
    rows = await accountant.session.rows(
        "account.invoice", [["total_amount", ">", Decimal(0)]], ["number", "amount_to_pay"]
    )
    await accountant.close()
    assert len(rows) > 20
    assert ours == {row["number"]: row["amount_to_pay"] for row in rows}


async def test_residuals_of_a_customer_are_what_tryton_says_is_receivable(
    peer: TrytonPeer, reading: Running
) -> None:
    """For every customer the residuals in the company's currency add up to Tryton's own receivable."""
    mirror = Mirror(peer)
    await mirror.pull()
    ours: dict[str, Decimal] = defaultdict(Decimal)
    for item in mirror.of(Item):
        if item.residual_base is not None:
            ours[item.party_id] += item.residual_base.decimal
    accountant = Accountant(reading)
    rows = await accountant.session.rows("party.party", [], ["receivable"])
    await accountant.close()
    theirs = {f"party:{row['id']}": row["receivable"] for row in rows if row["receivable"]}
    assert {party: amount for party, amount in ours.items() if amount} == theirs


async def test_a_payment_on_several_lines_is_one_item(peer: TrytonPeer) -> None:
    """A receipt that Tryton keeps on three lines is one payment with one residual, applied to two invoices."""
    mirror = Mirror(peer)
    await mirror.pull()
    payment = mirror.item("PMT-7")
    assert (str(payment.total), str(payment.residual)) == ("-100.00", "-85.00")
    applied = {debit: amount for (credit, debit), amount in mirror.applied().items() if credit == "PMT-7"}
    assert applied == {"INV-5001": "10.00", "INV-5002": "5.00"}


async def test_a_split_credit_note_is_one_item(peer: TrytonPeer) -> None:
    """What was cut from a credit note to apply a part of it is still that credit note."""
    mirror = Mirror(peer)
    await mirror.pull()
    note = mirror.item("CN-2")
    assert (note.kind, str(note.total), str(note.residual)) == (ItemKind.CREDIT, "-30.00", "-10.00")
    assert mirror.applied()["CN-2", "INV-5003"] == "20.00"


async def test_instalments_have_a_parent_and_the_earliest_is_covered_first(peer: TrytonPeer) -> None:
    """400.00 on three instalments of 300.00 closes the first and leaves 200.00 of the second."""
    mirror = Mirror(peer)
    await mirror.pull()
    parts = [mirror.item(f"INV-4001/{place}") for place in (1, 2, 3)]
    assert [str(part.residual) for part in parts] == ["0.00", "200.00", "300.00"]
    assert [part.due_date for part in parts] == [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
    parent = mirror.item("INV-4001")
    assert {part.parent_id for part in parts} == {parent.id}
    assert (str(parent.total), str(parent.residual)) == ("900.00", "0.00")


async def test_discounts_returns_and_disputes_are_told(peer: TrytonPeer) -> None:
    """A discount is a journal item, a bounced payment bears its code, a blocked reminder is a dispute with its reason."""
    mirror = Mirror(peer)
    await mirror.pull()
    discounts = {
        credit: amount for (credit, debit), amount in mirror.applied().items() if debit == "INV-1004"
    }
    assert sorted(discounts.values()) == ["19.60", "960.40"]
    returned = mirror.item("PMT-4")
    assert (returned.returned, returned.method, returned.state) == ("R01", "check", ItemState.CLOSED)
    assert mirror.item("INV-2001").dispute == "wrong price"
    assert not mirror.item("INV-2002").dispute
    levels = {number: mirror.item(number).dunning_level for number in ("INV-2001", "INV-1005", "INV-1003")}
    assert levels == {"INV-2001": 0, "INV-1005": 2, "INV-1003": 0}


async def test_foreign_documents_keep_their_currency_and_the_ledgers_rate(peer: TrytonPeer) -> None:
    """A dollar invoice is in dollars, with Tryton's own euro figure beside it."""
    mirror = Mirror(peer)
    await mirror.pull()
    invoice = mirror.item("INV-3001")
    assert (invoice.residual, invoice.residual_base) == (Money(110_000, "USD"), Money(101_200, "EUR"))


async def test_customers_come_with_limit_hold_terms_and_addresses(peer: TrytonPeer) -> None:
    """What a collector asks about a customer is there."""
    mirror = Mirror(peer)
    await mirror.pull()
    first = mirror.party("C001")
    assert (first.credit_limit, first.terms) == (Money(500_000, "EUR"), "net 30")
    assert (first.emails, first.phones) == (("ap@nordwind.example",), ("+49 30 1",))
    assert [each.code for each in mirror.of(Party) if each.on_hold] == ["C002"]
    assert {each.code: each.tags for each in mirror.of(Party) if each.tags} == {"C002": ("agency", "export")}


async def test_hostile_text_is_made_harmless_on_its_way_in(peer: TrytonPeer) -> None:
    """No escape character or direction override of a name or a memo passes the connector."""
    mirror = Mirror(peer)
    await mirror.pull()
    texts = [each.name for each in mirror.of(Party)] + [each.text for each in mirror.of(Item)]
    assert "remit INV-1005" in mirror.item("PMT-8").text
    assert all(text.isprintable() for text in texts)
    assert "\N{REPLACEMENT CHARACTER}[31mRed" in mirror.party("C002").name


async def test_small_pages_tell_the_same_as_one(peer: TrytonPeer, reading: Running) -> None:
    """However a company is cut into pages, each page has a cursor and together they say the same."""
    whole = Mirror(peer)
    await whole.pull()
    cut = Mirror(TrytonPeer(settings(reading), page_rows=7))
    await cut.pull()
    await cut.peer.close()
    assert cut.pages > 6
    assert cut.entities == whole.entities


async def test_the_census_agrees_with_the_feed(peer: TrytonPeer) -> None:
    """Version and residual of every open item are the same by both ways."""
    mirror = Mirror(peer)
    await mirror.pull()
    feed = {each.id: (each.version, each.residual) for each in mirror.of(Item) if each.residual}
    assert {row.id: (row.version, row.residual) for row in await peer.census()} == feed


async def test_get_agrees_with_the_feed_and_buries_what_is_not_there(peer: TrytonPeer) -> None:
    """Asking for an entity gives what the feed gave; an id of nothing is a tombstone."""
    mirror = Mirror(peer)
    await mirror.pull()
    page = await peer.get([*mirror.entities, "line:999999", "party:999999", "something:else"])
    assert mirror.take(page) <= {each.id for each in page.upserts if each.id.startswith("note:")}
    assert {"line:999999", "party:999999", "something:else"} <= set(page.tombstones)


async def test_get_brings_the_remarks_on_customers_and_items(peer: TrytonPeer) -> None:
    """Tryton has no feed of remarks: they come with the customer or item that they stand on."""
    mirror = Mirror(peer)
    await mirror.pull()
    invoice, party = mirror.item("INV-1001"), mirror.party("C001")
    mirror.take(await peer.get([invoice.id, party.id]))
    assert [note.text for note in mirror.notes(invoice.id)] == ["Asked for a copy\nanna"]
    assert [note.text for note in mirror.notes(party.id)] == ["Pays on Fridays\nanna"]


async def test_a_quiet_ledger_is_not_read_again_and_again(reading: Running) -> None:
    """When nothing was stamped for longer than the overlap, a pull brings nothing at all."""
    now = [1_000_000.0]
    peer = TrytonPeer(settings(reading), clock=lambda: now[0])
    mirror = Mirror(peer)
    await mirror.pull()
    page = await peer.pull(mirror.cursor)
    while page.more:
        page = await peer.pull(page.cursor)
    now[0] += OVERLAP_S + 1
    rows = 0
    while True:
        page = await peer.pull(page.cursor)
        rows += len(page.upserts)
        if not page.more:
            break
    await peer.close()
    assert rows == 0


async def test_nothing_new_changes_nothing(mirror: Mirror) -> None:
    """Rows that are read again for the overlap are recognised by id and version."""
    assert await mirror.pull() == set()


async def test_a_page_that_was_not_stored_comes_again(mirror: Mirror, accountant: Accountant) -> None:
    """Whoever comes back with the old cursor gets what the lost page said."""
    invoice = await accountant.post_invoice("C001", "12.34")
    cursor = mirror.cursor
    lost = await mirror.peer.pull(cursor)
    while lost.more:
        lost = await mirror.peer.pull(lost.cursor)
    assert mirror.cursor == cursor
    await mirror.pull()
    assert str(mirror.item(invoice).residual) == "12.34"


async def test_a_row_that_cannot_be_taken_is_set_aside(server: Running) -> None:
    """A name with NUL, an invoice in a currency that is none: quarantined, with the rest of the company intact."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(server.folder / "company.sqlite")) as books, books:
        books.execute("UPDATE party_party SET name = 'a' || char(0) || 'b' WHERE code = 'C005'")
        books.execute("UPDATE currency_currency SET code = 'XYZ' WHERE code = 'USD'")
    peer = TrytonPeer(settings(server))
    mirror = Mirror(peer)
    await mirror.pull()
    census = {row.id for row in await peer.census()}
    await peer.close()
    reasons = {each.reason for each in mirror.quarantined.values()}
    assert [key for key in mirror.quarantined if key.startswith("party:")]
    assert any("XYZ" in reason for reason in reasons)
    assert str(mirror.item("INV-1002").residual) == "500.00"
    assert mirror.item("INV-1002").id in census
    assert not [each for each in mirror.of(Item) if each.residual.currency == "USD"]


async def test_new_documents_are_noticed(mirror: Mirror, accountant: Accountant) -> None:
    """An invoice and a payment that an accountant posts are in the next pull."""
    invoice = await accountant.post_invoice("C001", "77.70")
    payment = await accountant.receive("C001", "50.00", text="for what you know")
    await mirror.pull()
    assert str(mirror.item(invoice).residual) == "77.70"
    assert (str(mirror.item(payment).residual), mirror.item(payment).text) == ("-50.00", "for what you know")


async def test_what_the_company_learns_later_is_known(mirror: Mirror, accountant: Accountant) -> None:
    """A currency and a journal that were made after the connector began are read when they are met."""
    await accountant.learn("SEK", "11.5", "giro")
    invoice = await accountant.post_invoice("C001", "115.00", currency="SEK")
    payment = await accountant.receive("C001", "5.00", journal="giro")
    await mirror.pull()
    assert mirror.item(invoice).residual == Money(11_500, "SEK")
    assert (mirror.item(payment).kind, mirror.item(payment).method) == (ItemKind.PAYMENT, "giro")
    assert not mirror.quarantined


async def test_a_reconciliation_is_noticed_and_its_undoing_too(
    mirror: Mirror, accountant: Accountant
) -> None:
    """Both items close and open again, and the allocation comes and goes."""
    due, credit = await accountant.due("INV-1005"), await accountant.credit("PMT-8")
    await accountant.reconcile(due, credit)
    await mirror.pull()
    assert [mirror.item(each).state for each in ("INV-1005", "PMT-8")] == [ItemState.CLOSED] * 2
    assert mirror.applied()["PMT-8", "INV-1005"] == "400.00"
    await accountant.unreconcile(due)
    await mirror.pull()
    assert [str(mirror.item(each).residual) for each in ("INV-1005", "PMT-8")] == ["400.00", "-400.00"]
    assert ("PMT-8", "INV-1005") not in mirror.applied()


async def test_a_link_is_noticed_and_its_removal_too(mirror: Mirror, accountant: Accountant) -> None:
    """Even from the invoice's side, where the payment's own row shows no change."""
    credit = await accountant.credit("PMT-8")
    await accountant.link(credit, "INV-1001")
    await mirror.pull()
    assert [str(mirror.item(each).residual) for each in ("INV-1001", "PMT-8")] == ["300.00", "0.00"]
    assert mirror.applied()["PMT-8", "INV-1001"] == "400.00"
    await accountant.unlink(credit, "INV-1001")
    await mirror.pull()
    assert [str(mirror.item(each).residual) for each in ("INV-1001", "PMT-8")] == ["700.00", "-400.00"]
    assert ("PMT-8", "INV-1001") not in mirror.applied()


async def test_a_seeded_link_that_goes_is_noticed(mirror: Mirror, accountant: Accountant) -> None:
    """Also one that stood there before the first pull."""
    await accountant.unlink(await accountant.credit("PMT-1"), "INV-1001")
    await mirror.pull()
    assert [str(mirror.item(each).residual) for each in ("INV-1001", "PMT-1")] == ["1000.00", "-300.00"]
    assert ("PMT-1", "INV-1001") not in mirror.applied()


async def test_one_credit_matched_otherwise_leaves_no_old_allocation(
    mirror: Mirror, accountant: Accountant
) -> None:
    """Undone and matched with another invoice before anybody looked: only the new allocation is there."""
    first = await accountant.post_invoice("C001", "400.00")
    due, credit = await accountant.due("INV-1005"), await accountant.credit("PMT-8")
    await accountant.reconcile(due, credit)
    await mirror.pull()
    await accountant.unreconcile(due)
    await accountant.reconcile(await accountant.due(first), credit)
    await mirror.pull()
    applied = {pair: amount for pair, amount in mirror.applied().items() if pair[0] == "PMT-8"}
    assert applied == {("PMT-8", first): "400.00"}
    assert str(mirror.item("INV-1005").residual) == "400.00"


async def test_a_dispute_is_noticed_and_its_end_too(mirror: Mirror, accountant: Accountant) -> None:
    """Blocking and unblocking a reminder touches neither line nor invoice, and still arrives."""
    due = await accountant.due("INV-1002")
    await accountant.block(due, "short delivery")
    await mirror.pull()
    assert mirror.item("INV-1002").dispute == "short delivery"
    await accountant.unblock(due)
    await mirror.pull()
    assert mirror.item("INV-1002").dispute == ""


async def test_a_reminder_counts_once_it_is_sent(mirror: Mirror, accountant: Accountant) -> None:
    """The letter of a level is out when the record of it is no draft any more."""
    due = await accountant.due("INV-1003")
    for level, sent in ((1, False), (1, True), (2, False), (2, True)):
        await accountant.dun(due, level, sent=sent)
        await mirror.pull()
        assert mirror.item("INV-1003").dunning_level == (level if sent else level - 1)


async def test_a_rescheduled_invoice_becomes_instalments(mirror: Mirror, accountant: Accountant) -> None:
    """A payment plan that an accountant makes in Tryton shows as parts with their due dates."""
    terms = [(date(2027, 1, 1), "200.00"), (date(2027, 2, 1), "300.00")]
    await accountant.reschedule(await accountant.due("INV-1002"), *terms)
    await mirror.pull()
    parts = [mirror.item(f"INV-1002/{place}") for place in (1, 2)]
    assert [(part.due_date, str(part.residual)) for part in parts] == terms
    assert [part.kind for part in parts] == [ItemKind.INSTALMENT] * 2


async def test_a_payment_cut_many_times_is_still_one(mirror: Mirror, accountant: Accountant) -> None:
    """Piece after piece is cut off and applied; what is left is found through all the cuts."""
    line, left = await accountant.credit("PMT-2"), Decimal("750.00")
    for _ in range(12):
        left -= Decimal("10.00")
        await accountant.reschedule(line, (date(2026, 11, 1), "-10.00"), (date(2026, 11, 1), f"-{left}"))
        rows = await accountant.session.rows("account.move.line", [["credit", "=", left]], ["id"])
        line = rows[-1]["id"]
    due = await accountant.due("INV-1002")
    pieces = await accountant.ids(
        "account.move.line", [["credit", "=", Decimal("10.00")], ["party", "!=", None]]
    )
    await accountant.link(pieces[-1], "INV-1002")
    await mirror.pull()
    assert str(mirror.item("PMT-2").residual) == "-740.00"
    assert str(mirror.item("INV-1002").residual) == "490.00"
    assert mirror.applied()["PMT-2", "INV-1002"] == "10.00"
    census = {row.id: str(row.residual) for row in await mirror.peer.census()}
    assert (census[mirror.item("PMT-2").id], census[f"line:{due}"]) == ("-740.00", "490.00")


async def test_a_customers_new_name_address_and_limit_are_noticed(
    mirror: Mirror, accountant: Accountant
) -> None:
    """Addresses and limits are rows of their own in Tryton; the customer is told again all the same."""
    (party,) = await accountant.ids("party.party", [["code", "=", "C003"]])
    change = {
        "name": "Harbor Euro Trading",
        "credit_limit_amount": Decimal("123.00"),
        "contact_mechanisms": [["create", [{"type": "email", "value": "new@harbor.example"}]]],
    }
    await accountant.session.call("model.party.party.write", [party], change)
    await mirror.pull()
    told = mirror.party("C003")
    assert (told.name, told.credit_limit) == ("Harbor Euro Trading", Money(12_300, "EUR"))
    assert told.emails == ("new@harbor.example",)


async def test_a_wrong_password_is_named(reading: Running) -> None:
    """The error names the user and what to do; nothing is retried behind the administrator's back."""
    peer = TrytonPeer(settings(reading, token="wrong"))
    with pytest.raises(NeedsLogin, match="collector"):
        await peer.probe()
    await peer.close()


async def test_a_wrong_database_is_named(reading: Running) -> None:
    """The error names the database that is not there."""
    peer = TrytonPeer(settings(reading, database="nowhere"))
    with pytest.raises(NeedsLogin, match="nowhere"):
        await peer.probe()
    await peer.close()


async def test_a_server_that_is_not_there_is_offline(server: Running) -> None:
    """A stopped server is PeerUnreachable, which the queue survives."""
    peer = TrytonPeer(settings(server))
    await peer.probe()
    server.stop()
    with pytest.raises(PeerUnreachable):
        await peer.pull(None)
    await peer.close()


async def test_a_cursor_of_somebody_else_is_refused(peer: TrytonPeer) -> None:
    """A cursor that is not ours starts nothing anew in silence."""
    for cursor in ("17", "{}x", '{"phase":"elsewhere"}', '{"since":"yesterday","phase":""}'):
        with pytest.raises(PeerGarbled):
            await peer.pull(cursor)


async def test_an_ended_session_is_renewed(server: Running, mirror: Mirror) -> None:
    """When Tryton forgot the session, the connector logs in again and reads on."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(server.folder / "company.sqlite")) as books, books:
        books.execute("DELETE FROM ir_session")
    assert await mirror.pull() == set()


def test_a_cursor_is_plain_text() -> None:
    """A cursor survives being written down and read again."""
    cursor = Cursor("lines", 7, "2026-11-21T10:00:00", "2026-11-21T11:00:00", 1.5)
    assert Cursor.load(cursor.dump()) == cursor
