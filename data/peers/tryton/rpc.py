"""A logged-in conversation with one Tryton database over JSON-RPC: calls, wizards, and what each kind of answer proves."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from urllib.parse import quote

from arqueue.errors import ArqueueError, NeedsLogin, PeerGarbled, PeerUnreachable
from arqueue.model.text import clean_line, guard
from data.peers.contract import PeerSettings
from data.peers.http import Answer, Http
from data.peers.tryton.wire import decode, encode

Row = dict[str, Any]
Domain = Sequence[Any]
Stamps = Mapping[str, str]
"""``model,id`` → the row's ``_timestamp`` as it was read: Tryton refuses the write if the row has another one."""

IDS_A_CALL: Final = 1000


class Refusal(ArqueueError):
    """Tryton understood and refused (UserError): a rule of the books or a right. The transaction was rolled back."""

    code = "tryton_refused"


class Warned(Refusal):
    """Tryton asks whether one is sure (UserWarning); ``name`` is what confirms it."""

    code = "tryton_warned"

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class Stamped(ArqueueError):
    """A row was changed since it was read (ConcurrencyException). Nothing was written."""

    code = "tryton_concurrency"


class Fault(PeerGarbled):
    """Tryton's own code failed on a call; what was done before it is rolled back, what was queued after it is not known."""

    code = "tryton_fault"


class Redirected(PeerGarbled):
    """Something between us and Tryton answers in its place; every order would fare alike."""

    code = "tryton_redirected"


class Session:
    """One user's session. Logs in when it has to; a call that meets an ended session is repeated once: Tryton checks the
    session before it looks at the call, so nothing was carried out."""

    def __init__(self, settings: PeerSettings, *, deadline_s: float) -> None:
        self._http = Http(settings.url, ca_file=settings.ca_file, deadline_s=deadline_s, encoding="gzip")
        self._settings = settings
        self._path = f"/{quote(settings.database, safe='')}/rpc/"
        self._login = asyncio.Lock()
        self._token: str | None = None
        self._context: Row = {}
        self._calls = 0

    async def close(self) -> None:
        """Let go of the connections; the session itself ends by age."""
        await self._http.close()

    @property
    def company(self) -> int:
        """The company that the user works in; 0 before the first login."""
        return int(self._context.get("company") or 0)

    async def version(self) -> str:
        """The server's series, such as 8.2; asked without a login. Raises as `call`."""
        self._calls = number = self._calls + 1
        body = encode({"id": number, "method": "common.server.version", "params": []})
        headers = {"content-type": "application/json"}
        answer = await self._http.request("POST", "/rpc/", headers=headers, content=body)
        if answer.status == 404:
            raise PeerGarbled(
                f"{self._http.base} is not a Tryton server", "correct peer.url in the configuration"
            )
        return str(self._result(answer, number))

    async def call(self, method: str, *params: Any, context: Mapping[str, Any] | None = None) -> Any:
        """Call a method in the user's context. Raises Refusal, Warned, Stamped, Fault, NeedsLogin, PeerUnreachable,
        PeerGarbled."""
        for _ in range(2):
            token = self._token or await self._log_in()
            number, answer = await self._post(method, [*params, {**self._context, **(context or {})}], token)
            if answer.status != 401:
                return self._result(answer, number)
            if self._token == token:
                self._token = None
        raise NeedsLogin(
            f"Tryton ended the session of {self._settings.user!r} at once", "try again; else restart Tryton"
        )

    async def rows(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        limit: int | None = None,
        order: str = "id",
    ) -> list[Row]:
        """Rows of a model, oldest id first (or newest of `order` with a leading ``-``). Raises as `call` does."""
        by = [[order.lstrip("-"), "DESC" if order.startswith("-") else "ASC"]]
        found = await self.call(f"model.{model}.search_read", list(domain), 0, limit, by, list(fields))
        if not isinstance(found, list) or not all(isinstance(row, dict) and "id" in row for row in found):
            raise PeerGarbled(f"Tryton sent no rows for {model}", "check that it is a Tryton of series 8.2")
        return found

    async def rows_of(
        self, model: str, field: str, keys: Sequence[Any], fields: Sequence[str], *, also: Domain = ()
    ) -> list[Row]:
        """Rows whose `field` (or one of several, ``a|b``) is one of the keys, however many keys there are."""
        found: dict[int, Row] = {}
        for start in range(0, len(keys), IDS_A_CALL):
            some = list(keys[start : start + IDS_A_CALL])
            any_of = [[name, "in", some] for name in field.split("|")]
            rows = await self.rows(model, [["OR", *any_of] if len(any_of) > 1 else any_of[0], *also], fields)
            found |= {row["id"]: row for row in rows}
        return list(found.values())

    @asynccontextmanager
    async def wizard(self, name: str, model: str, ids: Sequence[int]) -> AsyncIterator[Wizard]:
        """A wizard on records; its session on the server is thrown away at the end, whatever came of it."""
        context = {"active_model": model, "active_id": ids[0], "active_ids": list(ids)}
        session, _, _ = await self.call(f"wizard.{name}.create", context=context)
        try:
            yield Wizard(self, name, session, context)
        finally:
            # What counts has been decided; a session left behind is a row of no consequence on the server.
            with suppress(ArqueueError):
                await self.call(f"wizard.{name}.delete", session, context=context)

    async def _log_in(self) -> str:
        async with self._login:
            if self._token:
                return self._token
            user = self._settings.user
            params = [user, {"password": self._settings.token}, "en"]
            number, answer = await self._post("common.db.login", params, None)
            if answer.status == 401:
                raise NeedsLogin(
                    f"Tryton does not accept the password of {user!r}", "`arqueue init` stores the right one"
                )
            try:
                user_id, secret, *_ = self._result(answer, number)
            except Refusal as error:
                raise NeedsLogin(
                    f"Tryton refuses the login: {error.message}", "`arqueue init` asks again"
                ) from None
            except (TypeError, ValueError) as error:
                raise PeerGarbled(
                    "Tryton's answer to the login cannot be read", "check the address"
                ) from error
            token = base64.b64encode(f"{user}:{user_id}:{secret}".encode()).decode()
            number, answer = await self._post("model.res.user.get_preferences", [True, {}], token)
            preferences = self._result(answer, number)
            if not isinstance(preferences, dict) or not preferences.get("company"):
                raise NeedsLogin(
                    f"the user {user!r} works in no company", "give the user a company in Tryton"
                )
            # Errors are told apart by their words: these must be English.
            self._context = {**preferences, "language": "en"}
            self._token = token
            return token

    async def _post(self, method: str, params: Sequence[Any], token: str | None) -> tuple[int, Answer]:
        self._calls = number = self._calls + 1
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Session {token}"
        body = encode({"id": number, "method": method, "params": list(params)})
        return number, await self._http.request("POST", self._path, headers=headers, content=body)

    def _result(self, answer: Answer, number: int) -> Any:
        if answer.status != 200:
            raise self._trouble(answer)
        body = decode(answer)
        if not isinstance(body, dict) or body.get("id") != number or not body.keys() & {"result", "error"}:
            raise PeerGarbled("the answer is not one of Tryton's", "check the address and the database name")
        if body.get("error") is not None:
            raise _error(body["error"])
        return body.get("result")

    def _trouble(self, answer: Answer) -> ArqueueError:
        status = answer.status
        if status == 404:
            return NeedsLogin(
                f"there is no database {clean_line(self._settings.database)!r} on {self._http.base}",
                "correct peer.database in the configuration",
            )
        if status == 403:
            return NeedsLogin(
                "Tryton does not offer a method that is needed", "is it a Tryton of series 8.2?"
            )
        if status == 401:
            return NeedsLogin("Tryton did not accept the session it had just given", "try again")
        if status == 429:
            wait = answer.headers.get("retry-after", "")
            later = f"{wait} s" if wait.isdigit() else "some minutes"
            return PeerUnreachable(
                f"Tryton saw too many bad logins and lets nobody in for {later}",
                "correct the password, then wait: every try makes it longer",
            )
        if status >= 500 or status in (408, 425):
            return PeerUnreachable(f"Tryton answered {status}", "work goes on with what is here")
        if 300 <= status < 400:
            return Redirected(
                f"{self._http.base} answers with a redirection ({status})",
                "write Tryton's own address in peer.url",
            )
        return PeerGarbled(f"Tryton answered {status}", "check the address in the configuration")


