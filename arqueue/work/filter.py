"""The filter line: words that a row must hold, and tests such as ``kind:dispute amount>5000 due<2026-10-01 -tag:agency``.

A filter is read into terms that say nothing of SQL; ``data.store.filtering`` makes a condition of them. Its spelling is
canonical: ``parse(str(parse(text))) == parse(text)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from arqueue.errors import Invalid
from arqueue.model.currency import EXPONENTS
from arqueue.model.work import WorkKind

LENGTH_CAP: Final = 500
"""Characters of a filter: a line that nobody can read any more is a mistake."""
TERMS_CAP: Final = 30
WORD: Final = 3
"""Words of fewer characters are looked for in names, codes and subjects only."""
VALUES_CAP: Final = 20
Value = str | int | Decimal | date


class Op(StrEnum):
    """How a value is compared; ``RANGE`` includes both ends."""

    IS = ":"
    LESS = "<"
    MORE = ">"
    AT_MOST = "<="
    AT_LEAST = ">="
    RANGE = ".."


class FilterInvalid(Invalid):
    """A filter that cannot be read. ``offset`` is the character at which it goes wrong, counted from 0."""

    def __init__(self, words: str, hint: str, offset: int) -> None:
        super().__init__(f"filter: {words}", hint)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Word:
    """A text that the row, its customer, its documents or their notes must hold; ``negated``: must not."""

    text: str
    negated: bool = False

    def __str__(self) -> str:
        return ("-" if self.negated else "") + _quoted(self.text)


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one fact. Several values mean any of them; ``RANGE`` has two. Amounts are in units of the row's own
    currency and without a sign, ages in days, dates are business dates. ``None`` is written ``none``."""

    key: str
    op: Op
    values: tuple[Value | None, ...]
    negated: bool = False

    def __str__(self) -> str:
        spelled = [_spelled(value) for value in self.values]
        said = f":{'..'.join(spelled)}" if self.op is Op.RANGE else f"{self.op}{','.join(spelled)}"
        return f"{'-' if self.negated else ''}{self.key}{said}"


Term = Word | Condition


@dataclass(frozen=True, slots=True)
class Filter:
    """All terms must hold; without any every row is shown."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        return " ".join(str(term) for term in self.terms)

    def __bool__(self) -> bool:
        return bool(self.terms)

    def without(self, *terms: Term) -> Filter:
        """The same but for these terms: a wider one."""
        return Filter(tuple(term for term in self.terms if term not in terms))

    def narrows(self, other: Filter) -> bool:
        """Whether every row that satisfies this one surely satisfies the other: it was typed on, or has a term more."""
        return all(any(_implies(mine, term) for mine in self.terms) for term in other.terms)


def strangers(filter_: Filter, people: Collection[str]) -> list[str]:
    """Owners in it whom the company does not name. What somebody has who left is still found, so that is no mistake."""
    owners = (term for term in filter_.terms if isinstance(term, Condition) and term.key == "owner")
    return [str(value) for term in owners for value in term.values if value not in (None, "me", *people)]


def _implies(term: Term, wider: Term) -> bool:
    if not isinstance(term, Word) or not isinstance(wider, Word) or term.negated or wider.negated:
        return term == wider
    # a short word is looked for elsewhere; one of three letters may be a currency
    return len(wider.text) >= WORD and term.text.startswith(wider.text)


def parse(text: str) -> Filter:
    """Read a filter. Raises FilterInvalid, naming the word, its place and the remedy."""
    if len(text) > LENGTH_CAP:
        raise FilterInvalid(
            f"it has {len(text):,} characters, and at most {LENGTH_CAP} are read",
            "shorten it, or save a view of a part and filter in that",
            LENGTH_CAP,
        )
    for place, char in enumerate(text):
        if char == "\0" or "\ud800" <= char <= "\udfff":
            raise FilterInvalid(
                f"character {place + 1} is NUL or half a character", "type the words anew", place
            )
    terms = dict.fromkeys(_term(token) for token in tokens(text))
    if len(terms) > TERMS_CAP:
        raise FilterInvalid(f"it has {len(terms)} terms, at most {TERMS_CAP} are read", "leave some out", 0)
    return Filter(tuple(terms))


# ---- tokens


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the line between blanks. ``quotes`` are the characters of ``text`` that stood in quotes."""

    start: int
    end: int
    text: str
    quotes: frozenset[int]
    closed: bool = True


