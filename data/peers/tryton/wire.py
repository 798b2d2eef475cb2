"""Tryton's JSON: values that plain JSON lacks travel as objects with a ``__class__``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from arqueue.errors import PeerGarbled
from data.peers.http import Answer


def encode(body: Mapping[str, Any]) -> bytes:
    """A request's body. Raises TypeError for floats: Tryton would take them for amounts."""
    _refuse_floats(body)
    return json.dumps(body, default=_encode, separators=(",", ":")).encode()


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, datetime):
        return {"__class__": "datetime", **_day(value), **_clock(value)}
    if isinstance(value, date):
        return {"__class__": "date", **_day(value)}
    raise TypeError(f"{type(value).__name__} does not travel to Tryton")


def _day(value: date) -> dict[str, int]:
    return {"year": value.year, "month": value.month, "day": value.day}


def _clock(value: datetime) -> dict[str, int]:
    return {
        "hour": value.hour,
        "minute": value.minute,
        "second": value.second,
        "microsecond": value.microsecond,
    }


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a float is not an amount")
    if isinstance(value, Mapping):
        for each in value.values():
            _refuse_floats(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _refuse_floats(each)


def decode(answer: Answer) -> Any:
    """An answer's body with Decimal, date and naive datetime. Raises PeerGarbled for what is not Tryton's JSON."""
    try:
        return json.loads(answer.body, object_hook=_decode, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError, ArithmeticError, KeyError, TypeError, AttributeError) as error:
        answer.json()  # says it better where it is not JSON at all
        raise PeerGarbled(
            "Tryton sent a value that cannot be read", "check that the server is a Tryton of series 8.2"
        ) from error


def _decode(value: dict[str, Any]) -> Any:
    decoder = _DECODERS.get(value.get("__class__", ""))
    return decoder(value) if decoder else value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def _datetime(value: dict[str, Any]) -> datetime:
    # Naive on purpose: Tryton stamps rows in its server's own zone and does not say which.
    parts = (value[name] for name in ("year", "month", "day", "hour", "minute", "second", "microsecond"))
    return datetime(*parts)  # noqa: DTZ001


_DECODERS: Final = {
    "Decimal": lambda value: Decimal(value["decimal"]),
    "date": lambda value: date(value["year"], value["month"], value["day"]),
    "datetime": _datetime,
}
