"""Check the quality of a plan: what each item lacks, what contradicts the directive, and how much is covered.

A finding is ``hard`` when a plan cannot be submitted with it; the call's template may ask for more (``required``).
Source: S1.11 (owner, milestone, date, indicator and budget for each item).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from mehvar.kernel.errors import gettext_noop
from mehvar.programmes.rules.plans import ItemContent, circle_in


class Check(StrEnum):
    """Name what is checked."""

    NO_ITEMS = "no-items"
    TEXT = "text"
    OWNER = "owner"
    MILESTONE = "milestone"
    DATE = "date"
    INDICATOR = "indicator"
    BUDGET = "budget"
    LATER = "later-than-directive"
    ORDER = "ends-before-start"
    MILESTONE_DATE = "milestone-date"
    MILESTONE_LATE = "milestone-late"
    NEEDED_LATER = "needed-later"
    PAST = "past-date"
    CIRCLE = "circle"
    UNCOVERED = "uncovered"


NEEDED = (Check.OWNER, Check.MILESTONE, Check.DATE, Check.INDICATOR, Check.BUDGET)
"""What each item needs; the share that is there is the plan's quality."""

HARD = frozenset({Check.NO_ITEMS, Check.TEXT, Check.CIRCLE, Check.ORDER})
"""With these no plan can be submitted, whatever the call asks."""

WORDS: Mapping[Check, str] = {
    Check.NO_ITEMS: gettext_noop("The plan has no item yet."),
    Check.TEXT: gettext_noop("It does not say what will be done."),
    Check.OWNER: gettext_noop("No office owns it."),
    Check.MILESTONE: gettext_noop("It has no milestone."),
    Check.DATE: gettext_noop("It has no date."),
    Check.INDICATOR: gettext_noop("It has no indicator."),
    Check.BUDGET: gettext_noop("It has no budget line (write 0 where none is needed)."),
    Check.LATER: gettext_noop("It ends later than the directive asks ({asked})."),
    Check.ORDER: gettext_noop("It ends before it starts."),
    Check.MILESTONE_DATE: gettext_noop("The milestone “{title}” has no date."),
    Check.MILESTONE_LATE: gettext_noop("The milestone “{title}” lies after the item's end."),
    Check.NEEDED_LATER: gettext_noop("Item {needed}, which it waits for, ends later."),
    Check.PAST: gettext_noop("Its date has passed already."),
    Check.CIRCLE: gettext_noop(
        "These items wait for one another in a circle: {way}. Take one of the links out."
    ),
    Check.UNCOVERED: gettext_noop("No item serves the measure “{measure}”."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what a plan is measured by: the measures asked (label by id), their dates, the day, and what the call requires.

    ``stands_for`` maps a national measure to the local one that was derived of it for the body.
    """

    measures: Mapping[int, str] = field(default_factory=dict)
    dates: Mapping[int, date] = field(default_factory=dict)
    today: date = date.min
    required: frozenset[str] = frozenset()
    stands_for: Mapping[int, int] = field(default_factory=dict)

    def served(self, items: Collection[ItemContent]) -> set[int | None]:
        """Return the measures that items serve; one that serves a national measure serves the local one in its place."""
        return {self.stands_for.get(item.source_id or 0, item.source_id) for item in items}


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what is wrong: ``item`` is its number (0: the plan as a whole), ``params`` fill ``WORDS[check]``."""

    check: Check
    item: int = 0
    params: Mapping[str, object] = field(default_factory=dict)
    hard: bool = False

    @property
    def message(self) -> str:
        """Return the English source text."""
        return WORDS[self.check]


@dataclass(frozen=True, slots=True)
class Quality:
    """Hold the findings, the share of what items need that is there, and the share of asked measures that are served (0-100)."""

    findings: tuple[Finding, ...]
    score: int
    covered: int

    @property
    def hindrances(self) -> tuple[Finding, ...]:
        """Return the findings with which the plan cannot be submitted."""
        return tuple(found for found in self.findings if found.hard)


def quality_of(items: Mapping[int, ItemContent], asked: Asked) -> Quality:
    """Check a plan, its items by number; findings come item by item, those of the whole plan last."""
    findings = [found for number, item in items.items() for found in _of_item(number, item, items, asked)]
    findings += _of_plan(items, asked)
    hard = HARD | asked.required
    marked = tuple(Finding(found.check, found.item, found.params, found.check in hard) for found in findings)
    return Quality(marked, score_of(items.values()), covered_share(items.values(), asked))


def score_of(items: Collection[ItemContent]) -> int:
    """Give the share of owners, milestones, dates, indicators and budgets that are there, in percent; 0 without items."""
    if not items:
        return 0
    there = sum(len(NEEDED) - len(lacking(item)) for item in items)
    return there * 100 // (len(items) * len(NEEDED))


def lacking(item: ItemContent) -> tuple[Check, ...]:
    """Give what an item lacks of what each needs."""
    there = {
        Check.OWNER: bool(item.owner_office),
        Check.MILESTONE: bool(item.milestones),
        Check.DATE: item.due_on is not None,
        Check.INDICATOR: bool(item.indicator),
        Check.BUDGET: bool(item.budget),
    }
    return tuple(check for check in NEEDED if not there[check])


def covered_share(items: Collection[ItemContent], asked: Asked) -> int:
    """Give the share of the asked measures that an item serves, in percent; 100 where none is asked."""
    if not asked.measures:
        return 100
    served = asked.served(items)
    return sum(measure in served for measure in asked.measures) * 100 // len(asked.measures)


def _of_item(number: int, item: ItemContent, items: Mapping[int, ItemContent], asked: Asked) -> list[Finding]:
    found = [] if item.text else [Finding(Check.TEXT, number)]
    found += [Finding(check, number) for check in lacking(item)]
    found += _dates_of(number, item, asked)
    found += _milestones_of(number, item)
    found += [
        Finding(Check.NEEDED_LATER, number, {"needed": needed})
        for needed in item.needs
        if needed in items and _later(items[needed].due_on, item.due_on)
    ]
    return found


def _dates_of(number: int, item: ItemContent, asked: Asked) -> list[Finding]:
    found = []
    source = asked.stands_for.get(item.source_id or 0, item.source_id)
    limit = asked.dates.get(source) if source is not None else None
    if _later(item.starts_on, item.due_on):
        found.append(Finding(Check.ORDER, number))
    if _later(item.due_on, limit):
        found.append(Finding(Check.LATER, number, {"asked": limit}))
    if item.due_on is not None and item.due_on < asked.today:
        found.append(Finding(Check.PAST, number))
    return found


def _milestones_of(number: int, item: ItemContent) -> list[Finding]:
    found = []
    for line in item.milestones:
        if line.due_on is None:
            found.append(Finding(Check.MILESTONE_DATE, number, {"title": line.title}))
        elif _later(line.due_on, item.due_on):
            found.append(Finding(Check.MILESTONE_LATE, number, {"title": line.title}))
    return found


def _of_plan(items: Mapping[int, ItemContent], asked: Asked) -> list[Finding]:
    if not items:
        return [Finding(Check.NO_ITEMS)]
    circle = circle_in({number: item.needs for number, item in items.items()})
    served = asked.served(items.values())
    found = [Finding(Check.CIRCLE, 0, {"way": " ← ".join(map(str, circle))})] if circle else []
    return found + [
        Finding(Check.UNCOVERED, 0, {"measure": label})
        for measure, label in asked.measures.items()
        if measure not in served
    ]


def _later(day: date | None, than: date | None) -> bool:
    return day is not None and than is not None and day > than
