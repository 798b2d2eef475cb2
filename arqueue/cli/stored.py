"""The store itself, for commands that need not trust the broker."""

from __future__ import annotations

import os
from pathlib import Path

from arqueue.errors import StoreRefused
from arqueue.settings import Settings


def readable(settings: Settings) -> Path:
    """The store's file. Raises StoreRefused for who may not read it."""
    file = settings.store_file
    if not os.access(file, os.R_OK | os.W_OK):
        raise StoreRefused(
            f"{file} cannot be read by you" if file.parent.exists() else f"there is no store {file}",
            "run it as the broker's user, who alone may enter the store's folder",
        )
    return file
