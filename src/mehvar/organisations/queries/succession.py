"""Read which bodies answer for others whose duties passed to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from mehvar.organisations.models import Succession
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.succession import heirs

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority
    from mehvar.organisations.rules.permissions import Permission


def heirs_on(day: date) -> Mapping[int, frozenset[int]]:
    """Give, for each body succeeded up to a day, every body that came after it (keys); one query."""
    rows = Succession.objects.filter(on__lte=day, successor__isnull=False)
    return heirs(rows.values_list("predecessor_id", "successor_id"))


def predecessors_within(authority: Authority, permission: Permission, *, on: date) -> set[int]:
    """Give the bodies for which a successor answers that lies where the person has the permission; one query."""
    paths = permissions.paths_with(authority, permission)
    if not paths:
        return set()
    return authority.once(("predecessors", paths, on), lambda: _predecessors(paths, on))


def _predecessors(paths: tuple[str, ...], on: date) -> set[int]:
    rows = list(
        Succession.objects.filter(on__lte=on, successor__isnull=False).values_list(
            "predecessor_id", "successor_id", "successor__path"
        )
    )
    reached = {successor for _old, successor, path in rows if path.startswith(paths)}
    after = heirs((old, new) for old, new, _path in rows)
    return {body for body, later in after.items() if later & reached}