class Wizard:
    """A wizard that runs on the server."""

    def __init__(self, session: Session, name: str, number: int, context: Row) -> None:
        self._session, self._name, self._number, self._context = session, name, number, context

    async def execute(
        self, state: str, values: Mapping[str, Any] | None = None, stamps: Stamps | None = None
    ) -> Row:
        """Go to a state with these values, locked by the stamps of the rows it may write. Raises as `Session.call`."""
        context = {**self._context, **({"_timestamp": dict(stamps)} if stamps else {})}
        answer = await self._session.call(
            f"wizard.{self._name}.execute", self._number, dict(values or {}), state, context=context
        )
        return answer if isinstance(answer, dict) else {}


def _error(error: Any) -> ArqueueError:
    """What Tryton says went wrong, as what it proves."""
    kind, details = (error[0], error[1]) if isinstance(error, list) and len(error) >= 2 else (error, "")
    parts = [clean_line(str(part)) for part in details] if isinstance(details, list) else []
    match kind:
        case "UserError":
            return Refusal(" - ".join(filter(None, parts[:2])) or "Tryton refused")
        case "UserWarning":
            return Warned(str(details[0]) if details else "", parts[1] if len(parts) > 1 else "Tryton warns")
        case "ConcurrencyException":
            return Stamped("the record was changed in Tryton meanwhile")
        case "LoginException":
            return Refusal("it asks for more than a password")
    return Fault(
        f"Tryton failed on its own: {guard(str(kind))[:200]!r}",
        "see Tryton's log; is it a Tryton of series 8.2?",
    )
