"""Seed a Tryton database from a plan: ``python -m data.demo.tryton.seeding base DIR`` or ``company PLAN DIR BASE``.

Leaves ``base.sqlite``, or ``company.sqlite`` with the passwords of its users beside it (0600). Progress goes to stderr.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
import time
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from data.demo.tryton.seeding.access import grant
from data.demo.tryton.seeding.cash import Books, settle
from data.demo.tryton.seeding.chart import set_up
from data.demo.tryton.seeding.documents import add_notes, block_disputed, post_invoices
from data.demo.tryton.seeding.ledger import Ledger
from data.demo.tryton.seeding.parties import add_parties
from data.demo.tryton.seeding.reminders import remind

PARTIES = 100


class Teller:
    """Says how far it is, at most a few lines a step, for a person who waits a minute."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.what = ""
        self.total = self.done = self.said = 0

    def begin(self, what: str, total: int = 0) -> None:
        """A new step of so many documents."""
        self.what, self.total, self.done, self.said = what, total, 0, 0
        self._say("")

    def advance(self, count: int) -> None:
        """So many more are done."""
        self.done += count
        quarter = 4 * self.done // max(1, self.total)
        if quarter > self.said:
            self.said = quarter
            self._say(f" {self.done}/{self.total}")

    def _say(self, tail: str) -> None:
        sys.stderr.write(f"tryton {time.monotonic() - self.began:5.1f} s  {self.what}{tail}\n")
        sys.stderr.flush()


def base(folder: Path) -> None:
    """The empty database that every company starts from."""
    Teller().begin("creating the tables of Tryton's modules")
    ledger = Ledger(folder / "base.sqlite")
    ledger.create()


def company(plan_file: Path, folder: Path, base_file: Path) -> None:
    """A company as planned."""
    plan = json.loads(plan_file.read_bytes())
    teller = Teller()
    teller.begin("company, accounts, years")
    file = folder / "company.sqlite"
    shutil.copyfile(base_file, file)
    ledger = Ledger(file)
    ledger.open()
    chart = set_up(ledger, plan)
    parties: list[dict[str, Any]] = plan["parties"]
    teller.begin("customers", len(parties))
    customers: dict[str, Any] = {}
    for start in range(0, len(parties), PARTIES):
        batch = parties[start : start + PARTIES]
        customers |= ledger.write(partial(add_parties, chart=chart, parties=batch))
        teller.advance(len(batch))
    documents: list[dict[str, Any]] = plan["documents"]
    invoices = [each for each in documents if each["kind"] in ("invoice", "credit")]
    teller.begin("invoices", len(invoices))
    numbers = post_invoices(ledger, chart, customers, invoices, teller.advance)
    books = Books(chart, customers, numbers, {each["number"]: each for each in invoices})
    settling = [each for each in documents if each["kind"] in ("credit", "payment")]
    teller.begin("payments", len(settling))
    settle(ledger, books, settling, teller.advance)
    teller.begin("disputes, notes, users")
    disputed = [each for each in invoices if each.get("dispute")]
    ledger.write(lambda pool: block_disputed(pool, chart, numbers, disputed))
    today = date.fromisoformat(plan["today"])
    ledger.write(lambda pool: remind(pool, chart, today, plan["reminders"]))
    notes = [each for each in documents if each["kind"] == "note"]
    dates = ledger.write(lambda pool: add_notes(pool, customers, numbers, books.receipts, notes))
    for login, password in ledger.write(lambda pool: grant(pool, chart.company)).items():
        _keep(folder / f"{login}.token", password)
    ledger.tidy(dates)
    teller.begin("done")


def _keep(file: Path, secret: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(secret)


def main(words: list[str]) -> None:
    """The door of the process."""
    logging.basicConfig(level=logging.ERROR)
    match words:
        case ["base", folder]:
            base(Path(folder))
        case ["company", plan, folder, base_file]:
            company(Path(plan), Path(folder), Path(base_file))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
