"""Working the list together, as one sees it: another day, whose it is, on top, who else is here, drafts that outlive the face."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from screens.agenda.screen import AgendaScreen
from screens.annotate.form import AnnotateForm
from screens.form import Form
from screens.queue.screen import QueueScreen
from screens.working.day import SnoozeForm
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker

NOTE = ("annotate", "item:INV-2001")
PLANS = [
    {
        "kind": "follow-up",
        "on": "2026-11-18",
        "late_days": 2,
        "id": "work:2",
        "party_id": "party:2",
        "party": "Castell & Söhne KG",
        "party_code": "C-1002",
        "subject": "4 items",
        "amount": "12831.40",
        "currency": "EUR",
        "why": "wanted to pay on Monday",
        "person": "kim",
    },
    {
        "kind": "snooze",
        "on": "2026-11-27",
        "late_days": 0,
        "id": "work:1",
        "party_id": "party:1",
        "party": "Brandt Werke GmbH",
        "party_code": "C-1001",
        "subject": "INV-2001",
        "amount": "7931.01",
        "currency": "EUR",
        "why": "",
        "person": "lee",
    },
]


async def test_s_says_which_day_is_meant(drive: Driver, screen: SnapshotAssertion) -> None:
    """A day in words is a date before it counts."""
    await drive.press("j", "s")
    assert isinstance(drive.place, SnoozeForm)
    await drive.type("fri")
    await drive.idle()
    assert drive.text == screen


async def test_enter_on_the_last_field_snoozes_and_says_so(drive: Driver, broker: ScriptedBroker) -> None:
    """Nothing is posted, so nothing is reviewed."""
    await drive.press("j", "s")
    await drive.type("fri")
    await drive.press("enter")
    await drive.type("waits for the goods")
    await drive.press("enter")
    assert isinstance(drive.place, QueueScreen)
    assert broker.called("snooze") == [{"id": "work:1", "until": "fri", "why": "waits for the goods"}]
    assert "snoozed until Fri 27 Nov 2026" in drive.status


@pytest.mark.parametrize(
    "typed, said", [("", "no day is written"), ("someday", "is no day that is understood")]
)
async def test_a_day_that_is_none_is_said_in_place(drive: Driver, typed: str, said: str) -> None:
    """The form stays, with what was typed."""
    await drive.press("j", "s")
    await drive.type(typed)
    await drive.press("enter", "enter")
    assert said in drive.status
    assert isinstance(drive.place, SnoozeForm)
    assert drive.place.day.value == typed


async def test_a_refusal_names_the_rule_and_keeps_what_was_typed(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """Somebody else's work is not put off."""
    broker.refuses["work:1"] = "this is lee's work"
    await drive.press("j", "s")
    await drive.type("fri")
    await drive.press("enter", "enter")
    assert "this is lee's work. Ask a supervisor" in drive.status
    assert isinstance(drive.place, SnoozeForm)
    assert drive.place.day.value == "fri"


