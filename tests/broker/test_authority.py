"""Who may what, as the people file says at this moment; and what nobody may write down. A real broker, a real ledger."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arqueue.errors import Invalid, Refused
from tests.broker.company import Company, company
from tests.broker.test_commands import adjust, note, submit

_CARD = "4111 1111 1111 1111"


def people(**limits: str) -> str:
    """Anna the collector, Sue and Tom the supervisors, Max the auditor; each line of ``limits`` replaces a person's."""
    given = {"anna": 'amount = "50"\nper_day = "100"\nper_customer = "80"', "sue": 'amount = "500"'} | limits
    roles = {"anna": "collector", "sue": "supervisor", "tom": "supervisor", "max": "auditor"}
    text = ""
    for name, role in roles.items():
        unix = f"unix = [{os.getuid()}]\n" if name == "anna" else ""
        text += f'[[person]]\nid = "{name}"\nname = "{name.title()}"\nroles = ["{role}"]\n{unix}\n'
        if name in given:
            text += f'[[person.limit]]\ncurrency = "EUR"\n{given[name]}\n\n'
    return text


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company whose people have narrow limits."""
    with company(tmp_path_factory.mktemp("strict"), people=people()) as made:
        yield made


def write(firm: Company, text: str) -> None:
    """Another people file, put in its place as an editor does."""
    fresh = firm.home / "people.new"
    fresh.write_text(text, "utf-8")
    fresh.replace(firm.home / "people.toml")


@pytest.fixture
def firm(strict: Company) -> Iterator[Company]:
    """The same, with its own people file again afterwards."""
    yield strict
    write(strict, people())


async def invoices(firm: Company, *amounts: str, party: str = "party:3") -> list[str]:
    """New ones."""
    made = []
    for amount in amounts:
        body = {"party": party, "amount": amount, "currency": "EUR"}
        made.append((await firm.accounting("POST", "/v1/accountant/invoices", body))["rows"][0]["id"])
    async with firm.face() as anna:
        await anna.call("sync", wait=True)
    return made


async def test_splitting_below_the_limit_does_not_help(firm: Company) -> None:
    """Two write-offs on one account are let through, the third waits, in words; taken back it is free again."""
    one, two, three = await invoices(firm, "60.00", "60.00", "60.00")
    async with firm.face() as anna:
        first = await submit(anna, adjust(one, "40.00"))
        assert first["state"] == "posted"
        await submit(anna, adjust(two, "40.00"))
        review = await anna.call("review", command=adjust(three, "0.01"))
        assert review["verdict"] == "needs_approval"
        assert review["reason"] == "today 80.00 of 80.00 EUR are used with this customer, and this takes 0.01"
        (other,) = await invoices(firm, "60.00", party="party:5")
        review = await anna.call("review", command=adjust(other, "20.01"))
        assert review["reason"] == "today 80.00 of 100.00 EUR are used, and this takes 20.01"
        pending = await submit(anna, adjust(three, "40.00"), wait=False)
        assert pending["state"] == "pending"
        await anna.call("undo", id=pending["id"])


async def test_a_limit_counts_from_the_moment_it_is_written(firm: Company) -> None:
    """Nobody reconnects and nothing restarts."""
    (item,) = await invoices(firm, "60.00", party="party:7")
    async with firm.face() as anna, firm.face("sue") as sue:
        assert (await sue.call("review", command=adjust(item, "20.00")))["verdict"] == "accepted"
        write(firm, people(sue='amount = "10"'))
        assert (await sue.call("review", command=adjust(item, "20.00")))["verdict"] == "needs_approval"
        write(firm, people().replace('["collector"]', '["auditor"]'))
        with pytest.raises(Refused, match="an auditor changes nothing"):
            await anna.call("submit", intent="no-longer-a-collector", command=note("x"))


async def test_a_person_taken_out_is_refused_everything(firm: Company) -> None:
    """Over the connection that is open."""
    async with firm.face() as anna, firm.face("tom") as tom:
        write(firm, people().replace('id = "tom"', 'id = "tim"').replace(f"unix = [{os.getuid()}]\n", ""))
        for client in (anna, tom):
            for method in ("status", "window", "outbox"):
                with pytest.raises(Refused, match="belongs to no person"):
                    await client.call(method)


async def test_a_broken_people_file_moves_no_money_and_says_so(firm: Company) -> None:
    """Reading and remarks go on with the people of before; status and doctor say what is wrong."""
    (item,) = await invoices(firm, "60.00", party="party:9")
    async with firm.face("sue") as sue:
        write(firm, "[[person\n")
        with pytest.raises(Refused, match="is not TOML"):
            await sue.call("submit", intent="while-it-is-broken", command=adjust(item, "1.00"))
        assert (await submit(sue, note("said while it was broken")))["state"] == "posted"
        assert "is not TOML" in (await sue.call("status"))["people"]["message"]
    found = await asyncio.to_thread(firm.door, "doctor", "--format", "json")
    row = next(each for each in json.loads(found.out) if each["check"] == "people")
    assert row["result"] == "bad"
    assert "is not TOML" in row["words"]


async def test_who_approved_stands_with_the_order_and_in_the_audit(firm: Company) -> None:
    """Person and time in the outbox; person and account in the audit."""
    (item,) = await invoices(firm, "90.00", party="party:11")
    async with firm.face() as anna, firm.face("sue") as sue:
        made = await submit(anna, adjust(item, "90.00"), wait=False)
        row = await sue.call("approve", id=made["id"])
        assert [(each["person"], each["glass"]) for each in row["approvals"]] == [("sue", False)]
        assert (await anna.call("wait", id=made["id"]))["state"] == "posted"


async def test_an_approval_is_worth_nothing_once_the_approver_lost_the_limit(firm: Company) -> None:
    """Approved while the ledger is away, and declined when it is back: nothing is posted."""
    (item,) = await invoices(firm, "90.00", party="party:13")
    async with firm.face() as anna, firm.face("sue") as sue:
        made = await submit(anna, adjust(item, "85.00"), wait=False)
        assert firm.ledger is not None
        port = int(firm.ledger.url.rsplit(":", 1)[1])
        await asyncio.to_thread(firm.ledger.stop)
        await sue.call("approve", id=made["id"])
        write(firm, people(sue='amount = "10"'))
        await asyncio.to_thread(firm.start_ledger, port=port)
        row = await anna.call("wait", id=made["id"])
        assert row["state"] == "declined"
        assert "the authority of sue covers it no more" in row["outcome"]
    assert (await asyncio.to_thread(firm.row, item))["residual"] == "90.00"


async def test_two_supervisors_break_the_glass(firm: Company) -> None:
    """Above everybody's limit, with a reason; the first alone moves nothing, twice the same is one; the audit has both."""
    (item,) = await invoices(firm, "900.00", party="party:15")
    async with firm.face() as anna, firm.face("sue") as sue, firm.face("tom") as tom:
        made = await submit(anna, adjust(item, "900.00"), wait=False)
        with pytest.raises(Refused, match="above your limit"):
            await sue.call("approve", id=made["id"])
        with pytest.raises(Refused, match="own command"):
            await anna.call("approve", id=made["id"], break_glass=True, why="please")
        for _ in range(2):
            row = await sue.call("approve", id=made["id"], break_glass=True, why="court order")
            assert (row["state"], len(row["approvals"])) == ("pending", 1)
        weighed = await tom.call("weigh", id=made["id"])
        assert weighed["command"]["approvals"][0]["why"] == "court order"
        row = await tom.call("approve", id=made["id"], break_glass=True, why="seen it")
        assert row["outcome"] == "break-glass by sue and tom: seen it"
        assert (await anna.call("wait", id=made["id"]))["state"] == "posted"


