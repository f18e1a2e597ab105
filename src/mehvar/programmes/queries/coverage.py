"""Read how a call for plans stands: by body, and by province as a map.

Source: S1.1 (coverage map).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate

from mehvar.directives.rules import coverage as layout
from mehvar.organisations import queries as organisations
from mehvar.programmes.models import PlanCall, PlanItem
from mehvar.programmes.queries import plans

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

STATES = ("silent", "draft", "submitted", "returned", "accepted")


@dataclass(frozen=True, slots=True)
class ProvincePlan:
    """Hold how a province's plan stands: its place, its shown state (empty: not called), quality, and the plan's public id."""

    place: layout.Place
    state: str = ""
    quality: int | None = None
    plan_id: str = ""
    body_count: int = 0


def plans_of(call: PlanCall, authority: Authority) -> QuerySet[Any]:
    """Give the plans of a call within a person's scope, with what lists show (``shown_state``, ``late``, ``item_count``)."""
    items = PlanItem.objects.filter(plan=OuterRef("pk")).order_by().values("plan").annotate(n=Count("pk"))
    return (
        plans.visible_plans(authority)
        .filter(call=call)
        .annotate(
            shown_state=Case(
                When(state="draft", started_at=None, then=Value("silent")),
                default=F("state"),
                output_field=CharField(),
            ),
            item_count=Coalesce(Subquery(items.values("n"), output_field=IntegerField()), 0),
            submitted_day=TruncDate("submitted_at"),
        )
        .annotate(late=Case(When(submitted_day__gt=F("call__deadline_on"), then=Value(True)), default=None))
    )


def counts_of(rows: QuerySet[Any]) -> dict[str, int]:
    """Count plans by their shown state; one query."""
    found = dict(
        rows.order_by().values("shown_state").annotate(n=Count("pk")).values_list("shown_state", "n")
    )
    return {state: found.get(state, 0) for state in STATES}


def quality_of(rows: QuerySet[Any]) -> int | None:
    """Give the mean quality of the plans that were begun, None where none was."""
    values = [value for value in rows.values_list("quality", flat=True) if value is not None]
    return sum(values) // len(values) if values else None


def by_province(
    call: PlanCall, rows: QuerySet[Any], language: str, *, everything: bool
) -> list[ProvincePlan]:
    """Give each province with the plan that stands worst in it; without ``everything`` only provinces with a plan in scope."""
    places = places_of(call, language)
    found: dict[int, ProvincePlan] = {}
    values = rows.order_by().values_list("organisation__path", "shown_state", "quality", "public_id")
    for path, state, quality, public_id in values:
        place = layout.place_of(path, places)
        if place is not None:
            found[place.id] = _worse(found.get(place.id), ProvincePlan(place, state, quality, public_id, 1))
    return [
        found.get(place.id, ProvincePlan(place))
        for place in places.values()
        if everything or place.id in found
    ]


def _worse(known: ProvincePlan | None, other: ProvincePlan) -> ProvincePlan:
    if known is None:
        return other
    first, _second = sorted((known, other), key=lambda one: STATES.index(one.state))
    return ProvincePlan(
        first.place, first.state, first.quality, first.plan_id, known.body_count + other.body_count
    )


def places_of(call: PlanCall, language: str) -> Mapping[str, layout.Place]:
    """Give the provinces of the country of the programme's lead body, by tree path; two queries."""
    pack = organisations.pack_of_organisation(call.programme.organisation_id)
    rows = list(organisations.provinces(pack, on=call.opened_at.date()))
    prefix = layout.layout_of([row.attributes for row in rows])
    found = {}
    for row in rows:
        x, y = layout.square_of(row.attributes, prefix) or (None, None)
        found[row.path] = layout.Place(row.pk, row.path, row.code, organisations.name_in(row, language), x, y)
    return found


def calls_listed(authority: Authority, *, programme_public_id: str = "") -> QuerySet[Any]:
    """Give the visible calls with the counts within the person's scope (``called``, ``filed``, ``accepted``)."""
    mine = plans.visible_plans(authority).filter(call=OuterRef("pk")).order_by().values("call")

    def count(**wanted: Any) -> Coalesce:
        counted = mine.filter(**wanted).annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    rows = plans.visible_calls(authority)
    if programme_public_id:
        rows = rows.filter(programme__public_id=programme_public_id)
    return rows.annotate(
        called=count(),
        filed=count(state__in=("submitted", "returned", "accepted")),
        accepted=count(state="accepted"),
    )


def of_programme(authority: Authority, programme_id: int) -> list[dict[str, Any]]:
    """Give the calls of a programme with their counts, newest first."""
    rows = calls_listed(authority).filter(programme_id=programme_id).order_by("-opened_at")
    return list(rows.values("public_id", "title", "deadline_on", "closed_at", "called", "filed", "accepted"))


def accepted_by_province(authority: Authority, programme_ids: Iterable[int]) -> dict[str, int]:
    """Count accepted plans by the body's code over some programmes, for reports of other parts of the room."""
    rows = plans.visible_plans(authority).filter(
        Q(call__programme_id__in=list(programme_ids)), state="accepted"
    )
    return dict(
        rows.order_by()
        .values("organisation__code")
        .annotate(n=Count("pk"))
        .values_list("organisation__code", "n")
    )
