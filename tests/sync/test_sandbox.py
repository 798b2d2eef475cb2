"""The store, puller and sender against a real ledger over HTTP that does what ledgers and networks were seen to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from arqueue.control.commands import Adjust, Annotate, ApplyPayment, Command, Line, Unapply
from arqueue.control.states import CommandState
from arqueue.errors import ArqueueError
from arqueue.model.ledger import Item
from arqueue.model.money import Money
from data.peers.contract import PeerSettings
from data.peers.sandbox.accountant import Accountant
from data.peers.sandbox.connector import SandboxPeer
from data.peers.sandbox.server.run import Running, start_process
from data.store import mirror
from data.store.outbox import Stored
from tests.sync.rig import Rig, Time

S = CommandState
ORDERS, FIND, CHANGES, CENSUS, ENTITIES = (
    "/v1/orders",
    "/v1/orders/*",
    "/v1/changes",
    "/v1/census",
    "/v1/entities",
)


def usd(text: str) -> Money:
    """The ledger's currency."""
    return Money.parse(text, "USD")


@dataclass
class World:
    """A customer of this test alone, seen from both sides."""

    rig: Rig
    books: Accountant
    party: str
    payment: str
    invoice: str
    other: str
    today: date

    async def order(self, command: Command, **changes: Any) -> Stored:
        """Store a command on this customer."""
        return await self.rig.order(command, party_id=self.party, **changes)

    def apply(self, amount: str, *more: tuple[str, str]) -> ApplyPayment:
        """The payment to its invoices."""
        lines = [(self.invoice, amount), *more]
        return ApplyPayment(self.payment, tuple(Line(key, usd(each)) for key, each in lines), self.today)

    def adjust(self, amount: str) -> Adjust:
        """A write-off of the invoice."""
        return Adjust(self.invoice, usd(amount), "SMALL", "method:SMALL", self.today)

    async def there(self, key: str) -> str:
        """The ledger's own figure."""
        (row,) = await self.books.rows([key])
        return str(row["residual"])

    async def here(self, key: str) -> str:
        """The mirror's."""
        return str((await self.rig.items())[key].residual)

    async def state(self, row: Stored) -> CommandState:
        """Where a command stands."""
        return (await self.rig.get(row)).state

    async def entries(self, row: Stored) -> int:
        """How often the ledger booked it."""
        return len(await self.books.journal(command=row.id))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A ledger in a process of its own."""
    running = start_process(tmp_path_factory.mktemp("ledger"))
    yield running
    running.stop()


@pytest_asyncio.fixture
async def world(server: Running, tmp_path: Path) -> AsyncIterator[World]:
    """A payment of 100, invoices of 80 and 50, everything pulled; no fault is left armed."""
    books = Accountant(server.url, server.accountant_token)
    await books.arm()
    party = await books.create_party("Real", currency="USD")
    payment = await books.receive_payment(party, usd("100.00"))
    (invoice,) = await books.post_invoice(party, usd("80.00"))
    (other,) = await books.post_invoice(party, usd("50.00"))
    peer = SandboxPeer(PeerSettings(kind="sandbox", url=server.url, token=server.token), page_rows=20)
    rig = Rig(tmp_path / "store" / "arqueue.sqlite", peer, Time(), flight_s=2)
    await rig.start()
    await rig.puller.pull()
    yield World(rig, books, party, payment, invoice, other, await books.today())
    await books.arm()
    await books.close()
    rig.close()
    await peer.close()


async def test_each_kind_of_command_posts_and_is_read_back(world: World) -> None:
    """Apply to two, write off, note, take back: the mirror and the ledger agree after each, before any pull."""
    applied = await world.order(world.apply("75.00", (world.other, "25.00")))
    await world.rig.settle()
    assert [await world.here(key) for key in (world.payment, world.invoice, world.other)] == [
        "0.00",
        "5.00",
        "25.00",
    ]
    written_off = await world.order(world.adjust("5.00"))
    noted = await world.order(Annotate(world.invoice, "promised Friday"))
    await world.rig.settle()
    (allocation,) = await world.rig.read(
        "SELECT id FROM allocation WHERE credit_item = ? AND debit_item = ?", world.payment, world.invoice
    )
    back = await world.order(
        Unapply(str(allocation[0]), world.payment, world.invoice, usd("75.00"), world.today)
    )
    await world.rig.settle()
    for row in (applied, written_off, noted, back):
        assert await world.state(row) is S.POSTED, (await world.rig.get(row)).outcome
    for key in (world.payment, world.invoice, world.other):
        assert await world.here(key) == await world.there(key)
    assert await world.there(world.payment) == "-75.00"
    assert (await world.books.trial_balance())["agrees"]


async def test_commands_behind_each_other_all_post(world: World) -> None:
    """Ordered while the first is still under way."""
    rows = [
        await world.order(command)
        for command in (world.apply("30.00"), world.apply("45.00"), world.adjust("5.00"))
    ]
    await world.rig.settle()
    assert [(await world.rig.get(row)).outcome for row in rows] == ["posted and read back"] * 3
    assert await world.there(world.invoice) == "0.00"


NO_PROOF: list[Mapping[str, Any]] = [
    {"kind": "lose_answer"},
    {"kind": "refuse"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "after": True},
    {"kind": "status", "status": 429, "retry_after": "7"},
    {"kind": "status", "status": 401},
    {"kind": "not_json", "after": True},
    {"kind": "captive"},
    {"kind": "redirect", "status": 302, "after": True},
    {"kind": "redirect", "status": 307},
    {"kind": "cut_bytes"},
    {"kind": "cut_body"},
    {"kind": "silent"},
    {"kind": "stale_echo"},
]


@pytest.mark.parametrize("fault", NO_PROOF, ids=lambda fault: "-".join(str(part) for part in fault.values()))
async def test_whatever_the_answer_it_is_booked_once(world: World, fault: Mapping[str, Any]) -> None:
    """And nothing of it is open meanwhile."""
    await world.books.arm({**fault, "path": ORDERS})
    row = await world.order(world.adjust("30.00"))
    await world.rig.step()
    assert await world.books.hits() == [1]
    assert await world.state(row) is S.UNKNOWN
    assert str(await world.rig.open(world.invoice)) == "50.00"
    await world.rig.settle()
    assert await world.state(row) is S.POSTED
    assert await world.entries(row) == 1
    assert await world.there(world.invoice) == await world.here(world.invoice) == "50.00"


async def test_what_the_ledger_refuses_is_said_in_its_words(world: World) -> None:
    """A closed period, once and for all; the item is open again."""
    await world.books.lock(world.today)
    try:
        row = await world.order(world.adjust("30.00"))
        await world.rig.settle()
    finally:
        await world.books.lock(None)
    found = await world.rig.get(row)
    assert found.state is S.REJECTED
    assert found.outcome.startswith("locked_period")
    assert await world.entries(row) == 0
    assert str(await world.rig.open(world.invoice)) == "80.00"


async def test_somebody_in_accounting_was_faster(world: World) -> None:
    """A conflict with the ledger's new figures; the payment is not applied twice."""
    row = await world.order(world.apply("80.00"))
    await world.books.apply(world.payment, world.invoice, usd("80.00"))
    await world.rig.settle()
    assert await world.state(row) is S.CONFLICT
    assert await world.here(world.payment) == await world.there(world.payment) == "-20.00"


