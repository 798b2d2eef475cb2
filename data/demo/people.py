"""The people of a demo company: one of each kind, with limits that the README's story runs into."""

from __future__ import annotations

import os

_PEOPLE = """\
# Who may do what in this demo company. Whoever starts it is anna; `--as sue` acts as Sue.

[[person]]
id = "anna"
name = "Anna Berg"
unix = [{uid}]
roles = ["collector"]
{anna}
[[person]]
id = "ben"
name = "Ben Okafor"
roles = ["collector", "senior"]
{ben}
[[person]]
id = "sue"
name = "Sue Lindqvist"
roles = ["supervisor"]
{sue}
[[person]]
id = "ada"
name = "Ada Moreau"
roles = ["administrator"]

[[person]]
id = "max"
name = "Max Ritter"
roles = ["auditor"]
"""
_LIMITS = {"anna": 50, "ben": 500, "sue": 10_000}


def people_file(currencies: tuple[str, ...]) -> str:
    """The people file's text; whoever runs this is anna."""
    limits = {
        person: "".join(
            f'[[person.limit]]\naction = "adjust"\ncurrency = "{currency}"\namount = "{amount}"\n'
            f'per_day = "{amount * 10}"\nper_customer = "{amount * 4}"\n'
            for currency in currencies
        )
        for person, amount in _LIMITS.items()
    }
    return _PEOPLE.format(uid=os.getuid(), **limits)
