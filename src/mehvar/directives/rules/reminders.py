"""Decide when a body that has not acknowledged is reminded, and when its silence climbs the line."""

from datetime import date, timedelta

STEPS: tuple[tuple[str, int], ...] = (("before", -2), ("due", 0), ("late", 1), ("escalated", 3))
"""Name of each step and the day on which it falls, counted from the deadline."""


def due_steps(due_on: date, today: date) -> tuple[str, ...]:
    """Return the steps whose day has come, in order."""
    return tuple(step for step, days in STEPS if today >= due_on + timedelta(days=days))
