"""Company, chart of accounts, years, journals, terms, write-off methods, dunning levels: what must be there before a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from data.demo.tryton.seeding.ledger import Ledger

CHART = "account.account_template_root_en"
RECEIVABLE = "1.2.1"
CASH = "1.1.1"
REVENUE = "4.1.1"
EXCHANGE = "6.2.1"
DISCOUNT = "DISC Cash discount"
METHODS = (
    # Name of the write-off method, its code first, and the account it books to.
    ("SMALL Small balance", "6.1.2"),
    (DISCOUNT, "4.3.1"),
    ("FEE Bank charges", "5.2.2"),
    ("BAD Bad debt", "5.2.3"),
    ("CURR Exchange difference", EXCHANGE),
    ("FREIGHT Freight allowance", "5.1.3"),
    ("DEDUCT Customer deduction", "4.3.2"),
    ("PRICE Price adjustment", "4.3.3"),
    ("TAX Withholding tax", "6.3.11"),
)
RETURNS = "Returned payments"


@dataclass(slots=True)
class Chart:
    """The identifiers that documents need."""

    company: int
    currency: str
    rates: dict[str, Decimal]
    """What one unit of a currency is worth in the company's own."""
    currencies: dict[str, int]
    accounts: dict[str, int]
    journals: dict[str, int]
    terms: dict[str, int] = field(default_factory=dict)
    methods: dict[str, int] = field(default_factory=dict)
    dunning: tuple[int, int] = (0, 0)
    """Procedure and first level."""


def set_up(ledger: Ledger, plan: dict[str, Any]) -> Chart:
    """Everything but customers and documents, in a company that posts from the first document's year to next year."""
    dates = [date.fromisoformat(each["on"]) for each in plan["documents"]]
    today = date.fromisoformat(plan["today"])
    first = min([today, *dates]).year
    # A year more than the plan needs on each side: terms run ahead, and whoever uses the demo has a clock of their own.
    years = range(first - 1, max(today, datetime.now(UTC).date()).year + 2)
    currencies = ledger.write(lambda pool: _currencies(pool, plan, date(first - 1, 1, 1)))
    ledger.company = ledger.write(lambda pool: _company(pool, plan, currencies))
    company = ledger.company
    accounts = ledger.write(lambda pool: _accounts(pool, company))
    methods = sorted({each["method"] for each in plan["documents"] if each["kind"] == "payment"} | {"wire"})
    journals = ledger.write(lambda pool: _journals(pool, methods))
    chart = Chart(company, plan["currency"], _rates(plan), currencies, accounts, journals)
    ledger.write(lambda pool: _years(pool, chart, years))
    ledger.write(lambda pool: _defaults(pool, chart))
    terms = {each["terms"]: each["terms_days"] for each in plan["parties"]}
    ledger.write(lambda pool: _terms(pool, chart, terms))
    ledger.write(lambda pool: _methods(pool, chart))
    ledger.write(lambda pool: _dunning(pool, chart))
    return chart


def _currencies(pool: Any, plan: dict[str, Any], since: date) -> dict[str, int]:
    from babel.core import Locale

    from arqueue.model.currency import exponent

    names = Locale("en").currencies
    rates = _rates(plan)
    used = {
        plan["currency"],
        *(each["currency"] for each in plan["parties"] + plan["documents"] if "currency" in each),
    }
    values = []
    for code in sorted(used):
        digits = exponent(code)
        rate = (1 / rates[code]).quantize(Decimal("0.000001"))
        values.append(
            {
                "name": names.get(code, code),
                "code": code,
                "symbol": code,
                "digits": digits,
                "rounding": Decimal(1).scaleb(-digits),
                "rates": [("create", [{"date": since, "rate": rate}])],
            }
        )
    return {each.code: each.id for each in pool.get("currency.currency").create(values)}


def _rates(plan: dict[str, Any]) -> dict[str, Decimal]:
    return {code: Decimal(worth) for code, worth in plan["rates"].items()} | {plan["currency"]: Decimal(1)}


def _company(pool: Any, plan: dict[str, Any], currencies: dict[str, int]) -> int:
    party = pool.get("party.party").create(
        [{"name": plan["name"], "code": "COMPANY", "addresses": [("create", [{}])]}]
    )[0]
    company = pool.get("company.company").create(
        [{"party": party.id, "currency": currencies[plan["currency"]]}]
    )[0]
    user = pool.get("res.user")
    user.write([user(1)], {"companies": [("add", [company.id])], "company": company.id})
    return int(company.id)


