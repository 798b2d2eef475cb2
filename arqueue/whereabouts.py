"""Where a company's broker is, read from the settings in a moment: enough to knock, before anything large is imported.

What is written plainly is understood here; anything else is left to a real parser of TOML.
"""
# pathlib alone takes as long to import as everything here
# ruff: noqa: PTH111, PTH116, PTH118, PTH120, PTH123

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SOCKET_PATH_CAP = 100
"""The kernel takes 107 bytes."""
_FILE_CAP = 64 * 1024


class Whereabouts:
    """The settings file, its store and socket, whom the demo company suggests, and whether a look or keys are proposed."""

    __slots__ = ("act_as", "face", "file", "socket", "store_dir")

    def __init__(self, file: str, socket: str, store_dir: str, act_as: str, *, face: bool) -> None:
        self.file, self.socket, self.store_dir, self.act_as, self.face = file, socket, store_dir, act_as, face


def default_file(environ: Mapping[str, str]) -> str:
    """Where the settings are when nobody says: $ARQUEUE_CONFIG, else the person's configuration folder."""
    if named := environ.get("ARQUEUE_CONFIG"):
        return named
    base = environ.get("XDG_CONFIG_HOME", "").strip() or os.path.expanduser("~/.config")
    return os.path.join(base, "arqueue", "arqueue.toml")


def own_face(environ: Mapping[str, str]) -> str:
    """Where a person's own look and keys are: $ARQUEUE_FACE, else face.toml in their configuration folder."""
    if named := environ.get("ARQUEUE_FACE"):
        return named
    base = environ.get("XDG_CONFIG_HOME", "").strip() or os.path.expanduser("~/.config")
    return os.path.join(base, "arqueue", "face.toml")


def whereabouts(file: str, environ: Mapping[str, str]) -> Whereabouts | None:
    """What the file says of the socket; None when it is not there or is wrong."""
    try:
        with open(file, encoding="utf-8") as opened:
            text = opened.read(_FILE_CAP + 1)
    except (OSError, UnicodeDecodeError):
        return None
    said = plain(text) if len(text) <= _FILE_CAP else None
    if said is None:
        said = _parsed(text)
    if said is None:
        return None
    file = os.path.realpath(file)
    home = os.path.dirname(file)
    socket = socket_path(os.path.join(home, said.get("broker.socket", "run/arqueue.sock")), environ)
    return Whereabouts(
        file,
        socket,
        os.path.join(home, said.get("dir", "store")),
        said.get("demo.act_as", ""),
        face=any(name.startswith("face.") for name in said),
    )


def socket_path(wanted: str, environ: Mapping[str, str]) -> str:
    """The socket; a path too long for the kernel is replaced by a short one, the same each time."""
    if len(os.fsencode(wanted)) <= SOCKET_PATH_CAP:
        return wanted
    import hashlib
    import tempfile

    short = hashlib.sha256(os.fsencode(os.path.realpath(wanted))).hexdigest()[:16]
    base = environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return os.path.join(base, f"arqueue-{os.getuid()}", f"{short}.sock")


def could_be_foreign(store_dir: str, socket: str) -> bool:
    """Whether somebody else than the store's owner could have put the socket there: in /tmp anybody might have been faster."""
    try:
        owner = os.stat(store_dir).st_uid
        folder = os.stat(os.path.dirname(socket))
    except OSError:
        return False
    return folder.st_uid not in (owner, 0) or bool(folder.st_mode & 0o002)


def plain(text: str) -> dict[str, str] | None:
    """The plain strings of a TOML file by ``table.key``; other simple values by their own letters. None when a line is none of
    the simplest: a table, a key with a value on one line, a remark."""
    said: dict[str, str] = {}
    tables, table = set(), ""
    for line in text.splitlines():
        line = line.strip(" \t")
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            name = line.removesuffix("]").removeprefix("[")
            if not _bare(name, "._-") or name in tables or not line.endswith("]") or "" in name.split("."):
                return None
            tables.add(name)
            table = name + "."
            continue
        key, sign, value = line.partition("=")
        key, read = key.strip(" \t"), _value(value.strip(" \t"))
        if not sign or not _bare(key, "_-") or read is None or table + key in said:
            return None
        said[table + key] = read
    return said


def _parsed(text: str) -> dict[str, str] | None:
    import tomllib

    try:
        tree = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return {
        **{name: str(value) for name, value in tree.items() if not isinstance(value, dict)},
        **{
            f"{table}.{name}": str(value)
            for table, rows in tree.items()
            if isinstance(rows, dict)
            for name, value in rows.items()
        },
    }


def _value(written: str) -> str | None:
    if len(written) >= 2 and written[0] == written[-1] == '"':
        inner = written[1:-1]
        return inner if inner.isprintable() and '"' not in inner and "\\" not in inner else None
    if written in {"true", "false", "[]"}:
        return written
    if len(written) == 10 and written[4] == written[7] == "-" and written.replace("-", "").isdigit():
        return written  # a date
    number = written.isascii() and written.isdigit() and (written == "0" or not written.startswith("0"))
    return written if number else None


def _bare(name: str, signs: str) -> bool:
    return bool(name) and name.isascii() and all(letter.isalnum() or letter in signs for letter in name)
