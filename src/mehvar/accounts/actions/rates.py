"""Count what callers do in a window of time, in one place for all processes.

One statement counts and gives the count, so that of many who ask at once each is given another number.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from mehvar.accounts.models import RequestCount
from mehvar.kernel import clock

_COUNTED = """
INSERT INTO accounts_requestcount (key, count, until) VALUES (%s, %s, %s)
ON CONFLICT (key) DO UPDATE SET count = accounts_requestcount.count + excluded.count RETURNING count
"""


def count(key: str, *, window_s: int, by: int = 1, at: datetime | None = None) -> int:
    """Count ``by`` more under a key in the window of a moment (now), and give how many there are in it.

    Windows are ``window_s`` long and begin with the epoch.
    """
    number = int((at or clock.now()).timestamp()) // window_s
    until = datetime.fromtimestamp((number + 1) * window_s, tz=UTC)
    values: list[Any] = [f"{key}:{number}", by, connection.ops.adapt_datetimefield_value(until)]
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, values)
        (found,) = cursor.fetchone()
    return int(found)


def forget_old_counts() -> int:
    """Delete the counts of windows that are over, and give how many went."""
    return RequestCount.objects.filter(until__lt=clock.now() - timedelta(minutes=1)).delete()[0]
