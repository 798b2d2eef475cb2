"""The status line and the bar of views as words with their weights and styles: told what there is, bound to no screen."""

from __future__ import annotations

from screens import words
from screens.cells import cell_len, set_cell_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.broker.protocol import OutboxStatus, Status, SyncStatus

SEPARATOR = " · "
STAYS = 9
"""The weight of what is wrong: it is cut rather than dropped."""
Part = tuple[str, int, str]
"""A text, how much it would be missed, its style."""
Piece = tuple[str, str]
"""A text and its style."""


class Shown:
    """What the list shows: ``total`` rows of ``of``, under which filter, how many marked, what came in above,
    whether there are more rows than that, and in which order."""

    __slots__ = ("above", "filter", "marked", "more", "of", "sort", "total")

    def __init__(
        self,
        total: int,
        of: int,
        search: str = "",
        marked: int = 0,
        above: int = 0,
        *,
        more: bool = False,
        sort: str = "rank",
    ) -> None:
        self.total, self.of, self.filter, self.marked, self.above = total, of, search, marked, above
        self.more, self.sort = more, sort


def sync_words(sync: SyncStatus, age_s: int | None) -> str:
    """How fresh the mirror is."""
    if age_s is None and sync["state"] in {"first", "pulling"}:
        return f"first sync: {words.count(sync['done'])} records so far"
    synced = f"synced {words.ago(age_s)}" if age_s is not None else "never synced"
    if sync["state"] == "pulling":
        rest = sync["remaining"]
        return f"{synced}, syncing" + (f" ({words.count(rest)} to go)" if rest else "")
    return synced


def outbox_words(outbox: OutboxStatus) -> str:
    """How many orders are not settled."""
    moving = outbox["pending"] + outbox["queued"] + outbox["sending"] + outbox["unknown"]
    notes = [f"{outbox[name]} {name}" for name in ("unknown", "failed") if outbox[name]]
    return f"outbox {moving}" + (f" ({', '.join(notes)})" if notes else "")


def of_list(shown: Shown) -> list[Part]:
    """How much of how much."""
    said = words.count(shown.total) + ("+" if shown.more else "")
    if shown.filter:
        said += f" of {words.count(shown.of)}"
    parts = [(said if shown.filter else words.plural(shown.total, "row"), 7, "")]
    if shown.filter:
        parts.append((f'filter "{shown.filter}"', 8, "bold"))
    if shown.sort != "rank":
        order = shown.sort.removeprefix("-")
        parts.append((f"order: {order}" + (", turned round" if order != shown.sort else ""), 8, "bold"))
    if shown.marked:
        parts.append((f"{words.count(shown.marked)} marked", 8, "bold"))
    if shown.above:
        parts.append((f"{words.count(shown.above)} new above", 6, "bold"))
    return parts


def of_broker(status: Status, age_s: int | None, last_ok: str) -> list[Part]:
    """How fresh, what is on its way, whether the ledger answers; ``last_ok`` is when it last did, in words."""
    sync = status["sync"]
    parts = [(sync_words(sync, age_s), 3, ""), (outbox_words(status["outbox"]), 5, "")]
    if sync["state"] == "failing":
        parts.append(
            ("ledger NOT REACHABLE" + (f" since {last_ok}" if last_ok else ""), STAYS, "bold reverse")
        )
    elif "error" in sync:  # the ledger answers; a restored store is still being compared with it
        parts.append((f"NO ORDERS YET: {sync['error']['message']}", STAYS, "bold reverse"))
    else:
        parts.append(("ledger reachable", 1, "dim"))
    return parts


def line(parts: Sequence[Part], width: int) -> list[Piece]:
    """What fits: the least missed goes first, what is wrong stays."""
    kept = list(parts)
    while len(kept) > 1 and cell_len(SEPARATOR.join(text for text, _, _ in kept)) > width:
        least = min(kept, key=lambda part: part[1])
        if least[1] >= STAYS:
            break
        kept.remove(least)
    pieces: list[Piece] = [(" ", "")]
    for place, (text, _, style) in enumerate(kept):
        pieces += [(SEPARATOR if place else "", "dim"), (text, style)]
    return cut(pieces, width + 1)


def bar(
    views: Sequence[tuple[str, str]],
    current: str,
    counts: Mapping[str, int],
    who: str,
    width: int,
    keys: Mapping[str, int] | None = None,
    around: str = "[ ]",
) -> list[Piece]:
    """``1 All 3,041  2 Unapplied 120 …``: those with a digit (``keys``, or the first nine) with it, with counts where they are
    known. Where room is short, the others are counted behind, ``+5 [ ]`` (``around``: the keys to them), and never the current
    one, which has a ``*`` before it, for who sees no colours. ``who`` one is stands at the end where there is room."""
    digits = keys or {view: place for place, (view, _) in enumerate(views[:9], start=1)}
    names = [
        " ".join(
            [
                *([str(digits[view])] if view in digits else []),
                title,
                *([words.count(counts[view])] if view in counts else []),
            ]
        )
        for view, title in views
    ]
    here = next((place for place, (view, _) in enumerate(views) if view == current), 0)
    first, last = _in_sight(names, here, width, around)
    pieces: list[Piece] = []
    for place in range(first, last):
        mark = "*" if place == here else " "
        style = "bold reverse" if place == here else "dim"
        pieces += [(f" {mark}" if place > first else mark, ""), (names[place], style)]
    if hidden := len(names) - (last - first):
        pieces += [("  ", ""), (f"+{hidden} {around}", "dim")]
    used = sum(cell_len(text) for text, _ in pieces)
    for name in (who, who.partition(" · ")[0]):
        if name and used + cell_len(name) + 3 <= width:
            pieces += [(" " * (width + 1 - used - cell_len(name)), ""), (name, "dim")]
            break
    return cut(pieces, width + 1)


def _in_sight(names: Sequence[str], here: int, width: int, around: str) -> tuple[int, int]:
    """Which of them fit, from the first one on where the current one is among those."""
    sizes = [cell_len(name) + 2 for name in names]
    if sum(sizes) - 2 <= width:
        return 0, len(names)
    room = width - len(f"+{len(names)} {around}")
    first = 0
    while first < here and sum(sizes[first : here + 1]) > room:
        first += 1
    last = here + 1
    while last < len(names) and sum(sizes[first : last + 1]) <= room:
        last += 1
    return first, last


def cut(pieces: Sequence[Piece], width: int) -> list[Piece]:
    """The pieces in at most so many cells, an ellipsis where something is missing."""
    if sum(cell_len(text) for text, _ in pieces) <= width:
        return list(pieces)
    kept: list[Piece] = []
    room = width - 1
    for text, style in pieces:
        kept.append((set_cell_size(text, min(room, cell_len(text))), style))
        room -= cell_len(kept[-1][0])
        if room <= 0:
            break
    return [*kept, ("…", kept[-1][1])] if width > 0 else []
