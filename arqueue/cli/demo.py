"""A demo company: its ledger, its broker, and the app on top."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arqueue.cli.main import Context
from arqueue.cli.output import say

if TYPE_CHECKING:
    from data.demo.launch import Demo

_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


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
    """Open the app on a demo company. Makes it, serves its ledger and starts its broker."""
    from data.demo.launch import demo

    status = 0
    try:
        with (
            _ending_well(),
            _place(folder) as place,
            demo(place, peer=peer, size=size, seed=seed, say=say) as company,
        ):
            try:
                if headless:
                    click.echo(json.dumps(_ready(company)))
                    _until_ended()
                else:
                    from arqueue.cli.app import open_app

                    say(f"in another terminal: arqueue --config {company.settings.file} list")
                    status = open_app(Context(str(company.settings.file), context.act_as, context.output))
            finally:
                _be_deaf()
    except _Ended:
        say("ended")
    if status:
        raise SystemExit(status)


def _ready(company: Demo) -> dict[str, object]:
    """What scripts need to know of a running demo."""
    return {
        "config": str(company.settings.file),
        "peer": company.kind,
        "peer_url": company.peer.url,
        "socket": str(company.settings.socket),
        "pid": os.getpid(),
        "peer_pid": company.peer.pid,
        "broker_pid": company.broker_pid,
    }


class _Ended(BaseException):
    """A signal asked for the end; whatever is under way is left, and everything that was started is ended."""


@contextmanager
def _ending_well() -> Iterator[None]:
    """SIGTERM, SIGINT and SIGHUP end the demo whole, at whatever moment; a second one does not interrupt the clearing up."""

    def end(*_: object) -> None:
        _be_deaf()
        raise _Ended

    before = {number: signal.signal(number, end) for number in _ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="arqueue-demo-") as passing:
        yield Path(passing)


def _be_deaf() -> None:
    """While everything is ended, one signal more must not leave something behind."""
    for number in _ENDS:
        signal.signal(number, signal.SIG_IGN)


def _until_ended() -> None:
    while True:
        signal.pause()
