"""Decide how an obstacle lives and climbs: its steps, its levels, and the clock of three working days per level.

Source: S0.4, S0.5, S4.1; design page, "Status" (body → province committee → deputy → council; who raised it verifies that it is gone).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mehvar.kernel import errors, wording
from mehvar.kernel.errors import gettext_noop
from mehvar.kernel.lifecycle import LifeCycle, Transition
from mehvar.programmes.data import Level, ObstacleState, ObstacleStep

if TYPE_CHECKING:
    from mehvar.programmes.rules.working_days import WorkingCalendar

WORKING_DAYS_PER_LEVEL = 3
LONGEST_REMEDY_DAYS = 366
LONGEST_TITLE, LONGEST_TEXT, LONGEST_NOTE = 300, 10_000, 4_000

_S, _T = ObstacleState, ObstacleStep
ORDER = (Level.BODY, Level.COMMITTEE, Level.DEPUTY, Level.COUNCIL)
RUNNING = (_S.OPEN, _S.IN_REMEDY)
"""States in which a clock runs."""

LIVE = (*RUNNING, _S.REMEDIED)
"""States in which something is still to be done."""

LIFE = LifeCycle(
    "obstacle",
    [state.value for state in ObstacleState],
    [
        Transition(_T.ASSIGN, _S.OPEN, _S.OPEN),
        Transition(_T.CLIMB, _S.OPEN, _S.OPEN),
        Transition(_T.CLIMB, _S.IN_REMEDY, _S.OPEN),
        Transition(_T.HAND_UP, _S.OPEN, _S.OPEN),
        Transition(_T.DECIDE, _S.OPEN, _S.IN_REMEDY),
        Transition(_T.DECIDE, _S.IN_REMEDY, _S.IN_REMEDY),
        Transition(_T.PROPOSE_REMEDY, _S.OPEN, _S.IN_REMEDY),
        Transition(_T.REPORT_REMEDIED, _S.OPEN, _S.REMEDIED),
        Transition(_T.REPORT_REMEDIED, _S.IN_REMEDY, _S.REMEDIED),
        Transition(_T.CONFIRM, _S.REMEDIED, _S.CLOSED),
        Transition(_T.SEND_BACK, _S.REMEDIED, _S.OPEN),
        Transition(_T.REJECT, _S.OPEN, _S.REJECTED),
        Transition(_T.OBJECT, _S.REJECTED, _S.OPEN),
        Transition(_T.MERGE, _S.OPEN, _S.MERGED),
        Transition(_T.MERGE, _S.IN_REMEDY, _S.MERGED),
        Transition(_T.WITHDRAW, _S.OPEN, _S.WITHDRAWN),
        Transition(_T.WITHDRAW, _S.IN_REMEDY, _S.WITHDRAWN),
        Transition(_T.WITHDRAW, _S.REMEDIED, _S.WITHDRAWN),
    ],
)

OF_RAISER = frozenset({_T.CONFIRM, _T.SEND_BACK, _T.OBJECT, _T.WITHDRAW})
"""Steps that only who raised the obstacle takes."""

OF_DECIDER = frozenset({_T.DECIDE})
"""Steps that need somebody who decides at the present level."""

REASONED = frozenset(
    {_T.SEND_BACK, _T.REJECT, _T.OBJECT, _T.HAND_UP, _T.ASSIGN, _T.WITHDRAW, _T.REPORT_REMEDIED}
)
"""Steps that say why, or what was done."""


@dataclass(frozen=True, slots=True)
class Climb:
    """Hold one level that an obstacle reaches: from which day, until the end of which."""

    level: Level
    since: date
    due_on: date


def next_level(level: str, *, has_committee: bool) -> Level | None:
    """Give who comes next; without a provincial committee its level is left out, and nothing is above the council."""
    rest = ORDER[ORDER.index(Level(level)) + 1 :]
    return next((one for one in rest if has_committee or one is not Level.COMMITTEE), None)


def higher(one: str, other: str) -> Level:
    """Give the higher of two levels."""
    return max(Level(one), Level(other), key=ORDER.index)


def due_after(day: date, calendar: WorkingCalendar) -> date:
    """Give the last day of a level's clock that starts after ``day``."""
    return calendar.add_working_days(day, WORKING_DAYS_PER_LEVEL)


def climbs_due(
    level: str, due_on: date, today: date, calendar: WorkingCalendar, *, has_committee: bool
) -> tuple[Climb, ...]:
    """Give every level that was reached because a clock ran out before ``today``, as if nothing had ever stood still.

    The next clock starts on the day after the last one ended, so the result does not depend on when it is asked.
    """
    found: list[Climb] = []
    while due_on < today and (above := next_level(level, has_committee=has_committee)) is not None:
        since = due_on + timedelta(days=1)
        due_on, level = due_after(due_on, calendar), above
        found.append(Climb(above, since, due_on))
    return tuple(found)


def reminder_due(due_on: date, today: date, calendar: WorkingCalendar) -> bool:
    """Tell whether the last working day before the clock ends has come: one day is left at most."""
    return calendar.add_working_days(due_on, -1) <= today <= due_on


def check_step(state: str, step: ObstacleStep, *, note: str = "") -> ObstacleState:
    """Give the state to which a step leads.

    Raises:
        TransitionNotAllowed: The state has no such step.
        InputError: The step must say why, or says too much.
    """
    target = ObstacleState(LIFE.transition(state, step))
    if step in REASONED and not note.strip():
        raise errors.InputError(gettext_noop("Please say why."), code="no-reason", field="note")
    wording.within(note, field="note", limit=LONGEST_NOTE)
    return target


def check_remedy(remedy: str, due_on: date | None, today: date) -> date:
    """Give the day by which a remedy is promised.

    Raises:
        InputError: The remedy or its day is missing, past, or further away than a year.
    """
    if not remedy.strip():
        raise errors.InputError(gettext_noop("Say what will be done."), code="no-remedy", field="remedy")
    if due_on is None:
        raise errors.InputError(gettext_noop("Say until when."), code="no-date", field="due_on")
    if due_on < today:
        raise errors.InputError(gettext_noop("This day is past."), code="past-date", field="due_on")
    if due_on > today + timedelta(days=LONGEST_REMEDY_DAYS):
        raise errors.InputError(
            gettext_noop("This is more than a year away."), code="far-date", field="due_on"
        )
    return due_on


def check_words(title: str, text: str) -> None:
    """Refuse an obstacle without words, or with too many.

    Raises:
        InputError: A text is missing or too long.
    """
    for name, value, limit in (("title", title, LONGEST_TITLE), ("text", text, LONGEST_TEXT)):
        wording.written(value, field=name, limit=limit)


def answer_climbs(
    level_due_on: date, today: date, calendar: WorkingCalendar, *, rest: int
) -> tuple[date, ...]:
    """Give the next due days of an answer that is late, one for each of at most ``rest`` levels that it climbs."""
    found: list[date] = []
    while level_due_on < today and len(found) < rest:
        level_due_on = due_after(level_due_on, calendar)
        found.append(level_due_on)
    return tuple(found)
