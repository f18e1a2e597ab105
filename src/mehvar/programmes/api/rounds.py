"""Ask for progress over the HTTP API: open, extend and close reporting rounds, and see who was asked."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import StringConstraints

from mehvar.directives.queries import directives
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import rounds as actions
from mehvar.programmes.api import shapes
from mehvar.programmes.api.shapes import WATCHERS, ActingBody, body_of, person
from mehvar.programmes.models import ReportingRound
from mehvar.programmes.queries import programmes
from mehvar.programmes.queries import progress as queries
from mehvar.ui.api import Paging, Schema, Versioned, allowed_to, page_of, tag, version_seen

router = Router(tags=["rounds"])
RUNNERS = allowed_to("manage-programmes over the body that asks")


class ReportingRoundRow(Schema):
    """Show a reporting round; ``closed_at`` is null while reports may change."""

    id: str
    period: str
    issuer: ActingBody
    directive: str | None
    programme: str | None
    opens_on: date
    due_on: date
    closed_at: datetime | None
    version: int


class AskedBody(Schema):
    """Show a body that was asked, and how much of it has come."""

    request: int
    body: ActingBody
    given: int
    wanted: int
    submitted_at: datetime | None
    climbs: int


class NewReportingRound(Schema):
    """Ask about a directive or a programme, exactly one of them."""

    period: Annotated[str, StringConstraints(min_length=4, max_length=16)]
    due_on: date
    opens_on: date | None = None
    directive: shapes.PublicId | None = None
    programme: shapes.PublicId | None = None


class MoreTime(shapes.VersionedReason):
    """Give a later day."""

    due_on: date


@router.get("", response=list[ReportingRoundRow], summary="List rounds", openapi_extra=WATCHERS)
def rounds(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], *, is_open: bool | None = None
) -> list[ReportingRoundRow]:
    """List the rounds that the person runs or in which a body of the person's was asked, the latest first."""
    rows = queries.visible_rounds(organisations.authority_in(request))
    if is_open is not None:
        rows = rows.filter(closed_at__isnull=is_open)
    chosen = rows.select_related("issuer", "directive", "programme").order_by("-opens_on", "-pk")
    return [_row(row) for row in page_of(request, response, chosen, paging)]


@router.post("", response={201: ReportingRoundRow}, summary="Open a round", openapi_extra=RUNNERS)
def open_round(
    request: HttpRequest, response: HttpResponse, given: NewReportingRound
) -> Status[ReportingRoundRow]:
    """Ask every body with something open for its progress over a period."""
    authority = organisations.authority_in(request)
    if (given.directive is None) == (given.programme is None):
        raise InputError(
            gettext_noop("Name a directive or a programme, one of them."),
            code="one-subject",
            field="directive",
        )
    made = actions.open_round(
        person(request),
        period=given.period,
        due_on=given.due_on,
        opens_on=given.opens_on,
        directive_id=directives.visible_directive(authority, given.directive).pk if given.directive else None,
        programme_id=programmes.visible_programme(authority, given.programme).pk if given.programme else None,
    )
    return Status(201, _shown(request, response, made.public_id))


@router.get("/{public_id}", response=ReportingRoundRow, summary="Read a round", openapi_extra=WATCHERS)
def reporting_round(request: HttpRequest, response: HttpResponse, public_id: str) -> ReportingRoundRow:
    """Give a round; ``ETag`` carries its version."""
    return _shown(request, response, public_id)


@router.get("/{public_id}/bodies", response=list[AskedBody], summary="Who was asked", openapi_extra=WATCHERS)
def asked_bodies(
    request: HttpRequest, response: HttpResponse, public_id: str, paging: Query[Paging]
) -> list[AskedBody]:
    """List the bodies that were asked, as far as the person may see them."""
    authority = organisations.authority_in(request)
    row = queries.visible_round(authority, public_id)
    counts = queries.counts_in(row)
    rows = queries.requests_in(authority, row).select_related("organisation").order_by("organisation__path")
    return [
        AskedBody(
            request=one.pk,
            body=body_of(one.organisation),
            given=counts.get(one.organisation_id, (0, 0))[0],
            wanted=counts.get(one.organisation_id, (0, 0))[1],
            submitted_at=one.submitted_at,
            climbs=one.climbs,
        )
        for one in page_of(request, response, rows, paging)
    ]


@router.post(
    "/{public_id}/extension", response=ReportingRoundRow, summary="Give more time", openapi_extra=RUNNERS
)
def extend_round(
    request: HttpRequest, response: HttpResponse, public_id: str, given: MoreTime
) -> ReportingRoundRow:
    """Give all bodies more time to report."""
    row = queries.visible_round(organisations.authority_in(request), public_id)
    version = version_seen(request, given.version)
    actions.extend_round(person(request), row.pk, due_on=given.due_on, version=version, reason=given.reason)
    return _shown(request, response, public_id)


@router.post(
    "/{public_id}/closure", response=ReportingRoundRow, summary="Close a round", openapi_extra=RUNNERS
)
def close_round(
    request: HttpRequest, response: HttpResponse, public_id: str, given: Versioned
) -> ReportingRoundRow:
    """Close the period: no report changes any more, and how each delivery stands is written down once."""
    row = queries.visible_round(organisations.authority_in(request), public_id)
    actions.close_round(person(request), row.pk, version=version_seen(request, given.version))
    return _shown(request, response, public_id)


def _shown(request: HttpRequest, response: HttpResponse, public_id: str) -> ReportingRoundRow:
    row = queries.visible_round(organisations.authority_in(request), public_id)
    tag(response, row.version)
    return _row(row)


def _row(row: ReportingRound) -> ReportingRoundRow:
    same: dict[str, Any] = {
        name: getattr(row, name) for name in ("period", "opens_on", "due_on", "closed_at", "version")
    }
    return ReportingRoundRow(
        id=row.public_id,
        issuer=body_of(row.issuer),
        directive=row.directive.public_id if row.directive else None,
        programme=row.programme.public_id if row.programme else None,
        **same,
    )
