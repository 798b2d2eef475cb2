"""What is sent to a terminal that shows something already: as little as makes it show something else, and never anything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from unicodedata import east_asian_width

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyte import screens as emulator
from rich.cells import set_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from screens import guard
from screens.frame import Frame, Piece

CONSOLE = Console(force_terminal=True, color_system="truecolor")
LOOKS = [
    None,
    *map(Style.parse, ("bold", "dim", "red", "bold red", "reverse", "underline", "white on blue", "on blue")),
]
LETTERS = "ab 01é·中e─"
WIDTH, HEIGHT = 14, 2
BORDERS = ((0, 14), (0, 5, 14), (0, 6, 7, 14))
Panes = tuple[int, ...]
Step = tuple[Panes, list[Piece]]


@pytest.fixture(autouse=True, scope="module")
def _guarded() -> Iterator[None]:
    remove = guard.install()
    yield
    remove()


@st.composite
def strips(draw: st.DrawFn, width: int) -> Strip:
    """Words in two looks, exactly so many cells."""
    first = draw(st.integers(0, width))
    segments = []
    for size in (first, width - first):
        text = draw(st.text(LETTERS, max_size=size)).replace("e", "e\u0301")
        segments.append(Segment(set_cell_size(text, size), draw(st.sampled_from(LOOKS))))
    return Strip(segments, width)


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Screens one after another: another layout, all of it, or some pieces of this one."""
    found: list[Step] = []
    for number in range(draw(st.integers(1, 3))):
        whole = draw(st.booleans())
        panes = draw(st.sampled_from(BORDERS)) if whole or not number else found[-1][0]
        places = [(y, x, end) for y in range(HEIGHT) for x, end in pairwise(panes)]
        if not whole:
            places = sorted(draw(st.sets(st.sampled_from(places))))
        found.append((panes, [(y, x, draw(strips(end - x))) for y, x, end in places]))
    return found


