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
    raise ValueError(f"{name} owes {amount}")
try:
    deep("s3cret-token", "Brasserie")
except ValueError:
    structlog.get_logger().exception("request failed", method="show")
"""


def test_a_traceback_in_the_log_has_neither_locals_nor_what_the_error_says() -> None:
    """Kind, file and line are enough: the locals of a frame and the words of an error hold names, amounts and the token."""
    done = subprocess.run(
        [sys.executable, "-c", _FAILS], capture_output=True, text=True, timeout=30, check=True
    )
    line = json.loads(done.stderr)
    assert line["event"] == "request failed"
    assert line["exception"][0]["exc_type"] == "ValueError"
    assert [frame["name"] for frame in line["exception"][0]["frames"]] == ["<module>", "deep"]
    for secret in ("s3cret-token", "Brasserie", "1234567"):
        assert secret not in done.stderr
