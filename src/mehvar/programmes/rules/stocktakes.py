"""Decide how a stocktake goes from plan to end, its steps, and why a delivery is on its red list.

Source: issue "programmes", points 4 and 5; S4.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mehvar.kernel.errors import Conflict, gettext_noop
from mehvar.kernel.lifecycle import LifeCycle, Transition
from mehvar.programmes.rules.status import expected_progress


class StocktakeState(StrEnum):
    """Where a stocktake stands."""

    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


STOCKTAKE_LIFE = LifeCycle(
    "stocktake",
    tuple(StocktakeState),
    (
        Transition("begin", StocktakeState.PLANNED, StocktakeState.RUNNING, "Begin the stocktake"),
        Transition("end", StocktakeState.RUNNING, StocktakeState.ENDED, "End the stocktake"),
        Transition("cancel", StocktakeState.PLANNED, StocktakeState.CANCELLED, "Cancel the stocktake"),
    ),
)
"""A stocktake's life; once ended, its figures are frozen."""


class MeetingStep(StrEnum):
    """What is on the wall, in the order of the meeting."""

    OVERVIEW = "overview"
    FIELDS = "fields"
    PROVINCES = "provinces"
    RED = "red"
    OBSTACLES = "obstacles"
    LATE = "late"
    EARLIER = "earlier"


STEPS = tuple(MeetingStep)


def step_named(written: str) -> MeetingStep:
    """Give the step of an address; anything unknown is the first."""
    return MeetingStep(written) if written in set(STEPS) else STEPS[0]


def neighbours(step: MeetingStep) -> tuple[MeetingStep | None, MeetingStep | None]:
    """Give the step before and the one after."""
    place = STEPS.index(step)
    before = STEPS[place - 1] if place else None
    after = STEPS[place + 1] if place + 1 < len(STEPS) else None
    return before, after


def require_running(state: str) -> None:
    """Refuse a decision outside the meeting.

    Raises:
        Conflict: The stocktake has not begun, or is over.
    """
    if state != StocktakeState.RUNNING:
        raise Conflict(
            gettext_noop("Decisions are taken while the stocktake runs."), code="stocktake-not-running"
        )


class RedCause(StrEnum):
    """Why a delivery is red."""

    OVERDUE = "overdue"
    CLAIMED_LATE = "claimed_late"
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class RedFacts:
    """Hold what one sentence says about a red delivery; percentages 0–100, ``days`` past the date."""

    cause: RedCause
    days: int = 0
    expected: int | None = None
    approved: int | None = None
    moved: bool = False
    silent: bool = False
    rosy: bool = False


@dataclass(frozen=True, slots=True)
class RedCourse:
    """Hold what of a red delivery decides the sentence."""

    starts_on: date | None
    due_on: date | None
    first_due_on: date | None
    done_on: date | None
    approved: int | None
    silent: bool
    self_rating: str


def red_facts(course: RedCourse, day: date) -> RedFacts:
    """Say why a delivery that is computed red is so on a day."""
    cause, days = RedCause.BEHIND, 0
    if course.due_on is not None and course.done_on is not None and course.done_on > course.due_on:
        cause, days = RedCause.CLAIMED_LATE, (course.done_on - course.due_on).days
    elif course.due_on is not None and course.due_on < day:
        cause, days = RedCause.OVERDUE, (day - course.due_on).days
    return RedFacts(
        cause=cause,
        days=days,
        expected=expected_progress(course.starts_on, course.due_on, day),
        approved=course.approved,
        moved=course.first_due_on is not None and course.first_due_on != course.due_on,
        silent=course.silent,
        rosy=course.self_rating == "green",
    )
