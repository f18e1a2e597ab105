"""The four cells, expected progress, colours and roll-up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.programmes.data import DeliveryState, Rating
from mehvar.programmes.rules import status
from mehvar.programmes.rules.cells import Cell, Standing, cell_of, counted
from mehvar.programmes.rules.deadlines import resolved_due
from mehvar.programmes.rules.status import Course, Part, Thresholds

START, DUE = date(2026, 1, 1), date(2026, 4, 11)  # 100 days
LIMITS = Thresholds()


def course(approved: int | None = None, *, silent: bool = False, **changes: object) -> Course:
    facts: dict[str, object] = {
        "state": "open", "starts_on": START, "due_on": DUE, "done_on": None, "approved": approved, "silent": silent,
    }  # fmt: skip
    return Course(**(facts | changes))  # type: ignore[arg-type]


def colour(found: Course, day: date) -> Rating:
    return status.rating(found, status.marks(found, LIMITS), day)


@pytest.mark.parametrize(
    ("state", "due", "done", "silent", "cell"),
    [
        ("done", DUE, DUE, False, Cell.DONE_ON_TIME),
        ("done", DUE, DUE + timedelta(1), False, Cell.DONE_LATE),
        ("done", None, DUE, True, Cell.DONE_ON_TIME),
        ("open", DUE, None, False, Cell.OPEN_IN_TIME),
        ("open", DUE, None, True, Cell.MISSING),
        ("open", None, None, False, Cell.OPEN_IN_TIME),
        ("open", DUE - timedelta(1), None, True, Cell.OPEN_OVERDUE),
        ("claimed", DUE - timedelta(5), DUE - timedelta(6), False, Cell.OPEN_IN_TIME),
        ("claimed", DUE, DUE + timedelta(3), False, Cell.OPEN_OVERDUE),
        ("discontinued", DUE, None, False, None),
    ],
)
def test_each_delivery_has_one_cell(
    state: str,
    due: date | None,
    done: date | None,
    silent: bool,  # noqa: FBT001 - given by name
    cell: Cell | None,
) -> None:
    assert cell_of(Standing(state, due, done, silent), DUE) == cell


def test_cells_add_up_to_what_is_not_discontinued() -> None:
    standings = [Standing(state, DUE, DUE, silent) for state in DeliveryState for silent in (True, False)]
    assert sum(counted(standings, DUE).values()) == len(standings) - 2


@pytest.mark.parametrize(
    ("days", "expected"), [(-5, 0), (0, 0), (1, 1), (50, 50), (99, 99), (100, 100), (300, 100)]
)
def test_expected_progress_grows_evenly(days: int, expected: int) -> None:
    assert status.expected_progress(START, DUE, START + timedelta(days)) == expected


def test_without_a_date_nothing_is_expected() -> None:
    assert status.expected_progress(START, None, DUE) is None
    assert status.marks(course(5, due_on=None), LIMITS) == status.Marks()


def test_colour_follows_the_gap() -> None:
    behind = course(20)
    assert colour(behind, START + timedelta(30)) is Rating.GREEN  # gap 10: not above ten
    assert colour(behind, START + timedelta(31)) is Rating.AMBER  # gap 11
    assert colour(behind, START + timedelta(45)) is Rating.AMBER  # gap 25: not above 25
    assert colour(behind, START + timedelta(46)) is Rating.RED


def test_near_the_date_below_eighty_is_amber_and_overdue_is_red() -> None:
    assert colour(course(79), DUE - timedelta(14)) is Rating.AMBER
    assert colour(course(80), DUE - timedelta(14)) is Rating.GREEN
    assert colour(course(100), DUE) is Rating.GREEN
    assert colour(course(100), DUE + timedelta(1)) is Rating.RED


def test_silence_and_unverified_claims_are_grey_and_never_green() -> None:
    assert colour(course(90, silent=True), START) is Rating.UNKNOWN
    assert colour(course(None), START) is Rating.UNKNOWN
    assert colour(course(None), DUE + timedelta(1)) is Rating.RED


def test_a_claim_that_waits_is_judged_by_its_day() -> None:
    in_time = course(100, state="claimed", done_on=DUE - timedelta(1))
    late = course(100, state="claimed", done_on=DUE + timedelta(2))
    assert colour(in_time, DUE + timedelta(30)) is Rating.UNKNOWN
    assert colour(late, DUE + timedelta(30)) is Rating.RED


@given(
    approved=st.none() | st.integers(0, 100),
    silent=st.booleans(),
    span=st.integers(0, 900),
    day=st.integers(-50, 1000),
    state=st.sampled_from(["open", "done"]),
)
def test_marks_say_the_same_as_the_gap(
    approved: int | None,
    silent: bool,  # noqa: FBT001 - given by name
    span: int,
    day: int,
    state: str,
) -> None:
    """The two stored days give on every day the colour that the definition of the gap gives."""
    due, on = START + timedelta(span), START + timedelta(day)
    found = course(approved, silent=silent, due_on=due, state=state)
    expected = status.expected_progress(START, due, on)
    behind = status.gap(expected, approved)
    near = due - timedelta(LIMITS.near_days) <= on and (approved or 0) < LIMITS.near_progress
    if state == "done":
        wanted = Rating.GREEN
    elif on > due:
        wanted = Rating.RED
    elif silent or approved is None or behind is None:
        wanted = Rating.UNKNOWN
    elif behind > LIMITS.red_gap:
        wanted = Rating.RED
    elif behind > LIMITS.amber_gap or near:
        wanted = Rating.AMBER
    else:
        wanted = Rating.GREEN
    assert colour(found, on) is wanted


def test_self_rated_green_against_computed_red() -> None:
    assert status.is_rosier("green", Rating.RED)
    assert not status.is_rosier("green", Rating.UNKNOWN)
    assert not status.is_rosier("amber", Rating.RED)


def test_roll_up_shows_distribution_and_worst_critical_child() -> None:
    parts = [
        Part("a", Rating.GREEN, 6),
        Part("b", Rating.RED, 1, gap=60),
        Part("c", Rating.RED, 2, gap=30, critical=True),
        Part("d", Rating.UNKNOWN, 1),
    ]
    found = status.roll_up(parts)
    assert found.total == 4
    assert found.counts[Rating.RED] == 2
    assert found.shares[Rating.GREEN] == pytest.approx(0.6)
    assert found.worst is not None
    assert found.worst.key == "c"
    assert status.roll_up([]).worst is None
    assert status.roll_up([Part("a", Rating.GREEN)]).worst is None


@pytest.mark.parametrize(
    ("duration", "anchor", "calendar", "day"),
    [
        ("P6M", "promulgation", "jalali", date(2024, 3, 19)),  # 31 Shahrivar 1402 + 6 months = 29 Esfand
        ("P10D", "", "gregorian", date(2023, 10, 2)),
        ("P1Y", "promulgation", "gregorian", date(2024, 9, 22)),
        ("P6M", "session", "jalali", None),
        ("soon", "promulgation", "jalali", None),
    ],
)
def test_relative_deadlines_become_days(duration: str, anchor: str, calendar: str, day: date | None) -> None:
    found = resolved_due(
        end=None, duration=duration, anchor=anchor, anchored_on=date(2023, 9, 22), calendar=calendar
    )
    assert found == day