async def test_the_report_names_every_broken_glass(firm: Company) -> None:
    """Whose order, how much, both supervisors with their reasons and what became of it; one voice alone is said to be alone."""
    done, half = await invoices(firm, "700.00", "650.00", party="party:17")
    async with firm.face() as anna, firm.face("sue") as sue, firm.face("tom") as tom:
        made = await submit(anna, adjust(done, "700.00"), wait=False)
        await sue.call("approve", id=made["id"], break_glass=True, why="flood of 3 May")
        await tom.call("approve", id=made["id"], break_glass=True, why="saw the claim")
        assert (await anna.call("wait", id=made["id"]))["state"] == "posted"
        alone = await submit(anna, adjust(half, "650.00"), wait=False)
        await tom.call("approve", id=alone["id"], break_glass=True, why="same flood")
    told = {row["id"]: row for row in json.loads(firm.door("audit", "break-glass", "--format", "json").out)}
    row = told[made["id"]]
    assert (row["amount"], row["person"], row["state"]) == ("700.00", "anna", "posted")
    assert [(each["person"], each["why"]) for each in row["given"]] == [
        ("sue", "flood of 3 May"),
        ("tom", "saw the claim"),
    ]
    assert (told[alone["id"]]["first"], told[alone["id"]]["second"]) == ("tom", "")
    assert "with one voice only" in firm.door("audit", "break-glass").out
    assert firm.door("audit", "break-glass", "--until", "2020-01-01").out == ""


