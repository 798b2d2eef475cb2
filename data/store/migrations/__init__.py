"""The store's schema, step by step, one file an area; the order of the imports is the order of the steps."""

from __future__ import annotations

from data.store.migrations import (
    founding,
    m012_audit_text,
    m013_ranking,
    m014_search,
    m015_working,
    m016_work_history,
    m017_view_digits,
    m018_tags,
    m019_promises,
)
from data.store.migrations.steps import migrations

__all__ = [
    "founding",
    "m012_audit_text",
    "m013_ranking",
    "m014_search",
    "m015_working",
    "m016_work_history",
    "m017_view_digits",
    "m018_tags",
    "m019_promises",
    "migrations",
]
