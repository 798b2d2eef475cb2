"""Names, memos and error texts that attack: nothing but printable text and our own styles leaves, and no text is an order."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from arqueue.errors import Conflict
from arqueue.model import text
from screens import guard
from tests.screens.attacking import Attack
from tests.screens.driver import Driver, driving
from tests.screens.hostile import PAYLOADS, SHOWN, leaks
from tests.screens.scripted_broker import PERSON, ScriptedBroker

CONSOLE = Console(force_terminal=True, color_system="truecolor")
GUARDED = guard.guarded(Strip.render, guard.guarding())


def painted(drive: Driver) -> str:
    """The bytes that the screen is painted with."""
    strips = drive.app.screen._compositor.render_strips()
    return "\n".join(Strip(list(strip)).render(CONSOLE) for strip in strips)


@pytest.mark.parametrize("payload", PAYLOADS, ids=ascii)
def test_nothing_hostile_leaves_a_strip(payload: str) -> None:
    """Whatever a widget was given, the guard lets out printable text and our own styles."""
    style = Style(color="red", bold=True, link="http://evil.example")
    out = GUARDED(Strip([Segment(payload, style), Segment(payload)]), CONSOLE)
    assert leaks(out) == []
    assert "evil.example" not in out or "evil.example" in payload
    assert "]8;" not in out or "]8;" in payload


def test_without_the_guard_it_would_leave() -> None:
    """The test above can fail: Textual itself lets most of it through."""
    let_through = [payload for payload in PAYLOADS if leaks(Strip([Segment(payload)]).render(CONSOLE))]
    assert len(let_through) > 20


@pytest.mark.parametrize(
    "text",
    [
        "12 of 3,041 · filter … > Söhne ─",
        "青葉運輸 x",
        "e\u0301cole",
        "한\u1112\u1161\u11ab",
        "\U0001f1e9\U0001f1ea x",
    ],
    ids=["ours", "wide", "combining", "jamo", "flag"],
)
def test_a_terminal_without_utf8_gets_ascii_cell_for_cell(text: str) -> None:
    """LANG=C is drawn in ASCII, and no column moves: a wide letter is two signs, what takes no cell is none."""
    ascii_only = guard.guarded(Strip.render, guard.guarding(ascii_only=True))
    out = ascii_only(Strip([Segment(text)]), CONSOLE)
    assert out.isascii()
    assert len(out) == cell_len(text)


@pytest.fixture
def poisoned(broker: ScriptedBroker) -> ScriptedBroker:
    """A broker whose every text attacks."""
    broker.attack = Attack(PAYLOADS)
    return broker


async def test_every_place_shows_hostile_text_and_lives(poisoned: ScriptedBroker) -> None:
    """No crash, no leak and no markup in any place, whatever the names are."""
    remove = guard.install()
    try:
        async with driving(poisoned.socket, (120, 45)) as drive:
            assert leaks(painted(drive)) == []
            for keys in (
                ["j", "j", "j"],
                ["G"],
                ["g", "enter"],
                ["J", "J"],
                ["escape", "g", "w"],
                ["escape", "a", "1"],
                ["tab"],
                ["escape", "enter"],
                ["question_mark"],
                ["escape", "n"],
                ["n"],
                ["escape", "escape", "j", "m"],
                ["escape", "e"],
                ["escape", "colon"],
                ["escape", "O"],
            ):
                await drive.press(*keys)
                assert leaks(painted(drive)) == []
            assert drive.app.is_running
    finally:
        remove()


@pytest.mark.parametrize(
    "keys, seen",
    [(("enter", "j", "d"), SHOWN), (("t",), SHOWN), (("e",), SHOWN - 1), (("B",), 1)],
    ids=["reasons of a dispute", "assign to", "escalate to", "views"],
)
async def test_choices_that_attack_are_shown_as_text(
    broker: ScriptedBroker, keys: tuple[str, ...], seen: int
) -> None:
    """Reasons, people and views of one's own: each stands there with a mark for what it must not do."""
    attacks = [f"{number}{payload}" for number, payload in enumerate(PAYLOADS[:SHOWN])]
    broker.people = [PERSON | {"id": f"p{number}"} for number in range(SHOWN)]
    view = {"name": "x", "view": "all", "filter": "", "sort": "rank", "columns": [], "digit": 0}
    broker.saved_views["x"] = view
    broker.dispute_reasons = [""] * SHOWN
    broker.attack = Attack(attacks)
    remove = guard.install()
    try:
        async with driving(broker.socket, (120, 45)) as drive:
            await drive.press(*keys)
            shown = painted(drive)
            assert leaks(shown) == []
            bare = re.sub(r"\x1b\[[0-9;]*m", "", shown)
            assert sum(text.guard(attack) in bare for attack in attacks) >= seen, drive.text
    finally:
        remove()


async def test_text_is_shown_as_it_is_not_as_markup(broker: ScriptedBroker) -> None:
    """[PAID] and [/] are letters of a name."""
    for row, name in zip(
        broker.company.work, ["INV [PAID] #12", "[/nope]", "[@click=app.quit]"], strict=False
    ):
        row["party"] = name
    async with driving(broker.socket) as drive:
        assert "INV [PAID] #12" in drive.lines[1]
        assert "[/nope]" in drive.lines[2]
        assert "[@click=app.quit]" in drive.lines[3]


async def test_a_name_is_never_an_action(broker: ScriptedBroker) -> None:
    """Even with a mouse, a click on a name runs nothing."""
    for row in broker.company.work:
        row["party"] = "[@click=app.quit]ACME[/]"
    async with driving(broker.socket) as drive:
        await drive.click(40, 3)
        assert drive.app.is_running
        assert not drive.app._exit


async def test_an_error_text_is_only_text(drive: Driver, broker: ScriptedBroker) -> None:
    """What the ledger says in an error goes to the status line as it is, guarded."""
    remove = guard.install()
    try:
        broker.fail["suggest"] = Conflict("[/x] \x1b]0;PWNED\x07 [b]", "look \x9b2J again")
        await drive.press("a")
        assert "[/x]" in drive.status
        assert leaks(painted(drive)) == []
    finally:
        remove()


async def test_a_suspicious_name_points_to_the_code(drive: Driver, broker: ScriptedBroker) -> None:
    """Where characters were made visible, the account says to trust the code."""
    broker.company.parties["party:0"]["suspicious"] = True
    await drive.press("enter")
    assert "TRUST THE CODE" in drive.text


async def test_clipboard_is_never_written(drive: Driver) -> None:
    """Copying in a field stays inside the app: no OSC 52."""
    written: list[str] = []
    assert drive.app._driver is not None
    drive.app._driver.write = written.append  # type: ignore[method-assign, assignment]
    drive.app.copy_to_clipboard("secret")
    assert not any("]52;" in text for text in written)
