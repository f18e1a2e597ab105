"""Make the deliveries of a promulgated directive in the background: body by body, a part at a time, as often as it takes.

Each part is a transaction of its own with its tallies, so that what is there is always counted right; a maker that dies loses at most
one part, and whoever takes over makes only what is missing.
Source: S2.4 (cascade); issue "Programmes", point 12.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef

from mehvar.directives.queries import assignments
from mehvar.kernel import clock, events
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject
from mehvar.programmes.actions import deliveries
from mehvar.programmes.models import Delivery, DeliveryMaking, ProgrammeMeasure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mehvar.directives.models import AssignedBody

logger = logging.getLogger(__name__)

PART = 1_000
PROMULGATED = "promulgate"
QUEUED_EVENT = "programmes.deliveries-queued"
GRACE = timedelta(minutes=2)
"""A maker that gave no sign of life for so long is taken to be dead."""


def on_directive_advanced(*, directive_id: int, step: str, **_facts: object) -> None:
    """Ask for the deliveries of a directive as soon as it is promulgated (subscriber of ``directives.advanced``)."""
    if step == PROMULGATED:
        ask_for_deliveries(directive_id)


def ask_for_deliveries(directive_id: int) -> None:
    """Note that a directive's deliveries are to be made, and hand that to the workers."""
    _noted(directive_id)
    events.publish(QUEUED_EVENT, directive_id=directive_id)


def make_deliveries(directive_id: int) -> int:
    """Make a delivery for every lead assignment of a directive in force, a part at a time; give how many are new.

    Doing it again, or twice at once, makes only what is missing.
    """
    _noted(directive_id)
    whole = 0
    while new := _make_part(directive_id):
        whole += new
    return whole


def finish_making(directive_id: int) -> None:
    """Make at once what of a directive's deliveries is still missing, for whoever is about to ask about all of them."""
    if DeliveryMaking.objects.filter(directive_id=directive_id, finished_at=None).exists():
        make_deliveries(directive_id)


def resume_making() -> int:
    """Hand the workers every directive in force whose deliveries nobody is making; give how many."""
    unasked = assignments.directives_in_force().exclude(
        Exists(DeliveryMaking.objects.filter(directive_id=OuterRef("pk")))
    )
    stalled = DeliveryMaking.objects.filter(finished_at=None, touched_at__lt=clock.now() - GRACE)
    waiting = [*unasked.values_list("pk", flat=True), *stalled.values_list("directive_id", flat=True)]
    for directive_id in waiting:
        DeliveryMaking.objects.filter(directive_id=directive_id).update(touched_at=clock.now())
        ask_for_deliveries(directive_id)
    return len(waiting)


def _noted(directive_id: int) -> None:
    now = clock.now()
    DeliveryMaking.objects.get_or_create(
        directive_id=directive_id, defaults={"asked_at": now, "touched_at": now}
    )


def _make_part(directive_id: int) -> int:
    """Make the next part and give how many deliveries it holds; the last part, which is empty, ends the making."""
    with transaction.atomic():
        making = DeliveryMaking.objects.select_for_update().get(directive_id=directive_id)
        known = Delivery.objects.filter(assigned_id=OuterRef("pk"))
        leads = assignments.leads_of(directive_id).filter(~Exists(known))
        part = list(leads.order_by("organisation_id", "measure__position", "pk")[:PART])
        now = clock.now()
        if part:
            deliveries.keep(_built(directive_id, part))
            making.made, making.touched_at, making.finished_at = making.made + len(part), now, None
            making.save(update_fields=["made", "touched_at", "finished_at"])
        elif making.finished_at is None:
            _finish(making, now)
    return len(part)


def _built(directive_id: int, part: Sequence[AssignedBody]) -> list[Delivery]:
    programme_of = dict(
        ProgrammeMeasure.objects.filter(measure__directive_id=directive_id)
        .order_by("-pk")
        .values_list("measure_id", "programme_id")
    )
    return [deliveries.from_assignment(lead, programme_of.get(lead.measure_id)) for lead in part]


def _finish(making: DeliveryMaking, now: datetime) -> None:
    """Say in the record how much was made; a directive that gives nobody a task leaves none."""
    making.finished_at = making.touched_at = now
    making.save(update_fields=["finished_at", "touched_at"])
    if not making.made:
        return
    rows = Delivery.objects.filter(directive_id=making.directive_id)
    directive = making.directive
    ledger.record(
        actor=Actor.system("programmes"),
        action="directive.deliveries",
        subject=Subject("directive", directive.public_id, directive.title[:200]),
        content={
            "deliveries": making.made,
            "bodies": rows.order_by().values("organisation_id").distinct().count(),
        },
    )
