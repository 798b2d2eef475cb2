"""The attack is whole: no text of the protocol is left out of it, and every one is seen on some screen."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from screens import guard
from tests.screens.attacking import (
    ANSWERS,
    NEVER_ANSWERED,
    NOT_TEXT,
    PLAIN,
    PUSHES,
    TRUE_IF_ANY,
    Attack,
    fields_of_the_protocol,
    holds_text,
    said,
    types_of_the_protocol,
)
from tests.screens.company import Company
from tests.screens.driver import Driver, driving
from tests.screens.everywhere import SCREENS, alike, tell_all
from tests.screens.hostile import BATCHES, leaks
from tests.screens.scripted_broker import ScriptedBroker
from tests.screens.test_hostile import painted
from tests.screens.test_reversing import posted
from tests.screens.test_working import NOTE

UNSEEN = {
    "CommandRow.taken_back": "counted only",
    "PromiseRow.party": "a promise stands on its customer's page",
    "PromiseRow.party_code": "a promise stands on its customer's page",
    "QueueRow.owner": "who has the row is its assignee",
    "QueueRow.maker": "only compared with oneself",
    "ReasonCodeRow.method": "the ledger's own id",
    "Reversal.hint": "the form that it opens says its own",
    "ReviewPart.hint": "the review has a hint for all",
    "Status.counts": "numbers",
    "Suggestions.reasons": "codes: their words are those of the greeting",
    "Wider.filter": "the terms that are left out are named",
    "ViewCount.name": "only compared with the names of views",
}
"""Texts that no screen shows, and why."""
ONCE_DONE = {"Submitted.words", "Done.words", "DraftRow.typed", "Reversal.words", "Reversal.says"}
"""Seen once something was done."""
DOING = (
    ("g", "a", "1", "enter"),
    ("y",),
    ("u",),
    ("u",),
    ("g", "s", "f", "r", "i", "enter", "enter"),
    ("g", "j", "n"),
    ("enter",),
    ("escape", "escape"),
)
"""Order and take it back, ask what reverses the one before, put a row off, take the draft of a note."""
ROUNDS = range(0, len(BATCHES), 5)


class Marks(Attack):
    """Every text says which field it is, and nothing else."""

    def __init__(self) -> None:
        super().__init__(["", ""])
        self._names = {f"{place:03}": ".".join(field) for field, place in self._place.items()}

    def of(self, shown: str) -> set[str]:
        """The fields that are on a screen."""
        return {self._names[mark] for mark in re.findall(r"«(\d{3})", shown) if mark in self._names}

    def _text(self, field: int, row: int) -> str:
        return f"«{field:03}"


def test_every_type_of_the_protocol_attacks() -> None:
    """Whatever the broker says to a face is made of types that are walked; the others are listed with the reason."""
    walked = {kind.__name__ for told in (*ANSWERS.values(), *PUSHES.values()) for kind in said(told)}
    assert walked | NEVER_ANSWERED.keys() == types_of_the_protocol().keys()
    assert not walked & NEVER_ANSWERED.keys()


def test_only_what_there_is_is_left_out() -> None:
    """No reason is given for a field that is gone, or that holds no text, and none twice."""
    fields = fields_of_the_protocol()
    assert all(field in fields and holds_text(fields[field]) for field in PLAIN | TRUE_IF_ANY)
    assert len(PLAIN) == sum(len(names.split()) for told in NOT_TEXT.values() for names in told.values())


def test_a_new_field_attacks() -> None:
    """Of what is in no list, every text does: alone, in a list, where there was none; what is plain is as it was."""
    attack = Attack(["one", "two"])
    party = attack.on(types_of_the_protocol()["PartyRow"], {"id": "party:1", "emails": [], "parent": None})
    assert {party[name] for name in ("name", "code", "terms")} <= {"one", "two"}
    assert party["emails"][0] in ("one", "two")
    assert (party["id"], party["parent"]) == ("party:1", None)


@asynccontextmanager
async def told(folder: Path, name: str, attack: Attack) -> AsyncIterator[Driver]:
    """The app over a broker that has what the screen of this name needs, and tells all of it so."""
    broker = ScriptedBroker(folder / name.replace(" ", "_"), Company.of(300))
    SCREENS[name].furnish(broker)
    tell_all(broker)
    broker.attack = attack
    await broker.start()
    try:
        async with driving(broker.socket, (200, 50)) as drive:
            await drive.idle()
            yield drive
    finally:
        await broker.stop()


@pytest.mark.timeout(240)
async def test_every_text_is_seen_on_some_screen(folder: Path) -> None:
    """Each field says its own name: all are painted, so all attacks on them are tried, but for those that are listed here."""
    marks = Marks()
    seen: set[str] = set()
    for names in alike():
        async with told(folder, names[0], marks) as drive:
            for name in names:
                await drive.burst(*["escape"] * 4)
                await drive.press("g", *SCREENS[name].keys)
                assert isinstance(drive.place, SCREENS[name].kind), drive.text
                seen |= marks.of(drive.text)
    texts = {
        ".".join(field)
        for field, kind in fields_of_the_protocol().items()
        if holds_text(kind) and field not in PLAIN and field[0] not in NEVER_ANSWERED
    }
    assert texts - seen == UNSEEN.keys() | ONCE_DONE


async def test_what_is_said_of_what_was_done_is_text(broker: ScriptedBroker) -> None:
    """An order, taking it back, a wish, a draft that is offered and taken: seen to attack, and nothing comes through."""
    marks, seen = Marks(), set[str]()
    posted(broker, "annotate", "note on PAY-2000")
    remove = guard.install()
    try:
        async with driving(broker.socket, (200, 50)) as drive:
            for attack in (marks, *(Attack(BATCHES, turned=turned) for turned in ROUNDS)):
                broker.attack = attack
                broker.drafts[NOTE] = {"text": "called"}
                drive.app.desk.drafts.clear()
                for keys in DOING:
                    await drive.press(*keys)
                    if keys[-1] == "enter":
                        await drive.quiet()
                    assert leaks(painted(drive)) == []
                    seen |= marks.of(drive.text)
            assert seen >= ONCE_DONE
            assert len(broker.called("submit")) == len(broker.called("undo")) == len(ROUNDS) + 1
    finally:
        remove()


async def test_who_greets_is_text(broker: ScriptedBroker) -> None:
    """Own name, company and address of the ledger, which a face hears once: each with every attack."""
    remove = guard.install()
    try:
        async with driving(broker.socket, (200, 50)) as drive:
            for turned in range(len(BATCHES)):
                attack = Attack(BATCHES, turned=turned)
                drive.app.desk.hello = attack.on(ANSWERS["hello"], broker.on_hello({}))
                for key in ("comma", "escape"):
                    await drive.press(key)
                    assert leaks(painted(drive)) == []
    finally:
        remove()
