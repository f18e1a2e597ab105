"""Revise a directive after what was said on it, and send it round again or on to the minister.

Source: S0.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.directives.actions import lifecycle
from mehvar.directives.models import DirectiveVersion, StatusEvent
from mehvar.directives.rules import lifecycle as rules
from mehvar.directives.rules.lifecycle import Step
from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop
from mehvar.ledger import actions as ledger
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def start_revision(
    actor: User, directive_id: int, *, reason: str = "", version: int | None = None
) -> StatusEvent:
    """Take the text back from a closed, fully answered consultation to revise it.

    Raises:
        TransitionNotAllowed: The round is open, or something is unanswered.
    """
    return lifecycle.advance(actor, directive_id, Step.START_REVISION, reason=reason, version=version)


def submit_for_approval(
    actor: User, directive_id: int, *, note: str = "", version: int | None = None
) -> StatusEvent:
    """Freeze the revised text and put it before the minister.

    Raises:
        TransitionNotAllowed: No council has dealt with the directive, or something is unanswered.
    """
    return lifecycle.advance(actor, directive_id, Step.SUBMIT_FOR_APPROVAL, note=note, version=version)


def recall(actor: User, directive_id: int, *, reason: str, version: int | None = None) -> StatusEvent:
    """Take a directive back from the minister's desk, with a reason.

    Raises:
        InputError: No reason is given.
    """
    return lifecycle.advance(actor, directive_id, Step.RECALL, reason=reason, version=version)


def keep_edition(
    actor: User, directive_id: int, *, note: str, version: int | None = None
) -> DirectiveVersion:
    """Freeze the present text as an edition of its own while it is being drafted or revised.

    Raises:
        NotPermitted: The person may not draft for the issuer.
        Conflict: The text is not open for editing, nothing has changed since the last edition, or somebody changed
            the directive meanwhile.
    """
    with transaction.atomic():
        directive = lifecycle.locked_directive(directive_id, version=version)
        lifecycle.require_permission(actor, Permission.DRAFT_DIRECTIVE, directive)
        if not rules.is_editable(directive.state):
            raise errors.Conflict(
                gettext_noop("The text cannot be changed in this state."), code="text-frozen"
            )
        last = lifecycle.latest_edition(directive)
        edition = lifecycle.freeze_edition(actor, directive, note=note)
        if last is not None and edition.pk == last.pk:
            raise errors.Conflict(
                gettext_noop("Nothing has changed since the last edition."), code="edition-unchanged"
            )
        ledger.record(
            actor=actor.as_actor(),
            action="directive.keep_edition",
            subject=lifecycle.subject_of(directive),
            content={"edition": edition.number, "content_hash": edition.content_hash},
            reason=note.strip(),
        )
    return edition
