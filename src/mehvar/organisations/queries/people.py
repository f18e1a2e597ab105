"""Read people by the positions they hold."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from mehvar.accounts import queries as accounts
from mehvar.kernel import clock
from mehvar.organisations.data import Authority
from mehvar.organisations.models import Position
from mehvar.organisations.queries.authority import valid_on, within
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission


def people_within(authority: Authority) -> QuerySet[Any, Any]:
    """Give the people whom somebody administers, as values: those with a position in the subtree.

    Who administers the whole tree sees people without any position as well.
    """
    tops = permissions.paths_with(authority, Permission.MANAGE_PEOPLE)
    rows = accounts.people()
    if not tops:
        return rows.none()
    if "" in tops:
        return rows
    reached = Q()
    for top in tops:
        reached |= within(top, path_field="organisation__path")
    return rows.filter(Exists(Position.objects.filter(reached, user_id=OuterRef("pk"))))


def administers(authority: Authority, user_id: int) -> bool:
    """Tell whether all present positions of a person (at least one) lie where somebody manages people."""
    if permissions.allows(authority, Permission.MANAGE_PEOPLE, ""):
        return True
    if accounts.administers_everything(user_id):
        return False
    paths = list(_present(user_id).values_list("organisation__path", flat=True)) or list(
        Position.objects.filter(user_id=user_id).values_list("organisation__path", flat=True)
    )
    return bool(paths) and all(
        permissions.allows(authority, Permission.MANAGE_PEOPLE, path) for path in paths
    )


def _present(user_id: int) -> QuerySet[Position]:
    """Give the positions that a person holds today."""
    return Position.objects.filter(valid_on(clock.today()), user_id=user_id)


def positions_held(user_id: int) -> QuerySet[Position, Any]:
    """Give every position that a person holds or held, as values with the body's names, the latest first."""
    return (
        Position.objects.filter(user_id=user_id)
        .order_by(F("valid_to").desc(nulls_first=True), "-valid_from", "pk")
        .values(
            "id",
            "role",
            "title",
            "valid_from",
            "valid_to",
            "organisation_id",
            "organisation__path",
            "organisation__code",
            "organisation__name_fa",
            "organisation__name_vi",
            "organisation__name_en",
        )
    )
