"""The app in a browser on this machine, for supervisors."""

from __future__ import annotations

import importlib.util
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from arqueue.cli.asking import act_as_of, ask, settings_of
from arqueue.cli.main import Context
from arqueue.cli.output import say
from arqueue.errors import ArqueueError, Refused
from arqueue.model.people import Role

if TYPE_CHECKING:
    from arqueue.settings import Settings
    from data.broker.client import BrokerClient

PORT = 8790


@click.command("web")
@click.option(
    "--port",
    default=PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="On this machine only; 0 takes any that is free.",
)
@click.pass_obj
def web_command(context: Context, port: int) -> None:
    """Serve the app to browsers on this machine, as yourself; supervisors only.

    The address holds a token that lets one browser in: it is shown once, and the next stands in a file that only you can read.
    """
    if importlib.util.find_spec("textual_serve") is None:
        raise Refused("the browser's part is not installed", "install it: pip install 'arqueue[web]'")
    settings = settings_of(context)
    act_as = act_as_of(context, settings)
    if why := ask(context, _refusal):
        raise Refused(why, "ask whoever keeps people.toml", rule="role")
    from screens.web.admission import Admission, folder, kept
    from screens.web.server import HOST, FaceServer, serve

    admission = Admission()
    with ExitStack() as until_end:

        def started(port: int) -> None:
            def address() -> str:
                return f"http://{HOST}:{port}/?token={admission.token}"

            file = folder(os.environ) / f"web-{port}.address"
            keep = until_end.enter_context(kept(address(), file))
            admission.renewed = lambda: keep(address())
            # A service's stderr is a log.
            if sys.stderr.isatty():
                say(f"open {address()}")
                say(f"it lets one browser in; the address for another is then in {file}")
            else:
                say(f"the address is in {file}")
            say("Ctrl+C ends it; every session ends with it, and what was typed is kept")

        serve(
            FaceServer(_face(settings, act_as), admission, lambda: _refused(settings, act_as)), port, started
        )


def _face(settings: Settings, act_as: str | None) -> tuple[str, ...]:
    """The command of a session."""
    command = (sys.executable, "-m", "arqueue.cli.browsed", "--config", str(settings.file))
    return (*command, "--as", act_as) if act_as else command


async def _refused(settings: Settings, act_as: str | None) -> str:
    """Why this person may not now: a role that was taken away counts for the next session."""
    from data.broker.client import BrokerClient

    try:
        client = await BrokerClient.open(settings.socket, act_as=act_as)
    except ArqueueError as error:
        return error.message
    try:
        return await _refusal(client)
    finally:
        await client.close()


async def _refusal(client: BrokerClient) -> str:
    """Why this person may not, in words; empty when they may."""
    assert client.hello is not None
    person = client.hello["person"]
    if Role.SUPERVISOR in person["roles"]:
        return ""
    return f"the browser is for supervisors; {person['name']} is {', '.join(person['roles'])}"
