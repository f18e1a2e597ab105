"""Compute performance reports from verified data, and give the list on which each number rests.

Measures of a period are those due within it. Cells and progress are as they stood at the period's end, or stand today while it runs
(``queries.standing``). A report on the ministry counts what its bodies asked for or deliver, a report on another body what is delivered in
its subtree; never beyond what its author may see.
Source: S4.3; issue "programmes", point 9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, QuerySet

from mehvar.directives.queries.days import today
from mehvar.kernel import identifiers
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.kernel.periods import Period
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.data import ObstacleState
from mehvar.programmes.models import Delivery, Obstacle, PerformanceReport, PlanItem
from mehvar.programmes.queries import obstacles as obstacle_queries
from mehvar.programmes.queries import plans as plan_queries
from mehvar.programmes.queries.cells import CELLS
from mehvar.programmes.queries.scope import scope_of, visible_deliveries
from mehvar.programmes.queries.standing import as_of
from mehvar.programmes.rules import performance as rules
from mehvar.programmes.rules.performance import Number

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority
    from mehvar.organisations.models import Organisation

BODY = organisations.NAME_FIELDS
PLANNING = ("submitted", "returned", "accepted")
"""Plans that a body has put forward."""
LONGEST_PLAN = 100
"""How many measures of the next period stand in the report by name; the count is whole."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Hold whom and which period a report is about."""

    body: Organisation
    period: Period

    @property
    def day(self) -> date:
        """Give the day as of which the report counts: the period's end, or today while the period runs."""
        return min(self.period.end, today())


def subject_for(authority: Authority, code: str, period: str) -> Subject:
    """Read whom and when a person asks about.

    Raises:
        NotFound: There is no such body, or the person may not see how it performs.
        InputError: It is no period.
    """
    body = organisations.organisation(code) if code else organisations.ministry()
    if not may_see(authority, body):
        raise _unknown()
    return Subject(body, Period.parse(period))


def may_see(authority: Authority, body: Organisation) -> bool:
    """Tell whether a person may see a body's performance: who reaches it, and who watches over the ministry."""
    scope = scope_of(authority)
    return scope.holds_body(body.pk) or scope.holds_issuer(organisations.ministry().pk)


FREEZES = (
    Permission.MANAGE_PROGRAMMES,
    Permission.REPORT_PROGRESS,
    Permission.HOLD_STOCKTAKE,
    Permission.PUBLISH,
)
"""Who answers for figures may freeze them; who only reads, as an auditor does, may not."""


def may_freeze(authority: Authority) -> bool:
    """Tell whether a person may freeze reports on what the person sees."""
    return any(permissions.allows(authority, permission) for permission in FREEZES)


def may_publish(authority: Authority, body: Organisation) -> bool:
    """Tell whether a person may publish a body's report: for that body or for the ministry."""
    return permissions.allows(authority, Permission.PUBLISH, body.path) or permissions.allows(
        authority, Permission.PUBLISH, organisations.ministry().path
    )


def reports_for(authority: Authority) -> QuerySet[PerformanceReport]:
    """Give the frozen reports that a person may see."""
    rows = PerformanceReport.objects.select_related("organisation")
    scope = scope_of(authority)
    if scope.is_empty:
        return rows.none()
    if scope.everything or scope.holds_issuer(organisations.ministry().pk):
        return rows
    return rows.filter(organisation_id__in=scope.delivering_ids)


def report_for(authority: Authority, public_id: str) -> PerformanceReport:
    """Give one report: a published one to everybody, another to who may see the body.

    Raises:
        NotFound: There is none, or not for this person.
    """
    rows = PerformanceReport.objects.select_related("organisation").filter(public_id=public_id)
    found = rows.first()
    if found is None or (
        found.published_at is None and not reports_for(authority).filter(pk=found.pk).exists()
    ):
        raise _unknown()
    return found


def published_reports() -> QuerySet[PerformanceReport]:
    """Give what is public, the latest first."""
    rows = PerformanceReport.objects.filter(published_at__isnull=False).select_related("organisation")
    return rows.order_by("-published_at")


def is_intact(row: PerformanceReport) -> bool:
    """Tell whether a frozen report still has the hash that the ledger holds."""
    return identifiers.content_hash(row.content) == row.content_hash


def _unknown() -> NotFound:
    return NotFound(gettext_noop("There is no such report."), code="unknown-report")


def deliveries_of(authority: Authority, subject: Subject) -> QuerySet[Delivery]:
    """Give the deliveries that a report on a body counts, of all periods."""
    path = subject.body.path
    own = organisations.within(path, path_field="organisation__path")
    if subject.body.pk == organisations.ministry().pk:
        own |= organisations.within(path, path_field="issuer__path")
    return visible_deliveries(authority).filter(own)


def obstacles_of(authority: Authority, subject: Subject) -> QuerySet[Obstacle]:
    """Give the obstacles that a report on a body counts, of all periods."""
    path = subject.body.path
    own = organisations.within(path, path_field="owner__path")
    if subject.body.pk == organisations.ministry().pk:
        own |= organisations.within(path, path_field="issuer__path")
    return obstacle_queries.visible_obstacles(authority).filter(own)


def measures_behind(authority: Authority, subject: Subject, number: Number) -> QuerySet[Any]:
    """Give the deliveries on which a number rests."""
    return _measures(as_of(deliveries_of(authority, subject), subject.day), subject.period, number)


