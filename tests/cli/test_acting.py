"""Acting from the command line: id and state of every command, exit statuses that say how it went, one intent is one command."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from data.broker.lock import owner_of
from tests.broker.company import Company, Ran, alive, command, company, run_cli, until


def did(ran: Ran) -> str:
    """The id of the command that was made or moved."""
    assert ran.status == 0, ran.err
    return str(ran.json["id"])


def test_apply_by_item_and_amount_is_posted(firm: Company) -> None:
    """--wait returns when the ledger has it and it was read back; id and state are on stdout."""
    ran = firm.cli("apply", "PAY-7001", "--to", "INV-7002=842.50", "--to", "INV-7004=1299.75", "--wait")
    assert ran.status == 0, ran.err
    command_id, state = ran.out.split()
    assert (len(command_id), state) == (32, "posted")
    assert "posted and read back" in ran.err
    shown = firm.cli("show", "INV-7004", "--format", "json").json
    assert shown["item"]["residual"] == "0.00"
    assert firm.row(shown["item"]["id"])["residual"] == "0.00"
    assert [each["credit_number"] for each in shown["applied"]] == ["PAY-7001"]


def test_apply_a_suggestion(firm: Company) -> None:
    """--suggestion N takes the N-th of `arqueue suggest`."""
    ran = firm.cli("apply", "PAY-7011", "--suggestion", "1", "--wait", "--format", "json")
    assert (ran.status, ran.json["state"], ran.json["amount"]) == (0, "posted", "613.88")
    assert firm.cli("show", "INV-7012", "--format", "json").json["item"]["residual"] == "0.00"


def test_unapply_takes_it_back(firm: Company) -> None:
    """The allocation that `show` lists is freed again, in the ledger too."""
    assert firm.cli("apply", "PAY-7021", "--to", "INV-7021=100.00", "--wait").status == 0
    shown = firm.cli("show", "INV-7021", "--format", "json").json
    (allocation,) = shown["applied"]
    ran = firm.cli("unapply", allocation["id"], "--wait", "--format", "json")
    assert (ran.status, ran.json["state"]) == (0, "posted")
    assert firm.cli("show", "INV-7021", "--format", "json").json["item"]["residual"] == "1180.40"


def test_adjust_has_its_journal_entry(firm: Company) -> None:
    """A write-off within the limit is one journal entry in the ledger under the command's id; case does not matter."""
    command_id = did(
        firm.cli("adjust", "INV-7031", "--amount", "0.37", "--reason", "small", "--wait", "--format", "json")
    )
    assert firm.postings(command_id) == 1
    assert firm.cli("show", "INV-7031", "--format", "json").json["item"]["residual"] == "0.00"


def test_above_the_limit_it_waits_for_another_person(firm: Company) -> None:
    """Anna's 186.00 are pending; her own yes is refused; Ben's is posted; each prints id and state."""
    made = firm.cli("adjust", "INV-7041", "--amount", "186.00", "--reason", "FREIGHT", "--format", "json")
    command_id = did(made)
    assert made.json["state"] == "pending"
    own = firm.cli("approve", command_id, "--format", "json")
    assert (own.status, own.json["error"]["code"]) == (1, "refused")
    assert firm.postings(command_id) == 0
    ran = firm.cli("approve", command_id[:8], "--wait", "--format", "json", act_as="ben")
    assert (ran.status, ran.json["state"], ran.json["id"]) == (0, "posted", command_id)
    assert firm.postings(command_id) == 1
    assert firm.cli("approve", command_id, "--wait", act_as="ben").status == 0
    assert firm.postings(command_id) == 1


def test_decline_says_why(firm: Company) -> None:
    """A supervisor's no with its reason; the maker puts the failure away."""
    command_id = did(
        firm.cli("adjust", "INV-7051", "--amount", "99.00", "--reason", "PRICE", "--format", "json")
    )
    ran = firm.cli("decline", command_id, "--why", "ask them first", act_as="sue")
    assert (ran.status, ran.out) == (0, f"{command_id}  declined\n")
    found = firm.cli("list", "--view", "failure", "--format", "json").json
    assert f"failure/{command_id}" in [row["id"] for row in found]
    assert firm.cli("dismiss", f"failure/{command_id}").status == 0
    found = firm.cli("list", "--view", "failure", "--format", "json").json
    assert f"failure/{command_id}" not in [row["id"] for row in found]


