"""What is written, and what was put back."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from arqueue.control.commands import Identify
from data.broker import ordering
from data.store import audit, backup, mirror
from data.sync import push, reconcile
from data.sync.pull import Puller
from data.sync.reconcile import Reconciler
from tests.faults.simulator.mutants.mutant import Mutant, Patch
from tests.faults.simulator.plans import Theme


def _audit_forgets(patch: Patch) -> None:
    right = audit.write

    def write(database: Any, actor: Any, what: str, **more: Any) -> None:
        if not what.endswith("unknown"):
            right(database, actor, what, **more)

    patch.setattr(audit, "write", write)


def _loose_chain(patch: Patch) -> None:
    right = audit.link
    patch.setattr(audit, "link", lambda prev, row: right("" if "unknown" in str(row[3]) else prev, row))
    bad = audit.first_bad_row

    def strict(database: Any, *, after: int = 0) -> int | None:
        with pytest.MonkeyPatch.context() as back:
            back.setattr(audit, "link", right)
            return bad(database, after=after)

    patch.setattr("tests.faults.simulator.invariants.history.audit.first_bad_row", strict)


def _cursor_first(patch: Patch) -> None:
    take = Puller._take

    async def ahead(self: Puller, page: Any, *, feed: bool, derive: bool = True) -> int:
        if feed:
            at = self._clock.stamp()
            await self._store.write(
                lambda database: database.conn.execute(
                    "INSERT OR REPLACE INTO cursor VALUES ('peer', ?, ?)", (page.cursor, at)
                )
            )
        return await take(self, page, feed=feed, derive=derive)

    patch.setattr(Puller, "_take", ahead)


def _old_pages(patch: Patch) -> None:
    right = mirror.store_page

    def store(database: Any, page: Any, *, newer: Any = (), **more: Any) -> Any:
        return right(database, page, **more)

    patch.setattr(mirror, "store_page", store)


def _new_ids(patch: Patch) -> None:
    """Ids are drawn, not derived."""
    drawn = [0]

    def draw(connection: sqlite3.Connection, person: str, intent: str, number: int) -> str:
        drawn[0] += 1
        return f"{drawn[0]:032x}"

    patch.setattr(ordering, "_id", draw)


def _held_goes(patch: Patch) -> None:
    patch.setattr(backup, "_hold", lambda database, clock: 0)


def _opens_at_once(patch: Patch) -> None:
    patch.setattr(backup, "mark_of", lambda connection: None)


def _nobody_adopts(patch: Patch) -> None:
    patch.setattr(reconcile, "_orphans", lambda connection, told, base: iter(()))


def _adopted_for_nobody(*ops: str) -> Callable[[Patch], None]:
    """Orders of these kinds; all where none is named."""

    def put(patch: Patch) -> None:
        right = reconcile._adopted

        def adopted(*given: Any) -> Any:
            found = right(*given)
            return dataclasses.replace(found, person="") if not ops or found.op in ops else found

        patch.setattr(reconcile, "_adopted", adopted)

    return put


async def _no_flight(self: Reconciler, mark: Any) -> None:
    return None


def _taken_back_comes_again(patch: Patch) -> None:
    patch.setattr(backup, "_take_back", lambda database, ended, *, at: None)


KEPT: tuple[Mutant, ...] = (
    Mutant("a step without its audit row", _audit_forgets, quick=True),
    Mutant("an audit row that does not follow", _loose_chain),
    Mutant("the cursor is stored before the page", _cursor_first),
    Mutant("an older page overwrites what was read back", _old_pages),
    Mutant(
        "posted before its figures are here",
        lambda patch: patch.setattr(push, "shows", lambda entities, here, command: True),
        theme=Theme.FEED,
    ),
    Mutant(
        "the rows of a refusal that is repeated are believed",
        lambda patch: patch.setattr(push, "_REFUSALS", frozenset()),
        theme=Theme.FEED,
    ),
    Mutant("what came back with a backup is not held", _held_goes),
    Mutant("a store that was put back opens at once", _opens_at_once),
    Mutant("an order that a backup does not know is a new one", _new_ids, theme=Theme.COPIES),
    Mutant("nobody adopts what is posted and not known", _nobody_adopts),
    Mutant("what was adopted counts for nobody", _adopted_for_nobody(), theme=Theme.COPIES),
    Mutant(
        "a payment that moved and was adopted counts for nobody",
        _adopted_for_nobody(Identify.op),
        theme=Theme.COPIES,
    ),
    Mutant(
        "a look-up after a restore is believed at once",
        lambda patch: patch.setattr(Reconciler, "_flight", _no_flight),
        theme=Theme.RESTORE,
    ),
    Mutant("what was taken back comes again with a backup", _taken_back_comes_again),
)
