"""Correct what was written down: the words of an obstacle while it is live, and a meeting with stakeholders.

Both are dated and on record; who has the clock of an obstacle, and until when, does not change by it.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.directives.queries.days import today
from mehvar.kernel import errors, text, wording
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import obstacles, record
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.data import MeetingKind, ObstacleStep
from mehvar.programmes.models import StakeholderMeeting
from mehvar.programmes.queries import obstacles as obstacle_queries
from mehvar.programmes.queries import provinces
from mehvar.programmes.rules import escalation as rules

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.programmes.models import Obstacle

_LONGEST_NOTES = 10_000


def revise_obstacle(
    actor: User, public_id: str, words: Words, *, version: int, decision_from_id: int | None = None
) -> Obstacle:
    """Correct the words of an obstacle, as who raised it or who steers it, as long as it is live.

    Raises:
        NotFound: There is none, or not for this person.
        NotPermitted: Somebody else raised it.
        Conflict: Somebody changed it since ``version`` was read, or it is settled.
        InputError: Words are missing or too long.
    """
    rules.check_words(words.title, words.text)
    with transaction.atomic():
        authority = organisations.authority_of(actor)
        obstacle_queries.visible_obstacle(authority, public_id)
        row = obstacles.locked(public_id, version=version)
        rights = obstacle_queries.rights_on(authority, row)
        if not (rights.raised or rights.steers):
            raise errors.NotPermitted(
                gettext_noop("Your role does not permit this here."), code="not-permitted"
            )
        if row.state not in rules.LIVE:
            raise errors.Conflict(gettext_noop("It is settled; its words stay."), code="settled")
        said = {field.name: str(getattr(words, field.name)).strip() for field in fields(words)}
        said["language"] = words.language or row.language
        before = {name: getattr(row, name) for name in said}
        record.changed(
            row,
            **said,
            folded=text.fold_for_search(f"{words.title} {words.market_size}")[:600],
            decision_from_id=decision_from_id,
        )
        obstacles.enter(row, ObstacleStep.REVISE, actor=actor)
        ledger.record(
            actor=actor.as_actor(),
            action=f"obstacle.{ObstacleStep.REVISE.value}",
            subject=obstacles.subject_of(row),
            content={"changed": sorted(name for name in said if before[name] != said[name])},
        )
    return row


def edit_meeting(
    actor: User,
    public_id: str,
    *,
    held_on: date,
    kind: MeetingKind,
    with_whom: str,
    subject: str,
    notes: str,
    version: int,
) -> StakeholderMeeting:
    """Correct what was written down about a meeting; what was promised in it is followed up apart.

    Raises:
        NotFound, NotPermitted: There is none, or not for this person.
        Conflict: Somebody changed it since ``version`` was read.
        InputError: Words are missing or too long, or the meeting lies ahead.
    """
    _check_meeting(with_whom, subject, notes, held_on)
    with transaction.atomic():
        seen = provinces.visible_meeting(organisations.authority_of(actor), public_id)
        record.require(actor, Permission.MANAGE_STAKEHOLDERS, seen.organisation.path)
        row = record.locked(
            StakeholderMeeting.objects.select_related("organisation"), seen.pk, version=version
        )
        values = {
            "held_on": held_on,
            "kind": kind,
            "with_whom": with_whom.strip(),
            "subject": subject.strip(),
            "notes": notes.strip(),
        }
        before = {name: getattr(row, name) for name in values}
        record.changed(row, **values)
        record.note(
            actor,
            "stakeholders.edit_meeting",
            Subject("stakeholder-meeting", row.public_id, row.subject[:200]),
            {"changed": sorted(name for name in values if before[name] != values[name])},
        )
    return row


def _check_meeting(with_whom: str, subject: str, notes: str, held_on: date) -> None:
    for field, value, limit in (
        ("with_whom", with_whom, rules.LONGEST_TITLE),
        ("subject", subject, rules.LONGEST_TITLE),
        ("notes", notes, _LONGEST_NOTES),
    ):
        check = wording.within if field == "notes" else wording.written
        check(value, field=field, limit=limit)
    if held_on > today():
        raise errors.InputError(gettext_noop("This day is still to come."), code="future", field="held_on")
