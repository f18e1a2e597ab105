"""Dates in two calendars: conversion, month arithmetic, writing and reading."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mehvar.kernel import calendars
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import InputError

JALALI, GREGORIAN = Calendar.JALALI, Calendar.GREGORIAN

any_calendar = st.sampled_from(Calendar)
modern_days = st.dates(date(1800, 1, 1), date(2270, 12, 31))
all_jalali_days = st.dates(date(622, 3, 22), date(2321, 3, 20))
some_months = st.integers(-240, 240)

# 1 Farvardin of these years as the Iranian calendar authority published it.
NEW_YEARS = {
    1354: date(1975, 3, 21),
    1357: date(1978, 3, 21),
    1375: date(1996, 3, 20),
    1379: date(2000, 3, 20),
    1394: date(2015, 3, 21),
    1399: date(2020, 3, 20),
    1403: date(2024, 3, 20),
    1404: date(2025, 3, 21),
    1408: date(2029, 3, 20),
}
LEAP_YEARS = {1370, 1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408, 1412}


@pytest.mark.parametrize(("year", "day"), NEW_YEARS.items())
def test_new_year_falls_on_the_official_day(year: int, day: date) -> None:
    assert calendars.from_jalali(year, 1, 1) == day


def test_leap_years_are_the_official_ones() -> None:
    assert {
        year for year in range(1370, 1413) if calendars.days_in_month(year, 12, JALALI) == 30
    } == LEAP_YEARS


@given(all_jalali_days)
def test_conversion_there_and_back_is_the_same_day(day: date) -> None:
    assert calendars.from_jalali(*calendars.to_jalali(day)) == day


@given(all_jalali_days)
def test_days_keep_their_order(day: date) -> None:
    assume(day < date(2321, 3, 20))
    assert calendars.to_jalali(day) < calendars.to_jalali(day + timedelta(days=1))


@pytest.mark.parametrize(
    "parts", [(1404, 13, 1), (1404, 0, 1), (1404, 7, 31), (1404, 12, 30), (0, 1, 1), (1700, 1, 1), (-3, 1, 1)]
)
def test_a_day_that_does_not_exist_is_refused(parts: tuple[int, int, int]) -> None:
    with pytest.raises(InputError):
        calendars.from_jalali(*parts)


@pytest.mark.parametrize("day", [date(622, 3, 21), date(2321, 3, 21), date.max, date.min])
def test_days_beyond_the_range_are_refused(day: date) -> None:
    with pytest.raises(InputError) as caught:
        calendars.to_jalali(day)
    assert caught.value.code == "date-out-of-range"


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((1402, 6, 31), 6, (1402, 12, 29)),
        ((1403, 6, 31), 6, (1403, 12, 30)),
        ((1400, 11, 14), 6, (1401, 5, 14)),
        ((1402, 1, 31), -1, (1401, 12, 29)),
        ((1402, 6, 31), 1, (1402, 7, 30)),
        ((1402, 5, 10), 0, (1402, 5, 10)),
        ((1402, 5, 10), 24, (1404, 5, 10)),
    ],
)
def test_months_are_counted_in_the_jalali_calendar(
    start: tuple[int, int, int], months: int, end: tuple[int, int, int]
) -> None:
    moved = calendars.add_months(calendars.from_jalali(*start), months, JALALI)
    assert calendars.to_jalali(moved) == end


def test_months_are_counted_in_the_gregorian_calendar() -> None:
    assert calendars.add_months(date(2024, 1, 31), 1, GREGORIAN) == date(2024, 2, 29)
    assert calendars.add_months(date(2025, 3, 31), -1, GREGORIAN) == date(2025, 2, 28)
    assert calendars.add_years(date(2024, 2, 29), 1, GREGORIAN) == date(2025, 2, 28)


@given(modern_days, some_months, any_calendar)
def test_adding_months_moves_the_month_by_exactly_that_many(
    day: date, months: int, calendar: Calendar
) -> None:
    year, month, number = calendars.to_parts(day, calendar)
    new_year, new_month, new_number = calendars.to_parts(
        calendars.add_months(day, months, calendar), calendar
    )
    assert (new_year * 12 + new_month) - (year * 12 + month) == months
    assert new_number == min(number, calendars.days_in_month(new_year, new_month, calendar))


@given(modern_days, some_months, some_months, any_calendar)
def test_adding_in_two_steps_equals_one_when_nothing_was_clamped(
    day: date, first: int, second: int, calendar: Calendar
) -> None:
    assume(calendars.to_parts(day, calendar)[2] <= 28)
    stepwise = calendars.add_months(calendars.add_months(day, first, calendar), second, calendar)
    assert stepwise == calendars.add_months(day, first + second, calendar)


@given(modern_days, modern_days, some_months, any_calendar)
def test_adding_months_never_turns_two_days_round(
    one: date, other: date, months: int, calendar: Calendar
) -> None:
    earlier, later = sorted((one, other))
    assert calendars.add_months(earlier, months, calendar) <= calendars.add_months(later, months, calendar)


@pytest.mark.parametrize(("day", "calendar"), [(date(9999, 12, 1), GREGORIAN), (date(2321, 3, 1), JALALI)])
def test_arithmetic_beyond_the_range_is_refused(day: date, calendar: Calendar) -> None:
    with pytest.raises(InputError):
        calendars.add_months(day, 1, calendar)
    with pytest.raises(InputError):
        calendars.add_days(date.max, 1)


@given(st.integers(1200, 1600), any_calendar)
def test_months_quarters_and_halves_tile_the_year(year: int, calendar: Calendar) -> None:
    year += 600 if calendar is GREGORIAN else 0
    months = [calendars.month_bounds(year, month, calendar) for month in range(1, 13)]
    quarters = [calendars.quarter_bounds(year, quarter, calendar) for quarter in range(1, 5)]
    halves = [calendars.half_bounds(year, half, calendar) for half in (1, 2)]
    for parts in (months, quarters, halves):
        assert (parts[0][0], parts[-1][1]) == calendars.year_bounds(year, calendar)
        assert all(left[1] + timedelta(days=1) == right[0] for left, right in itertools.pairwise(parts))


@pytest.mark.parametrize("quarter", [0, 5])
def test_a_fifth_quarter_is_refused(quarter: int) -> None:
    with pytest.raises(InputError):
        calendars.quarter_bounds(1404, quarter, JALALI)


@pytest.mark.parametrize(
    ("language", "style", "jalali", "gregorian"),
    [
        ("fa", "long", "۳ اردیبهشت ۱۴۰۴", "۲۳ آوریل ۲۰۲۵"),
        ("fa", "numeric", "۱۴۰۴/۰۲/۰۳", "۲۰۲۵/۰۴/۲۳"),
        ("fa", "short", "۱۴۰۴/۲/۳", "۲۰۲۵/۴/۲۳"),
        ("vi", "long", "ngày 03 tháng Ordibehesht năm 1404", "ngày 23 tháng 4 năm 2025"),
        ("vi", "numeric", "03/02/1404", "23/04/2025"),
        ("en", "long", "3 Ordibehesht 1404", "23 April 2025"),
        ("en", "short", "3 Ord 1404", "23 Apr 2025"),
        ("en", "numeric", "1404-02-03", "2025-04-23"),
    ],
)
def test_dates_are_written_as_the_language_does(
    language: str, style: calendars.Style, jalali: str, gregorian: str
) -> None:
    day = date(2025, 4, 23)
    assert calendars.format_date(day, JALALI, language, style) == jalali
    assert calendars.format_date(day, GREGORIAN, language, style) == gregorian


def test_vietnamese_february_has_its_zero() -> None:
    assert calendars.format_date(date(2025, 2, 3), GREGORIAN, "vi") == "ngày 03 tháng 02 năm 2025"


@pytest.mark.parametrize(
    ("text", "day", "calendar"),
    [
        ("2025-02-03", date(2025, 2, 3), GREGORIAN),
        ("03/02/2025", date(2025, 2, 3), GREGORIAN),
        ("3.2.2025", date(2025, 2, 3), GREGORIAN),
        ("ngày 3 tháng 2 năm 2025", date(2025, 2, 3), GREGORIAN),
        ("Ngày 03 tháng 02, 2025", date(2025, 2, 3), GREGORIAN),
        ("Thứ Hai, ngày 03/02/2025", date(2025, 2, 3), GREGORIAN),
        ("Monday, Feb 3, 2025", date(2025, 2, 3), GREGORIAN),
        ("3 February 2025", date(2025, 2, 3), GREGORIAN),
        ("Feb 3rd, 2025", date(2025, 2, 3), GREGORIAN),
        ("3rd of February 2025", date(2025, 2, 3), GREGORIAN),
        ("۳ اردیبهشت ۱۴۰۴", date(2025, 4, 23), JALALI),
        ("٣ اردیبهشت‌ماه سال ١٤٠٤", date(2025, 4, 23), JALALI),
        ("چهارشنبه ۳ ارديبهشت ۱۴۰۴", date(2025, 4, 23), JALALI),
        ("مورخ ۱۴۰۴/۰۲/۰۳", date(2025, 4, 23), JALALI),
        ("۱۴۰۴/۲/۳", date(2025, 4, 23), JALALI),
        ("03/02/1404", date(2025, 4, 23), JALALI),
        ("۲۳ آوریل ۲۰۲۵", date(2025, 4, 23), GREGORIAN),
        ("3 Ordibehesht 1404", date(2025, 4, 23), JALALI),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, day: date, calendar: Calendar) -> None:
    stated = calendars.parse_date(text)
    assert (stated.day, stated.calendar, stated.raw) == (day, calendar, text)


def test_a_two_digit_year_is_read_only_where_it_is_surely_jalali() -> None:
    assert calendars.parse_date("۹۹/۷/۱۵", JALALI).day == date(2020, 10, 6)
    for text, calendar in (("99/7/15", None), ("99/7/15", GREGORIAN), ("04/02/03", JALALI)):
        with pytest.raises(InputError):
            calendars.parse_date(text, calendar)


@pytest.mark.parametrize(
    "text", ["", "soon", "31/02/2025", "۳۱ مهر ۱۴۰۴", "2025", "1/2", "3 Foo 2025", "0000-00-00"]
)
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        calendars.parse_date(text)


def test_a_month_of_the_other_calendar_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        calendars.parse_date("۳ اردیبهشت ۱۴۰۴", GREGORIAN)
    assert caught.value.code == "wrong-calendar"


@given(
    modern_days,
    any_calendar,
    st.sampled_from(["fa", "vi", "en"]),
    st.sampled_from(["long", "short", "numeric"]),
)
def test_every_written_date_reads_back(
    day: date, calendar: Calendar, language: str, style: calendars.Style
) -> None:
    assume(calendar is JALALI or day.year >= 1700)
    stated = calendars.parse_date(calendars.format_date(day, calendar, language, style))
    assert (stated.day, stated.calendar) == (day, calendar)


@given(st.text())
def test_reading_any_text_ends_in_a_date_or_in_a_clear_refusal(text: str) -> None:
    try:
        calendars.parse_date(text)
    except InputError as error:
        refusal = str(error)
    else:
        refusal = "none, it is a date"
    assert refusal
