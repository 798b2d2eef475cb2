"""``python -m data.peers.sandbox.server``: one JSON line on stdout when it is ready, or why it is not."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from arqueue.errors import ArqueueError
from data.broker.logs import to_stderr
from data.peers.sandbox.server.run import Ready, serve, told_in_json


def main() -> int:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(description="The sandbox ledger of arqueue.")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--faults", type=Path)
    parser.add_argument("--until-stdin-ends", action="store_true")
    given = parser.parse_args()
    to_stderr()
    try:
        serve(given.dir, given.port, given.faults, on_ready=_say, until_stdin_ends=given.until_stdin_ends)
    except ArqueueError as error:
        _write(told_in_json(error))
        return error.exit_status
    return 0


def _say(ready: Ready) -> None:
    _write(json.dumps({"url": ready.url, "pid": os.getpid()}))


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
