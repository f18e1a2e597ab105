"""Read and change agreements, rights and requests for access, and read snapshots over the HTTP API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field, StringConstraints

from mehvar.exchange.actions import agreements, documents, requests, rights
from mehvar.exchange.api import shapes
from mehvar.exchange.api.shapes import ClientName, PublicId, Reasoned, person
from mehvar.exchange.data.control import AgreementState, AgreementTerms, RequestState, RequestWords
from mehvar.exchange.models import PublishedSnapshot
from mehvar.exchange.queries import changes, names, scope
from mehvar.exchange.queries import documents as kept
from mehvar.exchange.rules.checks import LARGEST_DOCUMENT
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Key, Paging, Schema, Version, allowed_to, page_of, tag, version_seen

router = Router(tags=["exchange access"])
Basis = Annotated[str, StringConstraints(max_length=2_000)]
Purpose = Annotated[str, StringConstraints(max_length=500)]


class NewAgreement(Schema):
    """Propose an agreement between two members (ids); without a consumer it is for a group."""

    provider: PublicId
    consumer: PublicId | None = None
    title: shapes.Line
    legal_basis: Basis
    purpose: Purpose
    valid_from: date
    valid_until: date | None = None


class AgreementExtension(Schema):
    """Extend an agreement; no day is no end."""

    valid_until: date | None
    reason: Basis
    version: Version | None = None


class DocumentIn(Schema):
    """Say which version of the agreement was read."""

    version: Version | None = None


class AgreementFilter(Schema):
    """Choose which agreements are listed."""

    state: AgreementState | None = None


class NewRight(Schema):
    """Grant a service, or one endpoint, to a subsystem or to a group."""

    agreement: PublicId
    service: PublicId
    client: ClientName = ""
    group: Annotated[str, StringConstraints(max_length=60)] = ""
    endpoint: Key | None = None


class RightFilter(Schema):
    """Choose which rights are listed."""

    service: Annotated[str, StringConstraints(max_length=40)] = ""
    revoked: bool = False


class AccessWords(Schema):
    """Say why, on what basis, how much and how long."""

    purpose: Purpose = ""
    legal_basis: Basis = ""
    calls_per_day: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    wanted_from: date | None = None
    wanted_until: date | None = None
    endpoints: Annotated[list[Key], Field(max_length=1_000)] = []


class NewRequest(AccessWords):
    """Begin a request of a subsystem for a service."""

    client: ClientName
    service: PublicId


class ChangedRequest(AccessWords):
    """Change a request that is not with the provider."""

    version: Version | None = None


class RequestAnswer(Reasoned):
    """Answer a request; an agreement (id) that holds may be named when granting."""

    agreement: Annotated[str, StringConstraints(max_length=40)] = ""


class RequestFilter(Schema):
    """Choose which requests are listed."""

    state: RequestState | None = None


class SnapshotRow(Schema):
    """Show a published snapshot."""

    number: int
    sha256: str
    made_at: datetime
    reason: str


@router.get(
    "/agreements",
    response=list[shapes.AgreementRow],
    summary="List agreements",
    openapi_extra=shapes.READERS,
)
def agreement_list(
    request: HttpRequest, response: HttpResponse, asked: Query[AgreementFilter], paging: Query[Paging]
) -> list[shapes.AgreementRow]:
    """List the agreements of one's members; all to who sees all."""
    rows = scope.own_agreements(organisations.authority_in(request)).order_by("-created_at", "-pk")
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    return [shapes.agreement_row(row) for row in page_of(request, response, rows, paging)]


@router.post(
    "/agreements",
    response={201: shapes.AgreementRow},
    summary="Propose an agreement",
    openapi_extra=shapes.SPEAKERS,
)
def agreement_propose(
    request: HttpRequest, response: HttpResponse, given: NewAgreement
) -> Status[shapes.AgreementRow]:
    """Propose an agreement; one's own side accepts by it."""
    said = given.dict()
    sides = said.pop("provider"), said.pop("consumer")
    made = agreements.propose(
        person(request), provider=sides[0], consumer=sides[1], terms=AgreementTerms(**said)
    )
    return Status(201, _agreement(request, response, made.public_id))


@router.get(
    "/agreements/{public_id}",
    response=shapes.AgreementRow,
    summary="Read an agreement",
    openapi_extra=shapes.ANYBODY,
)
def agreement(request: HttpRequest, response: HttpResponse, public_id: PublicId) -> shapes.AgreementRow:
    """Give one agreement; valid and ended ones are open to everybody."""
    return _agreement(request, response, public_id)


