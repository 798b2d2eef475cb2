"""Sums, approvals and ages as they are stored: what was let through counts for 24 hours whatever the clocks do."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from sqlite_utils import Database

from arqueue.control.authority import Use
from arqueue.control.states import FAILED, CommandState
from arqueue.errors import ConfigInvalid
from arqueue.model.people import Limit, People, Person, Role
from data.store import authority, differences, outbox
from data.store.differences import Difference, Found
from data.store.instants import Instant, see_start
from data.store.opening import transaction
from data.store.outbox import Stored
from tests.store.books import SUE, add, adjust, move, start, take
from tests.unit.books import item, money, party

S = CommandState
NOW = Instant("2026-11-21T09:00:00.000000+00:00", 1_000_000.0, "boot-1")
H = 3600.0
PEOPLE = People(
    [
        Person("anna", "Anna", frozenset({Role.COLLECTOR}), (Limit("adjust", money("50.00")),)),
        Person("sue", "Sue", frozenset({Role.SUPERVISOR}), (Limit("adjust", money("900.00")),)),
    ]
)


def later(hours: float, *, wall: float | None = None, boot: str = "boot-1") -> Instant:
    """So many hours on; ``wall`` is how far the wall clock says it is, where that is something else."""
    stamp = NOW.before(-(hours if wall is None else wall) * H)
    return Instant(stamp, NOW.boot_s + hours * H if boot == NOW.boot_id else 60.0, boot)


def up_for(hours: float, *, wall: float) -> Instant:
    """So many hours after a start of the machine was seen, an hour from ``NOW``; by a wall clock that says ``wall``."""
    return Instant(NOW.before(-wall * H), 60.0 + hours * H, "boot-2")


@pytest.fixture
def big(books: Database) -> Database:
    """With an invoice large enough for everything."""
    take(books, party(), item("big", "9999.00"), cursor="2")
    return books


def charged(books: Database, amount: str, now: Instant = NOW, person: str = "anna") -> Stored:
    """An order that used a limit."""
    row = add(books, adjust(amount, "item:big"))
    with transaction(books):
        authority.charge(books, row.id, person, Use("adjust", money(amount), "small", "party:1"), now)
    return row


def used(books: Database, now: Instant, *, before: str = "") -> str:
    """What anna let through."""
    found = authority.spent(books.conn, "anna", "adjust", "EUR", now, before=before)
    return str(sum((each.amount for each in found), money("0.00")))


def test_a_day_is_24_hours_of_the_boot_clock(big: Database) -> None:
    """However the wall clock jumps while the machine is up."""
    charged(big, "40.00")
    assert used(big, later(23.9)) == "40.00"
    assert used(big, later(24.1)) == "0.00"
    assert used(big, later(1.0, wall=48.0)) == "40.00"
    assert used(big, later(23.9, wall=-48.0)) == "40.00"


def test_after_a_start_of_the_machine_the_wall_clock_counts_and_going_back_never_helps(big: Database) -> None:
    """An instant in the future counts until it is a day past."""
    charged(big, "40.00")
    assert used(big, later(23.9, boot="boot-2")) == "40.00"
    assert used(big, later(24.1, boot="boot-2")) == "0.00"
    assert used(big, later(30.0, wall=-5.0, boot="boot-2")) == "40.00"


def test_a_wall_clock_set_after_a_start_of_the_machine_makes_nothing_older(big: Database) -> None:
    """What was let through before the start still counts for its 24 hours; nor does a clock set back make it count for longer."""
    charged(big, "40.00")
    with transaction(big):
        see_start(big, later(1.0, boot="boot-2"))
    for wall in (-50.0, 1.5, 50.0):
        assert used(big, up_for(0.5, wall=wall)) == "40.00"
        assert used(big, up_for(22.9, wall=wall)) == "40.00"
        assert used(big, up_for(23.1, wall=wall)) == "0.00"


def test_what_is_let_through_under_a_wrong_wall_clock_is_as_old_as_it_is(big: Database) -> None:
    """The clock was set back after this start was seen, and is right again at the next."""
    with transaction(big):
        see_start(big, NOW)
    charged(big, "40.00", later(1.0, wall=-49.0))
    with transaction(big):
        see_start(big, later(2.0, boot="boot-2"))
    assert used(big, later(24.5, boot="boot-2")) == "40.00"


def test_a_machine_whose_starts_have_no_names_is_known_by_its_boot_clock(big: Database) -> None:
    """It goes back when the machine starts."""
    with transaction(big):
        see_start(big, NOW)
        see_start(big, replace(later(5.0), boot_s=60.0))
        see_start(big, replace(later(50.0), boot_s=61.0))
    assert replace(later(99.0), boot_s=60.0 + H).steady(big.conn).at == later(6.0).at


@pytest.mark.parametrize("state", sorted((FAILED | {S.CANCELLED}) - {S.EXPIRED}))
def test_what_came_to_nothing_does_not_count(big: Database, state: CommandState) -> None:
    """A conflict that posted a part of it does."""
    row = charged(big, "40.00")
    if state in (S.REJECTED, S.CONFLICT):
        row = start(big, row)
    move(big, row, state)
    assert used(big, NOW) == "0.00"


def test_a_part_that_was_posted_counts(big: Database) -> None:
    """It ends as a conflict with references."""
    move(big, start(big, charged(big, "40.00")), S.CONFLICT, refs=["J1"])
    assert used(big, NOW) == "40.00"


def test_an_order_does_not_count_against_itself_nor_do_those_after_it(big: Database) -> None:
    """What came before does."""
    rows = [charged(big, amount) for amount in ("10.00", "20.00", "30.00")]
    assert used(big, NOW) == "60.00"
    assert used(big, NOW, before=rows[1].id) == "10.00"


def test_what_was_let_through_is_never_changed(big: Database) -> None:
    """Neither whose limit it was nor who said yes; nobody says yes to their own, or to other bytes."""
    row = charged(big, "40.00")
    with transaction(big):
        authority.approve(big, row, SUE, NOW)
    for change in ("UPDATE charge SET amount = 1", "DELETE FROM charge", "DELETE FROM approval"):
        with pytest.raises(sqlite3.IntegrityError, match="stays as it was"), transaction(big):
            big.conn.execute(change)
    for person, sha in (("anna", "(SELECT body_sha FROM command)"), ("tom", "'other'")):
        values = f"SELECT id, '{person}', 1, {sha}, 0, '', '', 0, '' FROM command"
        with pytest.raises(sqlite3.IntegrityError, match="another person approves"), transaction(big):
            big.conn.execute(f"INSERT INTO approval {values}")


def waiting(books: Database, now: Instant = NOW) -> Stored:
    """An order that waits for approval."""
    row = add(books, adjust("60.00", "item:big"), state=S.PENDING)
    with transaction(books):
        authority.wait_for_approval(books, row.id, now)
    return row


def expired(books: Database, row: Stored, now: Instant) -> bool:
    """Whether it expires at that instant."""
    with transaction(books):
        authority.expire(books, now)
    return outbox.get(books.conn, row.id).state is S.EXPIRED


def test_what_nobody_approves_expires_after_72_hours(big: Database) -> None:
    """Of the boot clock: a wall clock that jumps ahead ends nothing early."""
    row = waiting(big)
    assert not expired(big, row, later(71.9, wall=500.0))
    assert expired(big, row, later(72.1, wall=-500.0))
    assert "nobody approved it within 72 hours" in outbox.get(big.conn, row.id).outcome


def test_a_wait_is_at_least_as_old_as_the_boot(big: Database) -> None:
    """After a start of the machine the wall clock counts, and one that went back keeps nothing alive for ever."""
    row = waiting(big)
    assert not expired(big, row, replace(later(0.0, boot="boot-2"), boot_s=71.0 * H))
    assert expired(big, row, replace(later(0.0, wall=-99.0, boot="boot-2"), boot_s=73.0 * H))


def test_an_approval_binds_to_the_bytes_and_is_looked_at_again(big: Database) -> None:
    """Sue's yes carries it for 72 hours, and only while she has the limit."""
    row = add(big, adjust("60.00", "item:big"))
    assert "above the limit of 50.00" in authority.withdrawn(big.conn, row, PEOPLE, NOW)
    with transaction(big):
        authority.approve(big, row, SUE, NOW)
    assert authority.withdrawn(big.conn, row, PEOPLE, later(71.9)) == ""
    assert "older than 72 hours" in authority.withdrawn(big.conn, row, PEOPLE, later(72.1))
    alone = People([person for person in PEOPLE if person.id == "anna"])
    assert "sue, who approved it" in authority.withdrawn(big.conn, row, alone, NOW)


