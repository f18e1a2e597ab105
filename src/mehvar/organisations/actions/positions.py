"""Give a person a role over a body and all below it, and end it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.accounts.data import Role
from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.organisations import queries
from mehvar.organisations.actions import record
from mehvar.organisations.models import Position
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def give_position(
    actor: User | None,
    *,
    user_id: int,
    organisation_id: int,
    role: Role,
    title: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Position:
    """Give a person a role over a body and all below it, from a day (today) until a day (open).

    Raises:
        NotPermitted: The actor does not manage people there.
        NotFound: There is no such body.
        InputError: The dates are out of order.
        Conflict: The person holds the role there already.
    """
    organisation = queries.organisation_by_id(organisation_id)
    record.require(actor, Permission.MANAGE_PEOPLE, organisation.path)
    start = valid_from or clock.today()
    if valid_to is not None and valid_to <= start:
        raise errors.InputError("The last day must follow the first.", code="bad-dates", field="valid_to")
    with transaction.atomic():
        _refuse_double(user_id, organisation_id, role, start, valid_to)
        position = Position.objects.create(
            user_id=user_id,
            organisation_id=organisation_id,
            role=role,
            title=title.strip(),
            valid_from=start,
            valid_to=valid_to,
        )
        _record(actor, position, "position.given")
    return position


def _refuse_double(user_id: int, organisation_id: int, role: Role, start: date, end: date | None) -> None:
    """Refuse a position that overlaps one of the same role at the same body."""
    held = Position.objects.filter(user_id=user_id, organisation_id=organisation_id, role=role)
    for first, last in held.values_list("valid_from", "valid_to"):
        if (last is None or start < last) and (end is None or first is None or first < end):
            raise errors.Conflict(
                "This person holds the role there already.", code="position-held", field="role"
            )


def end_position(actor: User | None, position_id: int, *, on: date | None = None) -> Position:
    """End a position on a day (today): from that day it no longer counts.

    Raises:
        NotFound: There is no such position.
        NotPermitted: The actor does not manage people there.
        Conflict: It has ended already.
        InputError: The day lies before the position began.
    """
    with transaction.atomic():
        position = (
            Position.objects.select_for_update(of=("self",))
            .select_related("organisation")
            .filter(pk=position_id)
            .first()
        )
        if position is None:
            raise errors.NotFound("There is no such position.", code="unknown-position")
        record.require(actor, Permission.MANAGE_PEOPLE, position.organisation.path)
        day = on or clock.today()
        _refuse_ending(position, day)
        position.valid_to = day
        position.save(update_fields=["valid_to"])
        _record(actor, position, "position.ended")
    return position


def change_position(actor: User | None, position_id: int, *, title: str, valid_to: date | None) -> Position:
    """Change a position's title and last day.

    Raises:
        NotFound: There is no such position.
        NotPermitted: The actor does not manage people there.
        InputError: The last day does not follow the first.
    """
    with transaction.atomic():
        position = Position.objects.select_related("organisation").filter(pk=position_id).first()
        if position is None:
            raise errors.NotFound("There is no such position.", code="unknown-position")
        record.require(actor, Permission.MANAGE_PEOPLE, position.organisation.path)
        if valid_to is not None and position.valid_from is not None and valid_to < position.valid_from:
            raise errors.InputError("The last day must follow the first.", code="bad-dates", field="valid_to")
        position.title, position.valid_to = title.strip(), valid_to
        position.save(update_fields=["title", "valid_to"])
        _record(actor, position, "position.changed")
    return position


def _refuse_ending(position: Position, day: date) -> None:
    """Refuse to end what has ended, or before it began."""
    if position.valid_to is not None and position.valid_to <= clock.today():
        raise errors.Conflict("This position has ended already.", code="position-ended")
    if position.valid_from is not None and day < position.valid_from:
        raise errors.InputError("The position begins later than that day.", code="bad-dates", field="on")


def _record(actor: User | None, position: Position, action: str) -> None:
    """Enter a position's change in the ledger, under the body."""
    ledger.record(
        actor=record.actor_of(actor),
        action=action,
        subject=record.subject_of(position.organisation),
        content={
            "position": position.pk,
            "person": position.user_id,
            "role": str(position.role),
            "from": position.valid_from.isoformat() if position.valid_from else None,
            "until": position.valid_to.isoformat() if position.valid_to else None,
        },
    )
