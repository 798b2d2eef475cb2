"""Faces are told of a change at once, and of many together."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from data.broker import changes
from data.broker.changes import Changes
from data.store.queue import Delta
from tests.broker.company import eventually


async def test_the_first_change_is_told_at_once() -> None:
    """A person's own action does not wait."""
    pushes: list[dict[str, Any]] = []
    said = Changes(pushes.append)
    said.add(Delta(("a",), 1))
    assert pushes == [{"push": "changed", "generation": 1, "ids": ["a"]}]
    said.stop()


async def test_what_follows_is_told_once_with_all_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is forgotten; the generation is the last one."""
    monkeypatch.setattr(changes, "EVERY_S", 0.02)
    pushes: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    said = Changes(pushes.put_nowait)
    for number in range(1, 6):
        said.add(Delta((f"row {number}", "b"), number))
    assert pushes.qsize() == 1
    assert pushes.get_nowait()["ids"] == ["row 1", "b"]
    assert await asyncio.wait_for(pushes.get(), 30) == {
        "push": "changed",
        "generation": 5,
        "ids": ["row 2", "b", "row 3", "row 4", "row 5"],
    }
    said.stop()


async def test_who_acts_can_be_told_what_is_gathered_and_the_others_still_are() -> None:
    """It is not forgotten by that."""
    pushes: list[dict[str, Any]] = []
    said = Changes(pushes.append)
    said.add(Delta(("a",), 1))
    assert said.so_far() is None
    said.add(Delta(("b",), 2))
    assert said.so_far() == said.so_far() == {"push": "changed", "generation": 2, "ids": ["b"]}
    said._say()
    assert pushes[1:] == [{"push": "changed", "generation": 2, "ids": ["b"]}]
    said.stop()


async def test_silence_is_followed_by_a_change_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said twice, and nobody waits for the next round."""
    monkeypatch.setattr(changes, "EVERY_S", 0.0)
    monkeypatch.setattr(changes, "A_FACE_S", 0.0)
    pushes: list[dict[str, Any]] = []
    said = Changes(pushes.append)
    said.add(Delta(("a",), 1))

    async def due() -> bool:
        return said._due is not None

    await eventually(due, lambda still: not still, "nothing is to be said any more")
    assert len(pushes) == 1
    said.add(Delta((), 2))
    assert pushes[1:] == [{"push": "changed", "generation": 2, "ids": []}]
    said.stop()


async def test_too_many_rows_are_not_named() -> None:
    """Then any may be another: a face looks at all that it has marked."""
    pushes: list[dict[str, Any]] = []
    said = Changes(pushes.append)
    said.add(Delta(tuple(map(str, range(201))), 1))
    assert pushes == [{"push": "changed", "generation": 1}]
    said.stop()


async def test_the_more_faces_the_longer_it_is_gathered() -> None:
    """So many questions a second come of it at most."""
    loop = asyncio.get_running_loop()
    for faces, wait in ((1, 0.2), (20, 0.2), (100, 1.0)):
        said = Changes(lambda push: None, lambda number=faces: number)  # type: ignore[misc]
        before = loop.time()
        said.add(Delta((), 1))
        assert said._due is not None
        assert said._due.when() - before >= wait
        said.stop()
