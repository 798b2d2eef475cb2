"""Remittance text: what it names, by example for every way that payers write, and what it must not be taken to name."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arqueue.cash.remittance import LIKELY, SURE, read_text
from arqueue.cash.remittance.reading import READ
from arqueue.model.ledger import OpenItem
from arqueue.model.money import Money
from tests.unit.books import open_item
from tests.unit.cash.remittance.books import ledger, money, named, only


@pytest.mark.parametrize(
    "text,keys",
    [
        ("INV-2026-1001", "1001"),
        ("payment of inv-2026-1001, thanks", "1001"),
        ("INV20261001", "1001"),
        ("INV 2026/1001", "1001"),
        ("INV.2026.1001", "1001"),
        ("inv_2026_1001", "1001"),
        ("INV#2026-1001", "1001"),
        ("INV-2026-1001INV-2026-1002", "1001 1002"),
        ("INV20261001INV20261002", "1001 1002"),
        ("請求書番号INV-2026-1003", "1003"),
        ("ＩＮＶ－２０２６－１００３", "1003"),
        ("RE500815", "500815"),
        ("re 500815", "500815"),
        ("CN-2026-0044", "c44"),
        ("INV-2026-1001 less CN-2026-0044", "1001 c44"),
    ],
)
def test_a_whole_number_names_its_document_however_it_is_separated(text: str, keys: str) -> None:
    """Separators lost or changed, small letters, wide letters, numbers glued to each other."""
    assert named(text, at_least=SURE) == set(keys.split())


@pytest.mark.parametrize(
    "text,keys",
    [
        ("1001", "1001"),
        ("RE 1001", "1001"),
        ("Rg.Nr. 1001", "1001"),
        ("Rg.-Nr.: 1001", "1001"),
        ("Rechnungsnummer 1001", "1001"),
        ("inv#1001", "1001"),
        ("#1001", "1001"),
        ("Inv No. 1001", "1001"),
        ("facture n° 1001", "1001"),
        ("fact. 1001", "1001"),
        ("Fra. n.º 1001", "1001"),
        ("factuurnr 1001", "1001"),
        ("RE1001", "1001"),
        ("2026-1001", "1001"),
        ("2026/1001", "1001"),
        ("26/1001", "1001"),
        ("1001/2026", "1001"),
        ("20261001", "1001"),
        ("INV-1001", "1001"),
        ("INV001001", "1001"),
        ("0001001", "1001"),
        ("4711", "4711"),
        ("500815", "500815"),
        ("Gutschrift 0044", "c44"),
        ("credit note 0044", "c44"),
        ("Rechnung 1001RE1002", "1001 1002"),
        ("EREF+1001 SVWZ+Rechnung 1002", "1001 1002"),
    ],
)
def test_a_number_without_its_letters_names_its_document(text: str, keys: str) -> None:
    """Prefixes dropped or put in the payer's language, zeros added, the year in two figures or behind."""
    assert named(text, at_least=LIKELY) == set(keys.split())


def test_zeros_may_be_lost_or_added() -> None:
    """00815 is 815, where a word says that it is a document."""
    items = [open_item("a", "1.00", number="INV-000815")]
    assert named("inv 815", items) == named("Rg 00815", items) == named("INV-815", items) == {"a"}


@pytest.mark.parametrize(
    "text,keys",
    [
        ("1001-1005", "1001 1002 1003 1004 1005"),
        ("1001 - 1003", "1001 1002 1003"),
        ("1001 bis 1003", "1001 1002 1003"),
        ("1001 to 3", "1001 1002 1003"),
        ("1001..1003", "1001 1002 1003"),
        ("1001-03", "1001 1002 1003"),
        ("Rechnungen 1001 bis 1003 und 1007", "1001 1002 1003 1007"),
        ("factures 1001 à 1003", "1001 1002 1003"),
        ("INV-2026-1001 thru INV-2026-1003", "1001 1002 1003"),
        ("INV-2026-1001-1003", "1001 1002 1003"),
        ("invoices 0998-1002", "1001 1002"),
        ("invoices 1009 to 1020", "1009 1010"),
        ("1001/02/03", "1001 1002 1003"),
        ("INV-2026-1001/02/03", "1001 1002 1003"),
        ("1001, 2, 3", "1001 1002 1003"),
        ("1001+1002", "1001 1002"),
        ("1001 & 1004", "1001 1004"),
        ("1001 and 1004", "1001 1004"),
        ("1001,1004,1007", "1001 1004 1007"),
        ("1001; 1004", "1001 1004"),
        ("1001 1004", "1001 1004"),
        ("1001/1004", "1001 1004"),
        ("1001-1003-1007", "1001 1003 1007"),
        ("INV-2026-1001-1003-1007", "1001 1003 1007"),
        ("INV-2026-1001 - INV-2026-1003 - INV-2026-1007", "1001 1003 1007"),
        ("del 1001 al 1003", "1001 1002 1003"),
        ("1001 up to and including 1003", "1001 1002 1003"),
        ("Rechnungen 1001 bis einschl. RE 1003", "1001 1002 1003"),
        ("1001 y 1002 e 1003", "1001 1002 1003"),
    ],
)
def test_lists_and_ranges_name_every_document_in_them(text: str, keys: str) -> None:
    """Ends may be shortened; what is not open within a range is nobody's business."""
    assert named(text) == set(keys.split())


