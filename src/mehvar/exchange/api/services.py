"""Read and change services, their endpoints and descriptions, quotas and groups over the HTTP API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.exchange.actions import descriptions as uploads
from mehvar.exchange.actions import groups, limits, services
from mehvar.exchange.api import shapes
from mehvar.exchange.api.shapes import ClientName, Code, PublicId, Reasoned, person
from mehvar.exchange.data.control import ServiceState, ServiceTerms
from mehvar.exchange.models import ClientGroup
from mehvar.exchange.queries import descriptions, names, scope
from mehvar.exchange.queries import members as belonging
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Key, Paging, Schema, Version, page_of, tag, version_seen

router = Router(tags=["exchange services"])


class NewService(shapes.Terms):
    """Draft a service."""

    code: Code


class ChangedService(shapes.Terms):
    """Change what is said about a service."""

    version: Version | None = None


class NewEndpoint(Schema):
    """Name an operation of a service."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "*"]
    path: Annotated[str, StringConstraints(max_length=500), Field(examples=["/parcels/*"])]
    summary: shapes.Line = ""
    subject: Annotated[str, StringConstraints(max_length=100), Field(examples=["path:2"])] = ""


class ChangedEndpoint(Schema):
    """Say anew what an endpoint does and where the person's identifier stands."""

    summary: shapes.Line = ""
    subject: Annotated[str, StringConstraints(max_length=100), Field(examples=["path:2"])] = ""


class ServiceFilter(Schema):
    """Choose which services are listed."""

    state: ServiceState | None = None


class ChangeRow(Schema):
    """Show what a version of a description changes for consumers."""

    breaks: bool
    operation: str
    what: str


class Uploaded(Schema):
    """Show a version of a description that was kept."""

    number: int
    sha256: str
    changes: list[ChangeRow]


class QuotaRow(Schema):
    """Show a quota; ``*`` for each service or each client, counted apart."""

    key: int
    service: str
    client: str
    calls_per_s: float
    burst: int


class NewQuota(Schema):
    """Limit calls; without a service or a client each is counted apart."""

    service: Annotated[str, StringConstraints(max_length=40)] = ""
    client: ClientName = ""
    calls_per_s: Annotated[float, Field(gt=0, le=1_000_000)]
    burst: Annotated[int, Field(ge=1, le=1_000_000)]


class ClientGroupRow(Schema):
    """Show a group with its members."""

    code: str
    title: str
    description: str
    clients: list[str]
    version: int


class NewGroup(Schema):
    """Create a group."""

    code: Code
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    description: Annotated[str, StringConstraints(max_length=2_000)] = ""


class OneClient(Schema):
    """Name a client."""

    client: ClientName


@router.get(
    "/services", response=list[shapes.ServiceRow], summary="List services", openapi_extra=shapes.ANYBODY
)
def service_list(
    request: HttpRequest, response: HttpResponse, asked: Query[ServiceFilter], paging: Query[Paging]
) -> list[shapes.ServiceRow]:
    """List published and disabled services, and one's own in any state."""
    rows = scope.visible_services(organisations.authority_in(request)).order_by("title", "pk")
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    return [shapes.ServiceRow(**shapes.service_head(row)) for row in page_of(request, response, rows, paging)]


@router.post(
    "/members/{public_id}/subsystems/{code}/services",
    response={201: shapes.ServiceWhole},
    summary="Draft a service",
    openapi_extra=shapes.MANAGERS,
)
def service_draft(
    request: HttpRequest, response: HttpResponse, public_id: PublicId, code: Code, given: NewService
) -> Status[shapes.ServiceWhole]:
    """Draft a service of a subsystem; it answers nobody before it is published."""
    row = scope.visible_subsystem(organisations.authority_in(request), public_id, code)
    made = services.draft_service(person(request), row.pk, code=given.code, terms=_terms(given))
    return Status(201, _service(request, response, made.public_id))


def _terms(given: shapes.Terms) -> ServiceTerms:
    return ServiceTerms(**{name: getattr(given, name) for name in ServiceTerms.__dataclass_fields__})


