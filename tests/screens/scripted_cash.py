"""What the scripted broker says of cash application: ways to apply a payment, and what an order would change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from arqueue.errors import NotFound, Refused
from tests.screens.company import Company

DISPUTE_REASONS = ["price", "quantity", "quality", "not delivered", "other"]
ZERO = Decimal(0)


def text(amount: Decimal) -> str:
    """An amount as it travels."""
    return f"{amount:.2f}"


def suggested_line(item: dict[str, Any], amount: str = "", **given: str) -> dict[str, Any]:
    """One item of a way, all that is open of it except as given."""
    line = {
        "item": item["id"],
        "number": item["number"],
        "kind": item["kind"],
        "party_id": item["party_id"],
        "amount": amount or item["open"],
        "discount": "0.00",
        "short": "0.00",
        "due_date": item["due_date"],
        "open": item["open"],
    }
    return line | given


def alias(number: int, party: dict[str, Any], spelled: str, **given: Any) -> dict[str, Any]:
    """A name by which payments of a customer are known, learned from Lee except as given."""
    row = {
        "id": f"a1ia5{number:07}",
        "alias": spelled,
        "kind": "name",
        "party_id": party["id"],
        "party_code": party["code"],
        "party": party["name"],
        "learned_by": "lee",
        "learned_at": "2026-09-12T08:00:00+00:00",
        "uses": 1,
        "last_used": "2026-09-12T08:00:00+00:00",
    }
    return row | given


def way(kind: str, lines: list[dict[str, Any]], left: str = "0.00", **given: Any) -> dict[str, Any]:
    """One way to apply a payment, with an even difference and the only one of its kind except as given."""
    row = {
        "rank": 1,
        "kind": kind,
        "lines": lines,
        "applied": text(sum((Decimal(line["amount"]) for line in lines), ZERO)),
        "left": left,
        "currency": "EUR",
        "difference": {"kind": "none", "amount": "0.00", "item": None},
        "answers": 1,
        "counted": True,
        "unique": given.get("answers", 1) == 1,
        "sure": False,
        "why": [],
    }
    return row | given


class CashAnswers:
    """The part of the scripted broker that knows of payments. Every attribute may be changed by a test."""

    company: Company

    def __init__(self) -> None:
        self.ways: list[dict[str, Any]] | None = None
        """The suggestions; worked out by reference and by age where a test gives none."""
        self.complete = True
        self.notes: list[str] = []
        self.discounts: list[dict[str, Any]] = []
        self.payers: list[dict[str, Any]] = []
        """Who may have sent a payment that nobody knows; where there are any it is unidentified."""
        self.dispute_reasons = list(DISPUTE_REASONS)
        self.applied: list[dict[str, Any]] = []
        """Allocations."""
        self.aliases: list[dict[str, Any]] = []
        """By what payers are known."""

    def on_aliases(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """Those of a customer, or of all."""
        party = params.get("party")
        return [row for row in self.aliases if party in (None, row["party_id"])][: params["limit"]]

    def on_forget_alias(self, params: dict[str, Any]) -> dict[str, Any]:
        """Strike one out."""
        for row in self.aliases:
            if row["id"] == params["id"]:
                self.aliases.remove(row)
                return row
        raise NotFound(f"there is no alias {params['id']!r}", "see `arqueue alias list`")

    def on_suggest(self, params: dict[str, Any]) -> dict[str, Any]:
        """Ways to apply a payment, and all that it could be applied to."""
        payment = self.company.items[params["payment"]]
        if not payment["open"].startswith("-"):
            raise Refused(f"{payment['number']} is not a payment or credit", "choose a payment")
        mine = [row for row in self.company.items_of(payment["party_id"]) if row["id"] != payment["id"]]
        debits = [row for row in mine if not row["open"].startswith("-")]
        ways = self.ways if self.ways is not None else self._ways(payment, debits)
        return {
            "payment": payment,
            "suggestions": [row | {"rank": rank} for rank, row in enumerate(ways, 1)][: params["limit"]],
            "complete": self.complete,
            "notes": self.notes,
            "debits": debits[:5000],
            "debits_total": len(debits),
            "credits": [row for row in mine if row["open"].startswith("-")],
            "discounts": self.discounts,
            "payers": self.payers,
            "unidentified": bool(self.payers),
            "tolerance": "2.00",
            "charges": "25.00",
            "reasons": {"discount": "DISCOUNT", "charges": "CHARGES", "small": "SMALL"},
            "dispute_reasons": self.dispute_reasons,
        }

    def _ways(self, payment: dict[str, Any], debits: list[dict[str, Any]]) -> list[dict[str, Any]]:
        named = [row for row in debits if row["number"] in payment["text"]]
        found = []
        for kind, rows, why in (
            ("reference", named, "the text names both invoices"),
            ("oldest", debits, "oldest due first"),
        ):
            if rows:
                found.append(_filled(kind, rows, payment, why))
        return found

    def on_find(self, params: dict[str, Any]) -> dict[str, Any]:
        """Customers by name or code, items by number."""
        words = params["text"].lower()
        parties = [
            row
            for row in self.company.parties.values()
            if words in row["name"].lower() or words in row["code"].lower()
        ]
        items = [row for row in self.company.items.values() if words in row["number"].lower()]
        return {"parties": parties[: params["limit"]], "items": items[: params["limit"]]}

    def applied_to(self, item: str) -> list[dict[str, Any]]:
        """The allocations of an item."""
        return [row for row in self.applied if item in (row["credit_item"], row["debit_item"])]

    def _allocation(self, identity: str) -> dict[str, Any]:
        for row in self.applied:
            if row["id"] == identity:
                return row
        raise NotFound("there is no such allocation", "see what is applied")

    # Orders

    def changes(self, command: dict[str, Any]) -> dict[str, Decimal]:
        """By how much each item's open amount moves, signed."""
        match command["op"]:
            case "apply" | "settle":
                return self._settled(command)
            case "adjust":
                sign = 1 if self.company.items[command["item"]]["open"].startswith("-") else -1
                return {command["item"]: sign * Decimal(command["amount"])}
            case "unapply" | "move":
                row = self._allocation(command["allocation"])
                amount = Decimal(row["amount"])
                if command["op"] == "move":
                    return {row["debit_item"]: amount, command["to"]: -amount}
                return {row["credit_item"]: -amount, row["debit_item"]: amount}
            case _:
                return {}

    def _settled(self, command: dict[str, Any]) -> dict[str, Decimal]:
        moved: dict[str, Decimal] = {}
        paid = ZERO
        for line in command["lines"]:
            amount, short = Decimal(line["amount"]), line.get("short")
            paid += amount
            moved[line["item"]] = -amount - Decimal(line.get("discount", "0"))
            if short and short["how"] == "writeoff":
                moved[line["item"]] = -Decimal(self.company.items[line["item"]]["open"])
        for credit in command.get("credits", []):
            moved[credit["item"]] = Decimal(credit["amount"])
            paid -= Decimal(credit["amount"])
        return moved | {command["payment"]: paid}

    def parts(self, command: dict[str, Any]) -> list[str]:
        """The commands of an order, in words."""
        number = {row["id"]: row["number"] for row in self.company.items.values()}
        match command["op"]:
            case "apply" | "settle":
                amount = sum((Decimal(line["amount"]) for line in command["lines"]), ZERO)
                to = ", ".join(number[line["item"]] for line in command["lines"])
                said = [f"apply {amount:,} EUR of {number[command['payment']]} to {to}"]
                for line in command["lines"]:
                    said += _beside(line, number[line["item"]])
                return said
            case "adjust":
                return [f"adjust {number[command['item']]} by {command['amount']} EUR as {command['reason']}"]
            case "unapply":
                return [f"unapply {command['allocation']}"]
            case "move":
                return [f"unapply {command['allocation']}", f"apply it to {number[command['to']]}"]
            case "dispute":
                return [f"dispute {number[command['item']]}: {command['reason']}"]
            case "resolve":
                return [f"resolve the dispute on {number[command['item']]} as {command['outcome']}"]
            case "identify":
                party = self.company.parties[command["party"]]
                return [f"move {number[command['payment']]} to {party['code']}"]
            case "annotate":
                return [f"note on {number.get(command['target'], command['target'])}"]
            case _:
                return [f"escalate {number.get(command['target'], command['target'])} to {command['to']}"]

    def target(self, command: dict[str, Any]) -> str:
        """What an order is about."""
        if "allocation" in command:
            return str(self._allocation(command["allocation"])["credit_item"])
        return str(command.get("payment") or command.get("item") or command["target"])


def _beside(line: dict[str, Any], number: str) -> list[str]:
    said = [f"adjust {number} by {line['discount']} EUR (DISCOUNT)"] if "discount" in line else []
    short = line.get("short", {"how": "open"})
    if short["how"] == "dispute":
        said.append(f"dispute the rest of {number}: {short['reason']}")
    elif short["how"] == "writeoff":
        said.append(f"write the rest of {number} off as {short['reason']}")
    return said


def _filled(kind: str, rows: list[dict[str, Any]], payment: dict[str, Any], why: str) -> dict[str, Any]:
    left, short, lines = -Decimal(payment["open"]), ZERO, []
    for row in rows:
        take = min(left, Decimal(row["open"]))
        if take > 0:
            left -= take
            short = Decimal(row["open"]) - take
            lines.append(suggested_line(row, text(take), short=text(short)))
    kinds = ("over", left) if left else ("short", short) if short else ("none", ZERO)
    difference = {"kind": kinds[0], "amount": text(kinds[1]), "item": lines[-1]["item"] if short else None}
    return way(kind, lines, text(left), difference=difference, why=[why])
