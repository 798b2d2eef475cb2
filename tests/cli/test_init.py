"""Setting a company up: asked before anything is written, the token never where others read it, the first sync at once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from arqueue.settings import load_settings
from data.broker.launch import end
from data.broker.lock import owner_of
from tests.broker.company import NOBODY_THERE, Company, Ran, command, company, run_cli


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A ledger to connect to; its own company has no broker."""
    with company(tmp_path_factory.mktemp("ledger"), broker=False) as made:
        yield made


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """Where the settings are to be; what init starts is ended."""
    file = tmp_path / "new" / "arqueue.toml"
    yield file
    if file.exists():
        end(load_settings(file))


def token(ledger: Company) -> str:
    """The right one."""
    assert ledger.ledger is not None
    return ledger.ledger.token


def url(ledger: Company) -> str:
    """Where the ledger answers."""
    assert ledger.ledger is not None
    return ledger.ledger.url


def init(place: Path, address: str, *more: str, stdin: str | None = None) -> Ran:
    """Run `arqueue init` without a terminal."""
    return run_cli("--config", str(place), "init", "--peer", "sandbox", "--url", address, *more, stdin=stdin)


def nothing_written(place: Path) -> bool:
    """Neither settings nor token nor people nor folder."""
    return not place.parent.exists()


def test_init_with_options_and_the_token_on_stdin(ledger: Company, place: Path) -> None:
    """Settings, people and token are written, the token 0600 in a folder 0700, and the first sync has run."""
    ran = init(place, url(ledger), "--zone", "Europe/Berlin", stdin=f"{token(ledger)}\n")
    assert ran.status == 0, ran.err
    settings = load_settings(place)
    assert settings.zone == "Europe/Berlin"
    assert settings.token_file.read_text() == token(ledger)
    assert stat.S_IMODE(settings.token_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.store_dir.stat().st_mode) == 0o700
    assert token(ledger) not in place.read_text()
    assert "Quayside & Ferrous" in ran.err
    assert "rows of work" in ran.err
    assert "pulled" in ran.out
    listed = run_cli("--config", str(place), "list", "--format", "json")
    assert len(listed.json) > 20
    assert owner_of(settings.store_dir) is not None


def test_init_makes_you_the_only_person_and_without_a_limit(ledger: Company, place: Path) -> None:
    """Whoever runs it may work, and writes nothing off before a limit is set."""
    assert init(place, url(ledger), stdin=token(ledger)).status == 0
    assert f"unix = [{os.getuid()}]" in (place.parent / "people.toml").read_text()
    words = ("adjust", "INV-7031", "--amount", "0.37", "--reason", "SMALL", "--format", "json")
    ran = run_cli("--config", str(place), *words)
    assert ran.json["state"] == "pending"
    refused = run_cli("--config", str(place), "--as", "sue", "list")
    assert refused.status == 1
    assert "demo" in refused.err


def test_init_reads_the_token_from_a_file(ledger: Company, place: Path, tmp_path: Path) -> None:
    """--token-file, for a credential that a machine was given."""
    secret = tmp_path / "secret"
    secret.write_text(f"{token(ledger)}\n")
    assert init(place, url(ledger), "--token-file", str(secret)).status == 0
    missing = init(place, url(ledger), "--force", "--token-file", str(tmp_path / "none"))
    assert missing.status == 1
    assert "--token-file" in missing.err


def test_init_asks_on_a_terminal_and_does_not_echo_the_token(ledger: Company, place: Path) -> None:
    """Peer, address and token are asked for; the token is not on the screen."""
    words = command("--config", str(place), "init")
    child = pexpect.spawn(words[0], list(words[1:]), encoding="utf-8", timeout=30, dimensions=(24, 80))
    try:
        child.expect("Accounting system")
        child.sendline("sandbox")
        child.expect("Address")
        child.sendline(url(ledger))
        child.expect("Token")
        child.sendline(token(ledger))
        child.expect("first sync")
        said = str(child.before)
        child.expect(pexpect.EOF)
        said += str(child.before)
    finally:
        child.close(force=True)
    assert child.exitstatus == 0, said
    assert token(ledger) not in said
    assert load_settings(place).peer.url == url(ledger)


BAD: list[tuple[int, str, str, tuple[str, ...], str]] = [
    (3, "the token", "{url}", (), "wrong-token"),
    (3, "does not answer", NOBODY_THERE, (), "any-token"),
    (1, "token", "{url}", (), ""),
    (1, "token", "{url}", (), "two\x07beeps"),
    (1, "plain http", "http://ledger.example", (), "t"),
    (1, "not an http", "ftp://ledger.example", (), "t"),
    (1, "user or password", "https://me:secret@ledger.example", (), "t"),
    (1, "zone", "{url}", ("--zone", "Mars/Olympus"), "t"),
    (3, "not JSON", "{url}/docs#", (), "t"),
]


@pytest.mark.parametrize(
    "status, named, address, more, given", BAD, ids=[f"{n}-{i}" for i, (_, n, *_) in enumerate(BAD)]
)
def test_init_that_fails_writes_nothing(
    ledger: Company, place: Path, status: int, named: str, address: str, more: tuple[str, ...], given: str
) -> None:
    """A wrong token, address or option is named with its remedy, and no file or folder is made."""
    ran = init(place, address.format(url=url(ledger)), *more, stdin=f"{given}\n")
    assert ran.status == status, ran.err
    assert named in ran.err
    assert "→" in ran.err
    assert "secret" not in ran.err
    assert nothing_written(place)


def test_init_without_a_terminal_names_the_option_that_is_missing(place: Path) -> None:
    """No prompt that nobody answers."""
    ran = run_cli("--config", str(place), "init", stdin="")
    assert ran.status == 1
    assert "missing" in ran.err
    assert "init --help" in ran.err
    assert nothing_written(place)


def test_init_does_not_write_over_settings(ledger: Company, place: Path) -> None:
    """An existing file is kept unless --force says otherwise; with it the broker of the old settings ends."""
    assert init(place, url(ledger), stdin=token(ledger)).status == 0
    before, pid = place.read_bytes(), owner_of(load_settings(place).store_dir)
    ran = init(place, NOBODY_THERE, stdin="x")
    assert ran.status == 1
    assert "--force" in ran.err
    assert place.read_bytes() == before
    wrong = init(place, url(ledger), "--force", stdin="wrong-token")
    assert wrong.status == 3
    assert place.read_bytes() == before
    assert load_settings(place).token_file.read_text() == token(ledger)
    ran = init(place, url(ledger), "--force", "--zone", "Europe/Paris", stdin=token(ledger))
    assert ran.status == 0, ran.err
    assert load_settings(place).zone == "Europe/Paris"
    assert owner_of(load_settings(place).store_dir) not in (None, pid)


def test_the_token_is_in_no_argument_and_no_environment(ledger: Company, place: Path) -> None:
    """A second user who reads /proc finds it nowhere (A10)."""
    assert init(place, url(ledger), stdin=token(ledger)).status == 0
    pid = owner_of(load_settings(place).store_dir)
    assert pid is not None
    for name in ("cmdline", "environ"):
        assert token(ledger).encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
    log = load_settings(place).store_dir / "broker.log"
    assert token(ledger) not in log.read_text()
