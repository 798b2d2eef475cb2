"""The engine: ranked ways to apply a payment, strongest evidence first, each with its arithmetic and its reasons. Pure.

Stages: what the advice says, what the text names, what customers habitually pay in one go (each with what may lie between
it and the payment), all combinations, counted, and oldest first. Combinations are left out only where the payer's own words
leave no doubt. All stages put their ways into one pool, which `likelihood` ranks."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Final

from arqueue.cash import naming, search
from arqueue.cash.by_name import by_name
from arqueue.cash.case import PaymentCase
from arqueue.cash.closing import (
    allowed,
    by_size,
    close,
    close_one,
    nearly,
    nearly_single,
    singles,
    two_left_out,
    whole_days,
)
from arqueue.cash.discounts import line_drawn
from arqueue.cash.drafts import (
    FARFETCHED,
    NAMED_KINDS,
    SHOWN,
    Draft,
    Lines,
    Mentioned,
    filled,
    is_detour,
    plain,
    told,
)
from arqueue.cash.groups import (
    Account,
    Group,
    accounts,
    groups,
    oldest,
    orders,
    passing,
    runs,
    stretches,
    usual_runs,
)
from arqueue.cash.likelihood import REPEATED, Custom, one_of, zeros
from arqueue.cash.members import together
from arqueue.cash.orders import two_orders
from arqueue.cash.remittance import LIKELY, SURE
from arqueue.cash.statement import Statement, statement_of
from arqueue.cash.suggestion import DifferenceKind, Evidence, Suggestions
from arqueue.cash.sums import Answers
from arqueue.cash.worksheet import Worksheet

_CHIEF: Final = 6
_STRETCHES: Final = 4
_SHORT_OF: Final = 4
"""So many times the oldest are looked at for an allowance that was made on one of them."""
_UNKNOWN: Final = 3
_LEAST: Final = 3
_LATELY: Final = 45
"""A payment that is made twice comes again within so many days."""
_FEW: Final = 40
"""Among so many debits combinations with discounts are looked for although there are some without."""
_MANY: Final = 500
"""Among more debits than that every amount has answers beyond counting."""


def suggest(case: PaymentCase, over: Callable[[], bool] | None = None) -> Suggestions:
    """Distinct ways to apply the payment, best first, at most nine; none for what is no open payment, or with nothing open in its
    currency. ``over`` says when the time is up (default: the policy's budget from now); the best so far is returned then."""
    over = over or _deadline(case.policy.budget_ms)
    with _undisturbed():
        return _suggested(case, over)


def _suggested(case: PaymentCase, over: Callable[[], bool]) -> Suggestions:
    """What was made for it is gone when this returns, and no garbage that is looked through afterwards."""
    statement, notes = statement_of(case)
    if statement is None:
        return Suggestions(ways=(), notes=notes)
    return _Engine(statement, over).answer(notes)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No search for cyclic garbage meanwhile: a search makes thousands of small lists and none that refer to each other, and the
    budget bounds how many."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _deadline(budget_ms: int) -> Callable[[], bool]:
    end = time.monotonic() + budget_ms / 1000
    return lambda: time.monotonic() >= end


class _Engine:
    """One payment's search, stage by stage onto one worksheet."""

    def __init__(self, statement: Statement, over: Callable[[], bool]) -> None:
        self.statement = statement
        self.naming = naming.read(statement)
        of = self.naming
        named = Mentioned(of.strengths, of.loosely, of.ends_open, of.closed, of.month)
        self.sheet = Worksheet(statement, named, over)
        self.complete = True
        self._fallback: Draft | None = None

    def answer(self, notes: tuple[str, ...]) -> Suggestions:
        by_name(self.sheet, self.naming)
        clear = any(self._proves(draft) for draft in self.sheet.drafts.ranked()[:1])
        self.sheet.drafts.even_counted = not clear and self.statement.debits <= _MANY
        self._by_rule()
        counts = {} if clear else self._by_sum()
        self._oldest_first()
        self._again()
        notes = (*notes, *_remarks(self.naming))
        ranked = self.sheet.drafts.ranked()
        alike = Counter(map(_sort, ranked))
        shown = [self._counted(draft, counts, alike) for draft in self._shown(ranked)]
        lines = Lines(self.statement)
        ways = [
            told(self.statement, draft, lines, sure=not at and self.complete and self._proves(draft))
            for at, draft in enumerate(shown)
        ]
        return Suggestions(ways=tuple(ways), complete=self.complete, notes=notes)

    def _shown(self, ranked: Sequence[Draft]) -> list[Draft]:
        """The best nine, without what is far less likely than the best, or only nets more than a likelier one; what comes out to
        the cent and oldest first are always among them."""
        worst, named = ranked[0].bits + FARFETCHED, self.naming.strengths
        likely = (draft for at, draft in enumerate(ranked) if at < _LEAST or draft.bits <= worst)
        chosen = list(islice(plain(likely, named), SHOWN))
        even = next((draft for draft in ranked if draft.search == 0), None)
        if even and even not in chosen and is_detour(even, chosen, named):
            even = None
        fallback = self.sheet.drafts.known(self._fallback) if self._fallback else None
        musts = {id(draft) for draft in (even, fallback) if draft}
        rest = [id(draft) for draft in chosen if id(draft) not in musts][: SHOWN - len(musts)]
        return [draft for draft in ranked if id(draft) in musts or id(draft) in rest]

    def _by_rule(self) -> None:
        """Single items, what is paid in one go, the oldest so many, neighbours; the chief of them also with a difference that
        nothing explains."""
        sheet = self.sheet
        singles(sheet)
        nearly_single(sheet)
        for account in accounts(self.statement):
            if sheet.over():
                self.complete = False
                return
            self._as_usual(account)
            for rank, group in enumerate(groups(self.statement, account, sheet.likely)):
                close(sheet, group, deep=rank < _CHIEF)
                if rank < _CHIEF:
                    nearly(sheet, group)
                    by_size(sheet, group)
            for group in runs(self.statement, account, sheet.likely):
                close(sheet, group)
                two_left_out(sheet, group)
                by_size(sheet, group)
            self._in_a_row(account)
            whole_days(sheet, account, account.due, "due")
            if account.dated.totals is not account.due.totals:
                whole_days(sheet, account, account.dated, "dated")
        for group in orders(self.statement, sheet.likely):
            close(sheet, group)
        two_orders(sheet)
        together(sheet)

    def _as_usual(self, account: Account) -> None:
        """What falls due by the customer's usual day, with and without what it passed over before."""
        sheet = self.sheet
        for listed in (account, passing(self.statement, account)):
            for rank, group in enumerate(usual_runs(self.statement, listed, sheet.likely) if listed else ()):
                close(sheet, group, deep=True)
                two_left_out(sheet, group)
                by_size(sheet, group)
                if not rank:
                    nearly(sheet, group)

    def _in_a_row(self, account: Account) -> None:
        """The oldest so many, and stretches that do not begin with the oldest."""
        sheet, statement, likely = self.sheet, self.statement, self.sheet.likely
        size = len(account.due.places)
        first = likely.custom(Custom.OLDEST) + account.bits + one_of(size)
        line_drawn(sheet, account, first)
        inside = likely.custom(Custom.OTHER) + account.bits + 2 + 2 * one_of(size)
        listings = [account.due]
        if account.dated.totals is not account.due.totals:
            listings.append(account.dated)
        for number in range(len(statement.views)):
            most = statement.amount + account.due.largest(number) // 2
            for count in islice(oldest(account, number, statement.amount + 1, most), _SHORT_OF):
                group = Group(_oldest_words(account, count), first, account.due, 0, count)
                allowed(sheet, group, number, group.total(number) - statement.amount)
            for netting in sheet.nettings:
                wanted = statement.amount - netting.amount
                for count in oldest(account, number, *sheet.gaps.window(wanted)):
                    group = Group(_oldest_words(account, count), first, account.due, 0, count)
                    close_one(sheet, group, number, netting)
                for listing in listings:
                    for lo, hi in stretches(listing, number, wanted)[:_STRETCHES]:
                        words = f"{hi - lo} in a row{account.words}"
                        close_one(sheet, Group(words, inside, listing, lo, hi), number, netting)

    def _by_sum(self) -> Mapping[int, Answers]:
        """All combinations: only counted where a rule already explains the payment, looked for where none does. A count that is
        not finished leaves the answer's count open; a search that is not finished may have missed better ways."""
        sheet, statement, budget = self.sheet, self.statement, self.statement.case.policy.budget_ms
        if any(draft.search == 0 for draft in sheet.drafts):
            if statement.debits > _MANY:
                return {}
            counts = {0: search.search(sheet, 0, max(1, budget // 12), any_at_least=False)}
            if statement.debits <= _FEW:
                counts |= self._net_of_discounts()
            return counts
        asks = budget // (6 if statement.debits <= _MANY else 10)
        counts = {0: search.search(sheet, 0, max(1, asks), any_at_least=True)}
        if statement.debits > _MANY:
            self.complete = self.complete and counts[0].complete
            return counts
        if statement.debits <= _FEW or not counts[0].count:
            counts |= self._net_of_discounts()
        self.complete = self.complete and all(answers.complete for answers in counts.values())
        if all(draft.search is None for draft in sheet.drafts):
            self.complete = search.search_near(sheet, max(1, budget // 30)) and self.complete
        return counts

    def _net_of_discounts(self) -> Mapping[int, Answers]:
        views, asks = len(self.statement.views), max(1, self.statement.case.policy.budget_ms // 20)
        return {
            number: search.search(self.sheet, number, asks, any_at_least=False) for number in range(1, views)
        }

    def _oldest_first(self) -> None:
        """Nothing fits: the oldest as far as the payment goes. Only an amount that is rounder than the documents may speak for it
        more than documents that come out even."""
        statement, likely = self.statement, self.sheet.likely
        rounded = self._rounder()
        bits = likely.custom(Custom.OLDEST) + likely.on_account(statement.amount, rounded=rounded)
        if not rounded and not likely.rounds:
            even = [draft.bits for draft in self.sheet.drafts if draft.search == 0]
            bits = max(bits, min(even, default=0.0) + 1)
        order: Sequence[int] = range(statement.debits)
        if foreign := statement.account.foreign(statement.payer):
            order = sorted(order, key=foreign.__contains__)
        self._fallback = filled(statement, order, Evidence.OLDEST, bits, ["oldest due first"], settled=False)
        self.sheet.drafts.add(self._fallback)

    def _rounder(self) -> bool:
        """Whether the payment ends in more zeros than most of the documents do."""
        account, unit = self.statement.account, 10 ** zeros(self.statement.amount)
        return 5 * len(account.with_rest(unit, 0)) < len(account)

    def _again(self) -> None:
        """Nothing at all, as the same amount was paid a short while ago: it may be the same payment made twice."""
        statement, payment = self.statement, self.statement.case.payment.item
        lately = [
            each
            for each in statement.case.habit.manners.earlier
            if each.item != payment.id
            and each.currency == statement.currency
            and 0 <= (statement.paid_on - each.on).days <= _LATELY
        ]
        same = next((each for each in lately if each.amount == statement.amount), None)
        if same:
            bits = REPEATED + one_of(len(lately))
            words = f"{statement.words(same.amount)} was paid on {same.on} already: this may be the same payment again"
            self.sheet.drafts.add_nothing(bits, words)

    def _counted(self, draft: Draft, counts: Mapping[int, Answers], alike: Mapping[_Sort, int]) -> Draft:
        """With how many equally good ways there are."""
        if draft.kind in NAMED_KINDS or draft.difference in (DifferenceKind.SHORT, DifferenceKind.OVER):
            return draft
        if draft.search is not None and (found := counts.get(draft.search)):
            return _one_of(draft, max(found.count, 1), counted=found.counted)
        return _one_of(draft, alike[_sort(draft)], counted=False)

    def _proves(self, draft: Draft) -> bool:
        """Whether it leaves no doubt: to the cent, all of it named, nothing named left out, nothing disputed."""
        strengths = self.naming.strengths
        places = {line.place for line in draft.lines}
        return (
            draft.kind in NAMED_KINDS
            and draft.difference is DifferenceKind.NONE
            and draft.answers == 1
            and draft.counted
            and not self.naming.cut
            and not self.naming.unknown
            and all(strengths.get(place, 0) >= SURE for place in places)
            and all(place in places for place, strength in strengths.items() if strength >= LIKELY)
            and self.statement.disputed.isdisjoint(places)
        )


def _oldest_words(account: Account, count: int) -> str:
    return f"the oldest{f' {count}' if count > 1 else ''}{account.words}"


def _remarks(named: naming.Naming) -> Iterator[str]:
    """What the payer said that nothing here is for."""
    if named.unknown:
        where = "advice" if named.kind is Evidence.ADVICE else "text"
        more = f" and {len(named.unknown) - _UNKNOWN} more" if len(named.unknown) > _UNKNOWN else ""
        but = "" if named.strengths else "; paid already, it belongs on account" if named.closed else ""
        yield f"{where} names {', '.join(named.unknown[:_UNKNOWN])}{more}: not open here{but}"
    yield from named.contrary
    if named.cut:
        yield "the remittance text is longer than what was read of it"


_Sort = tuple[Evidence, DifferenceKind, int]


def _sort(draft: Draft) -> _Sort:
    """Ways that are alike in this are equally good."""
    return (draft.kind, draft.difference, draft.gap)


def _one_of(draft: Draft, answers: int, *, counted: bool) -> Draft:
    why = draft.why
    if answers > 1:
        why = (*why, f"1 of {'' if counted else 'more than '}{answers:,} equal answers")
    return replace(draft, answers=answers, counted=counted, why=why)
