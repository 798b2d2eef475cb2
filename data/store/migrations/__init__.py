"""The store's schema, step by step, one file an area; the order of the imports is the order of the steps."""

from __future__ import annotations

from data.store.migrations import founding, m013_ranking
from data.store.migrations.steps import migrations

__all__ = ["founding", "m013_ranking", "migrations"]
