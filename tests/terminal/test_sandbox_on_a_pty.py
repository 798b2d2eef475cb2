"""A collector's four actions with real keys on a real PTY, and then the ledger itself is asked what is in its books."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from data.demo.launch import Demo, demo
from data.demo.story import EXACT_AMOUNT, OLDEST_FIRST, SMALL_DIFFERENCE, TWO_NAMED
from data.peers.sandbox.accountant import Accountant
from tests.terminal.cash_pages import Outbox, Queue
from tests.terminal.face import Face

T = TypeVar("T")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A tiny demo company, its ledger and its broker in processes of their own."""
    with demo(tmp_path_factory.mktemp("pty"), size="tiny") as running:
        yield running


@pytest.fixture
def face(company: Demo) -> Iterator[Face]:
    """Anna at an 80x24 terminal, the first sync done."""
    with Face("--config", str(company.settings.file)) as opened:
        opened.sees(r"All \d\d")
        opened.sees("ledger reachable")
        yield opened


def accounting(company: Demo, ask: Callable[[Accountant], Awaitable[T]]) -> T:
    """What somebody in accounting, with a token of their own, finds in the books."""

    async def look() -> T:
        books = Accountant(company.peer.url, company.accountant_token)
        try:
            return await ask(books)
        finally:
            await books.close()

    return asyncio.run(look())


async def changes(books: Accountant) -> AsyncIterator[dict[str, Any]]:
    """Every row that the ledger ever told."""
    cursor, more = "", True
    while more:
        body = await books.call("GET", f"/v1/changes?cursor={cursor}&limit=5000")
        for row in body["rows"]:
            yield row
        cursor, more = body["cursor"], body["more"]


async def item(books: Accountant, number: str) -> dict[str, Any]:
    """A document as the ledger has it now."""
    (key,) = {row["id"] async for row in changes(books) if row.get("number") == number}
    (row,) = await books.rows([key])
    return row


async def notes(books: Accountant) -> list[str]:
    """Every remark in the ledger."""
    return [row["text"] async for row in changes(books) if row["kind"] == "note"]


async def booked(books: Accountant, number: str, account: str) -> list[str]:
    """What stands in debit of a GL account because of a document."""
    entries = await books.journal(item=(await item(books, number))["id"])
    return [line["debit"] for entry in entries for line in entry["lines"] if line["account"] == account]


def filtered(face: Face, words: str) -> None:
    """Show only the rows with these words."""
    face.presses("/", *words, "enter")
    face.sees(f'filter "{words}"')


def posted(face: Face, words: str) -> None:
    """Open the outbox and wait until the newest order is posted."""
    face.presses("O")
    face.sees(rf"posted +{words}")


def test_a_payment_applied_with_keys_leaves_nothing_open_in_the_ledger(company: Demo, face: Face) -> None:
    """Filter, a, 1, Enter, y: both named invoices are paid, and the payment is used up."""
    form = Queue(face).finds(TWO_NAMED.payment).applies(TWO_NAMED.payment)
    assert (form.ways[0].kind, form.ways[0].difference) == ("reference", "even")
    form.takes(1).review().posts()
    posted(face, "apply 2,142.25")
    for number in (TWO_NAMED.payment, *(number for number, _ in TWO_NAMED.answer)):
        assert accounting(company, partial(item, number=number))["residual"] == "0.00"


def test_u_on_what_was_sent_leads_to_the_order_that_takes_it_back(company: Demo, face: Face) -> None:
    """Posted: u names it and shows what it applied; only Enter and y undo it, and the ledger has both items open again."""
    payment = EXACT_AMOUNT.payment
    Queue(face).finds(payment).applies(payment).takes(1).review().posts()
    posted(face, f"apply .* of {payment}")
    Outbox(face).closes()
    face.presses("u")
    face.sees(f"Applied to {payment}")
    face.sees(f"Posted: apply .* of {payment} .*takes a line back")
    assert accounting(company, partial(item, number=payment))["residual"] == "0.00"
    face.presses("u")
    face.confirms()
    face.sees(r"Queued \(u undoes\): unapply")
    posted(face, f"unapply .* of {payment}")
    assert accounting(company, partial(item, number=payment))["residual"] != "0.00"


def test_a_small_difference_written_off_has_its_journal_entry(company: Demo, face: Face) -> None:
    """Filter, m, Enter to the review, y: 0.37 stands on the account of the reason code, under the command's id."""
    (number,) = SMALL_DIFFERENCE.invoices
    filtered(face, number)
    face.presses("m")
    face.sees("SMALL")
    face.presses("enter", "enter", "enter")
    face.confirms()
    face.sees("Queued")
    posted(face, f"adjust {number}")
    assert accounting(company, partial(item, number=number))["residual"] == "0.00"
    assert accounting(company, partial(booked, number=number, account="6810")) == ["0.37"]


def test_a_note_typed_in_the_form_stands_on_the_record(company: Demo, face: Face) -> None:
    """n, words, Enter, y: the ledger has the note on that payment, word for word."""
    filtered(face, OLDEST_FIRST.payment)
    face.presses("n")
    face.sees("Note")
    face.presses(*"Called Ms Ito: pays on Friday", "enter")
    face.confirms()
    face.sees("Queued")
    posted(face, "note on")
    assert "Called Ms Ito: pays on Friday" in accounting(company, notes)


def test_an_escalation_is_in_the_supervisors_list_and_on_the_record(company: Demo, face: Face) -> None:
    """e, to a supervisor, why, y: Sue's queue has a row with the words, and the ledger has a note."""
    filtered(face, OLDEST_FIRST.payment)
    face.presses("e")
    face.sees("Why")
    face.presses("enter", *"May we take it off hold?", "enter")
    face.confirms()
    face.sees("Queued")
    posted(face, "escalate")
    assert any("May we take it off hold?" in text for text in accounting(company, notes))
    with Face("--config", str(company.settings.file), "--as", "sue") as supervisor:
        supervisor.sees("ledger reachable")
        supervisor.presses("5")
        supervisor.sees("ESCALAT.*May we take")


def test_the_program_gives_the_terminal_back_as_it_was(company: Demo, face: Face) -> None:
    """Ctrl+q: exit status 0, the alternate screen left, the cursor shown."""
    assert face.leaves() == 0
    assert face.raw.rindex(b"\x1b[?1049l") > face.raw.rindex(b"\x1b[?1049h")
    assert face.raw.rindex(b"\x1b[?25h") > face.raw.rindex(b"\x1b[?25l")


def test_a_company_without_a_settings_file_is_refused_in_words(tmp_path: Path) -> None:
    """No settings: a line that says what to run, status 1, and no screen was opened."""
    with Face("--config", str(tmp_path / "nothing.toml")) as lost:
        assert "arqueue init" in lost.sees("arqueue init")
        assert b"\x1b[?1049h" not in lost.raw
