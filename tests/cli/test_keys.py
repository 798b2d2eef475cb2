"""The keys in effect, on the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from arqueue.cli.main import run
from screens.actions import ACTIONS
from screens.keys import canonical


@pytest.fixture
def face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A face file of one's own, and no company."""
    file = tmp_path / "face.toml"
    monkeypatch.setenv("ARQUEUE_FACE", str(file))
    monkeypatch.setenv("ARQUEUE_CONFIG", str(tmp_path / "none.toml"))
    return file


def rows(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, str]]:
    """What it prints, by id."""
    assert run(["keys", *words, "--format", "json"]) == 0
    return {row["id"]: row for row in json.loads(capsys.readouterr().out)}


@pytest.mark.usefixtures("face")
def test_every_action_is_named_with_keys_that_may_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    """By the id and in the spelling that face.toml takes."""
    found = rows(capsys)
    assert set(found) == {action.id for action in ACTIONS}
    for action in ACTIONS:
        assert action.chooses or tuple(map(canonical, found[action.id]["keys"].split())) == action.keys


def test_ones_own_keys_and_style_count(face: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is shown is what is in effect."""
    face.write_text('keys = "arrows"\n[bind]\n"work.note" = "f7"\n')
    found = rows(capsys)
    assert found["work.note"]["keys"] == "F7"
    assert found["rows.down"]["keys"] == "↓"


@pytest.mark.usefixtures("face")
def test_a_place_has_its_own_keys_and_those_of_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of other places."""
    found = rows(capsys, "--place", "outbox")
    assert {"outbox.undo", "app.help", "rows.down"} <= set(found)
    assert not any(name.startswith("queue.") for name in found)


@pytest.mark.usefixtures("face")
def test_a_table_and_csv_hold_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """One action a line."""
    assert run(["keys", "--format", "csv"]) == 0
    kept = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["id"] for row in kept] == [action.id for action in ACTIONS]
    assert run(["keys"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(ACTIONS) + 1


def test_a_wrong_file_does_not_hide_the_names_that_it_needs(
    face: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its error sends one here."""
    face.write_text('[bind]\n"work.nope" = "t"\n')
    assert run(["keys"]) == 1
    said = capsys.readouterr()
    assert "work.note" in said.out
    assert "no action is called that" in said.err


@pytest.mark.usefixtures("face")
def test_a_place_that_is_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """With those that are."""
    assert run(["keys", "--place", "kitchen"]) == 1
    said = capsys.readouterr().err
    assert "'kitchen'" in said
    assert "outbox" in said
