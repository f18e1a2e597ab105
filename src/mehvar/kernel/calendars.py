"""Count and write dates in the Gregorian and in the Jalali (Solar Hijri) calendar.

Dates are Gregorian ``datetime.date`` everywhere; a calendar says how a text counted. Jalali years 1 to 1699 (22 March
622 to 20 March 2321) are supported; outside them functions raise ``InputError``. From 1178 to 1501 the arithmetic is
the official Iranian calendar's 33-year rule; earlier and later years follow ``persiantools``' astronomical tables.

Source: architecture, "Time".
"""

from __future__ import annotations

import calendar as gregorian
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from persiantools.jdatetime import JalaliDate

from mehvar.kernel import text as texts
from mehvar.kernel.errors import InputError, gettext_noop

Style = Literal["long", "short", "numeric"]
Bounds = tuple[date, date]

FIRST_GREGORIAN_YEAR = 1700
LAST_JALALI_YEAR = FIRST_GREGORIAN_YEAR - 1
MONTHS_IN_YEAR = 12


class Calendar(StrEnum):
    """Name the calendar in which a text counts."""

    GREGORIAN = "gregorian"
    JALALI = "jalali"


@dataclass(frozen=True, slots=True)
class StatedDate:
    """Keep a date as it was stated: the day, the calendar of the text and the raw text."""

    day: date
    calendar: Calendar
    raw: str


_JALALI_FIRST = date(622, 3, 22)
_JALALI_LAST = date(2321, 3, 20)

