"""Read council sessions over the HTTP API."""

from datetime import date, datetime, time

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from mehvar.directives.api.resolutions import ResolutionRow, resolution_row
from mehvar.directives.models import CouncilSession
from mehvar.directives.queries import council as queries
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Paging, Schema, allowed_to, page_of, tag
from mehvar.ui.reader import page_language

sessions = Router(tags=["council"])
MEMBERS = allowed_to("manage-council or view-drafts over the committee's body; its members")


class SessionRow(Schema):
    """Show a council session."""

    id: str
    committee: int
    committee_name: str
    number: int
    held_on: date
    starts_at: time | None
    place: str
    state: str
    closed_at: datetime | None
    content_hash: str
    version: int


class MatterRow(Schema):
    """Show a matter of the agenda."""

    id: int
    position: int
    title: str
    directive: str | None
    discussion: str
    conclusion: str
    decision: str


class SessionSeatRow(Schema):
    """Show a seat and whether it was taken."""

    seat: str
    capacity: str
    present: bool
    substitute: str


class SessionWhole(SessionRow):
    """Show a session with agenda, attendance, quorum, minutes and resolutions."""

    minutes: str
    chaired_by: str
    agenda: list[MatterRow]
    attendance: list[SessionSeatRow]
    has_quorum: bool
    resolutions: list[ResolutionRow]


@sessions.get("", response=list[SessionRow], summary="List sessions", openapi_extra=MEMBERS)
def council_sessions(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[SessionRow]:
    """List the council sessions that the person may read, the latest first."""
    rows = queries.sessions_for(organisations.authority_in(request))
    return [_row(row) for row in page_of(request, response, rows, paging)]


@sessions.get("/{session_id}", response=SessionWhole, summary="Read a session", openapi_extra=MEMBERS)
def council_session(request: HttpRequest, response: HttpResponse, session_id: str) -> SessionWhole:
    """Give a session with agenda, attendance, quorum, minutes and resolutions."""
    found = queries.sessions_for(organisations.authority_in(request)).filter(public_id=session_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such session."), code="unknown-session")
    tag(response, found.version)
    attendance = list(queries.attendance_of(found))
    language = page_language()
    return SessionWhole(
        **_row(found).dict(),
        minutes=found.minutes,
        chaired_by=found.chaired_by,
        agenda=[
            MatterRow(
                id=item.pk,
                position=item.position,
                title=item.title,
                directive=item.directive.public_id if item.directive else None,
                discussion=item.discussion,
                conclusion=item.conclusion,
                decision=item.decision,
            )
            for item in queries.agenda_of(found)
        ],
        attendance=[
            SessionSeatRow(
                seat=queries.seat_name(seat.member, language),
                capacity=seat.member.capacity,
                present=seat.present,
                substitute=seat.substitute,
            )
            for seat in attendance
        ],
        has_quorum=queries.quorum_among(attendance, found.quorum_percent).met,
        resolutions=[
            resolution_row(row)
            for row in queries.resolutions_of(found).select_related("owner", "session__committee")
        ],
    )


def _row(row: CouncilSession) -> SessionRow:
    same = {
        name: getattr(row, name)
        for name in SessionRow.model_fields
        if name not in {"id", "committee", "committee_name"}
    }
    return SessionRow(id=row.public_id, committee=row.committee_id, committee_name=row.committee.name, **same)
