"""Why a key does nothing: whatever it is, at 80 columns the line holds all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
from rich.cells import cell_len

from arqueue.model.work import WorkKind
from screens import words
from screens.actions import ACTIONS, Action
from screens.actions.action import unconditional
from screens.actions.spelling import Spelling
from screens.situation import FAILED, Situation
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker

LINE = 79
"""Cells of the status line at 80 columns, behind the blank that it begins with."""
VALUES: dict[str, tuple[object, ...]] = {
    "operations": (frozenset(), frozenset({"reverse"}), frozenset({"apply", "adjust", "annotate"})),
    "kind": ("", "approval", *(words.kind(kind).lower() for kind in WorkKind)),
    "command_state": ("", "pending", "queued", "sending", "unknown", "posted", "cancelled", *sorted(FAILED)),
    "forbidden": ("",),
}
"""What a field may be, where that is not yes or no; what the broker forbids it says in its own words."""


def neighbours(situation: Situation) -> Iterator[Situation]:
    """Every situation that differs in one thing."""
    for field in fields(Situation):
        for value in VALUES.get(field.name, (False, True)):
            yield replace(situation, **{field.name: value})  # type: ignore[arg-type]


def reasons(action: Action) -> set[str]:
    """Everything that the key may answer: from each answer on, what one change of the situation makes of it."""
    found: dict[str, Situation] = {}
    ahead = [Situation()]
    while ahead:
        here = ahead.pop()
        for near in (here, *neighbours(here)):
            if (said := action.reason(near)) not in found:
                found[said] = near
                ahead.append(near)
    return set(found) - {""}


CONDITIONAL = [action for action in ACTIONS if action.reason is not unconditional]


@pytest.mark.parametrize("action", CONDITIONAL, ids=lambda action: action.id)
def test_every_reason_is_whole_at_80_columns(action: Action) -> None:
    """With the registry's keys, after the name of the action."""
    spelling, said = Spelling({}), reasons(action)
    assert said or action.id == "review.post"
    for reason in said:
        assert cell_len(f"{action.label}: {spelling.fill(reason)}") <= LINE


async def test_a_pin_that_would_be_refused_asks_for_no_reason(broker: ScriptedBroker) -> None:
    """A colleague's row: the key says so before anybody types; a supervisor may."""
    broker.company.work[0]["assignee"] = "lee"
    async with driving(broker.socket) as drive:
        await drive.press("P")
        assert drive.place is drive.queue
        assert drive.status == "Pin: it would be on top for everybody; take the customer first (t)"
    broker.person = broker.people[1] | {"id": "kim"}
    async with driving(broker.socket) as drive:
        await drive.press("P")
        assert drive.place is not drive.queue


@pytest.mark.parametrize(
    "key, said",
    [("f5", "F5"), ("f9", "F9"), ("C", "C"), ("ctrl+x", "Ctrl+X"), ("left_curly_bracket", "{")],
)
async def test_no_key_is_silent(drive: Driver, key: str, said: str) -> None:
    """One without meaning says so by the name that is printed on it."""
    await drive.press(key)
    assert drive.status == f"{said} does nothing here. ? shows the keys of this place."


async def test_where_one_types_the_other_key_of_help_is_named(drive: Driver) -> None:
    """The question mark would be typed."""
    await drive.press("n", "f5")
    assert drive.status == "F5 does nothing here. F1 shows the keys of this place."


async def test_space_is_called_by_its_name(drive: Driver) -> None:
    """A blank could not be read."""
    await drive.press("a", "t", "space")
    assert drive.status.startswith("Space does nothing here.")


async def test_everybodys_views_say_how_to_keep_ones_own(drive: Driver) -> None:
    """Under each of the keys for one's own."""
    await drive.press("B")
    for key in ("x", "n", "3"):
        await drive.press(key)
        assert drive.status == "That view is everybody's; b in the queue keeps one of your own."


async def test_a_rest_is_refused_for_what_is_the_case(drive: Driver) -> None:
    """Nothing applied yet is not all paid."""
    await drive.press("a", "r")
    assert drive.status == "Rest: nothing is applied yet: take a suggestion or an item first"


async def test_an_account_cannot_be_looked_at_while_the_broker_is_away(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """That is said of the broker, not of the account."""
    await broker.stop()
    await drive.until(lambda: "AWAY" in drive.status, "the loss")
    await drive.press("enter", "enter")
    assert drive.status == "Details: the broker is away; this works again as soon as it is back"
    assert "vanished" not in drive.text
    await broker.start()
    await drive.until(lambda: "AWAY" not in drive.status, "the broker")
