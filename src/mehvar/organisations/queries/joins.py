"""Give what other rooms join to their own rows about bodies."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from mehvar.kernel import clock
from mehvar.organisations.data import NameKind
from mehvar.organisations.models import OrganisationName, Position
from mehvar.organisations.queries.authority import valid_on
from mehvar.organisations.rules import permissions

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from mehvar.organisations.rules.permissions import Permission


def seats_with(permission: Permission, *, on: date | None = None) -> QuerySet[Position]:
    """Give the positions by which active people hold a permission on a day, to be narrowed to bodies."""
    roles = [role.value for role, given in permissions.PERMISSIONS_OF.items() if permission in given]
    return Position.objects.filter(valid_on(on or clock.today()), role__in=roles, user__is_active=True)


def folded_name(body_field: str, language: str) -> Subquery:
    """Give, per row, the official name in a language of the body in ``body_field``, folded for search."""
    names = OrganisationName.objects.filter(
        organisation_id=OuterRef(body_field), kind=NameKind.OFFICIAL, language=language
    )
    return Subquery(names.order_by("-valid_to", "-pk").values("folded")[:1])
