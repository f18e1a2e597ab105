"""Turn the experience of a finished programme into a template, and lay a template's steps into a calendar.

Source: S1.8 ("copy the successful experience of …").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from statistics import median_low
from typing import Any

from mehvar.kernel.calendars import add_days
from mehvar.programmes.rules.plans import circle_in

LONGEST_STEP = 1000


@dataclass(frozen=True, slots=True)
class DoneItem:
    """Hold how one item really went: ``key`` groups the items of several bodies that serve one measure.

    ``needs`` are keys; ``ended_on`` is None where it is not finished.
    """

    key: str
    title: str
    started_on: date | None
    planned_end_on: date | None
    ended_on: date | None = None
    needs: tuple[str, ...] = ()
    indicator: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Hold one step: days from the programme's start, days it takes, numbers (from 1) of the steps before it.

    ``bodies`` counts from how many bodies it was measured, 0 where it was only planned.
    """

    title: str
    after_days: int
    duration_days: int
    depends_on: tuple[int, ...] = ()
    indicator: str = ""
    bodies: int = 0


@dataclass(frozen=True, slots=True)
class Hurdle:
    """Hold an obstacle that was met: its cause, what it was, what removed it, and how many days that took."""

    cause: str
    text: str
    remedy: str
    days: int


@dataclass(frozen=True, slots=True)
class Experience:
    """Hold what a template teaches."""

    steps: tuple[Step, ...]
    obstacles: tuple[Hurdle, ...] = ()
    indicators: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatedStep:
    """Hold a step with its days."""

    step: Step
    starts_on: date
    due_on: date


def measured_steps(items: Sequence[DoneItem], began_on: date) -> tuple[Step, ...]:
    """Measure each step from real days: the median over the bodies that finished it; planned days where nobody did."""
    groups: dict[str, list[DoneItem]] = defaultdict(list)
    for item in items:
        groups[item.key].append(item)
    measured = {key: _measured(group, began_on) for key, group in groups.items()}
    order = sorted(measured, key=lambda key: (measured[key].after_days, list(groups).index(key)))
    number = {key: at for at, key in enumerate(order, 1)}
    needs = {
        number[key]: tuple(
            sorted(
                {
                    number[needed]
                    for item in groups[key]
                    for needed in item.needs
                    if needed in number and needed != key
                }
            )
        )
        for key in order
    }
    if circle_in(needs):
        # Bodies may have done two steps in either order; then neither must wait for the other.
        needs = {at: tuple(one for one in ones if one < at) for at, ones in needs.items()}
    return tuple(
        Step(one.title, one.after_days, one.duration_days, needs[number[key]], one.indicator, one.bodies)
        for key in order
        for one in [measured[key]]
    )


def _measured(group: Sequence[DoneItem], began_on: date) -> Step:
    finished = [item for item in group if item.ended_on is not None]
    used = finished or list(group)
    spans = [_span(item, began_on) for item in used]
    return Step(
        title=used[0].title[:LONGEST_STEP],
        after_days=median_low(start for start, _days in spans),
        duration_days=median_low(days for _start, days in spans),
        indicator=used[0].indicator,
        bodies=len(finished),
    )


def _span(item: DoneItem, began_on: date) -> tuple[int, int]:
    """Give the days from the programme's start to the item's, and the days that it took (at least one)."""
    end = item.ended_on or item.planned_end_on or item.started_on or began_on
    start = min(item.started_on or began_on, end)
    return max(0, (start - began_on).days), max(1, (end - start).days)


def laid_out(steps: Sequence[Step], first_day: date) -> tuple[DatedStep, ...]:
    """Give each step its days from a first day; a step never starts before those that it waits for are done."""
    found: dict[int, DatedStep] = {}
    for number in _in_order(steps):
        step = steps[number - 1]
        start = add_days(first_day, step.after_days)
        for needed in step.depends_on:
            if needed in found:
                start = max(start, found[needed].due_on)
        found[number] = DatedStep(step, start, add_days(start, step.duration_days))
    return tuple(found[number] for number in range(1, len(steps) + 1))


def _in_order(steps: Sequence[Step]) -> list[int]:
    """Give the steps' numbers with each after those that it waits for; who waits in a circle comes as it stands."""
    left = {number: set(step.depends_on) for number, step in enumerate(steps, 1)}
    order: list[int] = []
    while left:
        ready = [number for number, needs in left.items() if not needs & left.keys()] or list(left)[:1]
        order += ready
        for number in ready:
            del left[number]
    return order


def as_content(experience: Experience) -> dict[str, Any]:
    """Write an experience as a template stores it."""
    return {
        "steps": [asdict(step) | {"depends_on": list(step.depends_on)} for step in experience.steps],
        "obstacles": [asdict(hurdle) for hurdle in experience.obstacles],
        "indicators": list(experience.indicators),
        **experience.notes,
    }


def from_content(stored: Mapping[str, Any]) -> Experience:
    """Read an experience as a template stores it."""
    return Experience(
        steps=tuple(
            Step(
                title=row["title"],
                after_days=int(row["after_days"]),
                duration_days=int(row["duration_days"]),
                depends_on=tuple(row.get("depends_on", ())),
                indicator=row.get("indicator", ""),
                bodies=int(row.get("bodies", 0)),
            )
            for row in stored.get("steps", ())
        ),
        obstacles=tuple(
            Hurdle(row["cause"], row["text"], row["remedy"], int(row["days"]))
            for row in stored.get("obstacles", ())
        ),
        indicators=tuple(stored.get("indicators", ())),
    )