def tokens(text: str) -> Iterator[Token]:
    """The pieces of a line; in quotes a blank is a character like others, and a backslash takes the next one as it is."""
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        token = _token(text, place)
        yield token
        place = token.end


def _token(text: str, start: int) -> Token:
    chars: list[str] = []
    quotes: set[int] = set()
    place, inside = start, False
    while place < len(text) and (inside or not text[place].isspace()):
        char = text[place]
        if char == '"':
            inside = not inside
        else:
            if char == "\\" and inside and text[place + 1 : place + 2] in ('"', "\\"):
                place += 1
                char = text[place]
            if inside:
                quotes.add(len(chars))
            chars.append(char)
        place += 1
    return Token(start, place, "".join(chars), frozenset(quotes), not inside)


_SPLIT = re.compile(r"(-?)([^:<>=]*)(>=|<=|:|=|<|>)")
_BARE = re.compile(r"[^\s\"\\:<>=,-][^\s\"\\:<>=,]*")


def _quoted(text: str) -> str:
    if _BARE.fullmatch(text) and text.casefold() not in ALONE and text != "none":
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _term(token: Token) -> Term:
    if not token.closed:
        raise FilterInvalid(
            f"the quote at character {token.start + 1} is not closed", 'end it with "', token.start
        )
    found = _SPLIT.match(token.text)
    # an operator in quotes is text; so is one before which nothing stands
    if found is None or token.quotes & set(range(*found.span(3))):
        return _word(token)
    negation, key, op = found.groups()
    name = ALIASES.get(key.casefold(), key.casefold())
    if name not in KEYS:
        raise _unknown_key(key, token)
    return _test(KEYS[name], Op.IS if op == "=" else Op(op), token, found.end(), negated=bool(negation))


def _word(token: Token) -> Term:
    text = token.text
    negated = len(text) > 1 and text[0] == "-" and 0 not in token.quotes
    text = text[negated:]
    if not text:
        raise FilterInvalid(
            f"nothing stands between the quotes at character {token.start + 1}",
            "write a word, or take them away",
            token.start,
        )
    if not token.quotes and text.casefold() in ALONE:
        return Condition(*ALONE[text.casefold()], negated=negated)
    return Word(text, negated)


def _unknown_key(key: str, token: Token) -> FilterInvalid:
    near = get_close_matches(key.casefold(), [*KEYS, *ALIASES], 1)
    meant = f"{near[0]}: is one; " if near else ""
    return FilterInvalid(
        f'there is nothing called "{key}" to test, at character {token.start + 1}',
        f"{meant}there are {', '.join(KEYS)}; in quotes it is a word to look for",
        token.start,
    )


# ---- tests


@dataclass(frozen=True, slots=True)
class Key:
    """What can be tested. ``read`` makes a value of a text or raises ValueError with the remedy; ``ordered`` facts can be
    compared, and ``none`` stands for having none where that is possible."""

    name: str
    words: str
    read: Callable[[str], Value]
    ordered: bool = False
    none: bool = False


def _kind(text: str) -> str:
    found = KIND_NAMES.get(text.casefold())
    if found is None:
        raise ValueError(f"the kinds are {', '.join(WorkKind)}")
    return found


def _amount(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,4})?", text):
        raise ValueError("write an amount as 5000 or 5000.50, without a currency or separators")
    amount = Decimal(text)
    return amount.quantize(Decimal(1)) if amount == amount.to_integral() else amount.normalize()


def _days(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,5}", text):
        raise ValueError("write a number of days such as 60")
    return int(text)