@pytest.mark.parametrize(
    "text,keys",
    [
        ("PO-56001", "1001"),
        ("po 56002", "1002"),
        ("Bestellung 56003", "1003"),
        ("order no 56004", "1004"),
        ("PR-771005", "1005"),
        ("your ref 771006", "1006"),
        ("771006", "1006"),
    ],
)
def test_the_customers_order_and_reference_name_a_document(text: str, keys: str) -> None:
    """Many customers quote their numbers, not ours."""
    mention = only(read_text(text, ledger()))
    assert mention.item == f"item:{keys}"
    assert mention.how in ("order", "reference")
    assert mention.strength >= LIKELY


def test_an_order_names_all_its_invoices() -> None:
    """And a number that is one invoice's and another's order is read by the word before it."""
    items = [open_item(key, "5.00", number=f"N-90{key}", purchase_order="PO-3001") for key in ("01", "02")]
    items.append(open_item("x", "5.00", number="INV-3001"))
    assert named("PO-3001", items) == named("order 3001", items) == {"01", "02"}
    assert named("invoice 3001", items) == named("INV-3001", items) == {"x"}


def test_instalments_answer_to_their_invoice() -> None:
    """The number alone names all of them; 2/2, or the part's own number, names one."""
    assert named("INV-7084") == {"i1", "i2"}
    assert named("INV-7084 2/2") == named("INV-7084/2") == {"i2"}
    assert named("INV-70842") == set()
    assert named("INV-7084 2.50 paid") == {"i1", "i2"}


@pytest.mark.parametrize(
    "text,keys",
    [
        ("payment of your invoice INV-202\n6-1001", "1001"),
        ("INV-2026-10\n01 INV-2026-1002", "1001 1002"),
        ("settlement of invoices 20261\n001", "1001"),
        ("INV-2026-1001 and INV-2026-1 004 ", "1001 1004"),
    ],
)
def test_a_number_that_the_bank_broke_is_put_together(text: str, keys: str) -> None:
    """Over a line's end, or at the columns where banks cut."""
    assert named(text) == set(keys.split())


@pytest.mark.parametrize(
    "text,key",
    [
        ("lNV-2026-1OO1", "1001"),
        ("1NV-2026-1002", "1002"),
        ("INV-2O26-1OO3", "1003"),
        ("RE5OO81S", "500815"),
        ("1OO4", "1004"),
        ("2026-1OO5", "1005"),
        ("IVN-2026-1006", "1006"),
        ("INV-2062-1007", "1007"),
        ("RE508015", "500815"),
    ],
)
def test_a_slip_is_read_as_the_one_document_that_is_so_near(text: str, key: str) -> None:
    """Letters for figures, two swapped; never as sure as what is written right."""
    mention = only(read_text(text, ledger()))
    assert (mention.item, mention.how) == (f"item:{key}", "slip")
    assert mention.strength < SURE


@pytest.mark.parametrize(
    "text", ["INV-2026-1011", "INV-2026-1000", "RE500816", "INV-2025-1001", "INV-2026-10011"]
)
def test_a_neighbours_number_is_no_slip(text: str) -> None:
    """The one beside it, most likely paid before, or one of several as near: nothing is named, and the number is shown."""
    reading = read_text(text, ledger())
    assert reading.mentions == ()
    assert reading.unknown == (text,)


def test_what_was_refused_as_written_is_no_slip_either() -> None:
    """An invoice's number behind the words credit note."""
    items = [open_item("a", "1.00", number="4711456")]
    assert named("credit note 4711456", items) == set()
    assert named("invoice 4711456", items) == {"a"}


