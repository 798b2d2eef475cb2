"""The dependency rule, seen at run time: what a package really loads, however it gets there.

import-linter reads the source; this looks at `sys.modules` in a fresh interpreter, where an import inside a function
that runs at import time, or one by name, shows too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Imports every module under the packages named and prints what is loaded then.
LOADER = """
import importlib, json, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(package, "__path__", []), name + "."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
print(json.dumps(sorted(sys.modules)))
"""

RULES = [
    "arqueue.model",
    "arqueue.control",
    "arqueue.work",
    "arqueue.cash",
    "arqueue.figures",
    "arqueue.errors",
]
FACE = ["screens"]
WIRE = [
    "data.broker.client",
    "data.broker.frames",
    "data.broker.protocol",
    "data.broker.protocol.cash",
    "data.broker.protocol.reviews",
    "data.broker.protocol.rows",
    "data.broker.protocol.working",
    "data.broker.wire",
]

NOT_IN_RULES = [
    "data",
    "screens",
    "sqlite3",
    "sqlite_utils",
    "httpx",
    "textual",
    "rich",
    "pydantic",
    "fastapi",
    "click",
]
NOT_IN_A_FACE = [
    "sqlite3",
    "sqlite_utils",
    "httpx",
    "fastapi",
    "uvicorn",
    "data.store",
    "data.peers",
    "data.sync",
]


def loaded(*packages: str, root: Path = ROOT) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{LOADER}", *packages],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    modules: list[str] = json.loads(ran.stdout)
    return modules


def within(modules: list[str], packages: list[str]) -> list[str]:
    return [name for name in modules if any(name == top or name.startswith(top + ".") for top in packages)]


@pytest.mark.parametrize("package", RULES)
def test_rules_load_neither_data_nor_screens(package: str) -> None:
    """What the work means can be read, run and tested without a terminal, a store or a network."""
    assert within(loaded(package), NOT_IN_RULES) == []


def test_face_reaches_no_store_and_no_network() -> None:
    """All screens together load no SQL, no HTTP and nothing of data but the broker's client and protocol."""
    modules = loaded(*FACE)
    assert within(modules, NOT_IN_A_FACE) == []
    assert set(within(modules, ["data"])) <= {"data", "data.broker", *WIRE}


def test_a_face_loads_nothing_that_it_never_uses() -> None:
    """No TLS, no palette of Textual's, no types of rows: a good part of its start. Whoever wants them later still gets them."""
    program = (
        "from arqueue.cli.leaving_out import leave_out; leave_out(); import sys, screens.app; "
        "unused = {'ssl', '_ssl', 'textual.command', 'rich.table', 'platformdirs', 'tempfile', 'data.broker.protocol'}; "
        "assert not unused & sys.modules.keys(), unused & sys.modules.keys(); "
        "import ssl; assert ssl.create_default_context(); "
        "from textual.command import CommandPalette; assert CommandPalette.is_open"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("module", WIRE)
def test_wire_is_light(module: str) -> None:
    """A face can talk to the broker without loading what only the broker needs, or a terminal."""
    assert within(loaded(module), [*NOT_IN_A_FACE, "textual", "screens"]) == []


def test_data_loads_no_screen() -> None:
    """The broker's side of the house runs where there is no terminal at all."""
    assert within(loaded("data.broker", "data.store", "data.sync"), ["textual", "screens"]) == []


def test_a_breach_is_seen(tmp_path: Path) -> None:
    """The look at sys.modules finds an import that hides behind two modules and a name."""
    package = tmp_path / "leaky" / "deep"
    package.mkdir(parents=True)
    (tmp_path / "leaky" / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "quiet.py").write_text("import leaky.deep.other\n")
    (package / "other.py").write_text("import importlib\nimportlib.import_module('sql' + 'ite3')\n")
    assert "sqlite3" in within(loaded("leaky", root=tmp_path), NOT_IN_RULES)
