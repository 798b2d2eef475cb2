"""The scripted broker's answers about working together: what is put off, whose it is, who is there, drafts."""

from __future__ import annotations

from typing import Any

from arqueue.errors import Invalid, Refused


class WorkingAnswers:
    """Every attribute may be changed by a test while faces are connected."""

    def __init__(self) -> None:
        self.here: list[str] = []
        """Who else has what is open here."""
        self.claimed: str | None = None
        self.notes: list[str] = []
        self.drafts: dict[tuple[str, str], dict[str, Any]] = {}
        self.plans: list[dict[str, Any]] = []
        self.promises: list[dict[str, Any]] = []
        """Promises to pay, of every customer."""
        self.refuses: dict[str, str] = {}
        """Rows about which every wish is refused, and why."""
        self.free: dict[str, Any] | None = None

    def on_attend(self, params: dict[str, Any]) -> dict[str, Any]:
        """Who else is there."""
        key = params.get("id") or ""
        return {"key": key, "others": self.here, "claimed": self.claimed, "notes": self.notes}

    def on_day(self, params: dict[str, Any]) -> dict[str, Any]:
        """Friday is the only day it knows."""
        if params["text"] != "fri":
            raise Invalid(f"until: {params['text']!r} is no day that is understood", "write fri")
        return {"day": "2026-11-27", "words": "Fri 27 Nov 2026, in 7 days"}

    def _wish(self, params: dict[str, Any], said: str) -> dict[str, Any]:
        if why := self.refuses.get(params["id"]):
            raise Refused(why, "ask a supervisor")
        state = "checked" if params.get("check") else "done"
        words = f"{params['id']}: {said}"
        return {"id": params["id"], "state": state, "words": words, "day": None, "repeated": False}

    def on_snooze(self, params: dict[str, Any]) -> dict[str, Any]:
        """Put it off."""
        if day := params.get("until"):
            self.on_day({"text": day})
        return self._wish(params, "snoozed until Fri 27 Nov 2026" if params.get("until") else "awake again")

    def on_follow_up(self, params: dict[str, Any]) -> dict[str, Any]:
        """Plan it."""
        return self._wish(params, "follow-up Fri 27 Nov 2026" if params.get("on") else "follow-up done")

    def on_promise(self, params: dict[str, Any]) -> dict[str, Any]:
        """Record it, or withdraw it."""
        if day := params.get("on"):
            self.on_day({"text": day})
        said = "promised 250.00 EUR by Fri 27 Nov 2026" if params.get("on") else "the promise is withdrawn"
        return self._wish(params, said)

    def on_assign(self, params: dict[str, Any]) -> dict[str, Any]:
        """Give it."""
        return self._wish(params, f"{params['to'] or 'the rules'} has it")

    def on_pin(self, params: dict[str, Any]) -> dict[str, Any]:
        """Pin it."""
        return self._wish(params, "on top until Mon 23 Nov 2026")

    def on_next(self, params: dict[str, Any]) -> dict[str, Any]:
        """Claim it."""
        return {"row": self.free, "minutes": 15 if self.free else 0}

    def on_agenda(self, params: dict[str, Any]) -> dict[str, Any]:
        """What is planned."""
        days = {"2026-11-20": "Fri 20 Nov 2026, today", "2026-11-27": "Fri 27 Nov 2026, in 7 days"}
        return {
            "rows": self.plans,
            "today": "2026-11-20",
            "last": "2026-12-20",
            "days": [{"day": day, "words": words} for day, words in days.items()],
        }

    def on_draft(self, params: dict[str, Any]) -> dict[str, Any] | None:
        """What was left."""
        typed = self.drafts.get((params["op"], params["target"]))
        return typed and {**params, "typed": typed, "at": "2026-11-20T10:42:00+00:00"}

    def on_keep_draft(self, params: dict[str, Any]) -> dict[str, str]:
        """Keep it."""
        self.drafts[params["op"], params["target"]] = params["typed"]
        return {"at": "2026-11-20T10:42:00+00:00"}

    def on_drop_draft(self, params: dict[str, Any]) -> dict[str, bool]:
        """Forget it."""
        return {"dropped": self.drafts.pop((params["op"], params["target"]), None) is not None}
