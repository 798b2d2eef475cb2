"""Words are erased on an administrator's order, and everybody can see that they were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arqueue.errors import Invalid, NotFound, Refused
from tests.broker.company import Company, company, until

WORDS = "she weeps on the phone"


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company in which somebody handed something up and adjusted something."""
    with company(tmp_path_factory.mktemp("erasing")) as made:
        made.ask("sync", wait=True)
        yield made


def handed_up(firm: Company, intent: str, target: str = "C-00001") -> str:
    """An order with words, in the ledger."""
    command = {"op": "escalate", "target": target, "to": "sue", "why": WORDS}
    order = firm.ask("submit", intent=intent, command=command)["id"]
    until(lambda: firm.ask("command", id=order)["command"]["state"] == "posted", "it is posted")
    return str(order)


def painted(firm: Company, order: str) -> str:
    """All that the outbox says of it."""
    return repr(firm.ask("command", id=order))


@pytest.mark.parametrize("person", ["anna", "sue", "max"])
def test_only_an_administrator_erases(firm: Company, person: str) -> None:
    """Neither who said it, nor a supervisor, nor an auditor."""
    order = handed_up(firm, f"refused-{person}")
    with pytest.raises(Refused, match="only an administrator"):
        firm.ask("erase", act_as=person, command=order, why="I would rather not have said it")
    assert WORDS in painted(firm, order)


def test_words_leave_outbox_and_queue_and_the_audit_says_so(firm: Company) -> None:
    """By whom and why; the verification holds, and counts what went."""
    order = handed_up(firm, "to-be-erased-1")
    done = firm.ask("erase", act_as="ada", command=order, why="asked by letter")
    assert (done["commands"], done["left"]) == (1, 0)
    assert done["texts"] >= 1
    assert WORDS not in painted(firm, order)
    assert WORDS not in repr(
        [row for row in firm.ask("window", limit=200)["rows"] if order in str(row["id"])]
    )
    found: Any = firm.door("audit", "verify", "--format", "json").json
    (erasure,) = [each for each in found["erased"] if each["row"] == done["row"]]
    assert (erasure["by"], erasure["why"], erasure["subject"]) == ("ada", "asked by letter", order)


def test_a_customers_words_go_together(firm: Company) -> None:
    """Of every order that is final."""
    orders = [handed_up(firm, f"together-{n}", "C-00002") for n in range(2)]
    done = firm.ask("erase", act_as="ada", party="C-00002", why="asked by letter")
    assert done["commands"] == 2
    for order in orders:
        assert WORDS not in painted(firm, order)


@pytest.mark.parametrize(
    "params,kind",
    [
        ({"command": "f" * 32, "why": "x"}, NotFound),
        ({"party": "C-99999", "why": "x"}, NotFound),
        ({"why": "x"}, Invalid),
        ({"command": "a", "party": "b", "why": "x"}, Invalid),
        ({"party": "C-00002", "why": " "}, Invalid),
    ],
)
def test_what_cannot_be_erased_is_refused_in_words(
    firm: Company, params: dict[str, str], kind: type[Exception]
) -> None:
    """Nothing changes."""
    with pytest.raises(kind):
        firm.ask("erase", act_as="ada", **params)


def test_the_command_line_erases_exports_and_replays(firm: Company, tmp_path: Path) -> None:
    """The same by the door, and the ledger's postings agree with the chain."""
    order = handed_up(firm, "by-the-door-1")
    erased = firm.door("audit", "erase", "--command", order, "--why", "asked", act_as="ada")
    assert erased.status == 0, erased.err
    assert "audit row" in erased.out
    target = tmp_path / "audit.csv"
    exported = firm.door("audit", "export", "--format", "csv", "--output", str(target))
    assert exported.status == 0, exported.err
    key = str(firm.settings.store_dir / "audit.pub")
    assert firm.door("audit", "verify", "--file", str(target), "--key", key).status == 0
    assert firm.door("audit", "verify", "--ledger", "--format", "json").json["postings"] >= 0
    again = firm.door("audit", "export", "--output", str(target))
    assert again.status == 1
    assert "exists" in again.err
    shown = firm.door("replay", "--as-of", "2099-01-01", "--format", "json").json
    assert shown["total"] == firm.ask("window", act_as="max")["total"]
    assert firm.door("replay", "--as-of", "yesterday").status == 1


def test_a_posting_says_where_the_audit_stood(firm: Company) -> None:
    """And the verification counts it."""
    items = firm.ask("show", id="C-00003")["account"]["items"]
    number = next(row["number"] for row in items if not row["open"].startswith("-"))
    before = firm.door("audit", "verify", "--ledger", "--format", "json").json["postings"]
    done = firm.door("adjust", number, "--amount", "0.50", "--reason", "small", "--wait", act_as="sue")
    assert done.status == 0, done.err
    assert firm.door("audit", "verify", "--ledger", "--format", "json").json["postings"] == before + 1
