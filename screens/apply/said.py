"""The words of the Apply screen: the payment, the line under the cursor in full, and the sum. Pure."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from data.broker.protocol import Suggestions
from screens import words
from screens.apply.rests import OVER_WORDS, amount_words
from screens.apply.sheet import Sheet

Pieces = list[tuple[str, str]]


def head(
    found: Suggestions, customer: str, home: str, width: int, *, lines: int, verb: str = "Apply"
) -> Content:
    """The payment in a line, whose it is, and its text in so many lines; ``home`` is the company's currency."""
    payment = found["payment"]
    available, currency = words.unsigned(payment["open"]), payment["currency"]
    facts = [
        f"{words.money(available, currency)} to apply",
        f"of {words.money(words.unsigned(payment['total']))}" if payment["total"] != payment["open"] else "",
        payment["method"],
        words.day(payment["doc_date"]),
        f"only items in {currency} can be paid" if home and currency != home else "",
    ]
    title = f"{verb} {payment['kind']} {payment['number']}"
    said = [fact for fact in facts if fact]
    while len(said) > 1 and cell_len(f"{title}  {' · '.join(said)}") > width:
        said.pop()
    pieces: Pieces = [
        (title, "bold"),
        (words.fit(f"  {' · '.join(said)}", width - cell_len(title)).rstrip(), ""),
    ]
    pieces.append((f"\n{words.fit(customer, width).rstrip()}", ""))
    text = " ".join(part for part in (payment["text"].replace("\n", " "), _reference(found)) if part)
    if text:
        quoted = words.in_lines(f'"{text}"', width, lines)
        pieces.append((f"\n{quoted}", "dim"))
    return Content.assemble(*pieces)


def _reference(found: Suggestions) -> str:
    payment = found["payment"]
    return payment["reference"] if payment["reference"] not in payment["text"] else ""


def about(sheet: Sheet, item: str) -> str:
    """A line in its own words: what it is, its discount, and what becomes of what it keeps."""
    line = sheet.lines[item]
    said = [line.number]
    if rest := sheet.rest(item):
        said.append(f"keeps {amount_words(rest)}: {sheet.rest_of(item).said(sheet.reasons.codes)}")
    taken = sheet.discounts.get(item)
    if line.discount is not None and (taken or line.earned):
        until = f"until {words.day(line.until)}" if line.earned else f"LATE: ended on {words.day(line.until)}"
        said.append(f"discount {'taken ' if taken else ''}{amount_words(taken or line.discount)} ({until})")
    if line.credit:
        said.append(f"{line.kind} of {line.due}: netted, it is used up beside the payment")
    else:
        said.append(f"due {line.due}" if line.due else "")
    said += [line.party, f"order {line.order}" if line.order else "", line.reference]
    if line.discount is not None and not (taken or line.earned):
        said.append(f"discount {amount_words(line.discount)} (LATE: ended on {words.day(line.until)})")
    return " · ".join(part for part in said if part)


def total(sheet: Sheet, width: int) -> Content:
    """The arithmetic, whose result is zero when it is right, and what becomes of every difference; ``width`` is in cells."""
    left, netted = sheet.left, sheet.netted
    sums = f"   {amount_words(sheet.available)}"
    if netted:
        sums += f" + credits {amount_words(netted)}"
    sums += f" - items {amount_words(sheet.paid)} = {words.money(left.text, left.currency)}"
    verdict, style = _verdict(sheet)
    becomes = " · ".join(_differences(sheet))
    if cell_len(sums) + cell_len(verdict) <= width:
        pieces: Pieces = [(sums, "bold"), (verdict, style), (f"\n   {becomes}", "dim")]
    else:
        pieces = [(sums, "bold"), ("\n  ", ""), (f" {verdict.strip()}", style), (f" · {becomes}", "dim")]
    return Content.assemble(*pieces)


def _verdict(sheet: Sheet) -> tuple[str, str]:
    """What the result means, and how it is drawn."""
    if sheet.left.minor < 0:
        return "  MORE THAN THE PAYMENT HAS", "bold reverse"
    if not sheet.left:
        return "  even", "bold"
    return (f" {OVER_WORDS[sheet.over]}" if sheet.amounts else " unapplied"), ""


def _differences(sheet: Sheet) -> list[str]:
    """How many items are paid, and what they leave over by what becomes of it."""
    if not sheet.amounts:
        return ["nothing is applied yet"]
    said = [words.plural(len(sheet.amounts), "line")]
    if sheet.discounts:
        total_ = sum(sheet.discounts.values(), start=sheet.available - sheet.available)
        said.append(f"discount {amount_words(total_)}")
    becomes: dict[str, list[str]] = {}
    for item in sheet.amounts:
        if rest := sheet.rest(item):
            becomes.setdefault(sheet.rest_of(item).said(sheet.reasons.codes), []).append(amount_words(rest))
    for what, amounts in becomes.items():
        said.append(f"{amounts[0] if len(amounts) == 1 else f'{len(amounts)} rests'} {what}")
    return said
