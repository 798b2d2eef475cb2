"""Lists without rows teach: what would stand there, and which key leads on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from data.broker.protocol import VIEWS
from screens.actions import key_name
from screens.footer import keys_of
from tests.screens.driver import driving
from tests.screens.everywhere import SCREENS
from tests.screens.scripted_broker import ScriptedBroker

Furnish = Callable[[ScriptedBroker], object]


def _no_work(broker: ScriptedBroker) -> None:
    broker.company.work.clear()


def _settled(broker: ScriptedBroker) -> None:
    broker.company.items.clear()


def _only_the_payment(broker: ScriptedBroker) -> None:
    payment = broker.company.items["item:PAY-2000"]
    broker.company.items.clear()
    broker.company.items[payment["id"]] = payment
    broker.ways = []


def _no_way(broker: ScriptedBroker) -> None:
    broker.ways = []


def _nobody_fits(broker: ScriptedBroker) -> None:
    SCREENS["who sent it"].furnish(broker)


def _nothing(broker: ScriptedBroker) -> None:
    """As it is."""


def _applied(broker: ScriptedBroker) -> None:
    SCREENS["applied"].furnish(broker)


def view(name: str) -> tuple[str, ...]:
    """The keys of a view."""
    at = [each for each, _ in VIEWS].index(name)
    return ("1", *("right_square_bracket" for _ in range(at)))


LISTS: dict[str, tuple[tuple[str, ...], Furnish]] = {
    **{f"view {name}": (view(name), _no_work) for name, _ in VIEWS},
    "filter of one word": (("slash", *"zebra", "enter"), _nothing),
    "filter of two words": (("slash", *"acme zebra", "enter"), _nothing),
    "filter with a quoted term": (("slash", *'acme zebra -"Acme Industries GmbH"', "enter"), _nothing),
    "account": (("enter",), _settled),
    "applied": (("enter", "r"), _nothing),
    "move": (("enter", "r", "M", "slash", *"zebra", "enter"), _applied),
    "suggestions": (("a",), _no_way),
    "items": (("a",), _only_the_payment),
    "items of a filter": (("a", "slash", *"zebra", "enter"), _nothing),
    "customers": (("a", "slash", *"zebra", "enter"), _nobody_fits),
    "outbox": (("O",), _nothing),
    "outbox unsettled": (("O", "tab"), _nothing),
    "outbox failed": (("O", "tab", "tab"), _nothing),
    "agenda": (("D",), _nothing),
    "palette": (("colon", *"zebra"), _nothing),
}
"""How to get to each list, and what makes it empty."""


@pytest.mark.parametrize("name", LISTS, ids=lambda name: name.replace(" ", "_"))
async def test_an_empty_list_names_a_key_that_helps(
    broker: ScriptedBroker, name: str, screen: SnapshotAssertion
) -> None:
    """At 80x24, and the key is one that does something there."""
    keys, furnish = LISTS[name]
    furnish(broker)
    async with driving(broker.socket) as drive:
        await drive.idle()
        await drive.press(*keys)
        assert drive.text == screen
        words = {word.strip(",.;:") for line in drive.lines[1:-2] for word in line.split()}
        helps = {key_name(key) for found in keys_of(drive.place).values() for key in found}
        assert words & (helps - {"a"}), "a is an article as well"
