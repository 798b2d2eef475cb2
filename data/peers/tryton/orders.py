"""Carries orders out: looks, compares with what was expected, steps, looks again. What Tryton's answers prove becomes an
outcome."""

from __future__ import annotations

from typing import Final

from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Dispute,
    Escalate,
    Identify,
    Line,
    Order,
    Resolve,
    Unapply,
    items_of,
)
from arqueue.errors import ArqueueError, NeedsLogin, PeerGarbled, PeerUnreachable
from data.peers.contract import Absent, Done, Outcome, Partial, Rejected, Rejection, Stale, Unknown
from data.peers.tryton import adjusting, applying, moving, remarks, unapplying
from data.peers.tryton.applying import Impossible, Want
from data.peers.tryton.lookup import number_of
from data.peers.tryton.reader import Reader
from data.peers.tryton.rpc import Redirected, Refusal, Stamped
from data.peers.tryton.sight import Sight, before, look, unexpected
from data.peers.tryton.steps import Match, Poster, Remark, tagged_moves

_STEPS: Final = 60
Found = Done | Partial | Rejected | Absent | Unknown


class Orders:
    """Submits orders and finds them again. `remark` is told on which records remarks are put."""

    def __init__(self, reader: Reader, remark: Remark) -> None:
        self._reader, self._remark = reader, remark

    async def submit(self, order: Order) -> Outcome:
        """Carry an order out once. Raises NeedsLogin, PeerUnreachable or PeerGarbled only where nothing was begun."""
        poster = Poster(self._reader, order)
        try:
            return await self._carry_out(order, poster)
        except Impossible as error:
            return await self._refused(order, Rejected(Rejection.UNSUPPORTED, str(error)))
        except Stamped:
            return await self._refused(order, Stale("somebody changed it in Tryton in the same moment"))
        except Refusal as error:
            return await self._refused(order, Rejected(_code(error.message), error.message))
        except (NeedsLogin, PeerUnreachable, PeerGarbled) as error:
            if not poster.begun:
                raise
            return Unknown(error.message, stop=isinstance(error, NeedsLogin | Redirected))

    async def find(self, order: Order) -> Found:
        """What became of an order that was sent before. One that got half-way is Absent where sending it again goes on from
        there: nothing that it has left to do was done. Raises nothing."""
        try:
            found = await self._find(order)
            return Absent() if isinstance(found, Partial) and await self._goes_on(order) else found
        except ArqueueError as error:
            return Unknown(error.message, stop=isinstance(error, NeedsLogin | Redirected))

    async def _carry_out(self, order: Order, poster: Poster) -> Outcome:
        match order.command:
            case ApplyPayment() as command:
                return await self._apply(order, command, poster)
            case Adjust() as command:
                return await self._adjust(order, command, poster)
            case Unapply() as command:
                return await unapplying.take_back(self._reader, order, command, poster, self._remark)
            case Identify() as command:
                return await moving.carry_over(self._reader, order, command, poster)
            case Annotate() | Escalate() | Dispute() | Resolve():
                return await remarks.write(self._reader, order, poster, self._remark)

    async def _find(self, order: Order) -> Found:
        match order.command:
            case ApplyPayment() as command:
                return await self._find_applied(order, command)
            case Adjust():
                found = await self._written_off(order)
                return found or Absent()
            case Unapply() as command:
                return await unapplying.find(self._reader, order, command)
            case Identify() as command:
                return await moving.find(self._reader, order, command)
            case Annotate() | Escalate() | Dispute() | Resolve():
                return await remarks.find(self._reader, order)

    async def _goes_on(self, order: Order) -> bool:
        """Whether what is there is proved to be this order's: by the remark of one that takes back, by the entries of one that
        applies."""
        return isinstance(order.command, Unapply) or bool(await tagged_moves(self._reader, order))

    async def _refused(self, order: Order, said: Stale | Rejected) -> Outcome:
        """A refusal proves that its own call did nothing, not that none before it did: look, and say what is there now."""
        try:
            found = await self._find(order)
            if isinstance(found, Done | Partial):
                return found
            sight = await look(self._reader, items_of(order.command))
        except ArqueueError as error:
            return Unknown(f"{said.words}; {error.message}")
        if isinstance(said, Stale):
            return Stale(said.words, sight.entities)
        return Rejected(said.code, said.words, sight.entities)

    # apply

    async def _apply(self, order: Order, command: ApplyPayment, poster: Poster) -> Outcome:
        ids = items_of(command)
        sight = await look(self._reader, ids)
        stale = unexpected(order, sight)
        if stale is not None and not await tagged_moves(self._reader, order):
            return stale
        starts = {each: before(order, sight, each) for each in ids}
        refusal = _unfit(command, sight, starts)
        if refusal is not None:
            return refusal
        payment = number_of(command.payment, "line")
        assert payment is not None
        for _ in range(_STEPS):
            wants = _wants(command, sight, starts)
            if wants is None:
                return await self._refused(order, Stale(_MOVED))
            step = applying.next_step(sight.book, payment, wants)
            if step is None:
                return await self._done(order, command, sight)
            await poster.do(sight.book, step, on=command.on)
            sight = await look(self._reader, ids)
        return Unknown("it takes more steps than is credible; look at the payment in Tryton")

    async def _find_applied(self, order: Order, command: ApplyPayment) -> Done | Partial | Absent:
        """Found by comparing: so much of the payment is gone since the order was decided, and is now on these debits."""
        sight = await look(self._reader, items_of(command))
        budget = before(order, sight, command.payment) - sight.open(command.payment)
        done: list[Line] = []
        left: list[Line] = []
        for line in command.lines:
            there = sum(each.amount.minor for each in sight.applied(command.payment, line.item))
            shrunk = before(order, sight, line.item) - sight.open(line.item)
            got = max(0, min(line.amount.minor, there, shrunk, budget))
            budget -= got
            amount = type(line.amount)(got, line.amount.currency)
            if got:
                done.append(Line(line.item, amount))
            if got < line.amount.minor:
                left.append(Line(line.item, line.amount - amount))
        if not done:
            return Absent()
        if left:
            words = f"{len(done)} of {len(command.lines)} are applied; sending it again goes on"
            return Partial(_refs(command, sight), tuple(done), tuple(left), words, sight.entities)
        sight = await self._finish(order, command, sight)
        return await self._done(order, command, sight)

    async def _finish(self, order: Order, command: ApplyPayment, sight: Sight) -> Sight:
        """Links that cover an invoice to the cent are reconciled with it: it moves no residual, and Tryton calls the invoice
        paid. Left undone where Tryton refuses."""
        poster = Poster(self._reader, order)
        for line in command.lines:
            number = number_of(line.item, "line")
            step = applying.formality(sight.book, number) if number in sight.book.lines else None
            if step is None:
                continue
            try:
                await poster.do(sight.book, step, on=command.on)
            except (Refusal, Stamped):
                continue
            sight = await look(self._reader, items_of(command))
        return sight

    async def _done(self, order: Order, command: ApplyPayment, sight: Sight) -> Done:
        moves = [str(row["number"]) for row in await tagged_moves(self._reader, order)]
        return Done((*_refs(command, sight), *moves), sight.entities)

    # adjust

    async def _adjust(self, order: Order, command: Adjust, poster: Poster) -> Outcome:
        found = await self._written_off(order)
        if found is not None:
            return found
        sight = await look(self._reader, [command.item])
        stale = unexpected(order, sight)
        if stale is not None:
            return stale
        root, method = number_of(command.item, "line"), number_of(command.method, "method")
        item = sight.item(command.item)
        if item is None or root is None:
            return Rejected(Rejection.NOT_FOUND, f"{command.item} is not an item that Tryton can write off")
        if item.residual.currency != command.amount.currency:
            return Rejected(
                Rejection.INVALID, f"{item.number} is in {item.residual.currency}", sight.entities
            )
        if command.amount.minor <= 0 or command.amount.minor > sight.open(command.item):
            words = f"{command.amount} is not within the {abs(item.residual)} that is open of {item.number}"
            return Rejected(Rejection.INSUFFICIENT, words, sight.entities)
        if method is None or not await self._is_method(method):
            return Rejected(
                Rejection.NOT_FOUND, f"Tryton has no write-off method {command.method}", sight.entities
            )
        for _ in range(_STEPS):
            left = sight.open(command.item)
            step = adjusting.next_step(sight.book, root, command.amount.minor, left, method)
            await poster.do(sight.book, step, on=command.on, words=command.note)
            if isinstance(step, Match):
                break
            sight = await look(self._reader, [command.item])
        done = await self._written_off(order)
        return done or Unknown("Tryton said yes, but no write-off bears the order's reference")

    async def _written_off(self, order: Order) -> Done | None:
        """The entry that bears the order's reference, where there is one: splits bear it too, and post nothing."""
        tagged = await tagged_moves(self._reader, order)
        journals = await self._reader.journals(row["journal"] for row in tagged)
        moves = [
            row
            for row in tagged
            if row["journal"] in journals and journals[row["journal"]].kind == "write-off"
        ]
        if not moves:
            return None
        sight = await look(self._reader, items_of(order.command))
        return Done(tuple(str(row["number"]) for row in moves), sight.entities)

    async def _is_method(self, number: int) -> bool:
        return bool(
            await self._reader.rows("account.move.reconcile.write_off", [["id", "=", number]], ["id"])
        )


