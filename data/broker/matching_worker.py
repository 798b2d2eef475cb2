"""What a matching worker runs: requests come in on its standard input, answers go out where its standard output was. It opens no
store and no socket, gives way to everything else, and ends when the broker's end of the pipe is closed."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import pickle
import signal
import struct
import traceback
from typing import BinaryIO

_HEAD = struct.Struct(">I")
_NICE = 10
_LONGEST_S = 60
"""A search that nobody ended, since the broker died meanwhile, ends by itself."""
_PIPE = 1024 * 1024
"""What Linux grants to anybody."""
_WHOLE = 100
"""After so many questions garbage is looked for among all that there is, and not only among what is new."""


def main() -> None:
    """Serve until nobody asks any more."""
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the broker's business
    for pipe in (0, 1):
        # a large account is megabytes: at a time what fits is sent, and each time both ends have to wake up
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
    from arqueue.errors import ArqueueError
    from data.broker.accounts import Accounts
    from data.broker.answering import answer

    accounts = Accounts()
    gc.disable()  # an account is a hundred thousand objects of which none is garbage: that is looked for between two questions

    with os.fdopen(os.dup(1), "wb") as out, os.fdopen(os.dup(0), "rb") as asked:
        os.dup2(2, 1)  # whatever is printed goes to the log, not between the answers
        _say(out, pickle.dumps("ready"))
        answered = 0
        while request := _next(asked):
            signal.alarm(_LONGEST_S)
            try:
                gathered = pickle.loads(request)  # noqa: S301 - from our own parent
                told = answer(gathered, accounts)
                found: object = told if gathered.brief else told.packed
            except ArqueueError as error:
                found = (error.code, error.message, error.hint)
            except Exception:  # noqa: BLE001 - told to the broker, which logs it and goes on
                found = traceback.format_exc()
            signal.alarm(0)
            _say(out, pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
            answered += 1
            gc.collect(2 if answered % _WHOLE == 0 else 1)


def _next(asked: BinaryIO) -> bytes:
    head = asked.read(_HEAD.size)
    return asked.read(_HEAD.unpack(head)[0]) if len(head) == _HEAD.size else b""


def _say(out: BinaryIO, body: bytes) -> None:
    try:
        out.write(_HEAD.pack(len(body)) + body)
        out.flush()
    except BrokenPipeError:
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
