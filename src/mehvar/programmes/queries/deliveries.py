"""Read deliveries: their course, rating and place, and the lists that rest on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Sum, Value, When

from mehvar.directives.queries.days import today
from mehvar.programmes.data import DeliveryState, PlanState, Rating
from mehvar.programmes.models import Delivery, Milestone
from mehvar.programmes.rules import status as rules
from mehvar.programmes.rules.cells import Cell, Standing, cell_of

MILESTONE_FIELDS = (
    *(
        "id",
        "title",
        "due_on",
        "first_due_on",
        "done_on",
        "weight",
        "item_id",
        "item__text",
        "item__source_id",
    ),
    *("item__source__measure_id", "item__plan__public_id", "item__plan__organisation_id"),
)
UNDONE = (DeliveryState.OPEN, DeliveryState.CLAIMED)


def thresholds() -> rules.Thresholds:
    """Give the installation's thresholds (setting ``MEHVAR_STATUS_THRESHOLDS``: the fields that differ)."""
    return rules.Thresholds(**getattr(settings, "MEHVAR_STATUS_THRESHOLDS", {}))


def course_of(delivery: Delivery) -> rules.Course:
    """Give what a delivery's rating is computed from."""
    return rules.Course(
        state=delivery.state,
        starts_on=delivery.starts_on,
        due_on=delivery.due_on,
        done_on=delivery.done_on,
        approved=delivery.approved,
        silent=delivery.silent,
    )


def rating_of(delivery: Delivery, day: date | None = None) -> Rating:
    """Give the computed colour of a delivery on a day (today)."""
    return rules.rating(course_of(delivery), rules.Marks(delivery.amber_on, delivery.red_on), day or today())


def expected_of(delivery: Delivery, day: date | None = None) -> int | None:
    """Give the progress that a delivery should have reached on a day (today)."""
    return rules.expected_progress(delivery.starts_on, delivery.due_on, day or today())


def cell_of_delivery(delivery: Delivery, day: date | None = None) -> Cell | None:
    """Give the cell in which a delivery stands on a day (today)."""
    standing = Standing(delivery.state, delivery.due_on, delivery.done_on, delivery.silent)
    return cell_of(standing, day or today())


def rating_on(day: date) -> Case:
    """Build the expression of the computed colour on a day."""
    return Case(
        When(state=DeliveryState.DONE, then=Value(Rating.GREEN.value)),
        When(red_on__lte=day, then=Value(Rating.RED.value)),
        When(
            Q(state=DeliveryState.CLAIMED) | Q(silent=True) | Q(approved=None),
            then=Value(Rating.UNKNOWN.value),
        ),
        When(amber_on__lte=day, then=Value(Rating.AMBER.value)),
        default=Value(Rating.GREEN.value),
        output_field=CharField(),
    )


def with_rating(rows: QuerySet[Delivery], day: date | None = None) -> QuerySet[Delivery]:
    """Add to deliveries the computed colour (``computed``)."""
    return rows.annotate(computed=rating_on(day or today()))


def rated(rows: QuerySet[Delivery], colour: str, day: date) -> QuerySet[Delivery]:
    """Keep the deliveries of one computed colour; written so that indexes serve it.

    Only what is not done has marks, and only what has a verified figure an amber one (``rules.status.marks``). What is overdue is red, so
    that the amber list may begin at the day in the order of due dates.
    """
    if colour == Rating.RED:
        return rows.filter(red_on__lte=day)
    if colour == Rating.AMBER:
        return rows.filter(amber_on__lte=day, red_on__gt=day, due_on__gte=day)
    return rows.alias(colour_now=rating_on(day)).filter(colour_now=colour)


def red_list(rows: QuerySet[Delivery], day: date | None = None) -> QuerySet[Delivery]:
    """Keep what is computed red: overdue, or too far behind."""
    return rated(rows, Rating.RED, day or today())


