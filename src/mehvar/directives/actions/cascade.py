"""Let bodies acknowledge a promulgated directive, and remind those that have not.

Source: S2.2 (dissemination with acknowledgement of each body), S2.4 (cascade to provincial departments).
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.actions.lifecycle import subject_of
from mehvar.directives.models import Acknowledgement, Reminder
from mehvar.directives.rules.reminders import due_steps
from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

LONGEST_NOTE = 4000


def acknowledge(
    actor: "User", acknowledgement_id: int, *, disseminated: bool = False, note: str = ""
) -> Acknowledgement:
    """Confirm for a body that it received the directive; doing it again changes nothing.

    Raises:
        NotFound: There is no such request, or not for this person.
        InputError: The note is too long, or documents that must be disseminated are not.
    """
    with transaction.atomic():
        row = (
            Acknowledgement.objects.select_for_update(of=("self",))
            .select_related("directive", "organisation")
            .filter(pk=acknowledgement_id)
            .first()
        )
        authority = organisations.authority_of(actor)
        if row is None or not permissions.allows(
            authority, Permission.ACKNOWLEDGE_ASSIGNMENT, row.organisation.path
        ):
            raise errors.NotFound("There is no such request.", code="unknown-acknowledgement")
        if row.acknowledged_at is not None:
            return row
        _check(row, disseminated=disseminated, note=note)
        row.acknowledged_at, row.acknowledged_by = clock.now(), actor
        row.disseminated, row.note = disseminated, note.strip()
        row.save(update_fields=["acknowledged_at", "acknowledged_by", "disseminated", "note"])
        ledger.record(
            actor=actor.as_actor(),
            action="directive.acknowledged",
            subject=subject_of(row.directive),
            content={"organisation": row.organisation.code, "disseminated": disseminated},
            reason=row.note,
        )
    return row


def _check(row: Acknowledgement, *, disseminated: bool, note: str) -> None:
    if len(note) > LONGEST_NOTE:
        raise errors.InputError(
            "The note is longer than {limit} characters.", field="note", limit=LONGEST_NOTE
        )
    if not disseminated and row.directive.citations.filter(to_disseminate=True).exists():
        raise errors.InputError(
            "Confirm that the cited documents were disseminated in your body.",
            code="dissemination-required",
            field="disseminated",
        )


def send_reminders(today: date | None = None) -> int:
    """Remind every body whose acknowledgement is due or late, once per step; return how many reminders went.

    A step that passed while nothing ran is caught up by one reminder, the latest. Safe to run at any time, by
    several processes at once.
    """
    day = today or clock.today()
    waiting = (
        Acknowledgement.objects.filter(acknowledged_at__isnull=True, due_on__lte=day + timedelta(days=3))
        .select_related("directive")
        .prefetch_related("reminders")
    )
    return sum(_remind(row, day) for row in waiting)


def _remind(row: Acknowledgement, day: date) -> int:
    sent = {reminder.step for reminder in row.reminders.all()}
    steps = [step for step in due_steps(row.due_on, day) if step not in sent]
    if not steps:
        return 0
    with transaction.atomic():
        created = Reminder.objects.bulk_create(
            [Reminder(acknowledgement=row, step=step, sent_at=clock.now()) for step in steps],
            ignore_conflicts=True,
        )
        notifications.notify(
            _people_to_remind(row, steps),
            kind="acknowledgement-reminder",
            key=f"acknowledge-{row.pk}-{steps[-1]}",
            message=gettext_noop(
                "Directive {number} “{title}” still waits for your acknowledgement (due {due})."
            ),
            params={
                "number": row.directive.number,
                "title": row.directive.title[:160],
                "due": row.due_on.isoformat(),
            },
            path="/directives/inbox/",
        )
    return min(1, len(created))


def _people_to_remind(row: Acknowledgement, steps: Iterable[str]) -> set[int]:
    people = organisations.people_with(Permission.ACKNOWLEDGE_ASSIGNMENT, [row.organisation_id])
    if "escalated" in steps:
        issuer = row.directive.issuer_id
        people |= organisations.people_with(Permission.VIEW_COVERAGE, [issuer])
    return people
