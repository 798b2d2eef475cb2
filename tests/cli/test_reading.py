"""What the command line prints: tables for people, JSON and CSV for programs, the same rows in each."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import unicodedata
from typing import Any

import pytest

from tests.broker.company import Company, Ran, command, run_cli

_CONTRACT = [
    "rank",
    "id",
    "kind",
    "party",
    "party_code",
    "amount",
    "currency",
    "age_days",
    "score",
    "reasons",
    "owner",
    "state",
]
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
READING: list[tuple[str, ...]] = [
    ("list", "--limit", "20"),
    ("inbox",),
    ("show", "PAY-7021"),
    ("show", "PAY-7021", "--why"),
    ("find", "Brasserie"),
    ("suggest", "PAY-7021"),
    ("suggest", "--all", "--limit", "25"),
    ("auto",),
    ("alias", "list"),
    ("outbox",),
    ("broker", "status"),
    ("doctor",),
    ("clock", "show"),
    ("audit", "verify"),
    ("sync", "--wait"),
    ("sync",),
]


def rows(ran: Ran) -> list[dict[str, str]]:
    """The CSV that was printed."""
    return list(csv.DictReader(io.StringIO(ran.out)))


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_every_reading_command_prints_json_that_parses(firm: Company, words: tuple[str, ...]) -> None:
    """stdout is one JSON document, exit status 0."""
    ran = firm.door(*words, "--format", "json")
    assert (ran.status, "Traceback" in ran.err) == (0, False), ran.err
    assert ran.json is not None
    assert "error" not in ran.json


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_every_reading_command_prints_csv_with_one_header(firm: Company, words: tuple[str, ...]) -> None:
    """Every row has the fields of the header, no more and no fewer."""
    ran = firm.door(*words, "--format", "csv")
    assert ran.status == 0, ran.err
    lines = list(csv.reader(io.StringIO(ran.out)))
    assert lines
    assert {len(line) for line in lines} == {len(lines[0])}


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_every_reading_command_prints_a_table(firm: Company, words: tuple[str, ...]) -> None:
    """Printable lines without trailing blanks; nothing at all is said on stderr, never with an empty table on stdout."""
    ran = firm.door(*words)
    assert ran.status == 0, ran.err
    assert ran.out or ran.err
    assert all(line == line.rstrip() for line in ran.out.split("\n"))
    assert all(line.isprintable() for line in ran.out.split("\n"))


def test_list_has_the_fields_of_the_contract_in_json_and_csv(firm: Company) -> None:
    """rank, id, kind … state, amounts as decimal strings with their currency."""
    found = firm.door("list", "--format", "json", "--limit", "400").json
    printed = rows(firm.door("list", "--format", "csv", "--limit", "400"))
    assert len(found) == len(printed) > 40
    assert list(printed[0])[: len(_CONTRACT)] == _CONTRACT
    for number, (row, line) in enumerate(zip(found, printed, strict=True), 1):
        assert set(_CONTRACT) <= set(row)
        assert row["rank"] == number == int(line["rank"])
        assert _AMOUNT.fullmatch(row["amount"])
        assert (row["id"], row["amount"], row["currency"]) == (line["id"], line["amount"], line["currency"])
        assert isinstance(row["age_days"], int)
        assert sum(reason["points"] for reason in row["reasons"]) == row["score"]
        assert row["state"] in ("open", "queued", "failed")


def test_list_pages_through_the_queue(firm: Company) -> None:
    """--limit and --offset cut the same list, across windows of the broker."""
    whole = [row["id"] for row in firm.door("list", "--format", "json", "--limit", "1000").json]
    part = firm.door("list", "--format", "json", "--limit", "7", "--offset", "5").json
    assert [row["id"] for row in part] == whole[5:12]
    assert [row["rank"] for row in part] == list(range(6, 13))
    assert firm.door("list", "--offset", "100000", "--format", "json").json == []


def test_a_list_that_is_cut_says_of_how_many(firm: Company) -> None:
    """On stderr, so that a script reads rows alone; a whole list says nothing."""
    total = len(firm.cli("list", "--limit", "5000", "--format", "json").json)
    assert f"3 of {total}" in firm.cli("list", "--limit", "3").err
    assert " of " not in firm.cli("list", "--limit", "5000").err


def test_list_narrows_by_view_and_by_words(firm: Company) -> None:
    """--view is a kind of work, --where wants every term."""
    kinds = {row["kind"] for row in firm.door("list", "--view", "payment", "--format", "json").json}
    assert kinds == {"payment"}
    found = firm.door("list", "--where", "party:alder kind:payment", "--format", "json").json
    assert [row["subject"] for row in found] == ["PAY-7001"]


def test_an_empty_list_says_so(firm: Company) -> None:
    """A word on stderr instead of a bare header; programs get an empty document."""
    ran = firm.door("list", "--where", "no-such-customer")
    assert (ran.status, ran.out) == (0, "")
    assert ran.err.startswith("no row matches no-such-customer; view all holds ")
    assert ran.err.endswith("without it\nnothing\n")
    assert firm.door("list", "--where", "no-such-customer", "--format", "json").out == "[]\n"


def test_show_why_is_the_arithmetic_of_the_score(firm: Company) -> None:
    """By work id, item number or customer code; the points sum to the score."""
    for key in ("PAY-7021", "C-00006"):
        why = firm.door("show", key, "--why", "--format", "json").json
        assert sum(reason["points"] for reason in why["reasons"]) == why["score"]
        table = firm.door("show", key, "--why").out
        assert f"{why['score']:>6}  in all" in table
        again = firm.door("show", why["id"], "--why", "--format", "json").json
        assert again == why


def test_show_why_of_what_is_nobodys_work_is_not_found(firm: Company) -> None:
    """A closed item has no score."""
    ran = firm.door("show", "INV-7005", "--why", "--format", "json")
    assert ran.status == 1
    assert ran.json["error"]["code"] == "not_found"


def test_show_has_what_the_account_screen_has(firm: Company) -> None:
    """Item, account with ageing that sums to the balance, open items, family."""
    shown = firm.door("show", "PAY-7081", "--format", "json").json
    assert shown["item"]["number"] == "PAY-7081"
    account = shown["account"]
    assert [each["code"] for each in account["family"]] == ["C-00010"]
    for row in account["ageing"]:
        cents = [int(each["amount"].replace(".", "")) for each in row["buckets"]]
        total = sum(cents) + int(row["credits"].replace(".", ""))
        assert total == int(row["balance"].replace(".", ""))
    text = firm.door("show", "PAY-7081").out
    assert "Ilmhafen Handelsgruppe SE" in text
    assert "family:" in text
    assert len(rows(firm.door("show", "PAY-7081", "--format", "csv"))) == account["items_total"]


def test_suggest_has_the_fields_of_the_contract(firm: Company) -> None:
    """The two invoices that the remittance names come first, whole, and nothing is left."""
    found = firm.door("suggest", "PAY-7081", "--format", "json").json
    first: dict[str, Any] = found[0]
    assert {"rank", "kind", "lines", "applied", "left", "difference", "answers", "unique", "why"} <= set(
        first
    )
    assert first["rank"] == 1
    assert {(line["number"], line["amount"]) for line in first["lines"]} == {
        ("INV-7081", "440.30"),
        ("INV-7082", "712.65"),
    }
    assert (first["left"], first["difference"]["kind"]) == ("0.00", "none")
    assert firm.door("suggest", "PAY-7081", "--limit", "1", "--format", "json").json == [first]


def test_find_in_csv_is_one_table(firm: Company) -> None:
    """Customers and items under the same header, told apart by their kind."""
    found = rows(firm.door("find", "7001", "--format", "csv"))
    assert {"PAY-7001", "INV-7001"} <= {row["number"] for row in found}
    named = rows(firm.door("find", "Fjordland Bygg", "--format", "csv"))
    assert [(row["kind"], row["number"]) for row in named] == [("party", "C-00006")]


def test_hostile_names_reach_no_terminal_raw(firm: Company) -> None:
    """No escape, no control, no bidi, in no format, in no command that shows the customer from hell."""
    for words in (
        ("list", "--limit", "500"),
        ("show", "C-00011"),
        ("show", "PAY-7091"),
        ("find", "Vex"),
        ("suggest", "PAY-7091"),
        ("outbox",),
    ):
        for form in ("table", "json", "csv"):
            ran = firm.door(*words, "--format", form)
            assert ran.status == 0
            for line in (ran.out + ran.err).split("\n"):
                assert line.isprintable(), (words, form, line)
                assert not set(line) & set("\u202e\u202c\u200b\u2066\u2069\ufeff"), (words, form)


def test_what_a_hostile_user_types_is_guarded_on_its_way_back(firm: Company) -> None:
    """Errors repeat what was typed, made harmless."""
    for words in (("show", "\x1b]52;c;cm0=\x07"), ("list", "--view", "\x1b[2J"), ("\x1b[31mlist",)):
        ran = firm.door(*words)
        assert ran.status in (1, 2)
        assert "\x1b" not in ran.out + ran.err
        assert "\x07" not in ran.out + ran.err


def test_text_that_looks_like_a_formula_is_disarmed_in_csv(firm: Company) -> None:
    """A remittance text `=HYPERLINK(…)` opens nowhere as a formula; negative amounts stay numbers."""
    (ran,) = [firm.door("note", "C-00012", "=1+1", "--wait")]
    assert ran.status == 0, ran.err
    printed = rows(firm.door("outbox", "--format", "csv"))
    for row in printed:
        assert not any(value.startswith(("=", "+", "@")) for value in row.values())
    credits_ = rows(firm.door("find", "PAY-70", "--format", "csv"))
    assert any(row["residual"].startswith("-") for row in credits_)


def test_wide_letters_do_not_break_the_columns(firm: Company) -> None:
    """A Japanese name takes two cells a letter; what follows it stands where it should."""

    def cells(text: str) -> int:
        return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)

    out = firm.door("list", "--limit", "500").out.split("\n")
    header = out[0]
    place = header.index("subject")
    (line,) = [each for each in out if "PAY-7071" in each]
    assert cells(line[: line.index("PAY-7071")]) == place


def test_a_terminal_without_every_letter_is_no_failure(firm: Company) -> None:
    """A Latin-1 terminal and a Japanese customer: what cannot be written is spelled out."""
    ran = run_cli("--config", str(firm.config), "show", "C-00008", env={"PYTHONIOENCODING": "latin-1"})
    assert ran.status == 0, ran.err
    assert "\\u661f" in ran.out


def test_a_reader_that_leaves_is_no_failure(firm: Company) -> None:
    """`arqueue list | head -1` ends well."""
    listing = subprocess.Popen(
        command("--config", str(firm.config), "list", "--limit", "1000", "--format", "csv"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert listing.stdout is not None
    listing.stdout.close()
    _, err = listing.communicate(timeout=30)
    assert listing.returncode == 0
    assert b"Traceback" not in err


def test_json_is_ascii_so_that_it_survives_every_pipe(firm: Company) -> None:
    """Names in every script are escaped in JSON."""
    out = firm.door("list", "--limit", "500", "--format", "json").out
    assert out.isascii()
    assert any("Dörnbach" in row["party"] for row in json.loads(out))
