"""Backups: a copy of the store as it was at one instant, checked before it is called one; and putting one back.

A copy is taken beside the broker, over a connection that cannot write. A backup that is put back begins a new epoch: what was on
its way when it was made may have been posted since, so each such command is held until the ledger was asked about it (see
data.sync.reconcile); the store that was there is kept.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from arqueue.control.states import IN_FLIGHT, CommandState
from arqueue.errors import NotFound, Refused, StoreRefused
from arqueue.model.clock import Clock
from arqueue.model.money import Money
from data.store import audit, heads, outbox
from data.store.audit import Actor
from data.store.heads import SignedHead, Signer
from data.store.migrations import migrations
from data.store.opening import open_reader, open_writer, transaction
from data.store.stored import many

_MAGIC = b"SQLite format 3\x00"
_MIRROR = ("party", "item", "allocation", "note")
_BESIDE = ("-wal", "-shm")
_KEY = "restored"
_TAKEN_BACK = (CommandState.CANCELLED, CommandState.DECLINED, CommandState.EXPIRED)
_CHUNK = 1 << 20
Ended = Mapping[str, tuple[CommandState, str]]
"""How commands ended, and in which words, by id."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The control totals of a store: what must be the same in a copy of it."""

    store_id: str
    epoch: int
    last_at: str
    """Of the last audit row; UTC, empty while there is none."""
    audit_rows: int
    audit_head: str
    commands: dict[str, int]
    """By state."""
    open: tuple[Money, ...]
    """Of the mirror's open items, one a currency."""
    mirror: dict[str, int]
    """Rows by kind."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A store that was put back: ``totals`` before anything was changed in it, its new epoch, how many commands are held, and
    where the store is that was there before."""

    totals: Totals
    epoch: int
    held: int
    aside: Path | None


@dataclass(frozen=True, slots=True)
class Mark:
    """In a store that was put back and is not open yet: when that was, by the clock of which boot."""

    at: str
    boot_s: float
    boot_id: str
    taken_at: str
    """When the backup's last audit row was written."""


