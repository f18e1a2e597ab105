"""Decide when a body that has not acknowledged is reminded, and when its silence climbs the line."""

from collections.abc import Collection
from datetime import date, timedelta

ESCALATED = "escalated"
STEPS: tuple[tuple[str, int], ...] = (("before", -2), ("due", 0), ("late", 1), (ESCALATED, 3))
"""Name of each step and the day on which it falls, counted from the deadline."""

EARLIEST = -min(days for _name, days in STEPS)
"""How many days before the deadline the first step falls."""


def due_steps(due_on: date, today: date) -> tuple[str, ...]:
    """Return the steps whose day has come, in order."""
    return tuple(step for step, days in STEPS if today >= due_on + timedelta(days=days))


def unsent_steps(due_on: date, today: date, sent: Collection[str]) -> tuple[str, ...]:
    """Return the steps whose day has come and that nobody was told of, in order; the last one is said."""
    return tuple(step for step in due_steps(due_on, today) if step not in sent)
