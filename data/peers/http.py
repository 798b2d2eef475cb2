"""The one door to HTTP: httpx is imported here and nowhere else.

Redirects are not followed (a redirected POST becomes a GET and answers 200), proxies, netrc and CA variables of the environment
are not read (the default sends the token to ``HTTP_PROXY``), a total deadline covers what a read timeout does not (a byte a
second), the body is capped after decompression, and numbers become Decimal.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import ip_address
from typing import Any

import httpx

from arqueue.errors import ConfigInvalid, PeerGarbled, PeerUnreachable
from arqueue.model.text import clean_line, guard

DEADLINE_S = 30.0
BODY_CAP = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer: status, headers (lower case) and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON with Decimal numbers. Raises PeerGarbled for anything else."""
        try:
            return json.loads(self.body, parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            start = guard(self.body[:60].decode("utf-8", "replace"))
            raise PeerGarbled(
                f"the accounting system answered {self.status} with something that is not JSON: {start!r}",
                "check the address in the configuration: a proxy or another web site may be answering",
            ) from error


class NotSent(PeerUnreachable):
    """No connection came about, so the request cannot have been received."""


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def check_url(url: str) -> str:
    """The base address without a trailing slash; plain http only to this machine. Raises ConfigInvalid."""
    parsed = httpx.URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ConfigInvalid(
            f"peer.url: {clean_line(url)!r} is not an http(s) address", "write https://host[:port]"
        )
    if parsed.scheme == "http" and not _is_loopback(parsed.host):
        raise ConfigInvalid(
            f"peer.url: plain http to {parsed.host} would send the token in the clear",
            "use https, or a loopback address",
        )
    if parsed.userinfo:
        raise ConfigInvalid("peer.url: holds a user or password", "use the token file instead")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Http:
    """A client for one base address. Raises NotSent, PeerUnreachable (the fate of the request is open) or PeerGarbled."""

    def __init__(
        self, base: str, *, ca_file: str = "", deadline_s: float = DEADLINE_S, encoding: str = "identity"
    ) -> None:
        self.base = check_url(base)
        self.deadline_s = deadline_s
        verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca_file) if ca_file else True
        self._client = httpx.AsyncClient(
            verify=verify if self.base.startswith("https") else False,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(deadline_s, connect=min(5.0, deadline_s)),
            headers={"accept-encoding": encoding, "user-agent": "arqueue"},
            limits=httpx.Limits(max_connections=4),
        )

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
    ) -> Answer:
        """One request and its whole answer within the deadline; nothing is retried here."""
        limit = deadline_s or self.deadline_s
        try:
            async with asyncio.timeout(limit):
                return await self._exchange(method, path, headers, content, params)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(f"{self.base} does not answer ({type(error).__name__})", _CHECK) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise PeerUnreachable(f"{self.base} did not finish its answer in {limit:g} s", _CHECK) from error
        except httpx.DecodingError as error:
            raise PeerGarbled(f"{self.base} sent a body that cannot be decompressed", _CHECK) from error
        except httpx.HTTPError as error:
            raise PeerUnreachable(
                f"the connection to {self.base} broke ({type(error).__name__})", _CHECK
            ) from error

    async def _exchange(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None,
        content: bytes | None,
        params: Mapping[str, str] | None,
    ) -> Answer:
        request = self._client.build_request(
            method,
            self.base + path,
            headers=dict(headers or {}),
            content=content,
            params=dict(params) if params else None,
        )
        response = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > BODY_CAP:
                    raise PeerGarbled(
                        f"{self.base} sent more than {BODY_CAP >> 20} MiB", "ask for smaller pages"
                    )
        finally:
            await response.aclose()
        return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, bytes(body))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()


_CHECK = (
    "check that it runs and that the address in the configuration is right; work goes on with what is here"
)
