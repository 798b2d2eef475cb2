"""What a person chose: themes that can be read, keys that hold everywhere they are shown, and the pages that say so."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console
from rich.segment import Segment
from syrupy.assertion import SnapshotAssertion
from textual.color import Color
from textual.strip import Strip

from arqueue.errors import PeerUnreachable
from arqueue.face import load_face
from arqueue.face_model import FaceSection
from screens import guard, theme
from screens.chosen import Chosen, choose
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker
from tests.screens.test_outbox import order


def chosen(tmp_path: Path, text: str) -> Chosen:
    """What a file with this text comes to."""
    file = tmp_path / "face.toml"
    file.write_text(text, "utf-8")
    return choose(load_face(FaceSection(), file, {}))


def styled_lines(drive: Driver) -> str:
    """The screen's text, and below it which style stands on how many cells."""
    cells: Counter[str] = Counter()
    for strip in drive.app.screen._compositor.render_strips():
        for text, style, _ in strip:
            said = guard.spelled(style) if style is not None else None
            if text.strip():
                cells[str(said) if said else "plain"] += len(text.strip())
    table = "\n".join(f"{number:>5}  {name}" for name, number in sorted(cells.items()))
    return f"{drive.text}\n\n{table}\n"


@pytest.mark.parametrize("look", theme.THEMES)
async def test_the_queue_in_every_theme(broker: ScriptedBroker, screen: SnapshotAssertion, look: str) -> None:
    """The same words in each; what differs is the style."""
    async with driving(broker.socket, chosen=Chosen(look=look)) as drive:
        assert styled_lines(drive) == screen


def luminance(colour: Color) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = [part / 255 for part in colour.rgb]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("look,least", [("dark", 4.5), ("light", 4.5), ("contrast", 7.0)])
def test_every_colour_can_be_read_on_its_background(look: str, least: float) -> None:
    """WCAG 2.1: AA for the usual themes, AAA for the one that promises it."""
    tokens = theme.THEMES[look]
    ground = luminance(Color.parse(tokens.background or ""))
    for name in ("foreground", "accent", "success", "warning", "error"):
        over = luminance(Color.parse(getattr(tokens, name)))
        high, low = max(ground, over), min(ground, over)
        assert (high + 0.05) / (low + 0.05) >= least, name


async def test_mono_has_no_colour_and_contrast_nothing_dim(broker: ScriptedBroker) -> None:
    """Not one cell of any line."""
    for look in ("mono", "contrast"):
        async with driving(broker.socket, (120, 40), chosen=Chosen(look=look)) as drive:
            await drive.press("enter")
            strips = drive.app.screen._compositor.render_strips()
            styles = [guard.spelled(style) for strip in strips for _, style, _ in strip if style is not None]
            if look == "mono":
                assert not any(style and (style.color or style.bgcolor) for style in styles)
            else:
                assert not any(style and style.dim for style in styles)


async def test_a_theme_is_tried_and_kept(broker: ScriptedBroker, tmp_path: Path) -> None:
    """t goes round; the file remembers; back on the queue it is still on."""
    async with driving(broker.socket, chosen=chosen(tmp_path, "# mine\n")) as drive:
        await drive.press("comma", "t")
        assert drive.app.look == "dark"
        assert 'theme = "dark"\n# mine' in (tmp_path / "face.toml").read_text()
        assert "dark: light on dark" in drive.text
        await drive.press("escape")
        assert drive.app.look == "dark"


async def test_settings_say_what_is_in_effect_and_from_where(broker: ScriptedBroker, tmp_path: Path) -> None:
    """Own keys with their line."""
    text = 'keys = "arrows"\n[bind]\nwork.note = "f7"\n'
    async with driving(broker.socket, (140, 30), chosen=chosen(tmp_path, text)) as drive:
        await drive.press("comma")
        assert "arrows (no letters)" in drive.text
        assert f"{tmp_path}/face.toml line 1" in drive.text
        assert "work.note, line 3" in drive.text
        assert "Kim Berger (collector)" in drive.text


