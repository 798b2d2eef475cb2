"""textual-serve behind a lock: loopback only, a token first and a cookie then, nothing from elsewhere, nothing in a log."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import textual_serve
from aiohttp import web
from textual_serve.server import Server, to_int

from arqueue.errors import Refused
from screens.web.admission import Admission
from screens.web.session import Session

HOST = "127.0.0.1"
SESSIONS = 8
"""Each is a process of some tens of megabytes."""
_PAGE = Path(__file__).parent / "page"
_THEIRS = Path(textual_serve.__file__).parent / "static"
_FILES = {
    "arqueue.css": _PAGE / "arqueue.css",
    "arqueue.js": _PAGE / "arqueue.js",
    "xterm.css": _THEIRS / "css" / "xterm.css",
    "textual.js": _THEIRS / "js" / "textual.js",
    "RobotoMono.ttf": _THEIRS / "fonts" / "RobotoMono-VariableFont_wght.ttf",
    "RobotoMono-Italic.ttf": _THEIRS / "fonts" / "RobotoMono-Italic-VariableFont_wght.ttf",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refusal = Callable[[], Awaitable[str]]


class FaceServer(Server):
    """Every session is a process of its own, run by whoever runs this."""

    def __init__(self, command: Sequence[str], admission: Admission, refusal: Refusal) -> None:
        super().__init__("arqueue", host=HOST)
        self._words = tuple(command)
        self._admission = admission
        self._refusal = refusal
        self._sessions: set[Session] = set()
        self._sockets: set[web.WebSocketResponse] = set()

    async def run(self, port: int, started: Callable[[int], None], end: asyncio.Event) -> None:
        """Serve until ``end``; port 0 takes any that is free, and ``started`` is told which. Raises Refused when it is taken."""
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            try:
                site = web.TCPSite(runner, HOST, port)
                await site.start()
            except OSError as error:
                raise Refused(
                    f"port {port} on {HOST} cannot be had: {error.strerror}", "take another: --port"
                ) from None
            self.port = runner.addresses[0][1]
            started(self.port)
            await end.wait()
        finally:
            await asyncio.gather(*(session.stop() for session in set(self._sessions)))
            await asyncio.gather(*(socket.close() for socket in set(self._sockets)))
            await runner.cleanup()

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guarded])
        app.router.add_get("/", self.handle_index)
        app.router.add_get("/ws", self.handle_websocket)
        app.router.add_get("/static/{name}", self._static)
        app.on_response_prepare.append(self._armoured)
        return app

    @property
    def _name(self) -> str:
        return f"arqueue-{self.port}"  # a browser sends one cookie to all ports of a host

    @property
    def _hosts(self) -> set[str]:
        return {f"{HOST}:{self.port}", f"localhost:{self.port}"}

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Host") not in self._hosts:
            raise web.HTTPForbidden(text="This is not the address that was given.\n")
        known = self._admission.again(request.cookies.get(self._name, ""))
        if request.path == "/" and "token" in request.query:
            if not self._admission.first(request.query["token"]) and not known:
                raise web.HTTPForbidden(text="That token is not valid, or let a browser in before.\n")
            response = web.Response(status=303, headers={"Location": "/"})
            response.set_cookie(self._name, self._admission.cookie, httponly=True, samesite="Strict")
            return response
        if not known:
            raise web.HTTPForbidden(text="Open the address that `arqueue web` gave you.\n")
        return await handler(request)

    async def _armoured(self, request: web.Request, response: web.StreamResponse) -> None:
        """What a browser must not do with any answer of ours, whoever made it."""
        response.headers.update(
            {
                "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
                f"font-src 'self'; img-src 'self' data:; connect-src 'self' ws://{request.host}; "
                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                "Cache-Control": "no-store",
                "Cross-Origin-Opener-Policy": "same-origin",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
                "X-Frame-Options": "DENY",
                "Server": "arqueue",
            }
        )

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """The page, which is the same for everybody."""
        if why := await self._refusal():
            raise web.HTTPForbidden(text=f"{why}\n")
        return web.FileResponse(_PAGE / "index.html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        file = _FILES.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound(text="There is no such file.\n")
        return web.FileResponse(file)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A session, from the page that opens it to the one that is closed."""
        if request.headers.get("Origin") != f"http://{request.host}":
            raise web.HTTPForbidden(text="Another page asks.\n")
        if why := await self._refusal():
            raise web.HTTPForbidden(text=f"{why}\n")
        if len(self._sessions) >= SESSIONS:
            raise web.HTTPServiceUnavailable(text=f"{SESSIONS} sessions are open: close one.\n")
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=1 << 20)
        session = Session(
            self._words, write_bytes=socket.send_bytes, write_str=socket.send_str, close=socket.close
        )
        self._sessions.add(session)
        self._sockets.add(socket)
        try:
            await socket.prepare(request)
            await session.start(
                to_int(request.query.get("width", ""), 80), to_int(request.query.get("height", ""), 24)
            )
            await self._carry(socket, session)
        finally:
            await session.stop()
            self._sessions.discard(session)
            self._sockets.discard(socket)
        return socket

    async def _carry(self, socket: web.WebSocketResponse, session: Session) -> None:
        try:
            await self._process_messages(socket, session)
        except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError):
            await socket.close(code=1003)  # not what the page sends


def serve(server: FaceServer, port: int, started: Callable[[int], None]) -> None:
    """Run until SIGINT, SIGTERM or SIGHUP: every session is hung up and ends first."""

    async def until_ended() -> None:
        end, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, end.set)
        await server.run(port, started, end)

    asyncio.run(until_ended())
