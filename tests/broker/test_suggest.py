"""Suggestions over the socket: the whole account in one answer, bad advice in words, and senders that nobody knows yet."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arqueue.errors import ArqueueError, ConfigInvalid, Invalid, NotFound, Refused
from arqueue.settings import CashSection
from data.broker import protocol
from data.broker.applying import Terms
from data.demo.customers import SUSPENSE
from tests.broker.company import Company, company

CASH = f"""
[cash]
unidentified = ["{SUSPENSE}"]
tolerance = {{ EUR = "60.00", USD = "1.00" }}
charges = {{ EUR = "25.00" }}
"""


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company that knows which account is for payments of unknown senders, and what may be written off."""
    with company(tmp_path_factory.mktemp("firm"), section=CASH) as made:
        yield made


def suggest(firm: Company, payment: str, act_as: str | None = None, **more: Any) -> protocol.Suggestions:
    """The whole answer."""
    found: protocol.Suggestions = firm.ask("suggest", payment=payment, act_as=act_as, **more)
    return found


def numbers(row: protocol.SuggestionRow) -> dict[str, str]:
    """Document number to amount."""
    return {line["number"]: line["amount"] for line in row["lines"]}


def test_the_answer_has_every_field_of_the_protocol(firm: Company) -> None:
    """No more and no fewer, down to the lines."""
    found = suggest(firm, "PAY-7001")
    first = found["suggestions"][0]
    assert set(found) == set(typing.get_type_hints(protocol.Suggestions))
    assert set(first) == set(typing.get_type_hints(protocol.SuggestionRow))
    assert set(first["lines"][0]) == set(typing.get_type_hints(protocol.SuggestedLine))
    assert set(first["difference"]) == set(typing.get_type_hints(protocol.Difference))


def test_what_the_text_names_comes_first_and_is_sure(firm: Company) -> None:
    """Two of five invoices, to the cent; all five are there to choose from."""
    found = suggest(firm, "PAY-7001")
    first = found["suggestions"][0]
    assert numbers(first) == {"INV-7002": "842.50", "INV-7004": "1299.75"}
    assert (first["kind"], first["unique"], first["sure"], first["left"]) == ("reference", True, True, "0.00")
    assert {row["number"] for row in found["debits"]} >= {f"INV-700{n}" for n in range(1, 6)}
    assert found["debits_total"] == len(found["debits"])


def test_a_head_office_pays_for_its_branch(firm: Company) -> None:
    """The branch's invoices are among the debits, under its name."""
    found = suggest(firm, "PAY-7081")
    assert numbers(found["suggestions"][0]) == {"INV-7081": "440.30", "INV-7082": "712.65"}
    by_number = {row["number"]: row["party"] for row in found["debits"]}
    assert by_number["INV-7081"] == "Ilmhafen Markt Nord GmbH"


def test_what_may_be_written_off_is_the_stricter_of_company_and_person(firm: Company) -> None:
    """60.00 is the company's; Anna's limit is 50.00, Ben's 500.00; who has no limit writes nothing off."""
    seen = {who: suggest(firm, "PAY-7001", act_as=who)["tolerance"] for who in ("anna", "ben", "max")}
    assert seen == {"anna": "50.00", "ben": "60.00", "max": None}
    assert suggest(firm, "PAY-7001", act_as="anna")["charges"] == "25.00"


def test_the_companys_reasons_come_as_the_ledger_spells_them(firm: Company) -> None:
    """So that a face can order the write-off that belongs to a difference."""
    found = suggest(firm, "PAY-7001")
    assert found["reasons"] == {"discount": "DISC", "charges": "FEE", "small": "SMALL"}
    assert "freight" in found["dispute_reasons"]


def test_a_payment_of_an_unknown_sender_comes_with_who_it_may_be(firm: Company) -> None:
    """Ranked, with the reasons; other strangers' money is nothing to net."""
    found = suggest(firm, "PAY-7101")
    assert found["unidentified"] is True
    assert (found["suggestions"], found["debits"], found["credits"]) == ([], [], [])
    first = found["payers"][0]
    assert (first["code"], first["alias"]) == ("C-00001", False)
    assert first["why"]
    assert suggest(firm, "PAY-7001")["payers"] == []


def test_a_named_payers_items_are_proposed(firm: Company) -> None:
    """As if the payment stood on that account."""
    found = suggest(firm, "PAY-7101", payer="C-00001")
    assert numbers(found["suggestions"][0]) == {"INV-7003": "2104.99"}
    assert found["payment"]["party"] == "Unidentified payments"
    with pytest.raises(NotFound):
        suggest(firm, "PAY-7101", payer="C-99999")


def test_who_asks_for_a_thorough_search_gets_at_least_what_was_found_before(firm: Company) -> None:
    """With more time nothing of it is lost."""
    quick, thorough = (suggest(firm, "PAY-7001", thorough=more) for more in (False, True))
    assert thorough["complete"]
    assert numbers(thorough["suggestions"][0]) == numbers(quick["suggestions"][0])


