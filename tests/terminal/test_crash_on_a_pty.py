"""What a face leaves behind that fails while it knows a token, a customer and a note: kinds and places, on a real PTY."""

from __future__ import annotations

import sys
from pathlib import Path

from data.demo.launch import demo
from tests.familiar import know_the_tour
from tests.terminal.face import Face

NAME = "Underhill Bakery plc"
"""On top of the list of the company that is made here."""
NOTE = "Frau Krummbiegel weint am Telefon"
_FAILING = """
from pathlib import Path
from screens import face

def fail(self):
    token = Path(TOKEN).read_text()
    known = [token, NAME, NOTE]
    try:
        raise KeyError(*known)
    except KeyError as error:
        error.add_note(NOTE)
        raise RuntimeError(" ".join(known)) from error

face.Face.repaint_all = fail
from arqueue.__main__ import main
main()
"""


def test_a_face_that_fails_says_where_and_nothing_of_whom(tmp_path: Path) -> None:
    """Neither on the terminal that it gives back nor in its report, which is for its person alone."""
    with demo(tmp_path / "c", size="tiny") as running:
        token = running.settings.token_file
        script = f"TOKEN, NAME, NOTE = {str(token)!r}, {NAME!r}, {NOTE!r}\n{_FAILING}"
        program, state = (sys.executable, "-c", script), tmp_path / "state"
        know_the_tour(state)
        with Face("--config", str(running.settings.file), program=program, state=state) as face:
            face.sees(NAME.split(maxsplit=1)[0])
            face.presses("n")
            face.sees(NAME)
            face.presses(NOTE)
            face.sees("Telefon")
            face.presses("\x0c")
            said = face.ends()
        (report,) = (state / "arqueue").glob("crash-*.txt")
        text = report.read_text("utf-8")
        assert report.stat().st_mode & 0o777 == 0o600
        assert "RuntimeError" in text
        assert "KeyError" in text
        assert "in fail" in text
        assert report.stem.removeprefix("crash-") in said
        for secret in (token.read_text("utf-8"), NAME, NOTE, "Krummbiegel"):
            assert secret
            assert secret not in text
            assert secret not in said
