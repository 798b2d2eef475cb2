"""A way to apply a payment before it is ranked: its lines, what does not come out even, and how likely it is. Pure."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from math import inf
from typing import Final, NamedTuple

from arqueue.cash.likelihood import BESIDE, FOREIGN, share_bits
from arqueue.cash.period import Month
from arqueue.cash.statement import Statement, View
from arqueue.cash.suggestion import Difference, DifferenceKind, Evidence, SuggestedLine, Suggestion

NAMED_KINDS: Final = (Evidence.ADVICE, Evidence.REFERENCE)
"""What the payer says itself."""
_NAMED_BITS: Final = 8
"""What it costs to leave out a document that the text names beyond doubt."""
_EXTRA_BITS: Final = 0.5
_MOST_EXTRA: Final = 9.0
_LOPSIDED: Final = 3.0
_PART: Final = 4
_CUT_BITS: Final = 6.0
_BESIDE_MONTH, _OTHER_MONTH = 2.0, 6.0
"""What it costs that documents belong to the month that is named only in part, or not at all."""
FARFETCHED: Final = 28
"""So many bits less likely than the best a way is not worth a line, where there are others."""
SHOWN: Final = 9
"""So many ways at most are shown."""


class Paid(NamedTuple):
    """One place and what becomes of it; a credit's amount is negative."""

    place: int
    amount: int
    discount: int = 0
    short: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """Lines in the order of the statement; together with ``left`` they are the payment."""

    kind: Evidence
    lines: tuple[Paid, ...]
    left: int
    difference: DifferenceKind
    gap: int
    """The difference's amount, never negative."""
    keeper: int | None
    """The place that keeps a rest."""
    bits: float
    why: tuple[str, ...]
    search: int | None = None
    """The view in which the lines come to the payment to the cent, as a search of all combinations counts them."""
    answers: int = 1
    counted: bool = True

    def weighed(self, bits: float) -> Draft:
        """The same with other bits: ``dataclasses.replace`` takes three times as long, and there are dozens."""
        return Draft(
            self.kind,
            self.lines,
            self.left,
            self.difference,
            self.gap,
            self.keeper,
            bits,
            self.why,
            self.search,
            self.answers,
            self.counted,
        )

    @property
    def key(self) -> tuple[object, ...]:
        """Two ways that do the same are one."""
        return tuple([line[:3] for line in self.lines])


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What the payer named: strength (0 to 100) by place. Who names an order may mean some of its documents: ``loosely`` are
    those that are named only as one of several."""

    strengths: Mapping[int, int]
    loosely: frozenset[int] = frozenset()
    ends_open: bool = False
    """The list goes on where the text ends."""
    closed: bool = False
    """It names only documents that are not open any more."""
    month: Month | None = None
    """The month that it names, where it names no document."""

    def bits(self, places: Iterable[int]) -> float:
        """What it costs to pay these, given what was named."""
        if not self.strengths:
            return 0.0
        paid = set(places)
        strict = (place for place in self.strengths if place not in paid and place not in self.loosely)
        missed = sum(self.strengths[place] for place in strict)
        if self.loosely and self.loosely.isdisjoint(paid):
            missed += max(self.strengths[place] for place in self.loosely)
        extra = sum(place not in self.strengths for place in paid)
        more = BESIDE + min(_EXTRA_BITS * (extra - 1), _MOST_EXTRA) if extra and not self.ends_open else 0.0
        return missed * _NAMED_BITS / 100 + more

    def left_bits(self, left: int, amount: int) -> float:
        """What it costs that so much of a payment is for none of what it names: where the list goes on it is for what
        follows, and else it is hardly a large part."""
        if not self.strengths or not left:
            return 0.0
        return (_LOPSIDED if left * _PART > amount else 0.0) + (_CUT_BITS if self.ends_open else 0.0)


class Drafts:
    """The ways found so far, each once, under its likeliest reason."""

    def __init__(self, statement: Statement, mentioned: Mentioned, even: float) -> None:
        """``even`` are the bits of paying just what the documents say."""
        self.statement = statement
        self.mentioned = mentioned
        self._even = even
        self._best: dict[tuple[object, ...], Draft] = {}
        self.least = inf
        """Bits of the likeliest."""
        self.least_even = inf
        """Bits of the likeliest that comes out to the cent, which is always shown."""
        self.even_counted = False
        """Whether ways to the cent are counted otherwise, so that only those that will be shown are to be kept."""
        self._foremost: list[tuple[float, int]] = []
        """Bits and lines of the likeliest that will be shown."""

    def hopeless(self, bits: float, lines: int, *, even: bool) -> bool:
        """Whether a way of at least so many bits and lines will not be shown: others enough are far likelier, and one of them
        comes out to the cent if this does (``even``)."""
        if even and bits <= self.least_even:
            return False
        if len(self._foremost) < SHOWN:
            return False
        if even and self.even_counted and (round(bits, 6), lines) > self._foremost[-1]:
            return True
        return len(self._best) > SHOWN and bits > self.least + FARFETCHED

    def add(self, draft: Draft | None) -> None:
        """Keep it, unless it applies nothing, or the same way is there for a better reason; that it is named stays its reason,
        however likely it is without."""
        if draft is None or draft.left >= self.statement.amount:
            return
        places = [line.place for line in draft.lines]
        bits = draft.bits + self.mentioned.bits(places)
        bits += self.mentioned.left_bits(draft.left, self.statement.amount)
        if draft.difference in (DifferenceKind.NONE, DifferenceKind.DISCOUNT):
            bits += self._even
        if not self.statement.foreign.isdisjoint(places):
            bits += FOREIGN
        if self.mentioned.month:
            bits += self._out_of(self.mentioned.month, places)
        draft, key = draft.weighed(bits), draft.key
        known = self._best.get(key)
        if known and known.kind in NAMED_KINDS and draft.kind not in NAMED_KINDS:
            draft = known.weighed(bits)
        if known is None or (draft.bits, draft.why) < (known.bits, known.why):
            self._best[key] = draft
            if known and (before := (round(known.bits, 6), len(places))) in self._foremost:
                self._foremost.remove(before)
            insort(self._foremost, (round(bits, 6), len(places)))
            del self._foremost[SHOWN:]
            self.least = min(self.least, bits)
            if draft.search == 0:
                self.least_even = min(self.least_even, bits)

    def _out_of(self, month: Month, places: Sequence[int]) -> float:
        """What it costs that these are not of the month that is named. It is that of the latest, as older ones may be paid along;
        else that of some, or the one in which they fall due."""
        items = [self.statement.items[place].item for place in places if place < self.statement.debits]
        days = [item.doc_date for item in items]
        if days and _month(max(days)) == month:
            return 0.0
        days += [item.due_date for item in items if item.due_date]
        return _BESIDE_MONTH if month in map(_month, days) else _OTHER_MONTH

    def add_nothing(self, bits: float, words: str) -> None:
        """The way that applies nothing and leaves all of the payment."""
        amount = self.statement.amount
        bits += self.mentioned.bits(()) + (_OTHER_MONTH if self.mentioned.month else 0.0)
        kind, over = Evidence.OLDEST, DifferenceKind.OVER
        self._best[()] = Draft(kind, (), amount, over, amount, None, bits, (words,))

    def known(self, draft: Draft) -> Draft | None:
        """The one that is kept for what this one does."""
        return self._best.get(draft.key)

    def ranked(self) -> list[Draft]:
        """Likeliest first; of equals the one with fewer lines, then with older items."""
        return sorted(
            self._best.values(),
            key=lambda draft: (round(draft.bits, 6), len(draft.lines), [line.place for line in draft.lines]),
        )

    def __iter__(self) -> Iterator[Draft]:
        return iter(self._best.values())


def plain(ranked: Iterable[Draft], named: Mapping[int, int]) -> Iterator[Draft]:
    """Without those that only net documents against each other beside what a likelier one pays."""
    kept: list[Draft] = []
    for draft in ranked:
        if not is_detour(draft, kept, named):
            kept.append(draft)
            yield draft


def is_detour(draft: Draft, likelier: Iterable[Draft], named: Mapping[int, int]) -> bool:
    """Whether it does all that one of these does and leaves as much, so that what it adds comes to nothing, and the payer names
    none of that."""
    if all(line.amount > 0 for line in draft.lines):
        return False
    lines = set(draft.lines)
    return any(
        len(other.lines) < len(lines)
        and other.left == draft.left
        and lines.issuperset(other.lines)
        and not any(line.place in named for line in lines.difference(other.lines))
        for other in likelier
        if other.lines
    )


def _month(day: date) -> Month:
    return (day.year, day.month)


def drafted(
    statement: Statement,
    places: Iterable[int],
    view: View,
    kind: Evidence,
    difference: DifferenceKind,
    bits: float,
    why: Sequence[str],
    *,
    keeper: int | None = None,
) -> Draft | None:
    """The lines that pay these places under a view. What the payment lacks is short on ``keeper`` (else on the last debit that
    can hold it), what it has too much is left. None where it lacks more than any one item comes to."""
    chosen = sorted(places)
    offs = view.offs
    if offs and not any(offs[place] for place in chosen):
        return None
    amounts = [*map(view.amounts.__getitem__, chosen)]
    taken = map(offs.__getitem__, chosen) if offs else repeat(0)
    lines = [*map(Paid._make, zip(chosen, amounts, taken, repeat(0), strict=False))]
    gap = sum(amounts) - statement.amount
    if offs and difference is DifferenceKind.DISCOUNT and gap:
        lines = _rounded(lines, gap)
        gap = sum(line.amount for line in lines) - statement.amount
        if gap:
            return None
    left = max(-gap, 0)
    if gap > 0:
        keeper = _keeper(statement, lines, gap, keeper)
        if keeper is None:
            return None
        lines = [
            line._replace(amount=line.amount - gap, short=gap) if line.place == keeper else line
            for line in lines
        ]
    discount = sum(line.discount for line in lines)
    amount = abs(gap) or (discount if difference is DifferenceKind.DISCOUNT else 0)
    search = None if gap else view.number
    return Draft(
        kind, tuple(lines), left, difference, amount, keeper if gap > 0 else None, bits, tuple(why), search
    )


def _keeper(statement: Statement, lines: Sequence[Paid], gap: int, wanted: int | None) -> int | None:
    """Who keeps the rest: the one that is named for it; one of which it is a plain share, as allowances are; one that is
    disputed; else the last that can, as people pay from the top. What is but a rest itself keeps none, where another can."""
    able = {line.place: line.amount for line in lines if line.amount > gap}
    if not able or wanted in able:
        return wanted if able else None
    items = statement.items
    whole = [place for place in able if items[place].open == items[place].item.total] or list(able)
    shares = [(bits, -place) for place in whole if (bits := share_bits(gap, able[place])) is not None]
    if shares:
        return -min(shares)[1]
    disputed = [place for place in whole if place in statement.disputed]
    return (disputed or whole)[-1]


def _rounded(lines: Sequence[Paid], gap: int) -> list[Paid]:
    """The discount was taken of the sum, not line by line: the cents between are spread over the lines."""
    rest, step, made = gap, (1 if gap > 0 else -1), []
    for line in lines:
        if rest and line.discount > 1:
            line = line._replace(amount=line.amount - step, discount=line.discount + step)
            rest -= step
        made.append(line)
    return made


def filled(
    statement: Statement,
    places: Sequence[int],
    kind: Evidence,
    bits: float,
    why: Sequence[str],
    *,
    settled: bool,
) -> Draft | None:
    """Pay in this order as far as the payment goes; the last item may keep a rest, which is short where the payer seems to regard
    it as settled (``settled``). Credits among the places are used up first."""
    amounts = statement.gross.amounts
    beside = places if statement.credits else ()
    credits = [Paid(place, amounts[place]) for place in beside if amounts[place] < 0]
    rest = statement.amount - sum(line.amount for line in credits)
    lines, keeper, gap = credits, None, 0
    for place in places:
        if amounts[place] <= 0:
            continue
        if not rest:
            break
        part = min(rest, amounts[place])
        gap, rest = amounts[place] - part, rest - part
        keeper = place if gap else None
        lines.append(Paid(place, part, short=gap if settled else 0))
    if rest > statement.amount:
        return None
    difference = DifferenceKind.SHORT if gap else DifferenceKind.OVER if rest else DifferenceKind.NONE
    ordered = tuple(sorted(lines, key=lambda line: line.place))
    return Draft(kind, ordered, rest, difference, gap or rest, keeper, bits, tuple(why))


class Lines:
    """Lines as the engine answers them: those that several ways have in common are made once."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._zero = statement.money(0)
        self._made: dict[Paid, SuggestedLine] = {}

    def of(self, paid: Sequence[Paid]) -> tuple[SuggestedLine, ...]:
        """The same lines in the same order."""
        made = self._made
        for each in paid:
            if each not in made:
                made[each] = self._line(each)
        return tuple([made[each] for each in paid])

    def _line(self, paid: Paid) -> SuggestedLine:
        money, item = self._statement.money, self._statement.items[paid.place]
        return SuggestedLine(
            item.item.id,
            item.open if paid.amount == item.open.minor else money(paid.amount),
            money(paid.discount) if paid.discount else self._zero,
            money(paid.short) if paid.short else self._zero,
        )


def told(statement: Statement, draft: Draft, lines: Lines, *, sure: bool) -> Suggestion:
    """A draft as the engine answers it."""
    money, items = statement.money, statement.items
    return Suggestion(
        kind=draft.kind,
        lines=lines.of(draft.lines),
        applied=money(statement.amount - draft.left),
        left=money(draft.left),
        difference=Difference(
            draft.difference,
            money(draft.gap),
            None if draft.keeper is None else items[draft.keeper].item.id,
        ),
        answers=draft.answers,
        counted=draft.counted,
        sure=sure,
        why=draft.why,
    )
