"""The connector to the sandbox ledger, and to any ledger that serves the same API.

The ledger itself compares ``expect`` in the transaction that posts, so an order is not preceded by a read; it is followed by
one: success is what a second reading confirms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from arqueue.control.commands import Adjust, ApplyPayment, Identify, Line, Order, Unapply, head_in
from arqueue.errors import ConfigInvalid, Invalid, NeedsLogin, PeerGarbled, PeerUnreachable
from arqueue.model.ledger import AdjustmentMethod, Allocation, Entity, Item, Note
from arqueue.model.money import Money
from arqueue.model.text import clean_line, guard
from data.peers.contract import (
    Absent,
    Capabilities,
    CensusRow,
    Done,
    Idempotency,
    Known,
    Operation,
    Outcome,
    Page,
    PeerSettings,
    Posting,
    Probe,
    Rejected,
    Stale,
    Support,
    Unknown,
    nothing_known,
)
from data.peers.http import Answer, Http, NotSent
from data.peers.sandbox import answers
from data.peers.sandbox.rows import take_rows, unchanged_rows
from data.peers.sandbox.wire import CompanyAnswer, PostingRow, PostingsPage

PAGE_ROWS: Final = 1000
_CENSUS_ROWS: Final = 10000
_POSTING_ROWS: Final = 5000
_IDS_A_CALL: Final = 500
_FLIGHT_S: Final = 60
_FLIGHT_HERE_S: Final = 2
"""Longer than the deadline of a request, so that what is on its way has arrived or is dead; on this machine nothing lingers in
a network, and the order's id keeps a late copy from posting twice."""

_METHOD: Final[tuple[Literal["id", "code", "name", "account"], ...]] = ("id", "code", "name", "account")
_CHECK = "check the address in the configuration: a proxy or another web site may be answering"
_AGAIN = "nothing was taken in; the next synchronisation asks again"


class _ChangesBody(TypedDict):
    rows: list[Any]
    count: int
    cursor: str
    more: bool
    remaining: int


class _RowsBody(TypedDict):
    rows: list[Any]
    count: int


class _CensusBody(TypedDict):
    rows: list[list[str]]
    count: int
    after: str
    more: bool


_CHANGES: Final = TypeAdapter(_ChangesBody)
_ROWS: Final = TypeAdapter(_RowsBody)
_CENSUS: Final = TypeAdapter(_CensusBody)
_POSTINGS: Final = TypeAdapter(PostingsPage)
_CLOCK: Final = TypeAdapter(dict[str, str])
_COMPANY: Final = TypeAdapter(CompanyAnswer)
_Body = TypeVar("_Body")


