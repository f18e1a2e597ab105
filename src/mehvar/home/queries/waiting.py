"""Read what waits for a person over all rooms, and how the person's bodies stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from mehvar.directives.queries import waiting as directives
from mehvar.exchange.queries import waiting as exchange
from mehvar.home.data import Deadline
from mehvar.organisations import queries as organisations
from mehvar.programmes.queries import cells
from mehvar.programmes.queries import waiting as programmes
from mehvar.programmes.queries.cells import Narrowing

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority
    from mehvar.ui.data import FourCells, WaitingItem

MOST_BODIES = 3
PAST_DAYS = timedelta(days=60)
"""A calendar shows what is overdue for this long."""


@dataclass(frozen=True, slots=True)
class BodyStanding:
    """Hold how one of the person's own bodies stands with all below it: name, page of its deliveries, four cells."""

    code: str
    name: str
    cells: FourCells


def waiting_for(authority: Authority) -> list[WaitingItem]:
    """Return everything that waits for a person, over all rooms, by due date, undated last."""
    found = [
        *directives.waiting_for(authority),
        *programmes.waiting_for(authority),
        *exchange.waiting_for(authority),
    ]
    return sorted(found, key=lambda item: (item.due_on is None, item.due_on or date.max, item.title))


def standings(authority: Authority, language: str) -> list[BodyStanding]:
    """Return the four cells of the bodies at which the person holds a role, the first three.

    Before them everything that the person watches over, where that is more: what the ministry asked of bodies beside its own tree.
    """
    found = []
    for body_id in authority.organisation_ids[:MOST_BODIES]:
        body = organisations.organisation_by_id(body_id)
        counted = cells.cells_total(authority, Narrowing(path=body.path))
        found.append(BodyStanding(body.code, organisations.name_in(body, language), counted))
    watched = cells.cells_total(authority)
    if watched.total > max((row.cells.total for row in found), default=0):
        found.insert(0, BodyStanding("", _("Everything that you watch over"), watched))
    return found


def deadlines_of(authority: Authority, today: date) -> list[Deadline]:
    """Return the dated things that wait for a person and what the person's bodies must deliver, the soonest first."""
    since = today - PAST_DAYS
    items = [*waiting_for(authority), *programmes.own_deadlines(authority, since)]
    base = settings.MEHVAR_BASE_URL.rstrip("/")
    found = {
        f"{item.kind}:{item.path}": Deadline(
            f"{item.kind}:{item.path}:{item.title}", item.act, item.title, base + item.path, item.due_on
        )
        for item in items
        if item.due_on is not None and item.due_on >= since
    }
    return sorted(found.values(), key=lambda one: (one.day, one.key))
