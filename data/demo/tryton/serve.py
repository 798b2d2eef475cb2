"""The process that serves one Tryton database: ``python -m data.demo.tryton.serve FOLDER FD``, FD being a socket that listens.

One process and one thread, because more of either corrupts the books on SQLite. Says ``ready`` on stdout when the models are
loaded, and ends when its stdin does: whoever started it and died, by whatever signal, leaves no server behind.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any


def main(folder: Path, listener: int) -> None:
    """Serve until SIGTERM or the end of stdin."""
    os.environ["TRYTOND_CONFIG"] = str(folder / "trytond.conf")
    os.environ["TRYTOND_DATABASE_NAMES"] = "company"
    # Tryton stamps rows with naive local time; in UTC they can be read without knowing the machine.
    os.environ["TZ"] = "UTC"
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
        def load_config(self) -> None:
            self.cfg.set("bind", f"fd://{listener}")
            self.cfg.set("workers", 1)
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("threads", 1)
            self.cfg.set("timeout", 300)
            self.cfg.set("graceful_timeout", 5)
            self.cfg.set("keepalive", 75)
            self.cfg.set("loglevel", "warning")
            self.cfg.set("worker_tmp_dir", str(folder))
            self.cfg.set("post_worker_init", lambda _: _say_ready())

        def load(self) -> Any:
            from trytond.application import app

            return app

    threading.Thread(target=_end_with_parent, daemon=True).start()
    Server().run()


def _say_ready() -> None:
    os.write(sys.stdout.fileno(), b"ready\n")


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
