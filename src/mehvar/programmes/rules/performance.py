"""Name the numbers of a performance report and compute what is not a plain count.

Source: S4.3 (last year's performance, next year's plan), S1.3 (real statistics).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mehvar.kernel import identifiers
from mehvar.kernel.errors import Conflict, gettext_noop


class Number(StrEnum):
    """Name a number; each has a list on which it rests."""

    DUE = "due"
    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    OPEN_IN_TIME = "open_in_time"
    OPEN_OVERDUE = "open_overdue"
    MISSING = "missing"
    DONE_IN_PERIOD = "done_in_period"
    MOVED = "moved"
    OBSTACLES_RAISED = "obstacles_raised"
    OBSTACLES_REMOVED = "obstacles_removed"
    OBSTACLES_STANDING = "obstacles_standing"
    NEXT = "next"
    PLANNED = "planned"


CELLS = (
    Number.DONE_ON_TIME,
    Number.DONE_LATE,
    Number.OPEN_IN_TIME,
    Number.OPEN_OVERDUE,
    Number.MISSING,
)
OBSTACLES = (Number.OBSTACLES_RAISED, Number.OBSTACLES_REMOVED, Number.OBSTACLES_STANDING)
MEASURES = tuple(one for one in Number if one not in OBSTACLES and one is not Number.PLANNED)
"""The numbers that rest on deliveries."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Hold verified progress: the share (0–1) weighted by importance, of how many measures it is known."""

    verified: float | None
    known: int
    whole: int


def verified_progress(rows: Iterable[tuple[float, int | None]]) -> Progress:
    """Weigh approved percentages (0–100) by importance; what nobody verified counts as nothing done."""
    listed = list(rows)
    weight = sum(one for one, _approved in listed)
    known = sum(1 for _weight, approved in listed if approved is not None)
    if not weight:
        return Progress(None, known, len(listed))
    share = sum(one * (approved or 0) for one, approved in listed) / weight / 100
    return Progress(round(share, 4), known, len(listed))


def digest_of(keys: Iterable[str]) -> str:
    """Give the hash of the rows on which a number rests, whatever their order."""
    return identifiers.content_hash(sorted(keys))


def require_begun(start: date, today: date) -> None:
    """Refuse to freeze a report on a period that has not begun.

    Raises:
        Conflict: It has not.
    """
    if start > today:
        raise Conflict(gettext_noop("This period has not begun yet."), code="period-ahead", field="period")