def test_a_wrong_figure_before_the_end_is_a_hint_that_wants_an_amount() -> None:
    """Weak by itself, likely with the amount that is open."""
    assert only(read_text("INV-2026-2001", ledger())).strength < LIKELY
    assert only(read_text("INV-2026-2001 1001.00", ledger())).strength >= LIKELY


def test_a_wrong_last_figure_counts_when_the_amount_is_right() -> None:
    """RE500816 with the amount of RE500815."""
    mention = only(read_text("RE500816 8.15", ledger()))
    assert (mention.item, mention.how, mention.amount) == ("item:500815", "slip", money("8.15"))
    assert only(read_text("RE500816 8.15", ledger())).strength >= LIKELY


@pytest.mark.parametrize(
    "text,amount,on",
    [
        ("1001 1.250,00", "1250.00", None),
        ("INV-2026-1001 EUR 1,250.00 12.03.26", "1250.00", date(2026, 3, 12)),
        ("INV-2026-1001 = 1250.00", "1250.00", None),
        ("INV-2026-1001: 1 250,00 EUR", "1250.00", None),
        ("INV-2026-1001 (1'250.00)", "1250.00", None),
        ("INV-2026-1001 12/03/2026 1250,-", "1250.00", date(2026, 3, 12)),
        ("INV-2026-1001-1250.00", "1250.00", None),
        ("CN-2026-0044 -50.00", "-50.00", None),
        ("CN-2026-0044 50.00-", "-50.00", None),
        ("facture 1001 du 12 mars 2026", None, date(2026, 3, 12)),
        ("€1250 INV-2026-1001", "1250.00", None),
        ("INV-2026-1001 of 2026-03-12", None, date(2026, 3, 12)),
        ("INV-2026-1001 total 1250.00", None, None),
    ],
)
def test_amount_and_date_beside_a_number_are_read(text: str, amount: str | None, on: date | None) -> None:
    """In the way of any country, before or behind; a total is no document's."""
    mention = only(read_text(text, ledger()))
    assert (mention.amount, mention.on) == (money(amount) if amount else None, on)


def test_each_document_of_a_list_has_its_own_amount() -> None:
    """And one amount behind them all is nobody's."""
    pairs = {
        each.item: each.amount
        for each in read_text("1001 100,00\n1002 200,00; 1003 300,00", ledger()).mentions
    }
    assert pairs == {f"item:100{n}": money(f"{n}00.00") for n in (1, 2, 3)}
    assert {each.amount for each in read_text("1001, 1002, 1003 600,00", ledger()).mentions} == {None}


def test_an_amount_keeps_its_own_currency() -> None:
    """What the text says, not what the item is in."""
    assert only(read_text("INV-2026-1001 USD 12.00", ledger())).amount == Money(1200, "USD")


def test_the_amount_that_is_open_makes_a_bare_number_sure() -> None:
    """Two that agree."""
    assert only(read_text("1001", ledger())).strength < SURE
    assert only(read_text("1001 1001.00", ledger())).strength >= SURE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "thanks",
        "2026",
        "march 2026",
        "statement 10/2026",
        "payment of 12.03.2026",
        "10.01.",
        "10.02.2026",
        "USD 1001",
        "1001 EUR",
        "EUR 1.001,00",
        "1001,00",
        "1,001.00",
        "total 1001",
        "Summe: 1001",
        "Kd-Nr. 1001",
        "Kunde 1001",
        "customer no. 1001",
        "Tel. 030 1001",
        "phone +49 30 1001 1002",
        "fax 1001",
        "030-1001-22",
        "IBAN DE89 3704 0044 0532 0130 00",
        "DE89370400440532013000",
        "VAT DE100110021003",
        "USt-IdNr. 1001",
        "C1001",
        "X-1001",
        "XINV-2026-1001",
        "INV-2026-10011",
        "INV-2026-1001A",
        "1001A",
        "1001PCS",
        "INV-2025-1001",
        "2025-1001",
        "credit note 1001",
        "cheque 1001",
        "MREF+1001",
        "100",
        "44",
        "12 boxes of 4711a",
    ],
)
def test_what_is_no_document_is_not_taken_for_one(text: str) -> None:
    """Dates, amounts, telephones, accounts, customers, taxes, and other people's numbers."""
    assert named(text) == set()


