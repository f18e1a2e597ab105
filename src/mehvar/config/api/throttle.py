"""Limit how many requests one token, person or address may make in a minute."""

import time

from django.core.cache import cache
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

MINUTE_S = 60
SIGNED_IN_PER_MINUTE = 600
ANONYMOUS_PER_MINUTE = 120


class PerMinute(BaseThrottle):
    """Count requests by the minute of the clock, in the process's cache.

    Each web process counts for itself: the limits protect the service from a runaway program; they are no quota.
    """

    def allow_request(self, request: HttpRequest) -> bool:
        """Count the request and tell whether the caller is still within the limit."""
        caller = getattr(request, "auth", None)
        who, limit = (
            (f"{caller.kind}:{caller.key}", SIGNED_IN_PER_MINUTE)
            if caller is not None
            else (f"address:{self.get_ident(request)}", ANONYMOUS_PER_MINUTE)
        )
        key = f"api-calls:{who}:{int(time.time()) // MINUTE_S}"
        cache.add(key, 0, timeout=2 * MINUTE_S)
        return cache.incr(key) <= limit

    def wait(self) -> float:
        """Tell how many seconds are left until the next minute begins."""
        return MINUTE_S - time.time() % MINUTE_S
