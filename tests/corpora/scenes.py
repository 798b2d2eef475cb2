"""What both corpora of remittance texts stand on: open items as sellers number them, and a few of them that a payer means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

TODAY: Final = date(2026, 11, 20)

Style = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One open item: amounts in minor units, negative for a credit note."""

    id: str
    number: str
    open: int
    on: date
    order: str = ""
    reference: str = ""

    @property
    def bare(self) -> str:
        """The number without its letters."""
        return re.sub(r"^[^0-9]+", "", self.number)

    @property
    def core(self) -> str:
        """The longest run of digits, without leading zeros: what people read out on the telephone."""
        return max(reversed(re.findall(r"\d+", self.number)), key=len).lstrip("0") or "0"

    def row(self) -> list[str]:
        """As it is kept in the corpus: id, number, open amount, date, order, reference."""
        return [
            self.id,
            self.number,
            f"{self.open / 100:.2f}",
            self.on.isoformat(),
            self.order,
            self.reference,
        ]


@dataclass(slots=True)
class Told:
    """A text and what it means: amounts by item id, None where it gives none.

    `may` is neither missed when left out nor wrong when found: numbers cut in two, items that share an order's number."""

    text: str
    meant: dict[str, int | None]
    may: set[str] = field(default_factory=set)
    cut: bool = False


@dataclass(slots=True)
class Scene:
    """A customer's open items and the ones that are meant, oldest first."""

    rng: Random
    lines: list[Line]
    chosen: list[Line]

    def all_meant(self) -> dict[str, int | None]:
        """Every chosen item, no amounts."""
        return {each.id: None for each in self.chosen}

    def priced(self) -> dict[str, int | None]:
        """Every chosen item with its open amount."""
        return {each.id: each.open for each in self.chosen}

    def pick(self, *options: str) -> str:
        """One of some ways to say it."""
        return self.rng.choice(options)

    def digits(self, count: int) -> str:
        """A number that is nobody's document."""
        while True:
            found = str(self.rng.randint(10 ** (count - 1), 10**count - 1))
            if not any(found in each.number or each.core in found for each in self.lines):
                return found


def money(rng: Random, minor: int) -> str:
    """An amount as it is written in one country or another."""
    sign, (whole, cents) = "-" if minor < 0 else "", divmod(abs(minor), 100)
    thousands = f"{whole:,}"
    return sign + rng.choice(
        (
            f"{whole}.{cents:02}",
            f"{whole},{cents:02}",
            f"{thousands}.{cents:02}",
            f"{thousands.replace(',', '.')},{cents:02}",
            f"{thousands.replace(',', ' ')},{cents:02}",
            f"{thousands.replace(',', chr(39))}.{cents:02}",
        )
    )


def scene(
    rng: Random,
    styles: Sequence[Style],
    *,
    least: int = 1,
    most: int = 6,
    run: bool = False,
    gap: int = 9,
    credits: bool = False,
) -> Scene:
    """Between 6 and 30 open items, some of them meant: at random, or a `run` of neighbours (with `gap` 1 without holes)."""
    style, counter = rng.choice(styles), rng.randint(1200, 88_000)
    lines: list[Line] = []
    order = f"PO{rng.randint(10_000, 99_999)}"
    for place in range(rng.randint(max(6, least + 3), 30)):
        counter += rng.randint(1, gap)
        issued = TODAY - timedelta(rng.randint(0, 4) + (30 - place) * 2)
        if rng.random() < 0.4:
            order = f"PO{rng.randint(10_000, 99_999)}"
        lines.append(
            Line(
                id=f"item:{place + 1}",
                number=style(counter),
                open=max(500, round(rng.lognormvariate(6.2, 1.2) * 100)),
                on=issued,
                order=order,
                reference=f"{rng.choice(('BK', 'ORD', 'JOB'))}-{rng.randint(1000, 9999)}"
                if rng.random() < 0.5
                else "",
            )
        )
    count = rng.randint(least, min(most, len(lines)))
    start = rng.randint(0, len(lines) - count)
    chosen = lines[start : start + count] if run else sorted(rng.sample(lines, count), key=lines.index)
    if credits:
        note = Line("item:credit", f"CN-{rng.randint(2000, 9999)}", -rng.randint(1000, 9000), TODAY)
        lines.append(note)
        chosen = [*chosen, note]
    return Scene(rng, lines, chosen)


def joined(scene: Scene, words: Iterable[str], *separators: str) -> str:
    """Words in a row, parted in one of some ways."""
    return scene.pick(*separators).join(words)


def cut_at(scene: Scene, text: str, limit: int) -> Told:
    """What a bank leaves of a text: items are meant whose number is whole, the one in two parts may be."""
    left, start = text[:limit], 0
    meant: dict[str, int | None] = {}
    may: set[str] = set()
    for each in scene.chosen:
        at = text.index(each.number, start)
        start = at + len(each.number)
        if start <= limit:
            meant[each.id] = None
        elif at < limit:
            may.add(each.id)
    if start > limit and left.rstrip()[-1:].isdigit():
        # A number that ends at the cut may as well go on.
        may |= {each.id for each in scene.lines if left.endswith(each.number)}
    return Told(left, {key: None for key in meant if key not in may}, may, cut=len(text) > limit)
