"""What a key costs on a real PTY: time until its last byte, bytes, pieces; arqueue by size beside its rivals, interleaved."""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.rivals import made
from benchmarks.rivals.made import Program
from benchmarks.sized import company
from benchmarks.terminal import Stroke, Terminal, opened, quantile

COLUMNS, ROWS = 99, 40
"""The widest on which the account does not stand beside the list: a rival has no account either."""
BATCH = 20
PAUSE_S = 0.017


def main() -> None:
    """Run and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--dir", type=Path, required=True, help="where the companies and what the rivals read are kept"
    )
    parser.add_argument("--items", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--keys", type=int, default=300)
    parser.add_argument("--table", type=int, default=100_000, help="rows of the DataTable, 0 for none")
    given = parser.parse_args()
    given.dir.mkdir(parents=True, exist_ok=True)
    rivals = {"neomutt": made.neomutt(given.dir), "tig": made.tig(given.dir)}
    with ExitStack() as stack:
        ours = [
            made.arqueue(stack.enter_context(company(given.dir, items)).file, items) for items in given.items
        ]
        others = [each for each in rivals.values() if each] + (
            [made.table(given.table)] if given.table else []
        )
        terminals = {each: stack.enter_context(opened(each, COLUMNS, ROWS)) for each in (*ours, *others)}
        for program, terminal in terminals.items():
            terminal.seen(program.ready)
            terminal.settle(program.down)
        result = measured(ours, others, terminals, given.keys)
    print(
        json.dumps({"missing": [name for name, each in rivals.items() if each is None], **result}, indent=1)
    )


def measured(
    ours: Sequence[Program], others: Sequence[Program], terminals: Mapping[Program, Terminal], keys: int
) -> dict[str, object]:
    """Batches of keys, one program after another, until each had so many."""
    down = {each.name: list[Stroke]() for each in terminals}
    page, jump = (
        {each.name: list[Stroke]() for each in terminals},
        {each.name: list[Stroke]() for each in ours},
    )
    view, typed = {each.name: list[Stroke]() for each in ours}, {each.name: list[Stroke]() for each in ours}
    for _ in range(-(-keys // BATCH)):
        for program, terminal in terminals.items():
            down[program.name] += pressed(terminal, program.down, BATCH)
            page[program.name] += pressed(terminal, program.page, 3)
            if program in ours:
                jump[program.name] += pressed(terminal, "G", 1) + pressed(terminal, "g", 1)
                view[program.name] += pressed(terminal, "2", 1) + pressed(terminal, "1", 1)
                typed[program.name] += _filtered(terminal)
    tables = {"down": down, "page": page, "end, top": jump, "view": view, "filter": typed}
    return {
        "load": os.getloadavg()[0],
        "resident MB": {each.name: round(terminals[each].resident_mb(), 1) for each in terminals},
        **{name: {key: said(each) for key, each in table.items() if each} for name, table in tables.items()},
        "ratios": ratios(down, page, ours, others),
    }


def pressed(terminal: Terminal, key: str, times: int) -> list[Stroke]:
    """The same key so many times, at uneven moments."""
    chance, found = random.Random(1), []
    for _ in range(times):
        time.sleep(chance.random() * PAUSE_S)
        if stroke := terminal.stroke(key):
            found.append(stroke)
    return found


def _filtered(terminal: Terminal) -> list[Stroke]:
    """Three letters of a filter, and the way back."""
    terminal.stroke("/")
    typed = [stroke for letter in "909" if (stroke := terminal.stroke(letter))]
    terminal.stroke("\x1b")
    terminal.drain(0.2)
    return typed


def said(strokes: Sequence[Stroke]) -> dict[str, float]:
    """Quantiles of one kind of key."""
    times = [stroke.ms for stroke in strokes]
    return {
        "n": len(strokes),
        **{f"p{round(part * 100)} ms": round(quantile(times, part), 2) for part in (0.5, 0.95, 0.99)},
        "bytes": statistics.median(stroke.sent for stroke in strokes),
        "pieces": statistics.median(stroke.pieces for stroke in strokes),
    }


def ratios(
    down: Mapping[str, Sequence[Stroke]],
    page: Mapping[str, Sequence[Stroke]],
    ours: Sequence[Program],
    others: Sequence[Program],
) -> dict[str, float]:
    """The median of the largest company over each rival's, and over the smallest company's."""

    def time_of(strokes: Sequence[Stroke]) -> float:
        return statistics.median(stroke.ms for stroke in strokes)

    def bytes_of(strokes: Sequence[Stroke]) -> float:
        return statistics.median(stroke.sent for stroke in strokes)

    small, large = ours[0].name, ours[-1].name
    found = {
        "down, largest / smallest": time_of(down[large]) / time_of(down[small]),
        "page, largest / smallest": time_of(page[large]) / time_of(page[small]),
    }
    for other in others:
        found[f"down / {other.name}"] = time_of(down[large]) / time_of(down[other.name])
        found[f"bytes a down / {other.name}"] = bytes_of(down[large]) / bytes_of(down[other.name])
        found[f"bytes a page / {other.name}"] = bytes_of(page[large]) / bytes_of(page[other.name])
    return {name: round(value, 3) for name, value in found.items()}


if __name__ == "__main__":
    main()
