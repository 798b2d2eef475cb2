"""What another user of the same machine tries against a broker; run as that user, on the standard library alone.

``python -I attacks.py HOME PID UID GID NAME…`` says in JSON how each attempt ended: ``refused`` by the kernel, or otherwise.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

_PTRACE_ATTACH = 16


def append(path: Path) -> None:
    """Write to it."""
    with path.open("a") as file:
        file.write("x")


def replace(path: Path) -> None:
    """Put another file in its place."""
    evil = Path(f"/tmp/arqueue-evil-{os.getpid()}")
    evil.touch()
    try:
        evil.replace(path)
    finally:
        evil.unlink(missing_ok=True)


def bind(path: Path) -> None:
    """Listen in its place."""
    path.unlink()
    socket.socket(socket.AF_UNIX).bind(str(path))


def link(path: Path) -> None:
    """Keep a name of one's own for it."""
    own = Path(f"/tmp/arqueue-link-{os.getpid()}")
    os.link(path, own)
    own.unlink()


def trace(pid: int) -> None:
    """Attach as a debugger does."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(_PTRACE_ATTACH, pid, None, None) == -1:
        raise OSError(ctypes.get_errno(), "ptrace")


def forge(pid: int) -> None:
    """Send somebody else's credentials along; the kernel checks them."""
    ours, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    claimed = struct.pack("iII", pid, 0, 0)
    ours.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, claimed)])


def attacks(home: Path, pid: int) -> dict[str, Callable[[], object]]:
    """Each by what it is after."""
    store, run, proc = home / "store", home / "run", Path(f"/proc/{pid}")
    return {
        "list the store": partial(os.listdir, store),
        "read the store": (store / "arqueue.sqlite").read_bytes,
        "read its write-ahead log": (store / "arqueue.sqlite-wal").read_bytes,
        "write the store": partial(append, store / "arqueue.sqlite"),
        "replace the store": partial(replace, store / "arqueue.sqlite"),
        "unlink the store": (store / "arqueue.sqlite").unlink,
        "link the store": partial(link, store / "arqueue.sqlite"),
        "read the token": (store / "peer.token").read_text,
        "replace the token": partial(replace, store / "peer.token"),
        "read the audit's key": (store / "audit.key").read_bytes,
        "add to the audit's heads": partial(append, store / "audit-heads.jsonl"),
        "read the log": (store / "broker.log").read_bytes,
        "take the lock": partial(open, store / "broker.lock", "r+"),
        "put a journal beside the store": partial(append, store / "arqueue.sqlite-journal"),
        "open the store's folder": partial(store.chmod, 0o777),
        "rename the store's folder": partial(store.rename, home / "other"),
        "put another socket in its place": partial(bind, run / "arqueue.sock"),
        "put a file beside the socket": partial(append, run / "other.sock"),
        "open the socket's folder": partial(run.chmod, 0o777),
        "rename the socket's folder": partial(run.rename, home / "elsewhere"),
        "raise one's own limit": partial(append, home / "people.toml"),
        "replace the people file": partial(replace, home / "people.toml"),
        "point the broker elsewhere": partial(append, home / "arqueue.toml"),
        "replace the settings": partial(replace, home / "arqueue.toml"),
        "end the broker": partial(os.kill, pid, signal.SIGTERM),
        "kill the broker": partial(os.kill, pid, signal.SIGKILL),
        "stop the broker": partial(os.kill, pid, signal.SIGSTOP),
        "trace the broker": partial(trace, pid),
        "take its file descriptors away": partial(resource.prlimit, pid, resource.RLIMIT_NOFILE, (3, 3)),
        "slow it down": partial(os.setpriority, os.PRIO_PROCESS, pid, 19),
        "pin it to one processor": partial(os.sched_setaffinity, pid, {0}),
        "claim to be root": partial(forge, pid),
        "read its environment": (proc / "environ").read_bytes,
        "read its memory": partial(open, proc / "mem", "rb"),
        "see its open files": partial(os.listdir, proc / "fd"),
        "see its memory map": (proc / "maps").read_text,
        "enter by its working folder": partial(os.listdir, proc / "cwd"),
    }


NAMES = tuple(attacks(Path(), 0))


def tried(attempt: Callable[[], object]) -> str:
    """How it ended."""
    try:
        attempt()
    except PermissionError:
        return "refused"
    except OSError as error:
        return f"failed otherwise: {error!r}"
    return "done"


def main(home: str, pid: str, uid: str, gid: str, *names: str) -> None:
    """Become that user, and try."""
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
    known = attacks(Path(home), int(pid))
    sys.stdout.write(json.dumps({name: tried(known[name]) for name in names}))


if __name__ == "__main__":
    main(*sys.argv[1:])
