"""What a face has to know of the protocol before it has seen a row of it."""

from __future__ import annotations

VERSION = 1
WINDOW_CAP = 256
"""The most rows one window may ask for."""

VIEWS: tuple[tuple[str, str], ...] = (
    ("all", "All"),
    ("payment", "Unapplied"),
    ("dispute", "Disputes"),
    ("overdue", "Overdue"),
    ("escalation", "Escalated"),
    ("failure", "Failures"),
    ("mine", "Mine"),
    ("returned", "Returned"),
    ("promise", "Promises"),
    ("snoozed", "Snoozed"),
    ("done", "Done today"),
)
"""The views that everybody has, by their names on the wire and on the screen; the first nine have the keys 1-9."""
