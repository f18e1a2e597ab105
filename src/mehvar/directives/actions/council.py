"""Plan a council session and hold it: invitations, attendance, conclusions, closing.

Source: S0.1, S0.9, S3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.actions import lifecycle
from mehvar.directives.data import CouncilDecision, SessionState
from mehvar.directives.models import AgendaItem, Attendance, CouncilSession, StatusEvent
from mehvar.directives.queries import council as queries
from mehvar.directives.rules import council as rules
from mehvar.directives.rules.lifecycle import Step
from mehvar.kernel import clock, errors, identifiers
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.organisations.models import Committee

INVITED = gettext_noop("You are invited to session {number} of “{committee}” on {date}.")
CLOSED = gettext_noop("The minutes of session {number} of “{committee}” are ready.")

STEP_OF_DECISION = {
    CouncilDecision.PASSED: Step.COUNCIL_PASSES,
    CouncilDecision.RETURNED: Step.COUNCIL_RETURNS,
}


@dataclass(frozen=True, slots=True)
class Presence:
    """Say how one seat was filled."""

    present: bool = False
    substitute: str = ""


def put_to_council(
    actor: User, directive_id: int, *, note: str = "", version: int | None = None
) -> StatusEvent:
    """Freeze the text and let the directive wait for a council's agenda.

    Raises:
        TransitionNotAllowed: A proposal is unanswered, a round is open, or the state is another.
    """
    return lifecycle.advance(actor, directive_id, Step.PUT_TO_COUNCIL, note=note, version=version)


def plan_session(
    actor: User,
    committee_id: int,
    *,
    held_on: date,
    starts_at: time | None = None,
    place: str = "",
    language: str = "",
    calendar: str = "gregorian",
) -> CouncilSession:
    """Plan the next session of a committee, with a seat for each of its members on that day.

    Raises:
        NotPermitted: The person may not run this committee's sessions.
        NotFound: There is no such committee.
        InputError: The committee has no members on that day.
    """
    committee = organisations.committee(committee_id)
    permissions.require(
        organisations.authority_of(actor), Permission.MANAGE_COUNCIL, committee.organisation.path
    )
    members = list(queries.members_on(committee, held_on))
    if not members:
        raise errors.InputError(
            gettext_noop("The committee has no members on that day."),
            code="committee-empty",
            field="committee",
        )
    with transaction.atomic():
        session = CouncilSession.objects.create(
            committee=committee,
            public_id=identifiers.new_public_id(),
            number=_next_number(committee),
            held_on=held_on,
            starts_at=starts_at,
            place=place.strip(),
            language=language or actor.language or "en",
            calendar=calendar,
            quorum_percent=committee.quorum,
            chaired_by=next((queries.seat_name(m, language) for m in members if m.capacity == "chair"), ""),
        )
        Attendance.objects.bulk_create(Attendance(session=session, member=member) for member in members)
        record(actor, session, "plan", {"held_on": held_on.isoformat(), "seats": len(members)})
    return session


def change_session(
    actor: User, session_id: int, *, version: int, held_on: date, starts_at: time | None, place: str
) -> CouncilSession:
    """Change when and where a planned session is held.

    Raises:
        NotPermitted: The person may not run this committee's sessions.
        Conflict: The session is over, or somebody changed it meanwhile.
    """
    with transaction.atomic():
        session = locked_session(actor, session_id, version=version)
        before = session.held_on
        save(session, held_on=held_on, starts_at=starts_at, place=place.strip())
        record(actor, session, "change", {"from": before.isoformat(), "to": held_on.isoformat()})
    return session


def send_invitations(actor: User, session_id: int) -> int:
    """Invite every member with the agenda and return how many people were told; safe to repeat.

    Raises:
        InputError: The agenda is empty.
        Conflict: The session is over.
    """
    with transaction.atomic():
        session = locked_session(actor, session_id)
        if not session.agenda.exists():
            raise errors.InputError(gettext_noop("The agenda is empty."), code="agenda-empty")
        save(session, invited_at=session.invited_at or clock.now())
        told = _tell_members(session, INVITED, f"invited-{session.held_on.isoformat()}")
        record(actor, session, "invite", {"told": told, "items": session.agenda.count()})
    return told


def begin_session(actor: User, session_id: int, *, version: int | None = None) -> CouncilSession:
    """Begin a planned session.

    Raises:
        TransitionNotAllowed: It has begun already or is over.
    """
    return _step(actor, session_id, "begin", version=version)


def cancel_session(
    actor: User, session_id: int, *, reason: str, version: int | None = None
) -> CouncilSession:
    """Cancel a planned session; its matters can be put on another agenda.

    Raises:
        InputError: No reason is given.
        TransitionNotAllowed: It has begun already or is over.
    """
    if not reason.strip():
        raise errors.InputError(
            gettext_noop("Please state the reason."), code="reason-required", field="reason"
        )
    return _step(actor, session_id, "cancel", version=version, reason=reason)


def mark_attendance(
    actor: User,
    session_id: int,
    presences: Mapping[int, Presence],
    *,
    chaired_by: str = "",
    version: int | None = None,
) -> rules.Quorum:
    """Note who is present or sent a substitute, by attendance row, and return the quorum.

    Raises:
        Conflict: The session has not begun, is over, or was changed meanwhile.
        NotFound: A row is not of this session.
    """
    with transaction.atomic():
        session = locked_session(actor, session_id, version=version)
        rules.require_in_session(session.state)
        seats = {seat.pk: seat for seat in session.attendance.all()}
        if set(presences) - set(seats):
            raise errors.NotFound(gettext_noop("There is no such seat in this session."), code="unknown-seat")
        for pk, presence in presences.items():
            seats[pk].present = presence.present
            seats[pk].substitute = presence.substitute.strip()[:200]
        Attendance.objects.bulk_update(seats.values(), ["present", "substitute"])
        save(session, chaired_by=(chaired_by.strip() or session.chaired_by)[:200])
        quorum = queries.quorum_of(session)
        record(
            actor,
            session,
            "attendance",
            {"filled": quorum.filled, "needed": quorum.needed, "seats": quorum.seats, "met": quorum.met},
        )
    return quorum


def conclude_item(
    actor: User,
    item_id: int,
    *,
    discussion: str,
    conclusion: str,
    decision: CouncilDecision | None = None,
    version: int | None = None,
) -> AgendaItem:
    """Write down what was said on a matter and what was concluded; a decision on it needs a quorum.

    Raises:
        Conflict: The session is not being held, has no quorum for the decision, or the item was changed meanwhile.
        InputError: The decision does not fit the matter.
    """
    with transaction.atomic():
        item, session = locked_item(actor, item_id)
        rules.require_in_session(session.state)
        if decision is not None:
            rules.check_decision(decision, conclusion, on_directive=item.directive_id is not None)
        if decision in STEP_OF_DECISION:
            rules.require_quorum(queries.quorum_of(session))
        expected = item.version if version is None else version
        values = {
            "discussion": discussion.strip(),
            "conclusion": conclusion.strip(),
            "decision": decision.value if decision else "",
        }
        changed = AgendaItem.objects.filter(pk=item.pk, version=expected).update(
            version=F("version") + 1, **values
        )
        if not changed:
            raise errors.Conflict(
                gettext_noop("Somebody wrote on this matter in the meantime."), code="stale-item"
            )
        record(actor, session, "conclude", {"item": item.position, "title": item.title, **values})
        item.refresh_from_db()
    return item


def write_minutes(
    actor: User, session_id: int, minutes: str, *, version: int | None = None
) -> CouncilSession:
    """Write the general part of the minutes.

    Raises:
        Conflict: The session is over, or somebody changed it meanwhile.
    """
    with transaction.atomic():
        session = locked_session(actor, session_id, version=version)
        save(session, minutes=minutes.strip())
        record(actor, session, "minutes", {"minutes": minutes.strip()})
    return session


def close_session(actor: User, session_id: int, *, version: int | None = None) -> CouncilSession:
    """Close a session: freeze its content, record the hash, and move the directives as it decided.

    Raises:
        Conflict: A directive has no decision, there is no quorum for what was decided, or a directive is no longer
            before the council.
    """
    with transaction.atomic():
        session = locked_session(actor, session_id, version=version)
        rules.SESSION_LIFE.transition(session.state, "close")
        items = list(queries.agenda_of(session))
        _refuse_unready(session, items)
        content = queries.content_of_session(session)
        digest = identifiers.content_hash(content)
        save(
            session,
            state=SessionState.CLOSED.value,
            closed_at=clock.now(),
            content=content,
            content_hash=digest,
        )
        record(
            actor,
            session,
            "close",
            {
                "content_hash": digest,
                "quorum": content["quorum"],
                "resolutions": len(content["resolutions"]),
                "decisions": {str(item.position): item.decision for item in items if item.decision},
            },
        )
        for item in items:
            _move_directive(actor, session, item)
        _tell_members(session, CLOSED, "closed")
    return session


def locked_session(actor: User, session_id: int, *, version: int | None = None) -> CouncilSession:
    """Give a session that is not over, locked, to somebody who may run it.

    Raises:
        NotFound: There is no such session.
        NotPermitted: The person may not run this committee's sessions.
        Conflict: The session is over, or ``version`` is not the present one.
    """
    session = (
        CouncilSession.objects.select_for_update(of=("self",))
        .select_related("committee__organisation")
        .filter(pk=session_id)
        .first()
    )
    if session is None:
        raise errors.NotFound(gettext_noop("There is no such session."), code="unknown-session")
    permissions.require(
        organisations.authority_of(actor), Permission.MANAGE_COUNCIL, session.committee.organisation.path
    )
    rules.require_editable(session.state)
    if version is not None and version != session.version:
        raise errors.Conflict(
            gettext_noop("Somebody changed the session in the meantime."), code="stale-session"
        )
    return session


def locked_item(actor: User, item_id: int) -> tuple[AgendaItem, CouncilSession]:
    """Give an agenda item and its locked session to somebody who may run it.

    Raises:
        NotFound: There is no such item.
        NotPermitted: The person may not run this committee's sessions.
        Conflict: The session is over.
    """
    item = AgendaItem.objects.filter(pk=item_id).first()
    if item is None:
        raise errors.NotFound(gettext_noop("There is no such matter on the agenda."), code="unknown-item")
    session = locked_session(actor, item.session_id)
    item.refresh_from_db()
    return item, session


def save(session: CouncilSession, **values: Any) -> None:
    """Write values of a session when nobody else changed it since it was read.

    Raises:
        Conflict: Somebody did.
    """
    changed = CouncilSession.objects.filter(pk=session.pk, version=session.version).update(
        version=F("version") + 1, **values
    )
    if not changed:
        raise errors.Conflict(
            gettext_noop("Somebody changed the session in the meantime."), code="stale-session"
        )
    for name, value in values.items():
        setattr(session, name, value)
    session.version += 1


def subject_of(session: CouncilSession) -> Subject:
    """Name the session as the ledger's subject."""
    return Subject("council-session", session.public_id, f"{session.committee.name[:150]} · {session.number}")


