"""Known payers: the names that were learned stand where a collector looks for them, and can be forgotten there."""

from __future__ import annotations

import pytest

from arqueue.errors import NotFound
from screens.account.details import DetailsPage
from screens.known.screen import KnownScreen
from screens.palette.screen import PaletteScreen
from screens.payer.form import PayerForm
from tests.screens.driver import Driver, driving
from tests.screens.everywhere import SCREENS, known
from tests.screens.scripted_broker import PEOPLE, ScriptedBroker
from tests.screens.scripted_cash import alias

AUDITOR = PEOPLE[0] | {"roles": ["auditor"]}


@pytest.fixture(autouse=True)
def learned(broker: ScriptedBroker) -> None:
    """Two names of the first customer, one of another."""
    known(broker)


def shown(drive: Driver) -> list[str]:
    """The names that are listed."""
    assert isinstance(drive.place, KnownScreen)
    return [row["alias"] for row in drive.place.rows.found or []]


async def test_an_account_leads_to_the_names_of_its_customer(drive: Driver, broker: ScriptedBroker) -> None:
    """Only to those: which, when they were learned, from whom, and how many payments came by them."""
    await drive.press("enter", "L", "j")
    assert shown(drive) == ["ACME IND GMBH", "account …4711"]
    assert broker.called("aliases")[-1]["party"] == "party:0"
    said = "learned on 12 Sep 2026 from Sam Okafor; 3 payments, the last on 12 Nov 2026"
    assert said in drive.text
    assert "account …4711 means Acme Industries GmbH · C-1000" in drive.text


async def test_tab_shows_everybodys_and_back(drive: Driver) -> None:
    """With whose each is."""
    await drive.press("L", "tab")
    assert shown(drive) == ["ACME IND GMBH", "GRANITE HOLDING", "account …4711"]
    assert "C-1004" in drive.text
    await drive.press("tab")
    assert shown(drive) == ["ACME IND GMBH", "account …4711"]


async def test_a_filter_leaves_those_that_hold_its_words(drive: Driver) -> None:
    """In their name, or in name and code of the customer; nothing typed shows all again."""
    await drive.press("L", "tab", "slash", *"c-1000 acc", "enter")
    assert shown(drive) == ["account …4711"]
    assert "all customers: 1 of 3" in drive.text
    await drive.press("slash", "ctrl+u", *"zebra", "enter")
    assert 'No name or account here holds "zebra".' in drive.text
    await drive.press("slash", "ctrl+u", "enter")
    assert len(shown(drive)) == 3


async def test_what_is_forgotten_leaves_the_filter_as_it_is(drive: Driver, broker: ScriptedBroker) -> None:
    """The name under the cursor of what is shown goes, and no other."""
    await drive.press("L", "tab", "slash", *"acme", "enter", "j", "x", "y")
    assert broker.called("forget_alias") == [{"id": "a1ia50000003"}]
    assert shown(drive) == ["ACME IND GMBH"]


async def test_the_palette_finds_them(drive: Driver) -> None:
    """By a word that one would look for."""
    await drive.press("colon")
    assert isinstance(drive.place, PaletteScreen)
    await drive.type("known")
    await drive.press("enter")
    assert isinstance(drive.place, KnownScreen)


async def test_forgetting_asks_once_and_another_key_agrees(drive: Driver, broker: ScriptedBroker) -> None:
    """x asks, y does; then it is gone from the list, and said."""
    await drive.press("L", "x")
    assert drive.status == 'y forgets it, any other key keeps it: "ACME IND GMBH"'
    assert "y Yes" in drive.footer
    assert not broker.called("forget_alias")
    await drive.press("y")
    assert broker.called("forget_alias") == [{"id": "a1ia50000001"}]
    assert shown(drive) == ["account …4711"]
    assert drive.status == '"ACME IND GMBH" is forgotten; the audit says who forgot it.'


@pytest.mark.parametrize("between", ["x", "j", "question_mark"])
async def test_any_other_key_keeps_the_name(drive: Driver, broker: ScriptedBroker, between: str) -> None:
    """x twice forgets nothing, and a yes counts only for what was asked just before."""
    await drive.press("L", "x", between, *(["escape"] if between == "question_mark" else []))
    if between == "x":
        await drive.press("j")
    await drive.press("y")
    assert not broker.called("forget_alias")
    assert "nothing is asked" in drive.status


async def test_what_was_asked_about_is_forgotten_whatever_moved(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """The name in the question, by its id; the cursor stays in the list."""
    await drive.press("L", "tab", "G", "x", "y")
    assert broker.called("forget_alias") == [{"id": "a1ia50000003"}]
    assert isinstance(drive.place, KnownScreen)
    assert drive.place.rows.alias() == broker.aliases[1]


async def test_an_auditor_forgets_nothing_and_hears_why(broker: ScriptedBroker) -> None:
    """The list is theirs to read."""
    broker.person = AUDITOR
    async with driving(broker.socket) as drive:
        await drive.idle()
        await drive.press("L", "x")
        assert drive.status == "Forget: an auditor changes nothing; a collector can forget it"
        await drive.press("y")
        assert "nothing is asked" in drive.status
        assert len(shown(drive)) == 2
        assert not broker.called("forget_alias")


async def test_a_name_that_is_gone_already_is_said(drive: Driver, broker: ScriptedBroker) -> None:
    """Somebody else was quicker."""
    await drive.press("L", "x")
    broker.fail["forget_alias"] = NotFound("there is no alias 'a1ia50000001'", "see `arqueue alias list`")
    await drive.press("y")
    assert drive.status.startswith("there is no alias")


async def test_a_name_with_braces_is_shown_as_it_is(drive: Driver, broker: ScriptedBroker) -> None:
    """Data is nobody's key."""
    broker.aliases.insert(0, alias(9, broker.company.parties["party:0"], "ACME {work.note} {"))
    await drive.press("L", "x")
    assert drive.status.endswith('"ACME {work.note} {"')


async def test_a_name_leads_to_its_customer(drive: Driver, broker: ScriptedBroker) -> None:
    """Enter shows all about whom it means."""
    await drive.press("L", "tab", "j", "enter")
    assert isinstance(drive.place, DetailsPage)
    assert broker.company.parties["party:4"]["name"] in drive.text


async def test_who_sent_it_is_ranked_anew_once_a_name_is_forgotten(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """From the dialog that identifies a payer: what is learned of the customer under the cursor."""
    SCREENS["who sent it"].furnish(broker)
    broker.aliases.append(alias(7, broker.company.parties["party:1"], "NORTHERN TRADING"))
    await drive.press("a", "L")
    assert shown(drive) == ["NORTHERN TRADING"]
    broker.payers[0] = broker.payers[0] | {"alias": False}
    await drive.press("x", "y", "escape")
    assert isinstance(drive.place, PayerForm)
    assert "known name" not in drive.text


async def test_without_the_broker_the_list_says_so(drive: Driver, broker: ScriptedBroker) -> None:
    """Not that nothing was learned."""
    await drive.press("L")
    await broker.stop()
    await drive.until(lambda: not drive.app.desk.connected, "the broker to be missed")
    await drive.press("x")
    assert "the broker is away" in drive.status
