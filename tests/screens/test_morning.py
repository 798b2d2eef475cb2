"""A morning as a story: opened, understood, applied, adjusted, noted, put off, handed over, approved; then the books."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from data.demo.launch import Demo, demo
from data.demo.story import (
    DISPUTED_FREIGHT,
    OLDEST_FIRST,
    OVERDUE_90,
    SMALL_DIFFERENCE,
    TWO_NAMED,
)
from data.peers.sandbox.accountant import Accountant
from screens.approval.screen import ApprovalScreen
from screens.review.screen import ReviewScreen
from screens.status import StatusLine
from tests.screens.driver import Driver, driving

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A tiny demo company: a ledger and a broker in processes of their own."""
    with demo(tmp_path_factory.mktemp("m"), size="tiny") as running:
        yield running


class Person:
    """Somebody at the app, in the words of their work."""

    def __init__(self, drive: Driver) -> None:
        self.drive = drive

    async def arrives(self) -> None:
        """The queue, everything in it."""
        desk = self.drive.app.desk
        await self.drive.until(
            lambda: desk.status is not None and desk.status["sync"]["last_ok"] is not None, "the first sync"
        )

    async def finds(self, kind: str, words: str) -> None:
        """One row, by its kind and what stands on its documents."""
        await self.drive.press("escape", "escape", "1", "slash")
        await self.drive.type(f"kind:{kind} {words}")
        await self.drive.press("enter", "g")
        assert self.drive.queue.rows.row_count() == 1, self.drive.text

    async def looks_at(self, view: str) -> str:
        """A view by its title, from the palette. Returns what it shows."""
        await self.drive.press("escape", "escape", "colon")
        await self.drive.type(f"view: {view}")
        await self.drive.press("enter")
        return self.drive.text

    async def types(self, words: str) -> None:
        """Words, and Enter."""
        await self.drive.type(words)
        await self.drive.press("enter")

    async def confirms(self, kind: type = ReviewScreen) -> str:
        """Reads the review and presses y by itself. Returns what is said then."""
        assert isinstance(self.drive.place, kind), self.drive.text
        await self.drive.quiet()
        await self.drive.press("y")
        assert self.drive.place is self.drive.queue, self.drive.text
        return self.drive.status

    async def waits_for(self, outcome: str) -> dict[str, Any]:
        """Until the newest order came to its end. Returns it."""
        (newest,) = (await self.drive.app.desk.call("outbox", states=[], limit=1, offset=0))["rows"]
        order: dict[str, Any] = await self.drive.app.desk.call("wait", id=newest["id"])
        assert order["state"] == outcome, order
        return order


class Books:
    """The ledger, asked by somebody in accounting."""

    def __init__(self, company: Demo) -> None:
        self._company = company

    async def _ask(self, path: str) -> list[dict[str, Any]]:
        accounting = Accountant(self._company.peer.url, self._company.accountant_token)
        try:
            body: dict[str, Any] = await accounting.call("GET", path)
        finally:
            await accounting.close()
        return list(body["rows"])

    async def open(self, *numbers: str) -> list[str]:
        """What is open of these documents."""
        latest = {row.get("number"): row for row in await self._ask("/v1/changes?cursor=&limit=5000")}
        return [latest[number]["residual"] for number in numbers]

    async def notes(self) -> str:
        """Every remark."""
        return "\n".join(
            row["text"] for row in await self._ask("/v1/changes?cursor=&limit=5000") if row["kind"] == "note"
        )


