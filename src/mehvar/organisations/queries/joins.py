"""Give what other rooms join to their own rows about bodies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Subquery

from mehvar.kernel import clock
from mehvar.organisations.data import NameKind
from mehvar.organisations.models import Organisation, OrganisationName, Position
from mehvar.organisations.queries.authority import valid_on
from mehvar.organisations.queries.tree import STEP
from mehvar.organisations.rules import permissions

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from mehvar.organisations.rules.permissions import Permission


def seats_with(permission: Permission, *, on: date | None = None) -> QuerySet[Position]:
    """Give the positions by which active people hold a permission on a day, to be narrowed to bodies."""
    roles = [role.value for role, given in permissions.PERMISSIONS_OF.items() if permission in given]
    return Position.objects.filter(valid_on(on or clock.today()), role__in=roles, user__is_active=True)


def acts_above(permission: Permission, body_path: str, *, on: date | None = None) -> Exists:
    """Tell, per row, whether somebody holds a permission at the body whose path is ``body_path``, or above it."""
    seats = seats_with(permission, on=on).annotate(
        of_body=ExpressionWrapper(OuterRef(body_path), output_field=CharField())
    )
    return Exists(seats.filter(of_body__startswith=F("organisation__path")).order_by())


def nearest_people(
    permission: Permission, organisation_ids: Iterable[int], *, on: date | None = None
) -> set[int]:
    """Give, for each body, those who hold a permission at it, or else at the nearest body above; three queries."""
    wanted = set(organisation_ids)
    at: dict[str, set[int]] = defaultdict(set)
    for path, user_id in seats_with(permission, on=on).values_list("organisation__path", "user_id"):
        at[path].add(user_id)
    found: set[int] = set()
    for key, path in Organisation.objects.values_list("pk", "path").iterator():
        if key in wanted:
            found |= next((at[path[:end]] for end in range(len(path), 0, -STEP) if path[:end] in at), set())
    return found


def folded_name(body_field: str, language: str) -> Subquery:
    """Give, per row, the official name in a language of the body in ``body_field``, folded for search."""
    names = OrganisationName.objects.filter(
        organisation_id=OuterRef(body_field), kind=NameKind.OFFICIAL, language=language
    )
    return Subquery(names.order_by("-valid_to", "-pk").values("folded")[:1])
