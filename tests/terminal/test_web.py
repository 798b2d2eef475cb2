"""The app in a real browser: behind its token, as the person who serves it, with nothing from elsewhere."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pexpect
import pytest

from data.demo.launch import Demo, demo
from tests.familiar import state_folder
from tests.terminal.chromium import PROGRAM, Chromium, chromium

ARQUEUE = Path(sys.executable).parent / "arqueue"
BOUND_S = 30.0
in_chromium = pytest.mark.skipif(PROGRAM is None, reason="needs Debian's chromium")


@dataclass(frozen=True)
class Served:
    """A running server."""

    process: subprocess.Popen[bytes]
    file: Path
    log: Path

    @property
    def address(self) -> str:
        """With the token for the next browser."""
        return self.file.read_text().strip()

    @property
    def site(self) -> str:
        """The address without its token."""
        return self.address.partition("?")[0]

    @property
    def token(self) -> str:
        """The secret."""
        return self.address.partition("token=")[2]

    def faces(self) -> list[int]:
        """The sessions' processes."""
        pid = self.process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def serving(company: Demo, folder: Path) -> Iterator[Served]:
    """The server as a service runs it: its words go to a file."""
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [ARQUEUE, "--config", company.settings.file, "--as", "sue", "web", "--port", "0"],
            env=os.environ | {"XDG_RUNTIME_DIR": str(folder), "XDG_STATE_HOME": state_folder()},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        until(lambda: "the address is in" in log.read_text(), lambda: log.read_text())
        file = Path(log.read_text().partition("the address is in ")[2].partition("\n")[0])
        yield Served(process, file, log)
    finally:
        process.terminate()
        process.wait(BOUND_S)


def until(condition: Callable[[], bool], said: Callable[[], object]) -> None:
    """Wait, bounded, for what has no event."""
    end = time.monotonic() + BOUND_S
    while not condition():
        assert time.monotonic() < end, said()
        time.sleep(0.02)


@pytest.fixture(scope="module")
def company() -> Iterator[Demo]:
    """A tiny demo company."""
    with tempfile.TemporaryDirectory(prefix="arqw") as home, demo(Path(home) / "c", size="tiny") as running:
        yield running


@pytest.fixture(scope="module")
def served(company: Demo) -> Iterator[Served]:
    """A server for the supervisor."""
    with tempfile.TemporaryDirectory(prefix="arqw") as folder, serving(company, Path(folder)) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """One browser for all."""
    with tempfile.TemporaryDirectory(prefix="arqb") as profile, chromium(Path(profile)) as running:
        yield running


@pytest.fixture
def page(browser: Chromium, served: Served) -> Iterator[Chromium]:
    """The queue on a page, and no session left behind."""
    assert browser.open(served.address) == 200
    browser.wait_for("ledger reachable")
    yield browser
    leave(browser, served)


def leave(browser: Chromium, served: Served) -> None:
    """Close the page."""
    browser.call("Page.navigate", url="about:blank")
    until(lambda: not served.faces(), served.faces)


# The lock


def test_without_the_token_there_is_nothing(served: Served) -> None:
    """Not the page, not a file of it, not the line; a wrong token and a wrong cookie are told the same."""
    with httpx.Client(base_url=served.site) as nobody:
        for path in (
            "/",
            "/?token=",
            f"/?token={served.token[:-1]}",
            "/static/textual.js",
            "/ws",
            "/nothing",
        ):
            assert nobody.get(path).status_code == 403, path
        cookie = {"Cookie": f"arqueue-{httpx.URL(served.site).port}=wrong"}
        assert nobody.get("/", headers=cookie).status_code == 403


def test_the_token_opens_once_and_the_cookie_from_then_on(served: Served) -> None:
    """The address in the browser's history is without a secret, and no script reads the cookie."""
    address, token = served.address, served.token
    with httpx.Client(base_url=served.site) as person:
        first = person.get(address)
        assert (first.status_code, first.headers["location"]) == (303, "/")
        kept = first.headers["set-cookie"]
        assert "HttpOnly" in kept
        assert "SameSite=Strict" in kept
        assert token not in kept
        assert person.get("/").status_code == 200
        assert person.get(address).status_code == 303


