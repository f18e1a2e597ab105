"""Ask a service as an officer: on record first, then asked, then kept for a short while.

Source: issue "exchange", point 6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from mehvar.exchange.actions import asking, record, subject_keys
from mehvar.exchange.actions.outward import Heard
from mehvar.exchange.actions.trying import Refused
from mehvar.exchange.data.inquiries import InquiryState
from mehvar.exchange.data.operations import Operation
from mehvar.exchange.models import Inquiry, InquiryAuthorisation
from mehvar.exchange.queries import inquiries as queries
from mehvar.exchange.queries.days import today
from mehvar.exchange.rules import questions, subjects
from mehvar.exchange.rules.inquiries import IDEMPOTENT
from mehvar.kernel import clock, identifiers
from mehvar.kernel.errors import InputError, LimitExceeded, MehvarError, NotFound, NotPermitted, gettext_noop
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.exchange.data.operations import Question

LONGEST_REFERENCE = 200
MOVED = gettext_noop("You are no inquiry officer of this body any more.")
NOT_SENT = frozenset({"unreachable", "no-key", "unknown-host"})
_TEXTS = ("application/json", "text/", "application/xml", "application/problem+json")


def ask(
    actor: User, authorisation: str, operation_id: str, given: Mapping[str, Any], *, reference: str
) -> Inquiry:
    """Ask one question and return it with what came back; a failure of the call is kept in the row, not raised.

    Raises:
        NotFound: no such authorisation of this person, or it does not cover the operation.
        NotPermitted: the person is no inquiry officer (any more).
        InputError: the authorisation does not hold, a value cannot be taken (`Refused`), or no case is named.
        LimitExceeded: today's questions are used up.
    """
    row, document, operation = usable(actor, authorisation, operation_id)
    values, faults = questions.checked(questions.asks_of(document, operation), given)
    if faults:
        raise Refused(faults)
    question = questions.question_of(operation, values)
    with transaction.atomic():
        reserve(row, 1)
        made = Inquiry.objects.create(
            **fields_of(row, operation, reference),
            values=values,
            state=InquiryState.ASKING,
            asked_at=clock.now(),
        )
        put_on_record(actor, made, question)
    finish(made, lambda: _send(made, question))
    return made


def usable(
    actor: User, authorisation: str, operation_id: str
) -> tuple[InquiryAuthorisation, Mapping[str, Any], Operation]:
    """Give an authorisation that holds now, with the description and the operation that it covers.

    Raises:
        NotFound, NotPermitted, InputError: as `ask`.
    """
    authority = organisations.authority_of(actor)
    row = queries.own_authorisation(authority, authorisation)
    permissions.require(authority, Permission.INQUIRE)
    if not queries.inquires_for(authority, row):
        raise NotPermitted(MOVED, code="not-an-officer")
    can = queries.askable(row)
    if can.why_not:
        raise InputError(can.why_not, code="not-askable")
    found = next((one for one in can.operations if one.id == operation_id), None)
    if found is None:
        raise NotFound(
            gettext_noop("Your authorisation does not cover this operation."), code="unknown-operation"
        )
    return row, can.document, found


def reserve(row: InquiryAuthorisation, number: int) -> None:
    """Refuse more questions than the day's limit; the authorisation is locked, so two tabs cannot both take the last one.

    Raises:
        LimitExceeded: fewer are left.
    """
    locked = InquiryAuthorisation.objects.select_for_update().get(pk=row.pk)
    left = locked.daily_limit - queries.asked_today(row.pk, today())
    if number > left:
        raise LimitExceeded(
            gettext_noop("Your authorisation allows {limit} questions a day; {left} are left today."),
            code="daily-limit",
            limit=locked.daily_limit,
            left=max(0, left),
        )


def fields_of(row: InquiryAuthorisation, operation: Operation, reference: str) -> dict[str, Any]:
    """Give what a question's row holds before it is asked.

    Raises:
        InputError: no case is named.
    """
    case = reference.strip()
    if not case:
        raise InputError(gettext_noop("Name the case for which you ask."), code="empty", field="reference")
    name = identifiers.new_public_id("ask")
    return {
        "public_id": name,
        "message_id": f"mehvar-{name}",
        "authorisation": row,
        "operation": operation.id,
        "reference": case[:LONGEST_REFERENCE],
        "day": today(),
        "expires_at": clock.now() + timedelta(hours=settings.MEHVAR_EXCHANGE_KEPT_HOURS),
    }


def put_on_record(actor: User, made: Inquiry, question: Question) -> None:
    """Put a question on record before it is asked: a private entry, the person only as a keyed token."""
    row = made.authorisation
    agreement, service = row.right.agreement, row.right.service
    content = {
        "authorisation": row.public_id,
        "service": service.public_id,
        "operation": made.operation,
        "agreement": agreement.public_id,
        "legal_basis": agreement.legal_basis,
        "agreed_purpose": agreement.purpose,
        "purpose": row.purpose,
        "reference": made.reference,
        "message_id": made.message_id,
        "subject": _subject(made, question),
    }
    record.note(actor, "inquiry.ask", Subject("inquiry", made.public_id, service.title), content)


def _subject(made: Inquiry, question: Question) -> str | None:
    """Give the keyed token of the person asked about, None without a place, a person or a key."""
    service = made.authorisation.right.service
    operation = _named(made.operation)
    place = queries.subject_place(service, operation)
    keys = subject_keys.present()
    if not place or not keys:
        return None
    path, _, query = question.target.partition("?")
    headers = {name.lower(): value for name, value in question.headers.items()}
    stated = subjects.stated_subject(place, path=path, query=query or None, headers=headers)
    return keys.token(stated) if stated else None


def _named(operation_id: str) -> Operation:
    """Make an operation of which only method and path are known."""
    method, _, path = operation_id.partition(" ")
    return Operation(method, path)


def send_row(made: Inquiry, question: Question) -> str:
    """Ask a question of a file, with the number that it was given when the file was taken; otherwise as `finish`."""
    return finish(made, lambda: _send(made, question))


def _send(made: Inquiry, question: Question) -> Heard:
    row = made.authorisation
    headers = asking.bus_headers(
        message_id=made.message_id, officer_id=row.officer_id, reference=made.reference
    )
    return asking.send(row.subsystem, row.right.service, question, headers=headers)


def finish(made: Inquiry, call: Callable[[], Heard]) -> str:
    """Make the call and store how it ended; return the code of what kept it from being sent, empty when it was."""
    try:
        heard = call()
    except MehvarError as error:
        may_have_arrived = error.code not in NOT_SENT and made.operation.split(" ")[0] not in IDEMPOTENT
        made.state = InquiryState.UNKNOWN if may_have_arrived else InquiryState.FAILED
        made.error = str(error)[:500]
        made.answered_at = clock.now()
        made.save()
        return error.code if error.code in NOT_SENT else ""
    _keep(made, heard)
    return ""


def _keep(made: Inquiry, heard: Heard) -> None:
    refused = heard.header("X-Road-Error")
    made.state = InquiryState.FAILED if refused else InquiryState.ANSWERED
    made.error = refused[:500]
    made.status = heard.status
    made.request_id = heard.header("X-Road-Request-Id")[:64]
    made.media_type = heard.media_type[:100]
    made.answered_at = clock.now()
    if heard.is_cut:
        made.error = "too-long"
    elif heard.media_type.startswith(_TEXTS):
        made.answer = heard.body.decode("utf-8", "replace").replace("\x00", "")
    made.save()
