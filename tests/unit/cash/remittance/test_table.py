"""Advice in tables: any separator, any country's amounts, with headings or without; what cannot be read is said with its line."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.cash.advice import Advice
from arqueue.cash.remittance import LARGEST, read_advice
from arqueue.errors import ArqueueError, Invalid
from arqueue.model.money import Money


def read(text: str | bytes, currency: str = "EUR") -> Advice:
    """The one advice of a file."""
    data = text.encode() if isinstance(text, str) else text
    (advice,) = read_advice(data, "advice.csv", currency=currency)
    return advice


def pairs(advice: Advice) -> list[tuple[str, str]]:
    """Reference and amount of each line."""
    return [(line.reference, str(line.amount)) for line in advice.lines]


_TWO = [("INV-1001", "1250.00"), ("INV-1002", "-300.00")]


@pytest.mark.parametrize(
    "text",
    [
        "invoice,amount\nINV-1001,1250.00\nINV-1002,-300.00\n",
        'invoice,amount\nINV-1001,"1,250.00"\nINV-1002,(300.00)\n',
        'Facture,Montant\nINV-1001,"1 250,00"\nINV-1002,"-300,00"\n',
        "Rechnungsnummer;Betrag\nINV-1001;1.250,00\nINV-1002;300,00-\n",
        "Rechnung;Zahlbetrag\r\nINV-1001;1250,00\r\n\r\nINV-1002;-300\r\n",
        "Factura|Importe\nINV-1001|1.250,00 €\nINV-1002|-300,00 €\n",
        "Document No.\tNet amount\nINV-1001\tEUR 1,250.00\nINV-1002\t-300.00\n",
        "Remittance advice\nACME Ltd;;\n\nInvoice;Amount paid\nINV-1001;1250\nINV-1002;300 CR\n",
        "INV-1001;1.250,00\nINV-1002;-300,00\n",
        "INV-1001,1250.00\nINV-1002,-300.00\n",
        "1250.00\tINV-1001\n-300.00\tINV-1002\n",
        "INV-1001\t1'250.00\nINV-1002\t-300.00\nTotal\t950.00\n",
        'Type,Invoice no,Amount\nINV,"INV-1001",1250.0000\nCRN,"INV-1002",-300.0000\n',
    ],
)
def test_a_table_is_read_whatever_separates_it(text: str) -> None:
    """Comma, semicolon, tab, bar; English, German, French, Spanish headings, or none."""
    advice = read(text)
    assert advice.source == "csv"
    assert pairs(advice) == _TWO


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
def test_a_table_is_read_in_any_encoding(encoding: str) -> None:
    """As spreadsheets of every age save it."""
    advice = read("Rechnung;Betrag;Grund\nINV-1001;12,50;Käse fällt weg\n".encode(encoding))
    assert (advice.lines[0].reference, advice.lines[0].reason) == ("INV-1001", "Käse fällt weg")


def test_every_column_is_read() -> None:
    """Document, date, amounts, discount, reason, currency, payer; the last line without a document is the total."""
    advice = read(
        "Customer;Invoice no;Invoice date;Due date;Gross;Discount;Paid;Currency;Comment\n"
        "ACME;INV-1001;12.03.2026;01.04.2026;100,00;2,00;98,00;USD;early\n"
        "ACME;INV-1002;13.03.2026;01.04.2026;50,00;;40,00;USD;short delivery\n"
        ";;;;150,00;2,00;138,00;USD;\n"
    )
    first, second = advice.lines
    assert (first.amount, first.discount, first.on) == (
        Money(9800, "USD"),
        Money(200, "USD"),
        date(2026, 3, 12),
    )
    assert (second.amount, second.discount, second.reason) == (Money(4000, "USD"), None, "short delivery")
    assert (advice.payer, advice.total) == ("ACME", Money(13800, "USD"))


def test_what_is_paid_is_the_invoice_less_its_discount_where_it_is_not_said() -> None:
    """Two columns of amounts with headings, and without, where the second is small."""
    for text in ("Invoice;Amount;Skonto\nINV-1;100,00;2,00\n", "INV-1;100,00;2,00\nINV-2;50,00;1,00\n"):
        line = read(text).lines[0]
        assert (str(line.amount), str(line.discount)) == ("98.00", "2.00")


def test_dates_are_in_the_order_of_the_other_lines() -> None:
    """Day first, unless one line can only have the month first."""
    assert [line.on for line in read("Invoice;Date\nA1;03/04/2026\nA2;05/06/2026\n").lines] == [
        date(2026, 4, 3),
        date(2026, 6, 5),
    ]
    assert [line.on for line in read("Invoice;Date\nA1;03/04/2026\nA2;05/26/2026\n").lines] == [
        date(2026, 3, 4),
        date(2026, 5, 26),
    ]


def test_lines_that_are_no_table_are_read_for_their_numbers() -> None:
    """As somebody writes them into a mail."""
    advice = read(
        "Dear all,\nwe paid INV-1001 1.250,00 of 12.03.2026\nand INV-1002 (300,00). Tel. 030 123456\n"
    )
    assert advice.source == "text"
    assert pairs(advice) == [("INV-1001", "1250.00"), ("INV-1002", "300.00")]
    assert advice.lines[0].on == date(2026, 3, 12)
    assert advice.text.startswith("Dear all")


def test_a_list_of_numbers_alone_is_an_advice_without_amounts() -> None:
    """In lines, or with commas."""
    for text in ("INV-1001\nINV-1002\n", "INV-1001, INV-1002", "invoice\nINV-1001\nINV-1002"):
        assert [(line.reference, line.amount) for line in read(text).lines] == [
            ("INV-1001", None),
            ("INV-1002", None),
        ]


def test_a_currency_is_needed_once() -> None:
    """In its column, with the amount, above the table, or given; a column of its own goes before what is given."""
    for text in (
        "Invoice,Amount,Currency\nA1,5.00,usd\n",
        "Invoice,Amount\nA1,USD 5.00\n",
        "Paid in USD,\nInvoice,Amount\nA1,5.00\n",
    ):
        assert read(text, "").lines[0].amount == Money(500, "USD")
    assert read("Invoice,Amount,Currency\nA1,5.00,USD\n", "EUR").lines[0].amount == Money(500, "USD")
    assert read("Invoice,Amount\nA1,5\n", "JPY").lines[0].amount == Money(5, "JPY")
    assert read("Invoice,Amount\nA1,5.125\nA2,1.5\n", "KWD").lines[0].amount == Money(5125, "KWD")


@pytest.mark.parametrize(
    "text,words",
    [
        ("Invoice,Amount\nA1,5.00\nA2,5x\n", ["line 3", "invoice amount", "'5x'"]),
        ("Invoice;Amount\nA1;5,00\nA2;5.00\n", ["line 3", "decimals", "line 2"]),
        ("Invoice,Amount\nA1,1.250,00\n", ["line 2", "3 fields", "2 headings"]),
        ("Invoice,Amount\nA1,5.005\nA2,5.00\n", ["line 2", "'5.005'"]),
        ("Invoice,Date,Amount\nA1,31.02.2026,5.00\n", ["line 2", "date", "31.02.2026"]),
        ("Invoice,Amount,Currency\nA1,5.00,EURO\n", ["line 2", "currency", "EURO"]),
        ("Invoice,Amount\nA1,99999999999999999999.00\n", ["line 2"]),
        ("Invoice,Amount\n", ["no lines"]),
        ('Invoice,Amount,Currency\nA1,"1,000",KWD\n', ["line 2", "'1,000'"]),
        ("A1;10.00;9.00;8.00\nA2;20.00;10.00;10.00\n", ["columns 2, 3, 4", "which one is paid"]),
        ("thanks", ["names no document"]),
        ("", ["empty"]),
        ("\n \n", ["empty"]),
        ("%PDF-1.7\n\x01\x02", ["control character"]),
        ("PK\x03\x04", ["control character"]),
        ('Invoice,Amount\n"A1,5.00\n' + "x" * 200_000, ["no table"]),
    ],
)
def test_what_cannot_be_read_is_told_with_line_and_remedy(text: str, words: list[str]) -> None:
    """The file's name, the line, the column, what stood there; and what to do."""
    with pytest.raises(Invalid) as caught:
        read(text)
    assert "advice.csv" in caught.value.message
    assert all(word in caught.value.message for word in words), caught.value.message
    assert caught.value.hint


