"""Opening the terminal app."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from arqueue.cli.leaving_out import leave_out
from arqueue.face import FaceSettings, face_file, load_face, tour_mark
from arqueue.whereabouts import default_file, whereabouts

if TYPE_CHECKING:
    from arqueue.cli.main import Context
    from arqueue.settings import Settings
    from arqueue.whereabouts import Whereabouts
    from screens.chosen import Chosen
    from screens.prepaint.taking import Taken


def open_app(context: Context) -> int:
    """Run the app over a broker, starting a personal one if none answers. Returns the exit status."""
    from arqueue.cli.start import start

    return start(str(context.config) if context.config else None, context.act_as)


def open_face(config: str | None, act_as: str | None, taken: Taken | None) -> int:
    """Run the app on the terminal that shows the first frame already, or on any. Raises ConfigInvalid."""
    leave_out()
    file = config or default_file(os.environ)
    place = whereabouts(file, os.environ) if taken is not None and taken.first is not None else None
    if place is not None and not os.environ.get("NO_COLOR"):
        return _open_known(place, act_as, taken)
    from arqueue.settings import load_settings
    from data.broker.launch import ensure
    from screens.app import run

    settings = load_settings(Path(file))
    suggested = settings.demo.act_as if settings.demo else ""
    return run(
        settings.socket,
        act_as=act_as or suggested or None,
        ensure=lambda: ensure(settings),
        chosen=chosen_for(settings),
        taken=taken,
    )


def _open_known(place: Whereabouts, act_as: str | None, taken: Taken | None) -> int:
    """Over a broker that has answered and a face that nobody chose otherwise: the settings are read when it is lost."""
    from screens.app import run
    from screens.chosen import Chosen

    def ensure_again() -> None:
        from arqueue.settings import load_settings
        from data.broker.launch import ensure

        ensure(load_settings(Path(place.file)))

    return run(
        Path(place.socket),
        act_as=act_as or place.act_as or None,
        ensure=ensure_again,
        chosen=Chosen(FaceSettings(file=face_file()), tour=tour_mark()),
        taken=taken,
    )


def chosen_for(settings: Settings) -> Chosen:
    """What this person chose for their face. Raises ConfigInvalid, naming line and remedy."""
    from screens.chosen import choose

    return choose(load_face(settings.face, face_file(), os.environ), tour_mark())
