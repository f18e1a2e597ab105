"""Review reports over the HTTP API, and keep the files that support them."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import evidence as evidence_actions
from mehvar.programmes.actions import reports as actions
from mehvar.programmes.api import shapes
from mehvar.programmes.api.progress import requests as evidence
from mehvar.programmes.api.shapes import WATCHERS, ActingBody, body_of, person
from mehvar.programmes.data import Rating, ReportState
from mehvar.programmes.models import Evidence, ProgressReport
from mehvar.programmes.queries import progress as queries
from mehvar.programmes.queries import scope
from mehvar.ui.api import Key, Paging, Schema, allowed_to, page_of, tag, version_seen

reports = Router(tags=["reports"])
REVIEWERS = allowed_to("accept-report over the body that asks, or from above the body that reports")
APPROVERS = allowed_to("approve-report over the body that asks")
REPORTERS = allowed_to("report-progress over the body that delivers")


class FileRow(Schema):
    """Show a file that supports a report; the hash is on record."""

    id: int
    filename: str
    sha256: str
    size: int
    uploaded_at: datetime


class ReportWhole(Schema):
    """Show a report with its three figures, its files, and the milestones that it calls reached (key → day)."""

    id: int
    period: str
    delivery: str
    text: str
    body: ActingBody
    state: ReportState
    claimed: int | None
    accepted: int | None
    approved: int | None
    self_rating: Rating
    done: str
    next: str
    return_reason: str
    submitted_at: datetime | None
    late: bool
    evidence: list[FileRow]
    milestones: dict[str, date]
    version: int


class Verdict(shapes.VersionedReason):
    """Take a report with its own figure, or with another one and the reason."""

    percent: shapes.Percent | None = None


class EvidenceIn(Schema):
    """Say which delivery a file supports."""

    delivery: shapes.PublicId


@reports.get("", response=list[ReportWhole], summary="What waits for me", openapi_extra=REVIEWERS)
def reports_to_review(
    request: HttpRequest,
    response: HttpResponse,
    paging: Query[Paging],
    step: Literal["accept", "approve"] = "accept",
) -> list[ReportWhole]:
    """List the reports that wait for the person's acceptance or approval, oldest first."""
    rows = queries.to_review(organisations.authority_in(request), step)
    chosen = rows.select_related("round", "delivery__organisation").prefetch_related("evidence", "milestones")
    return [_whole(row) for row in page_of(request, response, chosen, paging)]


@reports.get("/{report_id}", response=ReportWhole, summary="Read a report", openapi_extra=WATCHERS)
def report(request: HttpRequest, response: HttpResponse, report_id: Key) -> ReportWhole:
    """Give a report; a draft only to those who report for its body."""
    return _shown(request, response, report_id)


@reports.post("/{report_id}/acceptance", response=ReportWhole, summary="Accept", openapi_extra=REVIEWERS)
def accept(request: HttpRequest, response: HttpResponse, report_id: Key, given: Verdict) -> ReportWhole:
    """Accept a claimed report with its figure or, with a reason, with another one."""
    _visible(request, report_id)
    version = version_seen(request, given.version)
    actions.accept_report(
        person(request), report_id, version=version, accepted=given.percent, reason=given.reason
    )
    return _shown(request, response, report_id)


@reports.post("/{report_id}/approval", response=ReportWhole, summary="Approve", openapi_extra=APPROVERS)
def approve(request: HttpRequest, response: HttpResponse, report_id: Key, given: Verdict) -> ReportWhole:
    """Approve an accepted report: its figure is the verified progress from now on."""
    _visible(request, report_id)
    version = version_seen(request, given.version)
    actions.approve_report(
        person(request), report_id, version=version, approved=given.percent, reason=given.reason
    )
    return _shown(request, response, report_id)