@pytest.mark.parametrize("given", [("--since", "may"), ("--since", "2026-02-02", "--until", "2026-02-01")])
def test_a_report_over_no_time_is_refused(firm: Company, given: tuple[str, ...]) -> None:
    """Names the option and how to write it."""
    said = firm.door("audit", "break-glass", *given)
    assert said.status == 1
    assert "--since" in said.err


def test_the_command_line_breaks_the_glass_with_a_reason_only(firm: Company) -> None:
    """One option without the other is wrong usage."""
    assert firm.door("approve", "abcd", "--break-glass", act_as="sue").status == 2
    assert firm.door("approve", "abcd", "--why", "x", act_as="sue").status == 2


async def test_an_auditor_sees_everything_and_changes_nothing(firm: Company) -> None:
    """What was handed to others too."""
    async with firm.face() as anna, firm.face("max") as auditor:
        up = {"op": "escalate", "target": "C-00003", "to": "sue", "why": "for sue alone"}
        made = await submit(anna, up)
        rows = (await auditor.call("window", view="escalation"))["rows"]
        assert f"escalation/{made['id']}" in [row["id"] for row in rows]
        steps: dict[str, dict[str, Any]] = {"undo": {}, "retry": {}, "dismiss": {}, "decline": {"why": "x"}}
        for method, given in steps.items():
            with pytest.raises(Refused, match="an auditor changes nothing"):
                await auditor.call(method, id=made["id"], **given)


# ---- card numbers, tokens, logs


@pytest.mark.parametrize(
    "command",
    [
        note(_CARD),
        adjust("INV-7051", "1.00") | {"note": f"paid by {_CARD}"},
        adjust("INV-7051", "1.00") | {"reason": _CARD},
        {"op": "escalate", "target": "C-00003", "to": "sue", "why": _CARD.replace(" ", "-")},
        {"op": "dispute", "item": "INV-7051", "reason": _CARD.replace(" ", "")},
        {"op": "dispute", "item": "INV-7051", "reason": "price", "note": _CARD},
    ],
)
async def test_a_card_number_is_refused_and_not_echoed(firm: Company, command: dict[str, Any]) -> None:
    """At review and at submit, in words that say what to write instead."""
    async with firm.face() as anna:
        ways: dict[str, dict[str, Any]] = {"review": {}, "submit": {"intent": "card-number-in-it"}}
        for method, given in ways.items():
            with pytest.raises(Invalid, match="payment card number") as refused:
                await anna.call(method, command=command, **given)
            said = refused.value.message + refused.value.hint
            assert "1111" not in said
            assert "write the last four digits" in said


def test_no_card_number_and_no_token_is_in_any_file(firm: Company) -> None:
    """Typed as filter, reason of a no, intent; come from the ledger as a memo: neither store, WAL, log nor audit holds it."""
    body = {"party": "party:17", "amount": "5.00", "currency": "EUR", "text": f"card {_CARD} thanks"}
    item = firm.account("POST", "/v1/accountant/invoices", body)["rows"][0]["id"]
    firm.ask("sync", wait=True)
    for method, given in (
        ("window", {"filter": _CARD}),
        ("decline", {"id": "abcd", "why": _CARD}),
        ("submit", {"intent": _CARD.replace(" ", ""), "command": note("x")}),
    ):
        with pytest.raises(Invalid, match="payment card number"):
            firm.ask(method, **given)
    assert firm.ask("show", id=item)["item"]["text"] == "card [card ••••1111] thanks"
    assert firm.ledger is not None
    token = firm.ledger.token.encode()
    for file in sorted(firm.settings.store_dir.iterdir()):
        held = file.read_bytes()
        assert _CARD.encode() not in held, file
        assert _CARD.replace(" ", "").encode() not in held, file
        assert token not in held or file == firm.settings.token_file, file
    for place in ("cmdline", "environ"):
        assert token not in Path(f"/proc/{firm.brokers[-1].pid}/{place}").read_bytes()


def test_the_log_names_nobody(firm: Company) -> None:
    """After all of the above: no customer's name, no words of a note, no amount of an order."""
    said = "a remark that only the ledger reads"
    made = firm.ask("submit", intent="what-the-log-does-not-say", command=note(said))
    assert firm.ask("wait", id=made["id"])["state"] == "posted"
    names = {row["party"] for row in firm.ask("window", limit=200)["rows"] if len(row["party"]) > 3}
    log = firm.log()
    assert made["id"] in log
    assert not [name for name in (*names, said, "Anna", "40.00", "court order") if name in log]
