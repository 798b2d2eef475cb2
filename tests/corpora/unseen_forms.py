"""The forms of the corpus that whoever writes the reader does not look at: other numbers, other words, other habits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from tests.corpora.scenes import TODAY, Line, Scene, Style, Told, cut_at, joined, money

STYLES: Final[tuple[Style, ...]] = (
    lambda n: f"VK{n:06}",
    lambda n: f"{n:06}/26",
    lambda n: f"FA-2026-{n:06}",
    lambda n: f"00{90_000_000 + n}",
    lambda n: f"IN{26_000_000 + n}",
    lambda n: f"B-{n // 100:04}-{n % 100:02}",
    lambda n: f"{n}A",
    lambda n: f"CINV/{n:05}",
    lambda n: f"{700_000 + n}",
    lambda n: f"R.{n}.K",
)
_LETTERED: Final = tuple(STYLES[place] for place in (0, 2, 4, 7))

_WORDS: Final = (
    "Faktura", "Regning nr", "Számla", "Factura nr.", "Τιμολόγιο", "Счёт", "Оплата по счету №", "Рахунок",
    "請求書", "发票号码", "付货款 发票", "송장번호", "فاتورة رقم", "חשבונית", "Hóa đơn", "Faktur", "Račun", "Sąskaita",
    "Rēķins", "Arve nr", "Reikningur", "Bill", "Remittance:", "docs", "settling", "Beleg", "Rechn.-Nr.",
    "s/fra", "Vs. fatt.", "V/facture", "Uw ref.", "ink", "Doc.no",
)  # fmt: skip


def said(scene: Scene) -> Told:
    """A word for invoice in some language and the numbers."""
    body = joined(
        scene,
        (each.number for each in scene.chosen),
        ",",
        "  ",
        " u. ",
        " i ",
        "、",
        " og ",
        " и ",
        " • ",
        ";",
    )
    return Told(f"{scene.pick(*_WORDS)} {body}", scene.all_meant())


def one_a_line(scene: Scene) -> Told:
    """A letter: greeting, a line a document, a name and a telephone."""
    rows = "\n".join(f"- {each.number}, {money(scene.rng, each.open)}" for each in scene.chosen)
    signed = scene.pick(
        f"J. Halden\nPhone 555-{scene.digits(4)}",
        f"Mit freundlichen Grüßen\nBuchhaltung, Tel. {scene.digits(7)}",
    )
    hello = scene.pick(
        "Dear Sirs, please allocate our transfer as follows:",
        "Guten Tag, unsere Zahlung betrifft",
        "Bonjour, voici le détail",
    )
    return Told(f"{hello}\n{rows}\n{signed}", scene.priced())


def amount_first(scene: Scene) -> Told:
    """The amount stands before its number."""
    rows = (
        f"{money(scene.rng, each.open)} {scene.pick('for', 'für', 'pour', 'x', '->')} {each.number}"
        for each in scene.chosen
    )
    return Told(joined(scene, rows, "; ", "\n"), scene.priced())


def year_aside(scene: Scene) -> Told:
    """The running number and the year, the other way round or apart."""
    spelled = (f"{each.core}/{scene.pick('2026', '26')}" for each in scene.chosen)
    return Told(f"{scene.pick(*_WORDS)} {joined(scene, spelled, ', ', ' ; ')}", scene.all_meant())


def cores(scene: Scene) -> Told:
    """Only what a person would type of a number."""
    return Told(
        f"{scene.pick(*_WORDS)} {joined(scene, (each.core for each in scene.chosen), ' + ', ',', ' / ', ' ')}",
        scene.all_meant(),
    )


def spanned(scene: Scene) -> Told:
    """A run, in words."""
    first, last = scene.chosen[0].number, scene.chosen[-1].number
    text = scene.pick(
        f"invoices {first} until {last}", f"von {first} bis einschl. {last}",
        f"du n° {first} au n° {last}", f"{first} ~ {last}",
        f"dal {first} al {last}", f"desde {first} hasta {last}", f"{first}...{last}",
        f"с {first} по {last}", f"{first} -> {last}",
        f"from {first} up to and including {last}",
    )  # fmt: skip
    return Told(text, scene.all_meant())


def run_less_one(scene: Scene) -> Told:
    """A run with a hole."""
    out = scene.rng.choice(scene.chosen[1:-1])
    first, last = scene.chosen[0].number, scene.chosen[-1].number
    text = scene.pick(
        f"{first} to {last} excl. {out.number}", f"{first} bis {last} ausser {out.number}",
        f"{first} à {last}, hors {out.number}",
        f"{first} - {last} (w/o {out.number})",
    )  # fmt: skip
    return Told(text, {each.id: None for each in scene.chosen if each is not out})


def slipped(scene: Scene) -> Told:
    """One digit wrong, lost, doubled or turned round with its neighbour, in one number of the list."""
    spelled = [each.number for each in scene.chosen]
    place = scene.rng.randrange(len(spelled))
    number = list(spelled[place])
    at = scene.rng.choice([index for index, char in enumerate(number) if char.isdigit()][-4:-1])
    how = scene.rng.randrange(4)
    if how == 0:
        number[at] = str((int(number[at]) + 3) % 10) if number[at].isdigit() else number[at]
    elif how == 1:
        del number[at]
    elif how == 2:
        number.insert(at, number[at])
    else:
        number[at], number[at + 1] = number[at + 1], number[at]
    spelled[place] = "".join(number)
    told = Told(f"{scene.pick(*_WORDS)} {joined(scene, spelled, ', ', ' ')}", scene.all_meant())
    # Whoever has that very number is named as well as the one that was meant.
    told.may |= {each.id for each in scene.lines if each.number == spelled[place]}
    if any(each.number == spelled[place] for each in scene.lines):
        told.may.add(scene.chosen[place].id)
        told.meant = {key: None for key in told.meant if key not in told.may}
    return told


def scanned(scene: Scene) -> Told:
    """A scanned stub: letters for digits, spots for marks."""
    swaps = scene.rng.sample([("0", "o"), ("1", "l"), ("5", "S"), ("8", "B"), ("2", "Z"), ("6", "G")], 2)
    spelled = []
    for each in scene.chosen:
        number = each.number
        for good, bad in swaps:
            number = number.replace(good, bad, 1)
        spelled.append(number)
    head = f"CHECK {scene.digits(6)} {TODAY:%m/%d/%Y}"
    return Told(f"{head}\n{joined(scene, spelled, chr(10), '  ', ' . ')}", scene.all_meant())


def subfields(scene: Scene) -> Told:
    """German bank statement: fields of 27 characters, numbers broken where a field ends."""
    text = f"RECHNUNGEN {' '.join(each.number for each in scene.chosen)}"[: 27 * 9]
    fields = "".join(
        f"?{20 + place}{text[27 * place : 27 * place + 27]}" for place in range(-(-len(text) // 27))
    )
    meant = {each.id: None for each in scene.chosen if each.number in text}
    return Told(f"166?00GUTSCHRIFT{fields}?30DEUTDEFF?31{scene.digits(10)}?32MORGEN AG", {**meant})


def one_line(scene: Scene) -> Told:
    """A card or ACH line of 80 characters, cut."""
    text = f"{scene.pick('VENDOR PMT', 'PAIEMENT FRNS', 'BETALING')} {','.join(each.number for each in scene.chosen)}"
    return cut_at(scene, text, scene.rng.choice((35, 55, 80)))


def noisy(scene: Scene) -> Told:
    """Account numbers, tax numbers, postcodes, dates of the documents, a discount in words."""
    noise = [
        f"IBAN FR76{scene.digits(11)}{scene.digits(12)}", f"ust-id DE{scene.digits(9)}", f"75{scene.digits(3)} Paris",
        f"dated {scene.chosen[0].on:%d-%m-%Y}", f"vom {scene.chosen[-1].on:%d.%m.%y}",
        "abz. 3% Skonto", f"cust {scene.digits(6)}",
        f"fax 0033 {scene.digits(9)}", f"Mandat {scene.digits(8)}",
        f"amount {money(scene.rng, sum(each.open for each in scene.chosen))}",
        f"KW{TODAY.isocalendar().week} 2026", f"{TODAY + timedelta(1):%y%m%d}", f"tx {scene.digits(12)}",
    ]  # fmt: skip
    parts = [*(each.number for each in scene.chosen), *scene.rng.sample(noise, scene.rng.randint(3, 6))]
    scene.rng.shuffle(parts)
    return Told(" ".join(parts), scene.all_meant())


def tight(scene: Scene) -> Told:
    """Words and numbers run together."""
    word, mark = scene.pick("RECHNUNG", "invoice", "FACT", "pago"), scene.pick("", "_", ":")
    return Told(word + mark.join(each.number for each in scene.chosen), scene.all_meant())


def shared_head(scene: Scene) -> Told:
    """The first number whole; of its neighbours only where they differ, in commas."""
    first = scene.chosen[0]
    same: list[Line] = [each for each in scene.chosen[1:] if each.number[:-2] == first.number[:-2]]
    text = ",".join([first.number, *(each.number[-2:] for each in same)])
    return Told(f"{scene.pick(*_WORDS)} {text}", {each.id: None for each in (first, *same)})


def refused(scene: Scene) -> Told:
    """What is paid, and what is kept back, in words."""
    *paid, kept = scene.chosen
    text = scene.pick(
        "Paid: {p}. On hold: {k}", "{p} OK / {k} reklamiert, zahlen wir nicht", "regolate {p}, {k} in contestazione non pagata",
        "We settle {p}. Invoice {k} remains unpaid pending credit.", "{p} réglées, {k} en litige",
        "{p} betalt, {k} afventer kreditnota",
    )  # fmt: skip
    return Told(
        text.format(p=" ".join(each.number for each in paid), k=kept.number), {each.id: None for each in paid}
    )


def orders(scene: Scene) -> Told:
    """Order numbers with other letters before them, or none."""
    named = {each.order for each in scene.chosen}
    meant = {each.id: None for each in scene.lines if each.order in named}
    spelled = (
        scene.pick(each, each[2:], f"PO {each[2:]}", f"PO-{each[2:]}", each.lower()) for each in sorted(named)
    )
    return Told(
        f"{scene.pick('for order', 'zu Auftrag', 'cde', 'ordre', 'заказ', '注文')} {' , '.join(spelled)}",
        {**meant},
    )


def odd_letters(scene: Scene) -> Told:
    """Other scripts' digits, look-alike letters, things that are not seen."""
    body = joined(scene, (each.number for each in scene.chosen), ", ")
    how = scene.rng.randrange(5)
    if how == 0:
        body = body.translate({ord("0") + digit: chr(0x0660 + digit) for digit in range(10)})
    elif how == 1:
        body = body.replace("-", "\u2013").replace("/", "\u2044")
    elif how == 2:
        body = (
            "\u00ad".join(body[at : at + 7] for at in range(0, len(body), 7))
            if "," not in body
            else f"\ufeff{body}"
        )
    elif how == 3:
        body = body.replace("A", "\u0410").replace("B", "\u0412").replace("R", "\u0420")
    else:
        body = f"\x07{body}\x9b2J\u2066"
    return Told(f"{scene.pick(*_WORDS)} {body}", scene.all_meant())