def _points(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise ValueError("write a number of points such as 100")
    return int(text)


def _day(text: str) -> date:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError("write a date as 2026-10-01")


def _currency(text: str) -> str:
    if text.upper() not in EXPONENTS:
        raise ValueError("write the ISO 4217 code of a currency, such as EUR")
    return text.upper()


def _text(text: str) -> str:
    return text


def _person(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_.-]{0,31}", text.casefold()):
        raise ValueError("write a person's id, me, or none")
    return text.casefold()


KEYS: Final = {
    key.name: key
    for key in (
        Key("kind", "kind of work", _kind),
        Key("amount", "size, in units of its own currency", _amount, ordered=True),
        Key("age", "days since it became work", _days, ordered=True),
        Key("due", "oldest due date", _day, ordered=True, none=True),
        Key("late", "days past due", _days, ordered=True),
        Key("currency", "currency", _currency),
        Key("party", "customer's name or code", _text),
        Key("owner", "whose work it is: an id, me, none", _person, none=True),
        Key("tag", "tag", _text, none=True),
        Key("score", "points", _points, ordered=True),
        Key("note", "text of a note", _text),
    )
}
ALIASES: Final = {
    "customer": "party",
    "cur": "currency",
    "assignee": "owner",
    "tags": "tag",
    "points": "score",
}
ALONE: Final[dict[str, tuple[str, Op, tuple[Value | None, ...]]]] = {"mine": ("owner", Op.IS, ("me",))}
KIND_NAMES: Final = {
    **{kind.value: kind.value for kind in WorkKind},
    "unapplied": "payment",
    "payments": "payment",
    "disputes": "dispute",
    "promises": "promise",
    "credits": "credit",
    "failures": "failure",
    "escalated": "escalation",
    "escalations": "escalation",
}


def _test(key: Key, op: Op, token: Token, at: int, *, negated: bool) -> Condition:
    if op is not Op.IS and not key.ordered:
        raise FilterInvalid(
            f"{key.name} has no order, at character {token.start + at}",
            f"write {key.name}:value",
            token.start + at - len(op),
        )
    texts = _values(token, at)
    if op is Op.IS and key.ordered and len(texts) == 1 and ".." in texts[0][0]:
        op, texts = Op.RANGE, [(end, False) for end in texts[0][0].split("..", 1)]
    elif op is not Op.IS and len(texts) > 1:
        raise FilterInvalid(
            f"{key.name}{op} takes one value, at character {token.start + at + 1}",
            f"several values go with {key.name}:a,b",
            token.start + at,
        )
    if len(texts) > VALUES_CAP:
        raise FilterInvalid(
            f"{key.name} has {len(texts)} values, at most {VALUES_CAP} are read",
            "leave some out",
            token.start,
        )
    none = key.none and op is Op.IS
    values = [_value(key, text, token, at, none=none and not quoted) for text, quoted in texts]
    if op is Op.RANGE and values[0] > values[1]:  # type: ignore[operator]  # both of the key's own kind
        first, last = texts[0][0], texts[1][0]
        raise FilterInvalid(
            f"{first}..{last} is upside down, at character {token.start + at + 1}",
            f"write {key.name}:{last}..{first}",
            token.start + at,
        )
    return Condition(key.name, op, tuple(dict.fromkeys(values)) if op is Op.IS else tuple(values), negated)


def _values(token: Token, at: int) -> list[tuple[str, bool]]:
    """The values behind the operator, and whether each stood in quotes; a comma in quotes is part of one."""
    text, quotes = token.text, token.quotes
    starts = [
        at,
        *(place + 1 for place in range(at, len(text)) if text[place] == "," and place not in quotes),
    ]
    ends = [*(start - 1 for start in starts[1:]), len(text)]
    return [(text[start:end], start in quotes) for start, end in zip(starts, ends, strict=True)]


def _value(key: Key, text: str, token: Token, at: int, *, none: bool) -> Value | None:
    if not text:
        raise FilterInvalid(
            f"{key.name} needs a value, at character {token.end}", f"{key.name} is the {key.words}", token.end
        )
    if none and text.casefold() == "none":
        return None
    try:
        return key.read(text)
    except ValueError as error:
        words = f'"{text}" is no {key.name}, at character {token.start + at + 1}'
        raise FilterInvalid(words, str(error), token.start + at) from None


def _spelled(value: Value | None) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return _quoted(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
