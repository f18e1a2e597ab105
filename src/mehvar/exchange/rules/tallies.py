"""Sort calls by how they ended and how long they took, and read figures from the counts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

BOUNDS_MS = (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000)
"""Upper ends of the buckets of latency; one more bucket is open."""

BUCKETS = len(BOUNDS_MS) + 1
SERVER_ERROR = 500
CLIENT_ERROR = 400


def bucket_of(milliseconds: float) -> int:
    """Return the bucket into which a duration falls."""
    return bisect_left(BOUNDS_MS, milliseconds)


def percentile(counts: Sequence[int], share: float) -> float | None:
    """Return the duration in milliseconds within which a share of the calls ended, interpolated within its bucket.

    For the open bucket that is its lower end: the true figure is higher. None without calls.
    """
    total = sum(counts)
    if not total:
        return None
    rank, passed = share * total, 0
    for number, count in enumerate(counts):
        if count and passed + count >= rank:
            return _within(number, (rank - passed) / count)
        passed += count
    return float(BOUNDS_MS[-1])


def outcome_of(leaf: Mapping[str, Any]) -> str:
    """Say in one word how a call ended: answered, client, provider, bus, refused, pending."""
    if leaf["kind"] != "exchange":
        return "refused" if leaf["kind"] == "refusal" else "pending"
    if leaf["error"]:
        return "client" if leaf["error"].startswith("Client.") else "bus"
    status = int(leaf["answer"]["status"])
    if status >= SERVER_ERROR:
        return "provider"
    return "client" if status >= CLIENT_ERROR else "answered"


def availability(*, calls: int, provider_errors: int, bus_errors: int, refused: int) -> float | None:
    """Return the share of carried calls that neither provider nor bus failed; refusals are not carried. None without calls."""
    carried = calls - refused
    return (carried - provider_errors - bus_errors) / carried if carried > 0 else None


def _within(number: int, part: float) -> float:
    low = BOUNDS_MS[number - 1] if number else 0
    high = BOUNDS_MS[number] if number < len(BOUNDS_MS) else low
    return low + (high - low) * part
