"""Plan a stocktake, hold it, decide in it and end it: decisions are resolutions of its session, figures are frozen at the end.

Who runs it holds stocktakes and runs the committee's sessions (``queries.stocktakes.may_run``): the minister, who presides, or the
planning deputy's office for the minister.
Source: issue "programmes", point 5; S3.1, S4.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.directives.actions import agenda, council, resolutions
from mehvar.directives.actions.council import Presence
from mehvar.directives.rules.council import Quorum
from mehvar.kernel import clock, errors, identifiers, wording
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions.record import changed, require, stale
from mehvar.programmes.models import Stocktake
from mehvar.programmes.queries import stocktakes as queries
from mehvar.programmes.rules import stocktakes as rules
from mehvar.programmes.rules.stocktakes import StocktakeState

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.directives.models import Resolution
    from mehvar.kernel.calendars import StatedDate

LONGEST_TITLE, LONGEST_DECISION = 300, 2_000


def plan_stocktake(
    actor: User,
    *,
    title: str,
    committee_id: int,
    held_on: date,
    language: str = "",
    calendar: str = "gregorian",
    directive_id: int | None = None,
    programme_id: int | None = None,
) -> Stocktake:
    """Plan a stocktake as the next session of a committee, over everything or one directive or programme.

    Raises:
        NotPermitted: The person does not hold stocktakes there, or does not run the committee's sessions.
        NotFound: There is no such committee.
        InputError: No title, or the committee has no members on that day.
    """
    if not title.strip() or len(title) > LONGEST_TITLE:
        raise errors.InputError(gettext_noop("Please write this down."), code="empty", field="title")
    committee = organisations.committee(committee_id)
    require(actor, Permission.HOLD_STOCKTAKE, committee.organisation.path)
    with transaction.atomic():
        session = council.plan_session(
            actor, committee_id, held_on=held_on, language=language, calendar=calendar
        )
        agenda.add_matter(actor, session.pk, title)
        row = Stocktake.objects.create(
            public_id=identifiers.new_public_id("s"),
            title=title.strip(),
            organisation_id=committee.organisation_id,
            session=session,
            previous=queries.last_ended(committee.organisation_id),
            directive_id=directive_id,
            programme_id=programme_id,
            language=session.language,
            held_on=held_on,
        )
        _record(actor, row, "plan", {"held_on": held_on.isoformat(), "session": session.public_id})
    return row


def begin_stocktake(
    actor: User, public_id: str, *, version: int, presences: Mapping[int, Presence]
) -> Quorum:
    """Begin a planned stocktake with who is present (by attendance row), and return the quorum.

    Raises:
        NotFound, NotPermitted: There is none, or the person does not run it.
        TransitionNotAllowed: It has begun already or is over.
        Conflict: Stale.
    """
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        state = rules.STOCKTAKE_LIFE.transition(row.state, "begin")
        council.begin_session(actor, _session_id(row))
        quorum = council.mark_attendance(actor, _session_id(row), presences)
        changed(row, state=StocktakeState(state).value, started_at=clock.now())
        _record(actor, row, "begin", {"filled": quorum.filled, "needed": quorum.needed})
    return quorum


def mark_presence(actor: User, public_id: str, presences: Mapping[int, Presence]) -> Quorum:
    """Correct who is present while the stocktake runs.

    Raises:
        NotFound, NotPermitted: There is none, or the person does not run it.
        Conflict: It has not begun, or is over.
    """
    with transaction.atomic():
        row = _locked(actor, public_id)
        rules.require_running(row.state)
        return council.mark_attendance(actor, _session_id(row), presences)


def decide(actor: User, public_id: str, *, text: str, owner_id: int, due: StatedDate | None) -> Resolution:
    """Take a decision on the spot: a resolution of the session, with owner and date.

    Raises:
        NotFound, NotPermitted: There is none, or the person does not run it.
        Conflict: It does not run, or there is no quorum.
        InputError: No text, no date, or a date before the meeting.
    """
    if due is None:
        raise errors.InputError(gettext_noop("Please say until when."), code="due-required", field="due_on")
    wording.within(text, field="text", limit=LONGEST_DECISION)
    with transaction.atomic():
        row = _locked(actor, public_id)
        rules.require_running(row.state)
        return resolutions.adopt_resolution(actor, _session_id(row), text=text, owner_id=owner_id, due=due)


def end_stocktake(actor: User, public_id: str, *, version: int) -> Stocktake:
    """End a stocktake: close its session, freeze every figure with its hash on record.

    Raises:
        NotFound, NotPermitted: There is none, or the person does not run it.
        TransitionNotAllowed: It does not run.
        Conflict: Stale, or the session cannot be closed.
    """
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        state = rules.STOCKTAKE_LIFE.transition(row.state, "end")
        figures = queries.all_figures(organisations.authority_of(actor), row)
        session = council.close_session(actor, _session_id(row))
        figures["session"] = {"id": session.public_id, "content_hash": session.content_hash}
        row.session = session
        figures["meeting"], figures["attendance"] = queries.meeting_facts(row), queries.attendance(row)
        digest = identifiers.content_hash(figures)
        changed(
            row,
            state=StocktakeState(state).value,
            ended_at=clock.now(),
            figures=figures,
            content_hash=digest,
        )
        content = {"hash": digest, "cells": figures["overview"]["cells"], "session": session.public_id}
        _record(actor, row, "end", {**content, "decisions": len(figures["decisions"])})
    return row


def cancel_stocktake(actor: User, public_id: str, *, version: int, reason: str) -> Stocktake:
    """Cancel a planned stocktake and its session.

    Raises:
        NotFound, NotPermitted: There is none, or the person does not run it.
        TransitionNotAllowed: It has begun already or is over.
        InputError: No reason.
        Conflict: Stale.
    """
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        state = rules.STOCKTAKE_LIFE.transition(row.state, "cancel")
        council.cancel_session(actor, _session_id(row), reason=reason)
        changed(row, state=StocktakeState(state).value)
        _record(actor, row, "cancel", {}, reason=reason)
    return row


def _locked(actor: User, public_id: str, version: int | None = None) -> Stocktake:
    rows = Stocktake.objects.select_for_update(of=("self",)).select_related(
        "organisation", "session__committee", "directive", "programme"
    )
    row = rows.filter(public_id=public_id).first()
    authority = organisations.authority_of(actor)
    if row is None or not queries.stocktakes_for(authority).filter(pk=row.pk).exists():
        raise errors.NotFound(gettext_noop("There is no such stocktake."), code="unknown-stocktake")
    if not queries.may_run(authority, row):
        raise errors.NotPermitted(gettext_noop("Your role does not permit this here."), code="not-permitted")
    if version is not None and row.version != version:
        raise stale()
    return row


def _session_id(row: Stocktake) -> int:
    if row.session_id is None:
        raise errors.NotFound(gettext_noop("There is no such session."), code="unknown-session")
    return row.session_id


def _record(actor: User, row: Stocktake, verb: str, content: dict[str, Any], *, reason: str = "") -> None:
    ledger.record(
        actor=actor.as_actor(),
        action=f"stocktake.{verb}",
        subject=Subject("stocktake", row.public_id, row.title[:200]),
        content=content,
        reason=reason.strip(),
    )
