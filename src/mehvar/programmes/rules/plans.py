"""Say what a plan holds, how programmes and plans live, and that nothing waits for itself.

Source: S0.6 (action plan), S1.1 (operational plans of provinces).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.kernel.lifecycle import LifeCycle, Transition
from mehvar.programmes.data import PlanState, ProductClass, ProgrammeState

MOST_ITEMS = 2000
MOST_LINES = 60
LONGEST_TEXT = 4000
LONGEST_LINE = 300
LONGEST_SHORT = 200
HEAVIEST = 1000.0


class PlanStep(StrEnum):
    """Name the steps of a plan's life."""

    START = "start"
    SUBMIT = "submit"
    TAKE_BACK = "take_back"
    RETURN = "return"
    ACCEPT = "accept"


PLAN_LIFE = LifeCycle(
    "plan",
    list(PlanState),
    [
        Transition(PlanStep.SUBMIT, PlanState.DRAFT, PlanState.SUBMITTED, gettext_noop("Submit the plan")),
        Transition(PlanStep.SUBMIT, PlanState.RETURNED, PlanState.SUBMITTED, gettext_noop("Submit again")),
        Transition(PlanStep.TAKE_BACK, PlanState.SUBMITTED, PlanState.DRAFT, gettext_noop("Take it back")),
        Transition(
            PlanStep.RETURN, PlanState.SUBMITTED, PlanState.RETURNED, gettext_noop("Return with remarks")
        ),
        Transition(PlanStep.ACCEPT, PlanState.SUBMITTED, PlanState.ACCEPTED, gettext_noop("Accept the plan")),
    ],
)
USUAL_CURRENCIES = {"ir": "IRR", "vn": "VND"}
"""The currency in which a country's plans are usually written, by its register."""

EDITABLE = frozenset({PlanState.DRAFT.value, PlanState.RETURNED.value})


CHANGEABLE = frozenset({ProgrammeState.DRAFT.value, ProgrammeState.ACTIVE.value})
"""The states in which a programme and its measures may still change."""


class ProgrammeStep(StrEnum):
    """Name the steps of a programme's life."""

    BEGIN = "begin"
    FINISH = "finish"
    CLOSE = "close"
    REOPEN = "reopen"