@router.get(
    "/services/{public_id}",
    response=shapes.ServiceWhole,
    summary="Read a service",
    openapi_extra=shapes.ANYBODY,
)
def service(request: HttpRequest, response: HttpResponse, public_id: PublicId) -> shapes.ServiceWhole:
    """Give a service with its endpoints."""
    return _service(request, response, public_id)


@router.put(
    "/services/{public_id}",
    response=shapes.ServiceWhole,
    summary="Change a service",
    openapi_extra=shapes.MANAGERS,
)
def service_change(
    request: HttpRequest, response: HttpResponse, public_id: PublicId, given: ChangedService
) -> shapes.ServiceWhole:
    """Replace what is said about a service."""
    version = version_seen(request, given.version)
    services.change_service(person(request), public_id, terms=_terms(given), version=version)
    return _service(request, response, public_id)


@router.get(
    "/services/{public_id}/description",
    response=dict[str, Any],
    summary="Read a service's description",
    openapi_extra=shapes.ANYBODY,
)
def description(request: HttpRequest, public_id: PublicId, number: int | None = None) -> dict[str, Any]:
    """Give the newest version of the OpenAPI document, or the one with a number."""
    row = scope.visible_service(organisations.authority_in(request), public_id)
    found: dict[str, Any] = descriptions.version_of(row, number).document
    return found


@router.put(
    "/services/{public_id}/description",
    response=Uploaded,
    summary="Upload a service's description",
    openapi_extra={
        **shapes.MANAGERS,
        "requestBody": {
            "required": True,
            "description": "An OpenAPI 3.0 or 3.1 document.",
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "application/yaml": {"schema": {}},
            },
        },
    },
)
def description_upload(request: HttpRequest, public_id: PublicId) -> Uploaded:
    """Take a new version of the OpenAPI document, JSON or YAML, and say what it changes for consumers."""
    made, changes = uploads.upload_description(person(request), public_id, content=request.body)
    rows = [
        ChangeRow(breaks=one.breaks, operation=one.operation, what=one.message.format(place=one.place))
        for one in changes
    ]
    return Uploaded(number=made.number, sha256=made.sha256, changes=rows)


@router.post(
    "/services/{public_id}/endpoints",
    response={201: shapes.EndpointRow},
    summary="Add an endpoint",
    openapi_extra=shapes.MANAGERS,
)
def endpoint_add(request: HttpRequest, public_id: PublicId, given: NewEndpoint) -> Status[shapes.EndpointRow]:
    """Name an operation by hand."""
    row = services.add_endpoint(person(request), public_id, **given.dict())
    return Status(201, shapes.endpoint_row(row))


@router.put(
    "/services/{public_id}/endpoints/{key}",
    response=shapes.EndpointRow,
    summary="Change an endpoint",
    openapi_extra=shapes.MANAGERS,
)
def endpoint_change(
    request: HttpRequest, public_id: PublicId, key: Key, given: ChangedEndpoint
) -> shapes.EndpointRow:
    """Replace what is said about an endpoint; method and path are for good."""
    return shapes.endpoint_row(services.change_endpoint(person(request), public_id, key, **given.dict()))


@router.delete(
    "/services/{public_id}/endpoints/{key}",
    response={204: None},
    summary="Remove an endpoint",
    openapi_extra=shapes.MANAGERS,
)
def endpoint_remove(request: HttpRequest, public_id: PublicId, key: Key) -> Status[None]:
    """Remove an endpoint on which no right was granted."""
    services.remove_endpoint(person(request), public_id, key)
    return Status(204, None)


@router.post(
    "/services/{public_id}/{step}",
    response=shapes.ServiceWhole,
    summary="Publish, disable or retire a service",
    openapi_extra=shapes.MANAGERS,
)
def service_step(
    request: HttpRequest,
    response: HttpResponse,
    public_id: PublicId,
    step: Literal["publish", "disable", "retire"],
    given: Reasoned,
) -> shapes.ServiceWhole:
    """Take a step; the reason of disabling is the notice that callers get."""
    version, user = version_seen(request, given.version), person(request)
    if step == "publish":
        services.publish_service(user, public_id, version=version)
    elif step == "disable":
        services.disable_service(user, public_id, notice=given.reason, version=version)
    else:
        services.retire_service(user, public_id, reason=given.reason, version=version)
    return _service(request, response, public_id)


