"""Read the catalogue, own calls with receipts, and statistics over the HTTP API (operational data)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from mehvar.exchange.api.shapes import Instant
from mehvar.exchange.models import ExchangeService, IndexedCall
from mehvar.exchange.queries import calls, catalogue, names, scope, statistics
from mehvar.exchange.queries.catalogue import Wanted
from mehvar.exchange.queries.statistics import Figures
from mehvar.exchange.rules import operations
from mehvar.kernel.errors import NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import Authority
from mehvar.ui.api import Paging, Schema, allowed_to, page_of

router = Router(tags=["exchange operations"])
READERS = allowed_to("view-exchange, or inquire")
PART_OF = allowed_to(
    "view-exchange over a member that asked or was asked; operate-exchange and audit see all"
)
PublicId = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\w-]+$")]
RequestId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.:-]+$")]
Word = Annotated[str, StringConstraints(max_length=400)]


class FiguresRow(Schema):
    """Count calls; times in milliseconds, availability from 0 to 1, null without calls."""

    calls: int
    answered: int
    client_errors: int
    provider_errors: int
    bus_errors: int
    refused: int
    request_bytes: int
    answer_bytes: int
    availability: float | None
    p50_ms: float | None
    p95_ms: float | None


class CatalogueRow(Schema):
    """Show a service that is offered; ``name`` is the one of the protocol."""

    id: str
    name: str
    title: str
    summary: str
    provider: str
    state: str
    personal_data: bool
    can_be_tried: bool


class OperationRow(Schema):
    """Show one operation of a service."""

    method: str
    path: str
    summary: str


class CatalogueWhole(CatalogueRow):
    """Show a service with its operations and how well it worked in the last 30 days."""

    legal_basis: str
    contact: str
    operations: list[OperationRow]
    figures: FiguresRow


class RecordedCall(Schema):
    """Show one call as the evidence tells it."""

    request_id: str
    message_id: str
    at: datetime
    duration_ms: int
    client: str
    service: str
    endpoint: str
    agreement: str
    purpose: str
    outcome: str
    status: int | None
    error: str
    request_bytes: int
    answer_bytes: int
    authentication: str


class StatisticsRow(Schema):
    """Add up the calls of one service by one client for one purpose."""

    service: str
    client: str
    purpose: str
    figures: FiguresRow


class CatalogueFilter(Schema):
    """Choose what is listed."""

    text: Annotated[str, StringConstraints(max_length=200)] = ""
    theme: Annotated[str, StringConstraints(max_length=100)] = ""
    personal: Annotated[str, Field(pattern="^(yes|no|)$")] = ""


class CallFilter(Schema):
    """Choose which calls are listed; ``since`` is included, ``until`` is not."""

    since: Instant | None = None
    until: Instant | None = None
    service: Word = ""
    client: Word = ""
    outcome: Annotated[str, Field(pattern="^(answered|client|provider|bus|refused|pending|)$")] = ""


class StatisticsFilter(Schema):
    """Choose the period."""

    days: Annotated[int, Field(ge=1, le=366)] = 30


@router.get("/catalogue", response=list[CatalogueRow], summary="List services", openapi_extra=READERS)
def services(
    request: HttpRequest, response: HttpResponse, asked: Query[CatalogueFilter], paging: Query[Paging]
) -> list[CatalogueRow]:
    """List the services that are offered, by title."""
    wanted = Wanted(asked.text, theme=asked.theme, personal=asked.personal)
    rows = catalogue.services(_catalogue_reader(request), wanted)
    return [CatalogueRow(**_service(row)) for row in page_of(request, response, rows, paging)]


@router.get(
    "/catalogue/{public_id}", response=CatalogueWhole, summary="Read a service", openapi_extra=READERS
)
def service(request: HttpRequest, public_id: PublicId) -> CatalogueWhole:
    """Give a service with its operations and figures."""
    row = catalogue.service(_catalogue_reader(request), public_id)
    found = catalogue.description_of(row)
    described = operations.operations_of(found.document) if found else ()
    return CatalogueWhole(
        **_service(row),
        legal_basis=row.legal_basis,
        contact=row.contact,
        operations=[OperationRow(method=one.method, path=one.path, summary=one.summary) for one in described],
        figures=_figures(statistics.of_service(row.pk)),
    )


@router.get("/operational-data", response=list[RecordedCall], summary="List own calls", openapi_extra=PART_OF)
def operational_data(
    request: HttpRequest, response: HttpResponse, asked: Query[CallFilter], paging: Query[Paging]
) -> list[RecordedCall]:
    """List the calls in which one's members asked or were asked, the latest first."""
    rows = calls.visible_calls(_reader(request))
    chosen = {
        "at__gte": asked.since, "at__lt": asked.until, "service": asked.service, "client": asked.client,
        "outcome": asked.outcome,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in chosen.items() if value}).order_by("-at", "-pk")
    return [RecordedCall.from_orm(row) for row in page_of(request, response, rows, paging)]


@router.get(
    "/operational-data/{request_id}", response=RecordedCall, summary="Read a call", openapi_extra=PART_OF
)
def call(request: HttpRequest, request_id: RequestId) -> RecordedCall:
    """Give one call by its X-Road-Request-Id."""
    return RecordedCall.from_orm(calls.visible_call(_reader(request), request_id))


@router.get(
    "/operational-data/{request_id}/receipt",
    response=dict[str, Any],
    summary="Download a receipt",
    openapi_extra=PART_OF,
)
def receipt(request: HttpRequest, request_id: RequestId) -> dict[str, Any]:
    """Give the receipt of a call, to be verified offline with the gateway's public key; heads and bodies only to engineers of both sides."""
    authority = _reader(request)
    row: IndexedCall = calls.visible_call(authority, request_id)
    found: dict[str, Any] = json.loads(calls.receipt_of(row, with_parts=calls.reads_parts(authority, row)))
    return found


@router.get("/statistics", response=list[StatisticsRow], summary="Add up calls", openapi_extra=PART_OF)
def figures(
    request: HttpRequest, response: HttpResponse, asked: Query[StatisticsFilter], paging: Query[Paging]
) -> list[StatisticsRow]:
    """Add up own calls by service, client and purpose over the last days, most calls first."""
    rows = statistics.since(calls.visible_tallies(_reader(request)), days=asked.days)
    found = statistics.grouped(rows, "service", "client", "purpose")
    return [
        StatisticsRow(**keys, figures=_figures(one))
        for keys, one in page_of(request, response, found, paging)
    ]


def _reader(request: HttpRequest) -> Authority:
    authority = organisations.authority_in(request)
    if not scope.takes_part(authority):
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    return authority


def _catalogue_reader(request: HttpRequest) -> Authority:
    authority = organisations.authority_in(request)
    if not catalogue.reads_catalogue(authority):
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    return authority


def _service(row: ExchangeService) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "name": names.service_name(row),
        "title": row.title,
        "summary": row.summary,
        "provider": names.member_name(row.subsystem.member),
        "state": row.state,
        "personal_data": row.personal_data,
        "can_be_tried": bool(row.test_base_url),
    }


def _figures(one: Figures) -> FiguresRow:
    return FiguresRow(**{name: getattr(one, name) for name in FiguresRow.model_fields})
