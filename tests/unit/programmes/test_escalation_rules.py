"""Levels, clocks, catching up, and plain words from outside, as pure decisions."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.kernel import outside
from mehvar.kernel.errors import InputError, TransitionNotAllowed
from mehvar.programmes.data import Level, ObstacleState, ObstacleStep
from mehvar.programmes.rules import escalation
from mehvar.programmes.rules.working_days import calendar_for

CALENDARS = st.sampled_from([calendar_for(code) for code in ("ir", "vn", "xx")])
DAYS = st.dates(date(2020, 3, 20), date(2026, 12, 31))


@given(
    calendar=CALENDARS,
    due_on=DAYS,
    first=st.integers(0, 40),
    second=st.integers(0, 40),
    has_committee=st.booleans(),
)
def test_catching_up_in_two_runs_is_catching_up_in_one(
    *, calendar: object, due_on: date, first: int, second: int, has_committee: bool
) -> None:
    def run(level: str, due: date, day: date) -> tuple[str, date]:
        found = escalation.climbs_due(level, due, day, calendar, has_committee=has_committee)  # type: ignore[arg-type]
        return (found[-1].level, found[-1].due_on) if found else (level, due)

    early = due_on + timedelta(days=first)
    late = early + timedelta(days=second)
    assert run(*run(Level.BODY, due_on, early), late) == run(Level.BODY, due_on, late)


@given(calendar=CALENDARS, raised_on=DAYS, has_committee=st.booleans())
def test_the_council_is_reached_after_so_many_working_days_and_nothing_is_above(
    *, calendar: object, raised_on: date, has_committee: bool
) -> None:
    due_on = escalation.due_after(raised_on, calendar)  # type: ignore[arg-type]
    found = escalation.climbs_due(
        Level.BODY, due_on, due_on + timedelta(days=400), calendar, has_committee=has_committee
    )  # type: ignore[arg-type]
    levels = [one.level for one in found]
    assert levels == [Level.COMMITTEE, Level.DEPUTY, Level.COUNCIL][0 if has_committee else 1 :]
    assert calendar.working_days_between(raised_on, found[-1].due_on) == 3 * (len(found) + 1)  # type: ignore[attr-defined]
    assert all(later.since > earlier.since for earlier, later in pairwise(found))
    assert escalation.next_level(Level.COUNCIL, has_committee=has_committee) is None


def test_nothing_climbs_on_its_last_day() -> None:
    calendar = calendar_for("vn")
    assert (
        escalation.climbs_due(Level.BODY, date(2026, 5, 7), date(2026, 5, 7), calendar, has_committee=True)
        == ()
    )


def test_the_reminder_comes_on_the_last_working_day_before() -> None:
    calendar = calendar_for("ir")
    # The clock ends on Saturday 9 May 2026; Thursday and Friday rest, so Wednesday is the working day before.
    due_on = date(2026, 5, 9)
    assert [escalation.reminder_due(due_on, date(2026, 5, day), calendar) for day in (5, 6, 9, 10)] == [
        False,
        True,
        True,
        False,
    ]


def test_only_steps_of_the_life_are_taken_and_most_say_why() -> None:
    assert escalation.check_step(ObstacleState.REMEDIED, ObstacleStep.CONFIRM) is ObstacleState.CLOSED
    with pytest.raises(TransitionNotAllowed):
        escalation.check_step(ObstacleState.CLOSED, ObstacleStep.SEND_BACK, note="x")
    for step in (ObstacleStep.REJECT, ObstacleStep.HAND_UP, ObstacleStep.WITHDRAW):
        with pytest.raises(InputError):
            escalation.check_step(ObstacleState.OPEN, step, note="  ")
    with pytest.raises(InputError):
        escalation.check_step(ObstacleState.OPEN, ObstacleStep.REJECT, note="x" * 4001)


def test_codes_are_read_however_they_are_typed() -> None:
    code = outside.new_tracking_code()
    wanted = outside.hash_of_code(code)
    assert len(code) == 19
    for typed in (
        code.lower(),
        code.replace("-", ""),
        f"  {code.replace('-', ' – ')} ",
        code.replace("0", "O").replace("1", "l"),
    ):
        assert outside.hash_of_code(typed) == wanted
    assert outside.hash_of_code(code.translate({48 + digit: 0x6F0 + digit for digit in range(10)})) == wanted
    assert len({outside.new_tracking_code() for _time in range(200)}) == 200


@given(st.text(max_size=200))
def test_plain_words_are_bounded_and_without_control_signs(typed: str) -> None:
    try:
        words = outside.plain_words(typed, field="text", limit=100, required=False, one_line=True)
    except InputError:
        return
    assert len(words) <= 100
    assert "\n" not in words
    assert outside.plain_words(words, field="text", limit=100, required=False, one_line=True) == words
