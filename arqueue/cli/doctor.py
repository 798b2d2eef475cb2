"""What is well and what is not, a line each, with the remedy."""

from __future__ import annotations

import asyncio
import os
import pwd
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from arqueue.cli.asking import settings_of
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option
from arqueue.errors import ArqueueError, StoreRefused
from arqueue.model.people import People, Role
from arqueue.settings import Settings, load_people

_CLOCK_SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: ``ok``, ``not checked``, ``warning`` or ``bad``, and what to do."""

    check: str
    result: str
    words: str
    remedy: str = ""


@click.command("doctor")
@format_option
@click.pass_obj
def doctor_command(context: Context, form: str) -> None:
    """Say what is wrong here, and its remedy. Files, store, clock, people, accounting system, broker, terminal."""
    findings = list(_examine(context))
    output = Output(form)
    if form == "table":
        for found in findings:
            output.lines(f"{found.check:<18}{found.result:<9}{found.words}")
            if found.remedy:
                output.lines(f"{'':<27}→ {found.remedy}")
    else:
        rows = [
            {"check": f.check, "result": f.result, "words": f.words, "remedy": f.remedy} for f in findings
        ]
        output.rows(rows, ("check", "result", "words", "remedy"))
    if any(finding.result == "bad" for finding in findings):
        raise SystemExit(1)


def _examine(context: Context) -> Iterator[Finding]:
    yield _python()
    yield _sqlite()
    yield _terminal()
    try:
        settings = settings_of(context)
    except ArqueueError as error:
        yield Finding("settings", "bad", error.message, error.hint)
        return
    yield Finding("settings", "ok", str(settings.file))
    checks: tuple[tuple[str, Callable[[Settings], Finding]], ...] = (
        ("people", _people),
        ("account", _account),
        ("automatic", _automatic),
        ("folder", lambda found: _folder("folder", found.store_dir, 0o077)),
        ("socket", lambda found: _folder("socket", found.socket.parent, 0o027)),
        ("file system", lambda found: _file_system(found.store_dir)),
        ("token", lambda found: _mode("token", found.token_file)),
        ("store", lambda found: _mode("store", found.store_file)),
        ("journal", _pragmas),
        ("clock", _clock),
        ("disk", lambda found: _disk(found.store_dir)),
        ("accounting system", _peer),
        ("broker", _broker),
    )
    for name, check in checks:
        try:
            yield check(settings)
        except PermissionError:
            yield Finding(
                name, "not checked", "only the broker's user may look", "run this as that user to be sure"
            )


def _python() -> Finding:
    return Finding("python", "ok", sys.version.split()[0])


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= (3, 51, 3):
        return Finding("sqlite", "ok", version)
    return Finding("sqlite", "ok", f"{version}: safe here, since only the broker opens the store for writing")


def _terminal() -> Finding:
    term = os.environ.get("TERM", "")
    if not sys.stdout.isatty():
        return Finding("terminal", "ok", "not a terminal; the command line works everywhere")
    if term in ("", "dumb"):
        return Finding(
            "terminal",
            "warning",
            f"TERM={term or 'unset'}",
            "the app needs a real terminal; use the command line",
        )
    return Finding(
        "terminal", "ok", f"{term}, {os.get_terminal_size().columns}x{os.get_terminal_size().lines}"
    )


def _people(settings: Settings) -> Finding:
    try:
        people = load_people(settings.people_file)
    except ArqueueError as error:
        return Finding("people", "bad", error.message, error.hint)
    if lost := _without_power(people):
        return Finding("people", "warning", lost, f"correct it in {settings.people_file}")
    return Finding(
        "people", "ok", f"{(count := sum(1 for _ in people))} {'person' if count == 1 else 'persons'}"
    )


def _without_power(people: People) -> str:
    """What makes orders wait for nobody; empty where somebody can answer them, or one person works alone."""
    if sum(1 for _ in people) < 2 or any(person.supervises for person in people):
        return ""
    return "nobody is a supervisor: what waits for approval is declined by nobody, and expires"


def _reload(settings: Settings) -> str:
    """How a person becomes known: the broker looks at the people file before every decision."""
    return f"add it to {settings.people_file}: it counts at once; the broker's own user need not be there"


def _account(settings: Settings) -> Finding:
    """Whether the broker would know whoever runs this."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"
    try:
        person = load_people(settings.people_file).of_account(name, uid)
    except ArqueueError as error:
        return Finding("account", "bad", error.message, error.hint)
    if person is None:
        return Finding(
            "account",
            "warning",
            f"the Unix account {name} belongs to no person",
            _reload(settings),
        )
    roles = ", ".join(sorted(role.value for role in person.roles))
    return Finding("account", "ok", f"{name} is {person.id} ({roles})")


def _automatic(settings: Settings) -> Finding:
    """Whether anything is applied without a person, up to what, and as whom."""
    auto = settings.cash.auto
    if not auto.enabled:
        return Finding("automatic", "ok", "off: every payment is applied by a person")
    people = load_people(settings.people_file)
    person = next((person for person in people if Role.AUTO in person.roles), None)
    if person is None:
        return Finding(
            "automatic",
            "bad",
            "[cash.auto] is enabled, but nobody has the role auto: nothing is applied",
            f'add a [[person]] with roles = ["auto"] to {settings.people_file} and restart the broker',
        )
    limits = ", ".join(f"{amount} {currency}" for currency, amount in auto.limit.items())
    if not limits:
        return Finding(
            "automatic",
            "warning",
            f"on as {person.id}, with no limit in any currency: nothing is applied",
            f'name what it may apply in {settings.file}: [cash.auto] limit = {{ EUR = "1000.00" }}',
        )
    return Finding("automatic", "ok", f"on as {person.id}, up to {limits} a payment")


