"""Read the flagship register: what its keepers see, and what is public.

Source: S1.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.data import DeliveryState
from mehvar.programmes.models import Delivery, Flagship, Programme
from mehvar.programmes.queries import cells
from mehvar.ui.data import FourCells

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold how a flagship's programme stands: its cells, and the verified share (0–1) weighted by importance."""

    cells: FourCells
    verified: float | None


def kept_by(authority: Authority) -> QuerySet[Flagship]:
    """Give the projects of the register that a person keeps, in their order."""
    rows = Flagship.objects.select_related("organisation", "programme")
    return organisations.scoped(rows, authority, Permission.MANAGE_FLAGSHIPS, "organisation__path").order_by(
        "position", "pk"
    )


def kept(authority: Authority, public_id: str) -> Flagship:
    """Give one project to somebody who keeps the register.

    Raises:
        NotFound: There is none, or not for this person.
    """
    found = kept_by(authority).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such project."), code="unknown-flagship")
    return found


def listed() -> QuerySet[Flagship]:
    """Give the projects on the public list, in their order."""
    rows = Flagship.objects.filter(listed_at__isnull=False).select_related("organisation", "programme")
    return rows.order_by("position", "pk")


def listed_one(public_id: str) -> Flagship:
    """Give one project of the public list.

    Raises:
        NotFound: There is none.
    """
    found = listed().filter(public_id=public_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such project."), code="unknown-flagship")
    return found


def programmes_for(authority: Authority) -> list[tuple[str, str]]:
    """Give the programmes that a sheet may rest on: those of the bodies whose register the person keeps."""
    rows = organisations.scoped(
        Programme.objects.all(), authority, Permission.MANAGE_FLAGSHIPS, "organisation__path"
    )
    return [(str(key), title) for key, title in rows.order_by("title").values_list("pk", "title")]


def standings(rows: list[Flagship]) -> Mapping[int, Standing]:
    """Give how the programme of each project stands, by the project's key; two queries, none without programmes."""
    keys = {row.programme_id for row in rows if row.programme_id}
    if not keys:
        return {}
    counting = Delivery.objects.filter(programme_id__in=keys)
    counts = cells.counts_of(counting, ("programme_id",), today())
    weighed = (
        counting.exclude(state=DeliveryState.DISCONTINUED)
        .order_by()
        .values_list("programme_id")
        .annotate(whole=Sum("weight"), part=Sum(F("weight") * Coalesce(F("approved"), 0)))
    )
    shares = {key: part / whole / 100 for key, whole, part in weighed if whole}
    return {
        row.pk: Standing(FourCells(**counts[row.programme_id,]), shares.get(row.programme_id))
        for row in rows
        if (row.programme_id,) in counts
    }
