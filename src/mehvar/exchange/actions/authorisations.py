"""Let a named officer ask a service for a purpose until a day, and take that back.

Source: issue "exchange", point 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.accounts import queries as accounts
from mehvar.exchange.actions import record, telling
from mehvar.exchange.models import InquiryAuthorisation
from mehvar.exchange.queries import inquiries as queries
from mehvar.exchange.queries.days import today
from mehvar.kernel import clock, identifiers
from mehvar.kernel.errors import Conflict, InputError, NotPermitted, gettext_noop
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.exchange.models import AccessRight, Subsystem

LONGEST = timedelta(days=366)
MOST_A_DAY = 10_000


@dataclass(frozen=True, slots=True)
class Terms:
    """Hold for what, how long and how often an officer may ask. ``valid_until`` is the last day."""

    purpose: str
    valid_from: date
    valid_until: date
    daily_limit: int = 100


def subject_of(row: InquiryAuthorisation) -> Subject:
    """Name an authorisation as the ledger's subject."""
    return Subject("inquiry-authorisation", row.public_id, str(row.right.service)[:200])


def authorise(
    actor: User, *, officer_id: int, right: str, subsystem_id: int, terms: Terms
) -> InquiryAuthorisation:
    """Let an officer ask under a right (its public id) as a subsystem of the body.

    Raises:
        NotPermitted: the person does not direct that body, or would authorise themselves.
        NotFound: no such person.
        InputError: the officer does not inquire for that body, or the terms do not fit the agreement.
    """
    authority = organisations.authority_of(actor)
    offered = {(one.public_id, system.pk): (one, system) for one, system in queries.offered_rights(authority)}
    if (right, subsystem_id) not in offered:
        raise NotPermitted(gettext_noop("You do not direct who asks under this right."), code="not-permitted")
    if officer_id == actor.pk:
        raise NotPermitted(gettext_noop("Nobody authorises themselves."), code="own-authorisation")
    granted, system = offered[right, subsystem_id]
    _check_officer(authority, officer_id, system)
    _check_terms(terms, granted)
    officer = accounts.person(officer_id)
    with transaction.atomic():
        row = InquiryAuthorisation.objects.create(
            public_id=identifiers.new_public_id("inq"),
            officer=officer,
            right=granted,
            subsystem=system,
            purpose=terms.purpose.strip(),
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            daily_limit=terms.daily_limit,
            given_by=actor,
            given_at=clock.now(),
        )
        telling.tell(
            [officer_id],
            key=f"authorised:{row.public_id}",
            message=gettext_noop("You may ask “{service}” until {until}."),
            path=f"/exchange/inquiries/ask/{row.public_id}/",
            service=granted.service.title,
            until=terms.valid_until.isoformat(),
        )
        record.note(actor, "inquiry.authorise", subject_of(row), _content(row))
    return row


def end(actor: User, public_id: str, *, reason: str) -> InquiryAuthorisation:
    """Take an authorisation back at once.

    Raises:
        NotFound, NotPermitted: not visible, or not directed by the person.
        Conflict: it has ended.
        InputError: no reason.
    """
    authority = organisations.authority_of(actor)
    row = queries.visible_authorisation(authority, public_id)
    permissions.require(authority, Permission.AUTHORISE_INQUIRY, row.subsystem.member.organisation.path)
    if not reason.strip():
        raise InputError(gettext_noop("Please write down why."), code="empty", field="reason")
    with transaction.atomic():
        ended = InquiryAuthorisation.objects.filter(pk=row.pk, ended_at=None).update(
            ended_at=clock.now(), end_reason=reason.strip()[:500]
        )
        if not ended:
            raise Conflict(gettext_noop("This authorisation has ended."), code="ended")
        record.note(
            actor, "inquiry.end-authorisation", subject_of(row), {"officer": row.officer_id}, reason=reason
        )
    row.refresh_from_db()
    return row


def _check_officer(authority: object, officer_id: int, system: Subsystem) -> None:
    """Refuse an officer who sits outside of the body or of where the director directs."""
    top = system.member.organisation.path
    seats = organisations.seats_with(Permission.INQUIRE).filter(user_id=officer_id)
    paths = seats.values_list("organisation__path", flat=True)
    fits = any(
        path.startswith(top) and permissions.allows(authority, Permission.AUTHORISE_INQUIRY, path)  # type: ignore[arg-type]
        for path in paths
    )
    if not fits:
        raise InputError(
            gettext_noop("This person is no inquiry officer of that body."),
            code="not-an-officer",
            field="officer",
        )


def _check_terms(terms: Terms, granted: AccessRight) -> None:
    if not terms.purpose.strip():
        raise InputError(gettext_noop("Please write down what for."), code="empty", field="purpose")
    if not today() <= terms.valid_until or not terms.valid_from <= terms.valid_until:
        raise InputError(
            gettext_noop("The last day lies before the first, or has passed."),
            code="bad-dates",
            field="valid_until",
        )
    last = granted.agreement.valid_until
    if terms.valid_until - terms.valid_from > LONGEST or (last is not None and terms.valid_until > last):
        raise InputError(
            gettext_noop("At most one year, and no longer than the agreement."),
            code="too-long",
            field="valid_until",
        )
    if not 0 < terms.daily_limit <= MOST_A_DAY:
        raise InputError(
            gettext_noop("Between 1 and {limit} questions a day."),
            code="bad-limit",
            field="daily_limit",
            limit=MOST_A_DAY,
        )


def _content(row: InquiryAuthorisation) -> dict[str, object]:
    return {
        "officer": row.officer_id,
        "service": row.right.service.public_id,
        "right": row.right.public_id,
        "agreement": row.right.agreement.public_id,
        "purpose": row.purpose,
        "valid_from": row.valid_from.isoformat(),
        "valid_until": row.valid_until.isoformat(),
        "daily_limit": row.daily_limit,
    }