async def test_arrow_style_holds_in_footer_help_and_palette(broker: ScriptedBroker, tmp_path: Path) -> None:
    """One registry: j is free, the arrow is shown."""
    async with driving(broker.socket, chosen=chosen(tmp_path, 'keys = "arrows"\n')) as drive:
        assert "↓↑ Move" in drive.footer
        before = drive.cursor_id
        await drive.press("j")
        assert drive.cursor_id == before
        await drive.press("down")
        assert drive.cursor_id != before
        await drive.press("question_mark")
        line = next(line for line in drive.lines if "row down, row up" in line)
        assert line.split("row down")[0].split() == ["↓", "↑"]
        await drive.press("escape", "colon")
        await drive.type("next row")
        assert any("next row" in line and line.rstrip().endswith("↓") for line in drive.lines)


async def test_swapped_keys_do_what_they_say(broker: ScriptedBroker, tmp_path: Path) -> None:
    """e writes a note, n hands over, on the screen and under the fingers."""
    text = '[bind]\nwork.note = "e"\nwork.escalate = "n"\n'
    async with driving(broker.socket, chosen=chosen(tmp_path, text)) as drive:
        assert "e Note" in drive.footer
        assert "n Escalate" in drive.footer
        await drive.press("e")
        assert "Note" in drive.lines[0] or "Note" in drive.text.splitlines()[1]


async def test_the_sync_page_follows_the_broker(drive: Driver, broker: ScriptedBroker) -> None:
    """Freshness, what was not taken in, the last error with its remedy; R asks."""
    await drive.press("S")
    assert "nothing" in next(line for line in drive.lines if "not taken in" in line)
    error = PeerUnreachable("the ledger does not answer", "start it")
    broker.sync |= {
        "state": "failing",
        "quarantined": 2,
        "error": {"code": error.code, "message": error.message, "hint": error.hint},
    }
    await broker.tell_status()
    await drive.until(lambda: "LEDGER NOT REACHABLE" in drive.text, "the news")
    assert "2 records" in drive.text
    assert "the ledger does not answer" in drive.text
    assert "start it" in drive.text
    await drive.press("R")
    assert broker.called("sync")


def test_drawing_in_ascii_leaves_letters_alone() -> None:
    """Söhne stays Söhne; our lines and arrows are spelled."""
    out = guard.guarded(Strip.render, guard.guarding(ascii_drawing=True))
    assert out(Strip([Segment("Söhne · 3 → 4 …")]), Console(force_terminal=True)) == "Söhne | 3 > 4 ~"


async def test_arrows_that_are_keys_are_words_in_ascii(broker: ScriptedBroker, tmp_path: Path) -> None:
    """v and ^ would be read as letters: in footer, help, palette and sentences."""
    text = 'keys = "arrows"\ndrawing = "ascii"\n'
    async with driving(broker.socket, chosen=chosen(tmp_path, text)) as drive:
        assert drive.footer.startswith("Dn Up Move  ")
        await drive.press("f1")
        assert re.search(r" Dn Up +row down, row up ", drive.text)
        assert re.search(r" Enter Right +open the account", drive.text)
        assert "…" not in drive.text
        await drive.press("escape", "colon")
        await drive.type("next row")
        assert any(re.search(r"Move +next row +Dn$", line) for line in drive.lines)
        await drive.press("escape")
        assert drive.app.spelling.key("account.back") == "Esc"
        assert drive.app.spelling.fill("{page.down}") == "Dn"
        assert not set("↓↑←→") & set(drive.text)


async def test_the_way_out_is_open_on_its_own_key(broker: ScriptedBroker, tmp_path: Path) -> None:
    """Also where nothing else does anything, and the sentence there names it."""
    async with driving(
        broker.socket, (40, 10), chosen=chosen(tmp_path, '[bind]\napp.quit = "f9"\n')
    ) as drive:
        assert "F9 leaves." in " ".join(drive.text.split())
        drive.send("f9")
        await drive.until_unsettled(lambda: drive.app.leaving, "the end")


async def test_leaving_twice_asked_goes_by_its_own_key(broker: ScriptedBroker, tmp_path: Path) -> None:
    """The question names the key, and that key answers it."""
    broker.company.commands = [order(1, "queued")]
    async with driving(broker.socket, chosen=chosen(tmp_path, '[bind]\nqueue.leave = "f9"\n')) as drive:
        await drive.press("f9")
        assert drive.status.endswith("F9 again leaves.")
        drive.send("f9")
        await drive.until_unsettled(lambda: drive.app.leaving, "the end")
