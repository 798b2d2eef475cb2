"""The settings: one TOML file a company. Relative paths count from the file's own folder."""

from __future__ import annotations

import os
import stat
import tomllib
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from arqueue import whereabouts
from arqueue.errors import ConfigInvalid, Invalid
from arqueue.face_model import FaceSection
from arqueue.model.money import Money
from arqueue.model.people import Limit, OwnerRule, People, Person, Role
from arqueue.model.tags import tag_of
from arqueue.work.calendar import Calendar


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PeerSection(_Strict):
    """Where the accounting system is. The token is not here: the broker keeps it in a file of its own."""

    kind: Literal["sandbox", "tryton"]
    url: str
    database: str = ""
    user: str = ""
    ca_file: str = ""


class BrokerSection(_Strict):
    """How the broker runs. ``idle_minutes`` 0 means that it never ends by itself (a team's broker)."""

    socket: Path | None = None
    group: str = ""
    idle_minutes: float = Field(default=15, ge=0, allow_inf_nan=False)
    sync_seconds: float = Field(default=20, gt=0, allow_inf_nan=False)
    deadline_seconds: float = Field(default=30, gt=0, allow_inf_nan=False)


class AuditSection(_Strict):
    """Where the audit's signed heads are kept; beside the store without it, better on another disk. ``queue_days`` is how long
    the queue can be looked at as it was."""

    heads: Path | None = None
    queue_days: int = Field(default=400, ge=1, le=36_500)


class AutoSection(_Strict):
    """Applying without a person: only what is unique, to the cent and named by the payer, up to ``limit`` by currency. Posted
    as the person of the people file whose role is ``auto``."""

    enabled: bool = False
    limit: dict[str, str] = {}


class CashSection(_Strict):
    """Cash application. Amounts are decimal strings by currency: ``tolerance = { EUR = "2.00" }``."""

    budget_ms: int = Field(default=150, ge=10, le=5000)
    tolerance: dict[str, str] = {}
    tolerance_percent: Decimal = Field(default=Decimal(1), ge=0, le=100)
    charges: dict[str, str] = {}
    grace_days: int = Field(default=3, ge=0, le=60)
    discount_reason: str = "DISC"
    """The reason code under which an earned early-payment discount is written off."""
    charges_reason: str = "FEE"
    """The reason code for what banks take off on the way."""
    small_reason: str = "SMALL"
    """The reason code for differences within the tolerance."""
    dispute_reasons: list[str] = [
        "price",
        "quantity",
        "quality",
        "not delivered",
        "duplicate",
        "freight",
        "other",
    ]
    unidentified: list[str] = []
    """Codes of the customers on whose accounts payments wait whose sender nobody knows yet."""
    auto: AutoSection = AutoSection()


class CalendarSection(_Strict):
    """The days on which nobody works: ``weekend`` (0 is Monday), the public holidays of ``country`` and ``subdivision`` (ISO 3166
    codes), the company's own ``closed`` days. ``folder`` is where a calendar file a person (0600) is kept; none without it."""

    country: Annotated[str, Field(pattern=r"^([A-Z]{2,3})?$")] = ""
    subdivision: Annotated[str, Field(max_length=10)] = ""
    weekend: list[Annotated[int, Field(ge=0, le=6)]] = Field(default=[5, 6], max_length=6)
    closed: list[date] = []
    folder: Path | None = None


class PromiseSection(_Strict):
    """Promises to pay: so many days after the promised one the money may come before a promise counts as broken."""

    tolerance_days: int = Field(default=0, ge=0, le=60)


class DemoSection(_Strict):
    """Only in a demo company: one may act as anybody, and the business date is set, not read from the clock."""

    business_date: date | None = None
    act_as: str = ""


class Settings(_Strict):
    """A company's settings."""

    peer: PeerSection
    zone: str = "UTC"
    dir: Path = Path("store")
    people: Path = Path("people.toml")
    broker: BrokerSection = BrokerSection()
    cash: CashSection = CashSection()
    audit: AuditSection = AuditSection()
    calendar: CalendarSection = CalendarSection()
    promise: PromiseSection = PromiseSection()
    face: FaceSection = FaceSection()
    demo: DemoSection | None = None
    file: Path = Field(default=Path("arqueue.toml"), exclude=True)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError) as error:
            raise ValueError("is not a time zone such as Europe/Berlin") from error
        return zone

    @property
    def home(self) -> Path:
        """The folder of the settings file."""
        return self.file.parent

    @property
    def store_dir(self) -> Path:
        """The folder that only the broker's user may enter."""
        return self.home / self.dir

    @property
    def store_file(self) -> Path:
        """The SQLite store."""
        return self.store_dir / "arqueue.sqlite"

    @property
    def token_file(self) -> Path:
        """The accounting system's token, 0600."""
        return self.store_dir / "peer.token"

    @property
    def heads_file(self) -> Path:
        """The audit's signed heads."""
        return self.home / self.audit.heads if self.audit.heads else self.store_dir / "audit-heads.jsonl"

    @property
    def work_days(self) -> Calendar:
        """The company's calendar."""
        kept = self.calendar
        return Calendar(kept.country, kept.subdivision, frozenset(kept.weekend), frozenset(kept.closed))

    @property
    def agenda_folder(self) -> Path | None:
        """Where the calendar files are kept; None where nobody asked for them."""
        return self.home / self.calendar.folder if self.calendar.folder else None

    @property
    def people_file(self) -> Path:
        """Who may do what."""
        return self.home / self.people

    @property
    def socket(self) -> Path:
        """The broker's socket; a path too long for the kernel is replaced by a short one, the same each time."""
        wanted = self.home / (self.broker.socket or Path("run") / "arqueue.sock")
        return Path(whereabouts.socket_path(str(wanted), os.environ))


