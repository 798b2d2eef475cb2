"""The connector against a nasty ledger: nothing wrong is believed, nothing posted twice, no cursor passes what was not read."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from typing import Any

import pytest

from arqueue.control.commands import Adjust, Command, Dispute, Identify, Order, Resolve, new_id, seal
from arqueue.errors import ArqueueError, ConfigInvalid, NeedsLogin, PeerGarbled, PeerUnreachable
from arqueue.model.ledger import Party
from arqueue.model.money import Money
from data.peers.contract import Absent, Done, PeerSettings, Quarantined, Rejected, Rejection, Unknown
from data.peers.sandbox.connector import SandboxPeer
from data.peers.sandbox.server.run import Running
from tests.peers.books import fetch, order_for, pull_all
from tests.peers.sandbox_world import SandboxWorld

ORDERS = "/v1/orders"
CHANGES = "/v1/changes"


def _usd(text: str) -> Money:
    return Money.parse(text, "USD")


@pytest.fixture
async def invoice(world: SandboxWorld) -> str:
    """An invoice of 10.00 of this test alone."""
    return await world.post_invoice(await world.new_party("Nasty"), _usd("10.00"))


@pytest.fixture
async def order(peer: SandboxPeer, world: SandboxWorld, invoice: str) -> Order:
    """To write 1.00 of it off."""
    return await order_for(peer, Adjust(invoice, _usd("1.00"), "x", "method:SMALL", await world.today()))


async def _unmoving(peer: SandboxPeer, world: SandboxWorld, invoice: str, op: str) -> tuple[Command, str]:
    """An order that leaves every residual of its customer's documents as it is, or moves a payment whole; and its item."""
    if op == "dispute":
        return Dispute(invoice, _usd("4.00"), "PRICE"), invoice
    if op == "resolve":
        await world.books.dispute(invoice, "PRICE")
        return Resolve(invoice, "valid"), invoice
    party, today = (await fetch(peer, invoice)).party_id, await world.today()
    payment = await world.receive_payment(party, _usd("30.00"))
    if op == "identify the rest":
        await world.books.apply(payment, invoice, _usd("5.00"))
    return Identify(payment, await world.new_party("Sender"), today), payment


