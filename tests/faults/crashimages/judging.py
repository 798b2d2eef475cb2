"""Opening a crash image as a broker would, and what must hold in it whatever the disk did."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from arqueue.control.commands import effects, unseal
from arqueue.control.states import EDGES, FINAL, CommandState
from arqueue.errors import ArqueueError
from data.store import audit, heads
from data.store.opening import open_writer
from tests.faults.crashimages.disk import Image

STORE, KEY, PUBLIC, HEADS = "arqueue.sqlite", heads.KEY_FILE, "audit.pub", "audit-heads.jsonl"
WITHOUT = (f"{STORE}-shm", "ballast", "broker.lock", "broker.log", "peer.token")
"""What a start makes anew or never reads, and what was there before the broker."""
_SENT = frozenset(CommandState) - {CommandState.PENDING, CommandState.QUEUED}


@dataclass(frozen=True, slots=True)
class Found:
    """What an image holds: a digest of every row, the commands with their states, and what is wrong with it."""

    digest: bytes
    states: Mapping[str, str]
    wrong: tuple[str, ...]


class Judge:
    """Opens images in one folder (on tmpfs: nothing there has to last); what two of them share is looked at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[bytes, Found] = {}
        self._signed: dict[tuple[bytes, ...], str] = {}

    def look(self, image: Image) -> Found:
        """Open the image as a broker at its start does."""
        self._place(image)
        try:
            database = open_writer(self._folder / STORE)
        except ArqueueError as error:
            return Found(b"", {}, (f"does not open: {error.message}",))
        try:
            digest = _digest(database.conn)
            if digest not in self._known:
                self._known[digest] = Found(digest, _states(database.conn), tuple(_wrongs(database)))
            found = self._known[digest]
            kept = (digest, *(bytes(image.get(name, b"-")) for name in (KEY, PUBLIC, HEADS)))
            if kept not in self._signed:
                self._signed[kept] = self._witness(database)
            if wrong := self._signed[kept]:
                return Found(digest, found.states, (*found.wrong, wrong))
            return found
        except (sqlite3.DatabaseError, ArqueueError) as error:
            return Found(b"", {}, (f"cannot be read: {error}",))
        finally:
            database.conn.close()

    def _place(self, image: Image) -> None:
        for left in self._folder.iterdir():
            left.unlink()
        for name, content in image.items():
            file = self._folder / name
            file.write_bytes(content)
            file.chmod(0o600)

    def _witness(self, database: Database) -> str:
        """What the signed heads say against it, and whether a broker could go on signing (I12)."""
        key = self._folder / KEY
        try:
            heads.Signer(key)
            file = self._folder / HEADS
            signed = list(heads.read(file)) if file.exists() else []
            wrong = heads.first_wrong(database.conn, signed, heads.load_public(heads.public_file(key)))
        except ArqueueError as error:
            return f"the witness stops: {error.message.replace(str(self._folder), '…')}"
        except OSError as error:
            return f"the witness cannot begin: {error.strerror}"
        return f"the witness objects: {wrong}" if wrong else ""


def lost(found: Found, told: Mapping[str, str], sent: Iterable[str]) -> str:
    """What was acknowledged, or had left for the ledger, and is not there any more (I5); empty when all is."""
    for command, state in told.items():
        if command not in found.states:
            return f"command {command} was acknowledged and is not there"
        if not _reaches(state, found.states[command]):
            return f"command {command} was shown as {state} and is {found.states[command]}"
    for command in sent:
        if found.states.get(command) not in _SENT:
            return f"command {command} was sent, and the store does not know"
    return ""


def _reaches(before: str, after: str) -> bool:
    """Whether a command that was in the one state may be in the other later."""
    if before in ("", after):
        return True
    if before in FINAL:
        return False
    seen, waiting = set(), [CommandState(before)]
    while waiting:
        state = waiting.pop()
        seen.add(state)
        waiting += [each for each in EDGES.get(state, ()) if each not in seen]
    return after in seen


def _digest(connection: sqlite3.Connection) -> bytes:
    whole = hashlib.blake2b(digest_size=16)
    # an index of texts is what its own tables hold: it cannot be read as a table itself
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    ).fetchall()
    for (table,) in tables:
        rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
        whole.update(repr((table, rows)).encode())
    return whole.digest()


def _states(connection: sqlite3.Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT id, state FROM command").fetchall())


def _wrongs(database: Database) -> Iterable[str]:
    if (bad := audit.first_bad_row(database)) is not None:
        yield f"the audit breaks at row {bad} (I12)"
    yield from _commands(database.conn)
    yield from _amounts(database.conn)


def _commands(connection: sqlite3.Connection) -> Iterable[str]:
    """Command, effects, attempts and audit belong together (I11)."""
    rows = connection.execute("SELECT id, op, state, body, body_sha, attempts FROM command").fetchall()
    for command, op, state, body, body_sha, attempts in rows:
        order = unseal(bytes(body))
        if order.id != command or order.body_sha != body_sha:
            yield f"the bytes of {command} are not what was decided"
        stored = dict(
            connection.execute(
                "SELECT item_id, amount FROM effect WHERE command_id = ?", (command,)
            ).fetchall()
        )
        if stored != {item: amount.minor for item, amount in effects(order.command).items()}:
            yield f"what {command} moves is not all there (I11)"
        (tries,) = connection.execute(
            "SELECT count(*) FROM attempt WHERE command_id = ?", (command,)
        ).fetchone()
        if tries != attempts:
            yield f"{command} has {tries} of its {attempts} attempts (I11)"
        last = connection.execute(
            "SELECT what FROM audit WHERE command_id = ? AND what LIKE ? || ' %' ORDER BY seq DESC LIMIT 1",
            (command, op),
        ).fetchone()
        if last is None or last[0] != f"{op} {state}":
            yield f"{command} is {state}, and the audit says {last and last[0]} (I11)"
    strange = connection.execute(
        "SELECT command_id FROM audit WHERE command_id <> '' AND command_id NOT IN (SELECT id FROM command)"
    ).fetchall()
    if strange:
        yield f"the audit knows {strange[0][0]}, and the outbox does not (I11)"


def _amounts(connection: sqlite3.Connection) -> Iterable[str]:
    """What the ledger's figures lack of an item is what was posted, and at most what may have been (I8)."""
    rows = connection.execute(
        "SELECT item.id, abs(item.total) - abs(item.residual),"
        " coalesce(sum(effect.amount) FILTER (WHERE command.state = 'posted'), 0),"
        " coalesce(sum(effect.amount) FILTER (WHERE command.state IN ('posted', 'sending', 'unknown')), 0)"
        " FROM item LEFT JOIN effect ON effect.item_id = item.id"
        " LEFT JOIN command ON command.id = effect.command_id WHERE item.kind <> 'journal' GROUP BY item.id"
    ).fetchall()
    for item, gone, posted, perhaps in rows:
        if not posted <= gone <= perhaps:
            yield f"{gone} is gone of {item}, posted are {posted} and under way {perhaps - posted} (I8)"
