"""The door: ``arqueue`` and ``python -m arqueue``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; what it imports is decided by what was asked."""
    from arqueue.cli.start import bare, start

    if (said := bare(sys.argv[1:])) is not None:
        sys.exit(start(said.get("--config"), said.get("--as")))
    from arqueue.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
