"""`arqueue doctor`: one line for each thing that can be wrong, each with what to do about it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.broker.company import Company, company

_ALL = [
    "python",
    "sqlite",
    "terminal",
    "settings",
    "people",
    "account",
    "automatic",
    "folder",
    "socket",
    "file system",
    "token",
    "store",
    "journal",
    "clock",
    "disk",
    "accounting system",
    "broker",
]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A ledger for companies to point at."""
    with company(tmp_path_factory.mktemp("ledger"), broker=False) as made:
        yield made


@pytest.fixture
def made(ledger: Company, tmp_path: Path) -> Company:
    """A company that was just set up; no broker ran yet."""
    assert ledger.ledger is not None
    fresh = Company(tmp_path)
    fresh.write(url=ledger.ledger.url, token=ledger.ledger.token)
    return fresh


def findings(made: Company) -> tuple[int, dict[str, dict[str, str]]]:
    """Exit status, and what was found by the name of the check."""
    ran = made.door("doctor", "--format", "json")
    assert "Traceback" not in ran.err
    return ran.status, {row["check"]: row for row in ran.json}


def test_a_company_that_is_well_has_a_line_for_each_check(made: Company) -> None:
    """Exit status 0; what is not there yet is a warning that says who makes it."""
    status, found = findings(made)
    assert status == 0
    assert list(found) == _ALL
    assert {row["result"] for row in found.values()} <= {"ok", "warning"}
    assert all(row["remedy"] for row in found.values() if row["result"] != "ok")
    assert "Quayside" in found["accounting system"]["words"]
    remedies = sum(bool(row["remedy"]) for row in found.values())
    table = made.door("doctor").out.splitlines()
    assert len(table) == len(_ALL) + remedies


def test_doctor_starts_no_broker(made: Company) -> None:
    """It looks, and changes nothing."""
    before = sorted(str(path) for path in made.home.rglob("*"))
    findings(made)
    assert sorted(str(path) for path in made.home.rglob("*")) == before


def _people_broken(made: Company) -> None:
    (made.home / "people.toml").write_text("[[person]]\nid = 7\n")


def _people_open(made: Company) -> None:
    (made.home / "people.toml").chmod(0o666)


def _folder_open(made: Company) -> None:
    made.settings.store_dir.chmod(0o755)


def _socket_open(made: Company) -> None:
    made.settings.socket.parent.mkdir()
    made.settings.socket.parent.chmod(0o777)


def _token_open(made: Company) -> None:
    made.settings.token_file.chmod(0o644)


def _token_wrong(made: Company) -> None:
    made.settings.token_file.write_text("wrong")


def _token_gone(made: Company) -> None:
    made.settings.token_file.unlink()


def _store_damaged(made: Company) -> None:
    made.settings.store_file.write_bytes(b"SQLite format 3\0" + b"rubbish " * 2000)
    made.settings.store_file.chmod(0o600)


def _clock_back(made: Company) -> None:
    assert made.cli("list").status == 0
    made.cli("broker", "stop")
    with sqlite3.connect(made.settings.store_file) as store:
        store.execute("INSERT OR REPLACE INTO cursor VALUES ('peer', 'x', '2999-01-01T00:00:00+00:00')")
    store.close()


def _ledger_away(made: Company) -> None:
    token = made.settings.token_file.read_text()
    made.write(url="http://127.0.0.1:9", token=token)


BAD: list[tuple[str, Callable[[Company], None], str, str]] = [
    ("people", _people_broken, "person.0.", "correct"),
    ("people", _people_open, "can be changed by other users", "chmod"),
    ("folder", _folder_open, "0755", "chmod 700"),
    ("socket", _socket_open, "0777", "chmod 750"),
    ("token", _token_open, "0644", "chmod 600"),
    ("accounting system", _token_wrong, "token", "token"),
    ("accounting system", _token_gone, "there is no token", "arqueue init"),
    ("journal", _store_damaged, "", "restor"),
    ("clock", _clock_back, "2999-01-01", "clock"),
    ("accounting system", _ledger_away, "does not answer", "address"),
]


@pytest.mark.parametrize(
    "check, harm, named, remedy", BAD, ids=[harm.__name__.strip("_") for _, harm, _, _ in BAD]
)
def test_what_is_bad_is_named_with_its_remedy(
    made: Company, check: str, harm: Callable[[Company], None], named: str, remedy: str
) -> None:
    """Exit status 1, the line says what is wrong, and how to put it right."""
    harm(made)
    status, found = findings(made)
    assert status == 1
    assert found[check]["result"] == "bad", found
    assert named in found[check]["words"]
    assert remedy in found[check]["remedy"]


def test_settings_that_cannot_be_read_end_the_examination_with_their_field(made: Company) -> None:
    """The file and the field, and no guesses about the rest."""
    made.config.write_text('[peer]\nkind = "sandbox"\nurl = "http://127.0.0.1:9"\nsecret = 1\n')
    status, found = findings(made)
    assert status == 1
    assert list(found)[-1] == "settings"
    assert "peer.secret" in found["settings"]["words"]


def test_who_is_nobody_here_is_told(made: Company) -> None:
    """A Unix account without a person would be refused by the broker: the doctor says so before."""
    people = made.home / "people.toml"
    people.write_text('[[person]]\nid = "sue"\nname = "Sue"\nunix = ["nobody"]\n')
    status, found = findings(made)
    assert (status, found["account"]["result"]) == (0, "warning")
    assert "belongs to no person" in found["account"]["words"]
    assert str(people) in found["account"]["remedy"]


def test_a_running_broker_is_seen(made: Company) -> None:
    """And one that holds the store and does not answer is bad."""
    process = made.start_broker()
    try:
        assert "answers" in findings(made)[1]["broker"]["words"]
        made.settings.socket.unlink()
        status, found = findings(made)
        assert (status, found["broker"]["result"]) == (1, "bad")
        assert str(process.pid) in found["broker"]["words"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        made.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")
def test_a_full_disk_is_named() -> None:
    """Below 64 MiB nothing new should be queued: said before it happens."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=False, capture_output=True
        )
        if mounted.returncode:
            pytest.skip(f"cannot mount here: {mounted.stderr.decode().strip()}")
        try:
            made = Company(Path(folder) / "c")
            made.home.mkdir()
            made.write()
            _, found = findings(made)
            assert found["disk"]["result"] == "bad"
            assert "64 MiB" in found["disk"]["remedy"]
        finally:
            subprocess.run(["umount", folder], check=True)
