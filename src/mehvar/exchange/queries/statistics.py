"""Add up what was asked: per service, member, purpose and period.

Times come from buckets: a percentile is exact to the bucket and interpolated within it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDay

from mehvar.exchange.models import HourlyTally
from mehvar.exchange.rules import tallies
from mehvar.kernel import clock

COUNTS = ("calls", "answered", "client_errors", "provider_errors", "bus_errors", "refused")
_BUCKETS = tuple(f"under_{number}" for number in range(tallies.BUCKETS))
SUMS = {name: Sum(name) for name in (*COUNTS, "request_bytes", "answer_bytes", *_BUCKETS)}


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold counts of calls and what is worked out from them; times in milliseconds, shares from 0 to 1."""

    calls: int = 0
    answered: int = 0
    client_errors: int = 0
    provider_errors: int = 0
    bus_errors: int = 0
    refused: int = 0
    request_bytes: int = 0
    answer_bytes: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None

    @property
    def failures(self) -> int:
        """Return how many calls provider or bus failed."""
        return self.provider_errors + self.bus_errors

    @property
    def availability(self) -> float | None:
        """Return the share of carried calls that neither provider nor bus failed."""
        return tallies.availability(
            calls=self.calls,
            provider_errors=self.provider_errors,
            bus_errors=self.bus_errors,
            refused=self.refused,
        )


def figures_of(row: dict[str, Any]) -> Figures:
    """Make figures of a row of sums."""
    buckets = [row[name] or 0 for name in _BUCKETS]
    names = [one.name for one in fields(Figures) if not one.name.endswith("_ms")]
    return Figures(
        **{name: row[name] or 0 for name in names},
        p50_ms=tallies.percentile(buckets, 0.5),
        p95_ms=tallies.percentile(buckets, 0.95),
    )


def total(rows: QuerySet[HourlyTally]) -> Figures:
    """Add up all rows."""
    return figures_of(rows.aggregate(**SUMS))


def grouped(rows: QuerySet[HourlyTally], *by: str) -> list[tuple[dict[str, Any], Figures]]:
    """Add up rows that share some fields, most calls first."""
    found = rows.order_by().values(*by).annotate(**SUMS).order_by("-calls", *by)
    return [({name: row[name] for name in by}, figures_of(row)) for row in found]


def per_day(rows: QuerySet[HourlyTally]) -> list[tuple[datetime, Figures]]:
    """Add up rows per day of the installation's time zone, in order."""
    found = rows.order_by().annotate(day=TruncDay("hour")).values("day").annotate(**SUMS).order_by("day")
    return [(row["day"], figures_of(dict(row))) for row in found]


def since(rows: QuerySet[HourlyTally], *, days: int) -> QuerySet[HourlyTally]:
    """Keep the tallies of the last days."""
    return rows.filter(hour__gte=clock.now() - timedelta(days=days))


def tallies_of(service_id: int, *, days: int = 30) -> QuerySet[HourlyTally]:
    """Give the tallies of a service over the last days."""
    return since(HourlyTally.objects.filter(service_row_id=service_id), days=days)


def of_service(service_id: int, *, days: int = 30) -> Figures:
    """Give the figures of a service over the last days; everybody in the catalogue sees them."""
    return total(tallies_of(service_id, days=days))


def of_services(service_ids: list[int], *, days: int = 30) -> dict[int, Figures]:
    """Give the figures of several services over the last days; one query."""
    rows = since(HourlyTally.objects.filter(service_row_id__in=service_ids), days=days)
    return {keys["service_row_id"]: figures for keys, figures in grouped(rows, "service_row_id")}


def users_of_service(service_id: int, *, days: int = 30) -> int:
    """Count the members that used a service in the last days."""
    rows = tallies_of(service_id, days=days)
    found: int = rows.aggregate(count=Count("client_member", distinct=True))["count"]
    return found
