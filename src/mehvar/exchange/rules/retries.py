"""Decide when a delivery that failed is tried again, and when it is given up."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from mehvar.exchange.data.events import Settlement, Verdict

FIRST_S = 2.0
LONGEST_S = 3_600.0
ATTEMPTS = 12


def pause_s(
    attempt: int, draw: Callable[[], float], *, first_s: float = FIRST_S, longest_s: float = LONGEST_S
) -> float:
    """Return how long to wait after the ``attempt``-th failure: doubled each time, half of it by chance.

    ``draw`` gives a number from 0 to 1. Half of the pause is certain, so that a broken receiver gets rest; half is
    chance, so that thousands of deliveries do not come back in the same second.
    """
    whole = min(longest_s, first_s * 2.0 ** min(attempt - 1, 40))
    return whole * (0.5 + 0.5 * draw())


def settlement_of(
    receipt: str,
    status: int,
    *,
    attempt: int,
    attempts: int,
    draw: Callable[[], float],
    error: str = "",
    retry_after_s: float = 0.0,
) -> Settlement:
    """Decide on what a receiver answered; ``status`` 0: it did not answer, ``error`` says why.

    2xx is done. 410 says that nobody is there any more: given up at once. All else is tried again, at the receiver's own
    wish (``Retry-After``) or after a growing pause, until ``attempts`` are used up.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Settlement(receipt)
    words = error or f"HTTP {status}"
    if status == HTTPStatus.GONE or attempt >= attempts:
        return Settlement(receipt, Verdict.DEAD, error=words)
    after = max(min(retry_after_s, LONGEST_S), pause_s(attempt, draw))
    return Settlement(receipt, Verdict.RETRY, after, words)


def retry_after_s(text: str, now: float) -> float:
    """Read ``Retry-After`` (seconds or a date); 0 when it says nothing."""
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError):
        return 0.0
