"""Look at the app by hand: ``python -m tests.screens`` runs it against the scripted broker, in one process."""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

from screens.app import run
from tests.screens.company import Company
from tests.screens.scripted_broker import ScriptedBroker


def main() -> int:
    """Serve from a thread, show on this terminal."""
    import asyncio

    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "s"
        rows = int(sys.argv[1]) if len(sys.argv) > 1 else 3041

        async def serve() -> None:
            await ScriptedBroker(socket, Company.of(rows)).start()
            await asyncio.Event().wait()

        threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
        return run(socket)


if __name__ == "__main__":
    sys.exit(main())
