"""Apply: suggestions by number, items with amounts, what becomes of rests, and a total that is zero when it is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from arqueue.errors import Conflict, Invalid
from screens.apply.form import ApplyForm
from screens.apply.text import TextPage
from screens.review.screen import ReviewScreen
from tests.screens.company import item_row
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker
from tests.screens.scripted_cash import suggested_line, way

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
Prepare = Callable[[ScriptedBroker], None]


def reviewed(broker: ScriptedBroker) -> dict[str, Any]:
    """The order of the last review."""
    command: dict[str, Any] = broker.called("review")[-1]["command"]
    return command


def total(drive: Driver) -> str:
    """The line with the arithmetic."""
    return next(line for line in drive.lines if " - items " in line).strip()


def row_of(drive: Driver, number: str) -> str:
    """The line of an item in the list."""
    lines = [line for line in drive.lines if line[3:].startswith(f"{number} ") and "·" not in line]
    assert lines, drive.text
    return lines[0]


def only(broker: ScriptedBroker, *items: dict[str, Any], payment: str = "-1250.00") -> None:
    """Customer 0 has these items open and the payment, and nothing else."""
    company = broker.company
    for row in list(company.items.values()):
        if row["party_id"] == "party:0" and row["id"] != "item:PAY-2000":
            del company.items[row["id"]]
    company.items["item:PAY-2000"] |= {"open": payment, "total": payment, "residual": payment}
    company.items |= {row["id"]: row for row in items}


def invoice(broker: ScriptedBroker, number: int | str, amount: str, **given: Any) -> dict[str, Any]:
    """An open item of customer 0."""
    party = broker.company.parties["party:0"]
    amounts = {"total": amount, "residual": amount, "open": amount}
    return item_row(f"item:INV-{number}", party, **(amounts | {"late": 40} | given))


def exact(broker: ScriptedBroker) -> None:
    """The text names one invoice for all of it."""
    first = invoice(broker, 4001, "1250.00", purchase_order="PO-77")
    only(broker, first, invoice(broker, 4002, "310.00", late=12))
    broker.ways = [way("reference", [suggested_line(first)], sure=True, why=["the text names INV-4001"])]


def one_of_many(broker: ScriptedBroker) -> None:
    """Equal prices: many subsets are as good."""
    rows = [invoice(broker, 4100 + n, "125.00", late=90 - n) for n in range(14)]
    only(broker, *rows)
    broker.complete = False
    broker.notes = ["2 items in USD are left out"]
    broker.ways = [
        way("exact", [suggested_line(row) for row in rows[n : n + 10]], answers=36, why=["oldest due first"])
        for n in range(3)
    ]
    broker.ways.append(
        way("exclusion", [suggested_line(row) for row in rows[4:]], answers=100_000, counted=False)
    )


def with_discount(broker: ScriptedBroker) -> None:
    """Two per cent of one invoice were still to be had, of the other not any more."""
    first = invoice(broker, 4201, "1000.00", late=-3)
    second = invoice(broker, 4202, "270.00", late=20)
    only(broker, first, second)
    broker.discounts = [
        {"item": first["id"], "amount": "20.00", "until": "2026-11-22", "earned": True},
        {"item": second["id"], "amount": "5.40", "until": "2026-11-18", "earned": False},
    ]
    lines = [suggested_line(first, "980.00", discount="20.00"), suggested_line(second)]
    difference = {"kind": "discount", "amount": "20.00", "item": None}
    broker.ways = [way("discount", lines, difference=difference, why=["with 20.00 of discount it is even"])]


def kept_back(broker: ScriptedBroker) -> None:
    """Five per cent less of each, as tax is withheld."""
    rows = [invoice(broker, 4250 + n, amount) for n, amount in enumerate(("1000.00", "200.00", "115.79"))]
    only(broker, *rows)
    paid = (("950.00", "50.00"), ("190.00", "10.00"), ("110.00", "5.79"))
    lines = [
        suggested_line(row, amount, short=short) for row, (amount, short) in zip(rows, paid, strict=True)
    ]
    difference = {"kind": "short", "amount": "65.79", "item": None}
    broker.ways = [way("oldest", lines, difference=difference, why=["5 % less of each"])]


def more_than_owed(broker: ScriptedBroker) -> None:
    """A payment that is more than what it names."""
    first = invoice(broker, 4301, "1000.00")
    only(broker, first, invoice(broker, 4302, "400.00", late=-4), invoice(broker, 4303, "90.00", late=-9))
    difference = {"kind": "over", "amount": "250.00", "item": None}
    broker.ways = [way("reference", [suggested_line(first)], "250.00", difference=difference)]


def after_charges(broker: ScriptedBroker) -> None:
    """The bank has taken its fee on the way."""
    first = invoice(broker, 4401, "1265.00")
    only(broker, first)
    difference = {"kind": "charges", "amount": "15.00", "item": first["id"]}
    line = suggested_line(first, "1250.00", short="15.00")
    broker.ways = [way("tolerance", [line], difference=difference, why=["15.00 less, as a bank takes it"])]


def with_credits(broker: ScriptedBroker) -> None:
    """A credit note that may have been netted."""
    only(
        broker,
        invoice(broker, 4501, "1000.00"),
        invoice(broker, 4502, "350.00", late=3),
        invoice(broker, "CN-9", "-100.00", kind="credit", due_date=None, days_past_due=None),
    )
    broker.ways = []


def thousands(broker: ScriptedBroker) -> None:
    """A customer with five thousand open invoices."""
    only(
        broker,
        *(
            invoice(
                broker,
                10000 + n,
                f"{100 + n % 900}.{n % 100:02}",
                purchase_order=f"PO-{n % 250}",
                late=n % 200,
            )
            for n in range(5000)
        ),
    )
    broker.ways = []


def nothing(broker: ScriptedBroker) -> None:
    """A customer who owes nothing."""
    only(broker)
    broker.notes = ["3 items in USD are left out: the ledger applies across currencies"]


STATES: dict[str, tuple[Prepare, list[str]]] = {
    "exact": (exact, ["1"]),
    "one_of_36": (one_of_many, ["j", "1"]),
    "short_and_disputed": (lambda broker: None, ["1", "tab", "r", "q"]),
    "choosing_a_reason": (lambda broker: None, ["1", "r", "r"]),
    "discount": (with_discount, ["1", "tab", "j"]),
    "over": (more_than_owed, ["1", "r"]),
    "charges": (after_charges, ["1", "tab"]),
    "credits": (with_credits, ["asterisk", "G"]),
    "5000_lines": (thousands, ["slash", *"po-7 126", "enter", "asterisk"]),
    "nothing_to_pay": (nothing, []),
}


@SIZES
@pytest.mark.parametrize("state", STATES)
async def test_every_state_says_what_it_is(
    broker: ScriptedBroker, screen: SnapshotAssertion, state: str, size: tuple[int, int]
) -> None:
    """Payment, suggestions, items and total, whatever the case."""
    prepare, keys = STATES[state]
    prepare(broker)
    async with driving(broker.socket, size) as drive:
        await drive.press("a", *keys)
        assert drive.text == screen


async def opened(drive: Driver, broker: ScriptedBroker, prepare: Prepare, *keys: str) -> None:
    """The form over a state, and these keys."""
    prepare(broker)
    await drive.press("a", *keys)


# Suggestions


async def test_nothing_is_applied_before_somebody_chose_it(drive: Driver) -> None:
    """The form opens empty, and an empty order is not reviewed."""
    await drive.press("a")
    assert total(drive) == "1,250.00 - items 0.00 = 1,250.00 EUR unapplied"
    await drive.press("enter")
    assert "nothing is applied yet" in drive.status
    assert isinstance(drive.place, ApplyForm)


async def test_a_suggestion_by_number_is_the_order_that_is_reviewed(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """1 takes the first suggestion, Enter reviews exactly its lines."""
    await drive.press("a", "1", "enter")
    assert reviewed(broker) == {
        "op": "apply",
        "payment": "item:PAY-2000",
        "lines": [
            {"item": "item:INV-2031", "amount": "1000.00"},
            {"item": "item:INV-2032", "amount": "250.00"},
        ],
    }


async def test_another_number_takes_another_suggestion_and_no_line_of_the_first(drive: Driver) -> None:
    """Suggestions are tried one after the other; the total follows each."""
    await drive.press("a", "1")
    assert total(drive).endswith("= 0.00 EUR  even")
    await drive.press("2")
    assert row_of(drive, "INV-2032").split()[-1] == "-"
    await drive.press("9")
    assert drive.status == "There are 2 suggestions."


async def test_a_search_that_had_no_time_is_made_again(drive: Driver, broker: ScriptedBroker) -> None:
    """The footer offers it; new suggestions replace the old, what was taken stays."""
    await opened(drive, broker, one_of_many, "1")
    assert "SEARCH INCOMPLETE" in drive.text
    assert "s Search" in drive.footer
    broker.complete = True
    broker.ways = broker.ways[:2] if broker.ways else []
    await drive.press("s")
    assert "2 suggestions" in drive.text
    assert "INCOMPLETE" not in drive.text
    assert broker.called("suggest")[-1]["thorough"] is True, "it gets more time"
    assert total(drive).endswith("= 0.00 EUR  even")


async def test_a_pasted_remittance_advice_is_read(drive: Driver, broker: ScriptedBroker) -> None:
    """It goes to the broker as it came, and its suggestions are there; no line of it is taken for keys."""
    await opened(drive, broker, exact)
    advice = "invoice,amount\nINV-4001,1250.00\nx,0\n"
    await drive.paste(advice)
    assert broker.called("suggest")[-1]["advice"] == {"text": advice}
    assert drive.status == "The advice was read: 1 suggestion."
    assert "items 0.00 " in total(drive)


async def test_what_of_an_advice_is_not_followed_is_a_key_away(drive: Driver, broker: ScriptedBroker) -> None:
    """It is said that there is something, and each of it stands in full on the page of the text."""
    await opened(drive, broker, exact)
    said = "advice, line 3, amount paid: -75.25 cannot be the amount of invoice INV-4002 and is left out; write 75.25"
    broker.notes = [said]
    await drive.paste("invoice,amount paid\nINV-4001,1250.00\nINV-4002,-75.25\n")
    assert drive.status == "The advice was read: 1 suggestion. t says what of it is not followed."
    await drive.press("t")
    assert said in " ".join(drive.text.split())


async def test_the_lines_of_an_advice_end_as_lines_however_the_terminal_sends_them(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """Most send a carriage return for each."""
    await opened(drive, broker, exact)
    await drive.paste("invoice,amount\rINV-4001,1250.00\r\nx,0\r")
    assert broker.called("suggest")[-1]["advice"] == {"text": "invoice,amount\nINV-4001,1250.00\nx,0\n"}


async def test_an_advice_that_cannot_be_read_is_forgotten(drive: Driver, broker: ScriptedBroker) -> None:
    """What is asked for later is not refused once more on its account; the one that was read before still counts."""
    await opened(drive, broker, exact)
    await drive.paste("invoice,amount\nINV-4001,1250.00\n")
    broker.fail["suggest"] = Invalid("the advice: no well-formed XML", "ask for the whole file again")
    await drive.paste("<Document>")
    assert drive.status.startswith("the advice: no well-formed XML")
    del broker.fail["suggest"]
    await drive.press("s")
    assert broker.called("suggest")[-1]["advice"] == {"text": "invoice,amount\nINV-4001,1250.00\n"}


async def test_what_comes_nearest_is_not_called_the_oldest(drive: Driver, broker: ScriptedBroker) -> None:
    """Nor is a way that applies nothing, because the payment may be one that was made twice."""

    def twice(broker: ScriptedBroker) -> None:
        first = invoice(broker, 4001, "1000.00")
        only(broker, first)
        broker.ways = [
            way("oldest", [], left="1250.00", why=["1,250.00 was paid on 2026-11-18 already"]),
            way("oldest", [suggested_line(first)], left="250.00", why=["250.00 more than the open 1,000.00"]),
        ]

    await opened(drive, broker, twice)
    assert "1 nothing" in drive.text
    assert "stays on account" in drive.text
    assert "2 nearest" in drive.text


async def test_the_way_under_the_cursor_is_explained_and_space_takes_it(drive: Driver) -> None:
    """j looks at the next suggestion without taking it."""
    await drive.press("a", "1", "j")
    assert "oldest due first" in drive.text
    assert "x 1 reference" in drive.text
    await drive.press("space")
    assert "x 2 oldest" in drive.text


async def test_bank_charges_are_written_off_as_the_suggestion_says(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The reason is the company's own for charges; the total is even and the review has it."""
    await opened(drive, broker, after_charges, "1")
    assert "15.00 written off as CHARGES, GL 6855 Bank charges" in drive.text
    await drive.press("enter")
    assert reviewed(broker) == {
        "op": "settle",
        "payment": "item:PAY-2000",
        "lines": [
            {
                "item": "item:INV-4401",
                "amount": "1250.00",
                "short": {"how": "writeoff", "reason": "CHARGES"},
            }
        ],
    }


