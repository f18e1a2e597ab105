"""Keep a province's meetings with governors, members of parliament and others, and follow up what they promised.

Only offices are named, never people. A date that moves keeps its first.
Source: S1.2 (provincial directors work more with governors and members of parliament).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.queries.days import today
from mehvar.kernel import clock, errors, identifiers, wording
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions.record import changed, require, stale
from mehvar.programmes.data import CommitmentState, MeetingKind
from mehvar.programmes.models import Commitment, CommitmentEvent, StakeholderMeeting
from mehvar.programmes.queries import provinces as queries
from mehvar.programmes.queries.working_days import calendar_of
from mehvar.programmes.rules import escalation as rules
from mehvar.programmes.rules.working_days import LONGEST_REST

if TYPE_CHECKING:
    from typing import Any

    from mehvar.accounts.models import User

LONGEST_LINE, LONGEST_TEXT = 300, 10_000
PAGE = "/programmes/stakeholders/{public_id}/"
SETTLED = (CommitmentState.KEPT, CommitmentState.BROKEN, CommitmentState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Promise:
    """Hold what an office promised, and until when (open where nothing was said)."""

    text: str
    promised_by: str
    due_on: date | None = None


def record_meeting(
    actor: User,
    organisation_id: int,
    *,
    held_on: date,
    kind: MeetingKind,
    with_whom: str,
    subject: str,
    notes: str = "",
    promises: tuple[Promise, ...] = (),
) -> StakeholderMeeting:
    """Write down a meeting with what was promised in it.

    Raises:
        NotFound: There is no such body.
        NotPermitted: The person does not keep its stakeholders.
        InputError: Words are missing or too long, or the meeting lies ahead.
    """
    body = organisations.organisation_by_id(organisation_id)
    require(actor, Permission.MANAGE_STAKEHOLDERS, body.path)
    wording.written(with_whom, field="with_whom", limit=LONGEST_LINE)
    wording.written(subject, field="subject", limit=LONGEST_LINE)
    wording.within(notes, field="notes", limit=LONGEST_TEXT)
    if held_on > today():
        raise errors.InputError(gettext_noop("This day is still to come."), code="future", field="held_on")
    with transaction.atomic():
        row = StakeholderMeeting.objects.create(
            public_id=identifiers.new_public_id("m"),
            organisation=body,
            held_on=held_on,
            kind=kind,
            with_whom=with_whom.strip(),
            subject=subject.strip(),
            notes=notes.strip(),
            recorded_by=actor,
            recorded_at=clock.now(),
        )
        for one in promises:
            _written(actor, row, one)
        _record(actor, row, "stakeholders.meet", {"kind": kind.value, "commitments": len(promises)})
    return row


def add_commitment(actor: User, meeting_public_id: str, promise: Promise) -> Commitment:
    """Add what was promised in a meeting.

    Raises:
        NotFound: There is no such meeting for this person.
        NotPermitted: The person does not keep the body's stakeholders.
        InputError: Words are missing or too long.
    """
    meeting = _meeting(actor, meeting_public_id)
    with transaction.atomic():
        row = _written(actor, meeting, promise)
        _record(actor, meeting, "stakeholders.promise", _facts(row))
    return row


def move_date(actor: User, commitment_id: int, *, due_on: date, reason: str, version: int) -> Commitment:
    """Give a commitment a new date; the first stays on record.

    Raises:
        NotFound, NotPermitted: There is none, or not for this person.
        Conflict: Stale, or settled already.
        InputError: The reason is missing.
    """
    with transaction.atomic():
        row = _open(actor, commitment_id, version)
        _check_reason(reason)
        changed(row, due_on=due_on, first_due_on=row.first_due_on or due_on)
        _step(actor, row, "moved", reason)
        _record(actor, row.meeting, "stakeholders.move_date", _facts(row), reason=reason.strip())
    return row


def settle(
    actor: User,
    commitment_id: int,
    *,
    state: CommitmentState,
    note: str,
    version: int,
    settled_on: date | None = None,
) -> Commitment:
    """Say what became of a commitment: kept, broken or withdrawn; the last two say why.

    Raises:
        NotFound, NotPermitted: There is none, or not for this person.
        Conflict: Stale, or settled already.
        InputError: The reason is missing, or the day lies ahead.
    """
    if state not in SETTLED:
        raise errors.InputError(gettext_noop("Say what became of it."), code="bad-state", field="state")
    day = settled_on or today()
    if day > today():
        raise errors.InputError(gettext_noop("This day is still to come."), code="future", field="settled_on")
    with transaction.atomic():
        row = _open(actor, commitment_id, version)
        if state is not CommitmentState.KEPT:
            _check_reason(note)
        changed(row, state=state, settled_on=day, note=note.strip())
        _step(actor, row, state.value, note)
        _record(actor, row.meeting, "stakeholders.settle", _facts(row), reason=note.strip())
    return row


def remind_commitments(day: date | None = None) -> int:
    """Remind the body of a commitment on the last working day before it is due, once, and once when it is overdue.

    Return how many commitments were reminded of; safe at any time and by several processes (notices bear a key).
    """
    on = day or today()
    rows = queries.commitments().filter(state=CommitmentState.OPEN, due_on__isnull=False)
    reminded = 0
    for row in rows.filter(due_on__lte=on + timedelta(days=LONGEST_REST)).order_by("due_on", "pk")[:1000]:
        if row.due_on is not None and row.reminded_for != _stage(row, on):
            reminded += _remind(row, on)
    return reminded


def _stage(row: Commitment, day: date) -> date | None:
    """Give what ``reminded_for`` holds once the present stage was reminded of: the due day, or the day after when overdue."""
    if row.due_on is None:
        return None
    return row.due_on if day <= row.due_on else row.due_on + timedelta(days=1)


def _remind(row: Commitment, day: date) -> int:
    due_on = row.due_on
    if due_on is None:
        return 0
    body = row.meeting.organisation
    if day <= due_on and not rules.reminder_due(due_on, day, calendar_of(body)):
        return 0
    message = (
        gettext_noop("“{text}”, promised by {office}, is due {due}.")
        if day <= due_on
        else gettext_noop("“{text}”, promised by {office}, was due {due} and is still open.")
    )
    with transaction.atomic():
        Commitment.objects.filter(pk=row.pk).update(reminded_for=_stage(row, day))
        notifications.notify(
            organisations.holders_of(Permission.MANAGE_STAKEHOLDERS, body.path),
            kind="commitment",
            key=f"commitment-{row.pk}-{due_on.isoformat()}-{'near' if day <= due_on else 'over'}",
            message=message,
            params={"text": row.text[:160], "office": row.promised_by[:120], "due": due_on.isoformat()},
            path=PAGE.format(public_id=row.meeting.public_id),
        )
    return 1


def _meeting(actor: User, public_id: str) -> StakeholderMeeting:
    meeting = queries.visible_meeting(organisations.authority_of(actor), public_id)
    require(actor, Permission.MANAGE_STAKEHOLDERS, meeting.organisation.path)
    return meeting


def _open(actor: User, commitment_id: int, version: int) -> Commitment:
    row = queries.commitments().select_for_update(of=("self",)).filter(pk=commitment_id).first()
    if row is None:
        raise errors.NotFound(gettext_noop("There is no such commitment."), code="unknown-commitment")
    _meeting(actor, row.meeting.public_id)
    if row.version != version or row.state != CommitmentState.OPEN:
        raise stale()
    return row


def _written(actor: User, meeting: StakeholderMeeting, promise: Promise) -> Commitment:
    wording.written(promise.promised_by, field="promised_by", limit=200)
    wording.written(promise.text, field="text", limit=LONGEST_TEXT)
    row = Commitment.objects.create(
        meeting=meeting,
        text=promise.text.strip(),
        promised_by=promise.promised_by.strip(),
        due_on=promise.due_on,
        first_due_on=promise.due_on,
    )
    _step(actor, row, "made", "")
    return row


def _step(actor: User, row: Commitment, action: str, note: str) -> None:
    CommitmentEvent.objects.create(
        commitment=row, action=action, due_on=row.due_on, note=note.strip(), at=clock.now(), actor=actor
    )


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise errors.InputError(gettext_noop("Please say why."), code="no-reason", field="reason")
    wording.within(reason, field="reason", limit=rules.LONGEST_NOTE)


def _facts(row: Commitment) -> dict[str, Any]:
    return {
        "commitment": row.pk,
        "state": row.state,
        "due_on": row.due_on.isoformat() if row.due_on else "",
        "first_due_on": row.first_due_on.isoformat() if row.first_due_on else "",
    }


def _record(
    actor: User, meeting: StakeholderMeeting, action: str, content: dict[str, Any], *, reason: str = ""
) -> None:
    ledger.record(
        actor=actor.as_actor(),
        action=action,
        subject=Subject("stakeholder-meeting", meeting.public_id, meeting.subject[:200]),
        content={"body": meeting.organisation.code, **content},
        reason=reason,
    )