def test_undo_takes_back_what_was_not_sent(firm: Company) -> None:
    """A pending command is cancelled; undoing it again is no error; what is posted is refused with what to do instead."""
    command_id = did(
        firm.cli("adjust", "INV-7052", "--amount", "99.00", "--reason", "PRICE", "--format", "json")
    )
    for _ in range(2):
        assert firm.cli("undo", command_id).out == f"{command_id}  cancelled\n"
    posted = did(firm.cli("note", "C-00001", "to be undone", "--wait", "--format", "json"))
    ran = firm.cli("undo", posted)
    assert ran.status == 1
    assert "posted already: note on C-00001: to be undone; a note stays; write another" in ran.err
    assert "→" in ran.err


def test_a_note_stands_on_the_ledgers_record(firm: Company) -> None:
    """Read back over the ledger's own API, with the person as its author."""
    did(firm.cli("note", "C-00002", "called, pays on Friday", "--wait", "--format", "json"))
    notes = firm.cli("show", "C-00002", "--format", "json").json["account"]["notes"]
    assert [(note["text"], note["author"], note["ours"]) for note in notes[:1]] == [
        ("called, pays on Friday", "anna", True)
    ]


def test_escalate_arrives_in_the_inbox(firm: Company) -> None:
    """Sue sees it, Anna does not; Sue puts it away when it is dealt with."""
    command_id = did(
        firm.cli("escalate", "C-00006", "--to", "sue", "--why", "stop deliveries?", "--format", "json")
    )
    seen = firm.cli("inbox", "--format", "json", act_as="sue").json
    (row,) = [each for each in seen if each["id"] == f"escalation/{command_id}"]
    assert row["reasons"][0]["words"] == "stop deliveries?"
    assert firm.cli("inbox", "--format", "json").json == []
    assert firm.cli("dismiss", row["id"], act_as="sue").status == 0
    seen = firm.cli("inbox", "--format", "json", act_as="sue").json
    assert row["id"] not in [each["id"] for each in seen]


def test_the_same_intent_twice_is_one_command(firm: Company) -> None:
    """A script that is run again posts nothing twice."""
    words = ("note", "C-00003", "once", "--intent", "nightly-job-1", "--format", "json")
    first, second = firm.cli(*words), firm.cli(*words, "--wait")
    assert first.json["id"] == second.json["id"]
    assert (first.json["repeated"], second.json["repeated"]) == (False, True)


@pytest.mark.parametrize(
    "words",
    [
        ("--as", "sue", "list"),
        ("list", "--as", "sue"),
        ("list", "--as=sue", "--limit", "3"),
        ("inbox", "--as", "sue"),
    ],
    ids=" ".join,
)
def test_as_and_config_may_stand_anywhere(firm: Company, words: tuple[str, ...]) -> None:
    """Before the command or after it."""
    for line in (("--config", str(firm.config), *words), (*words, "--config", str(firm.config))):
        ran = run_cli(*line, "--format", "json")
        assert ran.status == 0, ran.err
        assert isinstance(ran.json, list)
    ran = run_cli("list", "--as", "zed", "--config", str(firm.config), "--format", "json")
    assert ran.json["error"]["code"] == "not_found"
    ran = run_cli("list", "--config", str(firm.config), "--as")
    assert (ran.status, "--as" in ran.err) == (2, True)


