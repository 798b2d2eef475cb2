"""The keys of the terminal app as they are in effect for this person."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.output import Output, format_option
from arqueue.errors import ConfigInvalid, Invalid
from arqueue.face import FaceSettings, face_file, load_face
from arqueue.whereabouts import default_file

if TYPE_CHECKING:
    from arqueue.face_model import FaceSection

_COLUMNS = ("place", "keys", "does", "id")


@click.command("keys")
@click.option("--place", metavar="PLACE", help="Only what holds there: queue, account, review …")
@format_option
@click.pass_context
def keys_command(ctx: click.Context, place: str | None, form: str) -> None:
    """Every action: where it holds, its keys, what it does, and the id by which [bind] in face.toml gives it others.

    Where face.toml is wrong that is said, with exit status 1, below the program's own keys.
    """
    wrong: ConfigInvalid | None = None
    company = _company(ctx.obj.config)
    try:
        rows = _rows(load_face(company, face_file(), os.environ), place)
    except ConfigInvalid as error:
        wrong, rows = error, _rows(FaceSettings(), place)
    Output(form).rows(rows, _COLUMNS)
    if wrong is not None:
        Output("table").error(wrong)
        ctx.exit(1)


def _company(named: Path | None) -> FaceSection:
    """What the company proposes; nothing where no company is set up."""
    from arqueue.face_model import FaceSection
    from arqueue.settings import load_settings

    file = named or Path(default_file(os.environ))
    return load_settings(file).face if named or file.exists() else FaceSection()


def _rows(face: FaceSettings, place: str | None) -> list[dict[str, Any]]:
    """Raises ConfigInvalid, naming line and remedy, and Invalid for a place that is none."""
    from screens.actions import ACTIONS, PLACES, SCOPE_TITLES, key_name, of_place
    from screens.keys import FIXED, keymap

    places = [name for name, _, _ in PLACES]
    if place is not None and place not in places:
        raise Invalid(f"--place: there is no {place!r}", f"one of {', '.join(places)}")
    own = {name: tuple(keys.split(",")) for name, keys in keymap(face).items()}
    return [
        {
            "id": action.id,
            "place": SCOPE_TITLES[action.scope],
            "keys": action.hint
            if action.chooses
            else " ".join(map(key_name, own.get(action.id, action.keys))),
            "does": action.description,
            "group": action.group,
            "fixed": action.chooses or action.scope in FIXED,
        }
        for action in (of_place(place) if place else ACTIONS)
    ]
