"""Seeded databases kept for the next demo: a minute of work the first time, a file copy afterwards.

Keyed by everything that they follow from: the plan, the seeding code, the versions of Tryton's modules. A folder appears
under its final name in one rename, whole or not at all, so that an interrupted or a second seeding does no harm.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from arqueue.errors import ArqueueError
from data.demo.plan import CompanyPlan
from data.demo.tryton.plan_file import dump_plan

Say = Callable[[str], object]
KEPT_S = 30 * 24 * 3600


def narrate(line: str) -> None:
    """Progress where a person sees it and no program reads it."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@dataclass(frozen=True, slots=True)
class Seeded:
    """A finished database in the cache. Copy it, never serve it."""

    folder: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "company.sqlite"

    @property
    def token(self) -> Path:
        """The limited user's password, 0600."""
        return self.folder / "collector.token"

    @property
    def admin_token(self) -> Path:
        """The administrator's password, 0600."""
        return self.folder / "admin.token"


def seeded_database(plan: CompanyPlan, *, cache: Path | None = None, say: Say = narrate) -> Seeded:
    """The plan's company as a Tryton database, from the cache or made now. Raises ArqueueError if seeding fails."""
    home = cache or _home()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    body = dump_plan(plan)
    versions = _versions()
    base = home / f"base-{_digest(versions, _code('seeding/ledger.py'))}"
    folder = home / f"company-{_digest(versions, _code('seeding'), body)}"
    if not folder.exists():
        _forget_old(home)
        if not base.exists():
            with _published(base) as made:
                _run(["base", str(made)], say)
        with _published(folder) as made:
            plan_file = made / "plan.json"
            plan_file.write_bytes(body)
            _run(["company", str(plan_file), str(made), str(base / "base.sqlite")], say)
    for used in (base, folder):
        if used.exists():
            os.utime(used)
    return Seeded(folder)


def _home() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("arqueue") / "tryton"


def _versions() -> bytes:
    found = {
        f"{each.name}=={each.version}"
        for each in distributions()
        if (each.name or "").lower().replace("_", "-").startswith("trytond")
    }
    return " ".join(sorted(found)).encode()


def _code(place: str) -> bytes:
    """The text of the seeding code: a database made by other code is another database."""
    root = Path(__file__).parent / place
    files = sorted(root.glob("*.py")) if root.is_dir() else [root]
    return b"\0".join(file.read_bytes() for file in files)


def _digest(*parts: bytes) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:24]


@contextmanager
def _published(folder: Path) -> Iterator[Path]:
    """A folder to work in that becomes `folder` when all went well; a faster neighbour's is as good as ours."""
    made = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        yield made
        try:
            made.rename(folder)
        except OSError:
            if not folder.exists():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _run(words: list[str], say: Say) -> None:
    """Run the seeding process and pass its progress on."""
    root = Path(__file__).resolve().parents[3]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRYTON")}
    process = subprocess.Popen(
        [sys.executable, "-m", "data.demo.tryton.seeding", *words],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | {"PYTHONPATH": str(root), "TZ": "UTC"},
    )
    last: deque[str] = deque(maxlen=30)
    with process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if line.startswith("tryton "):
                    say(line.rstrip())
                else:
                    last.append(line)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise ArqueueError(
            f"seeding Tryton failed: {last[-1].strip() if last else process.returncode}",
            "try again; if it stays, report it with the output of "
            f"`{Path(sys.executable).name} -m data.demo.tryton.seeding {words[0]} …`",
        )


def _forget_old(home: Path) -> None:
    """A demo's plan changes with the day: what nobody used for a month goes."""
    until = time.time() - KEPT_S
    for folder in home.iterdir():
        if folder.stat().st_mtime < until:
            shutil.rmtree(folder, ignore_errors=True)
