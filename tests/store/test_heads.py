"""Signed heads: what was signed cannot be rewritten, cut off or signed by another without being found out."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlite_utils import Database

from arqueue.errors import StoreRefused
from data.store import audit, heads
from data.store.heads import SignedHead, Signer
from data.store.opening import transaction
from tests.store.books import ANNA, AT


def wrote(database: Database, rows: int) -> None:
    """So many more rows in the audit."""
    with transaction(database):
        for number in range(rows):
            audit.write(database, ANNA, f"did {number}", at=AT)


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """Where the broker's key will be."""
    return tmp_path / "audit.key"


def signed(database: Database, private: Path) -> SignedHead:
    """The head as it is now."""
    head = heads.head_of(database.conn, at=AT)
    assert head is not None
    return Signer(private).sign(head)


def wrong(database: Database, private: Path, *known: SignedHead) -> str | None:
    """What is wrong with the audit by these heads."""
    return heads.first_wrong(database.conn, known, heads.load_public(heads.public_file(private)))


def unguard(database: Database) -> None:
    """Somebody with the sqlite3 program: the triggers are gone."""
    for name in ("audit_fixed", "audit_kept"):
        database.conn.execute(f"DROP TRIGGER {name}")


def test_an_audit_that_only_grew_agrees_with_its_heads(database: Database, private: Path) -> None:
    """Each head that was signed is a row of the audit."""
    wrote(database, 3)
    first = signed(database, private)
    wrote(database, 2)
    assert wrong(database, private, first, signed(database, private)) is None


def test_an_empty_audit_has_no_head(database: Database) -> None:
    """Nothing to sign yet."""
    assert heads.head_of(database.conn, at=AT) is None


def test_a_tail_that_was_cut_off_is_missed(database: Database, private: Path) -> None:
    """The chain alone would hold."""
    wrote(database, 5)
    last = signed(database, private)
    unguard(database)
    database.conn.execute("DELETE FROM audit WHERE seq > 3")
    assert audit.first_bad_row(database) is None
    assert "audit row 5 is missing" in str(wrong(database, private, last))


def test_a_chain_that_was_written_anew_is_not_the_one_that_was_signed(
    database: Database, private: Path
) -> None:
    """Every hash right, and every row another."""
    wrote(database, 4)
    last = signed(database, private)
    unguard(database)
    database.conn.execute("DELETE FROM audit")
    database.conn.execute("DELETE FROM sqlite_sequence WHERE name = 'audit'")
    with transaction(database):
        for number in range(4):
            audit.write(database, ANNA, f"nothing {number}", at=AT)
    assert audit.first_bad_row(database) is None
    assert "audit row 4 is not the one that was signed" in str(wrong(database, private, last))


def test_a_head_of_another_key_is_refused(database: Database, private: Path, tmp_path: Path) -> None:
    """Whoever has no key of the broker signs nothing."""
    wrote(database, 1)
    signed(database, private)
    forged = signed(database, tmp_path / "other.key")
    assert "not signed by this broker" in str(wrong(database, private, forged))


def test_heads_are_read_as_they_were_written(database: Database, private: Path, tmp_path: Path) -> None:
    """One line each, in their order."""
    file, written = tmp_path / "heads.jsonl", []
    for _ in range(3):
        wrote(database, 1)
        written.append(signed(database, private))
        heads.append(file, written[-1])
    assert list(heads.read(file)) == written


def test_a_line_that_a_crash_cut_short_is_passed_over(
    database: Database, private: Path, tmp_path: Path
) -> None:
    """The next one stands on a line of its own."""
    file = tmp_path / "heads.jsonl"
    wrote(database, 1)
    whole = signed(database, private)
    with file.open("a") as more:
        more.write(whole.line[:40])
    assert list(heads.read(file)) == []
    heads.append(file, whole)
    assert list(heads.read(file)) == [whole]


def test_a_line_that_is_no_head_is_an_error(tmp_path: Path) -> None:
    """Somebody wrote in the file."""
    file = tmp_path / "heads.jsonl"
    file.write_text('{"seq": 7}\n')
    with pytest.raises(StoreRefused, match="line 1"):
        list(heads.read(file))


def test_the_key_is_for_the_broker_alone(database: Database, private: Path) -> None:
    """One that others can read proves nothing any more."""
    wrote(database, 1)
    signed(database, private)
    assert private.stat().st_mode & 0o077 == 0
    private.chmod(0o644)
    with pytest.raises(StoreRefused, match="can be read by others"):
        Signer(private)
