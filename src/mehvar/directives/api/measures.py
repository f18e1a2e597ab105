"""List, read and write measures over the HTTP API."""

from datetime import date
from typing import Annotated, Any, cast

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import measures as actions
from mehvar.directives.api import shapes, showing
from mehvar.directives.api.asking import readable
from mehvar.directives.api.directives import DRAFTERS, READERS
from mehvar.directives.data import AssignmentRole, Priority
from mehvar.directives.models import Measure
from mehvar.directives.queries import measures as queries
from mehvar.directives.rules.drafting import MeasureChanges
from mehvar.directives.tables import acting_in
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Changed, Paging, Schema, Version, page_of, tag, version_seen

everywhere = Router(tags=["measures"])
of_one = Router(tags=["measures"])
IMPORTANT_FIRST = ("importance", "directive_id", "position", "pk")


class MeasureFilter(Schema):
    """Choose which measures are listed."""

    q: Annotated[str, StringConstraints(max_length=200)] = Field("", description="Part of the text.")
    field: Annotated[str, StringConstraints(max_length=600)] | None = Field(
        None, description="Name of the field of work."
    )
    body: Annotated[str, StringConstraints(max_length=80)] | None = Field(
        None, description="Code of a body, or @group, that acts."
    )
    role: AssignmentRole | None = Field(None, description="The role in which it acts.")
    priority: Priority | None = None
    special_project: bool | None = None
    due_from: date | None = None
    due_to: date | None = None
    flagged: bool | None = Field(None, description="Whether doubts are unsettled.")


class FilterEverywhere(MeasureFilter):
    """Choose among the measures of all directives."""

    directive: shapes.PublicId | None = None


class MeasureIn(Schema):
    """Say what a measure holds; what is left out stays."""

    section: Annotated[str, StringConstraints(max_length=400)] = ""
    number: Annotated[str, StringConstraints(max_length=40)] = Field("", examples=["12"])
    text: Annotated[str, StringConstraints(max_length=20_000)] = Field(
        "", examples=["Assess the digital maturity of every plant."]
    )
    deliverable: Annotated[str, StringConstraints(max_length=10_000)] = ""
    outcome_indicator: Annotated[str, StringConstraints(max_length=4000)] = ""
    field: Annotated[str, StringConstraints(max_length=600)] = Field(
        "", description="Name of a field of work; empty for none."
    )
    provision: Annotated[str, StringConstraints(max_length=40)] = ""
    priority: Priority = Priority.NORMAL
    special_project: bool = False
    due_raw: Annotated[str, StringConstraints(max_length=400)] = Field(
        "", description="The deadline as people write it.", examples=["30/6/2026"]
    )
    lead: shapes.Acting = []
    coordinating: shapes.Acting = []
    overseeing: shapes.Acting = []
    monitoring: shapes.Acting = []


class NewMeasure(MeasureIn):
    """Write a measure."""

    after: shapes.PublicId | None = Field(
        None, description="The measure behind which it stands; else at the end."
    )


class MeasureEdit(MeasureIn):
    """Change a measure."""

    version: Version | None = None


class Outcomes(Schema):
    """Give measures the outcome that people will feel, by the measure's id."""

    outcomes: dict[shapes.PublicId, Annotated[str, StringConstraints(max_length=4000)]] = Field(
        max_length=2000, examples=[{"0199c2c4a2d87c1e": "Share of plants with shorter delivery times"}]
    )


class Marks(Schema):
    """Mark measures as important or as special projects."""

    measures: list[shapes.PublicId] = Field(min_length=1, max_length=2000)
    priority: Priority | None = None
    special_project: bool | None = None


@everywhere.get("", response=list[shapes.MeasureRow], summary="List measures", openapi_extra=READERS)
def measures(
    request: HttpRequest, response: HttpResponse, asked: Query[FilterEverywhere], paging: Query[Paging]
) -> list[shapes.MeasureRow]:
    """List the measures of all directives that the person may see, important ones first."""
    rows = queries.listed(organisations.authority_in(request))
    if asked.directive is not None:
        rows = rows.filter(directive=readable(request, asked.directive))
    return _page(request, response, rows.order_by(*IMPORTANT_FIRST), asked, paging)


@of_one.get(
    "/{public_id}/measures",
    response=list[shapes.MeasureRow],
    summary="List one directive's measures",
    openapi_extra=READERS,
)
def measures_of_one(
    request: HttpRequest,
    response: HttpResponse,
    public_id: str,
    asked: Query[MeasureFilter],
    paging: Query[Paging],
) -> list[shapes.MeasureRow]:
    """List the measures of one directive in the document's order."""
    return _page(request, response, queries.standing(readable(request, public_id).pk), asked, paging)


