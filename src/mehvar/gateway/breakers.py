"""Stop asking a provider that keeps failing, and try again carefully.

Closed: calls pass. After several failures in a row (no connection, reset, time-out, broken answer; a provider's own
error answers do not count) the breaker opens: calls are refused at once. After a pause one call may try; its success
closes the breaker, its failure opens it again. Each process counts for itself.
"""

from __future__ import annotations

FAILURES_TO_OPEN = 5
PAUSE_S = 5.0


class Breaker:
    """Guard one service. ``failures``: in a row; while there are none, nothing need be asked."""

    __slots__ = ("_is_trying", "_open_until", "failures")

    def __init__(self) -> None:
        """Begin closed."""
        self.failures = 0
        self._open_until = 0.0
        self._is_trying = False

    @property
    def is_open(self) -> bool:
        """Tell whether calls are refused, but for one that tries."""
        return self.failures >= FAILURES_TO_OPEN

    def admits(self, now: float) -> bool:
        """Tell whether a call may pass at ``now`` (seconds of a clock that never goes back)."""
        if self.failures < FAILURES_TO_OPEN:
            return True
        if now < self._open_until or self._is_trying:
            return False
        self._is_trying = True
        return True

    def succeeded(self) -> None:
        """Note an answer."""
        self.failures = 0
        self._is_trying = False

    def failed(self, now: float) -> None:
        """Note a failure."""
        self.failures += 1
        self._is_trying = False
        if self.failures >= FAILURES_TO_OPEN:
            self._open_until = now + PAUSE_S

    def gave_up(self) -> None:
        """Note that a call ended without telling anything about the provider."""
        self._is_trying = False
