"""Read annual themes, legal duties, role statements and outside plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from mehvar.directives.data import Priority
from mehvar.directives.models import (
    AlignmentGoal,
    AlignmentPlan,
    AnnualTheme,
    LegalDuty,
    MeasureAlignment,
    RoleStatement,
)
from mehvar.directives.queries import directives, measures
from mehvar.kernel import clock
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

IMPORTANCE = Case(
    When(special_project=True, then=Value(0)),
    When(priority=Priority.HIGH, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Say how a directive lines up with an outside plan: measures, goals, ties, and the goals nobody serves."""

    plan: AlignmentPlan
    goals: tuple[Mapping[str, Any], ...]
    measures: tuple[Mapping[str, Any], ...]
    ties: frozenset[tuple[int, int]]

    @property
    def uncovered(self) -> list[Mapping[str, Any]]:
        """Give the goals to which no measure of the directive contributes."""
        served = {goal for _, goal in self.ties}
        return [goal for goal in self.goals if goal["id"] not in served]


def duties(authority: Authority, *, on: date | None = None) -> QuerySet[Any]:
    """Give the duties of one's own scope, with ``status`` (fulfilled, overdue, open) and how many directives answer."""
    day = on or clock.today()
    status = Case(
        When(fulfilled_on__isnull=False, then=Value("fulfilled")),
        When(due_on__lt=day, then=Value("overdue")),
        default=Value("open"),
    )
    rows = organisations.scoped(LegalDuty.objects.all(), authority, Permission.VIEW_DRAFTS, "owner__path")
    return rows.annotate(
        status=status, importance=IMPORTANCE, directive_count=Count("directives", distinct=True)
    )


def overdue_duties(authority: Authority, *, on: date | None = None) -> QuerySet[Any]:
    """Give the duties whose day has passed unfulfilled, the longest overdue first."""
    return duties(authority, on=on).filter(status="overdue").order_by("due_on")


def duty(authority: Authority, duty_id: int) -> LegalDuty:
    """Give one duty of one's own scope.

    Raises:
        NotFound: There is none, or not for this person.
    """
    found: LegalDuty | None = duties(authority).select_related("owner", "theme").filter(pk=duty_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such duty."), code="unknown-duty")
    return found


def directives_answering(authority: Authority, duty_id: int) -> list[Mapping[str, Any]]:
    """Give the visible directives that answer a duty."""
    rows = directives.visible(authority).filter(duties=duty_id).order_by("-changed_at")
    return list(rows.values("public_id", "title", "state"))


def themes() -> QuerySet[AnnualTheme]:
    """Give the annual themes, the latest year first, with how many directives and duties stand under each."""
    return AnnualTheme.objects.annotate(
        directive_count=Count("directives", distinct=True), duty_count=Count("duties", distinct=True)
    ).order_by("-period", "title")


def theme(theme_id: int) -> AnnualTheme:
    """Give one theme.

    Raises:
        NotFound: There is no such theme.
    """
    found = AnnualTheme.objects.filter(pk=theme_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such theme."), code="unknown-theme")
    return found


def role_statements(theme_id: int, *, only_published: bool = True) -> QuerySet[RoleStatement]:
    """Give what organisations say of their role under a theme (S0.3)."""
    rows = RoleStatement.objects.filter(theme_id=theme_id).select_related("organisation")
    return rows.filter(published_at__isnull=False) if only_published else rows


def plans() -> QuerySet[AlignmentPlan]:
    """Give the outside plans with how many goals each has."""
    return AlignmentPlan.objects.annotate(goal_count=Count("goals")).order_by("title")


def plan(plan_id: int) -> AlignmentPlan:
    """Give one outside plan.

    Raises:
        NotFound: There is no such plan.
    """
    found = AlignmentPlan.objects.filter(pk=plan_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such plan."), code="unknown-plan")
    return found


def coverage(directive_id: int, outside: AlignmentPlan) -> Coverage:
    """Give the alignment matrix of a directive with an outside plan; three queries."""
    rows = measures.standing(directive_id).values("id", "public_id", "section", "number", "text")
    return Coverage(
        outside,
        tuple(AlignmentGoal.objects.filter(plan=outside).order_by("code", "pk").values("id", "code", "text")),
        tuple(rows),
        frozenset(
            MeasureAlignment.objects.filter(
                Q(measure__directive_id=directive_id, measure__removed_at__isnull=True), goal__plan=outside
            ).values_list("measure_id", "goal_id")
        ),
    )
