"""A company with so many open items, made by the store's own code; its broker is the real one, its ledger out of reach."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arqueue.settings import Settings, load_settings
from benchmarks.store import TODAY, entities, ours
from data.broker.launch import end, ensure
from data.peers.contract import Page
from data.store import mirror, queue
from data.store.opening import open_writer, transaction

_AT = "2026-11-20T00:00:00+00:00"
_SETTINGS = """\
[peer]
kind = "sandbox"
url = "http://127.0.0.1:9"

[broker]
idle_minutes = 0
sync_seconds = 3600

[demo]
business_date = 2026-11-20
"""
_PEOPLE = """\
[[person]]
id = "kim"
name = "Kim Berger"
unix = [{uid}]
roles = ["collector", "supervisor"]
"""
_MADE = "made"
_PARTIES = 500


def make(folder: Path, items: int) -> Path:
    """The settings file of a company of ``items`` open items; made once, found again next time."""
    file = folder / "arqueue.toml"
    if (folder / _MADE).exists():
        return file
    (folder / "store").mkdir(mode=0o700, parents=True)
    (folder / "run").mkdir(mode=0o700)
    file.write_text(_SETTINGS)
    people = folder / "people.toml"
    people.write_text(_PEOPLE.format(uid=os.getuid()))
    people.chmod(0o600)
    settings = load_settings(file)
    settings.token_file.touch(mode=0o600)
    settings.token_file.write_text("none")
    database = open_writer(settings.store_file)
    ours(database, [Page("c", True, tuple(page)) for page in entities(items)], first=True)
    with transaction(database):
        mirror.mark_loaded(database, _AT)
    parties = queue.all_parties(database.conn)
    for start in range(0, len(parties), _PARTIES):
        with transaction(database):
            queue.refresh(database, parties[start : start + _PARTIES], TODAY, "EUR")
    database.conn.execute("ANALYZE")
    database.conn.close()
    (folder / _MADE).touch()
    return file


@contextmanager
def company(folder: Path, items: int) -> Iterator[Settings]:
    """The company with its broker up; the broker is ended afterwards, the folder stays."""
    settings = load_settings(make(folder / str(items), items))
    ensure(settings)
    try:
        yield settings
    finally:
        end(settings)


def main() -> None:
    """Make the folders only."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("items", type=int, nargs="+")
    given = parser.parse_args()
    for items in given.items:
        print(make(given.folder / str(items), items))


if __name__ == "__main__":
    main()
