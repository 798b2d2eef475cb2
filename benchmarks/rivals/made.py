"""What the rivals read: a mailbox, a repository. And how each is called, or that it is not here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from arqueue.face import leave_mark, tour_mark

MAILS = 100_000
COMMITS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A program on a terminal: what to call, what stands on its screen when it is of use, and its keys."""

    name: str
    argv: list[str]
    ready: str
    down: str = "j"
    page: str = "\x1b[6~"
    environ: dict[str, str] = field(default_factory=dict)


def neomutt(folder: Path) -> Program | None:
    """neomutt on a mailbox of 100,000; None where it is not installed."""
    if shutil.which("neomutt") is None:
        return None
    box = folder / "mbox"
    if not box.exists():
        with box.open("w") as out:
            for number in range(MAILS):
                out.write(
                    f"From kim@example.org Fri Nov 20 09:{number % 60:02}:00 2026\n"
                    f"Date: Fri, 20 Nov 2026 09:{number % 60:02}:00 +0000\nFrom: Customer {number} <c{number}@example.org>\n"
                    f"To: kim@example.org\nSubject: INV-{number:07} is overdue\nMessage-ID: <{number}@example.org>\n\nhello\n\n"
                )
    rules = folder / "neomuttrc"
    rules.write_text(f'set folder="{folder}"\nset spoolfile="{box}"\nset sort=mailbox-order\n')
    return Program("neomutt 100k", ["neomutt", "-n", "-F", str(rules), "-R", "-f", str(box)], r"INV-\d{7}")


def tig(folder: Path) -> Program | None:
    """tig on a repository of 1,000 commits; None where it is not installed."""
    if shutil.which("tig") is None or shutil.which("git") is None:
        return None
    place = folder / "repository"
    if not place.exists():
        subprocess.run(["git", "init", "-q", "-b", "main", str(place)], check=True)
        stream = "".join(
            f"commit refs/heads/main\ncommitter Kim <kim@example.org> {1_700_000_000 + number} +0000\n"
            f"data <<END\nINV-{number:07} is overdue\nEND\n"
            for number in range(COMMITS)
        )
        subprocess.run(["git", "-C", str(place), "fast-import", "--quiet"], input=stream.encode(), check=True)
    return Program("tig 1k", ["tig", "-C", str(place)], rf"INV-{COMMITS - 1:07}")


def bare() -> Program:
    """The smallest Textual app."""
    return Program("bare Textual", [sys.executable, "-m", "benchmarks.rivals.bare"], "READY")


def table(rows: int) -> Program:
    """A DataTable of so many rows."""
    down, name = "\x1b[B", f"DataTable {rows}"
    return Program(name, [sys.executable, "-m", "benchmarks.rivals.table", str(rows)], r"INV-000000\d", down)


def python() -> Program:
    """What any Python program takes to say a word."""
    return Program("python", [sys.executable, "-c", "print('READY')"], "READY")


def arqueue(settings: Path, items: int) -> Program:
    """arqueue on a company of so many open items, as a person starts it every day: the first day's tour was shown."""
    argv = [str(Path(sys.executable).parent / "arqueue"), "--config", str(settings)]
    state = {"XDG_STATE_HOME": str(settings.parent / "state")}
    leave_mark(tour_mark(state))
    return Program(f"arqueue {items}", argv, r"Customer \d", environ=state)


def environ(program: Program) -> dict[str, str]:
    """A plain environment, in which Python may keep what it compiled."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **program.environ}
