"""The command line: stdout is data, stderr is narration, the exit status says how it went.

0 done · 1 refused or not found · 2 wrong usage · 3 the accounting system or the broker cannot be reached · 4 outcome unknown.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from arqueue.cli.output import Output
from arqueue.errors import ArqueueError

_COMMANDS = {
    "demo": "arqueue.cli.demo",
    "init": "arqueue.cli.init",
    "doctor": "arqueue.cli.doctor",
    "keys": "arqueue.cli.keys",
    "broker": "arqueue.cli.broker",
    "sync": "arqueue.cli.sync",
    "list": "arqueue.cli.queue",
    "show": "arqueue.cli.queue",
    "view": "arqueue.cli.view",
    "find": "arqueue.cli.queue",
    "suggest": "arqueue.cli.suggest",
    "auto": "arqueue.cli.suggest",
    "alias": "arqueue.cli.alias",
    "apply": "arqueue.cli.apply",
    "unapply": "arqueue.cli.apply",
    "move": "arqueue.cli.apply",
    "dispute": "arqueue.cli.apply",
    "identify": "arqueue.cli.apply",
    "adjust": "arqueue.cli.act",
    "note": "arqueue.cli.act",
    "escalate": "arqueue.cli.act",
    "outbox": "arqueue.cli.outbox",
    "undo": "arqueue.cli.outbox",
    "retry": "arqueue.cli.outbox",
    "approve": "arqueue.cli.outbox",
    "decline": "arqueue.cli.outbox",
    "dismiss": "arqueue.cli.outbox",
    "inbox": "arqueue.cli.queue",
    "snooze": "arqueue.cli.working",
    "wake": "arqueue.cli.working",
    "follow-up": "arqueue.cli.working",
    "assign": "arqueue.cli.working",
    "pin": "arqueue.cli.working",
    "promise": "arqueue.cli.promise",
    "next": "arqueue.cli.working",
    "agenda": "arqueue.cli.agenda",
    "absence": "arqueue.cli.agenda",
    "clock": "arqueue.cli.sync",
    "audit": "arqueue.cli.audit",
    "strategy": "arqueue.cli.strategy",
    "replay": "arqueue.cli.replay",
    "backup": "arqueue.cli.backup",
    "restore": "arqueue.cli.backup",
    "sandbox": "arqueue.cli.sandbox",
    "web": "arqueue.cli.web",
}


_EVERYWHERE = ("--config", "--as")


class _Lazy(click.Group):
    """Commands are found by name and imported when they are called: `arqueue list` loads no HTTP and no screens."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        found: Any = getattr(importlib.import_module(module), f"{cmd_name.replace('-', '_')}_command")
        assert isinstance(found, click.Command)
        return found


class Context:
    """What every command shares: the settings file, as whom to act, and how to print."""

    def __init__(self, config: str | None, act_as: str | None, output: Output) -> None:
        self.config = Path(config) if config else None
        self.act_as = act_as
        self.output = output


@click.group(cls=_Lazy, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", metavar="FILE", help="The company's settings (else $ARQUEUE_CONFIG, else the usual folder)."
)
@click.option("--as", "act_as", metavar="PERSON", help="Act as somebody else; in a demo company only.")
@click.version_option(package_name="arqueue", prog_name="arqueue")
@click.pass_context
def cli(ctx: click.Context, config: str | None, act_as: str | None) -> None:
    """One ranked list of everything in receivables that needs a person. Without a command: the terminal app.

    --config and --as may stand anywhere in the line.
    """
    ctx.obj = Context(config, act_as, ctx.obj if isinstance(ctx.obj, Output) else Output("table"))
    if ctx.invoked_subcommand is None:
        from arqueue.cli.app import open_app

        ctx.exit(open_app(ctx.obj))


def run(argv: Sequence[str]) -> int:
    """Run one command line and return its exit status; errors become words, never tracebacks."""
    output, stdout = Output(_format_in(argv)), sys.stdout
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a terminal that has not every letter is no failure
    try:
        status = cli.main(_in_front(argv), prog_name="arqueue", standalone_mode=False, obj=output)
        return status if isinstance(status, int) else 0
    except (ArqueueError, OSError) as error:
        return complain(error, output)
    except click.ClickException as error:
        output.failure("usage", error.format_message(), _help_for(error))
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return 130
    except SystemExit as ended:
        # click ends so, with another stdout, when the reader of our output has left: nothing is wrong
        if sys.stdout is not stdout:
            return 0
        return ended.code if isinstance(ended.code, int) else 1


def complain(error: ArqueueError | OSError, output: Output) -> int:
    """Say what went wrong, in words. Returns the exit status."""
    if isinstance(error, ArqueueError):
        output.error(error)
        return error.exit_status
    output.failure("system", _of_system(error), "check the file or folder it names, and who owns it")
    return 1


def _of_system(error: OSError) -> str:
    """The system's own words, without its numbers."""
    words = (error.strerror or type(error).__name__).lower()
    return f"{error.filename}: {words}" if error.filename else words


def _help_for(error: click.ClickException) -> str:
    """Where the right usage stands."""
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "arqueue"
    return f"see `{path} --help`"


def _in_front(argv: Sequence[str]) -> list[str]:
    """Which company and as whom may be said anywhere in the line: `arqueue inbox --as sue`."""
    front: list[str] = []
    rest = list(argv)
    place = 0
    while place < len(rest) and rest[place] != "--":
        name, sign, _ = rest[place].partition("=")
        if name in _EVERYWHERE and not _says_outcome(rest, place):
            taken = 1 if sign else 2
            if place + taken > len(rest):
                raise click.UsageError(f"option {name} needs a value")
            front += rest[place : place + taken]
            del rest[place : place + taken]
        else:
            place += 1
    return [*front, *rest]


def _says_outcome(words: Sequence[str], place: int) -> bool:
    """Whether this ``--as`` is how a dispute ended, not as whom to act: `arqueue dispute resolve INV-1 --as valid`."""
    name, sign, value = words[place].partition("=")
    said = value if sign else "".join(words[place + 1 : place + 2])
    return name == "--as" and list(words[:2]) == ["dispute", "resolve"] and said in ("valid", "invalid")


def _format_in(argv: Sequence[str]) -> str:
    """How an error is to be printed, found before the line is parsed."""
    for number, word in enumerate(argv):
        if word == "--format" and number + 1 < len(argv):
            return argv[number + 1]
        if word.startswith("--format="):
            return word.partition("=")[2]
    return "table"
