"""Text from data is never parsed as markup: a look at the source of every screen, for the calls that would."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BY_KEYWORD = frozenset({"Static", "Label", "OptionList", "notify"})
"""What parses a string as markup unless ``markup=False`` is said."""
NEVER = frozenset(
    "Button Checkbox Collapsible DataTable Digits Header ListView Log Markdown MarkdownViewer Option RadioButton RadioSet "
    "RichLog Select SelectionList Switch TabbedContent Tabs Tree".split()
)
"""Widgets whose labels, cells or titles are markup, with no way to say otherwise everywhere; our lists draw themselves."""
PARSERS = frozenset({"from_markup", "render_markup", "to_content"})
TITLES = frozenset({"border_title", "border_subtitle", "tooltip"})


def breaches(source: str) -> list[str]:
    """Where a string could become markup: line and call."""
    return [f"{line}: {words}" for node in ast.walk(ast.parse(source)) for line, words in _of(node)]


def _of(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        plain = any(
            word.arg == "markup" and getattr(word.value, "value", None) is False for word in node.keywords
        )
        if (name in BY_KEYWORD and not plain) or name in NEVER or name in PARSERS:
            yield node.lineno, name
        # Static.update takes markup whatever the widget was made with
        if name == "update" and node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr):
            yield node.lineno, "update with a string"
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr in TITLES:
                yield node.lineno, target.attr


@pytest.mark.parametrize(
    "file", sorted((ROOT / "screens").rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT))
)
def test_no_string_reaches_a_markup_sink(file: Path) -> None:
    """Content, or markup=False, and nothing else."""
    assert breaches(file.read_text("utf-8")) == []


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
    ],
)
def test_a_breach_is_seen(source: str) -> None:
    """The look finds what it looks for."""
    assert breaches(source)


@pytest.mark.parametrize(
    "source", ["Static(id='x', markup=False)", "Content.assemble((name, 'bold'))", "x.update(table)"]
)
def test_what_is_safe_is_let_be(source: str) -> None:
    """No false alarm."""
    assert not breaches(source)
