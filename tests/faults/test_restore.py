"""The drill: work, back up, work on, lose the machine, put the backup back, start. Nothing that the ledger has is lost, nothing
is posted twice, and nobody acts before the ledger was asked."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from arqueue.errors import Refused
from data.broker.lock import owner_of
from data.store.backup import totals_of
from data.store.opening import open_reader
from tests.broker.company import Company, company, kill, until


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Company]:
    """A company of the test's own."""
    with company(tmp_path / "c") as made:
        yield made


def invoices(firm: Company, count: int) -> list[tuple[str, str]]:
    """So many invoices of 2,000.00, each with a payment of 100.00, of a customer of its own."""

    async def make() -> list[tuple[str, str]]:
        made = []
        for number in range(count):
            party = await _first(firm, "parties", {"name": f"Drill {number}", "currency": "EUR"})
            item = await _first(firm, "invoices", {"party": party, "amount": "2000.00"})
            made.append((item, await _first(firm, "payments", {"party": party, "amount": "100.00"})))
        return made

    found = asyncio.run(make())
    firm.ask("sync", wait=True)
    return found


async def _first(firm: Company, what: str, body: dict[str, Any]) -> str:
    return str((await firm.accounting("POST", f"/v1/accountant/{what}", body))["rows"][0]["id"])


def adjust(item: str, amount: str = "0.50") -> dict[str, Any]:
    """A small difference."""
    return {"op": "adjust", "item": item, "amount": amount, "reason": "SMALL"}


def order(firm: Company, command: dict[str, Any], *, act_as: str | None = None, wait: str = "posted") -> str:
    """Submit, and wait until it is there."""
    intent = f"drill-{json.dumps(command, sort_keys=True).__hash__() & 0xFFFFFFFFFF:x}"
    made = firm.ask("submit", act_as=act_as, intent=intent, command=command)
    if wait == "posted":
        assert firm.ask("wait", id=made["id"])["state"] == "posted"
    else:
        assert made["state"] == wait, made
    return str(made["id"])


def state(firm: Company, command_id: str) -> str:
    """What the outbox says."""
    return str(firm.ask("command", id=command_id)["command"]["state"])


def restart_ledger(firm: Company) -> None:
    """The same ledger at the same address."""
    assert firm.ledger is not None
    port = int(firm.ledger.url.rpartition(":")[2])
    firm.ledger.kill()
    firm.start_ledger(port=port)


def end_broker(firm: Company) -> None:
    """As systemd does: the last head is signed."""
    pid = owner_of(firm.settings.store_dir)
    assert pid is not None
    kill(pid, signal.SIGTERM)
    firm.reap()


def closed_words(firm: Company) -> str:
    """Why nobody may act, as the status line says it; empty when everybody may."""
    error = firm.ask("status")["sync"].get("error")
    return str(error["message"]) if error else ""


def until_open(firm: Company) -> None:
    """The ledger was asked."""
    until(lambda: not closed_words(firm), "the store is open")


def failures(firm: Company) -> dict[str, str]:
    """What supervisors see under failures: id and words."""
    rows = firm.ask("window", act_as="sue", view="failure", filter="", offset=0, limit=100)["rows"]
    return {row["id"]: row["reasons"][0]["words"] for row in rows}


def open_there(firm: Company) -> dict[str, str]:
    """The ledger's control totals by currency, from its own census."""
    sums: dict[str, float] = {}
    after, more = "", True
    while more:
        page = firm.account("GET", f"/v1/census?after={after}")
        for _, _, residual, currency in page["rows"]:
            sums[currency] = sums.get(currency, 0) + round(float(residual) * 1000)
        after, more = page["after"], page["more"]
    return {currency: f"{total / 1000:.3f}" for currency, total in sums.items() if total}


def open_here(firm: Company) -> dict[str, str]:
    """The store's."""
    with closing(open_reader(firm.settings.store_file).conn) as connection:
        return {each.currency: f"{each.decimal:.3f}" for each in totals_of(connection).open if each}


