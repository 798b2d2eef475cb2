"""What may stand in a face file and in [face] of the settings, as pydantic checks it; loaded where there is something to
check."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from arqueue.model.people import Role

Theme = Literal["auto", "ansi", "dark", "light", "contrast", "mono"]
KeyStyle = Literal["vi", "arrows"]
Drawing = Literal["auto", "ascii"]


class FaceSection(BaseModel):
    """What a company proposes to every face, and who may copy out of it. ``clipboard`` names roles; nobody unless it is said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    theme: Theme = "auto"
    keys: KeyStyle = "vi"
    drawing: Drawing = "auto"
    clipboard: list[Role] = []


class FaceFile(BaseModel):
    """One person's own file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    theme: Theme | None = None
    keys: KeyStyle | None = None
    drawing: Drawing | None = None
    bind: dict[str, Any] = Field(default={})
