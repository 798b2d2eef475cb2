"""The broker's log says what happened, and nothing about anybody."""

from __future__ import annotations

import json
import subprocess
import sys

_FAILS = """
import structlog
from data.broker.logs import to_stderr
to_stderr()
def deep(token, name):
    amount = 1234567
    raise ValueError("went wrong")
try:
    deep("s3cret-token", "Brasserie")
except ValueError:
    structlog.get_logger().exception("request failed", method="show")
"""


def test_a_traceback_in_the_log_has_no_locals() -> None:
    """File and line are enough: the locals of a frame hold names, amounts and the token."""
    done = subprocess.run(
        [sys.executable, "-c", _FAILS], capture_output=True, text=True, timeout=30, check=True
    )
    line = json.loads(done.stderr)
    assert line["event"] == "request failed"
    assert "went wrong" in done.stderr
    for secret in ("s3cret-token", "Brasserie", "1234567"):
        assert secret not in done.stderr
