"""ISO 20022 XML: what camt.052/053/054 and pain.001 (pacs.008) say of each payment's documents, in any version.

Source: the message definitions' RemittanceInformation: Strd (RfrdDocInf, RfrdDocAmt, CdtrRefInf, AddtlRmtInf) and Ustrd.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

from arqueue.cash.advice import Advice, AdviceLine
from arqueue.cash.remittance.files.fragments import lines_in
from arqueue.errors import ArqueueError, Invalid
from arqueue.model.money import Money
from arqueue.model.text import clean, clean_line

_DEEPEST: Final = 60
_KIND: Final = re.compile(r"(camt\.05[234]|pain\.001|pacs\.008)")
_CREDIT_NOTES: Final = {"CREN"}
_NO_REFERENCE: Final = {"", "NOTPROVIDED", "NONREF"}


class _Shallow(TreeBuilder):
    """A tree without namespaces, that refuses to grow without end."""

    def __init__(self, called: str) -> None:
        super().__init__()
        self._called = called
        self._depth = 0
        self.space = ""

    def start(self, tag: str, attrs: dict[Any, Any], /) -> Element:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Invalid(
                f"{self._called}: XML nested deeper than {_DEEPEST}", hint="No ISO 20022 message is."
            )
        space, _, local = tag.rpartition("}")
        self.space = self.space or space
        return super().start(local, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag.rpartition("}")[2])


def read_iso20022(text: str, called: str) -> tuple[Advice, ...]:
    """One advice a transaction. Raises Invalid for XML that is broken, hostile or of another kind, and for unreadable amounts."""
    tree = _Shallow(called)
    parser = DefusedXMLParser(target=tree, encoding="utf-8", forbid_dtd=True)
    try:
        parser.feed(text.encode())
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise Invalid(
            f"{called} declares a document type or entities",
            hint="No ISO 20022 message does: ask for another file.",
        ) from error
    except ParseError as error:
        line, column = error.position
        raise Invalid(
            f"{called}, line {line}, column {column}: no well-formed XML",
            hint="Ask for the whole file again.",
        ) from error
    known = _KIND.search(tree.space) or _KIND.search(" ".join(each.tag for each in root))
    source = known[1] if known else _by_shape(root)
    if not source:
        raise Invalid(
            f"{called}: {root.tag!a:.40} is no camt.052, camt.053, camt.054 or pain.001",
            hint="Give one of these, or a CSV.",
        )
    transfers = _transfers(root) if source.startswith("pa") else _entries(root)
    found = tuple(_advice(source, transaction, around, called) for transaction, around in transfers)
    if not found:
        raise Invalid(
            f"{called}: the {source} has no incoming transaction", hint="Give the one with the payment."
        )
    return found


def _by_shape(root: Element) -> str:
    if root.find(".//CdtTrfTxInf") is not None:
        return "pain.001"
    return "camt.054" if root.find(".//Ntry") is not None else ""


def _transfers(root: Element) -> Iterator[tuple[Element, Element]]:
    """Each transfer of an order and the block that it is in."""
    for block in root.iter():
        for transfer in block.findall("CdtTrfTxInf"):
            yield transfer, block


def _entries(root: Element) -> Iterator[tuple[Element, Element]]:
    """Each credited transaction of a statement and its entry; an entry without details stands for itself."""
    for entry in root.iter("Ntry"):
        for transaction in entry.findall("NtryDtls/TxDtls") or [entry]:
            side = transaction.findtext("CdtDbtInd") or entry.findtext("CdtDbtInd")
            if side != "DBIT":
                yield transaction, entry


def _advice(source: str, transaction: Element, around: Element, called: str) -> Advice:
    total = _total(transaction, around, called)
    currency = total.currency if total else ""
    remittance = transaction.findall("RmtInf")
    structured = [block for each in remittance for block in each.findall("Strd")]
    lines = tuple(
        line for number, block in enumerate(structured, start=1) for line in _lines(block, number, called)
    )
    words = [each.text or "" for block in remittance for each in block.findall("Ustrd")]
    if not words and not lines:
        words = [transaction.findtext("AddtlTxInf") or around.findtext("AddtlNtryInf") or ""]
    text = clean("\n".join(word.strip() for word in words if word.strip()))
    return Advice(
        source=source,
        lines=lines or lines_in(text, currency),
        payer=_payer(transaction, around),
        payment_reference=_reference(transaction, around),
        total=total,
        on=_day(_first(around, "BookgDt", "ValDt", "ReqdExctnDt", "IntrBkSttlmDt"), called),
        text=text,
    )


def _total(transaction: Element, around: Element, called: str) -> Money | None:
    for path in (
        "AmtDtls/TxAmt/Amt",
        "Amt/InstdAmt",
        "Amt/EqvtAmt/Amt",
        "IntrBkSttlmAmt",
        "Amt",
        "AmtDtls/InstdAmt/Amt",
    ):
        found = transaction.find(path)
        if found is not None and found.get("Ccy"):
            return _money(found, called)
    alone = len(around.findall("NtryDtls/TxDtls")) == 1
    whole = around.find("Amt") if alone else None
    return _money(whole, called) if whole is not None else None


def _payer(transaction: Element, around: Element) -> str:
    for block in (transaction.find("RltdPties"), transaction, around):
        for path in ("UltmtDbtr/Pty/Nm", "UltmtDbtr/Nm", "Dbtr/Pty/Nm", "Dbtr/Nm"):
            name = block.findtext(path) if block is not None else None
            if name:
                return clean_line(name.strip())
    return ""


def _reference(transaction: Element, around: Element) -> str:
    paths = (
        "Refs/EndToEndId",
        "PmtId/EndToEndId",
        "Refs/InstrId",
        "PmtId/InstrId",
        "Refs/AcctSvcrRef",
        "AcctSvcrRef",
    )
    said = [transaction.findtext(path) or around.findtext(path) or "" for path in paths]
    return next((clean_line(each.strip()) for each in said if each.strip() not in _NO_REFERENCE), "")


def _lines(structured: Element, number: int, called: str) -> Iterator[AdviceLine]:
    """A line a document; amounts are the block's, so they are said of one document only."""
    documents = structured.findall("RfrdDocInf")
    amounts = structured.find("RfrdDocAmt")
    reason = _reason(structured, amounts)
    amount, discount = (
        (None, None) if amounts is None else (_paid(amounts, called), _discount(amounts, called))
    )
    where = f"Strd {number}, {_said_in(amounts)}" if amount is not None else ""
    creditor = (structured.findtext("CdtrRefInf/Ref") or "").strip()
    if not documents and (creditor or amount is not None):
        yield AdviceLine(
            reference=clean_line(creditor), amount=amount, discount=discount, reason=reason, where=where
        )
    for document in documents:
        alone = len(documents) == 1
        said = amount if alone else None
        kind = document.findtext("Tp/CdOrPrtry/Cd") or document.findtext("Tp/Cd") or ""
        if said is not None and kind in _CREDIT_NOTES:
            said = -abs(said)
        yield AdviceLine(
            reference=clean_line((document.findtext("Nb") or creditor).strip()),
            amount=said,
            discount=discount if alone else None,
            on=_day(document.find("RltdDt"), called),
            reason=reason if alone else "",
            where=where if alone else "",
        )