def _folder(what: str, folder: Path, forbidden: int) -> Finding:
    if not folder.exists():
        return Finding(what, "warning", f"{folder} is not there yet", "the first broker makes it")
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & forbidden:
        return Finding(what, "bad", f"{folder} has mode {mode:04o}", f"chmod {mode & ~forbidden:o} {folder}")
    return Finding(what, "ok", f"{folder}, {mode:04o}")


def _file_system(folder: Path) -> Finding:
    from data.store.disk import file_system, require_local

    where = folder if folder.exists() else folder.parent
    try:
        require_local(where)
    except StoreRefused as error:
        return Finding("file system", "bad", error.message, error.hint)
    return Finding("file system", "ok", file_system(where))


def _mode(what: str, file: Path) -> Finding:
    if not file.exists():
        return Finding(what, "warning", f"{file} is not there yet", "`arqueue init` makes it")
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        return Finding(what, "bad", f"{file} has mode {mode:04o}", f"chmod 600 {file}, then renew the token")
    return Finding(what, "ok", f"{file}, {mode:04o}")


def _pragmas(settings: Settings) -> Finding:
    from data.store.opening import open_reader

    if not settings.store_file.exists():
        return Finding("journal", "warning", "no store yet", "the first broker makes it")
    try:
        database = open_reader(settings.store_file)
    except (ArqueueError, sqlite3.DatabaseError) as error:
        return Finding("journal", "bad", str(error), "see the administrator's guide on restoring")
    try:
        (mode,) = database.conn.execute("PRAGMA journal_mode").fetchone()
        (found,) = database.conn.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        database.conn.close()
    good = mode == "wal" and found == "ok"
    return Finding(
        "journal", "ok" if good else "bad", f"{mode}, check {found}", "" if good else "restore a backup"
    )


def _clock(settings: Settings) -> Finding:
    """The wall clock against the newest stamp in the store: ages count from the boot clock, dates from this one."""
    now = datetime.now(UTC)
    date = settings.demo and settings.demo.business_date
    words = f"{now:%Y-%m-%d %H:%M} UTC; the business date is " + (
        "the demo company's"
        if date
        else f"{now.astimezone(ZoneInfo(settings.zone)):%Y-%m-%d} ({settings.zone})"
    )
    newest = _newest_stamp(settings)
    if newest and newest > now + _CLOCK_SLACK:
        return Finding(
            "clock",
            "bad",
            f"it is {now:%Y-%m-%d %H:%M} UTC, but the store was written at {newest:%Y-%m-%d %H:%M}",
            "set this machine's clock, and let it be kept (timedatectl set-ntp true)",
        )
    return Finding("clock", "ok", words)


def _newest_stamp(settings: Settings) -> datetime | None:
    from data.store.opening import open_reader

    if not settings.store_file.exists():
        return None
    try:
        database = open_reader(settings.store_file)
    except (ArqueueError, sqlite3.DatabaseError):
        return None
    try:
        row = database.conn.execute(
            "SELECT max(at) FROM (SELECT max(at) AS at FROM audit UNION ALL SELECT max(moved_at) FROM cursor)"
        ).fetchone()
    except sqlite3.DatabaseError:
        return None
    finally:
        database.conn.close()
    return datetime.fromisoformat(row[0]) if row and row[0] else None


def _disk(folder: Path) -> Finding:
    where = folder if folder.exists() else folder.parent
    free = os.statvfs(where)
    mib = free.f_bavail * free.f_frsize >> 20
    if mib < 64:
        return Finding(
            "disk", "bad", f"{mib} MiB free", "make room: below 64 MiB nothing new should be queued"
        )
    return Finding("disk", "ok", f"{mib:,} MiB free")


def _peer(settings: Settings) -> Finding:
    from data.peers.registry import open_peer

    async def look() -> tuple[str, float]:
        peer = open_peer(settings)
        try:
            started = time.monotonic()
            probe = await peer.probe()
            return f"{probe.product}, {probe.company}, {probe.currency}", time.monotonic() - started
        finally:
            await peer.close()

    try:
        words, seconds = asyncio.run(look())
    except ArqueueError as error:
        return Finding("accounting system", "bad", error.message, error.hint)
    return Finding("accounting system", "ok", f"{words} ({seconds * 1000:.0f} ms)")


def _broker(settings: Settings) -> Finding:
    from data.broker.launch import answers, check_owner
    from data.broker.lock import owner_of

    try:
        check_owner(settings)
    except ArqueueError as error:
        return Finding("broker", "bad", error.message, error.hint)
    if answers(settings.socket):
        return Finding("broker", "ok", f"answers at {settings.socket}")
    pid = owner_of(settings.store_dir)
    if pid is not None:
        return Finding(
            "broker", "bad", f"process {pid} holds the store but does not answer", "see its log, or end it"
        )
    return Finding("broker", "ok", "not running; the first face starts it")