@router.post(
    "/agreements/{public_id}/extend",
    response=shapes.AgreementRow,
    summary="Extend an agreement",
    openapi_extra=shapes.SPEAKERS,
)
def agreement_extend(
    request: HttpRequest, response: HttpResponse, public_id: PublicId, given: AgreementExtension
) -> shapes.AgreementRow:
    """Extend a valid agreement, as the provider; the first last day stays known."""
    version = version_seen(request, given.version)
    agreements.extend(
        person(request), public_id, valid_until=given.valid_until, reason=given.reason, version=version
    )
    return _agreement(request, response, public_id)


@router.post(
    "/agreements/{public_id}/document",
    response=shapes.AgreementRow,
    summary="Attach the signed document",
    openapi_extra=shapes.SPEAKERS,
)
def agreement_attach(
    request: HttpRequest,
    response: HttpResponse,
    public_id: PublicId,
    given: Form[DocumentIn],
    file: File[UploadedFile],
) -> shapes.AgreementRow:
    """Keep the signed document: a PDF, PNG or JPEG of at most 10 MB; its hash goes on record.

    In a proposal who proposed may replace it; in a valid agreement either side attaches it once.
    """
    version = version_seen(request, given.version)
    data = file.read(LARGEST_DOCUMENT + 1)
    documents.attach_document(person(request), public_id, data=data, version=version)
    return _agreement(request, response, public_id)


@router.get(
    "/agreements/{public_id}/document",
    summary="Download the signed document",
    openapi_extra=allowed_to("view-exchange over one of the sides; the operator and auditors see all"),
)
def agreement_document(request: HttpRequest, public_id: PublicId) -> FileResponse:
    """Give the signed document out; only to both sides, the operator and auditors."""
    found = kept.document_of(organisations.authority_in(request), public_id)
    return FileResponse(
        found.content, as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )


@router.post(
    "/agreements/{public_id}/{step}",
    response=shapes.AgreementRow,
    summary="Accept or end an agreement",
    openapi_extra=shapes.SPEAKERS,
)
def agreement_step(
    request: HttpRequest,
    response: HttpResponse,
    public_id: PublicId,
    step: Literal["accept", "end"],
    given: Reasoned,
) -> shapes.AgreementRow:
    """Accept a proposal for one's side, or end an agreement with its reason."""
    version = version_seen(request, given.version)
    if step == "accept":
        agreements.accept(person(request), public_id, version=version)
    else:
        agreements.end(person(request), public_id, reason=given.reason, version=version)
    return _agreement(request, response, public_id)


def _agreement(request: HttpRequest, response: HttpResponse, public_id: str) -> shapes.AgreementRow:
    row = scope.visible_agreement(organisations.authority_in(request), public_id)
    tag(response, row.version)
    return shapes.agreement_row(row)


@router.get("/rights", response=list[shapes.RightRow], summary="List rights", openapi_extra=shapes.READERS)
def right_list(
    request: HttpRequest, response: HttpResponse, asked: Query[RightFilter], paging: Query[Paging]
) -> list[shapes.RightRow]:
    """List the rights on own services and those that own subsystems hold."""
    rows = scope.visible_rights(organisations.authority_in(request)).filter(
        revoked_at__isnull=not asked.revoked
    )
    if asked.service:
        rows = rows.filter(service__public_id=asked.service)
    return [shapes.right_row(row) for row in page_of(request, response, rows.order_by("-pk"), paging)]


@router.post(
    "/rights", response={201: shapes.RightRow}, summary="Grant a right", openapi_extra=shapes.SPEAKERS
)
def right_grant(request: HttpRequest, given: NewRight) -> Status[shapes.RightRow]:
    """Grant a right under a valid agreement, as the provider."""
    client = names.subsystem_named(given.client).pk if given.client else None
    made = rights.grant(
        person(request),
        agreement=given.agreement,
        service=given.service,
        subsystem_id=client,
        group=given.group,
        endpoint_id=given.endpoint,
    )
    return Status(201, shapes.right_row(made))


@router.post(
    "/rights/{public_id}/revoke",
    response=shapes.RightRow,
    summary="Revoke a right",
    openapi_extra=shapes.MANAGERS,
)
def right_revoke(request: HttpRequest, public_id: PublicId, given: Reasoned) -> shapes.RightRow:
    """Revoke a right: the next call is refused."""
    return shapes.right_row(rights.revoke(person(request), public_id, reason=given.reason))


