"""The forms of the corpus that is open to everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tests.corpora.scenes import TODAY, Scene, Style, Told, cut_at, joined, money

STYLES: Final[tuple[Style, ...]] = (
    lambda n: f"INV-{n}",
    lambda n: f"INV{n:08}",
    lambda n: f"RE2026-{n:05}",
    lambda n: f"2026/{n:06}",
    lambda n: f"F{n:07}",
    lambda n: f"{10_000_000 + n}",
    lambda n: f"SI-{n:07}",
    lambda n: f"A{n:06}",
    lambda n: f"{n}",
)
_WITH_PREFIX: Final = tuple(STYLES[place] for place in (0, 1, 2, 4, 6, 7))
_WITH_ZEROS: Final = tuple(STYLES[place] for place in (1, 2, 3, 4, 6, 7))

LABELS: Final = (
    "Invoice", "Invoices", "INV", "inv no", "Your invoice no.", "Rechnung", "Rechnungen Nr.", "RG-NR", "Rg.",
    "Facture", "FACT.", "Factures n°", "Factura", "Facturas nº", "Fattura", "Fatt. n.", "Factuur",
    "factuurnr", "Fatura", "N/ref", "Faktura nr", "FV", "Faktury", "Fakturanr.", "Lasku", "Laskut nro",
    "Faktura č.", "Fatura no:", "Payment for", "Zahlung zu", "Paiement", "Pago de", "Pagamento", "Betaling",
    "Zapłata za", "Betalning",
)  # fmt: skip
_SWAPS: Final = {"0": "O", "1": "I", "5": "S", "8": "B"}


def listed(scene: Scene) -> Told:
    """A label and numbers as they were issued."""
    body = joined(scene, (each.number for each in scene.chosen), ", ", " ", "; ", " / ", " + ", "\n", " & ")
    return Told(f"{scene.pick(*LABELS)} {body}", scene.all_meant())


def with_amounts(scene: Scene) -> Told:
    """Each number with its amount."""
    form = scene.pick("{} {}", "{}: {}", "{} = {}", "{} ({})", "{}\t{}", "{} EUR {}", "{} / {}")
    rows = (form.format(each.number, money(scene.rng, each.open)) for each in scene.chosen)
    return Told(
        f"{scene.pick(*LABELS, '')} {joined(scene, rows, chr(10), '; ', ' | ')}".strip(), scene.priced()
    )


def prefix_dropped(scene: Scene) -> Told:
    """Numbers without their letters."""
    return Told(
        f"{scene.pick(*LABELS)} {joined(scene, (each.bare for each in scene.chosen), ', ', ' ', '/', '+')}",
        scene.all_meant(),
    )


def zeros_lost(scene: Scene) -> Told:
    """Numbers without letters, year and leading zeros."""
    return Told(
        f"{scene.pick(*LABELS)} {joined(scene, (each.core for each in scene.chosen), ', ', ' ', ' und ', ' et ')}",
        scene.all_meant(),
    )


def ranged(scene: Scene) -> Told:
    """First and last of a run, everything between is meant."""
    first, last = scene.chosen[0], scene.chosen[-1]
    joint = scene.pick(
        " - ", "-", " to ", " bis ", " thru ", " through ", " a ", "..", " – ", " t/m ", " al "
    )
    how = scene.rng.randrange(3)
    spelled = (
        (first.number, last.number)
        if how == 0
        else (first.bare, last.bare)
        if how == 1
        else (first.number, last.core)
    )
    if "-" in first.number and joint in {"-", ".."}:
        joint = " - "
    return Told(f"{scene.pick(*LABELS)} {joint.join(spelled)}", scene.all_meant())


def ends_only(scene: Scene) -> Told:
    """The first number in full, of the others the last digits: 10231/32/37."""
    first = scene.chosen[0]
    same = [each for each in scene.chosen[1:] if each.number[:-2] == first.number[:-2]]
    tails = "".join(f"{scene.pick('/')}{each.number[-2:]}" for each in same)
    return Told(f"{scene.pick(*LABELS)} {first.number}{tails}", {each.id: None for each in (first, *same)})


def misread(scene: Scene) -> Told:
    """A letter where a digit was, in one or two numbers."""
    spelled = []
    for each in scene.chosen:
        places = [place for place, char in enumerate(each.number) if char in _SWAPS]
        number = list(each.number)
        for place in scene.rng.sample(places, min(len(places), scene.rng.randint(0, 2))):
            number[place] = _SWAPS[number[place]]
        spelled.append("".join(number))
    return Told(f"{scene.pick(*LABELS)} {joined(scene, spelled, ', ', ' ', '; ')}", scene.all_meant())


def cut_short(scene: Scene) -> Told:
    """The bank passes on so many characters."""
    text = f"{scene.pick('INV', 'Rechnungen', 'Factures', 'Payment of invoices')} " + joined(
        scene, (each.number for each in scene.chosen), ",", " ", ", "
    )
    return cut_at(scene, text, scene.rng.choice((35, 70, 140)))


def glued(scene: Scene) -> Told:
    """No room between numbers."""
    return Told("".join(each.number for each in scene.chosen), scene.all_meant())


def broken(scene: Scene) -> Told:
    """Lines of 35 characters, broken wherever they end."""
    text = f"/INV/{','.join(each.number for each in scene.chosen)}"
    return Told("\n".join(text[at : at + 35] for at in range(0, len(text), 35)), scene.all_meant())


def among_decoys(scene: Scene) -> Told:
    """Numbers between dates, telephones, accounts, amounts and the payer's own references."""
    noise = [
        f"{TODAY:%d.%m.%Y}", f"{TODAY:%Y%m%d}", f"Tel +44 20 {scene.digits(4)} {scene.digits(4)}",
        f"DE89370400440532{scene.digits(6)}",
        f"TOTAL {money(scene.rng, sum(each.open for each in scene.chosen))} EUR",
        f"EREF+{scene.digits(11)}", f"KD.NR {scene.digits(5)}",
        f"BIC COBADEFFXXX BLZ {scene.digits(8)}", f"VAT GB{scene.digits(9)}", f"Beleg {scene.digits(8)}", "page 1 of 2",
    ]  # fmt: skip
    parts = [
        " ".join(each.number for each in scene.chosen),
        *scene.rng.sample(noise, scene.rng.randint(2, 5)),
    ]
    scene.rng.shuffle(parts)
    return Told(scene.pick(" ", "  ", "\n", ", ").join(parts), scene.all_meant())


