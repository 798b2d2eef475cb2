"""`arqueue demo --headless`: everything comes up by itself, stays up, and is gone afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from data.broker.launch import answers
from tests.broker.company import PATIENCE_S, alive, command, kill, run_cli, until


class Running:
    """A headless demo and what it said."""

    def __init__(self, *words: str, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command("demo", "--headless", "--size", "tiny", *words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )

    def ready(self) -> dict[str, Any]:
        """The one JSON line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.stop()[1]
        found: dict[str, Any] = json.loads(line)
        return found

    def stop(self, number: int = signal.SIGTERM) -> tuple[str, str]:
        """End it, and what else it said."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.communicate(timeout=PATIENCE_S)


@contextmanager
def running(*words: str, env: dict[str, str] | None = None) -> Iterator[Running]:
    """A demo that is ended afterwards, however the test went."""
    demo = Running(*words, env=env)
    try:
        yield demo
    finally:
        demo.stop()


def processes_of(folder: Path) -> list[str]:
    """Every process that has the folder in its command line."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(folder) in words:
            found.append(words)
    return found


def gone(folder: Path) -> None:
    """Neither a process nor a socket is left."""
    until(lambda: not processes_of(folder), f"nothing runs in {folder}")
    assert not list(folder.rglob("*.sock"))


def test_two_demos_run_side_by_side_and_end_whole(tmp_path: Path) -> None:
    """Each prints one JSON line when all is ready, on ports and sockets of its own; SIGTERM leaves nothing of either."""
    one, two = tmp_path / "one", tmp_path / "two"
    with running("--dir", str(one)) as first, running("--dir", str(two), "--seed", "2") as second:
        told = [first.ready(), second.ready()]
        for said, folder, demo in zip(told, (one, two), (first, second), strict=True):
            assert {"config", "peer", "peer_url", "socket", "pid"} <= set(said)
            assert said["config"] == str(folder / "arqueue.toml")
            assert said["peer"] == "sandbox"
            assert said["pid"] == demo.process.pid
            assert answers(Path(said["socket"]))
        assert told[0]["peer_url"] != told[1]["peer_url"]
        assert told[0]["socket"] != told[1]["socket"]
        lists = []
        for said in told:
            assert run_cli("--config", said["config"], "sync", "--wait").status == 0
            lists.append(
                run_cli("--config", said["config"], "list", "--format", "json", "--limit", "500").json
            )
        assert all(len(rows) > 20 for rows in lists)
        assert [row["id"] for row in lists[0]] != [row["id"] for row in lists[1]]
        for demo, folder in ((first, one), (second, two)):
            out, err = demo.stop()
            assert demo.process.returncode == 0
            assert out == ""
            assert "Traceback" not in err
            gone(folder)


def test_a_second_run_on_the_same_folder_goes_on_where_it_was(tmp_path: Path) -> None:
    """What was posted, people, settings and the business date are as they were left; a second demo meanwhile is refused."""
    folder = tmp_path / "kept"
    with running("--dir", str(folder)) as demo:
        config = demo.ready()["config"]
        assert run_cli("--config", config, "sync", "--wait").status == 0
        done = run_cli(
            "--config", config, "apply", "PAY-7011", "--suggestion", "1", "--wait", "--format", "json"
        )
        assert done.json["state"] == "posted"
        assert run_cli("--config", config, "clock", "advance", "3").out == "2026-11-23\n"
        before = Path(config).read_text()
        refused = run_cli("demo", "--headless", "--dir", str(folder))
        assert refused.status == 1
        assert "runs in" in refused.err
        assert Path(config).read_text() == before
        assert run_cli("--config", config, "sync", "--wait").status == 0
    Path(config).write_text(f"{before}\n[promise]\ntolerance_days = 2\n")
    with running("--dir", str(folder)) as demo:
        config = demo.ready()["config"]
        assert Path(config).read_text().endswith("\n[promise]\ntolerance_days = 2\n")
        assert run_cli("--config", config, "sync", "--wait").status == 0
        shown = run_cli("--config", config, "show", "INV-7012", "--format", "json").json
        assert shown["item"]["residual"] == "0.00"
        outbox = run_cli("--config", config, "outbox", "--format", "json").json
        assert [row["id"] for row in outbox] == [done.json["id"]]
        assert run_cli("--config", config, "clock", "show").out == "2026-11-23\n"
        assert run_cli("--config", config, "audit", "verify").status == 0
        assert "going on with the company" in demo.stop()[1]
    gone(folder)


