"""What an account says before its items: who it is, why it is in the queue, how old the debt is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from screens import words

if TYPE_CHECKING:
    from data.broker.protocol import Account, Ageing, QueueRow
    from data.broker.protocol.working import Attended

Pieces = list[tuple[str, str]]


def card(account: Account, width: int) -> Content:
    """Name and code, then what one must know before calling."""
    party = account["party"]
    pieces: Pieces = [(party["name"], "bold"), (f" · {party['code']}", "")]
    if party["suspicious"]:
        pieces.append(("  NAME HAS HIDDEN CHARACTERS: TRUST THE CODE", "bold reverse"))
    flags = [word for word, on in (("ON HOLD", party["on_hold"]), ("INACTIVE", not party["active"])) if on]
    for flag in flags:
        pieces += [("  ", ""), (flag, "bold reverse")]
    limit = party["credit_limit"]
    facts = [
        f"limit {words.money(limit, party['currency'] or '')}" if limit else "no credit limit",
        f"terms {party['terms']}" if party["terms"] else "",
        f"child of {_parent(account)}" if party["parent"] else "",
        *party["phones"][:1],
        *party["emails"][:1],
    ]
    pieces += [("\n", ""), (_joined([fact for fact in facts if fact], width), "dim")]
    return Content.assemble(*pieces)


def _parent(account: Account) -> str:
    parent = account["party"]["parent"]
    names = {row["id"]: row["name"] for row in account["family"]}
    return names.get(parent or "", parent or "")


def _joined(facts: list[str], width: int) -> str:
    while len(facts) > 1 and cell_len(" · ".join(facts)) > width:
        facts = facts[:-1]
    return " · ".join(facts)


def why(row: QueueRow | None, text: str, width: int) -> Content:
    """The work at hand, the reasons of its rank, and what the item's text says, in two lines at most."""
    if row is None:
        return Content("")
    reasons = [point["words"] for point in sorted(row["reasons"], key=lambda point: -point["points"])]
    state = "" if row["state"] == "open" or words.is_approval(row) else f"  {row['state'].upper()}"
    head = f"{words.work_kind(row)} {row['subject']}".strip()
    amount = words.money(row["amount"], row["currency"]) if words.is_something(row["amount"]) else ""
    said = text.replace("\n", " ")
    return Content.assemble(
        (head, "bold"),
        ("".join(f"  {part}" for part in (amount, words.days(row["age_days"])) if part), ""),
        (state, "bold reverse" if state else ""),
        ("\n" + "; ".join(reasons) if reasons else "", "dim"),
        ("\n" + words.fit(f'"{said}"', 2 * width).rstrip() if said else "", ""),
    )


def ageing(rows: list[Ageing], width: int, *, low: bool) -> Content:
    """Open debits by days past due; buckets and credits sum to the balance, currency by currency. On a ``low`` terminal in the
    fewest lines."""
    if not rows:
        return Content.styled("Nothing is open.", "dim")
    lines = _in_rows(rows, width)
    if not lines:
        flowing, columns = _flowing(rows, width), _in_columns(rows, width)
        lines = flowing if low and len(flowing) < len(columns) else columns
    pieces: Pieces = []
    for number, (text, style) in enumerate(lines):
        pieces += [("\n" if number else "", ""), (text, style)]
    return Content.assemble(*pieces)


def _titles(rows: list[Ageing]) -> list[str]:
    return [*(bucket["words"] for bucket in rows[0]["buckets"]), "credits", "balance"]


def _amounts(row: Ageing) -> list[str]:
    figures = [*(bucket["amount"] for bucket in row["buckets"]), row["credits"], row["balance"]]
    return [words.money(figure) for figure in figures]


def _in_rows(rows: list[Ageing], width: int) -> Pieces:
    """A currency a line; nothing when that does not fit."""
    table = [_titles(rows), *(_amounts(row) for row in rows)]
    cells = [max(map(cell_len, column)) + 2 for column in zip(*table, strict=True)]
    spare = (width - 3 - sum(cells)) // len(cells)
    if spare < 0:
        return []
    cells = [cell + min(spare, 4) for cell in cells]
    lines: Pieces = []
    for name, texts in zip(["", *(row["currency"] for row in rows)], table, strict=True):
        cut = "".join(words.fit_right(text, cell) for text, cell in zip(texts, cells, strict=True))
        lines.append((words.fit(name, 3) + cut, "" if name else "dim"))
    return lines


def _flowing(rows: list[Ageing], width: int) -> Pieces:
    """Title and amount one after another, in as many lines as it takes; what is nothing is left out."""
    lines: Pieces = []
    for row in rows:
        pairs = zip(_titles(rows), _amounts(row), strict=True)
        words_ = [f"{title} {amount}" for title, amount in pairs if amount.strip("0.") or title == "balance"]
        line = row["currency"]
        for pair in words_:
            longer = f"{line} · {pair}" if line.strip() != row["currency"] else f"{line} {pair}"
            if cell_len(longer) > width:
                lines.append((line, ""))
                longer = f"    {pair}"
            line = longer
        lines.append((line, ""))
    return lines


def _in_columns(rows: list[Ageing], width: int) -> Pieces:
    """A currency a column; the least come last and are counted when they do not fit."""
    titles = _titles(rows)
    first = max(map(cell_len, titles)) + 1
    cells = max(10, min(15, (width - first) // len(rows)))
    shown = rows[: max(1, (width - first) // cells)]
    head = "".join(words.fit_right(row["currency"], cells) for row in shown)
    lines: Pieces = [(words.fit("", first) + head, "dim")]
    for title, amounts in zip(titles, zip(*map(_amounts, shown), strict=True), strict=True):
        cut = "".join(words.fit_right(amount, cells) for amount in amounts)
        lines.append((words.fit(title, first) + cut, "bold" if title == "balance" else ""))
    if len(shown) < len(rows):
        lines.append((f"and {words.plural(len(rows) - len(shown), 'currency', 'currencies')} more", "dim"))
    return lines


def stands(attended: Attended) -> bool:
    """Whether there is anything to say of how a row stands."""
    return bool(attended["others"] or attended["claimed"] or attended["notes"])


def standing(attended: Attended | None, name_of: Callable[[str], str]) -> Content:
    """Who else is here, who claimed it, whose it is: a line each."""
    if attended is None:
        return Content("")
    lines: list[tuple[str, str]] = []
    if attended["others"]:
        verb = "is" if len(attended["others"]) == 1 else "are"
        lines.append((f"{' and '.join(map(name_of, attended['others']))} {verb} here too", "bold"))
    if attended["claimed"] and attended["claimed"] not in attended["others"]:
        lines.append((f"{name_of(attended['claimed'])} has claimed it", "bold"))
    lines += [(note, "") for note in attended["notes"]]
    pieces = [piece for line in lines for piece in (("\n", ""), line)]
    return Content.assemble(*pieces[1:])