def test_amounts_without_any_currency_are_refused() -> None:
    """Nothing is guessed."""
    with pytest.raises(Invalid, match=r"line 2.*no currency"):
        read("Invoice,Amount\nA1,5.00\n", "")
    with pytest.raises(Invalid, match="EURO"):
        read("Invoice,Amount\nA1,5.00\n", "EURO")


def test_a_file_is_bounded() -> None:
    """A megabyte."""
    head = b"Invoice,Amount\n"
    row = b"INV-1001,12.50\n"
    whole = head + row * ((LARGEST - len(head)) // len(row))
    assert len(read(whole).lines) == (LARGEST - len(head)) // len(row)
    with pytest.raises(Invalid, match="larger than 1 MiB"):
        read(whole + row)


def test_foreign_text_is_made_harmless() -> None:
    """Escape sequences cannot come in through a reference or a reason."""
    line = read("Invoice,Amount,Reason\nINV\u202e-1,5.00,a\u200bb\n").lines[0]
    assert (line.reference, line.reason) == ("INV\ufffd-1", "a\ufffdb")


@given(
    st.one_of(
        st.binary(max_size=300), st.text("INV10,.;|\t\n\"' -€EURUSD()Total", max_size=120).map(str.encode)
    )
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Never but with one of our own errors."""
    with suppress(ArqueueError):
        assert all(each.lines or each.text for each in read_advice(data, currency="EUR"))


@given(
    st.lists(st.tuples(st.integers(1000, 9999), st.integers(-(10**9), 10**9)), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_what_is_written_is_read_back(
    lines: list[tuple[int, int]], delimiter: str, comma: bool, currency: str
) -> None:
    """Any separator, either decimal mark, currencies of none, two and three decimals: to the cent."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(["Invoice", "Amount"])
    if currency == "KWD":
        lines = [(1000, 1), *lines]  # 1,000 alone may be one dinar or a thousand
    for serial, minor in lines:
        said = Money(minor, currency).text
        writer.writerow([f"INV-{serial}", said.replace(".", ",") if comma else said])
    advice = read(written.getvalue(), currency)
    assert [(line.reference, line.amount) for line in advice.lines] == [
        (f"INV-{serial}", Money(minor, currency)) for serial, minor in lines
    ]


@pytest.mark.parametrize("cell", ["INV-1000", "12.50", "x" * 200_000])
def test_a_line_of_very_many_fields_or_letters_is_a_list_and_no_table(cell: str) -> None:
    """What is among them is read all the same."""
    advice = read(",".join(["INV-2041", *[cell] * (1_000 if len(cell) < 10 else 1)]))
    assert advice.source == "text"
    assert "INV-2041" in [line.reference for line in advice.lines]