class SandboxPeer:
    """A connector as data.peers.contract.Peer describes it. Raises ConfigInvalid for an address or a token that cannot be one."""

    def __init__(
        self, settings: PeerSettings, *, page_rows: int = PAGE_ROWS, deadline_s: float = 30.0
    ) -> None:
        if not (settings.token.isascii() and settings.token.isprintable()):
            raise ConfigInvalid(
                "the token holds characters that no token has", "copy it again into the token file"
            )
        self._http = Http(settings.url, ca_file=settings.ca_file, deadline_s=deadline_s)
        self._headers = {"authorization": f"Bearer {settings.token}"}
        self._page_rows = page_rows
        self._is_here = settings.url.startswith("http:")

    async def probe(self) -> Probe:
        """Who answers, and what it can do."""
        found = await self._read("GET", "/v1/company", _COMPANY)
        operation = Operation(support=Support.NATIVE, idempotency=Idempotency.KEY, server_guard=True)
        try:
            return Probe(
                product=clean_line(found["product"]),
                company=clean_line(found["company"]),
                currency=Money.zero(found["currency"]).currency,
                zone=clean_line(found["zone"]),
                business_date=date.fromisoformat(found["business_date"]),
                capabilities=Capabilities(
                    operations={clean_line(name): operation for name in found["operations"]},
                    overlap_s=found["overlap_s"],
                    tombstones=True,
                    key_lifetime_s=found["key_lifetime_s"],
                    flight_s=_FLIGHT_HERE_S if self._is_here else _FLIGHT_S,
                    listed=frozenset(clean_line(name) for name in found["operations"]),
                ),
                methods=tuple(
                    AdjustmentMethod(**{name: clean_line(row[name]) for name in _METHOD})
                    for row in found["methods"]
                ),
            )
        except (Invalid, ValueError) as error:
            raise PeerGarbled(
                f"the ledger's description of itself cannot be read: {error}", _CHECK
            ) from error

    async def pull(self, cursor: str | None, known: Known = nothing_known) -> Page:
        """The next page after the cursor; what is ``known`` is not read. Raises PeerGarbled, and gives no cursor, for a page that
        was cut."""
        query = {"cursor": cursor or "", "limit": str(self._page_rows)}
        body = await self._read("GET", "/v1/changes", _CHANGES, query=query)
        _check_count(body["rows"], body["count"])
        if not body["cursor"] or clean_line(body["cursor"], limit=100) != body["cursor"]:
            raise PeerGarbled("a page of changes has no usable cursor", _AGAIN)
        if body["more"] and (not body["rows"] or body["cursor"] == cursor):
            raise PeerGarbled("a page of changes says that more follows, and leads nowhere", _AGAIN)
        unchanged = await unchanged_rows(body["rows"], known)
        taken = take_rows(row for row in body["rows"] if id(row) not in unchanged)
        return Page(
            cursor=body["cursor"],
            more=body["more"],
            upserts=tuple(taken.upserts),
            unchanged=tuple(unchanged.values()),
            tombstones=tuple(taken.tombstones),
            quarantined=tuple(taken.quarantined),
            remaining=max(0, body["remaining"]),
        )

    async def census(self) -> Sequence[CensusRow]:
        """Every open item. Raises PeerGarbled for a single bad row: a control total has no gaps."""
        found: list[CensusRow] = []
        after = ""
        while True:
            query = {"after": after, "limit": str(_CENSUS_ROWS)}
            body = await self._read("GET", "/v1/census", _CENSUS, query=query)
            _check_count(body["rows"], body["count"])
            found += [_census_row(row) for row in body["rows"]]
            if not body["more"]:
                return found
            if not body["rows"] or body["after"] == after:
                raise PeerGarbled("a page of the census says that more follows, and leads nowhere", _AGAIN)
            after = body["after"]

    async def get(self, ids: Sequence[str]) -> Page:
        """These entities as they are now; the cursor of the page means nothing."""
        upserts: list[Entity] = []
        tombstones: list[str] = []
        quarantined = []
        for start in range(0, len(ids), _IDS_A_CALL):
            wanted = list(ids[start : start + _IDS_A_CALL])
            body = await self._read("POST", "/v1/entities", _ROWS, content=_ids_body(wanted))
            _check_count(body["rows"], body["count"])
            if [row.get("id") if isinstance(row, dict) else None for row in body["rows"]] != wanted:
                raise PeerGarbled("the ledger answered with other rows than were asked for", _AGAIN)
            taken = take_rows(body["rows"])
            upserts += taken.upserts
            tombstones += taken.tombstones
            quarantined += taken.quarantined
        return Page("", False, tuple(upserts), tuple(tombstones), tuple(quarantined))

    async def ours(self, since: datetime | None) -> Sequence[Posting]:
        """Orders of ours that were carried out. Raises PeerGarbled for a single bad row: a control total has no gaps."""
        stamp = since.astimezone(UTC).isoformat(timespec="microseconds") if since else ""
        found: list[Posting] = []
        after = ""
        while True:
            query = {"since": stamp, "after": after, "limit": str(_POSTING_ROWS)}
            body = await self._read("GET", "/v1/postings", _POSTINGS, query=query)
            _check_count(body["rows"], body["count"])
            found += [_posting(row) for row in body["rows"]]
            if not body["more"]:
                return found
            if not body["rows"] or body["after"] == after:
                raise PeerGarbled("a page of postings says that more follows, and leads nowhere", _AGAIN)
            after = body["after"]

    async def submit(self, order: Order) -> Outcome:
        """Send the stored bytes under the order's id, and believe a success only when a second reading confirms it."""
        headers = {**self._headers, "idempotency-key": order.id, "content-type": "application/json"}
        try:
            answer = await self._http.request("POST", "/v1/orders", headers=headers, content=order.body)
        except NotSent as error:
            return Unknown(f"{error.message}; nothing was sent")
        except (PeerUnreachable, PeerGarbled) as error:
            return Unknown(error.message)
        said = answers.read_answer(order, answer)
        return await self._confirm(order, said) if isinstance(said, answers.Claimed) else said

    async def find(self, order: Order) -> Done | Rejected | Absent | Unknown:
        """What became of an order. One that was refused as stale is Absent: nothing is there, and the same bytes sent again
        get the same refusal, with the rows that explain it."""
        try:
            answer = await self._http.request("GET", f"/v1/orders/{order.id}", headers=self._headers)
            body = answer.json() if answer.status in (200, 404) else None
        except (PeerUnreachable, PeerGarbled) as error:
            return Unknown(error.message)
        if answer.status == 404 and answers.error_of(body)[0] == "no_such_order":
            return Absent()
        if answer.status != 200:
            stop = 300 <= answer.status < 400 or answer.status in (401, 403)
            return Unknown(answers.words_for(answer), retry_after_s=answers.retry_after(answer), stop=stop)
        saved = body.get("answer") if isinstance(body, dict) else None
        refusal = answers.read_refusal(order, saved)
        if refusal is not None:
            return Absent() if isinstance(refusal, Stale) else refusal
        claim = answers.read_claim(order, saved)
        if claim is None:
            return Unknown("the ledger knows the id, but another order under it")
        return await self._confirm(order, claim, is_old=True)

    async def set_business_date(self, day: date) -> None:
        """Move the ledger's own date, which only a demonstration allows. Raises NeedsLogin elsewhere."""
        content = json.dumps({"date": day.isoformat()}).encode()
        await self._read("PUT", "/v1/clock", _CLOCK, content=content)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _confirm(self, order: Order, claim: answers.Claimed, *, is_old: bool = False) -> Done | Unknown:
        """The second reading: what was claimed must stand in the ledger. ``is_old`` for an order found again, after which
        the items may have moved on."""
        refs = [ref for ref in claim.refs if not ref.startswith("journal:") and ref not in claim.items]
        try:
            page = await self.get([*claim.items, *refs])
        except (PeerUnreachable, PeerGarbled, NeedsLogin) as error:
            return Unknown(f"the ledger said yes, but it could not be read back: {error.message}")
        found = {entity.id: entity for entity in page.upserts}
        agrees = all(_stands(order, found.get(ref)) for ref in refs)
        agrees &= all(
            _agrees(order, seen, found.get(key), is_old=is_old) for key, seen in claim.items.items()
        )
        if not agrees or not _arrived(order, claim, is_old=is_old):
            return Unknown("the ledger said yes, but its items do not show it")
        return Done(claim.refs, page.upserts)

    async def _read(
        self,
        method: str,
        path: str,
        adapter: TypeAdapter[_Body],
        *,
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> _Body:
        headers = {**self._headers, **({"content-type": "application/json"} if content else {})}
        answer = await self._http.request(method, path, headers=headers, params=query, content=content)
        _check_status(answer)
        try:
            return adapter.validate_python(answer.json(), strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = guard(".".join(str(part) for part in first["loc"]))
            raise PeerGarbled(f"the ledger's answer has no usable {place}: {first['msg']}", _CHECK) from error


def _ids_body(ids: Sequence[str]) -> bytes:
    return json.dumps({"ids": ids}).encode()


def _check_status(answer: Answer) -> None:
    status = answer.status
    if status == 200:
        return
    if status in (401, 403):
        raise NeedsLogin(
            answers.words_for(answer), "put the right token into the token file: `arqueue init` does it"
        )
    if status in (408, 425, 429) or status >= 500:
        wait = answers.retry_after(answer)
        later = f"; it asks to wait {wait:g} s" if wait is not None else ""
        raise PeerUnreachable(answers.words_for(answer) + later, "work goes on with what is here")
    if status == 410:
        raise PeerGarbled("the ledger was replaced by another one", "read it anew with `arqueue sync --full`")
    raise PeerGarbled(answers.words_for(answer), _CHECK)


def _check_count(rows: Sequence[Any], count: int) -> None:
    if len(rows) != count:
        raise PeerGarbled(f"a page was cut: {len(rows)} rows of {count} came", _AGAIN)


def _census_row(row: Sequence[str]) -> CensusRow:
    try:
        key, version, residual, currency = row
        return CensusRow(clean_line(key), clean_line(version), Money.parse(residual, currency))
    except ValueError as error:
        raise PeerGarbled(f"a row of the census has {len(row)} parts", _CHECK) from error
    except Invalid as error:
        raise PeerGarbled(f"a row of the census cannot be read: {error}", _CHECK) from error


def _posting(row: PostingRow) -> Posting:
    try:
        amount = None
        if row["amount"] is not None and row["currency"] is not None:
            amount = Money.parse(row["amount"], row["currency"])
        return Posting(
            command_id=clean_line(row["id"]),
            op=clean_line(row["op"]),
            at=datetime.fromisoformat(row["at"]).astimezone(UTC).isoformat(timespec="microseconds"),
            amount=amount,
            about=clean_line(row["about"]),
            party=clean_line(row.get("party", "")),
            actor=clean_line(row["actor"]),
            refs=tuple(clean_line(ref) for ref in row["refs"]),
            head=head_in(row.get("memo", "")),
        )
    except ValueError as error:
        raise PeerGarbled("a posting has no usable time", _CHECK) from error
    except Invalid as error:
        raise PeerGarbled(f"a posting cannot be read: {error}", _CHECK) from error


def _stands(order: Order, found: Entity | None) -> bool:
    """Whether what the order made or took back (allocation, note) is there, as the order says it."""
    command = order.command
    match found:
        case Allocation():
            pair = (found.credit_item, found.debit_item)
            if isinstance(command, Unapply):
                return found.void and (*pair, found.amount) == (
                    command.credit_item,
                    command.debit_item,
                    command.amount,
                )
            if isinstance(command, ApplyPayment):
                return (
                    found.credit_item == command.payment
                    and Line(found.debit_item, found.amount) in command.lines
                )
            if isinstance(command, Identify):
                return found.credit_item == command.payment
            return isinstance(command, Adjust) and command.item in pair and found.amount == command.amount
        case Note():
            return found.command_id == order.id
        case _:
            return False


def _agrees(order: Order, claimed: Item, found: Entity | None, *, is_old: bool) -> bool:
    """Whether an item shows what was claimed; one that has moved on since shows it by its version alone."""
    if not isinstance(found, Item):
        return False
    seen = order.expect.get(claimed.id)
    if seen is not None and not is_old and not _fits(order, claimed, seen.residual):
        return False
    if found.version == claimed.version:
        return found.residual == claimed.residual
    return int(found.version) > int(claimed.version)


def _arrived(order: Order, claim: answers.Claimed, *, is_old: bool) -> bool:
    """Whether a payment that was to go to another customer is claimed to be there, with all that was open. Of one found again the
    amount proves nothing: where nothing is compared, all that was open went, whatever that was by then."""
    if not isinstance(order.command, Identify):
        return True
    seen = order.expect.get(order.command.payment)
    theirs = [item for item in claim.items.values() if item.party_id == order.command.party]
    return any(seen is None or is_old or item.residual == seen.residual for item in theirs)


def _fits(order: Order, claimed: Item, before: Money) -> bool:
    moved = answers.moved_by(order).get(claimed.id)
    if moved is None:
        return True
    by = moved.minor if isinstance(order.command, Unapply) else -moved.minor
    return abs(claimed.residual.minor) == abs(before.minor) + by