@router.get(
    "/requests",
    response=list[shapes.RequestRow],
    summary="List requests for access",
    openapi_extra=shapes.READERS,
)
def request_list(
    request: HttpRequest, response: HttpResponse, asked: Query[RequestFilter], paging: Query[Paging]
) -> list[shapes.RequestRow]:
    """List the requests that one's members made, and those to their services."""
    rows = scope.visible_requests(organisations.authority_in(request)).order_by("-created_at", "-pk")
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    return [shapes.request_row(row) for row in page_of(request, response, rows, paging)]


@router.post(
    "/requests",
    response={201: shapes.RequestRow},
    summary="Begin a request for access",
    openapi_extra=shapes.SPEAKERS,
)
def request_begin(
    request: HttpRequest, response: HttpResponse, given: NewRequest
) -> Status[shapes.RequestRow]:
    """Begin a request; it is with the provider only when it is submitted."""
    made = requests.begin(
        person(request),
        subsystem_id=names.subsystem_named(given.client).pk,
        service=given.service,
        words=_words(given),
        endpoint_ids=given.endpoints,
    )
    return Status(201, _request(request, response, made.public_id))


def _words(given: AccessWords) -> RequestWords:
    return RequestWords(**{name: getattr(given, name) for name in RequestWords.__dataclass_fields__})


@router.get(
    "/requests/{public_id}",
    response=shapes.RequestRow,
    summary="Read a request for access",
    openapi_extra=shapes.READERS,
)
def access_request(request: HttpRequest, response: HttpResponse, public_id: PublicId) -> shapes.RequestRow:
    """Give one request for access."""
    return _request(request, response, public_id)


@router.put(
    "/requests/{public_id}",
    response=shapes.RequestRow,
    summary="Change a request for access",
    openapi_extra=shapes.SPEAKERS,
)
def request_change(
    request: HttpRequest, response: HttpResponse, public_id: PublicId, given: ChangedRequest
) -> shapes.RequestRow:
    """Change a request that is a draft or was returned."""
    requests.change(
        person(request),
        public_id,
        words=_words(given),
        version=version_seen(request, given.version),
        endpoint_ids=given.endpoints,
    )
    return _request(request, response, public_id)


@router.post(
    "/requests/{public_id}/{step}",
    response=shapes.RequestRow,
    summary="Submit, answer or withdraw a request for access",
    openapi_extra=shapes.SPEAKERS,
)
def request_step(
    request: HttpRequest,
    response: HttpResponse,
    public_id: PublicId,
    step: Literal["submit", "return", "grant", "refuse", "withdraw"],
    given: RequestAnswer,
) -> shapes.RequestRow:
    """Take a step: who asks submits and withdraws; the provider returns, grants (making agreement and rights) or refuses."""
    known: dict[str, Any] = {"version": version_seen(request, given.version)}
    user = person(request)
    if step == "submit":
        requests.submit(user, public_id, note=given.reason, **known)
    elif step == "grant":
        requests.grant(user, public_id, agreement=given.agreement, note=given.reason, **known)
    elif step == "return":
        requests.return_(user, public_id, remarks=given.reason, **known)
    elif step == "refuse":
        requests.refuse(user, public_id, reason=given.reason, **known)
    else:
        requests.withdraw(user, public_id, reason=given.reason, **known)
    return _request(request, response, public_id)


def _request(request: HttpRequest, response: HttpResponse, public_id: str) -> shapes.RequestRow:
    row = scope.visible_request(organisations.authority_in(request), public_id)
    tag(response, row.version)
    return shapes.request_row(row)


@router.get(
    "/snapshots",
    response=list[SnapshotRow],
    summary="List published snapshots",
    openapi_extra=shapes.OPERATOR,
)
def snapshot_list(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[SnapshotRow]:
    """List every published snapshot, the newest first."""
    rows = PublishedSnapshot.objects.defer("content").order_by("-number")
    if not scope.sees_all(organisations.authority_in(request)):
        rows = rows.none()
    return [
        SnapshotRow(number=row.number, sha256=row.sha256, made_at=row.made_at, reason=row.reason)
        for row in page_of(request, response, rows, paging)
    ]


@router.get(
    "/snapshots/{number}", response=dict[str, Any], summary="Read a snapshot", openapi_extra=shapes.OPERATOR
)
def snapshot(request: HttpRequest, number: Key) -> dict[str, Any]:
    """Give what a snapshot holds."""
    if not scope.sees_all(organisations.authority_in(request)):
        raise scope.missing("snapshot")
    return changes.content_of(changes.snapshot(number))
