"""Count working days by a country's calendar: weekends with their validity, official holidays, and days that are worked instead.

The days are data (``programmes/calendars``, with source and years); a ministry adds closures and exceptions on top of them.
Source: issue "Programmes", point 3 (clock of three working days per level by the working calendars of both countries).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources

from mehvar.kernel import errors

FOLDER = "calendars"
FURTHEST = 3660
"""How many working days ahead or back anybody may ask for (some fifteen years)."""

LONGEST_REST = 60
"""No country rests longer than this at a stretch; more days in a row mean broken data."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Weekend:
    """Hold the weekdays (Monday is 0) of rest from ``valid_from`` until the day before ``valid_to``; ``None`` is an open end."""

    days: frozenset[int]
    valid_from: date | None = None
    valid_to: date | None = None

    def rests_on(self, day: date) -> bool:
        """Tell whether the rule holds on the day and makes it a day of rest."""
        return (
            day.weekday() in self.days
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day < self.valid_to)
        )


@dataclass(frozen=True, slots=True)
class Coverage:
    """Say between which days (both included) official holidays are known, and by which source."""

    known_from: date
    known_to: date
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Know which days a country works.

    ``worked`` are days of rest on which people work instead (swapped days); they win over weekends and holidays.
    """

    country: str
    weekends: tuple[Weekend, ...]
    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    coverage: Coverage | None = None

    def is_working(self, day: date) -> bool:
        """Tell whether the day is worked."""
        if day in self.worked:
            return True
        return day not in self.holidays and not any(weekend.rests_on(day) for weekend in self.weekends)

    def is_known(self, day: date) -> bool:
        """Tell whether the holidays of the day's year are known; beyond that only weekends are counted."""
        found = self.coverage
        return found is not None and found.known_from <= day <= found.known_to

    def add_working_days(self, day: date, n: int) -> date:
        """Give the n-th working day after a day (before it for a negative n); for 0 the day itself or the next that is worked.

        Raises:
            InputError: ``n`` is too far away, or no working day follows (broken data).
        """
        if abs(n) > FURTHEST:
            raise errors.InputError(
                "{count} working days are too many.", code="too-many-working-days", count=n
            )
        if n == 0:
            return day if self.is_working(day) else self._next(day, _DAY)
        step = _DAY if n > 0 else -_DAY
        for _time in range(abs(n)):
            day = self._next(day, step)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Count the working days after ``start`` up to and including ``end``; negative where ``end`` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(1 for day in _days(start + _DAY, end) if self.is_working(day))

    def with_days(self, *, off: Iterable[date] = (), worked: Iterable[date] = ()) -> WorkingCalendar:
        """Give the calendar with further days off and further days worked; what is added later wins."""
        off, worked = frozenset(off), frozenset(worked)
        return replace(self, holidays=(self.holidays - worked) | off, worked=(self.worked - off) | worked)

    def _next(self, day: date, step: timedelta) -> date:
        for _time in range(LONGEST_REST):
            day += step
            if self.is_working(day):
                return day
        raise errors.InputError(
            "The working calendar of {country} has no working day near {day}.",
            code="no-working-day",
            country=self.country,
            day=day.isoformat(),
        )


@dataclass(frozen=True, slots=True)
class DayRow:
    """Hold one day of a country's file: ``kind`` is ``off`` or ``work``, ``basis`` is ``official`` or ``expected``."""

    day: date
    kind: str
    basis: str
    name: str


def countries() -> tuple[str, ...]:
    """Give the countries of which calendars are kept."""
    return tuple(dict.fromkeys(row["country"] for row in _rows("weekends")))


@cache
def days_of(country: str) -> tuple[DayRow, ...]:
    """Give the days of a country's file in order; none for a country without one."""
    if country not in countries():
        return ()
    found = (
        DayRow(date.fromisoformat(row["day"]), row["kind"], row["basis"], row["name"])
        for row in _rows(country)
    )
    return tuple(sorted(found, key=lambda row: row.day))


@cache
def calendar_for(country: str) -> WorkingCalendar:
    """Give a country's working calendar as its files say; an unknown country rests on Saturday and Sunday."""
    weekends = tuple(_weekend(row) for row in _rows("weekends") if row["country"] == country)
    rows = days_of(country)
    return WorkingCalendar(
        country,
        weekends or (Weekend(frozenset({5, 6})),),
        frozenset(row.day for row in rows if row.kind == "off"),
        frozenset(row.day for row in rows if row.kind == "work"),
        _coverage(country),
    )


def _weekend(row: dict[str, str]) -> Weekend:
    return Weekend(
        frozenset(_WEEKDAYS.index(name) for name in row["days"].split()),
        date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    )


def _coverage(country: str) -> Coverage | None:
    for row in _rows("sources"):
        if row["country"] == country:
            known = date.fromisoformat(row["known_from"]), date.fromisoformat(row["known_to"])
            return Coverage(*known, row["source"], row["note"])
    return None


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    written = resources.files("mehvar.programmes").joinpath(FOLDER, f"{name}.csv").read_text("utf-8")
    return tuple(csv.DictReader(written.splitlines()))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY
