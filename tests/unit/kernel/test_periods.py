"""Periods: identifiers, neighbours, contents, order."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import InputError
from mehvar.kernel.periods import PERIODS_PER_YEAR, Kind, Period

days = st.dates(date(1800, 1, 1), date(2200, 1, 1))
kinds = st.sampled_from(Kind)
periods = st.builds(Period.containing, days, kinds, st.sampled_from(Calendar))


@pytest.mark.parametrize(
    ("identifier", "start", "end"),
    [
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-H1", date(2020, 1, 1), date(2020, 6, 30)),
        ("2020-Q1", date(2020, 1, 1), date(2020, 3, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("1399", date(2020, 3, 20), date(2021, 3, 20)),
        ("1399-H2", date(2020, 9, 22), date(2021, 3, 20)),
        ("1399-Q3", date(2020, 9, 22), date(2020, 12, 20)),
        ("1399-07", date(2020, 9, 22), date(2020, 10, 21)),
    ],
)
def test_identifier_names_its_days(identifier: str, start: date, end: date) -> None:
    period = Period.parse(identifier)
    assert (period.start, period.end, period.id, str(period)) == (start, end, identifier, identifier)


def test_persian_digits_and_small_letters_are_read() -> None:
    assert Period.parse(" ۱۳۹۹-q3 ").id == "1399-Q3"


@pytest.mark.parametrize(
    "text", ["", "99", "2020-13", "2020-00", "2020-Q5", "2020-H3", "2020-1", "2020-Q", "0000", "20201"]
)
def test_what_is_not_a_period_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Period.parse(text)


@pytest.mark.parametrize(("calendar", "year"), [(Calendar.GREGORIAN, 1399), (Calendar.JALALI, 2020)])
def test_a_year_of_the_other_calendar_is_refused(calendar: Calendar, year: int) -> None:
    with pytest.raises(InputError):
        Period(calendar, Kind.YEAR, year)


@given(periods)
def test_identifier_reads_back(period: Period) -> None:
    assert Period.parse(period.id) == period


@given(days, kinds, st.sampled_from(Calendar))
def test_the_containing_period_contains_the_day(day: date, kind: Kind, calendar: Calendar) -> None:
    period = Period.containing(day, kind, calendar)
    assert period.contains(day)
    assert not period.next().contains(day)
    assert not period.previous().contains(day)


@given(periods)
def test_neighbours_touch_and_undo_each_other(period: Period) -> None:
    assert period.next().start == period.end + timedelta(days=1)
    assert period.next().previous() == period
    assert period.previous() < period < period.next()


@given(periods, st.integers(-50, 50), st.integers(-50, 50))
def test_shifts_add_up(period: Period, first: int, second: int) -> None:
    assert period.shifted(first).shifted(second) == period.shifted(first + second)


@given(st.lists(periods))
def test_order_is_by_first_day_then_longest_first(many: list[Period]) -> None:
    ordered = sorted(many)
    turned = many[::-1]
    assert sorted(turned) == ordered
    for left, right in itertools.pairwise(ordered):
        assert (left.start, -left.days) <= (right.start, -right.days)


@given(periods, kinds)
def test_parts_tile_the_period(period: Period, kind: Kind) -> None:
    parts = period.parts(kind)
    if PERIODS_PER_YEAR[kind] < PERIODS_PER_YEAR[period.kind]:
        assert parts == ()
    else:
        assert (parts[0].start, parts[-1].end) == (period.start, period.end)
        assert sum(part.days for part in parts) == period.days


def test_periods_serve_as_keys() -> None:
    assert len({Period.parse("1399-Q3"), Period.parse("۱۳۹۹-Q3"), Period.parse("1399-Q4")}) == 2