class TestOrders:
    """An answer that proves nothing is Unknown; what became of the order is found by its id, and then it is there once."""

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "lose_answer"},
            {"kind": "status", "after": True, "status": 500},
            {"kind": "status", "after": True, "status": 504},
            {"kind": "not_json", "after": True},
            {"kind": "captive", "after": True},
            {"kind": "redirect", "after": True, "status": 302},
            {"kind": "cut_bytes"},
            {"kind": "cut_body"},
            {"kind": "stale_echo"},
        ],
        ids=lambda fault: "-".join(str(part) for part in fault.values()),
    )
    async def test_posted_but_not_proved(
        self, peer: SandboxPeer, world: SandboxWorld, order: Order, invoice: str, fault: dict[str, Any]
    ) -> None:
        """The ledger did it and the answer was bad: Unknown, then found, and a second sending changes nothing."""
        await world.books.arm({**fault, "path": ORDERS})
        assert isinstance(await peer.submit(order), Unknown)
        assert await world.books.hits() == [1]
        assert isinstance(await peer.find(order), Done)
        assert isinstance(await peer.submit(order), Done)
        assert await world.residual(invoice) == _usd("9.00")

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "refuse"},
            {"kind": "silent"},
            {"kind": "captive"},
            {"kind": "not_json"},
            {"kind": "redirect", "status": 301},
            {"kind": "redirect", "status": 307},
            {"kind": "status", "status": 408},
            {"kind": "status", "status": 409},
            {"kind": "status", "status": 425},
            {"kind": "status", "status": 503},
            {"kind": "status", "status": 401},
            {"kind": "status", "status": 404},
            {"kind": "status", "status": 422},
        ],
        ids=lambda fault: "-".join(str(part) for part in fault.values()),
    )
    async def test_nothing_done_and_nothing_proved(
        self, peer: SandboxPeer, world: SandboxWorld, order: Order, invoice: str, fault: dict[str, Any]
    ) -> None:
        """Nothing happened, but the answer does not prove it: Unknown, then absent, and a second sending posts it."""
        await world.books.arm({**fault, "path": ORDERS})
        assert isinstance(await peer.submit(order), Unknown)
        assert isinstance(await peer.find(order), Absent)
        assert await world.residual(invoice) == _usd("10.00")
        assert isinstance(await peer.submit(order), Done)
        assert await world.residual(invoice) == _usd("9.00")

    @pytest.mark.parametrize("op", ["dispute", "resolve", "identify", "identify the rest"])
    @pytest.mark.parametrize("fault", ["lose_answer", "refuse", "stale_read"])
    async def test_orders_that_move_no_residual_are_proved_as_strictly(
        self, peer: SandboxPeer, world: SandboxWorld, invoice: str, op: str, fault: str
    ) -> None:
        """Lost before or after, or not to be seen in the second reading: Unknown, and in the end it is there once."""
        command, item = await _unmoving(peer, world, invoice, op)
        order = await order_for(peer, command)
        path = "/v1/entities" if fault == "stale_read" else ORDERS
        await world.books.arm({"kind": fault, "path": path, "row": item})
        assert isinstance(await peer.submit(order), Unknown)
        assert isinstance(await peer.find(order), Absent if fault == "refuse" else Done)
        assert isinstance(await peer.submit(order), Done)
        (entry,) = await world.books.journal(command=order.id) if "identify" in op else [None]
        notes = [text for text in await world.notes(invoice) if op in ("dispute", "resolve")]
        assert (entry is None) == ("identify" not in op)
        assert len(notes) == (1 if op in ("dispute", "resolve") else 0)

    async def test_throttling_says_how_long_to_wait(
        self, peer: SandboxPeer, world: SandboxWorld, order: Order
    ) -> None:
        """429 with Retry-After reaches the sender."""
        await world.books.arm({"kind": "status", "status": 429, "retry_after": "7", "path": ORDERS})
        outcome = await peer.submit(order)
        assert isinstance(outcome, Unknown)
        assert outcome.retry_after_s == 7.0

    async def test_an_answer_that_takes_too_long_is_unknown_in_time(
        self, sandbox: Running, world: SandboxWorld, order: Order
    ) -> None:
        """The deadline covers the whole answer."""
        await world.books.arm({"kind": "delay", "after": True, "seconds": 30, "path": ORDERS})
        hasty = _peer(sandbox.url, sandbox.token, deadline_s=0.5)
        started = time.monotonic()
        outcome = await hasty.submit(order)
        await hasty.close()
        assert isinstance(outcome, Unknown)
        assert time.monotonic() - started < 5

    async def test_a_success_that_cannot_be_read_back_is_unknown(
        self, peer: SandboxPeer, world: SandboxWorld, order: Order
    ) -> None:
        """Without the second reading there is no proof."""
        await world.books.arm({"kind": "status", "status": 500, "path": "/v1/entities"})
        outcome = await peer.submit(order)
        assert isinstance(outcome, Unknown)
        assert "read back" in outcome.words

    @pytest.mark.parametrize(
        "fault",
        [{"kind": "stale_read"}, {"kind": "bad_amount", "value": "9.50"}, {"kind": "unknown_kind"}],
        ids=str,
    )
    async def test_a_success_that_the_items_do_not_show_is_unknown(
        self, peer: SandboxPeer, world: SandboxWorld, order: Order, invoice: str, fault: dict[str, Any]
    ) -> None:
        """The second reading shows the invoice as it was, or open by another amount, or not at all."""
        await world.books.arm({**fault, "row": invoice, "path": "/v1/entities"})
        outcome = await peer.submit(order)
        assert isinstance(outcome, Unknown)
        assert "do not show it" in outcome.words
        assert isinstance(await peer.find(order), Done)

    async def test_an_item_that_moved_on_since_does_not_spoil_the_success(
        self, peer: SandboxPeer, world: SandboxWorld, order: Order, invoice: str
    ) -> None:
        """Somebody else was at the item before it was read back: the order stands all the same."""
        await world.books.arm({"kind": "delay", "seconds": 0.4, "path": "/v1/entities"})
        sending = asyncio.create_task(peer.submit(order))
        async with asyncio.timeout(10):
            while await world.books.hits() == [0]:
                await asyncio.wait({sending}, timeout=0.01)
        await world.books.write_off(invoice, _usd("2.00"), "SMALL")
        assert isinstance(await sending, Done)
        assert await world.residual(invoice) == _usd("7.00")

    async def test_nobody_listening_is_unknown_with_words(self, order: Order) -> None:
        """Nothing was sent, and the words say so."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        nobody = _peer(f"http://127.0.0.1:{port}", "x")
        outcome = await nobody.submit(order)
        found = await nobody.find(order)
        await nobody.close()
        assert isinstance(outcome, Unknown)
        assert "nothing was sent" in outcome.words
        assert isinstance(found, Unknown)

    async def test_a_wrong_token_stops_the_sender(self, sandbox: Running, order: Order) -> None:
        """Every order would fare alike."""
        stranger = _peer(sandbox.url, "wrong")
        outcome, found = await stranger.submit(order), await stranger.find(order)
        await stranger.close()
        assert isinstance(outcome, Unknown)
        assert outcome.stop
        assert isinstance(found, Unknown)
        assert found.stop

    async def test_a_refused_order_is_found_refused(
        self, peer: SandboxPeer, world: SandboxWorld, invoice: str
    ) -> None:
        """A look-up after a refusal whose answer was lost says why."""
        order = await order_for(
            peer, Adjust(invoice, _usd("10.01"), "x", "method:SMALL", await world.today())
        )
        await world.books.arm({"kind": "lose_answer", "path": ORDERS})
        assert isinstance(await peer.submit(order), Unknown)
        found = await peer.find(order)
        assert isinstance(found, Rejected)
        assert found.code is Rejection.INSUFFICIENT

    async def test_another_order_under_the_same_id_is_never_taken_for_ours(
        self, peer: SandboxPeer, world: SandboxWorld, order: Order, invoice: str
    ) -> None:
        """The id alone proves nothing: the bytes must be ours."""
        assert isinstance(await peer.submit(order), Done)
        other = seal(
            order.id,
            Adjust(invoice, _usd("2.00"), "x", "method:SMALL", await world.today()),
            order.expect,
            "bob",
        )
        assert isinstance(await peer.submit(other), Unknown)
        assert isinstance(await peer.find(other), Unknown)


class TestReading:
    """Bad rows are set aside one by one; a bad page is an error and moves no cursor."""

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "cut_rows"},
            {"kind": "cut_bytes"},
            {"kind": "cut_body"},
            {"kind": "not_json"},
            {"kind": "not_json", "value": "[]"},
            {"kind": "not_json", "value": '{"rows": [], "count": 0}'},
            {
                "kind": "not_json",
                "value": '{"rows": [], "count": 0, "cursor": "", "more": false, "remaining": 0}',
            },
            {
                "kind": "not_json",
                "value": '{"rows": [], "count": 0, "cursor": "1.1", "more": true, "remaining": 0}',
            },
            {
                "kind": "not_json",
                "value": '{"rows": NaN, "count": 0, "cursor": "1", "more": false, "remaining": 0}',
            },
            {"kind": "captive"},
            {"kind": "redirect"},
            {"kind": "status", "status": 418},
        ],
        ids=str,
    )
    async def test_a_page_that_is_not_whole_is_garbled(
        self, peer: SandboxPeer, world: SandboxWorld, invoice: str, fault: dict[str, Any]
    ) -> None:
        """It raises, so no cursor comes of it; the next pull from the old cursor reads everything."""
        await world.books.arm({**fault, "path": CHANGES})
        with pytest.raises((PeerGarbled, PeerUnreachable)) as raised:
            await peer.pull(None)
        assert raised.value.hint
        mirror, _ = await pull_all(peer)
        assert invoice in mirror.entities

    async def test_a_page_cut_at_any_byte_is_never_taken(
        self, peer: SandboxPeer, world: SandboxWorld, invoice: str
    ) -> None:
        """Forty cuts over the length of a page whose length header was cut with it."""
        whole = len((await _raw(world, f"{CHANGES}?limit=50")).encode())
        for cut in range(1, whole, max(1, whole // 40)):
            await world.books.arm({"kind": "cut_body", "value": str(cut), "path": CHANGES})
            with pytest.raises(PeerGarbled):
                await peer.pull(None)

    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
    async def test_a_ledger_that_is_busy_is_unreachable_for_now(
        self, peer: SandboxPeer, world: SandboxWorld, status: int
    ) -> None:
        """Work goes on with what is here."""
        await world.books.arm({"kind": "status", "status": status, "path": "/v1/*"})
        with pytest.raises(PeerUnreachable):
            await peer.probe()

    async def test_a_wrong_token_needs_a_login(self, sandbox: Running) -> None:
        """A named error with a remedy."""
        stranger = _peer(sandbox.url, "wrong")
        for reading in (stranger.probe(), stranger.pull(None), stranger.census(), stranger.get(["item:1"])):
            with pytest.raises(NeedsLogin, match="token"):
                await reading
        await stranger.close()

    async def test_a_token_that_cannot_be_one_is_a_config_error(self, sandbox: Running) -> None:
        """Before anything is sent."""
        with pytest.raises(ConfigInvalid):
            _peer(sandbox.url, "tökén\n")

    @pytest.mark.parametrize(
        "kind, words", [("unknown_kind", "kind"), ("bad_amount", "amount"), ("bad_text", "text")]
    )
    async def test_a_row_that_nobody_can_read_is_set_aside(
        self, peer: SandboxPeer, world: SandboxWorld, kind: str, words: str
    ) -> None:
        """It is kept raw with the reason, all other rows are taken, and the cursor moves on."""
        _, cursor = await pull_all(peer)
        party = await world.new_party("Row")
        invoice = await world.post_invoice(party, _usd("5.00"))
        bad = party if kind == "bad_text" else invoice
        await world.books.arm({"kind": kind, "row": bad, "times": 0, "path": CHANGES})
        quarantined: list[Quarantined] = []
        taken: set[str] = set()
        more, first = True, cursor
        while more:
            page = await peer.pull(cursor)
            quarantined += page.quarantined
            taken |= {entity.id for entity in page.upserts}
            cursor, more = page.cursor, page.more
        (row,) = quarantined
        assert row.entity_id == bad
        assert words in row.reason.lower()
        assert bad in row.raw
        assert {party, invoice} - {bad} <= taken
        assert cursor != first

    async def test_a_row_that_becomes_visible_late_is_not_lost(
        self, peer: SandboxPeer, world: SandboxWorld
    ) -> None:
        """The cursor was past it already; the overlap reads it with the next pull."""
        mirror, cursor = await pull_all(peer)
        party = await world.new_party("Late")
        await world.books.arm({"kind": "late", "row": party, "times": 0, "path": CHANGES})
        mirror, cursor = await pull_all(peer, cursor, mirror)
        assert party not in mirror.entities
        await world.books.arm()
        mirror, _ = await pull_all(peer, cursor, mirror)
        assert isinstance(mirror.entities[party], Party)

    @pytest.mark.parametrize("kind", ["cut_rows", "cut_body", "not_json", "captive"])
    async def test_a_census_that_is_not_whole_is_no_census(
        self, peer: SandboxPeer, world: SandboxWorld, invoice: str, kind: str
    ) -> None:
        """A gap in it would look like items that were closed."""
        await world.books.arm({"kind": kind, "path": "/v1/census"})
        with pytest.raises(PeerGarbled):
            await peer.census()

    async def test_a_reading_that_answers_other_rows_is_garbled(
        self, peer: SandboxPeer, world: SandboxWorld, invoice: str
    ) -> None:
        """What was not asked for proves nothing about what was."""
        body = '{"rows": [{"kind": "item", "id": "item:0", "deleted": true}], "count": 1}'
        await world.books.arm({"kind": "not_json", "value": body, "path": "/v1/entities"})
        with pytest.raises(PeerGarbled):
            await peer.get([invoice])

    async def test_a_cursor_of_another_ledger_asks_for_a_full_sync(self, peer: SandboxPeer) -> None:
        """Going on would lose rows."""
        with pytest.raises(PeerGarbled, match="replaced"):
            await peer.pull("00000000.5.5")

    async def test_ids_that_never_existed_are_gone(self, peer: SandboxPeer, invoice: str) -> None:
        """Also those that could not be ids, in the order asked, over several calls."""
        strange = ["item:999999999", "nonsense", "widget:1", "item:-1", "item:1e3", "party:"]
        many = [f"note:{number}" for number in range(10**6, 10**6 + 700)]
        page = await peer.get([*strange, invoice, *many])
        assert page.tombstones == (*strange, *many)
        assert [entity.id for entity in page.upserts] == [invoice]

    async def test_pages_of_any_size_agree(self, sandbox: Running, world: SandboxWorld) -> None:
        """A few rows at a time or all at once."""
        party = await world.new_party("Pages")
        for _ in range(3):
            await world.post_invoice(party, _usd("1.00"))
        small, large = _peer(sandbox.url, sandbox.token, page_rows=20), _peer(sandbox.url, sandbox.token)
        one, _ = await pull_all(small)
        other, _ = await pull_all(large)
        await small.close()
        await large.close()
        assert one.entities == other.entities


async def test_the_figures_agree_after_all_faults(
    peer: SandboxPeer, world: SandboxWorld, order: Order
) -> None:
    """Whatever the tests of this session did to the ledger."""
    assert isinstance(await peer.submit(order), Done)
    balance = await world.books.trial_balance()
    assert (balance["agrees"], balance["total"]) == (True, "0.00")
    assert (await fetch(peer, next(iter(order.expect)))).residual == _usd("9.00")
    with pytest.raises(ArqueueError):
        await world.books.call("GET", f"/v1/orders/{new_id()}")


def _peer(url: str, token: str, **more: Any) -> SandboxPeer:
    return SandboxPeer(PeerSettings(kind="sandbox", url=url, token=token), **more)


async def _raw(world: SandboxWorld, path: str) -> str:
    return json.dumps(await world.books.call("GET", path), separators=(",", ":"))
