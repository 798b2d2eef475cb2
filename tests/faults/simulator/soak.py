"""A long run in parts: what was done so far is kept in a file after each slice, so that one that was interrupted goes on."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.faults.simulator.running import Tally, pool_of, replay, run_beside

_SAY_S = 30.0


class Soak:
    """So many seeds from the first on. ``keep`` is the file, if any; one that another run kept is begun anew."""

    def __init__(self, first: int, count: int, keep: Path | None, say: Callable[[str], None]) -> None:
        self._first, self._count, self._keep, self._say = first, count, keep, say
        self.total, self.wall_s = Tally(), 0.0
        if keep is not None and keep.exists():
            self._go_on(json.loads(keep.read_text("utf-8")))

    @property
    def done(self) -> int:
        """How many schedules are behind it."""
        return self.total.counts["schedules"]

    def run(self, processes: int) -> Tally:
        """The rest of them, with a word about twice a minute."""
        began, before, said = time.monotonic(), self.wall_s, 0.0
        with pool_of(processes) as pool:
            for tally in run_beside(pool, self._first + self.done, self._count - self.done):
                self.total.add(tally)
                for seed, words in tally.broken:
                    self._say(f"seed {seed}: {words}\n    {replay(seed)}")
                now = time.monotonic() - began
                self.wall_s = before + now
                self._put_down()
                if now - said > _SAY_S:
                    said = now
                    left = self.wall_s / self.done * (self._count - self.done) / 60
                    broken = f"{len(self.total.broken)} broken, about {left:.0f} min left"
                    self._say(
                        f"{self.done:,} of {self._count:,} schedules, {self.wall_s / 60:.0f} min, {broken}"
                    )
        return self.total

    def __str__(self) -> str:
        took = f"{self.wall_s / 60:.1f} min, {self.total.seconds / 60:.1f} min of a core"
        last = f"{self.done:,} schedules from seed {self._first:,}: {took}: {len(self.total.broken)} broken"
        return f"{self.total}\n{last}"

    def _put_down(self) -> None:
        if self._keep is None:
            return
        kept = {
            "first": self._first,
            "count": self._count,
            "done": self.done,
            "minutes": round(self.wall_s / 60, 2),
            "minutes_of_a_core": round(self.total.seconds / 60, 2),
            "broken": self.total.broken,
            "counts": dict(sorted(self.total.counts.items())),
        }
        part = self._keep.with_name(f"{self._keep.name}.part")
        part.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
        part.replace(self._keep)

    def _go_on(self, kept: dict[str, object]) -> None:
        if (kept.get("first"), kept.get("count")) != (self._first, self._count):
            return
        counts, broken = kept["counts"], kept["broken"]
        assert isinstance(counts, dict)
        assert isinstance(broken, list)
        seconds = 60 * float(str(kept["minutes_of_a_core"]))
        self.total = Tally(Counter(counts), [(int(seed), str(words)) for seed, words in broken], seconds)
        self.wall_s = 60 * float(str(kept["minutes"]))
        self._say(f"goes on after {self.done:,} schedules")
