"""Opening the terminal app."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from arqueue.face import face_file, load_face
from arqueue.settings import Settings, default_file, load_settings

if TYPE_CHECKING:
    from arqueue.cli.main import Context
    from screens.chosen import Chosen
    from screens.prepaint.taking import Taken


def open_app(context: Context) -> int:
    """Run the app over a broker, starting a personal one if none answers. Returns the exit status."""
    from arqueue.cli.start import start

    return start(str(context.config) if context.config else None, context.act_as)


def open_face(config: str | None, act_as: str | None, taken: Taken | None) -> int:
    """Run the app on the terminal that shows the first frame already, or on any. Raises ConfigInvalid."""
    settings = load_settings(Path(config) if config else default_file())
    suggested = settings.demo.act_as if settings.demo else ""
    from data.broker.launch import ensure
    from screens.app import run

    return run(
        settings.socket,
        act_as=act_as or suggested or None,
        ensure=lambda: ensure(settings),
        chosen=chosen_for(settings),
        taken=taken,
    )


def chosen_for(settings: Settings) -> Chosen:
    """What this person chose for their face. Raises ConfigInvalid, naming line and remedy."""
    from screens.chosen import choose

    return choose(load_face(settings.face, face_file(), os.environ))