def totals_of(connection: sqlite3.Connection) -> Totals:
    """Over one snapshot, where the caller holds one."""
    meta = dict(
        connection.execute("SELECT key, value FROM meta WHERE key IN ('store_id', 'epoch')").fetchall()
    )
    last = connection.execute("SELECT seq, at, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    states = connection.execute("SELECT state, count(*) FROM command GROUP BY state ORDER BY state")
    sums = connection.execute(
        "SELECT currency, sum(residual) FROM item WHERE state = 'open' AND residual <> 0 GROUP BY currency ORDER BY currency"
    )
    return Totals(
        store_id=meta["store_id"],
        epoch=int(meta["epoch"]),
        last_at=last[1] if last else "",
        audit_rows=last[0] if last else 0,
        audit_head=last[2] if last else "",
        commands=dict(states.fetchall()),
        open=tuple(Money(minor, currency) for currency, minor in sums),
        mirror={name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _MIRROR},
    )


def back_up(store: Path, target: Path, *, replace: bool = False) -> Totals:
    """Copy the store, whoever is writing to it, into one file for its owner alone (0600); it has its name only when it is whole,
    on disk, and checked. Raises Refused where the target is there already, StoreRefused where the copy is not sound."""
    if not store.exists():
        raise NotFound(f"there is no store {store}", "name the company: --config FILE")
    if target.exists() and (not replace or target.samefile(store)):
        raise Refused(
            f"{target} is there already",
            "name another file, or give --force to replace it",
            rule="no overwriting",
        )
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        _copy_store(store, part)
        totals = check(part)
        _on_disk(part)
        part.replace(target)
        _on_disk(target.parent)
    finally:
        for path in _files(part):
            path.unlink(missing_ok=True)
    return totals


def check(file: Path, *, name: str = "") -> Totals:
    """Whether a file is a sound copy of a store that this program can read: pages, references, schema, the audit's chain.
    ``name`` is what people know it by. Raises StoreRefused."""
    name = name or str(file)
    with file.open("rb") as opened:
        if opened.read(len(_MAGIC)) != _MAGIC:
            raise StoreRefused(f"{name} is not a backup", "name a file that `arqueue backup` made")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return _checked(connection, name)
    except sqlite3.DatabaseError as error:
        raise StoreRefused(f"{name} is damaged: {error}", "take an older backup") from error


def check_heads(file: Path, known: Sequence[SignedHead], public: Path) -> int:
    """What was signed up to the backup must be in it; how many heads say so. Raises StoreRefused."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        totals = totals_of(connection)
        before = [
            signed
            for signed in known
            if signed.head.store_id == totals.store_id
            and signed.head.epoch <= totals.epoch
            and signed.head.seq <= totals.audit_rows
        ]
        wrong = heads.first_wrong(connection, before, heads.load_public(public)) if before else None
    if wrong:
        raise StoreRefused(
            f"this backup is not what it was: {wrong}", "take another backup; ask who had access to this one"
        )
    return len(before)


@contextmanager
def staged(file: Path, store: Path) -> Iterator[Path]:
    """A copy of a backup beside the store, gone at the end unless it was put in the store's place. The caller holds the store's
    lock."""
    if not file.is_file():
        raise NotFound(f"there is no file {file}", "name a file that `arqueue backup` made")
    if any(path.exists() and path.stat().st_size for path in _files(file)[1:]):
        raise StoreRefused(
            f"{file} was copied from a running store: {file.name}-wal lies beside it",
            "name a file that `arqueue backup` made",
        )
    copy = store.with_name(f"{store.name}.restoring")
    for path in _files(copy):
        path.unlink(missing_ok=True)
    try:
        copy.touch(mode=0o600, exist_ok=False)
        with copy.open("r+b") as into, file.open("rb") as out:
            shutil.copyfileobj(out, into, _CHUNK)
        yield copy
    finally:
        for path in _files(copy):
            path.unlink(missing_ok=True)


def totals_here(store: Path) -> Totals | None:
    """Of the store that is to be replaced; None where there is none or nobody can read it."""
    if not store.exists():
        return None
    with suppress(sqlite3.DatabaseError, StoreRefused), closing(open_reader(store).conn) as connection:
        return totals_of(connection)
    return None


def put_in_place(
    copy: Path,
    store: Path,
    totals: Totals,
    *,
    name: str,
    heads_file: Path,
    known: Sequence[SignedHead],
    actor: Actor,
    clock: Clock,
) -> Restored:
    """Make a staged copy with these totals the store: a new epoch, what is not final held, an audit row and its signed head. What
    was there is kept under a dated name. The caller holds the store's lock. Raises StoreRefused."""
    here = totals_here(store)
    if here is not None and here.store_id != totals.store_id:
        raise StoreRefused(
            f"{name} is of another store than the one that is here",
            f"if it is to replace it all the same, move {store} away first",
        )
    signer = Signer(store.with_name(heads.KEY_FILE))
    heads_file.open("ab").close()  # what cannot be written later is found out before anything is changed
    used = [signed.head.epoch for signed in known if signed.head.store_id == totals.store_id]
    epoch = max(totals.epoch, here.epoch if here else 0, *used, 0) + 1
    database = open_writer(copy)
    try:
        ended = _ended_in(store)
        with transaction(database):
            held = begin_again(database, totals, epoch, ended, name=name, actor=actor, clock=clock)
            head = heads.head_of(database.conn, at=clock.stamp())
        # one file and nothing beside it, so that one rename puts all of it in place
        database.conn.execute("PRAGMA journal_mode = DELETE").fetchone()
    finally:
        database.close()
    _on_disk(copy)
    aside = _put_aside(store, clock)
    copy.replace(store)
    _on_disk(store.parent)
    if head is not None:
        heads.append(heads_file, signer.sign(head))
    return Restored(totals, epoch, held, aside)


def mark_of(connection: sqlite3.Connection) -> Mark | None:
    """That of a store that was put back and is not open yet; None for an open one."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return Mark(**json.loads(row[0])) if row else None


def clear_mark(database: Database) -> None:
    """The store is open for everybody."""
    database.conn.execute("DELETE FROM meta WHERE key = ?", (_KEY,))


def begin_again(
    database: Database,
    totals: Totals,
    epoch: int,
    ended: Ended,
    *,
    name: str,
    actor: Actor,
    clock: Clock,
) -> int:
    """Make the copy of a backup the store from now on, in the caller's transaction: a new epoch, what ``ended`` since the backup
    stays ended, what is not final is held. Returns how many that are."""
    _begin_epoch(database, epoch, totals, name, actor, clock)
    database.conn.execute("UPDATE command SET held = 0 WHERE held = 1")  # of a backup that was never opened
    _take_back(database, ended, at=clock.stamp())
    return _hold(database, clock)


def taken_back(connection: sqlite3.Connection) -> Ended:
    """What came to nothing in a store without the ledger's doing: no ledger could tell that."""
    ended = ", ".join(f"'{state.value}'" for state in _TAKEN_BACK)
    rows = connection.execute(f"SELECT id, state, outcome FROM command WHERE state IN ({ended})")
    return {row[0]: (CommandState(row[1]), row[2]) for row in rows}


def _ended_in(store: Path) -> Ended:
    """Of the store that is there, as far as it can be read."""
    if store.exists():
        with suppress(sqlite3.DatabaseError, StoreRefused), closing(open_reader(store).conn) as connection:
            return taken_back(connection)
    return {}


def _take_back(database: Database, ended: Ended, *, at: str) -> None:
    """What was taken back or declined since the backup stays so."""
    for row in many(database.conn, "state IN ('pending', 'queued') AND attempts = 0 ORDER BY seq DESC", ()):
        if row.id in ended:
            state, words = ended[row.id]
            outbox.move(database, row, state, audit.SYSTEM, at=at, outcome=f"{words} (after the backup)")


def _begin_epoch(
    database: Database, epoch: int, totals: Totals, name: str, actor: Actor, clock: Clock
) -> None:
    """The first row of the new epoch: whatever the audit says after it was not signed before."""
    at, connection = clock.stamp(), database.conn
    connection.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (epoch,))
    mark = {"at": at, "boot_s": clock.boot_s(), "boot_id": clock.boot_id, "taken_at": totals.last_at}
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, json.dumps(mark)))
    detail = {"epoch": epoch, "from": name, "rows": totals.audit_rows, "taken_at": totals.last_at}
    audit.write(database, actor, heads.RESTORED, at=at, detail=json.dumps(detail, sort_keys=True))


