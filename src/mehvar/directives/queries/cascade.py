"""Read who must do what of a promulgated directive, and who has acknowledged it.

Scope: a person sees the bodies below the places where a role is held, and those whose duties passed to such a body.
Who watches over the issuer sees every body of the issuer's directives.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate

from mehvar.directives.models import Acknowledgement, AssignedBody, Citation, Directive
from mehvar.directives.queries.days import today as present_day
from mehvar.directives.rules.cascade import IN_FORCE, Standing
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import Authority
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

BODY_NAMES = tuple(f"organisation__{name}" for name in organisations.NAME_FIELDS)


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


def promulgated_directive(directive_id: int) -> Directive:
    """Return a directive that was promulgated, with its issuer.

    Raises:
        NotFound: There is none.
    """
    found = (
        Directive.objects.select_related("issuer").filter(pk=directive_id, promulgation__isnull=False).first()
    )
    if found is None:
        raise NotFound(gettext_noop("There is no such directive."), code="unknown-directive")
    return found


def _in_scope(authority: Authority, permission: Permission) -> Q:
    """Build the condition that a row's body, or a body that came after it, lies where the permission holds."""
    paths = permissions.paths_with(authority, permission)
    condition = Q(pk__in=())
    for path in paths:
        condition |= organisations.within(path, path_field="organisation__path")
        if not path:
            return Q()
    inherited = organisations.predecessors_within(authority, permission, on=present_day()) if paths else set()
    return condition | Q(organisation_id__in=inherited) if inherited else condition


def acknowledgements_for(authority: Authority) -> QuerySet[Acknowledgement]:
    """Return the acknowledgements that a person may see: those of the bodies in the person's scope."""
    rows = Acknowledgement.objects.select_related("directive", "organisation")
    return rows.filter(_in_scope(authority, Permission.VIEW_ASSIGNMENTS))


def answerable_by(authority: Authority) -> QuerySet[Acknowledgement]:
    """Return the acknowledgements that a person may give, given ones too."""
    return Acknowledgement.objects.filter(_in_scope(authority, Permission.ACKNOWLEDGE_ASSIGNMENT))


def to_acknowledge(authority: Authority) -> QuerySet[Acknowledgement]:
    """Return what waits for the acknowledgement of the bodies that a person acts for, soonest first."""
    return (
        answerable_by(authority)
        .select_related("directive", "organisation")
        .filter(acknowledged_at__isnull=True, directive__state__in=IN_FORCE)
        .order_by("due_on", "directive_id", "organisation__path")
    )


def is_dissemination_asked(directive_ids: Collection[int]) -> bool:
    """Tell whether one of the directives cites a document that every body must disseminate (S2.2)."""
    return Citation.objects.filter(directive_id__in=directive_ids, to_disseminate=True).exists()


def assignments_for(authority: Authority, *, directive_id: int | None = None) -> QuerySet[AssignedBody]:
    """Return the frozen assignments of the bodies in a person's scope."""
    rows = AssignedBody.objects.filter(_in_scope(authority, Permission.VIEW_ASSIGNMENTS))
    return rows if directive_id is None else rows.filter(directive_id=directive_id)


def own_assignments(authority: Authority) -> QuerySet[AssignedBody]:
    """Return the assignments in force of the bodies for which a person acts, or which the person watches over."""
    return assignments_for(authority).filter(directive__state__in=IN_FORCE)


def directives_with_assignments(authority: Authority) -> QuerySet[Directive, Any]:
    """Return the directives that give tasks to bodies in a person's scope, the newest first."""
    given = assignments_for(authority).order_by().values("directive_id")
    return (
        Directive.objects.filter(pk__in=given)
        .order_by("-promulgated_at")
        .values("public_id", "number", "title", "state")
    )


def _done() -> Q:
    return Q(acknowledged_at__isnull=False)


def _on_time() -> Q:
    return Q(acknowledged_on__lte=F("due_on"))


def _dated(rows: QuerySet[Acknowledgement]) -> QuerySet[Acknowledgement]:
    return rows.annotate(acknowledged_on=TruncDate("acknowledged_at"))


def coverage_in(rows: QuerySet[Acknowledgement], today: date) -> Coverage:
    """Count acknowledgements in four cells; one query."""
    counts = (
        _dated(rows)
        .order_by()
        .aggregate(
            on_time=Count("pk", filter=_done() & _on_time()),
            late=Count("pk", filter=_done() & ~_on_time()),
            waiting=Count("pk", filter=~_done() & Q(due_on__gte=today)),
            overdue=Count("pk", filter=~_done() & Q(due_on__lt=today)),
        )
    )
    return Coverage(**counts)


def coverage_of(directive_id: int, today: date) -> Coverage:
    """Count a directive's acknowledgements; one query."""
    return coverage_in(Acknowledgement.objects.filter(directive_id=directive_id), today)


def sees_all(authority: Authority, directive: Directive) -> bool:
    """Tell whether the person watches over the issuer and so sees every body of the directive."""
    return permissions.allows(authority, Permission.VIEW_COVERAGE, directive.issuer.path)


def covered(directive: Directive, authority: Authority) -> QuerySet[Acknowledgement]:
    """Return a directive's acknowledgements within a person's scope."""
    rows = Acknowledgement.objects.filter(directive=directive)
    if sees_all(authority, directive):
        return rows
    return rows.filter(_in_scope(authority, Permission.VIEW_COVERAGE))


def with_standing(rows: QuerySet[Acknowledgement], today: date) -> QuerySet[Acknowledgement]:
    """Add to acknowledgements the cell in which each stands (``standing``)."""
    return _dated(rows).annotate(
        standing=Case(
            When(_done() & _on_time(), then=Value(Standing.ON_TIME.value)),
            When(_done(), then=Value(Standing.LATE.value)),
            When(due_on__gte=today, then=Value(Standing.WAITING.value)),
            default=Value(Standing.OVERDUE.value),
            output_field=CharField(),
        )
    )


def with_measures(rows: QuerySet[Acknowledgement]) -> QuerySet[Acknowledgement]:
    """Add to acknowledgements how many measures the body has in the directive (``measure_count``)."""
    given = (
        AssignedBody.objects.filter(
            directive_id=OuterRef("directive_id"), organisation_id=OuterRef("organisation_id")
        )
        .order_by()
        .values("organisation_id")
        .annotate(number=Count("measure_id", distinct=True))
        .values("number")
    )
    return rows.annotate(measure_count=Coalesce(Subquery(given, output_field=IntegerField()), 0))


def with_officers(rows: QuerySet[Acknowledgement], today: date) -> QuerySet[Acknowledgement]:
    """Add to acknowledgements whether anybody can acknowledge for the body (``has_officer``)."""
    acts = organisations.acts_above(Permission.ACKNOWLEDGE_ASSIGNMENT, "organisation__path", on=today)
    return rows.annotate(has_officer=acts)


def coverage_rows(directive: Directive, authority: Authority, today: date) -> QuerySet[Acknowledgement]:
    """Return one row per body of a directive within a person's scope, with standing and number of measures."""
    return with_measures(with_standing(covered(directive, authority), today))
