"""Where a broker is: the quick reading of the settings says what the whole one says, or leaves it to a parser of TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.settings import load_settings
from arqueue.whereabouts import plain, whereabouts

LINES = st.lists(
    st.one_of(
        st.sampled_from(
            (
                "[broker]",
                "[demo]",
                "[ broker ]",
                "[[x]]",
                "[a.b]",
                'socket = "s.sock"',
                "socket = 's'",
                'dir = "a\\\\b"',
                'dir = "" # here',
                "n = 007",
                "n = 7",
                "d = 2026-11-20",
                "yes = true",
                'a = "x" "y"',
                "# remark",
                "",
                'x = """',
                'k = "[demo]"',
            )
        ),
        st.text(alphabet='[]=#"ab.\\ \t12', max_size=12),
    ),
    max_size=6,
)


@given(LINES)
def test_what_is_read_plainly_is_what_toml_means(lines: list[str]) -> None:
    """Whenever the quick reading understands a file that is TOML, every string in it is the same."""
    text = "\n".join(lines)
    said = plain(text)
    if said is None:
        return
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # the settings themselves are refused before anything is done with them
    for name, value in said.items():
        found: object = tree
        for part in name.split("."):
            assert isinstance(found, dict)
            found = found[part]
        assert not isinstance(found, str) or found == value


@pytest.mark.parametrize(
    "more",
    [
        "",
        '[broker]\nsocket = "else/where.sock"\n',
        '[broker]\nsocket = "else/where.sock"   # a remark\n[cash]\ntolerance = { EUR = "2.00" }\n',
        '[demo]\nbusiness_date = 2026-11-20\nact_as = "sue"\n',
        f'[broker]\nsocket = "{"deep/" * 40}a.sock"\n',
    ],
)
def test_it_is_where_the_settings_say(tmp_path: Path, more: str) -> None:
    """Socket, store and whom the demo suggests, plain or not, with a path that is too long for the kernel too."""
    file = tmp_path / "arqueue.toml"
    file.write_text(f'[peer]\nkind = "sandbox"\nurl = "http://127.0.0.1:9"\n{more}')
    settings, found = load_settings(file), whereabouts(str(file), {})
    assert found is not None
    assert Path(found.socket).name == settings.socket.name
    assert Path(found.store_dir) == settings.store_dir
    assert found.act_as == (settings.demo.act_as if settings.demo else "")
    assert not found.face


def test_a_proposed_look_is_seen(tmp_path: Path) -> None:
    """The first frame does not guess at another look."""
    file = tmp_path / "arqueue.toml"
    file.write_text('[face]\ntheme = "dark"\n')
    found = whereabouts(str(file), {})
    assert found is not None
    assert found.face


@pytest.mark.parametrize("text", [None, "[broker\n", "a = \x00"])
def test_what_cannot_be_read_is_left_to_the_settings(tmp_path: Path, text: str | None) -> None:
    """No file, no TOML: nothing is known, and nobody is asked."""
    file = tmp_path / "arqueue.toml"
    if text is not None:
        file.write_text(text)
    assert whereabouts(str(file), {}) is None
