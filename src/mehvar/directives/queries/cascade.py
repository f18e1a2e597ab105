"""Read who must do what of a promulgated directive, and who has acknowledged it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from mehvar.directives.models import Acknowledgement, AssignedBody
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import Authority
from mehvar.organisations.rules.permissions import Permission


@dataclass(frozen=True, slots=True)
class Coverage:
    """Count the acknowledgements of a directive: on time, late, still in time, overdue."""

    on_time: int
    late: int
    waiting: int
    overdue: int

    @property
    def total(self) -> int:
        """Return how many bodies were asked."""
        return self.on_time + self.late + self.waiting + self.overdue


def acknowledgements_for(authority: Authority) -> QuerySet[Acknowledgement]:
    """Return the acknowledgements that a person may see: those of the bodies in the person's scope."""
    rows = Acknowledgement.objects.select_related("directive", "organisation")
    return organisations.scoped(rows, authority, Permission.VIEW_ASSIGNMENTS, "organisation__path")


def to_acknowledge(authority: Authority) -> QuerySet[Acknowledgement]:
    """Return what waits for the acknowledgement of the bodies that a person acts for, soonest first."""
    rows = Acknowledgement.objects.select_related("directive", "organisation").filter(
        acknowledged_at__isnull=True
    )
    return organisations.scoped(
        rows, authority, Permission.ACKNOWLEDGE_ASSIGNMENT, "organisation__path"
    ).order_by("due_on", "pk")


def assignments_for(authority: Authority, *, directive_id: int | None = None) -> QuerySet[AssignedBody]:
    """Return the frozen assignments of the bodies in a person's scope."""
    rows = AssignedBody.objects.all()
    if directive_id is not None:
        rows = rows.filter(directive_id=directive_id)
    return organisations.scoped(rows, authority, Permission.VIEW_ASSIGNMENTS, "organisation__path")


def coverage_of(directive_id: int, today: date) -> Coverage:
    """Count a directive's acknowledgements; one query."""
    done = Q(acknowledged_at__isnull=False)
    on_time = Q(acknowledged_at__date__lte=F("due_on"))
    counts = Acknowledgement.objects.filter(directive_id=directive_id).aggregate(
        on_time=Count("pk", filter=done & on_time),
        late=Count("pk", filter=done & ~on_time),
        waiting=Count("pk", filter=~done & Q(due_on__gte=today)),
        overdue=Count("pk", filter=~done & Q(due_on__lt=today)),
    )
    return Coverage(**counts)


def coverage_rows(directive_id: int, authority: Authority) -> QuerySet[Acknowledgement, dict[str, Any]]:
    """Return one row per body of a directive within a person's scope, with how many measures it has."""
    rows = Acknowledgement.objects.filter(directive_id=directive_id)
    return (
        organisations.scoped(rows, authority, Permission.VIEW_COVERAGE, "organisation__path")
        .order_by("organisation__path")
        .values(
            "id",
            "organisation_id",
            "organisation__code",
            "organisation__type",
            "organisation__path",
            "organisation__attributes",
            "organisation__name_fa",
            "organisation__name_vi",
            "organisation__name_en",
            "due_on",
            "acknowledged_at",
            "acknowledged_by__name",
            "disseminated",
            "note",
        )
    )