def test_a_number_that_fits_two_documents_names_neither() -> None:
    """Not the year that all have, nor the serial that two series share; the whole number does."""
    items = [open_item(key, "5.00", number=f"{key}-2026-1001") for key in ("INV", "SRV")]
    assert named("1001", items) == named("2026", items) == named("2026-1001", items) == set()
    assert named("SRV-1001", items) == named("SRV-2026-1001", items) == {"SRV"}


def test_the_amount_tells_which_of_two_documents_a_number_names() -> None:
    """To the cent; any other amount tells nothing."""
    items = [
        open_item("old", "5.00", number="INV-2025-1001", doc_date=date(2025, 5, 5)),
        open_item("new", "7.00", number="INV-2026-1001"),
    ]
    assert named("1001 7,00", items, LIKELY) == {"new"}
    assert named("invoice 1001 EUR 5.00", items, LIKELY) == {"old"}
    assert named("1001 6,00", items) == set()


def test_a_short_number_names_a_document_where_there_are_no_other_words() -> None:
    """Three figures; in a sentence they may count anything."""
    items = [open_item(key, "5.00", number=f"INV-{key}") for key in ("101", "102", "103")]
    assert named("101, 103", items, LIKELY) == named("101 5,00; 103 5,00", items, LIKELY) == {"101", "103"}
    assert named("101-103", items) == {"101", "102", "103"}
    assert named("machine 101 and 103", items) == named("12", items) == set()


@pytest.mark.parametrize(
    "text,keys",
    [
        ("all invoices except INV-2026-1003", ""),
        ("INV-2026-1001 and 1002, without INV-2026-1003", "1001 1002"),
        ("INV-2026-1001 ohne INV-2026-1002 und INV-2026-1003", "1001"),
        ("INV-2026-1001, not INV-2026-1002 but INV-2026-1003", "1001 1003"),
        ("INV-2026-1001; INV-2026-1002 follows next week", "1001"),
        ("INV-2026-1001. INV-2026-1002 and INV-2026-1003 will follow", "1001"),
        ("Rechnung INV-2026-1001, INV-2026-1002 folgt", ""),
        ("INV-2026-1001\nINV-2026-1002 is disputed", "1001"),
        ("INV-2026-1001 sauf INV-2026-1002", "1001"),
        ("INV-2026-1001 less CN-2026-0044", "1001 c44"),
        ("INV-2026-1001 without delay", "1001"),
    ],
)
def test_what_a_text_leaves_out_is_not_named(text: str, keys: str) -> None:
    """Behind except, before follows; neither is it unknown. Where a list might be meant as a whole, none of it is named."""
    assert named(text) == set(keys.split())
    assert read_text(text, ledger()).unknown == ()


@pytest.mark.parametrize(
    "text,keys",
    [
        ("10011002", "1001 1002"),
        ("RE 100110021003", "1001 1002 1003"),
        ("2026100120261002", "1001 1002"),
        ("inv 1 0 0 1", "1001"),
        ("1 0 0 1, 1 0 0 2", "1001 1002"),
        ("50 08 15", "500815"),
        ("?20RE 20261?21001 500815", "1001 500815"),
        ("/INV/1001/1002", "1001 1002"),
        ("/ROC/1001//PO-56002", "1001 1002"),
        ("SVWZ+1001 1002 1003", "1001 1002 1003"),
        ("RMR*IV*1001**1250.00\\RMR*IV*INV-2026-1002**12.00", "1001 1002"),
        ("10011011", ""),
        ("12345678", ""),
    ],
)
def test_numbers_glued_spaced_out_and_tagged_by_banks_are_read(text: str, keys: str) -> None:
    """All of the pieces or none."""
    assert named(text, at_least=LIKELY - 10) == set(keys.split())


def test_a_bare_number_beside_a_whole_one_is_weak() -> None:
    """Who writes one number out writes all of them out; in a list with it, it is one more."""
    weak = {
        each.item: each.strength for each in read_text("INV-2026-1001 machine hall 1002", ledger()).mentions
    }
    assert weak["item:1001"] >= SURE
    assert weak["item:1002"] < LIKELY
    assert named("INV-2026-1001, 1002", at_least=LIKELY) == {"1001", "1002"}


def test_the_words_say_what_was_read_as_what() -> None:
    """For the person who looks."""
    assert only(read_text("INV-2026-1001", ledger())).words == "INV-2026-1001"
    assert only(read_text("inv 1001", ledger())).words == "1001 (of INV-2026-1001)"
    assert only(read_text("lNV-2026-1OO1", ledger())).words == "lNV-2026-1OO1 read as INV-2026-1001"


