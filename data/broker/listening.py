"""Where the broker listens: a socket of its own, or one that was opened by whoever started it and stays when it ends.

Handed over as systemd does it (sd_listen_fds(3)): faces that come while the broker starts or restarts wait in the line.
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from arqueue.errors import ConfigInvalid, StoreRefused

_FIRST_FD: Final = 3


class Listening:
    """The broker's end, from ``open`` to ``close``."""

    def __init__(self, path: Path, group: str, environ: MutableMapping[str, str] = os.environ) -> None:
        self._path, self._group = path, group
        self._handed_over = _handed_over(environ)

    def open(self) -> socket.socket:
        """A socket that is bound: 0660, in a folder that only its owner may write. Raises StoreRefused, ConfigInvalid."""
        folder = self._path.parent
        if self._handed_over:
            _check_folder(folder)
            return _taken_over(self._path)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_folder(folder)
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            _bind(listener, self._path)
            if self._group:
                self._admit_group(folder)
        except BaseException:
            listener.close()
            raise
        return listener

    def close(self) -> None:
        """Nobody shall find a socket without a broker, unless somebody keeps it for the next."""
        if not self._handed_over:
            self._path.unlink(missing_ok=True)

    def _admit_group(self, folder: Path) -> None:
        """A team reaches the socket by its group, and nothing else in the folder. Raises ConfigInvalid."""
        try:
            shutil.chown(self._path, group=self._group)
            shutil.chown(folder, group=self._group)
            folder.chmod(0o750)
        except (LookupError, PermissionError) as error:
            raise ConfigInvalid(
                f"broker.group: the socket cannot be given to the group {self._group!r} ({error})",
                "name a group that exists and that the broker's user is a member of",
            ) from None


def _handed_over(environ: MutableMapping[str, str]) -> bool:
    """Whether a socket came with the start; said once, so that no process of ours believes it too."""
    ours = environ.pop("LISTEN_PID", "") == str(os.getpid())
    count = environ.pop("LISTEN_FDS", "")
    environ.pop("LISTEN_FDNAMES", None)
    return ours and count.isdecimal() and int(count) > 0


def _taken_over(path: Path) -> socket.socket:
    """Raises ConfigInvalid where it is not the socket that faces look for."""
    try:
        listener = socket.socket(fileno=_FIRST_FD)
    except OSError:
        raise _other("nothing", path) from None
    if listener.family != socket.AF_UNIX or listener.type != socket.SOCK_STREAM:
        raise _other("something else", path)
    if (name := listener.getsockname()) != str(path):
        raise _other(name or "something else", path)
    listener.set_inheritable(False)
    return listener


def _other(what: str, path: Path) -> ConfigInvalid:
    return ConfigInvalid(
        f"broker.socket: who started the broker opened {what}, and faces look for {path}",
        f"write ListenStream={path} in the socket unit",
    )


def _bind(listener: socket.socket, path: Path) -> None:
    before = os.umask(0o117)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)


def _check_folder(folder: Path) -> None:
    """Whoever can write the folder can put a socket of their own there. Raises StoreRefused."""
    status = folder.stat()
    if status.st_uid not in (os.geteuid(), 0):
        raise StoreRefused(
            f"the socket's folder {folder} belongs to uid {status.st_uid}",
            "remove it, or name another one under [broker] socket",
        )
    if stat.S_IMODE(status.st_mode) & 0o022:
        raise StoreRefused(
            f"the socket's folder {folder} can be written by others",
            f"run: chmod go-w {folder}; or name another one under [broker] socket",
        )
