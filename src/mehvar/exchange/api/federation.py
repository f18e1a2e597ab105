"""Oversee the exchange over the HTTP API: applications of firms, authorities that count, gateways."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.exchange.actions import applications, authority, gateways
from mehvar.exchange.api import shapes
from mehvar.exchange.api.shapes import Pem, PublicId, Reasoned, person
from mehvar.exchange.data.control import ApplicationState
from mehvar.exchange.models import Authority, Gateway, MemberApplication
from mehvar.exchange.queries import names, scope
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Paging, Schema, allowed_to, page_of, tag, version_seen

router = Router(tags=["exchange federation"])
OVERSEERS = allowed_to("operate-exchange, or audit")
Address = Annotated[str, StringConstraints(max_length=500), Field(examples=["https://gateway.example"])]
GatewayCode = Annotated[str, StringConstraints(min_length=1, max_length=60), Field(examples=["north"])]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ApplicationRow(Schema):
    """Show a firm's application for membership."""

    id: str
    name: str
    registration: str
    what_for: str
    contact_name: str
    contact_email: str
    contact_phone: str
    language: str
    state: ApplicationState
    applied_at: datetime
    decided_at: datetime | None
    answer: str
    member: str | None = Field(description="The member that it became.", examples=["MEHVAR/COM/4711"])
    version: int


class ApplicationFilter(Schema):
    """Choose which applications are listed."""

    state: ApplicationState | None = None


class Decision(Reasoned):
    """Decide on an application; approving needs the new member's code, refusing the reason."""

    code: Annotated[str, StringConstraints(max_length=60)] = ""


class AuthorityRow(Schema):
    """Show an authority; ``own``: the exchange's, which signs requests for certificates."""

    name: str
    sha256: str
    own: bool
    certificate: str
    valid_until: datetime
    withdrawn_at: datetime | None