BAD_READS: list[Mapping[str, Any]] = [
    {"kind": "cut_rows", "path": CHANGES, "skip": 1},
    {"kind": "cut_body", "path": CHANGES, "skip": 2},
    {"kind": "cut_bytes", "path": CHANGES},
    {"kind": "status", "status": 503, "path": CHANGES, "skip": 1},
    {"kind": "status", "status": 401, "path": CHANGES},
    {"kind": "captive", "path": CHANGES, "skip": 1},
    {"kind": "not_json", "path": CENSUS},
    {"kind": "cut_rows", "path": CENSUS},
]


@pytest.mark.parametrize(
    "fault", BAD_READS, ids=lambda fault: f"{fault['kind']}-{fault.get('status', '')}-{fault['path'][4:]}"
)
async def test_a_pull_that_breaks_off_loses_nothing(world: World, fault: Mapping[str, Any]) -> None:
    """The error is named, what came before is stored, and the next pull ends as the ledger is."""
    await world.books.arm(fault)
    with pytest.raises(ArqueueError) as caught:
        await world.rig.puller.pull(full=True)
    assert caught.value.hint
    assert await world.books.hits() == [1]
    (fresh,) = await world.books.post_invoice(world.party, usd("7.00"))
    await world.rig.puller.pull()
    assert await world.here(fresh) == "7.00"
    census = {row.id: row.residual.minor for row in await world.rig.peer.census()}
    ours = await world.rig.store.read(mirror.open_items)
    assert {key: residual for key, (_, residual) in ours.items()} == census


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "bad_amount", "value": "12,50"},
        {"kind": "bad_amount", "value": "NaN"},
        {"kind": "bad_text"},
        {"kind": "bad_text", "value": "zero \0"},
        {"kind": "unknown_kind", "value": "spaceship"},
    ],
    ids=lambda fault: f"{fault['kind']}-{fault.get('value')!a}",
)
async def test_a_row_that_cannot_be_read_is_set_aside_until_it_can(
    world: World, fault: Mapping[str, Any]
) -> None:
    """The page's other rows come in, the cursor moves, somebody is told; the census asks again."""
    await world.books.arm({**fault, "path": CHANGES, "row": world.invoice, "times": 0})
    await world.books.dispute(world.invoice, "price")
    await world.books.dispute(world.other, "price")
    await world.rig.puller.pull()
    assert world.rig.health.quarantined == 1
    assert f"failure/quarantine/{world.invoice}" in await world.rig.work()
    items = await world.rig.items()
    assert (items[world.other].dispute, items[world.invoice].dispute) == ("price", "")
    await world.books.arm()
    await world.rig.puller.take_census()
    assert world.rig.health.quarantined == 0
    assert f"failure/quarantine/{world.invoice}" not in await world.rig.work()
    assert (await world.rig.items())[world.invoice].dispute == "price"