def test_nobody_can_say_while_the_people_file_is_broken(big: Database) -> None:
    """Money waits; it is neither sent nor declined."""
    row = add(big, adjust("10.00", "item:big"))
    with pytest.raises(ConfigInvalid, match="line 3"):
        authority.withdrawn(big.conn, row, People(PEOPLE, fault="line 3"), NOW)


def test_a_supervisor_is_told_after_a_day_without_an_outcome(big: Database) -> None:
    """Once, also while nothing can be tried."""
    row = add(big, adjust("60.00", "item:big"))
    move(big, start(big, row, boot_s=NOW.boot_s), S.UNKNOWN)
    with transaction(big):
        assert authority.tell_of_unknown(big, later(23.9)) == []
        assert len(authority.tell_of_unknown(big, later(24.1))) == 1
        assert authority.tell_of_unknown(big, later(24.2)) == []


def adopted(books: Database, amount: str, *, at: str, command_id: str = "lost", person: str = "anna") -> None:
    """A posting of ours that a store which was put back does not know."""
    orphan = Found(
        command_id, Difference.ORPHAN, "adjust", "party:1", "item:big", money(amount), "posted", person, at
    )
    with transaction(books):
        differences.record(books, [orphan], at=at)


def test_what_was_adopted_from_the_ledger_counts_for_whoever_ordered_it(big: Database) -> None:
    """For 24 hours from when it was posted, and for nobody else."""
    adopted(big, "30.00", at=NOW.at)
    adopted(big, "7.00", at=NOW.at, command_id="lost-2", person="sue")
    charged(big, "10.00", later(1.0))
    assert used(big, later(2.0)) == "40.00"
    assert used(big, later(24.5)) == "10.00"


def test_what_was_adopted_counts_against_no_order_from_before_it(big: Database) -> None:
    """An order that came back with the backup was let through before."""
    row = charged(big, "40.00")
    adopted(big, "30.00", at=later(1.0).at)
    assert used(big, later(2.0), before=row.id) == "0.00"


def test_what_the_ledger_shows_as_posted_is_charged_once(big: Database) -> None:
    """To whoever ordered it, where the store does not know whose limit it used."""
    row = add(big, adjust("25.00", "item:big"))
    with transaction(big):
        authority.charge_posted(big, row, NOW)
        authority.charge_posted(big, row, later(1.0))
    assert used(big, later(1.0)) == "25.00"
