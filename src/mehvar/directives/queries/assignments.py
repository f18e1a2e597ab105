"""Read the frozen assignments of promulgated directives for the rooms above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mehvar.directives.data import AssignmentRole
from mehvar.directives.models import AssignedBody, Directive
from mehvar.directives.rules.cascade import IN_FORCE

if TYPE_CHECKING:
    from django.db.models import QuerySet


def directives_in_force() -> QuerySet[Directive]:
    """Give the directives whose assignments are frozen and in force."""
    return Directive.objects.filter(state__in=IN_FORCE)


def leads_of(directive_id: int) -> QuerySet[AssignedBody]:
    """Give who leads which measure of a directive in force, with measure, field and directive; one query."""
    return (
        AssignedBody.objects.filter(
            directive_id=directive_id, role=AssignmentRole.LEAD, directive__state__in=IN_FORCE
        )
        .select_related("measure__field", "directive")
        .order_by("measure__position", "organisation_id")
    )
