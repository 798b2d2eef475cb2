"""The queue in the store: what is under way is not open, what failed is work, and only what changed is written."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from arqueue.control.commands import ApplyPayment, Command, Expected, Line, items_of
from arqueue.control.states import EDGES, FINAL, CommandState
from arqueue.model.ledger import Item, ItemState
from arqueue.model.money import Money
from data.store import mirror, outbox, queue
from data.store.opening import open_writer, transaction
from data.store.outbox import Stored
from data.store.queue import open_amount
from data.store.ranking import shown
from data.store.rows import item_of
from tests.store.books import (
    ANNA,
    AT,
    INVOICE,
    OTHER,
    PAYMENT,
    add,
    adjust,
    apply_to,
    company,
    move,
    open_of,
    start,
    take,
    unapply,
)
from tests.store.test_mirror import one
from tests.unit.books import TODAY, item, money, party

S = CommandState


def work_row(database: Database, key: str) -> tuple[int, str, str | None] | None:
    """Amount, words and owner of a row."""
    found: tuple[int, str, str | None] | None = database.conn.execute(
        "SELECT amount, coalesce(words, ''), owner FROM work WHERE id = ?", (key,)
    ).fetchone()
    return found


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**9), max_size=6))
def test_what_is_under_way_never_turns_an_item_round(residual: int, taken: list[int]) -> None:
    """Open is the residual less what is under way, on the residual's side, never past zero."""
    left = open_amount(item("1", Money(residual, "EUR").text), sum(taken))
    assert left.minor * residual >= 0
    assert abs(left.minor) == max(0, abs(residual) - sum(taken))


def test_what_is_under_way_is_not_open(books: Database) -> None:
    """Both sides shrink at once, by each command, whether it waits for approval or for its outcome."""
    add(books, apply_to((INVOICE, "30.00"), (OTHER, "50.00")))
    move(books, start(books, add(books, adjust("5.00"))), S.UNKNOWN)
    add(books, adjust("1.00"), state=S.PENDING)
    assert [open_of(books, key) for key in (PAYMENT, INVOICE, OTHER)] == ["-20.00", "44.00", "0.00"]
    found = work_row(books, f"payment/{PAYMENT}")
    assert found is not None
    assert found[0] == 2000


@pytest.mark.parametrize("end", [S.REJECTED, S.CONFLICT, S.CANCELLED, S.DECLINED, S.EXPIRED])
def test_what_came_to_nothing_is_open_again(books: Database, end: CommandState) -> None:
    """A command that moved nothing takes nothing."""
    row = add(books, adjust("30.00"), state=S.PENDING if end in (S.DECLINED, S.EXPIRED) else S.QUEUED)
    assert open_of(books, INVOICE) == "50.00"
    move(books, start(books, row) if end in (S.REJECTED, S.CONFLICT) else row, end)
    assert open_of(books, INVOICE) == "80.00"


def test_taking_back_frees_nothing_before_it_is_posted(books: Database) -> None:
    """What may yet be refused is not shown as open."""
    add(books, unapply("10.00"))
    assert open_of(books, INVOICE) == "80.00"


def seen(books: Database, *keys: str) -> dict[str, Expected]:
    """What a command decided now would expect."""
    return queue.expected(books.conn, [item_of(one(books, "item", key)) for key in keys])


def test_a_command_expects_what_those_before_it_leave(books: Database) -> None:
    """The first one the version that it saw, those behind it the residual alone."""
    assert seen(books, PAYMENT)[PAYMENT] == Expected("1", money("-100.00"))
    add(books, apply_to((INVOICE, "30.00")))
    assert seen(books, PAYMENT, INVOICE, OTHER) == {
        PAYMENT: Expected("", money("-70.00")),
        INVOICE: Expected("", money("50.00")),
        OTHER: Expected("1", money("50.00")),
    }


def test_what_waits_for_approval_is_not_expected_to_happen(books: Database) -> None:
    """It may be declined, and goes out after whatever is queued now."""
    add(books, adjust("30.00"), state=S.PENDING)
    assert seen(books, INVOICE)[INVOICE] == Expected("1", money("80.00"))
    assert open_of(books, INVOICE) == "50.00"


