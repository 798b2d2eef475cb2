"""A filter that lets no row in: which of its terms keep them out."""

from __future__ import annotations

from tests.broker.company import Company


async def widened(firm: Company, words: str, view: str = "all") -> list[tuple[list[str], str, int]]:
    """What the broker says."""
    async with firm.face() as anna:
        ways = await anna.call("widen", view=view, filter=words)
    return [(way["without"], way["filter"], way["rows"]) for way in ways]


async def counted(firm: Company, words: str, view: str = "all") -> int:
    """How many rows there are under a filter."""
    async with firm.face() as anna:
        total: int = (await anna.call("window", view=view, filter=words))["total"]
    return total


async def test_a_term_is_named_only_where_there_are_rows_without_it(firm: Company) -> None:
    """With as many as a list under the rest has."""
    rows = await counted(firm, "kind:overdue")
    assert rows > 0
    assert await widened(firm, "kind:overdue amount>999999999") == [
        (["amount>999999999"], "kind:overdue", rows),
    ]
    assert await widened(firm, "amount>999999999 age>0", "overdue") == [
        (["amount>999999999"], "age>0", await counted(firm, "age>0", "overdue")),
    ]


async def test_where_no_single_term_does_it_the_narrowest_pair_is_named(firm: Company) -> None:
    """Of the pairs without which there are rows the one that lets in the fewest."""
    words = "kind:overdue amount>999999999 age>99999"
    assert await widened(firm, words) == [
        (["amount>999999999", "age>99999"], "kind:overdue", await counted(firm, "kind:overdue")),
    ]


async def test_terms_that_let_in_nothing_by_themselves_are_named_together(firm: Company) -> None:
    """However many there are."""
    words = "amount>999999999 age>99999 kind:overdue due<1970-01-01"
    assert await widened(firm, words) == [
        (
            ["amount>999999999", "age>99999", "due<1970-01-01"],
            "kind:overdue",
            await counted(firm, "kind:overdue"),
        ),
    ]


async def test_nothing_is_named_that_would_not_help(firm: Company) -> None:
    """Neither a term that is the whole filter nor all of them: clearing it does that."""
    assert await widened(firm, "amount>999999999") == []
    assert await widened(firm, "amount>999999999 age>99999") == []
    assert await widened(firm, "amount>999999999 age>99999 due<1970-01-01") == []
    assert await widened(firm, "kind:overdue zebra", "done") == []
