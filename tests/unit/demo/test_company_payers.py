"""Payments come from somebody, as banks tell it: spelled otherwise than we do, from accounts that come again."""

from __future__ import annotations

from collections import defaultdict

import pytest
from rapidfuzz.fuzz import token_set_ratio

from data.demo.customers import SUSPENSE
from data.demo.senders import account, sender
from data.demo.story import CHILD, PARENT_PAYS, UNRECOGNISED
from tests.unit.demo.replay import Ledger, replay_of


@pytest.fixture(scope="module", params=[11, 12])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """A small company."""
    return replay_of("small", request.param)


def test_most_payments_say_who_sent_them(ledger: Ledger) -> None:
    """More than four in five have a name, of which most have an account; what came by card has neither."""
    payments = list(ledger.payments.values())
    named = [each for each in payments if each.payer]
    assert 0.8 < len(named) / len(payments) < 0.99
    assert sum(bool(each.payer_account) for each in named) / len(named) > 0.8
    assert not any(each.payer or each.payer_account for each in payments if each.method == "card")
    assert not any(each.payer_account for each in payments if each.method == "check")


def test_names_are_as_banks_print_them(ledger: Ledger) -> None:
    """Capital letters, many of them without the legal form, some cut; to a person they are still the customer's."""
    known = [each for each in ledger.payments.values() if each.payer and each.party != SUSPENSE]
    names = {each.number: ledger.parties[each.party].name for each in known}
    assert all(each.payer == each.payer.upper() for each in known)
    other = [each for each in known if each.payer != names[each.number].upper()]
    assert 0.4 < len(other) / len(known) < 0.95
    alike = [token_set_ratio(each.payer, names[each.number].upper()) > 70 for each in known]
    assert sum(alike) / len(alike) > 0.9


def test_an_account_belongs_to_one_customer_and_comes_again(ledger: Ledger) -> None:
    """Who was recognised by an account once can be recognised by it again; money on suspense comes from such accounts."""
    senders: dict[str, set[str]] = defaultdict(set)
    count: dict[str, int] = defaultdict(int)
    for each in ledger.payments.values():
        if each.payer_account:
            count[each.payer_account] += 1
            if each.party != SUSPENSE:
                senders[each.payer_account].add(each.party)
    assert all(len(parties) == 1 for parties in senders.values())
    assert sum(times > 1 for times in count.values()) > len(count) / 2
    suspense = [each for each in ledger.payments.values() if each.party == SUSPENSE]
    assert len(suspense) >= 8
    assert all(each.payer for each in suspense)
    assert sum(each.payer_account in senders for each in suspense) >= 4


def test_money_on_suspense_is_meant_for_invoices_of_its_sender(ledger: Ledger) -> None:
    """The truth is kept: what each was meant for is one family's, but for the one that nobody knows."""
    stranger = UNRECOGNISED[-1][0]
    for payment in ledger.payments.values():
        if payment.party == SUSPENSE and payment.number != stranger and payment.meant:
            known = ledger.invoices | ledger.credits
            parties = [ledger.parties[known[number].party] for number, _ in payment.meant]
            assert len({party.parent or party.code for party in parties}) == 1


def test_the_story_has_money_that_nobody_recognised() -> None:
    """Five payments in every company, four of customers of the story; a head office and its branch send from one account."""
    ledger = replay_of("tiny", 5)
    for number, code, meant in UNRECOGNISED:
        payment = ledger.payments[number]
        assert payment.party == SUSPENSE
        assert payment.meant == meant
        assert ledger.unapplied[number] == payment.amount == (sum(amount for _, amount in meant) or 12_345)
        assert all(ledger.invoices[invoice].party == code for invoice, _ in meant)
    head = ledger.payments[PARENT_PAYS.payment]
    shared = [
        ledger.payments[number] for number, code, _ in UNRECOGNISED if code in (CHILD, PARENT_PAYS.party)
    ]
    assert {each.payer_account for each in shared} == {head.payer_account}


@pytest.mark.parametrize(
    "place, usual, other",
    [
        (0, "LÖFFELHOLZ & SÖHNE GMBH", "LOFFELHOLZ & SOHNE"),
        (1, "LÖFFELHOLZ & SÖHNE", "LÖFFELHOLZ & SÖHNE GMBH"),
        (2, "LOFFELHOLZ & SOHNE", "LÖFFELHOLZ & SÖHNE"),
        (3, "LÖFFELHOLZ AND SÖHNE", "LÖFFELHOLZ & SÖHNE"),
    ],
)
def test_each_bank_spells_in_its_own_way(place: int, usual: str, other: str) -> None:
    """With or without the legal form, accents and signs; always alike for one customer."""
    told = sender(place, "Löffelholz & Söhne GmbH")
    assert (told.name, told.other_name) == (usual, other)
    assert told == sender(place, "Löffelholz & Söhne GmbH")


@pytest.mark.parametrize(
    "name", ["ПрАТ «Агропром Їжакевич»", "有限会社さくら坂西園木フーズ", "株式会社", 'שקמה שיווק בע"מ']
)
def test_names_in_other_scripts_lose_their_form_and_nothing_else(name: str) -> None:
    """No letter is taken apart; what is nothing but a form stays."""
    for place in range(4):
        told = sender(place, name)
        letters = set(name.upper()) | set(" AND")
        assert told.name
        assert set(told.name) <= letters
        assert set(told.other_name) <= letters


def test_account_numbers_have_the_check_digits_of_an_iban() -> None:
    """ISO 13616: moved to the end and read as figures, 1 is left of 97."""
    for number in (0, 1, 99_999, 1_999_902):
        text = account(number)
        figures = "".join(str(int(char, 36)) for char in text[4:] + text[:4])
        assert int(figures) % 97 == 1
    assert len({account(number) for number in range(1_000)}) == 1_000