def test_numbers_that_a_word_calls_documents_and_nobody_has_open_are_told() -> None:
    """Once each; dates and customers' numbers are not among them."""
    reading = read_text("Rechnung 8888, 9999 und 8888 vom 12.03.2026, Kunde 7777, INV-2026-5555", ledger())
    assert reading.unknown == ("8888", "9999", "INV-2026-5555")


def test_a_long_text_is_read_in_part_and_says_so() -> None:
    """A remittance of a megabyte, ten thousand numbers: the beginning is read."""
    reading = read_text("INV-2026-1001 " + "x" * 1_000_000, ledger())
    assert (reading.cut, len(reading.mentions)) == (True, 1)
    many = " ".join(f"INV-2026-{serial}" for serial in range(1001, 11_001))
    assert (read_text(many, ledger()).cut, len(read_text(many, ledger()).mentions)) == (True, 10)
    assert not read_text("INV-2026-1001", ledger()).cut
    assert READ < 1_000_000


_PLAIN = "INV 2026 1001 1002 05 7 - / , . + & bis to RE Rg.Nr. PO 56001 CN 0044 EUR 100,00 12.03.26".split()
_WORDS = st.sampled_from([*_PLAIN, *"Kd O l 1OO1 # : ( ) 7084 1/2 ß ｱ".split(), "\n"])
_TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(_WORDS, max_size=20).map("".join),
    st.lists(_WORDS, max_size=20).map(" ".join),
    st.text("0123456789-/., \nINV", max_size=80),
)


@given(_TEXTS)
@example("1001-" * 200)
@example("ŉ1001 İNV-2026-1001 ﷺ ①②")
def test_any_text_is_read(text: str) -> None:
    """Nothing raises; only given items are named, each once, in strengths from 1 to 100, with words."""
    items = ledger()
    reading = read_text(text, items)
    ids = [each.item for each in reading.mentions]
    assert set(ids) <= {each.item.id for each in items}
    assert len(set(ids)) == len(ids)
    assert all(1 <= each.strength <= 100 and each.words for each in reading.mentions)


@given(_TEXTS, st.permutations(ledger()))
def test_the_order_of_the_items_changes_nothing(text: str, items: list[OpenItem]) -> None:
    """The same text, the same answer."""
    assert read_text(text, items) == read_text(text, ledger())


@given(st.lists(st.text(max_size=12), min_size=1, max_size=6), _TEXTS)
def test_items_may_be_called_anything(numbers: list[str], text: str) -> None:
    """Numbers, orders and references without figures, of blanks, of marks, twice the same."""
    items = [
        open_item(str(place), "5.00", number=number, reference=number[::-1], purchase_order=number[:3])
        for place, number in enumerate(numbers)
    ]
    for said in (text, *numbers):
        assert {each.item for each in read_text(said, items).mentions} <= {each.item.id for each in items}


@given(
    st.lists(st.integers(1001, 1010), min_size=1, max_size=5, unique=True),
    st.sampled_from([", ", "; ", "+", " / ", "\n", " und "]),
)
def test_a_list_of_whole_numbers_is_read_completely(serials: list[int], joint: str) -> None:
    """None missed and none more, in the text's order."""
    text = joint.join(f"INV-2026-{serial}" for serial in serials)
    assert [each.item for each in read_text(text, ledger()).mentions] == [
        f"item:{serial}" for serial in serials
    ]


def numbered(*numbers: str) -> list[OpenItem]:
    """Invoices of these numbers, keyed by them."""
    return [open_item(number, "100.00", number=number) for number in numbers]


@pytest.mark.parametrize(
    "text,numbers",
    [
        ("A011770A011791A011795", "A011770 A011791 A011795"),
        ("INV-56326/29/31/35", "INV-56326 INV-56329 INV-56331 INV-56335"),
        ("/RFB/426897841/INV/62067,62088/261120", "62067 62088"),
        ("/RFB/807212512/INV/39170/261120", "39170"),
        ("Betaling 10.051.918; 10.051.946", "10051918 10051946"),
        ("16876/1/16856/2/16807/4", "INV00016876/1 INV00016856/2 INV00016807/4"),
    ],
)
def test_numbers_that_look_like_something_else_are_read(text: str, numbers: str) -> None:
    """Glued by one letter, like a day, with a tag's day behind, with points like an amount, with instalments in a row."""
    wanted = numbers.split()
    items = numbered(*wanted, "A011798", "A999999", "INV-99999", "99999", "INV00016876/2", "INV00016856/1")
    assert named(text, items) == set(wanted)
