"""Whose a customer is by rule, and who may do what with shared work."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from arqueue.errors import ConfigInvalid, Refused
from arqueue.model.people import OwnerRule, People, Person, Role
from arqueue.settings import load_people
from arqueue.work import sharing

ANNA = Person("anna", "Anna", frozenset({Role.COLLECTOR}))
SUE = Person("sue", "Sue", frozenset({Role.SUPERVISOR}))
MAX = Person("max", "Max", frozenset({Role.AUDITOR}))
PEOPLE = People([ANNA, SUE, MAX])


@pytest.mark.parametrize(
    "name, fits",
    [
        ("Acme", True),
        ("Éclair", True),
        ("färber", True),
        ("Fz", True),
        ("Ga", False),
        ("", False),
        ("3M", False),
    ],
)
def test_a_range_of_letters_is_that_of_a_card_file(name: str, fits: bool) -> None:
    """Accents and capitals do not count; the last letter is included."""
    assert OwnerRule("anna", "A", "F").fits(name, 0) is fits


def test_amounts_bound_a_rule() -> None:
    """In minor units, both ends included."""
    rule = OwnerRule("anna", at_least=1000, at_most=2000)
    assert [rule.fits("x", owed) for owed in (999, 1000, 2000, 2001)] == [False, True, True, False]


def test_a_segment_is_a_tag_of_the_ledger() -> None:
    """Beside the other conditions, which have to hold as well."""
    rule = OwnerRule("anna", "A", "F", tag="key-account")
    assert rule.fits("Acme", 0, ("export", "key-account"))
    assert not rule.fits("Acme", 0, ("export",))
    assert not rule.fits("Acme", 0)
    assert not rule.fits("Zorro", 0, ("key-account",))


def test_the_people_file_names_rules(tmp_path: Path) -> None:
    """One letter is a range too; whom nobody knows is a fault that names the rule."""
    file = tmp_path / "people.toml"
    text = '[[person]]\nid = "anna"\nname = "Anna"\n[[owner]]\nperson = "anna"\nnames = "A-F"\n'
    owed = '[[owner]]\nperson = "anna"\nnames = "X"\ncurrency = "EUR"\nat_least = "10.00"\n'
    file.write_text(text + owed + '[[owner]]\nperson = "anna"\ntag = "Export"\n')
    assert load_people(file).owners == (
        OwnerRule("anna", "A", "F"),
        OwnerRule("anna", "X", "X", at_least=1000),
        OwnerRule("anna", tag="export"),
    )
    file.write_text(text.replace('person = "anna"\nnames', 'person = "eve"\nnames'))
    with pytest.raises(ConfigInvalid, match="owner rule 1: there is no person 'eve'"):
        load_people(file)


@pytest.mark.parametrize(
    "rule, said",
    [
        ('names = "K-A"', 'names = "K-A"'),
        ('names = "Sch-Sa"', 'names = "Sch-Sa"'),
        ('currency = "EUR"\nat_least = "9"\nat_most = "3"', "at_least above at_most"),
    ],
)
def test_a_range_upside_down_is_refused(tmp_path: Path, rule: str, said: str) -> None:
    """It would give nobody's customers to anybody, and nobody would see it."""
    file = tmp_path / "people.toml"
    file.write_text(f'[[person]]\nid = "anna"\nname = "Anna"\n[[owner]]\nperson = "anna"\n{rule}\n')
    with pytest.raises(ConfigInvalid, match=f"owner rule 1: {said} is upside down"):
        load_people(file)


def test_a_range_within_one_letter_is_one(tmp_path: Path) -> None:
    """The longer end lies within the shorter one: from Sch to the end of S."""
    file = tmp_path / "people.toml"
    file.write_text('[[person]]\nid = "anna"\nname = "Anna"\n[[owner]]\nperson = "anna"\nnames = "Sch-S"\n')
    (rule,) = load_people(file).owners
    assert rule.fits("Schmidt", 0)


def test_an_auditor_changes_nothing() -> None:
    """Whatever it is."""
    for refused in (
        partial(sharing.may_put_off, MAX, None),
        partial(sharing.may_assign, MAX, PEOPLE, None, "anna"),
        partial(sharing.may_pin, MAX, "max"),
        partial(sharing.may_set_absence, MAX, PEOPLE, "anna", "sue"),
    ):
        with pytest.raises(Refused) as caught:
            refused()
        assert caught.value.rule


def test_one_says_when_one_is_away_and_a_supervisor_says_it_of_anybody() -> None:
    """Nobody stands in for themselves, nor does an auditor for anybody."""
    sharing.may_set_absence(ANNA, PEOPLE, "anna", "sue")
    sharing.may_set_absence(SUE, PEOPLE, "anna", "sue")
    for person, whose, stand_in in ((ANNA, "sue", "anna"), (ANNA, "anna", "anna"), (SUE, "anna", "max")):
        with pytest.raises(Refused):
            sharing.may_set_absence(person, PEOPLE, whose, stand_in)


def test_an_absence_of_somebody_who_left_can_be_taken_back() -> None:
    """By a supervisor, though the people file no longer names that person."""
    sharing.may_end_absence(SUE, "gone")
    sharing.may_end_absence(SUE, "gone", swap=True)
    for person, whose, swap in ((ANNA, "gone", False), (ANNA, "anna", True), (MAX, "max", False)):
        with pytest.raises(Refused):
            sharing.may_end_absence(person, whose, swap=swap)
