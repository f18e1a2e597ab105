"""Read where a directive stands: what its guards look at, its events, and what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from mehvar.directives.data import CouncilDecision
from mehvar.directives.models import (
    AgendaItem,
    ConsultationRound,
    Directive,
    Measure,
    Opinion,
    Provision,
    StatusEvent,
)
from mehvar.directives.rules.lifecycle import Situation
from mehvar.kernel.errors import NotFound, gettext_noop

if TYPE_CHECKING:
    from mehvar.directives.rules.lifecycle import Step


CONCLUDED = frozenset({CouncilDecision.PASSED, CouncilDecision.RETURNED})


def directive_by_public_id(public_id: str) -> Directive:
    """Give the directive of a public identifier, with its issuer.

    Raises:
        NotFound: There is none.
    """
    found = Directive.objects.select_related("issuer").filter(public_id=public_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such directive."), code="unknown-directive")
    return found


def unanswered_opinions(directive_id: int) -> QuerySet[Opinion]:
    """Give the opinions and proposals of every round that stand and have no answer yet."""
    return Opinion.objects.filter(
        invitation__round__directive_id=directive_id, answer="", withdrawn_at__isnull=True
    ).exclude(kind="no_comment")


def situation_of(directive_id: int) -> Situation:
    """Count what the guards of the life cycle look at; six queries."""
    rounds = list(
        ConsultationRound.objects.filter(directive_id=directive_id).values_list("closed_at", flat=True)
    )
    items = list(
        AgendaItem.objects.filter(directive_id=directive_id).values_list("session__state", "decision")
    )
    measures = Measure.objects.filter(directive_id=directive_id, removed_at__isnull=True)
    flags = list(measures.values_list("open_flags", flat=True))
    return Situation(
        measures=len(flags),
        provisions=Provision.objects.filter(directive_id=directive_id).count(),
        open_flags=sum(flags),
        open_rounds=sum(1 for closed_at in rounds if closed_at is None),
        rounds=len(rounds),
        unanswered=unanswered_opinions(directive_id).count(),
        council_conclusions=sum(
            1 for state, decision in items if state == "closed" and decision in CONCLUDED
        ),
        scheduled_sessions=sum(1 for state, _ in items if state in {"planned", "in_session"}),
    )


def events_of(directive_id: int) -> QuerySet[StatusEvent, Any]:
    """Give the steps of a directive's life, oldest first, with who took them."""
    return StatusEvent.objects.filter(directive_id=directive_id).values(
        "id", "action", "source", "target", "at", "reason", "content_hash", "actor__name"
    )


def last_event(directive_id: int, *steps: Step) -> StatusEvent | None:
    """Give the latest event of the directive, of these steps when any are named."""
    events = StatusEvent.objects.filter(directive_id=directive_id)
    if steps:
        events = events.filter(action__in=[step.value for step in steps])
    return events.order_by("at", "id").last()
