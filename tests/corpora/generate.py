"""Writes the corpora of remittance texts: `python -m tests.corpora.generate`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.corpora import forms, unseen_forms
from tests.corpora.scenes import Scene, Style, Told, scene

FOLDER: Final = Path(__file__).parent
OPEN: Final = FOLDER / "remittances.jsonl"
UNSEEN: Final = FOLDER / "unseen.jsonl"

SILENT: Final = (forms.nothing, unseen_forms.silent)
"""The forms that mean no document."""

Form = Callable[[Scene], Told]
Forms = Sequence[tuple[int, Form, dict[str, Any]]]


def records(seed: int, styles: Sequence[Style], kinds: Forms) -> Iterator[dict[str, Any]]:
    """Every text of a corpus, in the order of its forms; each is made from a seed of its own."""
    for count, form, shape in kinds:
        for number in range(count):
            name = form.__name__
            made, told = _meaning(Random(f"{seed}/{name}/{number}"), form, {"styles": styles, **shape})
            yield {
                "name": f"{name}-{number + 1}",
                "form": name,
                "text": told.text,
                "meant": {
                    key: None if minor is None else f"{minor / 100:.2f}" for key, minor in told.meant.items()
                },
                "may": sorted(told.may),
                "cut": told.cut,
                "items": [each.row() for each in made.lines],
            }


def _meaning(rng: Random, form: Form, shape: dict[str, Any]) -> tuple[Scene, Told]:
    """A scene that the form can say something about: most can with the first."""
    while True:
        made = scene(rng, **shape)
        told = form(made)
        if told.meant or form in SILENT:
            return made, told


def corpora() -> dict[Path, str]:
    """Each file and what belongs into it."""
    made = {
        OPEN: records(41, forms.STYLES, forms.FORMS),
        UNSEEN: records(977, unseen_forms.STYLES, unseen_forms.FORMS),
    }
    return {
        path: "".join(
            json.dumps(each, ensure_ascii=True, separators=(",", ":")) + "\n" for each in each_records
        )
        for path, each_records in made.items()
    }


def main() -> None:
    """Write both files anew."""
    for path, text in corpora().items():
        path.write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