REFUSED: list[tuple[int, str, tuple[str, ...]]] = [
    (1, "not_found", ("show", "no-such-thing")),
    (1, "not_found", ("apply", "PAY-9999", "--to", "INV-7001=1.00")),
    (1, "not_found", ("apply", "PAY-7081", "--suggestion", "99")),
    (1, "not_found", ("undo", "00000000000000000000000000000000")),
    (1, "not_found", ("unapply", "allocation:999999")),
    (1, "invalid", ("apply", "PAY-7081", "--to", "INV-7081")),
    (1, "invalid", ("apply", "PAY-7081", "--to", "INV-7081=1_0")),
    (1, "invalid", ("apply", "PAY-7081", "--to", "INV-7081=1.005")),
    (1, "refused", ("apply", "PAY-7081", "--to", "INV-7081=-5")),
    (1, "refused", ("apply", "PAY-7081", "--to", "INV-7081=9999.00")),
    (1, "refused", ("apply", "INV-7081", "--to", "INV-7082=1.00")),
    (1, "refused", ("apply", "PAY-7081", "--to", "INV-7011=1.00")),
    (1, "refused", ("suggest", "INV-7081")),
    (1, "refused", ("adjust", "INV-7011", "--amount", "1.00", "--reason", "NOPE")),
    (1, "refused", ("note", "C-00001", "  ")),
    (1, "refused", ("escalate", "C-00001", "--to", "nobody", "--why", "x")),
    (1, "refused", ("escalate", "C-00001", "--to", "anna", "--why", "x")),
    (1, "invalid", ("note", "C-00001", "x", "--intent", "short")),
    (1, "invalid", ("clock", "set", "yesterday")),
    (2, "usage", ("apply", "PAY-7081")),
    (2, "usage", ("apply", "PAY-7081", "--to", "a=1", "--suggestion", "1")),
    (2, "usage", ("list", "--view", "everything")),
    (2, "usage", ("list", "--limit", "0")),
    (2, "usage", ("outbox", "--state", "lost")),
    (2, "usage", ("adjust", "INV-7031")),
    (2, "usage", ("decline", "x")),
    (2, "usage", ("show",)),
    (2, "usage", ("show", "a", "b")),
    (2, "usage", ("list", "--colour")),
    (2, "usage", ("frobnicate",)),
    (2, "usage", ("clock", "advance", "-1")),
    (2, "usage", ("clock",)),
    (2, "usage", ("audit",)),
]


@pytest.mark.parametrize("status, code, words", REFUSED, ids=[" ".join(words) for _, _, words in REFUSED])
def test_what_is_refused_says_why_and_what_to_do(
    firm: Company, status: int, code: str, words: tuple[str, ...]
) -> None:
    """Exit status 1 refused or not found, 2 wrong usage; words on stderr, the same as JSON on stdout, and a hint."""
    ran = firm.door(*words, "--format", "json")
    assert ran.status == status, ran.err
    error = ran.json["error"]
    assert error["code"] == code
    assert error["message"]
    assert error["hint"]
    assert error["message"].split("\n")[0][:40] in ran.err
    assert "→" in ran.err
    assert "Traceback" not in ran.err


def test_in_a_table_an_error_leaves_stdout_empty(firm: Company) -> None:
    """stdout is data: a refusal is narration."""
    ran = firm.door("show", "no-such-thing")
    assert (ran.status, ran.out) == (1, "")


def test_nobody_else_is_acted_as_who_is_not_there(firm: Company) -> None:
    """--as names the people there are."""
    ran = firm.door("list", act_as="zed")
    assert ran.status == 1
    assert "anna" in ran.err


# ---- the ledger or the broker is away


@pytest.fixture
def held(firm: Company) -> Company:
    """The same company, with sound faults again afterwards."""
    firm.faults()
    return firm


def test_an_unknown_outcome_is_exit_status_4(held: Company) -> None:
    """The ledger took the order and its answer was lost: --wait says unknown, not refused and not done; later it is posted."""
    held.faults({"kind": "lose_answer", "path": "/v1/orders", "method": "POST"})
    ran = held.cli("note", "C-00003", "lost answer", "--wait", "--format", "json")
    assert ran.status == 4
    first, error = (json.loads(line) for line in ran.out.splitlines())
    assert first["state"] == "unknown"
    assert error["error"]["code"] == "unknown"
    again = held.cli("retry", first["id"], "--wait", "--format", "json")
    until(
        lambda: held.ask("command", id=first["id"])["command"]["state"] == "posted", "found, and posted once"
    )
    assert again.status in (0, 4)