_MONTHS: dict[tuple[Calendar, str], tuple[str, ...]] = {
    (Calendar.JALALI, "fa"): (
        "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
    ),
    (Calendar.JALALI, "en"): (
        "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar",
        "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand",
    ),
    (Calendar.GREGORIAN, "fa"): (
        "ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
    ),
    (Calendar.GREGORIAN, "en"): (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    (Calendar.GREGORIAN, "vi"): tuple(f"tháng {month}" for month in range(1, 13)),
}  # fmt: skip
_MONTHS[Calendar.JALALI, "vi"] = tuple(f"tháng {name}" for name in _MONTHS[Calendar.JALALI, "en"])
_ABBREVIATION = 3
_LAST_PADDED_MONTH = 2  # Decree 30/2020/NĐ-CP of Vietnam, annex I


def to_jalali(day: date) -> tuple[int, int, int]:
    """Return year, month and day of ``day`` in the Jalali calendar.

    Raises:
        InputError: before 22 March 622 or after 20 March 2321.
    """
    return _jalali_parts(day.toordinal())


def from_jalali(year: int, month: int, day: int) -> date:
    """Return the Gregorian date of a Jalali one.

    Raises:
        InputError: there is no such day, or the year is outside 1 to 1699.
    """
    if not 1 <= year <= LAST_JALALI_YEAR:
        raise _no_such_day(year, month, day)
    try:
        converted: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise _no_such_day(year, month, day) from error
    return converted


def to_parts(day: date, calendar: Calendar) -> tuple[int, int, int]:
    """Return year, month and day of ``day`` in ``calendar``."""
    return to_jalali(day) if calendar is Calendar.JALALI else (day.year, day.month, day.day)


def from_parts(year: int, month: int, day: int, *, calendar: Calendar) -> date:
    """Return the date that ``calendar`` calls ``year``-``month``-``day``.

    Raises:
        InputError: there is no such day.
    """
    if calendar is Calendar.JALALI:
        return from_jalali(year, month, day)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise _no_such_day(year, month, day) from error


def days_in_month(year: int, month: int, calendar: Calendar) -> int:
    """Return the number of days of a month."""
    if not 1 <= month <= MONTHS_IN_YEAR:
        raise _no_such_day(year, month, 1)
    if calendar is Calendar.JALALI:
        _in_range(year, calendar)
        return int(JalaliDate.days_in_month(month, year))
    _in_range(year, calendar)
    return gregorian.monthrange(year, month)[1]


def add_months(day: date, months: int, calendar: Calendar) -> date:
    """Return ``day`` moved by ``months`` counted in ``calendar``; a day that the month lacks becomes its last one.

    31 Shahrivar 1402 + 6 = 29 Esfand 1402.

    Raises:
        InputError: the result is beyond the calendar's range.
    """
    year, month, number = to_parts(day, calendar)
    years, index = divmod(month - 1 + months, MONTHS_IN_YEAR)
    last = days_in_month(year + years, index + 1, calendar)
    return from_parts(year + years, index + 1, min(number, last), calendar=calendar)


def add_years(day: date, years: int, calendar: Calendar) -> date:
    """Return ``day`` moved by ``years`` counted in ``calendar``, clamped as in ``add_months``."""
    return add_months(day, years * MONTHS_IN_YEAR, calendar)


def add_days(day: date, days: int) -> date:
    """Return ``day`` moved by ``days``.

    Raises:
        InputError: the result is beyond the year 9999 or before the year 1.
    """
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise InputError(gettext_noop("The date is out of range."), code="date-out-of-range") from error


def month_bounds(year: int, month: int, calendar: Calendar) -> Bounds:
    """Return the first and the last day of a month."""
    last = days_in_month(year, month, calendar)
    return from_parts(year, month, 1, calendar=calendar), from_parts(year, month, last, calendar=calendar)


def quarter_bounds(year: int, quarter: int, calendar: Calendar) -> Bounds:
    """Return the first and the last day of quarter 1 to 4."""
    return _span(year, quarter, 3, calendar)


def half_bounds(year: int, half: int, calendar: Calendar) -> Bounds:
    """Return the first and the last day of half 1 or 2."""
    return _span(year, half, 6, calendar)


def year_bounds(year: int, calendar: Calendar) -> Bounds:
    """Return the first and the last day of a year."""
    return _span(year, 1, MONTHS_IN_YEAR, calendar)


def calendar_of_year(year: int) -> Calendar:
    """Tell the calendar of a written year: below 1700 it is Jalali."""
    return Calendar.JALALI if year < FIRST_GREGORIAN_YEAR else Calendar.GREGORIAN


def month_name(month: int, calendar: Calendar, language: str) -> str:
    """Return the full name of month 1 to 12 in ``language`` (fa, vi, en; any other is taken as en)."""
    if not 1 <= month <= MONTHS_IN_YEAR:
        raise InputError(gettext_noop("There is no month {month}."), code="no-such-month", month=month)
    names = _MONTHS.get((calendar, language)) or _MONTHS[calendar, "en"]
    return names[month - 1]


def format_date(day: date, calendar: Calendar, language: str, style: Style = "long") -> str:
    """Write ``day`` in ``calendar`` as ``language`` does; Persian with Persian digits.

    long: «۳ اردیبهشت ۱۴۰۴», "ngày 03 tháng 02 năm 2025" (zero before days below 10 and months 1 and 2, as Vietnam's
    Decree 30/2020 prescribes), "3 February 2025". short: «۱۴۰۴/۲/۳», "3/2/2025", "3 Feb 2025". numeric: «۱۴۰۴/۰۲/۰۳»,
    "03/02/2025", "2025-02-03".
    """
    year, month, number = to_parts(day, calendar)
    writer = {"fa": _persian, "vi": _vietnamese}.get(language, _english)
    return writer(year, month, number, calendar, style)


def parse_date(text: str, calendar: Calendar | None = None) -> StatedDate:
    """Read one date, written in figures or with a month's name, in Persian, Vietnamese or English.

    Without ``calendar`` it is told by the month's name, else by the year: below 1700 is Jalali. Figures are read year
    first when the first has four digits, else day first. A two-digit year above 31 («۹۹/۷/۱۵») is read only when
    ``calendar`` is Jalali, as 13xx.

    Raises:
        InputError: the text is not one date, there is no such day, or the name belongs to the other calendar.
    """
    from mehvar.kernel import _dates

    year, month, day, named = _dates.parts(text, jalali=calendar is Calendar.JALALI)
    told = calendar or named or calendar_of_year(year)
    if named is not None and told is not named:
        raise InputError(
            gettext_noop("“{text}” is not a date of this calendar."), code="wrong-calendar", text=text
        )
    return StatedDate(day=from_parts(year, month, day, calendar=told), calendar=told, raw=text)


@lru_cache(maxsize=4096)
def _jalali_parts(ordinal: int) -> tuple[int, int, int]:
    day = date.fromordinal(ordinal)
    if not _JALALI_FIRST <= day <= _JALALI_LAST:
        raise InputError(gettext_noop("The date is out of range."), code="date-out-of-range")
    converted = JalaliDate(day)  # type: ignore[no-untyped-call]
    return converted.year, converted.month, converted.day


def _span(year: int, ordinal: int, months: int, calendar: Calendar) -> Bounds:
    first = (ordinal - 1) * months + 1
    if not 1 <= first <= MONTHS_IN_YEAR:
        raise InputError(
            gettext_noop("There is no part {ordinal} of a year."), code="no-such-period", ordinal=ordinal
        )
    start, _ = month_bounds(year, first, calendar)
    _, end = month_bounds(year, first + months - 1, calendar)
    return start, end


def _in_range(year: int, calendar: Calendar) -> None:
    last = LAST_JALALI_YEAR if calendar is Calendar.JALALI else MAXYEAR
    if not 1 <= year <= last:
        raise InputError(gettext_noop("The date is out of range."), code="date-out-of-range")


def _no_such_day(year: int, month: int, day: int) -> InputError:
    return InputError(
        gettext_noop("There is no day {written}."),
        code="no-such-day",
        written=f"{year:04d}-{month:02d}-{day:02d}",
    )


def _persian(year: int, month: int, day: int, calendar: Calendar, style: Style) -> str:
    if style == "long":
        written = f"{day} {month_name(month, calendar, 'fa')} {year}"
    elif style == "short":
        written = f"{year}/{month}/{day}"
    else:
        written = f"{year:04d}/{month:02d}/{day:02d}"
    return texts.to_persian_digits(written)


def _vietnamese(year: int, month: int, day: int, calendar: Calendar, style: Style) -> str:
    if style == "short":
        return f"{day}/{month}/{year}"
    if style == "numeric":
        return f"{day:02d}/{month:02d}/{year:04d}"
    if calendar is Calendar.JALALI:
        return f"ngày {day:02d} {month_name(month, calendar, 'vi')} năm {year}"
    written = f"{month:02d}" if month <= _LAST_PADDED_MONTH else str(month)
    return f"ngày {day:02d} tháng {written} năm {year}"


def _english(year: int, month: int, day: int, calendar: Calendar, style: Style) -> str:
    if style == "numeric":
        return f"{year:04d}-{month:02d}-{day:02d}"
    name = month_name(month, calendar, "en")
    return f"{day} {name if style == 'long' else name[:_ABBREVIATION]} {year}"
