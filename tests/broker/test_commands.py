"""From a face's word to the ledger: stored before it is said, carried out without any face, and by nobody who may not."""

from __future__ import annotations

import asyncio
import itertools
import os
from typing import Any

import pytest

from arqueue.errors import Invalid, NotFound, Refused
from data.broker.client import BrokerClient
from tests.broker.company import Company, eventually, until

_NUMBERS = itertools.count()


def intent() -> str:
    """A fresh one."""
    return f"test-{os.getpid()}-{next(_NUMBERS)}"


def note(text: str, target: str = "C-00003") -> dict[str, Any]:
    """A command that moves no money."""
    return {"op": "annotate", "target": target, "text": text}


def adjust(item: str, amount: str, reason: str = "SMALL") -> dict[str, Any]:
    """A write-off."""
    return {"op": "adjust", "item": item, "amount": amount, "reason": reason}


async def submit(client: BrokerClient, command: dict[str, Any], *, wait: bool = True) -> dict[str, Any]:
    """Submit under a fresh intent; with ``wait`` until the outcome is final or unknown."""
    done = await client.call("submit", intent=intent(), command=command)
    found: dict[str, Any] = await client.call("wait", id=done["id"]) if wait else done
    return found


# ---- stored before it is said


def test_what_was_answered_is_there_after_a_kill(firm: Company) -> None:
    """kill -9 right after the answer: the next broker has the command, and posts it."""

    async def say() -> str:
        async with firm.face() as client:
            done = await client.call("submit", intent=intent(), command=note("just before the end"))
            os.kill(firm_pid, 9)
            return str(done["id"])

    firm_pid = _owner(firm)
    command_id = asyncio.run(say())
    until(lambda: _owner(firm, missing=True) is None, "the lock is free")
    firm.reap()
    firm.start_broker()
    row = firm.ask("command", id=command_id)["command"]
    assert row["words"].endswith("just before the end")
    until(lambda: firm.ask("command", id=command_id)["command"]["state"] == "posted", "posted")


def _owner(firm: Company, *, missing: bool = False) -> Any:
    from data.broker.lock import owner_of

    pid = owner_of(firm.settings.store_dir)
    assert missing or pid is not None
    return pid


def test_money_is_posted_when_every_face_is_gone(firm: Company) -> None:
    """A face submits and dies at once; nobody is connected while the broker applies the payment."""

    async def say_and_go() -> str:
        async with firm.face() as client:
            lines = [{"item": "INV-7002", "amount": "842.50"}]
            command = {"op": "apply", "payment": "PAY-7001", "lines": lines}
            done = await client.call("submit", intent=intent(), command=command)
            client._writer.transport.abort()  # as if it were killed
            return str(done["id"])

    command_id = asyncio.run(say_and_go())
    item = firm.ask("show", id="INV-7002")["item"]["id"]
    until(lambda: firm.row(item)["residual"] == "0.00", "the ledger has it")
    until(lambda: firm.ask("command", id=command_id)["command"]["state"] == "posted", "the outbox says so")
    assert firm.ask("show", id="INV-7002")["item"]["residual"] == "0.00"


async def test_the_same_intent_twice_is_one_command(firm: Company) -> None:
    """Also at the same moment, over several connections, ten times."""
    same = intent()
    async with firm.face() as one, firm.face() as two:
        calls = [client.call("submit", intent=same, command=note("ten times")) for client in (one, two) * 5]
        done = await asyncio.gather(*calls)
    assert len({each["id"] for each in done}) == 1
    assert sorted(each["repeated"] for each in done) == [False] + [True] * 9


async def test_one_intent_is_not_two_orders(firm: Company) -> None:
    """Another content under the same intent is refused, and names the order that the intent became."""
    same = intent()
    async with firm.face() as client:
        first = await client.call("submit", intent=same, command=note("this"))
        with pytest.raises(Refused, match="another order") as refused:
            await client.call("submit", intent=same, command=note("something else"))
        assert first["id"][:8] in refused.value.hint
        assert (await client.call("submit", intent=same, command=note("this")))["repeated"]


async def test_an_intent_belongs_to_whom_it_was_opened_for(firm: Company) -> None:
    """Another person's intent is refused and gives nothing away."""
    same = intent()
    async with firm.face() as anna, firm.face("ben") as ben:
        await anna.call("submit", intent=same, command=note("mine"))
        with pytest.raises(Refused, match="another person's"):
            await ben.call("submit", intent=same, command=note("mine"))


