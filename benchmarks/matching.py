"""How often a payment's true documents come out on top, how fast, and against other systems' rules on the same payments."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import comb, prod
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

from arqueue.cash.account import OpenAccount
from arqueue.cash.habit import learn
from arqueue.cash.suggest import suggest
from arqueue.cash.suggestion import Suggestion
from arqueue.model.ledger import OpenItem
from benchmarks.payers.accounts import FAMILIES
from benchmarks.payers.counting import subsets
from benchmarks.payers.judging import Score, Took, lines_of, quantile
from benchmarks.payers.mixes import HELD_OUT, USUAL
from benchmarks.payers.planted import KINDS_OF_K, Planted, planted
from benchmarks.payers.rivals import RIVALS
from benchmarks.payers.simulation import Mix, Paid, payments

SIZES: Final = (8, 20, 50, 200, 1000, 5000)
OURS: Final = "arqueue"
STRONGEST: Final = "Odoo/OCA"
"""The rival that goals are told against."""
_COUNTED_TRIALS: Final = 6
"""Sums of a size and family that are counted independently where it takes seconds."""

Row = dict[str, Any]
Times = Mapping[str, list[float]]
Answer = TypeVar("Answer")


def timed(work: Callable[[], Answer]) -> tuple[Answer, Took]:
    """What a call gives and how long it took."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = work()
    return answer, Took((time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000)


def quickest(rounds: Sequence[Sequence[Took]]) -> list[Took]:
    """Of each call the quickest round: a processor that others use as well is slow for a second and quick for another, and no
    call is quicker than it can be."""
    return [min(each, key=lambda took: took.processor) for each in zip(*rounds, strict=True)]


# ---- sums alone


@dataclass
class Sums:
    """Planted payments of one size and family of amounts, what is said of them, and what each took: the first of its account, and
    with the account at hand, as an earlier payment of the same customer was matched before."""

    row: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    first: list[Took] = field(default_factory=list)
    known: list[Took] = field(default_factory=list)


def sums(size: int, family: str, trials: int, passes: Sequence[Sums]) -> tuple[Row, Times]:
    """What the last pass says, and the times of the quickest."""
    row = passes[-1].row
    row["first"] = [took.processor for took in quickest([each.first for each in passes])]
    row["clock"] = [took.clock for took in quickest([each.known for each in passes])]
    row["processor"] = [took.processor for took in quickest([each.known for each in passes])]
    told = {
        "open items": size,
        "amounts": family,
        "trials": trials,
        "even found": mean(row["found"]),
        "even on top": mean(row["even"]),
        "truth on top": mean(row["top"]),
        "truth shown": mean(row["shown"]),
        "its rank": quantile(row["rank"], 0.5),
        "complete": mean(row["complete"]),
        "counted": len(row["count right"]),
        "count right": mean(row["count right"]),
        "answers, median": quantile(row["answers"], 0.5),
        "p50 ms": quantile(row["clock"], 0.5),
        "p99 ms": quantile(row["clock"], 0.99),
        "p50 cpu": quantile(row["processor"], 0.5),
        "p99 cpu": quantile(row["processor"], 0.99),
        "p50 first": quantile(row["first"], 0.5),
        "p99 first": quantile(row["first"], 0.99),
    }
    return told, {"cpu": row["processor"], "first": row["first"]}


def _planted(size: int, family: str, trials: int, seed: int) -> Sums:
    rng, made = Random(f"{seed}/{size}/{family}"), Sums()
    for trial in range(trials):
        case = planted(rng, size, family, KINDS_OF_K[trial % len(KINDS_OF_K)])
        made.first.append(timed(partial(suggest, case.case))[1])
        known = replace(case.case, account=OpenAccount(case.case.debits, case.case.credits))
        suggest(replace(known, payment=case.earlier))
        answer, took = timed(partial(suggest, known))
        made.known.append(took)
        made.row["complete"].append(answer.complete)
        _look(case, answer.ways, made.row)
        if size <= 50 or trial < _COUNTED_TRIALS:
            _count(case, answer.ways, made.row)
    return made


def by_size(rows: Sequence[tuple[Row, Times]]) -> list[Row]:
    """What the sums of a size took of the processor, of all families of amounts together, and all sums."""
    took: dict[str, dict[str, list[float]]] = defaultdict(lambda: {"cpu": [], "first": []})
    for row, times in rows:
        for size in (f"{row['open items']:,}", "all"):
            for name, each in times.items():
                took[size][name] += each
    return [
        {
            "open items": size,
            **{
                f"{label} {name}": quantile(each, share)
                for name, each in times.items()
                for label, share in (("p50", 0.5), ("p99", 0.99))
            },
        }
        for size, times in sorted(took.items(), key=lambda each: each[0] == "all")
    ]


def _look(case: Planted, ways: Sequence[Suggestion], row: Mapping[str, list[float]]) -> None:
    """Where the true set stands, and whether an answer, and the first, is even to the cent: one always exists."""
    even = [_even(case, way) for way in ways]
    row["found"].append(any(even))
    row["even"].append(any(even[:1]))
    sets = [frozenset(lines_of(way)) for way in ways]
    row["top"].append(case.paid in sets[:1])
    row["shown"].append(case.paid in sets)
    if case.paid in sets:
        row["rank"].append(sets.index(case.paid) + 1)


def _even(case: Planted, way: Suggestion) -> bool:
    """Whole items that come to the payment, told from the case's own figures."""
    open_of = {each.item.id: each.open.minor for each in case.case.debits}
    lines = lines_of(way)
    return sum(lines.values()) == case.target and all(open_of[key] == minor for key, minor in lines.items())


def _count(case: Planted, ways: Sequence[Suggestion], row: Mapping[str, list[float]]) -> None:
    """Hold the number of equal answers that the first even one says against an independent count: that number, or fewer
    and "more than"; no even one is a wrong count."""
    truly = subsets(case.amounts, case.target)
    if truly is None:
        return
    row["answers"].append(truly)
    said = next((way for way in ways if _even(case, way)), None)
    agrees = said is not None and (said.answers == truly if said.counted else said.answers < truly)
    row["count right"].append(agrees)


def mean(values: Iterable[float]) -> float | None:
    """The share, to three decimals; None for none."""
    known = list(values)
    return round(sum(known) / len(known), 3) if known else None


# ---- payers


def judge(mix: Mix, count: int, rounds: int) -> Row:
    """The engine and every rival on the same payments, one after the other for each payment."""
    passes = [_Pass(mix, count) for _ in range(rounds)]
    last = passes[-1]
    for name, score in last.scores.items():
        score.took = quickest([each.scores[name].took for each in passes])
    ours = last.scores[OURS]
    took = defaultdict[str, list[float]](list)
    for items, each in zip(last.sizes, ours.took, strict=True):
        for size in {_size(items), _up_to(items), "all"}:
            took[size].append(each.processor)
    return {
        "mix": mix.name,
        "seed": mix.seed,
        "scores": {name: score.figures() for name, score in last.scores.items()},
        "top 1, times a rival's": {
            name: round(ours.top / max(1, last.scores[name].top), 2) for name in RIVALS
        },
        "anybody at most": mean(last.tellable),
        "by": {name: _shares(part) for name, part in last.parts.items()},
        "took": {
            size: {"payments": len(each), "p50 cpu": quantile(each, 0.5), "p99 cpu": quantile(each, 0.99)}
            for size, each in sorted(took.items())
        },
    }


class _Pass:
    """All payments of a mix once."""

    def __init__(self, mix: Mix, count: int) -> None:
        self.scores = {name: Score() for name in (OURS, *RIVALS)}
        self.parts: dict[str, dict[str, list[tuple[bool, bool]]]] = {
            name: defaultdict(list) for name in ("payer", "text", "open items", "payments before")
        }
        self.tellable = list[float]()
        self.sizes = list[int]()
        for paid in payments(mix, count):
            self._take(paid)

    def _take(self, paid: Paid) -> None:
        self.tellable.append(chance(paid))
        self.sizes.append(len(paid.case.debits))
        hit = _engine(paid, self.scores[OURS])
        hits = {name: _rival(paid, name, self.scores[name]) for name in RIVALS}
        sorts = (paid.payer, paid.mode, _size(len(paid.case.debits)), _before(paid))
        for name, kind in zip(self.parts, sorts, strict=True):
            self.parts[name][kind].append((hit, hits[STRONGEST]))


def chance(paid: Paid) -> float:
    """How likely somebody is to say just the truth who knows all about the payer but what no paper shows: which of the documents
    that differ in nothing but their numbers, and which line bears a deduction that is no plain part of any. An upper bound, as
    no more is looked at; where the text names anything it is taken to say it all."""
    if paid.mode != "none":
        return 1.0
    lines = paid.truth.lines
    by_id = {each.item.id: each for each in paid.case.debits}
    there = Counter(_looks(each) for each in paid.case.debits)
    taken = Counter(_looks(by_id[key]) for key in lines)
    sets = prod(comb(there[looks], many) for looks, many in taken.items())
    short = {key: by_id[key].open.minor - amount for key, amount in lines.items()}
    lack = sum(short.values())
    if paid.truth.note == "deduction" and lack and max(short.values()) == lack:
        able = [each for key in lines if (each := by_id[key]).open.minor > lack]
        if not any(_plain(lack, each.open.minor) for each in able):
            return 1 / (sets * len(able))
    return 1 / sets


def _looks(each: OpenItem) -> tuple[object, ...]:
    """All of a document that is to be seen, but its number."""
    item = each.item
    return (
        each.open,
        item.total,
        item.doc_date,
        item.due_date,
        item.party_id,
        item.dispute,
        item.purchase_order,
    )


def _plain(part: int, whole: int) -> bool:
    """Whether it is so many half percents, to the minor unit."""
    return abs(200 * part - round(200 * part / whole) * whole) <= 200


def _before(paid: Paid) -> str:
    """The class of how many earlier payments there are to learn from."""
    seen = len({each.credit_item for each in paid.past_allocations})
    return next((f"{limit:2} or fewer" for limit in (0, 3, 6, 12) if seen <= limit), "more")


def _engine(paid: Paid, score: Score) -> bool:
    case = replace(paid.case, habit=learn(paid.past_items, paid.past_allocations))
    answer, took = timed(partial(suggest, case))
    return score.add(
        paid.truth, [lines_of(way) for way in answer.ways], [way.sure for way in answer.ways], took
    )


def _rival(paid: Paid, name: str, score: Score) -> bool:
    lines, took = timed(partial(RIVALS[name], paid.case))
    return score.add(paid.truth, [lines] if lines else [], (), took)


def _size(open_items: int) -> str:
    """The class of an account's size."""
    return next((f"{limit:4} or fewer" for limit in SIZES if open_items <= limit), "more")


def _up_to(open_items: int) -> str:
    """Whether it counts for what was promised of times, which is up to a size."""
    return f"all up to {SIZES[-1]:,}" if open_items <= SIZES[-1] else "more"


def _shares(kinds: Mapping[str, Sequence[tuple[bool, bool]]]) -> dict[str, Row]:
    return {
        kind: {
            "payments": len(hits),
            "top 1": mean(ours for ours, _ in hits),
            STRONGEST: mean(theirs for _, theirs in hits),
        }
        for kind, hits in sorted(kinds.items())
    }


# ---- printing


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows under each other, as wide as their widest cell."""
    names = list(rows[0])
    cells = [names, *[[_cell(row[name]) for name in names] for row in rows]]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    for line in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
    print()


def _cell(value: object) -> str:
    if isinstance(value, int) and value >= 10**6:
        return f"{value:.0e}"
    return "-" if value is None else str(value)


def show(judged: Row) -> None:
    """One mix: a row a rule, then how it was paid, what the texts told, how much was open."""
    at_most = judged["anybody at most"]
    print(f"payers: {judged['mix']} (seed {judged['seed']}); anybody can be right in {at_most} at most")
    times = judged["top 1, times a rival's"]
    table(
        [{"rule": name, **figures, "ours is": times.get(name)} for name, figures in judged["scores"].items()]
    )
    table([{"open items": size, **figures} for size, figures in judged["took"].items()])
    for part, kinds in judged["by"].items():
        table([{part: kind, **figures} for kind, figures in kinds.items()])


def main() -> None:
    """Run, print tables, and write everything as JSON where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the trials")
    parser.add_argument("--seed", type=int, default=0, help="another run of the same kinds")
    parser.add_argument("--payments", type=int, default=10_000, help="of each mix of payers")
    parser.add_argument("--trials", type=int, default=120, help="of each size and family of amounts")
    parser.add_argument(
        "--rounds", type=int, default=1, help="of each payment the quickest of so many counts"
    )
    parser.add_argument("--json", type=Path, help="where to write all figures")
    asked = parser.parse_args()
    less = 10 if asked.quick else 1
    trials = max(len(KINDS_OF_K), asked.trials // less)
    kinds = [(size, family) for size in SIZES for family in FAMILIES]
    passes = [[_planted(*kind, trials, asked.seed) for kind in kinds] for _ in range(asked.rounds)]
    rows = [sums(*kind, trials, each) for kind, each in zip(kinds, zip(*passes, strict=True), strict=True)]
    table([row for row, _ in rows])
    table(by_size(rows))
    mixes = [replace(mix, seed=mix.seed + asked.seed) for mix in (USUAL, HELD_OUT)]
    judged = [judge(mix, asked.payments // less, asked.rounds) for mix in mixes]
    for each in judged:
        show(each)
    if asked.json:
        figures = {"sums": [row for row, _ in rows], "sums by size": by_size(rows), "payers": judged}
        asked.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
