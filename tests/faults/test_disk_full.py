"""A full disk: reading goes on, nothing new is taken, nothing that was said is lost, and it heals by itself (D3)."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from arqueue.errors import Refused
from tests.broker.company import Company, company, until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")
_NOTE: dict[str, Any] = {"op": "annotate", "target": "C-00001", "text": "is there room"}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Company]:
    """A company whose store is on a disk of six megabytes."""
    store = tmp_path / "c" / "store"
    store.mkdir(parents=True)
    options = ["-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs", str(store)]
    mounted = subprocess.run(["mount", *options], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip(f"cannot mount here: {mounted.stderr.decode().strip()}")
    try:
        with company(tmp_path / "c") as made:
            yield made
    finally:
        subprocess.run(["umount", "-l", str(store)], check=True)


def fill(made: Company, name: str = "filling") -> Path:
    """Take all the room there is."""
    filling = made.settings.store_dir / name
    with filling.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return filling


def test_a_full_disk_refuses_new_commands_and_goes_on_reading(small: Company) -> None:
    """Refused before anything is typed in, with the remedy; the list is as it was; room made, it goes on by itself."""
    rows = small.ask("window", limit=256)["rows"]
    (process,) = small.brokers
    filling = fill(small)
    asked: list[tuple[str, dict[str, Any]]] = [("review", {}), ("submit", {"intent": "there-is-no-room"})]
    for method, more in asked:
        with pytest.raises(Refused, match="left on the disk") as caught:
            small.ask(method, command=_NOTE, **more)
        assert "make room" in caught.value.hint
    small.account("POST", "/v1/accountant/invoices", {"party": "party:1", "amount": "1.00"})
    until(lambda: small.ask("status")["sync"].get("error"), "a page could not be stored")
    error = small.ask("status")["sync"]["error"]
    assert (error["code"], "full" in error["message"]) == ("store", True)
    assert small.ask("window", limit=256)["rows"] == rows
    assert process.poll() is None
    filling.unlink()
    made = small.ask("submit", intent="room-again", command=_NOTE)
    until(lambda: small.ask("command", id=made["id"])["command"]["state"] == "posted", "posted")
    until(lambda: small.ask("status")["sync"]["state"] == "idle", "synced")
    assert small.cli("audit", "verify").status == 0


def test_a_broker_that_starts_on_a_full_disk_shows_the_list(small: Company) -> None:
    """After a start of the machine too, which it would record first."""
    rows = small.ask("window", limit=256)["rows"]
    small.kill_broker()
    with closing(sqlite3.connect(small.settings.store_file)) as store, store:
        store.execute("UPDATE meta SET value = json_replace(value, '$[2]', 'another') WHERE key = 'boot'")
    filling = fill(small)
    small.start_broker()
    assert small.ask("window", limit=256)["rows"] == rows
    filling.unlink()
    made = small.ask("submit", intent="room-again", command=_NOTE)
    until(lambda: small.ask("command", id=made["id"])["command"]["state"] == "posted", "posted")


def test_an_order_under_way_when_the_disk_fills_is_recorded_out_of_the_reserve(small: Company) -> None:
    """The reserve is given up for what was begun."""
    small.faults({"kind": "delay", "path": "/v1/orders", "method": "POST", "after": True, "seconds": 1.0})
    command = {"op": "adjust", "item": "INV-7031", "amount": "0.37", "reason": "SMALL"}
    made = small.ask("submit", intent="out-of-the-reserve", command=command)
    until(lambda: small.hits() == 1, "it is under way")
    fill(small)
    until(lambda: small.ask("command", id=made["id"])["command"]["state"] == "posted", "recorded")
    assert small.postings(made["id"]) == 1


def test_an_order_under_way_when_the_disk_fills_is_posted_once(small: Company) -> None:
    """The reserve is gone already and its outcome cannot be recorded: when there is room it is looked up, found, and recorded."""
    small.faults({"kind": "delay", "path": "/v1/orders", "method": "POST", "after": True, "seconds": 1.0})
    command = {"op": "adjust", "item": "INV-7031", "amount": "0.37", "reason": "SMALL"}
    made = small.ask("submit", intent="under-way", command=command)
    until(lambda: small.hits() == 1, "it is under way")
    filling = fill(small)
    (small.settings.store_dir / "ballast").unlink(missing_ok=True)
    fill(small, "more")
    until(lambda: small.ask("status")["sync"].get("error"), "the outcome could not be recorded")
    assert small.ask("command", id=made["id"])["command"]["state"] in ("sending", "unknown")
    filling.unlink()
    until(lambda: small.ask("command", id=made["id"])["command"]["state"] == "posted", "found and recorded")
    assert small.postings(made["id"]) == 1
    assert small.cli("audit", "verify").status == 0
