"""Draws the screenshots of the docs: the app itself on the demo company, as SVG that asks nobody for a font."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from data.broker.client import Link
from data.demo.launch import demo
from screens.app import ArqueueApp
from screens.chosen import Chosen

DOCS = Path(__file__).parent
_SHOTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("queue", ()),
    ("apply", ("/", *"PAY-7001", "enter", "a", "1")),
    ("review", ("enter",)),
)
_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
_ID = re.compile(r"terminal-\d+")
_PATIENCE_S = 60.0


async def draw(socket: Path) -> None:
    """Press through the app and keep what it shows."""
    app = ArqueueApp(Link(socket), chosen=Chosen(look="dark"))
    async with app.run_test(size=(120, 34)) as pilot:
        async with asyncio.timeout(_PATIENCE_S):
            # the app has no event for "the first sync is done"; this script looks as a person would
            while (status := app.desk.status) is None or status["sync"]["state"] != "idle":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        for name, keys in _SHOTS:
            for key in keys:
                await pilot.press(key)
                await pilot.pause(0.2)
            await pilot.pause(0.5)
            svg = _ID.sub("terminal", _FONT.sub("", app.export_screenshot(title="arqueue")))
            (DOCS / f"{name}.svg").write_text(
                "\n".join(line.rstrip() for line in svg.splitlines()) + "\n", "utf-8"
            )


def main() -> None:
    """Make a demo company and draw it."""
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder), size="small") as company:
        asyncio.run(draw(company.settings.socket))


if __name__ == "__main__":
    main()
