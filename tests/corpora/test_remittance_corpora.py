"""What the reader of remittance texts finds in texts that it was not written from."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from arqueue.cash.remittance import LIKELY, SURE, read_text
from tests.corpora.generate import OPEN, SILENT, UNSEEN, corpora
from tests.corpora.reading import Tally, measure, open_item, records


class Bar(NamedTuple):
    """What is asked of a corpus, a little below what is reached."""

    recall: float
    precision: float
    exact: float


BARS = {OPEN: Bar(0.95, 0.985, 0.93), UNSEEN: Bar(0.88, 0.98, 0.78)}


@pytest.fixture(scope="module")
def tallies() -> dict[Path, dict[str, Tally]]:
    """Both corpora read once, with everything that is at least likely."""
    return {path: measure(read_text, path, LIKELY) for path in BARS}


@pytest.mark.parametrize("path", BARS, ids=lambda path: path.stem)
def test_what_is_meant_is_found(tallies: dict[Path, dict[str, Tally]], path: Path) -> None:
    """Nearly every document that a text means is found, whatever the language and the form."""
    assert tallies[path][""].recall >= BARS[path].recall


@pytest.mark.parametrize("path", BARS, ids=lambda path: path.stem)
def test_what_is_found_is_meant(tallies: dict[Path, dict[str, Tally]], path: Path) -> None:
    """Dates, telephones, accounts and amounts are hardly ever taken for documents."""
    assert tallies[path][""].precision >= BARS[path].precision


@pytest.mark.parametrize("path", BARS, ids=lambda path: path.stem)
def test_most_texts_are_read_wholly_right(tallies: dict[Path, dict[str, Tally]], path: Path) -> None:
    """All of a text's documents and no other."""
    assert tallies[path][""].exact >= BARS[path].exact


@pytest.mark.parametrize("path", BARS, ids=lambda path: path.stem)
def test_amounts_beside_numbers_are_read(tallies: dict[Path, dict[str, Tally]], path: Path) -> None:
    """An amount that stands with its number is read as that amount, however a country writes it."""
    assert tallies[path][""].amount_recall >= 0.97


@pytest.mark.parametrize("path", BARS, ids=lambda path: path.stem)
def test_a_text_that_means_nothing_names_nothing_surely(path: Path) -> None:
    """Figures that are no document's never pass for a sure mention."""
    silent = {form.__name__ for form in SILENT}
    for record in records(path):
        if record["form"] in silent:
            reading = read_text(record["text"], [open_item(row) for row in record["items"]])
            assert not [each for each in reading.mentions if each.strength >= SURE], record["name"]


def test_corpora_are_large_enough() -> None:
    """At least 300 texts in twenty forms each."""
    for path in BARS:
        every = list(records(path))
        assert len(every) >= 300
        assert len({record["form"] for record in every}) >= 20


def test_corpora_are_what_their_generator_makes() -> None:
    """`python -m tests.corpora.generate` writes these very files: nobody mends a label by hand."""
    for path, text in corpora().items():
        assert path.read_text(encoding="ascii") == text, path.name