def _measures(rows: QuerySet[Any], period: Period, number: Number) -> QuerySet[Any]:
    if number is Number.NEXT:
        return rows.exclude(state="discontinued").filter(_due_in(period.next()))
    if number is Number.DONE_IN_PERIOD:
        return rows.filter(state="done", done_on__gte=period.start, done_on__lte=period.end)
    rows = rows.exclude(state="discontinued")
    if number is Number.MOVED:
        meant = rows.filter(first_due_on__gte=period.start, first_due_on__lte=period.end)
        return meant.exclude(due_then=F("first_due_on"))
    rows = rows.filter(_due_in(period))
    return rows.filter(cell_then=number.value) if number in rules.CELLS else rows


def items_behind(authority: Authority, subject: Subject) -> QuerySet[PlanItem]:
    """Give what submitted plans hold for the next period and is no delivery yet."""
    following = subject.period.next()
    rows = PlanItem.objects.filter(
        plan__in=plan_queries.visible_plans(authority).filter(state__in=PLANNING).order_by().values("pk"),
        delivery__isnull=True,
        due_on__gte=following.start,
        due_on__lte=following.end,
    )
    return rows.filter(organisations.within(subject.body.path, path_field="plan__organisation__path"))


def obstacles_behind(authority: Authority, subject: Subject, number: Number) -> QuerySet[Obstacle]:
    """Give the obstacles on which a number rests."""
    return _obstacles(obstacles_of(authority, subject), subject.period, number)


def _obstacles(rows: QuerySet[Obstacle], period: Period, number: Number) -> QuerySet[Obstacle]:
    bounds = (period.start, period.end)
    if number is Number.OBSTACLES_RAISED:
        return rows.filter(raised_at__date__range=bounds)
    if number is Number.OBSTACLES_REMOVED:
        return rows.filter(state=ObstacleState.CLOSED, closed_at__date__range=bounds)
    return obstacle_queries.live(rows)


def _due_in(period: Period) -> Q:
    return Q(due_then__gte=period.start, due_then__lte=period.end)


def keys_behind(authority: Authority, subject: Subject, number: Number) -> list[str]:
    """Give the public keys of the rows on which a number rests; one query beside the scope's."""
    if number is Number.PLANNED:
        return _keys(items_behind(authority, subject))
    if number in rules.OBSTACLES:
        return _keys(obstacles_behind(authority, subject, number))
    return _keys(measures_behind(authority, subject, number))


def _keys(rows: QuerySet[Any]) -> list[str]:
    return list(rows.order_by().values_list("public_id", flat=True))


def content_of(authority: Authority, subject: Subject) -> dict[str, Any]:
    """Compute a report as of the period's end, or of today while the period runs; this is what is frozen and hashed."""
    rows, met, period = deliveries_of(authority, subject), obstacles_of(authority, subject), subject.period
    standing = as_of(rows, subject.day)
    due, items = _measures(standing, period, Number.DUE), items_behind(authority, subject)
    removed = _obstacles(met, period, Number.OBSTACLES_REMOVED)
    found: dict[Number, list[str]] = {
        number: _keys(_measures(standing, period, number)) for number in rules.MEASURES
    }
    found |= {number: _keys(_obstacles(met, period, number)) for number in rules.OBSTACLES}
    found[Number.PLANNED] = _keys(items)
    return {
        "schema": "mehvar.performance-report/1",
        "body": {name: getattr(subject.body, name) for name in BODY},
        "period": subject.period.id,
        "next_period": subject.period.next().id,
        "day": subject.day.isoformat(),
        "numbers": {
            number.value: {"value": len(keys), "rows_hash": rules.digest_of(keys)}
            for number, keys in found.items()
        },
        "progress": asdict(rules.verified_progress(due.order_by().values_list("weight", "approved_then"))),
        "fields": _by_field(due),
        "causes": obstacle_queries.counts_by(removed, "cause"),
        "plan": [*_plan(_measures(standing, period, Number.NEXT)), *_planned(items)],
    }


def _by_field(due: QuerySet[Any]) -> list[dict[str, Any]]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(CELLS, 0))
    for name, cell, number in due.order_by().values_list("field_name", "cell_then").annotate(n=Count("pk")):
        counts[name][cell] += number
    names = sorted(counts, key=lambda name: (not name, name))
    return [{"field": name, "cells": counts[name]} for name in names]


def _plan(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    listed = rows.order_by("-weight", "due_then", "pk").values(
        "public_id", "text", "due_then", *(f"organisation__{name}" for name in BODY)
    )
    return _lines(listed[:LONGEST_PLAN], due="due_then", body="organisation__")


def _planned(items: QuerySet[PlanItem]) -> list[dict[str, Any]]:
    prefix = "plan__organisation__"
    listed = items.order_by("due_on", "pk").values(
        "public_id", "text", "due_on", *(f"{prefix}{name}" for name in BODY)
    )
    return [{**one, "planned": True} for one in _lines(listed[:LONGEST_PLAN], due="due_on", body=prefix)]


def _lines(rows: Iterable[Any], *, due: str, body: str) -> list[dict[str, Any]]:
    return [
        {
            "id": one["public_id"],
            "text": one["text"],
            "due_on": one[due].isoformat(),
            "body": {name: one[f"{body}{name}"] for name in BODY},
        }
        for one in rows
    ]
