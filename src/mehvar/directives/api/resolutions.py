"""Read and report on council resolutions over the HTTP API."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import resolutions as actions
from mehvar.directives.api import shapes
from mehvar.directives.data import ResolutionState
from mehvar.directives.models import Resolution
from mehvar.directives.queries import council as queries
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Key, Paging, Schema, Version, allowed_to, page_of, tag, version_if_given

router = Router(tags=["council"])
READERS = allowed_to("who may read the session; the body that owes it")
OWNERS = allowed_to("the body that owes it; manage-council over the committee's body")
CONFIRMERS = allowed_to("the committee's chair; manage-council over its body")


class ResolutionRow(Schema):
    """Show a resolution."""

    id: int
    session: str
    number: int
    text: str
    owner: str = Field(description="Code of the body that owes it.")
    due_on: date | None
    first_due_on: date | None
    due_raw: str
    state: ResolutionState
    completed_on: date | None
    version: int


class Report(Schema):
    """Say something on a resolution."""

    note: shapes.Reason = Field("", examples=["The register is open to all provinces since 1 May."])
    version: Version | None = None


@router.get("", response=list[ResolutionRow], summary="List resolutions", openapi_extra=READERS)
def resolutions(
    request: HttpRequest,
    response: HttpResponse,
    paging: Query[Paging],
    state: ResolutionState | None = None,
    *,
    overdue: bool = False,
) -> list[ResolutionRow]:
    """List the resolutions that the person may read."""
    authority = organisations.authority_in(request)
    rows = queries.overdue_resolutions(authority) if overdue else queries.resolutions_for(authority)
    if state is not None:
        rows = rows.filter(state=state)
    chosen = rows.select_related("session", "owner").order_by("due_on", "pk")
    return [resolution_row(row) for row in page_of(request, response, chosen, paging)]


@router.get("/{resolution_id}", response=ResolutionRow, summary="Read a resolution", openapi_extra=READERS)
def resolution(request: HttpRequest, response: HttpResponse, resolution_id: Key) -> ResolutionRow:
    """Give one resolution; ``ETag`` carries its version."""
    return _shown(request, response, resolution_id)


@router.post("/{resolution_id}/begin", response=ResolutionRow, summary="Begin work", openapi_extra=OWNERS)
def begin(request: HttpRequest, response: HttpResponse, resolution_id: Key, given: Report) -> ResolutionRow:
    """Say that work on a resolution has begun."""
    row = _readable(request, resolution_id)
    actions.begin_resolution(
        accounts.person_in(request), row.pk, note=given.note, version=version_if_given(request, given.version)
    )
    return _shown(request, response, resolution_id)


@router.post("/{resolution_id}/claim", response=ResolutionRow, summary="Report as done", openapi_extra=OWNERS)
def claim(request: HttpRequest, response: HttpResponse, resolution_id: Key, given: Report) -> ResolutionRow:
    """Report a resolution as done, saying what proves it."""
    row = _readable(request, resolution_id)
    actions.claim_done(
        accounts.person_in(request), row.pk, note=given.note, version=version_if_given(request, given.version)
    )
    return _shown(request, response, resolution_id)


@router.post(
    "/{resolution_id}/confirm", response=ResolutionRow, summary="Confirm completion", openapi_extra=CONFIRMERS
)
def confirm(request: HttpRequest, response: HttpResponse, resolution_id: Key, given: Report) -> ResolutionRow:
    """Confirm that a resolution is done."""
    row = _readable(request, resolution_id)
    actions.confirm_done(
        accounts.person_in(request), row.pk, note=given.note, version=version_if_given(request, given.version)
    )
    return _shown(request, response, resolution_id)


@router.post(
    "/{resolution_id}/return",
    response=ResolutionRow,
    summary="Send back to its owner",
    openapi_extra=CONFIRMERS,
)
def send_back(
    request: HttpRequest, response: HttpResponse, resolution_id: Key, given: Report
) -> ResolutionRow:
    """Send a resolution that was reported as done back to its owner, with a reason."""
    row = _readable(request, resolution_id)
    actions.send_back(
        accounts.person_in(request), row.pk, note=given.note, version=version_if_given(request, given.version)
    )
    return _shown(request, response, resolution_id)


def _readable(request: HttpRequest, resolution_id: int) -> Resolution:
    rows = queries.resolutions_for(organisations.authority_in(request)).filter(pk=resolution_id)
    found = rows.select_related("session", "owner").first()
    if found is None:
        raise NotFound(gettext_noop("There is no such resolution."), code="unknown-resolution")
    return found


def _shown(request: HttpRequest, response: HttpResponse, resolution_id: int) -> ResolutionRow:
    found = _readable(request, resolution_id)
    tag(response, found.version)
    return resolution_row(found)


def resolution_row(row: Resolution) -> ResolutionRow:
    """Show a resolution; its owner and session must be there."""
    same = {
        name: getattr(row, name)
        for name in ResolutionRow.model_fields
        if name not in {"id", "session", "owner"}
    }
    return ResolutionRow(id=row.pk, session=row.session.public_id, owner=row.owner.code, **same)
