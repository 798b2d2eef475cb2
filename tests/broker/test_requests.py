"""What a face may ask is checked; what is wrong is named; the connection survives it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from data.broker import frames
from tests.broker.company import Company
from tests.broker.wire import Wire, wire


def survives(line: Wire) -> None:
    """The same connection still answers."""
    assert "result" in line.ask("status", {}, number=99)


BAD: list[tuple[str, Any, str]] = [
    ("window", {"view": "all", "colour": "red"}, "colour"),
    ("window", {"view": "everything"}, "view"),
    ("window", {"limit": 257}, "limit"),
    ("window", {"limit": 0}, "limit"),
    ("window", {"offset": -1}, "offset"),
    ("window", {"offset": 10**30}, "offset"),
    ("window", {"filter": "x" * 501}, "filter"),
    ("window", {"filter": "a\0b"}, "filter"),
    ("window", [1, 2], "params"),
    ("window", "all", "params"),
    ("locate", {"view": "nothing", "id": "x"}, "view"),
    ("locate", {"view": "all"}, "id"),
    ("show", {}, "id"),
    ("show", {"id": ""}, "id"),
    ("show", {"id": 7}, "id"),
    ("show", {"id": "x" * 201}, "id"),
    ("show", {"id": "\ud800"}, "id"),
    ("find", {"text": ""}, "text"),
    ("outbox", {"states": ["lost"]}, "states.0"),
    ("outbox", {"limit": 501}, "limit"),
    ("wait", {"id": "x", "timeout": 0}, "timeout"),
    ("wait", {"id": "x", "timeout": 1e9}, "timeout"),
    ("clock", {"advance": -3}, "advance"),
    ("clock", {"set": "yesterday"}, "set"),
    ("decline", {"id": "x"}, "why"),
    ("submit", {"command": {"op": "annotate", "target": "C-00001", "text": "x"}}, "intent"),
    (
        "submit",
        {"intent": "short", "command": {"op": "annotate", "target": "C-00001", "text": "x"}},
        "intent",
    ),
    (
        "submit",
        {"intent": "with spaces", "command": {"op": "annotate", "target": "a", "text": "x"}},
        "intent",
    ),
    ("submit", {"intent": "i" * 8, "command": {"op": "steal", "target": "C-00001"}}, "command"),
    (
        "submit",
        {"intent": "i" * 8, "command": {"op": "annotate", "target": "C-00001"}},
        "command.annotate.text",
    ),
    (
        "submit",
        {"intent": "i" * 8, "command": {"op": "apply", "payment": "P", "lines": "all"}},
        "command.apply.lines",
    ),
    (
        "submit",
        {"intent": "i" * 8, "command": {"op": "adjust", "item": "a", "amount": 12.5, "reason": "SMALL"}},
        "command.adjust.amount",
    ),
    ("hello", {"version": "new"}, "version"),
    ("hello", {"version": 99}, "protocol 99"),
]


@pytest.mark.parametrize(
    "method, params, named", BAD, ids=[f"{m}-{n}-{i}" for i, (m, _, n) in enumerate(BAD)]
)
def test_a_wrong_field_is_named_and_the_connection_goes_on(
    firm: Company, method: str, params: Any, named: str
) -> None:
    """Unknown fields, wrong types, values out of bounds: refused with the field's name."""
    with wire(firm.settings.socket) as line:
        answer = line.ask(method, params)
        assert answer["id"] == 1
        assert answer["error"]["code"] == "invalid"
        assert named in answer["error"]["message"]
        assert answer["error"]["hint"]
        survives(line)


@pytest.mark.parametrize("method", ["destroy", "", "__class__", "answer", None, 7, ["window"]])
def test_an_unknown_method_is_named(firm: Company, method: object) -> None:
    """The broker says which method it does not have."""
    with wire(firm.settings.socket) as line:
        answer = line.ask(method, {})
        assert answer["error"]["code"] == "invalid"
        assert "method" in answer["error"]["message"]
        survives(line)


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"{'id': 1}", b'{"id": 1, "method"', b"\xff\xfe", b"[" * 60_000, b"9" * 60_000],
    ids=["empty", "words", "quotes", "cut", "bytes", "deep", "digits"],
)
def test_what_is_not_json_is_answered_and_the_connection_goes_on(firm: Company, body: bytes) -> None:
    """A frame that nobody can read costs an error, not the connection."""
    with wire(firm.settings.socket) as line:
        line.send(body)
        answer = line.answer()
        assert answer["error"]["code"] == "invalid"
        survives(line)


@pytest.mark.parametrize(
    "message", [[], 1, None, "hello", {}, {"method": "status"}, {"id": "1", "method": "status"}]
)
def test_json_that_is_no_request_is_answered(firm: Company, message: object) -> None:
    """A request has an id and a method."""
    with wire(firm.settings.socket) as line:
        line.send(json.dumps(message).encode())
        assert "request" in line.answer()["error"]["message"]
        survives(line)


def test_an_oversized_frame_is_refused_and_read_past(firm: Company) -> None:
    """More than 64 KiB is refused before it is parsed, and the next request is answered."""
    with wire(firm.settings.socket) as line:
        line.request("find", {"text": "x" * (2 * frames.REQUEST_CAP)})
        error = line.answer()["error"]
        assert error["code"] == "invalid"
        assert str(frames.REQUEST_CAP) in error["message"]
        survives(line)


def test_a_frame_that_says_it_is_endless_ends_the_connection(firm: Company) -> None:
    """Noise on the socket (four gigabytes announced) is hung up on; other faces do not notice."""
    with wire(firm.settings.socket) as other, wire(firm.settings.socket) as noise:
        noise.send(b"GET / HTTP/1.1\r\n", size=0xFFFFFFFF)
        with pytest.raises(EOFError):
            noise.message()
        survives(other)


def test_a_frame_that_stops_in_the_middle_disturbs_nobody(firm: Company) -> None:
    """A face that dies while it speaks is let go of."""
    with wire(firm.settings.socket) as other:
        with wire(firm.settings.socket) as dying:
            dying.send(b'{"id": 1,', size=500)
        survives(other)


def test_answers_carry_the_number_of_their_question(firm: Company) -> None:
    """Thirty requests at once are answered each under its own id."""
    with wire(firm.settings.socket) as line:
        for number in range(1, 31):
            line.request("window", {"limit": number % 5 + 1}, number=number)
        found = {answer["id"]: answer for answer in (line.answer() for _ in range(30))}
        assert sorted(found) == list(range(1, 31))
        assert all(len(answer["result"]["rows"]) == answer["id"] % 5 + 1 for answer in found.values())


def test_no_request_made_the_broker_fail(firm: Company) -> None:
    """Nothing of all this ended in an error that the broker had not foreseen."""
    with wire(firm.settings.socket) as line:
        survives(line)
    assert "request failed" not in firm.log()
    assert "Traceback" not in firm.log()