@reports.post("/{report_id}/return", response=ReportWhole, summary="Send back", openapi_extra=REVIEWERS)
def send_back(
    request: HttpRequest, response: HttpResponse, report_id: Key, given: shapes.VersionedReason
) -> ReportWhole:
    """Send a report back to its body with the reason."""
    _visible(request, report_id)
    version = version_seen(request, given.version)
    actions.return_report(person(request), report_id, version=version, reason=given.reason)
    return _shown(request, response, report_id)


@evidence.post(
    "/{request_id}/evidence", response={201: FileRow}, summary="Attach a file", openapi_extra=REPORTERS
)
def attach(
    request: HttpRequest, request_id: Key, given: Form[EvidenceIn], file: File[UploadedFile]
) -> Status[FileRow]:
    """Keep a file that supports the report on a delivery; the report begins with it if there is none yet."""
    row = _asked(request, request_id)
    found = queries.asked_deliveries(row).filter(public_id=given.delivery).order_by().first()
    if found is None:
        raise NotFound(gettext_noop("There is no such delivery."), code="unknown-delivery")
    made = evidence_actions.attach_evidence(
        person(request), row.pk, found.pk, filename=file.name or "file", data=file.read()
    )
    return Status(201, _file(made))


@evidence.delete(
    "/{request_id}/evidence/{evidence_id}", response={204: None}, summary="Take away", openapi_extra=REPORTERS
)
def remove(request: HttpRequest, request_id: Key, evidence_id: Key) -> Status[None]:
    """Take a file away from a report that was not accepted yet."""
    evidence_actions.remove_evidence(person(request), _asked(request, request_id).pk, evidence_id)
    return Status(204, None)


@reports.get("/{report_id}/evidence/{evidence_id}", summary="Download", openapi_extra=WATCHERS)
def download_evidence(request: HttpRequest, report_id: Key, evidence_id: Key) -> FileResponse:
    """Give a file out under its own name."""
    _visible(request, report_id)
    row = queries.evidence(organisations.authority_in(request), evidence_id)
    if row.report_id != report_id:
        raise NotFound(gettext_noop("There is no such file."), code="unknown-evidence")
    return FileResponse(
        row.file.open("rb"),
        as_attachment=True,
        filename=row.filename,
        content_type="application/octet-stream",
    )


def _asked(request: HttpRequest, request_id: int) -> Any:
    found = queries.requests_for(organisations.authority_in(request)).filter(pk=request_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such request for a report."), code="unknown-request")
    return found


def _visible(request: HttpRequest, report_id: int) -> ProgressReport:
    authority = organisations.authority_in(request)
    row = queries.report_of(report_id)
    seen = scope.scope_of(authority).holds(row.delivery)
    if row.state == ReportState.DRAFT:
        reporting = scope.scope_of(authority, Permission.REPORT_PROGRESS)
        seen = seen and reporting.holds_body(row.delivery.organisation_id)
    if not seen:
        raise NotFound(gettext_noop("There is no such report."), code="unknown-report")
    return row


def _shown(request: HttpRequest, response: HttpResponse, report_id: int) -> ReportWhole:
    row = _visible(request, report_id)
    tag(response, row.version)
    return _whole(row)


def _whole(row: ProgressReport) -> ReportWhole:
    same = ("claimed", "accepted", "approved", "self_rating", "state", "return_reason", "submitted_at", "late", "version")  # fmt: skip
    return ReportWhole(
        **{name: getattr(row, name) for name in same},
        id=row.pk,
        period=row.round.period,
        delivery=row.delivery.public_id,
        text=row.delivery.text,
        body=body_of(row.delivery.organisation),
        done=row.done_text,
        next=row.next_text,
        evidence=[_file(one) for one in row.evidence.all()],
        milestones={str(one.milestone_id): one.done_on for one in row.milestones.all()},
    )


def _file(row: Evidence) -> FileRow:
    same = {name: getattr(row, name) for name in ("filename", "sha256", "size", "uploaded_at")}
    return FileRow(id=row.pk, **same)
