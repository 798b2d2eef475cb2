"""ISO 20022: structured and unstructured remittance of every message and version that carries it; hostile XML is refused."""

from __future__ import annotations

from datetime import date

import pytest

from arqueue.cash.advice import Advice
from arqueue.cash.remittance import read_advice
from arqueue.errors import Invalid
from tests.unit.books import money

_STRUCTURED = """
<Strd>
  <RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>INV-1001</Nb><RltdDt>2026-03-12</RltdDt></RfrdDocInf>
  <RfrdDocAmt>
    <DuePyblAmt Ccy="EUR">100.00</DuePyblAmt>
    <DscntApldAmt Ccy="EUR">2.00</DscntApldAmt>
    <AdjstmntAmtAndRsn>
      <Amt Ccy="EUR">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Rsn>FRGT</Rsn><AddtlInf>no freight</AddtlInf>
    </AdjstmntAmtAndRsn>
    <RmtdAmt Ccy="EUR">93</RmtdAmt>
  </RfrdDocAmt>
</Strd>
<Strd>
  <RfrdDocInf><Tp><CdOrPrtry><Cd>CREN</Cd></CdOrPrtry></Tp><Nb>CN-44</Nb></RfrdDocInf>
  <RfrdDocAmt><CdtNoteAmt Ccy="EUR">10.00</CdtNoteAmt></RfrdDocAmt>
</Strd>
<Strd>
  <RfrdDocInf><Nb>INV-1002</Nb></RfrdDocInf>
  <RfrdDocAmt>
    <DuePyblAmt Ccy="EUR">50.00</DuePyblAmt>
    <DscntApldAmt><Tp><Cd>APDS</Cd></Tp><Amt Ccy="EUR">1.00</Amt></DscntApldAmt>
  </RfrdDocAmt>
</Strd>
<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>RF18 5390 0754 7034</Ref></CdtrRefInf></Strd>
"""


def statement(
    details: str, kind: str = "camt.053.001.02", side: str = "CRDT", root: str = "BkToCstmrStmt"
) -> bytes:
    """A statement or notification with one entry."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{kind}"><{root}><Stmt><Ntry>
  <Amt Ccy="EUR">132.00</Amt><CdtDbtInd>{side}</CdtDbtInd><BookgDt><Dt>2026-03-15</Dt></BookgDt>
  <NtryDtls>{details}</NtryDtls>
</Ntry></Stmt></{root}></Document>""".encode()


def details(remittance: str) -> str:
    """One transaction of an entry."""
    return f"""<TxDtls>
  <Refs><EndToEndId>E2E-7</EndToEndId></Refs>
  <AmtDtls><TxAmt><Amt Ccy="EUR">132.00</Amt></TxAmt></AmtDtls>
  <RltdPties><Dbtr><Nm>ACME GmbH</Nm></Dbtr></RltdPties>
  <RmtInf>{remittance}</RmtInf></TxDtls>"""


def only(data: bytes) -> Advice:
    """The one advice of a message."""
    (advice,) = read_advice(data, "statement.xml")
    return advice


@pytest.mark.parametrize(
    "kind", ["camt.053.001.02", "camt.053.001.08", "camt.054.001.02", "camt.054.001.13", "camt.052.001.06"]
)
def test_structured_remittance_is_read_line_by_line(kind: str) -> None:
    """Number, date, what is remitted, discount in both its spellings, why less, credit notes negative, creditor references."""
    advice = only(statement(details(_STRUCTURED), kind))
    assert (advice.source, advice.payer, advice.payment_reference) == (kind[:8], "ACME GmbH", "E2E-7")
    assert (advice.total, advice.on) == (money("132.00"), date(2026, 3, 15))
    first, second, third, fourth = advice.lines
    assert (first.reference, first.amount, first.discount, first.on) == (
        "INV-1001",
        money("93.00"),
        money("2.00"),
        date(2026, 3, 12),
    )
    assert first.reason == "FRGT no freight"
    assert (second.reference, second.amount) == ("CN-44", money("-10.00"))
    assert (third.reference, third.amount, third.discount) == ("INV-1002", money("49.00"), money("1.00"))
    assert (fourth.reference, fourth.amount) == ("RF18 5390 0754 7034", None)


def test_free_remittance_is_kept_and_its_numbers_are_lines() -> None:
    """Several Ustrd are one text."""
    advice = only(
        statement(details("<Ustrd>RE INV-1001 100,00</Ustrd><Ustrd>INV-1002 32,00 Tel 030 12345678</Ustrd>"))
    )
    assert advice.text == "RE INV-1001 100,00\nINV-1002 32,00 Tel 030 12345678"
    assert [(line.reference, line.amount) for line in advice.lines] == [
        ("INV-1001", money("100.00")),
        ("INV-1002", money("32.00")),
    ]


