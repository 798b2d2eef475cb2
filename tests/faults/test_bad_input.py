"""What a ledger or the network before it may say instead of the truth: each is an error in words, nothing is lost, and no
cursor moves past what was not stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from arqueue.errors import ArqueueError
from tests.broker.company import NOBODY_THERE, Company, company, until

_FOR_EVER: dict[str, Any] = {"times": 0}


@pytest.fixture
def sound(firm: Company) -> Iterator[Company]:
    """The company, whose ledger is sound before and after, and which is up to date."""
    firm.faults()
    firm.ask("sync", wait=True)
    yield firm
    firm.faults()


def stored(firm: Company) -> tuple[str, int, int]:
    """The cursor, and how many items and customers the store holds."""
    with sqlite3.connect(f"file:{firm.settings.store_file}?mode=ro", uri=True) as store:
        (cursor,) = store.execute("SELECT value FROM cursor").fetchone()
        (items,) = store.execute("SELECT count(*) FROM item").fetchone()
        (parties,) = store.execute("SELECT count(*) FROM party WHERE gone = 0").fetchone()
    store.close()
    return str(cursor), int(items), int(parties)


def new_invoice(firm: Company, party: str = "party:1") -> str:
    """Something happens in the ledger: the id of what is to arrive."""
    made = firm.account("POST", "/v1/accountant/invoices", {"party": party, "amount": "12.34"})
    return str(made["rows"][0]["id"])


def failing(firm: Company) -> ArqueueError:
    """A sync that cannot succeed, and its error."""
    with pytest.raises(ArqueueError) as caught:
        firm.ask("sync", wait=True)
    return caught.value


PAGES: list[tuple[str, dict[str, Any], str, str]] = [
    ("a body that is not JSON", {"kind": "not_json"}, "peer_garbled", "not JSON"),
    ("a captive page", {"kind": "captive"}, "peer_garbled", "not JSON"),
    ("fewer bytes than promised", {"kind": "cut_bytes"}, "peer_unreachable", "broke"),
    ("a page cut with its length set right", {"kind": "cut_body"}, "peer_garbled", "not JSON"),
    ("fewer rows than counted", {"kind": "cut_rows"}, "peer_garbled", "cut"),
    ("a redirection", {"kind": "redirect", "location": "http://127.0.0.1:9/"}, "peer_garbled", "redirection"),
    ("a permanent redirection", {"kind": "redirect", "status": 308}, "peer_garbled", "redirection"),
    ("a fault of its own", {"kind": "status", "status": 500}, "peer_unreachable", "500"),
    ("a request for patience", {"kind": "status", "status": 429}, "peer_unreachable", "patience"),
    ("a gateway that has nothing", {"kind": "status", "status": 502}, "peer_unreachable", "502"),
    ("a connection that ends", {"kind": "refuse"}, "peer_unreachable", "broke"),
    ("an answer that is lost", {"kind": "lose_answer"}, "peer_unreachable", "broke"),
    ("a token that is refused", {"kind": "status", "status": 401}, "needs_login", "token"),
]


@pytest.mark.parametrize("fault, code, named", [row[1:] for row in PAGES], ids=[row[0] for row in PAGES])
def test_a_page_that_cannot_be_trusted_moves_nothing(
    sound: Company, fault: dict[str, Any], code: str, named: str
) -> None:
    """The error has a code, words and a remedy; cursor and rows stay; the list goes on; a sound page brings all that waited."""
    before = stored(sound)
    sound.faults({**fault, **_FOR_EVER, "path": "/v1/changes"})
    arriving = new_invoice(sound)
    error = failing(sound)
    assert (error.code, bool(error.hint)) == (code, True)
    assert named in error.message
    assert stored(sound) == before
    status = sound.ask("status")["sync"]
    assert (status["state"], status["error"]["code"]) == ("failing", code)
    assert status["age_s"] is not None
    ran = sound.door("list", "--format", "json")
    assert (ran.status, len(ran.json) > 20) == (0, True)
    ran = sound.door("sync", "--wait", "--format", "json")
    assert (ran.status, ran.json["error"]["code"]) == (3, code)
    sound.faults()
    sound.ask("sync", wait=True)
    assert sound.ask("show", id=arriving)["item"]["residual"] == "12.34"
    assert sound.ask("status")["sync"]["state"] == "idle"


ROWS: list[tuple[str, dict[str, Any], str]] = [
    ("an unknown kind of entity", {"kind": "unknown_kind"}, "widget"),
    ("an amount that does not parse", {"kind": "bad_amount"}, "12,50"),
    ("an amount with an exponent", {"kind": "bad_amount", "value": "1e3"}, "1e3"),
    ("an amount with half a cent", {"kind": "bad_amount", "value": "12.345"}, "12.345"),
    ("NUL and half a character in a text", {"kind": "bad_text"}, "NUL"),
]


@pytest.mark.parametrize("fault, named", [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_row_that_cannot_be_read_is_put_aside_and_seen(
    sound: Company, fault: dict[str, Any], named: str
) -> None:
    """It is work of kind failure that says why; the rows beside it come in; when it is sound again it comes in and is no work."""
    first = new_invoice(sound)
    bad = first
    sound.faults({**fault, **_FOR_EVER, "path": "/v1/changes", "row": bad})
    sound.account("PUT", f"/v1/accountant/items/{bad}/dispute", {"reason": "price"})
    beside = new_invoice(sound)
    sound.ask("sync", wait=True)
    assert sound.ask("show", id=beside)["item"]["residual"] == "12.34"
    (row,) = [each for each in failures(sound) if bad in each["id"]]
    words = " ".join(reason["words"] for reason in row["reasons"])
    assert "not taken in" in words
    assert named in words
    assert words.isprintable()
    assert sound.ask("status")["sync"]["quarantined"] == 1
    assert sound.door("show", row["id"]).status == 0
    sound.faults()
    sound.ask("sync", wait=True, full=True)
    until(lambda: not [each for each in failures(sound) if bad in each["id"]], "it was taken in")
    assert sound.ask("show", id=bad)["item"]["dispute"] == "price"
    assert sound.ask("status")["sync"]["quarantined"] == 0


def failures(firm: Company) -> list[dict[str, Any]]:
    """Work of kind failure, as a supervisor sees it."""
    rows: list[dict[str, Any]] = firm.ask("window", act_as="sue", view="failure", limit=256)["rows"]
    return rows


# ---- orders


ORDERS: list[tuple[str, dict[str, Any], bool]] = [
    ("200, and nothing was done", {"kind": "silent"}, False),
    ("a captive page with 200", {"kind": "captive"}, False),
    ("a redirection", {"kind": "redirect"}, False),
    ("a redirection after it was done", {"kind": "redirect", "after": True}, True),
    ("200 that is not JSON, after it was done", {"kind": "not_json", "after": True}, True),
    ("500 after it was done", {"kind": "status", "status": 500, "after": True}, True),
    ("429 before anything", {"kind": "status", "status": 429}, False),
    ("a lost answer", {"kind": "lose_answer"}, True),
    ("a lost request", {"kind": "refuse"}, False),
    ("an answer cut short", {"kind": "cut_bytes"}, True),
    ("figures from before", {"kind": "stale_echo"}, True),
]


@pytest.mark.parametrize("fault, done", [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS])
def test_an_answer_that_proves_nothing_is_unknown_and_ends_posted_once(
    sound: Company, fault: dict[str, Any], done: bool
) -> None:
    """Never posted on a claim, never refused on a guess: unknown, looked up, and in the ledger exactly once."""
    item = new_invoice(sound)
    sound.ask("sync", wait=True)
    sound.faults({**fault, "path": "/v1/orders", "method": "POST"})
    command = {"op": "adjust", "item": item, "amount": "0.34", "reason": "SMALL"}
    made = sound.ask("submit", intent=f"fault-{item}", command=command)
    seen = sound.ask("wait", id=made["id"])
    assert seen["state"] in ("unknown", "posted"), seen
    until(lambda: sound.hits() == 1, "the fault struck")
    assert sound.postings(made["id"]) <= 1
    if seen["state"] == "unknown" and done:
        assert sound.postings(made["id"]) == 1
    sound.faults()
    until(lambda: sound.ask("command", id=made["id"])["command"]["state"] == "posted", "posted in the end")
    assert sound.postings(made["id"]) == 1
    assert sound.row(item)["residual"] == "12.00"
    tries = sound.ask("command", id=made["id"])["attempts"]
    assert tries[-1]["outcome"] == "posted"
    assert [each["outcome"] for each in tries[:-1]] == ["unknown"] * (len(tries) - 1)


def test_a_customer_that_was_merged_while_a_command_waited(sound: Company) -> None:
    """The item moved to another customer: a conflict in words, nothing is posted, and the item is at its new place."""
    party = sound.account("POST", "/v1/accountant/parties", {"name": "Soon Merged Ltd", "currency": "EUR"})
    gone = party["rows"][0]["id"]
    item = new_invoice(sound, gone)
    sound.ask("sync", wait=True)
    held = {"kind": "status", "status": 503, "times": 0}
    # orders and pages are held back while the world moves on
    sound.faults({**held, "path": "/v1/changes"}, {**held, "path": "/v1/company"})
    until(lambda: sound.ask("status")["sync"]["state"] == "failing", "the ledger is away")
    command = {"op": "adjust", "item": item, "amount": "0.34", "reason": "SMALL"}
    made = sound.ask("submit", intent=f"merged-{item}", command=command)
    assert made["state"] == "queued"
    sound.account("POST", f"/v1/accountant/parties/{gone}/merge", {"into": "party:2"})
    sound.faults()
    sound.ask("sync")
    row = sound.ask("wait", id=made["id"], timeout=20)
    assert row["state"] in ("conflict", "rejected"), row
    assert row["outcome"]
    assert sound.postings(made["id"]) == 0
    sound.ask("sync", wait=True)
    shown = sound.ask("show", id=item)
    assert shown["account"]["party"]["id"] == "party:2"
    (failed,) = [each for each in failures(sound) if each["command_id"] == made["id"]]
    assert sound.door("dismiss", failed["id"], act_as="sue").status == 0


def test_a_customer_that_was_deleted_while_a_note_waited(sound: Company) -> None:
    """The record is gone: the note is refused in words, and seen as a failure."""
    party = sound.account("POST", "/v1/accountant/parties", {"name": "Soon Deleted Ltd", "currency": "EUR"})
    gone, code = party["rows"][0]["id"], party["rows"][0]["code"]
    sound.ask("sync", wait=True)
    assert sound.ask("show", id=code)["account"]["party"]["name"] == "Soon Deleted Ltd"
    held = {"kind": "status", "status": 503, "times": 0}
    sound.faults({**held, "path": "/v1/changes"}, {**held, "path": "/v1/company"})
    until(lambda: sound.ask("status")["sync"]["state"] == "failing", "the ledger is away")
    made = sound.ask("submit", intent=f"gone-{gone}", command={"op": "annotate", "target": gone, "text": "x"})
    sound.account("DELETE", f"/v1/accountant/parties/{gone}")
    sound.faults()
    sound.ask("sync")
    row = sound.ask("wait", id=made["id"], timeout=20)
    assert row["state"] in ("rejected", "conflict"), row
    assert row["outcome"]
    sound.ask("sync", wait=True)
    ran = sound.door("show", gone)
    assert ran.status == 0
    assert "vanished from the accounting system" in ran.out
    refused = sound.door("note", gone, "still there?")
    assert refused.status == 1
    assert refused.err


# ---- from the first moment


def test_without_any_ledger_the_faces_start_and_say_so(
    firm: Company, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A company whose ledger never answered: an empty list, the error, and its remedy; nothing hangs."""
    place = tmp_path_factory.mktemp("never")
    with company(place, ledger=False, url=NOBODY_THERE) as made:
        until(lambda: made.ask("status")["sync"].get("error"), "it tried")
        sync = made.ask("status")["sync"]
        assert (sync["error"]["code"], sync["last_ok"], sync["age_s"]) == ("peer_unreachable", None, None)
        assert "address" in sync["error"]["hint"]
        assert made.door("list").status == 0
        assert made.door("sync", "--wait").status == 3
        assert "does not answer" in made.door("broker", "status").out


