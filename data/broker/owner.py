"""Whose socket it is: before a face believes what is said there."""
# a face that only wants to knock imports no pathlib
# ruff: noqa: PTH116, PTH120

from __future__ import annotations

import os

from arqueue.errors import StoreRefused


def refuse_foreign(store_dir: str, socket: str) -> None:
    """The socket must be where only the store's owner can put it: in /tmp anybody might have been faster. Raises StoreRefused."""
    folder = os.path.dirname(socket)
    try:
        owner = os.stat(store_dir).st_uid
        found = os.stat(folder)
    except OSError:
        return
    if found.st_uid not in (owner, 0) or found.st_mode & 0o002:
        raise StoreRefused(
            f"the socket's folder {folder} does not belong to the store's owner alone",
            "remove that folder, or name another one under [broker] socket",
        )
