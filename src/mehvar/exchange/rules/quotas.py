"""Count calls against a quota, as a bucket of tokens."""

from __future__ import annotations

from typing import NamedTuple


class Bucket(NamedTuple):
    """Hold the tokens left at an instant of a clock that never goes back (seconds)."""

    tokens: float
    at: float


def take(bucket: Bucket | None, *, now: float, calls_per_s: float, burst: int) -> tuple[bool, Bucket, float]:
    """Take one token: whether it was there, the bucket afterwards, and seconds until the next one.

    A new bucket is full. ``now`` before the bucket's instant counts as that instant.
    """
    tokens, at = bucket or (float(burst), now)
    now = max(now, at)
    tokens = min(float(burst), tokens + (now - at) * calls_per_s)
    if tokens >= 1.0:
        return True, Bucket(tokens - 1.0, now), 0.0
    return False, Bucket(tokens, now), (1.0 - tokens) / calls_per_s