def test_a_token_lets_one_browser_in(served: Served) -> None:
    """Whoever finds it later finds it used up; the file holds the one for another browser, and is as closed as before."""
    address = served.address
    with httpx.Client(base_url=served.site) as one, httpx.Client(base_url=served.site) as other:
        assert one.get(address).status_code == 303
        assert other.get(address).status_code == 403
        assert served.address != address
        assert stat.S_IMODE(served.file.stat().st_mode) == 0o600
        assert other.get(served.address).status_code == 303
        assert list(served.file.parent.iterdir()) == [served.file]


def test_another_page_gets_nothing_even_in_a_browser_that_was_let_in(served: Served) -> None:
    """Neither a name that somebody points at this machine nor a script of another origin."""
    with httpx.Client(base_url=served.site) as person:
        person.get(served.address)
        assert person.get("/", headers={"Host": "evil.example:8790"}).status_code == 403
        line = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        line["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
        for origin in ({}, {"Origin": "http://evil.example"}):
            assert person.get("/ws", headers=line | origin).status_code == 403
        assert served.faces() == []


def test_the_token_is_in_one_file_of_this_person(served: Served) -> None:
    """0600; in no log, no command line and no environment of anything that runs."""
    assert stat.S_IMODE(served.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(served.file.parent.stat().st_mode) == 0o700
    assert served.token not in served.log.read_text()
    for place in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                told = (place / name).read_bytes()
            except OSError:
                continue
            assert served.token.encode() not in told, place


def test_only_a_supervisor_may(company: Demo) -> None:
    """A collector is told so; nothing is served."""
    ran = subprocess.run(
        [ARQUEUE, "--config", company.settings.file, "--as", "ben", "web", "--port", "0"],
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
    )
    assert ran.returncode == 1
    assert "the browser is for supervisors" in ran.stderr


def test_at_a_terminal_the_address_is_shown_once(company: Demo, tmp_path: Path) -> None:
    """Ctrl+C ends it with status 0, and the file with the address is gone."""
    child = pexpect.spawn(
        str(ARQUEUE),
        ["--config", str(company.settings.file), "--as", "sue", "web", "--port", "0"],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
        timeout=BOUND_S,
    )
    child.expect(rb"http://127\.0\.0\.1:\d+/\?token=(\S+)")
    token = child.match.group(1)
    assert len(list((tmp_path / "arqueue").iterdir())) == 1
    child.sendintr()
    child.expect(pexpect.EOF)
    assert token not in child.before
    child.close()
    assert child.exitstatus == 0
    assert list((tmp_path / "arqueue").iterdir()) == []


def test_what_is_served_names_no_other_host(served: Served) -> None:
    """Page, scripts and styles; remarks aside."""
    with httpx.Client(base_url=served.site, follow_redirects=True) as person:
        front = person.get(served.address)
        names = re.findall(r'(?:src|href)="([^"]*)"', front.text)
        assert {name for name in names if not name.startswith("/static/")} == {"data:,"}
        for answer in (front, *(person.get(name) for name in names if name.startswith("/"))):
            text = re.sub(r"/\*.*?\*/", "", answer.text, flags=re.DOTALL)
            assert not re.findall(r"(?:https?:|wss?:)?//[a-z0-9-]+\.[a-z]", text), answer.url
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; ")
            assert set(re.findall(r"[a-z]+://\S+", policy.replace(";", " "))) == {
                f"ws://{front.url.netloc.decode()}"
            }


# The browser


@in_chromium
def test_the_queue_stands_on_the_page_and_keys_work(page: Chromium, served: Served) -> None:
    """Painted, in our font, without scrolling; j moves, Enter opens, q comes back; one process of its own."""
    assert len(served.faces()) == 1
    before = page.picture()
    row = cursor(page)
    page.press("j")
    page.until(lambda: cursor(page) not in ("", row), "the next row")
    page.until(lambda: page.picture() != before, "the paint")
    assert page.value("document.fonts.check('16px \"Roboto Mono\"')")
    assert page.value("document.documentElement.scrollHeight <= window.innerHeight")
    page.press("O")
    page.wait_for("Outbox")
    page.press("q")
    page.wait_for("ledger reachable")


def cursor(page: Chromium) -> str:
    """The line that the cursor stands on."""
    return next((line for line in page.text.splitlines() if line.startswith(">")), "")


@in_chromium
def test_the_browser_asks_nobody_else_and_cannot(page: Chromium, served: Served) -> None:
    """All that was asked for came from here; a script from elsewhere, a picture and a question are refused by the policy."""
    asked = [each["params"]["request"]["url"] for each in page.told("Network.requestWillBeSent")]
    assert asked
    assert {httpx.URL(url).netloc.decode() for url in asked if url.startswith("http")} == {
        httpx.URL(served.site).netloc.decode()
    }
    refused = page.value("""
      new Promise((done) => {
        const refused = new Set();
        document.addEventListener("securitypolicyviolation", (event) => {
          refused.add(event.effectiveDirective);
          if (refused.size === 4) done([...refused].sort());
        });
        fetch("http://127.0.0.1:9/").catch(() => {});
        for (const [kind, name] of [["script", "src"], ["img", "src"], ["iframe", "src"]]) {
          const element = document.createElement(kind);
          element[name] = "http://127.0.0.1:9/x";
          document.body.append(element);
        }
      })
    """)
    assert refused == ["connect-src", "frame-src", "img-src", "script-src-elem"]
    assert page.value('window.open("http://127.0.0.1:9/")') is None


@in_chromium
def test_another_size_of_the_window_is_another_size_of_the_app(page: Chromium) -> None:
    """As on any terminal."""
    wide = page.value("window.page.terminal.cols")
    page.call("Emulation.setDeviceMetricsOverride", width=800, height=500, deviceScaleFactor=1, mobile=False)
    page.until(lambda: page.value("window.page.terminal.cols") < wide, "fewer columns")
    columns = page.value("window.page.terminal.cols")
    page.until(lambda: 0 < max(map(len, page.text.splitlines())) <= columns, "lines that fit")
    page.wait_for("? Help")
    page.call("Emulation.clearDeviceMetricsOverride")


@in_chromium
def test_a_page_that_is_closed_is_a_terminal_that_hangs_up(page: Chromium, served: Served) -> None:
    """The face ends; what was typed is offered by the next."""
    page.press("n")
    page.wait_for("Note")
    for letter in "rings back":
        page.press(letter)
    page.wait_for("rings back")
    leave(page, served)
    assert page.open(served.site) == 200
    page.wait_for("ledger reachable")
    page.press("n")
    page.wait_for("Draft of")
    page.press("\r")
    page.wait_for("rings back")


@in_chromium
def test_one_y_on_the_page_posts_what_it_shows(page: Chromium, served: Served) -> None:
    """The page's terminal says that it shows the review, in front of the y."""
    page.press("j")
    page.press("n")
    page.wait_for("Note")
    for letter in "paid":
        page.press(letter)
    page.wait_for("paid")
    page.press("\r")
    page.wait_for("y posts it")
    page.value("new Promise((done) => setTimeout(done, 200))")  # what comes at once was not read
    page.press("y")
    page.wait_for("Queued")


@in_chromium
def test_who_leaves_the_app_sees_that_it_ended(page: Chromium, served: Served) -> None:
    """Ctrl+Q ends the session, and the page offers another."""
    page.value("window.page.socket.send(JSON.stringify(['stdin', '\\u0011']))")
    page.until(
        lambda: page.value("getComputedStyle(document.getElementById('ended')).display") == "block", "the end"
    )
    until(lambda: not served.faces(), served.faces)


@in_chromium
def test_the_end_of_the_server_is_the_end_of_its_sessions(
    company: Demo, browser: Chromium, tmp_path: Path
) -> None:
    """SIGTERM: status 0, no face lives on."""
    with serving(company, tmp_path) as server:
        assert browser.open(server.address) == 200
        browser.wait_for("ledger reachable")
        (face,) = server.faces()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(BOUND_S) == 0
        assert not Path(f"/proc/{face}").exists()
        assert not server.file.exists()