def silent(scene: Scene) -> Told:
    """Nothing about any document."""
    text = scene.pick(
        f"Lohn {TODAY:%m/%Y}", f"{scene.digits(14)}", "as agreed by phone", f"Abschlag {TODAY:%B}", "交易款", "предоплата",
        f"ORD CUST {scene.digits(8)} OUR REF {scene.digits(9)}", f"paypal *{scene.digits(10)}",
        f"SETTLEMENT {TODAY:%d%m%Y} {scene.digits(6)}",
        f"TRN*1*{scene.digits(9)}*1{scene.digits(9)}\\",
        f"plan 3 of 12, {money(scene.rng, 125_000)}", "/", "....", f"BATCHID{scene.digits(7)}",
    )  # fmt: skip
    return Told(text, {})


def addenda(scene: Scene) -> Told:
    """EDI in an ACH addendum, with what is paid, what was billed and a credit in negative."""
    rows = []
    for each in scene.chosen:
        kind = "CM" if each.open < 0 else "IV"
        rows.append(
            f"RMR*{kind}*{each.number}*PO*{each.open / 100:.2f}*{each.open / 100:.2f}~DTM*003*{each.on:%Y%m%d}"
        )
    return Told("~".join(["ENT*1", *rows, "SE*9*0001"]), scene.priced())


