"""Make deliveries: one for each body that leads a measure, and for own measures and accepted plan items.

Source: S2.4 (cascade), design page, "Model".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from mehvar.directives.data import Priority
from mehvar.directives.queries.days import today
from mehvar.kernel import identifiers, text
from mehvar.programmes.actions import tallies, texts
from mehvar.programmes.data import DeliveryState, PlanState
from mehvar.programmes.models import Delivery, PlanItem, Programme, ProgrammeMeasure
from mehvar.programmes.queries import deliveries as queries
from mehvar.programmes.rules import status as rules
from mehvar.programmes.rules.deadlines import resolved_due

if TYPE_CHECKING:
    from mehvar.directives.models import AssignedBody

LONGEST_TEXT = 1000
BATCH = 500
SPECIAL_WEIGHT, HIGH_WEIGHT = 3.0, 2.0


def from_assignment(lead: AssignedBody, programme_id: int | None) -> Delivery:
    """Build the delivery of a lead assignment; field, weight and dates are its measure's, a relative deadline becomes a day."""
    measure, directive = lead.measure, lead.directive
    promulgated_on = directive.effective_on or (
        directive.promulgated_at.date() if directive.promulgated_at else None
    )
    due_on = resolved_due(
        end=measure.due_end,
        duration=measure.due_duration,
        anchor=measure.due_anchor,
        anchored_on=promulgated_on,
        calendar=measure.due_calendar,
    )
    return new_delivery(
        assigned_id=lead.pk,
        issuer_id=directive.issuer_id,
        organisation_id=lead.organisation_id,
        measure_id=measure.pk,
        directive_id=directive.pk,
        programme_id=programme_id,
        field_name=measure.field.name if measure.field else "",
        text=measure.text,
        weight=SPECIAL_WEIGHT
        if measure.special_project
        else (HIGH_WEIGHT if measure.priority == Priority.HIGH else 1.0),
        starts_on=measure.due_start if measure.due_start and measure.due_kind == "range" else promulgated_on,
        due_on=due_on,
        first_due_on=measure.due_first_end or due_on,
        recurring=measure.due_kind.startswith("recurring"),
    )


def new_delivery(**facts: Any) -> Delivery:
    """Build a delivery, not yet stored: text clipped, first date kept, marks computed."""
    written = text.display_form(str(facts.pop("text")))[:LONGEST_TEXT]
    facts.setdefault("starts_on", today())
    facts.setdefault("first_due_on", facts.get("due_on"))
    delivery = Delivery(
        public_id=identifiers.new_public_id(),
        text=written,
        **facts,
    )
    set_marks(delivery)
    return delivery


def keep(made: Sequence[Delivery]) -> None:
    """Store new deliveries with their searched texts and tallies, in the caller's transaction."""
    texts.attach_texts(made)
    Delivery.objects.bulk_create(made, batch_size=BATCH)
    tallies.recount(made)


def deliver_own_measures(programme_id: int) -> int:
    """Make deliveries for a programme's own measures (without directive) that name a body; give how many are new."""
    rows = ProgrammeMeasure.objects.filter(
        programme_id=programme_id, measure=None, organisation__isnull=False, deliveries=None
    ).select_related("programme", "objective")
    with transaction.atomic():
        made = [_from_own_measure(row) for row in rows]
        if made:
            keep(made)
    return len(made)


def _from_own_measure(row: ProgrammeMeasure) -> Delivery:
    return new_delivery(
        programme_measure_id=row.pk,
        issuer_id=row.programme.organisation_id,
        organisation_id=row.organisation_id,
        programme_id=row.programme_id,
        field_name=row.objective.field if row.objective else "",
        text=row.text,
        weight=row.weight,
        starts_on=row.programme.starts_on or today(),
        due_on=row.due_on,
        first_due_on=row.first_due_on or row.due_on,
    )


def deliver_plan(plan_id: int) -> int:
    """Make deliveries for the items of an accepted plan; give how many are new.

    An item that serves a measure which the same body already delivers makes none: its milestones count for that delivery.
    """
    rows = (
        PlanItem.objects.filter(plan_id=plan_id, plan__state=PlanState.ACCEPTED, delivery=None)
        .select_related("plan__call__programme", "source__objective", "source__measure__field")
        .filter(~Exists(_same_measure()))
    )
    with transaction.atomic():
        made = [_from_plan_item(row) for row in rows]
        if made:
            keep(made)
    return len(made)


def _same_measure() -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        organisation_id=OuterRef("plan__organisation_id"), measure_id=OuterRef("source__measure_id")
    )


def _from_plan_item(row: PlanItem) -> Delivery:
    programme = row.plan.call.programme
    return new_delivery(
        plan_item_id=row.pk,
        issuer_id=programme.organisation_id,
        organisation_id=row.plan.organisation_id,
        programme_id=programme.pk,
        field_name=_field_of(row.source),
        text=row.text,
        weight=row.weight,
        starts_on=row.starts_on or today(),
        due_on=row.due_on,
        first_due_on=row.first_due_on or row.due_on,
    )


def _field_of(source: ProgrammeMeasure | None) -> str:
    if source is None:
        return ""
    if source.measure is not None and source.measure.field is not None:
        return source.measure.field.name
    return source.objective.field if source.objective else ""


def attach_to_programme(programme: Programme) -> int:
    """Let the deliveries of a programme's gathered measures count for it; give how many were attached."""
    gathered = ProgrammeMeasure.objects.filter(programme=programme, measure__isnull=False).values(
        "measure_id"
    )
    return (
        Delivery.objects.filter(measure_id__in=gathered)
        .exclude(programme=programme)
        .update(programme=programme)
    )


def discontinue(delivery_ids: Iterable[int]) -> int:
    """Take deliveries out of the count because nobody asks for them any more; runs in the caller's transaction."""
    rows = list(
        Delivery.objects.select_for_update().filter(pk__in=list(delivery_ids), state=DeliveryState.OPEN)
    )
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=DeliveryState.DISCONTINUED, amber_on=None, red_on=None
    )
    tallies.recount(rows)
    return len(rows)


def set_marks(delivery: Delivery) -> None:
    """Write on a delivery, not yet saved, the days on which it turns amber and red."""
    found = rules.marks(queries.course_of(delivery), queries.thresholds())
    delivery.amber_on, delivery.red_on = found.amber_on, found.red_on


CHANGING = (
    "state", "due_on", "claimed", "accepted", "approved", "self_rating", "confidence", "reported_on", "silent",
    "done_on", "verified_at", "amber_on", "red_on", "version",
)  # fmt: skip


def store(changed: Sequence[Delivery]) -> None:
    """Save changed deliveries with new marks and tallies, in the caller's transaction."""
    for delivery in changed:
        set_marks(delivery)
        delivery.version += 1
    Delivery.objects.bulk_update(changed, CHANGING, batch_size=BATCH)
    tallies.recount(changed)
