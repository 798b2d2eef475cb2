"""Importing is most of a face's start: what Textual and asyncio name and a face never uses is left out of it."""

from __future__ import annotations

import sys
from types import ModuleType

_UNUSED = ("textual.command", "rich.table", "platformdirs")
"""Textual's own palette, with the trees, lists and fields that it is made of; tables of colours; where downloads go."""


class _LeftOut(ModuleType):
    """Stands for a module while another is imported that only names what is in it."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def leave_out() -> None:
    """Import asyncio and Textual without it. Whoever asks for any of it later gets it."""
    _leave_out_tls()
    if "textual.app" in sys.modules:
        return
    absent = [name for name in _UNUSED if name not in sys.modules]
    sys.modules.update((name, _LeftOut(name)) for name in absent)
    try:
        import textual.app  # noqa: F401
    finally:
        for name in absent:
            del sys.modules[name]


def _leave_out_tls() -> None:
    """asyncio asks for it and goes on without: a face speaks to a socket."""
    if "ssl" not in sys.modules:
        sys.modules["ssl"] = None  # type: ignore[assignment]
        import asyncio.sslproto  # noqa: F401

        del sys.modules["ssl"]
