"""A hundred faces on one broker, and a real one on a PTY, alone and among them, while syncs run."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from arqueue.settings import load_settings
from benchmarks.faces import HABITS
from benchmarks.keys import COLUMNS, ROWS, pressed, said
from benchmarks.rivals import made
from benchmarks.terminal import Terminal, opened, quantile

SETTLES_S = 3.0


@contextmanager
def crowd(socket: Path, faces: int, habit: str) -> Iterator[dict[str, Any]]:
    """So many faces in a process of their own, so that they hold up nobody who measures, and whole syncs one after another;
    what they asked and what that took is in the given object when they are gone."""
    argv = [sys.executable, "-m", "benchmarks.faces", str(socket), "--faces", str(faces), "--habit", habit]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    found: dict[str, Any] = {}
    try:
        process.stdout.readline()
        time.sleep(SETTLES_S)  # all of them are there
        process.stdin.write("\n")
        process.stdin.flush()
        yield found
    finally:
        process.stdin.close()
        found.update(json.loads(process.stdout.read() or "{}"))
        process.wait()


def downs(terminal: Terminal, key: str, keys: int) -> dict[str, float]:
    """What a Down cost until the last byte that came without a pause, and until its own frame, which is one piece: while a sync
    runs, its news may follow at once."""
    strokes = pressed(terminal, key, keys)
    first = [stroke.first_ms for stroke in strokes]
    own = {
        f"own frame, p{round(part * 100)} ms": round(quantile(first, part), 2) for part in (0.5, 0.95, 0.99)
    }
    return {**said(strokes), **own}


def main() -> None:
    """Run over a company whose ledger answers, such as ``arqueue demo --headless``, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--faces", type=int, default=100)
    parser.add_argument("--keys", type=int, default=300)
    given = parser.parse_args()
    settings = load_settings(given.config)
    program = replace(made.arqueue(settings.file, 0), ready=r"\d [A-Z]{3} ")
    result: dict[str, Any] = {"load": os.getloadavg()[0], "faces": given.faces}
    with opened(program, COLUMNS, ROWS) as terminal:
        terminal.seen(program.ready)
        terminal.settle(program.down)
        result["down alone"] = downs(terminal, program.down, given.keys)
        for habit in HABITS:
            terminal.stroke("g")
            with crowd(settings.socket, given.faces, habit) as found:
                down = downs(terminal, program.down, given.keys)
            result[habit] = {"down": down, **found}
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