# Lines


async def test_without_a_suggestion_the_items_have_the_keys(drive: Driver, broker: ScriptedBroker) -> None:
    """Nobody has to leave an empty list first."""
    await opened(drive, broker, with_credits, "space")
    assert total(drive) == "1,250.00 - items 1,000.00 = 250.00 EUR stays on account"


async def test_space_pays_as_far_as_the_payment_reaches(drive: Driver) -> None:
    """The first item takes 1,000.00, the second what is left; again is off."""
    await drive.press("a", "tab", "space", "space")
    assert total(drive) == "1,250.00 - items 1,250.00 = 0.00 EUR  even"
    await drive.press("k", "space")
    assert total(drive) == "1,250.00 - items 1,000.00 = 250.00 EUR stays on account"


async def test_what_is_too_much_is_said_at_once_and_not_reviewed(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """An item beyond the payment is taken in full, and the total says so."""
    await drive.press("a", "tab", "space", "space", "space")
    assert total(drive).endswith("= -1,000.00 EUR  MORE THAN THE PAYMENT HAS")
    await drive.press("enter")
    assert "the lines are more than the payment has" in drive.status
    assert not broker.called("review")


async def test_a_digit_begins_an_amount(drive: Driver, broker: ScriptedBroker) -> None:
    """Typing splits the line; Enter takes the amount, Enter again reviews."""
    await drive.press("a", "tab", *"12.34", "enter")
    assert total(drive) == "1,250.00 - items 12.34 = 1,237.66 EUR stays on account"
    await drive.press("enter")
    assert reviewed(broker)["lines"] == [{"item": "item:INV-2031", "amount": "12.34"}]


async def test_an_amount_is_corrected_from_what_stands_there(drive: Driver) -> None:
    """= proposes what the line has; the first key replaces it; Esc leaves it."""
    await drive.press("a", "1", "tab", "equals_sign")
    assert "Amount of INV-2031 (1,000.00 EUR open)  1000.00" in drive.text
    await drive.press(*"0.50", "enter")
    assert "items 250.50 " in total(drive)
    await drive.press("5", "escape")
    assert "items 250.50 " in total(drive)


@pytest.mark.parametrize("typed", ["12.345", "1e3", "1,000.00", "-5", "abc"])
async def test_an_amount_that_is_none_stays_to_be_corrected(drive: Driver, typed: str) -> None:
    """It is said what is wrong; nothing is applied and nothing that was typed is lost."""
    await drive.press("a", "tab", "equals_sign")
    await drive.type(typed)
    await drive.press("enter")
    assert "items 0.00" in total(drive)
    assert typed in drive.text
    assert "amount" in drive.status
    assert "…" not in drive.status


async def test_more_than_is_open_is_not_reviewed(drive: Driver) -> None:
    """The line and both amounts are named."""
    await drive.press("a", "tab", *"1200", "enter")
    assert "MORE THAN OPEN" in row_of(drive, "INV-2031")
    await drive.press("enter")
    assert "1,200.00 is more than the 1,000.00 open" in drive.status


async def test_fifty_invoices_are_one_key(drive: Driver, broker: ScriptedBroker) -> None:
    """A filter and * take all that it shows, 0 none."""

    def fifty(broker: ScriptedBroker) -> None:
        rows = [invoice(broker, 5000 + n, "25.00", purchase_order="PO-50") for n in range(50)]
        only(broker, *rows, *(invoice(broker, 6000 + n, "33.00") for n in range(30)))
        broker.ways = []

    await opened(drive, broker, fifty, "slash", *"po-50", "enter", "asterisk")
    assert total(drive) == "1,250.00 - items 1,250.00 = 0.00 EUR  even"
    await drive.press("enter")
    assert len(reviewed(broker)["lines"]) == 50
    await drive.press("escape", "0")
    assert "items 0.00 " in total(drive)


async def test_all_but_these(drive: Driver, broker: ScriptedBroker) -> None:
    """What is marked is what is not paid: the total says at once whether that is it."""

    def statement(broker: ScriptedBroker) -> None:
        only(broker, *(invoice(broker, 5000 + n, "125.00", late=60 - n) for n in range(12)))
        broker.ways = []

    await opened(drive, broker, statement, "space", "space")
    await drive.press("x")
    assert total(drive) == "1,250.00 - items 1,250.00 = 0.00 EUR  even"
    await drive.press("enter")
    numbers = [line["item"] for line in reviewed(broker)["lines"]]
    assert len(numbers) == 10
    assert not {"item:INV-5000", "item:INV-5001"} & set(numbers)


async def test_credits_are_netted(drive: Driver, broker: ScriptedBroker) -> None:
    """A credit note is a line like the others, on the other side: used up beside the payment."""
    await opened(drive, broker, with_credits, "asterisk")
    assert total(drive) == "1,250.00 + credits 100.00 - items 1,350.00 = 0.00 EUR  even"
    await drive.press("enter")
    order = reviewed(broker)
    assert order["op"] == "settle"
    assert order["credits"] == [{"item": "item:INV-CN-9", "amount": "100.00"}]
    assert [line["amount"] for line in order["lines"]] == ["1000.00", "350.00"]


async def test_undo_brings_back_the_lines_before_the_last_change(drive: Driver) -> None:
    """A suggestion taken by mistake does not cost what was typed."""
    await drive.press("a", "tab", *"12.34", "enter", "tab", "1")
    assert total(drive).endswith("even")
    await drive.press("u")
    assert "items 12.34 " in total(drive)
    await drive.press("u", "u")
    assert drive.status.startswith("Nothing was changed here")


async def test_a_look_at_what_becomes_of_the_rest_changes_no_amount(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """An amount that was typed too large is still there after Esc, and is refused, not mended in silence."""
    only(broker, invoice(broker, 4001, "100.00", late=90), invoice(broker, 4002, "2000.00"))
    await drive.press("a", "tab", *"150.00", "enter")
    typed = total(drive)
    assert "MORE THAN OPEN" in drive.text
    await drive.press("r", "escape")
    assert total(drive) == typed
    assert "MORE THAN OPEN" in drive.text
    await drive.press("enter")
    assert "is more than the" in drive.status
    assert not broker.called("review")


# Filter


@pytest.mark.parametrize("typed", ["2032", "250.37", "Acme 250", "1,000.00 2031"])
async def test_a_filter_finds_by_number_and_amount(drive: Driver, broker: ScriptedBroker, typed: str) -> None:
    """Every word has to occur somewhere in the item."""
    broker.company.items["item:INV-2032"]["reference"] = "acme"
    await drive.press("a", "slash")
    await drive.type(typed)
    await drive.press("enter")
    assert "1 of 4" in drive.text


async def test_a_filter_hides_and_loses_nothing(drive: Driver, broker: ScriptedBroker) -> None:
    """The list follows the letters; what is chosen counts although it is not shown; Esc shows all again, then leaves."""
    await drive.press("a", "1", "slash", *"2101")
    assert "INV-3202 " not in drive.text
    assert "1 of 4" in drive.text
    await drive.press("enter")
    assert total(drive).endswith("= 0.00 EUR  even")
    await drive.press("v")
    assert "Nothing is taken yet." not in drive.text
    assert 'No item holds "2101".' in drive.text
    await drive.press("escape")
    assert "INV-3202 " in drive.text
    assert drive.place.registry_place() == "lines"
    await drive.press("escape")
    assert drive.place is drive.queue


async def test_esc_in_the_filter_line_leaves_the_filter_as_it_was(drive: Driver) -> None:
    """What was typed into it is forgotten."""
    await drive.press("a", "slash", *"2101", "enter", "slash", *"xyz", "escape")
    assert "1 of 4" in drive.text


async def test_only_what_is_taken(drive: Driver) -> None:
    """v shows what the order holds, however long the list."""
    await drive.press("a", "1", "v")
    assert "2 of 4" in drive.text
    assert "INV-2101 47d" not in drive.text


async def test_five_thousand_items_filter_letter_by_letter(drive: Driver, broker: ScriptedBroker) -> None:
    """Nothing is asked of the broker for it."""
    await opened(drive, broker, thousands)
    assert "5,000 items" in drive.text
    await drive.press("G")
    assert drive.cursor_line
    await drive.press("slash", *"14999")
    assert "1 of 5,000" in drive.text


async def test_more_than_one_order_can_hold_is_said_before_the_review(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The remedy is named."""

    def small(broker: ScriptedBroker) -> None:
        thousands(broker)
        broker.company.items["item:PAY-2000"]["open"] = "-9999999.00"

    await opened(drive, broker, small, "asterisk", "enter")
    assert "5,000 items are too many for one order. At most 500 at once" in drive.status
    assert not broker.called("review")


async def test_of_a_number_that_is_too_long_the_end_is_kept(drive: Driver, broker: ScriptedBroker) -> None:
    """That is what tells it from the next one."""

    def long(broker: ScriptedBroker) -> None:
        only(broker, *(invoice(broker, f"2026-000000000042/{part}", "625.00") for part in (1, 2)))
        broker.ways = []

    await opened(drive, broker, long)
    assert all(f"000000042/{part} " in drive.text for part in (1, 2))


# Discounts


async def test_a_discount_is_part_of_its_line(drive: Driver, broker: ScriptedBroker) -> None:
    """d gives it back and takes it again; earned or late is said in words."""
    await opened(drive, broker, with_discount, "1", "tab")
    assert "INV-4201 · discount taken 20.00 (until 22 Nov 2026)" in drive.text
    await drive.press("d")
    assert total(drive).endswith("= 0.00 EUR  even")
    assert "20.00 stays open" in drive.text
    await drive.press("d", "k", "enter")
    assert reviewed(broker)["lines"][0] | {"item": ""} == {
        "item": "",
        "amount": "980.00",
        "discount": "20.00",
    }
    await drive.press("escape", "k")
    assert "LATE: ended on 18 Nov 2026" in drive.text


async def test_an_item_without_terms_has_no_discount(drive: Driver) -> None:
    """The key says so."""
    await drive.press("a", "tab", "d")
    assert drive.status == "Discount: this item's terms give no early-payment discount"


# Rests


async def test_a_rest_becomes_a_dispute_with_a_key_and_a_letter(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """From the suggestion to the review without another screen."""
    await drive.press("a", "1", "r", "q")
    assert "keeps 0.37: disputed: quantity" in drive.text
    await drive.press("enter")
    assert reviewed(broker)["lines"][1]["short"] == {"how": "dispute", "reason": "quantity"}


async def test_a_rest_goes_through_all_that_can_become_of_it(drive: Driver, broker: ScriptedBroker) -> None:
    """Open, disputed, written off, its discount, and open again; a small one is proposed as small."""
    broker.discounts = [{"item": "item:INV-2032", "amount": "5.00", "until": "2026-11-22", "earned": True}]
    await drive.press("a", "1", "r")
    for said in (
        "keeps 0.37: disputed: price",
        "keeps 0.37: written off as SMALL, GL 6800 Small differences",
        "keeps 0.37: taken as early-payment discount",
        "keeps 0.37: stays open",
        "keeps 0.37: disputed: price",
    ):
        assert said in drive.text
        await drive.press("r")


async def test_what_becomes_of_one_rest_is_one_key_for_all(drive: Driver, broker: ScriptedBroker) -> None:
    """Withheld from each of many invoices, it is settled for all of them at once, and said."""
    await opened(drive, broker, kept_back, "1", "r")
    assert "keeps 50.00: disputed: price · * the same for 2 more" in drive.text
    await drive.press("r", "asterisk")
    assert drive.status.startswith("The same for 2 more: written off as")
    assert total(drive).endswith("= 0.00 EUR  even")
    await drive.press("enter", "enter")
    assert {line["short"]["how"] for line in reviewed(broker)["lines"]} == {"writeoff"}


async def test_one_rest_alone_has_no_others(drive: Driver, broker: ScriptedBroker) -> None:
    """The key says so, and nothing changes."""
    await drive.press("a", "1", "r", "asterisk")
    assert drive.status == "No other item keeps anything: Enter keeps it so."
    await drive.press("enter", "enter")
    assert reviewed(broker)["lines"][1]["short"]["how"] == "dispute"


async def test_esc_leaves_a_rest_as_it_was(drive: Driver, broker: ScriptedBroker) -> None:
    """Nothing that was looked through is ordered."""
    await drive.press("a", "1", "r", "r", "escape", "enter")
    assert reviewed(broker)["op"] == "apply"


async def test_a_letter_that_is_no_reason_is_said(drive: Driver) -> None:
    """And nothing is chosen by it."""
    await drive.press("a", "1", "r", "z")
    assert drive.status == "z is no reason here."


async def test_a_write_off_beyond_the_limit_is_said_before_the_review(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The rules are asked as soon as the reason is named."""
    broker.verdict = {"verdict": "needs_approval", "reason": "0.37 EUR is over your limit of 0.10 EUR"}
    await drive.press("a", "1", "r", "r", "b")
    assert reviewed(broker) == {
        "op": "adjust",
        "item": "item:INV-2032",
        "amount": "0.37",
        "reason": "BADDEBT",
    }
    assert drive.status == "Writing off 0.37: needs approval, 0.37 EUR is over your limit of 0.10 EUR"


async def test_what_is_too_much_stays_on_account_goes_on_or_is_refunded(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The same key: to the next items, a refund, on account."""
    await opened(drive, broker, more_than_owed, "1", "r")
    assert total(drive) == "1,250.00 - items 1,250.00 = 0.00 EUR  even"
    assert "250.00" in row_of(drive, "INV-4302")
    assert "the rest goes to the next items: INV-4302" in drive.text
    await drive.press("r")
    assert total(drive) == "1,250.00 - items 1,000.00 = 250.00 EUR goes into a refund request"
    await drive.press("enter", "enter")
    assert reviewed(broker)["rest"] == "refund"
    await drive.press("escape", "r")
    assert total(drive).endswith("250.00 EUR stays on account")


async def test_without_a_rest_the_key_says_so(drive: Driver, broker: ScriptedBroker) -> None:
    """There is nothing to decide."""
    exact(broker)
    await drive.press("a", "1", "r")
    assert drive.status.startswith("Rest: nothing is left over")


# Around the order


async def test_the_whole_text_is_a_key_away(drive: Driver, broker: ScriptedBroker) -> None:
    """However long it is."""
    broker.company.items["item:PAY-2000"]["text"] = "INVOICES " + " ".join(
        str(n) for n in range(100_000, 100_090)
    )
    await drive.press("a", "t")
    assert isinstance(drive.place, TextPage)
    assert "100089" in drive.text
    await drive.press("escape")
    assert isinstance(drive.place, ApplyForm)


async def test_after_posting_the_cursor_is_on_the_next_payment(drive: Driver, broker: ScriptedBroker) -> None:
    """a 1 Enter y, and the next one is there."""
    await drive.press("2")
    first = drive.cursor_id
    await drive.press("a", "1", "enter")
    await drive.quiet()
    await drive.press("y")
    assert drive.place is drive.queue
    assert drive.cursor_id != first
    assert drive.queue.rows.row()["kind"] == "payment"  # type: ignore[index]


async def test_what_was_chosen_is_a_draft(drive: Driver) -> None:
    """Amounts, discounts and what becomes of rests: all of it is back."""
    await drive.press("a", "1", "r", "q", "escape")
    assert drive.status.startswith("Draft kept")
    await drive.press("a")
    assert "0.37 disputed: quantity" in drive.text
    assert "Your draft is back" in drive.status


async def test_an_item_paid_meanwhile_is_seen_after_a_conflict(drive: Driver, broker: ScriptedBroker) -> None:
    """The form is back with what is open now and what was chosen, cut to what can be; nothing is applied by half."""
    await drive.press("a", "1", "enter")
    broker.fail["submit"] = Conflict("INV-2031 has changed: 400.00 open", "look again")
    await drive.quiet()
    await drive.press("y")
    assert "INV-2031 has changed" in drive.text
    broker.company.items["item:INV-2031"]["open"] = "400.00"
    await broker.changed(parties=["party:0"])
    await drive.press("escape")
    await drive.idle()
    assert "INV-2031: only 400.00 is open now" in drive.status
    assert total(drive) == "1,250.00 - items 650.00 = 600.00 EUR stays on account"


async def test_an_item_that_went_while_the_review_was_open_is_gone_from_the_form(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """Also when the cursor stood on it."""
    await drive.press("a", "1", "tab", "enter")
    del broker.company.items["item:INV-2031"]
    await broker.changed(parties=["party:0"])
    await drive.press("escape")
    assert drive.status == "an item that was chosen is no longer open"
    assert total(drive) == "1,250.00 - items 250.00 = 1,000.00 EUR stays on account"


async def test_an_order_that_the_ledger_refuses_brings_its_form_back(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The conflict comes after the form was left: the same key finds what was typed."""
    await drive.press("a", "1", "r", "q", "enter")
    await drive.quiet()
    await drive.press("y")
    order = broker.company.commands[0]
    await broker.push({"push": "command", "command": order | {"state": "conflict"}})
    await drive.until(lambda: bool(drive.app.desk.drafts), "the draft")
    await drive.press("g", "a")
    assert "0.37 disputed: quantity" in drive.text
    assert "Your draft is back" in drive.status


async def test_a_dispute_and_a_discount_are_parts_of_one_review(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """Before and after of every item, and each order that it becomes with what the rules say."""
    broker.discounts = [{"item": "item:INV-2031", "amount": "20.00", "until": "2026-11-22", "earned": True}]
    await drive.press("a", "1", "tab", "d", "j", "j", "j", "r", "q", "enter")
    assert isinstance(drive.place, ReviewScreen)
    assert drive.text == screen
