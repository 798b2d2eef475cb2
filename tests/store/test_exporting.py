"""The audit as a file: whoever has it and the public key can tell whether it is what was written."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from arqueue.control.commands import HEAD_DIGITS
from arqueue.errors import Invalid
from data.store import audit, erasing, exporting, heads
from data.store.evidence import Proof, first_denied, prove
from data.store.heads import Signer
from data.store.opening import transaction
from tests.store.books import ANNA, AT, SUE, adjust
from tests.store.test_erasing import posted

FORMS = ("json", "csv")
SAID = '=HYPERLINK("x"); \'quoted\', Grüße\nnext line\x1b[31m json:"'


def exported(books: Database, folder: Path, form: str) -> Path:
    """A chain with words, an erasure and a signed head, as a file."""
    row = posted(books, adjust("5.00"))
    with transaction(books):
        erasing.erase(books, [row], SUE, subject=row.id, why="asked for", at=AT)
        audit.write(books, ANNA, "did", at=AT, detail="-1", text=SAID)
    head = heads.head_of(books.conn, at=AT)
    assert head is not None
    signed = [Signer(folder / "audit.key").sign(head)]
    out = io.StringIO(newline="")
    assert exporting.write(books.conn, signed, out, form) == 5
    file = folder / f"audit.{form}"
    file.write_text(out.getvalue(), "utf-8", newline="")
    return file


def proved(file: Path) -> Proof:
    """What somebody elsewhere finds."""
    database, signed = exporting.read(file)
    return prove(database, signed, heads.load_public(file.parent / "audit.pub"))


@pytest.mark.parametrize("form", FORMS)
def test_an_export_is_verified_without_the_store(books: Database, tmp_path: Path, form: str) -> None:
    """Rows, words, erasures and heads, to the last."""
    found = proved(exported(books, tmp_path, form))
    assert (found.wrong, found.rows, found.heads) == ("", 5, 1)
    (erasure,) = found.erasures
    assert (erasure.person, erasure.why, erasure.texts) == ("sue", "asked for", 1)


@pytest.mark.parametrize("form", FORMS)
def test_words_come_back_as_they_were(books: Database, tmp_path: Path, form: str) -> None:
    """And no spreadsheet or terminal takes them for anything else."""
    file = exported(books, tmp_path, form)
    database, _ = exporting.read(file)
    assert list(audit.entries(database.conn))[-1].text == SAID
    assert "\x1b" not in file.read_text("utf-8")
    assert "\n=" not in file.read_text("utf-8")
    assert ",=" not in file.read_text("utf-8")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_any_cell_comes_back(text: str) -> None:
    """Whatever it holds."""
    assert exporting.uncelled(exporting.cell(text)) == text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "old, new", [("sue", "bob"), ("asked for", "never asked"), ("Grüße", "Flüche"), ("adjust", "adopt")]
)
def test_whatever_is_changed_in_an_export_is_found(
    books: Database, tmp_path: Path, form: str, old: str, new: str
) -> None:
    """As in the store: the first bad row is named."""
    file = exported(books, tmp_path, form)
    text, was = file.read_text("utf-8"), old if form == "csv" else json.dumps(old)[1:-1]
    was = was if was in text else json.dumps(old)[1:-1]
    assert was in text
    file.write_text(text.replace(was, json.dumps(new)[1:-1]), "utf-8", newline="")
    assert "audit row" in proved(file).wrong


def test_an_export_that_was_cut_short_is_found_by_its_heads(books: Database, tmp_path: Path) -> None:
    """The chain alone would hold."""
    file = exported(books, tmp_path, "json")
    lines = file.read_text().splitlines()
    file.write_text("\n".join(line for line in lines if '"seq":5,' not in line or '"head"' in line))
    assert "audit row 5 is missing" in proved(file).wrong


def test_another_key_proves_nothing(books: Database, tmp_path: Path) -> None:
    """Whoever made the export up signed it with a key of their own."""
    database, signed = exporting.read(exported(books, tmp_path, "json"))
    Signer(tmp_path / "other.key")
    assert (
        "not signed by this broker"
        in prove(database, signed, heads.load_public(tmp_path / "other.pub")).wrong
    )


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "{",
        "[]",
        "record\n",
        "record,seq\nrow,x\n",
        'record,what\naudit,"json:x"\n',
        '{"record": "row"}',
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, content: str) -> None:
    """In words, with its place."""
    file = tmp_path / "audit.json"
    file.write_text(content)
    with pytest.raises(Invalid, match=r"audit\.json, record \d+: "):
        exporting.read(file)


@pytest.mark.parametrize("digits", [12, HEAD_DIGITS])
def test_the_ledgers_postings_vouch_for_the_chain(books: Database, digits: int) -> None:
    """The row before an order's own is in the posting, in those of before with fewer digits; another row there is found."""
    with transaction(books):
        audit.write(books, ANNA, "before", at=AT)
    head = audit.head(books.conn)[:digits]
    row = posted(books, adjust("5.00"))
    assert first_denied(books.conn, {row.id: head, "f" * 32: "0" * digits}) == (1, "")
    agreed, wrong = first_denied(books.conn, {row.id: "0" * digits})
    assert not agreed
    assert "audit row 2 is not the one" in wrong
