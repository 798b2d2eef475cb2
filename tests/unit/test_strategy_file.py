"""A strategy file: what it may say, and how its mistakes are named."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.model.work import WorkKind
from arqueue.strategy_file import StrategyInvalid, default, default_text, read
from arqueue.work.strategy import Condition, Op

RULE = """name = "x"

[[rule]]
name = "late"
{more}
words = "late"
"""


def mistakes(text: str) -> tuple[str, ...]:
    """What is wrong with a file."""
    with pytest.raises(StrategyInvalid) as caught:
        read(text)
    return caught.value.mistakes


def with_(more: str) -> str:
    """A file of one rule."""
    return RULE.format(more=more)


def test_the_file_that_ships_is_read() -> None:
    """And judges every kind that there is work of."""
    judged = frozenset[WorkKind]().union(*(rule.kinds for rule in default().rules))
    assert read(default_text()) == default()
    assert judged == frozenset(WorkKind)


@pytest.mark.parametrize(
    "more,line,field",
    [
        ("point = 3", 5, "rule.0.point"),
        ('points = "3"', 5, "rule.0.points"),
        ("points = 30000", 5, "rule.0.points"),
        ('points = 3\nkinds = ["overdu"]', 6, "rule.0.kinds.0"),
        ("points = 3\nwhen = { days_past_du = 3 }", 6, "did you mean days_past_due"),
        ('points = 3\nwhen = { on_hold = "yes" }', 6, "rule.0.when.on_hold"),
        ('points = 3\nwhen = { age_days = ">> 3" }', 6, "rule.0.when.age_days"),
        ("points = 3\nwhen = { currency = 3 }", 6, "rule.0.when.currency"),
        ("steps = [[30, 1], [10, 2]]\nfact = 'age_days'", 5, "must rise"),
        ("steps = [[30, 1]]", 3, "there is no fact"),
        ("steps = [[30, 1]]\nfact = 'currency'", 6, "currency is no number"),
        ("steps = [[30, 1]]\nfact = 'age_days'\npoints = 3", 5, "say one of"),
        ("points = 3\nsegments = ['key']", 6, "there is no segment"),
        ("points = 3\nwhen = { segment = 'key' }", 6, 'stands beside `when`: segments = ["…"]'),
        ("points = 3\nwhen = { age_days = '9..3' }", 6, 'say "3..9"'),
        ("points = 3\nwhen = { promise_state = 'weird' }", 6, "it is open, small, covered"),
        ("points = 3\nwhen = { promise_state = '!brokn' }", 6, "did you mean broken?"),
        ("points = 3\nwhen = { dispute_state = 'shut' }", 6, "never 'shut'; it is open"),
        ("points = 3\nwhen = { kind = ['payment', 'paid'] }", 6, "kind is never 'paid'"),
        ("points = 3\nwhen = { ageing_bucket = '1-31' }", 6, "did you mean 1-30?"),
        ("points = 3\nwhen = { currency = 'eur' }", 6, "currency is never 'eur'"),
        ("points = 3\nwhen = { amount = 1.5 }", 6, "when.amount: is a number, a text"),
        ('points = "3"', 5, "is a whole number, without quotes"),
        ("points = 3\nkinds = []", 6, "rule.0.kinds: is empty"),
        ("steps = [[1, 2, 3]]\nfact = 'age_days'", 5, "pairs of whole numbers"),
        ("per = { fact = 'age_days', unit = 0, points = 1, cap = 3 }", 5, "rule.0.per.unit"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_field(more: str, line: int, field: str) -> None:
    """In words."""
    found = " / ".join(mistakes(with_(more)))
    assert f"line {line}: " in found
    assert field in found


def test_all_mistakes_are_named_at_once() -> None:
    """Not one after the other."""
    text = (
        with_("points = 3\nwhen = { nothing = 1 }") + '[[rule]]\nname = "b"\npoints = 1\nwords = "{other}"\n'
    )
    assert [found.split(":")[0] for found in mistakes(text)] == ["line 6", "line 11"]


def test_mistakes_of_form_and_of_meaning_are_named_at_once() -> None:
    """A field that there is not keeps nobody from hearing of a fact that there is not, and nothing else is blamed for it."""
    text = with_("point = 3\nwhen = { nothing = 1, amount = 1.5 }") + (
        '[[rule]]\nname = "b"\npoints = "1"\nwords = "{other}"\n'
        '[[exclusion]]\nname = "b"\npoints = 1\nsegment = "x"\nwords = ""\n'
    )
    assert [found.rpartition(": ")[0] for found in mistakes(text)] == [
        "line 5: rule.0.point",
        "line 6: rule.0.when.amount",
        "line 6: rule.0.when.nothing",
        "line 10: rule.1.points",
        "line 11: rule.1.words",
        "line 13: exclusion.0.name",
        "line 14: exclusion.0.points: an exclusion takes points",
        "line 15: exclusion.0.segment",
        "line 16: exclusion.0.words",
    ]


def test_nobody_needs_to_know_the_words_of_programmers() -> None:
    """Whatever is wrong, in whatever way."""
    wrong = (
        "1.5",
        "true",
        "[]",
        "[1.5]",
        "{}",
        "{ a = 1 }",
        "''",
        "'" + "x" * 300 + "'",
        "99999999999",
        "1979-01-01",
    )
    for field in (
        "name",
        "kinds",
        "when",
        "points",
        "fact",
        "steps",
        "per",
        "group",
        "segments",
        "words",
        "new",
    ):
        for value in wrong:
            text = f'name = "x"\n[[rule]]\n{field} = {value}\n'
            said = " ".join(mistakes(text))
            assert not any(word in said for word in ("Input", "should", "valid ", "type", "dictionary")), said


def test_a_file_that_is_no_table_of_rules_is_refused() -> None:
    """Also where nothing of it can be read on."""
    assert mistakes("name = 'x'\nrule = 3") == ("line 2: rule: is a list: [ … ]",)
    assert mistakes("rule = [3]")[-1].endswith("rule.0: is a table: { … }")


def test_of_very_many_mistakes_the_first_are_named() -> None:
    """And how many more there are."""
    found = mistakes('name = "x"\n' + "".join(f"field{n} = 1\n" for n in range(50)))
    assert len(found) == 21
    assert found[-1] == "and 30 more"


def test_what_was_taken_once_still_ranks() -> None:
    """A rule that never holds harms nobody; a queue without an order would."""
    text = with_("points = 3\nwhen = { promise_state = 'weird', age_days = '9..3' }")
    assert len(read(text, kept=True).rules[0].when) == 3
    assert len(mistakes(text)) == 2


def test_words_take_no_format_and_no_attribute() -> None:
    """They come from a file and meet foreign text."""
    for words in ("{age_days.__class__}", "{age_days!r}", "{age_days:>9999999}", "{", "{0}"):
        assert mistakes(with_("points = 3").replace('words = "late"', f'words = "{words}"'))


@pytest.mark.parametrize(
    "asked,conditions",
    [
        ('age_days = ">= 30"', [Condition("age_days", Op.AT_LEAST, (30,))]),
        (
            'age_days = "10..30"',
            [Condition("age_days", Op.AT_LEAST, (10,)), Condition("age_days", Op.AT_MOST, (30,))],
        ),
        ("age_days = [1, 2]", [Condition("age_days", Op.IN, (1, 2))]),
        ('currency = "!EUR"', [Condition("currency", Op.NOT_IN, ("EUR",))]),
        ('tag = "VIP"', [Condition("tag", Op.HAS, ("vip",))]),
        ('tag = ["vip", "agency"]', [Condition("tag", Op.HAS, ("vip", "agency"))]),
        ("on_hold = true", [Condition("on_hold", Op.IN, (True,))]),
    ],
)
def test_what_may_be_asked_of_a_fact(asked: str, conditions: list[Condition]) -> None:
    """Numbers are compared, texts are one of several, tags are had."""
    assert list(read(with_(f"points = 3\nwhen = {{ {asked} }}")).rules[0].when) == conditions


def test_an_exclusion_takes_points_and_comes_before_its_group() -> None:
    """Wherever the file has it."""
    text = with_('points = 3\ngroup = "g"') + (
        '[[exclusion]]\nname = "quiet"\ngroup = "g"\npoints = -100\nwords = "quiet"\n'
    )
    assert [rule.name for rule in read(text).rules] == ["quiet", "late"]
    assert "below zero" in mistakes(text.replace("-100", "100"))[0]


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    """In words, never otherwise."""
    with suppress(StrategyInvalid):
        assert read(text).name


def test_a_key_of_thousands_of_parts_is_not_read() -> None:
    """Somebody who sends one would keep everybody waiting."""
    (said,) = mistakes("a" + ".a" * 40_000 + " = 1")
    assert said.startswith("line 1: it has more than")


def test_segments_and_rules_that_multiply_beyond_reason_are_refused() -> None:
    """A short file must not become a statement of megabytes."""
    segments = "".join(
        f'[[segment]]\nname = "s{n}"\nwhen = {{ amount = ">= {n}", count = 1 }}\n' for n in range(50)
    )
    rules = "".join(
        f'[[rule]]\nname = "r{n}"\npoints = 1\nwords = "w"\nexcept_segments = ["s0"]\n' for n in range(50)
    )
    (said,) = mistakes(f'name = "x"\n{segments}{rules}')
    assert "conditions of segments" in said


def test_rules_together_stay_below_a_pin() -> None:
    """What a supervisor pins is on top, whatever the rules give."""
    rules = "".join(f'[[rule]]\nname = "r{n}"\npoints = 2000\nwords = "w"\n' for n in range(5))
    (said,) = mistakes(f'name = "x"\n{rules}')
    assert "a pinned row has 10,000" in said
    grouped = rules.replace("words", 'group = "g"\nwords')
    assert read(f'name = "x"\n{grouped}').rules
