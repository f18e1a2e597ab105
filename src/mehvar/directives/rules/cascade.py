"""Expand symbolic groups into the frozen list of who must do what, and tell how a body's acknowledgement stands.

Source: S2.2, S2.4; design page "directives and programmes", section 3 (groups expand at promulgation).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from mehvar.directives.data import AssignmentRole, DirectiveState

PRECEDENCE: tuple[AssignmentRole, ...] = (AssignmentRole.LEAD, AssignmentRole.COORDINATING)

IN_FORCE = (DirectiveState.PROMULGATED, DirectiveState.AMENDED)
"""The states in which a directive asks its bodies for something."""


class Given(NamedTuple):
    """One assignment as drafted: a body by its key, or a group by its code."""

    measure_id: int
    role: str
    organisation_id: int | None
    group_code: str
    principal: bool


class Assigned(NamedTuple):
    """One body's role in one measure; ``via_group`` says through which group it came."""

    measure_id: int
    organisation_id: int
    role: str
    via_group: str
    principal: bool


def expand(given: Iterable[Given], members: Mapping[str, Sequence[int]]) -> list[Assigned]:
    """Return each body once per measure and role, in the order given.

    A body named by itself is not named again through a group; named twice, it is principal when it is so once. A body
    that leads a measure does not also coordinate it; overseeing and monitoring stay beside any other role. A group
    without members adds nobody.
    """
    found: dict[tuple[int, int, str], Assigned] = {}
    for item in sorted(given, key=_rank):
        for organisation_id in _bodies(item, members):
            key = (item.measure_id, organisation_id, item.role)
            via = "" if item.organisation_id is not None else item.group_code
            found.setdefault(key, Assigned(item.measure_id, organisation_id, item.role, via, item.principal))
    return [row for row in found.values() if not _led_already(row, found)]


def _rank(item: Given) -> tuple[int, bool, bool]:
    return (item.measure_id, item.organisation_id is None, not item.principal)


def _bodies(item: Given, members: Mapping[str, Sequence[int]]) -> Sequence[int]:
    if item.organisation_id is not None:
        return (item.organisation_id,)
    return members.get(item.group_code, ())


def _led_already(row: Assigned, found: Mapping[tuple[int, int, str], Assigned]) -> bool:
    lead, coordinating = PRECEDENCE
    return row.role == coordinating and (row.measure_id, row.organisation_id, lead.value) in found


class Standing(StrEnum):
    """How a body's acknowledgement stands: one of the four cells."""

    ON_TIME = "on_time"
    LATE = "late"
    WAITING = "waiting"
    OVERDUE = "overdue"


def standing_of(*, due_on: date, acknowledged_on: date | None, today: date) -> Standing:
    """Tell in which of the four cells an acknowledgement stands; the deadline's day itself is in time."""
    if acknowledged_on is not None:
        return Standing.ON_TIME if acknowledged_on <= due_on else Standing.LATE
    return Standing.WAITING if today <= due_on else Standing.OVERDUE
