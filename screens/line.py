"""One line of a terminal, cell by cell: what it shows, and which runs of cells make another line of it.

Letters and looks are two texts with one character a cell: that compares quickly. What takes several cells, or is several
characters, is a sign of our own there; ``HALF`` stands for its further cells, so that no run begins inside of it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from screens.guard import seen_when_blank, shown, spelled

WORTH = 4
"""So many blanks at the end of a line are erased rather than written."""
NEAR = 5
"""So many cells are sent once more rather than stepped over."""
Run = tuple[int, int]
"""The first cell, and the one behind the last."""
Part = tuple[int, int, bool]
"""The same, and whether every terminal then has its cursor behind the last."""

UNKNOWN, HALF, ODD, MANY = "\0", "\1", "\U000f0000", 50_000
"""A cell of which nothing is known, a further cell of a letter, and the first of so many signs for letters."""
BLANK = BARE = " "
"""The letter that is none, and the look that is none."""
_LATIN = "".join(chr(code) for code in range(0xA1, 0x300) if chr(code).isprintable())
_SURE = frozenset(char for char in _LATIN if east_asian_width(char) != "A")
_a_cell_each = re.compile(
    f"[ -~{_LATIN}\u2010-\u2027\u2030-\u205e\u2190-\u2193\u2212\u2500-\u259f\ufffd]*"
).fullmatch
_doubtful = re.compile("[^\0 -~]+")
_alike = re.compile(r"(.)\1*", re.DOTALL)
_other = re.compile(rb"[^\0]+")
_letters: list[str] = []
_signs: dict[str, str] = {}
_dresses: dict[str, Style] = {}


class Line(NamedTuple):
    """What stands in the cells of a line."""

    letters: str
    looks: str

    @classmethod
    def unknown(cls, width: int) -> Line:
        """A line on which anything may stand."""
        return cls(UNKNOWN * width, BARE * width)

    def over(self, x: int, strip: Strip) -> Line:
        """The line with this over what stood at ``x``, guarded. Of a wide letter that loses one half the other is not known any
        more."""
        letters, looks, size = "", "", strip.cell_length
        for text, style, _ in strip:
            text = shown(text)
            if not (text.isascii() or _a_cell_each(text)):
                text = _by_cells(text)
            letters += text
            looks += _looks(text, style)
        if len(letters) != size:
            letters, looks = _cut_to(letters, size), looks[:size].ljust(size)
        width, end = len(self.letters), x + size
        first, last = self._lead(x), self._behind(end)
        letters = UNKNOWN * (x - first) + letters + UNKNOWN * (last - end)
        return Line(
            (self.letters[:first] + letters + self.letters[last:])[:width],
            (self.looks[:x] + looks + self.looks[end:])[:width],
        )

    def _lead(self, at: int) -> int:
        """Where the letter begins that stands in a cell."""
        while at and self.letters[at : at + 1] == HALF:
            at -= 1
        return at

    def _behind(self, at: int) -> int:
        """The first cell from there on in which a letter begins."""
        while self.letters[at : at + 1] == HALF:
            at += 1
        return at

    def runs(self, before: Line, first: int, last: int) -> tuple[list[Part], int | None]:
        """What has to be sent of the cells from ``first`` to before ``last``, where ``before`` is shown; and from which cell on
        the line is to be erased, if that is shorter."""
        changed = self._changed(before, first, last)
        doubts = self._doubts()
        blank = max(len(self.letters.rstrip(BLANK)), len(self.looks.rstrip(BARE)))
        start = max(blank, next((start for start, end in changed if end > blank), blank))
        if not changed or changed[-1][1] - start < WORTH:
            return _cut(self._joined(changed, doubts), doubts), None
        runs = self._joined([(x, min(end, start)) for x, end in changed if x < start], doubts)
        if runs and self._goes_on(runs[-1][1], blank):
            start = max(blank, runs[-1][1])
            runs[-1] = (runs[-1][0], start)
        return _cut(runs, doubts), start

    def _changed(self, before: Line, first: int, last: int) -> list[Run]:
        known, looked = before.letters[first:last], before.looks[first:last]
        letters, looks = self.letters[first:last], self.looks[first:last]
        if known.count(UNKNOWN) == last - first and UNKNOWN not in letters:
            return [(first, last)]
        others = _differences(known, letters) | _differences(looked, looks)
        found = _other.finditer(others.to_bytes(last - first, "little"))
        return [(first + each.start(), first + each.end()) for each in found]

    def _joined(self, changed: Iterable[Run], doubts: Sequence[Run]) -> list[Run]:
        """The runs that hold all these cells: whole letters, and what is nearer than a step of the cursor."""
        runs: list[Run] = []
        wide = HALF in self.letters
        for start, end in changed:
            if wide:
                start, end = self._lead(start), self._behind(end)
            if doubts:
                end = self._drawn_over(start, end, doubts)
            if runs and start - runs[-1][1] <= NEAR and self._goes_on(runs[-1][1], start):
                start, end = runs[-1][0], max(end, runs.pop()[1])
            runs.append((start, end))
        return runs

    def _goes_on(self, start: int, end: int) -> bool:
        """Whether it is cheaper to send these cells, in the look of the one before, than to step over them."""
        return (
            end - start <= NEAR
            and UNKNOWN not in self.letters[start:end]
            and not self.looks[start:end].strip(BARE + self.looks[start - 1])
        )

    def _drawn_over(self, start: int, end: int, doubts: Sequence[Run]) -> int:
        """The end of all that a terminal would draw over that takes each of these letters for a wider one."""
        reach = end
        for first, last in doubts:
            if first >= reach:
                break
            if last > start:
                reach = max(reach, 2 * last - max(first, start))
        reach = min(reach, len(self.letters))
        while end < reach and self.letters[end] != UNKNOWN:
            end = self._behind(end + 1)
        return end

    def _doubts(self) -> list[Run]:
        """Where letters stand together of which not every terminal thinks that they are as wide as we do."""
        if self.letters.isascii():
            return []
        found = _doubtful.finditer(self.letters)
        return [each.span() for each in found if not _SURE.issuperset(each[0])]

    def texts(self, start: int, end: int) -> Iterator[tuple[str, Style | None]]:
        """These cells as texts, and the look of each."""
        letters = self.letters
        for each in _alike.finditer(self.looks, start, end):
            text = letters[each.start() : each.end()]
            yield text if text.isascii() else _plain(text), _dresses.get(each[1])


def _differences(one: str, other: str) -> int:
    """A number with a byte for each cell, which is 0 where both are alike."""
    if one == other:
        return 0
    if one.isascii() and other.isascii():
        return _number(one.encode()) ^ _number(other.encode())
    both = [_number(text.encode("utf-32-le", "surrogatepass")) for text in (one, other)]
    differ = (both[0] ^ both[1]).to_bytes(4 * len(one), "little")
    return _number(differ[::4]) | _number(differ[1::4]) | _number(differ[2::4])


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _cut(runs: list[Run], doubts: Sequence[Run]) -> list[Part]:
    """The same in parts, each of which ends where a terminal may have another opinion of where the cursor stands."""
    if not doubts:
        return [(start, end, True) for start, end in runs]
    parts: list[Part] = []
    for start, end in runs:
        for _, last in doubts:
            if start < last < end:
                parts.append((start, last, False))
                start = last
        parts.append((start, end, all(last != end for _, last in doubts)))
    return parts


def _looks(text: str, style: Style | None) -> str:
    """The look of each cell. Blanks at the end in one that they do not show are simply blank."""
    look, seen = _look(style)
    if seen or look == BARE or text[-1:] != BLANK:
        return look * len(text)
    size = len(text.rstrip(BLANK))
    return look * size + BARE * (len(text) - size)


@functools.lru_cache(maxsize=4096)
def _look(style: Style | None) -> tuple[str, bool]:
    """The sign of a look, and whether it is seen on a blank."""
    said = spelled(style) if style is not None else None
    if said is None:
        return BARE, False
    sign = next(
        (sign for sign, dress in _dresses.items() if dress == said), chr(ord(BARE) + 1 + len(_dresses))
    )
    _dresses[sign] = said
    return sign, seen_when_blank(said)


def _cut_to(letters: str, size: int) -> str:
    """In so many cells: what the guard shows of a letter may take more of them than the letter, or fewer."""
    end = size
    while letters[end : end + 1] == HALF:
        end -= 1
    return letters[:end].ljust(size)


def _by_cells(text: str) -> str:
    """A text that is not one cell a character: each letter with what stands over it, and ``HALF`` for its further cells."""
    found: list[str] = []
    for char in text:
        cells = cell_len(char)
        if not cells and found:
            lead = next(at for at in range(len(found) - 1, -1, -1) if found[at] != HALF)
            found[lead] += char
        elif cells:
            found += [char, *[HALF] * (cells - 1)]
    size = cell_len(text)
    if len(found) != size:
        found = [text, *[HALF] * (size - 1)] if size else []
    return "".join(letter if len(letter) == 1 and letter < ODD else _sign(letter) for letter in found)


def _sign(letter: str) -> str:
    """A sign for a letter of several characters; once there are too many of them, for none."""
    if (sign := _signs.get(letter)) is None:
        if len(_letters) == MANY:
            return "\ufffd"
        sign = _signs[letter] = chr(ord(ODD) + len(_letters))
        _letters.append(letter)
    return sign


def _plain(text: str) -> str:
    """Letters as they are written."""
    text = text.replace(HALF, "")
    if max(text, default="") < ODD:
        return text
    return "".join(_letters[ord(char) - ord(ODD)] if char >= ODD else char for char in text)
