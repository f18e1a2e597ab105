"""Read at which bodies somebody holds a permission."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from mehvar.kernel import clock
from mehvar.organisations.models import Position
from mehvar.organisations.queries.authority import valid_on
from mehvar.organisations.rules import permissions

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from mehvar.organisations.rules.permissions import Permission


def seats_with(permission: Permission, *, on: date | None = None) -> QuerySet[Position]:
    """Give the positions by which active people hold a permission on a day, to be narrowed to bodies."""
    roles = [role.value for role, given in permissions.PERMISSIONS_OF.items() if permission in given]
    return Position.objects.filter(valid_on(on or clock.today()), role__in=roles, user__is_active=True)