_MOVED: Final = "Tryton holds other figures than the order expected"


def _unfit(command: ApplyPayment, sight: Sight, starts: dict[str, int]) -> Rejected | None:
    """Why Tryton cannot do this, before anything is tried."""
    payment = sight.item(command.payment)
    if payment is None or payment.is_debit:
        return Rejected(Rejection.NOT_FOUND, f"{command.payment} is no credit in Tryton", sight.entities)
    for line in command.lines:
        item = sight.item(line.item)
        if item is None or not item.is_debit or number_of(line.item, "line") is None:
            return Rejected(Rejection.NOT_FOUND, f"{line.item} is no open debit in Tryton", sight.entities)
        if {item.residual.currency, line.amount.currency} != {payment.residual.currency}:
            words = f"{item.number} is not in {payment.residual.currency}: apply it in Tryton, which books the difference"
            return Rejected(Rejection.UNSUPPORTED, words, sight.entities)
        if item.party_id != payment.party_id:
            words = f"{item.number} is another customer's: Tryton applies within one customer only"
            return Rejected(Rejection.UNSUPPORTED, words, sight.entities)
        if line.amount.minor <= 0 or line.amount.minor > starts[line.item]:
            words = f"{line.amount} is not within what is open of {item.number}"
            return Rejected(Rejection.INSUFFICIENT, words, sight.entities)
    if sum(line.amount.minor for line in command.lines) > starts[command.payment]:
        return Rejected(Rejection.INSUFFICIENT, f"{payment.number} has less open than that", sight.entities)
    return None


def _wants(command: ApplyPayment, sight: Sight, starts: dict[str, int]) -> list[Want] | None:
    """What is still to do, by what has become of the residuals so far; None where they moved otherwise."""
    wants = []
    done = 0
    for line in command.lines:
        number = number_of(line.item, "line")
        got = starts[line.item] - sight.open(line.item)
        if number is None or not 0 <= got <= line.amount.minor:
            return None
        done += got
        wants.append(Want(number, line.amount.minor - got, sight.open(line.item)))
    return wants if starts[command.payment] - sight.open(command.payment) == done else None


def _refs(command: ApplyPayment, sight: Sight) -> tuple[str, ...]:
    return tuple(each.id for line in command.lines for each in sight.applied(command.payment, line.item))


def _code(words: str) -> Rejection:
    """What kind of refusal Tryton's English words are."""
    said = words.lower()
    if "period" in said or "fiscal year" in said:
        return Rejection.LOCKED_PERIOD
    if "not allowed" in said or "access" in said:
        return Rejection.FORBIDDEN
    if "already reconciled" in said:
        return Rejection.ALREADY
    return Rejection.INVALID
