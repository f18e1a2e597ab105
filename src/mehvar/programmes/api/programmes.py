"""List and read programmes over the HTTP API."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from mehvar.organisations import queries as organisations
from mehvar.programmes.api.shapes import WATCHERS, ActingBody, body_of
from mehvar.programmes.data import ProgrammeState
from mehvar.programmes.models import Programme, ProgrammeMeasure
from mehvar.programmes.queries import programmes as queries
from mehvar.ui.api import Paging, Schema, page_of, tag

router = Router(tags=["programmes"])


class ProgrammeRow(Schema):
    """Show a programme in a list."""

    id: str
    title: str
    lead: ActingBody
    language: str
    state: ProgrammeState
    starts_on: date | None
    ends_on: date | None
    version: int


class GatheredMeasure(Schema):
    """Show a measure of a programme: one of a directive, or its own (``measure`` is then null)."""

    id: int
    measure: str | None
    directive: str | None
    objective: str
    text: str
    due_on: date | None
    weight: float
    product_class: str
    version: int


class ProgrammeWhole(ProgrammeRow):
    """Show a programme with what it gathers."""

    purpose: str
    measures: list[GatheredMeasure]


@router.get("", response=list[ProgrammeRow], summary="List programmes", openapi_extra=WATCHERS)
def programmes(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], state: ProgrammeState | None = None
) -> list[ProgrammeRow]:
    """List the programmes that the person may see, the newest first."""
    rows = queries.visible_programmes(organisations.authority_in(request)).select_related("organisation")
    if state is not None:
        rows = rows.filter(state=state)
    return [ProgrammeRow(**_head(row)) for row in page_of(request, response, rows.order_by("-pk"), paging)]


@router.get("/{public_id}", response=ProgrammeWhole, summary="Read a programme", openapi_extra=WATCHERS)
def programme(request: HttpRequest, response: HttpResponse, public_id: str) -> ProgrammeWhole:
    """Give a programme with its national measures; local ones of other bodies are left out. ``ETag`` carries its version."""
    return whole_of(request, response, public_id)


def whole_of(request: HttpRequest, response: HttpResponse, public_id: str) -> ProgrammeWhole:
    """Show a programme that the person may see, with its national measures; ``ETag`` carries its version."""
    authority = organisations.authority_in(request)
    row = queries.visible_programme(authority, public_id)
    measures = queries.own_rows(queries.measures_of(row.pk), authority, row)
    tag(response, row.version)
    return ProgrammeWhole(**_head(row), purpose=row.purpose, measures=[gathered(one) for one in measures])


def _head(row: Programme) -> dict[str, Any]:
    same = {
        name: getattr(row, name) for name in ("title", "language", "state", "starts_on", "ends_on", "version")
    }
    return {"id": row.public_id, "lead": body_of(row.organisation), **same}


def gathered(row: ProgrammeMeasure) -> GatheredMeasure:
    """Show a measure of a programme."""
    return GatheredMeasure(
        id=row.pk,
        measure=row.measure.public_id if row.measure else None,
        directive=row.measure.directive.public_id if row.measure else None,
        objective=row.objective.text if row.objective else "",
        text=queries.text_of(row),
        due_on=queries.due_of(row),
        weight=row.weight,
        product_class=row.product_class,
        version=row.version,
    )
