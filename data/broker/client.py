"""A face's end of the socket: ask, listen, and come back after the broker was away."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from arqueue.errors import ArqueueError, BrokerUnreachable, from_code
from data.broker import frames
from data.broker.wire import VERSION

if TYPE_CHECKING:
    from data.broker.protocol import Hello

Push = dict[str, Any]
_START = "start it with `arqueue broker`, or see `arqueue doctor`"


class BrokerClient:
    """One connection to the broker. Not reconnecting by itself: see ``Link``. Raises BrokerUnreachable."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._listeners: list[Callable[[Push], None]] = []
        self._pump = asyncio.create_task(self._read(), name="broker-client")
        self.lost = asyncio.Event()
        self.hello: Hello | None = None

    @classmethod
    async def open(cls, socket: Path, *, act_as: str | None = None, timeout_s: float = 5.0) -> BrokerClient:
        """Connect and greet. ``act_as`` names another person, which only a demo company's broker accepts."""
        try:
            async with asyncio.timeout(timeout_s):
                reader, writer = await asyncio.open_unix_connection(str(socket))
        except (OSError, TimeoutError) as error:
            raise BrokerUnreachable(
                f"no broker answers at {socket} ({type(error).__name__})", _START
            ) from error
        client = cls(reader, writer)
        try:
            params: dict[str, Any] = {"version": VERSION}
            if act_as:
                params["as"] = act_as
            client.hello = cast("Hello", await client.call("hello", timeout_s=timeout_s, **params))
        except BaseException:
            await client.close()
            raise
        return client

    def on_push(self, listener: Callable[[Push], None]) -> None:
        """Be told what the broker pushes; called on the event loop, must not block."""
        self._listeners.append(listener)

    async def call(self, method: str, *, timeout_s: float = 30.0, **params: Any) -> Any:
        """Ask and wait for the answer. Raises the broker's error as the same kind of ArqueueError."""
        if self.lost.is_set():
            raise BrokerUnreachable("the connection to the broker is gone", _START)
        number = next(self._ids)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            self._writer.write(
                frames.pack({"id": number, "method": method, "params": params}, frames.REQUEST_CAP)
            )
            async with asyncio.timeout(timeout_s):
                return await future
        except TimeoutError as error:
            raise BrokerUnreachable(
                f"the broker did not answer {method!r} in {timeout_s:g} s", _START
            ) from error
        except OSError as error:
            raise BrokerUnreachable("the connection to the broker broke", _START) from error
        finally:
            self._waiting.pop(number, None)

    async def _read(self) -> None:
        error: ArqueueError = BrokerUnreachable("the broker closed the connection", _START)
        try:
            while (message := await frames.read_frame(self._reader, frames.ANSWER_CAP)) is not None:
                self._handle(message)
        except ArqueueError as broken:
            error = broken
        except OSError:
            pass
        finally:
            self.lost.set()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(error)

    def _handle(self, message: dict[str, Any]) -> None:
        if "push" in message:
            for listener in self._listeners:
                listener(message)
            return
        future = self._waiting.get(message.get("id", -1))
        if future is None or future.done():
            return
        if "error" in message:
            row = message["error"]
            future.set_exception(from_code(row["code"], row["message"], row.get("hint", "")))
        else:
            future.set_result(message["result"])

    async def close(self) -> None:
        """Hang up."""
        self._pump.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._pump
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


class Link:
    """A connection that comes back: says when the broker is gone, tries again, greets again. Nothing is resent by itself;
    a caller that repeats a submission does so with the same intent, which is one command."""

    def __init__(
        self,
        socket: Path,
        *,
        act_as: str | None = None,
        ensure: Callable[[], None] | None = None,
        answered: bool = False,
        retry_s: tuple[float, ...] = (0.1, 0.2, 0.5, 1.0, 2.0),
    ) -> None:
        self._socket, self._act_as, self._ensure, self._retry_s = socket, act_as, ensure, retry_s
        self._answered = answered
        """The broker has just been heard: it need not be started before the first try."""
        self._client: BrokerClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.on_push: Callable[[Push], None] = lambda push: None
        self.on_state: Callable[[bool, ArqueueError | None], None] = lambda connected, error: None

    @property
    def connected(self) -> bool:
        """Whether a greeting succeeded and the line still stands."""
        return self._client is not None and not self._client.lost.is_set()

    @property
    def hello(self) -> Hello:
        """The last greeting. Raises BrokerUnreachable before the first."""
        if self._client is None or self._client.hello is None:
            raise BrokerUnreachable("not connected to the broker yet", _START)
        return self._client.hello

    async def start(self) -> Hello:
        """Connect (starting the broker where that is allowed) and keep the line up from now on."""
        answered, self._answered = self._answered, False
        if self._ensure is not None and not answered:
            await asyncio.to_thread(self._ensure)
        await self._connect()
        self._task = asyncio.create_task(self._keep(), name="broker-link")
        return self.hello

    async def _connect(self) -> None:
        client = await BrokerClient.open(self._socket, act_as=self._act_as)
        client.on_push(lambda push: self.on_push(push))
        self._client = client
        self.on_state(True, None)

    async def _keep(self) -> None:
        while not self._closing:
            assert self._client is not None
            await self._client.lost.wait()
            await self._client.close()
            self.on_state(False, BrokerUnreachable("the broker is gone", "reconnecting; nothing is lost"))
            for wait in itertools.chain(self._retry_s, itertools.repeat(self._retry_s[-1])):
                await asyncio.sleep(wait)
                try:
                    if self._ensure is not None:
                        await asyncio.to_thread(self._ensure)
                    await self._connect()
                    break
                except ArqueueError as error:
                    self.on_state(False, error)

    async def call(self, method: str, *, timeout_s: float = 30.0, **params: Any) -> Any:
        """Ask the broker. Raises BrokerUnreachable while it is away."""
        if self._client is None:
            raise BrokerUnreachable("not connected to the broker yet", _START)
        return await self._client.call(method, timeout_s=timeout_s, **params)

    async def close(self) -> None:
        """Hang up for good."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._client is not None:
            await self._client.close()
