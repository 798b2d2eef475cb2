"""Who is at the other end is what the kernel says; everything else is only words."""

from __future__ import annotations

import grp
import json
import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arqueue.errors import BrokerUnreachable, NotFound, Refused, StoreRefused
from data.broker.client import BrokerClient
from data.broker.launch import ensure
from tests.broker.company import Company, company, run_cli

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another Unix user")
STRANGER = "nobody"
PEOPLE = f"""\
[[person]]
id = "anna"
name = "Anna Berg"
unix = [{os.getuid()}]
roles = ["collector"]

[[person]]
id = "sue"
name = "Sue Lindqvist"
unix = ["daemon"]
roles = ["supervisor"]
"""
# What a program run by another user does, with nothing but the protocol: greet, and say what it got.
GREET = """
import json, os, socket, struct, sys
path, requests, uid, gid = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
os.setgroups([]); os.setgid(gid); os.setuid(uid)
def ask(connection, number, method, params):
    body = json.dumps({"id": number, "method": method, "params": params}).encode()
    connection.sendall(struct.pack(">I", len(body)) + body)
    while True:
        head = connection.recv(4, socket.MSG_WAITALL)
        if not head: return None
        answer = json.loads(connection.recv(struct.unpack(">I", head)[0], socket.MSG_WAITALL))
        if "push" not in answer: return answer
connection = socket.socket(socket.AF_UNIX)
connection.connect(path)
print(json.dumps([ask(connection, n, m, p) for n, (m, p) in enumerate(requests, 1)]))
"""


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A team's company, no demo, reached by a Unix group; its ledger is away, which identity does not care for."""
    place = tmp_path_factory.mktemp("team")
    for folder in (place, *place.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    settings = f'group = "{grp.getgrgid(pwd.getpwnam(STRANGER).pw_gid).gr_name}"\nidle_minutes = 0'
    with company(place / "c", ledger=False, demo=False, section=settings, people=PEOPLE) as made:
        made.home.chmod(0o711)
        yield made


def run_as(team: Company, user: str, group: int, requests: object) -> subprocess.CompletedProcess[str]:
    """Run the program above as that user in that group alone."""
    uid = pwd.getpwnam(user).pw_uid
    return subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            GREET,
            str(team.settings.socket),
            json.dumps(requests),
            str(uid),
            str(group),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd="/",
    )


def greet(team: Company, user: str, *requests: tuple[str, dict[str, object]]) -> list[Any]:
    """What that user is answered, being in the team's group."""
    done = run_as(team, user, pwd.getpwnam(STRANGER).pw_gid, requests)
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


@AS_ROOT
def test_a_unix_account_that_no_person_has_is_refused_by_name(team: Company) -> None:
    """The stranger learns who the kernel says they are, and nothing else."""
    (answer,) = greet(team, STRANGER, ("hello", {"version": 1}))
    error = answer["error"]
    assert error["code"] == "refused"
    assert "nobody (uid 65534) belongs to no person" in error["message"]
    assert "people file" in error["hint"]
    assert "result" not in answer


@AS_ROOT
def test_the_account_is_the_person_whatever_the_face_says(team: Company) -> None:
    """Another Unix user is the person of that account; naming somebody else is refused outside of a demo company."""
    plain, claimed, after = greet(
        team, "daemon", ("hello", {"version": 1}), ("hello", {"version": 1, "as": "anna"}), ("status", {})
    )
    assert plain["result"]["person"]["id"] == "sue"
    assert claimed["error"]["code"] == "refused"
    assert "demo" in claimed["error"]["message"]
    assert "result" in after


@AS_ROOT
def test_a_person_field_in_a_command_is_refused(team: Company) -> None:
    """A request has no place for an actor: who claims one is told so."""
    note = {"op": "annotate", "target": "C-1", "text": "x", "actor": "anna"}
    answers = greet(
        team,
        "daemon",
        ("submit", {"intent": "claimed-actor", "command": note}),
        ("submit", {"intent": "claimed-actor", "person": "anna", "command": {**note, "actor": "x"}}),
    )
    assert [
        "actor" in json.dumps(answer["error"]) or "person" in json.dumps(answer["error"])
        for answer in answers
    ]
    assert [answer["error"]["code"] for answer in answers] == ["invalid", "invalid"]


@AS_ROOT
def test_a_group_reaches_the_socket_and_nothing_else(team: Company) -> None:
    """The socket is 0660 in a folder 0750 of the group; the store is the owner's alone."""
    socket = team.settings.socket
    group = pwd.getpwnam(STRANGER).pw_gid
    assert stat.S_IMODE(socket.stat().st_mode) == 0o660
    assert socket.stat().st_gid == group
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o750
    assert socket.parent.stat().st_gid == group
    assert stat.S_IMODE(team.settings.store_dir.stat().st_mode) == 0o700
    files = [each for each in team.settings.store_dir.iterdir() if each.name != "broker.log"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}


