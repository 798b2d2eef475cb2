"""Names, memos and error texts that attack: nothing but printable text and our own styles leaves, and no text is an order."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from arqueue.errors import Conflict
from arqueue.model import text
from screens import guard
from tests.screens.company import Company
from tests.screens.driver import Driver, driving
from tests.screens.hostile import PAYLOADS, SHOWN, leaks
from tests.screens.scripted_broker import PEOPLE, ScriptedBroker

CONSOLE = Console(force_terminal=True, color_system="truecolor")
GUARDED = guard.guarded(Strip.render, guard.guarding())


def poison(company: Company, texts: Sequence[str] = PAYLOADS) -> None:
    """Put payloads into every text of the company, a different one in each row."""
    company.notes.clear()
    for number, party in enumerate(company.parties.values()):
        party["name"] = texts[number % len(texts)]
        party["code"] = f"C{number}" + texts[(number + 1) % len(texts)]
        party["terms"] = texts[(number + 2) % len(texts)]
    for number, row in enumerate(company.work):
        payload = texts[number % len(texts)]
        row |= {"party": payload, "subject": payload, "party_code": payload}
        row["reasons"] = [{"rule": payload, "points": 10, "words": payload} for _ in range(2)]
    for number, item in enumerate(company.items.values()):
        payload = texts[number % len(texts)]
        item |= {
            "number": payload,
            "text": payload,
            "method": payload,
            "payer": payload,
            "party": payload,
            "dispute": payload,
        }
    for number, payload in enumerate(texts):
        company.notes.append(
            {
                "id": f"n{number}",
                "target": f"party:{number}",
                "author": payload,
                "at": payload,
                "text": payload,
                "ours": True,
                "state": payload,
            }
        )


def poison_answers(broker: ScriptedBroker, texts: Sequence[str]) -> None:
    """The same for what a broker says beside its rows: orders and their attempts, plans, senders, allocations, the company's
    people and its reasons for disputes, views of one's own."""
    company = broker.company
    # A face asks for these once, so there are as many attacks at once as a list shows.
    broker.people = [
        PEOPLE[number % 3] | {"name": attack} | ({"id": f"p{number}"} if number > 2 else {})
        for number, attack in enumerate(texts[:SHOWN])
    ]
    broker.dispute_reasons = list(texts[:SHOWN])
    broker.saved_views = {
        attack: view | {"name": attack, "filter": texts[2]}
        for attack, view in zip(texts, broker.saved_views.values(), strict=False)
    }
    for order in company.commands:
        order.update(zip(("words", "outcome", "party", "actor"), texts, strict=False))
        order["refs"] = [texts[0]]
        for attempt in company.attempts.get(order["id"], []):
            attempt |= {"outcome": texts[0], "words": texts[1]}
    broker.plans = [
        plan | dict(zip(("party", "party_code", "subject", "why"), texts, strict=False))
        for plan in broker.plans
    ]
    for payer in broker.payers:
        payer |= {"name": texts[0], "code": texts[1], "why": [texts[2]]}
    for allocation in broker.applied:
        allocation |= {"credit_number": texts[0], "debit_number": texts[1]}
    broker.notes = [texts[3]]


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


def test_a_terminal_without_utf8_gets_ascii_cell_for_cell() -> None:
    """LANG=C is drawn in ASCII, and no column moves."""
    ascii_only = guard.guarded(Strip.render, guard.guarding(ascii_only=True))
    text = "12 of 3,041 · filter … > Söhne ─"
    out = ascii_only(Strip([Segment(text)]), CONSOLE)
    assert out.isascii()
    assert len(out) == len(text)


@pytest.fixture
def poisoned(broker: ScriptedBroker) -> ScriptedBroker:
    """A broker whose every text attacks."""
    poison(broker.company)
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
    "keys, texts",
    [
        (("enter", "j", "d"), PAYLOADS[:5]),
        (("t",), PAYLOADS[:5]),
        (("e",), PAYLOADS[1:5]),
        (("B",), PAYLOADS[:1]),
    ],
    ids=["reasons of a dispute", "assign to", "escalate to", "views"],
)
async def test_choices_that_attack_are_shown_as_text(
    broker: ScriptedBroker, keys: tuple[str, ...], texts: Sequence[str]
) -> None:
    """Reasons, people and views of one's own: each stands there with a mark for what it must not do."""
    view = {"name": "x", "view": "all", "filter": "", "sort": "rank", "columns": "", "digit": 0}
    broker.saved_views["x"] = view
    poison_answers(broker, PAYLOADS)
    remove = guard.install()
    try:
        async with driving(broker.socket, (120, 45)) as drive:
            await drive.press(*keys)
            shown = painted(drive)
            assert leaks(shown) == []
            bare = re.sub(r"\x1b\[[0-9;]*m", "", shown)
            assert all(text.guard(payload) in bare for payload in texts), drive.text
    finally:
        remove()


async def test_text_is_shown_as_it_is_not_as_markup(poisoned: ScriptedBroker) -> None:
    """[PAID] and [/] are letters of a name."""
    for row, name in zip(
        poisoned.company.work, ["INV [PAID] #12", "[/nope]", "[@click=app.quit]"], strict=False
    ):
        row["party"] = name
    async with driving(poisoned.socket) as drive:
        assert "INV [PAID] #12" in drive.lines[1]
        assert "[/nope]" in drive.lines[2]
        assert "[@click=app.quit]" in drive.lines[3]


async def test_a_name_is_never_an_action(poisoned: ScriptedBroker) -> None:
    """Even with a mouse, a click on a name runs nothing."""
    for row in poisoned.company.work:
        row["party"] = "[@click=app.quit]ACME[/]"
    async with driving(poisoned.socket) as drive:
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
