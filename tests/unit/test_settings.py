"""The two files that an administrator writes: what is wrong in them is said with the file and the field."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from arqueue.errors import ConfigInvalid
from arqueue.model.money import Money
from arqueue.model.people import Role
from arqueue.settings import load_people, load_settings

PEER = '[peer]\nkind = "sandbox"\nurl = "http://127.0.0.1:8080"\n'
ANNA = '[[person]]\nid = "anna"\nname = "Anna"\n'


def written(path: Path, text: str | bytes) -> Path:
    """A file, readable and writable by us."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o600)
    return path


def test_paths_count_from_the_files_own_folder(tmp_path: Path) -> None:
    """Wherever the program is started."""
    settings = load_settings(written(tmp_path / "arqueue.toml", PEER))
    assert settings.store_file == tmp_path / "store" / "arqueue.sqlite"
    assert settings.token_file.parent == settings.store_dir
    assert settings.people_file == tmp_path / "people.toml"


def test_absolute_paths_stay(tmp_path: Path) -> None:
    """A team's broker keeps its store elsewhere."""
    settings = load_settings(written(tmp_path / "arqueue.toml", f'dir = "/var/lib/x"\n{PEER}'))
    assert settings.store_file == Path("/var/lib/x/arqueue.sqlite")


def test_a_socket_path_too_long_for_the_kernel_gets_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same one each time, and another one for another company."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    sockets = []
    for name in ("a" * 120, "b" * 120):
        folder = tmp_path / name
        folder.mkdir()
        file = written(folder / "arqueue.toml", PEER)
        sockets.append(load_settings(file).socket)
        assert load_settings(file).socket == sockets[-1]
    assert all(len(os.fsencode(socket)) <= 100 for socket in sockets)
    assert sockets[0] != sockets[1]
    assert load_settings(written(tmp_path / "arqueue.toml", PEER)).socket.name.endswith(".sock")


@pytest.mark.parametrize(
    "text,says",
    [
        ("", "peer"),
        ('[peer]\nkind = "excel"\nurl = "x"\n', "peer.kind"),
        (f'zone = "Mars/Olympus"\n{PEER}', "zone"),
        (f"{PEER}token = 'secret'\n", "peer.token"),
        (f"{PEER}[broker]\nsync_seconds = 0\n", "broker.sync_seconds"),
        (f"{PEER}[broker]\nsync_seconds = inf\n", "broker.sync_seconds"),
        (f"{PEER}[broker]\nidle_minutes = nan\n", "broker.idle_minutes"),
        ("[peer\n", "is not TOML"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str | bytes, says: str) -> None:
    """With the file, the field, and something to do."""
    file = written(tmp_path / "arqueue.toml", text)
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(file)
    assert says in caught.value.message
    assert str(file) in caught.value.message
    assert caught.value.hint


def test_no_file_says_how_to_get_one(tmp_path: Path) -> None:
    """The commonest first mistake."""
    with pytest.raises(ConfigInvalid, match="there is no file") as caught:
        load_settings(tmp_path / "none.toml")
    assert "arqueue init" in caught.value.hint


def test_people_have_roles_limits_and_accounts(tmp_path: Path) -> None:
    """A number is a uid; a limit is exact in its currency."""
    text = (
        f'{ANNA}unix = ["anna", 1000]\nroles = ["collector", "senior"]\n'
        '[[person.limit]]\ncurrency = "JPY"\namount = "5000"\n'
        '[[person.limit]]\ncurrency = "EUR"\namount = "12.50"\nreason = "small"\n'
    )
    people = load_people(written(tmp_path / "people.toml", text))
    anna = people.get("anna")
    assert anna.roles == {Role.COLLECTOR, Role.SENIOR}
    assert people.of_account("anna", 5) is people.of_account("other", 1000) is anna
    assert people.of_account("other", 5) is None
    assert anna.limit_for("adjust", "JPY", "any") == Money(5000, "JPY")
    assert anna.limit_for("adjust", "EUR", "small") == Money(1250, "EUR")
    assert anna.limit_for("adjust", "EUR", "other") is None


LIMIT = '[[person.limit]]\ncurrency = "EUR"\namount = "{}"\n'


@pytest.mark.parametrize(
    "text,says",
    [
        (f"{ANNA}{ANNA}", "person id anna stands there twice"),
        (
            f'{ANNA}unix = ["x"]\n[[person]]\nid = "b"\nname = "B"\nunix = ["x"]\n',
            "Unix account x stands there twice",
        ),
        (f'{ANNA}unix = [7, "uid:7"]\n', "Unix account uid:7 stands there twice"),
        (f'{ANNA}unix = [""]\n', "person.0.unix"),
        (f"{ANNA}roles = []\n", "person.0.roles"),
        (f'{ANNA}roles = ["boss"]\n', "person.0.roles.0"),
        (f"{ANNA}{LIMIT.format('1e3')}", "a limit of anna"),
        (f"{ANNA}{LIMIT.format('-1.00')}", "below zero"),
        (f"{ANNA}{LIMIT.format('1.00')}{LIMIT.format('2.00')}", "stands there twice"),
        (f'{ANNA}[[person.limit]]\ncurrency = "Euro"\namount = "1"\n', "a limit of anna"),
        (
            f'{ANNA}[[person.limit]]\naction = "approve"\ncurrency = "EUR"\namount = "1"\n',
            "person.0.limit.0.action",
        ),
        ('[[person]]\nid = "A b"\nname = "x"\n', "person.0.id"),
    ],
)
def test_a_people_file_that_leaves_a_doubt_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """Who is who, and who may do what, is never guessed."""
    file = written(tmp_path / "people.toml", text)
    with pytest.raises(ConfigInvalid) as caught:
        load_people(file)
    assert says in caught.value.message
    assert str(file) in caught.value.message


def test_a_people_file_that_everybody_can_write_is_refused(tmp_path: Path) -> None:
    """Limits that their holder can raise are none."""
    file = written(tmp_path / "people.toml", ANNA)
    file.chmod(0o666)
    with pytest.raises(ConfigInvalid, match="can be changed by other users"):
        load_people(file)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_people_file_of_another_user_is_refused(tmp_path: Path) -> None:
    """Its owner could write it."""
    file = written(tmp_path / "people.toml", ANNA)
    os.chown(file, 12345, -1)
    with pytest.raises(ConfigInvalid, match="can be changed by other users"):
        load_people(file)


def test_a_limit_has_sums_of_a_day(tmp_path: Path) -> None:
    """In all and by customer; a write-off's own limit is the customer's sum too unless it is said, so that it cannot be split."""
    file = tmp_path / "people.toml"
    file.write_text(
        f'{ANNA}{LIMIT.format("50.00")}per_day = "200"\n'
        '[[person.limit]]\ncurrency = "USD"\namount = "50"\nper_customer = "90"\n'
        '[[person.limit]]\naction = "apply"\ncurrency = "EUR"\namount = "900"\n'
    )
    file.chmod(0o600)
    anna = load_people(file).get("anna")
    euro, dollar = anna.binding("adjust", "EUR", "x"), anna.binding("adjust", "USD", "x")
    apply_ = anna.binding("apply", "EUR", "")
    assert euro
    assert dollar
    assert apply_
    assert (euro.per_day, euro.per_customer) == (Money(20000, "EUR"), Money(5000, "EUR"))
    assert (dollar.per_day, dollar.per_customer) == (None, Money(9000, "USD"))
    assert (apply_.per_day, apply_.per_customer) == (None, None)
