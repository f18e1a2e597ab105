"""Working days of both countries, over Nowruz and Tết, and the laws that hold for every calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.kernel.errors import InputError
from mehvar.programmes.rules import working_days
from mehvar.programmes.rules.working_days import Weekend, WorkingCalendar, calendar_for

IRAN, VIETNAM = calendar_for("ir"), calendar_for("vn")


def test_three_working_days_over_nowruz() -> None:
    # Raised on Wednesday 25 Esfand 1400; 29 Esfand and 1–4 Farvardin are official holidays, Thursday and Friday rest.
    raised = date(2022, 3, 16)
    assert IRAN.add_working_days(raised, 1) == date(2022, 3, 19)
    assert IRAN.add_working_days(raised, 2) == date(2022, 3, 26)
    assert IRAN.add_working_days(raised, 3) == date(2022, 3, 27)
    assert IRAN.add_working_days(date(2022, 3, 30), 3) == date(2022, 4, 5)


def test_leap_year_rests_on_the_last_day_of_esfand_too() -> None:
    assert not IRAN.is_working(date(2021, 3, 20))
    assert IRAN.add_working_days(date(2021, 3, 17), 1) == date(2021, 3, 27)


def test_three_working_days_over_tet() -> None:
    assert VIETNAM.add_working_days(date(2020, 1, 22), 3) == date(2020, 2, 3)
    assert VIETNAM.add_working_days(date(2026, 2, 13), 1) == date(2026, 2, 23)
    assert VIETNAM.working_days_between(date(2026, 2, 13), date(2026, 2, 22)) == 0


def test_swapped_saturdays_are_worked() -> None:
    assert not VIETNAM.is_working(date(2025, 5, 2))
    assert VIETNAM.is_working(date(2025, 4, 26))
    assert VIETNAM.add_working_days(date(2025, 4, 25), 1) == date(2025, 4, 26)
    assert not VIETNAM.is_working(date(2025, 4, 19))


def test_weekends_have_a_validity() -> None:
    assert VIETNAM.is_working(date(1999, 9, 25))
    assert not VIETNAM.is_working(date(1999, 10, 2))
    assert [IRAN.is_working(date(2024, 4, 13) + timedelta(days)) for days in range(7)] == [True] * 5 + [
        False
    ] * 2


def test_a_year_without_published_days_says_so() -> None:
    assert IRAN.is_known(date(2025, 5, 1))
    assert not IRAN.is_known(date(2030, 5, 1))
    assert IRAN.coverage is not None
    assert "Council of Public Culture" in IRAN.coverage.source


def test_official_counts_of_days_off() -> None:
    """The official calendar of 1405 has 25 days off, of which six are Thursdays and three Fridays."""
    days = [
        row.day for row in working_days.days_of("ir") if date(2026, 3, 21) <= row.day <= date(2027, 3, 20)
    ]
    assert len(days) == 25
    assert [sum(day.weekday() == weekday for day in days) for weekday in (3, 4)] == [6, 3]


def test_a_ministry_closes_and_opens_days() -> None:
    smog = date(2025, 12, 3)
    changed = IRAN.with_days(off=[smog], worked=[date(2025, 12, 4)])
    assert IRAN.is_working(smog)
    assert not changed.is_working(smog)
    assert changed.add_working_days(date(2025, 12, 2), 1) == date(2025, 12, 4)


def test_unknown_country_rests_on_saturday_and_sunday() -> None:
    assert calendar_for("xx").add_working_days(date(2026, 5, 1), 1) == date(2026, 5, 4)
    assert working_days.days_of("xx") == ()


def test_broken_calendars_and_absurd_numbers_are_refused() -> None:
    never = WorkingCalendar("zz", (Weekend(frozenset(range(7))),))
    with pytest.raises(InputError):
        never.add_working_days(date(2026, 1, 1), 1)
    with pytest.raises(InputError):
        IRAN.add_working_days(date(2026, 1, 1), 10**6)


calendars = st.sampled_from([IRAN, VIETNAM, calendar_for("xx")])
dates = st.dates(date(2020, 3, 1), date(2027, 12, 31))
counts = st.integers(1, 60)


@given(calendars, dates, counts)
def test_the_count_back_is_the_number_added(calendar: WorkingCalendar, day: date, n: int) -> None:
    later = calendar.add_working_days(day, n)
    assert calendar.is_working(later)
    assert calendar.working_days_between(day, later) == n
    assert calendar.working_days_between(later, day) == -n


@given(calendars, dates, counts, counts)
def test_adding_in_two_steps_is_adding_at_once(calendar: WorkingCalendar, day: date, a: int, b: int) -> None:
    assert calendar.add_working_days(calendar.add_working_days(day, a), b) == calendar.add_working_days(
        day, a + b
    )


@given(calendars, dates, st.integers(0, 30), counts)
def test_a_later_start_never_ends_earlier(calendar: WorkingCalendar, day: date, delay: int, n: int) -> None:
    assert calendar.add_working_days(day, n) <= calendar.add_working_days(day + timedelta(delay), n)


@given(calendars, dates, counts)
def test_going_back_undoes_going_forth(calendar: WorkingCalendar, day: date, n: int) -> None:
    start = calendar.add_working_days(day, 0)
    assert calendar.add_working_days(calendar.add_working_days(start, n), -n) == start
