"""Count, by province, the verified figures from which recognition is computed, and read editions and their results.

Only what was checked counts: reports that a reviewer accepted, status as it was frozen when a round closed, obstacles that their raiser
confirmed to be gone, plans that the ministry accepted.
Source: S1.3 (verified statistics), S1.10 (recognition by published criteria).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from mehvar.kernel.errors import MehvarError, NotFound, gettext_noop
from mehvar.kernel.periods import Period
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.data import Criterion, Level, ObstacleKind, ObstacleState, PlanState, ReportState
from mehvar.programmes.models import (
    Obstacle,
    Plan,
    ProgressReport,
    RecognitionEdition,
    ReportingRound,
    StatusRecord,
)
from mehvar.programmes.rules.cells import Cell
from mehvar.programmes.rules.recognition import Candidate, Share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mehvar.organisations.data import Authority
    from mehvar.organisations.models import Organisation

CHECKED = (ReportState.ACCEPTED, ReportState.APPROVED)
GIVEN = (ReportState.CLAIMED, *CHECKED)
ASKED_CELLS = (Cell.OPEN_IN_TIME, Cell.OPEN_OVERDUE, Cell.MISSING)
NOT_COUNTED = (ObstacleState.REJECTED, ObstacleState.MERGED, ObstacleState.WITHDRAWN)

Counted = tuple[float, float]


def visible_editions(authority: Authority | None) -> QuerySet[RecognitionEdition]:
    """Give the editions that a person may see: published ones, and drafts of the bodies for which the person awards."""
    rows = RecognitionEdition.objects.select_related("issuer").order_by("-period", "-pk")
    public = Q(published_at__isnull=False)
    if authority is not None:
        for path in permissions.paths_with(authority, Permission.AWARD_RECOGNITION):
            public |= organisations.within(path, path_field="issuer__path")
    return rows.filter(public)


def visible_edition(authority: Authority | None, public_id: str) -> RecognitionEdition:
    """Give one edition.

    Raises:
        NotFound: There is none, or it is not public yet and not this person's.
    """
    found = visible_editions(authority).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such recognition."), code="unknown-recognition")
    return found


def candidates(issuer: Organisation, period: Period) -> list[Candidate]:
    """Count the figures of every province of the issuer's country for a period; seven queries whatever the size."""
    provinces = list(organisations.provinces(issuer.pack, on=period.end))
    names = _closed_periods(issuer, period)
    by_criterion = {
        Criterion.COMPLETENESS: _reports(issuer, names, Q(state__in=CHECKED)),
        Criterion.TIMELINESS: _reports(issuer, names, Q(state__in=GIVEN, late=False)),
        Criterion.PROGRESS: _progress(issuer, names),
        Criterion.OBSTACLES: _obstacles(issuer, period),
        Criterion.PLANS: _plans(issuer, period),
    }
    shared = {code: _by_province(rows, provinces) for code, rows in by_criterion.items()}
    return [
        Candidate(one.pk, one.code, {code: rows[one.pk] for code, rows in shared.items()})
        for one in provinces
    ]


def _closed_periods(issuer: Organisation, period: Period) -> list[str]:
    """Give the periods, within the edition's, of the issuer's rounds that are closed."""
    found = ReportingRound.objects.filter(issuer=issuer, closed_at__isnull=False).values_list(
        "period", flat=True
    )
    return sorted({name for name in found if _lies_within(name, period)})


def _lies_within(name: str, period: Period) -> bool:
    try:
        one = Period.parse(name)
    except MehvarError:
        return False
    return period.start <= one.start and one.end <= period.end


def _by_province(rows: Mapping[str, Counted], provinces: Iterable[Organisation]) -> dict[int, Share]:
    """Sum what was counted by the bodies' paths to provinces."""
    step = 4
    found: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    tops = {one.path for one in provinces}
    for path, (part, whole) in rows.items():
        top = next((path[:end] for end in range(step, len(path) + 1, step) if path[:end] in tops), None)
        if top is not None:
            found[top][0] += part
            found[top][1] += whole
    return {one.pk: Share(round(found[one.path][0], 2), found[one.path][1]) for one in provinces}


