"""What may only grow, and what is kept: I4, I5, I10, I11, I12."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from arqueue.control.states import EDGES, FINAL, HELD_EDGES, CommandState, may_follow
from data.store import audit
from data.store.stored import Stored
from tests.faults.simulator.invariants.broken import require

if TYPE_CHECKING:
    from tests.faults.simulator.invariants.watch import Watch

S = CommandState


def lively(watch: Watch) -> None:
    """I4: in peace everything ends, or a supervisor was told; a store that was put back opens."""
    require(watch.world.broker.reconciler.is_open, "I4", "the store that was put back is not open")
    told = {row[0] for row in watch.world.store.connection.execute("SELECT command_id FROM told")}
    for row in watch.rows.values():
        ended = row.state in FINAL or row.state is S.PENDING or row.id in told
        require(ended, "I4", f"{row.op} {row.id[-4:]} is still {row.state.value}: {row.outcome}")


def no_lost_acknowledgement(watch: Watch) -> None:
    """I5: what somebody was told is stored is there."""
    for intent, ids in watch.acks.items():
        for key in ids:
            require(key in watch.rows, "I5", f"{key[-4:]} of {intent} was acknowledged, and is gone")


def monotone(watch: Watch, before: Mapping[str, Stored], news: set[str]) -> None:
    """I10: states move along the edges, counters only grow, what was decided never changes."""
    require(list(watch.rows)[: len(before)] == list(before), "I10", "commands are in another order, or gone")
    for row in watch.those(news & before.keys()):
        key, was = row.id, before[row.id]
        require(
            row.attempts >= was.attempts and row.fence >= was.fence, "I10", f"{key[-4:]} counts backwards"
        )
        require(row.body == was.body and row.intent == was.intent, "I10", f"{key[-4:]} was rewritten")
        goes = row.state in HELD_EDGES[was.state] if key in watch.were_held else _reachable(was, row)
        require(was.state is row.state or goes, "I10", f"{key[-4:]}: {was.state} to {row.state}")


def _reachable(was: Stored, row: Stored) -> bool:
    """Whether edges lead there; between two looks there may be one commit only."""
    return may_follow(was.state, row.state) or (
        was.state in EDGES and row.state is S.UNKNOWN and was.state is S.SENDING
    )


def mirror_grows(watch: Watch) -> None:
    """I10: neither the feed's cursor nor the version of an item goes back; the cursor is never ahead of what is stored."""
    connection, books = watch.world.store.connection, watch.world.books
    found = connection.execute("SELECT value FROM cursor").fetchone()
    now = int(found[0]) if found else 0
    require(not found or now >= watch.cursor, "I10", f"the cursor goes from {watch.cursor} to {now}")
    watch.cursor = now
    versions = {key: int(version) for key, version in connection.execute("SELECT id, version FROM item")}
    for key, version in versions.items():
        require(version >= watch.versions.get(key, 0), "I10", f"{key} goes back to version {version}")
    watch.versions = versions
    # rows that a page brought while an order's outcome did are asked for again at once, after a crash by the census
    watch.excused |= watch.world.broker.puller._again
    passed = dict(books.numbered[: max(0, now - books.started)])
    for key, version in passed.items():
        there = versions.get(key, 0)
        if key not in watch.excused:
            require(
                there >= version, "I10", f"the cursor is past version {version} of {key}, here is {there}"
            )


def told_in_the_audit(watch: Watch, before: Mapping[str, Stored], news: set[str]) -> None:
    """I11: each step of a command has its audit row, in the same transaction."""
    for row in watch.those(news):
        was = before.get(row.id)
        if was is None or was.state is not row.state:
            found = watch.world.store.connection.execute(
                "SELECT 1 FROM audit WHERE command_id = ? AND what = ?",
                (row.id, f"{row.op} {row.state.value}"),
            ).fetchone()
            words = f"{row.op} {row.id[-4:]} became {row.state.value}, and the audit does not say so"
            require(found, "I11", words)


def chained(watch: Watch) -> None:
    """I12: each audit row follows from the one before."""
    database = watch.world.store.database
    bad = audit.first_bad_row(database, after=watch.audited)
    require(bad is None, "I12", f"audit row {bad} does not follow")
    (last,) = database.conn.execute("SELECT coalesce(max(seq), 0) FROM audit").fetchone()
    require(last >= watch.audited, "I12", "the audit became shorter")
    watch.audited = last
