"""The witness: a broker signs what was done, and does not go on with books that somebody rewrote."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data.store import heads
from tests.broker.company import PATIENCE_S, Company, company

_NOTE = {"op": "annotate", "target": "C-00001", "text": "what was done"}


@pytest.fixture
def worked(tmp_path: Path) -> Iterator[Company]:
    """A company in which somebody did something, and whose broker ended in peace."""
    with company(tmp_path / "c") as firm:
        firm.ask("submit", intent="something-was-done", command=_NOTE)
        end(firm)
        yield firm


def end(firm: Company) -> None:
    """SIGTERM, as systemd does."""
    (process,) = firm.brokers
    process.terminate()
    assert process.wait(PATIENCE_S) == 0
    firm.reap()


def tampered(firm: Company, *statements: str) -> None:
    """Somebody who can write the file, with the sqlite3 program."""
    with closing(sqlite3.connect(firm.settings.store_file, isolation_level=None)) as store:
        for statement in ("DROP TRIGGER audit_fixed", "DROP TRIGGER audit_kept", *statements):
            store.execute(statement)


def test_what_was_done_is_signed_at_the_end(worked: Company) -> None:
    """The last head is the audit's last row, and the verification counts it."""
    last = list(heads.read(worked.settings.heads_file))[-1].head
    found = worked.door("audit", "verify", "--format", "json")
    assert found.status == 0, found.err
    assert (found.json["rows"], found.json["head"]) == (last.seq, last.hash)
    assert found.json["signed_heads"] >= 1


def test_a_broker_goes_on_where_it_signed(worked: Company) -> None:
    """Start, end, and start again: nothing is wrong."""
    worked.start_broker()
    end(worked)
    worked.start_broker()
    assert worked.ask("status")["sync"]["state"] != "failing"


@pytest.mark.parametrize(
    "statement,words",
    [
        ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", "is missing"),
        (
            "UPDATE audit SET hash = 'x' WHERE seq = (SELECT max(seq) FROM audit)",
            "is not the one that was signed",
        ),
    ],
)
def test_a_broker_refuses_an_audit_that_was_rewritten(worked: Company, statement: str, words: str) -> None:
    """It names the row and what to do, and serves nobody."""
    tampered(worked, statement)
    process = worked.start_broker(ready=False)
    assert process.wait(PATIENCE_S) == 1
    assert words in worked.log()
    assert "arqueue audit verify" in worked.log()


def test_a_verification_names_the_row_that_was_cut_off(worked: Company) -> None:
    """The chain alone would hold."""
    tampered(worked, "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    found = worked.door("audit", "verify")
    assert found.status == 1
    assert "is missing: it was there at" in found.err
