"""Tell the time, in one place, so that tests and replays can set it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_FIXED: ContextVar[datetime | None] = ContextVar("mehvar_clock", default=None)
_shift = timedelta(0)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _FIXED.get() or datetime.now(UTC) + _shift


def shift(seconds: float) -> None:
    """Let this process's clock run ``seconds`` ahead of the machine's (behind when negative).

    For demonstrations and training, whose documents belong to another year; an installation in use never does it.
    """
    global _shift  # noqa: PLW0603 - one clock per process is the point
    _shift = timedelta(seconds=seconds)


def is_shifted() -> bool:
    """Tell whether this process's clock differs from the machine's."""
    return bool(_shift)


def today(tz: str = "UTC") -> date:
    """Return the present date in the IANA zone ``tz`` (``Asia/Tehran``, ``Asia/Ho_Chi_Minh``)."""
    return now().astimezone(ZoneInfo(tz)).date()


@contextmanager
def fixed(instant: datetime) -> Iterator[datetime]:
    """Hold the clock at ``instant`` within the block, in this thread or task only.

    Raises:
        ValueError: ``instant`` is naive.
    """
    if instant.tzinfo is None:
        raise ValueError("the clock needs an aware instant")
    token = _FIXED.set(instant.astimezone(UTC))
    try:
        yield instant
    finally:
        _FIXED.reset(token)
