"""Call for plans and review them over the HTTP API."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import calls as actions
from mehvar.programmes.actions import plans as plan_actions
from mehvar.programmes.actions import reviews
from mehvar.programmes.api import shapes
from mehvar.programmes.api.plans import PlanWhole, whole_of
from mehvar.programmes.api.plans import router as plan_reviews
from mehvar.programmes.api.shapes import WATCHERS, ActingBody, body_of, keys_of, person
from mehvar.programmes.models import PlanCall, PlanRemark
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.queries import programmes
from mehvar.programmes.rules.quality import Check
from mehvar.ui.api import (
    Changed,
    Key,
    Paging,
    Schema,
    allowed_to,
    page_of,
    tag,
    version_if_given,
    version_seen,
)

router = Router(tags=["calls"])
CALLERS = allowed_to("call-for-plans over the programme's lead body")
FILERS = allowed_to("file-plan over the body that is called")
REVIEWERS = allowed_to("review-plan over the programme's lead body")


class CallRow(Schema):
    """Show a call for plans; ``first_deadline_on`` never moves."""

    id: str
    programme: str
    lead: ActingBody
    title: str
    guidance: str
    required: list[str]
    currency: str
    deadline_on: date
    first_deadline_on: date
    opened_at: datetime
    closed_at: datetime | None
    version: int


class NewCall(Schema):
    """Call bodies to file a plan until a deadline."""

    programme: shapes.PublicId
    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    deadline_on: date
    bodies: shapes.Codes
    guidance: Annotated[str, StringConstraints(max_length=4000)] = ""
    required: Annotated[list[Check], Field(max_length=20)] = []
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$", examples=["IRR"])] = ""
    prefill: bool = True
    measures: Annotated[
        list[Key], Field(max_length=2000, description="Of the programme; all of them without any.")
    ] = []


class Bodies(Schema):
    """Name bodies."""

    bodies: shapes.Codes


class LaterDeadline(shapes.VersionedReason):
    """Give a later deadline."""

    deadline_on: date


class RemarkRow(Schema):
    """Show what a reviewer says to a plan or one of its items."""

    id: int
    item: str | None
    text: str
    made_at: datetime
    settled_at: datetime | None


class NewRemark(Schema):
    """Remark on a plan, or on one of its items."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    item: Annotated[str, StringConstraints(max_length=40)] = ""


@router.get("", response=list[CallRow], summary="List calls", openapi_extra=WATCHERS)
def calls(
    request: HttpRequest,
    response: HttpResponse,
    paging: Query[Paging],
    programme: shapes.PublicId | None = None,
) -> list[CallRow]:
    """List the calls that the person runs or that ask a body of the person's, the latest first."""
    rows = queries.visible_calls(organisations.authority_in(request))
    if programme is not None:
        rows = rows.filter(programme__public_id=programme)
    chosen = rows.select_related("programme__organisation").order_by("-opened_at", "-pk")
    return [_row(row) for row in page_of(request, response, chosen, paging)]


@router.post("", response={201: CallRow}, summary="Call for plans", openapi_extra=CALLERS)
def open_call(request: HttpRequest, response: HttpResponse, given: NewCall) -> Status[CallRow]:
    """Call bodies to file a plan; each body's plan exists from now on, so that silence is visible."""
    programme = programmes.visible_programme(organisations.authority_in(request), given.programme)
    made = actions.open_call(
        person(request),
        programme.pk,
        title=given.title,
        deadline_on=given.deadline_on,
        organisation_ids=keys_of(given.bodies),
        guidance=given.guidance,
        required=[check.value for check in given.required],
        currency=given.currency,
        prefill=given.prefill,
        measure_ids=given.measures,
    )
    return Status(201, _shown(request, response, made.public_id))


@router.get("/{public_id}", response=CallRow, summary="Read a call", openapi_extra=WATCHERS)
def call(request: HttpRequest, response: HttpResponse, public_id: str) -> CallRow:
    """Give a call; ``ETag`` carries its version."""
    return _shown(request, response, public_id)


@router.post("/{public_id}/bodies", response=Changed, summary="Ask further bodies", openapi_extra=CALLERS)
def ask_further(request: HttpRequest, public_id: str, given: Bodies) -> Changed:
    """Ask further bodies in an open call; tells how many are new."""
    row = queries.visible_call(organisations.authority_in(request), public_id)
    return Changed(changed=actions.call_further(person(request), row.pk, keys_of(given.bodies)))


@router.post("/{public_id}/extension", response=CallRow, summary="Give more time", openapi_extra=CALLERS)
def extend_call(
    request: HttpRequest, response: HttpResponse, public_id: str, given: LaterDeadline
) -> CallRow:
    """Give all called bodies more time; the first deadline stays on record."""
    row = queries.visible_call(organisations.authority_in(request), public_id)
    actions.extend_call(
        person(request),
        row.pk,
        deadline_on=given.deadline_on,
        reason=given.reason,
        version=version_seen(request, given.version),
    )
    return _shown(request, response, public_id)


@router.post("/{public_id}/reminder", response=Changed, summary="Remind the silent", openapi_extra=CALLERS)
def remind(request: HttpRequest, public_id: str) -> Changed:
    """Remind every body that has not submitted, once a day; tells how many people were told."""
    row = queries.visible_call(organisations.authority_in(request), public_id)
    return Changed(changed=actions.remind(person(request), row.pk))