def with_parts(scene: Scene) -> Told:
    """One is paid in part, which the text says."""
    first, *rest = scene.chosen
    part = first.open // 2
    text = f"{first.number} {scene.pick('part payment', 'Teilzahlung', 'acompte', 'pagamento parziale')} {money(scene.rng, part)}"
    meant: dict[str, int | None] = {first.id: part, **{each.id: None for each in rest}}
    return Told(", ".join([text, *(each.number for each in rest)]), meant)


def stuck_label(scene: Scene) -> Told:
    """Each number with a label of its own, some with its letters gone."""
    word = scene.pick("Inv#", "Nr:", "n.", "fra:", "Rg", "№", "#", "発票")
    spelled = (
        f"{word}{scene.pick(each.number, re.sub(r'^[A-Z]+[-/]?', '', each.number))}" for each in scene.chosen
    )
    return Told(joined(scene, spelled, " ", ", ", "/ "), scene.all_meant())


FORMS: Final[tuple[tuple[int, Callable[[Scene], Told], dict[str, object]], ...]] = (
    (50, said, {}),
    (20, one_a_line, {}),
    (16, amount_first, {}),
    (12, year_aside, {"styles": STYLES[1:3]}),
    (18, cores, {"styles": (STYLES[0], STYLES[2], STYLES[4], STYLES[7], STYLES[3])}),
    (20, spanned, {"run": True, "least": 3, "most": 8}),
    (8, run_less_one, {"run": True, "least": 4, "most": 8}),
    (20, slipped, {}),
    (16, scanned, {}),
    (14, subfields, {"least": 2, "most": 9}),
    (16, one_line, {"least": 3, "most": 9}),
    (30, noisy, {}),
    (10, tight, {"styles": _LETTERED}),
    (
        10,
        shared_head,
        {"styles": (STYLES[0], STYLES[3], STYLES[4], STYLES[8]), "run": True, "least": 2, "gap": 4},
    ),
    (12, refused, {"least": 2, "most": 4}),
    (10, orders, {"most": 2}),
    (14, odd_letters, {}),
    (20, silent, {}),
    (12, addenda, {"credits": True, "least": 2}),
    (8, with_parts, {"least": 2, "most": 4}),
    (16, stuck_label, {"styles": _LETTERED}),
)
"""How many texts of each form, and what their scenes are like."""
