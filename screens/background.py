"""Work beside the keys: started here, cancelled with the widget that it belongs to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from textual.dom import DOMNode

Work = Callable[..., Awaitable[None]]


def start(node: DOMNode, work: Work, *given: Any, group: str, exclusive: bool = False) -> None:
    """Run ``work(*given)``; ``exclusive`` ends what the group was doing for this widget. An error ends the app.

    Given as a function, not as a coroutine: one that is superseded before it began leaves nothing unawaited.
    """
    node.run_worker(partial(work, *given), name=group, group=group, exclusive=exclusive)
