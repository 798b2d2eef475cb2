"""Setting a company up: peer, address, token; the token goes to the broker's own file, then a probe and a first sync."""

from __future__ import annotations

import asyncio
import os
import pwd
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.main import Context
from arqueue.cli.output import say
from arqueue.errors import ConfigInvalid, Invalid, NeedsLogin, Refused
from arqueue.settings import Settings, default_file, load_settings

if TYPE_CHECKING:
    from data.broker.client import BrokerClient
    from data.peers.contract import Probe

_KINDS = ("sandbox", "tryton")


@click.command("init")
@click.option("--peer", "kind", type=click.Choice(_KINDS), help="The accounting system.")
@click.option("--url", help="Its address; https, or http on this machine.")
@click.option("--database", default="", help="The database (Tryton).")
@click.option("--user", default="", help="The limited user that arqueue acts as (Tryton).")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="Where its token or password is; else asked, or read from stdin.",
)
@click.option(
    "--zone", default="UTC", show_default=True, help="The company's time zone: it decides the business date."
)
@click.option("--force", is_flag=True, help="Write over settings that are there.")
@click.pass_obj
def init_command(
    context: Context,
    kind: str | None,
    url: str | None,
    database: str,
    user: str,
    token_file: Path | None,
    zone: str,
    force: bool,
) -> None:
    """Connect to an accounting system. Asks who answers, writes the settings, stores the token, and syncs for the first time."""
    file = context.config or default_file()
    if file.exists() and not force:
        raise Refused(
            f"{file} is there already", "use --force to write it anew, or --config for another company"
        )
    kind = kind or _ask("Accounting system", _KINDS[0], click.Choice(_KINDS))
    url = url or _ask("Address", None, str)
    if kind == "tryton":
        database, user = database or _ask("Database", None, str), user or _ask("User", "collector", str)
    token = _token(token_file)
    text = _settings_text(kind, url, database, user, zone)
    probe = asyncio.run(_probe(_checked(text, file), token))
    _end_broker(file)
    settings = _write(file, text, token)
    say(f"{probe.product}: {probe.company}, books in {probe.currency}")
    if not settings.people_file.exists():
        settings.people_file.write_text(_people_text(probe.currency), "utf-8")
        say(
            f"wrote {settings.people_file}: you, with a limit of 0; raise it there, then `arqueue broker stop`"
        )
    say(f"wrote {file}")
    _first_sync(Context(str(file), None, context.output))


def _end_broker(file: Path) -> None:
    """One that serves the old settings must not go on with them."""
    from data.broker.launch import end

    try:
        before = load_settings(file)
    except ConfigInvalid:
        return
    if end(before):
        say("the broker that served the old settings has ended")


def _ask(words: str, default: str | None, kind: Any) -> str:
    if not sys.stdin.isatty():
        raise Invalid(f"{words.lower()} is missing", "give it as an option: see `arqueue init --help`")
    answer: str = click.prompt(words, default=default, type=kind, err=True)
    return answer


def _token(file: Path | None) -> str:
    """Never from argv or the environment, where other users can read it."""
    if file is not None:
        try:
            text = file.read_text("utf-8").strip()
        except OSError as error:
            raise ConfigInvalid(f"--token-file: {error}", "name a file that holds only the token") from None
    elif sys.stdin.isatty():
        text = click.prompt("Token", hide_input=True, err=True).strip()
    else:
        text = sys.stdin.readline().strip()
    if not text or not text.isprintable():
        raise ConfigInvalid(
            "the token is empty or not one line of text", "give the accounting system's token"
        )
    return text


def _settings_text(kind: str, url: str, database: str, user: str, zone: str) -> str:
    extra = "".join(
        f"{name} = {_quoted(value)}\n" for name, value in (("database", database), ("user", user)) if value
    )
    return f"zone = {_quoted(zone)}\n\n[peer]\nkind = {_quoted(kind)}\nurl = {_quoted(url)}\n{extra}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _checked(text: str, file: Path) -> Settings:
    """What would be written, checked before anything is."""
    from pydantic import ValidationError

    try:
        return Settings.model_validate(tomllib.loads(text)).model_copy(update={"file": file.resolve()})
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise ConfigInvalid(f"these settings will not do: {error}", "correct the option it names") from None


async def _probe(settings: Settings, token: str) -> Probe:
    """Whether somebody answers and takes the token, before a file is written. Raises PeerUnreachable, NeedsLogin."""
    from data.peers.contract import PeerSettings
    from data.peers.registry import connect

    section = settings.peer
    peer = connect(
        PeerSettings(section.kind, section.url, token, section.database, section.user, section.ca_file),
        deadline_s=30,
    )
    try:
        return await peer.probe()
    except NeedsLogin as error:
        raise NeedsLogin(error.message, f"{error.hint}; nothing was written") from None
    finally:
        await peer.close()


def _write(file: Path, text: str, token: str) -> Settings:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.rename(file)
    settings = load_settings(file)
    settings.store_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(settings.token_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(token)
    settings.token_file.chmod(0o600)
    return settings


def _people_text(currency: str) -> str:
    account = pwd.getpwuid(os.getuid())
    name = account.pw_gecos.split(",")[0] or account.pw_name
    return (
        "# Who may do what. Roles: collector, senior, supervisor, administrator, auditor.\n"
        "# In a team this file belongs to root or the broker's user, and nobody else may write it.\n\n"
        f'[[person]]\nid = "me"\nname = {_quoted(name)}\nunix = [{os.getuid()}]\nroles = ["collector"]\n\n'
        f'[[person.limit]]\naction = "adjust"\ncurrency = "{currency}"\namount = "0"\n'
    )


def _first_sync(context: Context) -> None:
    from arqueue.cli.asking import ask
    from arqueue.cli.sync import sync_command

    say("first sync")
    click.Context(sync_command, obj=context).invoke(sync_command, full=False, wait=True, form="table")

    async def count(client: BrokerClient) -> int:
        return int((await client.call("status"))["counts"]["all"])

    say(f"{ask(context, count)} rows of work: see `arqueue list`, or open the app with `arqueue`")