def by_order(scene: Scene) -> Told:
    """The payer's order numbers: all items of these orders."""
    orders = {each.order for each in scene.chosen}
    meant = {each.id: None for each in scene.lines if each.order in orders}
    label = scene.pick(
        "PO", "Your order ref", "Bestellung", "Commande", "Pedido", "Ordine", "P.O. No.", "Bestelnr"
    )
    return Told(f"{label} {joined(scene, sorted(orders), ', ', ' ', '; ')}", {**meant})


def by_reference(scene: Scene) -> Told:
    """The customer's own references, as they stand on the documents."""
    named = [each for each in scene.chosen if each.reference]
    same = {each.reference for each in named}
    meant: dict[str, int | None] = {each.id: None for each in scene.lines if each.reference in same}
    return Told(f"{scene.pick('Ref', 'Our ref', 'Unser Zeichen', 'Réf')} {', '.join(sorted(same))}", meant)


def hostile(scene: Scene) -> Told:
    """Escape sequences, invisible and turned characters, digits of other scripts, markup."""
    body = joined(scene, (each.number for each in scene.chosen), ", ", " ; ")
    how = scene.rng.randrange(6)
    if how == 0:
        body = f"\x1b[31m{body}\x1b[0m"
    elif how == 1:
        body = body.translate({ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)})
    elif how == 2:
        body = f"<b>{body}</b>&nbsp;\u202ework"
    elif how == 3:
        body = body.replace(" ", "\u00a0\u2009")
    elif how == 4:
        body = f"\u200f{body}\u200e\U0001f4b8\U0001f4b8"
    else:
        body = f"'; DROP TABLE item; -- {body} [/red] {{0}} %s"
    return Told(f"{scene.pick(*LABELS)} {body}", scene.all_meant())


def tagged(scene: Scene) -> Told:
    """As banks' own formats put it."""
    numbers = [each.number for each in scene.chosen]
    how = scene.rng.randrange(4)
    if how == 0:
        return Told(f"/RFB/{scene.digits(9)}/INV/{','.join(numbers)}/{TODAY:%y%m%d}", scene.all_meant())
    if how == 1:
        return Told(
            f"EREF+{scene.digits(10)} KREF+NONREF SVWZ+{' '.join(numbers)} ABWA+KESSLER", scene.all_meant()
        )
    if how == 2:
        rows = (f"RMR*IV*{each.number}**{each.open / 100:.2f}\\" for each in scene.chosen)
        return Told("".join(rows), scene.priced())
    return Told(
        f":86:166?00TRANSFER?20{' '.join(numbers)}?30COBADEFF?31{scene.digits(9)}?32KESSLER GMBH",
        scene.all_meant(),
    )