class Terminal:
    """An emulator, and what it shows."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.Stream(self.screen)
        self._stream.feed("\x1b[?7l")

    def feed(self, text: str) -> None:
        """Write."""
        self._stream.feed(text)

    def seen(self) -> list[list[tuple[object, ...]]]:
        """Letters in their looks; blanks in those that show on a blank."""
        return [[_seen(self.screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


def _seen(cell: emulator.Char) -> tuple[object, ...]:
    on_blank = (cell.bg, cell.reverse, cell.underscore)
    return (cell.data, *on_blank) if cell.data == " " else (cell.data, *on_blank, cell.fg, cell.bold)


def plainly(pieces: dict[tuple[int, int], Strip]) -> Terminal:
    """A terminal on which everything was written from nothing."""
    terminal = Terminal()
    for (y, x), strip in pieces.items():
        terminal.feed(f"\x1b[{y + 1};{x + 1}H{strip.render(CONSOLE)}")
    return terminal


def shown(steps: Sequence[Step]) -> Iterator[dict[tuple[int, int], Strip]]:
    """What stands where after each step."""
    pieces: dict[tuple[int, int], Strip] = {}
    panes: Panes = ()
    for borders, news in steps:
        if borders != panes:
            pieces, panes = {}, borders
        pieces |= {(y, x): strip for y, x, strip in news}
        yield dict(pieces)


@given(steps())
def test_what_was_shown_and_what_is_sent_make_the_new_screen(steps: list[Step]) -> None:
    """After every step the terminal shows what it would if everything had been written from nothing."""
    terminal, frame = Terminal(), Frame()
    for (_, news), pieces in zip(steps, shown(steps), strict=True):
        terminal.feed(frame.of_pieces(news, WIDTH, CONSOLE))
        assert terminal.seen() == plainly(pieces).seen()


@given(steps())
def test_letters_that_a_terminal_draws_wider_move_no_others(steps: list[Step]) -> None:
    """Where · and ─ take two cells, every plain letter still stands in its column."""
    agreed = emulator.wcwidth
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            emulator,
            "wcwidth",
            lambda char: 2 if east_asian_width(char) == "A" and char != "\u0301" else agreed(char),
        )
        terminal, frame = Terminal(), Frame()
        for _, news in steps:
            terminal.feed(frame.of_pieces(news, WIDTH, CONSOLE))
    pieces = list(shown(steps))[-1]
    wanted = plainly(pieces).seen()
    for row, line in zip(terminal.seen(), wanted, strict=True):
        for cell, right in zip(row, line, strict=True):
            assert cell == right or right[0] not in set("ab01")


@given(steps())
def test_what_is_shown_is_not_sent(steps: list[Step]) -> None:
    """The same pieces once more are nothing; after ``forget`` they are all there."""
    frame = Frame()
    for _, news in steps:
        frame.of_pieces(news, WIDTH, CONSOLE)
    pieces = list(shown(steps))[-1]
    again = [(y, x, strip) for (y, x), strip in pieces.items()]
    assert frame.of_pieces(again, WIDTH, CONSOLE) == ""
    frame.forget()
    terminal = Terminal()
    terminal.feed(frame.of_pieces(again, WIDTH, CONSOLE))
    assert terminal.seen() == plainly(pieces).seen()


def sent(before: str, after: str, look: str = "") -> str:
    """What makes one line another."""
    frame, style = Frame(), Style.parse(look) if look else None
    width = len(before)
    frame.of_pieces([(0, 0, Strip([Segment(before, style)]))], width, CONSOLE)
    return frame.of_pieces([(0, 0, Strip([Segment(after, style)]))], width, CONSOLE)


def test_only_what_differs_is_sent() -> None:
    """Two letters far apart are two steps of the cursor; near ones go in one piece."""
    assert sent("aaaaaaaaaaaaaaaaaaaa", "abaaaaaaaaaaaaaaaaba") == "\x1b[1;2Hb\x1b[19Gb"
    assert sent("aaaaaaaaaaaaaaaaaaaa", "abaabaaaaaaaaaaaaaaa") == "\x1b[1;2Hbaab"
    assert sent("aaaaaaaaaaaaaaaaaaaa", "abaabaaaaaaaaaaaaaaa", "bold") == "\x1b[1;2H\x1b[1mbaab\x1b[m"


def test_blanks_at_the_end_are_erased() -> None:
    """Once they are more than what erases them."""
    assert sent("abcdefghij", "ab        ") == "\x1b[1;3H\x1b[K"
    assert sent("abcdefghij", "xb        ") == "\x1b[1;1Hxb\x1b[K"
    assert sent("abcdefghij", "abcdefgh  ") == "\x1b[1;9H  "
    assert sent("abcdefghij", "ab        ", "on blue") == "\x1b[1;3H\x1b[44m        \x1b[m"


def test_what_nobody_said_is_not_sent() -> None:
    """Two pieces of a line of which nothing else is known: nothing is written between them."""
    pieces = [(0, 0, Strip([Segment("ab")])), (0, 6, Strip([Segment("cd")]))]
    assert Frame().of_pieces(pieces, 10, CONSOLE) == "\x1b[1;1Hab\x1b[7Gcd"


def test_half_a_wide_letter_is_never_sent() -> None:
    """What begins in its second cell begins with all of it."""
    assert sent("中a", "日a"[:2]).startswith("\x1b[1;1H日")


def test_what_lost_its_other_half_is_not_known() -> None:
    """A piece that covers half of a wide letter: the other half is sent as soon as it comes up again."""
    frame = Frame()
    frame.of_pieces([(0, 0, Strip([Segment("a中b")]))], 4, CONSOLE)
    frame.of_pieces([(0, 2, Strip([Segment("xy")]))], 4, CONSOLE)
    assert frame.of_pieces([(0, 1, Strip([Segment(" ")]))], 4, CONSOLE) == "\x1b[1;2H "


def test_what_the_guard_shows_stays_in_its_piece() -> None:
    """A mark takes a cell where an invisible letter takes none: the piece beside it stays as it is."""
    frame = Frame()
    pieces = [(0, 0, Strip([Segment("a\u200bb")])), (0, 2, Strip([Segment("cd")]))]
    assert frame.of_pieces(pieces, 4, CONSOLE) == "\x1b[1;1Ha\ufffd\x1b[3Gcd"


def test_another_width_is_another_screen() -> None:
    """Nothing that was sent holds any more."""
    frame, strip = Frame(), Strip([Segment("abc")])
    frame.of_pieces([(0, 0, strip)], 10, CONSOLE)
    assert frame.of_pieces([(0, 0, strip)], 10, CONSOLE) == ""
    assert frame.of_pieces([(0, 0, strip)], 11, CONSOLE) == "\x1b[1;1Habc"