class NewAuthority(Schema):
    """Let the certificates of an authority (PEM) count."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    certificate: Pem


class GatewayRow(Schema):
    """Show how a gateway is."""

    code: str
    address: str
    state: str
    snapshot: int | None
    answered_at: datetime | None


class NewGateway(Schema):
    """Name a gateway: where callers reach it, where it tells its state, where its evidence lies on the server."""

    code: GatewayCode
    address: Address
    status_address: Address = ""
    evidence_folder: Annotated[str, StringConstraints(max_length=500)] = ""


class Why(Schema):
    """Say why."""

    reason: Annotated[str, StringConstraints(max_length=2_000)] = ""


@router.get(
    "/applications",
    response=list[ApplicationRow],
    summary="List applications of firms",
    openapi_extra=OVERSEERS,
)
def application_list(
    request: HttpRequest, response: HttpResponse, asked: Query[ApplicationFilter], paging: Query[Paging]
) -> list[ApplicationRow]:
    """List the applications of private bodies, the newest first; empty to who oversees nothing."""
    rows = _applications(request)
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    return [_application(row) for row in page_of(request, response, rows, paging)]


def _applications(request: HttpRequest) -> Any:
    return scope.visible_applications(organisations.authority_in(request)).select_related("member")


@router.get(
    "/applications/{public_id}",
    response=ApplicationRow,
    summary="Read an application of a firm",
    openapi_extra=OVERSEERS,
)
def application(request: HttpRequest, response: HttpResponse, public_id: PublicId) -> ApplicationRow:
    """Give one application."""
    return _one_application(request, response, public_id)


@router.post(
    "/applications/{public_id}/{step}",
    response=ApplicationRow,
    summary="Approve or refuse an application of a firm",
    openapi_extra=shapes.OPERATOR,
)
def application_step(
    request: HttpRequest,
    response: HttpResponse,
    public_id: PublicId,
    step: Literal["approve", "refuse"],
    given: Decision,
) -> ApplicationRow:
    """Approve (making body, member and the engineer's invitation) or refuse with the words that the firm reads."""
    scope.visible_application(organisations.authority_in(request), public_id)
    version, user = version_seen(request, given.version), person(request)
    if step == "approve":
        applications.approve(user, public_id, code=given.code, version=version, note=given.reason)
    else:
        applications.refuse(user, public_id, reason=given.reason, version=version)
    return _one_application(request, response, public_id)


def _one_application(request: HttpRequest, response: HttpResponse, public_id: str) -> ApplicationRow:
    row = scope.visible_application(organisations.authority_in(request), public_id)
    tag(response, row.version)
    return _application(row)


def _application(row: MemberApplication) -> ApplicationRow:
    same = (
        "name", "registration", "what_for", "contact_name", "contact_email", "contact_phone", "language",
        "state", "applied_at", "decided_at", "version",
    )  # fmt: skip
    return ApplicationRow(
        **{name: getattr(row, name) for name in same},
        id=row.public_id,
        answer=row.decision_note,
        member=names.member_name(row.member) if row.member else None,
    )


@router.get(
    "/authorities",
    response=list[AuthorityRow],
    summary="List authorities",
    openapi_extra=shapes.READERS,
)
def authority_list(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[AuthorityRow]:
    """List the authorities whose certificates count or once counted, the newest first."""
    rows = Authority.objects.order_by("-created_at", "-pk")
    if not scope.takes_part(organisations.authority_in(request)):
        rows = rows.none()
    return [_authority(row) for row in page_of(request, response, rows, paging)]


@router.post(
    "/authorities",
    response={201: AuthorityRow},
    summary="Trust an authority",
    openapi_extra=shapes.OPERATOR,
)
def authority_trust(request: HttpRequest, given: NewAuthority) -> Status[AuthorityRow]:
    """Let certificates of another authority count; the exchange's own is made on the server only."""
    made = authority.trust_authority(person(request), name=given.name, certificate=given.certificate)
    return Status(201, _authority(made))


@router.post(
    "/authorities/{sha256}/withdraw",
    response=AuthorityRow,
    summary="Withdraw trust in an authority",
    openapi_extra=shapes.OPERATOR,
)
def authority_withdraw(request: HttpRequest, sha256: Sha256, given: Why) -> AuthorityRow:
    """Let the certificates of an authority count no more."""
    return _authority(authority.withdraw_authority(person(request), sha256, reason=given.reason))


def _authority(row: Authority) -> AuthorityRow:
    return AuthorityRow(**{name: getattr(row, name) for name in AuthorityRow.model_fields})


@router.get("/gateways", response=list[GatewayRow], summary="List gateways", openapi_extra=shapes.READERS)
def gateway_list(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[GatewayRow]:
    """List the gateways with the state in which they were last found."""
    rows = Gateway.objects.order_by("code")
    if not scope.takes_part(organisations.authority_in(request)):
        rows = rows.none()
    return [_gateway(row) for row in page_of(request, response, rows, paging)]


@router.post(
    "/gateways", response={201: GatewayRow}, summary="Register a gateway", openapi_extra=shapes.OPERATOR
)
def gateway_register(request: HttpRequest, given: NewGateway) -> Status[GatewayRow]:
    """Name a gateway, or change the one with this code."""
    return Status(201, _gateway(gateways.register_gateway(person(request), **given.dict())))


@router.post(
    "/gateways/{code}/forget",
    response={204: None},
    summary="Take a gateway off the list",
    openapi_extra=shapes.OPERATOR,
)
def gateway_forget(request: HttpRequest, code: GatewayCode, given: Why) -> Status[None]:
    """Take a gateway off the list; one whose evidence is kept here stays."""
    gateways.forget_gateway(person(request), code, reason=given.reason)
    return Status(204, None)


def _gateway(row: Gateway) -> GatewayRow:
    return GatewayRow(
        code=row.code,
        address=row.address,
        state=row.state,
        snapshot=row.snapshot_number,
        answered_at=row.answered_at,
    )