def page_of(session: CouncilSession) -> str:
    """Give the address of the session's page, for notices."""
    return f"/directives/council/{session.public_id}/"


def record(
    actor: User, session: CouncilSession, verb: str, content: Mapping[str, Any], *, reason: str = ""
) -> None:
    """Write one ledger entry about a session."""
    ledger.record(
        actor=actor.as_actor(),
        action=f"council.{verb}",
        subject=subject_of(session),
        content={"number": session.number, **content},
        reason=reason.strip(),
    )


def _next_number(committee: Committee) -> int:
    last = CouncilSession.objects.filter(committee=committee).aggregate(last=Max("number"))["last"]
    return int(last or 0) + 1


def _step(
    actor: User, session_id: int, action: str, *, version: int | None = None, reason: str = ""
) -> CouncilSession:
    with transaction.atomic():
        session = locked_session(actor, session_id, version=version)
        target = rules.SESSION_LIFE.transition(session.state, action)
        save(session, state=SessionState(target).value)
        record(actor, session, action, {"state": session.state}, reason=reason)
    return session


def _refuse_unready(session: CouncilSession, items: list[AgendaItem]) -> None:
    for position, item in enumerate(items, 1):
        if item.directive_id is not None and not item.decision:
            raise errors.Conflict(
                gettext_noop("Matter {position} of the agenda is a directive and has no decision yet."),
                code="directive-undecided",
                position=position,
            )
    decided = any(item.decision in STEP_OF_DECISION for item in items)
    if decided or session.resolutions.exists():
        rules.require_quorum(queries.quorum_of(session))


def _move_directive(actor: User, session: CouncilSession, item: AgendaItem) -> None:
    if item.directive_id is None or item.decision not in STEP_OF_DECISION:
        return
    lifecycle.advance(
        actor,
        item.directive_id,
        STEP_OF_DECISION[CouncilDecision(item.decision)],
        reason=item.conclusion,
        facts={"session": session.public_id, "session_hash": session.content_hash, "item": item.position},
    )


def _tell_members(session: CouncilSession, message: str, key: str) -> int:
    """Notify the people who sit, or whose office sits, in the session."""
    people: list[int] = []
    for seat in queries.attendance_of(session):
        member = seat.member
        if member.user_id is not None:
            people.append(member.user_id)
        elif member.organisation is not None:
            path = member.organisation.path
            people += organisations.holders_of(Permission.GIVE_OPINION, path, at_most_above=False)
    return notifications.notify(
        people,
        kind="council",
        key=f"council-{session.pk}-{key}",
        message=message,
        params={
            "number": session.number,
            "committee": session.committee.name[:160],
            "date": session.held_on.isoformat(),
        },
        path=page_of(session),
    )
