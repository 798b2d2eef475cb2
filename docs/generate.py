"""Writes what in docs/ is made from the program: the key table and the command line's reference. ``--check`` compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from arqueue.cli.main import cli
from screens.actions import key_table

DOCS = Path(__file__).parent
_HOW = "<!-- Made by docs/generate.py from the program itself: do not edit. -->\n"


def keys() -> str:
    """Every key, from the registry that also feeds bindings, footer, help and palette."""
    return f"# Keys\n\n{_HOW}\n{key_table()}"


def command_line() -> str:
    """Every command with its arguments and options, as ``--help`` says it."""
    parts = ["# Command line\n", _HOW]
    with click.Context(cli, info_name="arqueue") as context:
        for path, command in _commands(cli, "arqueue", context):
            with click.Context(command, info_name=path, max_content_width=100, terminal_width=100) as inner:
                parts.append(f"## {path}\n\n```\n{command.get_help(inner).strip()}\n```\n")
    return "\n".join(parts)


def _commands(group: click.Group, path: str, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    yield path, group
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}", context)
        elif command is not None:
            yield f"{path} {name}", command


def main() -> int:
    """Write, or with ``--check`` say which files are not what the program says."""
    stale = []
    for name, text in (("keys.md", keys()), ("command-line.md", command_line())):
        file = DOCS / name
        if "--check" not in sys.argv:
            file.write_text(text, "utf-8")
        elif not file.exists() or file.read_text("utf-8") != text:
            stale.append(f"docs/{name}")
    if stale:
        sys.stderr.write(
            f"{', '.join(stale)}: not what the program says; run `make docs` and look at the change\n"
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
