"""kill -9 after an attempt was recorded and before a byte of it left: the real broker cannot know how far it came, so it asks."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from data.store.opening import open_reader
from tests.broker.company import Company, company, until
from tests.faults.gate import gate


async def _invoice(firm: Company) -> str:
    party = await firm.accounting("POST", "/v1/accountant/parties", {"name": "Unsent", "currency": "EUR"})
    body = {"party": party["rows"][0]["id"], "amount": "10.00"}
    made = await firm.accounting("POST", "/v1/accountant/invoices", body)
    return str(made["rows"][0]["id"])


def stored(firm: Company, command_id: str) -> tuple[str, int]:
    """State and attempts as they are in the store, whoever runs."""
    with closing(open_reader(firm.settings.store_file).conn) as connection:
        row = connection.execute("SELECT state, attempts FROM command WHERE id = ?", (command_id,)).fetchone()
    return str(row[0]), int(row[1])


@pytest.mark.timeout(120)
def test_what_was_about_to_leave_is_looked_up_and_posted_once(tmp_path: Path) -> None:
    """The connection never came about, so the ledger has nothing; the next broker asks it first, and sends the order once."""
    with company(tmp_path / "c", broker=False) as firm:
        assert firm.ledger is not None
        with gate(int(firm.ledger.url.rpartition(":")[2])) as door:
            firm.write(url=door.url)
            item = asyncio.run(_invoice(firm))
            firm.start_broker()
            firm.ask("sync", wait=True)
            asked = {"op": "adjust", "item": item, "amount": "0.50", "reason": "SMALL"}
            with door.shut():
                command_id = firm.ask("submit", intent="about-to-leave", command=asked)["id"]
                until(lambda: stored(firm, command_id)[1], "the attempt is recorded")
                firm.kill_broker()
            assert stored(firm, command_id) == ("sending", 1)
            assert not [path for _, path in door.asked if path.startswith("/v1/orders")]
            firm.start_broker()
            until(lambda: stored(firm, command_id)[0] == "posted", "it is posted")
            came = [each for each in door.asked if each[1].startswith("/v1/orders")]
            assert came[0] == ("GET", f"/v1/orders/{command_id}")
            assert came.count(("POST", "/v1/orders")) == 1
            assert firm.postings(command_id) == 1
            assert firm.row(item)["residual"] == "9.50"
            firm.stop()
