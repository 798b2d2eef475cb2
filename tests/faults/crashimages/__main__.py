"""``python -m tests.faults.crashimages FOLDER`` examines the recording in a folder, made first where there is none."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.faults.crashimages.enumerating import examine
from tests.faults.crashimages.session import Recording, record


def main() -> int:
    """Exit status 1 when an image was unsound or had lost something."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.crashimages", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--synchronous", type=int, choices=(0, 1, 2), default=2, help="2 is FULL, the product's"
    )
    given = parser.parse_args()
    folder = given.folder.resolve()
    logs = tuple(sorted(folder.glob("trace-*")))
    recording = (
        Recording(logs, folder / "c" / "store") if logs else record(folder, synchronous=given.synchronous)
    )
    began = time.monotonic()
    tally = examine(
        recording, given.images, given.seed, processes=given.processes, whole=given.synchronous == 2
    )
    sys.stdout.write(
        f"{tally.images} images at {tally.calls} calls in {time.monotonic() - began:.0f} s, seed {given.seed}: "
        f"{dict(tally.wrong) or 'none unsound'}\n"
    )
    for kind, example in sorted(tally.examples.items()):
        sys.stdout.write(f"  {kind}: {example}\n")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