async def test_over_application_is_refused_however_it_is_raced(firm: Company) -> None:
    """Eight faces apply the whole of one payment at once: one may, and no more than is open is ever promised (M12)."""
    line = {"item": "INV-7012", "amount": "613.88"}
    command = {"op": "apply", "payment": "PAY-7011", "lines": [line]}
    async with firm.face() as client:
        done = await asyncio.gather(
            *(client.call("submit", intent=intent(), command=command) for _ in range(8)),
            return_exceptions=True,
        )
        taken = [each for each in done if isinstance(each, dict)]
        assert len(taken) == 1
        assert all(isinstance(each, Refused) for each in done if not isinstance(each, dict))
        row = await client.call("wait", id=taken[0]["id"])
        assert row["state"] == "posted"


async def test_pending_amounts_are_an_overlay_until_the_ledger_has_them(firm: Company) -> None:
    """What is queued lowers what is open on the screen, not the ledger's residual; undo gives it back."""
    async with firm.face("ben") as ben:
        before = (await ben.call("show", id="INV-7022"))["item"]
        pending = await submit(ben, adjust("INV-7022", "900.00", "PRICE"), wait=False)
        assert pending["state"] == "pending"
        shown = (await ben.call("show", id="INV-7022"))["item"]
        assert (shown["residual"], shown["open"]) == (before["residual"], "23.15")
        await ben.call("undo", id=pending["id"])
        assert (await ben.call("show", id="INV-7022"))["item"]["open"] == before["open"]


async def test_commands_in_a_row_on_one_item_are_all_posted(firm: Company) -> None:
    """Three write-offs queued together: each expects what the one before leaves, and none is a conflict."""
    body = {"party": "party:3", "amount": "10.00", "currency": "EUR"}
    item = (await firm.accounting("POST", "/v1/accountant/invoices", body))["rows"][0]["id"]
    async with firm.face() as client:
        await client.call("sync", wait=True)
        made = [await submit(client, adjust(item, "0.50"), wait=False) for _ in range(3)]
        rows = [await client.call("wait", id=each["id"]) for each in made]
        assert [row["state"] for row in rows] == ["posted"] * 3
        assert (await client.call("show", id=item))["item"]["residual"] == "8.50"


async def test_review_says_what_submit_would_do_and_stores_nothing(firm: Company) -> None:
    """Lines before and after, the verdict, the rule; the outbox stays as it was."""
    async with firm.face() as client:
        before = (await client.call("outbox"))["total"]
        small = await client.call("review", command=adjust("INV-7031", "0.37"))
        assert small["verdict"] == "accepted"
        assert small["money"] is True
        assert [(line["before"], line["change"], line["after"]) for line in small["lines"]] == [
            ("0.37", "-0.37", "0.00")
        ]
        large = await client.call("review", command=adjust("INV-7051", "60.00"))
        assert (large["verdict"], large["rule"]) == ("needs_approval", "limit adjust EUR 50.00")
        wrong = await client.call("review", command=adjust("INV-7031", "99.00"))
        assert wrong["verdict"] == "refused"
        assert wrong["hint"]
        assert (await client.call("outbox"))["total"] == before


# ---- four eyes


async def _pending(client: BrokerClient, amount: str = "60.00") -> str:
    done = await submit(client, adjust("INV-7052", amount), wait=False)
    assert done["state"] == "pending"
    return str(done["id"])


async def test_above_the_limit_another_person_with_the_limit_approves(firm: Company) -> None:
    """Anna may 50, Ben 500: her 60 wait for him, and are posted once he says yes."""
    async with firm.face() as anna, firm.face("ben") as ben:
        command_id = await _pending(anna)
        assert firm_state(await anna.call("command", id=command_id)) == "pending"
        await ben.call("approve", id=command_id)
        row = await anna.call("wait", id=command_id)
        assert row["state"] == "posted"
    assert await asyncio.to_thread(firm.postings, command_id) == 1


def firm_state(answer: dict[str, Any]) -> str:
    """The state in an answer to ``command``."""
    return str(answer["command"]["state"])


