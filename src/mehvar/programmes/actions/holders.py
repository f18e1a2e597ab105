"""Find who has an obstacle's clock, and tell people what waits for them.

Shared by the actions on obstacles; other rooms do not call it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.accounts.data import Role
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.data import Level

if TYPE_CHECKING:
    from mehvar.organisations.models import Committee, Organisation
    from mehvar.programmes.models import Obstacle

WAITS = {
    Level.BODY: gettext_noop("“{title}” is in the way. Your body has until {due} to remove it."),
    Level.COMMITTEE: gettext_noop(
        "“{title}” was not removed in time and is now before your provincial committee, until {due}."
    ),
    Level.DEPUTY: gettext_noop(
        "“{title}” was not removed in time and now waits for a deputy's decision, until {due}."
    ),
    Level.COUNCIL: gettext_noop(
        "“{title}” was not removed in time and now waits for the council's decision, until {due}."
    ),
}
LAST_DAY = gettext_noop("“{title}” climbs to the next level after {due}.")


def page_of(row: Obstacle) -> str:
    """Give the address of an obstacle's page, for notices."""
    return f"/programmes/obstacles/{row.public_id}/"


def holder_at(row: Obstacle, level: Level, committee: Committee | None) -> Organisation:
    """Give the body that has an obstacle at a level: the owner, the committee's body, the deputy's office, the ministry."""
    if level is Level.BODY:
        return row.owner
    if level is Level.COMMITTEE and committee is not None:
        return committee.organisation
    asked = row.decision_from
    if level is Level.DEPUTY and asked is not None and asked.path.startswith(row.issuer.path):
        return asked
    return row.issuer


def people_at(row: Obstacle) -> set[int]:
    """Give who has an obstacle now: those who work on it or decide on it at its level, else those who steer."""
    found = _FINDERS[Level(row.level)](row)
    return found or set(organisations.holders_of(Permission.HANDLE_OBSTACLE, row.issuer.path))


def _at_body(row: Obstacle) -> set[int]:
    path = row.level_holder.path
    return set(organisations.holders_of(Permission.HANDLE_OBSTACLE, path, at_most_above=False))


def _at_committee(row: Obstacle) -> set[int]:
    members = set(organisations.voters_of(row.committee_id)) if row.committee_id else set()
    path = row.level_holder.path
    return members | set(organisations.holders_of(Permission.DECIDE_OBSTACLE, path, at_most_above=False))


def _at_deputy(row: Obstacle) -> set[int]:
    seats = organisations.seats_with(Permission.DECIDE_OBSTACLE).filter(
        organisations.within(row.level_holder.path, path_field="organisation__path"), role=Role.DEPUTY
    )
    return set(seats.values_list("user_id", flat=True))


def _at_council(row: Obstacle) -> set[int]:
    path = row.issuer.path
    deciding = organisations.holders_of(Permission.DECIDE_OBSTACLE, path)
    return {*deciding, *organisations.holders_of(Permission.HOLD_STOCKTAKE, path)}


_FINDERS = {
    Level.BODY: _at_body,
    Level.COMMITTEE: _at_committee,
    Level.DEPUTY: _at_deputy,
    Level.COUNCIL: _at_council,
}


def tell_holders(row: Obstacle) -> None:
    """Tell who has the obstacle now that a clock runs."""
    _tell(row, people_at(row), WAITS[Level(row.level)], step=f"{row.level}-{row.version}")


def tell_last_day(row: Obstacle) -> None:
    """Remind who has the obstacle that its clock is about to end."""
    _tell(row, people_at(row), LAST_DAY, step=f"last-day-{row.level_due_on.isoformat()}")


def tell_owner_of_decision(row: Obstacle) -> None:
    """Tell the owner what was decided and until when it is to be carried out."""
    message = gettext_noop("It was decided how “{title}” is removed: until {due}.")
    _tell(row, _of_owner(row), message, step=f"decided-{row.version}")


def tell_owner(row: Obstacle, message: str) -> None:
    """Tell the people who work on obstacles at the owner."""
    _tell(row, _of_owner(row), message, step=f"owner-{row.version}")


def tell_raiser(row: Obstacle, message: str) -> None:
    """Tell the people who raise obstacles for the body that raised this one; who came from outside looks by tracking code."""
    if row.raised_by is None:
        return
    path = row.raised_by.path
    people = set(organisations.holders_of(Permission.RAISE_OBSTACLE, path, at_most_above=False))
    if row.author_id is not None:
        people.add(row.author_id)
    _tell(row, people, message, step=f"raiser-{row.version}")


def _of_owner(row: Obstacle) -> set[int]:
    return set(organisations.holders_of(Permission.HANDLE_OBSTACLE, row.owner.path, at_most_above=False))


def _tell(row: Obstacle, people: set[int], message: str, *, step: str) -> None:
    notifications.notify(
        people,
        kind="obstacle",
        key=f"obstacle-{row.pk}-{step}",
        message=message,
        params={"title": row.title[:160], "due": row.level_due_on.isoformat()},
        path=page_of(row),
    )
