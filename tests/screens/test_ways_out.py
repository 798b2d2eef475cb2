"""The way out is open at any time: also while something is only coming up."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual import events, on
from textual.screen import Screen

from screens.app import ArqueueApp
from tests.screens.driver import BOUND_S, TidyLink
from tests.screens.scripted_broker import ScriptedBroker
from tests.screens.terminal_session import session


class Hurried(ArqueueApp):
    """Somebody asks to leave while the step that comes after ``meanwhile`` is made."""

    async def _asked(self) -> None:
        await self.on_event(events.Key("ctrl+q", "\x11"))
        await self.on_event(events.Key("j", "j"))

    async def left(self) -> int | None:
        """Run without a terminal to its end; the exit status."""
        self.desk.clock = lambda: 0.0
        async with asyncio.timeout(BOUND_S):
            await self.run_async(headless=True, size=(80, 24))
        return self.return_code


class FromTheFirst(Hurried):
    """Told by a signal before there is any place at all."""

    def on_load(self) -> None:
        """Nothing is there yet."""
        self.exit(0)


class WithTheQueue(Hurried):
    """While the queue is composed."""

    def get_default_screen(self) -> Screen[Any]:
        """The queue, and the key right behind it."""
        self.call_later(self._asked)
        return super().get_default_screen()


class WithAPlace(Hurried):
    """While a place opens over the queue, and before another would."""

    @on(events.Ready)
    async def _opened(self) -> None:
        """One comes up, the other never does."""
        from screens.help.screen import HelpPage
        from screens.settings.screen import SettingsScreen

        opening = asyncio.create_task(self.open_place(HelpPage(self.place)))
        await asyncio.sleep(0)
        await self._asked()
        await self.open_place(SettingsScreen())
        await opening


@pytest.mark.parametrize("app", [FromTheFirst, WithTheQueue, WithAPlace])
async def test_who_leaves_while_something_comes_up_leaves(app: type[Hurried], broker: ScriptedBroker) -> None:
    """Ctrl+Q, and a key after it: status 0, and nothing has stumbled over what was not there yet."""
    assert await app(TidyLink(broker.socket)).left() == 0


@pytest.mark.parametrize("key", [*"anef?,OS", "\r"])
def test_the_key_that_opens_and_the_way_out_in_one_packet(key: str) -> None:
    """On a real terminal: the place comes up whole or not at all, status 0."""
    with session() as opened:
        opened.ready()
        opened.press(key + "\x11", 0.0)
        assert opened.end() == 0
        assert "fault" not in opened.text
