"""What customers pay in one go: everything, what is due, a month, an order, the oldest so many, neighbours in time. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate, islice, pairwise
from typing import Final, Self

from arqueue.cash.account import Order, Selection
from arqueue.cash.likelihood import Custom, Likelihood, one_of
from arqueue.cash.statement import Statement

_RUNS: Final = (3, 7, 14, 30)
"""A payment run takes what falls due within so many days as well."""
_LATER, _EARLIER = 3, 3
_MOST_IN_RUNS: Final = 400
_MOST_BRANCHES: Final = 12
_MOST_ORDERS: Final = 40
"""Of more orders only those are looked at that come to the payment or somewhat more."""
_PLANS: Final = 1.0
"""Bits of paying only what is payable in instalments."""
_CALM: Final = 1.0
"""Bits of leaving out what is disputed."""


class Listing:
    """Places in one order, with running totals of every view, so that any stretch of it is summed at once."""

    def __init__(self, statement: Statement, order: Order, like: Self | None = None) -> None:
        """``like`` is one of the same places in the same order, by other days."""
        self._order = order
        self._statement = statement
        self.totals: list[Sequence[int]] = like.totals if like else self._totals()
        self._moves: dict[tuple[int, int, int], tuple[Sequence[int], frozenset[int]]] = {}

    @classmethod
    def of(cls, statement: Statement, places: Sequence[int]) -> Self:
        """In an order of its own."""
        return cls(statement, Order(places, _running(statement.gross.amounts, places)))

    def _totals(self) -> list[Sequence[int]]:
        views = self._statement.views[1:]
        return [self._order.totals, *[_running(view.amounts, self.places) for view in views]]

    @property
    def places(self) -> Sequence[int]:
        """All of them."""
        return self._order.places

    @property
    def days(self) -> Sequence[int]:
        """The day by which each place is ordered."""
        return self._order.days

    @cached_property
    def reached(self) -> list[frozenset[int]]:
        """The running totals of each view; debits are positive, so each is reached once."""
        return [self._order.reached, *map(frozenset, self.totals[1:])]

    def largest(self, view: int) -> int:
        """The largest amount under a view."""
        if not view:
            return self._order.largest
        return max(map(self._statement.views[view].amounts.__getitem__, self.places))

    def largest_first(self, view: int, lo: int, hi: int) -> Sequence[int]:
        """The running totals of a stretch, its largest amount first."""
        if not view:
            return self._order.largest_first(lo, hi)
        amounts = self._statement.views[view].amounts
        return [0, *accumulate(sorted(map(amounts.__getitem__, self.places[lo:hi]), reverse=True))]

    def moves(self, view: int, lo: int, hi: int) -> tuple[Sequence[int], frozenset[int]]:
        """What a stretch gains when each place is taken out of it, or into it; by place, and all that there are. Kept as long as
        it is asked for this stretch."""
        key = (view, lo, hi)
        if key not in self._moves:
            if any(known[1:] != key[1:] for known in self._moves):
                self._moves.clear()
            held = set(self.places[lo:hi])
            amounts = self._statement.views[view].amounts
            moves = [-amount if place in held else amount for place, amount in enumerate(amounts)]
            self._moves[key] = moves, frozenset(moves)
        return self._moves[key]

    def end(self, view: int, total: int) -> int:
        """How many from the first on come to a total; 0 where it is not reached."""
        totals = self.totals[view]
        at = bisect_left(totals, total)
        return at if at < len(totals) and totals[at] == total else 0

    @property
    def starts(self) -> list[int]:
        """Where each day begins, and the end."""
        return self._order.starts

    @property
    def rank(self) -> Mapping[int, int]:
        """Where each place stands."""
        return self._order.rank


@dataclass(frozen=True, slots=True)
class Group:
    """A stretch of a listing that a customer may have meant."""

    words: str
    bits: float
    listing: Listing
    lo: int
    hi: int

    def __len__(self) -> int:
        return self.hi - self.lo

    @property
    def places(self) -> Sequence[int]:
        """Its places, in the listing's order."""
        return self.listing.places[self.lo : self.hi]

    def total(self, view: int) -> int:
        """What it comes to under a view."""
        totals = self.listing.totals[view]
        return totals[self.hi] - totals[self.lo]

    def largest_first(self, view: int) -> Sequence[int]:
        """Its running totals under a view, the largest amount first."""
        return self.listing.largest_first(view, self.lo, self.hi)

    def moves(self, view: int) -> tuple[Sequence[int], frozenset[int]]:
        """What it gains by taking each place out or in: by place, and all that there are."""
        return self.listing.moves(view, self.lo, self.hi)

    def holds(self, place: int) -> bool:
        """Whether the place is in it."""
        rank = self.listing.rank.get(place, -1)
        return self.lo <= rank < self.hi