def _service(request: HttpRequest, response: HttpResponse, public_id: str) -> shapes.ServiceWhole:
    row = scope.visible_service(organisations.authority_in(request), public_id)
    tag(response, row.version)
    return shapes.service_whole(row)


@router.get("/quotas", response=list[QuotaRow], summary="List quotas", openapi_extra=shapes.READERS)
def quota_list(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[QuotaRow]:
    """List the quotas on visible services and on all."""
    authority = organisations.authority_in(request)
    rows = belonging.visible_quotas(authority)
    if not scope.takes_part(authority):
        rows = rows.none()
    return [
        QuotaRow(
            key=row.pk,
            service=names.service_name(row.service) if row.service else "*",
            client=names.client_name(row.subsystem) if row.subsystem else "*",
            calls_per_s=row.calls_per_s,
            burst=row.burst,
        )
        for row in page_of(request, response, rows, paging)
    ]


@router.post("/quotas", response={201: Key}, summary="Set a quota", openapi_extra=shapes.MANAGERS)
def quota_set(request: HttpRequest, given: NewQuota) -> Status[int]:
    """Set a quota, or replace the one of the same two; without a service only the operator does. Gives its number."""
    client = names.subsystem_named(given.client).pk if given.client else None
    made = limits.set_quota(
        person(request),
        calls_per_s=given.calls_per_s,
        burst=given.burst,
        service=given.service,
        subsystem_id=client,
    )
    return Status(201, made.pk)


@router.delete("/quotas/{key}", response={204: None}, summary="Remove a quota", openapi_extra=shapes.MANAGERS)
def quota_remove(request: HttpRequest, key: Key) -> Status[None]:
    """Remove a quota."""
    limits.remove_quota(person(request), key)
    return Status(204, None)


@router.get(
    "/groups", response=list[ClientGroupRow], summary="List groups of clients", openapi_extra=shapes.READERS
)
def group_list(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[ClientGroupRow]:
    """List the groups with their members."""
    rows = ClientGroup.objects.prefetch_related("memberships__subsystem__member").order_by("code")
    if not scope.takes_part(organisations.authority_in(request)):
        rows = rows.none()
    return [_group(row) for row in page_of(request, response, rows, paging)]


@router.post(
    "/groups", response={201: ClientGroupRow}, summary="Create a group", openapi_extra=shapes.OPERATOR
)
def group_create(request: HttpRequest, given: NewGroup) -> Status[ClientGroupRow]:
    """Create a group of clients."""
    made = groups.create_group(
        person(request), code=given.code, name=given.title, description=given.description
    )
    return Status(201, _group(made))


@router.post(
    "/groups/{code}/clients",
    response=ClientGroupRow,
    summary="Add a client to a group",
    openapi_extra=shapes.OPERATOR,
)
def group_add(request: HttpRequest, code: Code, given: OneClient) -> ClientGroupRow:
    """Add a subsystem to a group; it holds the group's rights at once."""
    made = groups.add_to_group(person(request), code, client=given.client)
    return _group(
        ClientGroup.objects.prefetch_related("memberships__subsystem__member").get(pk=made.group_id)
    )


@router.delete(
    "/groups/{code}/clients",
    response={204: None},
    summary="Take a client out of a group",
    openapi_extra=shapes.OPERATOR,
)
def group_remove(request: HttpRequest, code: Code, given: Query[OneClient]) -> Status[None]:
    """Take a subsystem out of a group; it loses the group's rights at once."""
    groups.remove_from_group(person(request), code, client=given.client)
    return Status(204, None)


def _group(row: ClientGroup) -> ClientGroupRow:
    found = sorted(
        (one for one in row.memberships.all() if one.left_at is None), key=lambda one: (one.joined_at, one.pk)
    )
    return ClientGroupRow(
        code=row.code,
        title=row.name,
        description=row.description,
        clients=[names.client_name(one.subsystem) for one in found],
        version=row.version,
    )
