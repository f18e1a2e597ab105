"""Take applications of private bodies from outside, without an account, and decide on them (S4.4).

Limits: so many per address and hour (the address only as a keyed hash), so many per hour for the whole installation.
Approval makes the body below the register's node for private bodies, the member, and its engineer's account.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from mehvar.accounts.actions.outside import check_flood, check_hour
from mehvar.accounts.data import Role
from mehvar.exchange.actions import members, record, telling
from mehvar.exchange.data.control import ApplicationState
from mehvar.exchange.models import MemberApplication
from mehvar.exchange.queries import scope
from mehvar.exchange.rules import checks
from mehvar.kernel import clock, errors, identifiers, outside
from mehvar.ledger.data import Subject
from mehvar.organisations import actions as bodies
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import BodyType

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.exchange.models import Member
    from mehvar.organisations.models import Organisation

MOST_PER_HOUR = 60
"""Applications from outside that the whole installation takes within an hour."""

PRIVATE_CLASS = "COM"
PRIVATE_NODE = {"fa": "بخش خصوصی", "vi": "Khu vực tư nhân", "en": "Private bodies"}
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Words:
    """Hold what a firm says about itself."""

    name: str
    registration: str
    what_for: str
    contact_name: str
    contact_email: str
    contact_phone: str = ""
    language: str = ""


def of_application(row: MemberApplication) -> Subject:
    """Name an application as the ledger's subject."""
    return Subject("exchange-application", row.public_id, row.name)


def apply_from_outside(
    words: Words, *, address: str, submission_key: str, seconds: float
) -> tuple[MemberApplication, str]:
    """Take an application and give it with its tracking code, which is kept as a hash only.

    Raises:
        InputError: It was sent too fast, too long ago, or words are missing.
        Unavailable: Too much came from the address or altogether; nothing is kept.
        Conflict: The same form was sent before.
    """
    outside.check_fill_time(seconds)
    said = _cleaned(words)
    check_flood(address, "apply", most=outside.MOST_PER_ADDRESS, window_s=outside.ADDRESS_WINDOW_S)
    _check_hour()
    code = outside.new_tracking_code()
    try:
        with transaction.atomic():
            row = MemberApplication.objects.create(
                public_id=identifiers.new_public_id(),
                tracking_sha256=outside.hash_of_code(code),
                submission_key=submission_key,
                applied_at=clock.now(),
                **said,
            )
            telling.tell(
                telling.operators(),
                key=f"application:{row.public_id}",
                message=gettext_noop("The firm “{name}” applies for membership of the exchange."),
                path=reverse("exchange:application", args=[row.public_id]),
                name=row.name,
            )
            _note(None, row, "apply")
    except IntegrityError as error:
        raise errors.Conflict("This was sent already.", code="sent-already") from error
    return row, code


def _cleaned(words: Words) -> dict[str, str]:
    said = {
        "name": outside.plain_words(words.name, field="name", limit=200, one_line=True),
        "registration": outside.plain_words(
            words.registration, field="registration", limit=60, one_line=True
        ),
        "what_for": outside.plain_words(words.what_for, field="what_for", limit=4_000),
        "contact_name": outside.plain_words(
            words.contact_name, field="contact_name", limit=200, one_line=True
        ),
        "contact_phone": outside.plain_words(
            words.contact_phone, field="contact_phone", limit=60, one_line=True, required=False
        ),
        "contact_email": words.contact_email.strip().lower(),
        "language": words.language if words.language in {"fa", "vi", "en"} else "",
    }
    try:
        validate_email(said["contact_email"])
    except ValidationError:
        raise errors.InputError(
            "This is not an e-mail address.", code="bad-address", field="contact_email"
        ) from None
    return said


def _check_hour() -> None:
    since = clock.now() - timedelta(hours=1)
    check_hour(MemberApplication.objects.filter(applied_at__gte=since).count(), MOST_PER_HOUR)


def application_by_code(code: str) -> MemberApplication:
    """Give the application of a tracking code.

    Raises:
        NotFound: No application has it.
    """
    found = MemberApplication.objects.filter(tracking_sha256=outside.hash_of_code(code)).first()
    if found is None:
        raise scope.missing("application")
    return found


def approve(actor: User | None, public_id: str, *, code: str, version: int, note: str = "") -> Member:
    """Approve a firm's application, as the operator: body, member (class COM, this code), and its engineer's invitation.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale or decided or a name taken, no code.
    """
    record.demand_operator(actor)
    clean = checks.code(code)
    with transaction.atomic():
        row = _waiting(public_id, version)
        body = _body_for(row, clean)
        bodies.invite_into_position(
            None,
            email=row.contact_email,
            name=row.contact_name,
            language=row.language,
            organisation_id=body.pk,
            role=Role.SYSTEM_ENGINEER,
        )
        member = members.enrol(
            actor,
            organisation_id=body.pk,
            member_class=PRIVATE_CLASS,
            code=clean,
            contact_name=row.contact_name,
            contact_email=row.contact_email,
        )
        record.changed(
            row,
            state=ApplicationState.APPROVED,
            member=member,
            decided_at=clock.now(),
            decision_note=note.strip(),
        )
        _note(actor, row, "approve", reason=note)
    return member


def _body_for(row: MemberApplication, code: str) -> Organisation:
    """Make the firm's body below the register's node for private bodies, which is made with the first firm."""
    node = private_node()
    slug = _SLUG.sub("-", code.lower()).strip("-") or row.public_id.lower()
    names = dict.fromkeys([row.language or "en"], row.name)
    return bodies.create_organisation(
        None, code=f"{node.code}.{slug}", type=BodyType.ENTERPRISE, parent_id=node.pk, official=names
    )


def private_node() -> Organisation:
    """Give the register's node for private bodies."""
    pack = str(organisations.home_register().code)
    code = f"{pack}.private"
    try:
        return organisations.organisation(code)
    except errors.NotFound:
        root = organisations.children_of("").filter(pack=pack).first()
        return bodies.create_organisation(
            None,
            code=code,
            type=BodyType.OTHER,
            parent_id=root.pk if root else None,
            official=PRIVATE_NODE,
            pack=pack,
        )


def refuse(actor: User | None, public_id: str, *, reason: str, version: int) -> MemberApplication:
    """Refuse a firm's application with its reason, which the firm reads by its tracking code; as the operator.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale or decided, or no reason.
    """
    record.demand_operator(actor)
    why = checks.words(reason, field="reason")
    with transaction.atomic():
        row = _waiting(public_id, version)
        record.changed(row, state=ApplicationState.REFUSED, decided_at=clock.now(), decision_note=why)
        _note(actor, row, "refuse", reason=why)
    return row


def _waiting(public_id: str, version: int) -> MemberApplication:
    row = record.locked(MemberApplication.objects.filter(public_id=public_id), version)
    if row.state != ApplicationState.WAITING:
        raise errors.Conflict("This application is decided.", code="application-decided")
    return row


def _note(actor: User | None, row: MemberApplication, action: str, *, reason: str = "") -> None:
    content = {"name": row.name, "registration": row.registration, "state": str(row.state)}
    record.note(actor, f"exchange.application.{action}", of_application(row), content, reason=reason)
