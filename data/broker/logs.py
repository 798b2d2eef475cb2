"""The broker's log: JSON lines on stderr with ids, never names, amounts, tokens or what an exception says of its values."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, WrappedLogger

from arqueue.model.cards import masked
from arqueue.model.failure import told


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
    sys.excepthook = _crashed
    threading.excepthook = lambda fault: _crashed(fault.exc_type, fault.exc_value, fault.exc_traceback)
    logging.basicConfig(handlers=[_Others()], level=logging.WARNING, force=True)


def _crashed(_: type[BaseException], error: BaseException | None, __: TracebackType | None) -> None:
    """What ended the process, or a thread of it: Python's own traceback would quote what the error says."""
    structlog.get_logger().critical("crashed", places=told(error) if error else [])


class _Others(logging.Handler):
    """What libraries say: who and how bad, with kind and place of a failure. Their words may quote anything."""

    def emit(self, record: logging.LogRecord) -> None:
        """As a line of our own log."""
        error = record.exc_info[1] if record.exc_info else None
        told_of = {"places": told(error)} if error else {}
        log = structlog.get_logger()
        log.log(
            record.levelno,
            "said by a library",
            logger=record.name,
            at=f"{record.filename}:{record.lineno}",
            **told_of,
        )


def _scrubbed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Kind, file and line of a failure are enough: its words may quote what it failed at."""
    for each in event.get("exception", ()):
        if isinstance(each, dict):
            each["exc_value"] = ""
            each["exc_notes"] = []
    return {key: masked(value) if isinstance(value, str) else value for key, value in event.items()}