def _said_in(amounts: Element | None) -> str:
    """The element that says what is paid."""
    tags = ("RmtdAmt", "CdtNoteAmt", "DuePyblAmt")
    return next((tag for tag in tags if amounts is not None and amounts.find(tag) is not None), "RfrdDocAmt")


def _paid(amounts: Element, called: str) -> Money | None:
    """What is remitted; else what was due less the discount; a credit note is negative."""
    remitted = amounts.find("RmtdAmt")
    if remitted is not None:
        return _money(remitted, called)
    credit = amounts.find("CdtNoteAmt")
    if credit is not None:
        return -abs(_money(credit, called))
    due = amounts.find("DuePyblAmt")
    if due is None:
        return None
    payable, discount = _money(due, called), _discount(amounts, called)
    return payable - discount if discount is not None and discount.currency == payable.currency else payable


def _discount(amounts: Element, called: str) -> Money | None:
    """In its older spelling an amount, in the newer one a list of them."""
    found = [
        _money(each, called)
        for each in (*amounts.findall("DscntApldAmt"), *amounts.findall("DscntApldAmt/Amt"))
        if each.get("Ccy")
    ]
    return Money.total(found, found[0].currency) if found else None


def _reason(structured: Element, amounts: Element | None) -> str:
    adjusted = [] if amounts is None else amounts.findall("AdjstmntAmtAndRsn")
    words = [each.findtext(tag) or "" for each in adjusted for tag in ("Rsn", "AddtlInf")]
    words += [each.text or "" for each in structured.findall("AddtlRmtInf")]
    return clean_line(" ".join(word.strip() for word in words if word.strip()))


def _money(amount: Element, called: str) -> Money:
    said, code = (amount.text or "").strip(), amount.get("Ccy") or ""
    try:
        return Money.parse(_plain(said), code)
    except ArqueueError as error:
        raise Invalid(
            f"{called}, {amount.tag}: {said!a:.30} {code!a:.8} is no amount", hint="Ask for the file again."
        ) from error


def _plain(said: str) -> str:
    """XML decimals may have zeros before and behind that no amount has."""
    whole, _, fraction = said.removeprefix("+").partition(".")
    sign = "-" if whole.startswith("-") else ""
    fraction = fraction.rstrip("0")
    plain = (whole.removeprefix("-").lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    return plain if plain == "0" else sign + plain


def _first(around: Element, *tags: str) -> Element | None:
    return next((found for tag in tags if (found := around.find(tag)) is not None), None)


def _day(element: Element | None, called: str) -> date | None:
    """An ISO date or the date of an instant; in newer versions inside Dt or DtTm."""
    if element is None:
        return None
    said = (element.findtext("Dt") or element.findtext("DtTm") or element.text or "").strip()
    if not said:
        return None
    try:
        return date.fromisoformat(said[:10])
    except ValueError as error:
        raise Invalid(
            f"{called}, {element.tag}: {said!a:.30} is no date", hint="Dates are like 2026-03-12."
        ) from error
