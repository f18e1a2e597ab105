"""Read which positions a person holds, and cut querysets down to what they reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model, Q, QuerySet

from mehvar.accounts.data import Role
from mehvar.kernel import clock
from mehvar.organisations.data import NOBODY, WHOLE_TREE, Authority, Held
from mehvar.organisations.models import Position
from mehvar.organisations.queries.held import read_once
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest

    from mehvar.accounts.models import User

_M = TypeVar("_M", bound=Model)

READING = ("GET", "HEAD")
"""The methods that change nothing, so that what was worked out once holds until the answer."""
LAST_STEP = "ZZZZ"
"""The greatest step of a materialised path (four places of 0-9A-Z)."""


def valid_on(day: date, *, prefix: str = "") -> Q:
    """Build the condition that a dated row holds on a day (half open; no date is an open end)."""
    start, end = f"{prefix}valid_from", f"{prefix}valid_to"
    return (Q(**{f"{start}__isnull": True}) | Q(**{f"{start}__lte": day})) & (
        Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": day})
    )


def within(path: str, *, path_field: str = "path") -> Q:
    """Build the condition that a row's path lies in the subtree that begins at ``path``; one index range."""
    if path == WHOLE_TREE:
        return Q()
    return Q(**{f"{path_field}__gte": path, f"{path_field}__lte": path + LAST_STEP})


@read_once
def authority_of(user: User | AnonymousUser | None, *, on: date | None = None) -> Authority:
    """Give the roles that a person holds on a day (today); one query.

    A superuser is administrator of the whole tree. Nobody signed in, or somebody deactivated, holds nothing.
    """
    if user is None or user.pk is None or not user.is_active:
        return NOBODY
    rows = (
        Position.objects.filter(valid_on(on or clock.today()), user_id=user.pk)
        .order_by("organisation__path", "role")
        .values_list("role", "organisation_id", "organisation__code", "organisation__path")
    )
    held = tuple(Held(Role(role), pk, code, path) for role, pk, code, path in rows)
    if user.is_superuser:
        held = (Held(Role.ADMINISTRATOR, 0, "", WHOLE_TREE), *held)
    return Authority(user.pk, held)


def authority_for(request: HttpRequest) -> Authority:
    """Give the authority of who asks; a request that only reads remembers what is worked out from it."""
    found = authority_of(request.user)
    return replace(found, known={}) if request.method in READING else found


def authority_in(request: HttpRequest) -> Authority:
    """Give the authority that the middleware set on the request."""
    found: Authority = request.authority  # type: ignore[attr-defined]
    return found


def scoped(
    queryset: QuerySet[_M], authority: Authority, permission: Permission, path_field: str = "path"
) -> QuerySet[_M]:
    """Keep the rows whose path lies where the person has the permission; none where there is no such place."""
    paths = permissions.paths_with(authority, permission)
    if not paths:
        return queryset.none()
    condition = within(paths[0], path_field=path_field)
    for path in paths[1:]:
        condition |= within(path, path_field=path_field)
    return queryset.filter(condition)


def positions_of(organisation_id: int, *, on: date | None = None) -> QuerySet[Position, Any]:
    """Give the positions held at a body on a day, as values with the person's name."""
    return (
        Position.objects.filter(valid_on(on or clock.today()), organisation_id=organisation_id)
        .order_by("role", "user__name", "pk")
        .values(
            "id",
            "role",
            "title",
            "valid_from",
            "valid_to",
            "user_id",
            "user__name",
            "user__email",
            "user__is_active",
        )
    )


@read_once
def holders_of(
    permission: Permission, path: str, *, on: date | None = None, at_most_above: bool = True
) -> tuple[int, ...]:
    """Give the active people who have a permission over the body at ``path``, nearest first.

    With ``at_most_above=False`` only people with a position at the body itself are given.
    """
    roles = [role.value for role, given in permissions.PERMISSIONS_OF.items() if permission in given]
    tops = [path[:end] for end in range(len(path), 0, -4)] if at_most_above else [path]
    rows = (
        Position.objects.filter(
            valid_on(on or clock.today()), role__in=roles, organisation__path__in=tops, user__is_active=True
        )
        .order_by("-organisation__depth", "pk")
        .values_list("user_id", flat=True)
    )
    return tuple(dict.fromkeys(rows))


def people_with(
    permission: Permission, organisation_ids: Iterable[int], *, on: date | None = None
) -> set[int]:
    """Give the active people who have a permission by a position at one of the bodies themselves; one query."""
    roles = [role.value for role, given in permissions.PERMISSIONS_OF.items() if permission in given]
    wanted = set(organisation_ids)
    rows = Position.objects.filter(
        valid_on(on or clock.today()), role__in=roles, user__is_active=True
    ).values_list("user_id", "organisation_id")
    return {user_id for user_id, organisation_id in rows if organisation_id in wanted}
