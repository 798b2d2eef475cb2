"""How one person wants the terminal app: a small file of their own, over what the company's settings propose."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arqueue.errors import ConfigInvalid

if TYPE_CHECKING:
    from arqueue.face_model import FaceFile, FaceSection


@dataclass(frozen=True, slots=True)
class Said:
    """A setting and where it comes from, in words."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Bound:
    """Keys that somebody gave an action, and the line on which that stands."""

    action: str
    keys: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class FaceSettings:
    """What is in effect, before keys are looked up in the registry."""

    theme: Said = Said("auto", "the default")
    keys: Said = Said("vi", "the default")
    drawing: Said = Said("auto", "the default")
    bind: tuple[Bound, ...] = ()
    file: Path | None = None
    clipboard: frozenset[str] = frozenset()
    """The roles that may copy."""


def face_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The person's own file: $ARQUEUE_FACE, else face.toml in their configuration folder."""
    if named := environ.get("ARQUEUE_FACE"):
        return Path(named)
    base = environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME") or Path.home()) / ".config"
    return Path(base) / "arqueue" / "face.toml"


def tour_mark(environ: Mapping[str, str] = os.environ) -> Path:
    """Where it is kept that this person was shown the tour: their state folder, on each machine its own."""
    base = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME") or Path.home()) / ".local" / "state"
    return Path(base) / "arqueue" / "tour-shown"


def leave_mark(mark: Path) -> bool:
    """Mark the tour as shown. False where it was before, and where that cannot be kept: it would come again every time."""
    try:
        mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark.touch(mode=0o600, exist_ok=False)
    except OSError:
        return False
    return True


def load_face(company: FaceSection, file: Path, environ: Mapping[str, str]) -> FaceSettings:
    """Own file over NO_COLOR over the company's proposal over the default. Raises ConfigInvalid, naming line and remedy."""
    text = _text(file)
    own = _parsed(file, text)
    proposed = company.model_dump(exclude_unset=True)

    def said(name: str, default: str) -> Said:
        if (value := getattr(own, name)) is not None:
            return Said(value, f"{file} line {line_of(text, name)}")
        if name == "theme" and environ.get("NO_COLOR"):
            return Said("mono", "NO_COLOR is set")
        if name in proposed:
            return Said(proposed[name], "the company's settings")
        return Said(default, "the default")

    return FaceSettings(
        theme=said("theme", "auto"),
        keys=said("keys", "vi"),
        drawing=said("drawing", "auto"),
        bind=_bound(file, text, own.bind),
        file=file,
        clipboard=frozenset(role.value for role in company.clipboard),
    )


def keep_theme(file: Path, theme: str) -> None:
    """Write the theme into the person's file and leave every other line as it is. Raises OSError."""
    text = _text(file)
    line = f'theme = "{theme}"'
    changed, count = re.subn(r"(?m)^theme\s*=.*$", line, text, count=1)
    if not count:
        changed = f"{line}\n{text}"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    import tempfile

    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".face-")
    with os.fdopen(handle, "w", encoding="utf-8") as new:
        new.write(changed)
    Path(name).replace(file)


def line_of(text: str, name: str) -> int:
    """The line on which a key is set, from 1; 0 when it cannot be told."""
    start = re.compile(rf"""\s*["']?{re.escape(name)}["']?\s*=""")
    return next((at for at, line in enumerate(text.splitlines(), 1) if start.match(line)), 0)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(
            f"{file} cannot be read: {error}", "check its permissions, or remove it"
        ) from None


def _parsed(file: Path, text: str) -> FaceFile:
    import tomllib

    from pydantic import ValidationError

    from arqueue.face_model import FaceFile

    try:
        return FaceFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalid(f"{file} is not TOML: {error}", "correct that line") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise ConfigInvalid(
            f"{file} line {line_of(text, name)}: {name}: {first['msg']}",
            "it may hold theme, keys, drawing and the table [bind]",
        ) from None


def _bound(file: Path, text: str, table: Mapping[str, Any]) -> tuple[Bound, ...]:
    found = []
    for name, value in _flat(table):
        line = line_of(text, name) or line_of(text, name.rpartition(".")[2])
        keys = value.split() if isinstance(value, str) else value
        if not (isinstance(keys, list) and keys and all(isinstance(key, str) and key for key in keys)):
            raise ConfigInvalid(
                f"{file} line {line}: {name}: the keys are text, apart by blanks",
                f'such as "{name}" = "t f5"; without the line it has its own keys',
            )
        found.append(Bound(name, tuple(keys), line))
    return tuple(found)


def _flat(table: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """``work.note = "t"`` without quotes is a table in a table."""
    rows: list[tuple[str, Any]] = []
    for name, value in table.items():
        rows += _flat(value, f"{before}{name}.") if isinstance(value, dict) else [(before + name, value)]
    return rows
