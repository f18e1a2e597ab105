"""Work out the last day of a deadline that a measure states relative to its promulgation.

Source: design page, "What a directive looks like" (deadlines are mostly relative: a duration and an anchor event).
"""

from __future__ import annotations

import re
from datetime import date

from mehvar.kernel.calendars import Calendar, add_days, add_months

_DURATION = re.compile(r"P(\d{1,4})([DWMY])")
_UNKNOWN_ANCHORS = frozenset({"other", "session"})
_DAYS = {"D": 1, "W": 7}
_MONTHS = {"M": 1, "Y": 12}


def resolved_due(
    *, end: date | None, duration: str, anchor: str, anchored_on: date | None, calendar: str
) -> date | None:
    """Give the stated day, else the duration (ISO 8601, one unit) counted from the anchor's day; None where neither is known."""
    if end is not None:
        return end
    match = _DURATION.fullmatch(duration)
    if match is None or anchored_on is None or anchor in _UNKNOWN_ANCHORS:
        return None
    count, unit = int(match[1]), match[2]
    if unit in _DAYS:
        return add_days(anchored_on, count * _DAYS[unit])
    return add_months(anchored_on, count * _MONTHS[unit], Calendar(calendar))
