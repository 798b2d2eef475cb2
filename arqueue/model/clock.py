"""Three clocks: UTC for stamps, the company's business date, and the boot clock for ages (it never jumps)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, asked in one place so that tests and demo companies can set it."""

    now: Callable[[], datetime]
    boot_s: Callable[[], float]
    boot_id: str

    def stamp(self) -> str:
        """This instant as UTC text."""
        return self.now().astimezone(UTC).isoformat(timespec="microseconds")

    def today(self, zone: str) -> date:
        """The business date in the company's zone."""
        return self.now().astimezone(ZoneInfo(zone)).date()


def system_clock() -> Clock:
    """This machine's clocks. CLOCK_BOOTTIME counts through suspend and ignores wall clock changes."""
    path = Path("/proc/sys/kernel/random/boot_id")
    boot_id = path.read_text().strip() if path.exists() else "unknown"
    return Clock(
        now=lambda: datetime.now(UTC), boot_s=lambda: time.clock_gettime(time.CLOCK_BOOTTIME), boot_id=boot_id
    )
