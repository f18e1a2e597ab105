"""Let the minister approve a directive, or return it with a reason.

Source: S0.9; issue "the house", point 11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.directives.actions import lifecycle
from mehvar.directives.models import StatusEvent
from mehvar.directives.queries import content as contents
from mehvar.directives.rules.lifecycle import Step
from mehvar.kernel import errors, identifiers
from mehvar.kernel.errors import gettext_noop

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def approve(
    actor: User,
    directive_id: int,
    *,
    content_hash: str,
    reason: str = "",
    version: int | None = None,
) -> StatusEvent:
    """Approve exactly the text that was read, named by the hash of its edition.

    Raises:
        NotPermitted: The person may not approve directives of the issuer.
        TransitionNotAllowed: The directive does not wait for approval, or something is unanswered.
        Conflict: The text is not the one that was read.
    """
    with transaction.atomic():
        directive = lifecycle.locked_directive(directive_id, version=version)
        if identifiers.content_hash(contents.content_of(directive_id)) != content_hash:
            raise errors.Conflict(
                gettext_noop(
                    "The text is no longer the one that you have read. Read it again before you approve."
                ),
                code="text-changed",
            )
        return lifecycle.advance(
            actor, directive.pk, Step.APPROVE, reason=reason, facts={"approved_hash": content_hash}
        )


def return_to_revision(
    actor: User, directive_id: int, *, reason: str, version: int | None = None
) -> StatusEvent:
    """Return a directive to its drafters with a reason.

    Raises:
        InputError: No reason is given.
        NotPermitted: The person may not approve directives of the issuer.
    """
    return lifecycle.advance(actor, directive_id, Step.RETURN, reason=reason, version=version)
