"""The company's calendar: which days are worked, and which day somebody means by `3d`, `fri` or `next month`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from arqueue.errors import ConfigInvalid, Invalid

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_COUNTED = re.compile(r"(?:in )?([0-9]{1,4}) ?(d|days?|w|weeks?|m|months?|wd|working days?|business days?)")
_NAMED = re.compile(r"(?:([0-9]{1,2})\.? ([a-z]{3,9})|([a-z]{3,9}) ([0-9]{1,2}))(?: ([0-9]{4}))?")
_SHORTEST = 3
"""So many letters of a name are enough."""
FARTHEST = timedelta(days=731)
HINT = (
    "write 3d, 2w, 5wd (working days), tomorrow, fri, next week, next month, month end, 1 dec or 2026-12-01"
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which nobody works: weekends (0 is Monday), the public holidays of a country or a part of it (ISO 3166 codes;
    none when empty), and the company's own."""

    country: str = ""
    subdivision: str = ""
    weekend: frozenset[int] = frozenset({5, 6})
    closed: frozenset[date] = frozenset()

    def holiday(self, day: date) -> str:
        """Why nobody works on a day that is no weekend; empty when it is worked. Raises ConfigInvalid for an unknown country."""
        if day in self.closed:
            return "closed"
        return _holidays(self.country, self.subdivision, day.year).get(day, "") if self.country else ""

    def is_worked(self, day: date) -> bool:
        """Whether it is a working day."""
        return day.weekday() not in self.weekend and not self.holiday(day)

    def worked_from(self, day: date) -> date:
        """The day itself, else the first working day after it."""
        for ahead in range(366):
            if self.is_worked(found := day + timedelta(days=ahead)):
                return found
        return day

    def after(self, day: date, working_days: int) -> date:
        """So many working days later."""
        for _ in range(working_days):
            day = self.worked_from(day + timedelta(days=1))
        return day


@lru_cache(maxsize=64)
def _holidays(country: str, subdivision: str, year: int) -> dict[date, str]:
    import holidays  # a second of import, which only a company with a country pays, once

    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError:
        raise ConfigInvalid(
            f"calendar: no public holidays are known for {country} {subdivision}".rstrip(),
            "write the ISO code of a country, and of its part, or leave it empty",
        ) from None
    return dict(found)


def day_of(text: str, today: date, calendar: Calendar) -> date:
    """The day that somebody means, after ``today`` (the business date). A day that is only counted or named moves to the next
    working day; a date is taken as it is written. Raises Invalid."""
    asked = " ".join(text.casefold().replace(",", " ").split())
    if not asked:
        raise Invalid("until: no day is written", HINT)
    found = _written(asked, today) or _counted(asked, today, calendar) or _said(asked, today, calendar)
    if found is None:
        raise Invalid(f"until: {text.strip()[:40]!r} is no day that is understood", HINT)
    if found <= today:
        raise Invalid(f"until: {found} is not after today ({today})", HINT)
    if found - today > FARTHEST:
        raise Invalid(f"until: {found} is more than two years away", "name a nearer day")
    return found


def _written(asked: str, today: date) -> date | None:
    try:
        return date.fromisoformat(asked)
    except ValueError:
        pass
    named = _NAMED.fullmatch(asked)
    if named is None:
        return None
    day, month, month_first, day_after, year = named.groups()
    number = _named(month or month_first, _MONTHS)
    if number is None:
        return None
    return _next(lambda each: date(each, number + 1, int(day or day_after)), today, year)


def _next(made: Callable[[int], date], today: date, year: str | None) -> date | None:
    """That day of the year that is written, else of this year or the next."""
    try:
        if year:
            return made(int(year))
        return this if (this := made(today.year)) > today else made(today.year + 1)
    except ValueError:
        return None


def _counted(asked: str, today: date, calendar: Calendar) -> date | None:
    counted = _COUNTED.fullmatch(asked)
    if counted is None:
        return None
    number, unit = int(counted[1]), counted[2]
    if unit == "wd" or unit.startswith(("working", "business")):
        return calendar.after(today, min(number, FARTHEST.days + 1))
    if unit.startswith("m"):
        return calendar.worked_from(_months_on(today, number))
    return calendar.worked_from(today + timedelta(days=number * (7 if unit.startswith("w") else 1)))


def _said(asked: str, today: date, calendar: Calendar) -> date | None:
    match asked:
        case "tomorrow" | "tom":
            return calendar.worked_from(today + timedelta(days=1))
        case "next week":
            return calendar.worked_from(today + timedelta(days=7 - today.weekday()))
        case "next month":
            return calendar.worked_from(_months_on(today.replace(day=1), 1))
        case "month end" | "end of month" | "eom":
            return _month_end(today, calendar)
    weekday = _named(asked.removeprefix("next "), _WEEK)
    if weekday is None:
        return None
    return calendar.worked_from(today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1))


def _month_end(today: date, calendar: Calendar) -> date:
    """The last working day of this month, of the next one when that is over."""
    ends = [_months_on(today.replace(day=1), months) - timedelta(days=1) for months in (1, 2)]
    this, following = (_worked_until(end, calendar) for end in ends)
    return this if this > today else following


def _worked_until(day: date, calendar: Calendar) -> date:
    """The day itself, else the last working day before it."""
    back = (day - timedelta(days=days) for days in range(366))
    return next((each for each in back if calendar.is_worked(each)), day)


def _months_on(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(min(day.year + years, date.max.year - 1), month + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - timedelta(days=1)).day))


def _named(word: str, names: tuple[str, ...]) -> int | None:
    """Which of the names begins so."""
    if len(word) < _SHORTEST:
        return None
    return next((n for n, name in enumerate(names) if name.startswith(word)), None)


def words(day: date, today: date, calendar: Calendar) -> str:
    """A day in words: ``Fri 4 Dec 2026, in 12 days``, with what is special about it."""
    ahead = (day - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    said = near.get(ahead) or (f"in {ahead} days" if ahead > 0 else f"{-ahead} days ago")
    odd = "" if calendar.is_worked(day) else f" ({calendar.holiday(day) or 'a weekend'})"
    return f"{day:%a} {day.day} {day:%b %Y}, {said}{odd}"
