"""Automatic application: off unless it is said, only what leaves no doubt, once, as a person of its own; supervisors are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arqueue.model.money import Money
from data.broker.auto import judge
from data.demo.launch import TODAY
from data.demo.people import people_file
from tests.broker.company import PATIENCE_S, Company, company, until

ON = '\n[cash]\nunidentified = ["SUSPENSE"]\n\n[cash.auto]\nenabled = true\nlimit = { EUR = "2200.00", GBP = "5000.00" }\n'
AUTO = '\n[[person]]\nid = "robot"\nname = "Automatic application"\nroles = ["auto"]\n'
PEOPLE = people_file(("EUR", "USD", "GBP")) + AUTO


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company where it is switched on; what it does after the first pull is done."""
    with company(tmp_path_factory.mktemp("firm"), section=ON, people=PEOPLE) as made:
        until(lambda: posted(made, "PAY-7001"), "PAY-7001 is applied", patience_s=PATIENCE_S)
        yield made


def orders(firm: Company) -> list[dict[str, Any]]:
    """What it ordered."""
    rows = firm.ask("outbox", limit=500)["rows"]
    return [row for row in rows if row["actor"] == "robot"]


def posted(firm: Company, number: str) -> bool:
    """Whether it has applied that payment."""
    return any(row["state"] == "posted" and number in row["words"] for row in orders(firm))


def seen(firm: Company) -> dict[str, dict[str, Any]]:
    """Every unapplied payment by number."""
    ran = firm.door("suggest", "--all", "--format", "json")
    assert ran.status == 0, ran.err
    return {row["number"]: row for row in ran.json}


def test_only_what_leaves_no_doubt_is_applied(firm: Company) -> None:
    """Named, to the cent, unique, below the limit; everything else is left to people, with the reason."""
    numbers = {word for row in orders(firm) for word in row["words"].split() if word.startswith("PAY-")}
    assert {"PAY-7001", "PAY-7081"} <= numbers
    assert not {"PAY-7011", "PAY-7021", "PAY-7031", "PAY-7041", "PAY-7101"} & numbers
    left = seen(firm)
    assert "nothing open is named" in left["PAY-7011"]["why"]
    assert "nobody knows" in left["PAY-7101"]["why"]
    assert not any(row["would"] for row in left.values())


def test_it_is_ordered_by_a_person_of_its_own_and_in_the_audit(firm: Company) -> None:
    """With a row for each step; no order is made twice by later pulls."""
    until(lambda: all(row["state"] == "posted" for row in orders(firm)), "all is posted")
    before = {row["target"]: firm.ask("show", id=row["target"])["applied"] for row in orders(firm)}
    for _ in range(2):
        firm.ask("sync", wait=True)
    assert {row["target"]: firm.ask("show", id=row["target"])["applied"] for row in orders(firm)} == before
    assert all(before.values())
    assert len(before) == len(orders(firm))
    assert {row["op"] for row in orders(firm)} == {"apply"}
    assert firm.door("audit", "verify").status == 0


def test_each_business_date_is_told_by_currency_and_to_supervisors(firm: Company) -> None:
    """Counts and amounts agree with the outbox; collectors do not see the line."""
    rows = firm.door("auto", "--day", TODAY.isoformat(), "--format", "json").json
    done = orders(firm)
    for row in rows:
        same = [each for each in done if each["currency"] == row["currency"]]
        total = Money.total((Money.parse(each["amount"], row["currency"]) for each in same), row["currency"])
        assert (row["day"], row["payments"], row["amount"]) == (TODAY.isoformat(), len(same), str(total))
    assert sum(row["payments"] for row in rows) == len(done)
    until(lambda: told(firm, "sue"), "supervisors are told")
    (line,) = told(firm, "sue")
    assert f"applied {len(done)} payments without a person" in line["reasons"][0]["words"]
    assert told(firm, "anna") == []
    assert firm.ask("show", id=line["id"], act_as="sue")["account"] is None


def told(firm: Company, who: str) -> list[dict[str, Any]]:
    """The lines about it in somebody's inbox."""
    rows = firm.ask("window", view="escalation", act_as=who)["rows"]
    return [row for row in rows if row["id"].startswith("escalation/auto/")]


def test_what_a_person_takes_back_stays_taken_back(firm: Company) -> None:
    """It is counted as such, and not applied again."""
    shown = firm.ask("show", id="PAY-7001")
    for allocation in shown["applied"]:
        ran = firm.door("unapply", allocation["id"], "--wait", "--format", "json")
        assert ran.json["state"] == "posted", ran.err
    firm.ask("sync", wait=True)
    row = seen(firm)["PAY-7001"]
    assert (row["would"], row["why"]) == (False, "somebody has decided on it before")
    day = {each["currency"]: each for each in firm.ask("auto", day=TODAY.isoformat())}
    assert day["EUR"]["taken_back"] == 1
    until(lambda: "1 taken back" in told(firm, "sue")[0]["reasons"][0]["words"], "supervisors are told")
    assert firm.ask("show", id="PAY-7001")["item"]["open"] == "-2142.25"


