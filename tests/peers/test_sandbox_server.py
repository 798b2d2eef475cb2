"""The sandbox over HTTP: who may ask, orders once each, the process that serves it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from arqueue.control.commands import Adjust, Annotate, ApplyPayment, Line, Order, new_id, seal
from arqueue.errors import ConfigInvalid, Offline, Refused
from arqueue.model.money import Money
from data.peers.contract import Done, PeerSettings
from data.peers.http import Answer, Http
from data.peers.sandbox.accountant import Accountant
from data.peers.sandbox.connector import SandboxPeer
from data.peers.sandbox.server.ledger import Company, create
from data.peers.sandbox.server.run import Running, serve, start_process
from tests.peers.books import fetch, order_for
from tests.peers.sandbox_world import SandboxWorld


@pytest.fixture
async def http(sandbox: Running) -> AsyncIterator[Http]:
    """A bare client."""
    client = Http(sandbox.url)
    yield client
    await client.close()


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _usd(text: str) -> Money:
    return Money.parse(text, "USD")


async def _send(http: Http, token: str, key: str, body: bytes) -> Answer:
    headers = {**_bearer(token), "idempotency-key": key, "content-type": "application/json"}
    return await http.request("POST", "/v1/orders", headers=headers, content=body)


@pytest.mark.parametrize("token", ["", "wrong", "a b c", "x" * 5000])
async def test_a_missing_or_wrong_token_is_told_in_json(http: Http, token: str) -> None:
    """401, with what to do about it."""
    headers = _bearer(token) if token else {}
    answer = await http.request("GET", "/v1/company", headers=headers)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "token" in answer.json()["error"]["message"]


async def test_arqueues_token_cannot_act_as_an_accountant(http: Http, sandbox: Running) -> None:
    """403: the limited token posts orders, and no documents."""
    headers = {**_bearer(sandbox.token), "content-type": "application/json"}
    answer = await http.request("POST", "/v1/accountant/parties", headers=headers, content=b'{"name":"Me"}')
    assert (answer.status, answer.json()["error"]["code"]) == (403, "forbidden")


async def test_the_accountants_token_cannot_place_arqueues_orders(http: Http, sandbox: Running) -> None:
    """403: each side has its own."""
    order = seal(new_id(), Annotate("party:1", "x"), {}, "ann")
    answer = await _send(http, sandbox.accountant_token, order.id, order.body)
    assert answer.status == 403


async def test_the_same_key_and_body_get_the_same_bytes_again(
    http: Http, sandbox: Running, peer: SandboxPeer, world: SandboxWorld
) -> None:
    """Also when the ledger has moved on since."""
    party = await world.new_party("Same")
    invoice = await world.post_invoice(party, _usd("50.00"))
    order = await order_for(peer, Adjust(invoice, _usd("1.00"), "x", "method:SMALL", await world.today()))
    first = await _send(http, sandbox.token, order.id, order.body)
    await world.books.write_off(invoice, _usd("2.00"), "SMALL")
    second = await _send(http, sandbox.token, order.id, order.body)
    assert (first.status, first.body) == (second.status, second.body)
    assert second.headers["idempotency-replayed"] == "true"
    assert await world.residual(invoice) == _usd("47.00")


async def test_a_key_used_for_another_body_is_refused(
    http: Http, sandbox: Running, world: SandboxWorld
) -> None:
    """422, and nothing is posted."""
    party = await world.new_party("Other body")
    first = seal(new_id(), Annotate(party, "one"), {}, "ann")
    await _send(http, sandbox.token, first.id, first.body)
    other = seal(first.id, Annotate(party, "two"), {}, "ann")
    answer = await _send(http, sandbox.token, other.id, other.body)
    assert (answer.status, answer.json()["error"]["code"]) == (422, "key_reused")
    assert await world.notes(party) == ["one"]


async def test_an_order_without_its_own_key_is_refused(
    http: Http, sandbox: Running, world: SandboxWorld
) -> None:
    """400 for no key and for a key that is not the order's id."""
    party = await world.new_party("Keyless")
    order = seal(new_id(), Annotate(party, "x"), {}, "ann")
    headers = {**_bearer(sandbox.token), "content-type": "application/json"}
    bare = await http.request("POST", "/v1/orders", headers=headers, content=order.body)
    assert bare.status == 400
    assert (await _send(http, sandbox.token, new_id(), order.body)).status == 400
    assert await world.notes(party) == []


