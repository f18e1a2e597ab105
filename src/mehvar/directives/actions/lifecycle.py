"""Move a directive one step on: permission, guards, edition, event, ledger entry, notices.

Every action that changes a directive's state goes through ``advance``.
Source: S0.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.data import DirectiveState
from mehvar.directives.models import Directive, DirectiveVersion, Opinion, StatusEvent
from mehvar.directives.queries import content as contents
from mehvar.directives.queries import lifecycle as queries
from mehvar.directives.rules import lifecycle as rules
from mehvar.directives.rules.lifecycle import Step
from mehvar.kernel import clock, errors, events, identifiers
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.organisations.rules.permissions import Permission

WAITS_FOR_YOU = {
    "council": gettext_noop("“{title}” waits to be put on a council's agenda."),
    "revision": gettext_noop("“{title}” came back to be revised."),
    "awaiting_approval": gettext_noop("“{title}” waits for your approval."),
    "approved": gettext_noop("“{title}” is approved and waits to be promulgated."),
}


def locked_directive(directive_id: int, *, version: int | None = None) -> Directive:
    """Give the directive with its issuer, locked until the transaction ends.

    Raises:
        NotFound: There is no such directive.
        Conflict: ``version`` is given and somebody has changed the directive since.
    """
    found = (
        Directive.objects.select_for_update(of=("self",))
        .select_related("issuer")
        .filter(pk=directive_id)
        .first()
    )
    if found is None:
        raise errors.NotFound(gettext_noop("There is no such directive."), code="unknown-directive")
    if version is not None and version != found.version:
        raise errors.Conflict(
            gettext_noop(
                "Somebody changed the directive in the meantime. Look at the new state and try again."
            ),
            code="stale-directive",
        )
    return found


def require_permission(actor: User, permission: Permission, directive: Directive) -> None:
    """Refuse an act that no role of the person permits over the directive's issuer.

    Raises:
        NotPermitted: No role permits it.
    """
    permissions.require(organisations.authority_of(actor), permission, directive.issuer.path)


def subject_of(directive: Directive) -> Subject:
    """Name the directive as the ledger's subject."""
    return Subject("directive", directive.public_id, directive.title[:200])


def page_of(directive: Directive) -> str:
    """Give the address of the directive's page, for notices."""
    return f"/directives/{directive.public_id}/"


def advance(
    actor: User,
    directive_id: int,
    step: Step,
    *,
    reason: str = "",
    note: str = "",
    version: int | None = None,
    facts: Mapping[str, Any] | None = None,
    public: bool = False,
) -> StatusEvent:
    """Take one step of the directive's life and return the event.

    A step that puts the text before others freezes it as a new edition when it differs from the last one; ``note``
    says what changed and why. ``facts`` are recorded in the ledger beside the state and the content's hash.

    Raises:
        NotPermitted: The person's roles do not permit the step.
        TransitionNotAllowed: The life cycle has no such step here, or something hinders it.
        InputError: The step needs a reason.
        Conflict: Somebody changed the directive in the meantime.
    """
    with transaction.atomic():
        directive = locked_directive(directive_id, version=version)
        require_permission(actor, rules.PERMISSION_FOR[step], directive)
        target = rules.check(step, directive.state, queries.situation_of(directive_id), reason=reason)
        edition = (
            freeze_edition(actor, directive, note=note)
            if step in rules.FREEZES
            else latest_edition(directive)
        )
        content_hash = (
            edition.content_hash if edition else identifiers.content_hash(contents.content_of(directive_id))
        )
        event = _moved(actor, directive, step, target, reason=reason.strip(), content_hash=content_hash)
        ledger.record(
            actor=actor.as_actor(),
            action=f"directive.{step.value}",
            subject=subject_of(directive),
            content={
                "from": event.source,
                "to": event.target,
                "edition": edition.number if edition else 0,
                "content_hash": content_hash,
                **(facts or {}),
            },
            reason=reason.strip(),
            public=public,
        )
        _tell_the_next(directive, event)
        transaction.on_commit(
            partial(
                events.publish,
                "directives.advanced",
                directive_id=directive_id,
                public_id=directive.public_id,
                step=step.value,
                state=target.value,
            )
        )
    return event


def freeze_edition(actor: User | None, directive: Directive, *, note: str = "") -> DirectiveVersion:
    """Keep the present text as the next edition, or give the last one when nothing has changed since.

    Runs in the caller's transaction, with the directive locked.
    """
    content = contents.content_of(directive.pk)
    digest = identifiers.content_hash(content)
    last = latest_edition(directive)
    if last is not None and last.content_hash == digest:
        return last
    edition = DirectiveVersion.objects.create(
        directive=directive,
        number=last.number + 1 if last else 1,
        content=content,
        content_hash=digest,
        note=note[:600],
        created_by=actor,
        created_at=clock.now(),
    )
    Directive.objects.filter(pk=directive.pk).update(edition=edition.number)
    Opinion.objects.filter(
        invitation__round__directive_id=directive.pk, applied_at__isnull=False, applied_edition__isnull=True
    ).update(applied_edition=edition.number)
    directive.edition = edition.number
    return edition


def latest_edition(directive: Directive) -> DirectiveVersion | None:
    """Give the last frozen edition of the directive, if there is one."""
    return directive.editions.order_by("number").last()


def _moved(
    actor: User, directive: Directive, step: Step, target: str, *, reason: str, content_hash: str
) -> StatusEvent:
    """Write the new state and the event of the step."""
    source, now = directive.state, clock.now()
    changed = Directive.objects.filter(pk=directive.pk, state=source, version=directive.version).update(
        state=target, version=F("version") + 1, changed_at=now
    )
    if not changed:
        raise errors.Conflict(
            gettext_noop(
                "Somebody changed the directive in the meantime. Look at the new state and try again."
            ),
            code="stale-directive",
        )
    return StatusEvent.objects.create(
        directive=directive,
        action=step.value,
        source=source,
        target=target,
        at=now,
        actor=actor,
        reason=reason,
        content_hash=content_hash,
    )


def _tell_the_next(directive: Directive, event: StatusEvent) -> None:
    """Notify whom the directive now waits for, except the one who moved it."""
    message = WAITS_FOR_YOU.get(event.target)
    if message is None:
        return
    permission = rules.NEXT_TO_ACT[DirectiveState(event.target)]
    people = [
        person
        for person in organisations.holders_of(permission, directive.issuer.path)
        if person != event.actor_id
    ]
    notifications.notify(
        people,
        kind=f"directive-{event.target}",
        key=f"directive-{directive.pk}-event-{event.pk}",
        message=message,
        params={"title": directive.title[:160]},
        path=page_of(directive),
    )
