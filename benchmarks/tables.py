"""The tables of docs/matching.md, written from what ``python -m benchmarks.matching --json`` measured: prose is written by hand,
figures are not."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
Lines = list[str]

_OURS, _STRONGEST = "arqueue", "Odoo/OCA"


def tables(figures: Row) -> Iterator[Lines]:
    """All tables, each with its head."""
    usual, held_out = figures["payers"]
    yield _rules(usual["scores"], held_out["scores"])
    yield _took(usual["took"], held_out["took"])
    for part, head in (
        ("open items", "open items"),
        ("payments before", "earlier payments known"),
        ("text", "what the text tells"),
    ):
        yield _parts(usual["by"][part], held_out["by"][part], head)
    yield _payers(usual["by"]["payer"])
    yield _by_size(figures["sums by size"])
    yield _sums(figures["sums"])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Lines:
    return [_line(head), "|" + "---|" * len(head), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rules(usual: Row, held_out: Row) -> Lines:
    head = [
        "rule",
        "usual",
        "held out",
        "documents right, usual",
        "held out",
        "no answer, usual",
        "p50 ms",
        "p99 ms",
        "p50 processor",
        "p99 processor",
    ]
    rows = [
        [
            f"**{name}**" if name == _OURS else name,
            _percent(one["top 1"]),
            _percent(held_out[name]["top 1"]),
            _percent(one["documents right"]),
            _percent(held_out[name]["documents right"]),
            _percent(one["no answer"]),
            *[_figures(one[key]) for key in ("p50 ms", "p99 ms", "p50 cpu", "p99 cpu")],
        ]
        for name, one in usual.items()
    ]
    return _table(head, rows)


def _parts(usual: Row, held_out: Row, head: str) -> Lines:
    names = sorted({*usual, *held_out}, key=lambda name: (name == "more", name))
    both = ["arqueue", "Odoo's rule"]
    rows = [[name.strip(), *_part(usual.get(name)), *_part(held_out.get(name))] for name in names]
    return _table([head, "payments, usual", *both, "payments, held out", *both], rows)


def _took(usual: Row, held_out: Row) -> Lines:
    names = sorted({*usual, *held_out}, key=lambda name: (name.startswith("all"), name == "more", name))
    keys = ("p50 cpu", "p99 cpu")
    rows = [
        [name.strip(), *[_figures(mix.get(name, {}).get(key)) for mix in (usual, held_out) for key in keys]]
        for name in names
    ]
    return _table(["open items", "p50 ms, usual", "p99 ms", "p50 ms, held out", "p99 ms"], rows)


def _part(row: Row | None) -> list[str]:
    if row is None:
        return ["0", "–", "–"]
    return [str(row["payments"]), _percent(row["top 1"]), _percent(row[_STRONGEST])]


def _payers(kinds: Row) -> Lines:
    ranked = sorted(kinds.items(), key=lambda each: (each[1]["top 1"], each[0]))
    return _table(
        ["usual: how they pay", "payments", "arqueue", "Odoo's rule"],
        [[name, *_part(row)] for name, row in ranked],
    )


def _by_size(sizes: Sequence[Row]) -> Lines:
    keys = ("p50 cpu", "p99 cpu", "p50 first", "p99 first")
    head = ["items open", "p50 ms", "p99 ms", "p50, first payment", "p99, first payment"]
    return _table(head, [[row["open items"], *[_figures(row[key]) for key in keys]] for row in sizes])


def _sums(rows: Sequence[Row]) -> Lines:
    shares = ("even found", "even on top", "truth on top", "truth shown", "complete")
    times = ("p50 ms", "p99 ms", "p50 cpu", "p99 cpu", "p50 first", "p99 first")
    head = [
        "open items",
        "amounts",
        *shares,
        "count right",
        "equal answers, median",
        "p50 ms",
        "p99 ms",
        "p50 processor",
        "p99 processor",
        "p50 first",
        "p99 first",
    ]
    return _table(
        head,
        [
            [
                str(row["open items"]),
                row["amounts"],
                *[_percent(row[key]) for key in shares],
                _counted(row),
                _number(row["answers, median"]),
                *[_figures(row[key]) for key in times],
            ]
            for row in rows
        ],
    )


def _counted(row: Row) -> str:
    if not row["counted"]:
        return "–"
    return f"{round(row['count right'] * row['counted'])} of {row['counted']}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _figures(value: float | None) -> str:
    """Three figures that mean something."""
    return "–" if value is None else f"{value:.3g}"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0e}".replace("e+0", "e").replace("e+", "e") if value >= 1e6 else f"{value:.0f}"


def put_into(text: str, made: Sequence[Lines]) -> str:
    """The text with its tables, known by their heads' first two cells, as they were made. Raises KeyError for one that is not
    there."""
    known = {_begins(table[0]): table for table in made}
    lines, inside = Lines(), False
    for line in text.split("\n"):
        key = _begins(line)
        if not inside and key in known:
            lines += known.pop(key)
            inside = True
        inside = inside and line.startswith("|")
        if not inside:
            lines.append(line)
    if known:
        raise KeyError(f"no table begins with {' or '.join(known)}")
    return "\n".join(lines)


def _begins(line: str) -> str:
    return "|".join(line.split("|")[:3]) if line.startswith("|") else ""


def main() -> None:
    """Write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", type=Path, help="what benchmarks.matching --json wrote")
    parser.add_argument("--into", type=Path, default=Path("docs/matching.md"))
    asked = parser.parse_args()
    made = list(tables(json.loads(asked.figures.read_text(encoding="utf-8"))))
    text = asked.into.read_text(encoding="utf-8")
    asked.into.write_text(put_into(text, made), encoding="utf-8")


if __name__ == "__main__":
    main()