async def test_nobody_approves_or_declines_their_own(firm: Company) -> None:
    """Not even a supervisor, whatever their limit; taking it back is open to them."""
    async with firm.face("sue") as sue, firm.face("ben") as ben:
        command_id = str((await submit(sue, adjust("INV-7053", "0.01", "FREIGHT"), wait=False))["id"])
        assert command_id
        over = await ben.call("submit", intent=intent(), command=adjust("INV-7053", "600.00", "PRICE"))
        with pytest.raises(Refused, match="own command"):
            await ben.call("approve", id=over["id"])
        with pytest.raises(Refused, match="only a supervisor"):
            await ben.call("decline", id=over["id"], why="no")
        assert firm_state(await ben.call("command", id=over["id"])) == "pending"
        assert (await ben.call("undo", id=over["id"]))["state"] == "cancelled"


async def test_who_has_no_sufficient_limit_cannot_approve(firm: Company) -> None:
    """Anna's limit is no better than her own commands; an administrator and an auditor have none."""
    async with (
        firm.face("ben") as ben,
        firm.face() as anna,
        firm.face("ada") as ada,
        firm.face("max") as auditor,
    ):
        over = str((await submit(ben, adjust("INV-7053", "600.00", "PRICE"), wait=False))["id"])
        for other in (anna, ada, auditor):
            with pytest.raises(Refused):
                await other.call("approve", id=over)
        assert firm_state(await ben.call("command", id=over)) == "pending"
        await ben.call("undo", id=over)


async def test_a_supervisor_declines_with_a_reason(firm: Company) -> None:
    """The maker reads who said no and why, nothing is posted, and it lies in the maker's queue until put away."""
    async with firm.face() as anna, firm.face("sue") as sue:
        command_id = await _pending(anna, "61.00")
        with pytest.raises(Refused, match="reason"):
            await sue.call("decline", id=command_id, why="  ")
        row = await sue.call("decline", id=command_id, why="\x1b[31mtoo much\x1b[0m")
        assert row["state"] == "declined"
        assert "declined by sue" in row["outcome"]
        assert "\x1b" not in row["outcome"]
        with pytest.raises(Refused, match="declined, not pending"):
            await sue.call("approve", id=command_id)
        failures = (await anna.call("window", view="failure"))["rows"]
        assert command_id in [each["command_id"] for each in failures]
        await anna.call("dismiss", id=command_id)
        failures = (await anna.call("window", view="failure"))["rows"]
        assert command_id not in [each["command_id"] for each in failures]
    assert await asyncio.to_thread(firm.postings, command_id) == 0


async def test_the_same_step_twice_is_one_step(firm: Company) -> None:
    """An approval, a refusal or an undo that is repeated after a lost answer is no error and changes nothing."""
    async with firm.face() as anna, firm.face("sue") as sue, firm.face("ben") as ben:
        approved = await _pending(anna, "62.00")
        await ben.call("approve", id=approved)
        await anna.call("wait", id=approved)
        assert (await ben.call("approve", id=approved))["state"] == "posted"
        with pytest.raises(Refused, match="posted, not pending"):
            await sue.call("approve", id=approved)
        declined = await _pending(anna, "63.00")
        await sue.call("decline", id=declined, why="no")
        assert (await sue.call("decline", id=declined, why="no"))["state"] == "declined"
        undone = await _pending(anna, "64.00")
        await anna.call("undo", id=undone)
        assert (await anna.call("undo", id=undone))["state"] == "cancelled"
    assert await asyncio.to_thread(firm.postings, approved) == 1


async def test_what_was_posted_cannot_be_undone_only_reversed(firm: Company) -> None:
    """Undo says what to do instead; another person's command is theirs."""
    async with firm.face() as anna, firm.face("ben") as ben:
        row = await submit(anna, note("posted"))
        with pytest.raises(Refused, match="posted already") as caught:
            await anna.call("undo", id=row["id"])
        assert caught.value.hint
        waiting = await _pending(anna, "65.00")
        with pytest.raises(Refused, match="anna's command"):
            await ben.call("undo", id=waiting)
        with pytest.raises(Refused):
            await anna.call("retry", id=row["id"])
        await anna.call("undo", id=waiting)


async def test_an_auditor_changes_nothing(firm: Company) -> None:
    """They see everything a collector sees, and every command of theirs is refused by name."""
    async with firm.face("max") as auditor:
        assert (await auditor.call("window"))["rows"]
        for command in (note("x"), adjust("INV-7031", "0.37")):
            with pytest.raises(Refused, match="auditor changes nothing"):
                await submit(auditor, command)