def _accounts(pool: Any, company: int) -> dict[str, int]:
    data = pool.get("ir.model.data")
    create_chart = pool.get("account.create_chart", type="wizard")
    session, _, _ = create_chart.create()
    wizard = create_chart(session)
    wizard.account.company = company
    wizard.account.account_template = data.get_id(CHART)
    wizard.transition_create_account()
    create_chart.delete(session)
    accounts = pool.get("account.account").search([("company", "=", company), ("code", "!=", None)])
    return {each.code: each.id for each in accounts}


def _journals(pool: Any, methods: Iterable[str]) -> dict[str, int]:
    journal = pool.get("account.journal")
    known = {each.code: each.id for each in journal.search([])}
    wanted = [{"name": name, "code": name.upper()[:12], "type": "cash"} for name in methods]
    wanted.append({"name": RETURNS, "code": "RETURN", "type": "cash"})
    wanted.append({"name": "Write-off", "code": "WRITEOFF", "type": "write-off"})
    made = {each.name: each.id for each in journal.create(wanted)}
    return {"revenue": known["REV"], "exchange": known["EXC"], "misc": known["MISC"], **made}


def _years(pool: Any, chart: Chart, years: Iterable[int]) -> None:
    fiscal_year = pool.get("account.fiscalyear")
    sequence = pool.get("ir.sequence.strict")
    data = pool.get("ir.model.data")
    types = {
        "move": data.get_id("account.sequence_type_account_move"),
        "invoice": data.get_id("account_invoice.sequence_type_account_invoice"),
    }
    made = []
    for year in years:
        numbers = {
            kind: sequence.create(
                [
                    {
                        "name": f"{kind} {year}",
                        "sequence_type": sequence_type,
                        "company": chart.company,
                        "prefix": f"{kind[0].upper()}{year}-",
                        "padding": 5,
                    }
                ]
            )[0].id
            for kind, sequence_type in types.items()
        }
        use = dict.fromkeys(
            (
                "out_invoice_sequence",
                "in_invoice_sequence",
                "out_credit_note_sequence",
                "in_credit_note_sequence",
            ),
            numbers["invoice"],
        )
        made.append(
            {
                "name": str(year),
                "start_date": date(year, 1, 1),
                "end_date": date(year, 12, 31),
                "company": chart.company,
                "move_sequence": numbers["move"],
                "invoice_sequences": [("create", [{"company": chart.company, **use}])],
            }
        )
    fiscal_year.create_period(fiscal_year.create(made))


def _defaults(pool: Any, chart: Chart) -> None:
    configuration = pool.get("account.configuration")(1)
    configuration.default_account_receivable = chart.accounts[RECEIVABLE]
    configuration.default_account_payable = chart.accounts["2.1.1"]
    configuration.currency_exchange_journal = chart.journals["exchange"]
    configuration.currency_exchange_debit_account = chart.accounts[EXCHANGE]
    configuration.currency_exchange_credit_account = chart.accounts[EXCHANGE]
    configuration.save()


def _terms(pool: Any, chart: Chart, terms: Mapping[str, int]) -> None:
    """Tryton knows no early-payment discount: the term's name says it, and its line when all is due."""
    values = [
        {
            "name": name,
            "lines": [("create", [{"type": "remainder", "relativedeltas": [("create", [{"days": days}])]}])],
        }
        for name, days in terms.items()
    ]
    made = pool.get("account.invoice.payment_term").create(values)
    chart.terms = dict(zip(terms, (each.id for each in made), strict=True))


def _methods(pool: Any, chart: Chart) -> None:
    values = [
        {
            "name": name,
            "company": chart.company,
            "journal": chart.journals["Write-off"],
            "debit_account": chart.accounts[code],
            "credit_account": chart.accounts[code],
        }
        for name, code in METHODS
    ]
    made = pool.get("account.move.reconcile.write_off").create(values)
    chart.methods = {each.name: each.id for each in made}


def _dunning(pool: Any, chart: Chart) -> None:
    from datetime import timedelta

    levels = [{"sequence": n, "overdue": timedelta(days=days)} for n, days in enumerate((10, 30, 60), 1)]
    procedure = pool.get("account.dunning.procedure").create(
        [{"name": "Reminders", "levels": [("create", levels)]}]
    )[0]
    configuration = pool.get("account.configuration")(1)
    configuration.default_dunning_procedure = procedure.id
    configuration.save()
    chart.dunning = (procedure.id, procedure.levels[0].id)