def _reports(issuer: Organisation, names: list[str], condition: Q) -> dict[str, Counted]:
    """Count the reports that meet a condition, of all that were asked for (open at the round's end, or reported)."""
    asked = (
        StatusRecord.objects.filter(delivery__issuer=issuer, period__in=names, cell__in=ASKED_CELLS)
        .order_by()
        .values_list("delivery__organisation__path")
        .annotate(number=Count("pk"))
    )
    given = (
        ProgressReport.objects.filter(
            condition,
            round__issuer=issuer,
            round__period__in=names,
            delivery__issuer=issuer,
            delivery__history__period=F("round__period"),
            delivery__history__cell__in=ASKED_CELLS,
        )
        .order_by()
        .values_list("delivery__organisation__path")
        .annotate(number=Count("pk", distinct=True))
    )
    parts = dict(given)
    return {path: (float(parts.get(path, 0)), float(number)) for path, number in asked}


def _progress(issuer: Organisation, names: list[str]) -> dict[str, Counted]:
    """Sum, over frozen status, how much of the expected progress is verified: 100 less the points behind."""
    approved = Coalesce(F("approved"), Value(0))
    reached = Case(
        When(expected__gt=approved, then=Value(100) - F("expected") + approved),
        default=Value(100),
        output_field=IntegerField(),
    )
    rows = (
        StatusRecord.objects.filter(delivery__issuer=issuer, period__in=names, expected__isnull=False)
        .order_by()
        .values_list("delivery__organisation__path")
        .annotate(points=Sum(reached), number=Count("pk"))
    )
    return {path: (points / 100, float(number)) for path, points, number in rows}


def _obstacles(issuer: Organisation, period: Period) -> dict[str, Counted]:
    """Count the obstacles raised in the period that never left the body and whose raiser confirmed that they are gone."""
    zone = ZoneInfo(settings.TIME_ZONE)
    first = datetime.combine(period.start, time.min, zone)
    after = datetime.combine(period.end + timedelta(days=1), time.min, zone)
    in_time = Q(state=ObstacleState.CLOSED, highest_level=Level.BODY)
    undecided = Q(highest_level=Level.BODY) & ~Q(state=ObstacleState.CLOSED)
    rows = (
        Obstacle.objects.filter(
            issuer=issuer, kind=ObstacleKind.OBSTACLE, raised_at__gte=first, raised_at__lt=after
        )
        .exclude(state__in=NOT_COUNTED)
        .exclude(undecided)
        .order_by()
        .values_list("owner__path")
        .annotate(part=Count("pk", filter=in_time), number=Count("pk"))
    )
    return {path: (float(part), float(number)) for path, part, number in rows}


def _plans(issuer: Organisation, period: Period) -> dict[str, Counted]:
    """Sum the quality of accepted plans over all plans that were called for with a deadline in the period."""
    quality = Sum(Coalesce(F("quality"), Value(0)), filter=Q(state=PlanState.ACCEPTED))
    rows = (
        Plan.objects.filter(
            call__programme__organisation=issuer, call__deadline_on__range=(period.start, period.end)
        )
        .order_by()
        .values_list("organisation__path")
        .annotate(points=quality, number=Count("pk"))
    )
    return {path: ((points or 0) / 100, float(number)) for path, points, number in rows}


def results_of(edition: RecognitionEdition) -> list[dict[str, Any]]:
    """Give the frozen results as values with the provinces' names, ranked ones first."""
    rows = edition.results.values(
        "score",
        "rank",
        "awarded",
        "figures",
        "organisation_id",
        *(f"organisation__{name}" for name in organisations.NAME_FIELDS),
    )
    return list(rows.order_by(F("rank").asc(nulls_last=True), "organisation__path"))