async def test_a_merged_customers_account_moves_with_its_command(world: World) -> None:
    """A refused command on it is shown with the customer that took it over."""
    await world.books.lock(world.today)
    row = await world.order(world.adjust("30.00"))
    await world.rig.settle()
    await world.books.lock(None)
    into = await world.books.create_party("Took it over", currency="USD")
    await world.books.merge_party(world.party, into)
    await world.rig.puller.pull()
    found = await world.rig.read("SELECT party_id FROM work WHERE id = ?", f"failure/{row.id}")
    assert found == [(into,)]
    assert await world.rig.read("SELECT gone FROM party WHERE id = ?", world.party) == [(1,)]
    assert {
        row[0]
        for row in await world.rig.read("SELECT DISTINCT party_id FROM work WHERE party_id = ?", world.party)
    } == set()


async def test_a_ledger_that_dies_in_the_middle_is_found_again(tmp_path: Path) -> None:
    """kill -9 of the ledger with an order in its hands; it comes back on the same port with its books."""
    server = start_process(tmp_path / "ledger")
    port = int(server.url.rsplit(":", 1)[1])
    books = Accountant(server.url, server.accountant_token)
    party = await books.create_party("Real", currency="USD")
    (invoice,) = await books.post_invoice(party, usd("80.00"))
    today = await books.today()
    peer = SandboxPeer(PeerSettings(kind="sandbox", url=server.url, token=server.token))
    rig = Rig(tmp_path / "store" / "arqueue.sqlite", peer, Time(), flight_s=2)
    try:
        await rig.start()
        await rig.puller.pull()
        await books.arm({"kind": "lose_answer", "path": ORDERS})
        row = await rig.order(Adjust(invoice, usd("30.00"), "SMALL", "method:SMALL", today), party_id=party)
        behind = await rig.order(
            Adjust(invoice, usd("10.00"), "SMALL", "method:SMALL", today), party_id=party
        )
        await rig.step()
        server.kill()
        for _ in range(5):
            rig.time.pass_(20.0)
            assert not await rig.step()
        assert (await rig.get(row)).state is S.UNKNOWN
        assert (await rig.get(behind)).state is S.QUEUED
        server = start_process(tmp_path / "ledger", port)
        await rig.restart()
        await rig.settle()
        assert (await rig.get(row)).state is S.POSTED
        assert (await rig.get(behind)).state is S.POSTED
        assert len(await books.journal(command=row.id)) == 1
        await rig.puller.pull()
        item: Item = (await rig.items())[invoice]
        assert str(item.residual) == "40.00"
    finally:
        rig.close()
        await peer.close()
        await books.close()
        server.stop()