def test_a_ledger_or_a_broker_that_is_killed_is_started_again(tmp_path: Path) -> None:
    """kill -9 of each: the demo brings it back at the same address, and the next command works."""
    folder = tmp_path / "kills"
    with running("--dir", str(folder)) as demo:
        said = demo.ready()
        kill(said["broker_pid"])
        kill(said["peer_pid"])

        def again() -> bool:
            ran = run_cli("--config", said["config"], "sync", "--wait", "--format", "json")
            return ran.status == 0

        until(again, "all is up again")
        note = run_cli("--config", said["config"], "note", "C-00001", "after the kills", "--wait")
        assert note.status == 0, note.err
        assert "starting it again" in demo.stop()[1]
    gone(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=["SIGINT", "SIGHUP"])
def test_a_passing_demo_leaves_no_folder(tmp_path: Path, number: int) -> None:
    """Without --dir everything is in a temporary folder that is gone with it; Ctrl-C and a hang-up are good ends."""
    with running(env={"TMPDIR": str(tmp_path)}) as demo:
        demo.ready()
        assert len(list(tmp_path.glob("arqueue-demo-*"))) == 1
        demo.stop(number)
        assert demo.process.returncode == 0
    assert not list(tmp_path.glob("arqueue-demo-*"))
    # the place of sockets whose own path would be too long stays, empty
    assert not list(tmp_path.glob("*/*"))
    gone(tmp_path)


@pytest.mark.parametrize("sign", ["making a tiny company", "starting the broker"])
def test_a_demo_that_is_ended_while_it_starts_leaves_nothing(tmp_path: Path, sign: str) -> None:
    """SIGTERM before it is ready: no ledger, no broker, no socket."""
    with running("--dir", str(tmp_path / "early")) as demo:
        assert demo.process.stderr is not None
        while sign not in (line := demo.process.stderr.readline()):
            assert line, "it ended before"
        demo.stop()
        assert demo.process.returncode == 0
    gone(tmp_path)


def test_a_broker_that_a_killed_demo_left_is_ended_by_the_next_run(tmp_path: Path) -> None:
    """kill -9 of the demo itself: the ledger ends with it, and the next run takes over what is left."""
    folder = tmp_path / "killed"
    with running("--dir", str(folder)) as demo:
        said = demo.ready()
        kill(demo.process.pid)
        until(lambda: not alive(said["peer_pid"]), "the ledger ended with the demo")
        assert alive(said["broker_pid"])
        listed = run_cli("--config", said["config"], "list", "--format", "json")
        assert listed.status == 0
    with running("--dir", str(folder)) as demo:
        again = demo.ready()
        assert again["broker_pid"] != said["broker_pid"]
        assert not alive(said["broker_pid"])
        assert run_cli("--config", again["config"], "sync", "--wait").status == 0
    gone(folder)


@pytest.mark.parametrize("words", [("--size", "huge"), ("--peer", "abacus"), ("--seed", "-1")], ids=" ".join)
def test_wrong_usage_of_demo_starts_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Exit status 2, and no folder."""
    ran = run_cli("demo", "--headless", "--dir", str(tmp_path / "none"), *words)
    assert ran.status == 2
    assert not (tmp_path / "none").exists()


def test_the_sandbox_runs_by_itself(tmp_path: Path) -> None:
    """`arqueue sandbox` serves a ledger with its documentation page until SIGTERM."""
    server = subprocess.Popen(
        command("sandbox", "--dir", str(tmp_path / "ledger")),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        line = server.stderr.readline()
        assert "sandbox ledger at http://127.0.0.1:" in line
        assert "/docs" in line
    finally:
        server.terminate()
        server.communicate(timeout=PATIENCE_S)
    assert server.returncode == 0
    gone(tmp_path)
