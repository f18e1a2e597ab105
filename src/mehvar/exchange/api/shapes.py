"""Say how the control plane's things look over the HTTP API, and who may ask."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import AfterValidator, Field, StringConstraints

from mehvar.exchange.data.control import (
    AgreementState,
    MemberState,
    RequestState,
    ServiceState,
    SubsystemState,
)
from mehvar.exchange.queries import names
from mehvar.ui.api import Names, Schema, Version, allowed_to

if TYPE_CHECKING:
    from django.http import HttpRequest

    from mehvar.accounts.models import User
    from mehvar.exchange.models import (
        AccessRequest,
        AccessRight,
        Agreement,
        Endpoint,
        ExchangeService,
        Member,
        Subsystem,
    )

PublicId = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\w-]+$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=60), Field(examples=["registry"])]
ClientName = Annotated[str, StringConstraints(max_length=300), Field(examples=["MEHVAR/GOV/min/registry"])]
Line = Annotated[str, StringConstraints(max_length=300)]
Long = Annotated[str, StringConstraints(max_length=4_000)]
Pem = Annotated[str, StringConstraints(max_length=20_000)]
Days = Annotated[int, Field(ge=1, le=1_096)]
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def _instant(at: datetime) -> datetime:
    """Give an instant that every database can compare; without a zone it is UTC."""
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise ValueError("not an instant of our times")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


Instant = Annotated[datetime, AfterValidator(_instant)]
Seconds = Annotated[float, Field(gt=0, le=3_600)]
Bytes = Annotated[int, Field(ge=0, le=2**50)]

READERS = allowed_to("view-exchange; the operator and auditors see all")
MANAGERS = allowed_to("manage-systems over the member's body, or operate-exchange")
SPEAKERS = allowed_to("manage-systems over the member's body")
OPERATOR = allowed_to("operate-exchange")
ANYBODY = allowed_to("anybody who is signed in")


def person(request: HttpRequest) -> User:
    """Give the person for whom the request acts."""
    return cast("User", request.user)


class MemberRow(Schema):
    """Show a member."""

    id: str
    name: str = Field(examples=["MEHVAR/GOV/min"])
    body: str = Field(examples=["xx.min"])
    names: Names
    state: MemberState
    version: int


class SubsystemRow(Schema):
    """Show a subsystem."""

    name: str = Field(examples=["MEHVAR/GOV/min/registry"])
    code: str
    title: str
    description: str
    state: SubsystemState
    version: int


class EndpointRow(Schema):
    """Show an endpoint."""

    key: int
    method: str
    path: str
    summary: str
    subject: str


class ServiceRow(Schema):
    """Show a service as everybody sees it."""

    id: str
    name: str = Field(examples=["MEHVAR/GOV/min/registry/parcels"])
    title: str
    summary: str
    state: ServiceState
    legal_basis: str
    personal_data: bool
    disabled_notice: str
    version: int


class ServiceWhole(ServiceRow):
    """Show a service with its endpoints."""

    endpoints: list[EndpointRow]


class Terms(Schema):
    """Say what a service is and how calls of it are handled; times in seconds, sizes in bytes, 0 for no limit."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    base_url: Annotated[str, StringConstraints(max_length=500)]
    summary: Long = ""
    language: Literal["", "fa", "vi", "en"] = ""
    test_base_url: Annotated[str, StringConstraints(max_length=500)] = ""
    mode: Literal["durable", "async"] = "durable"
    loss_window_ms: Annotated[int, Field(ge=1, le=60_000)] = 200
    connect_timeout_s: Seconds = 5.0
    answer_timeout_s: Seconds = 30.0
    idle_timeout_s: Seconds = 30.0
    total_timeout_s: Seconds = 300.0
    max_request_bytes: Bytes = 0
    max_answer_bytes: Bytes = 0
    max_connections: Annotated[int, Field(ge=1, le=10_000)] = 64
    provider_ca: Pem = ""
    keep_bodies: bool = False
    kept_body_bytes: Annotated[int, Field(ge=0, le=2**20)] = 65_536
    legal_basis: Annotated[str, StringConstraints(max_length=2_000)] = ""
    personal_data: bool = True
    contact: Line = ""


