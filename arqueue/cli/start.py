"""The way to the first frame: no command line parser, no settings model and no Textual before a person sees their work."""

from __future__ import annotations

import gc
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from screens.prepaint.taking import Taken


def bare(argv: Sequence[str]) -> dict[str, str] | None:
    """The options of a line that only opens the app (``--config FILE``, ``--as PERSON``); None for any other line."""
    said: dict[str, str] = {}
    words = list(argv)
    while words:
        name, sign, value = words.pop(0).partition("=")
        if name not in ("--config", "--as") or not (sign or words):
            return None
        said[name] = value if sign else words.pop(0)
    return said


def start(config: str | None, act_as: str | None) -> int:
    """Open the app, its first frame before all that it needs is imported. Returns the exit status; errors become words."""
    # Nearly all that is made while it starts stays: to look through it again and again is a tenth of the start.
    gc.disable()
    taken = first_frame(config, act_as)
    from arqueue.errors import ArqueueError

    try:
        from arqueue.cli.app import open_face

        return open_face(config, act_as, taken)
    except (ArqueueError, OSError) as error:
        wrong = error
    except KeyboardInterrupt:
        return 130
    finally:
        if taken is not None:
            taken.give_back()
    from arqueue.cli.main import complain
    from arqueue.cli.output import Output

    return complain(wrong, Output("table"))


def first_frame(config: str | None, act_as: str | None) -> Taken | None:
    """Paint what the broker says before anything else is done; None where that is not possible: the app then says why."""
    from arqueue.whereabouts import could_be_foreign, default_file, whereabouts

    place = whereabouts(config or default_file(os.environ), os.environ)
    if place is None or place.face or _has_own_face():
        return None
    if could_be_foreign(place.store_dir, place.socket):
        return None
    from screens.prepaint.show import show

    return show(place.socket, act_as or place.act_as, os.environ)


def _has_own_face() -> bool:
    """Whether this person chose a look or keys: the app then paints its first frame itself."""
    from arqueue.whereabouts import own_face

    return os.access(own_face(os.environ), os.F_OK)
