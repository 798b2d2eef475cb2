"""The installed program on a real PTY over a real Tryton, which is then asked over its own API what it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import TypeVar

import pytest

from data.demo.launch import Demo, demo
from data.demo.story import SMALL_DIFFERENCE, TWO_NAMED
from data.demo.tryton.server import Running
from tests.peers.tryton_accountant import Accountant
from tests.terminal.cash_pages import Queue
from tests.terminal.face import Face

T = TypeVar("T")
pytestmark = pytest.mark.timeout(600)  # the first run makes the company: a minute or two


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo company on a Tryton of its own."""
    with demo(tmp_path_factory.mktemp("tryton"), peer="tryton") as running:
        yield running


@pytest.fixture
def face(company: Demo) -> Iterator[Face]:
    """Anna at a 120x40 terminal, the first sync done."""
    with Face("--config", str(company.settings.file), columns=120, rows=40) as opened:
        opened.sees(r"All \d\d")
        opened.sees("ledger reachable")
        yield opened


def accounting(company: Demo, ask: Callable[[Accountant], Awaitable[T]]) -> T:
    """What Tryton's administrator finds in the books."""
    assert isinstance(company.peer, Running)
    peer = company.peer

    async def look() -> T:
        books = Accountant(peer)
        try:
            return await ask(books)
        finally:
            await books.close()

    return asyncio.run(look())


def posted(face: Face, words: str) -> None:
    """Open the outbox and wait until that order is posted."""
    face.presses("O")
    face.sees(rf"posted +{words}")


def test_a_payment_applied_with_keys_is_paid_in_tryton(company: Demo, face: Face) -> None:
    """Filter, a, 1, Enter, y: nothing is left to pay of both named invoices."""
    form = Queue(face).finds(TWO_NAMED.payment).applies(TWO_NAMED.payment)
    assert (form.ways[0].kind, form.ways[0].difference) == ("reference", "even")
    form.takes(1).review().posts()
    posted(face, "apply 2,142.25")
    for number, _ in TWO_NAMED.answer:
        invoice = accounting(company, partial(Accountant.invoice, number=number))
        assert (invoice["state"], invoice["amount_to_pay"]) == ("paid", Decimal(0))


def test_a_difference_written_off_with_keys_has_its_move_in_tryton(company: Demo, face: Face) -> None:
    """Filter, m, Enter, y: the invoice is paid, and a posted move of the write-off's journal names the command."""
    (number,) = SMALL_DIFFERENCE.invoices
    face.presses("/", *number, "enter")
    face.sees(f'filter "{number}"')
    face.presses("m")
    face.sees("Reason")
    face.presses("enter", "enter", "enter")
    face.confirms()
    face.sees("Queued")
    posted(face, f"adjust {number}")
    assert accounting(company, partial(Accountant.invoice, number=number))["amount_to_pay"] == Decimal(0)
    spent = [
        ["debit", "=", Decimal("0.37")],
        ["move.description", "like", "%arqueue%"],
        ["move_state", "=", "posted"],
    ]
    assert len(accounting(company, lambda books: books.ids("account.move.line", spent))) == 1


def test_a_note_written_with_keys_stands_in_tryton(company: Demo, face: Face) -> None:
    """n, words, Enter, y: Tryton has the note on that customer's record."""
    face.presses("/", *"C-00006", "enter")
    face.sees('filter "C-00006"')
    face.presses("n")
    face.sees("Note")
    face.presses(*"Promised for Friday", "enter")
    face.confirms()
    face.sees("Queued")
    posted(face, "note on")
    found = accounting(
        company,
        lambda books: books.one("ir.note", [["message", "like", "%Promised for Friday%"]], "resource"),
    )
    assert str(found["resource"]).startswith("party.party,")


def test_an_escalation_made_with_keys_leaves_its_note_in_tryton(company: Demo, face: Face) -> None:
    """e, to a supervisor, why, y: Tryton has a note with the words on that customer's record."""
    face.presses("/", *"C-00006", "enter")
    face.sees('filter "C-00006"')
    face.presses("e")
    face.sees("Why")
    face.presses("enter", *"May we stop deliveries?", "enter")
    face.confirms()
    face.sees("Queued")
    posted(face, "escalate")
    words = [["message", "like", "%May we stop deliveries?%"]]
    found = accounting(company, lambda books: books.one("ir.note", words, "resource"))
    assert str(found["resource"]).startswith("party.party,")
