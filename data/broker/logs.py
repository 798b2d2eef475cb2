"""The broker's log: JSON lines on stderr with ids, never names, amounts, tokens or what an exception says of its values."""

from __future__ import annotations

import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, WrappedLogger

from arqueue.model.cards import masked


def to_stderr() -> None:
    """For a broker process; systemd or the launcher decides where stderr goes."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # the locals of a traceback hold names, amounts, and the token
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            _scrubbed,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _scrubbed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Kind, file and line of a failure are enough: its words may quote what it failed at."""
    for each in event.get("exception", ()):
        if isinstance(each, dict):
            each["exc_value"] = ""
            each["exc_notes"] = []
    return {key: masked(value) if isinstance(value, str) else value for key, value in event.items()}
