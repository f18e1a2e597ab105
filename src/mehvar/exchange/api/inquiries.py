"""Let officers' own programs ask under their authorisations, exactly as the page does."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import StringConstraints

from mehvar.exchange.actions import inquiries as actions
from mehvar.exchange.models import Inquiry
from mehvar.exchange.queries import inquiries as queries
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Paging, Schema, allowed_to, page_of

if TYPE_CHECKING:
    from mehvar.accounts.models import User

router = Router(tags=["exchange inquiries"])
OFFICER = allowed_to("inquire, under an own authorisation")
PublicId = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\w-]+$")]


class AuthorisationRow(Schema):
    """Show what one may ask: operations as ``METHOD /path``."""

    id: str
    service: str
    purpose: str
    valid_until: date
    daily_limit: int
    operations: list[str]


class InquiryRow(Schema):
    """Show a question; ``answer`` is empty once it is no longer kept."""

    id: str
    authorisation: str
    operation: str
    reference: str
    state: str
    status: int | None
    error: str
    request_id: str
    asked_at: datetime | None
    answer: str
    media_type: str
    expires_at: datetime


class NewInquiry(Schema):
    """Ask a question. ``values`` by key: ``path.NAME``, ``query.NAME``, ``header.NAME``, ``body.NAME`` or ``body``."""

    authorisation: PublicId
    operation: Annotated[str, StringConstraints(min_length=3, max_length=600)]
    reference: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    values: dict[str, str | int | float | bool] = {}


@router.get(
    "/authorisations", response=list[AuthorisationRow], summary="List what one may ask", openapi_extra=OFFICER
)
def authorisations(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging]
) -> list[AuthorisationRow]:
    """List the own authorisations that hold today."""
    rows = queries.own_authorisations(organisations.authority_in(request))
    return [
        AuthorisationRow(
            id=row.public_id,
            service=row.right.service.title,
            purpose=row.purpose,
            valid_until=row.valid_until,
            daily_limit=row.daily_limit,
            operations=[one.id for one in can.operations],
        )
        for row, can in queries.askable_each(page_of(request, response, rows, paging))
    ]


@router.get("/inquiries", response=list[InquiryRow], summary="List own questions", openapi_extra=OFFICER)
def inquiries(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[InquiryRow]:
    """List one's own questions, the latest first."""
    rows = queries.own_inquiries(organisations.authority_in(request))
    return [_shown(row) for row in page_of(request, response, rows, paging)]


@router.get("/inquiries/{public_id}", response=InquiryRow, summary="Read a question", openapi_extra=OFFICER)
def inquiry(request: HttpRequest, public_id: PublicId) -> InquiryRow:
    """Give one of one's own questions with its answer."""
    return _shown(queries.own_inquiry(organisations.authority_in(request), public_id))


@router.post("/inquiries", response={201: InquiryRow}, summary="Ask a question", openapi_extra=OFFICER)
def ask(request: HttpRequest, given: NewInquiry) -> Status[InquiryRow]:
    """Ask one question: it is on record before it is asked."""
    values: dict[str, Any] = {key: _written(value) for key, value in given.values.items()}
    made = actions.ask(
        cast("User", request.user), given.authorisation, given.operation, values, reference=given.reference
    )
    return Status(201, _shown(made))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(row: Inquiry) -> InquiryRow:
    same = (
        "operation",
        "reference",
        "state",
        "status",
        "error",
        "request_id",
        "asked_at",
        "answer",
        "media_type",
        "expires_at",
    )
    return InquiryRow(
        id=row.public_id,
        authorisation=row.authorisation.public_id,
        **{name: getattr(row, name) for name in same},
    )
