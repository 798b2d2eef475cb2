"""Every posted command has a way back, or words and a hint that say why not."""

from __future__ import annotations

from typing import get_args

import pytest

from arqueue.control.commands import Adjust, Command
from arqueue.control.reversing import Way, way_back


@pytest.mark.parametrize("op", [each.op for each in get_args(Command)])
def test_every_operation_says_what_reverses_it(op: str) -> None:
    """Short enough to stand behind an order's name in a line of 80."""
    back = way_back(op)
    assert 0 < len(back.says) <= 34
    assert back.hint
    assert back.way not in (Way.UNDO, Way.WAIT)


def test_a_write_off_is_unapplied_only_where_the_ledger_then_reverses_its_entry() -> None:
    """Elsewhere a credit would be left over and the expense would stay."""
    assert way_back(Adjust.op).way is Way.NONE
    assert way_back(Adjust.op, writes_back=True).way is Way.UNAPPLY
