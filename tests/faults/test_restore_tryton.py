"""The drill on a real Tryton: it keeps no list of orders, and is asked by the references that its entries and remarks bear."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.demo.people import people_file
from data.demo.tryton.server import Running
from data.peers.tryton.connector import TrytonPeer
from tests.broker.company import Company, until
from tests.peers.books import fetch
from tests.peers.tryton_server import seeded, server, settings

pytestmark = pytest.mark.timeout(600)  # whoever is first makes the company: a minute or two
__all__ = ["seeded", "server"]


@pytest.fixture
def firm(server: Running, tmp_path: Path) -> Iterator[Company]:
    """A broker of its own on a fresh copy of the tests' company."""
    made = Company(tmp_path / "c")
    made.home.mkdir()
    peer = settings(server)
    made.config.write_text(
        f'zone = "UTC"\n\n[peer]\nkind = "tryton"\nurl = "{peer.url}"\ndatabase = "{peer.database}"\nuser = "{peer.user}"\n'
        "\n[broker]\nsync_seconds = 1\n\n[demo]\nbusiness_date = 2026-11-20\n",
        "utf-8",
    )
    (made.home / "people.toml").write_text(people_file(("EUR", "USD")), "utf-8")
    made.settings.store_dir.mkdir(mode=0o700)
    made.settings.token_file.write_text(peer.token, "utf-8")
    made.settings.token_file.chmod(0o600)
    try:
        made.start_broker()
        made.ask("sync", wait=True, timeout_s=60)
        yield made
    finally:
        made.stop()


def item(firm: Company, number: str) -> str:
    """The id of the document with that number."""
    (found,) = [each for each in firm.ask("find", text=number)["items"] if each["number"] == number]
    return str(found["id"])


def order(firm: Company, name: str, command: dict[str, Any], *, act_as: str | None = None) -> str:
    """Submit, and wait for what can be waited for."""
    made = firm.ask("submit", act_as=act_as, intent=f"drill-{name}", command=command)
    if made["state"] == "queued":
        assert firm.ask("wait", id=made["id"], timeout_s=60)["state"] == "posted"
    return str(made["id"])


def residuals(server: Running, ids: dict[str, str]) -> dict[str, str]:
    """As Tryton has them now."""

    async def look() -> dict[str, str]:
        peer = TrytonPeer(settings(server))
        try:
            return {name: str((await fetch(peer, key)).residual) for name, key in ids.items()}
        finally:
            await peer.close()

    return asyncio.run(look())


def test_what_was_posted_after_the_backup_is_found_in_tryton(firm: Company, server: Running) -> None:
    """An approval, a write-off, a part of a payment and a remark of after the backup: found or adopted, and none twice."""
    ids = {number: item(firm, number) for number in ("INV-1001", "INV-1002", "INV-1003", "INV-1005", "PMT-2")}
    reason = next(each["code"] for each in firm.ask("hello", version=1)["reasons"] if "mall" in each["words"])

    def adjust(number: str, amount: str) -> dict[str, Any]:
        return {"op": "adjust", "item": ids[number], "amount": amount, "reason": reason}

    early = order(firm, "early", adjust("INV-1005", "0.50"))
    approved = order(firm, "approved", adjust("INV-1002", "100.00"))
    waiting = order(firm, "waiting", adjust("INV-1005", "90.00"))
    backup = firm.door("backup", str(firm.home / "copy"), "--format", "json")
    assert backup.json["commands"] == {"pending": 2, "posted": 1}
    firm.ask("approve", act_as="sue", id=approved)
    assert firm.ask("wait", id=approved, timeout_s=60)["state"] == "posted"
    after = {
        order(firm, "late", adjust("INV-1003", "0.70")),
        order(firm, "noted", {"op": "annotate", "target": ids["INV-1001"], "text": "after the backup"}),
        order(
            firm,
            "applied",
            {
                "op": "apply",
                "payment": ids["PMT-2"],
                "lines": [{"item": ids["INV-1001"], "amount": "20.00"}],
            },
        ),
    }
    before = residuals(server, ids)
    firm.kill_broker()
    restored = firm.door("restore", str(firm.home / "copy"), "--yes", "--format", "json")
    assert restored.status == 0, restored.err
    firm.start_broker()
    until(lambda: "error" not in firm.ask("status")["sync"], "the store is open", patience_s=60)
    states = [firm.ask("command", id=each)["command"]["state"] for each in (early, approved, waiting)]
    assert states == ["posted", "posted", "pending"]
    rows = firm.ask("window", act_as="sue", view="failure", filter="", offset=0, limit=50)["rows"]
    assert {row["command_id"] for row in rows} == after
    assert residuals(server, ids) == before
    assert {number: firm.ask("show", id=key)["item"]["residual"] for number, key in ids.items()} == before
    assert firm.cli("audit", "verify").status == 0
    firm.ask("approve", act_as="sue", id=waiting)
    assert firm.ask("wait", id=waiting, timeout_s=60)["state"] == "posted"
    assert residuals(server, {"it": ids["INV-1005"]}) == {"it": "309.50"}
