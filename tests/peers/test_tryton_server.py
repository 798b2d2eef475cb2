"""The demo's Tryton: seeded once, whole or not at all, served on loopback, and gone with whoever started it."""

from __future__ import annotations

import os
import select
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from arqueue.errors import ArqueueError
from data.demo.plan import CompanyPlan, PlannedInvoice
from data.demo.tryton import server as server_module
from data.demo.tryton.cache import Seeded, seeded_database
from data.demo.tryton.server import Running, copy_database, require_tryton, serve_tryton, start_tryton
from data.peers.http import Http
from tests.peers.tryton_company import HOSTILE, PARTIES, plan
from tests.peers.tryton_server import reading, seeded, server

pytestmark = pytest.mark.timeout(600)  # whoever is first makes the company: a minute or two
__all__ = ["reading", "seeded", "server"]

STARTER = """
import sys, time
from pathlib import Path
from data.demo.tryton.server import serve_tryton
print(serve_tryton(Path(sys.argv[1])).pid, flush=True)
time.sleep(600)
"""


async def test_answers_when_started(reading: Running) -> None:
    """What start_tryton hands back answers at once, with the series that was asked for."""
    http = Http(reading.url, encoding="gzip")
    answer = await http.request(
        "POST",
        "/rpc/",
        headers={"content-type": "application/json"},
        content=b'{"id":1,"method":"common.server.version","params":[]}',
    )
    await http.close()
    assert answer.json()["result"] == "8.2"


def test_listens_on_loopback_only(reading: Running) -> None:
    """Nobody on the network reaches a demo's books."""
    assert reading.url.startswith("http://127.0.0.1:")


def test_passwords_are_readable_by_their_owner_only(reading: Running) -> None:
    """The limited user's and the administrator's passwords are files of mode 0600 and differ."""
    files = [reading.folder / name for name in ("collector.token", "admin.token")]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
    assert reading.token != reading.admin


def test_a_hostile_name_arrives_as_it_is(seeded: Seeded) -> None:
    """Seeding launders nothing that Tryton itself accepts: escape codes and markup are in the books."""
    with closing(sqlite3.connect(seeded.database)) as books:
        names = {name for (name,) in books.execute("SELECT name FROM party_party")}
    assert HOSTILE in names
    assert {party.name for party in PARTIES} <= names


def test_the_books_balance(seeded: Seeded) -> None:
    """Every seeded move and every reconciliation sums to zero."""
    with closing(sqlite3.connect(seeded.database)) as books:
        for column in ("move", "reconciliation"):
            sums = books.execute(
                f"SELECT round(sum(debit - credit), 2) FROM account_move_line WHERE {column} IS NOT NULL GROUP BY {column}"
            ).fetchall()
            assert sums
            assert {total for (total,) in sums} == {0}


def test_a_second_demo_takes_the_database_from_the_cache(seeded: Seeded, tmp_path: Path) -> None:
    """The same plan is seeded once: the second time nothing is said and the same folder is handed out."""
    said: list[str] = []
    again = seeded_database(plan(), cache=seeded.folder.parent, say=said.append)
    assert (again, said) == (seeded, [])


def test_a_database_that_is_there_is_kept(server: Running) -> None:
    """Starting in a folder that has a company goes on with its books instead of seeding anew."""
    marker = "kept between starts"
    server.stop()
    with closing(sqlite3.connect(server.folder / "company.sqlite")) as books, books:
        books.execute("UPDATE party_party SET name = ? WHERE code = 'C001'", (marker,))
    again = start_tryton(server.folder, plan(), say=lambda _: pytest.fail("it seeded"))
    again.stop()
    with closing(sqlite3.connect(server.folder / "company.sqlite")) as books:
        assert books.execute("SELECT name FROM party_party WHERE code = 'C001'").fetchone() == (marker,)


def test_a_plan_that_does_not_add_up_leaves_nothing_in_the_cache(seeded: Seeded, tmp_path: Path) -> None:
    """Seeding that fails is an error in words, and no half of a database is ever taken for a whole one."""
    lost = PlannedInvoice(
        number="X", party="NOBODY", currency="EUR", amount=1, on=date(2026, 1, 1), due=date(2026, 1, 1)
    )
    broken = CompanyPlan(
        name="Broken", currency="EUR", today=date(2026, 1, 1), parties=(), documents=lambda: iter([lost])
    )
    cache = seeded.folder.parent
    before = sorted(cache.iterdir())
    with pytest.raises(ArqueueError, match="seeding Tryton failed"):
        seeded_database(broken, cache=cache, say=lambda _: None)
    assert sorted(cache.iterdir()) == before


def test_stop_ends_the_server_and_can_be_said_twice(seeded: Seeded, tmp_path: Path) -> None:
    """After stop() no process of the server is left, its worker included."""
    copy_database(seeded, tmp_path / "t")
    running = serve_tryton(tmp_path / "t")
    processes = [running.pid, *_children(running.pid)]
    assert len(processes) == 2
    running.stop()
    running.stop()
    assert [each for each in processes if not _ends(each, 0)] == []


def test_no_server_outlives_the_process_that_started_it(seeded: Seeded, tmp_path: Path) -> None:
    """Even kill -9 of the starter, which runs no clean-up, ends gunicorn and its worker."""
    copy_database(seeded, tmp_path / "t")
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            STARTER,
            str(tmp_path / "t"),
        ],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    processes = [pid, *_children(pid)]
    starter.send_signal(signal.SIGKILL)
    starter.wait(10)
    starter.stdout.close()
    assert [each for each in processes if not _ends(each, 20)] == []


def test_without_tryton_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has only the product is told the command, not an ImportError."""
    monkeypatch.setattr(server_module, "find_spec", lambda _: None)
    with pytest.raises(ArqueueError) as caught:
        require_tryton()
    assert "make tryton" in caught.value.hint


def test_the_product_never_imports_tryton() -> None:
    """Starting, caching and talking to Tryton load no module of it."""
    words = (
        "import sys; import data.demo.tryton.server, data.demo.tryton.cache\n"
        "sys.exit(any(name.split('.')[0] in ('trytond', 'gunicorn') for name in sys.modules))"
    )
    assert (
        subprocess.run([sys.executable, "-c", words], cwd=Path(__file__).parents[2], check=False).returncode
        == 0
    )


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _ends(pid: int, seconds: float) -> bool:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)
