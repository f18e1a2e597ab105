"""Correct the working calendar: offices closed at short notice, days of rest that are worked.

Clocks that run already keep the day they were given; the next one counts by the corrected calendar.
Source: issue "Programmes", point 3 (working calendars of both countries, holidays as data).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.kernel import errors
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions.record import require
from mehvar.programmes.models import Holiday

if TYPE_CHECKING:
    from datetime import date

    from mehvar.accounts.models import User

LONGEST_REASON = 200


def set_day(actor: User, day: date, *, worked: bool, reason: str) -> Holiday:
    """Close a day, or have it worked although it is one of rest; what was set before for the day is replaced.

    Raises:
        NotPermitted: The person does not manage programmes at the ministry.
        InputError: The reason is missing or too long.
    """
    country = _country(actor)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise errors.InputError(gettext_noop("Please say why."), code="no-reason", field="reason")
    with transaction.atomic():
        row, _made = Holiday.objects.update_or_create(
            country=country, day=day, defaults={"worked": worked, "name": reason.strip()}
        )
        _record(actor, row, "calendar.set")
    return row


def forget_day(actor: User, day: date) -> None:
    """Take back what was set for a day; the published calendar holds again.

    Raises:
        NotPermitted: The person does not manage programmes at the ministry.
        NotFound: Nothing was set for the day.
    """
    country = _country(actor)
    with transaction.atomic():
        row = Holiday.objects.filter(country=country, day=day).first()
        if row is None:
            raise errors.NotFound(gettext_noop("Nothing was set for this day."), code="unknown-day")
        row.delete()
        _record(actor, row, "calendar.forget")


def _country(actor: User) -> str:
    ministry = organisations.ministry()
    require(actor, Permission.MANAGE_PROGRAMMES, ministry.path)
    return str(ministry.pack)


def _record(actor: User, row: Holiday, action: str) -> None:
    ledger.record(
        actor=actor.as_actor(),
        action=action,
        subject=Subject("working-calendar", row.country, row.country),
        content={"day": row.day.isoformat(), "worked": row.worked},
        reason=row.name,
        public=True,
    )
