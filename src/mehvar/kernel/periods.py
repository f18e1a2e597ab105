"""Name stretches of time once: ``2020``, ``2020-H1``, ``2020-Q1``, ``2020-01``, ``1399``, ``1399-Q3``, ``1399-07``.

A year below 1700 is Jalali. Months, quarters and halves are those of the period's own calendar.

Source: architecture, "Time"; S1.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, date
from enum import StrEnum
from functools import cached_property, total_ordering

from mehvar.kernel import calendars
from mehvar.kernel import text as texts
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import InputError, gettext_noop


class Kind(StrEnum):
    """Name the length of a period."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"


PERIODS_PER_YEAR = {Kind.YEAR: 1, Kind.HALF: 2, Kind.QUARTER: 4, Kind.MONTH: 12}
_MARKS = {Kind.HALF: "H", Kind.QUARTER: "Q"}
_WRITTEN = re.compile(r"(\d{4})(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?")


@total_ordering
@dataclass(frozen=True)
class Period:
    """Mean one year, half, quarter or month of one calendar.

    ``ordinal`` counts within the year from 1. Periods sort by their first day, longer ones before the shorter ones that
    begin with them.
    """

    calendar: Calendar
    kind: Kind
    year: int
    ordinal: int = 1

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InputError: no such part of a year, or a year of the other calendar.
        """
        object.__setattr__(self, "calendar", Calendar(self.calendar))
        object.__setattr__(self, "kind", Kind(self.kind))
        first, last = _years(self.calendar)
        if not (1 <= self.ordinal <= PERIODS_PER_YEAR[self.kind] and first <= self.year <= last):
            raise InputError(gettext_noop("There is no such period."), code="no-such-period")

    @classmethod
    def parse(cls, identifier: str) -> Period:
        """Read an identifier; Persian digits and small letters are taken too.

        Raises:
            InputError: it is not one.
        """
        match = _WRITTEN.fullmatch(texts.to_ascii_digits(identifier).strip().upper())
        if match is None:
            raise InputError(
                gettext_noop("“{identifier}” is not a period."), code="not-a-period", identifier=identifier
            )
        year = int(match[1])
        numbers = zip((Kind.HALF, Kind.QUARTER, Kind.MONTH), match.groups()[1:], strict=True)
        kind, ordinal = next(((kind, int(number)) for kind, number in numbers if number), (Kind.YEAR, 1))
        return cls(calendars.calendar_of_year(year), kind, year, ordinal)

    @classmethod
    def containing(cls, day: date, kind: Kind | str, calendar: Calendar) -> Period:
        """Return the period of ``kind`` in which ``day`` lies."""
        kind = Kind(kind)
        year, month, _ = calendars.to_parts(day, calendar)
        return cls(calendar, kind, year, (month - 1) // (12 // PERIODS_PER_YEAR[kind]) + 1)

    @cached_property
    def id(self) -> str:
        """Return the identifier."""
        if self.kind is Kind.YEAR:
            return f"{self.year:04d}"
        if self.kind is Kind.MONTH:
            return f"{self.year:04d}-{self.ordinal:02d}"
        return f"{self.year:04d}-{_MARKS[self.kind]}{self.ordinal}"

    @cached_property
    def _bounds(self) -> tuple[date, date]:
        months = 12 // PERIODS_PER_YEAR[self.kind]
        last = self.ordinal * months
        start, _ = calendars.month_bounds(self.year, last - months + 1, self.calendar)
        return start, calendars.month_bounds(self.year, last, self.calendar)[1]

    @property
    def start(self) -> date:
        """Return the first day."""
        return self._bounds[0]

    @property
    def end(self) -> date:
        """Return the last day, itself within the period."""
        return self._bounds[1]

    @property
    def days(self) -> int:
        """Return the number of days."""
        return (self.end - self.start).days + 1

    def next(self) -> Period:
        """Return the period of the same kind that follows."""
        return self.shifted(1)

    def previous(self) -> Period:
        """Return the period of the same kind that precedes."""
        return self.shifted(-1)

    def shifted(self, count: int) -> Period:
        """Return the period of the same kind ``count`` places later.

        Raises:
            InputError: beyond the calendar's range.
        """
        per_year = PERIODS_PER_YEAR[self.kind]
        years, index = divmod(self.ordinal - 1 + count, per_year)
        return Period(self.calendar, self.kind, self.year + years, index + 1)

    def contains(self, day: date) -> bool:
        """Tell whether ``day`` lies within the period."""
        return self.start <= day <= self.end

    def parts(self, kind: Kind | str) -> tuple[Period, ...]:
        """Return the shorter (or equal) periods of ``kind`` that make this one up, in order; none when longer."""
        kind = Kind(kind)
        each = PERIODS_PER_YEAR[kind] // PERIODS_PER_YEAR[self.kind]
        first = (self.ordinal - 1) * each + 1
        return tuple(Period(self.calendar, kind, self.year, first + i) for i in range(each))

    def __lt__(self, other: object) -> bool:
        """Sort by first day, longer first."""
        if not isinstance(other, Period):
            return NotImplemented
        return self._order < other._order

    @property
    def _order(self) -> tuple[date, int, str]:
        return self.start, -self.end.toordinal(), self.calendar

    def __str__(self) -> str:
        """Return the identifier."""
        return self.id


def _years(calendar: Calendar) -> tuple[int, int]:
    if calendar is Calendar.JALALI:
        return 1, calendars.LAST_JALALI_YEAR
    return calendars.FIRST_GREGORIAN_YEAR, MAXYEAR
