"""Whether an answer is right, and how many answers of a run were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

from arqueue.cash.suggestion import Suggestion
from benchmarks.payers.simulation import Truth


def right(truth: Truth, lines: Mapping[str, int]) -> bool:
    """The same documents, each with the same amount but for the truth's slack."""
    wanted = {**truth.lines, **{key: -used for key, used in truth.credits.items()}}
    if set(lines) != set(wanted):
        return False
    return sum(abs(lines[key] - amount) for key, amount in wanted.items()) <= truth.slack


def same_documents(truth: Truth, lines: Mapping[str, int]) -> bool:
    """The same documents, whatever the amounts."""
    return set(lines) == {*truth.lines, *truth.credits}


def lines_of(way: Suggestion) -> dict[str, int]:
    """A way as minor units by item, credits negative."""
    return {line.item: line.amount.minor for line in way.lines}


def at_most(wrong: int, of: int) -> float:
    """The upper end of the 95 % interval (Wilson) of a share, so that a small run claims little."""
    if not of:
        return 1.0
    z, share = 1.96, wrong / of
    middle = share + z * z / (2 * of)
    return (middle + z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))) / (1 + z * z / of)


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value that so many lie at or below; None for none."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) if ordered else None


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds on the clock, and of the processor: on a machine that others use as well they differ."""

    clock: float
    processor: float


@dataclass(slots=True)
class Score:
    """How one engine or rule did on a run of payments."""

    payments: int = 0
    top: int = 0
    """Right at first place, to the cent."""
    among_three: int = 0
    shown: int = 0
    """Right anywhere among the answers."""
    documents: int = 0
    """The right documents at first place."""
    silent: int = 0
    """No answer."""
    sure: int = 0
    sure_wrong: int = 0
    took: list[Took] = field(default_factory=list)

    def add(
        self, truth: Truth, answers: Sequence[Mapping[str, int]], sure: Sequence[bool], took: Took
    ) -> bool:
        """Take one payment's ranked answers in; True if the first was right. No answer is right for what is for nothing."""
        ranked = [right(truth, each) for each in answers[:3]] or [right(truth, {})]
        self.payments += 1
        self.top += ranked[0]
        self.among_three += any(ranked)
        self.shown += any(ranked) or any(right(truth, each) for each in answers[3:])
        self.documents += same_documents(truth, answers[0] if answers else {})
        self.silent += not any(answers)
        self.took.append(took)
        for is_sure, is_right in zip(sure[:1], ranked, strict=False):
            self.sure += is_sure
            self.sure_wrong += is_sure and not is_right
        return ranked[0]

    def figures(self) -> dict[str, float | int | None]:
        """Shares of all payments, and times; what is said of sure answers is None where none was."""
        count = max(1, self.payments)
        sure = self.sure or None
        clock, processor = [each.clock for each in self.took], [each.processor for each in self.took]
        return {
            "payments": self.payments,
            "top 1": round(self.top / count, 4),
            "top 3": round(self.among_three / count, 4),
            "shown": round(self.shown / count, 4),
            "documents right": round(self.documents / count, 4),
            "no answer": round(self.silent / count, 4),
            "sure": round(self.sure / count, 4),
            "wrong among sure": sure and round(self.sure_wrong / sure, 4),
            "at most": sure and round(at_most(self.sure_wrong, sure), 4),
            "p50 ms": quantile(clock, 0.5),
            "p99 ms": quantile(clock, 0.99),
            "p50 cpu": quantile(processor, 0.5),
            "p99 cpu": quantile(processor, 0.99),
        }
