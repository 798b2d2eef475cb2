"""Ten situations placed by hand in every demo company, so that the README and the tests can call them by name.

Codes and numbers are the same whatever the seed and the day; dates count back from today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from data.demo.customers import SUSPENSE
from data.demo.plan import (
    PlannedDocument,
    PlannedInvoice,
    PlannedNote,
    PlannedParty,
    PlannedPayment,
)
from data.demo.senders import Sender, account, sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a collector finds at one customer. ``answer``: what the payment is for, (invoice, minor units)."""

    what: str
    party: str
    invoices: tuple[str, ...]
    payment: str = ""
    answer: tuple[tuple[str, int], ...] = ()


TWO_NAMED: Final = Situation(
    what="An unapplied payment names exactly two of five open invoices, and is their sum.",
    party="C-00001",
    invoices=("INV-7001", "INV-7002", "INV-7003", "INV-7004", "INV-7005"),
    payment="PAY-7001",
    answer=(("INV-7002", 84_250), ("INV-7004", 129_975)),
)
EXACT_AMOUNT: Final = Situation(
    what="A payment without any reference equals exactly one open invoice.",
    party="C-00002",
    invoices=("INV-7011", "INV-7012", "INV-7013"),
    payment="PAY-7011",
    answer=(("INV-7012", 61_388),),
)
OLDEST_FIRST: Final = Situation(
    what="A customer who pays round sums on account, oldest first: two invoices and a part of the third.",
    party="C-00003",
    invoices=("INV-7021", "INV-7022", "INV-7023", "INV-7024"),
    payment="PAY-7021",
    answer=(("INV-7021", 118_040), ("INV-7022", 92_315), ("INV-7023", 39_645)),
)
SMALL_DIFFERENCE: Final = Situation(
    what="An invoice was paid 0.37 short: a small difference to write off.",
    party="C-00004",
    invoices=("INV-7031",),
    payment="PAY-7031",
)
DISPUTED_FREIGHT: Final = Situation(
    what="The customer will not pay the freight of 186.00 on an invoice; the rest is paid.",
    party="C-00005",
    invoices=("INV-7041", "INV-7042"),
    payment="PAY-7041",
)
OVERDUE_90: Final = Situation(
    what="Nothing paid for three months and over the credit limit; the oldest invoice is 97 days overdue.",
    party="C-00006",
    invoices=("INV-7051", "INV-7052", "INV-7053"),
)
BOUNCED: Final = Situation(
    what="A direct debit for two invoices came back two days ago (R01, insufficient funds): both are open again.",
    party="C-00007",
    invoices=("INV-7061", "INV-7062"),
    payment="PAY-7061",
)
OVERPAID: Final = Situation(
    what="A payment in yen is 5,000 more than its invoice; the rest stands unapplied.",
    party="C-00008",
    invoices=("INV-7071", "INV-7072"),
    payment="PAY-7071",
    answer=(("INV-7072", 5_000),),
)
PARENT_PAYS: Final = Situation(
    what="The head office C-00009 pays two invoices of its branch C-00010; it has paid one of three instalments of its own.",
    party="C-00009",
    invoices=("INV-7081", "INV-7082", "INV-7083"),
    payment="PAY-7081",
    answer=(("INV-7081", 44_030), ("INV-7082", 71_265)),
)
HOSTILE: Final = Situation(
    what="A customer whose name and remittance text attack the terminal.",
    party="C-00011",
    invoices=("INV-7091",),
    payment="PAY-7091",
    answer=(("INV-7091", 33_333),),
)

CHILD: Final = "C-00010"
"""The branch whose head office pays."""
UNRECOGNISED: Final = (
    ("PAY-7101", "C-00001", (("INV-7003", 210_499),)),
    ("PAY-7102", "C-00002", (("INV-7013", 97_045),)),
    ("PAY-7103", CHILD, (("INV-7083", 28_815),)),
    ("PAY-7104", "C-00009", (("INV-7084", 38_400),)),
    ("PAY-7105", "", ()),
)
"""Money on the suspense account: number, who really sent it, and what for. The head office and its branch send from one account;
nobody knows the last one."""
SITUATIONS: Final = (
    TWO_NAMED,
    EXACT_AMOUNT,
    OLDEST_FIRST,
    SMALL_DIFFERENCE,
    DISPUTED_FREIGHT,
    OVERDUE_90,
    BOUNCED,
    OVERPAID,
    PARENT_PAYS,
    HOSTILE,
)
HOSTILE_NAME: Final = (
    "[red]Vex[/] \x1b]52;c;cm0gLXJmIH4K\x07\x1b[2J\u202eGmbH\u202c & Söhne\u200b [@click=app.quit]pay[/x]"
)
HOSTILE_TEXT: Final = (
    '\x1b[31mINV-7091\x1b[0m \u202e1907-VNI\u202c =HYPERLINK("http://evil.example") [bold]thanks[/]'
)


