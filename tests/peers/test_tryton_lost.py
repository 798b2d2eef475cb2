"""Never twice: whichever answer is lost, whichever request, however late it comes, an order is in Tryton's books once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

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
    Order,
    Unapply,
    new_id,
    seal,
)
from arqueue.model.ledger import Allocation
from arqueue.model.money import Money
from data.demo.tryton.server import Running
from data.peers.contract import Absent, Done, Partial, Stale, Unknown
from data.peers.tryton.connector import TrytonPeer
from tests.peers.books import order_for
from tests.peers.tryton_accountant import Accountant
from tests.peers.tryton_proxy import Fault, Proxy, proxy_to
from tests.peers.tryton_server import reading, seeded, settings
from tests.peers.tryton_world import TrytonWorld

pytestmark = pytest.mark.timeout(600)  # whoever is first makes the company: a minute or two
__all__ = ["reading", "seeded"]

MAX_CALLS = 40


def euro(text: str) -> Money:
    """An amount."""
    return Money.parse(text, "EUR")


@dataclass(frozen=True, slots=True)
class Scene:
    """A connector behind a proxy, and an accountant who goes straight to Tryton."""

    peer: TrytonPeer
    proxy: Proxy
    world: TrytonWorld

    async def order(self, command: Command) -> Order:
        """As it is decided: with what is seen now as what is expected."""
        if isinstance(command, Annotate | Escalate):
            return seal(new_id(), command, {}, "ann")
        return await order_for(self.peer, command)

    async def send(self, order: Order) -> list[type]:
        """As the sender does: submit, and after an answer that proves nothing look before anything else. What came."""
        came: list[type] = []
        outcome = await self.peer.submit(order)
        for _ in range(10):
            came.append(type(outcome))
            if not isinstance(outcome, Unknown):
                return came
            found = await self.peer.find(order)
            came.append(type(found))
            if isinstance(found, Done):
                return came
            assert isinstance(found, Absent | Partial), found
            outcome = await self.peer.submit(order)
        raise AssertionError(f"never settled: {came}")


@pytest.fixture
async def scene(reading: Running) -> AsyncIterator[Scene]:
    """One server for all; each story has customers of its own."""
    async with proxy_to(reading.url) as proxy:
        peer, accountant = TrytonPeer(settings(reading, url=proxy.url)), Accountant(reading)
        yield Scene(peer, proxy, TrytonWorld(accountant))
        await peer.close()
        await accountant.close()


Story = Callable[[Scene], Awaitable[tuple[Command, Callable[[Order], Awaitable[None]]]]]


async def exactly(scene: Scene) -> tuple[Command, Callable[[Order], Awaitable[None]]]:
    """All of a payment to an invoice."""
    invoice, payment = await _pair(scene, "80.00", "80.00")

    async def check(_: Order) -> None:
        await _residuals(scene, {invoice: "0.00", payment: "0.00"})

    return ApplyPayment(payment, (Line(invoice, euro("80.00")),), await scene.world.today()), check


async def in_part(scene: Scene) -> tuple[Command, Callable[[Order], Awaitable[None]]]:
    """A part of a payment to a part of an invoice: split, link."""
    invoice, payment = await _pair(scene, "100.00", "70.00")

    async def check(_: Order) -> None:
        await _residuals(scene, {invoice: "75.00", payment: "-45.00"})

    return ApplyPayment(payment, (Line(invoice, euro("25.00")),), await scene.world.today()), check


async def to_several(scene: Scene) -> tuple[Command, Callable[[Order], Awaitable[None]]]:
    """A payment to two invoices, one of them in part, with a rest: split, match, link."""
    party = await scene.world.new_party("Several")
    invoices = [await scene.world.post_invoice(party, euro(each)) for each in ("20.00", "30.00")]
    payment = await scene.world.receive_payment(party, euro("40.00"))
    amounts = zip(invoices, ("20.00", "15.00"), strict=True)

    async def check(_: Order) -> None:
        await _residuals(scene, {invoices[0]: "0.00", invoices[1]: "15.00", payment: "-5.00"})

    lines = tuple(Line(invoice, euro(amount)) for invoice, amount in amounts)
    return ApplyPayment(payment, lines, await scene.world.today()), check


async def the_last_part(scene: Scene) -> tuple[Command, Callable[[Order], Awaitable[None]]]:
    """What closes an invoice that was paid in part: link, then match all that is linked."""
    party = await scene.world.new_party("Parts")
    invoice = await scene.world.post_invoice(party, euro("60.00"))
    first = await scene.world.receive_payment(party, euro("20.00"))
    today = await scene.world.today()
    order = await scene.order(ApplyPayment(first, (Line(invoice, euro("20.00")),), today))
    assert isinstance(await scene.peer.submit(order), Done)
    payment = await scene.world.receive_payment(party, euro("40.00"))

    async def check(_: Order) -> None:
        await _residuals(scene, {invoice: "0.00", payment: "0.00", first: "0.00"})
        row = await scene.world.books.one(
            "account.invoice", [["party", "=", int(party.partition(":")[2])]], "state"
        )
        assert row["state"] == "paid"

    return ApplyPayment(payment, (Line(invoice, euro("40.00")),), today), check


async def written_off(scene: Scene) -> tuple[Command, Callable[[Order], Awaitable[None]]]:
    """A part of an invoice: split, write off."""
    party = await scene.world.new_party("Short")
    invoice = await scene.world.post_invoice(party, euro("100.00"))

    async def check(order: Order) -> None:
        await _residuals(scene, {invoice: "99.50"})
        booked = await scene.world.booked(order)
        assert booked["6.1.2 Other Expenses"] == euro("0.50")

    return Adjust(invoice, euro("0.50"), "SMALL", "method:1", await scene.world.today()), check


async def taken_back(scene: Scene) -> tuple[Command, Callable[[Order], Awaitable[None]]]:
    """A payment of an invoice whose rest was written off: note, unmatch, link the write-off, unlink the payment."""
    invoice, payment = await _pair(scene, "50.00", "49.25")
    today = await scene.world.today()
    for command in (
        ApplyPayment(payment, (Line(invoice, euro("49.25")),), today),
        Adjust(invoice, euro("0.75"), "FEE", "method:3", today),
    ):
        assert isinstance(await scene.peer.submit(await scene.order(command)), Done)
    (made,) = (await scene.peer.get([f"rec:{payment.partition(':')[2]}"])).upserts
    assert isinstance(made, Allocation)

    async def check(_: Order) -> None:
        await _residuals(scene, {invoice: "49.25", payment: "-49.25"})
        assert len(await scene.world.notes(invoice)) == 1

    return Unapply(made.id, payment, invoice, made.amount, today), check


async def remarked(scene: Scene) -> tuple[Command, Callable[[Order], Awaitable[None]]]:
    """A remark."""
    party = await scene.world.new_party("Remarks")

    async def check(_: Order) -> None:
        assert len(await scene.world.notes(party)) == 1

    return Annotate(party, "called; pays on Friday"), check


async def escalated(scene: Scene) -> tuple[Command, Callable[[Order], Awaitable[None]]]:
    """An escalation."""
    party = await scene.world.new_party("Escalations")

    async def check(_: Order) -> None:
        (text,) = await scene.world.notes(party)
        assert text.startswith("Escalated to supervisor: too much")

    return Escalate(party, "supervisor", "too much"), check


async def moved(scene: Scene) -> tuple[Command, Callable[[Order], Awaitable[None]]]:
    """The rest of a payment goes to who sent it."""
    invoice, payment = await _pair(scene, "30.00", "70.00")
    today = await scene.world.today()
    apply = ApplyPayment(payment, (Line(invoice, euro("30.00")),), today)
    assert isinstance(await scene.peer.submit(await scene.order(apply)), Done)
    sender = await scene.world.new_party("Sender")

    async def check(_: Order) -> None:
        await _residuals(scene, {invoice: "0.00"})
        assert await scene.world.balance(sender) == euro("-40.00")

    return Identify(payment, sender, today), check


async def disputed(scene: Scene) -> tuple[Command, Callable[[Order], Awaitable[None]]]:
    """A dispute, of which Tryton gets a note."""
    invoice, _ = await _pair(scene, "30.00", "1.00")

    async def check(_: Order) -> None:
        (text,) = await scene.world.notes(invoice)
        assert text.startswith("Disputed by 10.00 EUR: PRICE")

    return Dispute(invoice, euro("10.00"), "PRICE", "agreed otherwise"), check


LOST = [
    (story, Fault.LOSE_ANSWER)
    for story in (exactly, in_part, written_off, remarked, escalated, moved, disputed)
]
LOST += [(written_off, Fault.LOSE_REQUEST), (to_several, Fault.LOSE_REQUEST)]


@pytest.mark.parametrize("story,fault", LOST, ids=[f"{story.__name__}-{fault}" for story, fault in LOST])
async def test_an_order_is_posted_once_whatever_is_lost(scene: Scene, story: Story, fault: Fault) -> None:
    """The first call, the second… each in turn meets the fault; the sender looks, goes on, and the books hold it once."""
    struck = 0
    for at in range(1, MAX_CALLS):
        scene.proxy.arm(Fault.NONE)
        command, check = await story(scene)
        order = await scene.order(command)
        scene.proxy.arm(fault, at)
        came = await scene.send(order)
        assert came[-1] is Done, came
        await check(order)
        assert isinstance(await scene.peer.find(order), Done)
        if not scene.proxy.struck:
            break
        struck += 1
    else:
        raise AssertionError("the calls never ended")
    assert struck >= 1


@pytest.mark.parametrize("start", [1, 2])
@pytest.mark.parametrize("story", [to_several, the_last_part, taken_back], ids=lambda story: story.__name__)
async def test_an_order_survives_a_loss_at_every_other_call(scene: Scene, story: Story, start: int) -> None:
    """What takes many calls gets there although every other answer is lost, the odd ones or the even ones."""
    command, check = await story(scene)
    order = await scene.order(command)
    scene.proxy.arm(Fault.LOSE_EVERY_OTHER, start)
    came = await scene.send(order)
    assert came[-1] is Done, came
    assert scene.proxy.struck
    scene.proxy.arm(Fault.NONE)
    await check(order)


@pytest.mark.parametrize("story", [exactly, in_part, written_off, moved], ids=lambda story: story.__name__)
async def test_a_request_that_comes_late_does_nothing(scene: Scene, story: Story) -> None:
    """Given up, sent again, posted; then the first copy of any call arrives after all: Tryton refuses it by its stamps."""
    for at in range(1, MAX_CALLS):
        scene.proxy.arm(Fault.NONE)
        command, check = await story(scene)
        order = await scene.order(command)
        scene.proxy.arm(Fault.DELIVER_LATE, at)
        came = await scene.send(order)
        assert came[-1] is Done, came
        if not scene.proxy.struck:
            return
        (answer,) = await scene.proxy.deliver()
        assert b"error" in answer
        await check(order)
    raise AssertionError("the calls never ended")


async def test_a_second_submit_without_a_look_posts_nothing(scene: Scene) -> None:
    """Even a sender that forgets to look cannot post an exact application or a write-off twice."""
    for story in (exactly, written_off, remarked):
        command, check = await story(scene)
        order = await scene.order(command)
        scene.proxy.arm(Fault.LOSE_ANSWER, 2 if story is written_off else 1)
        assert isinstance(await scene.peer.submit(order), Unknown)
        assert isinstance(await scene.peer.submit(order), Done | Stale)
        await check(order)


async def test_when_nothing_was_begun_the_error_is_raised(scene: Scene, reading: Running) -> None:
    """An order that provably was not received is no Unknown: a server that is away raises."""
    from arqueue.errors import PeerUnreachable

    command, _ = await exactly(scene)
    order = await scene.order(command)
    peer = TrytonPeer(settings(reading, url="http://127.0.0.1:9"))
    with pytest.raises(PeerUnreachable):
        await peer.submit(order)
    await peer.close()
    assert isinstance(await scene.peer.find(order), Absent)


async def _pair(scene: Scene, owed: str, paid: str) -> tuple[str, str]:
    party = await scene.world.new_party("Pair")
    invoice = await scene.world.post_invoice(party, euro(owed))
    return invoice, await scene.world.receive_payment(party, euro(paid))


async def _residuals(scene: Scene, wanted: dict[str, str]) -> None:
    assert {item: str(await scene.world.residual(item)) for item in wanted} == wanted
