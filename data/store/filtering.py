"""A filter as a condition of SQL over the aliases ``work`` and ``party``; what was typed is only ever a bound parameter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from arqueue.model.currency import EXPONENTS
from arqueue.model.people import Person
from arqueue.model.work import WorkKind
from arqueue.work.filter import Condition, Filter, Op, Term, Value, Word
from data.store import remarks
from data.store.ranking import SORT
from data.store.searching import SHORTEST, Looking, holding, like, said

Values = tuple[Any, ...]
Part = tuple[str, Values]

_TELLS: Final = "kind IN ('failure', 'escalation')"
"""Rows whose own words are nowhere else."""
_SCALE: Final = 4
"""No currency has more decimals: amounts of all are compared as so many."""


def clause(
    filter_: Filter, today: date, person: Person, *, looking: Looking = None, one_by_one: bool = False
) -> Part:
    """The condition and its values; ``1`` for a filter without terms. ``today`` is the business date that ages count from,
    ``person`` whom ``me`` means. The same rows satisfy it either way: it finds all of them by the index of texts (quicker
    ``looking`` at the store whose index that is), or ``one_by_one`` looks at the texts of each row that it is asked about."""
    parts: list[str] = []
    values: list[Any] = []
    for term in filter_.terms:
        if one_by_one and (near := _near(term)):
            sql, bound = near
        else:
            sql, bound = _term(term, today, person, looking)
        parts.append(f"NOT coalesce({sql}, 0)" if term.negated else sql)
        values += bound
    return " AND ".join(parts) or "1", tuple(values)


def _term(term: Term, today: date, person: Person, looking: Looking) -> Part:
    if isinstance(term, Word):
        return _rows_with(term.text, looking)
    values = term.values
    match term.key:
        case "kind":
            promised = [(f"{SORT} = 'promise'", ())] if WorkKind.PROMISE in values else []
            return _any([_one_of("work.kind", values), *promised])
        case "currency":
            return _one_of("work.currency", values)
        case "owner":
            return _one_of("work.assignee", [person.id if value == "me" else value for value in values])
        case "amount":
            return _compared(_AMOUNT, term.op, [_scaled(value) for value in values])
        case "age" | "late":
            return _back(term, "work.since" if term.key == "age" else "work.due", today)
        case "due":
            return _compared("work.due", term.op, [_iso(value) for value in values])
        case "score":
            return _compared("work.score", term.op, values)
    holds = {"party": _parties, "note": _noted, "tag": _tagged}[term.key]
    return _any(holds(value) for value in values)


# ---- words


def _rows_with(word: str, looking: Looking) -> Part:
    """Rows that hold the word: by their customer, their documents (those of an account's row as well), notes on either, or what a
    failure or an escalation says itself."""
    if len(word) < SHORTEST:
        # an index of trigrams does not know it, and a million documents are not read for a letter
        return _any([_parties(word), _subject(word), *_named(word)])
    found = [
        holding("item", word, "id, party_id, state = 'open' AND residual <> 0 AS open", looking),
        _notes(word, looking),
        holding("party", word, "id", looking),
    ]
    (items, of_items), (notes, of_notes), (parties, of_parties) = found
    rows = (
        f"work.seq IN (WITH document AS MATERIALIZED ({items}), noted AS MATERIALIZED ({notes})"
        " SELECT row.seq FROM (SELECT DISTINCT party_id FROM document WHERE open) AS held"
        "  CROSS JOIN work AS row ON row.party_id = held.party_id AND row.item_id IS NULL"
        " UNION ALL SELECT row.seq FROM document CROSS JOIN work AS row ON row.item_id = document.id"
        f" UNION ALL SELECT row.seq FROM ({parties}) AS customer CROSS JOIN work AS row ON row.party_id = customer.id"
        " UNION ALL SELECT row.seq FROM noted CROSS JOIN work AS row ON row.party_id = noted.target"
        " UNION ALL SELECT row.seq FROM noted CROSS JOIN work AS row ON row.item_id = noted.target"
        " UNION ALL SELECT row.seq FROM noted CROSS JOIN item ON item.id = noted.target"
        "  CROSS JOIN work AS row ON row.party_id = item.party_id AND row.item_id IS NULL"
        f" UNION ALL SELECT row.seq FROM work AS row WHERE row.{_TELLS} AND row.subject LIKE ? ESCAPE '\\')"
    )
    about = (rows, (*of_items, *of_notes, *of_parties, like(word)))
    named = _named(word)
    # alone it drives the search by the row's number; beside another condition every row is looked at
    return _any([about, *named]) if named else about


def _near(term: Term) -> Part | None:
    """The same about one row, by what hangs on it; None for a term that costs no more the usual way."""
    if isinstance(term, Condition):
        return _any(said("party", str(value)) for value in term.values) if term.key == "party" else None
    word = term.text
    customer, of_customer = said("party", word)
    if len(word) < SHORTEST:
        return _any([(customer, of_customer), _subject(word), *_named(word)])
    document, of_document = said("item", word)
    note, of_note = said("note", word)
    ours, of_ours = remarks.said(word)
    subject, of_subject = _subject(word)
    own = f"EXISTS (SELECT 1 FROM item WHERE item.id = work.item_id AND {document})"
    held = f"EXISTS (SELECT 1 FROM item WHERE item.party_id = work.party_id AND state = 'open' AND residual <> 0 AND {document})"
    noted = f"EXISTS (SELECT 1 FROM note WHERE note.target IN (work.party_id, work.item_id) AND {note})"
    beside = f"SELECT item.party_id FROM note CROSS JOIN item ON item.id = note.target WHERE {note}"
    written = (
        f"EXISTS (SELECT 1 FROM command WHERE command.target IN (work.party_id, work.item_id) AND {ours})"
    )
    nearby = f"SELECT item.party_id FROM command CROSS JOIN item ON item.id = command.target WHERE {ours}"
    parts: list[Part] = [
        (customer, of_customer),
        (own, of_document),
        (f"work.item_id IS NULL AND {held}", of_document),
        (noted, of_note),
        (f"work.item_id IS NULL AND work.party_id IN ({beside})", of_note),
        (written, of_ours),
        (f"work.item_id IS NULL AND work.party_id IN ({nearby})", of_ours),
        (f"work.{_TELLS} AND {subject}", of_subject),
    ]
    return _any([*parts, *_named(word)])


def _subject(word: str) -> Part:
    return "work.subject LIKE ? ESCAPE '\\'", (like(word),)


def _named(word: str) -> list[Part]:
    """Rows whose kind or currency the word is."""
    kinds = [kind.value for kind in WorkKind if word.casefold() in kind.value and len(word) >= SHORTEST]
    parts = [_one_of("work.kind", kinds)] if kinds else []
    if word.upper() in EXPONENTS:
        parts.append(("work.currency = ?", (word.upper(),)))
    return parts


def _parties(word: Value | None) -> Part:
    found, values = holding("party", str(word), "id")
    return f"work.party_id IN ({found})", values


def _notes(word: str, looking: Looking = None) -> Part:
    """What notes of the ledger and remarks under way are on."""
    (notes, of_notes), (ours, of_ours) = holding("note", word, "target", looking), remarks.holding(word)
    return f"{notes} UNION ALL {ours}", (*of_notes, *of_ours)


def _noted(word: Value | None) -> Part:
    """Rows with a note on the customer, on the row's document, or on one of an account's."""
    found, values = _notes(str(word))
    of_items = f"SELECT item.party_id FROM ({found}) AS found JOIN item ON item.id = found.target"
    sql = (
        f"(work.party_id IN ({found}) OR work.item_id IN ({found})"
        f" OR work.item_id IS NULL AND work.party_id IN ({of_items}))"
    )
    return sql, values * 3


def _tagged(tag: Value | None) -> Part:
    if tag is None:
        return "coalesce(work.tags, '') = ''", ()
    return "' ' || work.tags || ' ' LIKE ? ESCAPE '\\'", (like(f" {tag} "),)


# ---- facts


def _one_of(column: str, values: Sequence[Value | None]) -> Part:
    """One of these; None is a row that has none."""
    known = [value for value in values if value is not None]
    parts: list[Part] = []
    if known:
        parts.append((f"{column} IN ({', '.join('?' * len(known))})", tuple(known)))
    if len(known) < len(values):
        parts.append((f"{column} IS NULL", ()))
    return _any(parts)


def _any(parts: Iterable[Part]) -> Part:
    given = list(parts)
    return f"({' OR '.join(sql for sql, _ in given) or 0})", tuple(v for _, bound in given for v in bound)


def _compared(fact: str, op: Op, values: Sequence[Any]) -> Part:
    if op is Op.IS:
        return _one_of(fact, values)
    if op is Op.RANGE:
        return f"{fact} BETWEEN ? AND ?", tuple(values)
    return f"{fact} {op.value} ?", tuple(values)


_TURNED: Final = {Op.MORE: Op.LESS, Op.LESS: Op.MORE, Op.AT_LEAST: Op.AT_MOST, Op.AT_MOST: Op.AT_LEAST}


def _back(term: Condition, column: str, today: date) -> Part:
    """Days that passed since a date: the more, the earlier it is."""
    days = [(today - timedelta(days=int(value))).isoformat() for value in term.values]  # type: ignore[arg-type]
    if term.op is Op.RANGE:
        days.reverse()
    return _compared(column, _TURNED.get(term.op, term.op), days)


def _iso(value: Value | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else None


def _scaled(value: Value | None) -> int:
    assert isinstance(value, Decimal)
    return int(value.scaleb(_SCALE))


def _units() -> str:
    """The factor that gives an amount of each currency four decimals."""
    by_digits: dict[int, list[str]] = {}
    for code, digits in EXPONENTS.items():
        by_digits.setdefault(digits, []).append(f"'{code}'")
    cases = [
        f"WHEN work.currency IN ({', '.join(codes)}) THEN {10 ** (_SCALE - digits)}"
        for digits, codes in sorted(by_digits.items())
        if digits != 2
    ]
    return f"CASE {' '.join(cases)} ELSE 100 END"


_AMOUNT: Final = f"abs(work.amount) * {_units()}"
