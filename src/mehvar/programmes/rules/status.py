"""Compare what should have been reached with what was verified, and colour it.

Expected progress grows evenly between start and due date. The gap is expected minus approved progress, in points (0–100).
A rating is kept as two days, ``amber_on`` and ``red_on``: from then on the delivery has that colour if nothing changes.
Source: design page, "Status" (b) and (c).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mehvar.programmes.data import DeliveryState, Rating

WHOLE = 100


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Hold the points of gap and the days before the due date at which a colour begins."""

    amber_gap: int = 10
    red_gap: int = 25
    near_days: int = 14
    near_progress: int = 80


@dataclass(frozen=True, slots=True)
class Course:
    """Hold what the rating of a delivery is computed from; ``approved`` is the verified progress, None when there is none."""

    state: str
    starts_on: date | None
    due_on: date | None
    done_on: date | None
    approved: int | None
    silent: bool

    @property
    def is_known(self) -> bool:
        """Tell whether there is a verified figure to compare with."""
        return self.approved is not None and not self.silent


@dataclass(frozen=True, slots=True)
class Marks:
    """Hold the days from which a delivery counts as amber and as red; None is never."""

    amber_on: date | None = None
    red_on: date | None = None


def expected_progress(starts_on: date | None, due_on: date | None, day: date) -> int | None:
    """Give the progress (0–100) that should be reached at the end of a day; None where no date says so."""
    if due_on is None:
        return None
    if day >= due_on:
        return WHOLE
    if starts_on is None or day <= starts_on:
        return 0
    return math.floor(WHOLE * (day - starts_on).days / (due_on - starts_on).days)


def gap(expected: int | None, approved: int | None) -> int | None:
    """Give how many points verified progress is behind (negative: ahead); None where either is not known."""
    return None if expected is None or approved is None else expected - approved


def marks(course: Course, limits: Thresholds) -> Marks:
    """Give the days on which a delivery turns amber and red if nothing changes."""
    if course.state in {DeliveryState.DONE, DeliveryState.DISCONTINUED} or course.due_on is None:
        return Marks()
    if course.state == DeliveryState.CLAIMED and course.done_on is not None:
        return Marks(red_on=course.done_on) if course.done_on > course.due_on else Marks()
    overdue = course.due_on + timedelta(days=1)
    if not course.is_known:
        return Marks(red_on=overdue)
    approved = course.approved or 0
    red_on = min(overdue, _gap_exceeds(course, approved + limits.red_gap))
    near = course.due_on - timedelta(days=limits.near_days) if approved < limits.near_progress else overdue
    return Marks(min(near, _gap_exceeds(course, approved + limits.amber_gap), red_on), red_on)


def _gap_exceeds(course: Course, points: int) -> date:
    """Give the first day on which expected progress is above so many points; after the due date when never."""
    due_on = course.due_on or date.max
    if points >= WHOLE:
        return due_on + timedelta(days=1)
    starts_on = course.starts_on
    if starts_on is None or starts_on >= due_on:
        return due_on
    return starts_on + timedelta(days=math.ceil((points + 1) * (due_on - starts_on).days / WHOLE))


def rating(course: Course, found: Marks, day: date) -> Rating:
    """Give the computed colour on a day: silence and unverified claims are unknown, never green."""
    if course.state == DeliveryState.DONE:
        return Rating.GREEN
    if found.red_on is not None and found.red_on <= day:
        return Rating.RED
    if course.state == DeliveryState.CLAIMED or not course.is_known:
        return Rating.UNKNOWN
    if found.amber_on is not None and found.amber_on <= day:
        return Rating.AMBER
    return Rating.GREEN


def is_rosier(self_rating: str, computed: Rating) -> bool:
    """Tell whether a body calls green what is computed red."""
    return self_rating == Rating.GREEN and computed is Rating.RED


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one delivery of a roll-up; ``weight`` is its importance."""

    key: str
    rating: Rating
    weight: float = 1.0
    gap: int | None = None
    critical: bool = False


@dataclass(frozen=True, slots=True)
class RollUp:
    """Hold how many there are of each colour, their share of the weight (0–1), and the worst child; never an average alone."""

    counts: dict[Rating, int]
    shares: dict[Rating, float]
    worst: Part | None

    @property
    def total(self) -> int:
        """Return how many there are."""
        return sum(self.counts.values())


_SEVERITY = {Rating.RED: 3, Rating.AMBER: 2, Rating.UNKNOWN: 1, Rating.GREEN: 0}


def roll_up(parts: Iterable[Part]) -> RollUp:
    """Show the distribution of colours, weighted by importance, and the worst critical child (else the worst one)."""
    found = list(parts)
    counts = dict.fromkeys(Rating, 0)
    weights = dict.fromkeys(Rating, 0.0)
    for part in found:
        counts[part.rating] += 1
        weights[part.rating] += part.weight
    whole = sum(weights.values()) or 1.0
    return RollUp(counts, {colour: weight / whole for colour, weight in weights.items()}, worst_of(found))


def worst_of(parts: Sequence[Part]) -> Part | None:
    """Give the worst part that is not green: critical ones first, then by colour, importance and gap."""
    bad = [part for part in parts if part.rating is not Rating.GREEN]
    return max(
        bad,
        key=lambda part: (part.critical, _SEVERITY[part.rating], part.weight, part.gap or 0, part.key),
        default=None,
    )
