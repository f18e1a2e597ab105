"""Judge delivery confidence: a person's view with its reason, kept apart from every computed figure.

Source: design page, "Status" (c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import deliveries as delivery_actions
from mehvar.programmes.actions.extensions import locked_delivery
from mehvar.programmes.actions.reports import subject_of
from mehvar.programmes.data import Rating
from mehvar.programmes.models import ConfidenceJudgement
from mehvar.programmes.queries import scope
from mehvar.programmes.rules import progress as rules

if TYPE_CHECKING:
    from mehvar.accounts.models import User

JUDGEMENTS = (Rating.GREEN, Rating.AMBER, Rating.RED)


def judge_confidence(
    actor: User, delivery_id: int, *, confidence: str, reason: str, version: int | None = None
) -> ConfidenceJudgement:
    """Say how sure a person is that a delivery will succeed, and why; earlier judgements stay.

    Raises:
        NotFound: There is no such delivery, or not for this person.
        NotPermitted: The person judges neither for the body that asks nor from above the body that delivers.
        InputError: No such judgement, or no reason.
        Conflict: Somebody changed the delivery meanwhile.
    """
    clean = rules.check_reason(reason)
    if confidence not in JUDGEMENTS:
        raise errors.InputError(
            gettext_noop("There is no such judgement."), code="bad-rating", field="confidence"
        )
    authority = organisations.authority_of(actor)
    with transaction.atomic():
        delivery = locked_delivery(delivery_id)
        if not scope.scope_of(authority).holds(delivery):
            raise errors.NotFound(gettext_noop("There is no such delivery."), code="unknown-delivery")
        if not scope.scope_of(authority, Permission.JUDGE_CONFIDENCE).holds(delivery):
            raise errors.NotPermitted(
                gettext_noop("Your role does not permit this here."), code="not-permitted"
            )
        if version is not None and version != delivery.version:
            raise errors.Conflict(
                gettext_noop("Somebody changed this delivery in the meantime. Look at the new state."),
                code="stale-delivery",
            )
        judgement = ConfidenceJudgement.objects.create(
            delivery=delivery, confidence=confidence, reason=clean, judged_by=actor, judged_at=clock.now()
        )
        delivery.confidence = confidence
        delivery_actions.store([delivery])
        ledger.record(
            actor=actor.as_actor(),
            action="delivery.judge",
            subject=subject_of(delivery),
            content={"confidence": confidence},
            reason=clean,
        )
    return judgement