# ---- who sees what


async def test_an_escalation_is_seen_by_whom_it_was_handed_to_and_by_supervisors(firm: Company) -> None:
    """Handed to Ben: Ben and Sue see it, Anna, who handed it up, does not have it in her list."""
    async with firm.face() as anna, firm.face("ben") as ben, firm.face("sue") as sue:
        done = await submit(
            anna, {"op": "escalate", "target": "PAY-7041", "to": "ben", "why": "whose freight"}
        )
        work = f"escalation/{done['id']}"
        seen = {
            name: work in [row["id"] for row in (await client.call("window", view="escalation"))["rows"]]
            for name, client in (("anna", anna), ("ben", ben), ("sue", sue))
        }
        assert seen == {"anna": False, "ben": True, "sue": True}
        with pytest.raises(NotFound):
            await anna.call("show", id=work)
        assert (await ben.call("show", id=work))["work"]["reasons"]
        with pytest.raises(Refused, match="handed to ben"):
            await anna.call("dismiss", id=done["id"])
        await ben.call("dismiss", id=done["id"])
        rows = (await sue.call("window", view="escalation"))["rows"]
        assert work not in [row["id"] for row in rows]


async def test_an_escalation_to_a_role_is_seen_by_everybody_who_has_it(firm: Company) -> None:
    """Ben is a senior, Anna is not."""
    async with firm.face() as anna, firm.face("ben") as ben:
        done = await submit(anna, {"op": "escalate", "target": "C-00006", "to": "senior", "why": "legal?"})
        work = f"escalation/{done['id']}"
        assert work in [row["id"] for row in (await ben.call("window", view="escalation"))["rows"]]
        assert work not in [row["id"] for row in (await anna.call("window", view="escalation"))["rows"]]
        await ben.call("dismiss", id=done["id"])


async def test_a_failed_command_is_the_makers_work_and_a_supervisors(firm: Company) -> None:
    """Somebody in accounting was faster: Anna sees her conflict, Ben does not, Sue does."""
    item = (
        await firm.accounting("POST", "/v1/accountant/invoices", {"party": "party:1", "amount": "10.00"})
    )["rows"][0]
    async with firm.face() as anna, firm.face("ben") as ben, firm.face("sue") as sue:
        await anna.call("sync", wait=True)
        broken = {"kind": "status", "path": "/v1/changes", "status": 503, "times": 0}
        await firm.accounting("PUT", "/v1/accountant/faults", {"fault": [broken]})
        await eventually(
            lambda: anna.call("status"), lambda seen: seen["sync"]["state"] == "failing", "nothing is pulled"
        )
        await firm.accounting("PUT", f"/v1/accountant/items/{item['id']}/dispute", {"reason": "price"})
        row = await submit(anna, adjust(item["id"], "1.00"))
        await firm.accounting("PUT", "/v1/accountant/faults", {"fault": []})
        assert row["state"] == "conflict"
        assert "changed meanwhile" in row["outcome"]
        work = f"failure/{row['id']}"
        seen = {
            name: work in [each["id"] for each in (await client.call("window", view="failure"))["rows"]]
            for name, client in (("anna", anna), ("ben", ben), ("sue", sue))
        }
        assert seen == {"anna": True, "ben": False, "sue": True}
        with pytest.raises(Refused, match="anna's command"):
            await ben.call("dismiss", id=row["id"])
        await anna.call("dismiss", id=row["id"])


# ---- the demo's clock


def test_the_business_date_moves_forward_here_and_in_the_sandbox(firm: Company) -> None:
    """Broker and ledger share the demo's date; every age is counted from it, and it never goes back."""
    day = firm.ask("clock")["business_date"]
    before = firm.ask("show", id="INV-7051")["item"]["days_past_due"]
    moved = firm.ask("clock", advance=30)["business_date"]
    assert moved > day
    assert firm.account("GET", "/v1/company")["business_date"] == moved
    assert firm.ask("show", id="INV-7051")["item"]["days_past_due"] == before + 30
    assert firm.ask("hello", version=1)["business_date"] == moved
    with pytest.raises(Invalid, match=f"{day} is before {moved}"):
        firm.ask("clock", set=day)
