"""Copying to the clipboard of the reader's own machine: off unless the company allows it to a role, and never an account."""

from __future__ import annotations

import binascii
import os
import re
import subprocess
from collections.abc import Callable, Mapping

from arqueue.errors import Refused
from arqueue.model.cards import masked
from arqueue.model.text import guard

CAP = 4000
"""Characters; a terminal drops much longer ones without a word."""
_PATIENCE_S = 2.0
_IBAN = re.compile(
    r"\b[A-Za-z]{2}\s?\d{2}(?:[A-Za-z0-9]{11,30}|(?:[ -][A-Za-z0-9]{4}){2,7}(?:[ -]\d[A-Za-z0-9]{0,2})?)\b"
)
"""ISO 13616: country, check digits, and up to thirty more, often in groups of four."""
_ACCOUNT = re.compile(r"\d{10,}|(?<![A-Za-z\d][-_/.])(?<!\d)\d(?:[ .-]?\d){8,}")
"""Nine digits or more, however they are grouped, unless letters before them say that it is a document."""

_FORMULA = frozenset("=+-@")
_AMOUNT = re.compile(r"-[0-9.,]+")


def fit_to_leave(text: str) -> str:
    """The text as it may be copied: one line, no card number, no IBAN, no long run of figures."""
    line = guard(text.replace("\t", " ")).replace("\n", " ")
    return _ACCOUNT.sub("[account]", masked(_IBAN.sub("[account]", line)))[:CAP]


def fields(*texts: str) -> str:
    """A row for a spreadsheet: cleaned fields apart by tabs, none of which is taken for a formula."""
    return "\t".join(_inert(fit_to_leave(text)) for text in texts)


def _inert(text: str) -> str:
    """A quote before what a spreadsheet would calculate; an amount stays a number."""
    return f"'{text}" if text[:1] in _FORMULA and not _AMOUNT.fullmatch(text) else text


def copy(text: str, write: Callable[[str], object], environ: Mapping[str, str] = os.environ) -> str:
    """Hand the text, which is fit to leave, to tmux or else to the terminal. Returns where it went, in words."""
    if environ.get("TMUX"):
        _to_tmux(text)
        return "tmux"
    write(f"\x1b]52;c;{binascii.b2a_base64(text.encode(), newline=False).decode()}\x07")
    return "the terminal"


def _to_tmux(text: str) -> None:
    """OSC 52 is dropped by tmux as it is set up by default; this way reaches the outer terminal."""
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=text.encode(),
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused("tmux did not take it", "select it with the terminal's own mouse") from error
    if done.returncode:
        raise Refused("tmux did not take it", "tmux 3.2 or newer is needed")
