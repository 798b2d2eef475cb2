"""BAI2 statements and EDI 820: what the bank passes on, and files that are cut short."""

from __future__ import annotations

from datetime import date

import pytest

from arqueue.cash.remittance import read_advice
from arqueue.errors import Invalid
from arqueue.model.money import Money
from tests.unit.books import money

_BAI2 = """01,BANK,US,260315,1200,1,80,1,2/
02,US,BANK,1,260315,1200,USD,2/
03,12345,USD,010,0,,Z/
16,165,155000,Z,BREF1,CREF1,ACH CREDIT ACME INC/
88,RE INV-1001 1250.00 INV-10
88,02 300.00
16,475,10000,Z,,,CHECK PAID 4711/
49,165000,6/
98,165000,1,8/
99,165000,1,10/
"""
_ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260315*1200*U*00401*000000001*0*P*>~"
    "GS*RA*S*R*20260315*1200*1*X*004010~"
)
_820 = (
    "ST*820*0001~BPR*C*1532.5*C*ACH*CTX*01*021000021*DA*1*1512345678**01*021000022*DA*2*20260315~TRN*1*TRACE9~CUR*PR*USD~"
    "N1*PE*US CORP~N1*PR*ACME INC~ENT*1~"
    "RMR*IV*INV-1001**1225*1250*25~DTM*003*20260301~RMR*IV*INV-1002**317.5~ADX*-12.5*04~RMR*CM*CN-44**-10~SE*13*0001~"
)


def test_bai2_credits_are_advices_with_their_continued_text() -> None:
    """Debits are none; a number that the record's end breaks is kept in the text for the reading of it."""
    (advice,) = read_advice(_BAI2.encode(), "bai.txt")
    assert (advice.source, advice.payment_reference, advice.total) == ("bai2", "CREF1", Money(155000, "USD"))
    assert advice.on == date(2026, 3, 15)
    assert advice.lines[0].reference == "INV-1001"
    assert advice.lines[0].amount == money("1250.00", "USD")
    assert "INV-10 02 300.00" in advice.text


@pytest.mark.parametrize(
    "data,words",
    [
        (_BAI2.replace("155000", "155001"), "control totals"),
        (_BAI2.replace("99,165000,1,10/\n", ""), "ends where a BAI2 record 02 or 99 belongs"),
        ("\n".join(_BAI2.split("\n")[:5]), "ends where a BAI2 record 16 or 49 belongs"),
        (_BAI2.replace("49,", "47,"), "line 8: '47,165000,6/' where a record 16 or 49 belongs"),
        (_BAI2.replace("16,165,155000", "16,999,155000"), "BAI2"),
        (_BAI2.replace("16,165,155000", "16,165,15x"), "BAI2"),
        (_BAI2.replace("16,165,", "16,475,"), "no credit transaction"),
        (_BAI2.replace("USD", "US"), "account 12345 (03): currency 'US'"),
    ],
)
def test_a_bai2_file_that_is_cut_or_wrong_is_refused(data: str, words: str) -> None:
    """Its control totals say so."""
    with pytest.raises(Invalid) as caught:
        read_advice(data.encode(), "bai.txt")
    assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [_ISA + _820 + "GE*1*1~IEA*1*000000001~", _820, _820.replace("~", "~\r\n"), _820.replace("*", "|")],
)
def test_an_820_is_read_line_by_line(text: str) -> None:
    """In its envelope or without, with line ends or other separators."""
    (advice,) = read_advice(text.encode(), "820.edi")
    assert (advice.source, advice.payer, advice.payment_reference) == ("edi 820", "ACME INC", "TRACE9")
    assert (advice.total, advice.on) == (Money(153250, "USD"), date(2026, 3, 15))
    first, second, third = advice.lines
    assert (first.reference, first.amount, first.discount, first.on) == (
        "INV-1001",
        Money(122500, "USD"),
        Money(2500, "USD"),
        date(2026, 3, 1),
    )
    assert (second.amount, second.reason) == (Money(31750, "USD"), "quality")
    assert (third.reference, third.amount) == ("CN-44", Money(-1000, "USD"))


def test_several_sets_are_several_advices() -> None:
    """And the envelope's own separators count, whatever they are."""
    odd = (_ISA + _820 + _820).replace("*", "\x1d").replace("~", "\x1e")
    assert len(read_advice(odd.encode())) == 2


@pytest.mark.parametrize(
    "data,words",
    [
        (_820.replace("SE*13", "SE*14"), "segment 13 (SE): says 14 segments, there are 13"),
        (_820.partition("SE*")[0], "ends before"),
        (_ISA, "ends before"),
        (_ISA + _820.replace("ST*820", "ST*810"), "segment 3 (ST): set '810'"),
        (_820.replace("317.5", "317.555"), "segment 10 (RMR04): '317.555' is no amount in USD"),
        (_820.replace("317.5", "x"), "segment 10 (RMR04)"),
        (_820.replace("20260301", "20261301"), "segment 9 (DTM02): '20261301' is no date"),
        (_820.replace("CUR*PR*USD", "CUR*PR*"), "names no currency"),
    ],
)
def test_an_820_that_is_cut_or_wrong_is_refused(data: str, words: str) -> None:
    """By segment and element."""
    with pytest.raises(Invalid) as caught:
        read_advice(data.encode(), "820.edi")
    assert words in caught.value.message
    assert caught.value.hint


def test_an_820_without_currency_takes_the_given_one() -> None:
    """As most have none."""
    (advice,) = read_advice(
        _820.replace("CUR*PR*USD~", "").replace("SE*13", "SE*12").encode(), currency="CAD"
    )
    assert advice.lines[0].amount == Money(122500, "CAD")
