"""Adopt resolutions in a session and follow each to its confirmed completion.

Source: S3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.actions.council import locked_session, record
from mehvar.directives.data import ResolutionState
from mehvar.directives.models import Resolution, ResolutionEvent
from mehvar.directives.queries import council as queries
from mehvar.directives.queries.days import today
from mehvar.directives.rules import council as rules
from mehvar.kernel import clock, errors
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import Authority
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.kernel.calendars import StatedDate

OWED = gettext_noop("Session {number} resolved: “{text}”. Your body owes it.")
CLAIMED = gettext_noop("Resolution {number} is reported as done and waits for confirmation.")
OVERDUE = gettext_noop("Resolution {number} is overdue since {date}.")

EVIDENCE_MAX_BYTES = 20 * 1024 * 1024

Allowed = Callable[[Authority, Resolution], bool]


def adopt_resolution(
    actor: User,
    session_id: int,
    *,
    text: str,
    owner_id: int,
    due: StatedDate | None = None,
    item_id: int | None = None,
) -> Resolution:
    """Adopt a resolution in a running session that has a quorum.

    Raises:
        NotPermitted: The person may not run this committee's sessions.
        Conflict: The session is not being held or has no quorum.
        InputError: The text is empty, or the due date is before the session.
        NotFound: The owner or the agenda item does not exist.
    """
    if not text.strip():
        raise errors.InputError(
            gettext_noop("Please write the resolution."), code="text-required", field="text"
        )
    owner = organisations.organisation_by_id(owner_id)
    with transaction.atomic():
        session = locked_session(actor, session_id)
        rules.require_in_session(session.state)
        rules.require_quorum(queries.quorum_of(session))
        due_on = due.day if due else None
        rules.check_due(due_on, held_on=session.held_on)
        item = session.agenda.filter(pk=item_id).first() if item_id else None
        if item_id and item is None:
            raise errors.NotFound(gettext_noop("There is no such matter on the agenda."), code="unknown-item")
        last = session.resolutions.aggregate(last=Max("number"))["last"]
        resolution = Resolution.objects.create(
            session=session,
            agenda_item=item,
            number=int(last or 0) + 1,
            text=text.strip(),
            owner_id=owner_id,
            due_on=due_on,
            first_due_on=due_on,
            due_raw=due.raw[:200] if due else "",
            due_calendar=due.calendar.value if due else session.calendar,
        )
        _event(actor, resolution, "adopt")
        record(
            actor,
            session,
            "resolve",
            {
                "resolution": resolution.number,
                "text": resolution.text,
                "owner": owner.code,
                "due_on": due_on.isoformat() if due_on else None,
            },
        )
        _tell_owner(resolution, OWED, "owed")
    return resolution


def begin_resolution(
    actor: User, resolution_id: int, *, note: str = "", version: int | None = None
) -> Resolution:
    """Say that work on a resolution has begun.

    Raises:
        NotPermitted: The person acts neither for the owner nor for the session.
        TransitionNotAllowed: It has begun already or is finished.
    """
    return _step(actor, resolution_id, "begin", queries.may_act_on, note=note, version=version)


def claim_done(
    actor: User,
    resolution_id: int,
    *,
    note: str,
    evidence: File[bytes] | None = None,
    version: int | None = None,
) -> Resolution:
    """Report a resolution as done, with what proves it.

    Raises:
        InputError: Neither a note nor a file is given.
        LimitExceeded: The file is too large.
        NotPermitted: The person acts neither for the owner nor for the session.
        TransitionNotAllowed: It is claimed or finished already.
    """
    if not note.strip() and evidence is None:
        raise errors.InputError(
            gettext_noop("Please say what was done, or add a file that proves it."), field="note"
        )
    if evidence is not None and (evidence.size or 0) > EVIDENCE_MAX_BYTES:
        raise errors.LimitExceeded(
            gettext_noop("The file is larger than {limit} MB."), field="evidence", limit=20
        )
    with transaction.atomic():
        resolution = _step(
            actor, resolution_id, "claim", queries.may_act_on, note=note, version=version, evidence=evidence
        )
        people = organisations.holders_of(
            Permission.MANAGE_COUNCIL, resolution.session.committee.organisation.path
        )
        _tell(people, resolution, CLAIMED, f"claimed-{resolution.version}")
    return resolution


def confirm_done(
    actor: User, resolution_id: int, *, note: str = "", version: int | None = None
) -> Resolution:
    """Confirm that a resolution is done: by the chair or whoever runs the session.

    Raises:
        NotPermitted: The person neither chairs nor runs the session.
        TransitionNotAllowed: It is not claimed.
    """
    return _step(
        actor,
        resolution_id,
        "confirm",
        queries.may_confirm,
        note=note,
        version=version,
        values={"completed_on": today()},
    )


def send_back(actor: User, resolution_id: int, *, note: str, version: int | None = None) -> Resolution:
    """Send a claimed resolution back to its owner, with a reason.

    Raises:
        InputError: No reason is given.
        NotPermitted: The person neither chairs nor runs the session.
    """
    _require_note(note)
    return _step(actor, resolution_id, "send_back", queries.may_confirm, note=note, version=version)


def drop_resolution(actor: User, resolution_id: int, *, note: str, version: int | None = None) -> Resolution:
    """Give a resolution up, with a reason.

    Raises:
        InputError: No reason is given.
        NotPermitted: The person neither chairs nor runs the session.
    """
    _require_note(note)
    return _step(actor, resolution_id, "drop", queries.may_confirm, note=note, version=version)


def extend_due(
    actor: User, resolution_id: int, *, due: StatedDate, note: str, version: int | None = None
) -> Resolution:
    """Give a resolution more time; its first date stays on record.

    Raises:
        InputError: No reason is given, or the date is not later.
        NotPermitted: The person neither chairs nor runs the session.
        Conflict: It is finished, or somebody changed it meanwhile.
    """
    _require_note(note)
    with transaction.atomic():
        resolution = _locked(actor, resolution_id, queries.may_confirm, version=version)
        if resolution.state not in rules.NOT_FINISHED:
            raise errors.Conflict(gettext_noop("The resolution is finished."), code="resolution-finished")
        before = resolution.due_on
        if before is not None and due.day <= before:
            raise errors.InputError(
                gettext_noop("The new date must be after the present one."),
                code="due-not-extended",
                field="due",
            )
        _save(
            resolution,
            due_on=due.day,
            due_raw=due.raw[:200],
            due_calendar=due.calendar.value,
            first_due_on=resolution.first_due_on or before or due.day,
        )
        facts = {"from": before.isoformat() if before else None, "to": due.day.isoformat()}
        _noted(actor, resolution, "extend", note=note, facts=facts)
    return resolution


def remind_overdue() -> int:
    """Remind the owners of overdue resolutions, once per date, and return how many people were told."""
    rows = Resolution.objects.filter(state__in=rules.NOT_FINISHED, due_on__lt=today()).select_related(
        "session__committee__organisation", "owner"
    )
    return sum(_tell_owner(row, OVERDUE, f"overdue-{row.due_on}") for row in rows)


def _step(
    actor: User,
    resolution_id: int,
    action: str,
    allowed: Allowed,
    *,
    note: str = "",
    version: int | None = None,
    evidence: File[bytes] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Resolution:
    with transaction.atomic():
        resolution = _locked(actor, resolution_id, allowed, version=version)
        target = rules.RESOLUTION_LIFE.transition(resolution.state, action)
        _save(resolution, state=ResolutionState(target).value, **(values or {}))
        _noted(actor, resolution, action, note=note, evidence=evidence)
    return resolution


def _locked(actor: User, resolution_id: int, allowed: Allowed, *, version: int | None) -> Resolution:
    Resolution.objects.select_for_update().filter(pk=resolution_id).first()
    resolution = queries.resolution_by_id(resolution_id)
    if not allowed(organisations.authority_of(actor), resolution):
        raise errors.NotPermitted(gettext_noop("Your role does not permit this here."), code="not-permitted")
    if version is not None and version != resolution.version:
        raise errors.Conflict(
            gettext_noop("Somebody changed the resolution in the meantime."), code="stale-resolution"
        )
    return resolution


def _save(resolution: Resolution, **values: Any) -> None:
    changed = Resolution.objects.filter(pk=resolution.pk, version=resolution.version).update(
        version=F("version") + 1, **values
    )
    if not changed:
        raise errors.Conflict(
            gettext_noop("Somebody changed the resolution in the meantime."), code="stale-resolution"
        )
    for name, value in values.items():
        setattr(resolution, name, value)
    resolution.version += 1


def _noted(
    actor: User,
    resolution: Resolution,
    action: str,
    *,
    note: str = "",
    evidence: File[bytes] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    event = _event(actor, resolution, action, note=note, evidence=evidence)
    content: dict[str, Any] = {"resolution": resolution.number, "state": resolution.state, **(facts or {})}
    if event.evidence:
        content["evidence"] = event.evidence.name
    record(actor, resolution.session, f"resolution_{action}", content, reason=note)


def _event(
    actor: User, resolution: Resolution, action: str, *, note: str = "", evidence: File[bytes] | None = None
) -> ResolutionEvent:
    event = ResolutionEvent(
        resolution=resolution, action=action, note=note.strip(), at=clock.now(), actor=actor
    )
    if evidence is not None:
        event.evidence = evidence
    event.save()
    return event


def _require_note(note: str) -> None:
    if not note.strip():
        raise errors.InputError(
            gettext_noop("Please state the reason."), code="reason-required", field="note"
        )


def _tell_owner(resolution: Resolution, message: str, key: str) -> int:
    people = [row["user_id"] for row in organisations.positions_of(resolution.owner_id)]
    return _tell(people, resolution, message, key)


def _tell(people: list[int] | tuple[int, ...], resolution: Resolution, message: str, key: str) -> int:
    due_on: date | None = resolution.due_on
    return notifications.notify(
        people,
        kind="resolution",
        key=f"resolution-{resolution.pk}-{key}",
        message=message,
        params={
            "number": f"{resolution.session.number}/{resolution.number}",
            "text": resolution.text[:160],
            "date": due_on.isoformat() if due_on else "",
        },
        path=f"/directives/council/resolutions/{resolution.pk}/",
    )
