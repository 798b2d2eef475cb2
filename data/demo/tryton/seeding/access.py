"""Who may log in: an administrator for whoever plays the accountant, and the limited user that the connector is given."""

from __future__ import annotations

import secrets
from typing import Any

USER = "collector"
ADMIN = "admin"

# What the connector needs and no more (reference: access rights tried on a running server): read, write, create, delete.
RIGHTS = {
    "account.move": "r",
    "account.move.line": "rw",
    "account.move.reconciliation": "rc",
    "account.move.reconcile.write_off": "r",
    "account.invoice": "rw",
    "account.invoice-account.move.line": "rwcd",
    "account.invoice-additional-account.move": "rc",
    "account.invoice.payment_term": "r",
    "account.account": "r",
    "account.journal": "r",
    "account.dunning": "rw",
    "account.dunning.procedure": "r",
    "account.dunning.level": "r",
    "party.party": "rw",
    "party.party.credit_limit_amount": "r",
    "party.contact_mechanism": "r",
    "party.category": "r",
    "company.company": "r",
    "currency.currency": "r",
}
_KINDS = {"r": "perm_read", "w": "perm_write", "c": "perm_create", "d": "perm_delete"}


def grant(pool: Any, company: int) -> dict[str, str]:
    """Make the limited user's group and set fresh passwords; returned by login."""
    group = pool.get("res.group").create([{"name": "arqueue"}])[0]
    access = [
        {"model": model, "group": group.id, **{kind: letter in letters for letter, kind in _KINDS.items()}}
        for model, letters in RIGHTS.items()
    ]
    pool.get("ir.model.access").create(access)
    user = pool.get("res.user")
    passwords = {login: secrets.token_urlsafe(24) for login in (USER, ADMIN)}
    user.create(
        [
            {
                "name": "arqueue",
                "login": USER,
                "password": passwords[USER],
                "groups": [("add", [group.id])],
                "companies": [("add", [company])],
                "company": company,
            }
        ]
    )
    admins = user.search([("login", "=", ADMIN)])
    user.write(admins, {"password": passwords[ADMIN]})
    return passwords