def _hold(database: Database, clock: Clock) -> int:
    """Hold everything that is not final; how many that are."""
    outbox.recover(database, at=clock.stamp(), boot_s=clock.boot_s(), boot_id=clock.boot_id)
    flying = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT))
    return database.conn.execute(f"UPDATE command SET held = 1 WHERE state IN ({flying})").rowcount


def _put_aside(store: Path, clock: Clock) -> Path | None:
    """Keep what is there, with what of it is in its log; None where there is nothing."""
    if not store.exists():
        return None
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    dated = f"{store.name}.before-{clock.now():%Y%m%dT%H%M%S}"
    names = (store.with_name(dated if n == 1 else f"{dated}-{n}") for n in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    os.link(store, aside)
    for path, kept in zip(_files(store)[1:], _files(aside)[1:], strict=True):
        if path.exists():
            path.replace(kept)
    return aside


def _copy_store(store: Path, into: Path) -> None:
    """Whole and of one instant: one read transaction, which no writer waits for."""
    source = open_reader(store)
    try:
        with closing(sqlite3.connect(into, isolation_level=None)) as copy:
            source.conn.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        raise StoreRefused(
            f"the store could not be copied: {error}", "see that there is room for the copy"
        ) from error
    finally:
        source.conn.close()


def _checked(connection: sqlite3.Connection, file: str) -> Totals:
    older = "take an older backup"
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"meta", "command", "audit", *_MIRROR} <= tables:
        raise StoreRefused(f"{file} is no store of arqueue", "name a file that `arqueue backup` made")
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise StoreRefused(f"{file} is damaged: {found}", older)
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise StoreRefused(f"{file} is damaged: rows point to others that are not there", older)
    database = Database(connection, execute_plugins=False, recursive_triggers=False)
    if unknown := _unknown_migrations(database):
        raise StoreRefused(
            f"{file} was written by a newer arqueue ({', '.join(sorted(unknown))})", "install that version"
        )
    bad = audit.first_bad_row(database)
    if bad is not None:
        raise StoreRefused(
            f"{file}: audit row {bad} is not what was written", "take another backup; ask who had access"
        )
    return totals_of(connection)


def _unknown_migrations(database: Database) -> set[str]:
    empty = Database(memory=True)
    known = {migration.name for migration in migrations.pending(empty)}
    empty.close()
    return {applied.name for applied in migrations.applied(database)} - known


def _files(path: Path) -> list[Path]:
    """A store's file, its log, and the log's index."""
    return [path, *(path.with_name(path.name + suffix) for suffix in _BESIDE)]


def _on_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