def story_parties() -> Sequence[PlannedParty]:
    """The customers of the story."""
    return (
        _party("C-00001", "Alder & Finch Joinery Ltd", limit=1_000_000),
        _party("C-00002", "Brasserie Lumière SARL", limit=500_000),
        _party("C-00003", "Carrow Mill Paper plc", currency="GBP", limit=1_500_000, habit="oldest first"),
        _party("C-00004", "Dörnbach Feinmechanik GmbH & Co. KG", limit=800_000),
        _party(
            "C-00005",
            "Estrella del Sur Conservas, S.A.",
            terms=45,
            limit=2_000_000,
            habit="short-pays freight",
        ),
        _party("C-00006", "Fjordland Bygg AS", limit=1_500_000, habit="late"),
        _party("C-00007", "Grünwald Möbelwerkstätten", terms=14, limit=600_000),
        _party("C-00008", "株式会社星野商事 (Hoshino Trading)", currency="JPY", limit=3_000_000),
        _party("C-00009", "Ilmhafen Handelsgruppe SE", limit=5_000_000, tags=("key-account",)),
        _party(CHILD, "Ilmhafen Markt Nord GmbH", parent="C-00009", limit=400_000),
        _party("C-00011", HOSTILE_NAME, limit=300_000),
    )


def _party(
    code: str,
    name: str,
    *,
    limit: int,
    currency: str = "EUR",
    terms: int = 30,
    parent: str | None = None,
    habit: str = "on time",
    tags: tuple[str, ...] = (),
) -> PlannedParty:
    slug = code.lower().replace("-", "")
    return PlannedParty(
        code=code,
        name=name,
        currency=currency,
        terms_days=terms,
        parent=parent,
        credit_limit=limit,
        emails=(f"accounts.{slug}@customer.example",),
        phones=("+44 20 7946 0911",),
        tags=tags,
        habit=habit,
    )


def story_documents(today: date) -> list[PlannedDocument]:
    """What happened to them, by date."""
    told = [*_cash(today), *_trouble(today), *_families(today), *_unrecognised(today)]
    return sorted(told, key=lambda document: (document.on, _order(document)))


def _order(document: PlannedDocument) -> int:
    return 0 if isinstance(document, PlannedInvoice) else 1