def test_the_table_says_what_it_would_do(firm: Company) -> None:
    """With the total on stderr; a limit cuts the rows, and the sum says so."""
    ran = firm.door("suggest", "--all", "--limit", "3")
    assert len(ran.out.splitlines()) == 4
    assert re.search(r"of the first 3 of \d+ unapplied payments automatic application applies 0", ran.err)
    assert firm.door("suggest").status == 2
    assert firm.door("suggest", "PAY-7001", "--all").status == 2


def test_doctor_says_as_whom_and_up_to_what(firm: Company) -> None:
    """One line."""
    found = {row["check"]: row for row in firm.door("doctor", "--format", "json").json}
    assert "on as robot, up to 2200.00 EUR, 5000.00 GBP" in found["automatic"]["words"]


def test_it_is_off_unless_it_is_said(tmp_path: Path) -> None:
    """Nothing is ordered; what it would do is shown all the same."""
    section = '\n[cash.auto]\nlimit = { EUR = "2200.00" }\n'
    with company(tmp_path / "c", section=section, people=PEOPLE) as made:
        row = seen(made)["PAY-7001"]
        assert (row["would"], row["suggestion"]["rank"]) == (True, 1)
        assert "switched off" in made.door("suggest", "--all", "--limit", "1").err
        made.ask("sync", wait=True)
        assert made.ask("outbox")["total"] == 0
        found = {each["check"]: each for each in made.door("doctor", "--format", "json").json}
        assert found["automatic"]["words"].startswith("off")


def test_without_a_person_of_that_role_nothing_is_applied_and_it_is_said(tmp_path: Path) -> None:
    """In the broker's log and by doctor, with the remedy."""
    with company(tmp_path / "c", section=ON) as made:
        made.ask("sync", wait=True)
        assert made.ask("outbox")["total"] == 0
        assert "nobody has the role auto" in made.log()
        ran = made.door("doctor", "--format", "json")
        (found,) = [each for each in ran.json if each["check"] == "automatic"]
        assert (ran.status, found["result"]) == (1, "bad")
        assert "people.toml" in found["remedy"]


def way(**changes: Any) -> dict[str, Any]:
    """A suggestion that leaves no doubt."""
    line = {"number": "INV-1", "amount": "10.00", "discount": "0.00", "short": "0.00"}
    made: dict[str, Any] = {
        "kind": "reference",
        "lines": [line],
        "left": "0.00",
        "currency": "EUR",
        "difference": {"kind": "none", "amount": "0.00", "item": None},
        "answers": 1,
        "counted": True,
        "unique": True,
        "sure": True,
        "why": ["text names INV-1"],
    }
    return made | changes


def told_of(*ways: dict[str, Any], **changes: Any) -> Any:
    """An answer with these suggestions."""
    payment = {"open": "-10.00", "currency": "EUR"}
    return {"payment": payment, "suggestions": list(ways), "complete": True, "unidentified": False, **changes}


LIMIT = Money(1000, "EUR")
SHORT = {"kind": "short", "amount": "1234.00", "item": None}


@pytest.mark.parametrize(
    "told,why",
    [
        (told_of(), "nothing is open"),
        (told_of(way(), unidentified=True), "who sent it"),
        (told_of(way(), complete=False), "not complete"),
        (told_of(way(kind="exact")), "nothing open is named"),
        (told_of(way(kind="exact"), way()), "is not what fits best"),
        (told_of(way(difference=SHORT)), "short 1,234.00"),
        (told_of(way(left="1.00")), "not come out even"),
        (told_of(way(unique=False, answers=36)), "1 of 36 equal"),
        (told_of(way(unique=False, counted=False, answers=9)), "1 of more than 9"),
        (told_of(way(sure=False)), "leaves a doubt"),
        (told_of(way(lines=[{"amount": "-1.00", "discount": "0.00", "short": "0.00"}])), "nets credits"),
        (told_of(way(lines=[{"amount": "1.00", "discount": "0.02", "short": "0.00"}])), "not paid in full"),
        (told_of(way(lines=[{"amount": "1.00", "discount": "0.00", "short": "0.02"}])), "not paid in full"),
    ],
)
def test_every_doubt_is_enough(told: Any, why: str) -> None:
    """And is said."""
    would, words = judge(told, LIMIT, touched=False)
    assert not would
    assert why in words


def test_up_to_the_limit_and_only_what_nobody_has_decided() -> None:
    """The limit itself is within; without one nothing is."""
    assert judge(told_of(way()), LIMIT, touched=False) == (True, "text names INV-1")
    assert not judge(told_of(way()), LIMIT, touched=True)[0]
    assert not judge(told_of(way()), Money(999, "EUR"), touched=False)[0]
    assert not judge(told_of(way()), None, touched=False)[0]
