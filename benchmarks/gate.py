"""What must not get worse, as ratios and counts that hold on any machine: exit status 1 and the broken promise when it does."""

from __future__ import annotations

import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.keys import COLUMNS, ROWS, pressed
from benchmarks.rivals import made
from benchmarks.sized import company
from benchmarks.start import MOVE, first_key, first_paint
from benchmarks.terminal import Stroke, opened

SMALL, LARGE = 1_000, 20_000
ROUNDS = 9
BATCHES, BATCH = 6, 15
TRIES = 3
LIMITS = {
    "bytes a down": 70.0,
    "bytes a page": 6_000.0,
    "writes a down": 1.0,
    "down, large / small": 1.5,
    "page, large / small": 1.6,
    "first paint / python": 3.5,
    "first paint, large / small": 1.5,
    "first move / python": 8.0,
}
"""Wide: a machine that is busy with something else passes, a list that grows with its rows does not."""


def measured(folder: Path) -> dict[str, float]:
    """Medians over interleaved rounds."""
    with ExitStack() as stack:
        small, large = (
            made.arqueue(stack.enter_context(company(folder, items)).file, items) for items in (SMALL, LARGE)
        )
        starts = [
            (first_paint(made.python()), first_paint(small), first_paint(large), first_key(large, *MOVE))
            for _ in range(ROUNDS)
        ]
        python, near, far, move = (statistics.median(each) for each in zip(*starts, strict=True))
        terminals = [stack.enter_context(opened(program, COLUMNS, ROWS)) for program in (small, large)]
        for terminal in terminals:
            terminal.seen(small.ready)
            terminal.settle("j")
        downs: list[list[Stroke]] = [[], []]
        pages: list[list[Stroke]] = [[], []]
        for _ in range(BATCHES):
            for number, terminal in enumerate(terminals):
                downs[number] += pressed(terminal, "j", BATCH)
                pages[number] += pressed(terminal, small.page, 2)
                pressed(terminal, "g", 1)

    def median(strokes: list[Stroke], what: str) -> float:
        return statistics.median(float(getattr(stroke, what)) for stroke in strokes)

    return {
        "bytes a down": median(downs[1], "sent"),
        "bytes a page": median(pages[1], "sent"),
        "writes a down": median(downs[1], "pieces"),
        "down, large / small": median(downs[1], "ms") / median(downs[0], "ms"),
        "page, large / small": median(pages[1], "ms") / median(pages[0], "ms"),
        "first paint / python": far / python,
        "first paint, large / small": far / near,
        "first move / python": move / python,
    }


def main() -> int:
    """Measure, print each figure beside its limit; what is worse is measured again, as something else may have run just then.
    Returns the exit status."""
    worse = set(LIMITS)
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory(prefix="arq") as folder:
            found = measured(Path(folder))
        for name in sorted(worse):
            fine = found[name] <= LIMITS[name]
            print(f"{'ok    ' if fine else 'WORSE '} {name}: {found[name]:.2f}, at most {LIMITS[name]:g}")
        worse = {name for name in worse if found[name] > LIMITS[name]}
        if not worse:
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
