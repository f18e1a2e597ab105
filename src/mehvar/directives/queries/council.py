"""Read council sessions, what belongs on their agenda, who sat in them and what they resolved.

Source: S0.1, S0.9, S3.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet

from mehvar.directives.data import DirectiveState, SessionState
from mehvar.directives.models import (
    AgendaItem,
    Attendance,
    CouncilSession,
    Directive,
    LegalDuty,
    Resolution,
)
from mehvar.directives.queries.days import today
from mehvar.directives.rules import consultation as voices
from mehvar.directives.rules import council as rules
from mehvar.kernel import identifiers
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import Authority
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.organisations.models import Committee, CommitteeMember

DUTY_HORIZON_DAYS = 90
"""How far ahead legal duties are offered for an agenda."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Offer one matter for an agenda: ``kind`` is directive, duty or resolution, ``key`` its number."""

    kind: str
    key: int
    title: str
    due_on: date | None = None
    special: bool = False

    @property
    def value(self) -> str:
        """Give the suggestion as one form value, ``kind-key``."""
        return f"{self.kind}-{self.key}"


def committees_run_by(authority: Authority) -> QuerySet[Committee]:
    """Give the committees whose sessions a person may run."""
    rows = organisations.committees_below("", on=today())
    return organisations.scoped(rows, authority, Permission.MANAGE_COUNCIL, "organisation__path")


def members_on(committee: Committee, day: date) -> QuerySet[CommitteeMember]:
    """Give the members of a committee on a day, the chair first."""
    members: QuerySet[CommitteeMember] = committee.members.filter(organisations.valid_on(day))
    return members.select_related("organisation", "user").order_by("capacity", "pk")


def session_by_public_id(public_id: str) -> CouncilSession:
    """Give a session with its committee.

    Raises:
        NotFound: There is none.
    """
    found = (
        CouncilSession.objects.select_related("committee__organisation").filter(public_id=public_id).first()
    )
    if found is None:
        raise NotFound(gettext_noop("There is no such session."), code="unknown-session")
    return found


def may_run(authority: Authority, session: CouncilSession) -> bool:
    """Tell whether a person may run a session: manage councils over the committee's organisation."""
    return permissions.allows(authority, Permission.MANAGE_COUNCIL, session.committee.organisation.path)


def may_read(authority: Authority, session: CouncilSession) -> bool:
    """Tell whether a person may read a session: who runs it, who sees the drafts there, and its members."""
    path = session.committee.organisation.path
    if may_run(authority, session) or permissions.allows(authority, Permission.VIEW_DRAFTS, path):
        return True
    return is_member(authority, session)


def is_member(authority: Authority, session: CouncilSession) -> bool:
    """Tell whether a person, or an office for which the person speaks, has a seat in the session."""
    return Attendance.objects.filter(_seat_of(authority, "member__"), session=session).exists()


def chairs(authority: Authority, session: CouncilSession) -> bool:
    """Tell whether a person chairs the committee today."""
    return session.committee.members.filter(
        organisations.valid_on(today()), _seat_of(authority, ""), capacity="chair"
    ).exists()


def _seat_of(authority: Authority, prefix: str) -> Q:
    offices = voices.offices_spoken_for(authority)
    condition = Q(**{f"{prefix}organisation_id__in": offices})
    if authority.user_id is not None:
        condition |= Q(**{f"{prefix}user_id": authority.user_id})
    return condition


def sessions_for(authority: Authority) -> QuerySet[CouncilSession]:
    """Give the sessions that a person may read."""
    sessions = CouncilSession.objects.select_related("committee__organisation")
    path = "committee__organisation__path"
    run = organisations.scoped(sessions, authority, Permission.MANAGE_COUNCIL, path)
    read = organisations.scoped(sessions, authority, Permission.VIEW_DRAFTS, path)
    seats = Attendance.objects.filter(_seat_of(authority, "member__")).values("session_id")
    return sessions.filter(
        Q(pk__in=run.values("pk")) | Q(pk__in=read.values("pk")) | Q(pk__in=seats)
    ).order_by("-held_on", "-number")


