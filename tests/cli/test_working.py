"""The command line of working together: the same as the screens, for scripts."""

from __future__ import annotations

from pathlib import Path

from tests.broker.company import Company


def overdue(firm: Company, place: int) -> str:
    """The id of an overdue account."""
    rows = firm.door("list", "--view", "overdue", "--limit", "200", "--format", "json").json
    return str(rows[place]["id"])


def test_snooze_says_the_day_and_wake_ends_it(firm: Company) -> None:
    """Id and state on stdout, words on stderr; twice is once."""
    row = overdue(firm, 0)
    ran = firm.door("snooze", row, "--until", "next month", "--why", "holidays")
    assert (ran.status, ran.out) == (0, f"{row}  done\n")
    assert "Tue 1 Dec 2026" in ran.err
    again = firm.door("snooze", row, "--until", "2026-12-01", "--why", "holidays", "--format", "json")
    assert again.json["repeated"]
    assert overdue(firm, 0) != row
    assert firm.door("wake", row).status == 0
    refused = firm.door("wake", row, "--format", "json")
    assert (refused.status, refused.json["error"]["code"]) == (1, "refused")


def test_a_bad_day_is_an_error_with_examples(firm: Company) -> None:
    """Status 1, the field and the remedy."""
    ran = firm.door("snooze", overdue(firm, 0), "--until", "soon")
    assert ran.status == 1
    assert "until: 'soon' is no day" in ran.err
    assert "next month" in ran.err


def test_the_agenda_is_a_table_and_a_calendar_file(firm: Company, tmp_path: Path) -> None:
    """CRLF, one entry a plan, readable by its owner alone."""
    row = overdue(firm, 1)
    assert firm.door("follow-up", row, "--on", "fri", "--why", "call them").status == 0
    (plan,) = firm.door("agenda", "--format", "json").json
    assert (plan["id"], plan["on"], plan["kind"], plan["why"]) == (
        row,
        "2026-11-27",
        "follow-up",
        "call them",
    )
    file = tmp_path / "agenda.ics"
    ran = firm.door("agenda", "--ics", str(file))
    assert "1 entries" in ran.err or "1 entry" in ran.err
    text = file.read_bytes()
    assert text.count(b"BEGIN:VEVENT\r\n") == 1
    assert b"\n" not in text.replace(b"\r\n", b"")
    assert file.stat().st_mode & 0o777 == 0o600
    assert firm.door("follow-up", row, "--done").status == 0
    assert "nothing is due" in firm.door("agenda").err


def test_assign_pin_and_absence_name_the_rule_that_refuses(firm: Company) -> None:
    """A collector may not what a supervisor may."""
    row = overdue(firm, 2)
    assert firm.door("pin", row, "--why", "board").status == 1
    assert firm.door("pin", row, "--why", "board", act_as="sue").status == 0
    assert firm.door("pin", row, "--off", act_as="sue").status == 0
    assert firm.door("assign", row, "--to", "anna").status == 0
    assert firm.door("assign", row, "--to", "ben", act_as="ben").status == 1
    noted = firm.door(
        *("absence", "add", "anna", "2026-11-20", "2026-11-30", "--to", "ben", "--format", "json"),
        act_as="sue",
    )
    circle = firm.door("absence", "add", "ben", "2026-11-25", "2026-11-26", "--to", "anna", act_as="sue")
    assert circle.status == 1
    assert "name a stand-in who is there" in circle.err
    (away,) = firm.door("absence", "--format", "json").json
    assert (away["person"], away["stand_in"]) == ("anna", "ben")
    assert firm.door("absence", "end", str(noted.json["id"]), act_as="sue").status == 0
    assert firm.door("assign", row, "--by-rules", act_as="sue").status == 0


def test_next_gives_everybody_another_row(firm: Company) -> None:
    """What was claimed is given to nobody else for a while, though the command has ended."""
    taken = [firm.door("next", "--format", "json", act_as=who).json["id"] for who in ("anna", "ben", "anna")]
    assert len(set(taken)) == 3


def test_wrong_usage_is_said(firm: Company) -> None:
    """Status 2."""
    assert firm.door("assign", "x").status == 2
    assert firm.door("follow-up", "x").status == 2
    assert firm.door("pin", "x").status == 2


def test_a_promise_is_recorded_listed_and_withdrawn(firm: Company) -> None:
    """By a row or by the customer's code; the same again is once, and there is nothing to withdraw twice."""
    row = overdue(firm, 3)
    ran = firm.door("promise", row, "--on", "2026-12-01", "--why", "by phone")
    assert (ran.status, ran.out) == (0, f"{row}  done\n")
    assert "by Tue 1 Dec 2026" in ran.err
    assert firm.door(*("promise", row, "--on", "2026-12-01", "--why", "by phone", "--format", "json")).json[
        "repeated"
    ]
    (found,) = firm.door("promise", "--format", "json").json
    assert (found["id"], found["on"], found["state"], found["why"]) == (row, "2026-12-01", "open", "by phone")
    assert row in [each["id"] for each in firm.door("list", "--view", "promise", "--format", "json").json]
    code = found["party_code"]
    assert firm.door("promise", code, "--currency", found["currency"], "--withdraw").status == 0
    (gone,) = firm.door("promise", code, "--format", "json").json
    assert gone["state"] == "withdrawn"
    assert firm.door("promise", code, "--withdraw").status == 1
    assert firm.door("promise").err == "nothing is promised\n"


def test_what_cannot_be_promised_is_an_error_that_names_the_field(firm: Company) -> None:
    """Status 1 and the remedy; how the command is written is status 2."""
    row = overdue(firm, 3)
    for words, says in (
        (("--on", "2026-11-01"), "on: 2026-11-01 is not after today"),
        (("--on", "fri", "--amount", "0"), "amount: 0.00 is nothing that can be promised"),
        (("--on", "fri", "--amount", "1,50"), "amount: '1,50' is not a decimal number"),
    ):
        ran = firm.door("promise", row, *words)
        assert (ran.status, says in ran.err) == (1, True), ran.err
    assert firm.door("promise", "C-99999", "--on", "fri").status == 1
    assert firm.door("promise", row, "--amount", "5").status == 2
    assert firm.door("promise", row, "--on", "fri", "--withdraw").status == 2
    assert firm.door("promise", "--on", "fri").status == 2
