"""Read and acknowledge what promulgated directives lay on bodies, over the HTTP API."""

from datetime import date, datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import cascade as actions
from mehvar.directives.api import shapes, showing
from mehvar.directives.api.asking import readable
from mehvar.directives.data import AssignmentRole
from mehvar.directives.models import Acknowledgement, AssignedBody
from mehvar.directives.queries import cascade as queries
from mehvar.directives.queries import days
from mehvar.directives.rules.cascade import Standing
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Key, Names, Paging, Schema, allowed_to, page_of

inbox = Router(tags=["cascade"])
tasks = Router(tags=["cascade"])
coverage = Router(tags=["cascade"])
ADDRESSEES = allowed_to("acknowledge-assignment or view-assignments over the body")


class AcknowledgementRow(Schema):
    """Show that a body is asked to acknowledge a directive."""

    id: int
    directive: str
    number: str
    title: str
    body: shapes.BodyBrief
    due_on: date
    standing: Standing
    acknowledged_at: datetime | None
    disseminated: bool
    note: str


class AcknowledgementIn(Schema):
    """Acknowledge for a body."""

    disseminated: bool = Field(False, description="The cited documents were passed on within the body.")
    note: Annotated[str, StringConstraints(max_length=4000)] = ""


class AssignmentRow(Schema):
    """Show a frozen assignment of a body."""

    directive: str
    measure: str
    number: str
    text: str
    due_end: date | None
    body: str
    names: Names
    role: AssignmentRole
    via_group: str
    principal: bool


class AssignmentFilter(Schema):
    """Choose which assignments are listed."""

    directive: shapes.PublicId | None = None
    body: shapes.BodyCode | None = None
    role: AssignmentRole | None = None
    due_to: date | None = None


class CoverageRow(Schema):
    """Show whether a body has acknowledged a directive."""

    body: str
    names: Names
    type: str
    standing: Standing
    due_on: date
    acknowledged_at: datetime | None
    measure_count: int


class Coverage(Schema):
    """Count acknowledgements in the person's scope; the bodies are a page of a list."""

    on_time: int
    late: int
    waiting: int
    overdue: int
    bodies: list[CoverageRow]


@inbox.get("", response=list[AcknowledgementRow], summary="My inbox", openapi_extra=ADDRESSEES)
def acknowledgements(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], *, waiting: bool = False
) -> list[AcknowledgementRow]:
    """List what the bodies in the person's scope are asked to acknowledge, soonest first."""
    authority = organisations.authority_in(request)
    rows = queries.to_acknowledge(authority) if waiting else queries.acknowledgements_for(authority)
    chosen = queries.with_standing(rows, days.today()).order_by("due_on", "pk")
    return [_acknowledgement(row) for row in page_of(request, response, chosen, paging)]


@inbox.post(
    "/{acknowledgement_id}/acknowledge",
    response=AcknowledgementRow,
    summary="Acknowledge",
    openapi_extra=allowed_to("acknowledge-assignment over the body"),
)
def acknowledge(
    request: HttpRequest, acknowledgement_id: Key, given: AcknowledgementIn
) -> AcknowledgementRow:
    """Confirm for a body that it received the directive; doing it again changes nothing."""
    authority = organisations.authority_in(request)
    rows = queries.with_standing(queries.acknowledgements_for(authority), days.today())
    if not rows.filter(pk=acknowledgement_id).exists():
        raise NotFound(gettext_noop("There is nothing to acknowledge here."), code="unknown-acknowledgement")
    actions.acknowledge(
        accounts.person_in(request), acknowledgement_id, disseminated=given.disseminated, note=given.note
    )
    return _acknowledgement(rows.get(pk=acknowledgement_id))


@tasks.get("", response=list[AssignmentRow], summary="My assignments", openapi_extra=ADDRESSEES)
def assignments(
    request: HttpRequest, response: HttpResponse, asked: Query[AssignmentFilter], paging: Query[Paging]
) -> list[AssignmentRow]:
    """List the frozen assignments of the bodies in the person's scope, by due date."""
    rows = queries.assignments_for(organisations.authority_in(request))
    if asked.directive is not None:
        rows = rows.filter(directive=readable(request, asked.directive))
    wanted: dict[str, Any] = {
        "organisation__code": asked.body,
        "role": asked.role,
        "measure__due_end__lte": asked.due_to,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    chosen = rows.select_related("directive", "measure", "organisation").order_by("measure__due_end", "pk")
    return [_assignment(row) for row in page_of(request, response, chosen, paging)]


@coverage.get(
    "/{public_id}/coverage",
    response=Coverage,
    summary="Who has acknowledged",
    openapi_extra=allowed_to("view-coverage over the issuer, else over the bodies shown"),
)
def coverage_of(
    request: HttpRequest,
    response: HttpResponse,
    public_id: str,
    paging: Query[Paging],
    standing: Standing | None = None,
) -> Coverage:
    """Say which bodies in the person's scope have acknowledged a directive, and which have not."""
    directive, authority = readable(request, public_id), organisations.authority_in(request)
    counts = queries.coverage_in(queries.covered(directive, authority), days.today())
    rows: QuerySet[Any] = queries.coverage_rows(directive, authority, days.today())
    if standing is not None:
        rows = rows.filter(standing=standing)
    return Coverage(
        on_time=counts.on_time,
        late=counts.late,
        waiting=counts.waiting,
        overdue=counts.overdue,
        bodies=[
            _covered(row)
            for row in page_of(
                request, response, rows.select_related("organisation").order_by("organisation__path"), paging
            )
        ],
    )


def _acknowledgement(row: Any) -> AcknowledgementRow:
    shown: Acknowledgement = row
    return AcknowledgementRow(
        id=shown.pk,
        directive=shown.directive.public_id,
        number=shown.directive.number,
        title=shown.directive.title,
        body=showing.brief(shown.organisation),
        due_on=shown.due_on,
        standing=Standing(row.standing),
        acknowledged_at=shown.acknowledged_at,
        disseminated=shown.disseminated,
        note=shown.note,
    )


def _assignment(row: AssignedBody) -> AssignmentRow:
    return AssignmentRow(
        directive=row.directive.public_id,
        measure=row.measure.public_id,
        number=row.measure.number,
        text=row.measure.text,
        due_end=row.measure.due_end,
        body=row.organisation.code,
        names=showing.names_of(row.organisation),
        role=AssignmentRole(row.role),
        via_group=row.via_group,
        principal=row.principal,
    )


def _covered(row: Any) -> CoverageRow:
    return CoverageRow(
        body=row.organisation.code,
        names=showing.names_of(row.organisation),
        type=row.organisation.type,
        standing=Standing(row.standing),
        due_on=row.due_on,
        acknowledged_at=row.acknowledged_at,
        measure_count=row.measure_count,
    )
