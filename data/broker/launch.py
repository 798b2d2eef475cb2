"""A broker on demand: the first face of one person starts it, and it outlives the face."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from arqueue.errors import ArqueueError, BrokerUnreachable, Refused, StoreRefused
from arqueue.model.text import guard
from arqueue.settings import Settings
from arqueue.whereabouts import could_be_foreign
from data.broker.lock import owner_of

_PATIENCE_S = 20.0
_LOG_CAP = 4 * 1024 * 1024


def answers(path: Path) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def ensure(settings: Settings) -> None:
    """Make sure that a broker answers, starting one if this user may. Raises BrokerUnreachable with the log's last words,
    StoreRefused where somebody else could answer in the broker's place."""
    check_owner(settings)
    if answers(settings.socket):
        return
    if _is_closed_to_us(settings.socket):
        raise BrokerUnreachable(
            f"your Unix account may not connect to the broker at {settings.socket}",
            "an administrator adds it to the broker's group, and you to the people file",
        )
    if settings.store_dir.exists() and not os.access(settings.store_dir, os.W_OK | os.X_OK):
        raise BrokerUnreachable(
            f"no broker answers at {settings.socket}",
            "this is a team's broker: ask an administrator to start it",
        )
    try:
        _start(settings)
    except OSError as error:
        raise BrokerUnreachable(
            f"no broker answers, and none can be started: {error.strerror or error}",
            "check who owns the folder: see `arqueue doctor`",
        ) from None


def _is_closed_to_us(path: Path) -> bool:
    """Whether a socket is there that this account may not use; it says nothing about whether somebody listens."""
    try:
        return path.exists() and not os.access(path, os.R_OK | os.W_OK)
    except PermissionError:
        return True


def end(settings: Settings) -> bool:
    """End the broker of this store by its process id and wait until its lock is free; False if none runs. Raises Refused for
    another user's."""
    pid = owner_of(settings.store_dir)
    if pid is None:
        return False
    _signal(pid, signal.SIGTERM)
    patience = time.monotonic() + _PATIENCE_S
    while owner_of(settings.store_dir) == pid:
        if time.monotonic() > patience:
            _signal(pid, signal.SIGKILL)
            patience += _PATIENCE_S
        time.sleep(0.02)
    return True


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        raise Refused(
            f"the broker (process {pid}) belongs to another user", "ask an administrator to restart it"
        ) from None


def check_owner(settings: Settings) -> None:
    """The socket must be where only the store's owner can put it: in /tmp anybody might have been faster. Raises StoreRefused."""
    if could_be_foreign(str(settings.store_dir), str(settings.socket)):
        raise StoreRefused(
            f"the socket's folder {settings.socket.parent} does not belong to the store's owner alone",
            "remove that folder, or name another one under [broker] socket",
        )


def _start(settings: Settings) -> None:
    log_file = settings.store_dir / "broker.log"
    settings.store_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log_file.exists() and log_file.stat().st_size > _LOG_CAP:
        log_file.replace(log_file.with_suffix(".log.1"))
    handle = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as log:
        began = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "arqueue", "--config", str(settings.file), "broker"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
        )
    # it outlives this face or dies before it: then somebody must take note, or a zombie stays
    threading.Thread(target=process.wait, name="broker-reaper", daemon=True).start()
    try:
        _wait(settings, process, log_file, began)
    except ArqueueError:
        raise
    except BaseException:
        process.terminate()  # whoever wanted it was interrupted before it served anybody
        raise


def _wait(settings: Settings, process: subprocess.Popen[bytes], log_file: Path, began: int) -> None:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        if answers(settings.socket):
            return
        # another face may have been faster: then its broker holds the lock and answers soon
        if process.poll() is not None and owner_of(settings.store_dir) is None:
            raise BrokerUnreachable(
                f"the broker ended at once: {_last_words(log_file, began)}",
                f"see {log_file}, or run `arqueue doctor`",
            )
        time.sleep(0.02)
    raise BrokerUnreachable(f"the broker did not answer in {_PATIENCE_S:g} s", f"see {log_file}")


def _last_words(log_file: Path, began: int) -> str:
    """What this very broker said; the command line's own words, not the log's lines in JSON."""
    with log_file.open("rb") as log:
        log.seek(began)
        lines = [line.strip() for line in log.read(65536).decode("utf-8", "replace").splitlines()]
    spoken = [line for line in lines if line.startswith("arqueue: ")]
    said = spoken[-1].removeprefix("arqueue: ") if spoken else lines[-1] if lines else "it said nothing"
    return guard(said)[:300]