@dataclass(frozen=True, slots=True)
class Account:
    """Whose items are looked at together, by due date and by document date."""

    words: str
    bits: float
    due: Listing
    dated: Listing


def accounts(statement: Statement) -> Iterator[Account]:
    """The payer's own items; the family's; both as they were when the payment was made, and without what is disputed; and
    each other member's that may be it."""
    foreign, today = statement.account.foreign(statement.payer), statement.paid_on.toordinal()
    everything = range(statement.debits)
    own = [place for place in everything if place not in foreign] if foreign else everything
    wide: list[tuple[str, Sequence[int], str]] = [(f"own {statement.payer}", own, "")] if own else []
    if len(own) < statement.debits:
        wide.append(("all", everything, " of the whole family" if own else ""))
    for name, places, words in wide:
        selection = statement.account.selected((name,), places)
        yield _account(statement, selection, words, 0.0)
        if selection.dated.days[-1] > today and (there := selection.issued_by(today)):
            issued = statement.account.selected((name, today), there)
            yield _account(statement, issued, f"{words} that was issued by {statement.paid_on}", 0.0)
    for name, places, words in wide if statement.disputed else ():
        if calm := [place for place in places if place not in statement.disputed]:
            selection = statement.account.selected((name, "calm"), calm)
            yield _account(statement, selection, f"{words} that is not disputed", _CALM)
    for name, places, words in wide if statement.planned else ():
        plans = [place for place in places if place in statement.planned]
        if 0 < len(plans) < len(places):
            selection = statement.account.selected((name, "plans"), plans)
            yield _account(statement, selection, f"{words} in instalments", _PLANS)
    yield from _branches(statement)


def passing(statement: Statement, account: Account) -> Account | None:
    """The account without what the customer's latest run passed over; None where it passed over nothing."""
    passed = statement.passed.intersection(account.due.places) if statement.passed else ()
    calm = [place for place in account.due.places if place not in passed] if passed else []
    if not calm:
        return None
    words = f"{account.words} but for what was passed over before"
    return _account(statement, statement.account.selection(calm), words, account.bits + _CALM)


def _branches(statement: Statement) -> Iterator[Account]:
    """Members whose items come to the payment at least."""
    members: dict[str, list[int]] = defaultdict(list)
    for place in sorted(statement.account.foreign(statement.payer)):
        members[statement.account.parties[place]].append(place)
    parties, bits = statement.case.parties, one_of(len(members))
    if len(members) > _MOST_BRANCHES:
        return
    for party, places in sorted(members.items()):
        if sum(map(statement.gross.amounts.__getitem__, places)) >= statement.amount:
            name = parties[party].name if party in parties else party
            yield _account(
                statement, statement.account.selected((f"own {party}",), places), f" of {name}", bits
            )


def _account(statement: Statement, selection: Selection, words: str, bits: float) -> Account:
    due = Listing(statement, selection.due)
    same = due if selection.dated.totals is selection.due.totals else None
    return Account(words, bits, due, Listing(statement, selection.dated, same))


def _running(amounts: Sequence[int], places: Sequence[int]) -> list[int]:
    """The running totals of these places, from nothing on."""
    return [0, *accumulate(map(amounts.__getitem__, places))]


def groups(statement: Statement, account: Account, likely: Likelihood) -> Iterator[Group]:
    """What customers pay by rule, likeliest first; the same places may come under two names."""
    due, whose, usual = account.due, account.words, likely.custom(Custom.STATEMENT) + account.bits
    size = len(due.places)
    today = statement.paid_on.toordinal()
    late = bisect_right(due.days, today)
    yield Group(f"everything open{whose}", usual + (2 if late < size else 1), due, 0, size)
    if 0 < late < size:
        yield Group(f"everything due by {statement.paid_on}{whose}", usual + 1.5, due, 0, late)
    for days in _RUNS:
        until = bisect_right(due.days, today + days)
        if until > late:
            words = f"everything due within {days} days of {statement.paid_on}{whose}"
            yield Group(words, usual + 4.5, due, 0, until)
            late = until
    yield from _months(due, usual, whose, "due")
    yield from _months(account.dated, usual, whose, "of")
    yield from _days(due, likely, account)