class _LimitRow(_Strict):
    action: Literal["apply", "adjust", "unapply", "identify"] = "adjust"
    currency: str
    amount: str
    per_day: str | None = None
    per_customer: str | None = None
    reason: str = "*"


class _PersonRow(_Strict):
    id: str = Field(pattern=r"^[a-z][a-z0-9_.-]{0,31}$")
    name: str
    unix: list[Annotated[str, Field(min_length=1)] | Annotated[int, Field(ge=0)]] = []
    roles: list[Role] = Field(default=[Role.COLLECTOR], min_length=1)
    limit: list[_LimitRow] = []


class _OwnerRow(_Strict):
    person: str
    names: str = Field(default="", pattern=r"^\s*([^-]{1,20}(-[^-]{1,20})?)?\s*$")
    currency: str = ""
    at_least: str | None = None
    at_most: str | None = None
    tag: str = Field(default="", max_length=40, pattern=r"^\S*$")


class _PeopleFile(_Strict):
    person: list[_PersonRow]
    owner: list[_OwnerRow] = Field(default=[], max_length=200)


def default_file() -> Path:
    """Where the settings are when nobody says: $ARQUEUE_CONFIG, else the person's configuration folder."""
    return Path(whereabouts.default_file(os.environ))


def load_settings(file: Path) -> Settings:
    """Read and check the settings. Raises ConfigInvalid, naming the field."""
    raw = _read(file, "write one with `arqueue init`, or try `arqueue demo`")
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigInvalid(_words(file, error), f"correct {file} and start again") from None
    return settings.model_copy(update={"file": file.resolve()})


def load_people(file: Path) -> People:
    """Read and check the people file: who it names twice, or who else may write it, would decide over money. Raises
    ConfigInvalid, naming the field."""
    raw = _read(file, "`arqueue init` writes one; the administrator's guide shows how")
    _check_writers(file)
    try:
        parsed = _PeopleFile.model_validate(raw)
    except ValidationError as error:
        raise ConfigInvalid(_words(file, error), f"correct {file}") from None
    people = [
        Person(
            row.id,
            row.name,
            frozenset(row.roles),
            _limits(file, row),
            tuple(f"uid:{account}" if isinstance(account, int) else account for account in row.unix),
        )
        for row in parsed.person
    ]
    for words, found in (
        ("person id", [person.id for person in people]),
        ("Unix account", [account for person in people for account in person.unix]),
    ):
        if twice := [each for each, count in Counter(found).items() if count > 1]:
            raise ConfigInvalid(
                f"{file}: the {words} {twice[0]} stands there twice", f"each {words} belongs to one person"
            )
    return People(people, owners=_owners(file, parsed.owner, {person.id for person in people}))


def _owners(file: Path, rows: list[_OwnerRow], known: set[str]) -> tuple[OwnerRule, ...]:
    rules: list[OwnerRule] = []
    for number, row in enumerate(rows, start=1):
        place = f"{file}: owner rule {number}"
        if row.person not in known:
            raise ConfigInvalid(f"{place}: there is no person {row.person!r}", "name a person of this file")
        if (row.at_least or row.at_most) and not row.currency:
            raise ConfigInvalid(f"{place}: an amount needs a currency", "name the company's currency")
        try:
            least, most = (
                None if text is None else Money.parse(text, row.currency).minor
                for text in (row.at_least, row.at_most)
            )
        except Invalid as error:
            raise ConfigInvalid(f"{place}: {error.message}", error.hint) from None
        first, _, last = row.names.partition("-")
        letters = (first.strip(), (last or first).strip())
        rule = OwnerRule(row.person, *letters, least, most, tag_of(row.tag))
        if rule.upside_down:
            raise ConfigInvalid(
                f"{place}: {rule.upside_down} is upside down: no customer falls under it",
                "say the lesser first, such as A-K",
            )
        rules.append(rule)
    return tuple(rules)


def _limits(file: Path, row: _PersonRow) -> tuple[Limit, ...]:
    limits: dict[tuple[str, str, str], Limit] = {}
    for each in row.limit:
        key = (each.action, each.currency, each.reason)
        try:
            amount, day, customer = (
                None if text is None else Money.parse(text, each.currency)
                for text in (each.amount, each.per_day, each.per_customer)
            )
        except Invalid as error:
            raise ConfigInvalid(f"{file}: a limit of {row.id}: {error.message}", error.hint) from None
        if key in limits or any(part is not None and part.minor < 0 for part in (amount, day, customer)):
            wrong = "stands there twice" if key in limits else "is below zero"
            raise ConfigInvalid(
                f"{file}: the limit of {row.id} to {each.action} in {each.currency} {wrong}",
                "one amount for each action, currency and reason; 0 lets nothing through",
            )
        assert amount is not None
        if each.action == "adjust" and customer is None:
            customer = amount  # else one write-off becomes two that are below the limit
        limits[key] = Limit(each.action, amount, each.reason, day, customer)
    return tuple(limits.values())


def _check_writers(file: Path) -> None:
    """Who can write limits has none."""
    found = file.stat()
    by_group = found.st_mode & stat.S_IWGRP and found.st_gid not in (0, os.getegid())
    if found.st_mode & stat.S_IWOTH or by_group or found.st_uid not in (0, os.geteuid()):
        raise ConfigInvalid(
            f"{file} can be changed by other users",
            f"it must belong to the broker's user or root: chmod go-w {file}",
        )


def _read(file: Path, hint: str) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigInvalid(f"there is no file {file}", hint) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(
            f"{file} cannot be read: {error}", "check its permissions and encoding (UTF-8)"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalid(f"{file} is not TOML: {error}", "correct that line") from None


def _words(file: Path, error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{file}: {place}: {first['msg']}"
