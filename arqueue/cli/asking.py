"""From a command to the broker and back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from arqueue.cli.main import Context
from arqueue.settings import Settings, default_file, load_settings

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

T = TypeVar("T")


def settings_of(context: Context) -> Settings:
    """The company's settings. Raises ConfigInvalid."""
    return load_settings(context.config or default_file())


def ask(context: Context, work: Callable[[BrokerClient], Awaitable[T]]) -> T:
    """Connect (starting a personal broker if none answers), ask, hang up. Raises what the broker raises."""
    settings = settings_of(context)

    async def talk() -> T:
        from data.broker.client import BrokerClient
        from data.broker.launch import ensure

        ensure(settings)
        client = await BrokerClient.open(settings.socket, act_as=act_as_of(context, settings))
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(talk())


def act_as_of(context: Context, settings: Settings) -> str | None:
    """As whom: what was said on the command line, else whom the demo company suggests."""
    return context.act_as or (settings.demo.act_as if settings.demo and settings.demo.act_as else None)
