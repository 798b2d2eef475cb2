"""A demo company: its ledger, its broker, and the app on top."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from arqueue.cli.main import Context
from arqueue.cli.output import say


@click.command("demo")
@click.option("--peer", type=click.Choice(("sandbox", "tryton")), default="sandbox", show_default=True)
@click.option(
    "--size", type=click.Choice(("tiny", "small", "medium", "large")), default="small", show_default=True
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    help="Kept, and gone on with next time; else a passing one.",
)
@click.option("--headless", is_flag=True, help="No app: one JSON line when all is ready, then until SIGTERM.")
@click.pass_obj
def demo_command(
    context: Context, peer: str, size: str, seed: int, folder: Path | None, headless: bool
) -> None:
    """Make a demo company, serve its ledger, start a broker and open the app."""
    from data.demo.launch import demo

    with _place(folder) as place, demo(place, peer=peer, size=size, seed=seed, say=say) as company:
        if headless:
            line = {
                "config": str(company.settings.file),
                "peer": company.kind,
                "peer_url": company.peer.url,
                "socket": str(company.settings.socket),
                "pid": os.getpid(),
                "peer_pid": company.peer.pid,
                "broker_pid": company.broker_pid,
            }
            click.echo(json.dumps(line))
            _until_ended()
            return
        from arqueue.cli.app import open_app

        say(f"in another terminal: arqueue --config {company.settings.file} list")
        status = open_app(Context(str(company.settings.file), context.act_as, context.output))
    if status:
        raise SystemExit(status)


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="arqueue-demo-") as passing:
        yield Path(passing)


def _until_ended() -> None:
    """SIGTERM, SIGINT and SIGHUP are good ends."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(1.0):
        pass