def test_with_a_wrong_token_the_faces_start_and_say_so(
    firm: Company, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The ledger refuses the token: the error says whose fault it is and where the token belongs."""
    assert firm.ledger is not None
    place = tmp_path_factory.mktemp("token")
    with company(place, ledger=False, url=firm.ledger.url, token="wrong") as made:
        until(lambda: made.ask("status")["sync"].get("error"), "it tried")
        error = made.ask("status")["sync"]["error"]
        assert error["code"] == "needs_login"
        assert "token" in error["message"]
        assert "arqueue init" in error["hint"]
        ran = made.door("sync", "--wait", "--format", "json")
        assert (ran.status, ran.json["error"]["code"]) == (3, "needs_login")
        assert made.door("list", "--format", "json").json == []


def test_a_broker_that_starts_without_its_ledger_works_on_what_it_has(firm: Company) -> None:
    """After a restart with the ledger away: the same rows, how old they are, and commands that wait."""
    assert firm.ledger is not None
    firm.faults()
    firm.ask("sync", wait=True)
    rows = firm.ask("window", limit=256)["rows"]
    port = int(firm.ledger.url.rpartition(":")[2])
    firm.ledger.kill()
    try:
        firm.kill_broker()
        firm.start_broker()
        assert firm.ask("window", limit=256)["rows"] == rows
        until(lambda: firm.ask("status")["sync"]["state"] == "failing", "it tried")
        sync = firm.ask("status")["sync"]
        assert sync["age_s"] >= 0
        assert sync["last_ok"]
        hello = firm.ask("hello", version=1)
        assert hello["company"]
        assert "adjust" in hello["operations"]
        assert hello["reasons"]
        made = firm.ask(
            "submit", intent="offline-note", command={"op": "annotate", "target": "C-00001", "text": "later"}
        )
        assert made["state"] == "queued"
    finally:
        firm.start_ledger(port=port)
    until(
        lambda: firm.ask("command", id=made["id"])["command"]["state"] == "posted", "posted when it was back"
    )