def rosy_list(rows: QuerySet[Delivery], day: date | None = None) -> QuerySet[Delivery]:
    """Keep what its body calls green and the computation red, for the stocktake."""
    return red_list(rows, day).filter(self_rating=Rating.GREEN)


def silent_list(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Keep the open deliveries of which nothing was reported when it was asked."""
    return rows.filter(state=DeliveryState.OPEN, silent=True)


def roll_up(rows: QuerySet[Delivery], *, day: date | None = None) -> rules.RollUp:
    """Show the distribution of computed colours by importance, and the worst critical delivery; two queries.

    Critical is what weighs more than an ordinary measure (special projects and high priority).
    """
    on = day or today()
    counts, weights = dict.fromkeys(Rating, 0), dict.fromkeys(Rating, 0.0)
    counting = rows.exclude(state=DeliveryState.DISCONTINUED)
    grouped = (
        counting.annotate(computed=rating_on(on))
        .order_by()
        .values_list("computed")
        .annotate(n=Count("pk"), w=Sum("weight"))
    )
    for colour, number, weight in grouped:
        counts[Rating(colour)], weights[Rating(colour)] = number, weight
    whole = sum(weights.values()) or 1.0
    shares = {colour: weight / whole for colour, weight in weights.items()}
    return rules.RollUp(counts, shares, _worst(counting, on))


def _worst(rows: QuerySet[Delivery], day: date) -> rules.Part | None:
    """Give the heaviest red delivery, the one longest red first; without any, the heaviest amber one."""
    for colour in (Rating.RED, Rating.AMBER):
        found = rated(rows, colour, day).order_by("-weight", "red_on", "pk").first()
        if found is not None:
            gap = rules.gap(expected_of(found, day), found.approved or 0)
            return rules.Part(found.public_id, colour, found.weight, gap, critical=found.weight > 1)
    return None


def deliveries_of(rows: QuerySet[Delivery], organisation_id: int) -> QuerySet[Delivery]:
    """Keep one body's own deliveries that are not done, soonest due first."""
    return rows.filter(organisation_id=organisation_id, state__in=UNDONE).order_by(
        F("due_on").asc(nulls_last=True), "pk"
    )


def milestones_of(delivery: Delivery) -> list[Mapping[str, Any]]:
    """Give the milestones by which a body delivers, in the order of their days; one query."""
    return milestones_for([delivery])[delivery.pk]


def milestones_for(deliveries: Sequence[Delivery]) -> dict[int, list[Mapping[str, Any]]]:
    """Give each delivery's milestones from accepted plans: of its item, or of the items by which its body serves the measure; one query."""
    wanted = Q(item__in=[row.plan_item_id for row in deliveries if row.plan_item_id])
    wanted |= Q(item__source__measure__in=[row.measure_id for row in deliveries if row.measure_id])
    wanted |= Q(item__source__in=[row.programme_measure_id for row in deliveries if row.programme_measure_id])
    bodies = {row.organisation_id for row in deliveries}
    rows = Milestone.objects.filter(
        wanted, item__plan__state=PlanState.ACCEPTED, item__plan__organisation__in=bodies
    ).order_by("due_on", "item_id", "position")
    found = list(rows.values(*MILESTONE_FIELDS))
    return {delivery.pk: [row for row in found if _serves(row, delivery)] for delivery in deliveries}


def _serves(row: Mapping[str, Any], delivery: Delivery) -> bool:
    if row["item__plan__organisation_id"] != delivery.organisation_id:
        return False
    if delivery.plan_item_id is not None:
        return bool(row["item_id"] == delivery.plan_item_id)
    if delivery.measure_id is not None:
        return bool(row["item__source__measure_id"] == delivery.measure_id)
    return bool(row["item__source_id"] == delivery.programme_measure_id)


def open_bodies(rows: QuerySet[Delivery]) -> QuerySet[Delivery, Any]:
    """Give the keys of the bodies that have something open."""
    return rows.filter(state__in=UNDONE).order_by().values_list("organisation_id", flat=True).distinct()