def test_what_is_being_taken_back_is_expected_to_come_back(books: Database) -> None:
    """Whoever acts on the item next does so after it."""
    add(books, unapply("10.00"))
    assert seen(books, PAYMENT, INVOICE) == {
        PAYMENT: Expected("", money("-110.00")),
        INVOICE: Expected("", money("90.00")),
    }


def test_what_waits_for_approval_is_the_supervisors_work_until_it_is_decided(books: Database) -> None:
    """With the order in words; once it is queued or declined the row is gone."""
    row = add(books, adjust("30.00"), state=S.PENDING)
    with transaction(books):
        queue.refresh(books, ["party:1"], TODAY, "EUR")
    found = work_row(books, f"approval/{row.id}")
    assert found is not None
    assert (found[0], found[2]) == (3000, "supervisor")
    assert row.words in found[1]
    move(books, row, S.DECLINED)
    with transaction(books):
        queue.refresh(books, ["party:1"], TODAY, "EUR")
    assert work_row(books, f"approval/{row.id}") is None


def test_what_failed_is_work_until_it_was_seen(books: Database) -> None:
    """For who ordered it, with the reason."""
    row = start(books, add(books, adjust("10.00")))
    row = move(books, row, S.REJECTED, outcome="locked_period: closed")
    with transaction(books):
        queue.refresh(books, ["party:1"], TODAY, "EUR")
    found = work_row(books, f"failure/{row.id}")
    assert found is not None
    assert (found[0], found[2]) == (1000, "anna")
    assert "locked_period: closed" in found[1]
    with transaction(books):
        outbox.dismiss(books, row.id, ANNA, at=AT)
        queue.refresh(books, ["party:1"], TODAY, "EUR")
    assert work_row(books, f"failure/{row.id}") is None


def test_an_outcome_that_stays_unknown_becomes_work(books: Database) -> None:
    """After twenty tries somebody is told; before, it is only in the outbox."""
    row, found = add(books, adjust("10.00")), None
    for tries in range(1, 22):
        row = move(books, start(books, row), S.UNKNOWN, outcome="no answer")
        with transaction(books):
            queue.refresh(books, ["party:1"], TODAY, "EUR")
        found = work_row(books, f"failure/{row.id}")
        assert (found is not None) == (tries >= 20)
    assert found is not None
    assert "outcome not known after 21 tries: no answer" in found[1]


def test_nothing_changed_nothing_written(books: Database) -> None:
    """Deriving again is free of writes, and the generation stands."""
    before, generation = books.conn.total_changes, queue.generation(books.conn)
    with transaction(books):
        delta = queue.refresh(books, ["party:1", "party:nobody"], TODAY, "EUR")
    assert (books.conn.total_changes, delta.ids, delta.generation) == (before, (), generation)


def test_the_generation_grows_with_every_change(books: Database) -> None:
    """Faces know by it that their window is old; a row that goes counts too."""
    before = queue.generation(books.conn)
    take(books, item("p", "0.00", version="2"), cursor="2")
    after = queue.generation(books.conn)
    assert after > before
    assert queue.refresh(books, ["party:1"], TODAY, "EUR") == queue.Delta((), after)


def test_all_customers_with_anything_are_looked_at(books: Database) -> None:
    """Those with open items, and those with rows that may have to go."""
    take(books, item("solo", "5.00", party_id="party:7", due_date=None), cursor="2")
    assert set(queue.all_parties(books.conn)) == {"party:1", "party:7"}


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(1, 12))
def test_slices_are_bounded_and_leave_nobody_out(sizes: list[int], limit: int) -> None:
    """Each customer once; no slice holds more items than it may, but for one family that has more."""
    with tempfile.TemporaryDirectory() as directory:
        database = open_writer(Path(directory) / "store" / "arqueue.sqlite")
        for number, size in enumerate(sizes):
            rows = [item(f"{number}-{n}", "1.00", party_id=f"party:{number}") for n in range(size)]
            with transaction(database):
                mirror.store_entities(database, rows)
        slices = queue.slices(database.conn, limit)
        database.close()
    assert sorted(each for held in slices for each in held) == sorted(f"party:{n}" for n in range(len(sizes)))
    for parties in slices:
        held_items = sum(sizes[int(each.removeprefix("party:"))] for each in parties)
        assert held_items <= limit or len(parties) == 1


