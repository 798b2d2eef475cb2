"""What the accounting system said of itself when it was last asked: kept, so that a broker that starts without it still knows."""

from __future__ import annotations

import json
from dataclasses import dataclass

from arqueue.model.ledger import AdjustmentMethod
from data.peers.contract import Capabilities, Idempotency, Operation, Support


@dataclass(frozen=True, slots=True)
class Ledger:
    """The company's name, what its ledger can do, how it writes off, and its own currency."""

    company: str
    capabilities: Capabilities
    methods: tuple[AdjustmentMethod, ...]
    currency: str

    @property
    def operations(self) -> frozenset[str]:
        """What may be ordered; an escalation or a dispute is ours and always possible."""
        return frozenset(op for op in self.capabilities.operations if self.capabilities.supports(op)) | {
            "escalate",
            "dispute",
            "resolve",
        }


NOTHING_KNOWN = Ledger(
    "",
    Capabilities(operations={}, overlap_s=600, tombstones=False, key_lifetime_s=None, flight_s=900),
    (),
    "EUR",
)
"""Before the first answer: the worst case."""


def to_text(ledger: Ledger) -> str:
    """As the store keeps it."""
    capabilities = ledger.capabilities
    return json.dumps(
        {
            "company": ledger.company,
            "currency": ledger.currency,
            "methods": [[each.id, each.code, each.name, each.account] for each in ledger.methods],
            "operations": {
                name: [
                    each.support.value,
                    each.idempotency.value,
                    each.explicit_amount,
                    each.many_debits,
                    each.server_guard,
                ]
                for name, each in sorted(capabilities.operations.items())
            },
            "overlap_s": capabilities.overlap_s,
            "tombstones": capabilities.tombstones,
            "key_lifetime_s": capabilities.key_lifetime_s,
            "flight_s": capabilities.flight_s,
            "cross_currency": capabilities.cross_currency,
            "listed": sorted(capabilities.listed),
            "writes_back": capabilities.writes_back,
        },
        sort_keys=True,
    )


def from_text(text: str) -> Ledger:
    """From what ``to_text`` wrote."""
    raw = json.loads(text)
    operations = {
        name: Operation(
            support=Support(support),
            idempotency=Idempotency(idempotency),
            explicit_amount=explicit,
            many_debits=many,
            server_guard=guarded,
        )
        for name, (support, idempotency, explicit, many, guarded) in raw["operations"].items()
    }
    capabilities = Capabilities(
        operations=operations,
        overlap_s=raw["overlap_s"],
        tombstones=raw["tombstones"],
        key_lifetime_s=raw["key_lifetime_s"],
        flight_s=raw["flight_s"],
        cross_currency=raw["cross_currency"],
        listed=frozenset(raw.get("listed", ())),
        writes_back=raw.get("writes_back", False),
    )
    methods = tuple(AdjustmentMethod(id=a, code=b, name=c, account=d) for a, b, c, d in raw["methods"])
    return Ledger(raw["company"], capabilities, methods, raw["currency"])
