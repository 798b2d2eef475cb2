"""Somebody who has opened arqueue before: on their terminals no tour comes over the queue."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from arqueue.face import leave_mark, tour_mark

_FOLDER = tempfile.TemporaryDirectory(prefix="arqk")


@cache
def state_folder() -> str:
    """Their XDG_STATE_HOME, gone when the tests are."""
    know_the_tour(Path(_FOLDER.name))
    return _FOLDER.name


def know_the_tour(folder: Path) -> None:
    """Let whoever has this XDG_STATE_HOME have seen the tour."""
    leave_mark(tour_mark({"XDG_STATE_HOME": str(folder)}))