@pytest.mark.parametrize(
    "amount", ["1_000", "1e3", "-0", "1.005", "٣", "", " 1", "0", "-5.00", "99999999999999999999"]
)
async def test_a_misspelt_or_empty_amount_is_refused_and_named(world: SandboxWorld, amount: str) -> None:
    """The accountant's side reads amounts as strictly as everybody."""
    party = await world.new_party("Strict")
    body = {"party": party, "amount": amount}
    with pytest.raises(Refused, match="amount"):
        await world.books.call("POST", "/v1/accountant/invoices", body)


async def test_eight_clients_at_once_cannot_over_apply(
    http: Http, sandbox: Running, peer: SandboxPeer, world: SandboxWorld
) -> None:
    """The guard holds over HTTP, with threads of a real server: one order wins, the others are stale."""
    party = await world.new_party("Race")
    payment = await world.receive_payment(party, _usd("100.00"))
    invoices = [await world.post_invoice(party, _usd("100.00")) for _ in range(8)]
    today = await world.today()
    orders = [
        await order_for(peer, ApplyPayment(payment, (Line(invoice, _usd("100.00")),), today))
        for invoice in invoices
    ]
    statuses: list[int] = []
    barrier = threading.Barrier(8)

    async def send(order: Order) -> None:
        client = Http(sandbox.url)
        statuses.append((await _send(client, sandbox.token, order.id, order.body)).status)
        await client.close()

    def act(order: Order) -> None:
        barrier.wait(10)
        asyncio.run(send(order))

    threads = [threading.Thread(target=act, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(statuses) == [200] + [412] * 7
    assert await world.residual(payment) == _usd("0.00")
    assert (await world.books.trial_balance())["agrees"]


async def test_the_docs_page_loads_nothing_from_elsewhere(http: Http) -> None:
    """A closed network sees it whole: no script, no style sheet, no font, no image by address."""
    page = (await http.request("GET", "/docs")).body.decode()
    assert "/v1/changes" in page
    assert "OrderBody" in page
    assert all(body in page for body in ("DisputeBody", "ResolveBody", "IdentifyBody", "payer_account"))
    assert not re.search(r"<script|<link|<img|https?://|@import|url\(", page)
    openapi = (await http.request("GET", "/openapi.json")).json()
    assert set(openapi["paths"]) >= {"/v1/company", "/v1/changes", "/v1/census", "/v1/entities", "/v1/orders"}


async def test_an_address_that_does_not_exist_is_told_in_json(http: Http) -> None:
    """Every error has code, message and hint."""
    answer = await http.request("GET", "/v2/anything")
    assert answer.status == 404
    assert set(answer.json()["error"]) == {"code", "message", "hint"}


async def test_a_payment_says_who_sent_it_and_from_which_account(
    peer: SandboxPeer, world: SandboxWorld
) -> None:
    """What the accountant books of the sender comes with the feed; an invoice has no sender."""
    party = await world.new_party("Payer")
    payment = await world.receive_payment(party, _usd("5.00"), "for 1", payer="PAYER LTD", account="XA12")
    item = await fetch(peer, payment)
    assert (item.payer, item.payer_account) == ("PAYER LTD", "XA12")
    body = {"party": party, "amount": "5.00", "payer": "PAYER LTD"}
    with pytest.raises(Refused, match="payer"):
        await world.books.call("POST", "/v1/accountant/invoices", body)


async def test_a_merge_and_a_rename_reach_the_feed(peer: SandboxPeer, world: SandboxWorld) -> None:
    """The connector sees the new name, and the customer that is gone."""
    first, second = await world.new_party("First"), await world.new_party("Second")
    invoice = await world.post_invoice(first, _usd("10.00"))
    await world.books.rename_party(second, "Second & First")
    await world.books.merge_party(first, second)
    page = await peer.get([first, second, invoice])
    assert page.tombstones == (first,)
    assert [getattr(entity, "name", "") for entity in page.upserts] == ["Second & First", ""]
    assert (await fetch(peer, invoice)).party_id == second


class TestProcess:
    """The server's own life."""

    def test_tokens_and_ledger_are_for_their_owner_only(self, tmp_path: Path) -> None:
        """Mode 0600 in a folder of mode 0700, and the same tokens after a restart."""
        folder = tmp_path / "ledger"
        running = start_process(folder)
        running.stop()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for name in ("arqueue.token", "accountant.token", "ledger.sqlite", "ledger.log"):
            assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name
        again = start_process(folder)
        again.stop()
        assert (again.token, again.accountant_token) == (running.token, running.accountant_token)

    def test_sigterm_is_a_good_end(self, tmp_path: Path) -> None:
        """Exit status 0, soon, and nothing on its log."""
        running = start_process(tmp_path)
        running.stop()
        assert running.process.returncode == 0
        assert (tmp_path / "ledger.log").read_text() == ""

    def test_it_listens_on_loopback_only(self, tmp_path: Path) -> None:
        """No other machine can reach it."""
        running = start_process(tmp_path)
        try:
            port = int(running.url.rpartition(":")[2])
            listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
            addresses = {row[1] for row in listening if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
            assert addresses == {f"0100007F:{port:04X}"}
        finally:
            running.stop()

    def test_it_ends_with_the_process_that_started_it(self, tmp_path: Path) -> None:
        """A demo that is killed leaves no server behind."""
        code = (
            "import sys, time; from pathlib import Path; from data.peers.sandbox.server.run import start_process\n"
            "print(start_process(Path(sys.argv[1])).pid, flush=True); time.sleep(60)"
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait(10)
        parent.stdout.close()
        assert _gone_within(child, 10)

    def test_a_port_that_is_taken_is_a_named_error(self, tmp_path: Path) -> None:
        """It says which port, in the parent's process too."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(Refused, match=str(port)):
                serve(tmp_path / "one", port)
            with pytest.raises(Offline, match=str(port)):
                start_process(tmp_path / "two", port)

    def test_a_faults_file_with_an_unknown_kind_is_a_named_error(self, tmp_path: Path) -> None:
        """The field is named, before anything is served."""
        faults = tmp_path / "faults.toml"
        faults.write_text('[[fault]]\nkind = "earthquake"\npath = "/v1/orders"\n')
        with pytest.raises(ConfigInvalid, match=r"fault\.0\.kind"):
            serve(tmp_path / "ledger", faults=faults)

    async def test_a_faults_file_is_armed_from_the_start(self, tmp_path: Path) -> None:
        """A nasty sandbox needs no test around it."""
        faults = tmp_path / "faults.toml"
        faults.write_text('[[fault]]\nkind = "status"\npath = "/v1/*"\nstatus = 418\ntimes = 0\n')
        running = start_process(tmp_path / "ledger", faults=faults)
        client = Http(running.url)
        try:
            assert (await client.request("GET", "/v1/company", headers=_bearer(running.token))).status == 418
        finally:
            await client.close()
            running.stop()

    async def test_a_kill_in_the_middle_loses_nothing_that_was_answered(self, tmp_path: Path) -> None:
        """Killed by force and started again on the same port: the order is there, once."""
        running = start_process(tmp_path)
        books = Accountant(running.url, running.accountant_token)
        peer = SandboxPeer(PeerSettings(kind="sandbox", url=running.url, token=running.token))
        party = await books.create_party("Persistent")
        (invoice,) = await books.post_invoice(party, _usd("40.00"))
        order = await order_for(peer, Adjust(invoice, _usd("1.00"), "x", "method:SMALL", await books.today()))
        assert isinstance(await peer.submit(order), Done)
        running.kill()
        again = start_process(tmp_path, int(running.url.rpartition(":")[2]))
        try:
            assert isinstance(await peer.find(order), Done)
            assert isinstance(await peer.submit(order), Done)
            assert (await fetch(peer, invoice)).residual == _usd("39.00")
        finally:
            await peer.close()
            await books.close()
            again.stop()

    async def test_the_business_date_is_the_ledgers_own(self, tmp_path: Path) -> None:
        """Where it stands still (a demonstration) arqueue may move it; where it follows the calendar only the accountant may."""
        for name, day in (("demo", date(2026, 3, 1)), ("real", None)):
            (tmp_path / name).mkdir(mode=0o700)
            create(tmp_path / name / "ledger.sqlite", Company(name=name, currency="EUR", business_date=day))
        await self._move_date(tmp_path / "demo", date(2026, 3, 4), may=True)
        await self._move_date(tmp_path / "real", date(2026, 3, 4), may=False)

    async def _move_date(self, folder: Path, day: date, *, may: bool) -> None:
        running = start_process(folder)
        peer = SandboxPeer(PeerSettings(kind="sandbox", url=running.url, token=running.token))
        try:
            if may:
                await peer.set_business_date(day)
                assert (await peer.probe()).business_date == day
            else:
                with pytest.raises(Exception, match="403"):
                    await peer.set_business_date(day)
        finally:
            await peer.close()
            running.stop()


def _gone_within(pid: int, seconds: float) -> bool:
    """Whether a process that is not our child ends in time; ended by force if it does not."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        threading.Event().wait(0.02)
    os.kill(pid, signal.SIGKILL)
    return False
