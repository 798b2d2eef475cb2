"""What a process of ours leaves behind when it fails: kinds and places, and nothing of what it worked on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from arqueue.errors import Offline
from data.store import audit
from data.store.opening import open_reader
from screens import crash
from tests.broker.company import PATIENCE_S, Company, alive, company, until

CARD = "4111 1111 1111 1111"
NOTE = "Frau Krummbiegel weint am Telefon"
_FAILING = """
import asyncio, sys, threading
how, secrets = sys.argv.pop(1), sys.stdin.read()
from data.broker import process
from data.broker.core import Core
from data.broker.service import Service

def fail(*_, **__):
    raise RuntimeError(secrets)

async def fail_later(*_, **__):
    raise RuntimeError(secrets)

async def fail_in_a_task(*_, **__):
    asyncio.get_running_loop().call_soon(fail)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    lost = asyncio.create_task(fail_later())
    await asyncio.wait([lost])
    del lost
    raise RuntimeError("again") from ExceptionGroup(secrets, [ValueError(secrets)])

if how == "at the start":
    process.load_people = fail
elif how == "in a task":
    Core._send_for_ever = fail_in_a_task
elif how == "at a request":
    Service.status = fail_later
from arqueue.__main__ import main
main()
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company in which somebody wrote a note."""
    with company(tmp_path_factory.mktemp("secrecy") / "c") as made:
        made.ask(
            "submit", intent="a-note-0001", command={"op": "annotate", "target": "C-00001", "text": NOTE}
        )
        made.ask("sync", wait=True)
        yield made


@pytest.fixture
def firm(shared: Company) -> Company:
    """It, with a broker and a ledger."""
    assert shared.ledger is not None
    if not alive(shared.ledger.process.pid):
        shared.start_ledger(port=urlsplit(shared.ledger.url).port or 0)
    if not shared.brokers:
        shared.start_broker()
    return shared


def secrets_of(firm: Company) -> list[str]:
    """What must be nowhere: token, card, customer, note."""
    assert firm.ledger is not None
    name = firm.row("party:1")["name"]
    assert name
    return [firm.settings.token_file.read_text("utf-8"), CARD, CARD.replace(" ", ""), name, NOTE]


def left_behind(firm: Company) -> dict[str, bytes]:
    """Every file of the company but those that are there to hold it: store, ledger, people, tokens."""
    keeps = {firm.settings.token_file.name, "people.toml"}
    found = {}
    for path in firm.home.rglob("*"):
        if path.is_file() and path.name not in keeps and ".sqlite" not in path.name:
            content = path.read_bytes()
            if path.parent.name != "ledger" or path.suffix == ".log":
                found[path.name] = content
    return found


def end_broker(firm: Company) -> None:
    """SIGTERM, as systemd does."""
    (process,) = firm.brokers
    process.terminate()
    assert process.wait(PATIENCE_S) == 0
    firm.reap()


@pytest.mark.parametrize("how", ["at the start", "in a task", "at a request"])
def test_a_broker_that_fails_says_where_and_nothing_of_whom(firm: Company, how: str) -> None:
    """Whatever the error says and whatever thread, task or request it is in."""
    secrets = secrets_of(firm)
    end_broker(firm)
    with (firm.settings.store_dir / "broker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _FAILING, how, "--config", str(firm.config), "broker"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
    assert process.stdin is not None
    process.stdin.write(" ".join(secrets).encode())
    process.stdin.close()
    if how == "at a request":
        until(lambda: "broker ready" in firm.log().rpartition("broker ended")[2], "the broker answers")
        with pytest.raises(Exception, match="failed at this request"):
            firm.ask("status")
        process.terminate()
    process.wait(PATIENCE_S)
    said = firm.log().rpartition("broker ended" if how != "at a request" else "request failed")[2]
    assert "RuntimeError" in firm.log()
    assert "in fail" in said or '"fail_later"' in firm.log()
    for name, content in left_behind(firm).items():
        for secret in secrets:
            assert secret.encode() not in content, name


def test_a_ledger_that_fails_says_where_and_nothing_of_whom(firm: Company, tmp_path: Path) -> None:
    """The server of the demo company logs as the broker does."""
    secrets = secrets_of(firm)
    script = (
        "import sys; secrets = sys.stdin.readline()\n"
        "from data.peers.sandbox.server import run\n"
        "def fail(*_, **__): raise RuntimeError(secrets)\n"
        "run.make_app = fail\n"
        "from data.peers.sandbox.server.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--dir", str(tmp_path / "other")],
        input=" ".join(secrets),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode
    assert "RuntimeError" in done.stderr
    for secret in secrets:
        assert secret not in done.stderr + done.stdout


def test_no_secret_is_in_command_lines_or_environments(firm: Company) -> None:
    """What every user of the host can read with ``ps``."""
    assert firm.ledger is not None
    pids = [firm.ledger.process.pid, *(process.pid for process in firm.brokers)]
    for pid in pids:
        for name in ("cmdline", "environ"):
            content = Path(f"/proc/{pid}/{name}").read_bytes()
            for secret in secrets_of(firm):
                assert secret.encode() not in content, name


def test_the_audits_chain_has_neither_token_nor_card_nor_note(firm: Company) -> None:
    """Words are beside it, where they can be erased."""
    secrets = secrets_of(firm)
    with closing(open_reader(firm.settings.store_file).conn) as connection:
        rows = connection.execute("SELECT * FROM audit").fetchall()
        texts = " ".join(entry.text or "" for entry in audit.entries(connection))
    assert rows
    for secret in secrets:
        assert secret not in repr(rows)
    assert secrets[0] not in texts
    assert CARD not in texts


def test_logs_and_heads_of_a_day_have_no_secret(firm: Company) -> None:
    """A note, a refused card, an order, a sync, and a ledger that goes away."""
    with pytest.raises(Exception, match="card"):
        firm.ask(
            "submit", intent="a-card-0001", command={"op": "annotate", "target": "C-00001", "text": CARD}
        )
    secrets = secrets_of(firm)
    assert firm.ledger is not None
    firm.ledger.kill()
    with pytest.raises(Offline):
        firm.ask("sync", wait=True)
    end_broker(firm)
    found = left_behind(firm)
    assert {"broker.log", "ledger.log"} <= found.keys()
    for name, content in found.items():
        for secret in secrets:
            assert secret.encode() not in content, name


def test_a_crash_of_the_app_keeps_kinds_and_places_only(tmp_path: Path) -> None:
    """Of the error, of what caused it and of what was added to it."""

    def deep(name: str) -> None:
        raise ValueError(f"{name} has {CARD}") from KeyError(NOTE)

    with pytest.raises(ValueError, match=CARD) as caught:
        deep("Brasserie Lipp")
    caught.value.add_note(NOTE)
    _, file = crash.report(caught.value, tmp_path)
    assert file is not None
    text = file.read_text("utf-8")
    assert "ValueError" in text
    assert "KeyError" in text
    assert "in deep" in text
    for secret in ("Brasserie Lipp", CARD, NOTE):
        assert secret not in text
