"""Lists without rows teach: what would stand there, and which key leads on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from syrupy.assertion import SnapshotAssertion

from data.broker.protocol import VIEWS
from screens.actions import ACTIONS, key_name
from screens.actions.spelling import Spelling
from screens.footer import keys_of
from screens.keys import FIXED
from screens.rows import Rows
from tests.screens.driver import Driver, driving
from tests.screens.everywhere import SCREENS, known
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


async def test_what_holds_all_rows_back_is_told(drive: Driver, broker: ScriptedBroker) -> None:
    """Only terms without which there are rows, with how many; where there is none, that is said."""
    await drive.press("slash")
    await drive.type("dispute zebra")
    assert "Without zebra: 60 rows." in drive.text
    assert "Without dispute" not in drive.text
    await drive.type(" quagga")
    assert "Without one or two of its terms there is no row either." in drive.text


async def test_where_no_single_term_does_it_the_narrowest_pair_is_named(
    drive: Driver, broker: ScriptedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which the broker looked for; more rows than were counted are said to be more."""
    pair = {"without": ["zebra", "quagga"], "filter": "dispute", "rows": 1000, "more": True}
    monkeypatch.setattr(broker, "on_widen", lambda _: [pair])
    await drive.press("slash")
    await drive.type("dispute zebra quagga")
    assert "no single term keeps them out" in drive.text
    assert "Without zebra and quagga: 1,000+ rows." in drive.text


def view(name: str) -> tuple[str, ...]:
    """The keys of a view."""
    at = [each for each, _ in VIEWS].index(name)
    return ("1", *("right_square_bracket" for _ in range(at)))


LISTS: dict[str, tuple[tuple[str, ...], Furnish]] = {
    **{f"view {name}": (view(name), _no_work) for name, _ in VIEWS},
    "filter of one word": (("slash", *"zebra", "enter"), _nothing),
    "filter of two words": (("slash", *"acme zebra", "enter"), _nothing),
    "filter with a quoted term": (("slash", *'acme "Zebra Industries GmbH"', "enter"), _nothing),
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
    "known payers": (("L",), _nothing),
    "everybody known": (("L", "tab"), _nothing),
    "known payers of a filter": (("L", "slash", *"zebra", "enter"), known),
    "palette": (("colon", *"zebra"), _nothing),
}
"""How to get to each list, and what makes it empty."""


@pytest.mark.parametrize("name", LISTS, ids=lambda name: name.replace(" ", "_"))
async def test_an_empty_list_names_a_key_that_helps(
    broker: ScriptedBroker, name: str, screen: SnapshotAssertion
) -> None:
    """At 80x24, and the key is one that does something there; whoever has other keys is told those."""
    keys, furnish = LISTS[name]
    furnish(broker)
    async with driving(broker.socket) as drive:
        await drive.idle()
        await drive.press(*keys)
        assert drive.text == screen
        words = {word.strip(",.;:") for line in drive.lines[1:-2] for word in line.split()}
        helps = {key_name(key) for found in keys_of(drive.place).values() for key in found}
        assert words & (helps - {"a"}), "a is an article as well"
        lists = [rows for rows in drive.place.query(Rows) if not rows.row_count()]
        drive.app.spelling = Spelling(everything_else())
        assert name == "palette" or not set(untaught(lists)), "Esc is the same for everybody there"


def test_a_text_is_filled_with_the_keys_that_are_in_force() -> None:
    """One's own, the first of several, Esc before others, the figures of what chooses; data around it stays."""
    spelling = Spelling({"work.note": "f7,f8", "app.redraw": "ctrl+t"})
    text = "{work.note} {work.undo} {account.back} {work.view} {app.redraw}, done"
    assert spelling.fill(text) == "F7 u Esc 1-9 Ctrl+T, done"
    assert spelling.fill("nothing to fill") == "nothing to fill"


def everything_else() -> dict[str, str]:
    """A keymap in which nothing has its own key: what can be given another has one that nobody knows by heart."""
    free = [action for action in ACTIONS if action.scope not in FIXED and not action.chooses]
    return {action.id: f"f{place % 9 + 13}" for place, action in enumerate(free)}


def untaught(lists: list[Rows]) -> Iterator[str]:
    """Keys of the registry that stand in the words of these lists although everything has another key."""
    others = everything_else()
    own = {key_name(key) for action in ACTIONS if action.id in others for key in action.keys} - {"a"}
    for line in (line for rows in lists for line in rows.empty()):
        said = line.partition('"')[0] + line.rpartition('"')[2]  # a filter is quoted as it was typed
        yield from own & {word.strip(",.;:()") for word in said.split()}


@pytest.mark.parametrize(
    "name, keymap, says",
    [
        ("account", {"account.applied": "f8", "work.note": "f7"}, "F8: what was applied; F7: a note"),
        ("suggestions", {"lines.toggle": "f7"}, "F7 takes an item"),
    ],
)
async def test_what_stands_in_place_of_rows_follows_the_keymap(
    broker: ScriptedBroker, name: str, keymap: dict[str, str], says: str
) -> None:
    """Where a list says it otherwise than by its empty lines."""
    keys, furnish = LISTS[name]
    furnish(broker)
    async with driving(broker.socket, keymap=keymap) as drive:
        await drive.press(*keys)
        assert says in drive.text


ROW_KEYS = {"Move", "Apply", "Adjust", "Note", "Escalate", "Approve", "Put away"}


async def test_over_an_empty_list_the_footer_offers_what_leads_out_of_it(broker: ScriptedBroker) -> None:
    """Nothing that needs a row; the keys of rows come back with the first one, and a filter that hides all can be cleared."""
    work = list(broker.company.work)
    broker.company.work.clear()
    async with driving(broker.socket) as drive:
        await drive.idle()
        assert drive.footer == "1-9 View  / Filter  O Outbox  ? Help"
        broker.company.work += work
        await broker.changed()
        await drive.until(lambda: drive.queue.rows.row_count() == 300, "rows")
        assert drive.footer.startswith("jk Move  a Apply")
        await drive.press("slash", *"zebra", "enter")
        assert drive.footer == "Esc Clear  1-9 View  / Filter  O Outbox  ? Help"
        assert not any(label in drive.footer for label in ROW_KEYS)
        await drive.press("escape")
        assert drive.footer.startswith("jk Move  a Apply")
