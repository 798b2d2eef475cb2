"""A look at source for text that Textual would read as markup: what is not known to be Content or Text is a breach."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

SAFE = frozenset({"Input", "MaskedInput", "TextArea"})
"""Widgets that show what is typed, letter for letter."""
BY_KEYWORD = frozenset({"Static", "Label", "OptionList"})
"""What parses a string as markup unless ``markup=False`` is said."""
NEVER = frozenset(
    "Button Checkbox Collapsible DataTable Digits DirectoryTree Header Link ListView Log Markdown MarkdownViewer Option "
    "Placeholder Pretty RadioButton RadioSet RichLog Select SelectionList Switch Tab TabbedContent TabPane Tabs Tooltip Tree "
    "Welcome".split()
)
"""Widgets whose labels, cells or titles are markup, with no way to say otherwise everywhere; our lists draw themselves."""
PARSERS = frozenset({"from_markup", "render_markup", "to_content", "with_tooltip"})
TITLES = frozenset({"border_title", "border_subtitle", "tooltip", "BORDER_TITLE", "BORDER_SUBTITLE"})
PLAIN = frozenset({"Content", "Text"})
"""Texts that are letters, whatever stands in them."""
RENDERED = PLAIN | {"Strip"}
"""What a widget may be drawn from."""
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_COLLECTIONS = (ast.Dict, ast.DictComp, ast.Set, ast.SetComp, ast.List, ast.ListComp, ast.GeneratorExp)


def makers_of_content(sources: Iterable[str]) -> frozenset[str]:
    """The names under which every function of these sources gives Content."""
    gives: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, _Function):
                gives[node.name].add(_named(node.returns))
    return frozenset(name for name, kinds in gives.items() if kinds <= PLAIN)


def breaches(source: str, makers: frozenset[str] = frozenset()) -> list[str]:
    """Where a string could become markup: line and call. ``makers`` are functions that give Content."""
    tree = ast.parse(source)
    return [f"{line}: {words}" for line, words in _Look(tree, makers).found()]


def _named(node: ast.AST | None) -> str:
    """The last part of a name, as of a type or of what is called."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
            return name
    return ""


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return _named(node)


class _Look:
    """One file: what its names stand for, and what is handed to whom."""

    def __init__(self, tree: ast.Module, makers: frozenset[str]) -> None:
        self._tree = tree
        self._makers = makers | makers_of_content([ast.unparse(tree)])
        self._imported: dict[str, tuple[str, str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for each in node.names:
                    self._imported[each.asname or each.name] = (node.module or "", each.name)

    def found(self) -> Iterator[tuple[int, str]]:
        """Every breach."""
        for node in ast.walk(self._tree):
            match node:
                case ast.ImportFrom(module=str(module)) if module.startswith("textual.widgets"):
                    yield from self._imports(node)
                case ast.Call():
                    yield from self._call(node)
                case ast.Assign(targets=targets, value=value):
                    yield from self._titles(targets)
                    if _named(value) in BY_KEYWORD | NEVER:
                        yield node.lineno, f"another name for {_named(value)}"
                case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                    yield from self._titles([target])
                case ast.ClassDef():
                    yield from self._class(node)
        for scope in [self._tree, *(node for node in ast.walk(self._tree) if isinstance(node, _Function))]:
            yield from self._updates(scope)

    def _imports(self, node: ast.ImportFrom) -> Iterator[tuple[int, str]]:
        for each in node.names:
            if each.name not in SAFE | BY_KEYWORD:
                yield node.lineno, f"import of {each.name}"

    def _call(self, node: ast.Call) -> Iterator[tuple[int, str]]:
        name = _named(node.func)
        if isinstance(node.func, ast.Name):
            module, name = self._imported.get(name, ("textual", name))
            if not module.startswith("textual"):
                return
        said = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
        if name in NEVER | PARSERS or (name in BY_KEYWORD | {"notify"} and said.get("markup") is not False):
            yield node.lineno, name
        if name == "setattr" and len(node.args) > 1 and getattr(node.args[1], "value", None) in TITLES:
            yield node.lineno, "a title by its name"

    def _titles(self, targets: Iterable[ast.expr]) -> Iterator[tuple[int, str]]:
        each = chain.from_iterable(
            target.elts if isinstance(target, ast.Tuple | ast.List) else [target] for target in targets
        )
        for target in each:
            if _named(target) in TITLES:
                yield target.lineno, _named(target)

    def _class(self, node: ast.ClassDef) -> Iterator[tuple[int, str]]:
        for base in node.bases:
            if _named(base) in BY_KEYWORD | NEVER:
                yield node.lineno, f"a {_named(base)} of its own"
        for each in node.body:
            if isinstance(each, _Function) and each.name == "render" and _named(each.returns) not in RENDERED:
                yield each.lineno, "render that may give a string"

    # What is handed to update

    def _updates(self, scope: ast.Module | _Function) -> Iterator[tuple[int, str]]:
        own = list(_within(scope))
        known = self._content_names(scope, own)
        for node in own:
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "update"
            ):
                given = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "content")]
                if not all(_is_collection(each) or self._is_content(each, known) for each in given):
                    yield node.lineno, "update with what may be a string"

    def _content_names(self, scope: ast.Module | _Function, own: list[ast.AST]) -> frozenset[str]:
        """The names that stand for Content here, whatever they are given."""
        stored, sure = Counter[str](), Counter[str]()
        if isinstance(scope, _Function):
            for each in [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs]:
                stored[each.arg] += 1
                sure[each.arg] += _named(each.annotation) in PLAIN
        for node in own:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    sure[name] += self._is_content(value, frozenset())
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                    sure[name] += _named(annotation) in PLAIN
                case ast.Name(id=name, ctx=ast.Store()):
                    stored[name] += 1
        return frozenset(name for name, times in stored.items() if times == sure[name])

    def _is_content(self, node: ast.expr, known: frozenset[str]) -> bool:
        match node:
            case ast.Name(id=name):
                return name in known
            case ast.IfExp(body=body, orelse=orelse):
                return self._is_content(body, known) and self._is_content(orelse, known)
            case ast.BinOp(left=left, op=ast.Add()):
                return self._is_content(left, known)
            case ast.Call(func=func):
                return _root(func) in PLAIN or _named(func) in self._makers
        return False


def _within(scope: ast.Module | _Function) -> Iterator[ast.AST]:
    """All nodes of a scope but those of functions in it."""
    waiting: list[ast.AST] = list(scope.body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, _Function):
            yield node
            waiting += ast.iter_child_nodes(node)


def _is_collection(node: ast.expr) -> bool:
    """What a dict or a set takes, and no widget."""
    made = isinstance(node, ast.Call) and _root(node.func) in {"dict", "set"}
    return made or isinstance(node, _COLLECTIONS)