_S = ProgrammeState
PROGRAMME_LIFE = LifeCycle(
    "programme",
    list(ProgrammeState),
    [
        Transition(ProgrammeStep.BEGIN, _S.DRAFT, _S.ACTIVE, gettext_noop("Begin the programme")),
        Transition(ProgrammeStep.FINISH, _S.ACTIVE, _S.FINISHED, gettext_noop("Finish the programme")),
        Transition(ProgrammeStep.REOPEN, _S.FINISHED, _S.ACTIVE, gettext_noop("Go on with the programme")),
        Transition(ProgrammeStep.CLOSE, _S.FINISHED, _S.CLOSED, gettext_noop("Close the programme")),
    ],
)


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """Hold one milestone: its title, its day (None: not stated or not readable) and its weight."""

    title: str
    due_on: date | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class BudgetAmount:
    """Hold one budget line: what for, how much (exact), in which currency (ISO 4217), from which source."""

    title: str
    amount: Decimal
    currency: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class ItemContent:
    """Hold what one item of a plan says.

    ``source_id`` is the measure of the programme that it serves; ``needs`` are the numbers (from 1, in the plan's order) of the items
    that must be done before it.
    """

    text: str = ""
    source_id: int | None = None
    owner_office: str = ""
    starts_on: date | None = None
    due_on: date | None = None
    due_raw: str = ""
    indicator: str = ""
    target: str = ""
    product_class: str = ProductClass.NONE.value
    weight: float = 1.0
    milestones: tuple[MilestoneLine, ...] = ()
    budget: tuple[BudgetAmount, ...] = ()
    needs: tuple[int, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing was written at all."""
        return self == ItemContent(source_id=self.source_id) and self.source_id is None

    @property
    def total(self) -> Mapping[str, Decimal]:
        """Return the money needed, by currency."""
        found: dict[str, Decimal] = {}
        for line in self.budget:
            found[line.currency] = found.get(line.currency, Decimal(0)) + line.amount
        return found


def as_json(item: ItemContent) -> dict[str, Any]:
    """Write an item as canonical content: dates in ISO 8601, amounts as decimal text, so that a hash of it is exact."""
    return {
        "text": item.text,
        "source": item.source_id,
        "owner": item.owner_office,
        "starts_on": _iso(item.starts_on),
        "due_on": _iso(item.due_on),
        "due_raw": item.due_raw,
        "indicator": item.indicator,
        "target": item.target,
        "product_class": item.product_class,
        "weight": item.weight,
        "milestones": [
            {"title": line.title, "due_on": _iso(line.due_on), "weight": line.weight}
            for line in item.milestones
        ],
        "budget": [
            {
                "title": line.title,
                "amount": f"{line.amount:.2f}",
                "currency": line.currency,
                "source": line.source,
            }
            for line in item.budget
        ],
        "needs": list(item.needs),
    }


def from_json(stored: Mapping[str, Any]) -> ItemContent:
    """Read an item as ``as_json`` wrote it."""
    return ItemContent(
        text=stored["text"],
        source_id=stored["source"],
        owner_office=stored["owner"],
        starts_on=_day(stored["starts_on"]),
        due_on=_day(stored["due_on"]),
        due_raw=stored["due_raw"],
        indicator=stored["indicator"],
        target=stored["target"],
        product_class=stored["product_class"],
        weight=stored["weight"],
        milestones=tuple(
            MilestoneLine(line["title"], _day(line["due_on"]), line["weight"])
            for line in stored["milestones"]
        ),
        budget=tuple(
            BudgetAmount(line["title"], Decimal(line["amount"]), line["currency"], line["source"])
            for line in stored["budget"]
        ),
        needs=tuple(stored["needs"]),
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def circle_in(needs: Mapping[int, Iterable[int]]) -> tuple[int, ...]:
    """Give the items of one circle, the first named again at its end; empty where nothing waits for itself.

    ``needs`` maps an item to those it waits for. Each item is looked at once.
    """
    done: set[int] = set()
    for start in needs:
        if found := _circle_from(start, needs, done):
            return found
    return ()


def _circle_from(start: int, needs: Mapping[int, Iterable[int]], done: set[int]) -> tuple[int, ...]:
    """Walk from one item with a stack of its own, so that a long chain cannot exhaust Python's."""
    way: list[int] = []
    on_way: set[int] = set()
    waiting: list[tuple[int, bool]] = [(start, False)]
    while waiting:
        item, leaving = waiting.pop()
        if leaving:
            way.pop()
            on_way.discard(item)
            done.add(item)
        elif item in on_way:
            return (*way[way.index(item) :], item)
        elif item not in done:
            way.append(item)
            on_way.add(item)
            waiting.append((item, True))
            waiting += [(needed, False) for needed in needs.get(item, ())]
    return ()


def check_needs(items: Mapping[int, ItemContent]) -> None:
    """Refuse links to items that do not exist, and items that wait for one another in a circle; items by number.

    Raises:
        InputError: There are such; ``way`` names the circle by the items' numbers.
    """
    for item in items.values():
        for needed in item.needs:
            if needed not in items:
                raise InputError(
                    gettext_noop("There is no item {number} in this plan."),
                    code="unknown-item",
                    field="needs",
                    number=str(needed),
                )
    found = circle_in({number: item.needs for number, item in items.items()})
    if found:
        raise InputError(
            gettext_noop("These items wait for one another in a circle: {way}. Take one of the links out."),
            code="circular-dependency",
            field="needs",
            way=" ← ".join(str(number) for number in found),
        )


def check_deadline(deadline_on: date, *, today: date) -> None:
    """Refuse a deadline that has passed.

    Raises:
        InputError: The day is not after today.
    """
    if deadline_on <= today:
        raise InputError(
            gettext_noop("The deadline must lie after today."), code="past-deadline", field="deadline"
        )


def check_extension(deadline_on: date, *, present: date, today: date) -> None:
    """Refuse a new deadline that gives no more time.

    Raises:
        InputError: It is not later than the present one, or has passed.
    """
    check_deadline(deadline_on, today=today)
    if deadline_on <= present:
        raise InputError(
            gettext_noop("The new deadline must be later than the present one."),
            code="not-later",
            field="deadline",
        )
