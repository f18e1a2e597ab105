"""Limit how many requests one token, person or address may make in a minute, over all processes together."""

import time
from datetime import UTC, datetime
from threading import Lock

from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from mehvar.accounts.actions import rates

MINUTE_S = 60
SIGNED_IN_PER_MINUTE = 600
ANONYMOUS_PER_MINUTE = 120
STEP = 10
"""A process writes its count down with the first request of a caller's minute and with every tenth after it."""


class Counts:
    """Count the requests of the present minute: in the database for all processes, and between two steps in memory.

    So a caller may go beyond the limit by nine requests for each process, and reading costs a write only now and then.
    """

    def __init__(self) -> None:
        """Begin without any count."""
        self._minute = 0
        self._held: dict[str, tuple[int, int]] = {}
        self._lock = Lock()

    def count(self, caller: str, minute: int) -> int:
        """Count one more request of a caller, and give how many of its requests in the minute are known."""
        with self._lock:
            if minute != self._minute:
                self._minute, self._held = minute, {}
            fresh = caller not in self._held
            waiting, known = self._held.get(caller, (0, 0))
            waiting += 1
            if fresh or waiting >= STEP:
                known = rates.count(
                    f"api-calls:{caller}", window_s=MINUTE_S, by=waiting, at=_begin_of(minute)
                )
                waiting = 0
            self._held[caller] = (waiting, known)
        return known + waiting

    def clear(self) -> None:
        """Forget what is held in memory."""
        with self._lock:
            self._held = {}


COUNTS = Counts()


def _begin_of(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * MINUTE_S, tz=UTC)


class PerMinute(BaseThrottle):
    """Count requests by the minute of the clock.

    The limits protect the service from a runaway program; they are no quota.
    """

    def allow_request(self, request: HttpRequest) -> bool:
        """Count the request and tell whether the caller is still within the limit."""
        caller = getattr(request, "auth", None)
        who, limit = (
            (f"{caller.kind}:{caller.key}", SIGNED_IN_PER_MINUTE)
            if caller is not None
            else (f"address:{self.get_ident(request)}", ANONYMOUS_PER_MINUTE)
        )
        return COUNTS.count(who[:150], int(time.time()) // MINUTE_S) <= limit

    def wait(self) -> float:
        """Tell how many seconds are left until the next minute begins."""
        return MINUTE_S - time.time() % MINUTE_S
