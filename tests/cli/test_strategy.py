"""The ranking rules on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from arqueue.cli import strategy
from arqueue.strategy_file import default_text
from tests.broker.company import Company

NO_SUCH_FACT = default_text().replace('fact = "days_past_due"', 'fact = "days_past_du"')
SMALL_FIRST = default_text().replace('name = "default"', 'name = "ours"').replace("points = 45", "points = 7")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the rules, changed."""
    file = tmp_path / "rules.toml"
    file.write_text(SMALL_FIRST, "utf-8")
    return file


def test_what_is_shown_can_be_checked_as_it_is(firm: Company, tmp_path: Path) -> None:
    """The file itself, on standard output."""
    shown = firm.door("strategy", "show")
    file = tmp_path / "shown.toml"
    file.write_text(shown.out, "utf-8")
    ran = firm.door("strategy", "check", str(file))
    assert (shown.status, ran.status) == (0, 0)
    assert "no mistakes" in ran.out + ran.err
    assert "days_past_due" in firm.door("strategy", "facts").out


@pytest.mark.parametrize("what", ["check", "try", "use"])
def test_a_mistake_is_named_with_its_line_and_its_field(firm: Company, tmp_path: Path, what: str) -> None:
    """And what was probably meant; the status says so, and nothing is changed."""
    file = tmp_path / "rules.toml"
    file.write_text(NO_SUCH_FACT, "utf-8")
    line = next(n for n, each in enumerate(NO_SUCH_FACT.splitlines(), start=1) if 'past_du"' in each)
    ran = firm.door("strategy", what, str(file), act_as="sue")
    assert ran.status == 1
    assert f"line {line}: rule." in ran.err
    assert "did you mean days_past_due?" in ran.err
    assert firm.door("strategy", "show", "--format", "json").json["default"]
    assert firm.door("strategy", what, str(tmp_path / "none.toml")).status == 1


def test_every_mistake_has_a_line_of_its_own(firm: Company, tmp_path: Path) -> None:
    """An editor finds each place; nothing of a line is taken for foreign text."""
    file = tmp_path / "rules.toml"
    file.write_text(NO_SUCH_FACT.replace("{age_days}", "{age_in_days}", 1), "utf-8")
    ran = firm.door("strategy", "check", str(file))
    told = [line for line in ran.err.splitlines() if line.startswith("arqueue: line ")]
    assert [line.split(": ")[2].split(".")[-1] for line in told] == ["words", "fact"]
    assert "\ufffd" not in ran.err


def test_a_file_is_tried_without_a_change_and_used_by_who_may(firm: Company, rules: Path) -> None:
    """Try says how many rows move; a collector is refused; then it ranks."""
    tried = firm.door("strategy", "try", str(rules))
    assert tried.status == 0
    assert "rows would move" in tried.err
    assert all(title in tried.out for title in ("The top ", " then: ", "Whose rows would rise and fall"))
    found = firm.door("strategy", "try", str(rules), "--format", "json").json
    assert 0 < found["moved"] <= found["total"]
    assert [row["id"] for row in found["before"]] == [row["id"] for row in listed(firm, len(found["before"]))]
    assert firm.door("strategy", "show", "--format", "json").json["name"] == "default"

    refused = firm.door("strategy", "use", str(rules))
    assert refused.status == 1
    assert "supervisors" in refused.err
    used = firm.door("strategy", "use", str(rules), act_as="sue")
    assert used.status == 0, used.err
    try:
        assert firm.door("strategy", "show").out == SMALL_FIRST
        then = listed(firm, len(found["after"]))
        wanted = [(row["id"], row["score"]) for row in found["after"]]
        assert [(row["id"], row["score"]) for row in then] == wanted
    finally:
        rules.write_text(default_text(), "utf-8")
        firm.door("strategy", "use", str(rules), act_as="sue")


def row(party: str) -> dict[str, Any]:
    """A row as the broker tells it, for the customer alone."""
    facts = {"kind": "overdue", "amount": "1250.00", "currency": "EUR", "score": 9, "assignee": "anna"}
    return {"id": party.lower(), "party": party, "reasons": [{"words": "late"}, {"words": "much"}], **facts}


def test_what_leaves_the_top_and_what_is_new_is_named(monkeypatch: pytest.MonkeyPatch, rules: Path) -> None:
    """Each with its other place; and whose rows rise, of all rows, those first who gain most."""
    gains = [("", 0, 1, 2, 7), ("anna", 1, 1, 7, 2)]
    found = {
        "name": "ours",
        "moved": 18,
        "total": 20,
        "before": [row("Acme"), row("Both")],
        "after": [row("Both"), row("Castell")],
        "places": [
            {"id": "acme", "now": 1, "then": 1200},
            {"id": "both", "now": 2, "then": 1},
            {"id": "castell", "now": 9, "then": 2},
        ],
        "gains": [
            dict(zip(("person", "before", "after", "up", "down"), gain, strict=True)) for gain in gains
        ],
        "unknown": [],
    }
    monkeypatch.setattr(strategy, "_call", lambda *_, **__: found)
    ran, listing = (
        CliRunner().invoke(strategy.try_command, [str(rules), "--format", form]).output
        for form in ("table", "csv")
    )
    told = [line.split() for line in ran.splitlines()]
    assert "The top 2 now: 1 leaves it" in ran
    assert "The top 2 then: 1 is new" in ran
    assert told[3] == ["1", "out", "1,200", "overdue", "Acme", "1250.00", "EUR", "9", "late"]
    assert told[4] == ["2", "1", "overdue", "Both", "1250.00", "EUR", "9", "late"]
    assert told[9] == ["2", "new", "9", "overdue", "Castell", "1250.00", "EUR", "9", "late"]
    assert told[-2:] == [["anna", "7", "2", "1", "1"], ["nobody", "2", "7", "0", "1"]]
    assert [line.split(",")[:3] for line in listing.splitlines()[2:]] == [
        ["1", "2", "both"],
        ["2", "9", "castell"],
        ["1200", "1", "acme"],
    ]


def listed(firm: Company, limit: int) -> list[dict[str, object]]:
    """The top of the list."""
    rows: list[dict[str, object]] = firm.door("list", "--limit", str(limit), "--format", "json").json
    return rows
