"""A person's own settings of the terminal app: what counts where two say something, and what is wrong in words with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from arqueue.errors import ConfigInvalid
from arqueue.face import FaceSettings, face_file, keep_theme, load_face
from arqueue.face_model import FaceSection
from screens.keys import canonical, keymap, styled


def loaded(tmp_path: Path, text: str, company: FaceSection | None = None, **environ: str) -> FaceSettings:
    """What a file with this text comes to."""
    file = tmp_path / "face.toml"
    file.write_text(text, "utf-8")
    return load_face(company or FaceSection(), file, environ)


def test_without_a_file_everything_is_the_default(tmp_path: Path) -> None:
    """Nobody has to write one."""
    face = load_face(FaceSection(), tmp_path / "none.toml", {})
    assert (face.theme.value, face.keys.value, face.drawing.value) == ("auto", "vi", "auto")
    assert keymap(face) == {}


def test_own_file_counts_before_no_color_before_the_company(tmp_path: Path) -> None:
    """And each says where it comes from."""
    company = FaceSection(theme="light", keys="arrows")
    own = loaded(tmp_path, 'theme = "dark"\n', company, NO_COLOR="1")
    assert own.theme.value == "dark"
    assert own.theme.source.endswith("face.toml line 1")
    assert loaded(tmp_path, "", company, NO_COLOR="1").theme.value == "mono"
    assert loaded(tmp_path, "", company).theme.value == "light"
    assert loaded(tmp_path, "", company).keys.source == "the company's settings"


def test_the_file_is_the_persons_own() -> None:
    """Named, or in the configuration folder."""
    assert face_file({"ARQUEUE_FACE": "/x/f.toml"}) == Path("/x/f.toml")
    assert face_file({"HOME": "/home/kim"}) == Path("/home/kim/.config/arqueue/face.toml")


def test_own_keys_may_swap(tmp_path: Path) -> None:
    """Two actions that give each other their keys are no conflict; quotes around names may be left out."""
    face = loaded(tmp_path, '[bind]\nwork.note = "e"\n"work.escalate" = "n f5"\n')
    assert keymap(face) == {"work.note": "e", "work.escalate": "n,f5"}


@pytest.mark.parametrize(
    "text,line,says,remedy",
    [
        ('\ntheme = "pink"\n', 2, "theme", "it may hold"),
        ('thme = "dark"\n', 1, "thme", "it may hold"),
        ('[bind]\n"work.nope" = "t"\n', 2, "no action is called that", "arqueue keys"),
        ('[bind]\n"queue.note" = "t"\n', 2, "no action is called that", "work.note?"),
        ('[bind]\n\n"work.note" = "a"\n', 3, "a is Apply (work.apply)", '"work.apply" ='),
        ('[bind]\nwork.note = "ctrl+b"\n', 2, "tmux keeps it", "another key"),
        ('[bind]\nwork.note = "ctrl+m"\n', 2, "sends it as Enter", "another key"),
        ('[bind]\nwork.note = "alt+x"\n', 2, "does not arrive", "another key"),
        ('[bind]\nwork.note = "hyper"\n', 2, "hyper is no key", "such as"),
        ("[bind]\nwork.note = 7\n", 2, "the keys are text", "without the line"),
        ('[bind]\nwork.note = ""\n', 2, "the keys are text", "without the line"),
        ('[bind]\nreview.post = "enter"\n', 2, "the same for everybody", "take the line out"),
        ('[bind]\nwork.view = "t"\n', 2, "the same for everybody", "take the line out"),
        ('[bind]\nform.enter = "t"\n', 2, "typed into the fields", "f5"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_remedy(
    tmp_path: Path, text: str, line: int, says: str, remedy: str
) -> None:
    """Nobody has to guess which of forty lines it was."""
    with pytest.raises(ConfigInvalid) as raised:
        keymap(loaded(tmp_path, text))
    assert f"face.toml line {line}: " in raised.value.message
    assert says in raised.value.message
    assert remedy in raised.value.hint


def test_a_file_that_is_not_toml_names_its_line(tmp_path: Path) -> None:
    """As the parser counts."""
    with pytest.raises(ConfigInvalid, match=r"not TOML.*line 2"):
        loaded(tmp_path, 'theme = "dark"\n[bind\n')


def test_arrow_style_leaves_letters_out_only_where_something_else_moves() -> None:
    """J and K stay: nothing else steps through accounts."""
    arrows = styled("arrows")
    assert arrows["rows.down"] == ("down",)
    assert arrows["rows.top"] == ("home",)
    assert arrows["work.next"] == ("J",)
    assert all(arrows.values())


@pytest.mark.parametrize(
    "name,key",
    [("/", "slash"), ("PgDn", "pagedown"), ("ctrl+t", "ctrl+t"), ("t", "t"), ("F5", "f5"), ("xx", "")],
)
def test_keys_are_named_as_they_are_printed(name: str, key: str) -> None:
    """What stands on the keyboard, whatever the case."""
    assert canonical(name) == key


def test_a_theme_is_kept_and_every_other_line_stays(tmp_path: Path) -> None:
    """Comments and keys are the person's own work."""
    file = tmp_path / "deep" / "face.toml"
    keep_theme(file, "dark")
    file.write_text(file.read_text() + '# mine\n[bind]\nwork.note = "t"\n')
    keep_theme(file, "light")
    assert file.read_text() == 'theme = "light"\n# mine\n[bind]\nwork.note = "t"\n'
