"""Read the flagship register: what its keepers see, and what is public.

Source: S1.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.data import DeliveryState
from mehvar.programmes.models import Delivery, Flagship, Programme, ProgrammeMeasure
from mehvar.programmes.queries import cells
from mehvar.ui.data import FourCells

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold how a flagship's programme or measure stands: its cells, and the verified share (0–1) weighted by importance."""

    cells: FourCells
    verified: float | None


def kept_by(authority: Authority) -> QuerySet[Flagship]:
    """Give the projects of the register that a person keeps, in their order."""
    rows = Flagship.objects.select_related("organisation", "programme", "measure__measure")
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
    rows = Flagship.objects.filter(listed_at__isnull=False).select_related(
        "organisation",
        "programme__organisation",
        "measure__organisation",
        "measure__measure__directive__issuer",
        "measure__programme__organisation",
    )
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


def programmes_kept(authority: Authority) -> QuerySet[Programme]:
    """Give the programmes that a sheet may rest on: those of the bodies whose register the person keeps."""
    return organisations.scoped(
        Programme.objects.all(), authority, Permission.MANAGE_FLAGSHIPS, "organisation__path"
    )


def programmes_for(authority: Authority) -> list[tuple[str, str]]:
    """Give the programmes that a sheet may rest on, by key and title."""
    rows = programmes_kept(authority)
    return [(str(key), title) for key, title in rows.order_by("title").values_list("pk", "title")]


def measure_for(authority: Authority, key: int) -> ProgrammeMeasure:
    """Give the single measure on which a sheet may rest: of a programme of a body whose register the person keeps.

    Raises:
        NotFound: There is none.
    """
    rows = organisations.scoped(
        ProgrammeMeasure.objects.select_related("measure", "programme"),
        authority,
        Permission.MANAGE_FLAGSHIPS,
        "programme__organisation__path",
    )
    found: ProgrammeMeasure | None = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such measure."), code="unknown-measure")
    return found


def standings(rows: list[Flagship]) -> Mapping[int, Standing]:
    """Give how the measure or the programme of each project stands, by the project's key; three queries at most."""
    return {**_of_programmes(rows), **_of_measures(rows)}


def _of_programmes(rows: list[Flagship]) -> dict[int, Standing]:
    keys = {row.programme_id for row in rows if row.programme_id and not row.measure_id}
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
        if not row.measure_id and (row.programme_id,) in counts
    }


def _of_measures(rows: list[Flagship]) -> dict[int, Standing]:
    """Count the deliveries of single measures: of the directive's measure, of the programme's own, of plans that serve it."""
    measured = {row.pk: row.measure for row in rows if row.measure is not None}
    if not measured:
        return {}
    own = {one.pk for one in measured.values()}
    wanted = Q(programme_measure__in=own) | Q(plan_item__source__in=own)
    wanted |= Q(measure__in={one.measure_id for one in measured.values() if one.measure_id})
    listed = list(
        Delivery.objects.filter(wanted)
        .annotate(cell=cells.cell_on(today()))
        .exclude(cell="")
        .values_list(
            "programme_measure_id", "plan_item__source_id", "measure_id", "cell", "weight", "approved"
        )
    )
    found = {}
    for key, one in measured.items():
        mine = [
            (cell, weight, approved or 0)
            for measure, source, directive_measure, cell, weight, approved in listed
            if one.pk in (measure, source) or (one.measure_id and one.measure_id == directive_measure)
        ]
        if mine:
            whole = sum(weight for _cell, weight, _approved in mine)
            part = sum(weight * approved for _cell, weight, approved in mine)
            counted = {name: sum(1 for cell, *_more in mine if cell == name) for name in cells.CELLS}
            found[key] = Standing(FourCells(**counted), part / whole / 100 if whole else None)
    return found
