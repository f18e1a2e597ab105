"""Count the working days within which a request is answered; upper rooms say which days are worked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

SATURDAY = 5
Counter = Callable[[str, date, int], date]
"""Give the n-th working day after a day in a country: ``counter(country, day, n)``."""

_COUNTERS: list[Counter] = []


def count_by(counter: Counter) -> None:
    """Count by a working calendar from now on; the last one registered wins."""
    _COUNTERS.append(counter)


def nth_working_day(country: str, day: date, n: int) -> date:
    """Give the n-th working day after a day by the registered calendar, else with Saturday and Sunday off."""
    if _COUNTERS:
        return _COUNTERS[-1](country, day, n)
    while n > 0:
        day += timedelta(days=1)
        n -= day.weekday() < SATURDAY
    return day
