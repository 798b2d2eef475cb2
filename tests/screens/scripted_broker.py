"""A small broker that speaks the protocol over a real Unix socket, for states that are hard to reach with the real one:
answers that are lost, a broker that dies in the middle, a first sync that never ends, names that attack the terminal.

It decides nothing: tests say what it answers. ``python -m tests.screens.scripted_broker SOCKET`` runs it by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from arqueue.errors import ArqueueError, NotFound, Refused
from arqueue.work.filter import parse
from data.broker import protocol
from tests.screens.attacking import ANSWERS, PUSHES, Attack
from tests.screens.company import Company
from tests.screens.scripted_cash import CashAnswers, text
from tests.screens.scripted_working import WorkingAnswers

PERSON = {"id": "kim", "name": "Kim Berger", "roles": ["collector"]}
PEOPLE = [
    PERSON,
    {"id": "sam", "name": "Sam Okafor", "roles": ["supervisor"]},
    {"id": "lee", "name": "Lee Tan", "roles": ["collector", "senior"]},
]
OPERATIONS = ("apply", "unapply", "adjust", "annotate", "escalate", "dispute", "resolve", "identify")
REASONS = [
    {"code": "SMALL", "words": "small balance", "method": "m1", "account": "6800 Small differences"},
    {"code": "CHARGES", "words": "bank charges", "method": "m2", "account": "6855 Bank charges"},
    {"code": "DISCOUNT", "words": "discount taken", "method": "m3", "account": "8735 Discounts granted"},
    {"code": "BADDEBT", "words": "bad debt", "method": "m4", "account": "6930 Bad debt"},
]

WAYS = {
    "apply": ("unapply", "what it applied can be taken back"),
    "settle": ("unapply", "what it applied can be taken back"),
    "unapply": ("apply", "it can be applied anew"),
    "dispute": ("resolve", "answering the dispute ends it"),
    "annotate": ("none", "a note stays; write another"),
}
LIVE = ("pending", "queued", "sending", "unknown", "posted")


class ScriptedBroker(CashAnswers, WorkingAnswers):
    """Answers from a Company. Every attribute may be changed by a test while faces are connected."""

    def __init__(self, socket: Path, company: Company) -> None:
        CashAnswers.__init__(self)
        WorkingAnswers.__init__(self)
        self.socket = socket
        self.company = company
        self.generation = 1
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.intents: dict[str, dict[str, Any]] = {}
        self.sync: dict[str, Any] = {
            "state": "idle",
            "last_ok": "2026-11-20T09:00:00+00:00",
            "age_s": 14,
            "done": 0,
            "remaining": None,
            "quarantined": 0,
        }
        self.verdict: dict[str, Any] = {"verdict": "accepted", "words": "within your limit of 500.00 EUR"}
        self.person: dict[str, Any] = PERSON
        self.people: list[dict[str, Any]] = PEOPLE
        self.saved_views: dict[str, dict[str, Any]] = {}
        self.reversible: list[str] = []
        """The allocations of the order that is to be reversed."""
        self.met_ledger = True
        """The ledger has named its operations and reasons."""
        self.fail: dict[str, ArqueueError] = {}
        """Methods that answer with an error."""
        self.die_on: set[str] = set()
        """Methods at which the connection breaks: after the work was done, before the answer."""
        self.die_after: dict[str, int] = {}
        """The same, at the so-manieth call of a method from now."""
        self.hold: dict[str, asyncio.Event] = {}
        """Methods that wait for an event before they answer."""
        self.attack: Attack | None = None
        """What becomes of every text that leaves."""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    # Life

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_unix_server(self._serve, str(self.socket))

    async def stop(self) -> None:
        """Be gone, with every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.socket.unlink(missing_ok=True)
        await self.drop()

    async def drop(self) -> None:
        """Break every connection."""
        for writer in list(self._writers):
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        self._writers.clear()

    async def push(self, message: dict[str, Any]) -> None:
        """Tell every face something."""
        if self.attack is not None:
            message = self.attack.on(PUSHES[message["push"]], message)
        for writer in list(self._writers):
            writer.write(protocol.pack(message))
            with contextlib.suppress(OSError):
                await writer.drain()

    async def changed(self, *ids: str, parties: list[str] | None = None) -> None:
        """The queue is another one now."""
        self.generation += 1
        await self.push(
            {"push": "changed", "generation": self.generation, "ids": list(ids), "parties": parties or []}
        )

    async def tell_status(self) -> None:
        """Push the status."""
        await self.push({"push": "status", "status": self.on_status({})})

    async def _tell_of_orders(self) -> None:
        await self.changed()
        await self.tell_status()
        if self.company.commands:
            await self.push({"push": "command", "command": self.company.commands[0]})

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while (message := await protocol.read_frame(reader, protocol.REQUEST_CAP)) is not None:
                answer = await self._answer(message)
                if self._dies_at(message["method"]):
                    break
                writer.write(protocol.pack(answer))
                await writer.drain()
                if message["method"] in ("submit", "undo", "retry", "dismiss") and "result" in answer:
                    await self._tell_of_orders()
        except (OSError, ArqueueError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _dies_at(self, method: str) -> bool:
        if method in self.die_after:
            self.die_after[method] -= 1
            return self.die_after[method] == 0
        if method in self.die_on:
            self.die_on.discard(method)
            return True
        return False

    async def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        method, params = message["method"], message.get("params", {})
        self.calls.append((method, params))
        if method in self.hold:
            await self.hold[method].wait()
        try:
            if method in self.fail:
                raise self.fail[method]
            return {"id": message["id"], "result": self._said(method, getattr(self, f"on_{method}")(params))}
        except ArqueueError as error:
            row = {"code": error.code, "message": error.message, "hint": error.hint}
            return {"id": message["id"], "error": self._said("error", row)}

    def _said(self, method: str, value: Any) -> Any:
        return value if self.attack is None else self.attack.on(ANSWERS[method], value)

    def called(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every call of a method."""
        return [params for name, params in self.calls if name == method]

    # Answers

    def on_hello(self, params: dict[str, Any]) -> dict[str, Any]:
        """Who you are."""
        return {
            "person": self.person,
            "people": self.people,
            "company": "Northwind Trading",
            "currency": "EUR",
            "business_date": "2026-11-20",
            "demo": True,
            "peer_kind": "sandbox",
            "peer_url": "http://127.0.0.1:1",
            "reasons": REASONS if self.met_ledger else [],
            "operations": list(OPERATIONS) if self.met_ledger else ["dispute", "escalate", "resolve"],
            "version": 1,
            "dispute_reasons": self.dispute_reasons,
        }

    def on_status(self, params: dict[str, Any]) -> dict[str, Any]:
        """Sync, outbox, counts."""
        states = [row["state"] for row in self.company.commands]
        outbox = {name: states.count(name) for name in ("pending", "queued", "sending", "unknown")}
        outbox["failed"] = sum(state in ("rejected", "conflict") for state in states)
        counts = {view: len(self._rows(view, "")) for view, _ in protocol.VIEWS}
        return {
            "sync": dict(self.sync),
            "outbox": outbox,
            "counts": counts,
            "business_date": "2026-11-20",
            "generation": self.generation,
        }

    def _rows(self, view: str, search: str) -> list[dict[str, Any]]:
        wanted = search.lower().replace("party:", "").split()
        rows = [row for row in self.company.work if view in ("all", row["kind"])]
        rows = rows if view != "mine" else [row for row in self.company.work if row.get("assignee") == "kim"]
        if not wanted:
            return rows
        parse(search)
        keys = ("party", "party_code", "subject", "kind")
        return [row for row in rows if all(any(word in row[key].lower() for key in keys) for word in wanted)]

    def on_window(self, params: dict[str, Any]) -> dict[str, Any]:
        """A piece of the list."""
        rows = self._rows(params["view"], params["filter"])
        if params["sort"] == "age":
            rows = sorted(rows, key=lambda row: -int(row["age_days"]))
        first = params["offset"]
        return {
            "rows": rows[first : first + params["limit"]],
            "offset": first,
            "total": len(rows),
            "all": len(self._rows(params["view"], "")),
            "generation": self.generation,
        }

    def on_widen(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """Each term without which there are rows."""
        asked = parse(params["filter"])
        ways = [(str(term), str(asked.without(term))) for term in asked.terms if len(asked.terms) > 1]
        found = [(word, left, len(self._rows(params["view"], left))) for word, left in ways]
        return [
            {"without": [word], "filter": left, "rows": rows, "more": False}
            for word, left, rows in found
            if rows
        ]

    def on_locate(self, params: dict[str, Any]) -> dict[str, Any]:
        """Where a row is."""
        rows = self._rows(params["view"], params["filter"])
        places = {row["id"]: place for place, row in enumerate(rows)}
        return {"position": places.get(params["id"]), "total": len(rows), "generation": self.generation}

    def on_show(self, params: dict[str, Any]) -> dict[str, Any]:
        """A work item or item with its account."""
        work = next((row for row in self.company.work if row["id"] == params["id"]), None)
        item = self.company.items.get(params["id"])
        party_id = work["party_id"] if work else item["party_id"] if item else params["id"]
        if party_id not in self.company.parties:
            if work is None:
                raise NotFound(f"nothing is called {params['id']}", "it may have been settled: look again")
            return {"work": work, "item": None, "applied": [], "account": None}
        return {
            "work": work,
            "item": item,
            "applied": self.applied_to(params["id"]),
            "account": self._account(party_id),
        }

    def _account(self, party_id: str) -> dict[str, Any]:
        items = self.company.items_of(party_id)
        ids = [row["id"] for row in items]
        party = self.company.parties[party_id]
        names = ("not due", "1-30", "31-60", "61-90", "over 90")
        sums = dict.fromkeys(names, Decimal(0))
        credits = Decimal(0)
        for row in items:
            amount, late = Decimal(row["open"]), row["days_past_due"] or 0
            if amount < 0:
                credits += amount
            else:
                sums[names[0 if late <= 0 else min(4, 1 + (late - 1) // 30)]] += amount
        ageing = {
            "currency": "EUR",
            "credits": text(credits),
            "balance": text(sum(sums.values(), credits)),
            "buckets": [{"words": name, "amount": text(amount)} for name, amount in sums.items()],
        }
        return {
            "party": party,
            "ageing": [ageing],
            "items": items[:500],
            "items_total": len(items),
            "notes": [row for row in self.company.notes if row["target"] in (party_id, *ids)],
            "commands": [row for row in self.company.commands if row["party_id"] == party_id],
            "family": [self.company.parties["party:0"]] if party["parent"] else [],
            "promises": [row for row in self.promises if row["party_id"] == party_id],
        }

    def on_review(self, params: dict[str, Any]) -> dict[str, Any]:
        """Before, change, after."""
        command = params["command"]
        changes = self.changes(command)
        lines = []
        for identity, change in changes.items():
            row = self.company.items[identity]
            lines.append(
                {
                    "item": identity,
                    "number": row["number"],
                    "before": row["open"],
                    "change": text(change),
                    "after": text(Decimal(row["open"]) + change),
                    "currency": row["currency"],
                }
            )
        party = self._party(command)
        return {
            "party": party["name"],
            "party_code": party["code"],
            "lines": lines,
            "reason": "",
            "rule": "",
            "hint": "",
            "money": bool(lines),
            "parts": [
                {"words": part, "verdict": self.verdict["verdict"], "reason": "", "hint": ""}
                for part in self.parts(command)
            ],
            **self.verdict,
        }

    def _party(self, command: dict[str, Any]) -> dict[str, Any]:
        target = self.target(command)
        item = self.company.items.get(target)
        party = self.company.parties.get(item["party_id"] if item else target)
        if party is None:
            raise NotFound(f"nothing is called {target}", "it may have been settled: look again")
        return party

    def on_submit(self, params: dict[str, Any]) -> dict[str, Any]:
        """Store it: the same intent is the same order."""
        if self.verdict["verdict"] == "refused":
            raise Refused(self.verdict["words"], "ask a supervisor")
        known = self.intents.get(params["intent"])
        if known is None:
            known = self._store(params["command"])
            self.intents[params["intent"]] = known
            return _submitted(known, repeated=False)
        return _submitted(known, repeated=True)

    def _store(self, command: dict[str, Any]) -> dict[str, Any]:
        company, party = self.company, self._party(command)
        number = len(company.commands) + 1
        target = self.target(command)
        moved = self.changes(command)
        amount = text(sum((change for change in moved.values() if change > 0), Decimal(0))) if moved else ""
        if command["op"] == "adjust":
            amount = command["amount"]
        said = "; ".join(self.parts(command))
        row = {
            "id": f"{number:032x}",
            "op": command["op"],
            "state": "queued",
            "words": said,
            "target": target,
            "party": party["name"],
            "party_id": party["id"],
            "amount": amount,
            "currency": "EUR" if amount else "",
            "actor": "kim",
            "created_at": "2026-11-20T09:01:00+00:00",
            "updated_at": "2026-11-20T09:01:00+00:00",
            "attempts": 0,
            "outcome": "",
            "refs": [],
            "undoable": True,
            "batch": "",
            "approvals": [],
        }
        company.commands.insert(0, row)
        for work in company.work:
            if work["item_id"] == target:
                work["state"], work["command_id"] = "queued", row["id"]
        return row

    def on_outbox(self, params: dict[str, Any]) -> dict[str, Any]:
        """Orders, newest first."""
        rows = [
            row for row in self.company.commands if not params["states"] or row["state"] in params["states"]
        ]
        first = params["offset"]
        return {"rows": rows[first : first + params["limit"]], "total": len(rows)}

    def _command(self, identity: str) -> dict[str, Any]:
        for row in self.company.commands:
            if row["id"] == identity:
                return row
        raise NotFound("no such order", "look into the outbox")

    def on_command(self, params: dict[str, Any]) -> dict[str, Any]:
        """One order with its attempts."""
        return {
            "command": self._command(params["id"]),
            "attempts": self.company.attempts.get(params["id"], []),
        }

    def on_undo(self, params: dict[str, Any]) -> dict[str, Any]:
        """Take it back."""
        row = self._command(params["id"])
        if not row["undoable"]:
            raise Refused("it was sent already", "the ledger has to reverse it")
        row |= {"state": "cancelled", "undoable": False, "updated_at": "2026-11-20T09:02:00+00:00"}
        return row | {"taken_back": [row["words"]]}

    def on_reversal(self, params: dict[str, Any]) -> dict[str, Any] | None:
        """The unsent one, else the newest of kim's; what it applied is what stands of its target."""
        mine = [row for row in self.company.commands if row["actor"] == "kim" and row["state"] in LIVE]
        mine.sort(key=lambda row: not row["undoable"])
        if "id" not in params and not mine:
            return None
        row = self._command(params["id"]) if "id" in params else mine[0]
        way, says = WAYS.get(row["op"], ("none", "the ledger has to reverse it"))
        way = "undo" if row["undoable"] else "wait" if row["state"] in ("sending", "unknown") else way
        return {
            "order": row,
            "words": row["words"],
            "way": way,
            "item": row["target"],
            "allocations": self.reversible,
            "says": says,
            "hint": "",
        }

    def on_weigh(self, params: dict[str, Any]) -> dict[str, Any]:
        """A waiting order, as whoever looks may answer it."""
        row = self._command(params["id"])
        if row["state"] != "pending":
            raise Refused(f"it is {row['state']}, not pending", "see what became of it")
        asked = {"op": "adjust", "item": row["target"], "amount": row["amount"], "reason": "SMALL"}
        verdict = {"verdict": "accepted", "rule": "", "hint": ""} if params.get("glass") else self.verdict
        review = self.on_review({"command": asked}) | {"words": row["words"], "reason": ""} | verdict
        return {"command": dict(row), "asked": asked | {"note": "agreed by phone"}, "review": review}

    def on_approve(self, params: dict[str, Any]) -> dict[str, Any]:
        """Let it go; twice is once."""
        row = self._command(params["id"])
        if row["state"] not in ("pending", "queued"):
            raise Refused(f"it is {row['state']}, not pending", "see what became of it")
        if params.get("break_glass"):
            given = {"person": "kim", "at": row["created_at"], "glass": True, "why": params["why"]}
            row["approvals"] = [*row["approvals"], given]
            if len(row["approvals"]) < 2:
                return dict(row)
        return self._answered(row, "queued", "approved by kim")

    def on_decline(self, params: dict[str, Any]) -> dict[str, Any]:
        """Say no."""
        return self._answered(self._command(params["id"]), "declined", f"declined by kim: {params['why']}")

    def _answered(self, row: dict[str, Any], state: str, outcome: str) -> dict[str, Any]:
        row |= {"state": state, "outcome": outcome, "undoable": state == "queued"}
        self.company.work = [work for work in self.company.work if work["id"] != f"approval/{row['id']}"]
        return dict(row)

    def on_retry(self, params: dict[str, Any]) -> dict[str, Any]:
        """Try again."""
        row = self._command(params["id"])
        row["state"] = "queued"
        return row

    def on_dismiss(self, params: dict[str, Any]) -> dict[str, Any]:
        """It was looked at."""
        self.company.work = [row for row in self.company.work if row["command_id"] != params["id"]]
        return self._command(params["id"])

    def on_views(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """What this person keeps."""
        return list(self.saved_views.values())

    def on_view_counts(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """As many rows as the list would have."""
        return [{"name": name, "total": 12, "more": False} for name in self.saved_views]

    def on_customers(self, params: dict[str, Any]) -> list[str]:
        """Names and codes that begin so."""
        begins = params["begins"].casefold()
        told = [row[column] for column in ("name", "code") for row in self.company.parties.values()]
        return [name for name in told if name.casefold().startswith(begins)][:20]

    def on_tags(self, params: dict[str, Any]) -> list[str]:
        """What customers are tagged with."""
        return ["agency", "vip"]

    def on_change_view(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """Another name or digit."""
        view = self.saved_views.pop(params["name"])
        to = params.get("to") or params["name"]
        self.saved_views[to] = {**view, "name": to, "digit": params.get("digit", view.get("digit", 0))}
        return self.on_views({})

    def on_save_view(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """Keep one."""
        columns = [name for name in params.get("columns", "").split(",") if name]
        self.saved_views[params["name"]] = {**params, "columns": columns}
        return self.on_views({})

    def on_remove_view(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """Forget one."""
        del self.saved_views[params["name"]]
        return self.on_views({})

    def on_pick(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """What is still there."""
        return [row for row in self.company.work if row["id"] in params["ids"]]

    def on_sync(self, params: dict[str, Any]) -> dict[str, Any]:
        """Nothing to pull."""
        return {}


def _submitted(row: dict[str, Any], *, repeated: bool) -> dict[str, Any]:
    return {
        "id": row["id"],
        "ids": [row["id"]],
        "state": row["state"],
        "words": row["words"],
        "repeated": repeated,
        "reversible": WAYS.get(row["op"], ("none",))[0] != "none",
    }


async def _main(socket: Path) -> None:
    broker = ScriptedBroker(socket, Company.of(3041))
    await broker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