async def test_c_records_what_was_promised(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """Without a day there is nothing to record; what is overdue is proposed, and another amount takes its place."""
    overdue = next(n for n, row in enumerate(broker.company.work) if row["kind"] == "overdue")
    row = broker.company.work[overdue]
    await drive.press(*["j"] * overdue, "c", "enter", "enter", "enter")
    assert "no day is written" in drive.status
    await drive.type("fri")
    await drive.idle()
    assert drive.text == screen
    await drive.press("enter")
    await drive.type("250")
    await drive.press("enter")
    await drive.type("by phone")
    await drive.press("enter")
    assert isinstance(drive.place, QueueScreen)
    assert broker.called("promise") == [{"id": row["id"], "on": "fri", "why": "by phone", "amount": "250"}]
    assert "promised 250.00 EUR by Fri 27 Nov 2026" in drive.status
    assert drive.cursor_id == broker.company.work[overdue + 1]["id"], "one does not fall with the row"


async def test_a_promise_that_stands_is_said_and_can_be_withdrawn(
    broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """Enter without a day takes it back; the amount that is proposed is not sent."""
    overdue = next(n for n, row in enumerate(broker.company.work) if row["kind"] == "overdue")
    row = broker.company.work[overdue]
    row["promised"] = "500.00 EUR by 2026-11-18 (broken)"
    async with driving(broker.socket, size=(120, 40)) as drive:
        await drive.press(*["j"] * overdue, "c")
        assert drive.text == screen
        await drive.press("enter", "enter")
        await drive.type("paid in cash")
        await drive.press("enter")
        assert broker.called("promise") == [{"id": row["id"], "on": "", "why": "paid in cash"}]


async def test_marked_rows_are_snoozed_after_one_review(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """What is left out is listed with its reason; y does the others, each with its outcome."""
    broker.refuses["work:1"] = "this is lee's work"
    await drive.press("space", "space", "space", "s")
    await drive.type("fri")
    await drive.press("enter", "enter")
    assert drive.text == screen
    await drive.quiet()
    await drive.press("y")
    done = [each["id"] for each in broker.called("snooze") if not each.get("check")]
    assert done == ["work:0", "work:2"]


async def test_t_gives_the_customer_to_somebody(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """Oneself first, then the others, then the rules."""
    await drive.press("j", "t")
    assert drive.text == screen
    await drive.press("j", "enter")
    await drive.type("knows them")
    await drive.press("enter")
    assert broker.called("assign") == [{"id": "work:1", "to": "sam", "why": "knows them"}]


async def test_a_pin_needs_a_reason(drive: Driver, broker: ScriptedBroker) -> None:
    """The audit keeps it."""
    await drive.press("j", "P", "enter")
    assert "says why" in drive.status
    await drive.type("the auditor asks")
    await drive.press("enter")
    assert broker.called("pin") == [{"id": "work:1", "reason": "the auditor asks"}]


async def test_n_claims_the_next_free_row_and_opens_it(drive: Driver, broker: ScriptedBroker) -> None:
    """Wherever the cursor was."""
    broker.free = broker.company.work[2]
    await drive.press("N")
    assert drive.cursor_id == "work:2"
    assert drive.queue.reading
    assert "Yours for 15 minutes" in drive.status


async def test_when_nothing_is_free_that_is_said(drive: Driver) -> None:
    """And the list stays as it is."""
    await drive.press("N")
    assert "Nothing is free" in drive.status
    assert not drive.queue.reading


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_the_agenda_has_what_is_late_first(
    broker: ScriptedBroker, screen: SnapshotAssertion, size: tuple[int, int]
) -> None:
    """A day stands at its first row."""
    broker.plans = PLANS
    async with driving(broker.socket, size) as drive:
        await drive.idle()
        await drive.press("D")
        assert isinstance(drive.place, AgendaScreen)
        assert drive.text == screen


async def test_an_empty_agenda_says_how_it_is_filled(drive: Driver) -> None:
    """And Esc goes back."""
    await drive.press("D")
    assert "there s lets a row sleep" in drive.text
    await drive.press("escape")
    assert isinstance(drive.place, QueueScreen)


async def test_x_is_done_with_a_follow_up(drive: Driver, broker: ScriptedBroker) -> None:
    """The plan under the cursor."""
    broker.plans = PLANS
    await drive.press("D", "x")
    assert broker.called("follow_up") == [{"id": "work:2"}]


# Who else is here


async def test_whoever_opens_the_same_is_named(
    wide: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """And goes again, without a key."""
    broker.here, broker.notes = ["lee"], ["Sam Okafor's customer"]
    await wide.press("j", "enter")
    assert broker.called("attend")[-1] == {"id": "work:1", "here": True}
    assert "Lee Tan is here too" in wide.text
    assert wide.text == screen
    await broker.push({"push": "presence", "key": "work:1", "others": []})
    await wide.until(lambda: "Lee Tan is here too" not in wide.text, "Lee to go")
    assert "Sam Okafor's customer" in wide.text


async def test_a_row_that_is_only_looked_at_is_not_said_to_be_open(
    wide: Driver, broker: ScriptedBroker
) -> None:
    """The cursor of a wide screen rests somewhere all day."""
    await wide.press("j")
    assert broker.called("attend")[-1] == {"id": "work:1", "here": False}


# Drafts


async def test_what_was_typed_is_kept_while_one_types(drive: Driver, broker: ScriptedBroker) -> None:
    """No key says so: the face may be gone the next moment."""
    await drive.press("j", "n")
    await drive.type("called, pays on")
    await drive.until(lambda: NOTE in broker.drafts, "the draft to be kept")
    await drive.until(lambda: broker.drafts[NOTE] == {"text": "called, pays on"}, "all of it to be kept")


@pytest.mark.parametrize(
    "keys, op, typed",
    [
        ("s", "snooze", {"day": "fri", "why": "on holiday"}),
        ("f", "follow_up", {"day": "fri", "why": "on holiday"}),
        ("P", "pin", {"reason": "on holiday"}),
        ("t", "assign", {"to": "lee", "why": "on holiday"}),
        ("c", "promise", {"day": "fri", "amount": "12.50", "why": "on holiday"}),
    ],
)
async def test_every_form_keeps_what_is_typed_for_the_next_face(
    broker: ScriptedBroker, keys: str, op: str, typed: dict[str, str]
) -> None:
    """Nobody left the form, and nobody posted anything: the face was killed."""
    async with driving(broker.socket) as drive:
        await drive.press("j", keys)
        assert isinstance(drive.place, Form)
        drive.place.restore(typed)
        drive.place.focus_now(drive.place.order()[-1])
        await drive.press("end", "x", "backspace")
        await drive.until(lambda: typed in broker.drafts.values(), "the draft to be kept")
    assert [key[0] for key in broker.drafts] == [op]
    async with driving(broker.socket) as again:
        await again.press("j", keys)
        assert "Draft of 10:42: Enter takes it" in again.status
        await again.press("enter")
        assert isinstance(again.place, Form)
        assert again.place.state() == typed


async def test_what_was_done_leaves_no_draft(drive: Driver, broker: ScriptedBroker) -> None:
    """It is not offered for the same row again."""
    await drive.press("j", "s", *"fri", "enter", *"on holiday")
    await drive.until(lambda: ("snooze", "item:INV-2001") in broker.drafts, "the draft to be kept")
    await drive.press("enter")
    await drive.until(lambda: not broker.drafts, "the draft to go")


async def test_what_is_said_to_be_kept_is_kept_when_one_leaves(drive: Driver, broker: ScriptedBroker) -> None:
    """Pin, Esc, q: one word on it, not two."""
    await drive.press("j", "P", *"calls at noon", "escape")
    assert "Draft kept: Pin" in drive.status
    drive.send("q")
    await drive.until_unsettled(lambda: not drive.app.is_running or drive.app._exit, "the app to leave")
    assert broker.drafts == {("pin", "item:INV-2001"): {"reason": "calls at noon"}}


async def test_a_draft_of_while_the_broker_was_away_is_kept_when_it_is_back(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """Until then q would say that it is only here."""
    await drive.press("j", "n")
    await broker.stop()
    await drive.until(lambda: not drive.app.desk.connected, "the broker to be away")
    await drive.type("called")
    await drive.press("escape")
    await drive.until(lambda: drive.app.desk.unkept == 1, "the draft to be only here")
    await broker.start()
    await drive.until(lambda: drive.app.desk.unkept == 0, "the draft to be kept")
    assert broker.drafts == {NOTE: {"text": "called"}}


async def test_a_draft_of_a_face_that_is_gone_is_offered(drive: Driver, broker: ScriptedBroker) -> None:
    """Enter takes it."""
    broker.drafts[NOTE] = {"text": "called, pays on"}
    await drive.press("j", "n")
    assert "Draft of 10:42: Enter takes it, Esc leaves it, Ctrl+G drops it." in drive.status
    await drive.press("enter")
    assert isinstance(drive.place, AnnotateForm)
    assert drive.place.text.text == "called, pays on"


async def test_an_offered_draft_can_be_dropped(drive: Driver, broker: ScriptedBroker) -> None:
    """By a key of its own, which leaves the form open and has nothing to do afterwards."""
    broker.drafts[NOTE] = {"text": "called, pays on"}
    await drive.press("j", "n", "ctrl+g")
    assert drive.status == "The draft is dropped."
    assert isinstance(drive.place, AnnotateForm)
    assert drive.place.text.text == ""
    assert NOTE not in broker.drafts
    await drive.press("ctrl+g")
    assert drive.status == "No draft is offered here."


async def test_esc_is_back_and_leaves_an_offered_draft_where_it_is(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """As everywhere; the same key offers it again."""
    broker.drafts[NOTE] = {"text": "called, pays on"}
    await drive.press("j", "n", "escape")
    assert drive.app.place is drive.queue
    assert drive.status.startswith("Draft left: Note on")
    assert broker.drafts == {NOTE: {"text": "called, pays on"}}
    await drive.press("n")
    assert "Draft of 10:42" in drive.status


async def test_whoever_types_on_has_declined_the_draft(drive: Driver, broker: ScriptedBroker) -> None:
    """What is typed now is never replaced."""
    broker.drafts[NOTE] = {"text": "old"}
    await drive.press("j", "n")
    await drive.type("new")
    await drive.press("enter")
    assert broker.called("review")[-1]["command"]["text"] == "new"


async def test_a_draft_goes_with_the_order(drive: Driver, broker: ScriptedBroker) -> None:
    """What was submitted is not offered again."""
    await drive.press("j", "n")
    await drive.type("called")
    await drive.until(lambda: NOTE in broker.drafts, "the draft to be kept")
    await drive.press("enter")
    await drive.quiet()
    await drive.press("y")
    await drive.until(lambda: NOTE not in broker.drafts, "the draft to go")


async def test_an_old_broker_without_drafts_hinders_nobody(drive: Driver, broker: ScriptedBroker) -> None:
    """The form is as it always was."""
    from arqueue.errors import Invalid

    for method in ("draft", "keep_draft", "attend"):
        broker.fail[method] = Invalid("no such method")
    await drive.press("j", "n")
    await drive.type("called")
    assert isinstance(drive.place, Form)
    await drive.press("enter")
    assert broker.called("review")[-1]["command"]["text"] == "called"


async def test_leaving_with_a_draft_that_is_kept_needs_no_question(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The next face has it."""
    await drive.press("j", "n")
    await drive.type("called")
    await drive.press("escape")
    await drive.until(lambda: broker.drafts.get(NOTE) == {"text": "called"}, "the draft to be kept")
    await drive.until(lambda: drive.app.desk.unkept == 0, "the broker to say so")
    drive.send("q")
    await drive.until_unsettled(lambda: not drive.app.is_running or drive.app._exit, "the app to leave")


async def test_a_form_says_who_is_at_the_same(drive: Driver, broker: ScriptedBroker) -> None:
    """The list need not be wide, nor the account open; when it is left, one is not here any more."""
    broker.here = ["lee", "sam"]
    await drive.press("j", "m")
    assert "Lee Tan and Sam Okafor have this open too." in drive.status
    assert broker.called("attend")[-1] == {"id": "work:1", "here": True}
    await drive.press("escape")
    assert broker.called("attend")[-1] == {"id": None}