def test_slices_keep_families_together(database: Database) -> None:
    """A payment of the one covers debts of the other."""
    branches = [party(str(key), parent_id="party:9") for key in (1, 3)]
    rows = [item(f"{key}-{n}", "1.00", party_id=f"party:{key}") for key in (1, 2, 3, 9) for n in range(2)]
    with transaction(database):
        mirror.store_entities(database, [*branches, party("2"), party("9"), *rows])
    assert sorted(sorted(each) for each in queue.slices(database.conn, 2)) == [
        ["party:1", "party:3", "party:9"],
        ["party:2"],
    ]


# ---- families: who pays for whom


@pytest.fixture
def group(database: Database) -> Database:
    """A head office, party:9, with two branches, each with a late invoice of its own; nobody has paid."""
    branches = [party(key, parent_id="party:9") for key in ("1", "2")]
    debts = [
        item("i", "80.00", number="INV-1001"),
        item("j", "50.00", number="INV-1002", party_id="party:2"),
        item("k", "30.00", number="INV-1003", party_id="party:9"),
    ]
    take(database, party("9"), *branches, *debts)
    return database


def held(database: Database) -> set[str]:
    """The customers whose overdue row says that a payment probably covers it."""
    found = database.conn.execute(
        f"SELECT party_id, score, coalesce(cover_words, '') FROM {shown(database.conn, TODAY).source} WHERE kind = 'overdue'"
    )
    rows = {row[0]: row for row in found}
    assert len(rows) == 3
    for _, score, reasons in rows.values():
        assert (score < 0) == ("probably pays" in reasons)
    return {party_id for party_id, score, _ in rows.values() if score < 0}


@pytest.mark.parametrize("payer", ["party:1", "party:2", "party:9"])
def test_a_payment_holds_the_chase_of_whomever_it_names_in_the_family(group: Database, payer: str) -> None:
    """The head office for a branch, a branch for its sibling or its head office; in the transaction that brings it."""
    take(group, item("p", "-130.00", party_id=payer, text="1001, 1002"), cursor="2")
    assert held(group) == {"party:1", "party:2"}
    take(group, item("p", "-30.00", party_id=payer, text="1003", version="2"), cursor="3")
    assert held(group) == {"party:9"}
    take(group, item("p", "0.00", party_id=payer, version="3", state=ItemState.CLOSED), cursor="4")
    assert held(group) == set()


def test_money_that_is_being_applied_covers_nothing_more(group: Database) -> None:
    """What is under way is under way on both sides."""
    take(group, item("p", "-90.00", party_id="party:9", text="1001"), cursor="2")
    assert held(group) == {"party:1"}
    row = add(group, apply_to(("item:k", "30.00")), party_id="party:9")
    assert group.conn.execute("SELECT party_id FROM work WHERE cover = 'paid'").fetchall() == []
    with transaction(group):
        outbox.undo(group, row.id, ANNA, may_undo_others=False, at=AT)
        queue.refresh(group, {"party:9"}, TODAY, "EUR")
    assert held(group) == {"party:1"}


def test_a_branch_that_leaves_is_chased_again(group: Database) -> None:
    """Sold or merged: nobody of the old family pays for it."""
    take(group, item("p", "-80.00", party_id="party:9"), cursor="2")
    assert held(group) == {"party:1"}
    take(group, party("1", version="2"), cursor="3")
    assert held(group) == set()


