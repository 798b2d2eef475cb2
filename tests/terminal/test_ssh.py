"""A working day over a real sshd: log in, work an item, lose the link, log in again, and find everything as it should be."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.demo.launch import demo
from data.demo.story import OLDEST_FIRST, SMALL_DIFFERENCE
from tests.terminal import ssh
from tests.terminal.face import PATIENCE_S
from tests.terminal.ssh import RemoteFace, Server

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make Unix accounts and run an sshd"),
    pytest.mark.skipif(ssh.SSHD is None, reason="needs Debian's openssh-server"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A tiny demo company, two accounts, and the sshd that leads them to it."""
    python = ssh.interpreter()
    if python is None:
        pytest.skip("no Python here can be run by another account")
    with (
        tempfile.TemporaryDirectory(prefix="arqd") as home,
        tempfile.TemporaryDirectory(prefix="arqs") as folder,
        demo(Path(home) / "c", size="tiny") as company,
        ssh.accounts(),
    ):
        Path(home).chmod(0o711)
        ssh.admit(company)
        with ssh.sshd(company, Path(folder), python) as running:
            yield running


def gone(person: str) -> None:
    """Wait, bounded, until nothing of a person runs any more."""
    end = time.monotonic() + PATIENCE_S
    while left := ssh.processes_of(person):
        assert time.monotonic() < end, f"{person} still runs {left}"
        time.sleep(0.05)  # somebody else's process has no event for us


def filtered(face: RemoteFace, words: str) -> None:
    """The queue, and of it only the rows with these words."""
    face.sees("ledger reachable")
    face.presses("/", *words, "enter")
    face.sees(rf'\d+ of \d+ · filter "{words}"')


def test_everybody_is_who_the_kernel_says(server: Server) -> None:
    """Two people log in at once; nobody said who they are, and each is themselves."""
    with RemoteFace(server, "anna") as anna, RemoteFace(server, "ben") as ben:
        for face, name in ((anna, "Anna Berg"), (ben, "Ben Okafor")):
            face.sees("ledger reachable")
            face.presses(",")
            face.sees(f"you are +{name}")
        assert anna.leaves() == ben.leaves() == 0


def test_an_order_is_posted_while_its_maker_is_cut_off(server: Server) -> None:
    """y, and the link is gone: the face ends, the broker goes on; after the next login the outbox says posted."""
    (number,) = SMALL_DIFFERENCE.invoices
    with RemoteFace(server, "anna") as face:
        filtered(face, number)
        face.presses("m")
        face.sees("SMALL")
        face.presses("enter", "enter", "enter")
        face.confirms()
        face.sees("Queued")
        face.drops()
    gone("anna")
    with RemoteFace(server, "anna") as again:
        again.sees("ledger reachable")
        again.presses("O")
        again.sees(rf"posted +adjust {number}")
        assert again.leaves() == 0


def test_a_draft_is_offered_after_the_link_was_lost(server: Server) -> None:
    """Half a note, and the link is gone: the next login finds the words where they were typed."""
    with RemoteFace(server, "ben") as face:
        filtered(face, OLDEST_FIRST.payment)
        face.presses("n")
        face.sees("Note")
        face.presses(*"Half a thought")
        face.sees("Half a thought")
        face.drops()
    gone("ben")
    with RemoteFace(server, "ben") as again:
        filtered(again, OLDEST_FIRST.payment)
        again.presses("n")
        again.sees("Draft of")
        again.presses("enter")
        again.sees("Half a thought")
        assert again.leaves() == 0


def test_the_command_is_forced(server: Server) -> None:
    """No shell and no other command: without a terminal the app says so and ends with status 2."""
    done = subprocess.run(
        server.client("anna", "id", tty=False),
        env={"PATH": "/usr/bin:/bin", "HOME": str(server.folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 2
    assert b"uid=" not in done.stdout
    assert b"arqueue list" in done.stderr
