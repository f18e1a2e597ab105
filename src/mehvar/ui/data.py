"""Hold the records that other rooms hand to components.

Every record can be given as a dataclass or as a plain dict with the same keys; `each` turns both into the dataclass.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from mehvar.ui.hyperlinks import safe_url

Words = Any  # a str, a lazy translation or a SafeString


@dataclass(frozen=True, slots=True)
class _Record:
    """Accept a dict or a tuple in place of the dataclass; an address that could run code is dropped."""

    def __post_init__(self) -> None:
        """Keep only an address that is safe to link to."""
        if hasattr(self, "url"):
            object.__setattr__(self, "url", safe_url(self.url))

    @classmethod
    def of(cls, item: Self | Mapping[str, Any] | tuple[Any, ...]) -> Self:
        """Return `item` as this record.

        Raises:
            TypeError: a key is unknown or a needed one is absent.
        """
        if isinstance(item, cls):
            return item
        if isinstance(item, Mapping):
            return cls(**item)
        return cls(*item)  # type: ignore[misc]

    @classmethod
    def each(cls, items: Iterable[Any]) -> tuple[Self, ...]:
        """Return all `items` as this record."""
        return tuple(cls.of(item) for item in items)


@dataclass(frozen=True, slots=True)
class NavigationItem(_Record):
    """Say one place a person can go to; `current` None means "work it out from the path"."""

    label: Words
    url: str
    icon: str = ""
    current: bool | None = None
    count: int | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Notifications(_Record):
    """Say how many notices wait, and where they are read."""

    count: int
    url: str


@dataclass(frozen=True, slots=True)
class AxisStep(_Record):
    """Say one place on the axis; `state` is `done`, `current` or `todo`."""

    label: Words
    url: str = ""
    state: str = "todo"
    note: Words = ""


@dataclass(frozen=True, slots=True)
class TimelineEvent(_Record):
    """Say what happened, when and by whom; `state` is a badge state."""

    title: Words
    at: dt.date | dt.datetime | None = None
    actor: Words = ""
    text: Words = ""
    url: str = ""
    state: str = "neutral"


@dataclass(frozen=True, slots=True)
class SummaryRow(_Record):
    """Say one fact, with the link that changes it."""

    label: Words
    value: Any
    url: str = ""
    action: Words = ""


@dataclass(frozen=True, slots=True)
class TaskItem(_Record):
    """Say one thing to be done; `state` is a badge state, `status` its word."""

    label: Words
    url: str = ""
    state: str = "neutral"
    status: Words = ""
    hint: Words = ""


@dataclass(frozen=True, slots=True)
class EmptyState(_Record):
    """Say what will be here, and the one button that starts it."""

    title: Words
    text: Words = ""
    url: str = ""
    label: Words = ""
    icon: str = "inbox"


@dataclass(frozen=True, slots=True)
class FourCells(_Record):
    """Count what is done and open, in time and not; `missing` has not been reported."""

    done_on_time: int = 0
    done_late: int = 0
    open_in_time: int = 0
    open_overdue: int = 0
    missing: int = 0

    @property
    def total(self) -> int:
        """Return all that is counted, the missing included."""
        return self.done_on_time + self.done_late + self.open_in_time + self.open_overdue + self.missing


@dataclass(frozen=True, slots=True)
class Bar(_Record):
    """Say one bar: `state` colours it, `url` makes its label a link in the table."""

    label: Words
    value: float
    state: str = "info"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Series(_Record):
    """Name one part of stacked bars; `state` colours it."""

    label: Words
    state: str = "info"


@dataclass(frozen=True, slots=True)
class StackedBar(_Record):
    """Say one bar made of parts, one value per series."""

    label: Words
    values: tuple[float, ...] = field(default=())
    url: str = ""


@dataclass(frozen=True, slots=True)
class Point(_Record):
    """Say one point of a line; value None is a gap."""

    label: Words
    value: float | None


@dataclass(frozen=True, slots=True)
class Tile(_Record):
    """Say one square of a tile map, at column `x` and row `y` (x grows to the east in every language)."""

    code: str
    label: Words
    x: int
    y: int
    value: float | None = None
    state: str = "missing"
    url: str = ""
    cells: FourCells | None = None


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """Hold one act that waits for a person: words for the act, on what, the page, and by when (None: no date)."""

    act: str
    title: str
    path: str
    due_on: dt.date | None
    kind: str

    def is_overdue(self, today: dt.date) -> bool:
        """Tell whether its date has passed."""
        return self.due_on is not None and self.due_on < today