def test_an_advice_beside_the_payment_says_what_it_is_for(firm: Company) -> None:
    """Line by line, whatever the payment's own text says."""
    text = "invoice,amount\nINV-7001,450.10\nINV-7003,1692.15\n"
    found = suggest(firm, "PAY-7001", advice={"name": "advice.csv", "text": text})
    first = found["suggestions"][0]
    assert (first["kind"], numbers(first)) == ("advice", {"INV-7001": "450.10", "INV-7003": "1692.15"})


def test_an_advice_in_another_currency_names_documents_and_no_amounts(firm: Company) -> None:
    """What was paid is in the payment's own, and a word says why the amounts of the advice are not followed."""
    text = "invoice,amount,currency\nINV-7001,1.00,SEK\nINV-7003,2.00,SEK\n"
    found = suggest(firm, "PAY-7001", advice={"name": "advice.csv", "text": text})
    assert any("the advice is in SEK, the payment in EUR" in note for note in found["notes"])
    assert set(numbers(found["suggestions"][0])) == {"INV-7001", "INV-7003"}
    assert "1.00" not in numbers(found["suggestions"][0]).values()


def test_ten_thousand_numbers_on_one_line_are_read_as_far_as_is_said(firm: Company) -> None:
    """A list is no table of ten thousand fields; what was not looked at is said."""
    text = "INV-7003, " + ", ".join(f"INV-{number}" for number in range(100_000, 110_000))
    found = suggest(firm, "PAY-7001", advice={"name": "advice.txt", "text": text})
    assert "INV-7003" in numbers(found["suggestions"][0])
    assert any("the first 100,000 characters were read" in note for note in found["notes"])


def test_an_amount_that_a_document_cannot_have_is_said_with_its_line(firm: Company, tmp_path: Path) -> None:
    """Over the socket and on the command line, and the other lines are followed."""
    text = "invoice,amount paid\nINV-7001,450.10\nINV-7003,-1692.15\n"
    found = suggest(firm, "PAY-7001", advice={"name": "advice.csv", "text": text})
    (said,) = [note for note in found["notes"] if "cannot be the amount of invoice INV-7003" in note]
    assert said.startswith("advice, line 3, amount paid: -1692.15")
    assert numbers(found["suggestions"][0]) == {"INV-7001": "450.10", "INV-7003": "1692.15"}
    file = tmp_path / "advice.csv"
    file.write_text(text)
    assert said in firm.door("suggest", "PAY-7001", "--remittance", str(file)).err


@pytest.mark.parametrize(
    "text",
    ["", "<!DOCTYPE x [<!ENTITY a 'b'>]><Document>&a;</Document>", "invoice,amount\nINV-7001,12,x,y\n"],
)
def test_an_advice_that_cannot_be_read_is_refused_in_words(firm: Company, text: str) -> None:
    """It names the file and says what to give; the next question is answered as ever."""
    with pytest.raises(Invalid) as caught:
        suggest(firm, "PAY-7001", advice={"name": "advice.csv", "text": text})
    assert "advice" in caught.value.message
    assert suggest(firm, "PAY-7001")["suggestions"]


def test_an_advice_of_a_mebibyte_is_read_and_more_is_refused(firm: Company) -> None:
    """In letters beyond ASCII too, which JSON makes longer."""
    line = "INV-7001;450.10;Überweisung für Mai\n"
    text = "invoice;amount;note\n" + line * ((1 << 20) // len(line.encode()) - 1)
    assert suggest(firm, "PAY-7001", advice={"name": "a.csv", "text": text})["suggestions"]
    with pytest.raises(Invalid, match=r"advice\.text"):
        suggest(firm, "PAY-7001", advice={"name": "a.csv", "text": text + line * 2})


def test_only_credits_are_applied(firm: Company) -> None:
    """An invoice is not, and what is not there is not found."""
    with pytest.raises(Refused, match="not a payment or credit"):
        suggest(firm, "INV-7001")
    with pytest.raises(NotFound):
        suggest(firm, "PAY-0000000")


def test_a_limit_cuts_the_suggestions(firm: Company) -> None:
    """From the best on."""
    every = suggest(firm, "PAY-7001")["suggestions"]
    assert suggest(firm, "PAY-7001", limit=1)["suggestions"] == every[:1]


@pytest.mark.parametrize("amounts", [{"EUR": "1,00"}, {"XQQ": "1.00"}, {"EUR": "-1.00"}])
def test_amounts_in_the_settings_that_are_none_keep_the_broker_from_starting(amounts: dict[str, str]) -> None:
    """The field is named, by its currency."""
    with pytest.raises((ConfigInvalid, ArqueueError), match=rf"cash\.tolerance\.{next(iter(amounts))}"):
        Terms.of(CashSection(tolerance=amounts))


def test_a_broker_with_wrong_settings_says_so_and_ends(tmp_path: Path) -> None:
    """Before it serves anybody."""
    with company(
        tmp_path / "c", ledger=False, broker=False, section='\n[cash]\ncharges = { EUR = "x" }\n'
    ) as made:
        ran = made.cli("broker")
        assert ran.status != 0
        assert "cash.charges.EUR" in ran.err
