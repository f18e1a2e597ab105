"""Say how deliveries stood at the end of a day that has passed, from what was decided, reported and verified.

A day that has not passed is today: then the deliveries' own columns speak. For an earlier day the date is the last one granted by then;
what was completed later was not done yet; progress and silence are those of the reports on periods that had ended by then, whenever they
were reviewed. Source: S4.3; issue "programmes", point 9.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import InputError
from mehvar.kernel.periods import Period
from mehvar.programmes.data import DeliveryState
from mehvar.programmes.models import Delivery, ExtensionRequest, ProgressReport, ReportingRound
from mehvar.programmes.queries.cells import cell_on
from mehvar.programmes.rules.cells import Cell


def as_of(rows: QuerySet[Delivery], day: date) -> QuerySet[Any]:
    """Add how each delivery stood at the end of a day: ``due_then``, ``approved_then``, ``silent_then``, ``cell_then``."""
    on = today()
    if day >= on:
        return rows.annotate(
            due_then=F("due_on"), approved_then=F("approved"), silent_then=F("silent"), cell_then=cell_on(on)
        )
    latest, known = rounds_until(day)
    given = ProgressReport.objects.filter(delivery=OuterRef("pk"), submitted_at__isnull=False)
    approved = given.filter(round_id__in=known, approved__isnull=False).order_by("-round__opens_on", "-pk")
    rows = rows.annotate(
        due_then=Coalesce(Subquery(_granted(day)), F("first_due_on"), F("due_on")),
        approved_then=Subquery(approved.values("approved")[:1]),
        silent_then=~Exists(given.filter(round_id__in=latest)),
    )
    return rows.annotate(cell_then=_cell(day))


def _granted(day: date) -> QuerySet[Any, Any]:
    """Give the date that was granted last until a day."""
    rows = ExtensionRequest.objects.filter(
        delivery=OuterRef("pk"), granted=True, decided_at__date__lte=day
    ).order_by("-decided_at", "-pk")
    return rows.values("asked_due_on")[:1]


def _cell(day: date) -> Case:
    """Build the cell of a past day; what was due on that day and was not done is overdue, since the day is over."""
    finished = Q(state=DeliveryState.DONE) & (Q(done_on=None) | Q(done_on__lte=day))
    claimed = Q(state=DeliveryState.CLAIMED, done_on__lte=day) & Q(done_on__lte=F("due_then"))
    return Case(
        When(finished & Q(done_on__gt=F("due_then")), then=Value(Cell.DONE_LATE.value)),
        When(finished, then=Value(Cell.DONE_ON_TIME.value)),
        When(state=DeliveryState.DISCONTINUED, then=Value("")),
        When(Q(due_then__lte=day) & ~claimed, then=Value(Cell.OPEN_OVERDUE.value)),
        When(silent_then=True, then=Value(Cell.MISSING.value)),
        default=Value(Cell.OPEN_IN_TIME.value),
        output_field=CharField(),
    )


def rounds_until(day: date) -> tuple[list[int], list[int]]:
    """Give the rounds on periods that had ended by a day: of each directive or programme the last one, and all of them."""
    rows = ReportingRound.objects.values_list("pk", "directive_id", "programme_id", "period")
    ended = [(end, pk, about) for pk, *about, period in rows if (end := _end(period)) and end <= day]
    last: dict[tuple[Any, ...], tuple[date, int]] = {}
    for end, pk, about in sorted(ended):
        last[tuple(about)] = (end, pk)
    return [pk for _end_day, pk in last.values()], [pk for _end_day, pk, _about in ended]


def _end(written: str) -> date | None:
    try:
        return Period.parse(written).end
    except InputError:
        return None
