"""What a browser's session runs: the app, once its terminal is its own, so that a size or a hang-up is told to it."""

from __future__ import annotations

import fcntl
import termios

from arqueue.__main__ import main

if __name__ == "__main__":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    main()
