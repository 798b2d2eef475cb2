"""Opening the terminal app."""

from __future__ import annotations

from arqueue.cli.asking import act_as_of, settings_of
from arqueue.cli.main import Context


def open_app(context: Context) -> int:
    """Run the app over a broker, starting a personal one if none answers. Returns the exit status."""
    settings = settings_of(context)
    from data.broker.launch import ensure
    from screens.app import run

    return run(settings.socket, act_as=act_as_of(context, settings), ensure=lambda: ensure(settings))
