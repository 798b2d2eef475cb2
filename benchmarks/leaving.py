"""How long the process lives after its end was asked for, in every way that a terminal or a person has: median and longest."""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import time
from collections.abc import Callable
from functools import partial

from screens.leaving import GRACE_S, HANDLED, LEISURE_S
from tests.screens.terminal_session import Session, session


def send(number: signal.Signals, opened: Session) -> None:
    """The signal, to the process alone."""
    os.kill(opened.pid, number)


HANDS: dict[str, Callable[[Session], None]] = {
    "Ctrl+Q": lambda opened: opened.type("\x11"),
    **{number.name: partial(send, number) for number in HANDLED},
    "terminal closed": lambda opened: opened.hang_up(),
}
FACES: dict[str, tuple[str, ...]] = {
    "at rest": (),
    "SIGHUP ignored": ("--ignore-hangup",),
    "loop stands still": ("--stuck", "--ignore-hangup"),
    "end hangs": ("--stuck-end",),
}
HARD = {("loop stands still", "Ctrl+Q"), ("loop stands still", "SIGHUP"), ("SIGHUP ignored", "SIGHUP")}
"""Nobody hears these there."""
STALLED = "reader stalled"
BOUND_S = 30.0


def main() -> None:
    """Run and print one JSON object, in seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    found: dict[str, dict[str, float]] = {}
    for face, options in FACES.items():
        for hand, ask in HANDS.items():
            if (face, hand) not in HARD:
                found[f"{face}, {hand}"] = said([lived(options, ask, face) for _ in range(times)])
    for hand in ("Ctrl+Q", "SIGTERM"):
        found[f"{STALLED}, {hand}"] = said([lived((), HANDS[hand], STALLED) for _ in range(times)])
    bounds = {"the program's own bound s": GRACE_S, "its bound where a person asked s": LEISURE_S}
    print(json.dumps({"load": os.getloadavg()[0], **bounds, **found}, indent=1))


def lived(options: tuple[str, ...], ask: Callable[[Session], None], face: str) -> float:
    """Seconds from the asking until the process is gone."""
    with session(*options) as opened:
        opened.ready()
        if face == "loop stands still":
            opened.type("\x0c")
            opened.wait_until(lambda: b"STUCK" in opened.output, "the loop to stand still")
        if face == STALLED:
            before = opened.threads()
            while opened.threads() == before:
                opened.type("\x0c")
                time.sleep(0.02)
        began = time.monotonic()
        ask(opened)
        while opened.child.isalive():
            if time.monotonic() - began > BOUND_S:
                return BOUND_S
            if face != STALLED and not opened.child.closed:
                opened.receive(0.005)
            else:
                time.sleep(0.005)
        return time.monotonic() - began


def said(seconds: list[float]) -> dict[str, float]:
    """The median and the longest."""
    return {"median s": round(statistics.median(seconds), 2), "longest s": round(max(seconds), 2)}


if __name__ == "__main__":
    main()
