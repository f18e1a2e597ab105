"""Find out who asks, and which bodies the asked ones stand below."""

from __future__ import annotations

from collections.abc import Iterable

from mehvar.organisations.models import Organisation
from mehvar.organisations.queries.tree import STEP


def parents_of(bodies: Iterable[Organisation]) -> dict[str, str]:
    """Give the code of the body above each, by the path of that body above; one query."""
    wanted = {body.path[:-STEP] for body in bodies} - {""}
    if not wanted:
        return {}
    return dict(Organisation.objects.filter(path__in=wanted).values_list("path", "code"))