class Heard:
    """All that was said over the work of one person: toasts, and lines in place of the status."""

    def __init__(self, drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
        self.toasts: list[str] = []
        self.lines: list[str] = []
        say = StatusLine.say

        def hear(line: StatusLine, said: str) -> None:
            if line.app is drive.app:
                self.lines.append(said)
            say(line, said)

        monkeypatch.setattr(StatusLine, "say", hear)
        monkeypatch.setattr(drive.app, "notify", lambda said, **_: self.toasts.append(said))


async def test_a_morning(company: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anna works through her list at 80x24, Sue says yes to what is above Anna's limit, and the ledger has all of it."""
    books = Books(company)
    async with driving(company.settings.socket) as screen:
        anna, heard = Person(screen), Heard(screen, monkeypatch)
        await anna.arrives()

        # What is on top, and why.
        top = screen.queue.rows.row()
        assert top is not None
        await screen.press("w")
        assert f"{top['score']:>7}  the score" in screen.text
        assert all(reason["words"].split()[0] in screen.text for reason in top["reasons"])
        await screen.press("escape")

        # A payment that names two invoices: the first suggestion is right.
        await anna.finds("payment", TWO_NAMED.payment)
        await screen.press("a", "1", "enter")
        assert (await anna.confirms()).startswith("Queued")
        await anna.waits_for("posted")
        paid = [number for number, _ in TWO_NAMED.answer]
        assert await books.open(TWO_NAMED.payment, *paid) == ["0.00", "0.00", "0.00"]

        # An invoice that was paid 0.37 short: written off, the proposed amount for the first reason.
        (short,) = SMALL_DIFFERENCE.invoices
        await anna.finds("overdue", short)
        await screen.press("m", "enter", "enter")
        assert (await anna.confirms()).startswith("Queued")
        await anna.waits_for("posted")
        assert await books.open(short) == ["0.00"]

        # A call, for the record.
        await anna.finds("payment", OLDEST_FIRST.payment)
        await screen.press("n")
        await anna.types("Called: it is on account, oldest first")
        assert (await anna.confirms()).startswith("Queued")
        await anna.waits_for("posted")
        assert "it is on account, oldest first" in await books.notes()

        # They ring back on Monday: until then it sleeps.
        await screen.press("s")
        await anna.types("mon")
        await anna.types("rings back")
        assert screen.queue.rows.row_count() == 0, screen.text
        assert OLDEST_FIRST.payment in await anna.looks_at("Snoozed")

        # Ninety days late and over the limit is not hers to decide.
        await anna.finds("overdue", OVERDUE_90.party)
        await screen.press("e", "enter")
        await anna.types("Stop deliveries?")
        assert (await anna.confirms()).startswith("Queued")

        # Nor is 186.00 of freight: it waits for somebody who may.
        await anna.finds("dispute", DISPUTED_FREIGHT.invoices[0])
        await screen.press("m", "enter", "enter")
        assert "NEEDS APPROVAL" in screen.text
        assert (await anna.confirms()).startswith("Waits for approval")

        async with driving(company.settings.socket, (120, 40), act_as="sue") as other:
            sue = Person(other)
            await sue.arrives()
            await other.press("5", "G", "w")
            assert "Stop deliveries?" in other.text
            await other.press("escape", "g", "A")
            assert "Anna Berg" in other.text
            assert (await sue.confirms(ApprovalScreen)).startswith("Approved")
            await sue.waits_for("posted")
            await other.press("5")
            assert other.queue.rows.row_count() == 1, other.text
        assert await books.open(DISPUTED_FREIGHT.invoices[0]) == ["0.00"]

        # What the morning came to.
        done = [line for line in (await anna.looks_at("Done today")).splitlines() if " 0d " in line]
        assert [line[3:].split()[0] for line in done] == [
            *("ADJUST", "ESCALATE", "SNOOZE", "ANNOTATE", "ADJUST", "APPLY")
        ]
        assert "6 rows" in screen.status

        # Nothing ever stood over her work; a line was said of each deed, and to each Esc that had nothing to clear.
        assert heard.toasts == []
        said = [said for said in heard.lines if not said.startswith("Nothing to clear")]
        deeds = [words.split(" ")[0].rstrip(":") for words in said]
        assert deeds == ["Queued", "Queued", "Queued", OLDEST_FIRST.payment, "Queued", "Waits"], said
