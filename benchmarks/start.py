"""From the command to the first useful paint, the first move and the first key of the app: interleaved rounds, ratios."""

from __future__ import annotations

import argparse
import json
import os
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.rivals import made
from benchmarks.rivals.made import Program
from benchmarks.sized import company
from benchmarks.terminal import opened

COLUMNS, ROWS = 120, 40
MOVE = "j", r"\A.*\n {3}\S.*\n>  "
"""The cursor one row down: the first frame does it."""
MARK = " ", r"\A.*\n \* \S.*\n>  "
"""A row marked: that takes the app."""


def first_paint(program: Program) -> float:
    """Milliseconds until it is of use to somebody who looks."""
    with opened(program, COLUMNS, ROWS) as terminal:
        return terminal.seen(program.ready)


def first_key(program: Program, key: str, effect: str) -> float:
    """Milliseconds until a key that was typed at the first paint has had its effect."""
    with opened(program, COLUMNS, ROWS) as terminal:
        terminal.seen(program.ready)
        os.write(terminal.fd, key.encode())
        return terminal.seen(effect)


def main() -> None:
    """Run and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--dir", type=Path, required=True, help="where the companies and what the rivals read are kept"
    )
    parser.add_argument("--items", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    given.dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        ours = [
            made.arqueue(stack.enter_context(company(given.dir, items)).file, items) for items in given.items
        ]
        tig = made.tig(given.dir)
        print(json.dumps(measured(ours, tig, given.rounds), indent=1))


def measured(ours: Sequence[Program], tig: Program | None, rounds: int) -> dict[str, object]:
    """Medians in ms and the ratios that have a budget."""
    programs = [made.python(), made.bare(), *([tig] if tig else []), *ours]
    paints: dict[str, list[float]] = {program.name: [] for program in programs}
    moves: dict[str, list[float]] = {program.name: [] for program in ours}
    marks: dict[str, list[float]] = {program.name: [] for program in ours}
    for _ in range(rounds + 1):
        for program in programs:
            paints[program.name].append(first_paint(program))
        for program in ours:
            moves[program.name].append(first_key(program, *MOVE))
            marks[program.name].append(first_key(program, *MARK))
    # the first round warms what the machine keeps of files
    paint, move, mark = (
        {name: statistics.median(each[1:]) for name, each in found.items()}
        for found in (paints, moves, marks)
    )
    first, last = ours[0].name, ours[-1].name
    return {
        "load": os.getloadavg()[0],
        "rounds": rounds,
        "missing": [] if tig else ["tig"],
        "first paint, ms": paint,
        "first paint, least ms": {name: min(each[1:]) for name, each in paints.items()},
        "first move, ms": move,
        "first key of the app, ms": mark,
        "first paint / tig": paint[last] / paint[tig.name] if tig else None,
        "first paint / python": paint[last] / paint["python"],
        "first paint / bare Textual": paint[last] / paint["bare Textual"],
        "first move / bare Textual": move[last] / paint["bare Textual"],
        "first key of the app / bare Textual": mark[last] / paint["bare Textual"],
        "first paint, largest / smallest": paint[last] / paint[first],
    }


if __name__ == "__main__":
    main()
