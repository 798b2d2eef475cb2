"""Three Unix users on one machine: the broker's own, one of the team, and one of nobody's. What is not theirs they do not get.

The users are numbers that no account has, so nothing is made on the machine; whoever runs the tests must be root for it.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from data.broker.launch import answers
from tests.broker.company import Company, until
from tests.faults import attacks

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become other Unix users")
OWNER, MEMBER, STRANGER = 41_001, 41_002, 41_003
TEAM = pwd.getpwnam("nobody").pw_gid
PEOPLE = f"""\
[[person]]
id = "anna"
name = "Anna Berg"
unix = [{MEMBER}]
roles = ["collector"]
"""
AS_OWNER: dict[str, Any] = {"user": OWNER, "group": TEAM, "extra_groups": []}
HARMLESS = (
    "list the store",
    "read the store",
    "read its write-ahead log",
    "read the token",
    "read the audit's key",
    "take the lock",
    "read its environment",
    "see its open files",
    "see its memory map",
    "enter by its working folder",
)


@dataclass(frozen=True, slots=True)
class Host:
    """A team's broker under a user of its own, and how each attempt of the others ended."""

    firm: Company
    broker: subprocess.Popen[bytes]
    outcomes: dict[int, dict[str, str]]

    def attempt(self, uid: int, gid: int, *names: str) -> dict[str, str]:
        """What that user gets."""
        words = [attacks.__file__, str(self.firm.home), str(self.broker.pid), str(uid), str(gid), *names]
        done = subprocess.run(
            [sys.executable, "-I", *words], capture_output=True, text=True, timeout=60, check=True, cwd="/"
        )
        return dict(json.loads(done.stdout))


def interpreter() -> tuple[str, dict[str, str]] | None:
    """A Python that the broker's user may run, with what is installed here; root's own may lie where nobody else can look."""
    source = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join([str(source), *(path for path in sys.path if path.endswith("site-packages"))])
    env = {"PATH": os.defpath, "PYTHONPATH": paths, "HOME": "/", "LANG": "C.UTF-8"}
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, shutil.which(version, path=os.defpath)):
        with suppress(OSError):
            probe = [candidate or "", "-c", "import arqueue.cli.main, data.broker.process"]
            if not subprocess.run(probe, env=env, cwd="/", check=False, **AS_OWNER).returncode:
                return str(candidate), env
    return None


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A broker that is not root's; its ledger is away, which none of this cares for."""
    runs = interpreter()
    if runs is None:
        pytest.skip("no Python here can be run by another user")
    python, env = runs
    place = tmp_path_factory.mktemp("host")
    for folder in (place, *place.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    firm = Company(place / "c")
    firm.home.mkdir()
    firm.write(demo=False, people=PEOPLE, section=f'group = "{grp.getgrgid(TEAM).gr_name}"\nidle_minutes = 0')
    for path in (firm.home, *firm.home.rglob("*")):
        shutil.chown(path, OWNER, TEAM)
    firm.home.chmod(0o711)
    broker = subprocess.Popen(
        [python, "-m", "arqueue", "--config", str(firm.config), "broker"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=env,
        cwd="/",
        **AS_OWNER,
    )
    firm.brokers.append(broker)
    try:
        until(lambda: answers(firm.settings.socket) or broker.poll() is not None, "the broker answers")
        assert broker.poll() is None
        made = Host(firm, broker, {})
        for uid, gid in ((MEMBER, TEAM), (STRANGER, STRANGER)):
            made.outcomes[uid] = made.attempt(uid, gid, *attacks.NAMES)
        yield made
    finally:
        firm.stop()


@pytest.mark.parametrize("user", [MEMBER, STRANGER], ids=["member", "stranger"])
@pytest.mark.parametrize("attack", attacks.NAMES)
def test_the_kernel_refuses(host: Host, user: int, attack: str) -> None:
    """Member of the team or not: store, token, key, lock, people, settings, socket, process are the broker's alone (A1)."""
    assert host.outcomes[user][attack] == "refused"


def test_there_are_thirty_attacks_and_three_users() -> None:
    """So many are promised; whoever takes one away says so here."""
    assert len(attacks.NAMES) >= 30
    assert len({OWNER, MEMBER, STRANGER}) == 3


def test_after_all_of_them_the_broker_serves_its_team(host: Host) -> None:
    """It lives, under its own user, and its store has lost nothing."""
    assert set(host.outcomes) == {MEMBER, STRANGER}
    assert host.broker.poll() is None
    assert answers(host.firm.settings.socket)
    assert Path(f"/proc/{host.broker.pid}").stat().st_uid == OWNER
    assert host.firm.settings.store_file.stat().st_uid == OWNER


@pytest.mark.parametrize("attack", HARMLESS)
def test_what_is_refused_to_others_is_there(host: Host, attack: str) -> None:
    """The broker's own user may: the refusals above are not for want of something to get."""
    assert host.attempt(OWNER, TEAM, attack) == {attack: "done"}
