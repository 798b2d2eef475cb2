"""What the first frame shows, asked from the broker with nothing but a socket and JSON."""

from __future__ import annotations

# Below socket (and json), which bring enum, re and selectors with them: half of what the first frame costs.
import _socket as socket
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from data.broker.protocol import Hello, Status, Window

ROWS = 64
"""As many as the list itself asks for at once."""
PATIENCE_S = 1.0
"""A broker that takes longer is waited for by the app itself, which says so."""
_HEAD = 4
_CAP = 4 * 1024 * 1024
_VERSION = 1


class First:
    """A greeting, the status and the first rows of all work, when they came on the clock that never jumps, and the row to which
    the cursor was moved since."""

    __slots__ = ("at", "cursor", "hello", "status", "window")

    def __init__(self, hello: Hello, status: Status, window: Window, at: float) -> None:
        self.hello, self.status, self.window, self.at = hello, status, window, at
        self.cursor = 0


def ask(path: str, act_as: str) -> socket.socket | None:
    """Ask for the first frame's facts, all at once; None when nobody is there. Meanwhile there is something to import."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    who = f',"as":{_quoted(act_as)}' if act_as else ""
    window = f'"view":"all","filter":"","sort":"rank","offset":0,"limit":{ROWS}'
    try:
        line.settimeout(PATIENCE_S)
        line.connect(path)
        # the broker begins nothing before it has done with the greeting
        line.sendall(
            _frame(1, "hello", f'"version":{_VERSION}{who}')
            + _frame(2, "status", "")
            + _frame(3, "window", window)
        )
    except OSError:
        line.close()
        return None
    return line


def answered(line: socket.socket) -> First | None:
    """What the broker says; None where that is an error or takes too long. Why is then said by the app."""
    try:
        answers = _answers(line, {1, 2, 3})
        return First(answers[1], answers[2], answers[3], time.monotonic())
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    finally:
        line.close()


def _frame(number: int, method: str, params: str) -> bytes:
    body = f'{{"id":{number},"method":"{method}","params":{{{params}}}}}'.encode()
    return len(body).to_bytes(_HEAD, "big") + body


def _answers(line: socket.socket, wanted: set[int]) -> dict[int, Any]:
    """The results by number; what the broker pushes meanwhile is not for us. KeyError for an answer that is an error."""
    found: dict[int, Any] = {}
    while wanted - found.keys():
        size = int.from_bytes(_exactly(line, _HEAD), "big")
        if size > _CAP:
            raise ValueError
        message = _read(_exactly(line, size).decode())
        if message.get("id") in wanted:
            found[message["id"]] = message["result"]
    return found


class _Rules:
    """JSON as the standard has it."""

    strict, memo, parse_float, parse_int, parse_constant = True, {}, float, int, float  # type: ignore[var-annotated]
    object_hook = object_pairs_hook = None


def _read(text: str) -> dict[str, Any]:
    """Raises ValueError, also for what is not all JSON (StopIteration would be one)."""
    import _json  # while the broker answers

    try:
        found, end = _json.make_scanner(_Rules)(text, 0)  # type: ignore[arg-type]
    except StopIteration as error:
        raise ValueError from error
    if end != len(text) or not isinstance(found, dict):
        raise ValueError
    return found


def _quoted(text: str) -> str:
    import _json

    return _json.encode_basestring_ascii(text)


def _exactly(line: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        part = line.recv(size - len(got))
        if not part:
            raise OSError
        got += part
    return got
