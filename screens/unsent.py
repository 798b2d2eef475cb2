"""Where orders are taken back, reversed and put back: the queue and the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arqueue.errors import ArqueueError, Refused
from screens import words
from screens.cells import cell_len
from screens.place import Place

if TYPE_CHECKING:
    from data.broker.protocol import Reversal
    from screens.review.proposed import Proposed

_NAMED = 16
"""So many cells of an order's name are said at least."""


class Unsent(Place[None]):
    """``u`` names what it took back, or opens what reverses it; ``U`` shows what it puts back. The broker has the rules."""

    async def take_back_newest(self) -> None:
        """One's newest order: taken back while it is unsent, else its reversal is offered."""
        found: Reversal | None = await self.desk.call("reversal")
        if found is None:
            nothing = "Nothing to take back: no order of yours of today stands. {app.outbox} shows all."
            self.say(self.keyed(nothing))
        else:
            await self.reverse(found)

    async def reverse(self, found: Reversal) -> None:
        """Take back what is unsent; of what left meanwhile or before, offer what reverses it. Raises what the broker says."""
        if found["way"] == "undo":
            order = found["order"]["id"]
            try:
                await self.take_back(order)
                return
            except Refused:
                found = await self.desk.call("reversal", id=order)
                if found["way"] == "undo":
                    raise
        from screens import reversing

        state = words.state(found["order"]["state"]).capitalize()
        try:
            form = await reversing.form(self.desk, found, self._reversed)
        except ArqueueError as error:
            self.say(self._naming(f"{state}: ", found["words"], f"; {error.message}"))
            return
        said = self._naming(f"{state}: ", found["words"], self.keyed(reversing.said(found)))
        if form is not None:
            await self.app.open_place(form)
        self.app.place.say(said)

    def _reversed(self, proposed: list[Proposed]) -> None:
        self.say(self.ordered(proposed))

    def _naming(self, before: str, name: str, after: str) -> str:
        """A line that fits, whatever the name is."""
        room = max(_NAMED, self.app.size.width - 1 - cell_len(before + after))
        return before + words.fit(name, room).rstrip() + after

    async def take_back(self, order: str) -> None:
        """Take one order back. Raises what the broker says."""
        taken = await self.desk.taking_back.take(order)
        how = self.keyed(" ({work.put_back} puts it back)") if taken.whole else ""
        self.say(f"Taken back{how}: {taken.words}")

    def do_put_back(self) -> None:
        """Order anew what was taken back last."""
        self.app.begin(self._put_back)

    async def _put_back(self) -> None:
        from screens.review.screen import ReviewScreen

        proposed, what = await self.desk.taking_back.proposed()
        await self.app.open_place(ReviewScreen(f"put back {what}", [proposed], self._settled))
        self.app.place.say(f"Puts back: {what}")

    def _settled(self, proposed: list[Proposed] | None) -> None:
        self.desk.taking_back.last = None  # also where nobody knows: a second order would be another one
        if proposed is None:
            self.say(
                self.keyed("Left before the broker answered: {app.outbox} shows whether it has the order.")
            )
        else:
            self.say(self.ordered(proposed))

    def ordered(self, proposed: list[Proposed]) -> str:
        """What became of the order, in a line."""
        first = next(each.submitted for each in proposed if each.submitted is not None)
        state = "queued" if first["state"] == "pending" and first.get("going") else first["state"]
        said = "Already queued" if first["repeated"] else words.state(state).capitalize()
        how = self.keyed(" ({work.undo} undoes)") if first.get("reversible") else ""
        return f"{said}{how}: {first['words']}"
