"""Read templates, and what a programme has really experienced.

Source: S1.8.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from django.db.models import Max, Q, QuerySet

from mehvar.kernel.errors import NotFound
from mehvar.programmes.models import (
    Delivery,
    Dependency,
    Obstacle,
    PlanItem,
    Programme,
    ProgrammeMeasure,
    ProgrammeTemplate,
)
from mehvar.programmes.queries import programmes
from mehvar.programmes.rules.templates import DoneItem, Experience, Hurdle, measured_steps

LONGEST_WORDS = 2000


def templates() -> QuerySet[ProgrammeTemplate]:
    """Give all templates, the newest first."""
    return ProgrammeTemplate.objects.select_related("source").order_by("-created_at", "-pk")


def template(public_id: str) -> ProgrammeTemplate:
    """Give one template.

    Raises:
        NotFound: There is none.
    """
    found = templates().filter(public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such template.", code="unknown-template")
    return found


def experience_of(programme: Programme) -> Experience:
    """Measure what a programme went through: steps from the real days of plans and own measures, obstacles with their remedies."""
    began_on = programme.starts_on or programme.created_at.date()
    items = [*_plan_items(programme), *_own_measures(programme)]
    indicators = tuple(dict.fromkeys(item.indicator for item in items if item.indicator))[:50]
    return Experience(measured_steps(items, began_on), tuple(_hurdles(programme)), indicators)


def _plan_items(programme: Programme) -> list[DoneItem]:
    """Give the items of accepted plans; those that serve one measure are one step, done when the last milestone was."""
    rows = list(
        PlanItem.objects.filter(plan__call__programme=programme, plan__state="accepted")
        .select_related("source__measure", "delivery")
        .annotate(
            last_done_on=Max("milestones__done_on"),
            last_due_on=Max("milestones__due_on"),
        )
        .order_by("plan__organisation__path", "position")
    )
    open_milestones = set(
        PlanItem.objects.filter(pk__in=[row.pk for row in rows], milestones__done_on=None)
        .exclude(milestones=None)
        .values_list("pk", flat=True)
    )
    key_of = {row.pk: _key(row) for row in rows}
    needs: dict[int, list[str]] = {}
    for item, needed in Dependency.objects.filter(item_id__in=key_of).values_list("item_id", "needs_id"):
        needs.setdefault(item, []).append(key_of.get(needed, ""))
    return [
        DoneItem(
            key=key_of[row.pk],
            title=programmes.text_of(row.source) if row.source else row.text,
            started_on=row.starts_on,
            planned_end_on=row.due_on or row.last_due_on,
            ended_on=_ended(row, is_open=row.pk in open_milestones),
            needs=tuple(needs.get(row.pk, ())),
            indicator=row.indicator,
        )
        for row in rows
    ]


def _key(row: PlanItem) -> str:
    return f"measure-{row.source_id}" if row.source_id else f"item-{row.pk}"


def _ended(row: Any, *, is_open: bool) -> date | None:
    delivery: Delivery | None = getattr(row, "delivery", None)
    if delivery is not None and delivery.done_on is not None:
        return delivery.done_on
    ended: date | None = None if is_open else row.last_done_on
    return ended


def _own_measures(programme: Programme) -> list[DoneItem]:
    """Give own measures that no plan serves, with the day their delivery was done."""
    rows = (
        ProgrammeMeasure.objects.filter(programme=programme, plan_items=None, derived_from=None)
        .filter(measure=None)
        .select_related("measure__directive")
        .annotate(last_done_on=Max("deliveries__done_on"))
        .order_by("position")
    )
    return [
        DoneItem(
            key=f"measure-{row.pk}",
            title=programmes.text_of(row),
            started_on=programme.starts_on,
            planned_end_on=programmes.due_of(row),
            ended_on=row.last_done_on,
            indicator=row.outcome_indicator,
        )
        for row in rows
    ]


def _hurdles(programme: Programme) -> list[Hurdle]:
    """Give the obstacles that were removed on the way, with their remedies; bodies and people are not named."""
    rows = (
        Obstacle.objects.filter(delivery__programme=programme, remedied_at__isnull=False)
        .filter(~Q(remedy=""), state__in=("remedied", "closed"))
        .order_by("raised_at", "pk")
    )
    return [
        Hurdle(
            row.cause,
            row.title[:LONGEST_WORDS],
            row.remedy[:LONGEST_WORDS],
            max(0, (row.remedied_at - row.raised_at).days),
        )
        for row in rows
        if row.remedied_at
    ]


@cache
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """Give the templates that are shipped as data, by code."""
    folder = resources.files("mehvar.programmes") / "samples"
    found = [
        json.loads(entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".json")
    ]
    return {one["code"]: one for one in found}


def in_language(stored: Any, language: str) -> Any:
    """Give shipped content in one language: every record of languages becomes its words."""
    if isinstance(stored, Mapping):
        if {"en", "fa", "vi"} == set(stored):
            return stored.get(language, stored["en"])
        return {key: in_language(value, language) for key, value in stored.items()}
    if isinstance(stored, list):
        return [in_language(one, language) for one in stored]
    return stored


def already_loaded(code: str, language: str) -> ProgrammeTemplate | None:
    """Give the template that was loaded from shipped data in a language, if it was."""
    return ProgrammeTemplate.objects.filter(content__shipped=code, language=language).first()