def test_every_credited_transaction_is_an_advice() -> None:
    """Debits are none; an entry without details speaks through its additional information."""
    two = statement(details("<Ustrd>INV-1001</Ustrd>") + details("<Ustrd>INV-1002</Ustrd>"))
    assert [each.lines[0].reference for each in read_advice(two)] == ["INV-1001", "INV-1002"]
    with pytest.raises(Invalid, match="no incoming transaction"):
        read_advice(statement(details("<Ustrd>INV-1001</Ustrd>"), side="DBIT"))
    bare = statement("").replace(b"<NtryDtls></NtryDtls>", b"<AddtlNtryInf>INV-1003</AddtlNtryInf>")
    assert only(bare).lines[0].reference == "INV-1003"
    assert only(bare).total == money("132.00")


@pytest.mark.parametrize(
    "kind,day", [("pain.001.001.03", "2026-03-15"), ("pain.001.001.09", "<Dt>2026-03-15</Dt>")]
)
def test_a_payment_order_is_an_advice_a_transfer(kind: str, day: str) -> None:
    """As customers send a copy of it."""
    data = f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{kind}"><CstmrCdtTrfInitn><PmtInf>
      <ReqdExctnDt>{day}</ReqdExctnDt><Dbtr><Nm>ACME GmbH</Nm></Dbtr>
      <CdtTrfTxInf><PmtId><EndToEndId>NOTPROVIDED</EndToEndId><InstrId>I-1</InstrId></PmtId>
        <Amt><InstdAmt Ccy="EUR">132.00</InstdAmt></Amt><RmtInf>{_STRUCTURED}</RmtInf></CdtTrfTxInf>
      <CdtTrfTxInf><PmtId><EndToEndId>E-2</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="JPY">1000</InstdAmt></Amt><RmtInf><Ustrd>INV-1009</Ustrd></RmtInf></CdtTrfTxInf>
    </PmtInf></CstmrCdtTrfInitn></Document>"""
    first, second = read_advice(data.encode())
    assert (first.source, first.payer, first.payment_reference, first.on) == (
        "pain.001",
        "ACME GmbH",
        "I-1",
        date(2026, 3, 15),
    )
    assert len(first.lines) == 4
    assert (second.payment_reference, second.total, second.lines[0].reference) == (
        "E-2",
        money("1000", "JPY"),
        "INV-1009",
    )


def test_a_message_in_another_encoding_is_read() -> None:
    """By what it declares, and as text that somebody pasted whatever it declares."""
    text = statement(details("<Ustrd>INV-1001 Käse</Ustrd>")).decode()
    assert only(text.encode("utf-16")).text == "INV-1001 Käse"
    latin = text.replace("UTF-8", "ISO-8859-1")
    assert only(latin.encode("latin-1")).text == only(latin.encode("utf-8")).text == "INV-1001 Käse"


@pytest.mark.parametrize(
    "data,words",
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "http://127.0.0.1/">]><a>&b;</a>', "document type"),
        (b"<a>" * 5000, "nested"),
        (b"<a><b></a>", "line 1, column 8"),
        (b"<html><body/></html>", "'html' is no camt"),
        (
            statement(details("<Strd><RfrdDocAmt><RmtdAmt Ccy='EUR'>1,00</RmtdAmt></RfrdDocAmt></Strd>")),
            "RmtdAmt: '1,00'",
        ),
        (statement(details("<Strd><RfrdDocAmt><RmtdAmt Ccy='XXX'>1</RmtdAmt></RfrdDocAmt></Strd>")), "'XXX'"),
        (
            statement(details("<Strd><RfrdDocAmt><RmtdAmt Ccy='EUR'>NaN</RmtdAmt></RfrdDocAmt></Strd>")),
            "'NaN'",
        ),
        (
            statement(details("<Strd><RfrdDocInf><Nb>1</Nb><RltdDt>12.3.26</RltdDt></RfrdDocInf></Strd>")),
            "RltdDt: '12.3.26'",
        ),
        (
            statement("").replace(b"132.00", b"132.005").replace(b"<NtryDtls></NtryDtls>", b""),
            "Amt: '132.005'",
        ),
    ],
)
def test_broken_and_hostile_xml_is_refused(data: bytes, words: str) -> None:
    """Entities, document types, depth without end; amounts and dates that are none are named by their element."""
    with pytest.raises(Invalid) as caught:
        read_advice(data, "statement.xml")
    assert "statement.xml" in caught.value.message
    assert words in caught.value.message
    assert caught.value.hint