def test_wait_outlives_a_broker_that_is_killed(held: Company) -> None:
    """kill -9 of the broker while --wait waits: the next broker is started, the same intent is one command, and it is posted."""
    held.faults({"kind": "delay", "path": "/v1/orders", "method": "POST", "seconds": 2.0, "after": True})
    waiting = subprocess.Popen(
        command(
            "--config", str(held.config), "note", "C-00003", "through a kill", "--wait", "--format", "json"
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: held.hits() == 1, "the order is on its way")
    held.kill_broker()
    out, err = waiting.communicate(timeout=60)
    row = json.loads(out.splitlines()[0])
    assert waiting.returncode in (0, 4), err
    assert row["repeated"] is True
    until(lambda: held.ask("command", id=row["id"])["command"]["state"] == "posted", "posted")
    total = [each for each in held.ask("outbox", limit=500)["rows"] if "through a kill" in each["words"]]
    assert len(total) == 1


def test_a_killed_face_leaves_its_command_to_the_broker(held: Company) -> None:
    """kill -9 of `arqueue … --wait`: the broker carries on."""
    held.faults({"kind": "delay", "path": "/v1/orders", "method": "POST", "seconds": 0.5})
    waiting = subprocess.Popen(
        command("--config", str(held.config), "note", "C-00003", "face killed", "--wait"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: held.hits() == 1, "the order is on its way")
    waiting.kill()
    waiting.wait()

    def state() -> object:
        rows = held.ask("outbox", limit=500)["rows"]
        return next((each["state"] for each in rows if "face killed" in each["words"]), None)

    until(lambda: state() == "posted", "posted without its face")


def test_status_of_a_broker_that_does_not_run_is_exit_status_3(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """`broker status` starts nothing; `broker stop` has nothing to end."""
    made = Company(tmp_path_factory.mktemp("none"))
    made.write()
    ran = made.cli("broker", "status", "--format", "json")
    assert (ran.status, ran.json["error"]["code"]) == (3, "broker_unreachable")
    assert owner_of(made.settings.store_dir) is None
    assert "no broker runs" in made.cli("broker", "stop").err


def test_broker_stop_leaves_a_teams_broker_alone(tmp_path: Path) -> None:
    """No command would start it again: the words say who restarts it, and it still answers."""
    with company(tmp_path / "c", section="idle_minutes = 0") as made:
        refused = made.cli("broker", "stop")
        assert refused.status == 1
        assert "team's broker" in refused.err
        assert made.cli("list").status == 0


def test_broker_stop_ends_it_and_the_next_command_starts_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """For an upgrade, or after the people file was changed."""
    made = Company(tmp_path_factory.mktemp("stop"))
    made.write()
    try:
        assert made.cli("list").status == 0
        pid = owner_of(made.settings.store_dir)
        assert pid is not None
        assert made.cli("broker", "stop").status == 0
        until(lambda: not alive(pid), "it is gone")
        assert made.cli("list").status == 0
        assert owner_of(made.settings.store_dir) not in (None, pid)
    finally:
        made.stop()


def test_a_dead_ledger_is_exit_status_3_for_what_needs_it_only(firm: Company) -> None:
    """sync --wait says that it cannot be reached; list goes on with what is here, and status says how old it is."""
    assert firm.ledger is not None
    port = int(firm.ledger.url.rpartition(":")[2])
    firm.ledger.kill()
    try:
        ran = firm.cli("sync", "--wait", "--format", "json")
        assert (ran.status, ran.json["error"]["code"]) == (3, "peer_unreachable")
        assert "work goes on" in ran.json["error"]["hint"]
        listed = firm.cli("list", "--format", "json")
        assert listed.json
        assert "min old" in listed.err
        status = firm.cli("broker", "status", "--format", "json").json["sync"]
        assert status["state"] == "failing"
        assert status["age_s"] >= 0
        waited = firm.cli(
            "note", "C-00003", "away", "--wait", "--format", "json", "--intent", "away-and-waited"
        )
        assert waited.status == 3
        row, error = (json.loads(line) for line in waited.out.splitlines())
        assert (row["state"], error["error"]["code"]) == ("queued", "offline")
        assert "does not answer" in error["error"]["message"]
        assert firm.cli("undo", row["id"]).status == 0
        began = time.monotonic()
        queued = firm.cli("note", "C-00003", "while it is away", "--format", "json")
        assert time.monotonic() - began < 10
        assert (queued.status, queued.json["state"]) == (0, "queued")
        undone = firm.cli("undo", queued.json["id"], "--format", "json")
        assert undone.json["state"] == "cancelled"
    finally:
        firm.start_ledger(port=port)
    until(lambda: firm.ask("status")["sync"]["state"] == "idle", "synced again")


def test_one_broker_is_left_of_all_this(firm: Company) -> None:
    """One broker serves the company, in a session of its own: a hang-up of the terminal that started it does not reach it."""
    pid = owner_of(firm.settings.store_dir)
    assert pid is not None
    assert os.getsid(pid) == pid
    named = [each for each in _processes() if str(firm.config) in each]
    assert len(named) == 1, named


def _processes() -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found