def agenda_of(session: CouncilSession) -> QuerySet[AgendaItem]:
    """Give the items of a session in their order."""
    return session.agenda.select_related("directive__issuer", "duty", "earlier_resolution__session").order_by(
        "position", "pk"
    )


def item_by_id(item_id: int) -> AgendaItem:
    """Give a matter of an agenda with its session.

    Raises:
        NotFound: There is none.
    """
    found = AgendaItem.objects.select_related("session", "directive").filter(pk=item_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such matter on the agenda."), code="unknown-item")
    return found


def attendance_of(session: CouncilSession) -> QuerySet[Attendance]:
    """Give the seats of a session with their members, the chair first."""
    return session.attendance.select_related("member__organisation", "member__user").order_by(
        "member__capacity", "member_id"
    )


def seat_name(member: CommitteeMember, language: str) -> str:
    """Name a seat: the office, else the organisation, else the person."""
    if member.office:
        return member.office
    if member.organisation is not None:
        return organisations.name_in(member.organisation, language)
    return member.user.name if member.user is not None else ""


def quorum_of(session: CouncilSession) -> rules.Quorum:
    """Compute the quorum of a session from its attendance."""
    return quorum_among(attendance_of(session), session.quorum_percent)


def quorum_among(attendance: Iterable[Attendance], percent: int) -> rules.Quorum:
    """Compute the quorum of seats that are already read."""
    seats = [rules.Seat(seat.member.capacity, seat.present, seat.substitute) for seat in attendance]
    return rules.quorum_of(seats, percent)


def suggestions_for(session: CouncilSession) -> list[Suggestion]:
    """Give what belongs on the agenda and is not on it: directives, due duties, earlier open resolutions.

    Special projects and what is due first come first.
    """
    taken = {
        name: set(session.agenda.filter(**{f"{name}__isnull": False}).values_list(name, flat=True))
        for name in ("directive_id", "duty_id", "earlier_resolution_id")
    }
    return [
        *_directives_waiting(session, taken["directive_id"]),
        *_duties_due(session, taken["duty_id"]),
        *_open_resolutions(session, taken["earlier_resolution_id"]),
    ]


def _directives_waiting(session: CouncilSession, taken: set[int]) -> list[Suggestion]:
    elsewhere = AgendaItem.objects.filter(
        directive__isnull=False, session__state__in=[SessionState.PLANNED, SessionState.IN_SESSION]
    ).exclude(session=session)
    rows = (
        Directive.objects.filter(
            organisations.within(session.committee.organisation.path, path_field="issuer__path"),
            state=DirectiveState.COUNCIL,
        )
        .exclude(pk__in=taken)
        .exclude(pk__in=elsewhere.values("directive_id"))
        .order_by("changed_at")
        .values_list("pk", "title")
    )
    return [Suggestion("directive", pk, title) for pk, title in rows]


def _duties_due(session: CouncilSession, taken: set[int]) -> list[Suggestion]:
    rows = (
        LegalDuty.objects.filter(
            organisations.within(session.committee.organisation.path, path_field="owner__path"),
            fulfilled_on__isnull=True,
            due_on__lte=session.held_on + timedelta(days=DUTY_HORIZON_DAYS),
        )
        .exclude(pk__in=taken)
        .order_by("-special_project", F("due_on").asc(nulls_last=True), "pk")
    )
    return [
        Suggestion("duty", duty.pk, _duty_title(duty), duty.due_on, special=duty.special_project)
        for duty in rows
    ]


def _duty_title(duty: LegalDuty) -> str:
    source = " ".join(part for part in (duty.source, duty.article) if part)
    return f"{source}: {duty.text}"[:600]


def _open_resolutions(session: CouncilSession, taken: set[int]) -> list[Suggestion]:
    rows = (
        Resolution.objects.filter(session__committee_id=session.committee_id, state__in=rules.NOT_FINISHED)
        .exclude(session=session)
        .exclude(pk__in=taken)
        .select_related("session")
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )
    return [
        Suggestion("resolution", row.pk, f"{row.session.number}/{row.number}: {row.text}"[:600], row.due_on)
        for row in rows
    ]


def resolution_by_id(resolution_id: int) -> Resolution:
    """Give a resolution with its session, committee and owner.

    Raises:
        NotFound: There is none.
    """
    found = (
        Resolution.objects.select_related("session__committee__organisation", "owner", "agenda_item")
        .filter(pk=resolution_id)
        .first()
    )
    if found is None:
        raise NotFound(gettext_noop("There is no such resolution."), code="unknown-resolution")
    return found


def resolutions_for(authority: Authority) -> QuerySet[Resolution]:
    """Give the resolutions that a person may read: of readable sessions, and those one's own body owes."""
    return Resolution.objects.filter(
        Q(session__in=sessions_for(authority).order_by().values("pk"))
        | Q(owner_id__in=authority.organisation_ids, session__state=SessionState.CLOSED)
    )


def overdue_resolutions(authority: Authority) -> QuerySet[Resolution]:
    """Give the readable resolutions that are past their date and not finished."""
    return resolutions_for(authority).filter(state__in=rules.NOT_FINISHED, due_on__lt=today())


def may_act_on(authority: Authority, resolution: Resolution) -> bool:
    """Tell whether a person may report on a resolution: for its owner, or who runs the session."""
    return rules.acts_for(authority, resolution.owner_id) or may_run(authority, resolution.session)


def may_confirm(authority: Authority, resolution: Resolution) -> bool:
    """Tell whether a person may confirm completion: the chair, or who runs the session."""
    return may_run(authority, resolution.session) or chairs(authority, resolution.session)


def content_of_session(session: CouncilSession) -> dict[str, Any]:
    """Give the canonical content of a session, as it is frozen and hashed at its closing."""
    quorum = quorum_of(session)
    return {
        "schema": "mehvar.council-session/1",
        "id": session.public_id,
        "committee": {"name": session.committee.name, "organisation": session.committee.organisation.code},
        "number": session.number,
        "held_on": session.held_on.isoformat(),
        "starts_at": session.starts_at.strftime("%H:%M") if session.starts_at else None,
        "place": session.place,
        "calendar": session.calendar,
        "language": session.language,
        "chaired_by": session.chaired_by,
        "quorum": {
            "percent": quorum.percent,
            "seats": quorum.seats,
            "filled": quorum.filled,
            "needed": quorum.needed,
            "met": quorum.met,
        },
        "attendance": [_seat_content(seat, session.language) for seat in attendance_of(session)],
        "agenda": [_item_content(position, item) for position, item in enumerate(agenda_of(session), 1)],
        "resolutions": [_resolution_content(row) for row in resolutions_of(session)],
        "minutes": session.minutes,
    }


def resolutions_of(session: CouncilSession) -> QuerySet[Resolution]:
    """Give the resolutions of a session by number."""
    return session.resolutions.select_related("owner", "agenda_item").order_by("number")


def is_intact(session: CouncilSession) -> bool:
    """Tell whether the frozen content of a closed session still has the hash that the ledger holds."""
    return bool(session.content) and identifiers.content_hash(session.content) == session.content_hash


def _seat_content(seat: Attendance, language: str) -> dict[str, Any]:
    return {
        "seat": seat_name(seat.member, language),
        "capacity": seat.member.capacity,
        "present": seat.present,
        "substitute": seat.substitute,
    }


def _item_content(position: int, item: AgendaItem) -> dict[str, Any]:
    directive = item.directive
    return {
        "position": position,
        "title": item.title,
        "directive": {"id": directive.public_id, "edition": directive.edition} if directive else None,
        "duty": str(item.duty) if item.duty else None,
        "earlier_resolution": str(item.earlier_resolution.number) if item.earlier_resolution else None,
        "discussion": item.discussion,
        "conclusion": item.conclusion,
        "decision": item.decision,
    }


def _resolution_content(row: Resolution) -> dict[str, Any]:
    return {
        "number": row.number,
        "text": row.text,
        "owner": row.owner.code,
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "due_raw": row.due_raw,
    }