def usual_runs(statement: Statement, account: Account, likely: Likelihood) -> Iterator[Group]:
    """All that falls due by the day up to which this customer has paid before, counted from the payment; or a few days later, as
    nothing may have fallen due on the last of them, or earlier, as money may be under way for longer this time."""
    ahead = statement.case.habit.manners.ahead
    if not ahead:
        return
    days, ends = account.due.days, {0}
    for moved in (*range(_LATER + 1), *range(-1, -_EARLIER - 1, -1)):
        end = bisect_right(days, statement.paid_on.toordinal() + max(ahead) + moved)
        if end not in ends:
            ends.add(end)
            bits = likely.run + account.bits + (1.5 + abs(moved) if moved else 0.3)
            words = f"everything due by {date.fromordinal(days[end - 1])}, as it pays{account.words}"
            yield Group(words, bits, account.due, 0, end)


def runs(statement: Statement, account: Account, likely: Likelihood) -> Iterator[Group]:
    """All that falls due by one of the days around the payment, as a payer's run may take it; of a large account none."""
    due, today = account.due, statement.paid_on.toordinal()
    if len(due.days) > _MOST_IN_RUNS:
        return
    near = range(bisect_left(due.days, today - _RUNS[0]), bisect_right(due.days, today + _RUNS[-1]))
    ends = [end for end in due.starts if near.start < end <= near.stop]
    bits = likely.custom(Custom.OLDEST) + account.bits + 2 + one_of(len(ends))
    for end in ends:
        day = date.fromordinal(due.days[end - 1])
        yield Group(f"everything due by {day}{account.words}", bits, due, 0, end)


def _months(listing: Listing, usual: float, whose: str, how: str) -> Iterator[Group]:
    """Each month by itself, and all up to its end."""
    starts = [0]
    days = listing.days
    while starts[-1] < len(days):
        starts.append(bisect_left(days, _next_month(days[starts[-1]]), starts[-1]))
    many = one_of(len(starts) - 1)
    for lo, hi in pairwise(starts):
        month = date.fromordinal(days[lo]).strftime("%Y-%m")
        yield Group(f"everything {how} {month}{whose}", usual + 2.5 + many, listing, lo, hi)
        if lo:
            yield Group(f"everything {how} {month} or before{whose}", usual + 3 + many, listing, 0, hi)


def _next_month(day: int) -> int:
    this = date.fromordinal(day)
    if this.month == 12 and this.year == date.max.year:
        return day + 31
    return date(this.year + this.month // 12, this.month % 12 + 1, 1).toordinal()


def _days(listing: Listing, likely: Likelihood, account: Account) -> Iterator[Group]:
    """All that falls due on one day, where that is more than one document."""
    days, starts = listing.days, listing.starts
    bits = likely.custom(Custom.OTHER) + account.bits + 3 + one_of(len(starts) - 1)
    for lo, hi in pairwise(starts):
        if hi - lo > 1:
            yield Group(
                f"everything due on {date.fromordinal(days[lo])}{account.words}", bits, listing, lo, hi
            )


def orders(statement: Statement, likely: Likelihood) -> Iterator[Group]:
    """All documents of one purchase order, or whose references begin alike."""
    several = {key: places for key, places in statement.account.by_order.items() if len(places) > 1}
    if len(several) > _MOST_ORDERS:
        amounts, least = statement.gross.amounts, statement.amount
        most = 2 * (least - sum(amounts[statement.debits :]))
        totals = {key: sum(amounts[place] for place in places) for key, places in several.items()}
        several = {key: several[key] for key, total in totals.items() if least <= total <= most}
    bits = likely.custom(Custom.OTHER) + 1.5 + one_of(len(several))
    for key, places in several.items():
        yield Group(f"everything of order {key}", bits, Listing.of(statement, places), 0, len(places))


def oldest(account: Account, view: int, low: int, high: int) -> Iterator[int]:
    """How many of the oldest come to between low and high."""
    totals = account.due.totals[view]
    at = bisect_left(totals, low, 1)
    while at < len(totals) and totals[at] <= high:
        yield at
        at += 1


def stretches(listing: Listing, view: int, amount: int) -> list[tuple[int, int]]:
    """Neighbours in the listing that come to the amount: from, to. Oldest first."""
    totals = listing.totals[view]
    far_enough = bisect_right(totals, totals[-1] - amount)
    ends = sorted(listing.reached[view].intersection(map(amount.__add__, islice(totals, far_enough))))
    return [(bisect_left(totals, total - amount), bisect_left(totals, total)) for total in ends]
