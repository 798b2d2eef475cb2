"""Draws the screenshots of the docs: the app itself on the demo company, as SVG that asks nobody for a font.

``--check`` says which are not what the app shows now.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from data.broker.client import Link
from data.demo.launch import demo
from screens.app import ArqueueApp
from screens.chosen import Chosen
from tests.screens.driver import Driver

DOCS = Path(__file__).parent
SHOTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("queue", ()),
    ("account", ("/", *"INV-7041", "enter", "enter")),
    ("apply", ("q", "escape", "/", *"PAY-7001", "enter", "a", "1")),
    ("review", ("enter",)),
    ("help", ("n", "escape", "escape", "question_mark")),
)
_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
_ID = re.compile(r"terminal-\d+")


async def drawn(socket: Path) -> dict[str, str]:
    """Press through the app. Returns what it showed, as SVG by name; how long ago the last sync was is always the same."""
    app = ArqueueApp(Link(socket), chosen=Chosen(look="dark"))
    app.desk.clock = lambda: 0.0
    found = {}
    async with app.run_test(size=(120, 34)) as pilot:
        driver = Driver(app, pilot)
        await driver.until(
            lambda: app.desk.status is not None and app.desk.status["sync"]["state"] == "idle",
            "the first sync",
        )
        for name, keys in SHOTS:
            for key in keys:
                await driver.press(key)
            found[name] = _quiet(app.export_screenshot(title="arqueue"))
    return found


def _quiet(svg: str) -> str:
    lines = _ID.sub("terminal", _FONT.sub("", svg)).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def main() -> int:
    """Make a demo company and draw it, or compare. Returns the exit status."""
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder), size="small") as company:
        found = asyncio.run(drawn(company.settings.socket))
    stale = []
    for name, svg in found.items():
        file = DOCS / f"{name}.svg"
        if "--check" not in sys.argv:
            file.write_text(svg, "utf-8")
        elif not file.exists() or file.read_text("utf-8") != svg:
            stale.append(f"docs/{name}.svg")
    if stale:
        sys.stderr.write(f"{', '.join(stale)}: not what the app shows; run `make screenshots` and look\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
