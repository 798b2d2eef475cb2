"""What may be written down of a fault of our own: its kinds and places. What an exception says may quote what it failed at
(names, notes, amounts, a token), so neither its words nor the values of variables are kept."""

from __future__ import annotations

import traceback


def told(error: BaseException) -> list[str]:
    """The fault and what caused it, outermost last, each with the places it passed through, a line each."""
    lines: list[str] = []
    for each in reversed(list(_causes(error))):
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in _frames(each)]
        lines.append(_kind(each))
    return lines


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or any(each is seen for seen in found):
            continue
        found.append(each)
        waiting.append(each.__cause__ or (None if each.__suppress_context__ else each.__context__))
        if isinstance(each, BaseExceptionGroup):
            waiting.extend(each.exceptions)
    return found


def _frames(error: BaseException) -> traceback.StackSummary:
    return traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)


def _kind(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
