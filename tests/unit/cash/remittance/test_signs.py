"""Amounts of an advice that their document cannot have are said with their line and what to write, and the other lines stay."""

from __future__ import annotations

import time

import pytest

from arqueue.cash import naming
from arqueue.cash.case import PaymentCase
from arqueue.cash.naming import Naming
from arqueue.cash.remittance import read_advice
from arqueue.cash.statement import statement_of
from arqueue.model.ledger import ItemKind, OpenItem
from tests.unit.books import TODAY, open_item

INVOICES = [
    open_item(f"{serial}", f"{serial - 900}.00", number=f"INV-2026-{serial}") for serial in range(1001, 1005)
]
NOTE = open_item("c44", "-50.00", number="CN-2026-0044", kind=ItemKind.CREDIT)
CAMT = (
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02"><BkToCstmrDbtCdtNtfctn><Ntfctn><Ntry>'
    '<Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><NtryDtls><TxDtls><RmtInf>'
    '<Strd><RfrdDocInf><Nb>INV-2026-1001</Nb></RfrdDocInf><RfrdDocAmt><RmtdAmt Ccy="EUR">101</RmtdAmt></RfrdDocAmt></Strd>'
    '<Strd><RfrdDocInf><Nb>{0}</Nb></RfrdDocInf><RfrdDocAmt><RmtdAmt Ccy="EUR">{1}</RmtdAmt></RfrdDocAmt></Strd>'
    "</RmtInf></TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
)
BAI2 = (
    "01,BANK,US,260315,1200,1,80,1,2/\n02,US,BANK,1,260315,1200,EUR,2/\n03,12345,EUR,010,0,,Z/\n"
    "16,165,10000,Z,BREF1,CREF1,INV-2026-1001 101.00 {0} {1}\n49,10000,3/\n98,10000,1,5/\n99,10000,1,7/\n"
)
EDI = (
    "ST*820*0001~BPR*C*100*C*ACH*CTX*01*021000021*DA*1*1512345678**01*021000022*DA*2*20260315~CUR*PR*EUR~"
    "RMR*IV*INV-2026-1001**101~RMR*IV*{0}**{1}~SE*6*0001~"
)
CSV = "invoice;amount paid\nINV-2026-1001;101,00\n{0};{1}\n"
FORMATS = [
    pytest.param(CSV, "line 3, amount paid", id="csv"),
    pytest.param(CAMT, "Strd 2, RmtdAmt", id="camt"),
    pytest.param(BAI2, "number 2 of its text", id="bai2"),
    pytest.param(EDI, "segment 5 (RMR04)", id="edi 820"),
]


def read(text: str, debits: list[OpenItem] = INVOICES, credits: tuple[OpenItem, ...] = (NOTE,)) -> Naming:
    """What an advice names of four invoices and a credit note."""
    (advice,) = read_advice(text.encode(), "advice", currency="EUR")
    payment = open_item("p", "-100.00")
    case = PaymentCase(payment=payment, today=TODAY, debits=debits, credits=credits, advice=advice)
    statement, _ = statement_of(case)
    assert statement is not None
    return naming.read(statement)


def named(found: Naming) -> dict[int, int | None]:
    """The amount that is taken of each document, by place; None where none is."""
    return {place: found.amounts.get(place) for place in found.strengths}


@pytest.mark.parametrize("text, where", FORMATS)
@pytest.mark.parametrize("amount", ["-30.00", "0.00"])
def test_an_invoice_takes_nothing_below_a_cent(text: str, where: str, amount: str) -> None:
    """Which line and field, which document, that it was left out, and what to write; the other line is followed."""
    found = read(text.format("INV-2026-1003", amount.replace(".", ",") if text is CSV else amount))
    remedy = "write 30.00" if amount == "-30.00" else "write what is paid of it"
    assert found.contrary == (
        f"advice, {where}: {amount} cannot be the amount of invoice INV-2026-1003 and is left out; {remedy}",
    )
    assert named(found) == {0: 10_100, 2: None}


@pytest.mark.parametrize("text, where", FORMATS)
def test_a_credit_note_takes_nothing_above_zero(text: str, where: str) -> None:
    """A minus is what says that it is netted."""
    found = read(text.format("CN-2026-0044", "50,00" if text is CSV else "50.00"))
    (said,) = found.contrary
    assert said == (
        f"advice, {where}: 50.00 cannot be the amount of credit note CN-2026-0044 and is left out;"
        " what is netted has a minus: write -50.00"
    )
    assert named(found) == {0: 10_100, 4: None}


@pytest.mark.parametrize("text, where", FORMATS)
def test_a_credit_note_with_a_minus_is_right(text: str, where: str) -> None:
    """And is followed, without a word."""
    found = read(text.format("CN-2026-0044", "-20,00" if text is CSV else "-20.00"))
    assert found.contrary == ()
    assert named(found) == {0: 10_100, 4: 2_000}


def test_a_deduction_that_names_its_invoice_is_right() -> None:
    """What is paid of it stands in another line; only what they come to has to be above zero."""
    head = "invoice;amount paid\nINV-2026-1001;101,00\n"
    assert read(f"{head}INV-2026-1001;-30,00\n").contrary == ()
    (said,) = read(f"{head}INV-2026-1001;-130,00\nINV-2026-1002;102,00\n").contrary
    assert said == (
        "advice, line 3, amount paid: -29.00 in all cannot be the amount of invoice INV-2026-1001 and is left out;"
        " its lines have to come to more than zero"
    )


def test_the_column_that_was_read_is_the_one_that_is_named() -> None:
    """What is paid is the invoice's amount where it is not said by itself."""
    found = read("invoice;invoice amount;amount paid\nINV-2026-1001;-101,00;\nINV-2026-1002;1,00;-2,00\n")
    assert [said.partition(":")[0] for said in found.contrary] == [
        "advice, line 2, invoice amount",
        "advice, line 3, amount paid",
    ]


def test_what_is_not_open_here_has_no_side() -> None:
    """Nobody knows what it is; that it is not open is said anyway."""
    found = read("invoice;amount\nINV-2026-1001;101,00\nX-9;-5,00\n")
    assert (found.contrary, found.unknown) == ((), ("X-9",))


def test_ten_thousand_lines_say_three_and_how_many_more() -> None:
    """At once."""
    items = [open_item(f"{n}", "10.00", number=f"INV-{n}") for n in range(10_000, 20_000)]
    text = "invoice;amount\n" + "".join(f"INV-{n};-{10**15 - 1},00\n" for n in range(10_000, 20_000))
    (advice,) = read_advice(text.encode(), "advice", currency="EUR")
    case = PaymentCase(payment=open_item("p", "-100.00"), today=TODAY, debits=items, advice=advice)
    statement, _ = statement_of(case)
    assert statement is not None
    begin = time.process_time()
    said = naming.read(statement).contrary
    assert time.process_time() - begin < 2
    assert len(said) == 4
    assert said[-1] == "advice: so are the amounts of 9,997 more"


def test_what_lines_come_to_may_be_beyond_any_amount() -> None:
    """It is said, and breaks nothing."""
    line = f"INV-2026-1001;-{10**15 - 1},00\n"
    found = read(f"invoice;amount\n{line * 200}INV-2026-1002;5,00\n")
    assert found.contrary[0].startswith("advice, line 2, invoice amount: -199999999999999800.00 in all")
    assert named(found) == {0: None, 1: 500}
