"""What the keys of the queue do about what the list shows: views, orders, the filter, and the marks that stay through them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from arqueue.errors import ArqueueError
from data.broker.client import Push
from data.broker.wire import VIEWS, WINDOW_CAP
from screens import background, words
from screens.queue.rows import MARK_CAP
from screens.queue.views import current, wanted
from screens.queue.working import Working

if TYPE_CHECKING:
    from arqueue.work.completion import Facts
    from data.broker.protocol import QueueRow, SavedViewRow
    from screens.queue.filter import FilterLine


class Showing(Working):
    """The list as one wants it."""

    @cached_property
    def line(self) -> FilterLine:
        """Where the filter is typed: on the screen as soon as somebody does."""
        from screens.queue.filter import FilterLine

        return FilterLine()

    def do_view(self, number: int) -> None:
        """Show one of the first nine views."""
        digits = words.digits_of(VIEWS, self.desk.views)
        self.show_view(next(view for view, digit in digits.items() if digit == number))

    def do_views(self) -> None:
        """Choose among all views, and change those of one's own."""
        from screens.views.screen import ViewsScreen

        self.begin(self._open, ViewsScreen(self.show_view, self._views_changed))

    def _views_changed(self) -> None:
        self.rows.post_message(self.rows.Loaded())

    def do_view_after(self) -> None:
        """The next view."""
        self._turn_view(1)

    def do_view_before(self) -> None:
        """The view before."""
        self._turn_view(-1)

    def _turn_view(self, step: int) -> None:
        names = self._views()
        self.show_view(names[(names.index(self._current()) + step) % len(names)])

    def _views(self) -> list[str]:
        return [*(view for view, _ in VIEWS), *(each["name"] for each in self.desk.views)]

    def _current(self) -> str:
        return current(self.rows.windows, self.desk.views)

    def show_view(self, name: str) -> None:
        """Show a view by its name: one of one's own just as it was kept, another under the filter that one typed."""
        windows = self.rows.windows
        mine = {each["name"]: each for each in self.desk.views}
        if name in mine:
            self.begin(self._show, *wanted(mine[name]))
        elif self._current() in mine:
            self.begin(self._show, name, "", "rank")
        else:
            self.begin(self._show, name, windows.filter, windows.sort)

    def show_inbox(self) -> None:
        """The view of what was handed over to one and what waits for a yes: all of it, best first."""
        self.begin(self._show, "escalation", "", "rank")
        self.say("Inbox: what was handed over to you, and what waits for a yes.")

    def do_keep_view(self) -> None:
        """Keep what is shown under a name."""
        from screens.views.form import KeepViewForm

        windows, name = self.rows.windows, self._current()
        mine = name in {each["name"] for each in self.desk.views}
        shown = {"view": windows.view, "filter": windows.filter, "sort": windows.sort}
        form = KeepViewForm(shown, name if mine else "", self._view_kept, windows.columns)
        self.begin(self._open, form)

    def _view_kept(self, name: str, views: list[SavedViewRow]) -> None:
        self.desk.views = views
        for kept in views:
            if kept["name"] == name:
                self.rows.windows.columns = tuple(kept["columns"])
        self.rows.refresh()
        self.say(f"Kept as {name}: {self.keyed('{work.view_before} and {work.view_after} reach it.')}")
        self.rows.post_message(self.rows.Loaded())

    def do_order(self) -> None:
        """The next order of the list."""
        from arqueue.work.views import SORTS

        sorts = list(SORTS)
        windows = self.rows.windows
        after = sorts[(sorts.index(windows.sort.removeprefix("-")) + 1) % len(sorts)]
        self._show_in(after)

    def do_turn(self) -> None:
        """The same order, the other way round."""
        sort = self.rows.windows.sort
        self._show_in(sort[1:] if sort.startswith("-") else f"-{sort}")

    def _show_in(self, sort: str) -> None:
        from arqueue.work.views import SORTS

        windows, name = self.rows.windows, sort.removeprefix("-")
        self.begin(self._show, windows.view, windows.filter, sort, windows.columns)
        self.say(f"Order: {name}, {SORTS[name] if sort == name else 'turned round'}.")

    async def _show(self, view: str, search: str, sort: str, columns: tuple[str, ...] = ()) -> None:
        row = self.rows.row()
        await self.rows.show(view, search, row["id"] if row else None, sort, columns)
        self.close_account()

    async def do_filter(self) -> None:
        """Type what the rows have to hold; the list follows, so it is brought to the front."""
        if self.reading:
            self.close_account()
        if not self.line.is_attached:
            await self.query_one("#body").mount(self.line)
        self.line.begin(self.rows.windows.filter, self._facts())
        self.focus_now(self.line.field)
        if not self.line.facts.tags:
            background.start(self, self._learn, group="tags", exclusive=True)

    async def _learn(self) -> None:
        """What else can be completed is asked when somebody types for the first time, and nobody waits for it."""
        with suppress(ArqueueError):
            self.line.learn(replace(self.line.facts, tags=await self.desk.call("tags")))

    async def meet(self, begins: str) -> None:
        """Customers whose name begins so can be completed, whether the list shows them or not."""
        with suppress(ArqueueError):
            found: list[str] = await self.desk.call("customers", begins=begins)
            known = self.line.facts.parties
            self.line.learn(replace(self.line.facts, parties=list(dict.fromkeys([*found, *known]))))

    def _facts(self) -> Facts:
        from arqueue.work.completion import Facts

        hello = self.desk.hello
        rows = self.rows.windows.rows_here()
        currencies = [*([hello["currency"]] if hello else []), *(row["currency"] for row in rows)]
        parties = (name for row in rows for name in (row["party"], row["party_code"]) if name)
        return Facts(
            people=[person["id"] for person in hello["people"]] if hello else [],
            currencies=list(dict.fromkeys(currencies)),
            tags=self.line.facts.tags,
            parties=list(dict.fromkeys(parties)),
            days=[hello["business_date"]] if hello else [],
        )

    async def follow(self, search: str) -> None:
        """Show what a filter finds while somebody types on; whoever types on overtakes it. Whom it finds can be completed."""
        windows = self.rows.windows
        if search != windows.filter:
            row = self.rows.row()
            anchor = row["id"] if row else None
            await self.rows.show(windows.view, search, anchor, windows.sort, windows.columns)
            now, before = self._facts(), self.line.facts
            self.line.learn(replace(now, parties=list(dict.fromkeys([*now.parties, *before.parties]))))

    def keep_filter(self, search: str) -> None:
        """The list stays as this filter shows it."""
        self.line.end()
        self.workers.cancel_group(self, "filter")  # what it still looks for comes too late
        self.focus_now(self.rows)
        if search != self.rows.windows.filter:
            self._show_filtered(search)

    def _show_filtered(self, search: str) -> None:
        windows = self.rows.windows
        self.begin(self._show, windows.view, search, windows.sort, windows.columns)

    def escape(self) -> None:
        """The ladder of the list: end the range, clear the filter, clear the marks. It never leaves."""
        if self.rows.range_from is not None:
            self.rows.do_range()
        elif self.rows.windows.filter:
            self._show_filtered("")
        elif self.desk.marks:
            self.clear_marks()
        else:
            self.say(self.keyed("Nothing to clear here. {queue.leave} leaves arqueue."))

    def marks_in(self, push: Push) -> list[str]:
        """The marked rows that a change may be about."""
        ids = push.get("ids") if push.get("push") == "changed" else None
        return [each for each in self.desk.marks if ids is None or each in ids]

    async def check_marks(self, marked: list[str]) -> None:
        """A mark stands on a thing: it stays through any view, filter or order, and goes when the thing is gone."""
        gone = 0
        for first in range(0, len(marked), WINDOW_CAP):
            asked = marked[first : first + WINDOW_CAP]
            try:
                found: list[QueueRow] = await self.desk.call("pick", ids=asked)
            except ArqueueError:
                return  # the next change asks again
            here = {row["id"]: row for row in found}
            for each in asked:
                if each in here and each in self.desk.marks:
                    self.desk.marks[each] = here[each]
                elif each not in here:
                    gone += self.desk.marks.pop(each, None) is not None
        if gone:
            verb = "is" if gone == 1 else "are"
            self.say(f"{words.plural(gone, 'marked row')} {verb} done and no longer marked.")
            self.rows.refresh()
            self.rows.post_message(self.rows.Loaded())

    def mark_all(self) -> None:
        """Mark all that the filter shows."""
        self.begin(self._mark_all)

    async def _mark_all(self) -> None:
        if not await self.rows.mark_all():
            self.say(f"More than {words.count(MARK_CAP)} rows: filter first.")
