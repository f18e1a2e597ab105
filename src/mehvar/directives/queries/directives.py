"""Read directives as far as a person may see them, and what their pages show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from mehvar.directives.data import DirectiveState
from mehvar.directives.models import Directive, EditStep, Measure, StatusEvent
from mehvar.directives.rules.lifecycle import BEFORE_PROMULGATION, EDITABLE
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

PUBLIC_STATES = tuple(state for state in DirectiveState if state not in BEFORE_PROMULGATION)
"""The states in which a directive is no longer a draft; a draft that was withdrawn is told by its missing date."""

ISSUER_NAMES = tuple(f"issuer__{name}" for name in organisations.NAME_FIELDS)


def visible(authority: Authority) -> QuerySet[Directive]:
    """Give the directives that a person may see: what is promulgated, and drafts within one's own scope."""
    promulgated = Q(promulgated_at__isnull=False, state__in=PUBLIC_STATES)
    if authority.user_id is None:
        return Directive.objects.filter(promulgated)
    scope = Q()
    for path in permissions.paths_with(authority, Permission.VIEW_DRAFTS):
        scope |= organisations.within(path, path_field="issuer__path")
        if not path:
            return Directive.objects.all()
    return Directive.objects.filter(promulgated | scope) if scope else Directive.objects.filter(promulgated)


def visible_directive(authority: Authority, public_id: str) -> Directive:
    """Give one directive that the person may see, with its issuer and theme.

    Raises:
        NotFound: There is none, or not for this person.
    """
    found = visible(authority).select_related("issuer", "theme").filter(public_id=public_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such directive."), code="unknown-directive")
    return found


def may_edit(authority: Authority, directive: Directive) -> bool:
    """Tell whether the person may change the text now."""
    return directive.state in EDITABLE and permissions.allows(
        authority, Permission.DRAFT_DIRECTIVE, directive.issuer.path
    )


def listed(authority: Authority) -> QuerySet[Directive]:
    """Give the visible directives with the counts that the list shows (``measure_count``, ``flag_count``)."""
    standing = (
        Measure.objects.filter(directive=OuterRef("pk"), removed_at__isnull=True)
        .order_by()
        .values("directive")
    )
    flagged = standing.filter(open_flags__gt=0)
    return visible(authority).annotate(
        measure_count=Coalesce(Subquery(standing.annotate(n=Count("pk")).values("n")), 0),
        flag_count=Coalesce(Subquery(flagged.annotate(n=Count("pk")).values("n")), 0),
    )


def events_of(directive_id: int) -> list[Mapping[str, Any]]:
    """Give the dated steps of a directive's life, oldest first, with who took them."""
    rows = StatusEvent.objects.filter(directive_id=directive_id).order_by("at", "id")
    return list(rows.values("action", "source", "target", "at", "reason", "actor__name"))


def last_step_of(directive_id: int, user_id: int) -> EditStep | None:
    """Give the latest step of a person that can be undone."""
    return (
        EditStep.objects.filter(directive_id=directive_id, actor_id=user_id, undone_at__isnull=True)
        .defer("before", "after")
        .order_by("id")
        .last()
    )


def issuers_for(authority: Authority, permission: Permission, pack: str | None = None) -> QuerySet[Any]:
    """Give the bodies in whose name the person may draft: where the role is held, and the bodies below."""
    rows = organisations.search("", pack=pack)
    return organisations.scoped(rows, authority, permission)
