"""Who may have sent a payment whose sender is not known: by learned aliases and accounts, by name, by amount. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from arqueue.model.ledger import Item

_SHOWN: Final = 8
_LOOKED_AT: Final = 50
_ALIKE: Final = 75
"""Below, two names have only letters in common."""
_PLAINLY: Final = 92
"""With a name so like, names that only share words with it are not looked for, which takes five times as long."""
_LONGEST: Final = 400
_TELLING: Final = 6
"""A name this short that stands in a text may be any word."""
_AMOUNT_POINTS: Final = 30

_LEGAL_FORMS: Final = frozenset(
    "ab ag aps as asa bhd bv bvba co company corp corporation cv dba doo eg ehf eirl ek ev gbr ges gesmbh gie gmbh hf inc"
    " incorporated int kft kg kgaa kk limited llc llp lp ltd ltda mbh nv nyrt ohg oy oyj plc private pte pty pvt sa sab sae sagl"
    " sarl sas sasu sc sca scs sd sdn se sl slu snc spa spolka spzoo sro srl tbk ug uk usa zoo zrt"
    " and und et y e i de der the".split()
)
_JOINED: Final = re.compile(r"(?<=\b\w)[./](?=\w\b)|(?<=\b\w)\.")
"""Points and strokes within S.A., A/S, G.m.b.H."""
_APART: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class PayerGuess:
    """A customer who may have sent it; ``score`` from 0 to 100."""

    party_id: str
    score: int
    why: tuple[str, ...]
    alias: bool = False
    """By a name or an account that was learned before."""


@lru_cache(maxsize=200_000)
def folded(name: str) -> str:
    """A name as it is compared: no accents, no punctuation, no legal form, words in order."""
    plain = unicodedata.normalize("NFKD", name[:_LONGEST]).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    words = _APART.sub(" ", _JOINED.sub("", plain)).split()
    telling = [word for word in words if word not in _LEGAL_FORMS]
    return " ".join(sorted(telling or words))


def rank_payers(
    payment: Item,
    names: Mapping[str, str],
    *,
    aliases: Mapping[str, str],
    accounts: Mapping[str, str],
    equal_amounts: Mapping[str, int],
) -> list[PayerGuess]:
    """Customers by likelihood, at most eight. ``names`` by party id, 50,000 in about 30 ms once they are known; ``aliases`` and
    ``accounts`` lead from what was learned to a party id; ``equal_amounts`` says how many open items of a customer come to
    just this payment. Nobody is named for a payment that says nothing."""
    scores: dict[str, float] = {}
    why: dict[str, list[str]] = {}
    learned: set[str] = set()

    def speaks(party_id: str, score: float, words: str) -> None:
        scores[party_id] = max(scores.get(party_id, 0.0), score)
        why.setdefault(party_id, []).append(words)

    account = _token(payment.payer_account)
    by_account = {_token(each): party for each, party in accounts.items()}
    if account and (party := by_account.get(account, "")) in names:
        speaks(party, 100, "paid from this account before")
        learned.add(party)
    sender = folded(payment.payer)
    by_alias = {folded(each): party for each, party in aliases.items()}
    if sender and (party := by_alias.get(sender, "")) in names:
        speaks(party, 98, f"paid as {payment.payer} before")
        learned.add(party)
    for party, score in _by_name(sender, payment, names):
        how = "is" if score > 99 else "is like"
        speaks(
            party,
            score * 0.95,
            f"the sender {how} {names[party]}" if sender else f"the text names {names[party]}",
        )
    equal = {party: count for party, count in equal_amounts.items() if count > 0 and party in names}
    for party, count in equal.items():
        whole = (
            "the only one with an open item" if len(equal) == 1 else f"one of {len(equal)} with an open item"
        )
        points = _AMOUNT_POINTS / len(equal)
        if party in scores:
            points = min(points, 99.9 - scores[party]) if scores[party] < 99.9 else 0
        elif len(equal) > _SHOWN:
            continue
        scores[party] = scores.get(party, 0.0) + points
        why.setdefault(party, []).append(
            f"{whole} of just this amount" + (f", {count} of them" if count > 1 else "")
        )
    best = sorted(scores, key=lambda party: (-scores[party], names[party], party))[:_SHOWN]
    return [PayerGuess(party, round(scores[party]), tuple(why[party]), party in learned) for party in best]


def _by_name(sender: str, payment: Item, names: Mapping[str, str]) -> list[tuple[str, float]]:
    """Customers called like the sender; where none is given, those whose whole name stands in the text."""
    text = sender or folded(payment.text)
    if not text:
        return []
    known = {party: folded(name) for party, name in names.items()}
    if sender:
        close = process.extract(text, known, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=_LOOKED_AT)
        if not close or close[0][1] < _PLAINLY:
            close = process.extract(
                text, known, scorer=fuzz.token_ratio, score_cutoff=_ALIKE, limit=_LOOKED_AT
            )
        weighed = [
            (party, 0.6 * fuzz.token_sort_ratio(text, name) + 0.4 * score) for name, score, party in close
        ]
        return [(party, score) for party, score in weighed if score >= _ALIKE]
    words = set(text.split())
    held = [
        (party, name)
        for party, name in known.items()
        if len(name) >= _TELLING and words.issuperset(name.split())
    ]
    return [(party, min(90.0, 50.0 + 2 * len(name))) for party, name in held[:_LOOKED_AT]]


def _token(account: str) -> str:
    return _APART.sub("", account).upper()