@dataclass(frozen=True, slots=True)
class _Account:
    """Writes one customer's documents; ages in days before today."""

    today: date
    party: str
    currency: str = "EUR"
    terms: int = 30

    def invoice(
        self, number: str, amount: int, age: int, *, dispute: str = "", text: str = "", parts: int = 0
    ) -> PlannedInvoice:
        on = self.today - timedelta(days=age)
        return PlannedInvoice(
            number=number,
            party=self.party,
            currency=self.currency,
            amount=amount,
            on=on,
            due=on + timedelta(days=self.terms),
            purchase_order=f"PO-{number[-4:]}",
            text=text or "Goods as ordered",
            instalments=tuple(
                (on + timedelta(days=self.terms + 30 * part), amount // parts) for part in range(parts)
            ),
            dispute=dispute,
        )

    def payment(
        self,
        number: str,
        amount: int,
        age: int,
        *,
        text: str = "",
        applied: tuple[tuple[str, int], ...] = (),
        meant: tuple[tuple[str, int], ...] = (),
        method: str = "wire",
        returned: tuple[int, str] | None = None,
    ) -> PlannedPayment:
        payer, account = _SENDERS[self.party].told(1, method)
        return PlannedPayment(
            number=number,
            party=self.party,
            currency=self.currency,
            amount=amount,
            on=self.today - timedelta(days=age),
            text=text,
            method=method,
            payer=payer,
            payer_account=account,
            applied=applied,
            returned_on=self.today - timedelta(days=returned[0]) if returned else None,
            return_code=returned[1] if returned else "",
            meant=meant,
            case="story",
        )


def _cash(today: date) -> list[PlannedDocument]:
    named, lone = _Account(today, TWO_NAMED.party), _Account(today, EXACT_AMOUNT.party)
    oldest = _Account(today, OLDEST_FIRST.party, "GBP")
    short = _Account(today, SMALL_DIFFERENCE.party)
    over = _Account(today, OVERPAID.party, "JPY")
    return [
        named.invoice("INV-7001", 45_010, 52),
        named.invoice("INV-7002", 84_250, 44),
        named.invoice("INV-7003", 210_499, 37),
        named.invoice("INV-7004", 129_975, 31),
        named.invoice("INV-7005", 84_000, 12),
        named.payment("PAY-7001", 214_225, 1, text="Payment INV-7002, INV-7004", meant=TWO_NAMED.answer),
        lone.invoice("INV-7011", 58_700, 49),
        lone.invoice("INV-7012", 61_388, 35),
        lone.invoice("INV-7013", 97_045, 20),
        lone.payment("PAY-7011", 61_388, 2, text="merci", meant=EXACT_AMOUNT.answer),
        oldest.invoice("INV-7020", 156_300, 120),
        oldest.payment(
            "PAY-7020", 156_300, 80, text="on account", applied=(("INV-7020", 156_300),), method="bacs"
        ),
        oldest.invoice("INV-7021", 118_040, 66),
        oldest.invoice("INV-7022", 92_315, 58),
        oldest.invoice("INV-7023", 74_990, 47),
        oldest.invoice("INV-7024", 133_760, 21),
        oldest.payment("PAY-7021", 250_000, 3, text="on account", meant=OLDEST_FIRST.answer, method="bacs"),
        short.invoice("INV-7031", 148_237, 41),
        short.payment(
            "PAY-7031", 148_200, 5, text="RE INV-7031", applied=(("INV-7031", 148_200),), method="sepa"
        ),
        over.invoice("INV-7071", 480_000, 40),
        over.invoice("INV-7072", 265_000, 15),
        over.payment(
            "PAY-7071",
            485_000,
            4,
            text="請求書番号 INV-7071",
            applied=(("INV-7071", 480_000),),
            meant=(("INV-7071", 480_000), *OVERPAID.answer),
        ),
    ]


def _trouble(today: date) -> list[PlannedDocument]:
    freight = _Account(today, DISPUTED_FREIGHT.party, terms=45)
    late = _Account(today, OVERDUE_90.party)
    back = _Account(today, BOUNCED.party, terms=14)
    vex = _Account(today, HOSTILE.party)
    return [
        freight.invoice(
            "INV-7041", 318_600, 62, dispute="freight", text="Canning line spares, incl. freight 186.00"
        ),
        freight.invoice("INV-7042", 92_480, 18),
        freight.payment(
            "PAY-7041", 300_000, 14, text="INV-7041 menos portes", applied=(("INV-7041", 300_000),)
        ),
        PlannedNote(
            target="INV-7041",
            author="mara",
            on=today - timedelta(days=13),
            text="Dispute (freight): terms were free house, will not pay the 186.00.",
        ),
        late.invoice("INV-7051", 842_000, 127),
        late.invoice("INV-7052", 611_550, 99),
        late.invoice("INV-7053", 387_900, 68),
        PlannedNote(
            target="C-00006",
            author="jonas",
            on=today - timedelta(days=20),
            text="Called three times, the owner does not call back.",
        ),
        back.invoice("INV-7061", 73_120, 27),
        back.invoice("INV-7062", 40_680, 24),
        back.payment(
            "PAY-7061",
            113_800,
            7,
            text="INV-7061 INV-7062",
            applied=(("INV-7061", 73_120), ("INV-7062", 40_680)),
            method="direct debit",
            returned=(2, "R01"),
        ),
        vex.invoice("INV-7091", 33_333, 38),
        vex.payment("PAY-7091", 33_333, 1, text=HOSTILE_TEXT, meant=HOSTILE.answer),
    ]


def _unrecognised(today: date) -> list[PlannedDocument]:
    shared = _SENDERS[PARENT_PAYS.party].account
    said = {
        "PAY-7101": ("ALDER FINCH JOINERY", _SENDERS["C-00001"].account, "inv 7003", 3),
        "PAY-7102": ("LUMIERE BRASSERIE", account(1_999_901), "", 2),
        "PAY-7103": ("ILMHAFEN MARKT NORD", shared, "INV-7083", 6),
        "PAY-7104": ("ILMHAFEN HDLSGR", shared, "2. Rate", 1),
        "PAY-7105": ("M OSTERHOUT", account(1_999_902), "with compliments", 9),
    }
    return [
        PlannedPayment(
            number=number,
            party=SUSPENSE,
            currency="EUR",
            amount=sum(amount for _, amount in meant) or 12_345,
            on=today - timedelta(days=said[number][3]),
            text=said[number][2],
            payer=said[number][0],
            payer_account=said[number][1],
            meant=meant,
            case="story",
        )
        for number, _, meant in UNRECOGNISED
    ]


def _families(today: date) -> list[PlannedDocument]:
    head, branch = _Account(today, PARENT_PAYS.party), _Account(today, CHILD)
    return [
        branch.invoice("INV-7081", 44_030, 46),
        branch.invoice("INV-7082", 71_265, 39),
        branch.invoice("INV-7083", 28_815, 16),
        head.invoice(
            "INV-7084", 115_200, 52, parts=3, text="Shelving for three branches, in three instalments"
        ),
        head.payment(
            "PAY-7084", 38_400, 20, text="INV-7084 1/3", applied=(("INV-7084", 38_400),), method="sepa"
        ),
        head.payment(
            "PAY-7081",
            115_295,
            2,
            text="Filiale Nord: INV-7081 + INV-7082",
            meant=PARENT_PAYS.answer,
            method="sepa",
        ),
    ]


_SENDERS: Final[dict[str, Sender]] = {
    party.code: sender(1_000_000 + place, party.name) for place, party in enumerate(story_parties())
}
