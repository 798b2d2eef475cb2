"""The sandbox ledger by itself."""

from __future__ import annotations

from pathlib import Path

import click

from arqueue.cli.output import say


@click.command("sandbox")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="A free one if not said.")
@click.option("--faults", "faults", type=click.Path(path_type=Path), help="A TOML file of faults to inject.")
@click.option("--dir", "folder", type=click.Path(path_type=Path), default=Path("sandbox"), show_default=True)
def sandbox_command(port: int, faults: Path | None, folder: Path) -> None:
    """Serve the sandbox ledger by itself. On loopback until SIGTERM, with its OpenAPI page at /docs."""
    from data.broker.logs import to_stderr
    from data.peers.sandbox.server.run import Ready, serve

    to_stderr()

    def ready(where: Ready) -> None:
        say(f"sandbox ledger at {where.url} (documentation at {where.url}/docs)")
        say(f"tokens are in {folder}")

    serve(folder, port=port, faults=faults, on_ready=ready)
