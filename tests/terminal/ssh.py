"""A real sshd on loopback with two accounts that can do nothing but work the list: made for the test, and removed by it."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pyte

from data.demo.launch import Demo
from tests.terminal.face import PATIENCE_S, Face

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin")
ACCOUNTS = {"anna": "arqtanna", "ben": "arqtben"}
"""Person → Unix account."""
GROUP = "arqtteam"
_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile {folder}/%u.pub
AllowGroups {group}
Match Group {group}
    ForceCommand {folder}/face
    AllowTcpForwarding no
    AllowAgentForwarding no
    X11Forwarding no
    PermitTunnel no
"""


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, and the folder with the keys."""

    folder: Path
    port: int

    def client(self, person: str, *words: str, tty: bool = True) -> list[str]:
        """The words of an ssh that logs a person in."""
        return [
            "ssh",
            "-tt" if tty else "-T",
            *("-F", "none", "-i", str(self.folder / ACCOUNTS[person]), "-p", str(self.port)),
            *("-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known"),
            *("-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes"),
            f"{ACCOUNTS[person]}@127.0.0.1",
            *words,
        ]


class RemoteFace(Face):
    """A person at a terminal, with an ssh between them and the program."""

    def __init__(self, server: Server, person: str, columns: int = 80, rows: int = 24) -> None:
        program, *words = server.client(person)
        self._child = pexpect.spawn(
            program,
            words,
            dimensions=(rows, columns),
            env={
                "TERM": "xterm-256color",
                "LANG": "C.UTF-8",
                "PATH": "/usr/bin:/bin",
                "HOME": str(server.folder),
            },
            timeout=PATIENCE_S,
        )
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""

    def drops(self) -> None:
        """The link is gone in the middle of things."""
        os.kill(self.pid, 9)
        self._child.close(force=True)


def interpreter() -> str | None:
    """A Python of this version that any account may run; root's own may lie where nobody else can look."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, shutil.which(version, path=os.defpath)):
        with suppress(OSError):
            probe = [candidate or "", "-c", "import arqueue.cli.main, screens.app"]
            if not subprocess.run(probe, env=_paths(), cwd="/", check=False, user=65534).returncode:
                return str(candidate)
    return None


def _paths() -> dict[str, str]:
    source = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join([str(source), *(path for path in sys.path if path.endswith("site-packages"))])
    return {"PATH": os.defpath, "PYTHONPATH": paths, "HOME": "/", "LANG": "C.UTF-8"}


@contextmanager
def accounts() -> Iterator[None]:
    """Two accounts and their group."""
    _remove()
    try:
        _run("groupadd", GROUP)
        for name in ACCOUNTS.values():
            _run(
                "useradd",
                "--no-create-home",
                "--home-dir",
                "/",
                "-p",
                "*",
                "-G",
                GROUP,
                "-s",
                "/bin/sh",
                name,
            )
        yield
    finally:
        _remove()


def _remove() -> None:
    for name in ACCOUNTS.values():
        with suppress(KeyError):
            pwd.getpwnam(name)
            _end_all_of(name)
            _run("userdel", "--force", name)
    with suppress(KeyError):
        grp.getgrnam(GROUP)
        _run("groupdel", GROUP)


def processes_of(person: str) -> list[int]:
    """The processes that run as this person's account."""
    uid = pwd.getpwnam(ACCOUNTS[person]).pw_uid
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                found.append(int(entry.name))
    return found


def _end_all_of(account: str) -> None:
    for person, name in ACCOUNTS.items():
        for pid in processes_of(person) if name == account else []:
            with suppress(ProcessLookupError):
                os.kill(pid, 9)


def admit(company: Demo) -> None:
    """Let the accounts in: the people file names them, the socket is their group's."""
    settings = company.settings
    text = settings.people_file.read_text("utf-8")
    for person, account in ACCOUNTS.items():
        before, _, after = text.partition(f'id = "{person}"\n')
        name, _, rest = after.partition("\n")
        rest = rest.partition("\n")[2] if rest.startswith("unix") else rest
        text = f'{before}id = "{person}"\n{name}\nunix = ["{account}"]\n{rest}'
    fresh = settings.people_file.with_suffix(".new")
    fresh.write_text(text, "utf-8")
    fresh.chmod(0o644)
    fresh.replace(settings.people_file)
    shutil.chown(settings.socket, group=GROUP)
    settings.socket.chmod(0o660)
    for folder in (settings.socket.parent, settings.home):
        folder.chmod(0o711)


@contextmanager
def sshd(company: Demo, folder: Path, python: str) -> Iterator[Server]:
    """The server, its keys, and the one command that everybody runs."""
    folder.chmod(0o755)
    for name in ("host", *ACCOUNTS.values()):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
    settings = folder / "team.toml"
    settings.write_text(
        f'[peer]\nkind = "sandbox"\nurl = "{company.peer.url}"\n[broker]\nsocket = "{company.settings.socket}"\n',
        "utf-8",
    )
    face = folder / "face"
    paths = _paths()["PYTHONPATH"]
    face.write_text(
        f'#!/bin/sh\nexport PYTHONPATH="{paths}"\nexec {python} -m arqueue --config {settings}\n', "utf-8"
    )
    face.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = folder / "sshd_config"
    config.write_text(_CONFIG.format(port=port, folder=folder, group=GROUP), "utf-8")
    Path("/run/sshd").mkdir(exist_ok=True)
    running = subprocess.Popen(
        [SSHD or "", "-D", "-e", "-f", str(config)], stderr=subprocess.DEVNULL, cwd="/"
    )
    try:
        _until_answers(running, port)
        yield Server(folder, port)
    finally:
        running.terminate()
        running.wait(PATIENCE_S)


def _until_answers(running: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and running.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)  # a listener has no event for strangers
    raise AssertionError(f"sshd does not listen: {running.poll()}")


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, cwd="/")