@AS_ROOT
def test_who_is_not_in_the_group_does_not_even_reach_the_socket(team: Company) -> None:
    """The kernel refuses the connection before the broker sees it."""
    done = run_as(team, "daemon", pwd.getpwnam("daemon").pw_gid, [])
    assert done.returncode != 0
    assert "PermissionError" in done.stderr


async def test_acting_as_somebody_else_is_for_demo_companies(team: Company) -> None:
    """Any other broker refuses it with a clear error."""
    with pytest.raises(Refused, match="demo companies"):
        await BrokerClient.open(team.settings.socket, act_as="sue")


def test_the_clock_of_a_real_company_cannot_be_asked_or_moved(team: Company) -> None:
    """``arqueue clock`` is refused in words, whatever it asks."""
    for words in (("show",), ("advance", "3"), ("set", "2026-12-24")):
        ran = team.cli("clock", *words)
        assert (ran.status, ran.out) == (1, "")
        assert "demo company" in ran.err


async def test_in_a_demo_company_one_may_act_as_anybody_there_is(firm: Company) -> None:
    """And only as somebody there is."""
    async with firm.face("sue") as client:
        assert client.hello is not None
        assert client.hello["person"] == {"id": "sue", "name": "Sue Lindqvist", "roles": ["supervisor"]}
    with pytest.raises(NotFound, match="zed"):
        await BrokerClient.open(firm.settings.socket, act_as="zed")


async def test_the_audit_names_the_person_and_the_uid(firm: Company) -> None:
    """Acting as Sue is written down as Sue, by the uid that the kernel named."""
    import sqlite3

    async with firm.face("sue") as client:
        note = {"op": "annotate", "target": "C-00001", "text": "who was it"}
        done = await client.call("submit", intent="audited-actor", command=note)
    with sqlite3.connect(f"file:{firm.settings.store_file}?mode=ro", uri=True) as store:
        rows = store.execute("SELECT person, uid FROM audit WHERE command_id = ? ORDER BY seq", (done["id"],))
        assert rows.fetchall()[0] == ("sue", os.getuid())
    store.close()


def test_a_personal_socket_is_for_its_owner_alone(firm: Company) -> None:
    """0660 in a folder of mode 0700."""
    socket = firm.settings.socket
    assert stat.S_IMODE(socket.stat().st_mode) == 0o660
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


def test_a_socket_path_that_the_kernel_cannot_take_is_replaced_by_a_short_one(tmp_path: Path) -> None:
    """A company deep in a tree of folders works all the same, and two of them do not meet."""
    deep = tmp_path / ("a-very-long-folder-name-" * 4) / "b"
    with company(deep, ledger=False) as made:
        assert len(os.fsencode(made.settings.socket)) < 108
        assert made.settings.socket.parent.stat().st_mode & 0o777 == 0o700
        assert made.ask("status")["sync"]["state"] in ("first", "failing")
        other = made.settings.model_copy(update={"file": deep.parent / "c" / "arqueue.toml"})
        assert other.socket != made.settings.socket


def test_a_socket_folder_that_others_can_write_is_refused_on_both_sides(tmp_path: Path) -> None:
    """Who can write it can put a socket of their own there: the broker does not serve, the face does not ask."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    made = Company(tmp_path / "c")
    made.home.mkdir()
    made.write(section=f'socket = "{shared}/s"')
    ran = made.cli("broker")
    assert ran.status == 1
    assert "can be written by others" in ran.err
    assert "chmod go-w" in ran.err
    with pytest.raises(StoreRefused, match="does not belong to the store's owner alone"):
        ensure(made.settings)


def test_a_group_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The broker says which setting is wrong instead of serving nobody."""
    made = Company(tmp_path)
    made.write(section='group = "no-such-group"')
    ran = made.cli("broker")
    assert ran.status == 1
    assert "broker.group" in ran.err
    assert "no-such-group" in ran.err
    assert "Traceback" not in ran.err


def test_without_settings_the_command_line_says_how_to_get_some(tmp_path: Path) -> None:
    """A missing file is an error in words."""
    ran = run_cli("--config", str(tmp_path / "none.toml"), "list")
    assert ran.status == 1
    assert "arqueue init" in ran.err
    assert not (tmp_path / "store").exists()


async def test_a_face_without_a_broker_says_how_to_start_one(tmp_path: Path) -> None:
    """No socket, no hanging: an error with a remedy."""
    with pytest.raises(BrokerUnreachable, match="no broker answers") as caught:
        await BrokerClient.open(tmp_path / "none.sock")
    assert "arqueue broker" in caught.value.hint


def test_people_that_cannot_be_read_stop_the_broker_with_the_field(tmp_path: Path) -> None:
    """Nobody serves a company of which it does not know who may do what."""
    made = Company(tmp_path)
    made.write(people='[[person]]\nid = "Anna"\nname = "A"\n')
    ran = made.cli("broker")
    assert ran.status == 1
    assert "person.0.id" in ran.err
