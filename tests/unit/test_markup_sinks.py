"""Text from data is never parsed as markup: a look at the source of every screen, for the calls that would."""

from __future__ import annotations

from pathlib import Path

import pytest
import textual.widgets

from tests.unit.markup_sinks import BY_KEYWORD, NEVER, SAFE, breaches, makers_of_content

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "screens").rglob("*.py"))
MAKERS = makers_of_content(file.read_text("utf-8") for file in FILES)
WITHOUT_TEXT = {
    "ContentSwitcher",
    "Digits",
    "Footer",
    "HelpPanel",
    "KeyPanel",
    "ListItem",
    "LoadingIndicator",
    "ProgressBar",
    "Rule",
    "Sparkline",
}
"""Widgets that are given no text; imported they are a breach all the same."""


def test_every_widget_of_textual_is_judged() -> None:
    """A new one in Textual has to be looked at."""
    assert {*vars(textual.widgets)["__all__"]} <= SAFE | BY_KEYWORD | NEVER | WITHOUT_TEXT


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_string_reaches_a_markup_sink(file: Path) -> None:
    """Content, or markup=False, and nothing else."""
    assert breaches(file.read_text("utf-8"), MAKERS) == []


@pytest.mark.parametrize(
    "source",
    [
        "Static(name)",
        "Static(name, markup=True)",
        "textual.widgets.Label(f'{name}')",
        "self.notify(name)",
        "Button(name)",
        "table = DataTable()",
        "Content.from_markup(name)",
        "self.border_title = name",
        "self.query_one(Static).update(f'{name}')",
        "self.query_one(Static).update('')",
        "self.query_one(Static).update(row['party'])",
        "w.update(name)",
        "w.update(content=name)",
        "w.update(name if name else Content(''))",
        "w.update(self.named())",
        "def show(self, name: str): w.update(name)",
        "def show(self):\n    for name in names: w.update(name)",
        "def show(self):\n    said = Content('')\n    said = name\n    w.update(said)",
        "def show(self):\n    said = Content('')\n    for said in names: w.update(said)",
        "class Head(Widget):\n    def render(self): return name",
        "class Head(Widget):\n    def render(self) -> str: return name",
        "class Head(Static): ...",
        "border_title += name",
        "self.border_title += name",
        "class Head(Widget):\n    BORDER_TITLE = NAME",
        "self.tooltip: str = name",
        "self.border_title, self.x = name, 1",
        "setattr(self, 'border_title', name)",
        "from textual.widgets import Static as S; S(name)",
        "from textual import widgets as w; w.Static(name)",
        "S = Static; S(name)",
        "Link(name)",
        "Placeholder(name)",
        "from textual.widgets import Link",
        "from textual.widgets.option_list import Option as Row",
    ],
)
def test_a_breach_is_seen(source: str) -> None:
    """The look finds what it looks for."""
    assert breaches(source)


@pytest.mark.parametrize(
    "source",
    [
        "Static(id='x', markup=False)",
        "from textual.widgets import Static as S; S(name, markup=False)",
        "Content.assemble((name, 'bold'))",
        "from data.broker.client import Link; Link(socket)",
        "w.update(Content(name))",
        "w.update(Content.styled(name, 'bold') + name)",
        "w.update(Content(name) if name else Content(''))",
        "def show(self, said: Content) -> None: w.update(said)",
        "def show(self):\n    said = Content(name)\n    w.update(said)",
        "def head(self) -> Content: ...\ndef show(self): w.update(self.head())",
        "class Head(Widget):\n    def render(self) -> Content: ...",
        "marks.update({row: 1 for row in rows})",
        "marks.update(dict.fromkeys(ids, row))",
    ],
)
def test_what_is_safe_is_let_be(source: str) -> None:
    """No false alarm."""
    assert not breaches(source)
