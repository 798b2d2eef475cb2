"""What kind of terminal this is: when to refuse one, and which letters and colours it gets."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def refusal(environ: Mapping[str, str], *, interactive: bool) -> str:
    """Why the app cannot be shown here; empty when it can."""
    if not interactive:
        why = "arqueue draws on a terminal, and this is none (input or output goes elsewhere)."
    elif environ.get("TERM", "dumb") in {"dumb", ""}:
        why = "arqueue draws on a terminal, and TERM says that this one cannot be drawn on."
    else:
        return ""
    return f"{why}\nThe same work from the command line: arqueue list, arqueue show, arqueue apply --help."


def has_shell() -> bool:
    """Whether somebody is there to continue a job that stops: not behind ForceCommand, nor in a browser."""
    return os.getpgrp() != os.getsid(0)


def speaks_utf8() -> bool:
    """Whether the locale lets us send more than ASCII."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    if named:
        return "UTF" in named.upper()
    import locale

    return "UTF" in locale.getpreferredencoding(False).upper()


def has_colours(environ: Mapping[str, str]) -> bool:
    """Whether colours are wanted: NO_COLOR takes them away, bold, dim and reverse stay."""
    return "NO_COLOR" not in environ
