"""One payment and all that it could be for, gathered from one snapshot of the store as plain rows, cheap to hand to a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from arqueue.cash.case import Policy
from arqueue.cash.habit import Habit
from arqueue.errors import ConfigInvalid, Invalid, Refused
from arqueue.model.ledger import Item
from arqueue.model.money import Money
from arqueue.model.people import Person
from arqueue.settings import CashSection
from data.broker.cash_requests import AdviceIn
from data.broker.gathered import DEBITS_SHOWN, Gathered, Senders
from data.broker.ledger import Ledger
from data.broker.reading import Reader
from data.store import aliases, cases, queue

_CREDITS_SHOWN = 500
_FOREIGN = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """The company's amounts by currency, read once."""

    cash: CashSection
    tolerance: Mapping[str, Money]
    charges: Mapping[str, Money]
    auto: Mapping[str, Money]

    @classmethod
    def of(cls, cash: CashSection) -> Terms:
        """Raises ConfigInvalid, naming the field."""
        return cls(
            cash,
            _amounts("cash.tolerance", cash.tolerance),
            _amounts("cash.charges", cash.charges),
            _amounts("cash.auto.limit", cash.auto.limit),
        )

    def policy(self, person: Person, ledger: Ledger) -> Policy:
        """The company's, made stricter by what this person may write off; nothing for a reason that the ledger does not have."""

        def stricter(amounts: Mapping[str, Money], reason: str) -> dict[str, Money]:
            limits = {currency: person.limit_for("adjust", currency, reason) for currency in amounts}
            return {
                currency: min(amount, limit)
                for currency, amount in amounts.items()
                if (limit := limits[currency]) is not None and limit.minor > 0
            }

        reasons = self.reasons(ledger)
        return Policy(
            budget_ms=self.cash.budget_ms,
            tolerance=stricter(self.tolerance, reasons["small"]) if "small" in reasons else {},
            tolerance_percent=self.cash.tolerance_percent,
            charges=stricter(self.charges, reasons["charges"]) if "charges" in reasons else {},
            grace_days=self.cash.grace_days,
        )

    def reasons(self, ledger: Ledger) -> dict[str, str]:
        """The reason codes of the company as its ledger spells them; one that the ledger does not have is left out."""
        spelled = {method.code.casefold(): method.code for method in ledger.methods}
        meant = {
            "discount": self.cash.discount_reason,
            "charges": self.cash.charges_reason,
            "small": self.cash.small_reason,
        }
        return {use: spelled[code.casefold()] for use, code in meant.items() if code.casefold() in spelled}


def _amounts(name: str, given: Mapping[str, str]) -> dict[str, Money]:
    found = {}
    for currency, text in given.items():
        try:
            amount = Money.parse(text, currency)
        except Invalid as error:
            raise ConfigInvalid(f"{name}.{currency}: {error.message}", error.hint) from None
        if amount.minor < 0:
            raise ConfigInvalid(f"{name}.{currency}: {text} is below zero", "write 0 for none")
        found[currency] = amount
    return found


def gather(
    reader: Reader,
    payment: Item,
    terms: Terms,
    ledger: Ledger,
    habit: Callable[[Reader, str], Habit],
    *,
    limit: int,
    payer: str | None = None,
    advice: AdviceIn | None = None,
) -> Gathered:
    """Everything for one open credit. Raises Refused for a debit, NotFound for an unknown payer."""
    if payment.is_debit:
        raise Refused(f"{payment.number} is not a payment or credit", "choose a payment", rule="credits only")
    party = reader.party(payment.party_id)
    unidentified = party is not None and party.code in terms.cash.unidentified
    account = reader.party_named(payer).id if payer else payment.party_id
    family = reader.family(account)
    currency = payment.residual.currency
    found = {
        side: cases.open_rows(reader.connection, family, side, currency, limit)
        for side, limit in (("debits", DEBITS_SHOWN), ("credits", _CREDITS_SHOWN + 1), ("foreign", _FOREIGN))
    }
    if unidentified and not payer:
        found["credits"] = []  # other strangers' money
    ids = [key for rows in found.values() for key, _ in rows]
    debits, credits, foreign = ([row for _, row in rows] for rows in found.values())
    total = len(debits)
    if total == DEBITS_SHOWN:
        total = cases.count_debits(reader.connection, family, currency)
    return Gathered(
        payment=cases.item_row(reader.connection, payment.id),
        account=account,
        debits=debits,
        credits=credits,
        foreign=foreign,
        debits_total=total,
        parties=cases.party_rows(reader.connection, [payment.party_id, *family]),
        overlay=queue.overlay(reader.connection, [payment.id, *ids]),
        today=reader.today,
        limit=limit,
        policy=terms.policy(reader.person, ledger),
        habit=habit(reader, account),
        reasons=terms.reasons(ledger),
        dispute_reasons=terms.cash.dispute_reasons,
        unidentified=unidentified,
        senders=_senders(reader, payment, terms.cash.unidentified) if unidentified else None,
        advice=(advice.name, advice.text) if advice else None,
    )


def _senders(reader: Reader, payment: Item, unidentified: Sequence[str]) -> Senders:
    (paid,) = queue.with_open(reader.connection, [payment])
    everybody = cases.everybody_but(reader.connection, unidentified)
    return Senders(
        names={key: name for key, _, name in everybody},
        codes={key: code for key, code, _ in everybody},
        aliases=aliases.known(reader.connection, "name"),
        accounts=aliases.known(reader.connection, "account"),
        equal_amounts=cases.equal_amounts(reader.connection, -paid.open.minor, paid.open.currency),
    )
