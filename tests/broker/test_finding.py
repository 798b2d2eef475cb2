"""What a face is shown of a filter before all of it is found, and what overtakes what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from arqueue.model.ledger import Item, Note, Party
from arqueue.model.people import Person, Role
from arqueue.work.filter import parse
from data.broker import finding
from data.broker.finding import Finding, Overtaken, Question, Search, advised, searched
from data.broker.listing import Listing
from data.broker.session import Session
from data.demo.launch import TODAY
from data.store.opening import open_reader, open_writer
from tests.broker.company import Company
from tests.store.books import take
from tests.unit.books import TODAY as BOOKS_TODAY
from tests.unit.books import item, party

SUE = Person("sue", "Sue", frozenset({Role.SUPERVISOR}))
NOTE = Note(
    id="note:1",
    target="party:1",
    author="lee",
    at=datetime(2026, 11, 20, tzinfo=UTC),
    text="a cheque",
    version="1",
)
LINES = ["", "inv", "kind:overdue", "-inv", "e", "amount>1", "zzz", "gmbh inv-2", "EUR", "party:a"]


@pytest.fixture(scope="module")
def listing(firm: Company) -> Iterator[Listing]:
    """The company's queue as it is now, for a supervisor."""
    reader = open_reader(firm.settings.store_dir / "arqueue.sqlite")
    reader.conn.execute("BEGIN")
    yield Listing(reader.conn, SUE, TODAY)
    reader.conn.close()


def question(line: str) -> Question:
    """All that a filter shows, best first."""
    return Question("all", parse(line), "rank")


@pytest.mark.parametrize("line", LINES)
def test_the_first_rows_are_the_first_of_all(
    listing: Listing, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is met along the order is what the whole search finds, and whether more follows is told."""
    monkeypatch.setattr(finding, "_ENOUGH", 5)
    whole = searched(listing, Search(question(line)), None, whole=True)
    first = searched(listing, Search(question(line)), None, whole=False)
    assert not whole.more
    assert first.seqs == whole.seqs[: len(first.seqs)]
    assert first.more == (len(first.seqs) < len(whole.seqs))
    assert len(first.seqs) >= min(1, len(whole.seqs))


@pytest.mark.parametrize("line", LINES)
def test_rows_of_a_filter_that_was_typed_on_are_among_those_of_before(listing: Listing, line: str) -> None:
    """In the same order, and all of them."""
    every = finding.in_order(listing, question(""))
    whole = searched(listing, Search(question(line)), None, whole=True)
    assert searched(listing, Search(question(line)), every, whole=True) == whole


def test_a_search_without_time_finds_all(listing: Listing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing met in a moment is not yet nothing: the index of texts is asked."""
    monkeypatch.setattr(finding, "_A_MOMENT_S", -1.0)
    monkeypatch.setattr(finding, "_STEPS", 1)
    found = searched(listing, Search(question("inv")), None, whole=False)
    assert found == searched(listing, Search(question("inv")), None, whole=True)
    assert found.seqs


def test_an_overtaken_search_ends(listing: Listing, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of it; and whoever comes next finds the connection in order."""
    monkeypatch.setattr(finding, "_STEPS", 1)
    search = Search(question("inv"))
    search.overtaken.set()
    for whole in (True, False):
        with pytest.raises(Overtaken):
            searched(listing, search, None, whole=whole)
    assert searched(listing, Search(question("inv")), None, whole=True).seqs


@pytest.mark.parametrize("late", [False, True])
def test_what_holds_rows_back_is_not_looked_for_for_long(
    listing: Listing, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """Nor for who typed on: a reader is given back, in order."""
    search = Search(question("kind:overdue amount>999999999"))
    assert [way["filter"] for way in advised(listing, search)] == ["kind:overdue"]
    monkeypatch.setattr(finding, "_STEPS", 1)
    if late:
        monkeypatch.setattr(finding, "_ADVICE_S", -1.0)
    else:
        search.overtaken.set()
    with pytest.raises(Overtaken):
        advised(listing, search)
    assert searched(listing, Search(question("inv")), None, whole=True).seqs


def test_another_search_of_the_same_face_overtakes() -> None:
    """One for the same question does not; nor one of another face."""

    class Face:
        """Whoever is connected."""

    one, other = cast(Session, Face()), cast(Session, Face())
    searches = Finding(cast(Any, None))
    first = searches._begin(one, question("a"))
    assert searches._begin(one, question("a")) is first
    searches._begin(other, question("b"))
    assert not first.overtaken.is_set()
    searches._begin(one, question("ab"))
    assert first.overtaken.is_set()


async def test_a_face_may_be_content_with_the_first(firm: Company) -> None:
    """And is told whether there are more; who asks for all gets all."""
    async with firm.face("sue") as client:
        whole = await client.call("window", filter="EUR")
        first = await client.call("window", filter="EUR", whole=False)
    assert not whole["more"]
    assert first["rows"][:10] == whole["rows"][:10]
    assert first["more"] == (first["total"] < whole["total"])


async def test_a_face_learns_the_tags(firm: Company) -> None:
    """Those of the customers, and those that the rules in force ask for."""
    async with firm.face() as client:
        assert await client.call("tags") == ["agency", "export", "key-account"]


async def test_a_face_learns_of_any_customer(firm: Company) -> None:
    """Whether the list holds it or not, by its name or its code."""
    async with firm.face() as client:
        assert await client.call("customers", begins="ilmhafen") == [
            "Ilmhafen Handelsgruppe SE",
            "Ilmhafen Markt Nord GmbH",
        ]
        assert (await client.call("customers", begins="c-0000"))[:2] == ["C-00001", "C-00002"]


@pytest.mark.parametrize(
    "line, change",
    [
        ("party:acme", party(name="Zenith", version="2")),
        ("acme", party(name="Zenith", version="2")),
        ("party:zenith", party(name="Zenith", version="2")),
        ("note:cheque", NOTE),
        ("po-77", item("i", "80.00", version="2", purchase_order="PO-77")),
    ],
    ids=["renamed away", "a word of it", "renamed to it", "a new note", "another reference"],
)
def test_what_was_found_is_looked_for_again_when_a_text_changes(
    tmp_path: Path, line: str, change: Party | Note | Item
) -> None:
    """A name, a note or a reference may change what a filter finds, though no row of the queue is another."""
    books = open_writer(tmp_path / "store" / "arqueue.sqlite")
    take(books, party(name="Acme"), item("i", "80.00"))
    searches, asked = Finding(cast(Any, None)), Search(question(line))

    def found() -> list[int]:
        return list(searches._search(Listing(books.conn, SUE, BOOKS_TODAY), asked, whole=True).seqs)

    before = found()
    take(books, change, cursor="2")
    assert sorted([before, found()], key=len) == [[], [1]]
    take(books, change, cursor="3")
    kept = len(searches._kept)
    found()
    assert len(searches._kept) == kept, "what changes nothing keeps what was found"
    books.close()
