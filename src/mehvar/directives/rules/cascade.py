"""Expand symbolic groups into the frozen list of who must do what.

Source: S2.2, S2.4; design page "directives and programmes", section 3 (groups expand at promulgation).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mehvar.directives.data import AssignmentRole

PRECEDENCE: tuple[AssignmentRole, ...] = (AssignmentRole.LEAD, AssignmentRole.COORDINATING)


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

    A body named by itself is not named again through a group. A body that leads a measure does not also coordinate
    it; overseeing and monitoring stay beside any other role. A group without members adds nobody.
    """
    found: dict[tuple[int, int, str], Assigned] = {}
    for item in sorted(given, key=lambda row: (row.measure_id, row.organisation_id is None)):
        for organisation_id in _bodies(item, members):
            key = (item.measure_id, organisation_id, item.role)
            via = "" if item.organisation_id is not None else item.group_code
            found.setdefault(key, Assigned(item.measure_id, organisation_id, item.role, via, item.principal))
    return [row for row in found.values() if not _led_already(row, found)]


def _bodies(item: Given, members: Mapping[str, Sequence[int]]) -> Sequence[int]:
    if item.organisation_id is not None:
        return (item.organisation_id,)
    return members.get(item.group_code, ())


def _led_already(row: Assigned, found: Mapping[tuple[int, int, str], Assigned]) -> bool:
    lead, coordinating = PRECEDENCE
    return row.role == coordinating and (row.measure_id, row.organisation_id, lead.value) in found
