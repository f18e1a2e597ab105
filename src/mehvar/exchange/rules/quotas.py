"""Count calls against a quota, as a bucket of tokens; gateways on several machines each grant their part of it."""

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


def part(calls_per_s: float, burst: int, *, gateways: int) -> tuple[float, int]:
    """Give what one of several gateways grants of a quota: the parts together never exceed it.

    Of a burst smaller than the number of gateways each grants one call.
    """
    return calls_per_s / gateways, max(1, burst // gateways)
