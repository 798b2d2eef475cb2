"""The disk under the store: a local one, with a reserve that is given up when it is full, so that what was begun can be ended."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import structlog

from arqueue.errors import StoreRefused

log = structlog.get_logger()
LOCAL = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "tmpfs", "overlay"})
"""File systems whose locks and write-ahead logs are one machine's own. An overlay is a container's view of one of them."""
_MOST = 8 * 1024 * 1024
_SHARE = 50
_NAME = "ballast"
_LEAST = 64 * 1024
"""SQLite cannot even read with less: it shares an index of its log in a file."""


def file_system(folder: Path) -> str:
    """What kind of file system a folder is on, by the kernel's table of mounts; empty where that cannot be read."""
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    place = str(folder.resolve())
    best, kind = -1, ""
    for line in mounts:
        _, mount, found, *_ = line.split(" ")
        mount = mount.replace("\\040", " ")
        inside = place == mount or place.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= best:  # of two mounts at one place the later one is seen
            best, kind = len(mount), found
    return kind


def require_local(folder: Path) -> None:
    """Raises StoreRefused for a folder on a network (or unknown) file system: there two machines could each hold the lock."""
    kind = file_system(folder)
    if kind not in LOCAL:
        raise StoreRefused(
            f"{folder} is on a file system of kind {kind or 'unknown'}",
            "keep the store on a local disk (ext4, xfs, btrfs, zfs)",
        )


def has_room(folder: Path) -> bool:
    """Whether a store can be opened there at all."""
    return shutil.disk_usage(folder).free >= _LEAST


def release(folder: Path) -> bool:
    """Let the reserve of a folder go; whether there was one."""
    try:
        (folder / _NAME).unlink()
    except FileNotFoundError:
        return False
    log.warning("the disk is full: the reserve was given up", folder=str(folder))
    return True


class Ballast:
    """Up to eight megabytes that are held for the day the disk is full: then they are let go, and the answers that are still
    under way can be stored. Taken again when there is room."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _NAME
        self.renew()

    @property
    def is_held(self) -> bool:
        """Whether the reserve is there."""
        return self._file.exists()

    def renew(self) -> None:
        """Take the reserve where there is plenty of room and it is not held."""
        usage = shutil.disk_usage(self._file.parent)
        size = min(_MOST, usage.total // _SHARE)
        if self.is_held or usage.free < 4 * size:
            return
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(handle, 0, size)
        except OSError:
            self._file.unlink()
        finally:
            os.close(handle)

    def release(self) -> bool:
        """Let the reserve go; whether there was one."""
        return release(self._file.parent)