class AgreementRow(Schema):
    """Show an agreement."""

    id: str
    title: str
    provider: str
    consumer: str | None
    purpose: str
    legal_basis: str
    valid_from: date
    valid_until: date | None
    first_valid_until: date | None
    document_sha256: str = Field(description="Of the signed document; empty where there is none.")
    state: AgreementState
    version: int


class RightRow(Schema):
    """Show a right."""

    id: str
    service: str
    client: str | None
    group: str | None
    method: str
    path: str
    agreement: str
    granted_at: datetime
    revoked_at: datetime | None


class RequestRow(Schema):
    """Show a request for access."""

    id: str
    client: str
    service: str
    purpose: str
    legal_basis: str
    calls_per_day: int | None
    wanted_from: date | None
    wanted_until: date | None
    state: RequestState
    due_on: date | None
    answer: str
    agreement: str | None
    version: int


class Reasoned(Schema):
    """Say why, and which version was read."""

    reason: Annotated[str, StringConstraints(max_length=4_000)] = ""
    version: Version | None = None


def member_row(row: Member) -> MemberRow:
    """Show a member."""
    body = row.organisation
    return MemberRow(
        id=row.public_id,
        name=names.member_name(row),
        body=body.code,
        names=Names(fa=body.name_fa, vi=body.name_vi, en=body.name_en),
        state=MemberState(row.state),
        version=row.version,
    )


def subsystem_row(row: Subsystem) -> SubsystemRow:
    """Show a subsystem."""
    return SubsystemRow(
        name=names.client_name(row),
        code=row.code,
        title=row.name,
        description=row.description,
        state=SubsystemState(row.state),
        version=row.version,
    )


def service_head(row: ExchangeService) -> dict[str, Any]:
    """Give what a list shows of a service."""
    same = ("title", "summary", "state", "legal_basis", "personal_data", "disabled_notice", "version")
    return {
        **{name: getattr(row, name) for name in same},
        "id": row.public_id,
        "name": names.service_name(row),
    }


def endpoint_row(row: Endpoint) -> EndpointRow:
    """Show an endpoint."""
    return EndpointRow(key=row.pk, method=row.method, path=row.path, summary=row.summary, subject=row.subject)


def service_whole(row: ExchangeService) -> ServiceWhole:
    """Show a service with its endpoints."""
    endpoints = [endpoint_row(one) for one in row.endpoints.order_by("path", "method")]
    return ServiceWhole(**service_head(row), endpoints=endpoints)


def agreement_row(row: Agreement) -> AgreementRow:
    """Show an agreement."""
    same = (
        "title",
        "purpose",
        "legal_basis",
        "valid_from",
        "valid_until",
        "first_valid_until",
        "document_sha256",
        "state",
        "version",
    )
    return AgreementRow(
        **{name: getattr(row, name) for name in same},
        id=row.public_id,
        provider=names.member_name(row.provider),
        consumer=names.member_name(row.consumer) if row.consumer else None,
    )


def right_row(row: AccessRight) -> RightRow:
    """Show a right."""
    return RightRow(
        id=row.public_id,
        service=names.service_name(row.service),
        client=names.client_name(row.subsystem) if row.subsystem else None,
        group=row.group.code if row.group else None,
        method=row.endpoint.method if row.endpoint else "",
        path=row.endpoint.path if row.endpoint else "",
        agreement=row.agreement.public_id,
        granted_at=row.granted_at,
        revoked_at=row.revoked_at,
    )


def request_row(row: AccessRequest) -> RequestRow:
    """Show a request for access."""
    same = (
        "purpose",
        "legal_basis",
        "calls_per_day",
        "wanted_from",
        "wanted_until",
        "state",
        "due_on",
        "version",
    )
    return RequestRow(
        **{name: getattr(row, name) for name in same},
        id=row.public_id,
        client=names.client_name(row.subsystem),
        service=names.service_name(row.service),
        answer=row.decision_note,
        agreement=row.agreement.public_id if row.agreement else None,
    )