@pytest.mark.parametrize(
    "heads", [("1",), ("2", "1"), ("2", "3", "1")], ids=["its own", "each other's", "three"]
)
def test_customers_that_are_each_others_head_office_are_ranked(
    database: Database, heads: tuple[str, ...]
) -> None:
    """A ledger may say so; a circle of owners ends where it began."""
    keys = [str(place) for place in range(1, len(heads) + 1)]
    circle = [party(key, parent_id=f"party:{head}") for key, head in zip(keys, heads, strict=True)]
    owed = [item(key, "10.00", party_id=f"party:{key}") for key in keys]
    take(database, *circle, *owed, item("p", "-30.00"))
    ranked = {row[0] for row in database.conn.execute("SELECT party_id FROM work WHERE kind = 'overdue'")}
    assert ranked == {f"party:{key}" for key in keys}
    family = queue.family(database.conn, "party:1")
    assert sorted(set(family)) == sorted(family)


def test_a_family_without_money_is_not_read_for_one_of_its_members(group: Database) -> None:
    """A change at one branch looks at that branch."""
    read: list[str] = []
    group.conn.set_trace_callback(read.append)
    with transaction(group):
        queue.refresh(group, {"party:1"}, TODAY, "EUR")
    group.conn.set_trace_callback(None)
    assert [each for each in read if each.startswith("SELECT * FROM item") and "party:2" in each] == []


# ---- the overlay and any sequence of commands

AMOUNTS = st.integers(1, 60).map(lambda units: Money(units * 100, "EUR"))


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, int, Money]:
    """Make a command, or move one on."""
    return (
        draw(st.sampled_from(["apply", "adjust", "pending", "move"])),
        draw(st.integers(0, 9)),
        draw(AMOUNTS),
    )


def still_open(database: Database, key: str) -> int:
    """Minor units, without a sign."""
    return abs(Money.parse(open_of(database, key), "EUR").minor)


def guarded(database: Database, command: Command, state: CommandState) -> Stored | None:
    """Stored only if it fits, as the broker decides it in the same transaction."""
    if any(still_open(database, key) < _wanted(command, key) for key in items_of(command)):
        return None
    return add(database, command, state=state)


def _wanted(command: Command, key: str) -> int:
    assert not isinstance(command, str)
    amounts = {
        line.item: line.amount.minor for line in (command.lines if isinstance(command, ApplyPayment) else ())
    }
    return amounts.get(key, sum(amounts.values()) or getattr(command, "amount", Money.zero("EUR")).minor)


@settings(max_examples=30)
@given(st.lists(steps(), max_size=14), st.data())
def test_commands_together_never_take_more_than_there_is(
    script: list[tuple[str, int, Money]], data: st.DataObject
) -> None:
    """Whatever is ordered and whatever becomes of it: what is under way on an item fits into its residual, and open is the
    rest."""
    with tempfile.TemporaryDirectory() as directory:
        database = open_writer(Path(directory) / "store" / "arqueue.sqlite")
        take(database, *company())
        for what, number, amount in script:
            target = (INVOICE, OTHER)[number % 2]
            if what == "apply":
                guarded(database, ApplyPayment(PAYMENT, (Line(target, amount),), TODAY), S.QUEUED)
            elif what in ("adjust", "pending"):
                guarded(database, adjust(amount.text, target), S.QUEUED if what == "adjust" else S.PENDING)
            else:
                _one_step(database, data)
            for each in company():
                if isinstance(each, Item):
                    _check_overlay(database, each)
        database.close()


def _one_step(database: Database, data: st.DataObject) -> None:
    moving, _ = outbox.listing(database.conn, [state.value for state in EDGES], 50, 0)
    if not moving:
        return
    row = moving[data.draw(st.integers(0, len(moving) - 1))]
    after = data.draw(st.sampled_from(sorted(EDGES[row.state])))
    if after is S.SENDING:
        start(database, row)
    elif not (after is S.CANCELLED and row.attempts):
        move(database, row, after)


def _check_overlay(database: Database, each: Item) -> None:
    marks = ", ".join("?" * len(FINAL))
    (under_way,) = database.conn.execute(
        "SELECT coalesce(sum(effect.amount), 0) FROM effect JOIN command ON command.id = command_id"
        f" WHERE item_id = ? AND state NOT IN ({marks})",
        (each.id, *(state.value for state in FINAL)),
    ).fetchone()
    assert under_way <= abs(each.residual.minor)
    assert still_open(database, each.id) == abs(each.residual.minor) - under_way
