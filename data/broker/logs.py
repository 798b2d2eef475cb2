"""The broker's log: JSON lines on stderr with ids, never names, amounts or tokens."""

from __future__ import annotations

import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer


def to_stderr() -> None:
    """For a broker process; systemd or the launcher decides where stderr goes."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # the locals of a traceback hold names, amounts, and the token
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
