"""The app on this terminal over the scripted broker, in one process: ``python -m tests.screens``.

``--hostile`` fills it with attacking text, ``--wide`` with letters two cells wide, ``--garbage`` lets the broker answer what
breaks the app, ``--matrix`` brings other attacks with each sync (``--turned=N``: begins so much further on),
``--unguarded`` leaves the guard out, ``--ignore-hangup`` ignores SIGHUP as ``nohup`` would,
``--stuck`` lets Ctrl+L never come back, ``--stuck-end`` the hanging up, ``--mute`` the broker's answers once R was pressed,
``--patient`` gives the end a minute,
``--screen=NAME`` has what one of all screens needs,
``--own-face`` reads the person's face file and NO_COLOR as the installed program does.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import Any

from arqueue.face import face_file, load_face
from arqueue.face_model import FaceSection
from screens import guard, leaving
from screens.app import ArqueueApp, run
from screens.chosen import choose
from screens.desk import Desk
from tests.screens.attacking import Attack
from tests.screens.company import Company, waiting_order
from tests.screens.hostile import BATCHES, PAYLOADS, SHOWN
from tests.screens.scripted_broker import PEOPLE, ScriptedBroker


def broker_of(socket: Path, options: list[str]) -> ScriptedBroker:
    """The broker as asked for."""
    named = [option.removeprefix("--screen=") for option in options if option.startswith("--screen=")]
    broker = ScriptedBroker(socket, Company.of(300 if named else 3041))
    for name in named:
        from tests.screens.everywhere import SCREENS, tell_all

        SCREENS[name].furnish(broker)
        tell_all(broker)
    if "--hostile" in options:
        broker.attack = Attack(PAYLOADS)
    if "--matrix" in options:
        if not named:
            waiting_order(broker.company)
            broker.company.work.insert(1, broker.company.work.pop(0))
        turned = (option.removeprefix("--turned=") for option in options if option.startswith("--turned="))
        turn_with_each_sync(broker, int(next(turned, "0")))
    if "--wide" in options:
        for row in broker.company.work[1::3]:
            row["party"] = broker.company.parties[row["party_id"]]["name"] = "株式会社星野商事 (Hoshino)"
    if "--mute" in options:
        broker.on_sync = partial(fall_silent, broker)  # type: ignore[method-assign]
    if "--garbage" in options:
        broker.company.work[0]["amount"] = ["4111 1111 1111 1111"]
    return broker


def turn_with_each_sync(broker: ScriptedBroker, turned: int) -> None:
    """Every text is some payloads at once, first those from ``turned`` on; a sync moves all of them on, until each has stood
    everywhere."""
    broker.attack = attack = Attack(BATCHES, turned=turned)
    # A face asks for these once, so there are as many attacks at once as a list shows.
    broker.people = [
        PEOPLE[number % 3] | ({"id": f"p{number}"} if number > 2 else {}) for number in range(SHOWN)
    ]
    broker.dispute_reasons = [""] * SHOWN

    def turn(params: dict[str, Any]) -> dict[str, Any]:
        attack.turn()
        broker.generation += 1
        return {}

    broker.on_sync = turn  # type: ignore[method-assign]


def fall_silent(broker: ScriptedBroker, params: dict[str, Any]) -> dict[str, Any]:
    """This is the last answer."""
    broker.hold = _Everything()
    return {}


class _Everything(dict[str, asyncio.Event]):
    """Every method waits for what never comes."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, _: str) -> asyncio.Event:
        return asyncio.Event()


def _never_comes_back(_: object) -> None:
    os.write(1, b"STUCK")
    threading.Event().wait()


async def _never_ends(_: object) -> None:
    await asyncio.Event().wait()


def main() -> int:
    """Serve from a thread, show on this terminal."""
    options = sys.argv[1:]
    up = threading.Event()
    with tempfile.TemporaryDirectory(prefix="arq") as folder:
        socket = Path(folder) / "s"

        async def serve() -> None:
            await broker_of(socket, options).start()
            up.set()
            await asyncio.Event().wait()

        threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
        up.wait(20)
        if "--unguarded" in options:
            guard.install = lambda **_: lambda: None
        if "--ignore-hangup" in options:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if "--stuck" in options:
            ArqueueApp.do_redraw = _never_comes_back  # type: ignore[method-assign, assignment]
        if "--stuck-end" in options:
            Desk.close = _never_ends  # type: ignore[method-assign, assignment]
        if "--patient" in options:
            leaving.GRACE_S = leaving.LEISURE_S = 60.0
        if "--own-face" in options:
            return run(socket, chosen=choose(load_face(FaceSection(), face_file(), os.environ)))
        return run(socket)


if __name__ == "__main__":
    sys.exit(main())
