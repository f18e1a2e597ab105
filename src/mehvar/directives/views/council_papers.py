"""Give a session's agenda and minutes as PDF, in the language that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mehvar.directives.data import SessionState
from mehvar.directives.models import AgendaItem, CouncilSession, Resolution
from mehvar.directives.queries import council as queries
from mehvar.directives.views import words
from mehvar.directives.views.council import readable_session, title_of
from mehvar.organisations import queries as organisations
from mehvar.ui import pdf
from mehvar.ui.reader import Reader, for_language

if TYPE_CHECKING:
    from mehvar.directives.models import Attendance

LANGUAGES = ("fa", "vi", "en")


def agenda_pdf(session: CouncilSession, *, language: str) -> bytes:
    """Make the agenda of a session as PDF."""
    return pdf.render_pdf("agenda.typ", agenda_data(session, language=language), language=language)


def minutes_pdf(session: CouncilSession, *, language: str) -> bytes:
    """Make the minutes of a session as PDF; a session that is not closed gives a draft, and says so."""
    return pdf.render_pdf("minutes.typ", minutes_data(session, language=language), language=language)


def agenda_data(session: CouncilSession, *, language: str) -> dict[str, Any]:
    """Give everything that the agenda prints, in words of the language."""
    reader = for_language(language, calendar=None)
    with translation.override(language):
        return {
            **_head(session, reader),
            "kind": _("Agenda"),
            "columns": [
                {"label": _("No."), "width": "28pt", "number": True},
                {"label": _("Matter"), "width": "1fr"},
                {"label": _("Kind"), "width": "90pt"},
                {"label": _("Due"), "width": "80pt"},
            ],
            "rows": [
                [reader.number(place), item.title, _kind(item), _due_of(item, reader)]
                for place, item in enumerate(queries.agenda_of(session), 1)
            ],
            "agenda_title": _("Matters"),
            "members_title": _("Members"),
            "members": [
                {"name": _seat(seat, language), "capacity": _capacity(seat)}
                for seat in queries.attendance_of(session)
            ],
        }


def minutes_data(session: CouncilSession, *, language: str) -> dict[str, Any]:
    """Give everything that the minutes print, in words of the language."""
    reader = for_language(language, calendar=None)
    with translation.override(language):
        seats = list(queries.attendance_of(session))
        closed = session.state == SessionState.CLOSED
        return {
            **_head(session, reader),
            "kind": _("Minutes"),
            "note": title_of(session) if closed else _("Draft, not yet closed"),
            "quorum": _quorum(seats, session, reader),
            "attendance_title": _("Attendance"),
            "attendance_columns": [
                {"label": _("Seat"), "width": "1fr"},
                {"label": _("Capacity"), "width": "80pt"},
                {"label": _("Attendance"), "width": "150pt"},
            ],
            "attendance": [[_seat(seat, language), _capacity(seat), _presence(seat)] for seat in seats],
            "items_title": _("Matters"),
            "items": [_item(place, item, reader) for place, item in enumerate(queries.agenda_of(session), 1)],
            "discussion_word": _("Discussion"),
            "conclusion_word": _("Conclusion"),
            "minutes_title": _("Further minutes"),
            "minutes": session.minutes,
            "resolutions_title": _("Resolutions"),
            "resolution_columns": [
                {"label": _("No."), "width": "28pt", "number": True},
                {"label": _("Resolution"), "width": "1fr"},
                {"label": _("Owner"), "width": "120pt"},
                {"label": _("Due"), "width": "80pt"},
            ],
            "resolutions": [_resolution(row, reader, language) for row in queries.resolutions_of(session)],
            "signatures": [_("Chair"), _("Secretary")],
            "fingerprint": [_("Fingerprint of the minutes (SHA-256)"), session.content_hash]
            if closed
            else None,
        }


def _head(session: CouncilSession, reader: Reader) -> dict[str, Any]:
    facts = [
        [_("Council or committee"), session.committee.name],
        [_("Body"), organisations.name_in(session.committee.organisation, reader.language)],
        [_("Session"), reader.number(session.number)],
        [_("Date"), reader.date(session.held_on)],
        [_("Time"), reader.digits(f"{session.starts_at:%H:%M}") if session.starts_at else "–"],
        [_("Place"), session.place or "–"],
        [_("Chaired by"), session.chaired_by or "–"],
    ]
    return {"title": session.committee.name, "note": title_of(session), "facts": facts}


def _quorum(seats: list[Attendance], session: CouncilSession, reader: Reader) -> str:
    quorum = queries.quorum_among(seats, session.quorum_percent)
    text = (
        _("Quorum: %(filled)s of %(seats)s seats filled, %(needed)s needed. The session could resolve.")
        if quorum.met
        else _(
            "Quorum: %(filled)s of %(seats)s seats filled, %(needed)s needed. The session could not resolve."
        )
    )
    return text % {
        "filled": reader.number(quorum.filled),
        "seats": reader.number(quorum.seats),
        "needed": reader.number(quorum.needed),
    }


def _seat(seat: Attendance, language: str) -> str:
    return queries.seat_name(seat.member, language)


def _capacity(seat: Attendance) -> str:
    return str(words.CAPACITIES.get(seat.member.capacity, seat.member.capacity))


def _presence(seat: Attendance) -> str:
    if seat.substitute:
        return _("by substitute: %(name)s") % {"name": seat.substitute}
    return _("present") if seat.present else _("absent")


def _kind(item: AgendaItem) -> str:
    if item.directive_id:
        return _("Directive")
    if item.duty_id:
        return _("Legal duty")
    return _("Earlier resolution") if item.earlier_resolution_id else _("Other matter")


def _due_of(item: AgendaItem, reader: Reader) -> str:
    if item.duty is not None:
        return reader.date(item.duty.due_on, "numeric")
    if item.earlier_resolution is not None:
        return reader.date(item.earlier_resolution.due_on, "numeric")
    return "–"


def _item(place: int, item: AgendaItem, reader: Reader) -> dict[str, Any]:
    state, label = words.DECISIONS.get(item.decision, ("", ""))
    return {
        "number": reader.number(place),
        "title": item.title,
        "kind": _kind(item),
        "discussion": item.discussion,
        "conclusion": item.conclusion,
        "decision": {"state": state, "label": str(label)} if item.decision else None,
    }


def _resolution(row: Resolution, reader: Reader, language: str) -> list[str]:
    return [
        reader.number(row.number),
        row.text,
        organisations.name_in(row.owner, language),
        reader.date(row.due_on, "numeric"),
    ]


@login_required
@require_safe
def agenda(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the agenda as PDF."""
    session = readable_session(request, public_id)
    return _answer(agenda_pdf(session, language=_language(request, session)), f"agenda-{session.number}.pdf")


@login_required
@require_safe
def minutes(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the minutes as PDF."""
    session = readable_session(request, public_id)
    return _answer(
        minutes_pdf(session, language=_language(request, session)), f"minutes-{session.number}.pdf"
    )


def _language(request: HttpRequest, session: CouncilSession) -> str:
    """Give the language that is asked for, else the session's."""
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else session.language


def _answer(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


urlpatterns = [
    path("council/<slug:public_id>/agenda.pdf", agenda, name="agenda_pdf"),
    path("council/<slug:public_id>/minutes.pdf", minutes, name="minutes_pdf"),
]
