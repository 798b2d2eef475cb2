"""Copying: off unless the company allows it, one sequence or tmux, and never a card or bank number."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.errors import Refused
from arqueue.face import FaceSettings
from screens import clipboard
from screens.chosen import Chosen
from tests.screens.driver import Driver, driving
from tests.screens.hostile import PAYLOADS
from tests.screens.scripted_broker import ScriptedBroker

ALLOWED = Chosen(FaceSettings(clipboard=frozenset({"collector"})))


def written(drive: Driver) -> list[str]:
    """What goes to the terminal from now on."""
    found: list[str] = []
    assert drive.app._driver is not None
    drive.app._driver.write = found.append  # type: ignore[method-assign, assignment]
    return found


def copied(found: list[str]) -> str:
    """What the one sequence says."""
    (sequence,) = [text for text in found if "]52;" in text]
    assert sequence.startswith("\x1b]52;c;")
    assert sequence.endswith("\x07")
    return base64.b64decode(sequence[7:-1]).decode()


async def test_it_is_off_unless_it_is_allowed(drive: Driver) -> None:
    """The key says why; nothing is sent."""
    found = written(drive)
    await drive.press("y", "Y")
    assert "off for your role" in drive.status
    assert not any("]52;" in text for text in found)


async def test_another_role_is_not_enough(broker: ScriptedBroker) -> None:
    """Supervisors may, a collector may not."""
    chosen = Chosen(FaceSettings(clipboard=frozenset({"supervisor"})))
    async with driving(broker.socket, chosen=chosen) as drive:
        await drive.press("y")
        assert "off for your role" in drive.status


async def test_y_copies_the_number_and_says_it(
    broker: ScriptedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the status line too, where it can be selected by hand."""
    monkeypatch.delenv("TMUX", raising=False)
    async with driving(broker.socket, chosen=ALLOWED) as drive:
        found = written(drive)
        await drive.press("y")
        assert copied(found) == broker.company.work[0]["subject"]
        assert "Copied by the terminal: PAY-2000" in drive.status


async def test_a_row_is_fields_apart_by_tabs(broker: ScriptedBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what attacks in a name stays harmless."""
    monkeypatch.delenv("TMUX", raising=False)
    broker.company.work[0]["party"] = "Evil\tName \x1b]0;PWNED\x07 DE89370400440532013000"
    async with driving(broker.socket, chosen=ALLOWED) as drive:
        found = written(drive)
        await drive.press("Y")
        fields = copied(found).split("\t")
        assert len(fields) == 6
        assert fields[0] == "payment"
        assert "\x1b" not in fields[5]
        assert "3704" not in fields[5]


@pytest.mark.parametrize(
    "text",
    [
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "gb29nwbk60161331926819",
        "GB29-NWBK-6016-1331-9268-19",
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "account 123456789",
        "acct 12-34-56 12345678",
        "0532 0130 00",
    ],
)
def test_cards_and_accounts_never_leave(text: str) -> None:
    """However they are grouped; what is around them does."""
    out = clipboard.fit_to_leave(f"pay {text} now")
    assert out.startswith("pay ")
    assert out.endswith(" now")
    assert sum(char.isdigit() for char in out) <= 4


@pytest.mark.parametrize(
    "text", ["INV-2026-004453", "PAY-2026-000149", "C-00037", "18,414.50", "2026-11-20", "PO 4711"]
)
def test_our_own_numbers_are_left_alone(text: str) -> None:
    """They are what one copies."""
    assert clipboard.fit_to_leave(text) == text


@given(st.text() | st.sampled_from(PAYLOADS))
def test_nothing_but_printable_text_leaves(text: str) -> None:
    """One line without a single control character, short enough for a terminal."""
    out = clipboard.fit_to_leave(text)
    assert out.isprintable()
    assert len(out) <= clipboard.CAP


@pytest.fixture
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A tmux of our own, as TMUX names it."""
    at = ["tmux", "-S", str(tmp_path / "t")]
    subprocess.run([*at, "-f", "/dev/null", "new-session", "-d", "sleep 600"], check=True)
    pid = subprocess.run(
        [*at, "display", "-p", "#{pid}"], check=True, capture_output=True, text=True
    ).stdout.strip()
    monkeypatch.setenv("TMUX", f"{tmp_path / 't'},{pid},0")
    yield at
    subprocess.run([*at, "kill-server"], check=True)


def test_inside_tmux_it_goes_through_tmux(tmux: list[str]) -> None:
    """Its buffer holds the text; not one byte goes to the terminal by another way."""
    found: list[str] = []
    assert clipboard.copy("INV-1", found.append) == "tmux"
    shown = subprocess.run([*tmux, "show-buffer"], check=True, capture_output=True, text=True).stdout
    assert shown == "INV-1"
    assert found == []


def test_a_tmux_that_is_gone_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A detached session's variables outlive it."""
    monkeypatch.setenv("TMUX", f"{tmp_path}/none,1,0")
    with pytest.raises(Refused, match="tmux did not take it"):
        clipboard.copy("INV-1", lambda text: None, os.environ)


def test_a_name_is_no_formula_in_a_spreadsheet() -> None:
    """An amount is a number in it."""
    assert clipboard.fields("=cmd|'/c calc'!A1", "+1", "@x", "-x", "-5.00", "A=1") == (
        "'=cmd|'/c calc'!A1\t'+1\t'@x\t'-x\t-5.00\tA=1"
    )
