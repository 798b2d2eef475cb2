"""Where orders are taken back and put back: the queue and the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens import words
from screens.place import Place

if TYPE_CHECKING:
    from screens.review.proposed import Proposed


class Unsent(Place[None]):
    """``u`` names what it took back, ``U`` shows what it puts back; both leave the rules to the broker."""

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
        said = "Already queued" if first["repeated"] else words.state(first["state"]).capitalize()
        return self.keyed(f"{said} ({{work.undo}} undoes): ") + first["words"]
