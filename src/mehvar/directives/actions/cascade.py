"""Let bodies acknowledge a promulgated directive, and remind those that have not.

Source: S2.2 (dissemination with acknowledgement of each body), S2.4 (cascade to provincial departments).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.actions.lifecycle import subject_of
from mehvar.directives.models import Acknowledgement, Directive, Reminder
from mehvar.directives.queries import cascade as queries
from mehvar.directives.queries import days
from mehvar.directives.rules import reminders as rules
from mehvar.directives.rules.cascade import IN_FORCE
from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from mehvar.accounts.models import User

LONGEST_NOTE = 4000
MOST_AT_ONCE = 500
INBOX = "/directives/inbox/"

Unsent = Mapping[int, tuple[str, ...]]
"""The steps that are to be sent, by acknowledgement."""


def acknowledge(
    actor: "User", acknowledgement_id: int, *, disseminated: bool = False, note: str = ""
) -> Acknowledgement:
    """Confirm for a body that it received the directive; doing it again changes nothing.

    Who acts for a body that was succeeded may do it too; the original assignment stays as it is.

    Raises:
        NotFound: There is no such request, or not for this person.
        InputError: The note is too long, or documents that must be disseminated are not.
        Conflict: The directive is not in force any more.
    """
    return acknowledge_many(actor, [acknowledgement_id], disseminated=disseminated, note=note)[0]


def acknowledge_many(
    actor: "User", acknowledgement_ids: Sequence[int], *, disseminated: bool = False, note: str = ""
) -> list[Acknowledgement]:
    """Confirm for several bodies at once, all or none; one entry on record for each.

    Raises:
        NotFound, InputError, Conflict: As for ``acknowledge``.
    """
    wanted = sorted(set(acknowledgement_ids))[:MOST_AT_ONCE]
    if not wanted:
        raise errors.InputError(
            gettext_noop("Choose what you acknowledge."), code="nothing-chosen", field="chosen"
        )
    with transaction.atomic():
        allowed = queries.answerable_by(organisations.authority_of(actor)).filter(pk__in=wanted)
        rows = list(_locked(allowed))
        if len(rows) != len(wanted):
            raise errors.NotFound(gettext_noop("There is no such request."), code="unknown-acknowledgement")
        waiting = [row for row in rows if row.acknowledged_at is None]
        _check(waiting, disseminated=disseminated, note=note)
        for row in waiting:
            _acknowledge(actor, row, disseminated=disseminated, note=note.strip())
        for row in waiting:
            _record(actor, row)
    return rows


def _locked(rows: "QuerySet[Acknowledgement]") -> "QuerySet[Acknowledgement]":
    return rows.select_for_update(of=("self",)).select_related("directive", "organisation").order_by("pk")


def _check(rows: Sequence[Acknowledgement], *, disseminated: bool, note: str) -> None:
    if len(note) > LONGEST_NOTE:
        raise errors.InputError(
            gettext_noop("The note is longer than {limit} characters."), field="note", limit=LONGEST_NOTE
        )
    if any(row.directive.state not in IN_FORCE for row in rows):
        raise errors.Conflict(
            gettext_noop("The directive is not in force any more; nothing is left to acknowledge."),
            code="not-in-force",
        )
    if not disseminated and queries.is_dissemination_asked({row.directive_id for row in rows}):
        raise errors.InputError(
            gettext_noop("Confirm that the cited documents were disseminated in your body."),
            code="dissemination-required",
            field="disseminated",
        )


def _acknowledge(actor: "User", row: Acknowledgement, *, disseminated: bool, note: str) -> None:
    row.acknowledged_at, row.acknowledged_by = clock.now(), actor
    row.disseminated, row.note = disseminated, note
    row.save(update_fields=["acknowledged_at", "acknowledged_by", "disseminated", "note"])


def _record(actor: "User", row: Acknowledgement) -> None:
    ledger.record(
        actor=actor.as_actor(),
        action="directive.acknowledged",
        subject=subject_of(row.directive),
        content={"organisation": row.organisation.code, "disseminated": row.disseminated},
        reason=row.note,
    )


def remind_now(actor: "User", directive_id: int, *, acknowledgement_ids: Iterable[int] | None = None) -> int:
    """Remind bodies of a directive that have not acknowledged yet; return how many, once a day for each.

    Without ``acknowledgement_ids`` all that wait within the person's scope are reminded.

    Raises:
        NotFound: There is no such promulgated directive.
        NotPermitted: The person sees no coverage at all.
    """
    directive = queries.promulgated_directive(directive_id)
    authority = organisations.authority_of(actor)
    permissions.require(authority, Permission.VIEW_COVERAGE)
    day = days.today()
    with transaction.atomic():
        scope = queries.covered(directive, authority).filter(
            acknowledged_at__isnull=True, directive__state__in=IN_FORCE
        )
        if acknowledgement_ids is not None:
            scope = scope.filter(pk__in=list(acknowledgement_ids))
        rows = list(_locked(scope))
        step = f"by-hand-{day.isoformat()}"
        return _remind(directive, rows, {row.pk: (step,) for row in rows}, actor.as_actor())


def send_reminders(today: date | None = None) -> int:
    """Remind every body whose acknowledgement is due or late, once per step; return how many bodies were reminded.

    A step that passed while nothing ran is caught up by one reminder, the latest. Safe to run at any time, by
    several processes at once: each directive is worked on under a lock.
    """
    day = today or days.today()
    directive_ids = _due(day).order_by("directive_id").values_list("directive_id", flat=True).distinct()
    return sum(_send_for(directive_id, day) for directive_id in list(directive_ids))


def _due(day: date) -> "QuerySet[Acknowledgement]":
    return Acknowledgement.objects.filter(
        acknowledged_at__isnull=True,
        due_on__lte=day + timedelta(days=rules.EARLIEST),
        directive__state__in=IN_FORCE,
    )


def _send_for(directive_id: int, day: date) -> int:
    with transaction.atomic():
        rows = list(_locked(_due(day).filter(directive_id=directive_id)))
        if not rows:
            return 0
        sent = _sent_steps(rows)
        steps = {row.pk: rules.unsent_steps(row.due_on, day, sent[row.pk]) for row in rows}
        unsent = {key: found for key, found in steps.items() if found}
        if not unsent:
            return 0
        waiting = [row for row in rows if row.pk in unsent]
        reminded = _remind(rows[0].directive, waiting, unsent, Actor.system("reminders"))
        _escalate(rows[0].directive, [row for row in waiting if rules.ESCALATED in unsent[row.pk]], day)
        return reminded


def _sent_steps(rows: Sequence[Acknowledgement]) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    sent = Reminder.objects.filter(acknowledgement__in=rows).values_list("acknowledgement_id", "step")
    for key, step in sent:
        found[key].add(step)
    return found


def _remind(directive: Directive, rows: Sequence[Acknowledgement], unsent: Unsent, actor: Actor) -> int:
    """Write the reminders down, tell the people, and record it; who had this step already is left out."""
    sent = _sent_steps(rows)
    fresh = [row for row in rows if not sent[row.pk].issuperset(unsent[row.pk])]
    now = clock.now()
    Reminder.objects.bulk_create(
        [
            Reminder(acknowledgement=row, step=step, sent_at=now)
            for row in fresh
            for step in unsent[row.pk]
            if step not in sent[row.pk]
        ]
    )
    for step, alike in groupby(
        sorted(fresh, key=lambda row: unsent[row.pk][-1]), lambda row: unsent[row.pk][-1]
    ):
        _tell(directive, list(alike), step)
    if fresh:
        codes = sorted(row.organisation.code for row in fresh)
        ledger.record(
            actor=actor,
            action="directive.reminded",
            subject=subject_of(directive),
            content={"bodies": codes, "steps": sorted({unsent[row.pk][-1] for row in fresh})},
        )
    return len(fresh)


def _tell(directive: Directive, rows: Sequence[Acknowledgement], step: str) -> None:
    for due_on, alike in groupby(sorted(rows, key=lambda row: row.due_on), lambda row: row.due_on):
        notifications.notify(
            acting_for(row.organisation_id for row in alike),
            kind="acknowledgement-reminder",
            key=f"acknowledge-{directive.public_id}-{due_on.isoformat()}-{step}",
            message=gettext_noop(
                "Directive {number} “{title}” still waits for your acknowledgement (due {due})."
            ),
            params={"number": directive.number, "title": directive.title[:160], "due": due_on.isoformat()},
            path=INBOX,
        )


def _escalate(directive: Directive, rows: Sequence[Acknowledgement], day: date) -> None:
    """Tell those who watch over the issuer's directives that bodies keep silent."""
    if not rows:
        return
    notifications.notify(
        organisations.people_with(Permission.VIEW_COVERAGE, [directive.issuer_id]),
        kind="acknowledgement-escalated",
        key=f"silence-{directive.public_id}-{day.isoformat()}",
        message=gettext_noop(
            "{count} bodies have not acknowledged directive {number} “{title}” days after the deadline."
        ),
        params={"count": len(rows), "number": directive.number, "title": directive.title[:160]},
        path=f"/directives/{directive.public_id}/coverage/",
    )


def acting_for(organisation_ids: Iterable[int]) -> set[int]:
    """Give the people who acknowledge for bodies, or for those that came after them: the nearest in the tree."""
    bodies = set(organisation_ids)
    after = organisations.heirs_on(days.today())
    everyone = bodies.union(*(after.get(body, frozenset()) for body in bodies))
    return organisations.nearest_people(Permission.ACKNOWLEDGE_ASSIGNMENT, everyone)
