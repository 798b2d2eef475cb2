"""What is open of a payment moved to the customer who sent it: Tryton delegates its lines, in one transaction.

The entry takes the lines off the old account and sets new ones on the new account, so the payment goes on under another id there:
the first reference of the outcome. What was applied of it stays where it is.
"""

from __future__ import annotations

from arqueue.control.commands import Identify, Order
from arqueue.model.ledger import ItemKind
from data.peers.contract import Absent, Done, Outcome, Rejected, Rejection, Unknown
from data.peers.tryton.lookup import number_of
from data.peers.tryton.parties import PARTY
from data.peers.tryton.reader import Reader
from data.peers.tryton.sight import Sight, look, unexpected
from data.peers.tryton.steps import Delegate, Poster, tagged_moves


async def carry_over(reader: Reader, order: Order, command: Identify, poster: Poster) -> Outcome:
    """Move it once. Raises as `Session.call`."""
    found = await find(reader, order, command)
    if isinstance(found, Done):
        return found
    sight = await look(reader, [command.payment])
    stale = unexpected(order, sight)
    if stale is not None:
        return stale
    plan = await _plan(reader, command, sight)
    if isinstance(plan, Rejected):
        return plan
    step, words = plan
    await poster.do(sight.book, step, on=command.on, words=words)
    found = await find(reader, order, command)
    return found if isinstance(found, Done) else Unknown("Tryton said yes, but the payment is not there")


async def find(reader: Reader, order: Order, command: Identify) -> Done | Absent:
    """By the entry that bears the order's reference, and its lines with the new customer. Raises as `Session.call`."""
    party = number_of(command.party, "party")
    moves = {row["id"]: str(row["number"]) for row in await tagged_moves(reader, order)}
    if party is None or not moves:
        return Absent()
    lines = await reader.lines([["move", "in", sorted(moves)], ["party", "=", party], ["credit", ">", 0]])
    if not lines:
        return Absent()
    new = sorted(row["id"] for row in lines)
    sight = await look(reader, [command.payment], also=new)
    entries = dict.fromkeys(moves[row["move"]] for row in lines)
    return Done((f"line:{new[0]}", *entries), sight.entities)


async def _plan(reader: Reader, command: Identify, sight: Sight) -> tuple[Delegate, str] | Rejected:
    """The step and the words that go with it, or why Tryton cannot do this."""
    payment, root = sight.item(command.payment), number_of(command.payment, "line")
    party = number_of(command.party, "party")
    if payment is None or root is None:
        return Rejected(Rejection.NOT_FOUND, f"{command.payment} is not a payment in Tryton", sight.entities)
    if payment.kind is not ItemKind.PAYMENT or payment.is_debit:
        return Rejected(Rejection.INVALID, f"{payment.number} is not a payment", sight.entities)
    if payment.party_id == command.party:
        return Rejected(Rejection.ALREADY, f"{payment.number} is that customer's already", sight.entities)
    if party is None or not await reader.rows(PARTY, [["id", "=", party]], ["id"]):
        words = f"there is no customer {command.party} in Tryton"
        return Rejected(Rejection.NOT_FOUND, words, sight.entities)
    lines = tuple(sight.book.free(root))
    if not lines:
        return Rejected(Rejection.INSUFFICIENT, f"{payment.number} is applied in full", sight.entities)
    return Delegate(lines, party), payment.text or payment.number