@router.post("/{public_id}/closure", response=CallRow, summary="Close a call", openapi_extra=CALLERS)
def close_call(
    request: HttpRequest, response: HttpResponse, public_id: str, given: shapes.VersionedReason
) -> CallRow:
    """Close a call: what is not submitted cannot be changed any more."""
    row = queries.visible_call(organisations.authority_in(request), public_id)
    version = version_seen(request, given.version)
    actions.close_call(person(request), row.pk, reason=given.reason, version=version)
    return _shown(request, response, public_id)


@plan_reviews.post("/{public_id}/begin", response=PlanWhole, summary="Begin a plan", openapi_extra=FILERS)
def begin_plan(request: HttpRequest, response: HttpResponse, public_id: str) -> PlanWhole:
    """Open a plan for the first time; with a prefilled template each measure gets its item."""
    row = queries.visible_plan(organisations.authority_in(request), public_id)
    plan_actions.begin_plan(person(request), row.pk)
    return whole_of(request, response, public_id)


@plan_reviews.delete("/{public_id}/submission", response=PlanWhole, summary="Take back", openapi_extra=FILERS)
def take_back(request: HttpRequest, response: HttpResponse, public_id: str) -> PlanWhole:
    """Take a submitted plan back to change it, before it is decided on."""
    row = queries.visible_plan(organisations.authority_in(request), public_id)
    reviews.take_back(person(request), row.pk)
    return whole_of(request, response, public_id)


@plan_reviews.post("/{public_id}/acceptance", response=PlanWhole, summary="Accept", openapi_extra=REVIEWERS)
def accept_plan(
    request: HttpRequest, response: HttpResponse, public_id: str, given: shapes.VersionedReason
) -> PlanWhole:
    """Accept a plan: what it promises is delivered and reported on from now on."""
    row = queries.visible_plan(organisations.authority_in(request), public_id)
    version = version_if_given(request, given.version)
    reviews.accept_plan(person(request), row.pk, reason=given.reason, version=version)
    return whole_of(request, response, public_id)


@plan_reviews.post("/{public_id}/return", response=PlanWhole, summary="Return", openapi_extra=REVIEWERS)
def return_plan(
    request: HttpRequest, response: HttpResponse, public_id: str, given: shapes.VersionedReason
) -> PlanWhole:
    """Return a plan with remarks, so that the body improves it."""
    row = queries.visible_plan(organisations.authority_in(request), public_id)
    version = version_if_given(request, given.version)
    reviews.return_plan(person(request), row.pk, reason=given.reason, version=version)
    return whole_of(request, response, public_id)


@plan_reviews.get("/{public_id}/remarks", response=list[RemarkRow], summary="Remarks", openapi_extra=WATCHERS)
def remarks(
    request: HttpRequest, response: HttpResponse, public_id: str, paging: Query[Paging]
) -> list[RemarkRow]:
    """List the remarks on a plan, oldest first."""
    row = queries.visible_plan(organisations.authority_in(request), public_id)
    return [_remark(one) for one in page_of(request, response, queries.remarks_of(row.pk), paging)]


@plan_reviews.post(
    "/{public_id}/remarks", response={201: RemarkRow}, summary="Remark", openapi_extra=REVIEWERS
)
def add_remark(request: HttpRequest, public_id: str, given: NewRemark) -> Status[RemarkRow]:
    """Remark on a submitted plan or one of its items."""
    row = queries.visible_plan(organisations.authority_in(request), public_id)
    made = reviews.add_remark(person(request), row.pk, given.text, item_public_id=given.item)
    return Status(201, _remark(made))


@plan_reviews.post(
    "/{public_id}/remarks/{remark_id}/settlement", response=RemarkRow, summary="Settle", openapi_extra=FILERS
)
def settle_remark(request: HttpRequest, public_id: str, remark_id: Key) -> RemarkRow:
    """Say, as the body that files, that a remark was followed; doing it again takes that back."""
    row = queries.visible_plan(organisations.authority_in(request), public_id)
    if not PlanRemark.objects.filter(plan=row, pk=remark_id).exists():
        raise NotFound(gettext_noop("There is no such remark."), code="unknown-remark")
    return _remark(reviews.settle_remark(person(request), remark_id))


def _shown(request: HttpRequest, response: HttpResponse, public_id: str) -> CallRow:
    row = queries.visible_call(organisations.authority_in(request), public_id)
    tag(response, row.version)
    return _row(row)


def _row(row: PlanCall) -> CallRow:
    same = ("title", "guidance", "deadline_on", "first_deadline_on", "opened_at", "closed_at", "version")
    facts: dict[str, Any] = {name: getattr(row, name) for name in same}
    return CallRow(
        **facts,
        id=row.public_id,
        programme=row.programme.public_id,
        lead=body_of(row.programme.organisation),
        required=list(row.template.get("required", ())),
        currency=str(row.template.get("currency", "")),
    )


def _remark(row: PlanRemark) -> RemarkRow:
    return RemarkRow(
        id=row.pk,
        item=row.item.public_id if row.item else None,
        text=row.text,
        made_at=row.made_at,
        settled_at=row.settled_at,
    )
