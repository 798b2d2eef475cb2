"""Errors carry words for people: what happened, and what to do about it.

ArqueueError
├── Invalid               the input is wrong: correct the named field
│   └── ConfigInvalid     a configuration file is wrong
├── NotFound              nothing of that name is here
├── Refused               a rule forbids it: see the rule
├── Conflict              it changed meanwhile: look again
├── Offline               cannot be reached now: work goes on with what is here
│   ├── PeerUnreachable   the accounting system does not answer
│   ├── PeerGarbled       the accounting system answers what nobody can read
│   └── BrokerUnreachable the broker does not answer
├── NeedsLogin            the accounting system does not accept the token, user or database
├── OutcomeUnknown        sent, and no answer that proves anything
└── StoreRefused          the store may not be used as it is
    └── StoreReplaced     somebody put another file in its place
"""

from __future__ import annotations


class ArqueueError(Exception):
    """The root: a message in words and a hint that says what to do next."""

    code = "error"
    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class Invalid(ArqueueError):
    """Bad input; the message names the field."""

    code = "invalid"


class ConfigInvalid(Invalid):
    """A configuration file does not hold what it should."""

    code = "config"


class NotFound(ArqueueError):
    """Nothing of that name is known here."""

    code = "not_found"


class Refused(ArqueueError):
    """A rule forbids it; the message says which."""

    code = "refused"

    def __init__(self, message: str, hint: str = "", *, rule: str = "") -> None:
        super().__init__(message, hint)
        self.rule = rule


class Conflict(ArqueueError):
    """Somebody else changed it meanwhile."""

    code = "conflict"


class Offline(ArqueueError):
    """Something cannot be reached now; what needs it must wait."""

    code = "offline"
    exit_status = 3


class PeerUnreachable(Offline):
    """The accounting system does not answer."""

    code = "peer_unreachable"


class PeerGarbled(Offline):
    """The accounting system's answer cannot be read (not JSON, cut short, of an unknown shape)."""

    code = "peer_garbled"


class BrokerUnreachable(Offline):
    """The broker does not answer."""

    code = "broker_unreachable"


class NeedsLogin(ArqueueError):
    """The accounting system refuses the token, the user or the database."""

    code = "needs_login"
    exit_status = 3


class OutcomeUnknown(ArqueueError):
    """The order was sent and nothing proves what became of it."""

    code = "unknown"
    exit_status = 4


class StoreRefused(ArqueueError):
    """The store cannot be used safely as it is."""

    code = "store"


class StoreReplaced(StoreRefused):
    """The store's file is no longer the one that was opened: whoever goes on would write into the void."""

    code = "store_replaced"


def from_code(code: str, message: str, hint: str = "") -> ArqueueError:
    """Make an error again on the other side of a socket, so that both sides speak one tree."""
    return (_named(ArqueueError, code) or ArqueueError)(message, hint)


def _named(kind: type[ArqueueError], code: str) -> type[ArqueueError] | None:
    """The kind of that code; a subclass that only inherits its code is not meant."""
    if kind.__dict__.get("code") == code:
        return kind
    return next((found for child in kind.__subclasses__() if (found := _named(child, code))), None)
