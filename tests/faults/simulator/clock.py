"""True time, the boot clock that counts it, and a wall clock that people set wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from arqueue.model.clock import Clock
from tests.faults.simulator.rows import START


@dataclass(slots=True)
class Time:
    """Seconds since the story began."""

    s: float = 0.0
    skew: float = 0.0
    """By how much the wall clock is wrong."""
    booted: float = -5000.0
    boot: int = 1
    misled: bool = False
    """Whether the machine started with the wall clock set forward."""
    ahead: bool = False

    def set_wall(self, by: float) -> None:
        """Somebody sets the wall clock."""
        self.skew += by
        self.ahead = self.ahead or by > 0

    def clock(self) -> Clock:
        """As a process started now sees it; the wall clock may be set while it runs."""
        booted = self.booted
        return Clock(
            now=lambda: START + timedelta(seconds=self.s + self.skew),
            boot_s=lambda: self.s - booted,
            boot_id=f"boot-{self.boot}",
        )

    def reboot(self) -> None:
        """The boot clock begins at nothing."""
        self.booted, self.boot = self.s, self.boot + 1
        self.misled = self.misled or self.ahead
