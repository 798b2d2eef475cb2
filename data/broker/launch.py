"""A broker on demand: the first face of one person starts it, and it outlives the face."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from arqueue.errors import BrokerUnreachable
from arqueue.settings import Settings
from data.broker.lock import owner_of

_PATIENCE_S = 20.0


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
    """Make sure that a broker answers, starting one if this user may. Raises BrokerUnreachable with the log's last words."""
    if answers(settings.socket):
        return
    if settings.store_dir.exists() and not os.access(settings.store_dir, os.W_OK):
        raise BrokerUnreachable(
            f"no broker answers at {settings.socket}",
            "this is a team's broker: ask an administrator to start it",
        )
    log_file = settings.store_dir / "broker.log"
    settings.store_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "arqueue", "--config", str(settings.file), "broker"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
        )
    _wait(settings, process, log_file)


def _wait(settings: Settings, process: subprocess.Popen[bytes], log_file: Path) -> None:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        if answers(settings.socket):
            return
        # another face may have been faster: then its broker holds the lock and answers soon
        if process.poll() not in (None, 0) and owner_of(settings.store_dir) is None:
            lines = log_file.read_text("utf-8", "replace").strip().splitlines()
            last = lines[-1] if lines else "it said nothing"
            raise BrokerUnreachable(
                f"the broker ended at once: {last}", f"see {log_file}, or run `arqueue doctor`"
            )
        time.sleep(0.02)
    raise BrokerUnreachable(f"the broker did not answer in {_PATIENCE_S:g} s", f"see {log_file}")
