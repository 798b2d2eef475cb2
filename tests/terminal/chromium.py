"""A real Chromium without a window, driven over two pipes by its DevTools protocol: no port, and nothing to install beside it."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
BOUND_S = 30.0
_ON_3_AND_4 = """
import fcntl, os, sys
ours = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
for place, number in zip((3, 4), ours):
    os.dup2(number, place)
os.execv(sys.argv[3], sys.argv[3:])
"""
_CAPTURE = """
Object.defineProperty(Object.prototype, "websocket_url", {
  configurable: true,
  set(value) {
    window.page = this;
    Object.defineProperty(this, "websocket_url", { value, writable: true, enumerable: true });
  },
});
"""
"""The page keeps its terminal to itself: this takes hold of it when it is made, to read what it shows."""
_TEXT = """
(() => {
  if (!window.page) return "";
  const { buffer: { active }, cols, rows } = window.page.terminal;
  return Array.from({ length: rows }, (_, y) =>
    active.getLine(active.viewportY + y).translateToString(true, 0, cols)).join("\\n");
})()
"""


class Chromium:
    """One browser with one page."""

    def __init__(self, profile: Path) -> None:
        assert PROGRAM is not None
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        options = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --remote-debugging-pipe"
        still = "--disable-background-networking --disable-component-update --disable-sync --no-default-browser-check"
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _ON_3_AND_4, str(theirs_in), str(theirs_out), PROGRAM),
                *options.split(),
                *still.split(),
                *("--window-size=1000,600", f"--user-data-dir={profile}", "about:blank"),
            ],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"HOME": str(profile)},
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._number = 0
        self._buffer = b""
        self._session = ""
        self.events: list[dict[str, Any]] = []
        pages = self.call("Target.getTargets")["targetInfos"]
        page = next(each["targetId"] for each in pages if each["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=_CAPTURE)

    def call(self, method: str, **params: Any) -> Any:
        """Ask the browser, and wait for its answer; what it tells meanwhile is kept in ``events``."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer}"
                return answer["result"]
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + BOUND_S
        while b"\0" not in self._buffer:
            assert select.select([self._in], [], [], max(0, end - time.monotonic()))[0], (
                "the browser is silent"
            )
            part = os.read(self._in, 1 << 16)
            assert part, "the browser is gone"
            self._buffer += part
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def open(self, address: str) -> int:
        """Go there. Returns the status of the page that was shown in the end."""
        self.events.clear()
        self.call("Page.navigate", url=address)
        self.until(lambda: any(each["method"] == "Page.loadEventFired" for each in self.events), "the page")
        found = [each["params"]["response"] for each in self.told("Network.responseReceived")]
        return int(
            next(
                each["status"] for each in reversed(found) if each["mimeType"] in ("text/html", "text/plain")
            )
        )

    def told(self, method: str) -> list[dict[str, Any]]:
        """What it told of this kind since the page was opened."""
        self.value("0")
        return [each for each in self.events if each["method"] == method]

    def value(self, script: str) -> Any:
        """What a line of JavaScript comes to on the page."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    @property
    def text(self) -> str:
        """What the terminal on the page shows."""
        text: str = self.value(_TEXT)
        return text

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait, bounded, for something that the page shows."""
        end = time.monotonic() + BOUND_S
        while not condition():
            assert time.monotonic() < end, f"waited in vain for {what}:\n{self.text}"
            self.value("new Promise((done) => setTimeout(done, 30))")

    def wait_for(self, words: str) -> None:
        """Wait, bounded, until the terminal on the page says so."""
        self.until(lambda: words in self.text, repr(words))

    def press(self, key: str) -> None:
        """One key, as a keyboard sends it."""
        name, code = {"\r": ("Enter", 13), "\x1b": ("Escape", 27)}.get(key, (key, ord(key.upper())))
        self.call(
            "Input.dispatchKeyEvent", type="keyDown", key=name, text=key if key >= " " else "",
            windowsVirtualKeyCode=code,
        )  # fmt: skip
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=code)

    def picture(self) -> bytes:
        """The page as it is painted, PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        """End it."""
        os.close(self._out)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """A browser that is gone afterwards."""
    browser = Chromium(profile)
    try:
        yield browser
    finally:
        browser.close()
