"""Find out who asks, and which bodies the asked ones stand below."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from mehvar.organisations.models import Organisation
from mehvar.organisations.queries.tree import STEP

if TYPE_CHECKING:
    from django.http import HttpRequest

    from mehvar.accounts.models import User


def person(request: HttpRequest) -> User:
    """Give the person for whom the request acts; every route but public ones has one."""
    return cast("User", request.user)


def parents_of(bodies: Iterable[Organisation]) -> dict[str, str]:
    """Give the code of the body above each, by the path of that body above; one query."""
    wanted = {body.path[:-STEP] for body in bodies} - {""}
    if not wanted:
        return {}
    return dict(Organisation.objects.filter(path__in=wanted).values_list("path", "code"))
