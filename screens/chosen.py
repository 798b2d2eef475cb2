"""What a person chose for their face, looked up once at the start: look, keys, drawing, and where each comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from arqueue.face import FaceSettings
from screens import keys, theme


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is in effect."""

    face: FaceSettings = field(default_factory=FaceSettings)
    look: str = theme.DEFAULT
    keymap: Mapping[str, str] = field(default_factory=dict)
    tour: Path | None = None
    """Where the mark goes that the tour was shown; None where nobody is shown it unasked."""

    @property
    def ascii_drawing(self) -> bool:
        """Whether lines and arrows are drawn in ASCII even where the terminal has better."""
        return self.face.drawing.value == "ascii"


def choose(face: FaceSettings, tour: Path | None = None) -> Chosen:
    """Look everything up. Raises ConfigInvalid, naming line and remedy."""
    wanted = face.theme.value
    return Chosen(face, theme.DEFAULT if wanted == "auto" else wanted, keys.keymap(face), tour)
