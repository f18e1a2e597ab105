"""Put a delivery into one of the four cells, or among those that kept silent.

Source: design page, "Status" (a); S0.7.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mehvar.programmes.data import DeliveryState


class Cell(StrEnum):
    """Name the four cells, and the fifth heap: open, in time, but nothing was reported."""

    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    OPEN_IN_TIME = "open_in_time"
    OPEN_OVERDUE = "open_overdue"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold what decides the cell: ``done_on`` is the claimed day while a claim waits, and the verified one after it."""

    state: str
    due_on: date | None
    done_on: date | None
    silent: bool


def is_overdue(standing: Standing, day: date) -> bool:
    """Tell whether an open delivery is past its date; a claim that waits is judged by the day that it claims."""
    if standing.due_on is None:
        return False
    if standing.state == DeliveryState.CLAIMED and standing.done_on is not None:
        return standing.done_on > standing.due_on
    return standing.due_on < day


def cell_of(standing: Standing, day: date) -> Cell | None:
    """Give the cell in which a delivery stands at the end of a day; none when it was discontinued."""
    if standing.state == DeliveryState.DISCONTINUED:
        return None
    if standing.state == DeliveryState.DONE:
        late = (
            standing.due_on is not None
            and standing.done_on is not None
            and standing.done_on > standing.due_on
        )
        return Cell.DONE_LATE if late else Cell.DONE_ON_TIME
    if is_overdue(standing, day):
        return Cell.OPEN_OVERDUE
    return Cell.MISSING if standing.silent else Cell.OPEN_IN_TIME


def counted(standings: Iterable[Standing], day: date) -> dict[Cell, int]:
    """Count deliveries by cell; every cell is there."""
    counts = dict.fromkeys(Cell, 0)
    for standing in standings:
        cell = cell_of(standing, day)
        if cell is not None:
            counts[cell] += 1
    return counts
