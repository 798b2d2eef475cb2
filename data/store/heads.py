"""Signed heads of the audit, kept outside the store: whoever rewrites the whole chain, or cuts its end off, is found out.

A head says how many rows the audit had and the hash of the last one; it is signed (Ed25519) with a key of the broker's own and
appended to a file that belongs on another disk, under another user, or both. The file only grows and each line is on disk before
the next thing happens.
"""

from __future__ import annotations

import base64
import json
import math
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from arqueue.errors import StoreRefused

KEY_FILE = "audit.key"
"""The broker's private key, in the store's folder."""
RESTORED = "restored"
"""What the audit row says with which a new epoch begins; its detail names the epoch."""


@dataclass(frozen=True, slots=True)
class Head:
    """The audit's last row at an instant (UTC): its number and hash, of which store and which epoch of it."""

    seq: int
    hash: str
    at: str
    store_id: str
    epoch: int

    @property
    def data(self) -> bytes:
        """What is signed."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head with the broker's signature."""

    head: Head
    signature: bytes

    @property
    def line(self) -> str:
        """As it stands in the file."""
        signed = {**asdict(self.head), "signature": base64.b64encode(self.signature).decode("ascii")}
        return json.dumps(signed, sort_keys=True, separators=(",", ":"))


def head_of(connection: sqlite3.Connection, *, at: str) -> Head | None:
    """The audit as it stands; None while it is empty."""
    last = connection.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    if last is None:
        return None
    return Head(last[0], last[1], at, *_identity(connection))


class Signer:
    """The broker's key. Made at the first start: the private half is for the broker's user alone (0600), the public half lies
    beside it for whoever verifies; a copy of that one belongs elsewhere."""

    def __init__(self, private: Path) -> None:
        self._key = _load(private) if private.exists() else _make(private)

    def sign(self, head: Head) -> SignedHead:
        """The head with its signature."""
        return SignedHead(head, self._key.sign(head.data))


def public_file(private: Path) -> Path:
    """Where the public half lies."""
    return private.with_suffix(".pub")


def load_public(file: Path) -> Ed25519PublicKey:
    """The key that signatures are checked with. Raises StoreRefused."""
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreRefused(
            f"{file} is no public key: {error}", "name the copy of audit.pub that was kept elsewhere"
        ) from None
    if not isinstance(key, Ed25519PublicKey):
        raise StoreRefused(f"{file} is no Ed25519 key", "name the copy of audit.pub that was kept elsewhere")
    return key


def append(file: Path, signed: SignedHead) -> None:
    """One more line, on disk when this returns; never glued to one that a crash cut short."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(handle).st_size
        start = b"" if not size or os.pread(handle, 1, size - 1) == b"\n" else b"\n"
        os.write(handle, start + f"{signed.line}\n".encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)


def read(file: Path) -> Iterator[SignedHead]:
    """Every head in the file; lines that a crash cut short are passed over. Raises StoreRefused for others that are none."""
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            raw = json.loads(line)
        except ValueError:
            continue
        try:
            yield parse(raw)
        except ValueError:
            raise StoreRefused(
                f"{file}, line {number}, is no head of an audit", "compare it with the system log's copy"
            ) from None


def parse(raw: Mapping[str, Any]) -> SignedHead:
    """A head from its line or from a record with more in it. Raises ValueError."""
    try:
        named = {name: raw[name] for name in Head.__slots__}
        return SignedHead(Head(**named), base64.b64decode(raw["signature"], validate=True))
    except (TypeError, KeyError) as error:
        raise ValueError(f"it is no head: {error}") from None


def first_wrong(
    connection: sqlite3.Connection, heads: Sequence[SignedHead], public: Ed25519PublicKey
) -> str | None:
    """What the heads prove against the audit, in words; None when every one of this store is in it as it was signed. Rows that
    were signed before the store was put back from a backup, and came after that backup, are passed over."""
    store_id, epoch = _identity(connection)
    restored = restores(connection)
    if epoch != max(restored, default=1):
        return f"the store is in epoch {epoch}, and its audit says nothing of how it came there"
    for signed in heads:
        head = signed.head
        if head.store_id != store_id:
            continue
        try:
            public.verify(signed.signature, head.data)
        except InvalidSignature:
            return f"the head of row {head.seq} ({head.at}) is not signed by this broker"
        if _is_left_behind(head, restored):
            continue
        found = connection.execute("SELECT hash FROM audit WHERE seq = ?", (head.seq,)).fetchone()
        if found is None:
            return f"audit row {head.seq} is missing: it was there at {head.at}"
        if found[0] != head.hash:
            return f"audit row {head.seq} is not the one that was signed at {head.at}"
    return None


def restores(connection: sqlite3.Connection) -> dict[int, int]:
    """Each epoch that began with a backup put back, and the audit row that says so."""
    rows = connection.execute("SELECT seq, detail FROM audit WHERE what = ? ORDER BY seq", (RESTORED,))
    return {int(json.loads(detail)["epoch"]): seq for seq, detail in rows}


def left_behind(connection: sqlite3.Connection, heads: Sequence[SignedHead]) -> int:
    """How many audit rows were signed that are not here, since a backup from before them was put back."""
    store_id, _ = _identity(connection)
    restored = restores(connection)
    last: dict[int, int] = {}
    for signed in heads:
        head = signed.head
        if head.store_id == store_id and _is_left_behind(head, restored):
            last[head.epoch] = max(last.get(head.epoch, 0), head.seq)
    return sum(int(seq - _end_of(epoch, restored)) for epoch, seq in last.items())


def _is_left_behind(head: Head, restored: dict[int, int]) -> bool:
    """Whether its row came after the backup with which a later epoch began."""
    return head.seq > _end_of(head.epoch, restored)


def _end_of(epoch: int, restored: dict[int, int]) -> float:
    """The last row of an epoch that later ones kept."""
    return min((seq - 1 for later, seq in restored.items() if later > epoch), default=math.inf)


def _identity(connection: sqlite3.Connection) -> tuple[str, int]:
    rows = connection.execute("SELECT key, value FROM meta WHERE key IN ('store_id', 'epoch')")
    meta = dict(rows.fetchall())
    return meta["store_id"], int(meta["epoch"])


def _make(private: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for file, content in ((public_file(private), public), (private, secret)):
        _put(file, content)
    return key


def _put(file: Path, content: bytes) -> None:
    """The whole file or none of it, whenever the power goes."""
    half = file.with_name(f"{file.name}.half")
    half.unlink(missing_ok=True)
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    half.rename(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _load(private: Path) -> Ed25519PrivateKey:
    if private.stat().st_mode & 0o077:
        raise StoreRefused(
            f"{private} can be read by others", f"make a new key: remove it, and keep {public_file(private)}"
        )
    try:
        key = load_pem_private_key(private.read_bytes(), password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise StoreRefused(f"{private} is no Ed25519 key", "put the broker's key back from your backup")
    return key
