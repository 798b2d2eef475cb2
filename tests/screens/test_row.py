"""One row of the queue as cells: which columns find room, what is said first where room is short."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.work.views import COLUMNS, DEFAULT_COLUMNS
from data.broker.protocol import QueueRow
from screens.cells import cell_len
from screens.prepaint.picture import list_width
from screens.queue.row import GUTTER, USUAL, of_row
from tests.screens.company import party_row, work_row


def row(**other: Any) -> QueueRow:
    """An overdue account."""
    said = [
        {"rule": "late", "points": 26, "words": "47 d late"},
        {"rule": "limit", "points": 15, "words": "over its credit limit"},
    ]
    made = work_row(1, "overdue", party_row(1)) | {"age_days": 47, "reasons": said, "subject": "4 items"}
    return cast(QueueRow, made | {"assignee": "kim", "score": 121} | other)


def text(width: int, *columns: str, **other: Any) -> str:
    """The row as it stands on the screen."""
    return "".join(said for said, _ in of_row(row(**other), "all", width, columns))


def test_where_room_is_short_the_reason_comes_first() -> None:
    """At 80 columns every row has a document, and what tells it from others is why it is there: never half a document."""
    assert text(77).rstrip().endswith("  over its credit limit")
    assert text(78, reasons=[{"rule": "r", "points": 9, "words": "on credit hold"}]).endswith(
        "hold · 4 items"
    )


def test_of_a_number_that_has_no_room_the_end_is_kept() -> None:
    """Where the reason before it can still be read; the end is what tells one payment from the next."""
    of = row(subject="PAY-2026-004219")
    assert "".join(said for said, _ in of_row(of, "payment", 77)).endswith("  over its credit li… · …004219")


def test_a_short_number_is_whole() -> None:
    """Of two that have no room together the reason gives way, as long as it can be read."""
    assert "".join(said for said, _ in of_row(row(subject="INV-7"), "payment", 77)).endswith("limit · INV-7")
    said = [{"rule": "r", "points": 9, "words": "bounced"}]
    assert text(77, subject="PAY-2026-07", reasons=said).rstrip().endswith("  bounced · PAY-2026-07")


def test_a_number_in_a_reason_that_is_cut_keeps_its_end_too() -> None:
    """Which payment to apply first is said at 80 columns."""
    said = [{"rule": "r", "points": 9, "words": "apply first: PAY-2026-003482 probably pays INV-2026-005519"}]
    assert "  apply first: …003482 pr" in text(77, reasons=said)
    assert "apply first: PAY-2026-003482 probably pays INV-2026-005519" in text(160, reasons=said)


def test_a_reason_that_could_not_be_read_any_more_stays() -> None:
    """Between all kinds of work it says more than the number, and so it does behind a state."""
    assert text(77, subject="PAY-2026-004219").rstrip().endswith("  over its credit limit")
    assert text(77, subject="PAY-2026-004219", state="queued").endswith("QUEUED over its credit …")


def test_where_there_is_room_the_document_comes_first() -> None:
    """And the reason behind it, whole."""
    assert text(120).rstrip().endswith("  4 items: over its credit limit")


@pytest.mark.parametrize("screen", [80, 100, 110, 120, 140, 159, 160, 165, 200, 240])
def test_a_row_says_who_and_why_at_every_size(screen: int) -> None:
    """Twelve letters of a customer and sixteen of the first reason at least, also beside the account."""
    said = text(list_width(screen) - GUTTER, party="Transport Oud-Schellinge", subject="PAY-2026-004219")
    assert "Transport O" in said
    assert "over its credit " in said


def test_beside_the_account_the_amount_is_round() -> None:
    """At 100 columns the list has 62 cells, and the account beside it says the whole amount; in wider ones it is whole."""
    assert " 12,346 EUR  " in text(59, amount="12345.60", currency="EUR")
    assert " 12,345.60 EUR  " in text(72, amount="12345.60", currency="EUR")


def test_a_short_reason_leaves_room_for_the_end_of_the_number() -> None:
    """The document can be found by it."""
    said = [{"rule": "r", "points": 9, "words": "R29"}]
    assert text(59, subject="PAY-2026-004219", reasons=said).rstrip().endswith("  R29 · …004219")


def test_where_there_is_room_several_reasons_are_said() -> None:
    """The weightiest first, none of them cut, and what a column says already left out."""
    words = ["over its credit limit", "47 d late", "reminder 2 went out", "on credit hold", "usually on time"]
    points = [{"rule": "r", "points": 50 - place, "words": said} for place, said in enumerate(words)]
    about = "  4 items: over its credit limit; reminder 2 went out"
    assert text(160, reasons=points).rstrip().endswith(f"{about}; on credit hold")
    assert text(125, reasons=points).rstrip().endswith(about)
    short = [{"rule": "r", "points": 9, "words": said} for said in ("R29", "wire")]
    assert text(77, reasons=short).rstrip().endswith("  R29; wire · 4 items")
    points[2]["words"] = "something that is too long for any room here"
    assert text(125, reasons=points).rstrip().endswith("  4 items: over its credit limit; on credit hold")


def test_what_takes_points_away_is_told_too() -> None:
    """An account that is not to be chased now says so, not what would speak for it."""
    wait = {"rule": "promised", "points": -400, "words": "promised: wait for it"}
    assert "promised: wait for it" in text(120, reasons=[wait, *row()["reasons"]])


def test_a_state_stands_before_it() -> None:
    """An order under way is said first."""
    assert "QUEUED over its" in text(77, state="queued")


def test_columns_stand_in_the_order_that_was_asked_for() -> None:
    """With nothing between them but blanks; the customer takes what room is left."""
    party = row()["party"]
    assert text(60, "customer", "owner", "score").split() == [*party.split(), "kim", "121"]
    assert text(60, "score", "code").split() == ["121", row()["party_code"]]


def test_what_finds_no_room_is_left_out() -> None:
    """Never a figure cut in the middle."""
    assert text(40, "amount", "customer", "score", "owner", "code").split()[-1] == "121"


@given(
    width=st.integers(20, 250),
    columns=st.lists(st.sampled_from(COLUMNS), unique=True),
    party=st.sampled_from(["", "Acme", "青葉運輸株式会社 大阪支店", "x" * 80]),
    state=st.sampled_from(["open", "queued", "failed"]),
)
def test_a_row_never_is_wider_than_its_list(width: int, columns: list[str], party: str, state: str) -> None:
    """Whatever columns, letters and widths."""
    cells = of_row(row(party=party, state=state), "all", width, tuple(columns))
    assert sum(cell_len(said) for said, _ in cells) <= width


@pytest.mark.parametrize("kind", ["all", "overdue"])
def test_a_row_on_its_way_takes_its_line(kind: str) -> None:
    """So that nothing of an older one stays."""
    assert of_row(None, kind, 30) == [("…" + " " * 29, "dim")]


def test_the_usual_columns_are_those_that_views_know() -> None:
    """The first frame cannot import them."""
    assert USUAL == DEFAULT_COLUMNS