@pytest.mark.timeout(180)
def test_nothing_that_the_ledger_has_is_lost_and_nothing_is_posted_twice(firm: Company) -> None:
    """Posted before and after the backup, approved after it, queued in it, on its way at the kill: each is there exactly once."""
    items = invoices(firm, 9)
    early = order(firm, adjust(items[0][0]))
    approved = order(firm, adjust(items[1][0], "900.00"), act_as="ben", wait="pending")
    waiting = order(firm, adjust(items[2][0], "901.00"), act_as="ben", wait="pending")
    assert firm.ledger is not None
    port = int(firm.ledger.url.rpartition(":")[2])
    firm.ledger.kill()
    until(lambda: closed_words(firm), "the ledger is away")
    queued = [order(firm, adjust(items[n][0]), wait="queued") for n in (3, 4)]

    copy = firm.home / "copy"
    backup = firm.door("backup", str(copy), "--format", "json")
    assert backup.status == 0, backup.err
    assert backup.json["commands"] == {"pending": 2, "posted": 1, "queued": 2}

    firm.start_ledger(port=port)
    for command_id in queued:
        until(lambda command_id=command_id: state(firm, command_id) == "posted", "sent after the backup")  # type: ignore[misc]
    firm.ask("approve", act_as="sue", id=approved)
    assert firm.ask("wait", id=approved)["state"] == "posted"
    applied = order(
        firm, {"op": "apply", "payment": items[5][1], "lines": [{"item": items[5][0], "amount": "60.00"}]}
    )
    noted = order(firm, {"op": "annotate", "target": items[6][0], "text": "after the backup"})
    end_broker(firm)  # what was written so far is signed
    firm.start_broker()
    firm.faults({"kind": "delay", "path": "/v1/orders", "method": "POST", "after": True, "seconds": 600})
    flying = order(firm, adjust(items[7][0]), wait="queued")
    until(lambda: firm.hits() == 1, "the order is on its way")
    firm.kill_broker()
    restart_ledger(firm)

    restored = firm.door("restore", str(copy), "--yes", "--format", "json")
    assert restored.status == 0, restored.err
    assert (restored.json["epoch"], restored.json["held"]) == (2, 4)
    firm.start_broker()
    until_open(firm)

    assert [state(firm, each) for each in (early, approved, waiting, *queued)] == [
        "posted",
        "posted",
        "pending",
        "posted",
        "posted",
    ]
    found = failures(firm)
    assert set(found) == {f"failure/orphan/{each}" for each in (applied, noted, flying)}
    assert found[f"failure/orphan/{applied}"].startswith(
        "posted after the backup by anna: apply 60.00 EUR of "
    )
    assert open_here(firm) == open_there(firm)
    for command_id in (early, approved, *queued, flying):
        assert firm.postings(command_id) == 1, command_id
    assert firm.postings(waiting) == 0
    assert firm.row(items[5][0])["residual"] == "1940.00"
    assert [firm.row(items[n][0])["residual"] for n in (0, 1, 2, 3, 4, 7)] == [
        "1999.50",
        "1100.00",
        "2000.00",
        "1999.50",
        "1999.50",
        "1999.50",
    ]

    verified = firm.cli("audit", "verify")
    assert verified.status == 0, verified.err
    assert "signed rows of before the restore are not here" in verified.out

    for command_id in (applied, noted, flying):
        assert firm.door("dismiss", command_id, act_as="sue").status == 0
    assert failures(firm) == {}
    firm.ask("approve", act_as="sue", id=waiting)
    assert firm.ask("wait", id=waiting)["state"] == "posted"
    order(firm, adjust(items[8][0]))
    firm.ask("sync", wait=True, full=True)
    assert failures(firm) == {}
    assert open_here(firm) == open_there(firm)


@pytest.mark.timeout(120)
def test_nobody_acts_before_the_ledger_was_asked(firm: Company) -> None:
    """While it is away faces read, and every action is refused in words that say why and how far it is."""
    (item, _), (other, _) = invoices(firm, 2)
    pending = order(firm, adjust(item, "900.00"), act_as="ben", wait="pending")
    assert firm.door("backup", str(firm.home / "copy")).status == 0
    firm.kill_broker()
    assert firm.ledger is not None
    port = int(firm.ledger.url.rpartition(":")[2])
    firm.ledger.kill()
    assert firm.door("restore", str(firm.home / "copy"), "--yes").status == 0
    firm.start_broker()
    until(lambda: closed_words(firm), "the broker tried the ledger")
    assert firm.ask("show", id=item)["item"]["open"] == "1100.00"
    for method, person, asked in (
        ("submit", "anna", {"intent": "drill-closed", "command": adjust(other)}),
        ("approve", "sue", {"id": pending}),
        ("decline", "sue", {"id": pending, "why": "no"}),
        ("undo", "ben", {"id": pending}),
        ("retry", "ben", {"id": pending}),
        ("dismiss", "ben", {"id": pending}),
    ):
        with pytest.raises(Refused, match="put back from a backup"):
            firm.ask(method, act_as=person, **asked)
    assert state(firm, pending) == "pending"
    firm.start_ledger(port=port)
    until_open(firm)
    order(firm, adjust(other))
    firm.ask("approve", act_as="sue", id=pending)
    assert firm.ask("wait", id=pending)["state"] == "posted"


def test_a_restore_waits_for_the_broker_to_end(firm: Company) -> None:
    """Whoever writes to the store would go on writing to what was put aside."""
    assert firm.door("backup", str(firm.home / "copy")).status == 0
    ran = firm.door("restore", str(firm.home / "copy"), "--yes", "--format", "json")
    assert ran.status == 1
    assert "another broker serves" in ran.json["error"]["message"]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("stage", ["/v1/changes", "/v1/orders", "/v1/postings", "/v1/census"])
def test_a_broker_that_is_killed_while_it_opens_the_store_begins_again(firm: Company, stage: str) -> None:
    """Whatever it was asking: nothing is open before all was asked, and nothing is adopted twice."""
    (item, _), (other, _) = invoices(firm, 2)
    order(firm, adjust(item, "900.00"), act_as="ben", wait="pending")
    assert firm.door("backup", str(firm.home / "copy")).status == 0
    late = order(firm, adjust(other))
    firm.kill_broker()
    assert firm.door("restore", str(firm.home / "copy"), "--yes").status == 0
    firm.faults({"kind": "delay", "path": f"{stage}*", "seconds": 600})
    firm.start_broker()
    until(lambda: firm.hits() >= 1, "the broker asks")
    assert "put back from a backup" in closed_words(firm)
    firm.kill_broker()
    firm.faults()
    restart_ledger(firm)
    firm.start_broker()
    until_open(firm)
    assert set(failures(firm)) == {f"failure/orphan/{late}"}
    assert firm.postings(late) == 1
    assert firm.cli("audit", "verify").status == 0
