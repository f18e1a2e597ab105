"""Tell programs for whom they act: person, positions, what waits, notices."""

from datetime import date, datetime
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from mehvar.accounts import actions as accounts
from mehvar.accounts import queries as people
from mehvar.config.api.access import Caller
from mehvar.home.queries import waiting
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Changed, Key, Paging, Schema, allowed_to, page_of

router = Router(tags=["me"])
ANYONE = allowed_to("everyone who is signed in")


class PositionRow(Schema):
    """Show a role that the person holds today."""

    role: str = Field(examples=["planning_officer"])
    organisation: str = Field(examples=["ir.mict"], description="Code of the body; empty for the whole tree.")


class Me(Schema):
    """Show for whom a request acts."""

    id: int
    name: str
    email: str
    language: str
    calendar: str
    by: str = Field(description="How the person is known: token or person (a browser's session).")
    positions: list[PositionRow]


class WaitingRow(Schema):
    """Show one act that waits for the person."""

    act: str
    title: str
    kind: str
    due_on: date | None
    page: str = Field(description="Address of the page on which it is done.")


class NoticeRow(Schema):
    """Show what the person was told."""

    id: int
    text: str
    page: str
    created_at: datetime
    read_at: datetime | None


@router.get("", response=Me, summary="Who am I", openapi_extra=ANYONE)
def me(request: HttpRequest) -> Me:
    """Give the person for whom the request acts, with the positions held today."""
    person = people.person_in(request)
    caller = cast("Caller", request.auth)  # type: ignore[attr-defined]
    return Me(
        id=person.pk,
        name=person.name,
        email=person.email,
        language=person.language,
        calendar=person.calendar,
        by=caller.kind,
        positions=[
            PositionRow(role=held.role, organisation=held.code)
            for held in organisations.authority_in(request).held
        ],
    )


@router.get("/waiting", response=list[WaitingRow], summary="What waits for me", openapi_extra=ANYONE)
def waiting_items(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[WaitingRow]:
    """List what waits for the person, by due date, undated last."""
    found = waiting.waiting_for(organisations.authority_in(request))
    return [
        WaitingRow(
            act=item.act, title=item.title, kind=item.kind, due_on=item.due_on, page=_address(item.path)
        )
        for item in page_of(request, response, found, paging)
    ]


@router.get("/notifications", response=list[NoticeRow], summary="What I was told", openapi_extra=ANYONE)
def notifications(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], *, unread: bool = False
) -> list[NoticeRow]:
    """List what the person was told, the newest first."""
    rows = people.notifications_of(people.person_in(request).pk)
    if unread:
        rows = rows.filter(read_at__isnull=True)
    return [
        NoticeRow(
            id=notice.id,
            text=notice.text,
            page=_address(notice.path),
            created_at=notice.created_at,
            read_at=notice.read_at,
        )
        for notice in people.notices(page_of(request, response, rows, paging))
    ]


@router.post(
    "/notifications/{notice_id}/read", response=Changed, summary="Read a notice", openapi_extra=ANYONE
)
def read_notice(request: HttpRequest, notice_id: Key) -> Changed:
    """Mark one notice as read; doing it again changes nothing."""
    accounts.mark_read(people.person_in(request).pk, notice_id)
    return Changed(changed=1)


@router.post("/notifications/read", response=Changed, summary="Read all notices", openapi_extra=ANYONE)
def read_all(request: HttpRequest) -> Changed:
    """Mark every notice as read."""
    return Changed(changed=accounts.mark_all_read(people.person_in(request).pk))


def _address(path: str) -> str:
    return f"{settings.MEHVAR_BASE_URL.rstrip('/')}{path}"
