"""A company's folder whose broker is the scripted one, in a process of its own: for the program as it is started by people."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.screens.terminal_session import BOUND_S, ROOT

_SETTINGS = """\
# A company for tests.
[peer]
kind = "sandbox"
url = "http://127.0.0.1:9"

[demo]
act_as = "kim"
"""


@contextmanager
def company_folder(*options: str, served: bool = True) -> Iterator[Path]:
    """The settings file of the company; nobody answers at its socket unless it is ``served``."""
    with tempfile.TemporaryDirectory(prefix="arq") as name:
        folder = Path(name)
        file = folder / "arqueue.toml"
        file.write_text(_SETTINGS)
        for each in ("run", "store"):
            (folder / each).mkdir(mode=0o700)
        path = folder / "run" / "arqueue.sock"
        broker = None
        if served:
            broker = subprocess.Popen(
                [sys.executable, "-m", "tests.screens.company_folder", str(path), *options], cwd=ROOT
            )
        try:
            if broker is not None:
                _wait_for(path, broker)
            yield file
        finally:
            if broker is not None:
                broker.terminate()
                broker.wait()


def _wait_for(path: Path, broker: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + BOUND_S
    while time.monotonic() < end and broker.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe:
            if not probe.connect_ex(str(path)):
                return
        time.sleep(0.01)  # a process that starts has no event to wait for here
    raise AssertionError("the scripted broker does not answer")


async def _serve(path: Path, options: list[str]) -> None:
    from tests.screens.__main__ import broker_of

    await broker_of(path, options).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), sys.argv[2:]))
