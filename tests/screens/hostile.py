"""Text that attacks a terminal, a person's eyes, or a markup parser; and a way to see whether any of it came through."""

from __future__ import annotations

import re

ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"
PAYLOADS: tuple[str, ...] = (
    f"A{ESC}[2J",
    f"A{ESC}[31mred",
    f"A{ESC}[4;29H10.00",
    f"A{ESC}[6n",
    f"A{ESC}c",
    f"A{ESC}]0;PWNED{BEL}",
    f"A{ESC}]0;PWNED{ST}",
    f"A{ESC}]2;PWNED{ST}",
    f"A{ESC}]8;;http://evil.example{ST}click{ESC}]8;;{ST}",
    f"A{ESC}]52;c;cm0gLXJmIH4={BEL}",
    f"A{ESC}]52;c;cm0gLXJmIH4={ST}",
    f"A{ESC}P1;1|x{ST}",
    f"A{ESC}_apc{ST}",
    f"A{ESC}^pm{ST}",
    f"A{ESC}[?1049l",
    f"A{ESC}[?1000h",
    f"A{ESC}[200~y{ESC}[201~",
    "A\x9b2J",
    "A\x9d0;PWNED\x9c",
    "A\x90x\x9c",
    "A\x0e\x0fB",
    "A\x08\x08B",
    "A\rB",
    "A\nB",
    "A\tB",
    "A\x0bB\x0cC",
    "A\x7fB",
    "A\x00B",
    "A\u202eB",
    "A\u2066B\u2069",
    "A\u200bB\u200dC",
    "A\ufeffB",
    "A\U000e0041B",
    "A\u2028B\u2029C",
    "A" + "\u0301" * 40,
    "A\u3164\u2800\ufe0fB",
    "A\ud83dB",
    "A\U0001f469\u200d\U0001f469\u200d\U0001f467B",
    "漢字" * 30,
    "[b]bold[/b]",
    "[/nope]",
    "[/]",
    "[link=http://evil.example]x",
    "[@click=app.quit]ACME[/]",
    "[@click=app.quit(]ACME",
    "INV [PAID] #12",
    "[50%] off",
    "\\[red]x",
    "$n {0} %s",
)
PER_TEXT = 4
BATCHES: tuple[str, ...] = tuple(
    "".join(PAYLOADS[at : at + PER_TEXT]) for at in range(0, len(PAYLOADS), PER_TEXT)
)
"""All of them in a few texts: the first of each is seen even in a narrow column."""
SHOWN = 5
"""So many rows of a form's list stand there at once."""
_OURS = re.compile(
    r"\x1b\[[0-9;]*m"  # colours and weights
    r"|\x1b\[[0-9;]*[HG]"  # where to write
    r"|\x1b\[K"  # blank to the end of the line
    r"|\x1b\[\?(?:1049|1004|2004|2026|2048|25|7)[hl]"  # screen, focus, paste, frames, cursor, wrap
    r"|\x1b\[\?(?:2026|2048)\$p"
    r"|\x1b\[5n"  # whether it shows what it was sent
    r"|\x1b\[[<>][0-9]*u"  # keyboard protocol
)
_BAD = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


def leaks(output: str) -> list[str]:
    """What in terminal output is neither printable nor one of the sequences that we send ourselves."""
    rest = _OURS.sub("", output)
    return [repr(rest[max(0, found.start() - 20) : found.end() + 20]) for found in _BAD.finditer(rest)]