def nothing(scene: Scene) -> Told:
    """No document at all, but figures enough."""
    text = scene.pick(
        f"AP RUN {scene.digits(6)} {TODAY:%d/%m/%Y}", f"EREF+{scene.digits(12)}",
        f"Zahlung vom {TODAY:%d.%m.%y}", "PAYMENT", "",
        f"Supplier {scene.digits(5)} batch {scene.digits(4)}", f"Tel. 0049 89 {scene.digits(6)}", "thank you for your business",
        f"IBAN GB29NWBK60161331{scene.digits(6)} NOTPROVIDED", "Akontozahlung November", f"chq {scene.digits(6)}", "see email",
        f"total {money(scene.rng, scene.rng.randint(10_000, 900_000))}", "acompte", "Saldo a cuenta",
        f"ROC/{scene.digits(9)}///URI/statement",
    )  # fmt: skip
    return Told(text, {})


def in_prose(scene: Scene) -> Told:
    """A sentence, with something that is said not to be paid."""
    *paid, kept = scene.chosen
    said = scene.pick(
        "We have paid {p} but not {k}, which is disputed.", "Settlement of {p}; {k} will follow after your credit note",
        "Wir haben {p} bezahlt, ohne {k}", "Zahlung {p} (nicht {k})", "Règlement de {p} sauf {k}", "Pagamos {p} excepto {k}",
        "Pagamento {p} esclusa {k}", "{p} paid, excluding {k}", "Betaling van {p}, niet {k}",
    )  # fmt: skip
    text = said.format(p=", ".join(each.number for each in paid), k=kept.number)
    return Told(text, {each.id: None for each in paid})


def less_credit(scene: Scene) -> Told:
    """Invoices less a credit note, with amounts or without."""
    *paid, credit = scene.chosen
    less = scene.pick(
        "less",
        "less credit",
        "abzgl. Gutschrift",
        "moins avoir",
        "menos abono",
        "meno nota credito",
        "minus",
        "-",
    )
    body = ", ".join(each.number for each in paid)
    return Told(f"{scene.pick(*LABELS)} {body} {less} {credit.number}", scene.all_meant())


def spaced(scene: Scene) -> Told:
    """Digits in groups, as people type long numbers."""
    mark = scene.pick(" ", ".")

    def grouped(number: str) -> str:
        return re.sub(
            r"\d{6,}",
            lambda run: f"{int(run[0]):,}".replace(",", mark) if run[0][0] != "0" else run[0],
            number,
        )

    return Told(
        f"{scene.pick(*LABELS)} {'; '.join(grouped(each.number) for each in scene.chosen)}", scene.all_meant()
    )


def lower(scene: Scene) -> Told:
    """Small letters, other marks between the parts of a number."""
    mark = scene.pick("", " ", "_", ".", "#")
    names = (re.sub(r"[-/]", mark, each.number.lower()) for each in scene.chosen)
    return Told(joined(scene, names, ", ", " & ", "; ", " and "), scene.all_meant())


def table(scene: Scene) -> Told:
    """A pasted advice with columns."""
    rows = [
        scene.pick(
            "Date        Invoice       Gross      Disc.      Net", "Datum  Beleg  Brutto  Skonto  Netto"
        )
    ]
    for each in scene.chosen:
        rows.append(f"{each.on:%d.%m.%Y}  {each.number}  {each.open / 100:.2f}  0.00  {each.open / 100:.2f}")
    rows.append(f"Total {sum(each.open for each in scene.chosen) / 100:.2f}")
    return Told("\n".join(rows), scene.priced())


FORMS: Final[tuple[tuple[int, Callable[[Scene], Told], dict[str, object]], ...]] = (
    (60, listed, {}),
    (40, with_amounts, {}),
    (24, prefix_dropped, {"styles": _WITH_PREFIX}),
    (20, zeros_lost, {"styles": _WITH_ZEROS}),
    (24, ranged, {"run": True, "least": 3, "most": 9}),
    (14, ends_only, {"run": True, "least": 2, "gap": 4}),
    (28, misread, {}),
    (24, cut_short, {"least": 4, "most": 18}),
    (12, glued, {"styles": _WITH_PREFIX, "least": 2}),
    (14, broken, {"least": 3, "most": 9}),
    (36, among_decoys, {}),
    (14, by_order, {"most": 2}),
    (12, by_reference, {"least": 3, "most": 5}),
    (18, hostile, {}),
    (20, tagged, {}),
    (24, nothing, {}),
    (12, in_prose, {"least": 2, "most": 5}),
    (12, less_credit, {"credits": True}),
    (12, spaced, {"styles": STYLES[5:6]}),
    (16, lower, {"styles": _WITH_PREFIX}),
    (12, table, {"least": 2}),
)
"""How many texts of each form, and what their scenes are like."""