def _page(
    request: HttpRequest,
    response: HttpResponse,
    rows: QuerySet[Measure],
    asked: MeasureFilter,
    paging: Paging,
) -> list[shapes.MeasureRow]:
    chosen = acting_in(rows.filter(_wanted(asked)), asked.body or "", asked.role or "")
    return showing.measures(page_of(request, response, chosen.select_related("directive", "field"), paging))


def _wanted(asked: MeasureFilter) -> Q:
    """Build the condition of a filter, but for who acts."""
    plain: dict[str, Any] = {
        "text__icontains": asked.q or None,
        "field__name": asked.field,
        "priority": asked.priority,
        "special_project": asked.special_project,
        "due_end__gte": asked.due_from,
        "due_end__lte": asked.due_to,
    }
    wanted = Q(**{name: value for name, value in plain.items() if value is not None})
    if asked.flagged is not None:
        wanted &= Q(open_flags__gt=0) if asked.flagged else Q(open_flags=0)
    return wanted


@of_one.post(
    "/{public_id}/measures",
    response={201: shapes.MeasureRow},
    summary="Write a measure",
    openapi_extra=DRAFTERS,
)
def add(
    request: HttpRequest, response: HttpResponse, public_id: str, given: NewMeasure
) -> Status[shapes.MeasureRow]:
    """Write a measure into a draft."""
    said = cast("MeasureChanges", given.dict(exclude_unset=True, exclude={"after"}))
    made = actions.add_measure(
        accounts.person_in(request), readable(request, public_id).pk, after=given.after, **said
    )
    return Status(201, shown(response, made.pk))


@of_one.patch(
    "/{public_id}/measures/{measure_id}",
    response=shapes.MeasureRow,
    summary="Edit a measure",
    openapi_extra=DRAFTERS,
)
def edit(
    request: HttpRequest, response: HttpResponse, public_id: str, measure_id: str, given: MeasureEdit
) -> shapes.MeasureRow:
    """Change a measure of a draft; 409 when somebody else was quicker."""
    found = actions.measure_of(readable(request, public_id).pk, measure_id)
    said = cast("MeasureChanges", given.dict(exclude_unset=True, exclude={"version"}))
    actions.edit_measure(
        accounts.person_in(request), found.public_id, version=version_seen(request, given.version), **said
    )
    return shown(response, found.pk)


@of_one.get(
    "/{public_id}/measures/{measure_id}",
    response=shapes.MeasureRow,
    summary="Read a measure",
    openapi_extra=READERS,
)
def measure(
    request: HttpRequest, response: HttpResponse, public_id: str, measure_id: str
) -> shapes.MeasureRow:
    """Give one measure; ``ETag`` carries its version."""
    return shown(response, actions.measure_of(readable(request, public_id).pk, measure_id).pk)


@of_one.delete(
    "/{public_id}/measures/{measure_id}", response=Changed, summary="Remove a measure", openapi_extra=DRAFTERS
)
def remove(request: HttpRequest, public_id: str, measure_id: str) -> Changed:
    """Take a measure out of a draft; the step can be undone in the editor."""
    directive = readable(request, public_id)
    found = actions.measure_of(directive.pk, measure_id)
    return Changed(
        changed=actions.remove_measures(accounts.person_in(request), directive.pk, [found.public_id])
    )


@of_one.put("/{public_id}/outcomes", response=Changed, summary="Set outcomes in bulk", openapi_extra=DRAFTERS)
def outcomes(request: HttpRequest, public_id: str, given: Outcomes) -> Changed:
    """Give many measures the outcome that people will feel."""
    directive = readable(request, public_id)
    return Changed(changed=actions.set_outcomes(accounts.person_in(request), directive.pk, given.outcomes))


@of_one.put("/{public_id}/marks", response=Changed, summary="Mark measures", openapi_extra=DRAFTERS)
def marks(request: HttpRequest, public_id: str, given: Marks) -> Changed:
    """Mark measures as important or as special projects, or take the mark away."""
    directive = readable(request, public_id)
    changed = actions.set_marks(
        accounts.person_in(request),
        directive.pk,
        given.measures,
        priority=given.priority,
        special_project=given.special_project,
    )
    return Changed(changed=changed)


def shown(response: HttpResponse, key: int) -> shapes.MeasureRow:
    """Show one measure, with its version as ``ETag``."""
    row = Measure.objects.select_related("directive", "field").get(pk=key)
    tag(response, row.version)
    return showing.measures([row])[0]
