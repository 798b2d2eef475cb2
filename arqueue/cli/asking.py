"""From a command to the broker and back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from arqueue.cli.main import Context
from arqueue.errors import ArqueueError, BrokerUnreachable
from arqueue.settings import Settings, default_file, load_settings

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

T = TypeVar("T")
_TRIES = 5
_BETWEEN_S = 0.2


def settings_of(context: Context) -> Settings:
    """The company's settings. Raises ConfigInvalid."""
    return load_settings(context.config or default_file())


def ask(context: Context, work: Callable[[BrokerClient], Awaitable[T]], *, again: bool = True) -> T:
    """Connect (starting a personal broker if none answers), ask, hang up. Raises what the broker raises.

    A broker that dies meanwhile is started or waited for, and asked ``again``: what is submitted carries its intent, so that
    twice is once.
    """
    settings = settings_of(context)
    tries = _TRIES if again else 1
    while True:
        tries -= 1
        try:
            return asyncio.run(_talk(settings, act_as_of(context, settings), work))
        except _Lost as lost:
            if tries <= 0:
                raise lost.error from None
            time.sleep(_BETWEEN_S)


class _Lost(Exception):
    """Somebody answered, and the connection broke."""

    def __init__(self, error: ArqueueError) -> None:
        super().__init__()
        self.error = error


async def _talk(settings: Settings, act_as: str | None, work: Callable[[BrokerClient], Awaitable[T]]) -> T:
    from data.broker.client import BrokerClient
    from data.broker.launch import ensure

    ensure(settings)
    try:
        client = await BrokerClient.open(settings.socket, act_as=act_as)
    except BrokerUnreachable as error:
        raise _Lost(error) from error
    try:
        return await work(client)
    except BrokerUnreachable as error:
        if client.lost.is_set():
            raise _Lost(error) from error
        raise
    finally:
        await client.close()


def act_as_of(context: Context, settings: Settings) -> str | None:
    """As whom: what was said on the command line, else whom the demo company suggests."""
    return context.act_as or (settings.demo.act_as if settings.demo and settings.demo.act_as else None)
