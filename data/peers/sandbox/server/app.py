"""The application: routes, errors in clear JSON, and an OpenAPI page that loads nothing from elsewhere."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from arqueue.errors import Invalid
from data.peers.sandbox.server import accountant, reading
from data.peers.sandbox.server.access import Tokens
from data.peers.sandbox.server.faults import Faults, FaultyApp
from data.peers.sandbox.server.faults import router as faults_router
from data.peers.sandbox.server.ledger import Ledger
from data.peers.sandbox.server.orders import Orders
from data.peers.sandbox.server.page import docs_page
from data.peers.sandbox.server.refusal import LedgerRefused


def make_app(ledger: Ledger, tokens: Tokens, faults: Faults | None = None) -> FaultyApp:
    """The API over one ledger. FastAPI's own documentation pages load scripts from a CDN, so they are off."""
    faults = faults or Faults()
    app = FastAPI(title="arqueue sandbox ledger", version="1", docs_url=None, redoc_url=None)
    app.state.ledger = ledger
    app.state.tokens = tokens
    app.state.orders = Orders(ledger)
    app.state.faults = faults
    app.include_router(reading.router)
    app.include_router(accountant.router)
    app.include_router(faults_router)
    app.add_api_route("/docs", docs, include_in_schema=False)
    app.add_exception_handler(LedgerRefused, _refused)
    app.add_exception_handler(Invalid, _invalid)
    app.add_exception_handler(ValueError, _no_date)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _http)
    return FaultyApp(app, faults)


def docs(request: Request) -> Response:
    """The OpenAPI page."""
    return Response(docs_page(request.app.openapi()), media_type="text/html; charset=utf-8")


def _error(code: str, message: str, hint: str, status: int) -> Response:
    response = reading.answer({"error": {"code": code, "message": message, "hint": hint}}, status)
    if status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerRefused)
    return _error(error.code, error.message, error.hint, error.status)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, Invalid)
    return _error("invalid", error.message, error.hint, 422)


def _no_date(request: Request, error: Exception) -> Response:
    return _error("invalid", str(error), "dates are written 2026-11-30", 422)


def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return _error("bad_request", f"{place}: {first['msg']}", "see /docs", 400)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error("http", str(error.detail), "see /docs for the paths that exist", error.status_code)
